"""Checks of total supply: demand above the most that can be made and bought is reported before any solver starts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.study.buildable import buildable, running
from evsiting.study.findings import Findings
from evsiting.study.horizon import may_open, ramp, running_share, usable_share
from evsiting.study.recipes import inputs_by_plant_type, is_passed_on

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Reach:
    """The most that can be made and bought in one period, and what making takes.

    Whatever a plan decides, it cannot do more: in a period each place is given the largest option that may stand there
    by then, ramped up as far as it can be; staff, power, gateways, commitments and limits, which can only lower what is
    possible, are left out.

    Parameters
    ----------
    capacity : mapping of str to float
        Most that all plants of a type can hold, standing and new. [units/yr]
    use : mapping of (str, str) to float
        Capacity that one good unit of a product takes in a plant of a type.
    bought : mapping of str to float
        Most that suppliers sell of a product; infinite where one has no limit, or it may come as a by-product.
        [units/yr]
    inputs : mapping of (str, str) to mapping
        Units of each input in one unit of a product that a plant of a type begins.
    good_share : mapping of (str, str) to float
        Good units per unit begun, by plant type and product.
    """

    capacity: Mapping[str, float]
    use: Mapping[tuple[str, str], float]
    bought: Mapping[str, float]
    inputs: Mapping[tuple[str, str], Mapping[str, float]]
    good_share: Mapping[tuple[str, str], float]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> dict[str, Reach]:
        """Return the reach of checked tables in each period, in order of time."""
        processes = tables["processes"]
        processes = processes[~is_passed_on(processes)]  # what is passed on is no more for it
        use, good = (
            {(str(k), str(p)): float(v) for k, p, v in processes[["plant_type", "product", c]].itertuples(index=False)}
            for c in ("capacity_use", "good_share")
        )
        bought: dict[str, float] = {}
        if "suppliers" in tables:
            for product, sells in tables["suppliers"].groupby("product")["capacity_units_per_yr"]:
                bought[str(product)] = math.inf if sells.isna().any() else float(sells.sum())
        if "by_products" in tables:  # as much as there is of what it comes with: no plan is refused for want of it
            bought |= {str(product): math.inf for product in tables["by_products"]["by_product"]}
        inputs: dict[tuple[str, str], dict[str, float]] = {}
        if "bill_of_materials" in tables:
            lines = inputs_by_plant_type(processes, tables["bill_of_materials"])
            for kind, product, used, units in lines.itertuples(index=False, name=None):
                inputs.setdefault((str(kind), str(product)), {})[str(used)] = float(units)
        periods = tables["periods"].sort_values("start_year")
        capacity = {str(kind): np.zeros(len(periods)) for kind in tables["processes"]["plant_type"].unique()}
        spans = list(zip(periods["start_year"].astype(int), periods["years"].astype(int), strict=True))
        for kind, most in (*_new(tables, spans), *_standing(tables, spans)):
            capacity[kind] = capacity[kind] + most
        return {
            str(period): cls({k: float(v[t]) for k, v in capacity.items()}, use, bought, inputs, good)
            for t, period in enumerate(periods["period"])
        }

    def needs(self, product: str, used: str, good: float) -> float:
        """Return the fewest units of an input for some good units: the plants that use least make all they can."""
        each = {
            kind: self.inputs.get((kind, product), {}).get(used, 0.0) / self.good_share[kind, product]
            for kind in self.makers(product)
        }
        total = 0.0
        for kind in sorted(each, key=lambda k: each[k]):
            part = min(good, self.capacity[kind] / self.use[kind, product])
            total += part * each[kind]
            good -= part
        return total

    def parts(self) -> dict[str, list[str]]:
        """Return what goes into each product in a plant of any type."""
        out: dict[str, list[str]] = {}
        for (_, product), used in self.inputs.items():
            out[product] = list(dict.fromkeys([*out.get(product, ()), *used]))
        return out

    def makers(self, product: str) -> list[str]:
        """Return the plant types that make a product and of which there is or can be one."""
        return [k for (k, p) in self.use if p == product and self.capacity.get(k, 0.0) > 0]

    def makeable(self, product: str) -> float:
        """Return the most of a product that plants can make if they make nothing else. [units/yr]"""
        return sum(self.capacity[k] / self.use[k, product] for k in self.makers(product))


def _new(tables: Mapping[str, pd.DataFrame], spans: list[tuple[int, int]]) -> Iterator[tuple[str, FloatArray]]:
    """Yield for each place the plant type and the most that may have been built there by each period."""
    sizes = _sizes(tables["options"], spans)
    best: dict[tuple[str, str], FloatArray] = {}
    for site, kind, option in buildable(tables):
        best[site, kind] = np.maximum(best.get((site, kind), 0.0), sizes[kind, option])
    for (_, kind), most in best.items():
        yield kind, most


def _sizes(options: pd.DataFrame, spans: list[tuple[int, int]]) -> dict[tuple[str, str], FloatArray]:
    r"""Return the most capacity of a plant that has grown to an option, by period; the partner's part left out.

    A step of depth d can be built in the period d at the earliest (with the one before it where it may be made at
    once), and not before its lead time is over. With the
    steps 0 ... n up to the option, each adding :math:`q_d` that is ramped up by :math:`u_d(\tau, t)` when built in
    :math:`\tau`, it is at most

    .. math:: \sum_{d=0}^{n} q_d \max_{d \le \tau \le t} u_d(\tau, t) \qquad (t \ge n)

    which is the capacity itself where none of the steps has to ramp up.
    """
    rows: dict[tuple[str, str], Any] = {(str(row.plant_type), str(row.option)): row for row in options.itertuples()}
    own = {key: float(row.capacity_units_per_yr * (1.0 - row.partner_output_share)) for key, row in rows.items()}
    capacities: dict[tuple[str, str], FloatArray] = {}
    for key, row in rows.items():
        chain: list[Any] = [row]
        while isinstance(chain[0].expands, str):
            chain.insert(0, rows[key[0], chain[0].expands])
        total, before, first = np.zeros(len(spans)), 0.0, -1
        for step in chain:
            size = own[key[0], str(step.option)]
            opens = np.flatnonzero(may_open(getattr(step, "lead_years", None), [start for start, _ in spans]))
            first = max(first, 0) if _at_once(step) else first + 1
            first = max([first, *opens[:1].tolist()]) if len(opens) else len(spans)
            total += (size - before) * _ramped_shares(ramp(step.ramp_up), first, spans)
            before = size
        total[:first] = 0.0
        capacities[key] = total
    return capacities


def _at_once(option: Any) -> bool:
    """Whether an expansion may be made in the period in which what it expands is built."""
    flag = getattr(option, "at_once", None)
    return isinstance(option.expands, str) and flag is not None and float(flag) > 0.5


def _ramped_shares(curve: tuple[float, ...], first: int, spans: list[tuple[int, int]]) -> FloatArray:
    """Return the most of its capacity that can be used in each period of what is built in the period first or later."""
    if not curve:
        return np.array([float(t >= first) for t in range(len(spans))])
    return np.array(
        [
            max((usable_share(curve, spans[built][0], *spans[t]) for built in range(first, t + 1)), default=0.0)
            for t in range(len(spans))
        ]
    )


def _standing(tables: Mapping[str, pd.DataFrame], spans: list[tuple[int, int]]) -> Iterator[tuple[str, FloatArray]]:
    """Yield for each plant that runs, or may be resumed, its type and capacity by period."""
    if "plants" not in tables:
        return
    plants: list[Any] = list(tables["plants"][running(tables["plants"])].itertuples())
    for plant in plants:
        share = [running_share(plant.first_year, plant.last_year, start, years) for start, years in spans]
        yield str(plant.plant_type), plant.capacity_units_per_yr * np.array(share)


def check_supply(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Note demand that must be served and that no choice of sites and options can serve.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables without any problem.
    findings : Findings
        Where problems go.
    """
    demand = tables["demand"]
    must = demand[demand["unmet_penalty_usd_per_unit"].isna() & (demand["units_per_yr"] > 0)]
    reported: set[str] = set()
    for period, reach in Reach.of(tables).items():
        now = must[must["period"].isna() | (must["period"] == period)]
        wanted = {str(p): float(v) for p, v in now.groupby("product")["units_per_yr"].sum().items()}
        made = _must_make(wanted, reach)
        for product, (need, amount) in made.items():
            if product not in reported and _note_shortage(
                product, period, need, amount, wanted, reach, tables, findings
            ):
                reported.add(product)
        _warn_shared(
            period, {p: amount for p, (_, amount) in made.items() if p not in reported}, reach, reported, findings
        )


