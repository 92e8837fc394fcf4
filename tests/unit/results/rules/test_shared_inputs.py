"""What goods can hold of what a site buys: against every split, tried by a small linear program's own optimum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from evsiting.results.rules.shared_inputs import most_held


def tables(claims: dict[str, float], room: dict[tuple[str, str], float], stock: list[tuple[str, float, float]]):
    """Return claims, room and stock of one site."""
    return (
        pd.DataFrame([("s", p, usd, 0.0) for p, usd in claims.items()], columns=["site", "product", "found", "own"]),
        pd.DataFrame([("s", *key, n) for key, n in room.items()], columns=["site", "product", "input", "units"]),
        pd.DataFrame([("s", *lot) for lot in stock], columns=["site", "input", "units_per_yr", "usd_per_unit"]),
        ["site"],
    )


def allowed(*args) -> dict[str, float]:
    """Return what sets of products can hold, by their names."""
    found = most_held(*tables(*args))
    return dict(zip(found["product"], found["allowed"], strict=True))


def test_the_dearest_units_count_as_far_as_there_is_room() -> None:
    found = allowed({"car": 0.0}, {("car", "cell"): 10.0}, [("cell", 6.0, 1.0), ("cell", 7.0, 3.0)])
    assert found == {"car": 7 * 3.0 + 3 * 1.0}


def test_two_products_cannot_both_hold_one_input() -> None:
    room = {("car", "cell"): 10.0, ("van", "cell"): 4.0}
    found = allowed({"car": 0.0, "van": 0.0}, room, [("cell", 10.0, 2.0)])
    assert found == {"car": 20.0, "van": 8.0, "car + van": 20.0}


def test_products_that_share_nothing_that_was_bought_are_no_set() -> None:
    room = {("car", "cell"): 1.0, ("van", "cell"): 1.0, ("van", "pack"): 1.0}
    assert set(allowed({"car": 0.0, "van": 0.0}, room, [("pack", 5.0, 1.0)])) == {"car", "van"}


def test_products_are_kin_through_a_third() -> None:
    room = {("a", "x"): 1.0, ("b", "x"): 1.0, ("b", "y"): 1.0, ("c", "y"): 1.0}
    found = allowed(dict.fromkeys("abc", 0.0), room, [("x", 1.0, 1.0), ("y", 1.0, 1.0)])
    assert "a + b + c" in found
    assert len(found) == 7


def test_what_is_held_beside_the_inputs_adds_and_claims_add_up() -> None:
    claims = pd.DataFrame({"site": ["s", "s"], "product": ["car", "car"], "found": [1.0, 2.0], "own": [5.0, 0.0]})
    empty = pd.DataFrame(columns=["site", "product", "input", "units"])
    stock = pd.DataFrame(columns=["site", "input", "units_per_yr", "usd_per_unit"])
    assert most_held(claims, empty, stock, ["site"]).to_dict("records") == [
        {"site": "s", "product": "car", "found": 3.0, "allowed": 5.0}
    ]


def test_no_claims_no_rows() -> None:
    found = most_held(*tables({}, {("car", "cell"): 1.0}, [("cell", 1.0, 1.0)]))
    assert found.empty
    assert found.columns.tolist() == ["site", "product", "found", "allowed"]


def test_sites_do_not_share_and_names_may_be_numbers() -> None:
    claims, room, stock, _ = tables({"7": 1.0}, {("7", "8"): 5.0}, [("8", 5.0, 1.0)])
    claims = pd.concat([claims, claims.assign(site="t")])
    found = most_held(claims, room, stock, ["site"]).set_index("site")["allowed"]
    assert found.to_dict() == {"s": 5.0, "t": 0.0}


def test_more_than_ten_products_are_compared_alone_in_pairs_and_together() -> None:
    names = [f"p{k:02}" for k in range(11)]
    room = {(p, "cell"): 1.0 for p in names}
    found = allowed(dict.fromkeys(names, 0.0), room, [("cell", 3.0, 1.0)])
    assert len(found) == 11 + 55 + 1
    assert found[" + ".join(names)] == 3.0


@pytest.mark.parametrize("seed", range(5))
def test_a_set_holds_what_the_best_split_gives_it(seed: int) -> None:
    dice = np.random.default_rng(seed)
    goods, parts = ["a", "b", "c"], ["x", "y"]
    room = {(p, a): float(dice.integers(0, 5)) for p in goods for a in parts}
    stock = [(a, float(dice.integers(0, 6)), float(dice.integers(1, 9))) for a in parts for _ in range(2)]
    found = allowed(dict.fromkeys(goods, 0.0), room, stock)
    cost, left, right = [-usd for _ in goods for _, _, usd in stock], [], []
    for k, (_, units, _) in enumerate(stock):
        left.append([1.0 if j % len(stock) == k else 0.0 for j in range(len(cost))])
        right.append(units)
    for n, p in enumerate(goods):
        for a in parts:
            left.append(
                [1.0 if j // len(stock) == n and stock[j % len(stock)][0] == a else 0.0 for j in range(len(cost))]
            )
            right.append(room[p, a])
    best = -linprog(cost, A_ub=left, b_ub=right).fun
    if "a + b + c" in found:
        assert found["a + b + c"] == pytest.approx(best)
