"""All futures together over the columns that matter: a point of the relaxation, and a plan that is no worse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evsiting.model.extensive_form import FIRST_STAGE, Extensive, join
from evsiting.model.milp import FloatArray
from evsiting.optimize import joint_relaxation
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.joint_relaxation import JointRelaxation
from evsiting.optimize.scenario_programs import cases, scenario_studies
from tests.scenario_studies import two_futures

WITHIN = Limits(gap=0.0, time_s=60.0, threads=1)
COST = {"cost": 1.0}


def made(plan: FloatArray, form: Extensive) -> JointRelaxation:
    engine = find_engine("highs")
    relaxed: dict[str, EngineResult] = {}
    for s in form.scenarios:
        milp = replace(s.program.milp, integer=np.zeros_like(s.program.milp.integer))
        relaxed[s.name] = engine.run(milp, s.aim(COST), WITHIN)
    first = sum(b.stop - b.start for b in form.milp.column_blocks if b.family in FIRST_STAGE)
    return JointRelaxation(form, form.milp, form.milp.combined(COST), first, COST, relaxed, plan)


def test_a_plan_is_made_better_over_all_futures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint_relaxation, "CHEAPEST", 0)
    engine, form = find_engine("highs"), join(cases(*scenario_studies(two_futures())))
    aim = form.milp.combined(COST)
    best = engine.run(form.milp, aim, WITHIN)
    worst = engine.run(form.milp, replace(aim, coefficients=-aim.coefficients), replace(WITHIN, gap=0.5))
    start = worst.columns
    joint = made(start, form)
    assert joint.near.sum() < form.milp.shape[1]
    assert joint.near[start != 0.0].all()
    stage, _ = joint.relax(engine, WITHIN, None)
    assert stage is not None
    found = joint.decided_anew(stage, engine, WITHIN, None)
    assert best.objective * (1 - 1e-9) <= found.objective < 0.9 * aim.value(start)
    activity = form.milp.matrix @ found.columns
    assert (activity >= form.milp.row_lower - 1e-5).all()
    assert (activity <= form.milp.row_upper + 1e-5).all()


def test_the_relaxation_of_all_is_no_corner_and_lies_within_the_limits_of_decisions() -> None:
    engine, form = find_engine("highs"), join(cases(*scenario_studies(two_futures())))
    joint = made(engine.run(form.milp, form.milp.combined(COST), WITHIN).columns, form)
    stage, _ = joint.relax(engine, WITHIN, None)
    assert stage is not None
    assert (stage >= form.milp.column_lower[: joint.first]).all()
    assert (stage <= form.milp.column_upper[: joint.first]).all()
