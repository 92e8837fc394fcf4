"""Tables beside a run: read as they were written, joined by question, and only of one plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import evsiting as ev
from evsiting.results.decisions.comparison_tables import COMPARED
from tests.asked_studies import asked, moved


def test_what_was_asked_is_read_as_it_was_written_and_goes_with_its_plan(tmp_path: Path) -> None:
    study, plan, told = asked()
    run = ev.write_run(tmp_path / "run", study, plan)
    ev.write_decisions(run, told)
    again = ev.read_decisions(run)
    assert again is not None
    assert again.is_of(plan)
    for name, table in told.tables.items():
        assert again.tables[name].shape == table.shape, name
    assert (run / "tornado.csv").is_file()
    ev.write_run(run, study, moved(plan, 1e9))
    assert ev.read_decisions(run) is None
    assert not (run / "tornado.csv").is_file()


def test_the_same_other_plan_is_compared_anew_also_where_nothing_differs_any_more() -> None:
    _, _, told = asked()
    head = told.tables["compared"]
    inputs = told.tables["compared_inputs"]
    assert len(inputs)
    fresh = {name: told.tables[name].head(0) for name in COMPARED} | {"compared": head.assign(inputs=0)}
    both = replace(told, tables=fresh).joined(told)
    assert both.tables["compared"]["inputs"].tolist() == [0]
    assert len(both.tables["compared_inputs"]) == 0
    third = {name: table.assign(beside="third") for name, table in fresh.items()}
    three = replace(told, tables=third).joined(told)
    assert three.tables["compared"]["beside"].tolist() == ["less", "third"]
    assert len(three.tables["compared_inputs"]) == len(inputs)


def test_tables_need_a_plan_to_tell_of() -> None:
    with pytest.raises(ev.InputError, match="no plan to tell of"):
        ev.DecisionTables.of()


@pytest.mark.parametrize("content", ["", "[]", '{"tables": 3}', "\x00\x01"])
def test_damaged_tables_are_told(tmp_path: Path, content: str) -> None:
    assert ev.read_decisions(tmp_path) is None
    (tmp_path / "decisions.json").write_text(content, encoding="utf-8")
    with pytest.warns(ev.DataWarning, match=r"decisions.json is damaged"):
        assert ev.read_decisions(tmp_path) is None
