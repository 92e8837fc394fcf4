"""Questions asked of a session: answers are those of the study, from what the session has solved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.model.build import build
from evsiting.optimize.sessions.given import has_rules, session_of, settings_of, study_of
from evsiting.study.study import Study
from tests.studies import two_plant_study

QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "why not": lambda given: ev.why_not(given, "monterrey", gap=0.0).difference.low,
    "alternatives": lambda given: ev.alternatives(given, count=1, slack=0.5, gap=0.0).table.drop(columns="name"),
    "entry costs": lambda given: ev.entry_costs(given, gap=0.0),
    "break-even": lambda given: ev.break_even(given, "monterrey", "wage", within=0.2, gap=0.0).in_at,
    "front": lambda given: ev.pareto(given, "cost", "emissions", points=2, gap=0.0).table[["cost", "emissions"]],
    "prices": lambda given: ev.weighted_sum(given, prices=[100.0], gap=0.0).table[["cost", "emissions"]],
    "in order": lambda given: ev.lexicographic(given, ["cost", "emissions"], gap=0.0).totals,
}
#: Of many solves each; the others ask the same of the way that they share.
SLOW = ("break-even", "alternatives")


@pytest.fixture(scope="module")
def study() -> Study:
    return ev.complete(two_plant_study())


@pytest.mark.parametrize(
    "question", [pytest.param(q, marks=[pytest.mark.slow] if q in SLOW else []) for q in QUESTIONS]
)
def test_a_session_answers_as_its_study_does(study: Study, question: str) -> None:
    session = ev.open_session(study, gap=0.0)
    session.bound()
    told, asked = QUESTIONS[question](session), QUESTIONS[question](study)
    if hasattr(told, "select_dtypes"):
        assert told.select_dtypes(exclude="number").equals(asked.select_dtypes(exclude="number"))
        told, asked = (frame.select_dtypes("number").to_numpy() for frame in (told, asked))
    elif isinstance(told, dict):
        assert told.keys() == asked.keys()
        told, asked = list(told.values()), list(asked.values())
    np.testing.assert_allclose(np.asarray(told, float), np.asarray(asked, float), rtol=1e-6, atol=1.0)


def test_a_relaxation_is_solved_from_nothing_once(study: Study) -> None:
    session = ev.open_session(study, gap=0.0)
    plan = session.solve()
    ev.entry_costs(session, plan)
    first = session.relaxed.from_nothing_s
    assert first > 0.0
    ev.entry_costs(session, plan)
    assert session.relaxed.from_nothing_s == first


def test_options_left_out_are_those_of_the_session(study: Study) -> None:
    session = ev.open_session(study, gap=0.25, time_limit_s=7.0, engine="highs", threads=1, seed=3)
    own, problems = settings_of(session, {"gap": None})
    assert (own.gap, own.time_limit_s, own.seed, problems) == (0.25, 7.0, 3, [])
    changed, _ = settings_of(session, {"gap": 0.5})
    asked = session_of(session, changed)
    assert (asked.limits.gap, asked.limits.time_s, asked.limits.seed) == (0.5, 7.0, 3)
    assert asked.relaxed is session.relaxed
    assert session.limits.gap == 0.25
    assert settings_of(study, {})[0] == study.settings.solve
    assert settings_of(session, {"gap": -1.0})[1]


def test_the_study_of_either(study: Study) -> None:
    assert study_of(study) is study
    assert study_of(ev.open_session(study)).digest == study.digest


def test_rules_of_ones_own_belong_to_the_session(study: Study) -> None:
    rule = ev.to_pulp(study)
    rule += rule.variables()[0] <= 1e9, "mine"
    with_rules = ev.open_session(study, extra=rule)
    assert has_rules(with_rules)
    assert not has_rules(study)
    assert has_rules(study, rule)
    with pytest.raises(InputError, match="has the rules it was opened with"):
        ev.pareto(ev.open_session(study), extra=rule, points=2)
    with pytest.raises(InputError, match="cannot be sent to other processes"):
        ev.pareto(with_rules, points=3, workers=2)
    assert with_rules.program.milp.shape[0] > build(study).milp.shape[0]


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(InputError, match="is no Study or Session"):
        ev.why_not("starter", "US-TN-memphis")  # type: ignore[arg-type]
