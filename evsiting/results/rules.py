"""The rules that a plan must keep, each checked from the study's tables and from nothing else.

Every function returns rows with what was found and what the rule allows; :mod:`evsiting.results.certificate`
turns them into checks. A row's violation is measured against the row's own size, though never against less
than one unit or a thousandth of the largest row of its product, since a solver's arithmetic is exact to a
part of the large flows and not of the small ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from evsiting.results.ledgers import STANDING, demand_by_period
from evsiting.results.plan import Plan
from evsiting.study.study import Study

#: Columns of the rows that rules return: where, found, allowed, by how much it is broken (relative), what
#: that means.
ROW_COLUMNS = ("where", "found", "allowed", "broken", "seen")
PLACE = ["site", "plant_type"]
LANE = ["product", "origin", "destination", "mode"]


@dataclass(frozen=True)
class Case:
    """A study and a plan side by side, with the rows of the plan that the study knows.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        What is examined.
    """

    study: Study
    plan: Plan

    @cached_property
    def periods(self) -> pd.DataFrame:
        """Periods in order of time: ``period``, ``start_year``, ``years``."""
        ordered: pd.DataFrame = self.study.periods.sort_values("start_year", ignore_index=True)
        return ordered

    @cached_property
    def openings(self) -> pd.DataFrame:
        """New plants: site, plant type, option, period."""
        return pd.DataFrame(self.plan.opened[[*PLACE, "option", "period"]]).reset_index(drop=True)

    @cached_property
    def known_openings(self) -> pd.DataFrame:
        """New plants whose site, option and period the study has."""
        known = self._known(self.openings, self.study.options, ["plant_type", "option"])
        known &= self.openings["site"].isin(self.study.sites["site"]).to_numpy()
        known &= self.openings["period"].isin(self.periods["period"]).to_numpy()
        return self.openings[known].reset_index(drop=True)

    @cached_property
    def production(self) -> pd.DataFrame:
        """Production of what the study knows."""
        made = self.plan.production
        known = self._known(made, self.study.processes, ["plant_type", "product"])
        known &= made["site"].isin(self.study.sites["site"]).to_numpy()
        return made[known & made["period"].isin(self.periods["period"]).to_numpy()].reset_index(drop=True)

    @cached_property
    def shipments(self) -> pd.DataFrame:
        """Shipments by lanes that the study has."""
        sent = self.plan.shipments
        known = self._known(sent, self.study.lanes, LANE)
        return sent[known & sent["period"].isin(self.periods["period"]).to_numpy()].reset_index(drop=True)

    @cached_property
    def demand(self) -> pd.DataFrame:
        """Demand by market, product and period."""
        return demand_by_period(self.study)

    @cached_property
    def unmet(self) -> pd.DataFrame:
        """Unmet demand of what the study asks for."""
        short = self.plan.unmet
        return short[self._known(short, self.demand, ["market", "product", "period"])].reset_index(drop=True)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Plants of the study that exist or are committed."""
        plants = self.study.plants
        standing: pd.DataFrame = plants[plants["status"].isin(STANDING)].reset_index(drop=True)
        return standing

    @cached_property
    def load(self) -> pd.DataFrame:
        """Capacity that production takes, by site, plant type and period: ``load``."""
        made = self.production.merge(self.study.processes, on=["plant_type", "product"])
        made["load"] = made["units_per_yr"] * made["capacity_use"]
        return _sums(made, [*PLACE, "period"], "load")

    @cached_property
    def room(self) -> pd.DataFrame:
        """Capacity that stands or was built by then, by site, plant type and period: ``room``."""
        new = self.running.rename(columns={"capacity_units_per_yr": "room"})
        old = self.standing.rename(columns={"capacity_units_per_yr": "room"}).merge(
            self.periods["period"], how="cross"
        )
        both = pd.concat([new[[*PLACE, "period", "room"]], old[[*PLACE, "period", "room"]]])
        return _sums(both, [*PLACE, "period"], "room")

    @cached_property
    def running(self) -> pd.DataFrame:
        """New plants with the figures of their option, one row for each period from that of building on."""
        new = self.known_openings.merge(self.study.options, on=["plant_type", "option"])
        begun = self.periods.rename(columns={"start_year": "begun"})[["period", "begun"]]
        new = new.merge(begun, on="period").drop(columns="period").merge(self.periods, how="cross")
        return new[new["start_year"] >= new["begun"]].reset_index(drop=True)

    @staticmethod
    def _known(rows: pd.DataFrame, table: pd.DataFrame, key: list[str]) -> np.ndarray:
        return np.asarray(pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(table[key])))


