"""Demand of the shipped studies: whole vehicles, shared by sales, growing along the path of the country."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.demand import demand_of_total, demand_on_paths

PERIODS = pd.DataFrame([("early", 2027, 3), ("late", 2033, 9)], columns=["period", "start_year", "years"])


def test_a_fixed_number_is_shared_by_sales() -> None:
    made = demand_of_total(ProvenanceLog(2025), "p", 1e6).set_index("market")["units_per_yr"]
    sales = reference.fact("vehicle_sales")
    assert (made % 1.0 == 0.0).all()
    assert 1e6 - len(made) < made.sum() <= 1e6  # rounded down, each market
    assert made["US-CA"] == np.floor(1e6 * sales["US-CA"] / sales.sum())


def test_demand_grows_and_never_exceeds_what_is_sold() -> None:
    made = demand_on_paths(ProvenanceLog(2025), PERIODS)
    wide = made.pivot_table(index="market", columns="period", values="units_per_yr")
    sales = reference.fact("vehicle_sales").reindex(wide.index)
    assert (wide["late"] >= wide["early"]).all()
    assert (wide.max(axis=1) <= sales).all()
    by_country = wide.groupby(wide.index.str[:2]).sum()["late"] / sales.groupby(sales.index.str[:2]).sum()
    assert by_country["CA"] > by_country["MX"]


def test_every_jurisdiction_is_wanted_in_every_period_with_a_promise() -> None:
    made = demand_on_paths(ProvenanceLog(2025), PERIODS)
    assert len(made) == 2 * len(reference.fact("vehicle_sales"))
    assert set(made["promise_h"]) == {168.0}
