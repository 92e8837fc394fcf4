"""Identifiers as text: numbers and text of one code are the same, names stay, and lost digits are seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.study.canonical.identifiers import have_lost_digits, identifiers, lost_zeros


def test_a_number_and_its_text_are_one_code() -> None:
    assert identifiers([3520005, 3520005.0, "3520005", np.int64(3520005), b"3520005"]).unique().tolist() == ["3520005"]


def test_text_ends_in_a_point_and_zero_only_where_all_of_the_column_does() -> None:
    assert identifiers(["7.0", None, "12.00"]).tolist() == ["7", "", "12"]
    assert identifiers(["7.0", "a"]).tolist() == ["7.0", "a"]
    assert identifiers(["007.0"]).tolist() == ["007"]


def test_missing_values_are_empty_and_names_stay() -> None:
    assert identifiers([None, np.nan, pd.NA, pd.NaT]).tolist() == [""] * 4
    assert identifiers(["NA", " NULL ", "nan"]).tolist() == ["NA", "NULL", "nan"]


def test_a_part_of_a_number_is_kept_and_the_index_too() -> None:
    made = identifiers(pd.Series([1.5, 2.0], index=[9, 4]))
    assert made.index.tolist() == [9, 4]
    assert made.tolist() == ["1.5", "2"]


@pytest.mark.parametrize(("text", "lost"), [("4.8453E+10", True), ("4,8e10", True), ("1e-3", False), ("E10", False)])
def test_numbers_with_an_exponent_have_lost_digits(text: str, lost: bool) -> None:
    assert have_lost_digits(pd.Series([text])).tolist() == [lost]


@pytest.mark.parametrize(
    ("code", "state", "lost"),
    [
        ("1001", "01", True),
        ("6037001", "06", False),  # eight digits with the zero: no census code is so long
        ("603700", "06", True),  # seven digits with the zero: a place
        ("1001", "", False),
        ("01001", "01", False),
        ("1a01", "01", False),
    ],
)
def test_a_zero_is_lost_where_it_makes_a_code_of_the_state(code: str, state: str, lost: bool) -> None:
    assert lost_zeros(pd.Series([code]), pd.Series([state])).tolist() == [lost]
