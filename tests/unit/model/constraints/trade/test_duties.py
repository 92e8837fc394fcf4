"""Duties on lanes, and that what spares them stands only where something can be spared."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.model.build import build
from tests.studies import two_plant_study, unchecked
from tests.trade_studies import trade_study


def cost_of(milp, name: str) -> float:
    """Return what a column adds to the cost. [USD]"""
    cost = milp.objectives["cost"]
    return float(cost.coefficients[milp.column_names().index(name)] * cost.unit)


def test_every_lane_between_countries_pays_all_measures_on_its_value(trading) -> None:
    bare = build(two_plant_study()).milp
    name = "ship[vehicle,monterrey,west,rail,p1]"
    assert cost_of(trading.milp, name) - cost_of(bare, name) == pytest.approx(10 * 1000 * 38_000 * (0.025 + 0.25))
    name = "ship[cell,busan,memphis,sea,p1]"
    assert cost_of(trading.milp, name) - cost_of(bare, name) == pytest.approx(10 * 1e4 * 90 * 0.10)  # its price
    name = "ship[vehicle,memphis,west,rail,p1]"
    assert cost_of(trading.milp, name) == cost_of(bare, name)


def test_tables_of_a_plan_are_those_that_have_a_column(trading) -> None:
    tables = {d.table for d in trading.decisions}
    assert {"qualified", "originating", "preferences", "contents", "in_quota", "offsets"} <= tables
    only = trade_study().duties.iloc[3:]
    study = unchecked(two_plant_study(), duties=only)  # Korean cells pay and nothing spares them
    found = build(study)
    assert not {d.table for d in found.decisions} & {"qualified", "preferences", "contents", "in_quota", "offsets"}


def test_a_study_without_duties_has_neither_cost_nor_columns() -> None:
    law = {n: trade_study().tables[n] for n in ("origin_rules", "quotas", "duty_offsets")}
    study = unchecked(two_plant_study(), **law)
    assert build(study).milp.shape == build(two_plant_study()).milp.shape


def test_duty_on_an_unknown_pair_of_countries_is_paid_by_nobody() -> None:
    duties = trade_study().duties.iloc[:1].assign(origin="CN")
    milp, bare = (build(s).milp for s in (unchecked(two_plant_study(), duties=duties), two_plant_study()))
    assert (milp.objectives["cost"].coefficients == bare.objectives["cost"].coefficients).all()


def test_measures_of_several_periods_follow_their_years() -> None:
    duties = pd.DataFrame(
        {"product": ["vehicle"], "origin": ["MX"], "destination": ["US"], "measure": ["232"], "rate": [0.25],
         "relief": ["none"], "first_year": [2032], "last_year": [2034]}
    )  # fmt: skip
    milp = build(two_plant_study(periods=2).with_table("duties", duties)).milp
    bare = build(two_plant_study(periods=2)).milp
    names = [f"ship[vehicle,monterrey,west,rail,{p}]" for p in ("p1", "p2")]
    more = [cost_of(milp, n) - cost_of(bare, n) for n in names]
    assert more == [pytest.approx(0.0), pytest.approx(5 * 1000 * 38_000 * 0.25 * 3 / 5)]
