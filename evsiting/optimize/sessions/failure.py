"""The error that says why a study has no plan."""

from __future__ import annotations

import math
from collections.abc import Mapping

from evsiting.errors import InfeasibleError, NoSolutionError, SolveError, UnboundedError
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.infeasibility import all_that_is_asked
from evsiting.results.plan import Status
from evsiting.study.objectives import bound_words
from evsiting.study.study import Study

__all__ = ["MORE", "failure"]

#: Where more is told of a study without a plan.
MORE = (
    "evsiting.explain(study), with the same caps and extra rules, tells what contradicts each other and the smallest "
    "changes that would do."
)


def failure(
    result: EngineResult, limits: Limits, study: Study, caps: Mapping[str, float] | None, evidence: str = ""
) -> SolveError:
    """Return the error that says why there is no plan, and what to do; ``evidence`` names what is at fault."""
    name = study.settings.study.name
    ceilings = [bound_words(n, v) for n, v in (caps or {}).items()]
    under = f" under {', '.join(ceilings)}" if ceilings else ""
    if result.status is Status.INFEASIBLE:
        error = InfeasibleError(
            f"no plan of study {name!r}{under} keeps to everything that is asked. "
            f"{evidence or all_that_is_asked(study, caps)}"
        )
        error.add_note(MORE)
        return error
    if result.status is Status.UNBOUNDED:
        return UnboundedError(
            f"the objective of study {name!r} can be improved without end: some activity earns more than "
            "it costs and nothing limits it. Look for credits above cost, or missing capacities"
        )
    if result.status is Status.UNCLEAR:
        return SolveError(
            f"the solver could not solve study {name!r}{under}: it reported numerical trouble. Try another "
            "engine, or look for figures of very different size in the tables"
        )
    bound = f"the bound so far is {result.bound:,.6g}" if math.isfinite(result.bound) else "no bound is known yet"
    why = {
        "interrupt": "it was interrupted",
        "memory": "memory ran out",
        "nodes": "the solver's limit on nodes was reached",
        "iterations": "the solver's limit on iterations was reached",
    }.get(result.limit, f"the time limit of {limits.time_s:g} s was reached")
    return NoSolutionError(
        f"no plan was found for study {name!r}{under} before {why}; {bound}. Allow more time "
        "(time_limit_s, --time-limit)",
        result.limit,
    )
