"""The rules that a plan must keep, each checked from the study's tables and from nothing else.

Every function returns by how much each row is broken; :mod:`evsiting.results.certificate` turns that into
checks. A row's violation is measured against the row's own size, though never against less
than one unit or a thousandth of the largest row of its product, since a solver's arithmetic is exact to a
part of the large flows and not of the small ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.results.facts import STANDING, Facts, all_tables, demand_by_period
from evsiting.results.ledgers import ledgers_of
from evsiting.results.plan import Plan
from evsiting.study.decisions import DECISIONS
from evsiting.study.study import Study

Flags = NDArray[np.bool_]
PLACE = ["site", "plant_type"]
LANE = ["product", "origin", "destination", "mode"]


@dataclass(frozen=True)
class Violations:
    """By how much rows break a rule.

    Parameters
    ----------
    broken : numpy.ndarray, shape (rows,)
        Zero where the rule holds; else the excess relative to the row's size, infinite for what is no number.
    tell : callable
        From a row's number to its place and to what is wrong there.
    rows : pandas.DataFrame, optional
        What is compared: ``found`` with ``allowed``, or with ``at_least`` and ``at_most``.
    """

    broken: NDArray[np.float64]
    tell: Callable[[int], tuple[str, str]]
    rows: pd.DataFrame | None = None


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
        """Options that the plan builds: site, plant type, option, period."""
        return pd.DataFrame(self.plan.decisions["openings"]).reset_index(drop=True)

    @cached_property
    def known_openings(self) -> pd.DataFrame:
        """Openings whose site, option and period the study has."""
        known = _within(self.openings, self.study.options, ["plant_type", "option"])
        known &= _within(self.openings, self.study.sites, ["site"])
        known &= _within(self.openings, self.periods, ["period"])
        return self.openings[known].drop_duplicates().reset_index(drop=True)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables of the plan with the rows whose plants, sites, lanes and periods the study has."""
        known = {
            **self.plan.decisions,
            "openings": self.known_openings,
            "production": self.production,
            "shipments": self.shipments,
            "unmet": self.unmet,
        }
        for name in ("closings", "resumptions"):
            known[name] = known[name][_within(known[name], self.study.plants, ["plant"])]
        dated = {name: rows for name, rows in known.items() if "period" in rows}
        known |= {n: rows[_within(rows, self.periods, ["period"])].reset_index(drop=True) for n, rows in dated.items()}
        return all_tables(known)

    @cached_property
    def facts(self) -> Facts:
        """What the known rows do, with the figures of the study."""
        return Facts(self.study, self.tables)

    @cached_property
    def ledgers(self) -> dict[str, pd.DataFrame]:
        """The ledgers of the known rows, worked out anew."""
        return ledgers_of(self.facts)

    @cached_property
    def known_production(self) -> Flags:
        """Which rows of production have a site, a process and a period of the study. shape (rows,)."""
        known = _within(self.plan.production, self.study.processes, ["plant_type", "product"])
        known &= _within(self.plan.production, self.study.sites, ["site"])
        return known & _within(self.plan.production, self.periods, ["period"])

    @cached_property
    def known_shipments(self) -> Flags:
        """Which shipments have a lane and a period of the study. shape (rows,)."""
        known = _within(self.plan.shipments, self.study.lanes, LANE)
        return known & _within(self.plan.shipments, self.periods, ["period"])

    @cached_property
    def known_unmet(self) -> Flags:
        """Which rows of unmet demand are of demand that the study has. shape (rows,)."""
        return _within(self.plan.unmet, self.demand, ["market", "product", "period"])

    @cached_property
    def production(self) -> pd.DataFrame:
        """Production of what the study knows."""
        return self.plan.production[self.known_production].reset_index(drop=True)

    @cached_property
    def shipments(self) -> pd.DataFrame:
        """Shipments by lanes that the study has."""
        return self.plan.shipments[self.known_shipments].reset_index(drop=True)

    @cached_property
    def unmet(self) -> pd.DataFrame:
        """Unmet demand of what the study asks for."""
        return self.plan.unmet[self.known_unmet].reset_index(drop=True)

    @cached_property
    def demand(self) -> pd.DataFrame:
        """Demand by market, product and period."""
        return demand_by_period(self.study)

    @cached_property
    def load(self) -> pd.DataFrame:
        """Capacity that production takes, by site, plant type and period: ``load``."""
        made = self.production.merge(self.study.processes, on=["plant_type", "product"])
        made["load"] = made["units_per_yr"] * made["capacity_use"]
        return _sums(made, [*PLACE, "period"], "load")

    @cached_property
    def room(self) -> pd.DataFrame:
        """Capacity that can be used, by site, plant type and period: ``room``."""
        rows = self.facts.running.rename(columns={"capacity_units_per_yr": "room"})
        return _sums(rows, [*PLACE, "period"], "room")