def openings(case: Case) -> pd.DataFrame:
    """Refuse what may not be built: unknown names, and what the site's role and plant types rule out."""
    sites = case.study.sites.set_index("site")
    options = set(zip(case.study.options["plant_type"], case.study.options["option"], strict=True))
    rows = []
    for row in case.openings.itertuples(index=False):
        why = ""
        if row.site not in sites.index:
            why = "the study has no such site"
        elif sites.at[row.site, "role"] != "candidate":
            why = "nothing new may be built there"
        elif row.plant_type not in _kinds(sites.at[row.site, "plant_types"], str(row.plant_type)):
            why = f"only {sites.at[row.site, 'plant_types']} may be built there"
        elif (row.plant_type, row.option) not in options:
            why = "the study has no such option"
        elif row.period not in set(case.periods["period"]):
            why = "the study has no such period"
        rows.append(("/".join(map(str, row)), 1.0, 0.0 if why else 1.0, float(bool(why)), why))
    return pd.DataFrame(rows, columns=list(ROW_COLUMNS))


def _kinds(cell: object, default: str) -> list[str]:
    """Return the plant types that a site's cell allows; an empty one allows any."""
    return [k.strip() for k in cell.split(";")] if isinstance(cell, str) and cell.strip() else [default]


def one_option(case: Case) -> pd.DataFrame:
    """Count the new plants of a type at a site: at most one over the horizon."""
    count = case.openings.groupby(PLACE, as_index=False).size().rename(columns={"size": "found"})
    return _at_most(count.assign(allowed=1.0), PLACE, "plant_type", "{found:g} new plants of one type")


def committed(case: Case) -> pd.DataFrame:
    """Compare standing plants with those of the study: none missing, none added, none changed."""
    key = ["plant", "site", "plant_type", "status", "capacity_units_per_yr"]
    listed = case.plan.sites[case.plan.sites["status"] != "new"]
    both = pd.DataFrame(listed[key]).merge(case.standing[key], on=key, how="outer", indicator="side")
    both["found"], both["allowed"] = (both["side"] != "right_only") * 1.0, (both["side"] != "left_only") * 1.0
    both["broken"] = (both["side"] != "both") * 1.0
    both["seen"] = (
        both["side"]
        .astype("str")
        .map(
            {
                "left_only": "not a standing plant of the study",
                "right_only": "missing or changed in the plan",
                "both": "",
            }
        )
    )
    return _rows(both, ["plant", "site", "plant_type"])


def known_names(case: Case) -> pd.DataFrame:
    """Refuse production and unmet demand of which the study knows nothing."""
    made = pd.MultiIndex.from_frame(case.production.drop(columns="units_per_yr"))
    short = pd.MultiIndex.from_frame(case.unmet.drop(columns="units_per_yr"))
    parts = []
    for frame, known, what in (
        (case.plan.production, made, "no such site, process or period"),
        (case.plan.unmet, short, "no such demand"),
    ):
        rows = frame.drop(columns="units_per_yr")
        lost = ~pd.MultiIndex.from_frame(rows).isin(known)
        parts.append(
            _rows(
                rows.assign(found=1.0, allowed=1.0 - lost, broken=lost * 1.0, seen=what), list(rows.columns)
            )
        )
    return pd.concat(parts, ignore_index=True)


