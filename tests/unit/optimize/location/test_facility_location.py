"""Location problems on arrays: against brute force over every choice of sites, and arguments that are refused."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

import evsiting as ev
from evsiting.errors import InputError

#: As close as the arithmetic of solver and brute force agree.
CLOSE = 1e-6


def random_case(seed: int) -> dict[str, object]:
    """Return a small problem of any kind, with a plan."""
    rng = np.random.default_rng(seed)
    kind = ("uncapacitated", "p-median", "both", "capacitated", "capacitated p", "single-source")[seed % 6]
    sites, markets = int(rng.integers(2, 7)), int(rng.integers(1, 6))
    cost = rng.uniform(0.0, 10.0, (sites, markets))
    if seed % 4 == 0:
        cost = np.floor(cost)
    if seed % 5 == 0:
        hidden = rng.uniform(size=cost.shape) < 0.2
        hidden[rng.integers(sites, size=markets), np.arange(markets)] = False
        cost = np.where(hidden, np.inf, cost)
    fixed = np.zeros(sites) if kind == "p-median" else np.floor(rng.uniform(-1.0, 9.0, sites))
    case: dict[str, object] = {"cost": cost, "fixed_cost": fixed}
    if kind in ("p-median", "both", "capacitated p"):
        case["p"] = int(rng.integers(1, sites + 1))
    if "capacitated" in kind[:11] and kind[0] == "c" or kind == "single-source":
        demand = np.floor(rng.uniform(0.0, 6.0, markets))
        room = rng.uniform(1.0, 8.0, sites) if seed % 3 else np.full(sites, 1.0)
        room *= rng.uniform(1.0, 3.0) * max(demand.sum(), 1.0) / room.sum()
        case |= {"demand": demand, "capacity": room, "single_source": kind == "single-source"}
    return case


def cost_of(case: dict[str, object], opened: tuple[int, ...]) -> float:
    """Return the least cost with exactly these sites open; infinite where there is no plan."""
    cost, chosen = np.asarray(case["cost"])[list(opened)], list(opened)
    fixed, markets = float(np.asarray(case["fixed_cost"])[chosen].sum()), cost.shape[1]
    if "capacity" not in case:
        return fixed + float(cost.min(axis=0).sum())
    room, demand = np.asarray(case["capacity"])[chosen], np.asarray(case["demand"])
    if case["single_source"]:
        best = math.inf
        for which in itertools.product(range(len(chosen)), repeat=markets):
            if (np.bincount(which, weights=demand, minlength=len(chosen)) <= room + 1e-9).all():
                best = min(best, float(cost[list(which), np.arange(markets)].sum()))
        return fixed + best
    served = np.kron(np.ones((1, len(chosen))), np.eye(markets))
    taken = np.kron(np.eye(len(chosen)), demand[None, :])
    top = np.where(np.isfinite(cost.ravel()), 1.0, 0.0)
    found = optimize.linprog(
        np.where(top > 0, cost.ravel(), 0.0), taken, room, served, np.ones(markets), np.column_stack([0 * top, top])
    )
    return fixed + found.fun if found.status == 0 else math.inf


def brute_force(case: dict[str, object]) -> float:
    """Return the least cost over every set of sites."""
    sites, p = len(np.asarray(case["cost"])), case.get("p")
    counts = [p] if p is not None else range(1, sites + 1)
    return min(cost_of(case, chosen) for k in counts for chosen in itertools.combinations(range(sites), k))


def check_plan(case: dict[str, object], found: ev.LocationResult) -> None:
    """Hold a plan against every rule, from the arrays alone."""
    cost, share = np.asarray(case["cost"]), found.assignment.toarray()
    assert (share >= 0.0).all()
    assert np.allclose(share.sum(axis=0), 1.0, atol=1e-9)
    assert not share[~found.open].any()
    paid = np.where(share > 0.0, cost, 0.0)
    assert found.objective == pytest.approx(
        float((paid * share).sum() + np.asarray(case["fixed_cost"])[found.open].sum())
    )
    if "p" in case:
        assert found.open.sum() == case["p"]
    if "capacity" in case:
        assert (share @ np.asarray(case["demand"]) <= np.asarray(case["capacity"]) * (1.0 + 1e-7)).all()
    if case.get("single_source") or "capacity" not in case:
        assert np.isin(share, (0.0, 1.0)).all()


def check_case(seed: int) -> None:
    """Compare one random problem with brute force."""
    case = random_case(seed)
    least = brute_force(case)
    if math.isinf(least):
        with pytest.raises((ev.InfeasibleError, ev.InputError)):
            ev.facility_location(**case, threads=1)
        return
    found = ev.facility_location(**case, gap=0.0, threads=1)
    check_plan(case, found)
    assert found.objective == pytest.approx(least, rel=CLOSE, abs=CLOSE)
    assert found.bound <= least + CLOSE * (1.0 + abs(least))
    assert found.bound <= found.objective
    assert found.status is ev.Status.OPTIMAL


@pytest.mark.parametrize("seed", range(48))
def test_the_best_of_every_choice_of_sites_is_found(seed: int) -> None:
    check_case(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_the_best_of_every_choice_of_sites_is_found_many_times(block: int) -> None:
    for seed in range(100 + 40 * block, 140 + 40 * block):
        check_case(seed)


def test_every_problem_of_the_arguments_is_told_at_once() -> None:
    with pytest.raises(ev.InputError) as caught:
        ev.facility_location(
            [[1.0, np.nan], [2.0, 3.0]], [1.0, 2.0, 3.0], demand=[-1.0, 2.0], capacity=[1.0, np.nan], p=3, gap=-1.0
        )
    places = [problem.where.split(", ")[1] for problem in caught.value.problems]
    assert places == ["gap", "cost", "fixed_cost", "demand", "capacity", "p"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"cost": [1.0, 2.0]}, "no matrix"),
        ({"cost": "abc"}, "no number"),
        ({"cost": [[1.0, np.inf], [2.0, np.inf]]}, "no site that can serve"),
        ({"capacity": 1.0}, "is missing beside capacity"),
        ({"capacity": 0.4, "demand": [1.0, 1.0]}, "serve less than the demand"),
        ({"capacity": [1.5, 0.6], "demand": [1.0, 1.0], "p": 1}, "the 1 largest sites"),
        ({"capacity": [1.5, 1.5], "demand": [1.7, 0.2], "single_source": True}, "larger than each site"),
        ({"cost": [[1e307, 9e307], [9e307, 9e307]]}, "too large to add up"),
        ({"fixed_cost": [1.0, -1e300]}, "too large to add up"),
        ({"cost": np.ma.masked_greater([[1.0, 2.0], [3.0, 1.0]], 2.5)}, "masked values"),
        ({"p": 0}, "no number of sites"),
        ({"p": 1.5}, "no whole number"),
        ({"p": True}, "no number of sites"),
        ({"single_source": "yes"}, "neither True nor False"),
        ({"time_limit_s": 0.0}, "no time limit"),
        ({"threads": 0}, "no number of threads"),
        ({"gap": np.nan}, "no relative gap"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, object], told: str) -> None:
    arguments: dict[str, object] = {"cost": [[1.0, 2.0], [3.0, 1.0]], "fixed_cost": 1.0}
    with pytest.raises(ev.InputError, match=told):
        ev.facility_location(**(arguments | given))


def test_arrays_of_the_user_stay_as_they_are() -> None:
    cost, fixed = np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([1.0, 1.0])
    demand, room = np.array([1.0, 2.0]), np.array([5.0, 5.0])
    kept = [x.copy() for x in (cost, fixed, demand, room)]
    ev.facility_location(cost, fixed, demand=demand, capacity=room)
    assert all((a == b).all() for a, b in zip((cost, fixed, demand, room), kept, strict=True))


@pytest.mark.parametrize(("gap", "left"), [(1e-4, 1e-6), (1e-3, 1e-5), (0.01, 0.01), (0.2, 0.2)])
def test_a_narrow_gap_is_gone_below_and_a_wide_one_is_where_it_ends(gap: float, left: float) -> None:
    rng = np.random.default_rng(1)
    demand, room = rng.integers(5, 36, 30).astype(float), rng.integers(10, 161, 30).astype(float)
    cost = 10.0 * np.hypot(*(rng.uniform(0, 1, (30, 1)) - rng.uniform(0, 1, (1, 30)) for _ in "xy")) * demand
    fixed, capacity = 105.0 * np.sqrt(room), np.round(room * 3.0 * demand.sum() / room.sum())
    found = ev.facility_location(cost, fixed, demand=demand, capacity=capacity, gap=gap, threads=1)
    assert found.status is ev.Status.OPTIMAL
    assert found.gap <= left * (1.0 + 1e-6)
    if gap > 1e-3:
        assert found.gap > 0.01 * gap


def test_labels_in_another_order_are_refused_and_complex_numbers_too() -> None:
    cost = pd.DataFrame([[1.0, 5.0], [6.0, 2.0]], index=["a", "b"], columns=["x", "y"])
    fixed = pd.Series([10.0, 20.0], index=["b", "a"])
    with pytest.raises(InputError, match="fixed_cost: has not the labels of the index of cost in their order"):
        ev.facility_location(cost, fixed)
    assert ev.facility_location(cost, fixed.reindex(cost.index)).objective == 18.0
    demand = pd.Series([1.0, 1.0], index=["y", "x"])
    with pytest.raises(InputError, match="demand: has not the labels of the columns of cost"):
        ev.facility_location(cost, 1.0, demand=demand, capacity=2.0)
    with pytest.raises(InputError, match="holds what is no number .complex"):
        ev.facility_location(cost.to_numpy() * 1j, 1.0)
