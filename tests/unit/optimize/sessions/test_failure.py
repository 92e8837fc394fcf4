"""The error of a run without a plan: its kind, the evidence, ceilings, and what ended the run."""

from __future__ import annotations

import math

import pytest

from evsiting.errors import InfeasibleError, NoSolutionError, SolveError, UnboundedError
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.sessions.failure import failure
from evsiting.results.plan import Status
from tests.studies import two_plant_study


def error(status: Status, *, caps: dict[str, float] | None = None, evidence: str = "", **more: object) -> SolveError:
    """Return the error of a run that ended so."""
    return failure(EngineResult(status, **more), Limits(time_s=7.5), two_plant_study(), caps, evidence)


def test_an_infeasible_study_names_the_evidence_and_its_ceilings() -> None:
    found = error(Status.INFEASIBLE, caps={"emissions": 5.0, "jobs": -3.0}, evidence="The purse is empty.")
    assert isinstance(found, InfeasibleError)
    text = str(found)
    assert text.startswith("no plan of study 'Two plants' under ")
    assert text.endswith("The purse is empty.")
    assert "emissions" in text
    assert "jobs" in text


def test_without_evidence_the_reader_is_told_where_to_look() -> None:
    text = str(error(Status.INFEASIBLE))
    assert "under" not in text.split("keeps")[0]
    assert len(text) > len("no plan of study 'Two plants' keeps to everything that is asked. ")


def test_unbounded_and_unclear_runs_are_other_errors() -> None:
    assert isinstance(error(Status.UNBOUNDED), UnboundedError)
    assert "improved without end" in str(error(Status.UNBOUNDED))
    unclear = error(Status.UNCLEAR, caps={"emissions": 5.0})
    assert type(unclear) is SolveError
    assert "numerical trouble" in str(unclear)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("time", "the time limit of 7.5 s was reached"),
        ("", "the time limit of 7.5 s was reached"),
        ("interrupt", "it was interrupted"),
        ("memory", "memory ran out"),
        ("nodes", "limit on nodes"),
        ("iterations", "limit on iterations"),
    ],
)
def test_a_run_that_was_ended_says_by_what(limit: str, words: str) -> None:
    found = error(Status.NO_SOLUTION, limit=limit, bound=1234567.8)
    assert isinstance(found, NoSolutionError)
    assert found.limit == limit
    assert words in str(found)
    assert "the bound so far is 1.23457e+06" in str(found)


@pytest.mark.parametrize("bound", [-math.inf, math.nan, math.inf])
def test_an_unknown_bound_is_told_as_such(bound: float) -> None:
    assert "no bound is known yet" in str(error(Status.NO_SOLUTION, limit="time", bound=bound))
