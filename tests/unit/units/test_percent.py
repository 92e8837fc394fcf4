"""A number of one or more where a fraction is wanted: how it is written in percent is told, in every place."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import evsiting as ev
from evsiting.units.percent import in_percent, percent_fix
from tests.studies import two_plant_study


@pytest.mark.parametrize("value", [1, 5, 5.0, 99.5, 100])
def test_numbers_from_one_to_a_hundred_look_like_percent(value: float) -> None:
    assert in_percent(value)
    assert percent_fix("other", value).startswith(f"For {value:g} % give {value / 100:g}")


@pytest.mark.parametrize("value", [True, 0.99, -5, 101, float("nan"), "5", None])
def test_others_do_not(value: object) -> None:
    assert not in_percent(value)
    assert percent_fix("other", value) == "other"


def test_the_first_that_looks_like_percent_is_told() -> None:
    assert percent_fix("other", -1, 7, 9) == "For 7 % give 0.07: 7 is 700 %"


ASKED: dict[str, Callable[[ev.Study], object]] = {
    "gap": lambda study: ev.solve(study, gap=5),
    "gap of a session": lambda study: ev.open_session(study, gap=5),
    "gap of alternatives": lambda study: ev.alternatives(study, gap=5),
    "gap of a sweep": lambda study: ev.sweep(study, gap=5),
    "gap of a front": lambda study: ev.pareto(study, "cost", "jobs", gap=5),
    "within": lambda study: ev.break_even(study, "memphis", within=5),
    "tolerance": lambda study: ev.lexicographic(study, ("cost", "jobs"), tolerance=5),
    "end_slack": lambda study: ev.pareto(study, "cost", "jobs", end_slack=5),
    "otherwise": lambda study: ev.default_ranges(study, otherwise=5),
    "risk_aversion": lambda study: ev.solve_scenarios(study, risk_aversion=5),
    "cvar_level": lambda study: ev.solve_scenarios(study, cvar_level=5),
    "grants": lambda study: ev.bidding(study, worth_usd_per_job_year=1.0, grants=(0.0, 5.0)),
}


@pytest.mark.parametrize("asked", ASKED)
def test_every_fraction_of_a_call_says_what_was_probably_meant(asked: str) -> None:
    with pytest.raises(ev.InputError, match=r"For 5 % give 0\.05: 5 is 500 %"):
        ASKED[asked](two_plant_study())


def test_so_do_quantiles_and_the_settings_of_a_study(tmp_path: object) -> None:
    draws = ev.CasePlans("two", "0" * 64, (), {})
    with pytest.raises(ev.InputError, match=r"For 95 % give 0\.95"):
        draws.spread(quantiles=(0.05, 95))
    folder = ev.write_study(two_plant_study(), f"{tmp_path}/study")
    settings = folder / "study.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("gap = 0.005", "gap = 5"), "utf-8")
    with pytest.raises(ev.InputError, match=r"solve\.gap.*For 5 % give 0\.05"):
        ev.read_study(folder)


def test_a_slack_above_the_whole_objective_is_taken_as_it_stands_with_a_warning() -> None:
    study = ev.complete(two_plant_study())
    plan = ev.solve(study, gap=0.0, verify=False)
    with pytest.warns(ev.DataWarning, match=r"slack: For 5 % give 0\.05: 5 is 500 %\. It is taken as it stands"):
        found = ev.alternatives(study, plan, count=0, slack=5, each_site="none", gap=0.0, verify=False)
    assert found.slack == 5
    assert isinstance(found.table, pd.DataFrame)
