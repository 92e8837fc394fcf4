"""Shapley's value on games whose answer is known, and intervals of costs that are not."""

from __future__ import annotations

import itertools

import pytest

from evsiting.results.decisions.players import PlayerShares, shapley_weights


def game(saved: dict[str, float], *, gap: float = 0.0) -> PlayerShares:
    """Return the shares of a game by what each coalition saves of 100."""
    players = tuple(sorted(set("".join(saved))))
    costs = {frozenset(names): (100.0 - value, 100.0 - value - gap) for names, value in saved.items()}
    return PlayerShares("game", "cost", players, costs)


#: One right glove and two left ones: a pair is worth 6.
GLOVES = {"": 0.0, "l": 0.0, "m": 0.0, "r": 0.0, "lm": 0.0, "lr": 6.0, "mr": 6.0, "lmr": 6.0}


def test_the_game_of_gloves_and_an_average_over_all_orders() -> None:
    found = game(GLOVES)
    shares = dict(zip(found.table["player"], found.table["share"], strict=True))
    assert shares == pytest.approx({"l": 1.0, "m": 1.0, "r": 4.0})
    worth = {frozenset(names): value for names, value in GLOVES.items()}
    for player in "lmr":
        orders = list(itertools.permutations("lmr"))
        added = [worth[frozenset(o[: o.index(player) + 1])] - worth[frozenset(o[: o.index(player)])] for o in orders]
        assert shares[player] == pytest.approx(sum(added) / len(orders))
    assert found.table["part"].sum() == pytest.approx(1.0)
    assert not found.is_stable  # r and l together save 6, and are given 5


def test_shares_are_stable_where_coalitions_help_each_other() -> None:
    assert game({"": 0.0, "a": 1.0, "b": 2.0, "ab": 9.0}).is_stable


def test_the_interval_holds_every_game_between_bound_and_objective() -> None:
    loose = game(GLOVES, gap=0.5)
    for ends in itertools.product((0.0, 0.5), repeat=len(GLOVES)):
        costs = {frozenset(n): 100.0 - v - off for (n, v), off in zip(GLOVES.items(), ends, strict=True)}
        for row in loose.table.to_dict("records"):
            weights = shapley_weights(loose.players, row["player"])
            share = -sum(w * costs[s] for s, w in weights.items())
            assert row["least"] - 1e-12 <= share <= row["most"] + 1e-12
    assert (loose.table["least"] < loose.table["share"]).all()
