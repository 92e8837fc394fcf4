"""Results of checks across tables are kept for the tables that they looked at, and for no others."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable

import pandas as pd
import pytest

from evsiting.errors import InputError
from evsiting.study.check_results import CheckResult, CheckRun, OtherTable, ReadTables, derived, unchanged_results
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study, as_checked, odd_across_tables, with_changed_tables
from evsiting.study.validation import cross_table, magnitudes
from tests.full_study import full_study
from tests.studies import two_plant_study


def unlooked(study: Study) -> Study:
    """Return a copy of a study that no check has looked at."""
    return as_checked(Study(study.settings, study.tables))


def warned(make: Callable[[], Study]) -> tuple[Study, list[str]]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        made = make()
    return made, [str(one.message) for one in told]


def test_tables_note_what_is_looked_at() -> None:
    tables = {"sites": pd.DataFrame({"site": ["a"]}), "options": pd.DataFrame()}
    read = ReadTables(tables, {})
    assert read["sites"] is tables["sites"]
    assert read.get("lanes") is None
    assert "plants" not in read
    assert read.looked_at == {"sites", "lanes", "plants"}
    assert not read.every_name
    assert set(read) == set(tables)
    assert read.every_name


def test_what_is_worked_out_for_several_checks_counts_as_looked_at_by_each() -> None:
    tables, shared = {"sites": pd.DataFrame({"site": ["a"]})}, {}
    made: list[int] = []

    def rows(those: object) -> int:
        made.append(len(those["sites"]))  # type: ignore[index]
        return made[-1]

    first, second = ReadTables(tables, shared), ReadTables(tables, shared)
    assert derived(first, "rows", rows) == derived(second, "rows", rows) == 1
    assert made == [1]
    assert first.looked_at == second.looked_at == {"sites"}


def test_another_table_stands_in_place_of_one() -> None:
    sites, few = pd.DataFrame({"site": ["a", "b"]}), pd.DataFrame({"site": ["b"]})
    read = ReadTables({"sites": sites, "options": pd.DataFrame()}, {})
    tables = OtherTable(read, "sites", few)
    assert tables["sites"] is few
    assert read.looked_at == set()  # what is replaced is not looked at
    assert "lanes" not in tables
    assert read.looked_at == {"lanes"}
    assert (list(tables), len(tables)) == (["sites", "options"], 2)


def test_results_hold_where_nothing_is_changed_that_was_looked_at() -> None:
    results = {
        "a": CheckResult(frozenset({"sites"}), every_name=False, warnings=()),
        "b": CheckResult(frozenset({"lanes"}), every_name=True, warnings=()),
    }
    assert set(unchanged_results(results, {"lanes"}, same_names=True)) == {"a"}
    assert set(unchanged_results(results, {"demand"}, same_names=True)) == {"a", "b"}
    assert set(unchanged_results(results, {"demand"}, same_names=False)) == {"a"}


def test_problems_are_no_results() -> None:
    results: dict[str, CheckResult] = {}
    found = Findings()
    run = CheckRun({}, found, (), results)
    run.look("well", lambda tables, findings, unread: findings.warnings.append("odd"))
    run.look("ill", lambda tables, findings, unread: findings.table("table 'x'", "is wrong", "1", "Mend it"))
    assert set(results) == {"well"}
    run.look("well", lambda tables, findings, unread: pytest.fail("looked again"))
    assert found.warnings == ["odd", "odd"]


def odd_study() -> Study:
    """Return a study with figures far from others in many tables."""
    study = full_study()
    far = {
        "sites": {"wage_usd_per_h": 9e3},
        "products": {"units_per_truck": 1e6},
        "processes": {"electricity_kwh_per_unit": 1e6, "labor_h_per_unit": 1e5},
        "options": {"capex_usd": 1e3},
        "suppliers": {"price_usd_per_unit": 1e-3},
        "demand": {"unmet_penalty_usd_per_unit": 1e-3},
    }
    return warned(
        lambda: with_changed_tables(
            study, {n: study.table(n).assign(**far[n]) if n in far else study.table(n) for n in study.tables}
        )
    )[0]


def test_a_study_tells_the_same_whichever_table_is_replaced() -> None:
    """Also in the same order: as when nothing has been looked at before."""
    study = odd_study()
    looked, _ = warned(lambda: unlooked(study).with_table("demand", study.demand))
    assert len(looked._results) > 20
    fresh = odd_across_tables(unlooked(study))
    assert len(fresh) > 5
    for name in (*study.tables, "labor_pools", "gateways"):
        made, again = warned(lambda name=name: looked.with_table(name, study.table(name)))
        assert again == odd_across_tables(made) == fresh, name


def test_only_checks_of_a_replaced_table_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    study, looked = unlooked(two_plant_study()), []
    for module, name in ((cross_table, "check_recipes"), (cross_table, "check_points"), (magnitudes, "_options")):
        check = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, c=check, n=name: (looked.append(n), c(*given))[1])
    first = study.with_table("demand", study.demand)
    assert sorted(looked) == ["_options", "check_points", "check_recipes"]
    looked.clear()
    first.with_table("demand", study.demand)
    study.with_table("periods", study.periods)
    study.with_settings(money={"discount_rate": 0.05}).with_table("demand", study.demand)
    assert looked == []
    first.with_table("processes", study.processes)
    assert sorted(looked) == ["_options", "check_recipes"]
    looked.clear()
    first.with_table("markets", study.markets)
    assert looked == ["check_points"]


def test_what_another_table_makes_wrong_is_found() -> None:
    looked = unlooked(two_plant_study()).with_table("demand", two_plant_study().demand)
    for name, frame in {
        "sites": looked.sites.iloc[:1].assign(site="elsewhere"),
        "products": looked.products.iloc[:1],
        "options": looked.options.assign(capacity_units_per_yr=1e-3),
    }.items():
        with pytest.raises(InputError):
            looked.with_table(name, frame)
    with pytest.raises(InputError):
        with_changed_tables(looked, {n: f for n, f in looked.tables.items() if n != "suppliers"})


def test_a_frame_that_its_owner_changes_is_read_anew() -> None:
    study = two_plant_study()
    frame = study.demand
    made = study.with_table("demand", frame)
    frame["units_per_yr"] = -1.0
    with pytest.raises(InputError, match="units_per_yr"):
        made.with_table("demand", frame)
    assert (made.demand["units_per_yr"] >= 0.0).all()


def test_rows_and_columns_are_named_as_they_stand() -> None:
    """What was told by the header and index of a frame as given is told by those of the study after that."""
    study = two_plant_study()
    wage = study.sites.assign(wage_usd_per_h=9e4).rename(columns={"wage_usd_per_h": "wage [USD/h]"})
    wage.index = [f"row {k}" for k in range(len(wage))]
    made, told = warned(lambda: study.with_table("sites", wage))
    assert any("'wage [USD/h]'" in text and "index 'row 0'" in text for text in told)
    _, again = warned(lambda: made.with_table("demand", made.demand))
    assert any("'wage_usd_per_h'" in text and "index 0" in text for text in again)
    assert again == warned(lambda: unlooked(made).with_table("demand", made.demand))[1]


def test_results_stay_at_home_when_a_study_travels() -> None:
    study = two_plant_study().with_table("demand", two_plant_study().demand)
    other = pickle.loads(pickle.dumps(study))
    assert other._results == {}
    assert other.with_table("demand", other.demand) == study


def test_every_name_looked_at_is_one_of_a_table() -> None:
    study = two_plant_study().with_table("demand", two_plant_study().demand)
    assert {name for result in study._results.values() for name in result.looked_at} <= set(TABLES)
