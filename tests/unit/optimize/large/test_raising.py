"""The bound raised beside the search: with two threads, until it is enough, and what fails there is told."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.large.core import Core
from evsiting.optimize.large.count_branching import CountTree
from evsiting.optimize.large.raising import Raising
from tests.random_studies import random_study


def core_of(seed: int, threads: int) -> Core:
    program, engine = build(ev.complete(random_study(seed))), find_engine("highs")
    milp, cost = program.milp, program.milp.objectives["cost"]
    relaxed = engine.run(replace(milp, integer=np.zeros_like(milp.integer)), cost, Limits(0.0, 60.0))
    return Core(program, milp, cost, engine, Limits(0.0, 60.0, threads=threads), None, time.perf_counter(), relaxed)


def test_with_two_threads_the_bound_rises_until_nothing_is_left() -> None:
    core = core_of(11, 2)
    before = core.bound
    with Raising(core) as raising:
        while raising.is_running(0.1):
            pass
    assert core.bound > before * 1.001


def test_with_one_thread_nothing_runs_beside() -> None:
    core = core_of(11, 1)
    with Raising(core) as raising:
        assert not raising.is_running()
    assert core.tree_so_far is None


def test_a_bound_that_is_enough_is_raised_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    core = core_of(11, 2)
    asked: list[bool] = []

    def grow(self: CountTree, until, seconds: float, watch=None) -> float:
        asked.append(until(self.bound))
        raising.value = core.bound
        asked.append(until(self.bound))
        raising.value, raising.until = 2.0 * core.bound, 0.0
        asked.append(until(self.bound))
        return self.bound

    started = core.tree is not None
    monkeypatch.setattr(CountTree, "grow", lambda *given, **more: 0.0)
    with Raising(core) as raising:
        grow(core.tree, raising._enough, 1.0)
    assert (started, asked) == (True, [False, True, True])


@pytest.mark.parametrize("own", [True, False])
def test_what_fails_in_its_thread_is_told_unless_something_else_did(own: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: object, **more: object) -> float:
        raise MemoryError

    def run() -> None:
        with Raising(core_of(11, 2)):
            if own:
                raise KeyboardInterrupt

    monkeypatch.setattr(CountTree, "grow", fails)
    with pytest.raises(KeyboardInterrupt if own else MemoryError):
        run()
