"""Checks of figures over time: places at which the figure is found, and capacities of which a part may be away."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evsiting import reference
from evsiting.study.findings import Findings, count
from evsiting.study.schema.countries import COUNTRIES, ISO_CODES
from evsiting.study.schema.trajectories import CAPACITIES
from evsiting.study.validation.names import way_out

__all__ = ["check_trajectories"]


#: Figures that table trajectories changes everywhere alike.
_EVERYWHERE = ("freight_usd_per_unit", "carbon_price_usd_per_t")


def check_trajectories(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse places of values over time at which the figure is not found, or that mean two things."""
    frame = tables["trajectories"]
    _check_parts(frame, findings)
    named = frame[frame["place"].notna() & frame["column"].notna()]
    if not len(named):
        return
    none = pd.DataFrame({"supplier": pd.Series(dtype="str"), "country": pd.Series(dtype="str")})
    sellers = tables.get("suppliers", none)
    codes = {"price_usd_per_unit": set(sellers["supplier"].dropna())}
    sites = set(tables["sites"]["site"].dropna()) if "sites" in tables else set()
    areas = {"price_usd_per_unit": set(sellers["country"].dropna())}
    home = set(COUNTRIES) | set(reference.jurisdictions()["iso"])
    fixes = {"price_usd_per_unit": "the code of a supplier or its country"}
    _add_capacities(tables, sites, home, codes, areas, fixes)
    for column, group in named.groupby("column", sort=False):
        where, key = findings.where("trajectories", "place"), str(column)
        if key in _EVERYWHERE:
            findings.table(
                where,
                f"{count(len(group), len(frame), 'row')} with a place for {key!r}, which changes everywhere alike",
                findings.rows("trajectories", group["place"]),
                "Leave the place empty",
            )
            continue
        mine, area = codes.get(key, sites), areas.get(key, home)
        if not area <= ISO_CODES | home:
            continue  # the code of a supplier's country is wrong, and has been told
        bad = group.loc[~group["place"].isin(mine | area), "place"]
        if len(bad):
            fix = fixes.get(key, "US, CA or MX, an ISO 3166-2 code such as US-TN, or the code of a site")
            findings.study(
                where,
                f"{count(len(bad), len(frame), 'place')} without any {key!r}",
                findings.rows("trajectories", bad),
                f"{way_out(bad.unique(), mine | area, '').split('Add the name')[0]}Write {fix}",
            )
        both = group.loc[group["place"].isin(mine & area), "place"]
        if len(both):
            findings.study(
                where,
                f"{count(len(both), len(frame), 'place')} both a code of the study and a country or state",
                findings.rows("trajectories", both),
                "Give the site or the supplier another code",
            )


def _check_parts(frame: pd.DataFrame, findings: Findings) -> None:
    """Refuse capacities that grow over time: only a part of them may be away."""
    more = frame["column"].isin(CAPACITIES) & (frame["factor"] > 1.0)
    if more.any():
        findings.table(
            findings.where("trajectories", "factor"),
            f"{count(int(more.sum()), len(frame))} above 1 for a capacity",
            findings.rows("trajectories", frame.loc[more, "factor"]),
            "Give the part of the capacity that is there, 0 to 1; what grows is an option or another supplier",
        )


def _add_capacities(
    tables: Mapping[str, pd.DataFrame],
    sites: set[str],
    home: set[str],
    codes: dict[str, set[str]],
    areas: dict[str, set[str]],
    fixes: dict[str, str],
) -> None:
    """Add the places at which a part of a capacity may be away."""
    units, tonnes = CAPACITIES
    present = {name: tables[name] for name in ("plants", "suppliers", "gateways", "processes") if name in tables}
    kinds = set(present["processes"]["plant_type"].dropna()) if "processes" in present else set()
    plants = set(present["plants"]["plant"].dropna()) if "plants" in present else set()
    sellers = set(present["suppliers"]["supplier"].dropna()) if "suppliers" in present else set()
    abroad = set(present["suppliers"]["country"].dropna()) if "suppliers" in present else set()
    codes[units] = sites | plants | sellers | {f"{site}/{kind}" for site in sites for kind in kinds}
    areas[units] = home | abroad
    fixes[units] = "the code of a site, plant, supplier or country, or 'site/plant type'"
    codes[tonnes] = set(present["gateways"]["gateway"].dropna()) if "gateways" in present else set()
    areas[tonnes] = set()
    fixes[tonnes] = "the code of a gateway"
