"""Which figures are still those of the example: by row and unit, so that a figure of the user's own is one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.study.provenance import row_keys
from evsiting.study.schema.tables import TABLES
from evsiting.study.starter_tables import STARTER, still_made_up


@pytest.fixture(scope="module")
def study() -> ev.Study:
    return ev.example("starter")


def made_up(table: str, column: str, frame: pd.DataFrame) -> list[bool]:
    return still_made_up(table, column, row_keys(table, frame), frame[column]).tolist()


def test_every_given_figure_of_the_example_is_made_up(study: ev.Study) -> None:
    for table in set(STARTER) - {"sites"}:  # its figures are left to the layers
        frame = study.table(table)
        for column in (c.name for c in TABLES[table].columns if c.dtype != "text" and c.name in frame):
            given = frame[column].notna() & (column not in ("start_year", "years", "first_year", "last_year"))
            assert np.asarray(made_up(table, column, frame))[given].all(), (table, column)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("options", "capex_usd"),
        ("options", "min_load"),
        ("duties", "rate"),
        ("programs", "value"),
        ("demand", "units_per_yr"),
    ],
)
def test_a_changed_figure_is_the_users_own(study: ev.Study, table: str, column: str) -> None:
    frame = study.table(table)
    frame.loc[frame.index[0], column] = frame[column].iloc[0] * (1.0 + 1e-6) + 1e-12
    assert made_up(table, column, frame) == [False, *[True] * (len(frame) - 1)]


def test_the_same_figure_in_another_row_is_not_the_examples(study: ev.Study) -> None:
    frame = study.options.assign(option=lambda o: "my " + o["option"])
    assert not any(made_up("options", "capex_usd", frame))


def test_the_row_decides_and_not_its_position(study: ev.Study) -> None:
    frame = study.options.iloc[::-1]
    assert all(made_up("options", "capex_usd", frame))


def test_a_figure_that_the_example_leaves_to_its_default(study: ev.Study) -> None:
    frame = study.processes
    assert all(made_up("processes", "good_share", frame))
    assert not any(made_up("processes", "good_share", frame.assign(good_share=0.9)))


@pytest.mark.parametrize(("table", "column"), [("lanes", "time_h"), ("options", "name"), ("sites", "no_such")])
def test_other_tables_and_columns_are_never_the_examples(table: str, column: str) -> None:
    keys, values = pd.Series(["a", "b"]), pd.Series([1.0, np.nan])
    assert still_made_up(table, column, keys, values).tolist() == [False, False]


def test_what_is_no_number_is_not_the_examples() -> None:
    keys = pd.Series(["cell|10 GWh"] * 3)
    assert still_made_up("options", "capex_usd", keys, pd.Series([1e9, None, "1e9 or so"])).tolist() == [
        True,
        False,
        False,
    ]
    empty = pd.Series([], dtype=object)
    assert still_made_up("options", "capex_usd", empty, empty).tolist() == []
