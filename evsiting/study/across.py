"""Checks across tables: names that must exist, codes that must be unique, periods, and the bill of materials."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from evsiting import reference
from evsiting.errors import shown
from evsiting.study.findings import Findings, count
from evsiting.study.limit_checks import check_limits, check_partners
from evsiting.study.program_checks import check_program_rules
from evsiting.study.supply import check_supply
from evsiting.study.tables import COUNTRIES, QUALITIES, TABLES

#: Columns that name rows of more than one table.
_EITHER = {
    ("lanes", "origin"): (("sites", "site"), ("suppliers", "supplier")),
    ("lanes", "destination"): (("sites", "site"), ("markets", "market")),
    ("commitments", "origin"): (("sites", "site"), ("suppliers", "supplier")),
    ("commitments", "destination"): (("sites", "site"), ("markets", "market")),
}


def check_across(tables: Mapping[str, pd.DataFrame], found: Findings, unread: Collection[str] = ()) -> None:
    """Note every contradiction between tables.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form, with the index of what was read.
    found : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    clean = not found
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            if column.of:
                target, key = column.of.split(".")
                _check_names(name, column.name, frame[column.name], ((target, key),), tables, found, unread)
    for (name, column_name), targets in _EITHER.items():
        if name in tables:
            _check_names(name, column_name, tables[name][column_name], targets, tables, found, unread)
    _check_allowed_types(tables, found, unread)
    _check_codes(tables, found)
    _check_regions(tables, found)
    _check_periods(tables, found)
    _check_demand_periods(tables, found)
    _check_programs(tables, found)
    check_program_rules(tables, found, unread)
    check_limits(tables, found, unread)
    check_partners(tables, found, unread)
    if not found and not unread:
        _check_earned(tables, found)
        _check_duties(tables, found)
    _check_on_site(tables, found)
    _check_provenance(tables, found)
    cyclic = _check_cycles(tables, found)
    if clean and not found and not unread and not cyclic:
        check_supply(tables, found)


def _check_names(
    name: str,
    column: str,
    values: pd.Series,
    targets: Iterable[tuple[str, str]],
    tables: Mapping[str, pd.DataFrame],
    found: Findings,
    unread: Collection[str],
) -> None:
    """Refuse names that another table does not hold."""
    targets = tuple(targets)
    if any(target in unread for target, _ in targets):
        return
    known = {str(v) for target, key in targets if target in tables for v in tables[target][key].dropna().unique()}
    missing = values.notna() & ~values.isin(known)
    if not missing.any():
        return
    if all(target not in tables for target, _ in targets) and any(TABLES[target].required for target, _ in targets):
        return  # the missing table has been told
    if not known and any(len(tables[target]) for target, _ in targets if target in tables):
        return  # the column that is missing or empty has been told
    bad = values[missing]
    homes = " or ".join(found.where(target, key) for target, key in targets)
    found.study(
        found.where(name, column),
        f"{count(len(bad), len(values), 'name')} not in {homes}",
        found.rows(name, bad),
        _way_out(bad.unique(), known, homes),
    )


def _way_out(bad: Iterable[str], known: Collection[str], homes: str) -> str:
    folded = {k.lower(): k for k in known}
    hints = []
    for name in list(bad)[:3]:
        near = difflib.get_close_matches(str(name).lower(), list(folded), n=2, cutoff=0.6)
        near = near or [k for k in sorted(folded) if len(name) > 2 and k.startswith(str(name).lower())][:2]
        if near:
            hints.append(f"did you mean {' or '.join(repr(folded[n]) for n in near)} for {name!r}?")
    hint = " ".join(hints)
    hint = f"{hint[0].upper()}{hint[1:]} " if hint else ""
    return f"{hint}Add the name to {homes}, or correct it" if known else f"{hint}Add the name to {homes}"


def _check_allowed_types(tables: Mapping[str, pd.DataFrame], found: Findings, unread: Collection[str]) -> None:
    """Refuse plant types of sites, and those of options and plants, that no process describes."""
    if "processes" not in tables or "processes" in unread or "sites" not in tables:
        return
    lists = tables["sites"]["plant_types"].dropna()
    parts = lists.str.split(";").explode().str.strip()
    _check_names("sites", "plant_types", parts[parts != ""], (("processes", "plant_type"),), tables, found, unread)


