"""A comparison as tables of its first plan: long rows, a group for each other plan."""

from __future__ import annotations

from types import MappingProxyType

import pytest

import evsiting as ev
from evsiting.results.decisions.comparison_tables import COMPARED, comparison_tables
from tests.asked_studies import asked, moved


def test_every_other_plan_has_its_rows_and_another_first_plan_is_refused() -> None:
    study, plan, _ = asked()
    plans = MappingProxyType({"a": plan, "b": moved(plan, 5e6), "c": moved(plan, -5e6)})
    found = ev.Comparison(plans, MappingProxyType({"a": study, "b": study}))
    tables = comparison_tables(found, plan)
    assert {name: tuple(table.columns) for name, table in tables.items()} == dict(COMPARED)
    head = tables["compared"].set_index("beside")
    assert head["difference"].to_dict() == pytest.approx({"b": 5e6, "c": -5e6})
    assert head["told"].to_dict() == {"b": "more", "c": "less"}
    assert head["inputs"].to_dict() == {"b": 0, "c": -1}
    assert bool(head["asked"].all())
    with pytest.raises(ev.InputError, match="first plan of the comparison is another one"):
        comparison_tables(found, plans["b"])
