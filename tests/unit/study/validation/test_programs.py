"""Grants of the user's own that are more than the plant that gets them costs."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from evsiting.errors import DataWarning
from evsiting.study.study import Study
from tests.program_studies import offers_of
from tests.studies import two_plant_study

#: A new cell plant costs 600 million.
CELL = ("memphis", "cell", None)


def _with(*offers: tuple[object, ...], study: Study | None = None) -> Study:
    held = study or two_plant_study()
    return held.with_table("incentives", offers_of(list(held.periods["period"]), *offers))


def test_a_grant_above_the_investment_is_told_with_both_figures() -> None:
    with pytest.warns(DataWarning, match=r"memphis, cell, p1: USD 7e\+08, option '.*' costs 6e\+08"):
        _with((*CELL, "gift", "grant", 700e6))


def test_grants_of_one_plant_add_up() -> None:
    with pytest.warns(DataWarning, match="1 of 1 grant is of more than a new plant costs, by .* USD 7e"):
        _with((*CELL, "gift", "grant", 400e6), (*CELL, "land", "grant", 300e6))


@pytest.mark.parametrize(
    "offers",
    [
        [(*CELL, "gift", "grant", 600e6)],  # all of it, and no more
        [("memphis", "cell", "cell", "45X", "production", 700e6)],
        [(*CELL, "gift", "grant", 400e6), ("monterrey", "cell", None, "gift", "grant", 400e6)],
    ],
)
def test_what_is_no_more_than_the_investment_is_not_told(offers: list[tuple[object, ...]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        _with(*offers)


def test_a_program_that_pays_no_more_than_the_investment_is_not_told() -> None:
    """Those of table ``programs`` are cut, and those with rules may not be claimed beyond it."""
    study = two_plant_study()
    rule = pd.DataFrame({"program": ["gift"]})
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        ruled = offers_of(list(study.periods["period"]), (*CELL, "gift", "grant", 700e6))
        Study.from_tables(study.settings, {**study.tables, "incentives": ruled, "program_rules": rule})


def test_an_investment_that_rises_is_taken_at_its_highest() -> None:
    study = two_plant_study()
    rise = pd.DataFrame([("capex_usd", "US", "p1", 1.2)], columns=["column", "place", "period", "factor"])
    offers = offers_of(["p1"], (*CELL, "gift", "grant", 700e6))
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        Study.from_tables(study.settings, {**study.tables, "incentives": offers, "trajectories": rise})
