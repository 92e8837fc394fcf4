"""Sums that a ledger states beside sums that are worked out anew."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evsiting.results.rules.case import compare_sums, sums_of_lines

Sums = dict[tuple[str, ...], float]


def test_sums_are_compared_by_place_by_item_and_in_all() -> None:
    again: Sums = {("labor", "A"): 60.0, ("labor", "B"): 40.0, ("power", "A"): 100.0}
    stated: Sums = {("labor", "A"): 61.0, ("labor", "B"): 39.0, ("power", "C"): 100.0}
    places = sorted({**again, **stated})
    by_place, by_item, in_all = compare_sums(places, stated, again, {"labor": 100.0, "power": 100.0})
    np.testing.assert_allclose(by_place.broken, [0.01, 0.01, 1.0, 1.0])  # of the item that each belongs to
    np.testing.assert_allclose(by_item.broken, [0.0, 0.0])
    np.testing.assert_allclose(in_all.broken, [0.0])
    assert by_place.tell(3) == ("power/C", "stated 100, recomputed 0")
    assert in_all.tell(0)[0] == "total"


def test_a_difference_of_an_item_of_next_to_nothing_is_measured_against_a_thousandth_of_all() -> None:
    again: Sums = {("heat", "A"): 0.0, ("power", "A"): 1000.0}
    by_place, by_item, in_all = compare_sums(
        list(again), {**again, ("heat", "A"): 0.5}, again, {"heat": 0.0, "power": 1000.0}
    )
    np.testing.assert_allclose(by_place.broken, [0.5, 0.0])
    np.testing.assert_allclose(by_item.broken, [0.5, 0.0])
    np.testing.assert_allclose(in_all.broken, [0.0005])


def test_what_is_no_number_is_broken_without_limit() -> None:
    again: Sums = {("power", "A"): 1.0}
    for value in (math.nan, math.inf, -math.inf):
        stated = sums_of_lines(pd.DataFrame({"item": ["power"], "site": ["A"], "value": [value]}), ["item", "site"])
        assert all(part.broken.max() == math.inf for part in compare_sums(list(again), stated, again, {"power": 1.0}))


def test_lines_of_one_place_add_up_and_missing_text_is_none() -> None:
    lines = pd.DataFrame({"item": ["power", "power", "heat"], "site": ["A", "A", None], "value": [1.0, 2.0, 4.0]})
    assert sums_of_lines(lines, ["item", "site"]) == {("power", "A"): 3.0, ("heat", ""): 4.0}
