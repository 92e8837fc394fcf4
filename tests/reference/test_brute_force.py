"""The program against brute force over all open sets, on random studies of up to six sites."""

from __future__ import annotations

import pytest

from evsiting.model.build import build
from evsiting.solve.engine import Limits
from evsiting.solve.pulp_engine import ENGINES
from tests.brute_force import brute_force
from tests.random_studies import random_study

EXACT = Limits(gap=0.0, time_s=60.0, threads=1)


def agree(seed: int, objective: str) -> None:
    """Assert that the program and brute force find the same least objective."""
    study = random_study(seed)
    want = brute_force(study, objective)
    milp = build(study).milp
    got = ENGINES["highs"].run(milp, milp.objectives[objective], EXACT)
    assert (want is None) == (not len(got.columns)), (seed, got.status)
    if want is not None:
        assert got.objective == pytest.approx(want, rel=1e-6, abs=1e-6)
        assert got.bound <= got.objective + 1e-6 * max(1.0, abs(got.objective))


#: 200 studies in all; the first sixty each time, the others with the slow tests.
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= 60 else ()) for seed in range(200)]


@pytest.mark.parametrize("seed", SEEDS)
def test_least_cost_equals_brute_force(seed: int) -> None:
    agree(seed, "cost")


@pytest.mark.parametrize("objective", ["emissions", "jobs"])
@pytest.mark.parametrize("seed", [pytest.param(s, marks=() if s % 10 == 0 else pytest.mark.slow) for s in range(200)])
def test_other_objectives_equal_brute_force(seed: int, objective: str) -> None:
    agree(seed, objective)
