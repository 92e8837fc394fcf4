"""Checks of names: what a table names must be there, in another table or in the world."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from evsiting import reference
from evsiting.study.findings import Findings, count
from evsiting.study.tables import COUNTRIES, TABLES

__all__ = ["check_codes", "check_names", "check_regions", "parts", "way_out"]

_Targets = tuple[tuple[str, str], ...]

_SITE, _SUPPLIER, _MARKET = ("sites", "site"), ("suppliers", "supplier"), ("markets", "market")
_PROGRAM: _Targets = (("programs", "program"), ("incentives", "program"))
#: Columns that name rows of more than one table.
_EITHER: Mapping[tuple[str, str], _Targets] = {
    ("lanes", "origin"): (_SITE, _SUPPLIER),
    ("lanes", "destination"): (_SITE, _MARKET),
    ("commitments", "origin"): (_SITE, _SUPPLIER),
    ("commitments", "destination"): (_SITE, _MARKET),
    ("program_rules", "program"): _PROGRAM,
}
#: Columns that list names, parted by ';'.
_LISTS: Mapping[tuple[str, str], _Targets] = {
    ("sites", "plant_types"): (("processes", "plant_type"),),
    ("options", "sites"): (_SITE,),
    ("program_rules", "excludes"): _PROGRAM,
    ("program_rules", "requires"): (("processes", "plant_type"),),
}


def check_names(tables: Mapping[str, pd.DataFrame], found: Findings, unread: Collection[str]) -> None:
    """Refuse names that no other table holds.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    found : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            if column.of and column.name in frame:
                target, key = column.of.split(".")
                _check(name, column.name, frame[column.name], ((target, key),), tables, found, unread)
    for (name, column_name), targets in _EITHER.items():
        if name in tables:
            _check(name, column_name, tables[name][column_name], targets, tables, found, unread)
    for (name, column_name), targets in _LISTS.items():
        if name in tables:
            _check(name, column_name, parts(tables[name][column_name]), targets, tables, found, unread)


def parts(column: pd.Series) -> pd.Series:
    """Return the names that cells list, parted by ';', each under the label of its row.

    Examples
    --------
    >>> parts(pd.Series(["a; b", None], dtype="str")).tolist()
    ['a', 'b']
    """
    if column.isna().all():
        return column.dropna()
    each = column.dropna().str.split(";").explode().str.strip()
    return each[each != ""]


def _check(
    name: str,
    column: str,
    values: pd.Series,
    targets: _Targets,
    tables: Mapping[str, pd.DataFrame],
    found: Findings,
    unread: Collection[str],
) -> None:
    """Refuse names that none of the tables holds."""
    if any(target in unread for target, _ in targets):
        return
    known = {v for target, key in targets if target in tables for v in tables[target][key].tolist() if v == v}
    if all(v in known or v != v for v in set(values.tolist())):
        return
    missing = values.notna() & ~values.isin(known)
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
        way_out(bad.unique(), known, homes),
    )


def way_out(bad: Iterable[str], known: Collection[str], homes: str) -> str:
    """Return the way out for names that are unknown: those that look like them, and where to add them."""
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


def check_codes(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse a code that two of sites, markets and suppliers share: lanes name all three."""
    codes = [(name, tables[name][key].dropna()) for name, key in (_SITE, _MARKET, _SUPPLIER) if name in tables]
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


def check_regions(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse regions that are none, or that lie in another country than the row says."""
    known: set[str] = set()
    for name in ("sites", "markets", "programs"):
        if name not in tables:
            continue
        frame = tables[name]
        region = frame["region"]
        pairs = {(r, c) for r, c in zip(region.tolist(), frame["country"].tolist(), strict=True) if r == r}
        if not pairs:
            continue
        known = known or set(reference.jurisdictions()["iso"])
        if all(r in known and (c not in COUNTRIES or r[:2] == c) for r, c in pairs):
            continue
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
