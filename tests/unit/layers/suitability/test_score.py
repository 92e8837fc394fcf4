"""Scores, weights and rank acceptability: published examples, cases by hand, laws, messages."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.layers.suitability.acceptability import ranks_under
from evsiting.layers.suitability.weights import RANDOM_INDEX, hand_weights

#: The choice of a fighter aircraft: Hwang and Yoon, Multiple Attribute Decision Making, Springer, 1981.
AIRCRAFT = pd.DataFrame(
    {
        "site": ["A1", "A2", "A3", "A4"],
        "mach": [2.0, 2.5, 1.8, 2.2],
        "ferry_range": [1500.0, 2700.0, 2000.0, 1800.0],
        "payload": [20000.0, 18000.0, 21000.0, 20000.0],
        "price": [5.5, 6.5, 4.5, 5.0],
        "reliability": [5.0, 3.0, 7.0, 5.0],
        "maneuver": [9.0, 5.0, 7.0, 5.0],
    }
)
AIRCRAFT_WEIGHTS = {"mach": 0.2, "ferry_range": 0.1, "payload": 0.1, "price": 0.1, "reliability": 0.2, "maneuver": 0.3}
AIRCRAFT_CRITERIA = [ev.Criterion(c, "cost" if c == "price" else "benefit") for c in AIRCRAFT_WEIGHTS]

#: Consumption of drinks: Saaty, Int. J. Services Sciences 1(1), 83-98, 2008.
DRINKS = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"]
DRINKS_UPPER = [[9, 5, 2, 1, 1, 1 / 2], [1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9], [1 / 3, 1 / 4, 1 / 3, 1 / 9]]
DRINKS_UPPER += [[1 / 2, 1, 1 / 3], [2, 1 / 2], [1 / 3]]
DRINKS_WEIGHTS = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]


def three(**more: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"site": ["a", "b", "c"], **more}, index=[7, 3, 5])


def test_topsis_as_published() -> None:
    found = ev.suitability(AIRCRAFT, AIRCRAFT_CRITERIA, weights=AIRCRAFT_WEIGHTS, method="topsis")
    assert found.scores.tolist() == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=0.001)
    assert found.ranks.tolist() == [1, 4, 2, 3]
    assert found.criteria["scale"].unique().tolist() == ["vector"]


def test_entropy_as_published() -> None:
    # The book carries four digits from step to step.
    found = ev.entropy_weights(AIRCRAFT.drop(columns="site"))
    assert found.tolist() == pytest.approx([0.0649, 0.2055, 0.0133, 0.0829, 0.3570, 0.2764], abs=0.002)


def test_entropy_by_hand() -> None:
    # Parts 1/4, 3/4: E = (1/4 ln 4 + 3/4 ln(4/3)) / ln 2 = 0.811278; parts 1/2, 1/2: E = 1.
    frame = pd.DataFrame({"x": [1.0, 3.0], "y": [5.0, 5.0], "z": [10.0, 30.0]})
    assert ev.entropy_weights(frame).tolist() == pytest.approx([0.5, 0.0, 0.5])
    part = 1.0 - (0.25 * math.log(4) + 0.75 * math.log(4 / 3)) / math.log(2)
    other = ev.entropy_weights(pd.DataFrame({"x": [1.0, 3.0], "y": [0.0, 5.0]}))
    assert other["x"] == pytest.approx(part / (part + 1.0))


def test_ahp_as_published() -> None:
    pairs = {(DRINKS[i], DRINKS[i + 1 + k]): float(v) for i, row in enumerate(DRINKS_UPPER) for k, v in enumerate(row)}
    found = ev.ahp(pairs)
    assert found.weights.round(3).tolist() == DRINKS_WEIGHTS
    assert found.weights.index.tolist() == DRINKS
    assert round(found.ratio, 3) == 0.022


def test_comparisons_that_agree_give_their_ratios() -> None:
    weights = np.array([0.5, 0.3, 0.2])
    table = pd.DataFrame(weights[:, None] / weights[None, :], index=list("abc"), columns=list("abc"))
    found = ev.ahp(table)
    assert found.weights.tolist() == pytest.approx(weights)
    assert found.ratio == pytest.approx(0.0, abs=1e-12)
    assert found.eigenvalue == pytest.approx(3.0)
    assert ev.ahp({("a", "b"): 3.0}).weights.tolist() == pytest.approx([0.75, 0.25])


def test_comparisons_in_a_circle_are_warned_of_with_their_names() -> None:
    # a > b > c > a, each 3 times: no order, weights equal, eigenvalue 1 + 3 + 1/3.
    pairs = {("a", "b"): 3.0, ("b", "c"): 3.0, ("a", "c"): 1 / 3, ("a", "d"): 1.0, ("b", "d"): 1.0, ("c", "d"): 1.0}
    with pytest.warns(ev.DataWarning, match=r"'a', 'b', 'c'.*would be 9 times 'c', not 0.333"):
        found = ev.ahp(pairs)
    assert found.worst == ("a", "b", "c")
    with pytest.warns(ev.DataWarning, match="contradict"):
        three_only = ev.ahp({k: v for k, v in pairs.items() if "d" not in k})
    assert three_only.weights.tolist() == pytest.approx([1 / 3] * 3)
    assert three_only.ratio == pytest.approx((1 + 3 + 1 / 3 - 3) / 2 / RANDOM_INDEX[3])


BAD_PAIRS = {
    "a missing pair": ({("a", "b"): 2.0, ("b", "c"): 2.0}, "missing or not positive.*a / c"),
    "no reciprocal": (
        pd.DataFrame([[1.0, 3.0], [0.5, 1.0]], index=list("ab"), columns=list("ab")),
        "not reciprocal.*3 and 0.5",
    ),
    "a zero": ({("a", "b"): 0.0}, "missing or not positive"),
    "other names": (pd.DataFrame([[1.0]], index=["a"], columns=["b"]), "rows and columns differ"),
    "text": ({("a", "b"): "3"}, "no comparison of two.*'3'"),
    "three names": ({("a", "b", "c"): 3.0}, "no comparison of two"),
    "letters for a pair": ({"ab": 3.0}, "no comparison of two"),
    "too many": ({("x", f"y{k}"): 1.0 for k in range(10)}, "needs 1 to 10 criteria"),
}


@pytest.mark.parametrize(("pairs", "told"), BAD_PAIRS.values(), ids=BAD_PAIRS)
def test_bad_comparisons_are_told(pairs: object, told: str) -> None:
    with pytest.raises(ev.TableError, match=told):
        ev.ahp(pairs)


def test_weighted_sum_by_hand() -> None:
    frame = three(wage=[20.0, 25.0, 30.0], rail_km=[9.0, 1.0, 5.0])
    found = ev.suitability(frame, [ev.Criterion("wage", "cost", 3.0), ev.Criterion("rail_km", "cost")])
    assert found.scores.to_dict() == {7: 0.75, 3: 0.5 * 0.75 + 0.25, 5: 0.125}
    assert found.parts.sum(axis=1).tolist() == pytest.approx(found.scores.tolist())
    assert found.ranks.to_dict() == {7: 1, 3: 2, 5: 3}
    assert found.scores.index.equals(frame.index)
    assert found.weights.to_dict() == {"wage": 0.75, "rail_km": 0.25}
    assert found.table["site"].tolist() == ["a", "b", "c"]


SCALES = {
    "min-max": ([0.0, 0.25, 1.0], [1.0, 0.75, 0.0]),
    "rank": ([0.0, 0.5, 1.0], [1.0, 0.5, 0.0]),
    "z": ([-5 / 78**0.5 * 3**0.5, -2 / 78**0.5 * 3**0.5, 7 / 78**0.5 * 3**0.5], None),
    "vector": ([0.0, 3 / 153**0.5, 12 / 153**0.5], [0.0, -3 / 153**0.5, -12 / 153**0.5]),
}


@pytest.mark.parametrize("scale", SCALES)
def test_scales_by_hand(scale: str) -> None:
    frame = three(x=[0.0, 3.0, 12.0])
    more, less = SCALES[scale]
    up = ev.suitability(frame, [ev.Criterion("x")], scale=scale).values["x"]
    down = ev.suitability(frame, [ev.Criterion("x", "cost")], scale=scale).values["x"]
    assert up.tolist() == pytest.approx(more)
    assert down.tolist() == pytest.approx(less or [-v for v in more])


def test_targets_and_value_functions() -> None:
    frame = three(x=[0.0, 30.0, 120.0])
    near = ev.suitability(frame, [ev.Criterion("x", scale="target", target=20.0)])
    assert near.scores.tolist() == pytest.approx([0.8, 0.9, 0.0])
    shape = ev.Criterion("x", scale="points", points=((100.0, 0.2), (0.0, 1.0), (50.0, 1.0)))
    assert ev.suitability(frame, [shape]).scores.tolist() == pytest.approx([1.0, 1.0, 0.2])
    fewer = ev.suitability(frame.iloc[1:], [shape]).scores  # does not depend on who else is there
    assert fewer.tolist() == pytest.approx([1.0, 0.2])


def test_a_table_of_criteria_is_read_like_a_list() -> None:
    frame = three(wage=[20.0, 25.0, 30.0], rail_km=[9.0, 1.0, 5.0])
    table = pd.DataFrame(
        {"column": ["wage", "rail_km"], "direction": ["cost", "cost"], "weight": [3.0, 1.0], "target": [None, None]}
    )
    both = [
        ev.suitability(frame, c) for c in (table, [ev.Criterion("wage", "cost", 3.0), ev.Criterion("rail_km", "cost")])
    ]
    pd.testing.assert_series_equal(both[0].scores, both[1].scores)


@pytest.mark.parametrize("method", ["weighted-sum", "topsis"])
def test_order_of_rows_and_unit_of_a_column_change_nothing(method: str) -> None:
    first = ev.suitability(AIRCRAFT, AIRCRAFT_CRITERIA, weights=AIRCRAFT_WEIGHTS, method=method)
    turned = AIRCRAFT.iloc[::-1].assign(payload=AIRCRAFT["payload"] * 0.4536)
    second = ev.suitability(turned, AIRCRAFT_CRITERIA, weights=AIRCRAFT_WEIGHTS, method=method)
    assert second.scores.index.equals(turned.index)
    assert np.allclose(second.scores.reindex(first.scores.index), first.scores)


@pytest.mark.parametrize("method", ["weighted-sum", "topsis"])
def test_better_in_everything_is_first_and_worse_in_everything_last(method: str) -> None:
    frame = three(x=[5.0, 9.0, 1.0], y=[3.0, 1.0, 8.0])
    found = ev.suitability(frame, [ev.Criterion("x"), ev.Criterion("y", "cost")], method=method)
    assert found.ranks.to_dict() == {7: 2, 3: 1, 5: 3}
    assert found.scores.max() == 1.0 or method == "weighted-sum"


def test_ties_share_the_better_rank_and_a_criterion_without_difference_is_warned_of() -> None:
    with pytest.warns(ev.DataWarning, match="tells nothing apart: y"):
        found = ev.suitability(three(x=[1.0, 1.0, 0.0], y=[2.0, 2.0, 2.0]), [ev.Criterion("x"), ev.Criterion("y")])
    assert found.ranks.tolist() == [1, 1, 3]


@pytest.mark.parametrize("scale", ["min-max", "z", "rank"])
def test_rounding_is_no_difference(scale: str) -> None:
    frame = three(x=[1.0, 2.0, 3.0], same=[0.1 + 0.2, 0.3, 0.3])
    with pytest.warns(ev.DataWarning, match="the same at every site.*same"):
        found = ev.suitability(frame, [ev.Criterion("x"), ev.Criterion("same", weight=9.0)], scale=scale)
    assert found.values["same"].nunique() == 1
    assert found.ranks.tolist() == [3, 2, 1]


def test_rounding_gives_no_weight_and_none_below_zero() -> None:
    for count in range(2, 40):
        frame = pd.DataFrame({"same": [0.3] * (count - 1) + [0.1 + 0.2], "x": np.arange(count)})
        assert ev.entropy_weights(frame).tolist() == [0.0, 1.0]
    large = pd.DataFrame({"x": [1e308, 1e308, 1.0], "y": [1.0, 1.0, 0.0]})
    assert ev.entropy_weights(large).tolist() == pytest.approx([0.5, 0.5])


def test_themes_weigh_the_same() -> None:
    made = ev.theme_weights([ev.Criterion(c, theme=t) for c, t in zip("abcd", ["x", "x", "x", "y"], strict=True)])
    assert made.to_dict() == pytest.approx({"a": 1 / 6, "b": 1 / 6, "c": 1 / 6, "d": 1 / 2})


BAD = {
    "a gap": ({"sites": three(x=[1.0, np.nan, np.inf])}, "2 of 3 values of 'x' are missing.*b, c"),
    "words": ({"sites": three(x=["1", "2", "high"])}, "1 of 3 values"),
    "no column": ({"sites": three(y=[1.0, 2.0, 3.0])}, "no column 'x'"),
    "an empty table": ({"sites": three(x=[1.0, 2.0, 3.0]).iloc[:0]}, "an empty table"),
    "no criterion": ({"criteria": []}, "there is none"),
    "twice": ({"criteria": [ev.Criterion("x"), ev.Criterion("x")]}, "names occur twice"),
    "direction": ({"criteria": [ev.Criterion("x", "more")]}, "unknown direction"),
    "scale": ({"criteria": [ev.Criterion("x", scale="log")]}, "unknown scale"),
    "no target": ({"criteria": [ev.Criterion("x", scale="target")]}, "has no target"),
    "no points": ({"criteria": [ev.Criterion("x", scale="points")]}, "has no value function"),
    "text as target": ({"criteria": [ev.Criterion("x", scale="target", target="3")]}, "has no target"),
    "a worth that is none": (
        {"criteria": [ev.Criterion("x", scale="points", points=((1, 0), (3, np.nan)))]},
        "has no value function",
    ),
    "more than can be squared": ({"sites": three(x=[1e308, -1e308, 0.0])}, "2 of 3 values of 'x'"),
    "no list": ({"criteria": None}, "criteria: are no list"),
    "points that are none": ({"criteria": [ev.Criterion("x", scale="points", points=(1, 2))]}, "no value function"),
    "codes twice": (
        {"sites": three(x=[1.0, 2.0, 3.0]).assign(site=["a", "a", None])},
        "codes are missing or occur twice",
    ),
    "labels twice": ({"sites": three(x=[1.0, 2.0, 3.0]).set_axis([7, 7, 3])}, "the index labels rows twice.*7"),
    "weights without names": ({"weights": [1.0]}, "weights: have no names.*list"),
    "method": ({"method": "product"}, "is unknown"),
    "weight missing": ({"weights": {"y": 1.0}}, "some criteria have none.*x"),
    "negative": ({"weights": {"x": -1.0}}, "missing or negative"),
    "all zero": ({"weights": {"x": 0.0}}, "sum up to nothing"),
    "table": ({"criteria": pd.DataFrame({"column": ["x"], "wieght": [1.0]})}, "wieght"),
}


@pytest.mark.parametrize(("call", "told"), BAD.values(), ids=BAD)
def test_bad_input_is_told(call: dict, told: str) -> None:
    given = {"sites": three(x=[1.0, 2.0, 3.0]), "criteria": [ev.Criterion("x")], **call}
    with pytest.raises(ev.TableError, match=told):
        ev.suitability(given.pop("sites"), given.pop("criteria"), **given)


def test_weights_by_hand_sum_to_one() -> None:
    assert hand_weights(pd.Series({"a": 2.0, "b": 6.0})).tolist() == [0.25, 0.75]


def test_random_weights_are_uniform_on_the_simplex() -> None:
    # Each weight of n has mean 1/n and variance (n - 1) / (n^2 (n + 1)).
    drawn = ev.random_weights(list("abcd"), 20_000, seed=5)
    assert drawn.sum(axis=1) == pytest.approx(np.ones(20_000))
    assert drawn.mean(axis=0) == pytest.approx(np.full(4, 0.25), abs=0.005)
    assert drawn.var(axis=0) == pytest.approx(np.full(4, 3 / 80), abs=0.001)
    assert (drawn == ev.random_weights(list("abcd"), 20_000, seed=5)).all()
    assert (drawn != ev.random_weights(list("abcd"), 20_000, seed=6)).all()


def test_ordered_weights_keep_the_order_and_its_means() -> None:
    # Means of ordered weights of three: 11/18, 5/18, 2/18; the two below the first in any order: 7/36 each.
    drawn = ev.random_weights(list("abc"), 20_000, seed=5, order=["b", "c", "a"])
    assert (drawn[:, 1] >= drawn[:, 2]).all()
    assert (drawn[:, 2] >= drawn[:, 0]).all()
    assert drawn.mean(axis=0) == pytest.approx([2 / 18, 11 / 18, 5 / 18], abs=0.005)
    loose = ev.random_weights(list("abc"), 20_000, seed=5, order=["b", ["a", "c"]])
    assert loose.mean(axis=0) == pytest.approx([7 / 36, 11 / 18, 7 / 36], abs=0.005)
    with pytest.raises(ev.InputError, match="does not hold every criterion once"):
        ev.random_weights(list("abc"), 10, order=["a", "b"])


def line() -> ev.Suitability:
    """Three sites on two criteria; where each is best is known: see the test below."""
    frame = three(x=[1.0, 0.6, 0.0], y=[0.0, 0.625, 1.0])
    return ev.suitability(frame, [ev.Criterion("x"), ev.Criterion("y")])


def test_acceptability_is_the_part_of_the_weights_by_hand() -> None:
    # With w on x: a scores w, b 0.625 - 0.025 w, c 1 - w. a is first above 0.6098, c below 0.3846, b between.
    found = ev.smaa(line(), draws=20_000, seed=3, top_count=3)
    exact = np.array([1 - 0.625 / 1.025, 0.625 / 1.025 - 0.375 / 0.975, 0.375 / 0.975])
    assert (np.abs(found.table["first"] - exact) < 4 * found.table["first_se"]).all()
    assert found.table["first_se"].max() < 0.004
    assert found.ranks.sum(axis=1).tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert found.ranks.sum(axis=0).tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert found.table["mean_rank"].sum() == pytest.approx(6.0)
    middle = [(1 + 0.625 / 1.025) / 2, (0.625 / 1.025 + 0.375 / 0.975) / 2, 0.375 / 0.975 / 2]
    assert found.central_weights["x"].tolist() == pytest.approx(middle, abs=0.01)
    assert found.table.index.tolist() == [7, 3, 5]


def test_acceptability_with_an_order_and_with_topsis() -> None:
    ordered = ev.smaa(line(), draws=5_000, seed=3, order=["x", "y"])
    assert ordered.table.loc[5, "first"] == 0.0
    assert ordered.table.loc[7, "first"] == pytest.approx((1 - 0.625 / 1.025) / 0.5, abs=0.03)
    assert ordered.central_weights.loc[5].isna().all()
    scored = ev.suitability(AIRCRAFT, AIRCRAFT_CRITERIA, weights=AIRCRAFT_WEIGHTS, method="topsis")
    weights = np.array([list(AIRCRAFT_WEIGHTS.values())])
    assert ranks_under(scored.values.to_numpy(), weights, topsis=True).ravel().tolist() == scored.ranks.tolist()


def test_the_best_in_everything_is_first_under_all_weights() -> None:
    frame = three(x=[1.0, 0.5, 0.0], y=[1.0, 0.2, 0.3])
    found = ev.smaa(ev.suitability(frame, [ev.Criterion("x"), ev.Criterion("y")]), draws=1_000)
    assert found.table["first"].tolist() == [1.0, 0.0, 0.0]
    assert found.table.loc[7, ["rank_low", "rank_high"]].tolist() == [1, 1]
    again = ev.smaa(ev.suitability(frame, [ev.Criterion("x"), ev.Criterion("y")]), draws=1_000)
    pd.testing.assert_frame_equal(found.table, again.table)


def test_bad_calls_of_smaa_are_told() -> None:
    with pytest.raises(ev.InputError, match="is no Suitability"):
        ev.smaa(AIRCRAFT)
    with pytest.raises(ev.InputError, match="no whole number from 0"):
        ev.smaa(line(), seed=-1)
    for call in ({"top_count": 4}, {"top_count": 0}, {"draws": 0}, {"draws": 1e3}):
        with pytest.raises(ev.InputError, match="out of range"):
            ev.smaa(line(), **call)


def test_what_ahp_returns_is_taken_as_weights() -> None:
    frame, found = three(x=[1.0, 2.0, 3.0], y=[3.0, 1.0, 2.0]), ev.ahp({("x", "y"): 3})
    criteria = [ev.Criterion("x"), ev.Criterion("y")]
    pd.testing.assert_series_equal(
        ev.suitability(frame, criteria, weights=found).scores,
        ev.suitability(frame, criteria, weights=found.weights).scores,
    )


@pytest.mark.parametrize("call", [([], 3), ("ab", 3), (None, 3), (["a"], 0), (["a"], 2.5), (["a"], 3, -1)], ids=repr)
def test_what_makes_no_random_weights_is_told(call: tuple) -> None:
    with pytest.raises(ev.InputError, match="random_weights: needs a criterion and a draw"):
        ev.random_weights(*call[:2], seed=call[2] if len(call) > 2 else 0)


def test_things_of_another_kind_are_told() -> None:
    with pytest.raises(ev.TableError, match="are no list"):
        ev.theme_weights("x")
    with pytest.raises(ev.InputError, match="order: does not hold every criterion once.*1, 2"):
        ev.smaa(line(), order=[1, 2])
    with pytest.raises(ev.TableError, match="are no Criterion.*'x'"):
        ev.suitability(three(x=[1.0, 2.0, 3.0]), ["x"])
    with pytest.raises(ev.TableError, match="have no names"):
        ev.ahp([[1.0, 2.0], [0.5, 1.0]])
    with pytest.raises(ev.TableError, match="needs a table"):
        ev.entropy_weights(pd.Series([1.0, 2.0]))
    with pytest.raises(ev.TableError, match="missing or negative.*a"):
        ev.entropy_weights(pd.DataFrame({"a": ["x", "y"], "b": [1.0, 2.0]}))
