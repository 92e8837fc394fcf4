r"""The bound of a plan, recomputed from prices and the study, without a solver.

The program is built from the study again. For any prices :math:`y` of its constraints weak duality gives

.. math:: \min_x c^\top x \ \ge\ \sum_i \min(y_i l_i,\, y_i u_i) + \sum_j \min(d_j \underline x_j,\, d_j \bar x_j),
   \qquad d = c - A^\top y

over the limits of constraints and columns, in each leaf of the tree with what the branches to it limit. Every reduced
cost is taken with the largest error that its arithmetic can have, on the side that lowers the bound [1]_ [2]_. A leaf
that is called empty must be so by a ray: prices for which the same sum with :math:`c = 0` is above zero. That no plan
lies outside of all leaves is checked as well: every node that is parted has both sides of one branch, on a sum of
integer columns.

References
----------
.. [1] A. Neumaier, O. Shcherbina, "Safe bounds in linear and mixed-integer linear programming," Mathematical
   Programming 99 (2004) 283-296.
.. [2] N. J. Higham, "Accuracy and Stability of Numerical Algorithms," 2nd ed., SIAM, 2002, section 3.1: the error of
   an inner product.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from evsiting.errors import CertificateError, InputError, Problem, expect
from evsiting.layers import complete
from evsiting.model.build import Program, build
from evsiting.model.extensive_form import join
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.dual_bound import implied_bounds, weak_duality
from evsiting.optimize.scenario_programs import scenarios_of
from evsiting.results.case_store import runs_of_cases
from evsiting.results.front_store import read_front
from evsiting.results.plan import Plan
from evsiting.results.plan_file import PLAN_FILE
from evsiting.results.record.bound_prices import PRICES_FILE, BoundPrices, read_prices
from evsiting.results.record.solve import Solve, Status
from evsiting.results.result_folders import CASES_FILE, FRONT_FILE, SCENARIOS_FILE
from evsiting.results.store import read_run, study_of
from evsiting.study.files.read import read_study
from evsiting.study.study import Study

__all__ = ["BoundCheck", "price_bound", "recompute_bound", "recompute_bounds"]

#: Distance by which a stated bound may exceed what its prices prove: a part of it, and a part of the objective's unit
#: where a bound is next to nothing. [fraction, USD, tCO2e or job-years]
TOLERANCE, LEAST = 1e-9, 1e-6


@dataclass(frozen=True)
class BoundCheck:
    """What the prices that a plan carries prove, beside what its record states.

    Parameters
    ----------
    stated : float
        Bound of the record, in the objective's unit; less is better.
    by : {"prices", "solver"}
        Who proves it, by the record.
    of_prices : float
        What the record states that the prices prove; not below the bound where they prove it.
    recomputed : float
        What no plan is below, by the prices; minus infinity where they prove nothing.
    leaves, empty : int
        Leaves of the tree, and those among them that a ray proves empty.
    fault : str
        Why the prices prove nothing; empty where they do.

    Examples
    --------
    >>> BoundCheck(99.0, "prices", 99.5, 99.5, 7, 1).holds
    True
    >>> BoundCheck(101.0, "prices", 101.0, 99.5, 7, 1).holds
    False
    """

    stated: float
    by: str
    of_prices: float
    recomputed: float
    leaves: int = 0
    empty: int = 0
    fault: str = ""

    @property
    def holds(self) -> bool:
        """Whether the prices prove what the record states of them."""
        size = max(TOLERANCE * max(abs(self.of_prices), abs(self.recomputed)), LEAST)
        return not self.fault and self.recomputed >= self.of_prices - size

    def raise_if_failed(self) -> None:
        """Raise where the prices do not prove what is stated.

        Raises
        ------
        CertificateError
            With what they prove instead.
        """
        if not self.holds:
            raise CertificateError(str(self))

    def __str__(self) -> str:
        """Return the finding in a sentence."""
        told = f"the prices of {self.leaves:,} {'leaf' if self.leaves == 1 else 'leaves'}"
        if self.fault:
            return f"The bound {self.of_prices:.10g} is not proven by {told}: {self.fault}."
        if not self.holds:
            return f"The bound {self.of_prices:.10g} is not proven: {told} prove {self.recomputed:.10g}."
        if self.by == "prices":
            return f"Bound recomputed from {told}, without a solver: {self.stated:.10g}, as stated."
        rest = f"{told} prove {self.of_prices:.10g}, the solver's own tree the rest"
        return f"Bound {self.stated:.10g}: {rest}."


def recompute_bound(study: Study, plan: Plan) -> BoundCheck | None:
    """Recompute from its prices what a plan's record states that no plan is below.

    Parameters
    ----------
    study : Study
        The one that the plan answers; missing layers are completed first.
    plan : Plan
        With the prices that the large strategy, or a linear program, left with it.

    Returns
    -------
    BoundCheck or None
        None where the plan carries no prices: its bound was proven by the solver's own tree, or with rules of the
        user's own.

    Raises
    ------
    InputError
        If the plan answers another study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.recompute_bound(study, ev.solve(study))
    >>> found.holds, found.recomputed <= found.stated
    (True, True)
    """
    expect("recompute_bound", study=(study, Study), plan=(plan, Plan))
    if _carries_none(plan):
        return None
    ready = complete(study)
    if ready.digest != plan.study_digest:
        seen = f"the plan answers {plan.study_digest[:12]}, the study is {ready.digest[:12]}"
        raise InputError([Problem("study", "is not the one that the plan answers", seen, "Give the study of the run")])
    return _checked(build(ready), plan)


def recompute_bounds(folder: str | Path) -> dict[str, BoundCheck]:
    """Recompute the bounds of a folder of results, where they carry prices: plan, points of a front, what-if cases.

    Parameters
    ----------
    folder : str or pathlib.Path
        As ``evsiting solve``, ``pareto``, ``sweep`` or :func:`evsiting.write_run` wrote it.

    Returns
    -------
    dict of str to BoundCheck
        By ``plan`` and ``point 1``, ``point 2``, ...; in a folder of what-if cases, or of scenarios solved one by one,
        by case; ``expected`` in a folder of scenarios that share what is built, where prices prove it. Plans without
        prices are left out.

    Raises
    ------
    InputError
        If files are missing or damaged.

    Examples
    --------
    >>> import tempfile
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     found = ev.recompute_bounds(ev.write_run(Path(place) / "run", study, ev.solve(study)))
    >>> found["plan"].holds
    True
    """
    place, plans = Path(folder), {}
    if (place / SCENARIOS_FILE).is_file():
        return _of_scenarios(place)
    if (place / CASES_FILE).is_file():
        each = {case: recompute_bounds(place / run) for case, run in runs_of_cases(place).items()}
        return {case: found["plan"] for case, found in each.items() if "plan" in found}
    if (place / PLAN_FILE).is_file():
        plans["plan"] = read_run(place)[1]
    if (place / FRONT_FILE).is_file():
        plans |= {f"point {number}": plan for number, plan in enumerate(read_front(place).plans, 1)}
    carrying = {name: plan for name, plan in plans.items() if not _carries_none(plan)}
    if not carrying:
        return {}
    program = build(complete(read_study(study_of(place))))
    return {name: _checked(program, plan) for name, plan in carrying.items()}


def _carries_none(plan: Plan) -> bool:
    """Whether a plan neither carries prices nor states that it does."""
    return plan.prices is None and not math.isfinite(plan.solve.price_bound)


def _checked(program: Program, plan: Plan) -> BoundCheck:
    """Return what a plan's prices prove over the program of its study."""
    for name, ceiling in plan.solve.caps.items():
        program = program.capped(name, ceiling)
    return _recomputed(program.milp, program.milp.combined(plan.solve.weights), plan.solve)