def lanes(case: Case) -> pd.DataFrame:
    """Refuse shipments by lanes that the study does not have, and of what a supplier does not sell."""
    sent = case.plan.shipments
    key = [*LANE, "period"]
    known = pd.MultiIndex.from_frame(sent[key]).isin(pd.MultiIndex.from_frame(case.shipments[key]))
    sells = sent["origin"].map(case.study.suppliers.set_index("supplier")["product"]).astype("str")
    foreign = (sells.notna() & (sells != sent["product"])).to_numpy()
    seen = np.where(
        known, np.where(foreign, "the supplier does not sell it", ""), "the study has no such lane"
    )
    broken = (~known | foreign) * 1.0
    return _rows(sent[key].assign(found=1.0, allowed=1.0 - broken, broken=broken, seen=seen), key)


def capacity(case: Case) -> pd.DataFrame:
    """Compare what is made with the capacity that stands or was built by then."""
    key = [*PLACE, "period"]
    rows = case.load.merge(case.room, on=key, how="left").fillna({"room": 0.0})
    rows = rows.rename(columns={"load": "found", "room": "allowed"})
    return _at_most(rows, key, "plant_type", "makes {found:,.6g} of a capacity of {allowed:,.6g}")


def min_load(case: Case) -> pd.DataFrame:
    """Compare what a site makes with the least that its new plant must make; standing plants may help."""
    key = [*PLACE, "period"]
    rows = case.running.merge(case.load, on=key, how="left").fillna({"load": 0.0})
    rows["allowed"] = rows["min_load"] * rows["capacity_units_per_yr"]
    rows = rows.rename(columns={"load": "found"})
    return _at_least(rows, key, "plant_type", "makes {found:,.6g}, must make {allowed:,.6g}")


def output(case: Case) -> pd.DataFrame:
    """Compare what a site makes of a product with what leaves it."""
    key = ["site", "product", "period"]
    leaves = case.shipments[case.shipments["origin"].isin(case.study.sites["site"])].rename(
        columns={"origin": "site"}
    )
    rows = _pair(_sums(leaves, key, "units_per_yr"), _sums(case.production, key, "units_per_yr"), key)
    return _equal(rows, key, "product", "{found:,.6g} leave, {allowed:,.6g} are made")


def balance(case: Case) -> pd.DataFrame:
    """Compare what arrives at a site with what it uses by the bill of materials."""
    key = ["site", "product", "period"]
    bom = case.study.bill_of_materials
    used = (
        case.production.merge(bom, on="product").drop(columns="product").rename(columns={"input": "product"})
    )
    used["units_per_yr"] = used["units_per_yr"] * used["units_per_unit"]
    arrives = case.shipments[case.shipments["destination"].isin(case.study.sites["site"])]
    arrives = arrives.rename(columns={"destination": "site"})
    rows = _pair(_sums(arrives, key, "units_per_yr"), _sums(used, key, "units_per_yr"), key)
    return _equal(rows, key, "product", "{found:,.6g} arrive, {allowed:,.6g} are used")


def demand(case: Case) -> pd.DataFrame:
    """Compare what reaches a market or stays unmet with its demand; unmet only where there is a penalty."""
    key = ["market", "product", "period"]
    arrives = case.shipments[case.shipments["destination"].isin(case.study.markets["market"])]
    served = pd.concat(
        [arrives.rename(columns={"destination": "market"})[[*key, "units_per_yr"]], case.unmet]
    )
    rows = _pair(_sums(served, key, "units_per_yr"), case.demand[[*key, "units_per_yr"]], key)
    found = _equal(rows, key, "product", "{found:,.6g} arrive or stay unmet, {allowed:,.6g} are wanted")
    short = case.unmet.merge(case.demand.drop(columns="units_per_yr"), on=key)
    short = short[short["unmet_penalty_usd_per_unit"].isna()].rename(columns={"units_per_yr": "found"})
    must = _at_most(short.assign(allowed=0.0), key, "product", "{found:,.6g} unmet where all must be served")
    return pd.concat([found, must], ignore_index=True)


