"""New rows of limits, logic, recipes and plants together: brute force, certificate, two engines, large strategy."""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import ENGINES, find_engine
from evsiting.optimize.large import large
from evsiting.results.plan import Status
from evsiting.study.study import Study
from tests.brute.search import TooLarge
from tests.brute_force import best_plan
from tests.random_studies import random_study

EXACT = Limits(gap=0.0, time_s=600.0, threads=1)
STUDIES = 200
#: What tables say about numbers of plants, logic, ways and sources, staff, what may be broken, and how goods are made.
LIMITS = ("plants_open", "members_open", "throughput", "sources", "jobs_fte", "soft")
MAKING = ("recipes", "centers", "by_products", "retiring", "at_once")


def study_of(seed: int) -> Study:
    """Return a random study with two rows of limits of new kinds, in turn, and one or two ways of making."""
    dice = np.random.default_rng([seed, 6])
    rows = {LIMITS[seed % len(LIMITS)], str(dice.choice(LIMITS))}
    ways = {MAKING[seed % len(MAKING)], *(str(w) for w in dice.choice(MAKING, 1) if dice.random() < 0.5)}
    grows = {"expansion"} if "at_once" in ways else set()
    return random_study(seed, features=[*rows, *ways, *grows], combinations=30)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(STUDIES))
def test_all_ways_to_the_best_plan_agree(seed: int) -> None:
    study = study_of(seed)
    try:
        best = best_plan(study)
    except TooLarge as error:  # the program is not asked either: nothing to compare it with
        pytest.skip(str(error))
    assert best is not None
    near = pytest.approx(best.value, rel=1e-6, abs=1e-6)
    program = build(study)
    aim = program.milp.objectives["cost"]
    for engine in ("highs", "cbc"):
        got = ENGINES[engine].run(program.milp, aim, EXACT)
        assert got.status is Status.OPTIMAL
        assert got.objective == near
    by_parts = large.solve_large(program, program.milp, aim, find_engine("highs"), EXACT)
    assert by_parts.objective == near
    assert by_parts.bound <= best.value + 1e-6 * max(1.0, abs(best.value))
    if seed % 60 >= 30:  # thirty seeds in a row have every kind of limit with every way of making
        return
    plan = ev.solve(study, gap=0.0, threads=1, verify=False)
    assert plan.solve.objective == near
    ev.certify(study, plan).raise_if_failed()
