"""Checks of the tables limits, gateways and commitments: what a row must say, and names that must exist."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product as pairs
from typing import Any

import pandas as pd

from evsiting import reference
from evsiting.errors import shown
from evsiting.study.findings import Findings, count
from evsiting.study.lists import gateways_on
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.validation.limit_scope import check_scope, hard_limits, with_all_columns

__all__ = ["LIMIT_COLUMNS", "LimitColumns", "check_contradictions", "check_limits", "check_partners", "warn_unclean"]

#: Columns of table limits that narrow a limit down, in the order in which they are told.
_NARROWING = (
    "place", "product", "plant_type", "option", "per", "period", "first_year", "members", "if_open", "origin",
    "destination", "mode", "gateway",
)  # fmt: skip


@dataclass(frozen=True)
class LimitColumns:
    """Which columns a kind of limit uses.

    Parameters
    ----------
    may, must : tuple of str
        Columns that it may use beside those that it must use; the others must be empty.
    sides : tuple of str
        Which of ``at_least`` and ``at_most`` it takes.
    share : bool
        Whether its figures are fractions between zero and one.
    """

    may: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    sides: tuple[str, ...] = ("at_least", "at_most")
    share: bool = True


#: Columns of limits that hold in every period, or in some of them.
_WHEN = ("period", "first_year")
#: Columns of table limits by kind.
LIMIT_COLUMNS: Mapping[str, LimitColumns] = {
    "cost": LimitColumns(share=False),
    "emissions": LimitColumns(may=("period",), share=False),
    "freight_emissions": LimitColumns(may=("period",), share=False),
    "jobs": LimitColumns(may=("place", "plant_type", "period"), share=False),
    "capex": LimitColumns(may=("place", "plant_type", "period"), share=False),
    "output_share": LimitColumns(may=("plant_type", *_WHEN), must=("place", "product")),
    "capex_share": LimitColumns(may=("plant_type", "period"), must=("place",)),
    "jobs_share": LimitColumns(may=("plant_type", *_WHEN), must=("place",)),
    "import_share": LimitColumns(may=("place", *_WHEN), must=("product",)),
    "concentration": LimitColumns(may=_WHEN, must=("product", "per"), sides=("at_most",)),
    "on_time_share": LimitColumns(may=("place", "product", *_WHEN)),
    "renewable_share": LimitColumns(may=("place", *_WHEN)),
    "survive_share": LimitColumns(may=_WHEN, must=("product",), sides=("at_least",)),
    "jobs_fte": LimitColumns(may=("place", "plant_type", *_WHEN), share=False),
    "plants_open": LimitColumns(may=("place", "plant_type", "option", "if_open", *_WHEN), share=False),
    "plants_built": LimitColumns(may=("place", "plant_type", "option", "period"), share=False),
    "members_open": LimitColumns(may=("if_open", *_WHEN), must=("members",), share=False),
    "sites_changed": LimitColumns(may=("members", "plant_type"), share=False),
    "programs_used": LimitColumns(may=("place", "plant_type"), must=("members",), share=False),
    "throughput": LimitColumns(
        may=("origin", "destination", "mode", "gateway", *_WHEN), must=("product",), share=False
    ),
    "throughput_mass": LimitColumns(may=("product", "origin", "destination", "mode", "gateway", *_WHEN), share=False),
    "sources": LimitColumns(may=("place", "product", *_WHEN), sides=("at_most",), share=False),
}
#: Kinds that count something, so that their bounds are whole numbers.
COUNTS = ("plants_open", "plants_built", "members_open", "sites_changed", "programs_used", "sources")


def check_limits(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str] = ()) -> None:
    """Note limits that say too little, too much or nothing that can hold.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    if "limits" not in tables or not len(tables["limits"]):
        return
    frame = with_all_columns(tables["limits"])
    for kind, rule in LIMIT_COLUMNS.items():
        rows = frame[frame["kind"] == kind]
        if len(rows):
            _check_columns(kind, rule, rows, findings)
    _check_sides("limits", frame, findings)
    _check_numbers(frame, findings)
    _check_first_years(frame, tables.get("periods"), findings)
    check_scope(frame, tables, findings, unread)
    if not {"sites", "markets"} & set(unread):
        _check_places(frame, tables, findings)


