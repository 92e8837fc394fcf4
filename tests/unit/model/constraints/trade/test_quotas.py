"""Quotas: quantities, rates saved, shares of a period, and units that are spared once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.model.build import build
from tests.studies import unchecked
from tests.trade_studies import trade_study


def program(*, periods: int = 1, **quota: object):
    """Return the program with the Korean quota alone, changed."""
    study = trade_study(periods=periods)
    return build(study.with_table("quotas", study.quotas.iloc[:1].assign(**quota)))


def saved(milp, name: str) -> float:
    """Return what a unit of a column saves. [USD]"""
    cost = milp.objectives["cost"]
    return float(-cost.coefficients[milp.column_names().index(name)] * cost.unit)


def test_a_unit_saves_the_rate_of_the_measure_less_that_of_the_quota(trading) -> None:
    assert saved(trading.milp, "in_quota[Korean cells,busan,p1]") == pytest.approx(10 * 1e4 * 90 * (0.10 - 0.02))
    found = saved(trading.milp, "in_quota[Mexican vehicles,monterrey,p1]")
    assert found == pytest.approx(10 * 1000 * 38_000 * (0.25 - 0.10))


def test_what_enters_is_no_more_than_the_quota_and_than_what_is_sent(trading) -> None:
    rows = list(trading.milp.lines("quota"))
    assert "quota[Korean cells,p1]: in_quota[Korean cells,busan,p1] <= 100" in rows
    assert (
        "quota[Korean cells,busan,p1]: - ship[cell,busan,memphis,sea,p1] + in_quota[Korean cells,busan,p1] <= 0" in rows
    )


@pytest.mark.parametrize("quota", [{"units_per_yr": 0.0}, {"rate": 0.10}, {"rate": 0.5}])
def test_a_quota_that_lets_nothing_in_or_saves_nothing_has_no_column(quota: dict[str, object]) -> None:
    study = trade_study()
    milp = build(unchecked(study, quotas=study.quotas.iloc[:1].assign(**quota))).milp
    assert (milp.count("in_quota"), milp.count("quota")) == (0, 0)


def test_a_quota_of_some_years_of_a_period_lets_in_that_share() -> None:
    found = program(periods=2, first_year=2027, last_year=2028)  # two of five years of the first period
    rows = list(found.milp.lines("quota"))
    assert rows == [
        "quota[Korean cells,p1]: in_quota[Korean cells,busan,p1] <= 40",
        "quota[Korean cells,busan,p1]: - 0.4 ship[cell,busan,memphis,sea,p1] + in_quota[Korean cells,busan,p1] <= 0",
    ]


def test_a_quota_and_origin_do_not_spare_one_unit_twice(trading) -> None:
    rows = [r for r in trading.milp.lines("quota") if r.startswith("quota[monterrey,vehicle,US,232")]
    assert len(rows) == 1
    assert "preferences[monterrey,vehicle,US,p1] + in_quota[Mexican vehicles,monterrey,p1] <= 0" in rows[0]


def test_one_quota_may_be_shared_by_all_its_origins() -> None:
    study = trade_study()
    twin = study.suppliers.assign(supplier="ulsan")
    lanes = study.lanes[study.lanes["origin"] == "busan"].assign(origin="ulsan")
    milp = build(
        unchecked(
            study,
            suppliers=pd.concat([study.suppliers, twin]),
            lanes=pd.concat([study.lanes, lanes]),
            quotas=study.quotas.iloc[:1],
        )
    ).milp
    first, *_ = milp.lines("quota")
    assert first == ("quota[Korean cells,p1]: in_quota[Korean cells,busan,p1] + in_quota[Korean cells,ulsan,p1] <= 100")


def test_the_table_is_in_units_of_the_product(trading) -> None:
    (decision,) = (d for d in trading.decisions if d.table == "in_quota")
    names = trading.milp.column_names()
    values = np.zeros(len(names))
    values[names.index("in_quota[Korean cells,busan,p1]")] = 3.0
    values[names.index("in_quota[Mexican vehicles,monterrey,p1]")] = 2.0
    assert dict(zip(*(decision.frame(values)[c] for c in ("quota", "units_per_yr")), strict=True)) == {
        "Korean cells": 30_000.0,
        "Mexican vehicles": 2_000.0,
    }