def _must_make(wanted: Mapping[str, float], reach: Reach) -> dict[str, tuple[float, float]]:
    """Return what is needed of each product, and what of it must be made because no supplier can sell it. [units/yr]"""
    parts = reach.parts()
    order = _order(parts, wanted)
    need: dict[str, float] = dict(wanted)
    made: dict[str, tuple[float, float]] = {}
    for product in order:
        amount = max(0.0, need.get(product, 0.0) - reach.bought.get(product, 0.0))
        if need.get(product, 0.0) > 0:
            made[product] = (need[product], amount)
        can = min(amount, reach.makeable(product))  # what cannot be made needs no inputs: one cause, one problem
        for used in parts.get(product, ()):
            need[used] = need.get(used, 0.0) + reach.needs(product, used, can)
    return made


def _order(inputs: Mapping[str, Sequence[str]], wanted: Mapping[str, float]) -> list[str]:
    """Return the products so that each stands before what goes into it."""
    every = dict.fromkeys([*wanted, *inputs, *(u for used in inputs.values() for u in used)])
    users = dict.fromkeys(every, 0)
    for used in inputs.values():
        for name in used:
            users[name] += 1
    ready = [p for p, n in users.items() if not n]
    order = []
    while ready:
        product = ready.pop()
        order.append(product)
        for name in inputs.get(product, ()):
            users[name] -= 1
            if not users[name]:
                ready.append(name)
    return order


