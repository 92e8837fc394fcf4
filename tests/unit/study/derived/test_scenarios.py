"""A study in one of its scenarios: another name, changed tables, provenance that says so, problems by scenario."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.study.derived.scenarios import probabilities, under
from evsiting.study.study import Study
from evsiting.study.validation import tables
from tests.layer_studies import bare_study


@pytest.fixture(scope="module")
def study() -> Study:
    base = bare_study()
    change = {"scenario": "boom", "table": "demand", "column": "units_per_yr", "rows": None, "period": None}
    changes = [{**change, "action": "multiply", "value": 1.5}]
    more = {
        **base.tables,
        "scenarios": pd.DataFrame({"scenario": ["boom", "as is"], "probability": [0.25, 0.75]}),
        "scenario_changes": pd.DataFrame(changes),
        "provenance": pd.DataFrame(
            [{"table": "demand", "column": "*", "row": "*", "source": None, "quality": "assumption", "note": "by hand"}]
        ),
    }
    return Study.from_tables(base.settings, more)


def test_only_tables_that_a_scenario_changes_are_read_anew(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    table = tables._table
    with monkeypatch.context() as patched:
        patched.setattr(tables, "_table", lambda kind, *rest: (read.append(kind.name), table(kind, *rest))[1])
        boom, _ = under(study, "boom")
    assert sorted(read) == ["demand", "provenance"]
    assert boom == Study.from_tables(boom.settings, boom.tables)


def test_probabilities_are_by_name(study: Study) -> None:
    assert probabilities(study) == {"as is": 0.75, "boom": 0.25}
    assert probabilities(bare_study()) == {}


def test_a_scenario_is_a_study_of_its_own(study: Study) -> None:
    boom, differing = under(study, "boom")
    assert differing == {"demand"}
    assert boom.demand["units_per_yr"].tolist() == pytest.approx([15e3] * 3)
    assert study.demand["units_per_yr"].tolist() == [1e4] * 3
    assert boom.settings.study.name == f"{study.settings.study.name} (boom)"
    assert not boom.has("scenarios")
    assert not boom.has("scenario_changes")
    assert boom.provenance["note"].tolist() == ["by hand; changed in scenario 'boom'"]


def test_a_scenario_without_changes_is_the_base_case(study: Study) -> None:
    same, differing = under(study, "as is")
    assert differing == frozenset()
    pd.testing.assert_frame_equal(same.demand, study.demand)
    pd.testing.assert_frame_equal(same.provenance, study.provenance)


def test_a_long_name_is_cut_and_keeps_the_scenario(study: Study) -> None:
    long = study.with_settings(study={"name": "x" * 200})
    assert under(long, "boom")[0].settings.study.name == "x" * 193 + " (boom)"


@pytest.mark.parametrize(("name", "words"), [("bom", "Did you mean 'boom'"), ("", "is none of the study")])
def test_an_unknown_scenario_is_refused(study: Study, name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        under(study, name)
    with pytest.raises(InputError, match="Add table 'scenarios' to the study"):
        under(bare_study(), name)


def test_tables_that_no_longer_fit_are_told_by_scenario(study: Study) -> None:
    drop = {"scenario": "boom", "table": "demand", "column": None, "rows": None, "period": None, "action": "drop"}
    without = study.with_table("scenario_changes", pd.DataFrame([{**drop, "value": math.nan}]))
    with pytest.raises(InputError) as caught:
        under(without, "boom")
    assert all("scenario 'boom', " in problem.where for problem in caught.value.problems)


def test_duties_that_a_change_doubles_are_no_slip_of_a_unit_and_those_it_sets_may_be() -> None:
    cities = ev.example("ten-cities")
    assert cities.table("duties")["rate"].max() >= 1.0
    change = {"table": "duties", "column": "rate", "rows": None, "period": None}
    changes = [
        {"scenario": "doubled", "action": "multiply", "value": 2.0, **change},
        {"scenario": "set", "action": "set", "value": 2.5, **change},
    ]
    names = pd.DataFrame({"scenario": ["doubled", "set"], "probability": [0.5, 0.5]})
    more = {"scenarios": names, "scenario_changes": pd.DataFrame(changes)}
    study = Study.from_tables(cities.settings, {**cities.tables, **more})
    assert under(study, "doubled")[0].table("duties")["rate"].max() >= 2.0
    with pytest.warns(ev.DataWarning, match="far from what fractions are"):
        under(study, "set")
