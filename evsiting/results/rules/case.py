"""A study and a plan side by side, and the measure by which a plan violates a rule.

A row's violation is measured against the row's own size, though never against less than a thousandth of the largest
row of its product, since a solver's arithmetic is exact to a part of the large flows and not of the small ones. No unit
counts for more than another: a budget of 3 USD is broken by 1 USD, one of 3 bn is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.results.ledgers.ledgers import ledgers_of
from evsiting.results.ledgers.plan_rows import PlanRows, all_tables, demand_by_period
from evsiting.results.ledgers.sums import sums_by_key
from evsiting.results.plan import Plan
from evsiting.results.rules.audit.totals import Totals
from evsiting.study.derived.limit_rows import limit_rows
from evsiting.study.recipes import inputs_by_plant_type, is_passed_on
from evsiting.study.study import Study

Flags = NDArray[np.bool_]
PLACE = ["site", "plant_type"]
LANE = ["product", "origin", "destination", "mode"]
#: Smallest size of anything: what nothing is divided by.
TINY = 1e-200


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
class Examination:
    """A study and a plan side by side, with the rows of the plan that the study knows.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        What is examined.
    worked_out : PlanRows, optional
        What the plan does, of a plan that was made of these rows a moment ago, all of which the study knows.
    """

    study: Study
    plan: Plan
    worked_out: PlanRows | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "study", self.study.plain)

    @cached_property
    def periods(self) -> pd.DataFrame:
        """Periods in order of time: ``period``, ``start_year``, ``years``."""
        ordered: pd.DataFrame = self.study.periods.sort_values("start_year", ignore_index=True)
        return ordered

    @cached_property
    def limits(self) -> pd.DataFrame:
        """Limits of the study, as :func:`evsiting.study.derived.limit_rows.limit_rows` gives them."""
        return limit_rows(self.study)

    @cached_property
    def recipes(self) -> pd.DataFrame:
        """What one unit takes by plant type: ``plant_type``, ``product``, ``input``, ``units_per_unit``."""
        return inputs_by_plant_type(self.study.processes, self.study.bill_of_materials)

    @cached_property
    def made_here(self) -> pd.DataFrame:
        """Known production without what plants only pass on."""
        passed = self.study.processes.loc[is_passed_on(self.study.processes), ["plant_type", "product"]]
        rows: pd.DataFrame = self.production[~are_in(self.production, passed, ["plant_type", "product"])]
        return rows.reset_index(drop=True)

    @cached_property
    def openings(self) -> pd.DataFrame:
        """Options that the plan builds: site, plant type, option, period."""
        return pd.DataFrame(self.plan.decisions["openings"]).reset_index(drop=True)

    @cached_property
    def known_openings(self) -> pd.DataFrame:
        """Openings whose site, option and period the study has."""
        known = are_in(self.openings, self.study.options, ["plant_type", "option"])
        known &= are_in(self.openings, self.study.sites, ["site"])
        known &= are_in(self.openings, self.periods, ["period"])
        return self.openings[known].drop_duplicates().reset_index(drop=True)

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables of the plan with the rows whose plants, sites, lanes and periods the study has."""
        if self.worked_out is not None:
            return self.worked_out.tables
        known = {
            **self.plan.decisions,
            "openings": self.known_openings,
            "production": self.production,
            "shipments": self.shipments,
            "unmet": self.unmet,
        }
        known["violations"] = known["violations"][are_in(known["violations"], self.study.limits, ["limit"])]
        known["disposals"] = self.disposals
        known["retirements"] = self.retirements
        for name in ("closings", "resumptions"):
            known[name] = known[name][are_in(known[name], self.study.plants, ["plant"])]
        dated = {name: rows for name, rows in known.items() if "period" in rows}
        known |= {n: rows[are_in(rows, self.periods, ["period"])].reset_index(drop=True) for n, rows in dated.items()}
        return all_tables(known)

    @cached_property
    def facts(self) -> PlanRows:
        """What the known rows do, with the figures of the study."""
        return self.worked_out or PlanRows(self.study, self.tables)

    @cached_property
    def ledgers(self) -> dict[str, pd.DataFrame]:
        """The ledgers of the known rows, worked out anew; of a plan that was made of these rows they are its own."""
        if self.worked_out is not None:
            return dict(self.plan.ledgers)
        return ledgers_of(self.facts)

    @cached_property
    def audit(self) -> Totals:
        """What the known rows add up to by code that shares nothing with the ledgers."""
        return Totals(self.study, self.tables)

    @cached_property
    def valued(self) -> pd.DataFrame:
        """Shipments with the country that each comes from and enters, and what it is worth. [USD/unit].

        As :attr:`evsiting.results.ledgers.plan_rows.PlanRows.shipped`, with ``from_country``, ``to_country``,
        ``value_usd`` (the price of a supplier, what the product of a site is worth) and ``dutiable_usd`` (what duty is
        levied on).
        """
        rows, law = self.facts.shipped, self.audit.customs
        lanes = list(zip(*(rows[c].tolist() for c in ("product", "site", "destination", "period")), strict=True))
        ends = [law.ends(origin, destination) for _, origin, destination, _ in lanes]
        valued = rows.assign(
            from_country=[start for start, _ in ends],
            to_country=[end for _, end in ends],
            value_usd=[law.worth(product, origin, period) for product, origin, _, period in lanes],
            dutiable_usd=[law.value(product, origin, period) for product, origin, _, period in lanes],
        )
        numbers = dict.fromkeys(("value_usd", "dutiable_usd"), "float64")
        return valued.astype({"from_country": "str", "to_country": "str", **numbers})

    @cached_property
    def known_production(self) -> Flags:
        """Which rows of production have a site, a process and a period of the study. shape (rows,)."""
        known = are_in(self.plan.production, self.study.processes, ["plant_type", "product"])
        known &= are_in(self.plan.production, self.study.sites, ["site"])
        return known & are_in(self.plan.production, self.periods, ["period"])

    @cached_property
    def known_shipments(self) -> Flags:
        """Which shipments have a lane and a period of the study. shape (rows,)."""
        known = are_in(self.plan.shipments, self.study.lanes, LANE)
        return known & are_in(self.plan.shipments, self.periods, ["period"])

    @cached_property
    def known_unmet(self) -> Flags:
        """Which rows of unmet demand are of demand that the study has. shape (rows,)."""
        return are_in(self.plan.unmet, self.demand, ["market", "product", "period"])

    @cached_property
    def production(self) -> pd.DataFrame:
        """Production of what the study knows."""
        return self.plan.production[self.known_production].reset_index(drop=True)

    @cached_property
    def shipments(self) -> pd.DataFrame:
        """Shipments by lanes that the study has."""
        return self.plan.shipments[self.known_shipments].reset_index(drop=True)

    @cached_property
    def retirements(self) -> pd.DataFrame:
        """Closings of what the plan has built, of openings that the study knows."""
        rows = pd.DataFrame(self.plan.decisions["retirements"])
        built = self.known_openings.rename(columns={"period": "built"})
        known = are_in(rows, built, [*PLACE, "option", "built"]) & are_in(rows, self.periods, ["period"])
        return rows[known].reset_index(drop=True)

    @cached_property
    def known_disposals(self) -> Flags:
        """Which disposals have a site, a by-product and a period of the study. shape (rows,)."""
        rows = self.plan.decisions["disposals"]
        extra = self.study.by_products.drop(columns="product").rename(columns={"by_product": "product"})
        known = are_in(rows, extra, ["plant_type", "product"]) & are_in(rows, self.study.sites, ["site"])
        return known & are_in(rows, self.periods, ["period"])

    @cached_property
    def disposals(self) -> pd.DataFrame:
        """Disposals of by-products that the study has."""
        return pd.DataFrame(self.plan.decisions["disposals"])[self.known_disposals].reset_index(drop=True)

    @cached_property
    def coming(self) -> pd.DataFrame:
        """By-products of what is made: ``site``, ``plant_type``, ``product``, ``period``, ``units_per_yr``."""
        rows = self.production.merge(self.study.by_products, on=["plant_type", "product"])
        rows["units_per_yr"] = rows["units_per_yr"] * rows["units_per_unit"]
        rows = rows.drop(columns="product").rename(columns={"by_product": "product"})
        return rows[[*PLACE, "product", "period", "units_per_yr"]]

    @cached_property
    def outputs(self) -> pd.DataFrame:
        """What plants put out: what they make, and by-products that somebody takes; columns as of :attr:`coming`."""
        gone = self.disposals.assign(units_per_yr=-self.disposals["units_per_yr"])
        key = [*PLACE, "product", "period"]
        rows = pd.concat([frame[[*key, "units_per_yr"]] for frame in (self.made_here, self.coming, gone)])
        return rows.groupby(key, as_index=False)[["units_per_yr"]].sum() if len(rows) else rows

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
        return sums(made, [*PLACE, "period"], "load")

    @cached_property
    def room(self) -> pd.DataFrame:
        """Capacity that can be used, by site, plant type and period: ``room``."""
        rows = self.facts.running.rename(columns={"capacity_units_per_yr": "room"})
        return sums(rows, [*PLACE, "period"], "room")


