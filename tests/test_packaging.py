"""What a fresh clone relies on: pins, the Python check, the floors, and what is packed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib import metadata, resources
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {item["id"]: item for item in PROJECT["tool"]["importlinter"]["contracts"]}

#: Rooms by floor; those that write files stand between the floors 0 and 1.
FLOORS = {
    6: ("__main__", "cli", "shipped"),
    5: ("optimize", "report"),
    4: ("model", "results"),
    3: ("layers",),
    2: ("study",),
    1: ("reference",),
    0.2: ("files",),
    0.1: ("journal", "locks"),
    0: ("errors", "units"),
}
PACKAGES = ("optimize", "report", "model", "results", "layers", "study", "reference")


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # the caller looks at the code itself
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# ------------------------------------------------------------------------------------------ constraints


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines)


def test_constraints_are_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.]*", line)]
    assert odd == []
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names))
    assert not set(names) & {"evsiting", "pip", "setuptools", "wheel"}


@pytest.mark.parametrize("extra", ["", "solvers", "h3", "raster", "test"])
def test_every_dependency_that_make_installs_is_pinned(extra: str) -> None:
    project = PROJECT["project"]
    wanted = project["optional-dependencies"][extra] if extra else project["dependencies"]
    names = {normal(re.match(r"[A-Za-z0-9._-]+", item).group()) for item in wanted}
    assert names - set(pins()) == set()


# ------------------------------------------------------------------------------------- the Python check


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that make reads, in a folder without an environment."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "tools", folder / "tools")
    return folder


def fake(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


needs_make = pytest.mark.skipif(
    os.name != "posix" or shutil.which("make") is None, reason="needs make and a POSIX shell"
)


@needs_make
@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("echo 3.9.18", "(Python 3.9.18)"),
        ("echo 2.7.18", "(Python 2.7.18)"),
        ("echo 'command not found' >&2; exit 127", "(does not run)"),
        ('case "$2" in *version*) echo 3.12.1;; *) exit 1;; esac', "without the venv and ensurepip modules"),
    ],
    ids=["3.9", "2.7", "failing shim", "no venv module"],
)
def test_an_unfit_python_is_refused_in_one_sentence(clone: Path, body: str, seen: str) -> None:
    python = fake(clone / "fake-python", body)
    done = run("make", "test", f"PYTHON={python}", cwd=clone)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1, done.stderr
    assert "needs Python 3.12 or newer" in said[0]
    assert str(python) in said[0]
    assert seen in said[0]
    assert not (clone / ".venv").exists()


@needs_make
def test_a_python_that_is_named_is_not_replaced(clone: Path) -> None:
    done = run("make", "demo", "PYTHON=no-such-python", cwd=clone)
    assert done.returncode != 0
    assert "no-such-python (no such command)" in done.stderr


@needs_make
def test_a_failing_shim_is_passed_over(clone: Path) -> None:
    bin_ = clone / "bin"
    bin_.mkdir()
    fake(bin_ / "python3", "exit 127")
    fake(bin_ / "python3.13", "echo 3.10.4")
    fake(bin_ / "python3.12", "echo 3.12.1")
    path = f"{bin_}{os.pathsep}/usr/bin{os.pathsep}/bin"
    done = run("sh", "tools/find_python.sh", cwd=clone, PATH=path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"python3.12", "python3.14"}  # the second if the system has a real one


# ------------------------------------------------------------------------------------------- the floors


def lint_imports(cwd: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports_command as run; run()"
    return run(sys.executable, "-c", command, "--no-logo", "--no-cache", cwd=cwd, COLUMNS="200")


def house(folder: Path, lines: Mapping[str, str]) -> Path:
    """Write a package with every room of the house, empty but for the lines given by file."""
    package = folder / "evsiting"
    for rooms in FLOORS.values():
        for room in rooms:
            file = package / room / "__init__.py" if room in PACKAGES else package / f"{room}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("", encoding="utf-8")
    for contract in CONTRACTS.values():
        for container in contract.get("containers", ()):
            for room in " | ".join(contract["layers"]).split(" | ") if container != "evsiting" else ():
                inner = package / container.removeprefix("evsiting.") / room / "__init__.py"
                inner.parent.mkdir(parents=True, exist_ok=True)
                inner.write_text("", encoding="utf-8")
    named = [m for c in CONTRACTS.values() for key in ("source_modules", "forbidden_modules") for m in c.get(key, ())]
    for name in (m.split(".", 1)[1] for m in named if m.startswith("evsiting.")):
        inner = package / Path(*name.split("."))
        if not inner.with_suffix(".py").exists():
            inner.mkdir(parents=True, exist_ok=True)
            (inner / "__init__.py").write_text("", encoding="utf-8")
    for name in ("__init__.py", "optimize/engines/highs.py", "optimize/engines/pulp_problem.py"):
        (package / name).write_text("", encoding="utf-8")
    for name, line in lines.items():
        (package / name).write_text(f"{line}\n", encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


ALLOWED = {
    "__main__.py": "import evsiting.cli",
    "cli.py": "import evsiting.shipped, evsiting.optimize, evsiting.report",
    "shipped.py": "import evsiting.reference, evsiting.study",
    "optimize/__init__.py": "import evsiting.model, evsiting.results",
    "optimize/engines/highs.py": "import pulp, highspy",
    "optimize/engines/pulp_problem.py": "import pulp",
    "report/__init__.py": "import evsiting.results, evsiting.units",
    "study/__init__.py": "import evsiting.reference",
    "__init__.py": "import evsiting.shipped, evsiting.optimize, evsiting.report, evsiting.study",
}

# What is wrong, the contract that must say so, and the line that does it.
VIOLATIONS = [
    ("up", "floors", {"study/__init__.py": "import evsiting.layers"}),
    ("up by the public names", "floors", {"study/__init__.py": "from evsiting import optimize"}),
    ("up by a chain", "floors", {"study/__init__.py": "import evsiting", "__init__.py": "import evsiting.layers"}),
    ("side by side on floor 6", "floors", {"shipped.py": "import evsiting.cli"}),
    ("side by side on floor 5", "floors", {"report/__init__.py": "import evsiting.optimize"}),
    ("side by side on floor 4", "floors", {"model/__init__.py": "import evsiting.results"}),
    ("side by side on floor 0", "floors", {"errors.py": "import evsiting.units"}),
    ("room without a floor", "floors", {"extras.py": ""}),
    ("second door to a solver", "one-solver-door", {"optimize/__init__.py": "from pulp import LpProblem"}),
    ("second door to HiGHS", "one-solver-door", {"optimize/engines/pulp_problem.py": "import highspy"}),
    ("solver on the command line", "one-solver-door", {"cli.py": "import pyscipopt"}),
    ("model sees a solver", "model-without-solver", {"model/build/__init__.py": "import highspy"}),
    ("model sees the layers", "model-from-study", {"model/build/__init__.py": "import evsiting.layers.base"}),
    ("up within a floor", "study", {"study/schema/__init__.py": "import evsiting.study.files"}),
    ("module of a floor without a place", "results", {"results/extras.py": ""}),
    ("report sees the model", "report-from-results", {"report/__init__.py": "import evsiting.model"}),
    ("report sees a solve", "report-from-results", {"report/__init__.py": "import evsiting.optimize.engines.highs"}),
    (
        "report sees the model by a chain",
        "report-from-results",
        {"report/__init__.py": "import evsiting", "__init__.py": "import evsiting.model"},
    ),
    (
        "second door to the layers",
        "one-gate-to-layers",
        {"results/store/__init__.py": "import evsiting.layers.completion"},
    ),
    ("certificate sees the model", "certificate-from-study", {"results/__init__.py": "import evsiting.model"}),
    (
        "second sum by the code of the first",
        "second-sum-by-other-code",
        {"results/rules/audit/__init__.py": "import evsiting.results.ledgers"},
    ),
]


def test_the_floors_allow_the_house(tmp_path: Path) -> None:
    done = lint_imports(house(tmp_path, ALLOWED))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "lines"), [case[1:] for case in VIOLATIONS], ids=[v[0] for v in VIOLATIONS])
def test_the_floors_catch(contract: str, lines: Mapping[str, str], tmp_path: Path) -> None:
    name = CONTRACTS[contract]["name"]
    done = lint_imports(house(tmp_path, lines))
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{name} BROKEN" in done.stdout


def test_the_floors_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_names_the_floors_of_the_house() -> None:
    layers = [set(layer.split(" | ")) for layer in CONTRACTS["floors"]["layers"]]
    assert layers[:3] == [{room} for room in FLOORS[6]]  # these three may import each other, downwards
    assert layers[3:] == [set(FLOORS[floor]) for floor in (5, 4, 3, 2, 1, 0.2, 0.1, 0)]


def counter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house", ROOT / "tools" / "house.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_is_over_the_limits_of_the_house() -> None:
    done = run(sys.executable, "tools/house.py", cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_counts_of_the_house_see_what_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = counter()
    package = tmp_path / "evsiting"
    (package / "study").mkdir(parents=True)
    for k in range(module.MODULES + 1):
        (package / "study" / f"m{k}.py").write_text("\n" * (module.LINES + 1 if k == 3 else 1), encoding="utf-8")
    branches = "".join(f"    if x == {k}:\n        return {k}\n" for k in range(module.COMPLEXITY))
    (package / "study" / "m0.py").write_text(f"def f(x):\n{branches}    return x\n", encoding="utf-8")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "PACKAGE", package)
    assert module.crowded() == [f"evsiting/study: {module.MODULES + 1} modules"]
    assert module.long() == [f"evsiting/study/m3.py: {module.LINES + 1} lines"]
    assert len(module.complex_functions()) == 1


def test_names_that_say_nothing_are_counted_wherever_they_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = counter()
    package = tmp_path / "evsiting"
    package.mkdir()
    text = "def f(told):\n    held, rows = told\n    for found in rows:\n        rows.kept = found\n    told = held\n"
    (package / "furniture.py").write_text(text, encoding="utf-8")
    (package / "rows.py").write_text("def _heard(message):\n    return message.kept\n", encoding="utf-8")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "PACKAGE", package)
    lines = {"told": 1, "held": 2, "found": 3, "kept": 4, "furniture": 1}
    wanted = {f"evsiting/furniture.py:{line}: {name}" for name, line in lines.items()}
    assert set(module.riddles()) == wanted | {"evsiting/rows.py:1: _heard"}


# ---------------------------------------------------------------------------------- what is packed, said


def test_types_are_promised() -> None:
    assert resources.files("evsiting").joinpath("py.typed").is_file()


def test_the_installed_version_is_that_of_the_project() -> None:
    assert metadata.version("evsiting") == PROJECT["project"]["version"]


def tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    done = run("git", "ls-files", "-z", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    files = [ROOT / name for name in done.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


# Put together here so that this file does not contain what it looks for.
MACHINE = "|".join(["wo" + "rk", "fa" + "rm", "tmp/bash" + "_jobs"])
HOSTS = ["pyp" + "i.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "crates" + ".io"]
HOSTS += ["deb.deb" + "ian.org", "proxy.gol" + "ang.org", "repo1.ma" + "ven.org", "ana" + "conda.org"]
UNWANTED = re.compile(
    "|".join(
        [rf"(?:^|[^0-9A-Za-z_.-])/(?:{MACHINE})/", re.escape(".py" + "env/"), *(re.escape(host) for host in HOSTS)]
    ).encode(),
    flags=re.MULTILINE,
)


def test_no_tracked_file_names_a_registry_or_a_machine() -> None:
    hits = [
        f"{file.relative_to(ROOT)}: {hit.group().decode()!r}"
        for file in tracked()
        if (hit := UNWANTED.search(file.read_bytes()))
    ]
    assert hits == []


def test_no_tracked_file_is_left_out_of_the_build_by_gitignore() -> None:
    """The build backend honours .gitignore, so a tracked but ignored file would be missing from the wheel."""
    tracked()
    done = run("git", "ls-files", "--cached", "--ignored", "--exclude-standard", cwd=ROOT)
    assert done.stdout.split() == []
