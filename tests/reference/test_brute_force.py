"""The program against brute force over every yes and no, on random studies of up to six sites with all features."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import ENGINES
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Solve, Status
from evsiting.results.rules.ledger_totals import RULES as AUDITED
from evsiting.study.study import Study
from tests import enumeration, random_policy, random_trade
from tests.brute_force import Best, best_plan
from tests.random_features import FEATURES, drawn
from tests.random_studies import random_study

EXACT = Limits(gap=0.0, time_s=600.0, threads=1)
#: Of the three hundred studies with features, the first are tried each time, the others with the slow tests.
STUDIES, QUICK = 300, len(FEATURES)
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= QUICK else ()) for seed in range(STUDIES)]


def objective_of(seed: int, study: Study) -> str:
    """Return what the study of a seed is solved for: mostly cost, and always where most of it is about money."""
    if seed % 2 and study.demand["promise_h"].notna().any():
        return "late"
    features = set(drawn(seed))
    if "cost" in features:
        return ("emissions", "jobs")[seed % 2]
    about_money = features & {*random_trade.FEATURES, *random_policy.FEATURES}
    return "cost" if about_money else ("cost", "cost", "cost", "emissions", "jobs")[seed % 5]


def near(want: float) -> object:
    """Return what equals a figure but for the arithmetic of solvers."""
    return pytest.approx(want, rel=1e-6, abs=1e-6)


def solved(seed: int) -> tuple[Study, str, Best]:
    """Return a random study with features, its objective and its best plan."""
    study = random_study(seed, features=None)
    objective = objective_of(seed, study)
    best = best_plan(study, objective)
    assert best is not None, seed
    return study, objective, best


def least(study: Study, objective: str) -> float:
    """Return the least objective by the program; it is proven."""
    milp = build(study).milp
    got = ENGINES["highs"].run(milp, milp.objectives[objective], EXACT)
    assert got.status is Status.OPTIMAL
    assert got.bound <= got.objective + 1e-6 * max(1.0, abs(got.objective))
    return got.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_the_program_finds_what_brute_force_finds(seed: int) -> None:
    study, objective, best = solved(seed)
    if seed % (4 if seed < QUICK else 2):  # the whole way, with plan and certificate, takes three times as long
        assert least(study, objective) == near(best.value)
        return
    plan = ev.solve(study, objective=objective, gap=0.0, threads=1)
    assert plan.solve.objective == near(best.value)
    certificate = ev.certify(study, plan)
    certificate.raise_if_failed()
    both_ways = certificate.checks.set_index("check").loc[sorted(AUDITED)]  # totals, by ledgers and by decisions
    assert both_ways["worst"].max() < 1e-9


@pytest.mark.parametrize(
    "seed", [pytest.param(s, marks=() if s < 1_004 else pytest.mark.slow) for s in range(1_000, 1_060)]
)
def test_what_brute_force_finds_is_certified(seed: int) -> None:
    study, objective, best = solved(seed)
    if study.has("limits") and study.limits.get("penalty_usd_per_unit", pd.Series(dtype=float)).notna().any():
        pytest.skip("brute force names no violations of soft limits as a table")
    solve = Solve(Status.OPTIMAL, objective, best.value, best.value, engine="brute force", gap_asked=1e-6)
    plan = plan_from_tables(study, best.tables, solve)
    assert solve.value_of(plan.totals) == near(best.value)
    ev.certify(study, plan).raise_if_failed()


def test_the_quick_studies_have_every_feature() -> None:
    held = {name for seed in range(QUICK) for name in drawn(seed)}
    assert held == set(FEATURES)


@pytest.mark.parametrize("objective", ["cost", "emissions", "jobs"])
@pytest.mark.parametrize("seed", [pytest.param(s, marks=() if s < 4 else pytest.mark.slow) for s in range(50)])
def test_branching_and_the_program_find_what_trying_every_set_of_buildings_finds(seed: int, objective: str) -> None:
    study = random_study(seed)
    want = enumeration.brute_force(study, objective)
    assert want is not None
    best = best_plan(study, objective)
    assert best is not None
    assert best.value == near(want)
    assert least(study, objective) == near(want)
