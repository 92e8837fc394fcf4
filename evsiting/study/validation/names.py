"""Checks of names: what a table names must be there, in another table or in the world."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from evsiting import reference
from evsiting.study.canonical.region_names import UNKNOWN_HERE, fold_name, meant_region
from evsiting.study.findings import Findings, count
from evsiting.study.lists import explode_lists
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.tables import TABLES

__all__ = ["check_codes", "check_names", "check_regions", "near_names", "way_out"]

_DIGITS = re.compile(r"\d+")

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


def check_names(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Refuse names that no other table holds.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    for name, frame in tables.items():
        for column in TABLES[name].columns:
            if column.of and column.name in frame:
                target, key = column.of.split(".")
                _check(name, column.name, frame[column.name], ((target, key),), tables, findings, unread)
    for (name, column_name), targets in _EITHER.items():
        if name in tables:
            _check(name, column_name, tables[name][column_name], targets, tables, findings, unread)
    for (name, column_name), targets in _LISTS.items():
        if name in tables:
            cells = explode_lists(tables[name][column_name])
            _check(name, column_name, cells, targets, tables, findings, unread, lists=True)


def _check(
    name: str,
    column: str,
    values: pd.Series,
    targets: _Targets,
    tables: Mapping[str, pd.DataFrame],
    findings: Findings,
    unread: Collection[str],
    *,
    lists: bool = False,
) -> None:
    """Refuse names that none of the tables holds."""
    if any(target in unread and (target not in tables or target not in findings.unread_rows) for target, _ in targets):
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
    if bad.nunique() <= sum(findings.unread_rows.get(target, 0) for target, _ in targets):
        return  # they may stand in rows that could not be read
    homes = " or ".join(findings.where(target, key) for target, key in targets)
    findings.study(
        findings.where(name, column),
        f"{count(len(bad), len(values), 'name')} not in {homes}",
        findings.rows(name, bad),
        (_parted_otherwise(bad.unique(), known) if lists else "") or way_out(bad.unique(), known, homes),
    )


def _parted_otherwise(bad: Iterable[str], known: Collection[str]) -> str:
    """Return the way out where names of a list are parted by other signs than semicolons; empty where they are not."""
    for name in bad:
        parts = [part.strip() for part in re.split(r"[,/+|&\n]", str(name))]
        if len(parts) > 1 and set(parts) <= set(known):
            return f"Part the names of a list by semicolons: {';'.join(parts)!r}"
    return ""


def way_out(bad: Iterable[str], known: Collection[str], homes: str) -> str:
    """Return the way out for names that are unknown: those that look like them, and where to add them."""
    hints = []
    for name in list(bad)[:3]:
        near = near_names(str(name), known)
        if near:
            hints.append(f"did you mean {' or '.join(map(repr, near))} for {name!r}?")
    hint = " ".join(hints)
    hint = f"{hint[0].upper()}{hint[1:]} " if hint else ""
    return f"{hint}Add the name to {homes}, or correct it" if known else f"{hint}Add the name to {homes}"


def near_names(name: str, known: Collection[str]) -> list[str]:
    """Return the known names, two at most, that a name may be meant for; none rather than a random one.

    The same letters and digits come first, whatever case, accents and signs; then names of which it is the beginning or
    the end; then misspelt ones: much alike as a whole and in their last part, with the same digits.

    Examples
    --------
    >>> (
    ...     near_names("Montreal", ["M-montréal", "M-toronto"]),
    ...     near_names("US-TN-nashville", ["US-TN-memphis"]),
    ... )
    (['M-montréal'], [])
    >>> near_names("site-12", ["site-11", "site-13"]), near_names("M-dalas", ["M-dallas", "M-atlanta"])
    ([], ['M-dallas'])
    """
    words: dict[str, list[str]] = defaultdict(list)
    for k in sorted(known):
        words[fold_name(k)].append(k)
    mine = fold_name(name)
    same = [w for w in words if w.replace(" ", "") == mine.replace(" ", "")]
    if same:
        return [k for w in same for k in words[w]][:2]
    if len(mine) > 2:
        part = [w for w in words if f" {w} ".startswith(f" {mine} ") or f" {w} ".endswith(f" {mine} ")]
        part = part or [w for w in words if w.startswith(mine)]
        if 0 < len(part) <= 2:
            return [words[w][0] for w in part]
    near = difflib.get_close_matches(mine, list(words), n=4, cutoff=0.75)
    alike = [w for w in near if _DIGITS.findall(w) == _DIGITS.findall(mine) and _ends_alike(mine, w)]
    return [words[w][0] for w in alike[:2]]


def _ends_alike(one: str, other: str) -> bool:
    """Whether the last words of two names are alike: all places of a state begin the same."""
    a, b = one.split()[-1:], other.split()[-1:]
    return bool(a and b) and difflib.SequenceMatcher(None, a[0], b[0]).ratio() >= 0.7


def check_codes(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse a code that two of sites, markets and suppliers share: lanes name all three."""
    codes = [(name, tables[name][key].dropna()) for name, key in (_SITE, _MARKET, _SUPPLIER) if name in tables]
    for k, (name, mine) in enumerate(codes):
        for other, theirs in codes[:k]:
            both = mine[mine.isin(theirs)]
            if len(both):
                findings.study(
                    findings.where(name, TABLES[name].key[0]),
                    f"{count(len(both), len(mine), 'code')} also in {findings.where(other, TABLES[other].key[0])}",
                    findings.rows(name, both),
                    "Give each place a code of its own, such as a prefix M- for markets",
                )


def check_regions(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
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
            findings.table(
                findings.where(name, "region"),
                f"{count(len(bad), len(frame), 'region')} unknown",
                findings.rows(name, bad),
                _region_way_out(bad, frame["country"]),
            )
        other = (
            region.notna()
            & region.isin(known)
            & frame["country"].isin(COUNTRIES)
            & (region.str[:2] != frame["country"])
        )
        if other.any():
            findings.table(
                findings.where(name, "region", "country"),
                f"{count(int(other.sum()), len(frame), 'row')} in contradiction",
                findings.rows(name, region[other] + " in " + frame["country"][other]),
                "Correct the country or the region",
            )


def _region_way_out(bad: pd.Series, country: pd.Series) -> str:
    """Return the way out for regions that are unknown: the code that is meant, where that is sure."""
    pairs = list(dict.fromkeys((r, c if c == c else "") for r, c in zip(bad, country[bad.index], strict=True)))
    meant = [(r, c, code) for r, c in pairs if (code := meant_region(r, c))]
    hints = [f"{code} for {r!r}{f' in {c}' if c else ''}" if len(pairs) > 1 else code for r, c, code in meant]
    hint = f"Did you mean {', '.join(hints[:5])}? " if hints else ""
    lands = {str(r)[3:].upper() for r, _ in pairs if str(r)[:3].upper() == "US-"} & set(UNKNOWN_HERE)
    lands |= {str(r).upper() for r, c in pairs if c == "US" and str(r).upper() in UNKNOWN_HERE}
    off = f"No figures are shipped for {' or '.join(UNKNOWN_HERE[x] for x in sorted(lands))}. " if lands else ""
    return f"{hint}{off}Write the ISO 3166-2 code, such as US-TN, CA-ON, MX-NLE"