def _note_shortage(
    product: str,
    period: str,
    need: float,
    amount: float,
    wanted: Mapping[str, float],
    reach: Reach,
    tables: Mapping[str, pd.DataFrame],
    findings: Findings,
) -> bool:
    """Note that a product cannot be had, or not in that amount; return whether it was noted."""
    where = findings.where("demand", "units_per_yr")
    most = reach.makeable(product)
    if amount <= most * (1.0 + 1e-9):
        return False
    why = _reason(product, wanted)
    if not reach.makers(product) and product not in reach.bought:
        kinds = [k for k, p in reach.use if p == product]
        lacks = f"; plant type {kinds[0]!r} has no option, no plant and no open site" if kinds else ""
        findings.study(
            where,
            f"nothing makes or sells {product!r}{why}",
            f"{need:,.0f} units a year wanted in {period!r}{lacks}",
            f"Give a plant type that makes it ({findings.where('processes')} and {findings.where('options')}), "
            "or a supplier, or an unmet_penalty",
            infeasible=True,
        )
        return True
    bought = reach.bought.get(product, 0.0)
    parts = " + ".join(
        [f"{reach.capacity[k] / reach.use[k, product]:,.0f} from {k} plants" for k in reach.makers(product)]
        + [f"{bought:,.0f} from suppliers"]
    )
    findings.study(
        where,
        f"no plan can serve the demand in {period!r}: {need:,.0f} units of {product!r} are needed a year{why}, "
        f"{most + bought:,.0f} is the most that can be made and bought",
        parts,
        "Give larger options, more sites or a supplier, or an unmet_penalty for demand that may go unserved",
        infeasible=True,
    )
    return True


def _reason(product: str, wanted: Mapping[str, float]) -> str:
    return "" if product in wanted else f", which goes into {' and '.join(repr(w) for w in list(wanted)[:2])}"


def _warn_shared(period: str, made: Mapping[str, float], reach: Reach, reported: set[str], findings: Findings) -> None:
    """Note plant types that cannot make all of the products that only they make."""
    for kind, room in reach.capacity.items():
        only = [p for p, amount in made.items() if amount > 0 and reach.makers(p) == [kind]]
        needed = sum(made[p] * reach.use[kind, p] for p in only)
        if len(only) > 1 and needed > room * (1.0 + 1e-9) and kind not in reported:
            reported.add(kind)
            parts = " + ".join(f"{made[p] * reach.use[kind, p]:,.0f} for {p}" for p in only)
            findings.study(
                findings.where("demand", "units_per_yr"),
                f"no plan can serve the demand in {period!r}: {kind!r} plants would need a capacity of {needed:,.0f}, "
                f"{room:,.0f} is the most that can be built and stands",
                parts,
                "Give larger options, more sites or a supplier, or an unmet_penalty for demand that may go unserved",
                infeasible=True,
            )
