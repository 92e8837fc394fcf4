"""The seal of a record of a solve: whether bound and objective are still those that a run of this package proved.

A bound cannot be recomputed from tables: it is the solver's proof. So the record carries a digest of what was proven,
made when the plan is handed out. A record that was edited afterwards, such as a plan relabelled as the best of another
objective, no longer fits its seal. It tells edits and mistakes; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

from evsiting.results.plan import Front, Plan

__all__ = ["UNSEALED", "seal_of", "seal_plan", "sealed_front", "sealing_callback"]

#: What is said of a bound without a seal.
UNSEALED = "the bound is unproven: the record of the solve carries no seal of a run of this package"


def seal_of(plan: Plan) -> str:
    """Return the digest of what a plan's record says is proven: of which study, objective and ceilings, by how much."""
    solve = plan.solve
    proven = [plan.study_digest, str(solve.status), solve.objective_name, solve.gap_asked, sorted(solve.caps.items())]
    numbers = [repr(float(x)) for x in (solve.objective, solve.bound)]
    over = ([solve.aggregated] if solve.aggregated else []) + (["own rules"] if solve.own_rules else [])
    return hashlib.sha256(json.dumps([*proven, *numbers, *over]).encode()).hexdigest()[:16]


def seal_plan(plan: Plan) -> Plan:
    """Return a plan that is about to be handed out, its record with a seal."""
    return replace(plan, solve=replace(plan.solve, seal=seal_of(plan)))


def sealed_front(front: Front) -> Front:
    """Return a front that is about to be handed out, the record of every plan with a seal."""
    return replace(front, plans=tuple(seal_plan(plan) for plan in front.plans))


def sealing_callback(on_point: Callable[[int, int, Plan], None] | None) -> Callable[[int, int, Plan], None]:
    """Return what tells of a point of a front (its number, of how many, its plan) with the plan's record sealed."""
    return lambda number, of, plan: None if on_point is None else on_point(number, of, seal_plan(plan))
