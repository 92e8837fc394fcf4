"""Volume, rates and ranks of fronts, against figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.results.plan import Front, Plan
from tests.plans import tiny_plan


def point(plan: Plan, bound: float | None = None, cap: float | None = None, **totals: float) -> Plan:
    """Return a plan whose ledgers come to some totals."""
    ledgers = {**plan.ledgers, **{name: pd.DataFrame({"value": [float(v)]}) for name, v in totals.items()}}
    solve = replace(
        plan.solve,
        objective_name="cost",
        objective=totals["cost"],
        bound=totals["cost"] if bound is None else bound,
        caps={} if cap is None else {"emissions": cap},
    )
    return replace(plan, ledgers=ledgers, solve=solve)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return tiny_plan()[1]


def test_the_volume_of_stairs(plan: Plan) -> None:
    rows = [(1.0, 9.0), (3.0, 4.0), (6.0, 3.0)]
    front = Front(("cost", "emissions"), tuple(point(plan, cost=c, emissions=e) for c, e in rows))
    assert ev.hypervolume(front) == pytest.approx(3 * 5 / (5 * 6))
    assert ev.hypervolume(front, {"cost": 11.0, "emissions": 13.0}) == pytest.approx((2 * 4 + 3 * 9 + 5 * 10) / 100)
    single = Front(front.objectives, front.plans[:1])
    assert (ev.hypervolume(single), ev.hypervolume(single, {"cost": 2.0, "emissions": 10.0})) == (0.0, 1.0)


def test_the_volume_in_three_objectives_with_more_jobs_better(plan: Plan) -> None:
    rows = [(0.0, 2.0, 8.0), (2.0, 0.0, 8.0), (1.0, 1.0, 10.0)]
    front = Front(("cost", "emissions", "jobs"), tuple(point(plan, cost=c, emissions=e, jobs=j) for c, e, j in rows))
    rng = np.random.default_rng(0)
    sample = rng.uniform((0.0, 0.0, -10.0), (3.0, 3.0, -6.0), (200_000, 3))
    values = np.array(rows) * (1, 1, -1)
    hit = np.any([(sample >= z).all(axis=1) for z in values], axis=0).mean()
    found = ev.hypervolume(front, {"cost": 3.0, "emissions": 3.0, "jobs": 6.0})
    assert found == pytest.approx(hit, abs=5e-3)


def test_what_the_next_tonne_costs_and_what_bounds_prove(plan: Plan) -> None:
    front = Front(
        ("cost", "emissions"),
        (
            point(plan, cost=1000.0, emissions=50.0, bound=990.0),
            point(plan, cost=1840.0, emissions=40.0, bound=1800.0, cap=40.0),
        ),
        {"cost": 990.0},
    )
    (row,) = ev.marginal_rates(front).to_dict("records")
    assert (row["rate"], row["least"], row["most"]) == pytest.approx((84.0, 80.0, 85.0))
    assert row["told"] == "the next tCO2e less costs USD 84 (80 to 85)"


def test_what_has_no_rate_or_volume_is_told(plan: Plan) -> None:
    three = Front(("cost", "emissions", "jobs"), (plan,))
    with pytest.raises(InputError, match="no neighbours"):
        ev.marginal_rates(three)
    with pytest.raises(InputError, match="leaves objectives out"):
        ev.hypervolume(three, {"cost": 1.0})
    assert ev.knee(three) is None
