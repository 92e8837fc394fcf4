"""The cache of what is computed from a plan: once for each plan and study, and freed with the plan."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest

from evsiting.results.cache import cached_per_plan
from tests.plans import tiny_plan
from tests.studies import unchecked


@pytest.fixture
def counted():
    """Return a cached function that returns a new list, and the calls of its work."""
    calls: list[str] = []

    def work(study, plan) -> list[str]:
        """Work."""
        calls.append(study.digest)
        return [study.digest]

    return cached_per_plan(work), calls


def test_the_same_object_is_returned_and_work_is_done_once(counted) -> None:
    once, calls = counted
    study, plan = tiny_plan()
    assert once(study, plan) is once(study, plan)
    assert len(calls) == 1


def test_a_study_of_other_figures_or_an_equal_copy_of_the_plan_is_worked_out_anew(counted) -> None:
    once, calls = counted
    study, plan = tiny_plan()
    other = unchecked(study, demand=study.demand.assign(units_per_yr=1.0))
    assert once(study, plan) != once(other, plan)
    once(study, replace(plan))
    assert len(calls) == 3


def test_an_entry_goes_with_its_plan(counted) -> None:
    once, _ = counted
    study, plan = tiny_plan()
    copy = replace(plan)
    once(study, copy)
    gone = weakref.ref(copy)
    del copy
    gc.collect()
    assert gone() is None


def test_what_fails_is_not_remembered() -> None:
    calls = []

    def work(study, plan) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError
        return 7

    once = cached_per_plan(work)
    with pytest.raises(RuntimeError):
        once(*tiny_plan())
    assert once(*tiny_plan()) == 7


def test_name_and_docstring_are_those_of_the_work(counted) -> None:
    once, _ = counted
    assert (once.__name__, once.__doc__) == ("work", "Work.")
