r"""A second run that must not beat what the first one proved.

A solver's proof is the work of a long program, and such programs err: an optimal plan may be called optimal that is
not, or a study impossible that has a plan. With the bound :math:`b` that the first run claims, another engine (or the
same one without presolve and with another seed) is asked for a plan that cannot be:

.. math:: \min f(x) \quad \text{s.t.} \quad f(x) \le b - \delta, \qquad \delta = 5 \cdot 10^{-6}\,|b|

That there is none confirms the bound [1]_; a plan that is found refutes it, and is the better answer.

References
----------
.. [1] W. Cook, T. Koch, D. E. Steffy, K. Wolter, "A hybrid branch-and-bound approach for exact rational mixed-integer
   programming," Mathematical Programming Computation 5 (2013) 305-344: how often tolerances mislead a solver.
"""

from __future__ import annotations

import logging
import math
import time
import warnings
from dataclasses import replace

import numpy as np

from evsiting.errors import GapWarning
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, status_from_bounds
from evsiting.optimize.engines.registry import ENGINES
from evsiting.results.plan import Status

__all__ = ["is_small", "verified"]

logger = logging.getLogger(__name__)

#: Programs with no more integers and no more entries are verified where nobody says otherwise: seconds.
INTEGERS, ENTRIES = 500, 20_000
#: Longest second run where nobody asked for one: so many times the first, between these. [s]
TIMES, LEAST_S, MOST_S = 3.0, 5.0, 10.0
#: Part of the bound by which a plan must beat it to refute it: above the relative tolerances of all engines.
MARGIN = 5e-6
#: Size of the row that holds the objective below the bound, so that a margin is above absolute tolerances.
ROW_SIZE = 1e3
#: Engines in the order in which they are taken for the second run.
SECOND = ("scip", "cbc", "highs")

#: What a second run may say of a plan, as the record of a plan keeps it; empty where there was none.
CONFIRMED, REFUTED, CUT_SHORT, UNCLEAR = "confirmed", "refuted", "cut short", "unclear"


def is_small(milp: Milp) -> bool:
    """Whether a program is verified where nobody says otherwise."""
    return int(milp.integer.sum()) <= INTEGERS and milp.shape[2] <= ENTRIES


def verified(
    milp: Milp,
    objective: Objective,
    engine: Engine,
    limits: Limits,
    result: EngineResult,
    *,
    verify: bool | None = None,
    study: str = "",
) -> EngineResult:
    """Return the answer of a first run with what a second one says of it, or the better answer of the second.

    Parameters
    ----------
    milp, objective, engine, limits
        As the first run had them.
    result : EngineResult
        What it answered.
    verify : bool, optional
        Whether there is to be a second run; by default where the program is small (:func:`is_small`).
    study : str
        Name of the study, for the warning.

    Returns
    -------
    EngineResult
        ``verified`` is ``confirmed``, ``refuted`` (the plan and the bound are those of the second run), ``cut short``
        (time was too short, or it was interrupted), ``unclear``, or empty where there was no second run.

    Warns
    -----
    GapWarning
        If the second run refutes the first.
    """
    claims = result.status in (Status.OPTIMAL, Status.INFEASIBLE) and not result.limit
    if not claims or not (is_small(milp) if verify is None else verify):
        return result
    began = time.perf_counter()
    other = _other(engine)
    own = min(MOST_S, max(LEAST_S, TIMES * result.seconds)) if verify is None else limits.time_s
    second = replace(limits, seed=limits.seed + 1, presolve=other.name != engine.name, time_s=own, target=-math.inf)
    program = _below(milp, objective, result.bound) if result.status is Status.OPTIMAL else milp
    try:
        second_result = other.run(program, objective, second)
    except KeyboardInterrupt:
        return replace(result, verified=CUT_SHORT, verified_by=other.name, limit="interrupt")
    word, by = (
        _word(result, second_result),
        f"{other.name} {second_result.version}, {time.perf_counter() - began:.1f} s",
    )
    logger.info("verification: %s by %s", word, by)
    if word != REFUTED:
        return replace(result, verified=word, verified_by=by)
    _warn(result, second_result, engine, other, study)
    status = status_from_bounds(Status.FEASIBLE, second_result.objective, second_result.bound, limits.gap)
    return replace(
        second_result, status=status, seconds=result.seconds + second_result.seconds, verified=word, verified_by=by
    )


def _other(engine: Engine) -> Engine:
    """Return another engine that is installed, or the same."""
    names = [name for name in SECOND if name != engine.name and name in ENGINES]
    return next((ENGINES[name] for name in names if not ENGINES[name].missing()), engine)


def _below(milp: Milp, objective: Objective, bound: float) -> Milp:
    """Return the program with the objective held below a bound. [real unit]"""
    right = (bound - MARGIN * abs(bound)) / objective.unit - objective.constant
    size = abs(right) or float(np.abs(objective.coefficients).max(initial=0.0)) or 1.0
    scale = ROW_SIZE / size
    return milp.with_rows("verified", objective.coefficients * scale, -np.inf, right * scale, [("bound",)])


def _word(result: EngineResult, second: EngineResult) -> str:
    """Return what a second run says of the first."""
    if len(second.columns):
        if result.status is Status.INFEASIBLE or second.objective < result.bound - 0.5 * MARGIN * abs(result.bound):
            return REFUTED
        return UNCLEAR  # below the bound by the arithmetic of the second run alone
    if second.status is Status.INFEASIBLE:
        return CONFIRMED
    return CUT_SHORT if second.limit else UNCLEAR


def _warn(result: EngineResult, second: EngineResult, engine: Engine, other: Engine, study: str) -> None:
    first = f"{engine.name} {result.version}".strip()
    by = f"{other.name} {second.version}" if other.name != engine.name else "the same solver, without presolve,"
    event = (
        f"called study {study!r} infeasible, yet {by} finds a plan with an objective of {second.objective:,.9g}"
        if result.status is Status.INFEASIBLE
        else f"proved that no plan of study {study!r} is below {result.bound:,.9g}, yet {by} finds one at "
        f"{second.objective:,.9g}"
    )
    msg = (
        f"{first} {event}; that plan is returned, with the bound of the second run. The first proof was wrong: a newer"
    )
    warnings.warn(f"{msg} version of the solver, or another engine, may do better", GapWarning, stacklevel=4)
