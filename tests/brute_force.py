"""The least objective of a small study by trying every yes and no, written from the rules and not from the model.

See :mod:`tests.brute` for the rules. :mod:`tests.enumeration` tries every set of buildings one by one, for studies that
have nothing but plants and flows; the two must agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting.study.schema.plan_tables import DECISIONS
from evsiting.study.study import Study
from tests.brute import energy, limits, programs, trade
from tests.brute.lines import Line, total
from tests.brute.making import Making
from tests.brute.search import Point, solve

__all__ = ["Best", "best_plan", "brute_force", "two_plans", "written"]


@dataclass(frozen=True)
class Best:
    """A plan: its objective, its tables by name, and what it was found in."""

    value: float
    tables: dict[str, pd.DataFrame]
    case: Making
    point: list[float]
    nodes: int

    @property
    def flows(self) -> dict[str, pd.DataFrame]:
        """Tables ``openings``, ``production``, ``shipments``, ``unmet``."""
        return {name: self.tables[name] for name in ("openings", "production", "shipments", "unmet")}


def brute_force(study: Study, objective: str | Mapping[str, float] = "cost") -> float | None:
    """Return the least objective over all plans; None if there is no plan.

    Parameters
    ----------
    study : Study
        Complete, and small: at most some dozens of yes and no.
    objective : str or mapping
        cost [USD], emissions and freight_emissions [tCO2e], jobs [job-years, most is best: with a minus sign], late
        [units], or weights.
    """
    best = best_plan(study, objective)
    return None if best is None else best.value


def best_plan(study: Study, objective: str | Mapping[str, float] = "cost") -> Best | None:
    """Return a plan of least objective with its tables; None if there is no plan."""
    case = written(study)
    found = solve(case.program, aim(case, objective))
    return None if found is None else _best(case, found)


def two_plans(
    study: Study, rng: np.random.Generator, aims: Sequence[str]
) -> tuple[Making, list[float], list[float]] | None:
    """Return the rules of a study, a plan that is good for one of some aims at random prices, and a cheap one.

    Plans are points; the cheap one is the cheapest of small studies. None if there is no plan.
    """
    case = written(study)
    price = aim(case, str(rng.choice(aims)))
    for k in price:
        price[k] *= float(np.exp(rng.uniform(-2.0, 2.0)))
    some = solve(case.program, price, first=True)
    if some is None:
        return None
    best = solve(case.program, case.cost, patience=200)
    return case, some.point, some.point if best is None else best.point


def written(study: Study) -> Making:
    """Return the rules of a study written down."""
    case = Making(study)
    trade.add(case)
    programs.add(case)
    energy.add(case)
    for t in case.T:
        case.pay(t, case.tonnes[t], case.figures.carbon_price(t))
    limits.add(case)
    return case


def aim(case: Making, objective: str | Mapping[str, float]) -> Line:
    """Return the expression to be minimised."""
    weights = {objective: 1.0} if isinstance(objective, str) else objective
    out = Line().plus(case.cost, weights.get("cost", 0.0))
    out.plus(total(case.emissions), weights.get("emissions", 0.0))
    out.plus(total(case.freight_emissions), weights.get("freight_emissions", 0.0))
    out.plus(total(case.jobs(t) for t in case.T), -weights.get("jobs", 0.0))
    return out.plus(case.late, weights.get("late", 0.0))


def _best(case: Making, found: Point) -> Best:
    return Best(found.value, _tables(case, found.point), case, found.point, found.nodes)


#: What the kinds of columns are called in the tables of a plan.
_NAMES = {"close": "closings", "resume": "resumptions", "make": "production", "ship": "shipments"}


def _tables(case: Making, point: list[float]) -> dict[str, pd.DataFrame]:
    """Return a point as the tables of a plan, without what is zero."""
    program, periods = case.program, case.figures.periods
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in DECISIONS}
    for key, value, size, whole in zip(program.keys, point, program.size, program.whole, strict=True):
        if value <= (0.5 if whole else 1e-8 * size):
            continue
        name = _NAMES.get(str(key[0]), str(key[0]))
        if name in (
            "owed",
            "borne",
            "held",
            "entering",
            "paid",
            "open",
            "source",
            "violation",
        ):  # what follows from the others
            continue
        if name == "way":
            rows["openings"] += [(*key[1:3], step.option, periods[step.period]) for step in key[3]]
            rows["retirements"] += [
                (*key[1:3], step.option, periods[step.period], periods[step.end])
                for step in key[3]
                if step.end is not None
            ]
            continue
        table = DECISIONS[name]
        codes = [periods[c] if k == "period" else c for k, c in zip(table.key, key[1:], strict=True)]
        rows[name].append((*codes, value) if table.value else tuple(codes))
    frames = {}
    for name, table in DECISIONS.items():
        frame = pd.DataFrame(rows[name], columns=list(table.columns))
        frames[name] = frame.astype({c: "float64" if c == table.value else "str" for c in frame})
    return frames
