"""Rules that choose candidates: on three places whose best choice is known by hand."""

from __future__ import annotations

import numpy as np

from benchmarks.candidates import Grounds, Rule, best_cover, greedy_cover, greedy_median, reached

#: Who covers whom: the first covers two of the middle, the others a side and half of the middle each.
COVERS = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1]], dtype=bool)
WORTH = np.array([2.0, 3.0, 3.0, 2.0])


def test_the_greedy_cover_takes_the_middle_first_and_loses_by_it() -> None:
    chosen = greedy_cover(COVERS, WORTH, 2)
    assert chosen.tolist() == [0, 1]
    assert WORTH[COVERS[chosen].any(axis=0)].sum() == 8.0
    assert WORTH.tolist() == [2.0, 3.0, 3.0, 2.0]


def test_the_best_cover_takes_both_sides() -> None:
    assert best_cover(COVERS, WORTH, 2).tolist() == [1, 2]


def test_the_median_lessens_weighted_distance() -> None:
    km = np.array([[0.0, 100.0, 400.0], [100.0, 0.0, 300.0], [400.0, 300.0, 0.0]])
    # saved against 500 km each: 500 + 400 + 100, 400 + 500 + 200, 100 + 200 + 500; then 100, -, 300
    assert greedy_median(km, np.ones(3), 2).tolist() == [1, 2]
    assert greedy_median(km, np.array([9.0, 1.0, 1.0]), 1).tolist() == [0]


def test_the_best_cover_keeps_one_of_each_group() -> None:
    groups = np.array([[1, 0, 0]], dtype=bool)  # the middle lies in a state of its own
    assert 0 in best_cover(COVERS, WORTH, 2, groups)


def test_a_plant_is_no_witness_for_itself() -> None:
    """With its state left out a rule sees no plant of the state; by time none that opened later or at no known year."""
    here = Grounds.of_reference()
    asked: list[tuple[frozenset[str], int | None]] = []

    def choose(_: Grounds, seen: np.ndarray, year: int | None) -> np.ndarray:
        asked.append((frozenset(here.standing["id"][seen]), year))
        return np.arange(3)

    reached(Rule("watched", choose, looks=True), here)
    state = here.standing.set_index("id")["region"]
    known = here.standing.set_index("id")["opened_year"].astype("float64")
    left_out = [set(state.index) - seen for seen, year in asked if year is None]
    assert sorted(len(set(state[list(out)])) for out in left_out) == [1] * state.nunique()
    assert all(set(state.index[state == state[next(iter(out))]]) == out for out in left_out)
    for seen, year in asked:
        assert year is None or (known[list(seen)] < year).all()
