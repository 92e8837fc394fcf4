"""Checks of what a limit counts: options, members, the ends and gateways of lanes; numbers that no plan can reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from evsiting import reference
from evsiting.study.buildable import buildable, running
from evsiting.study.findings import Findings, count
from evsiting.study.lists import gateways_on, named_plants, split_list
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.tables import TABLES
from evsiting.study.validation.names import near_names

__all__ = ["check_numbers", "check_scope", "hard_limits", "with_all_columns"]


def with_all_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return table ``limits`` with every column of the dictionary; those that it lacks are empty."""
    made = pd.DataFrame(frame).copy()
    for column in TABLES["limits"].columns:
        if column.name not in made:
            text = column.dtype == "text"
            fill = None if text else float("nan")
            made[column.name] = pd.Series(fill, index=made.index, dtype="str" if text else "float64")
    return made


def hard_limits(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the limits that must be kept: what a penalty makes soft asks nothing that cannot be."""
    if "penalty_usd_per_unit" not in frame:
        return frame
    return frame[frame["penalty_usd_per_unit"].isna()]


def check_scope(
    frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str] = ()
) -> None:
    """Refuse options, members, ends of lanes and gateways that the study does not have.

    Parameters
    ----------
    frame : pandas.DataFrame
        Table ``limits``, with every column of the dictionary.
    tables, findings, unread
        As in :func:`evsiting.study.validation.limits.check_limits`.
    """
    options = tables.get("options", pd.DataFrame({"plant_type": [], "option": []}))
    pairs = set(zip(options["plant_type"], options["option"], strict=True))
    if not {"options", "sites", "processes"} & set(unread):
        lost = {
            i: row["option"]
            for i, row in frame[frame["option"].notna()].iterrows()
            if not any(o == row["option"] and (pd.isna(row["plant_type"]) or k == row["plant_type"]) for k, o in pairs)
        }
        _note_unknown(
            "option", "unknown", lost, {str(o) for _, o in pairs}, "Name an option of its plant type", findings, frame
        )
        _check_members(frame, tables, pairs, findings)
    if {"sites", "markets", "suppliers", "lanes", "gateways"} & set(unread):
        return
    land = set(COUNTRIES) | set(reference.jurisdictions()["iso"])
    ends = {n: set(tables[n][k].dropna()) if n in tables else set() for n, k in _CODES.items()}
    origins = land | ends["sites"] | ends["suppliers"]
    if "suppliers" in tables:
        origins |= set(tables["suppliers"]["country"].dropna())
    known = {"origin": origins, "destination": land | ends["sites"] | ends["markets"]}
    for column, codes in known.items():
        lost = {i: v for i, v in frame[column].dropna().items() if v not in codes}
        fix = "Write the code of a place, a state such as US-TN, or a country"
        _note_unknown(column, "unknown", lost, codes, fix, findings, frame)
    gateways = _gateways(tables)
    lost = {i: v for i, v in frame["gateway"].dropna().items() if v not in gateways}
    _note_unknown(
        "gateway", "in no route of a lane", lost, gateways, "Write it as in column 'route' of lanes", findings, frame
    )


_CODES = {"sites": "site", "markets": "market", "suppliers": "supplier"}


def _gateways(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return the gateways that a route of the study names, or one that the freight layer can make."""
    borders, ports = reference.borders(), reference.ports()
    shipped = {*borders["id"], *ports.loc[ports["country"].isin(COUNTRIES), "unlocode"]}
    lanes = tables.get("lanes")
    return shipped | (
        {g for route in lanes["route"].unique() for g in gateways_on(route)} if lanes is not None else set()
    )


def _check_members(
    frame: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    options: Collection[tuple[object, object]],
    findings: Findings,
) -> None:
    """Refuse members that name no site, plant type or option of the study, or a plant that can nowhere be."""
    sites = set(tables["sites"]["site"].dropna()) if "sites" in tables else set()
    kinds = set(tables["processes"]["plant_type"].dropna()) if "processes" in tables else set()
    names = {str(o) for _, o in options}
    programs = frame["kind"] == "programs_used"
    _check_programs(frame, frame.loc[programs, "members"].dropna(), tables, findings)
    for column in ("members", "if_open"):
        lost: dict[object, str] = {}
        for i, cell in frame.loc[~programs, column].dropna().items():
            for text, (site, kind, option) in zip(dict.fromkeys(split_list(cell)), named_plants(cell), strict=True):
                right = (not site or site in sites) and (not kind or kind in kinds)
                right &= not option or any(o == option and kind in ("", k) for k, o in options)
                if not (right and (site or kind or option)):
                    lost[i] = text
        parts = sites | kinds | names
        fix = "Write site, site/plant type or site/plant type/option, with * for any: 'US-TN-memphis/cell', '*/cell'"
        bad = {i: text for i, text in lost.items()}
        _note_unknown(column, "no plant of the study", bad, parts, fix, findings, frame, split=True)
    named = frame.loc[frame["kind"] == "sites_changed", "members"].dropna()
    odd = {
        i: ", ".join(texts) for i, cell in named.items() if (texts := [t for t in split_list(cell) if t not in sites])
    }
    unknown = {i: text for i, text in odd.items() if i not in lost}
    _note_unknown(
        "members",
        "not the code of a site",
        unknown,
        sites,
        "Give sites_changed sites alone, parted by ';'",
        findings,
        frame,
    )


def _check_programs(
    frame: pd.DataFrame, members: pd.Series, tables: Mapping[str, pd.DataFrame], findings: Findings
) -> None:
    """Refuse programs without rules: a plant has no choice whether it is paid by them."""
    ruled = set(tables["program_rules"]["program"].dropna()) if "program_rules" in tables else set()
    paid = set(tables["programs"]["program"].dropna()) if "programs" in tables else set()
    paid |= set(tables["incentives"]["program"].dropna()) if "incentives" in tables else set()
    odd = {i: [name for name in split_list(cell) if name not in ruled] for i, cell in members.items()}
    unknown = {i: ", ".join(n for n in names if n not in paid) for i, names in odd.items()}
    free = {i: ", ".join(n for n in names if n in paid) for i, names in odd.items()}
    fix = "Write programs as in column 'program' of program_rules"
    _note_unknown(
        "members",
        "no program of the study",
        {i: v for i, v in unknown.items() if v},
        ruled | paid,
        fix,
        findings,
        frame,
    )
    fix = (
        f"Give it a row in {findings.where('program_rules')}, with nothing but its name where it has no conditions: "
        "then a plant may do without it"
    )
    unconditional = {i: v for i, v in free.items() if v}
    _note_unknown("members", "paid to every plant without a choice", unconditional, set(), fix, findings, frame)


def _note_unknown(
    column: str,
    what: str,
    lost: Mapping[object, object],
    known: Collection[str],
    fix: str,
    findings: Findings,
    frame: pd.DataFrame,
    *,
    split: bool = False,
) -> None:
    """Note cells that name what is not there, with what looks like it."""
    if not lost:
        return
    words = [part.strip() for v in lost.values() for part in (str(v).split("/") if split else [str(v)])]
    near = [n for word in words if word not in known for n in near_names(word, known)[:1]]
    hint = f"Did you mean {', '.join(map(repr, dict.fromkeys(near)))}? " if near else ""
    findings.study(
        findings.where("limits", column),
        f"{count(len(lost), len(frame), 'cell')} {what}",
        findings.rows("limits", pd.Series(dict(lost), dtype="str")),
        f"{hint}{fix}",
    )


def check_numbers(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse numbers of plants, members and origins that no plan can reach, and floors above a ceiling around them.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form, without other problems; sites with country and region.
    findings : Findings
        Where problems go.
    """
    frame = with_all_columns(tables["limits"])
    new = buildable(tables)
    land = tables["sites"].set_index("site")[["region", "country"]]
    standing = _standing(tables)
    lost: dict[object, str] = {}
    for i, row in frame[frame["at_least"] > 0.0].iterrows():
        if row["kind"] == "members_open":
            most = len(dict.fromkeys(split_list(row["members"])))
        elif row["kind"] == "sites_changed":
            most = len(
                {s for s, k, _ in new if row["plant_type"] in (k, None) or pd.isna(row["plant_type"])}
                | set(split_list(row["members"]))
            )
        elif row["kind"] == "programs_used" and "incentives" in tables:
            offers = tables["incentives"][tables["incentives"]["program"].isin(split_list(row["members"]))]
            claims = offers[["program", "site", "plant_type"]].drop_duplicates()
            most = sum(_counts(row, str(c.site), str(c.plant_type), land) for c in claims.itertuples())
        elif row["kind"] in ("plants_open", "plants_built"):
            here = {(s, k) for s, k, option in new if pd.isna(row["option"]) or row["option"] == option}
            most = sum(_counts(row, site, kind, land) for site, kind in here)
            if row["kind"] == "plants_open" and pd.isna(row["option"]):
                most += sum(_counts(row, site, kind, land) for site, kind in standing)
        else:
            continue
        if row["at_least"] > most:
            lost[i] = f"{row['limit']}: {row['at_least']:g}, {most} can be"
    if lost:
        findings.study(
            findings.where("limits", "at_least"),
            f"{count(len(lost), len(frame), 'number')} beyond what can be built or stands",
            findings.rows("limits", pd.Series(lost, dtype="str")),
            "Lower the floor, or let such plants be built at more sites",
        )
    _check_nested(frame, land, findings)


def _standing(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, str]]:
    """Return site and plant type of plants that run or may be made to: they stand beside a new one."""
    if "plants" not in tables:
        return []
    rows = tables["plants"][running(tables["plants"])]
    return [(str(s), str(k)) for s, k in zip(rows["site"], rows["plant_type"], strict=True)]


def _counts(row: pd.Series, site: str, kind: str, land: pd.DataFrame) -> bool:
    """Whether a plant of a type at a site counts for a limit."""
    inside = pd.isna(row["place"]) or row["place"] in (site, land.at[site, "region"], land.at[site, "country"])
    return bool(inside and (pd.isna(row["plant_type"]) or row["plant_type"] == kind))


def _check_nested(frame: pd.DataFrame, land: pd.DataFrame, findings: Findings) -> None:
    """Refuse floors on numbers and staff that add up to more than the ceiling of what they are all part of."""
    inside = {str(c): {str(c)} for c in land["country"]}
    for site, region, country in land.reset_index()[["site", "region", "country"]].itertuples(index=False, name=None):
        inside[str(country)] |= {str(site), str(region)}
        inside.setdefault(str(region), {str(region)}).add(str(site))
        inside.setdefault(str(site), {str(site)})
    plain = frame[frame["kind"].isin(("plants_open", "jobs_fte")) & frame["if_open"].isna()]
    lost: list[str] = []
    for _, roof in plain[plain["at_most"].notna()].iterrows():
        low = plain[(plain["kind"] == roof["kind"]) & (plain["at_least"] > 0.0) & (plain["limit"] != roof["limit"])]
        low = low[
            low["period"].isna() if pd.isna(roof["period"]) else low["period"].isna() | low["period"].eq(roof["period"])
        ]
        if pd.notna(roof["period"]):
            low = low[low["first_year"].isna()]
        for column in ("plant_type", "option"):
            if pd.notna(roof[column]):
                low = low[low[column] == roof[column]]
        if pd.notna(roof["place"]):
            low = low[low["place"].isin(inside.get(str(roof["place"]), set()))]
        parts = _apart(low, inside)
        total = float(sum(row["at_least"] for row in parts))
        if total > roof["at_most"] * (1.0 + 1e-9):
            each = ", ".join(f"{row['limit']}: at least {row['at_least']:g}" for row in parts)
            lost.append(f"{roof['limit']}: at most {roof['at_most']:g}, but {each}")
    if lost:
        findings.study(
            findings.where("limits", "at_least", "at_most"),
            "floors add up to more than the ceiling of what they are part of",
            "; ".join(lost),
            "Lower the floors, raise the ceiling, or take one of them out",
        )


def _apart(low: pd.DataFrame, inside: Mapping[str, set[str]]) -> list[pd.Series]:
    """Return floors that count no plant twice, the highest first."""
    disjoint: list[pd.Series] = []
    for _, row in low.sort_values("at_least", ascending=False, kind="stable").iterrows():
        if all(_disjoint(row, other, inside) for other in disjoint):
            disjoint.append(row)
    return disjoint


def _disjoint(one: pd.Series, other: pd.Series, inside: Mapping[str, set[str]]) -> bool:
    """Whether nothing counts for both of two limits."""
    for column in ("plant_type", "option"):
        if pd.notna(one[column]) and pd.notna(other[column]) and one[column] != other[column]:
            return True
    if pd.isna(one["place"]) or pd.isna(other["place"]):
        return False
    a, b = str(one["place"]), str(other["place"])
    return not (inside.get(a, {a}) & inside.get(b, {b}))
