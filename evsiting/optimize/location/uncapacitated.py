"""Location without capacities: uncapacitated facility location and the p-median, proven by prices."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evsiting.model.milp import FloatArray
from evsiting.optimize.location.interchange import greedy, improve, two_nearest
from evsiting.optimize.location.pair_lists import PairLists
from evsiting.optimize.location.plan import Plan, nearest_plan
from evsiting.optimize.location.problem import Effort, LocationProblem
from evsiting.optimize.location.tree import Bounded, Relaxation, Status, Tree
from evsiting.optimize.location.uncapacitated_prices import uncapacitated_ascent, uncapacitated_bound

#: Pairs above which the first plan is not improved before there are prices.
LARGE = 20_000_000
#: Fewest moves of a local search, and pairs that more of them may look at: large problems keep their time limit.
FEWEST_MOVES, MOST_PAIRS = 10, 1_000_000_000
#: Rounds of the first price iteration, steps of each, and steps without a better bound before the step is halved.
ROUNDS, STEPS, PATIENCE = 12, 150, 100
#: Steps in each part, and steps without a better bound there.
NODE_STEPS, NODE_PATIENCE = 60, 12
#: Of so many parts one leads to a plan.
EVERY = 8


@dataclass(eq=False)
class Uncapacitated:
    """Bounds and plans of a problem without capacities.

    Parameters
    ----------
    problem : LocationProblem
        With finite costs.
    lists : PairLists
        Pairs that can matter.
    """

    problem: LocationProblem
    lists: PairLists
    dearest: FloatArray
    floor: FloatArray
    tried: set[bytes] = field(default_factory=set)

    def bound(
        self, status: Status, price: FloatArray, often: FloatArray, upper: float, enough: float, steps: int
    ) -> Bounded:
        """Raise the bound of a part."""
        problem, lists = self.problem, self.lists
        best = np.empty_like(price)
        _, _, made = uncapacitated_ascent(
            lists.start, lists.site, lists.cost, self.floor, lists.limit, problem.fixed_cost, status, problem.least,
            problem.most, price, upper, enough, steps, 1.0, NODE_PATIENCE, 0.5, best, often,
        )  # fmt: skip
        return self.at(status, best, often, made)

    def at(self, status: Status, price: FloatArray, often: FloatArray, steps: int = 0) -> Bounded:
        """Return what prices prove of a part, rounded down."""
        problem, lists = self.problem, self.lists
        reduced, chosen = np.empty(problem.sites), np.empty(problem.sites, dtype=np.bool_)
        value, error = uncapacitated_bound(
            lists.start, lists.site, lists.cost, problem.fixed_cost, status, problem.least, problem.most, price,
            reduced, chosen,
        )  # fmt: skip
        close, open_up = changes(reduced, status, chosen, problem.least, problem.most)
        return Bounded(value - error, price, close, open_up, chosen, often, steps)

    def plan(self, result: Bounded, status: Status, upper: float) -> Plan | None:
        """Return the plan of the chosen sites, improved by exchanges."""
        opened = result.chosen.copy()
        if not opened.any():
            return None
        key = np.packbits(opened).tobytes()
        if key in self.tried:
            return None
        self.tried.add(key)
        return self.improved(opened, upper)

    def leaf(self, status: Status) -> tuple[float, Plan | None]:
        """Return the cost of the plan of these sites, and the plan; infinite where their number is not allowed."""
        opened = status == 1
        if not self.problem.least <= opened.sum() <= self.problem.most:
            return math.inf, None
        plan = nearest_plan(self.problem, opened)
        return plan.cost, plan

    def by_count(self, often: FloatArray) -> list[Relaxation]:
        """Return none: prices without capacities seldom choose a part of a site more."""
        return []

    def improved(self, opened: NDArray[np.bool_], upper: float, moves: int = 1000) -> Plan | None:
        """Return the plan after a local search from open sites, if it costs less than ``upper``."""
        problem = self.problem
        allowed = np.ones(problem.sites, dtype=np.bool_)
        moves = min(moves, max(FEWEST_MOVES, MOST_PAIRS // problem.cost.size))
        value = improve(
            problem.cost, self.dearest, problem.fixed_cost, opened, allowed, problem.least, problem.most, moves
        )
        self.tried.add(np.packbits(opened).tobytes())
        return nearest_plan(problem, opened) if value < upper else None


def changes(
    reduced: FloatArray, status: Status, chosen: NDArray[np.bool_], least: int, most: int
) -> tuple[FloatArray, FloatArray]:
    """Return by how much the sum of chosen reduced costs rises where one site is closed, or opened."""
    free = status == 0
    count = int(chosen.sum())
    inside, outside = free & chosen, free & ~chosen
    dearest = float(reduced[inside].max(initial=-math.inf))
    cheapest = float(reduced[outside].min(initial=math.inf))
    close, open_up = np.zeros(len(reduced)), np.zeros(len(reduced))
    other = cheapest if count - 1 < least or cheapest < 0.0 else 0.0
    close[inside] = np.maximum(other - reduced[inside], 0.0)
    leaving = dearest if count + 1 > most or dearest > 0.0 else 0.0
    open_up[outside] = np.maximum(reduced[outside] - leaving, 0.0)
    return close, open_up


def solve_uncapacitated(problem: LocationProblem, effort: Effort, began: float) -> Tree:
    """Return the search for the best plan of a problem with finite costs, as far as it came."""
    dearest = problem.cost.max(axis=0)
    opened = np.zeros(problem.sites, dtype=np.bool_)
    greedy(problem.cost, problem.fixed_cost, problem.least, problem.most, opened)
    small = problem.cost.size <= LARGE
    improve(
        problem.cost,
        dearest,
        problem.fixed_cost,
        opened,
        np.ones_like(opened),
        problem.least,
        problem.most,
        1000 if small else 0,
    )
    plan = nearest_plan(problem, opened)
    first, near, second = (
        np.empty(problem.markets, dtype=np.int64),
        np.empty(problem.markets),
        np.empty(problem.markets),
    )
    two_nearest(problem.cost, dearest, opened, first, near, second)
    every = np.ones(problem.sites, dtype=np.bool_)
    floor = problem.cost.min(axis=0)
    lists = PairLists.up_to(problem.cost, every, second)
    relaxation = Uncapacitated(problem, lists, dearest, floor)
    tree = Tree(relaxation, plan, problem.whole, effort, began, NODE_STEPS, EVERY)
    tree.add(*_root(tree, relaxation, near + 0.3 * (second - near)))
    tree.run()
    return tree


def _root(tree: Tree, relaxation: Uncapacitated, price: FloatArray) -> tuple[Status, Bounded]:
    """Return what is fixed and the bound of the whole problem after a long price iteration, with plans on the way."""
    problem = relaxation.problem
    status = np.zeros(problem.sites, dtype=np.int8)
    often, best = np.zeros(problem.sites), np.empty_like(price)
    theta, top = 1.5, None
    for _ in range(ROUNDS):
        lists, enough, before = relaxation.lists, tree.enough, status.copy()
        _, theta, made = uncapacitated_ascent(
            lists.start, lists.site, lists.cost, relaxation.floor, lists.limit, problem.fixed_cost, status,
            problem.least, problem.most, price, tree.plan.cost, enough, STEPS, theta, PATIENCE, 0.5, best, often,
        )  # fmt: skip
        if (status != before).any():
            tree.passed_over(enough)
        root = relaxation.at(status, best.copy(), often.copy(), made)
        if top is None or root.value > top.value:
            top = root
        better = relaxation.plan(root, status, tree.plan.cost)
        if better is not None:
            tree.plan = better
        if top.value >= tree.enough or theta < 1e-3 or made < STEPS or tree.late:
            break
        stuck = best >= lists.limit
        if stuck.any():
            cut = np.where(stuck, lists.limit + 0.5 * (lists.limit - relaxation.floor), np.maximum(lists.limit, 0.0))
            relaxation.lists = PairLists.up_to(problem.cost, np.ones(problem.sites, dtype=np.bool_), cut)
        price = best.copy()
    assert top is not None
    return status, top
