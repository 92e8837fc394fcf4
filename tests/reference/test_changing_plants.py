"""Expansions at once and closing of what was built against brute force, the certificate and a second engine."""

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
STUDIES, QUICK = 100, 3
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= QUICK else ()) for seed in range(STUDIES)]
#: What depends on which plants stand, so that it is drawn more often than the rest.
NEAR = (
    "expansion",
    "ramp",
    "property_tax",
    "plants_open",
    "members_open",
    "ruled",
    "clawback",
    "jobs_fte",
    "survive_share",
)


def study_of(seed: int) -> Study:
    """Return the random study of a seed: expansions at once or plants that may be closed, and features near them."""
    dice = np.random.default_rng([seed, 5])
    own = [("at_once", "expansion"), ("retiring",), ("at_once", "expansion", "retiring")][seed % 3]
    near = [name for name in NEAR if name not in own and dice.random() < 0.25]
    others = dice.permutation([n for n in FEATURES if n not in {*near, *own}])[: int(dice.integers(0, 2))].tolist()
    return random_study(seed, features=[*own, *near, *others], combinations=40)


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
