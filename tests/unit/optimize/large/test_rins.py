"""Which decisions stay near a known plan, and what is said where no plan is found; the runs themselves are stood in."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.large.rins import DIFFERS, rins
from evsiting.results.plan import Status


class Stub:
    """A core whose runs are recorded and answered."""

    def __init__(self, relaxed: list[float], integer: list[bool], answer: EngineResult) -> None:
        self.milp = SimpleNamespace(integer=np.array(integer))
        self.relaxed = SimpleNamespace(columns=np.array(relaxed))
        self.widths, self.bound, self._answer = (np.array([True]),), 3.0, answer
        self.calls: list[tuple[list[bool], str]] = []

    def run_near(self, point, kept, places, *, name: str) -> EngineResult:
        """Record the call."""
        assert places is self.widths[0]
        self.calls.append((kept.tolist(), name))
        return self._answer

    def settled(self, found: EngineResult) -> str:
        """Return that it went through here."""
        return f"settled {found.objective:g}"

    def answer(self, found: str) -> str:
        """Return that it went through here."""
        return f"answer of {found}"


FOUND = EngineResult(Status.OPTIMAL, np.ones(1), 7.0, 6.0)


def test_decisions_on_which_plan_and_relaxation_agree_stay() -> None:
    core = Stub([1.0, 0.4, 0.0, 2.5, 1.0 - DIFFERS / 2], [True, True, True, False, True], FOUND)
    assert rins(core, np.array([1.0, 1.0, 0.0, 2.5, 1.0])) == "answer of settled 7"
    assert core.calls == [([True, False, True, False, True], "near a known plan, 1 decisions")]


@pytest.mark.parametrize("start", [[0.0, 0.0], [1.0, 1.0]])
def test_a_flow_never_stays_even_where_both_agree(start: list[float]) -> None:
    core = Stub(start, [False, True], FOUND)
    rins(core, np.array(start))
    assert core.calls == [([False, True], "near a known plan, 0 decisions")]


def test_a_point_that_is_no_number_agrees_on_nothing() -> None:
    core = Stub([1.0], [True], FOUND)
    rins(core, np.array([np.nan]))
    assert core.calls[0][0] == [False]


def test_where_no_plan_is_found_the_bound_of_the_relaxation_stays() -> None:
    none = EngineResult(Status.INFEASIBLE, bound=99.0, limit="time", version="1.2")
    found = rins(Stub([1.0], [True], none), np.array([1.0]))
    assert (found.status, found.bound, found.limit, found.version) == (Status.NO_SOLUTION, 3.0, "time", "1.2")
    assert len(found.columns) == 0
