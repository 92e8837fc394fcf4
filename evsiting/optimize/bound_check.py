"""The bound of a plan, recomputed from its prices and its study, without a solver.

The program is built from the study again, and the bound by weak duality (:mod:`evsiting.optimize.price_bound`).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from evsiting.errors import CertificateError, InputError, Problem, expect
from evsiting.layers import complete
from evsiting.model.build import Program, build
from evsiting.model.extensive_form import join
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.aggregation.coarse_program import coarse_program, without_lanes
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.scenario_programs import scenarios_of
from evsiting.results.case_store import runs_of_cases
from evsiting.results.front_store import read_front
from evsiting.results.plan import Plan
from evsiting.results.plan_file import PLAN_FILE
from evsiting.results.record.bound_prices import PRICES_FILE, read_prices
from evsiting.results.record.solve import Solve, Status
from evsiting.results.result_folders import CASES_FILE, FRONT_FILE, SCENARIOS_FILE
from evsiting.results.store import read_run, study_of
from evsiting.study.files.read import read_study
from evsiting.study.study import Study

__all__ = ["BoundCheck", "recompute_bound", "recompute_bounds"]

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
    over : str
        Over how many groups of places the program is that they bound; empty where it is that of the study itself.

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
    over: str = ""

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
        prices = f"the prices of {self.leaves:,} {'leaf' if self.leaves == 1 else 'leaves'}"
        prices += f" over {self.over}" if self.over else ""
        if self.fault:
            return f"The bound {self.of_prices:.10g} is not proven by {prices}: {self.fault}."
        if not self.holds:
            return f"The bound {self.of_prices:.10g} is not proven: {prices} prove {self.recomputed:.10g}."
        if self.by == "prices":
            return f"Bound recomputed from {prices}, without a solver: {self.stated:.10g}, as stated."
        rest = f"{prices} prove {self.of_prices:.10g}, the solver's own tree the rest"
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
    return _over_groups(ready, plan) if plan.solve.aggregated else _check_plan(build(ready), plan)


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
    answered: Study | None = None
    if (place / SCENARIOS_FILE).is_file():
        return _of_scenarios(place)
    if (place / CASES_FILE).is_file():
        each = {case: recompute_bounds(place / run) for case, run in runs_of_cases(place).items()}
        return {case: check["plan"] for case, check in each.items() if "plan" in check}
    if (place / PLAN_FILE).is_file():
        answered, plans["plan"] = read_run(place)
    if (place / FRONT_FILE).is_file():
        plans |= {f"point {number}": plan for number, plan in enumerate(read_front(place).plans, 1)}
    carrying = {name: plan for name, plan in plans.items() if not _carries_none(plan)}
    if not carrying:
        return {}
    study = complete(read_study(study_of(place)) if answered is None else answered)
    if any(plan.solve.aggregated for plan in carrying.values()):
        return {name: _over_groups(study, plan) for name, plan in carrying.items()}
    program = build(study)
    return {name: _check_plan(program, plan) for name, plan in carrying.items()}


def _carries_none(plan: Plan) -> bool:
    """Whether a plan neither carries prices nor states that it does."""
    return plan.prices is None and not math.isfinite(plan.solve.price_bound)


def _check_plan(program: Program, plan: Plan) -> BoundCheck:
    """Return what a plan's prices prove over the program of its study."""
    for name, ceiling in plan.solve.caps.items():
        program = program.capped(name, ceiling)
    return _recompute(program.milp, program.milp.combined(plan.solve.weights), plan.solve)


def _over_groups(study: Study, plan: Plan) -> BoundCheck:
    """Return what a plan's prices prove over groups of all places, whose lanes are priced again."""
    solve = plan.solve
    milp = coarse_program(without_lanes(study), solve.weights, solve.caps).milp
    return _recompute(milp, milp.combined(solve.weights), solve)


def _recompute(milp: Milp, objective: Objective, solve: Solve) -> BoundCheck:
    """Return what the prices of a record prove over a program."""
    stated, prices = (solve.bound, solve.bound_by, solve.price_bound), solve.prices
    if solve.aggregated:  # no tree of a solver stands behind it: all that is stated rests on the prices
        stated = (solve.bound, "prices", max(solve.bound, solve.price_bound))
    if prices is None:
        return BoundCheck(*stated, -math.inf, fault=f"the record names prices, and {PRICES_FILE} is missing")
    value, fault = price_bound(milp, objective, prices)
    return BoundCheck(*stated, value, len(prices.leaf), int(prices.empty.sum()), fault, solve.aggregated)


def _of_scenarios(folder: Path) -> dict[str, BoundCheck]:
    """Return what the prices of all scenarios of a folder together prove of their expectation."""
    file = folder / SCENARIOS_FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        runs = {str(name): folder / str(code) for name, code in content["runs"].items()}
        chances = {name: float(content["probability"][name]) for name in runs}
        solve = Solve(Status(content["status"]), str(content["objective_name"]), float(content["objective"]),
                      -math.inf if content["bound"] is None else float(content["bound"]),
                      price_bound=-math.inf if content.get("price_bound") is None else float(content["price_bound"]),
                      prices=read_prices(folder))  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError([Problem(str(file), "is damaged", repr(error), "Solve the scenarios again")]) from error
    if solve.prices is None and not math.isfinite(solve.price_bound):
        return {}
    studies = {name: complete(read_study(study_of(run))) for name, run in runs.items()}
    milp = join(scenarios_of(studies, chances)).milp
    return {"expected": _recompute(milp, milp.combined(solve.weights), solve)}
