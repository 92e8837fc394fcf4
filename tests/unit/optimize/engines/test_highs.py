"""HiGHS in this process: what a run leaves behind."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from evsiting.optimize.engines import highs
from evsiting.optimize.engines.base import Limits
from tests.contract import programs


def test_a_program_that_was_solved_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[Any]] = []
    prepare = highs.PulpHighs.prepare

    def noted(*given: Any, **more: Any) -> Any:
        solver = prepare(*given, **more)
        made.append(weakref.ref(solver))
        return solver

    monkeypatch.setattr(highs.PulpHighs, "prepare", staticmethod(noted))
    milp, objective = programs.knapsack()
    found = highs.PulpHighs().run(milp, objective, Limits(gap=0.0, time_s=10.0))
    assert len(found.columns)
    gc.collect()
    assert [ref() for ref in made] == [None]