def _check_numbers(frame: pd.DataFrame, findings: Findings) -> None:
    """Refuse numbers of plants, members and sources that are not whole or below zero, and sources below one."""
    for column in ("at_least", "at_most"):
        counted = frame["kind"].isin(COUNTS) & frame[column].notna()
        off = counted & ((frame[column] % 1.0 != 0.0) | (frame[column] < (frame["kind"] == "sources")))
        if off.any():
            seen = frame.loc[off, "limit"] + ": " + frame.loc[off, column].map("{:g}".format)
            least = "Give 1 or more" if frame.loc[off, "kind"].eq("sources").all() else "Give 0, 1, 2 or more"
            _note_limits(column, "what counts plants or places is a whole number", seen, least, findings)


def _check_first_years(frame: pd.DataFrame, periods: pd.DataFrame | None, findings: Findings) -> None:
    """Refuse first years beside a period, and those in which no period begins."""
    filled = frame["first_year"].notna()
    both = filled & frame["period"].notna()
    if both.any():
        _note_limits("first_year", "stands beside a period", frame.loc[both, "limit"], "Give one of them", findings)
    begin = [] if periods is None else sorted({int(year) for year in periods["start_year"].dropna()})
    if not begin:
        return
    off = filled & ~frame["first_year"].isin(begin)
    if off.any():
        seen = frame.loc[off, "limit"] + ": " + frame.loc[off, "first_year"].map("{:g}".format)
        fix = f"Name a year in which a period begins ({', '.join(map(str, begin))}), or part the period there"
        _note_limits("first_year", "in which no period begins", seen, fix, findings)


def _check_columns(kind: str, rule: LimitColumns, rows: pd.DataFrame, findings: Findings) -> None:
    """Refuse limits of one kind that lack a column, use one that means nothing for them, or are no fraction."""
    for column in (*_NARROWING, "at_least", "at_most"):
        filled = rows[column].notna()
        if column in rule.must and not filled.all():
            _note_limits(
                column, f"{kind!r} needs it", rows.loc[~filled, "limit"], f"Give {column!r} for this kind", findings
            )
        elif column not in (*rule.must, *rule.may, *rule.sides) and filled.any():
            fix = f"Leave {column!r} empty; for {kind!r} give {', '.join((*rule.must, *rule.may, *rule.sides))}"
            _note_limits(column, f"{kind!r} does not use it", rows.loc[filled, "limit"], fix, findings)
    if rule.share:
        for column in rule.sides:
            off = rows[column].notna() & ~rows[column].between(0.0, 1.0)
            if off.any():
                seen = rows.loc[off, "limit"] + ": " + rows.loc[off, column].map("{:g}".format)
                _note_limits(
                    column, f"{kind!r} is a fraction", seen, "Give a fraction from 0 to 1: 0.6 for 60 %", findings
                )


def _note_limits(column: str, what: str, values: pd.Series, fix: str, findings: Findings) -> None:
    findings.table(findings.where("limits", column), what, findings.rows("limits", values), fix)


def _check_sides(name: str, frame: pd.DataFrame, findings: Findings) -> None:
    """Refuse rows with neither a floor nor a ceiling, and floors above ceilings."""
    key = str(frame.columns[0])
    low, high = frame["at_least"], frame["at_most"]
    where = findings.where(name, "at_least", "at_most")
    none, crossed = low.isna() & high.isna(), low > high
    if none.any():
        what = f"{count(int(none.sum()), len(frame), 'row')} without a floor or a ceiling"
        findings.table(where, what, findings.rows(name, frame.loc[none, key]), "Give at_least, at_most or both")
    if crossed.any():
        seen = low[crossed].map("{:g}".format) + " to " + high[crossed].map("{:g}".format)
        what = f"{count(int(crossed.sum()), len(frame), 'row')} with a floor above its ceiling"
        findings.table(where, what, findings.rows(name, seen), "Swap them or correct them")


