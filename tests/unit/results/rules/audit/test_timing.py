"""Years, discount factors and trajectories of the audit against numbers worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.results.rules.audit.timing import Timing
from tests.studies import two_plant_study


def test_discount_factors_annuities_and_the_end() -> None:
    study = two_plant_study(periods=2).with_settings(
        money={"discount_rate": 0.1, "base_year": 2026, "plant_life_years": 20.0}
    )
    timing = Timing(study)
    assert timing.yearly["p1"] == pytest.approx(3.790787, rel=1e-6)  # annuity factor of five years at 10 %
    assert timing.yearly["p2"] == pytest.approx(3.790787 / 1.1**5, rel=1e-6)
    assert timing.opening == pytest.approx({"p1": 1.0, "p2": 1.1**-5})
    assert timing.annuities["p1"] == pytest.approx(0.1174596 * 6.144567, rel=1e-6)  # CRF of 20 years, ten of them paid
    assert timing.end == pytest.approx(1.1**-10)


def test_without_interest_each_year_counts_alike() -> None:
    timing = Timing(two_plant_study(periods=2).with_settings(money={"discount_rate": 0.0, "plant_life_years": 20.0}))
    assert timing.yearly == {"p1": 5.0, "p2": 5.0}
    assert timing.annuities == pytest.approx({"p1": 0.5, "p2": 0.25})
    assert set(timing.weight["p1"].values()) == {0.2}


def test_the_most_exact_place_has_the_factor() -> None:
    rows = [("wage_usd_per_h", None, "p1", 1.1), ("wage_usd_per_h", "MX", "p1", 1.2)]
    table = pd.DataFrame(
        [*rows, ("wage_usd_per_h", "monterrey", "p1", 1.3)], columns=["column", "place", "period", "factor"]
    )
    timing = Timing(two_plant_study(periods=2).with_table("trajectories", table))
    assert timing.factor("wage_usd_per_h", "p1", "monterrey", "MX-NLE", "MX") == 1.3
    assert timing.factor("wage_usd_per_h", "p1", "saltillo", "MX-COA", "MX") == 1.2
    assert timing.factor("wage_usd_per_h", "p1", "memphis", "US-TN", "US") == 1.1
    assert timing.factor("wage_usd_per_h", "p2", "monterrey", "MX-NLE", "MX") == 1.0
    assert timing.factor("capex_usd", "p1", "monterrey") == 1.0