def openings(case: Case) -> list[Violations]:
    """Refuse what may not be built: unknown names, and what site and option rule out."""
    sites = case.study.sites.set_index("site")
    role, kinds = sites["role"].to_dict(), sites["plant_types"].to_dict()
    options = case.study.options.set_index(["plant_type", "option"])["sites"].to_dict()
    periods = set(case.periods["period"])
    why = []
    for site, kind, option, period in case.openings.itertuples(index=False, name=None):
        if site not in role:
            why.append("the study has no such site")
        elif role[site] != "candidate":
            why.append("nothing new may be built there")
        elif kind not in _listed(kinds[site], kind):
            why.append(f"only {kinds[site]} may be built there")
        elif (kind, option) not in options:
            why.append("the study has no such option")
        elif site not in _listed(options[kind, option], site):
            why.append(f"the option is for {options[kind, option]} only")
        else:
            why.append("" if period in periods else "the study has no such period")
    return [_refused(case.openings, [bool(w) for w in why], why.__getitem__)]


def _listed(cell: object, default: str) -> list[str]:
    """Return the codes of a cell; an empty one allows any."""
    return [k.strip() for k in cell.split(";")] if isinstance(cell, str) and cell.strip() else [default]


def _steps(case: Case) -> pd.DataFrame:
    """Return openings with what they expand (empty for a new plant) and the number of their period."""
    rows = case.openings.merge(case.study.options[["plant_type", "option", "expands"]], on=["plant_type", "option"])
    rows["expands"] = rows["expands"].astype(object).where(rows["expands"].notna(), "").astype("str")
    order = {period: number for number, period in enumerate(case.periods["period"])}
    rows["number"] = rows["period"].map(order).astype(np.float64)
    return rows


def one_option(case: Case) -> list[Violations]:
    """Count the new plants of a type at a site: at most one over the horizon, expansions apart."""
    rows = _steps(case)
    count = rows[rows["expands"] == ""].groupby(PLACE, as_index=False).size().rename(columns={"size": "found"})
    return [_at_most(count.assign(allowed=1.0), PLACE, "plant_type", "{found:g} new plants of one type")]


def expand(case: Case) -> list[Violations]:
    """Compare each expansion with the option out of which it grows: built before, and expanded once."""
    rows = _steps(case)
    grown = rows[rows["expands"] != ""]
    old = rows[[*PLACE, "option", "number"]].rename(columns={"option": "expands", "number": "since"})
    pairs = grown.merge(old, on=[*PLACE, "expands"], how="left")
    late = ~(pairs["since"] < pairs["number"]).to_numpy(np.bool_)
    count = grown.groupby([*PLACE, "expands"], as_index=False).size().rename(columns={"size": "found"})
    return [
        _refused(pairs[[*PLACE, "option", "period"]], late, lambda row: "what it expands was not built before"),
        _at_most(count.assign(allowed=1.0), [*PLACE, "expands"], "plant_type", "expanded {found:g} times"),
    ]


def move_once(case: Case) -> list[Violations]:
    """Refuse closings and resumptions that the study does not allow, and those that come twice."""
    plants = case.study.plants
    stands = plants["status"].isin(STANDING) & plants["closing_usd"].notna()
    paused = (plants["status"] == "paused") & plants["resume_usd"].notna()
    found = []
    for name, may in (("closings", stands), ("resumptions", paused)):
        rows = case.plan.decisions[name]
        wrong = ~rows["plant"].isin(plants.loc[may, "plant"]) | ~rows["period"].isin(case.periods["period"])
        wrong |= rows["plant"].duplicated()
        found.append(_refused(rows, wrong.to_numpy(np.bool_), _saying(f"not open to {name}, or comes twice")))
    return found