def _check_places(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse places that are no country, no state or province, no site and, where goods arrive, no market."""
    if not frame["place"].notna().any():
        return
    regions = set(COUNTRIES) | set(reference.jurisdictions()["iso"])
    sites = set(tables["sites"]["site"].dropna()) if "sites" in tables else set()
    markets = set(tables["markets"]["market"].dropna()) if "markets" in tables else set()
    arrive = frame["kind"].isin(("import_share", "on_time_share", "sources"))
    known = frame["place"].isin(regions | sites) | (arrive & frame["place"].isin(markets))
    bad = frame.loc[frame["place"].notna() & ~known, "place"]
    if len(bad):
        findings.study(
            findings.where("limits", "place"),
            f"{count(len(bad), len(frame), 'place')} unknown",
            findings.rows("limits", bad),
            f"{_near(bad, regions | sites)}Write US, CA or MX, an ISO 3166-2 code such as US-TN, or the code of a site",
        )


def check_partners(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str] = ()) -> None:
    """Note commitments and gateways that no lane can carry.

    Parameters
    ----------
    tables, findings, unread
        As in :func:`check_limits`.
    """
    if len(tables.get("commitments", ())):
        _check_sides("commitments", tables["commitments"], findings)
        if "lanes" not in unread and len(tables.get("lanes", ())):
            _check_carried(tables["commitments"], tables["lanes"], findings)
    if len(tables.get("gateways", ())) and "lanes" not in unread:
        _check_codes(tables, findings)


def _check_carried(commitments: pd.DataFrame, lanes: pd.DataFrame, findings: Findings) -> None:
    """Refuse commitments to deliver something between places that no lane joins."""
    ways = set(zip(*(lanes[c].tolist() for c in ("product", "origin", "destination")), strict=True))
    starts = {(product, origin) for product, origin, _ in ways}
    lost = pd.Series(
        [
            least > 0 and ((p, a) not in starts if pd.isna(b) else (p, a, b) not in ways)
            for p, a, b, least in zip(
                *(commitments[c] for c in ("product", "origin", "destination", "at_least")), strict=True
            )
        ],
        index=commitments.index,
        dtype=bool,
    )
    if lost.any():
        rows = commitments[lost]
        seen = rows["product"] + " from " + rows["origin"] + " to " + rows["destination"].fillna("anywhere")
        findings.study(
            findings.where("commitments", "origin", "destination"),
            f"{count(int(lost.sum()), len(commitments), 'commitment')} without a lane",
            findings.rows("commitments", seen),
            f"Name an origin that can deliver the product, or add a lane to {findings.where('lanes')}",
        )


def _check_codes(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse gateways that no route can name: neither one of the study's lanes nor one that the package can make."""
    lanes, frame = tables.get("lanes"), tables["gateways"]
    shipped = _shipped_names()
    named = {g for route in lanes["route"].unique() for g in gateways_on(route)} if lanes is not None else set()
    bad = frame["gateway"][frame["gateway"].notna() & ~frame["gateway"].isin(named | set(shipped))]
    if len(bad):
        words = {name.lower(): code for code, name in shipped.items()}
        meant = {str(b): words[str(b).lower()] for b in bad if str(b).lower() in words}
        hint = "".join(f"{b!r} is {code!r}. " for b, code in list(meant.items())[:3])
        findings.study(
            findings.where("gateways", "gateway"),
            f"{count(len(bad), len(frame), 'code')} in no route of a lane",
            findings.rows("gateways", bad),
            f"{hint or _near(bad, named | set(shipped))}Write codes as in column 'route' of lanes: crossings such as "
            "laredo, ports such as USLGB; the manual page on limits lists them",
        )


def _shipped_names() -> dict[str, str]:
    """Return the name of every crossing and North American port that the freight layer can name, by code."""
    borders, ports = reference.borders(), reference.ports()
    home = ports[ports["country"].isin(COUNTRIES)]
    pairs = [(borders, "id"), (home, "unlocode")]
    return {str(c): str(n) for frame, code in pairs for c, n in zip(frame[code], frame["name"], strict=True)}


def _near(bad: pd.Series, known: Collection[Any]) -> str:
    """Return a hint at codes that look like the unknown ones; empty where there is none."""
    folded = {str(k).lower(): str(k) for k in known}
    near = [n for b in bad.unique()[:3] for n in difflib.get_close_matches(str(b).lower(), list(folded), n=1)]
    return f"Did you mean {shown(repr(folded[n]) for n in near)}? " if near else ""


#: Kinds of which a figure below zero says nothing.
_NEVER_BELOW_ZERO = ("emissions", "freight_emissions", "jobs", "capex", "jobs_fte", "throughput", "throughput_mass")


def check_contradictions(limits: pd.DataFrame, findings: Findings) -> None:
    """Refuse figures below zero, and pairs of limits on one thing whose floor is above the other's ceiling."""
    for column in ("at_least", "at_most"):
        low = limits["kind"].isin(_NEVER_BELOW_ZERO) & (limits[column] < 0.0)
        if low.any():
            findings.table(
                findings.where("limits", column),
                f"{count(int(low.sum()), len(limits), 'limit')} below zero",
                findings.rows("limits", limits.loc[low, column]),
                "Give a figure of zero or more",
            )
    crossed: dict[object, str] = {}
    limits = hard_limits(with_all_columns(limits))
    scope = ["kind", *(c for c in _NARROWING if c not in ("period", "first_year"))]
    for _, group in limits.dropna(subset=["limit", "kind"]).fillna(dict.fromkeys(scope, "")).groupby(scope):
        rows = list(group.to_dict("records"))
        for (i, low), high in pairs(zip(group.index, rows, strict=True), rows):
            if low is not high and _meet(low, high) and low["at_least"] > high["at_most"]:
                crossed[i] = f"{low['limit']}: {low['at_least']:g}, {high['limit']}: {high['at_most']:g}"
    if crossed:
        findings.study(
            findings.where("limits", "at_least", "at_most"),
            f"{count(len(crossed), len(limits), 'floor')} above the ceiling of another limit on the same",
            findings.rows("limits", pd.Series(crossed, dtype="str")),
            "Lower the floor, raise the ceiling, or take one of them out",
            infeasible=True,
        )


def _meet(low: Mapping[Any, Any], high: Mapping[Any, Any]) -> bool:
    """Whether a floor and a ceiling on one thing hold at the same time."""
    always, ever = pd.isna(low["period"]), pd.isna(high["period"])
    if (always and ever) or low["period"] == high["period"]:
        return True
    if low["kind"] == "capex_share" or not (pd.isna(low["first_year"]) and pd.isna(high["first_year"])):
        return False  # a share over the horizon says nothing about one period, nor does what begins later
    # A total of one period is part of that over the horizon; what holds in every period holds in each of them.
    return bool(ever or (always and "first_year" in LIMIT_COLUMNS[str(low["kind"])].may))


def warn_unclean(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of shares of renewable power that no plant can reach: the grid has less, and none can be contracted."""
    limits, sites = tables["limits"], tables["sites"]
    floors = limits[(limits["kind"] == "renewable_share") & (limits["at_least"] > 0.0)]
    growth = tables["trajectories"] if "trajectories" in tables else pd.DataFrame({"column": [], "factor": []})
    most = max(1.0, growth.loc[growth["column"] == "renewable_share", "factor"].max())
    lost = []
    for limit, place, least in floors[["limit", "place", "at_least"]].itertuples(index=False):
        here = sites[pd.isna(place) | (sites[["site", "region", "country"]] == place).any(axis=1)]
        none = here["clean_premium_usd_per_mwh"].isna() & (here["renewable_share"] * most < least)
        if len(here) and none.all():
            lost.append(limit)
    if lost:
        findings.warnings.append(
            f"{findings.where('limits', 'at_least')}: no grid there has so much renewable power, and without "
            f"{findings.where('sites', 'clean_premium_usd_per_mwh')} none can be contracted, so that only a plan "
            f"without plants there keeps {shown(lost)}"
        )