def are_in(rows: pd.DataFrame, table: pd.DataFrame, key: list[str]) -> Flags:
    """Say which rows a table has, by key."""
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    known = set(zip(*(table[column].tolist() for column in key), strict=True))
    keys = zip(*(rows[column].tolist() for column in key), strict=True)
    return np.array([row in known for row in keys], dtype=np.bool_)


def sums(frame: pd.DataFrame, key: list[str], value: str) -> pd.DataFrame:
    """Return the sums of a column by key."""
    if frame.empty:  # pandas 3 cannot join what it has grouped from nothing
        return pd.DataFrame(frame[[*key, value]])
    if len(frame) <= _FEW and frame[value].dtype == np.float64:
        cells = [frame[column].tolist() for column in key]
        if all(isinstance(cell, str) for column in cells for cell in column):
            places = list(zip(*cells, strict=True))
            first = {place: row for row, place in reversed(list(enumerate(places)))}
            total, order = sums_by_key(places, frame[value].tolist()), sorted(first)
            few = frame[key].take([first[place] for place in order]).reset_index(drop=True)
            few[value] = [total[place] for place in order]
            return pd.DataFrame(few)
    result: pd.DataFrame = frame.groupby(key, as_index=False)[[value]].sum()
    return result


#: Up to so many rows a dictionary adds up by key in a third of the time that a group takes.
_FEW = 2_000


