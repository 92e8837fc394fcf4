"""Count what keeps the house in order, and fail where a count is over its limit: ``python tools/house.py``.

Import rules are those of import-linter (``pyproject.toml``); here stands what it does not count. Where a limit is not
reached yet, today's count is the ceiling: it may only fall.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "evsiting"

#: Most modules in a folder, ``__init__.py`` apart.
MODULES = 17
#: Most lines of a module.
LINES = 420
#: Cyclomatic complexity above which a function counts as complex, and how many there may be.
COMPLEXITY, COMPLEX = 12, 0
#: How many public names may be without an example that runs.
WITHOUT_EXAMPLE = 0
#: Bare participles and private words that do not say what they name; no variable, parameter, field, function or module
#: may be called so (``_told`` neither): messages, problems, rows, a mask, an incumbent have names of their own.
RIDDLES = ("told", "kept", "heard", "held", "found", "stood", "said", "given", "furniture", "making")
#: How many names still are: fields of public classes, the model's column ``held``, ``found`` beside ``allowed``.
RIDDLE_NAMES = 8
#: How many modules may have no test module at their mirrored place and be named in no other test either.
WITHOUT_TEST = 0


def modules() -> list[Path]:
    """Return every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def crowded() -> list[str]:
    """Return folders that hold more modules than :data:`MODULES`."""
    count = Counter(file.parent for file in modules() if file.name != "__init__.py")
    return [f"{folder.relative_to(ROOT)}: {n} modules" for folder, n in count.items() if n > MODULES]


def long() -> list[str]:
    """Return modules that have more lines than :data:`LINES`."""
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in modules()}
    return [f"{file.relative_to(ROOT)}: {n} lines" for file, n in lines.items() if n > LINES]


def circles() -> list[str]:
    """Return modules that import each other, imports for type checks included."""
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph("evsiting", cache_dir=None)
    left = {m: set(graph.find_modules_directly_imported_by(m)) for m in graph.modules}
    while True:  # what imports nothing that is left stands in no circle, and neither does what nothing imports
        imported = set().union(*left.values())
        gone = {m for m, needs in left.items() if not needs or m not in imported}
        if not gone:
            break
        left = {m: needs - gone for m, needs in left.items() if m not in gone}
    return [f"{m} and {', '.join(sorted(needs))}" for m, needs in sorted(left.items())]


def complex_functions() -> list[str]:
    """Return functions whose cyclomatic complexity is above :data:`COMPLEXITY`, as ruff counts it."""
    command = [sys.executable, "-m", "ruff", "check", "--select", "C901", "--output-format", "json", "--exit-zero"]
    limit = f"lint.mccabe.max-complexity={COMPLEXITY}"
    done = subprocess.run([*command, "--config", limit, PACKAGE], capture_output=True, text=True, check=True)
    return [f"{Path(e['filename']).relative_to(ROOT)}: {e['message']}" for e in json.loads(done.stdout)]


def without_example() -> list[str]:
    """Return public names whose docstring has no example."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    found = []
    for block in (node for node in tree.body if isinstance(node, ast.If)):
        for node in (n for n in block.body if isinstance(n, ast.ImportFrom) and n.module):
            place = ROOT.joinpath(*str(node.module).split("."))
            file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
            docs = {
                item.name: ast.get_docstring(item) or ""
                for item in ast.parse(file.read_text(encoding="utf-8")).body
                if isinstance(item, ast.FunctionDef | ast.ClassDef)
            }
            found += [f"{node.module}.{a.name}" for a in node.names if ">>>" not in docs.get(a.name, "")]
    return found


def without_test() -> list[str]:
    """Return modules that no test names and that have no test module at the mirrored place in ``tests/unit``."""
    tests = ROOT / "tests"
    text = "\n".join(file.read_text(encoding="utf-8") for file in tests.rglob("*.py"))
    found = []
    for file in (f for f in modules() if f.name != "__init__.py"):
        inside = file.relative_to(PACKAGE)
        name = ".".join(("evsiting", *inside.with_suffix("").parts))
        room, _, last = name.rpartition(".")
        named = re.search(rf"{re.escape(name)}\b|from {re.escape(room)} import [^\n]*\b{last}\b", text)
        if not named and not (tests / "unit" / inside.parent / f"test_{inside.name}").is_file():
            found.append(str(file.relative_to(ROOT)))
    return found


def _names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield every name that a module gives to something, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def riddles() -> list[str]:
    """Return names that do not say what they name, each once in a module: see :data:`RIDDLES`."""
    found = []
    for file in modules():
        names = [(file.stem, 1), *_names(ast.parse(file.read_text(encoding="utf-8")))]
        lines = {name: line for name, line in reversed(names) if name.strip("_") in RIDDLES}
        found += [f"{file.relative_to(ROOT)}:{line}: {name}" for name, line in lines.items()]
    return found


def main() -> int:
    """Print what is over its limit; return 1 where anything is."""
    counts = (
        (f"folders of more than {MODULES} modules", crowded(), 0),
        (f"modules of more than {LINES} lines", long(), 0),
        ("modules that import each other", circles(), 0),
        (f"functions more complex than {COMPLEXITY}", complex_functions(), COMPLEX),
        ("public names without an example", without_example(), WITHOUT_EXAMPLE),
        ("modules that no test names", without_test(), WITHOUT_TEST),
        ("names that do not say what they name", riddles(), RIDDLE_NAMES),
    )
    wrong = False
    for what, found, most in counts:
        over = len(found) > most
        wrong |= over
        print(f"{'OVER ' if over else ''}{what}: {len(found)} (at most {most})")
        if over or "-v" in sys.argv:
            print("".join(f"    {line}\n" for line in sorted(found)), end="")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