def committed(case: Case) -> list[Violations]:
    """Compare standing plants with those of the study: none missing, none added, none changed."""
    key = ["plant", "site", "plant_type", "capacity_units_per_yr"]
    plants = case.study.plants
    resumed = plants["plant"].isin(case.plan.decisions["resumptions"]["plant"])
    standing = plants[plants["status"].isin(STANDING) | resumed].reset_index(drop=True)
    listed = pd.DataFrame(case.plan.sites[case.plan.sites["status"] != "new"])[key]
    lost, made_up = ~_within(standing, listed, key), ~_within(listed, standing, key)
    return [
        _refused(standing[key[:3]], lost, lambda row: "missing or changed in the plan"),
        _refused(listed[key[:3]], made_up, lambda row: "not a standing plant of the study"),
    ]


def known_names(case: Case) -> list[Violations]:
    """Refuse production and unmet demand of which the study knows nothing."""
    made, short = case.plan.production, case.plan.unmet
    keys = [[c for c in frame.columns if c != "units_per_yr"] for frame in (made, short)]
    return [
        _refused(made[keys[0]], ~case.known_production, lambda row: "no such site, process or period"),
        _refused(short[keys[1]], ~case.known_unmet, lambda row: "no such demand"),
    ]


def lanes(case: Case) -> list[Violations]:
    """Refuse shipments by lanes that the study does not have, and of what a supplier does not sell."""
    sent = case.plan.shipments
    sells = dict(zip(case.study.suppliers["supplier"], case.study.suppliers["product"], strict=True))
    foreign = np.array(
        [
            sells.get(origin, product) != product
            for origin, product in zip(sent["origin"], sent["product"], strict=True)
        ],
        dtype=np.bool_,
    )
    key = [*LANE, "period"]
    return [
        _refused(sent[key], ~case.known_shipments, lambda row: "the study has no such lane or period"),
        _refused(sent[key], foreign, lambda row: "the supplier does not sell it"),
    ]


def capacity(case: Case) -> list[Violations]:
    """Compare what is made with the capacity that stands or was built by then."""
    key = [*PLACE, "period"]
    rows = case.load.merge(case.room, on=key, how="left").fillna({"room": 0.0})
    rows = rows.rename(columns={"load": "found", "room": "allowed"})
    return [_at_most(rows, key, "plant_type", "makes {found:,.6g} of a capacity of {allowed:,.6g}")]


def min_load(case: Case) -> list[Violations]:
    """Compare what a site makes with the least that its new plant must make; standing plants may help."""
    key = [*PLACE, "period"]
    rows = _sums(case.facts.built, key, "least").rename(columns={"least": "allowed"})
    rows = rows.merge(case.load, on=key, how="left").fillna({"load": 0.0}).rename(columns={"load": "found"})
    return [_at_least(rows, key, "plant_type", "makes {found:,.6g}, must make {allowed:,.6g}")]


def output(case: Case) -> list[Violations]:
    """Compare what a site makes of a product with what leaves it."""
    key = ["site", "product", "period"]
    leaves = case.shipments[case.shipments["origin"].isin(case.study.sites["site"])].rename(columns={"origin": "site"})
    rows = _pair(_sums(leaves, key, "units_per_yr"), _sums(case.production, key, "units_per_yr"), key)
    return [_equal(rows, key, "product", "{found:,.6g} leave, {allowed:,.6g} are made")]


def balance(case: Case) -> list[Violations]:
    """Compare what arrives at a site with what it uses by the bill of materials."""
    key = ["site", "product", "period"]
    used = case.production.merge(case.study.processes[["plant_type", "product", "good_share"]])
    used = used.merge(case.study.bill_of_materials, on="product").drop(columns="product")
    used = used.rename(columns={"input": "product"})
    used["units_per_yr"] = used["units_per_yr"] * used["units_per_unit"] / used["good_share"]
    arrives = case.shipments[case.shipments["destination"].isin(case.study.sites["site"])]
    arrives = arrives.rename(columns={"destination": "site"})
    rows = _pair(_sums(arrives, key, "units_per_yr"), _sums(used, key, "units_per_yr"), key)
    return [_equal(rows, key, "product", "{found:,.6g} arrive, {allowed:,.6g} are used")]


