"""The page on what the certificate shares with the program says what the code imports."""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

import evsiting
from evsiting.results.certificate import RULES
from evsiting.results.rules import ledger_totals

PACKAGE = Path(evsiting.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "certificate.md").read_text(encoding="utf-8")
TABLE = PAGE.split("## What the certificate shares with the program")[1].split("##")[0]
#: Module and who uses it, by the page.
UNREADABLE = {
    cells[0].strip("`"): cells[2]
    for line in TABLE.splitlines()
    if line.startswith("| `") and (cells := [cell.strip() for cell in line.strip("|").split("|")])
}


@cache
def imports(file: Path) -> frozenset[str]:
    """Return the modules of the package that a file imports, those within functions and for type checks included."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("evsiting")}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("evsiting"):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if is_module(name) else node.module for name in inner}
    return frozenset(found)


@cache
def is_module(name: str) -> bool:
    """Whether a dotted name is a module of the package."""
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def files(*rooms: str) -> list[Path]:
    """Return the modules of rooms and files below the package."""
    return [f for room in rooms for f in ((PACKAGE / room).rglob("*.py") if "." not in room else [PACKAGE / room])]


def outside(*rooms: str) -> set[str]:
    """Return what modules import from elsewhere than results."""
    every = set().union(*(imports(file) for file in files(*rooms)))
    return {name for name in every if not name.startswith("evsiting.results")}


def model() -> set[str]:
    """Return what the model imports."""
    return set().union(*(imports(file) for file in files("model")))


def test_the_page_names_exactly_what_certificate_and_program_share() -> None:
    certificate = outside("results/rules", "results/ledgers", "results/certificate.py", "results/assemble.py")
    shared = certificate & model()
    assert set(UNREADABLE) == shared, (
        f"docs/certificate.md must tell {sorted(shared - set(UNREADABLE))}, and no longer the rest"
    )


def test_the_page_says_who_uses_it() -> None:
    rules = {f for f in files("results/rules") if "audit" not in f.parts} | set(files("results/certificate.py"))
    rules = set().union(*map(imports, rules))
    ledgers = outside("results/ledgers", "results/assemble.py")
    for module, users in UNREADABLE.items():
        held = {"ledgers": module in ledgers, "rules": module in rules}
        named = {"all": {"ledgers", "rules"}, "all but the audit": {"ledgers", "rules"}}.get(
            users, set(re.split(r", ", users.replace("certificate", "rules")))
        )
        assert named == {name for name, yes in held.items() if yes}, module


def test_the_audit_imports_the_study_and_nothing_else() -> None:
    every = set().union(*(imports(file) for file in files("results/rules/audit")))
    assert {name for name in every if ".rules.audit" not in name} == {"evsiting.study.study"}


def test_nothing_of_the_certificate_imports_the_model() -> None:
    assert not {name for file in files("results") for name in imports(file) if ".model" in name}
    assert importlib.util.find_spec("evsiting.model") is not None  # the name still is the model's


def test_the_page_names_the_checks_of_the_audit() -> None:
    assert set(ledger_totals.RULES) <= set(RULES)
    assert all(f"`{name}`" in PAGE for name in ledger_totals.RULES)
