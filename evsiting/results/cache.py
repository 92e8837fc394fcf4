"""Cache of what is computed from a plan; an entry lives as long as its plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from weakref import WeakKeyDictionary

from evsiting.results.plan import Plan
from evsiting.study.study import Study

__all__ = ["cached_per_plan"]


def cached_per_plan[T](work: Callable[[Study, Plan], T]) -> Callable[[Study, Plan], T]:
    """Return a function that calls ``work`` once for each plan, and again only where the study's digest differs.

    The same object is returned each time: it must hold no plan, or the plan would never be freed, and nobody may change
    it.

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
        entry = known.get(plan)
        if entry is None or entry[0] != study.digest:
            entry = known[plan] = study.digest, work(study, plan)
        return entry[1]

    return once