def sums_of_lines(ledger: pd.DataFrame, key: Sequence[str]) -> dict[tuple[str, ...], float]:
    """Return the sums of a ledger's lines by key; what is no number counts as infinite, what is missing as no text."""
    out: dict[tuple[str, ...], float] = {}
    texts = (_texts(ledger[column]) for column in key)
    values = ledger["value"].astype(np.float64).fillna(np.inf).tolist()
    for place, value in zip(zip(*texts, strict=True), values, strict=True):
        out[place] = out.get(place, 0.0) + value
    return out


def _texts(column: pd.Series) -> list[str]:
    """Return the cells of a column as text, without any where they are empty."""
    cells = column.tolist()
    return cells if all(isinstance(cell, str) for cell in cells) else column.astype("str").fillna("").tolist()


def compare_sums(
    places: Sequence[tuple[str, ...]],
    stated: Mapping[tuple[str, ...], float],
    again: Mapping[tuple[str, ...], float],
    size: Mapping[str, float],
) -> list[Violations]:
    """Return by how much stated sums differ from recomputed ones: by place, by item and in all.

    Parameters
    ----------
    places : sequence of tuple of str
        What is compared, in order; the item comes first.
    stated, again : mapping of tuple of str to float
        Sums by place; zero where there is none.
    size : mapping of str to float
        What a difference is measured against, by item; at least a thousandth of the sum of all.
    """
    if not places:
        return []
    sides = np.array([[side.get(place, 0.0) for place in places] for side in (stated, again)], dtype=np.float64)
    items = list(dict.fromkeys(place[0] for place in places))
    number = {item: k for k, item in enumerate(items)}
    of = np.array([number[place[0]] for place in places], dtype=np.intp)
    whole, everything = np.array([size.get(item, 0.0) for item in items]), float(sum(size.values()))
    by_item = np.array([np.bincount(of, side, len(items)) for side in sides])
    parts = (
        (places, sides, whole[of]),
        ([(item,) for item in items], by_item, whole),
        ([("total",)], by_item.sum(axis=1, keepdims=True), np.array([everything])),
    )
    least = max(1e-3 * everything, TINY)
    return [_differences(names, found, np.maximum(scale, least)) for names, found, scale in parts]


