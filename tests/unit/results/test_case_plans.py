"""What a sweep tells of all its plans: how often a plant is built, and how far the totals spread."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from tests.studies import two_plant_study


@pytest.fixture(scope="module")
def drawn() -> ev.CasePlans:
    ranges = pd.DataFrame(
        {"name": ["demand"], "table": ["demand"], "column": ["units_per_yr"], "low": [0.5], "high": [1.0]}
    )
    cases = ev.monte_carlo_cases(ranges, draws=6, seed=4)
    return ev.sweep(two_plant_study(), cases, workers=1, gap=0.0, verify=False)


def test_shares_are_those_of_the_draws_with_wilsons_interval(drawn: ev.CasePlans) -> None:
    found = drawn.selection()
    assert set(found["of"]) == {6}
    counted = pd.concat([plan.opened for case, plan in drawn.plans.items() if case != "base"])
    assert found["built"].sum() == len(counted)
    row = found.iloc[0]
    z = 1.959964
    for end in ("least", "most"):  # Wilson's ends solve (share - p)^2 = z^2 p (1 - p) / n
        p = float(row[end])
        if 0.0 < p < 1.0:
            assert (row["share"] - p) ** 2 == pytest.approx(z**2 * p * (1.0 - p) / 6)
    assert drawn.selection(["base"])["of"].tolist()[0] == 1


def test_the_spread_holds_every_total(drawn: ev.CasePlans) -> None:
    found = drawn.spread((0.5,)).set_index("total")
    cost = [plan.totals["cost"] for case, plan in drawn.plans.items() if case != "base"]
    assert found.loc["cost", "least"] == pytest.approx(min(cost))
    assert found.loc["cost", "most"] == pytest.approx(max(cost))
    assert found.loc["cost", "50 %"] == pytest.approx(pd.Series(cost).median())
    assert found.loc["cost", "mean"] == pytest.approx(sum(cost) / 6)


def test_what_is_no_case_or_no_quantile_is_told(drawn: ev.CasePlans) -> None:
    with pytest.raises(ev.InputError, match="no such case"):
        drawn.selection(["nobody's"])
    with pytest.raises(ev.InputError, match="parts of one"):
        drawn.spread((5.0,))
