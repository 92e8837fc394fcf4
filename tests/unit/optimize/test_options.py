"""The options of every call that solves: said once, shown in each help, and none passes unseen."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import evsiting as ev
from evsiting.optimize.arguments import resolved_settings
from evsiting.optimize.options import SolveOptions
from evsiting.study.settings import Solving

CALLS = (
    ev.solve,
    ev.pareto,
    ev.weighted_sum,
    ev.solve_scenarios,
    ev.value_of_information,
    ev.sweep,
    ev.solve_each_scenario,
)


def test_options_are_the_settings_of_a_solve() -> None:
    assert set(SolveOptions.__annotations__) == set(Solving.model_fields) - {"objective"}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: str(call.__name__))
def test_help_shows_every_option(call: Callable[..., Any]) -> None:
    shown = inspect.signature(call).parameters
    assert not [p for p in shown.values() if p.kind is inspect.Parameter.VAR_KEYWORD]
    text = inspect.getdoc(call) or ""
    for name in SolveOptions.__annotations__:
        assert shown[name].default is None
        assert f"\n{name}" in text or f", {name} :" in text, name
    assert "**options" not in text


@pytest.mark.parametrize("call", CALLS, ids=lambda call: str(call.__name__))
def test_an_unknown_name_is_refused_with_the_nearest(call: Callable[..., Any]) -> None:
    study = ev.example("starter")
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'gapp'\. Did you mean 'gap'\?"):
        call(study, gapp=0.1)
    with pytest.raises(TypeError, match=r"arguments 'thread', 'nonsense'\. Did you mean 'threads'\?"):
        call(study, thread=1, nonsense=2)


def test_every_option_takes_the_place_of_the_setting() -> None:
    asked: SolveOptions = {"gap": 0.1, "time_limit_s": 7.0, "engine": "cbc", "threads": 1, "seed": 3, "verify": True}
    settings, problems = resolved_settings(ev.example("starter").settings.solve, asked)
    assert not problems
    assert {name: getattr(settings, name) for name in asked} == asked
