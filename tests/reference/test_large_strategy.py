"""The large strategy on random studies with all features: the optimum of the whole program, bounds proven by prices.

``make slow`` tries the first of the studies, ``make torture`` all three hundred.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import ENGINES
from evsiting.optimize.large import core, large
from evsiting.optimize.large.count_branching import CountTree
from evsiting.results.plan import Status
from evsiting.study.study import Study
from tests.random_features import ASKED, drawn
from tests.random_studies import random_study

EXACT = Limits(gap=0.0, time_s=600.0, threads=1)
#: Of so many studies, the first are among the slow tests.
STUDIES, SLOW = 300, 40
SEEDS = [pytest.param(s, marks=pytest.mark.slow if s < SLOW else pytest.mark.torture) for s in range(STUDIES)]
OBJECTIVES: tuple[Literal["cost", "emissions", "jobs"], ...] = ("cost", "cost", "emissions", "cost", "cost", "jobs")


def study_of(seed: int) -> Study:
    """Return a random study; most have a feature that seeds do not draw by themselves as well."""
    dice = np.random.default_rng([seed, 9])
    more = {sorted(ASKED)[seed % len(ASKED)]} if dice.random() < 0.6 else set()
    return ev.complete(random_study(seed, features=sorted({*drawn(seed), *more})))


@pytest.mark.filterwarnings("ignore::evsiting.errors.GapWarning")  # of penalties: tried elsewhere
@pytest.mark.parametrize("seed", SEEDS)
def test_the_whole_program_and_the_large_strategy_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_of(seed)
    aim: Literal["cost", "emissions", "jobs", "late"] = OBJECTIVES[seed % len(OBJECTIVES)]
    if seed % 5 == 1 and study.demand["promise_h"].notna().any():
        aim = "late"
    milp = build(study).milp
    whole = ENGINES["highs"].run(milp, milp.objectives[aim], EXACT)
    assert whole.status is Status.OPTIMAL
    best = whole.objective
    within = 1e-6 * max(1.0, abs(best))
    monkeypatch.setattr(large, "LARGE", 0)
    if seed % 2:  # to the end on prices, without the run over everything
        monkeypatch.setattr(core, "CountTree", partial(CountTree, to_end=True))
    for gap in (0.0, 0.02) if seed % 4 == 1 else (0.0,):
        plan = ev.solve(study, objective=aim, gap=gap, threads=1, verify=False)
        assert best - within <= plan.solve.objective <= best + gap * abs(plan.solve.objective) + within
        assert plan.solve.bound <= best + within
        ev.certify(study, plan).raise_if_failed()
        found = ev.recompute_bound(study, plan)
        assert found is not None
        assert found.holds, str(found)
        assert found.recomputed == pytest.approx(found.of_prices, rel=1e-9, abs=1e-6)
        assert found.recomputed <= best + within