def demand(case: Case) -> list[Violations]:
    """Compare what reaches a market or stays unmet with its demand; unmet only where there is a penalty."""
    key = ["market", "product", "period"]
    arrives = case.shipments[case.shipments["destination"].isin(case.study.markets["market"])]
    served = pd.concat([arrives.rename(columns={"destination": "market"})[[*key, "units_per_yr"]], case.unmet])
    rows = _pair(_sums(served, key, "units_per_yr"), case.demand[[*key, "units_per_yr"]], key)
    short = case.unmet.merge(case.demand[[*key, "unmet_penalty_usd_per_unit"]], on=key)
    short = short[short["unmet_penalty_usd_per_unit"].isna()].rename(columns={"units_per_yr": "found"})
    return [
        _equal(rows, key, "product", "{found:,.6g} arrive or stay unmet, {allowed:,.6g} are wanted"),
        _at_most(short.assign(allowed=0.0), key, "product", "{found:,.6g} unmet where all must be served"),
    ]


def supplier(case: Case) -> list[Violations]:
    """Compare what a supplier ships with what it can sell."""
    key = ["supplier", "period"]
    limits = case.facts.selling
    sent = case.shipments.drop(columns="product").rename(columns={"origin": "supplier"})
    rows = _sums(sent, key, "units_per_yr").merge(limits[np.isfinite(limits["allowed"])], on=key)
    rows = rows.rename(columns={"units_per_yr": "found"})
    return [_at_most(rows, key, "product", "sells {found:,.6g}, can sell {allowed:,.6g}")]


def numbers(case: Case) -> list[Violations]:
    """Refuse amounts that are negative or no number."""
    found = []
    for name, frame in case.plan.tables.items():
        what = DECISIONS[name]
        if what.value:
            rows = frame.rename(columns={what.value: "found"}).assign(allowed=0.0)
            group = "product" if "product" in what.key else what.key[0]
            found.append(_at_least(rows, list(what.key), group, name + " of {found:,.6g}"))
    return found


def _within(rows: pd.DataFrame, table: pd.DataFrame, key: list[str]) -> Flags:
    """Say which rows a table has, by key."""
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    known = set(table[key].itertuples(index=False, name=None))
    return np.array([row in known for row in rows[key].itertuples(index=False, name=None)], dtype=np.bool_)


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


def _equal(rows: pd.DataFrame, key: list[str], group: str, words: str) -> Violations:
    return _measured(rows, (rows["found"] - rows["allowed"]).abs(), key, group, words)


def _at_most(rows: pd.DataFrame, key: list[str], group: str, words: str) -> Violations:
    return _measured(rows, rows["found"] - rows["allowed"], key, group, words)


def _at_least(rows: pd.DataFrame, key: list[str], group: str, words: str) -> Violations:
    return _measured(rows, rows["allowed"] - rows["found"], key, group, words)


def _measured(rows: pd.DataFrame, excess: pd.Series, key: list[str], group: str, words: str) -> Violations:
    """Return the excess as a part of the row's size; what is no number is broken without limit."""
    found, allowed = rows["found"].to_numpy(np.float64), rows["allowed"].to_numpy(np.float64)
    largest = pd.Series(np.maximum(np.abs(found), np.abs(allowed))).groupby(rows[group].to_numpy()).transform("max")
    scale = np.maximum(np.maximum(np.abs(allowed), 1e-3 * largest.to_numpy(np.float64)), 1.0)
    with np.errstate(invalid="ignore"):  # what is infinite has no size
        broken = np.maximum(excess.to_numpy(np.float64) / scale, 0.0)
    broken = np.where(np.isfinite(found) & np.isfinite(broken), broken, np.inf)

    def tell(row: int) -> tuple[str, str]:
        return _code(rows, key, row), words.format(found=found[row], allowed=allowed[row])

    return Violations(broken, tell, rows)


def _refused(rows: pd.DataFrame, wrong: Flags | list[bool], why: Callable[[int], str]) -> Violations:
    """Return rows that must not be there at all."""
    return Violations(np.array(wrong, dtype=np.float64), lambda row: (_code(rows, list(rows.columns), row), why(row)))


def _saying(words: str) -> Callable[[int], str]:
    return lambda row: words


def _code(rows: pd.DataFrame, key: list[str], row: int) -> str:
    return "/".join(str(rows[column].iloc[row]) for column in key)