def _recomputed(milp: Milp, objective: Objective, solve: Solve) -> BoundCheck:
    """Return what the prices of a record prove over a program."""
    told, prices = (solve.bound, solve.bound_by, solve.price_bound), solve.prices
    if prices is None:
        return BoundCheck(*told, -math.inf, fault=f"the record names prices, and {PRICES_FILE} is missing")
    value, fault = price_bound(milp, objective, prices)
    return BoundCheck(*told, value, len(prices.leaf), int(prices.empty.sum()), fault)


def _of_scenarios(folder: Path) -> dict[str, BoundCheck]:
    """Return what the prices of all scenarios of a folder together prove of their expectation."""
    file = folder / SCENARIOS_FILE
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        runs = {str(name): folder / str(code) for name, code in held["runs"].items()}
        chances = {name: float(held["probability"][name]) for name in runs}
        solve = Solve(Status(held["status"]), str(held["objective_name"]), float(held["objective"]),
                      -math.inf if held["bound"] is None else float(held["bound"]),
                      price_bound=-math.inf if held.get("price_bound") is None else float(held["price_bound"]),
                      prices=read_prices(folder))  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError([Problem(str(file), "is damaged", repr(error), "Solve the scenarios again")]) from error
    if solve.prices is None and not math.isfinite(solve.price_bound):
        return {}
    studies = {name: complete(read_study(study_of(run))) for name, run in runs.items()}
    milp = join(scenarios_of(studies, chances)).milp
    return {"expected": _recomputed(milp, milp.combined(solve.weights), solve)}


