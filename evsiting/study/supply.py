"""Demand against the most that can be made and bought: what no plan can serve is told before any solver starts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evsiting.study.findings import Findings


@dataclass(frozen=True)
class Reach:
    """The most that can be made and bought.

    Parameters
    ----------
    capacity : mapping of str to float
        Most that all plants of a type can hold, standing and new: the largest option at each site that allows it.
        [units/yr]
    use : mapping of (str, str) to float
        Capacity that one unit of a product takes in a plant of a type.
    bought : mapping of str to float
        Most that suppliers sell of a product; infinite where one has no limit. [units/yr]
    inputs : mapping of str to mapping
        Units of each input in one unit of a product.
    """

    capacity: Mapping[str, float]
    use: Mapping[tuple[str, str], float]
    bought: Mapping[str, float]
    inputs: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> Reach:
        """Return the reach of checked tables."""
        processes = tables["processes"]
        types = [str(k) for k in processes["plant_type"].unique()]
        best = tables["options"].groupby("plant_type")["capacity_units_per_yr"].max()
        open_sites = tables["sites"][tables["sites"]["role"] != "existing"]
        limits = open_sites["plant_types"].dropna().str.split(";").explode().str.strip()
        limits = limits[limits != ""]
        free = len(open_sites) - limits.index.nunique()
        named = limits.groupby(level=0).unique().explode().value_counts()
        capacity = {k: float(best.get(k, 0.0)) * (free + int(named.get(k, 0))) for k in types}
        if "plants" in tables:
            standing = tables["plants"][tables["plants"]["status"] != "closed"]
            for kind, size in standing.groupby("plant_type")["capacity_units_per_yr"].sum().items():
                capacity[str(kind)] = capacity.get(str(kind), 0.0) + float(size)
        use = {
            (str(k), str(p)): float(u)
            for k, p, u in processes[["plant_type", "product", "capacity_use"]].itertuples(index=False)
        }
        bought: dict[str, float] = {}
        if "suppliers" in tables:
            for product, sells in tables["suppliers"].groupby("product")["capacity_units_per_yr"]:
                bought[str(product)] = math.inf if sells.isna().any() else float(sells.sum())
        inputs: dict[str, dict[str, float]] = {}
        if "bill_of_materials" in tables:
            lines = tables["bill_of_materials"][["product", "input", "units_per_unit"]]
            for product, used, units in lines.itertuples(index=False, name=None):
                inputs.setdefault(str(product), {})[str(used)] = float(units)
        return cls(capacity, use, bought, inputs)

    def makers(self, product: str) -> list[str]:
        """Return the plant types that make a product and of which there is or can be one."""
        return [k for (k, p) in self.use if p == product and self.capacity.get(k, 0.0) > 0]

    def makeable(self, product: str) -> float:
        """Return the most of a product that plants can make if they make nothing else. [units/yr]"""
        return sum(self.capacity[k] / self.use[k, product] for k in self.makers(product))


def check_supply(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Note demand that must be served and that no choice of sites and options can serve.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables without any problem.
    found : Findings
        Where problems go.
    """
    reach = Reach.of(tables)
    demand = tables["demand"]
    must = demand[demand["unmet_penalty_usd_per_unit"].isna() & (demand["units_per_yr"] > 0)]
    told: set[str] = set()
    for period in tables["periods"].sort_values("start_year")["period"]:
        now = must[must["period"].isna() | (must["period"] == period)]
        wanted = {str(p): float(v) for p, v in now.groupby("product")["units_per_yr"].sum().items()}
        made = _must_make(wanted, reach)
        for product, (need, amount) in made.items():
            if product not in told and _tell(product, str(period), need, amount, wanted, reach, tables, found):
                told.add(product)
        _tell_shared(str(period), {p: amount for p, (_, amount) in made.items() if p not in told}, reach, told, found)


def _must_make(wanted: Mapping[str, float], reach: Reach) -> dict[str, tuple[float, float]]:
    """Return what is needed of each product, and what of it must be made because no supplier can sell it. [units/yr]"""
    order = _order(reach.inputs, wanted)
    need: dict[str, float] = dict(wanted)
    made: dict[str, tuple[float, float]] = {}
    for product in order:
        amount = max(0.0, need.get(product, 0.0) - reach.bought.get(product, 0.0))
        if need.get(product, 0.0) > 0:
            made[product] = (need[product], amount)
        can = min(amount, reach.makeable(product))  # what cannot be made needs no inputs: one cause, one problem
        for used, units in reach.inputs.get(product, {}).items():
            need[used] = need.get(used, 0.0) + units * can
    return made


def _order(inputs: Mapping[str, Mapping[str, float]], wanted: Mapping[str, float]) -> list[str]:
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
        for name in inputs.get(product, {}):
            users[name] -= 1
            if not users[name]:
                ready.append(name)
    return order


def _tell(
    product: str,
    period: str,
    need: float,
    amount: float,
    wanted: Mapping[str, float],
    reach: Reach,
    tables: Mapping[str, pd.DataFrame],
    found: Findings,
) -> bool:
    """Note that a product cannot be had, or not in that amount; return whether it was noted."""
    where = found.where("demand", "units_per_yr")
    most = reach.makeable(product)
    if amount <= most * (1.0 + 1e-9):
        return False
    why = _why(product, wanted)
    if not reach.makers(product) and product not in reach.bought:
        kinds = [k for k, p in reach.use if p == product]
        lacks = f"; plant type {kinds[0]!r} has no option, no plant and no open site" if kinds else ""
        found.study(
            where,
            f"nothing makes or sells {product!r}{why}",
            f"{need:,.0f} units a year wanted in {period!r}{lacks}",
            f"Give a plant type that makes it ({found.where('processes')} and {found.where('options')}), "
            "or a supplier, or an unmet_penalty",
        )
        return True
    bought = reach.bought.get(product, 0.0)
    parts = " + ".join(
        [f"{reach.capacity[k] / reach.use[k, product]:,.0f} from {k} plants" for k in reach.makers(product)]
        + [f"{bought:,.0f} from suppliers"]
    )
    found.study(
        where,
        f"no plan can serve the demand in {period!r}: {need:,.0f} units of {product!r} are needed a year{why}, "
        f"{most + bought:,.0f} is the most that can be made and bought",
        parts,
        "Give larger options, more sites or a supplier, or an unmet_penalty for demand that may go unserved",
    )
    return True


def _why(product: str, wanted: Mapping[str, float]) -> str:
    return "" if product in wanted else f", which goes into {' and '.join(repr(w) for w in list(wanted)[:2])}"


def _tell_shared(period: str, made: Mapping[str, float], reach: Reach, told: set[str], found: Findings) -> None:
    """Note plant types that cannot make all of the products that only they make."""
    for kind, room in reach.capacity.items():
        only = [p for p, amount in made.items() if amount > 0 and reach.makers(p) == [kind]]
        needed = sum(made[p] * reach.use[kind, p] for p in only)
        if len(only) > 1 and needed > room * (1.0 + 1e-9) and kind not in told:
            told.add(kind)
            parts = " + ".join(f"{made[p] * reach.use[kind, p]:,.0f} for {p}" for p in only)
            found.study(
                found.where("demand", "units_per_yr"),
                f"no plan can serve the demand in {period!r}: {kind!r} plants would need a capacity of {needed:,.0f}, "
                f"{room:,.0f} is the most that can be built and stands",
                parts,
                "Give larger options, more sites or a supplier, or an unmet_penalty for demand that may go unserved",
            )
