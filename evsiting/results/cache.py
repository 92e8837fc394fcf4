"""Cache of what is computed from a plan, held as long as the plan lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from weakref import WeakKeyDictionary

from evsiting.results.plan import Plan
from evsiting.study.study import Study

__all__ = ["cached_per_plan"]


def cached_per_plan[T](work: Callable[[Study, Plan], T]) -> Callable[[Study, Plan], T]:
    """Return the function that works out once what ``work`` returns of a plan, by the figures of the study.

    What is kept is handed out again: it must hold no plan, or it would never go, and nobody may change it.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> plan, asked = ev.solve(study), []
    >>> count = cached_per_plan(lambda study, plan: asked.append(plan.gap))
    >>> count(study, plan), count(study, plan), len(asked)
    (None, None, 1)
    """
    known: WeakKeyDictionary[Plan, tuple[str, T]] = WeakKeyDictionary()

    @wraps(work)
    def once(study: Study, plan: Plan) -> T:
        held = known.get(plan)
        if held is None or held[0] != study.digest:
            held = known[plan] = study.digest, work(study, plan)
        return held[1]

    return once
