"""What every random study is asked: brute force and two engines agree on its best plan, and so does its certificate."""

from __future__ import annotations

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

EXACT = Limits(gap=0.0, time_s=600.0, threads=1)


def assert_all_agree(study: Study, *, plan_too: bool, also_its_plan: bool) -> None:
    """Compare brute force, HiGHS and CBC; where asked a plan with its certificate, and the plan of brute force as well.

    A plan and its certificate take as long again as all the rest.
    """
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
    if not plan_too:
        return
    plan = ev.solve(study, gap=0.0, threads=1, verify=False)  # what it would be verified by is asked above
    assert plan.solve.objective == near
    ev.certify(study, plan).raise_if_failed()
    assert landed_parts(study, plan)["value"].sum() == pytest.approx(plan.totals["cost"], rel=1e-9)
    if also_its_plan:
        solve = Solve(Status.OPTIMAL, "cost", best.value, best.value, engine="brute force", gap_asked=1e-6)
        found = plan_from_tables(study, best.tables, solve)
        assert solve.value_of(found.totals) == near
        ev.certify(study, found).raise_if_failed()