def _differences(
    places: Sequence[tuple[str, ...]], sides: NDArray[np.float64], scale: NDArray[np.float64]
) -> Violations:
    stated, again = sides
    with np.errstate(invalid="ignore"):  # what is no number on both sides
        off = np.abs(stated - again) / scale

    def tell(row: int) -> tuple[str, str]:
        where = "/".join(part for part in places[row] if part)
        return where, f"stated {stated[row]:,.9g}, recomputed {again[row]:,.9g}"

    return Violations(np.where(np.isfinite(off), off, np.inf), tell)


def pair(found: pd.DataFrame, allowed: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return both sides of a rule by key; what only one side has is zero on the other."""
    both = found.merge(allowed, on=key, how="outer", suffixes=("_found", "_allowed"))
    both = both.rename(columns={"units_per_yr_found": "found", "units_per_yr_allowed": "allowed"})
    return both.fillna({"found": 0.0, "allowed": 0.0})


def equal(rows: pd.DataFrame, key: list[str], group: str, words: str) -> Violations:
    """Return by how much ``found`` differs from ``allowed``; of a ``group`` the largest row counts too."""
    return measure_excess(rows, (rows["found"] - rows["allowed"]).abs(), key, group, words)


def at_most(rows: pd.DataFrame, key: list[str], group: str, words: str) -> Violations:
    """Return by how much ``found`` exceeds ``allowed``; as :func:`equal`."""
    return measure_excess(rows, rows["found"] - rows["allowed"], key, group, words)


def at_least(rows: pd.DataFrame, key: list[str], group: str, words: str) -> Violations:
    """Return by how much ``found`` stays below ``allowed``; as :func:`equal`."""
    return measure_excess(rows, rows["allowed"] - rows["found"], key, group, words)


def measure_excess(rows: pd.DataFrame, excess: pd.Series, key: list[str], group: str, words: str) -> Violations:
    """Return the excess as a part of the row's size; what is no number is broken without limit.

    Where nothing is allowed, the size is at least a thousandth of the largest row of all.
    """
    found, allowed = rows["found"].to_numpy(np.float64), rows["allowed"].to_numpy(np.float64)
    largest = _largest(rows[group], np.maximum(np.abs(found), np.abs(allowed)))
    least = np.where(allowed == 0.0, 1e-3 * np.fmax.reduce(largest), TINY) if len(rows) else TINY
    scale = np.maximum(np.maximum(np.abs(allowed), 1e-3 * largest), least)
    scale = np.maximum(scale, TINY)
    with np.errstate(invalid="ignore"):  # what is infinite has no size
        broken = np.maximum(excess.to_numpy(np.float64) / scale, 0.0)
    broken = np.where(np.isfinite(found) & np.isfinite(broken), broken, np.inf)

    def tell(row: int) -> tuple[str, str]:
        return code(rows, key, row), words.format(found=found[row], allowed=allowed[row])

    return Violations(broken, tell, rows)


def _largest(groups: pd.Series, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each row the largest size in its group; what is no number is left out."""
    most: dict[object, float] = {}
    names = groups.tolist()
    for name, size in zip(names, sizes.tolist(), strict=True):
        if not size <= most.get(name, -np.inf):
            most[name] = most.get(name, size) if size != size else size
    return np.array([most[name] if name == name else np.nan for name in names], dtype=np.float64)


def refuse(rows: pd.DataFrame, wrong: Flags | list[bool], why: Callable[[int], str]) -> Violations:
    """Return rows that must not be there at all."""
    return Violations(np.array(wrong, dtype=np.float64), lambda row: (code(rows, list(rows.columns), row), why(row)))


def constant_text(words: str) -> Callable[[int], str]:
    """Return the same words for every row."""
    return lambda row: words


def code(rows: pd.DataFrame, key: list[str], row: int) -> str:
    """Return the key of a row in one text."""
    return "/".join(str(rows[column].iloc[row]) for column in key)
