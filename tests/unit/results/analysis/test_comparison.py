"""Plans side by side: differences add up, proofs are intervals, inputs name their cells."""

from __future__ import annotations

from pathlib import Path

import pytest

import evsiting as ev
from evsiting.results.analysis.comparison import Comparison


@pytest.fixture(scope="module")
def both() -> tuple[ev.Study, ev.Study, Comparison]:
    study = ev.complete(ev.example("starter"))
    more = study.with_table("demand", study.demand.assign(units_per_yr=study.demand["units_per_yr"] * 1.1))
    plans = {"base": (study, ev.solve(study, verify=False)), "more": (more, ev.solve(more, verify=False))}
    return study, more, ev.compare(plans)


def test_differences_add_up_to_those_of_the_totals(both: tuple[ev.Study, ev.Study, Comparison]) -> None:
    found = both[2]
    totals = found.totals.set_index("total")["more less base"]
    for columns in (["item"], ["country"], ["site", "period"]):
        summed = found.by(*columns).groupby("ledger")["more less base"].sum()
        for name, total in totals.items():
            assert summed[name] == pytest.approx(total, rel=1e-6, abs=1.0)
    assert totals["cost"] > 0.0


def test_plants_and_flows_are_those_of_the_plans(both: tuple[ev.Study, ev.Study, Comparison]) -> None:
    study, _, found = both
    opened = found.plans["base"].opened
    assert (found.plants["base"] != "").sum() == len(opened.groupby(["site", "plant_type"]))
    same = found.plants[~found.plants["differs"]]
    assert (same["base"] == same["more"]).all()
    years = study.periods.set_index("period")["years"]
    sent = found.plans["base"].shipments
    units = float((sent["units_per_yr"] * sent["period"].map(years)).sum())
    assert found.flows["base"].sum() == pytest.approx(units)
    assert found.flows["more less base"].abs().is_monotonic_decreasing


def test_what_is_proven_is_an_interval_around_the_difference(both: tuple[ev.Study, ev.Study, Comparison]) -> None:
    row = both[2].proven.iloc[0]
    assert row["least"] <= row["difference"] <= row["most"]
    assert row["told"] == "more"
    assert "by proof" in repr(both[2])


def test_plans_within_each_others_gaps_are_not_told_apart() -> None:
    study = ev.complete(ev.example("starter"))
    plan = ev.solve(study, gap=0.05, verify=False)
    found = ev.compare([(study, plan), (study, plan)])
    assert found.names == ("A", "B")
    assert found.proven["told"].tolist() == ["within the gaps"]
    assert not found.plants["differs"].any()
    assert found.inputs.empty


def test_inputs_name_the_cells(both: tuple[ev.Study, ev.Study, Comparison]) -> None:
    study, more, found = both
    assert len(found.inputs) == len(study.demand)
    assert set(found.inputs["plan"]) == {"more"}
    assert found.inputs["second"].astype(float).sum() == pytest.approx(more.demand["units_per_yr"].sum())


def test_run_folders_are_answers(both: tuple[ev.Study, ev.Study, Comparison], tmp_path: Path) -> None:
    study, more, found = both
    runs = [ev.write_run(tmp_path / name, of, found.plans[name]) for name, of in (("base", study), ("more", more))]
    again = ev.compare(runs)
    assert again.names == ("base", "more")
    for name, table in found.tables.items():
        assert again.tables[name].astype(str).equals(table.astype(str)), name


def test_everything_wrong_is_told_at_once(both: tuple[ev.Study, ev.Study, Comparison]) -> None:
    study, more, found = both
    with pytest.raises(ev.InputError, match=r"(?s)is no answer.*is no answer"):
        ev.compare([3, study])  # type: ignore[list-item]
    with pytest.raises(ev.InputError, match="two answers or more"):
        ev.compare([(study, found.plans["base"])])
    with pytest.raises(ev.InputError, match="compare, wrong"):
        ev.compare({"right": (study, found.plans["base"]), "wrong": (more, found.plans["base"])})
    with pytest.raises(ev.InputError, match="names no column of a ledger"):
        found.by("colour")