def _check_codes(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse a code that two of sites, markets and suppliers share: lanes name all three."""
    codes = [
        (name, tables[name][TABLES[name].key[0]].dropna())
        for name in ("sites", "markets", "suppliers")
        if name in tables
    ]
    for k, (name, mine) in enumerate(codes):
        for other, theirs in codes[:k]:
            both = mine[mine.isin(theirs)]
            if len(both):
                found.study(
                    found.where(name, TABLES[name].key[0]),
                    f"{count(len(both), len(mine), 'code')} also in {found.where(other, TABLES[other].key[0])}",
                    found.rows(name, both),
                    "Give each place a code of its own, such as a prefix M- for markets",
                )


def _check_regions(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse regions that are none, or that lie in another country than the row says."""
    known: set[str] = set()
    for name in ("sites", "markets", "programs"):
        if name not in tables:
            continue
        frame = tables[name]
        region = frame["region"]
        if not region.notna().any():
            continue
        known = known or set(reference.jurisdictions()["iso"])
        bad = region[region.notna() & ~region.isin(known)]
        if len(bad):
            near = [n for v in bad.unique()[:3] for n in _like(str(v), known)]
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            found.table(
                found.where(name, "region"),
                f"{count(len(bad), len(frame), 'region')} unknown",
                found.rows(name, bad),
                f"{hint}Write the ISO 3166-2 code, such as US-TN, CA-ON, MX-NLE",
            )
        other = (
            region.notna()
            & region.isin(known)
            & frame["country"].isin(COUNTRIES)
            & (region.str[:2] != frame["country"])
        )
        if other.any():
            found.table(
                found.where(name, "region", "country"),
                f"{count(int(other.sum()), len(frame), 'row')} in contradiction",
                found.rows(name, region[other] + " in " + frame["country"][other]),
                "Correct the country or the region",
            )


def _like(name: str, known: Collection[str]) -> list[str]:
    near = difflib.get_close_matches(name.upper(), sorted(known), n=1, cutoff=0.6)
    return near or [k for k in sorted(known) if k.endswith(f"-{name.upper()}")][:2]


def _check_periods(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse periods that overlap."""
    if "periods" not in tables:
        return
    frame = tables["periods"].dropna(subset=["start_year", "years"]).sort_values("start_year")
    end = frame["start_year"] + frame["years"]
    late = end.shift() > frame["start_year"]
    if late.any():
        span = (
            frame["period"].fillna("")
            + ": "
            + frame["start_year"].astype("int64").astype("str")
            + " to "
            + (end - 1).astype("int64").astype("str")
        )
        found.table(
            found.where("periods", "start_year", "years"),
            f"{count(int(late.sum()), len(frame), 'period')} begun before the one before has ended",
            shown(f"{before}, then {after}" for before, after in zip(span.shift()[late], span[late], strict=True)),
            "Let each period begin in the year after the one before",
        )


def _check_demand_periods(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse demand that is given for every period and for one of them as well."""
    if "demand" not in tables:
        return
    frame = tables["demand"]
    whole = frame[frame["period"].isna()][["market", "product"]].drop_duplicates()
    some = frame[frame["period"].notna()].reset_index().merge(whole, on=["market", "product"]).set_index("index")
    if len(some):
        found.table(
            found.where("demand", "market", "product", "period"),
            f"{count(len(some), len(frame), 'row')} for a period of what another row gives for every period",
            found.rows("demand", some["market"] + "|" + some["product"] + "|" + some["period"]),
            "Give either one row with an empty period, or a row for each period",
        )


def _check_programs(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse programs that end before they begin, and shares of investment above one."""
    if "programs" in tables:
        frame = tables["programs"]
        back = frame["last_year"] < frame["first_year"]
        if back.any():
            seen = (
                frame["first_year"][back].map("{:.0f}".format) + " to " + frame["last_year"][back].map("{:.0f}".format)
            )
            found.table(
                found.where("programs", "first_year", "last_year"),
                f"{count(int(back.sum()), len(frame), 'row')} ended before it begins",
                found.rows("programs", seen),
                "Swap the years or correct them",
            )
    for name in ("programs", "incentives"):
        if name in tables:
            frame = tables[name]
            high = (frame["kind"] == "investment") & (frame["value"] > 1)
            if high.any():
                found.table(
                    found.where(name, "value"),
                    f"{count(int(high.sum()), len(frame), 'row')} above the whole investment",
                    found.rows(name, frame["value"][high]),
                    "Give the fraction: 0.3 for 30 %",
                )


def _check_earned(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse credits per unit for a product that the plant type does not make: nothing would earn them."""
    if "processes" not in tables:
        return
    made = set(tables["processes"]["plant_type"] + " makes no " + tables["processes"]["product"])
    for name in ("programs", "incentives"):
        if name in tables:
            frame = tables[name]
            pairs = frame["plant_type"] + " makes no " + frame["product"]
            lost = (frame["kind"] == "production") & pairs.notna() & ~pairs.isin(made)
            if lost.any():
                found.study(
                    found.where(name, "plant_type", "product"),
                    f"{count(int(lost.sum()), len(frame), 'credit')} for what is not made there",
                    found.rows(name, pairs[lost]),
                    f"Name a product that the plant type makes by {found.where('processes')}",
                )


def _check_duties(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Tell of imports that no duty is given for, where others have one: they come in free."""
    if not all(len(tables.get(name, ())) for name in ("duties", "suppliers")) or len(tables.get("lanes", ())):
        return
    dutiable = set(tables["duties"]["product"] + " from " + tables["duties"]["origin"])
    frame = tables["suppliers"]
    free = frame["product"] + " from " + frame["country"]
    free = free[free.notna() & ~frame["country"].isin(COUNTRIES) & ~free.isin(dutiable)]
    if len(free):
        found.odd.append(
            f"{found.where('duties')}: has no row for {shown(dict.fromkeys(free))}; these imports are free of duty"
        )


def _check_on_site(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse lanes from a place to itself that are not on site, and the other way round."""
    if "lanes" not in tables:
        return
    frame = tables["lanes"]
    odd = (frame["mode"] == "on_site") != (frame["origin"] == frame["destination"])
    if odd.any():
        found.table(
            found.where("lanes", "mode", "origin", "destination"),
            f"{count(int(odd.sum()), len(frame), 'lane')} in contradiction",
            found.rows("lanes", (frame["origin"] + " to " + frame["destination"] + " by " + frame["mode"])[odd]),
            "Mode on_site is for lanes from a site to itself, and only for those",
        )


def _check_provenance(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse provenance that names tables, columns or sources that do not exist."""
    if "provenance" not in tables or not len(tables["provenance"]):
        return
    frame = tables["provenance"]
    known = set(TABLES) | {"settings", "*"}
    bad = frame["table"][frame["table"].notna() & ~frame["table"].isin(known)]
    if len(bad):
        found.study(
            found.where("provenance", "table"),
            f"{count(len(bad), len(frame), 'name')} no table of a study",
            found.rows("provenance", bad),
            _way_out(bad.unique(), known, "the tables of the data dictionary"),
        )
    wrong = pd.Series(
        [
            t in tables and c != "*" and c not in tables[t].columns
            for t, c in frame[["table", "column"]].itertuples(index=False)
        ],
        index=frame.index,
        dtype=bool,
    )
    wrong &= frame["column"].notna()
    for name, group in frame[wrong].groupby("table"):
        found.study(
            found.where("provenance", "column"),
            f"{count(len(group), len(frame), 'name')} no column of {name}",
            found.rows("provenance", group["column"]),
            _way_out(group["column"].unique(), set(map(str, tables[str(name)].columns)), f"table {name!r}"),
        )
    without = frame["source"].isna() & (frame["quality"] != "assumption") & frame["quality"].isin(QUALITIES)
    if without.any():
        found.table(
            found.where("provenance", "source"),
            f"{count(int(without.sum()), len(frame))} empty",
            found.rows("provenance", frame["table"][without] + "|" + frame["column"][without]),
            "Name a source, or call the quality assumption",
        )
    ids = set(tables["sources"]["id"].dropna()) if "sources" in tables else set()
    ids |= set(reference.sources()["id"])
    cited = frame["source"].dropna().str.split(";").explode().str.strip()
    lost = cited[(cited != "") & ~cited.isin(ids)]
    if len(lost):
        found.study(
            found.where("provenance", "source"),
            f"{count(len(lost), len(cited), 'source')} not in {found.where('sources', 'id')}",
            found.rows("provenance", lost),
            _way_out(lost.unique(), ids, found.where("sources", "id")),
        )


def _check_cycles(tables: Mapping[str, pd.DataFrame], found: Findings) -> bool:
    """Refuse a bill of materials in which a product goes into itself; return whether one does."""
    if "bill_of_materials" not in tables:
        return False
    into: dict[str, list[str]] = {}
    for made, used in tables["bill_of_materials"][["product", "input"]].dropna().itertuples(index=False):
        into.setdefault(made, []).append(used)
    done: set[str] = set()
    for start in into:
        path: list[str] = []
        ring = _ring(start, into, path, done)
        if ring:
            found.study(
                found.where("bill_of_materials", "product", "input"),
                "a product goes into itself",
                " <- ".join(ring),
                "Take one of these rows out",
            )
            return True
    return False


def _ring(product: str, into: Mapping[str, list[str]], path: list[str], done: set[str]) -> list[str]:
    """Return a cycle that can be reached from ``product``, without recursion; empty where there is none."""
    stack = [(product, iter(into.get(product, ())))]
    path.append(product)
    while stack:
        here, inputs = stack[-1]
        step = next(inputs, None)
        if step is None:
            stack.pop()
            done.add(path.pop())
        elif step in path:
            return [*path[path.index(step) :], step]
        elif step not in done:
            path.append(step)
            stack.append((step, iter(into.get(step, ()))))
    return []
