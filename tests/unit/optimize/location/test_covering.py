"""Centers and covers against brute force over every choice of sites."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import evsiting as ev


def choices(sites: int, p: int) -> list[list[int]]:
    return [list(chosen) for chosen in itertools.combinations(range(sites), p)]


@pytest.mark.parametrize("seed", range(16))
def test_the_center_is_the_best_of_every_choice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    distance = np.floor(rng.uniform(0.0, 30.0, (int(rng.integers(3, 9)), int(rng.integers(2, 12)))))
    p = int(rng.integers(1, len(distance)))
    found = ev.p_center(distance, p, threads=1)
    assert found.objective == min(distance[chosen].min(axis=0).max() for chosen in choices(len(distance), p))
    assert found.bound == found.objective
    assert found.open.sum() == p
    assert (found.assignment.toarray() * distance).sum(axis=0).max() == found.objective
    assert found.status is ev.Status.OPTIMAL


@pytest.mark.parametrize("seed", range(16))
def test_the_cover_is_the_best_of_every_choice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    reach = rng.uniform(size=(int(rng.integers(3, 9)), int(rng.integers(2, 12)))) < 0.3
    weight = np.floor(rng.uniform(0.0, 5.0, reach.shape[1]))
    p, backup = int(rng.integers(1, len(reach))), (0.0, 0.5, 1.0)[seed % 3]
    found = ev.max_cover(reach, p, demand=weight, backup=backup, gap=0.0, threads=1)

    def covered(chosen: list[int]) -> float:
        times = reach[chosen].sum(axis=0)
        return float((weight * ((times > 0) + backup * (times > 1))).sum())

    assert found.objective == pytest.approx(max(covered(chosen) for chosen in choices(len(reach), p)))
    assert covered(found.sites.tolist()) == pytest.approx(found.objective)
    assert found.bound == pytest.approx(found.objective)
    assert found.open.sum() == p
    assert found.status is ev.Status.OPTIMAL


def test_where_no_sites_reach_all_markets_it_is_said() -> None:
    with pytest.raises(ev.InputError, match="p = 1 cannot reach every market"):
        ev.p_center([[1.0, np.inf], [np.inf, 1.0]], 1)


def test_a_cover_of_nothing_is_a_plan() -> None:
    found = ev.max_cover(np.zeros((3, 2), dtype=bool), 2)
    assert (found.objective, found.bound, int(found.open.sum())) == (0.0, 0.0, 2)
    assert found.status is ev.Status.OPTIMAL


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reach": [[0.5, 1.0]]}, "other values than True and False"),
        ({"reach": [True]}, "no matrix"),
        ({"demand": [-1.0, 1.0]}, "negative"),
        ({"backup": 2.0}, "no part of the first cover"),
        ({"p": 4}, "no number of sites"),
        ({"gap": "small"}, "no relative gap"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, object], told: str) -> None:
    arguments: dict[str, object] = {"reach": [[True, False], [False, True]], "p": 1}
    with pytest.raises(ev.InputError, match=told):
        ev.max_cover(**(arguments | given))


def test_messages_of_a_center_name_its_argument_and_nothing_is_minus_zero() -> None:
    with pytest.raises(ev.InputError, match="p_center, distance"):
        ev.p_center([[np.nan, 1.0]], 1)
    nothing = ev.max_cover([[False, False]], 1)
    assert str(nothing.bound) == "0.0"
