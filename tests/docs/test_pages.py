"""The pages that are made from the code say what the code says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from docs.pages.formulation import formulation_markdown
from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES, FORMULAS, formulation
from evsiting.results.certificate import RULES
from evsiting.study.constraint_families import CONSTRAINT_FAMILIES
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.tables import TABLES
from tests.studies import two_plant_study

DOCS = Path(__file__).resolve().parents[2] / "docs"


def make_pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_pages", DOCS / "make_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_up_to_date(tmp_path: Path) -> None:
    module = make_pages()
    module.main(tmp_path)
    for name in module.PAGES:
        assert (DOCS / name).read_text(encoding="utf-8") == (tmp_path / name).read_text(encoding="utf-8"), (
            f"docs/{name} is stale: run python -m docs.make_pages"
        )


def test_the_manual_lists_every_page_and_says_which_are_made() -> None:
    listed = re.findall(r"^\| \[(.+?)\]\(\1\)( \*)? \|", (DOCS / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(name for name, _ in listed) == sorted(p.name for p in DOCS.glob("*.md") if p.name != "README.md")
    assert {name for name, made in listed if made} == set(make_pages().PAGES)


def test_every_row_family_and_objective_has_its_formula() -> None:
    milp = build(two_plant_study()).milp
    found = [b.family for b in milp.row_blocks]
    assert found == [family for family in FAMILIES if family in found]
    assert list(milp.objectives) == [name for name in FORMULAS if name != "late"]
    page = formulation()
    for name, function in FAMILIES.items():
        tag = name.replace("_", r"\_")
        assert rf"\tag{{{tag}}}" in function.__doc__, name
        assert f"### `{name}`" in page
    assert all(f"`{kind.cap_family}`" in page for kind in OBJECTIVES.values())


def test_every_row_family_names_who_writes_and_who_checks_it_or_why_nobody_does() -> None:
    page = formulation_markdown()
    for name, function in FAMILIES.items():
        entry = page.split(f"### `{name}`\n")[1].split("\n### ")[0]
        assert f"Written by `{function.__module__}.{function.__name__}`." in entry
        reason = CONSTRAINT_FAMILIES[name].unchecked
        assert (name in RULES) != bool(reason), f"{name}: a rule, or a reason why it is unchecked"
        if name in RULES:
            assert f"Checked by `{RULES[name].__module__}.{RULES[name].__name__}`." in entry
        else:
            assert reason in entry
    assert list(FAMILIES) == list(CONSTRAINT_FAMILIES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_has_title_meaning_and_unit(name: str) -> None:
    for column in TABLES[name].columns:
        assert column.title, column.name
        assert column.meaning, column.name
        assert column.unit or column.dtype == "text" or column.name == "value", column.name