def price_bound(milp: Milp, objective: Objective, prices: BoundPrices) -> tuple[float, str]:
    """Return what no point of a program is below, and why prices prove nothing where they do not.

    Parameters
    ----------
    milp, objective
        What is minimised.
    prices : BoundPrices
        Of its constraints, in every leaf of a tree.

    Returns
    -------
    bound : float
        In the objective's real unit; infinite where every leaf is empty, minus infinity where nothing is proven.
    fault : str
        Empty where the prices are a proof.
    """
    if fault := _unfit(milp, prices) or open_branches(prices):
        return -math.inf, fault
    tree = _Tree(milp, prices)
    least = math.inf
    for number, node in enumerate(prices.leaf.tolist()):
        nothing = bool(prices.empty[number])
        cost = np.zeros(milp.shape[1]) if nothing else objective.coefficients
        value = tree.value(cost, prices.prices(number), node)
        if nothing and not value > 0.0:
            return -math.inf, f"leaf {number + 1} of {len(prices.leaf)} is called empty, and its ray does not prove it"
        least = least if nothing else min(least, value)
    return objective.real(least), "" if least > -math.inf else "the prices bound nothing"


def _unfit(milp: Milp, prices: BoundPrices) -> str:
    """Return why prices are not those of a program; nothing where they may be."""
    rows, columns, _ = milp.shape
    if prices.constraints != rows:
        return f"prices of {prices.constraints:,} constraints; the program of this study has {rows:,}"
    if len(prices.member) and prices.member.max() >= columns:
        return f"a branch on column {int(prices.member.max())}; the program of this study has {columns:,}"
    if not milp.integer[prices.member].all():
        return "a branch on the sum of columns that need not be integers"
    return ""


def open_branches(prices: BoundPrices) -> str:
    """Return why leaves do not cover everything; nothing where they do."""
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(prices.parent.tolist()[1:], 1):
        children.setdefault(parent, []).append(node)
    leaves = prices.leaf.tolist()
    if len(set(leaves)) != len(leaves):
        return "a leaf is listed twice"
    ends = set(range(len(prices.parent))) - set(children)
    if ends != set(leaves):
        return f"{len(ends - set(leaves))} ends of the tree have no prices, {len(set(leaves) - ends)} leaves are parted"
    for node, both in children.items():
        split = {(int(prices.group[k]), int(prices.threshold[k])) for k in both}
        if len(both) != 2 or len(split) != 1 or sorted(prices.side[both].tolist()) != [0, 1]:
            return f"node {node} is not parted into the two sides of one branch"
    return ""


class _Tree:
    """A program with a constraint for each group, and the arithmetic of the bound over it."""

    def __init__(self, milp: Milp, prices: BoundPrices) -> None:
        self.prices, self.rows = prices, milp.shape[0]
        sizes = np.diff(prices.member_start)
        entries = np.ones(len(prices.member)), prices.member, prices.member_start
        groups = sparse.csr_array(entries, shape=(prices.groups, milp.shape[1]))
        self.matrix = sparse.csr_array(sparse.vstack([milp.matrix, groups]))
        self.size = abs(self.matrix)
        self.single = sizes == 1
        self.low, self.high = implied_bounds(milp)
        free = np.full(prices.groups, math.inf)
        self.row_low = np.concatenate([milp.row_lower, -free])
        self.row_high = np.concatenate([milp.row_upper, free])

    def limits(self, node: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the limits of columns and constraints in a node: those of all branches that lead to it."""
        low, high, row_low, row_high = (x.copy() for x in (self.low, self.high, self.row_low, self.row_high))
        tree = self.prices
        while tree.parent[node] >= 0:
            group, edge = int(tree.group[node]), float(tree.threshold[node])
            at = int(tree.member[tree.member_start[group]]) if self.single[group] else self.rows + group
            lower, upper = (low, high) if self.single[group] else (row_low, row_high)
            if tree.side[node]:
                lower[at] = max(lower[at], edge + 1.0)
            else:
                upper[at] = min(upper[at], edge)
            node = int(tree.parent[node])
        return low, high, row_low, row_high

    def value(self, cost: FloatArray, prices: FloatArray, node: int) -> float:
        """Return what no point of a node is below, rounded down; in the scaled unit, without the constant."""
        low, high, row_low, row_high = self.limits(node)
        return weak_duality(cost, self.matrix, self.size, prices, (low, high), (row_low, row_high))
