"""The plausibility page: what inside and outside mean, and that each figure has a range or says that it has none."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pandas as pd
import pytest

import evsiting as ev
from benchmarks.plausibility import PARAMETERS, PLAN, judged
from benchmarks.plausibility_cells import costs
from benchmarks.plausibility_cells import section as cells
from benchmarks.plausibility_facts import Facts
from benchmarks.plausibility_ranges import RANGES, Published
from benchmarks.plausibility_sites import under_way, vehicle_plants
from benchmarks.plausibility_wages import differences, section, with_car_makers_wages
from evsiting.results.analysis.landed_cost import gate_cost


def test_a_figure_is_inside_outside_with_a_reason_or_without_a_range() -> None:
    known = Published(10.0, 20.0, "a page", "of another kind")
    assert judged(10.0, known) == judged(20.0, known) == "inside"
    assert judged(21.0, known) == "outside, because of another kind"
    assert judged(math.nan, known) == "not in this plan"
    assert judged(5.0, Published(None, None, "")) == "no range found"
    assert "look here first" in judged(1.0, Published(10.0, 20.0, "a page"))


def test_there_are_twenty_five_figures_and_more_with_a_published_range() -> None:
    beside = [RANGES[f.published] for f in (*PARAMETERS, *PLAN) if f.published]
    assert len([b for b in beside if b.low is not None]) >= 25
    assert {f.published for f in (*PARAMETERS, *PLAN)} - {""} == set(RANGES)
    assert all(b.low is None or b.told for b in RANGES.values())


def test_parameters_are_those_of_the_shipped_study() -> None:
    study = ev.example("ten-cities")
    found = {f.title: f.work(Facts(study, None)) for f in PARAMETERS if f.unit != "USD/h"}  # type: ignore[arg-type]
    assert (
        found["investment, cells of 30 GWh a year"]
        == study.options.query("option == '30 GWh'")["capex_usd"].item() / 30e6
    )
    assert round(found["car hauler"], 3) == 0.153
    assert 28.0 < found["staff of assembly"] < 34.0


def test_car_makers_pay_more_in_the_united_states_alone() -> None:
    study = ev.example("ten-cities")
    dear = with_car_makers_wages(study)
    factor = (
        (dear.sites["wage_usd_per_h"] / study.sites["wage_usd_per_h"])
        .groupby(study.sites["country"])
        .agg(["min", "max"])
    )
    assert factor.loc["US"].tolist() == pytest.approx([20.73 / 12.36] * 2, rel=3e-3)
    assert factor.loc["MX"].tolist() == factor.loc["CA"].tolist() == [1.0, 1.0]
    told = "\n".join(section(Facts(study, None), None))  # type: ignore[arg-type]
    assert "28.4 USD/h" in told
    assert f"{21.49 * 1.68 * 1.322:.1f} USD/h today" in told


def test_a_plan_of_an_earlier_state_of_the_study_is_told_with_what_it_sends_where_duties_differ() -> None:
    study = ev.example("ten-cities")
    rows = study.duties.iloc[:1]
    buyer = study.sites.query("country == @rows['destination'].iloc[0]")["site"].iloc[0]
    seller = study.suppliers.query("country == @rows['origin'].iloc[0]")["supplier"].iloc[0]
    sent = {"product": rows["product"], "origin": seller, "destination": buyer, "units_per_yr": 1.0}
    here, other = (Facts(study, SimpleNamespace(shipments=pd.DataFrame(sent).iloc[:n])) for n in (0, 1))  # type: ignore[arg-type]
    dear = with_car_makers_wages(study)
    assert differences(here, Facts(dear, here.plan)) == ""
    higher = dear.with_table("duties", dear.duties.assign(rate=dear.duties["rate"] + 0.01 * (dear.duties.index == 0)))
    what = f"its `duties` differ, for `{rows['product'].iloc[0]}` from {rows['origin'].iloc[0]} to "
    assert what in differences(here, Facts(higher, here.plan))
    assert "neither plan sends any" in differences(here, Facts(higher, here.plan))
    assert "neither" not in differences(here, Facts(higher, other.plan))
    moved = dear.with_table("sites", dear.sites.assign(wage_usd_per_h=dear.sites["wage_usd_per_h"] + 1.0))
    assert differences(here, Facts(moved, here.plan)).endswith("its `sites` differ.")


@pytest.mark.slow
def test_cells_of_a_country_cost_the_mean_of_its_plants_by_what_they_make() -> None:
    study = ev.complete(ev.example("starter"))
    plan = ev.solve(study)
    facts = Facts(study, plan)
    at = gate_cost(study, plan, by=("site", "product", "period")).query("product == 'cell' and period == @facts.first")
    at = at.assign(country=at["site"].map(study.sites.set_index("site")["country"]))
    made = plan.production.query("product == 'cell' and period == @facts.first").set_index("site")["units_per_yr"]
    found = costs(facts, facts.first)
    assert set(found.index) == set(at["country"])
    for country, rows in at.groupby("country"):
        unit = rows.groupby("site")["usd_per_unit"].sum()
        by_hand = (unit * made.reindex(unit.index)).sum() / made.reindex(unit.index).sum()
        assert found.loc[country].sum() == pytest.approx(by_hand, rel=1e-9)
    told = "\n".join([*vehicle_plants(facts, 100.0), *under_way(facts), *cells(facts)])
    assert all(site in told for site in (*facts.new("assembly")["site"], *facts.new("cell")["site"]))
