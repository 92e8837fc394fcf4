r"""Allocate every line of the cost ledger to the units made or shipped, and along the supply chain.

A line is borne by the units that it is paid for: by the shipment or the production that it names; what a plant costs
whatever it makes, by its products as they use its capacity, and an investment by all units from then on, each alike at
its present value. What a site pays for its power as a whole is borne as its plants use power. A plant that makes
nothing in a period hands its costs of the period to its other units. Inputs bring their cost with them:

.. math:: c_{ip} = \frac{direct_{ip} + \sum_a use_{iap}\,\bar c_{ia}}{make_{ip}}, \qquad
   \bar c_{ia} = \frac{\sum_{l \in in(i,a)} ship_l\,(c_{o(l)a} + direct_l)}{\sum_{l \in in(i,a)} ship_l}

with :math:`c` of a supplier's goods zero: what it is paid is direct cost of the shipment.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.results.analysis.cash_flow import timing
from evsiting.results.cache import cached_per_plan
from evsiting.results.ledgers.plan_rows import PlanRows, facts_of
from evsiting.results.plan import PENALTIES, Plan
from evsiting.study.recipes import inputs_by_plant_type, is_passed_on
from evsiting.study.study import Study

__all__ = ["Allotment", "allotment"]

_MAKING = ["site", "plant_type", "product", "period"]
_Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Allotment:
    """The cost ledger of a plan as borne by units.

    Parameters
    ----------
    items : tuple of str
        Items of the ledger; the columns of the matrices.
    made : pandas.DataFrame
        One row a site, product and period in which it makes some: ``units_per_yr``, ``present_units``.
    made_usd : numpy.ndarray, shape (M, I)
        What they cost at the gate, inputs with all that was spent on them. [USD, present value]
    shipped : pandas.DataFrame
        Rows of ``plan.shipments`` with ``present_units``.
    shipped_usd : numpy.ndarray, shape (L, I)
        What they cost where they arrive. [USD, present value]
    left : pandas.DataFrame
        Lines that no unit bears, with ``reason``: demand that is not served, and places that never make anything.
    """

    items: tuple[str, ...]
    made: pd.DataFrame
    made_usd: _Matrix
    shipped: pd.DataFrame
    shipped_usd: _Matrix
    left: pd.DataFrame


@cached_per_plan
def allotment(study: Study, plan: Plan) -> Allotment:
    """Return who bears the cost of a plan.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    Allotment
        What reaches markets and what is left over add up to the total of the cost ledger.
    """
    facts = facts_of(study, plan)
    cost = plan.ledgers["cost"].reset_index(drop=True).assign(line=lambda rows: np.arange(len(rows)))
    items = tuple(dict.fromkeys(cost["item"]))
    cost["at"] = pd.Index(items).get_indexer(pd.Index(cost["item"])) if items else 0
    cost["when"] = timing(study, cost)
    present = facts.weights.set_index("period")["present"]
    shipped = plan.shipments.assign(row=np.arange(len(plan.shipments)))
    shipped["present_units"] = shipped["units_per_yr"] * shipped["period"].map(present).astype(np.float64)
    production = _production_rows(facts)

    direct_ship, rest = _to_shipments(study, cost[~cost["item"].isin(PENALTIES)], shipped, len(items))
    direct_make, rest = _share_to_production(rest, production, len(items), list(facts.horizon.periods))
    unmet = cost[cost["item"].isin(PENALTIES)]
    why = {"unmet": "demand that is not served", "broken limits": "limits that are broken"}
    unmet = unmet.assign(reason=unmet["item"].map(why))
    left = pd.concat([unmet, rest.assign(reason="place that makes nothing")], ignore_index=True)

    node = production.groupby(["site", "product", "period"], as_index=False)[["units_per_yr", "present_units"]].sum()
    number = pd.MultiIndex.from_frame(node[["site", "product", "period"]])
    made_usd = np.zeros((len(node), len(items)))
    np.add.at(
        made_usd, number.get_indexer(pd.MultiIndex.from_frame(production[["site", "product", "period"]])), direct_make
    )
    _follow(study, production, number, made_usd, shipped, direct_ship)
    columns = [*plan.ledgers["cost"].columns, "reason"]
    return Allotment(items, node, made_usd, shipped.drop(columns="row"), direct_ship, left.reindex(columns=columns))


def _production_rows(facts: PlanRows) -> pd.DataFrame:
    """Return production with what it takes of capacity and power, present-weighted, and what it uses of inputs."""
    rows = facts.made[facts.made["units_per_yr"] > 0.0].reset_index(drop=True)
    rows["present_units"] = rows["units_per_yr"] * rows["present"]
    rows["load"] = rows["present_units"] * rows["capacity_use"]
    rows["kwh"] = rows["present_units"] * rows["electricity_kwh_per_unit"]
    rows["begun"] = rows["units_per_yr"] / rows["good_share"]
    columns = [*_MAKING, "start", "units_per_yr", "present_units", "load", "kwh", "begun"]
    return rows[columns].assign(row=np.arange(len(rows)))


def _to_shipments(study: Study, lines: pd.DataFrame, shipped: pd.DataFrame, count: int) -> tuple[_Matrix, pd.DataFrame]:
    """Return what each shipment bears directly, and the lines that are not of shipments.

    Lines that name a mode are of one lane. Others that name a country of destination, such as duty that is relieved,
    are of all units of the product that go there from the place, alike.
    """
    out = np.zeros((len(shipped), count))
    ends = pd.concat(
        [
            study.sites[["site", "country"]].rename(columns={"site": "destination"}),
            study.markets[["market", "country"]].rename(columns={"market": "destination"}),
        ]
    )
    ships = shipped.merge(pd.DataFrame(ends), on="destination", how="left").rename(columns={"origin": "site"})
    ships = ships.rename(columns={"country": "to"})
    keys = [["product", "site", "destination", "mode", "period"]]
    rest = _share(out, lines, ships, keys, "present_units")
    by_country = ships.drop(columns="destination").rename(columns={"to": "destination"})
    return out, _share(out, rest, by_country, [["product", "site", "destination", "period"]], "present_units")


def _share_to_production(
    lines: pd.DataFrame, production: pd.DataFrame, count: int, periods: list[str]
) -> tuple[_Matrix, pd.DataFrame]:
    """Return what each row of production bears directly, and the lines of places that never make anything."""
    out = np.zeros((len(production), count))
    order = {p: n for n, p in enumerate(periods)}
    whole = (lines["plant_type"] == "") & (lines["product"] == "")
    for own, weight, place in ((lines[~whole], "load", ["site", "plant_type"]), (lines[whole], "kwh", ["site"])):
        yearly = own[own["when"] == "yearly"]
        once = own[own["when"] != "yearly"]
        since = once.assign(since=once["period"].map(order).fillna(0).astype(int)).drop(columns="period")
        later = production.assign(rank=production["period"].map(order).astype(int))
        keys = [_MAKING, ["site", "product", "period"], [*place, "period"]]
        rest = _share(out, yearly, production, keys if weight == "load" else keys[2:], weight)
        left = []
        for rank, group in since.groupby("since"):
            left.append(_share(out, group, later[later["rank"] >= rank], [place], weight))
        rest = pd.concat([rest, *left]).drop(columns="since", errors="ignore")
        rest["period"] = rest["line"].map(lines.set_index("line")["period"])
        rest = _share(out, _share(out, rest, production, [place], weight), production, [place], "load")
        lines = lines[~lines["line"].isin(own["line"]) | lines["line"].isin(rest["line"])]
    return out, lines


def _share(
    out: _Matrix, lines: pd.DataFrame, bearers: pd.DataFrame, keys: list[list[str]], weight: str
) -> pd.DataFrame:
    """Share lines among bearers of the same key in proportion to a weight; return the lines that find none."""
    for key in keys:
        if lines.empty or bearers.empty:
            return lines
        matches = lines[[*key, "line", "at", "value"]].merge(bearers[[*key, "row", weight]], on=key)
        whole = matches.groupby("line")[weight].transform("sum")
        matches, whole = matches[whole > 0], whole[whole > 0]
        part = (matches["value"] * matches[weight] / whole).to_numpy(np.float64)
        np.add.at(out, (matches["row"].to_numpy(), matches["at"].to_numpy()), part)
        lines = lines[~lines["line"].isin(matches["line"])]
    return lines


def _follow(
    study: Study, production: pd.DataFrame, number: pd.MultiIndex, made: _Matrix, shipped: pd.DataFrame, ships: _Matrix
) -> None:
    """Hand the cost of inputs on to what is made of them, product by product along the chain."""
    bom, processes = study.bill_of_materials, study.processes
    graph = {str(p): set(bom.loc[bom["product"] == p, "input"].astype(str)) for p in study.products["product"]}
    recipes = inputs_by_plant_type(processes, bom).assign(step=0.0)
    passed = processes[is_passed_on(processes)]
    if len(passed):
        same = {"input": passed["product"], "units_per_unit": 1.0, "step": passed["pass_through_step"]}
        recipes = pd.concat([recipes, passed[["plant_type", "product"]].assign(**same)], ignore_index=True)
    uses = production.merge(recipes, on=["plant_type", "product"])
    uses["used"] = uses["begun"] * uses["units_per_unit"]
    uses["to"] = number.get_indexer(pd.MultiIndex.from_frame(uses[["site", "product", "period"]]))
    uses["part"] = uses["used"] / uses.groupby(["site", "input", "period"])["used"].transform("sum")
    step = np.zeros(len(made) + 1)
    np.maximum.at(step, uses["to"].to_numpy(), uses["step"].to_numpy(np.float64))
    from_node = number.get_indexer(pd.MultiIndex.from_frame(shipped[["origin", "product", "period"]]))
    sent = shipped["units_per_yr"].to_numpy(np.float64)
    all_sent = np.zeros(len(made))
    np.add.at(all_sent, from_node[from_node >= 0], sent[from_node >= 0])
    arriving = pd.MultiIndex.from_frame(shipped[["destination", "product", "period"]])
    # Inputs first; of one product first what makes it, then what passes it on, step by step.
    for product, level in ((p, s) for p in TopologicalSorter(graph).static_order() for s in sorted(set(step.tolist()))):
        mine = uses[(uses["product"] == product) & (uses["step"] == level)]
        pools = pd.MultiIndex.from_frame(mine[["site", "input", "period"]])
        keys = pools.unique()
        pool = np.zeros((len(keys), made.shape[1]))
        at = keys.get_indexer(arriving) if len(keys) else np.full(len(shipped), -1)
        np.add.at(pool, at[at >= 0], ships[at >= 0])
        if len(mine):
            np.add.at(made, mine["to"].to_numpy(), mine["part"].to_numpy()[:, None] * pool[keys.get_indexer(pools)])
        leaving = (shipped["product"] == product).to_numpy() & (from_node >= 0) & (step[from_node] == level)
        node = from_node[leaving]
        ships[leaving] += made[node] * (sent[leaving] / all_sent[node])[:, None]
