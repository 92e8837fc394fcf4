"""Columns of the user's own beside others: names that differ by more than case, values matched by key."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.errors import DataWarning
from evsiting.study.files.own_columns import distinct_names, free_name, own_columns, warn_of_renamed, with_own
from evsiting.study.study import Study
from tests.studies import two_plant_study

pytestmark = pytest.mark.filterwarnings("ignore:.*are kept and not used:evsiting.errors.DataWarning")


def _study() -> Study:
    study = two_plant_study()
    own = study.markets.assign(**{"Town": [f"town {k}" for k in range(len(study.markets))], "rank": 3})
    return study.with_table("markets", own)


def test_a_name_that_is_free_stays_and_others_count_on() -> None:
    assert free_name("rank", ["name"]) == "rank"
    assert free_name("Rank", ["rank", "rank_own", "RANK_OWN2"]) == "Rank_own3"


def test_names_differ_among_each_other_too() -> None:
    made = distinct_names(["a", "A", "b"], ["B"])
    assert made == {"a": "a", "A": "A_own", "b": "b_own"}
    assert len({name.lower() for name in (*made.values(), "B")}) == 4


def test_own_columns_are_those_that_the_dictionary_does_not_know() -> None:
    assert own_columns(_study(), "markets") == ["Town", "rank"]
    assert own_columns(_study(), "sites") == []


def test_values_come_by_key_whatever_the_order() -> None:
    study, renamed = _study(), {}
    frame = pd.DataFrame({"market": ["west", "east", "nowhere"], "town": ["w", "e", "n"]}, index=[5, 3, 1])
    at = dict(zip(study.markets["market"], range(len(study.markets)), strict=True))
    made = with_own(frame, study, "markets", ["market"], renamed)
    assert made.index.tolist() == [5, 3, 1]
    expected = [f"town {at[m]}" if m in at else None for m in frame["market"]]
    assert [v if isinstance(v, str) else None for v in made["Town_own"]] == expected
    assert renamed == {"markets.Town": "Town_own"}


def test_new_names_are_told() -> None:
    with pytest.warns(DataWarning, match="plan.gpkg: .*'markets.Name' is 'Name_own'"):
        warn_of_renamed("plan.gpkg", {"markets.Name": "Name_own"})
