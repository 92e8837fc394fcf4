"""What earlier solves of the same study have proven, so that a new one with less time proves no less."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from evsiting.model.build import Program
from evsiting.model.milp import Objective
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.incumbent import with_bound
from evsiting.optimize.price_bound import price_bound
from evsiting.results.assemble import versions
from evsiting.results.plan import Plan
from evsiting.results.record.solve import Solve
from evsiting.results.seal import seal_of

__all__ = ["is_proof_of", "with_known_proofs"]

logger = logging.getLogger(__name__)

#: Part of its size by which a plan may be below what is proven, by the tolerances of solvers.
_ROUNDING = 1e-6


def is_proof_of(plan: Plan, study_digest: str, program: Program) -> bool:
    """Whether the bound in a plan's record is one of this study's program, by a solve of this version of the package.

    A record without its seal, one of a program with rules of the user's own and one over groups of places are none.

    Parameters
    ----------
    plan : Plan
        Of an earlier solve.
    study_digest : str
        Of the study that is solved.
    program : Program
        Its program, without ceilings.
    """
    solve = plan.solve
    rows, columns, _ = program.milp.shape
    return (
        plan.study_digest == study_digest
        and math.isfinite(solve.bound)
        and bool(solve.seal)
        and solve.seal == seal_of(plan)
        and not solve.own_rules
        and not solve.aggregated
        and (solve.rows - len(solve.caps), solve.columns) == (rows, columns)
        and plan.versions.get("evsiting") == versions()["evsiting"]
    )


def with_known_proofs(
    known: Iterable[Solve],
    program: Program,
    objective: Objective,
    result: EngineResult,
    weights: Mapping[str, float],
    caps: Mapping[str, float],
    gap: float,
) -> EngineResult:
    """Return an answer with the best bound that was proven for its objective, now or by an earlier solve.

    What is proven under fewer or looser ceilings holds under more and tighter ones. A bound above a plan that has been
    found is disproved, and is left out.

    Parameters
    ----------
    known : iterable of Solve
        Records of which :func:`is_proof_of` is true.
    program : Program
        What was solved, under its ceilings.
    objective : Objective
        What was minimised.
    result : EngineResult
        The answer.
    weights, caps : mapping of str to float
        Objectives and ceilings that were asked for.
    gap : float
        Asked for. [fraction]
    """
    for solve in known:
        looser = all(name in caps and caps[name] <= most for name, most in solve.caps.items())
        if not looser or solve.weights != dict(weights):
            continue
        if len(result.columns) and solve.bound > result.objective + _ROUNDING * abs(result.objective):
            logger.warning("an earlier bound, %.9g, is above a plan of %.9g: left out", solve.bound, result.objective)
            continue
        if solve.prices is not None and solve.price_bound > result.price_bound:
            prices = solve.prices.with_constraints(len(caps) - len(solve.caps))
            proven, fault = price_bound(program.milp, objective, prices)
            if not fault and proven > result.price_bound:
                result = with_bound(replace(result, proof=prices, price_bound=proven), proven, gap)
        result = with_bound(result, solve.bound, gap)
    return result
