"""Progress over several runs: the best plan and the best bound, whichever run tells, and no step back."""

from __future__ import annotations

import math

from evsiting.optimize.engines.base import Progress
from evsiting.optimize.engines.best_so_far import BestSoFar, best_so_far


def test_what_was_found_stands_where_a_later_run_knows_less() -> None:
    heard: list[Progress] = []
    watch = BestSoFar(heard.append, "cost")
    for seconds, value, bound in (
        (1.0, math.inf, 80.0),
        (2.0, 120.0, -math.inf),
        (3.0, math.inf, 90.0),
        (4.0, 130.0, 85.0),
        (5.0, math.nan, math.nan),
    ):
        watch(Progress(seconds, value, bound, "emissions"))
    assert [(p.objective, p.bound) for p in heard] == [
        (math.inf, 80.0), (120.0, 80.0), (120.0, 90.0), (120.0, 90.0), (120.0, 90.0)
    ]  # fmt: skip
    assert all(math.isfinite(p.gap) for p in heard[1:])
    assert {p.name for p in heard} == {"cost"}


def test_a_plan_that_no_run_tells_is_heard_of_with_the_next_event() -> None:
    heard: list[Progress] = []
    watch = BestSoFar(heard.append)
    watch.learn(100.0, 90.0)
    assert not heard
    watch(Progress(1.0, math.inf, 95.0))
    watch(Progress(2.0, math.inf, math.inf))  # every branch is empty: nothing is better than the plan
    assert [(p.objective, p.bound, p.gap) for p in heard] == [(100.0, 95.0, 0.05), (100.0, 100.0, 0.0)]


def test_where_nobody_listens_there_is_no_watch() -> None:
    assert best_so_far(None) is None