def supplier(case: Case) -> pd.DataFrame:
    """Compare what a supplier ships with what it can sell."""
    key = ["supplier", "period"]
    limits = case.study.suppliers[["supplier", "product", "capacity_units_per_yr"]].dropna()
    sent = case.shipments.drop(columns="product").rename(columns={"origin": "supplier"})
    rows = _sums(sent, key, "units_per_yr").merge(limits, on="supplier")
    rows = rows.rename(columns={"units_per_yr": "found", "capacity_units_per_yr": "allowed"})
    return _at_most(rows, key, "product", "sells {found:,.6g}, can sell {allowed:,.6g}")


def numbers(case: Case) -> pd.DataFrame:
    """Refuse flows that are negative or no number."""
    parts = []
    for name in ("production", "shipments", "unmet"):
        frame = getattr(case.plan, name)
        key = [c for c in frame.columns if c != "units_per_yr"]
        rows = frame.rename(columns={"units_per_yr": "found"}).assign(allowed=0.0)
        parts.append(_at_least(rows, key, "product", name + " of {found:,.6g}"))
    return pd.concat(parts, ignore_index=True)


def _sums(frame: pd.DataFrame, key: list[str], value: str) -> pd.DataFrame:
    """Return the sums of a column by key."""
    if frame.empty:  # pandas 3 cannot join what it has grouped from nothing
        return pd.DataFrame(frame[[*key, value]])
    result: pd.DataFrame = frame.groupby(key, as_index=False)[[value]].sum()
    return result


def _pair(found: pd.DataFrame, allowed: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return both sides of a rule by key; what only one side has is zero on the other."""
    both = found.merge(allowed, on=key, how="outer", suffixes=("_found", "_allowed"))
    both = both.rename(columns={"units_per_yr_found": "found", "units_per_yr_allowed": "allowed"})
    return both.fillna({"found": 0.0, "allowed": 0.0})


def _equal(rows: pd.DataFrame, key: list[str], group: str, words: str) -> pd.DataFrame:
    return _measured(rows, (rows["found"] - rows["allowed"]).abs(), key, group, words)


def _at_most(rows: pd.DataFrame, key: list[str], group: str, words: str) -> pd.DataFrame:
    return _measured(rows, rows["found"] - rows["allowed"], key, group, words)


def _at_least(rows: pd.DataFrame, key: list[str], group: str, words: str) -> pd.DataFrame:
    return _measured(rows, rows["allowed"] - rows["found"], key, group, words)


def _measured(rows: pd.DataFrame, excess: pd.Series, key: list[str], group: str, words: str) -> pd.DataFrame:
    """Return rows with the excess as a part of the row's size; what is no number is broken without limit."""
    size = rows["allowed"].abs()
    largest = rows[["found", "allowed"]].abs().max(axis=1).groupby(rows[group]).transform("max")
    scale = pd.concat([size, 1e-3 * largest], axis=1).max(axis=1).clip(lower=1.0)
    broken = np.maximum(excess.to_numpy(np.float64) / scale.to_numpy(np.float64), 0.0)
    finite = np.isfinite(rows["found"].to_numpy(np.float64)) & np.isfinite(broken)
    rows = rows.assign(broken=np.where(finite, broken, np.inf))
    rows["seen"] = [
        words.format(found=f, allowed=a) for f, a in zip(rows["found"], rows["allowed"], strict=True)
    ]
    return _rows(rows, key)


def _rows(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    where = ["/".join(map(str, row)) for row in rows[key].itertuples(index=False, name=None)]
    return rows.assign(where=pd.Series(where, index=rows.index, dtype="str"))[list(ROW_COLUMNS)].reset_index(
        drop=True
    )
