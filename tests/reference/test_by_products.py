"""By-products and recycling against brute force, the certificate and a second engine, on random studies."""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import ENGINES
from evsiting.results.analysis.landed_cost import landed_parts
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Solve, Status
from evsiting.study.study import Study
from tests.brute.search import TooLarge
from tests.brute_force import best_plan
from tests.random_features import FEATURES
from tests.random_studies import random_study

EXACT = Limits(gap=0.0, time_s=600.0, threads=1)
STUDIES, QUICK = 120, 2
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= QUICK else ()) for seed in range(STUDIES)]
#: What depends on recipes and flows, so that it is drawn more often than the rest.
NEAR = ("recipes", "centers", "duties", "relief", "yield", "second_maker", "survive_share", "gateways")


def study_of(seed: int) -> Study:
    """Return the random study of a seed: by-products, some features near them and up to two others."""
    dice = np.random.default_rng([seed, 4])
    near = [name for name in NEAR if dice.random() < 0.2]
    others = dice.permutation([n for n in FEATURES if n not in near])[: int(dice.integers(0, 3))].tolist()
    return random_study(seed, features=["by_products", *near, *others], combinations=60)


@pytest.mark.parametrize("seed", SEEDS)
def test_brute_force_certificate_and_two_engines_agree(seed: int) -> None:
    study = study_of(seed)
    try:
        best = best_plan(study)
    except TooLarge as error:  # the program is not asked either: nothing to compare it with
        pytest.skip(str(error))
    assert best is not None
    near = pytest.approx(best.value, rel=1e-6, abs=1e-6)
    program = build(study)
    for engine in ("highs", "cbc"):
        got = ENGINES[engine].run(program.milp, program.milp.objectives["cost"], EXACT)
        assert got.status is Status.OPTIMAL
        assert got.objective == near
    plan = ev.solve(study, gap=0.0, threads=1)
    assert plan.solve.objective == near
    ev.certify(study, plan).raise_if_failed()
    assert landed_parts(study, plan)["value"].sum() == pytest.approx(plan.totals["cost"], rel=1e-9)
    if seed < QUICK:
        solve = Solve(Status.OPTIMAL, "cost", best.value, best.value, engine="brute force", gap_asked=1e-6)
        found = plan_from_tables(study, best.tables, solve)
        assert solve.value_of(found.totals) == near
        ev.certify(study, found).raise_if_failed()
