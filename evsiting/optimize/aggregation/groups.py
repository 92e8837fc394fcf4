"""Which sites and markets of a study are alike but for where they lie, so that each group may be one place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import InputError, Problem, shown
from evsiting.study.lists import split_list
from evsiting.study.recipes import is_passed_on
from evsiting.study.study import Study

__all__ = ["TIE_KM", "Grouping", "group_places", "named_places", "plane_points", "require_groupable"]

#: Columns in which places of a group may differ: what follows from their points is in the lanes, and the bound is
#: without labor pools, which only forbid.
OWN = ("site", "market", "name", "geometry", "labor_pool")
#: Length of a degree of latitude. [km]
KM_PER_DEGREE = 111.2
#: What differs by less is alike: which comes first then follows from codes, not from the last digits of points. [km]
TIE_KM = 1e-4
#: Tables that name places without treating one of them apart: they are compared, added up or left out.
COMPARED = ("sites", "markets", "demand", "incentives", "lanes", "provenance", "sources")
#: Kinds of limits of which only one side is kept by better lanes, and that side.
ONE_SIDED = {"cost": "at_least", "emissions": "at_least", "freight_emissions": "at_least", "on_time_share": "at_most"}
#: Kinds of limits that count lanes, or single markets.
REFUSED = ("throughput", "throughput_mass", "sources")


@dataclass(frozen=True)
class Grouping:
    """Groups of places.

    Parameters
    ----------
    site, market : pandas.Series
        Code of the group of every site and market, by code.
    """

    site: pd.Series[str]
    market: pd.Series[str]

    @property
    def members(self) -> dict[str, int]:
        """How many sites each group of sites has, by its code."""
        return dict(Counter(self.site.tolist()))

    @property
    def ends(self) -> dict[str, str]:
        """The group of every site and market, by code."""
        both = pd.concat([self.site, self.market])
        return dict(zip(both.index.astype(str).tolist(), both.tolist(), strict=True))


def group_places(study: Study, *, width_km: float = math.inf) -> Grouping:
    """Return groups of candidate sites, and of markets, that a study tells apart by their points alone.

    Sites of a group have the same figures in every column and the same rows of table ``incentives``, hold no plant, and
    no other table names one of them. Markets of a group lie in one region, and their demand has the same products,
    periods, promises and penalties. The order of rows and the last digits of points change no group.

    Parameters
    ----------
    study : Study
        Complete but for its lanes.
    width_km : float
        Groups that reach over more than that from west to east or from south to north are halved; none by default. The
        smaller they are, the less their best lanes leave open, and the longer the relaxation takes: of
        ``north-america-cities`` 9 s with 121 groups of sites, more than 38 s with 165.

    Examples
    --------
    >>> import evsiting as ev
    >>> groups = group_places(ev.example("north-america-cities"))
    >>> len(groups.site), groups.site.nunique() < 250, groups.market.nunique() < 250
    (1382, True, True)
    """
    named, codes = named_places(study), _codes(study)
    sites, markets = pd.DataFrame(study.sites), pd.DataFrame(study.markets)
    offered = _signatures(study.incentives, "site")
    wanted = _signatures(study.demand.drop(columns="units_per_yr"), "market")
    alone = sites["site"].astype(str).isin(named) | (sites["role"] != "candidate")
    site_km, market_km = (plane_points(frame) for frame in (study.sites, study.markets))
    single = markets["market"].astype(str).isin(named)
    return Grouping(
        _groups(sites, "site", offered, alone, codes, site_km, width_km),
        _groups(markets, "market", wanted, single, codes, market_km, width_km),
    )


def plane_points(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return points east and north, near enough to tell near from far. [km], shape (N, 2)"""
    y = frame.geometry.y.to_numpy(np.float64)
    return np.column_stack([frame.geometry.x.to_numpy(np.float64) * np.cos(np.radians(y)), y]) * KM_PER_DEGREE


def _parts(
    spots: NDArray[np.float64], code: NDArray[np.str_], at: NDArray[np.int64], width_km: float
) -> Iterator[NDArray[np.int64]]:
    """Yield the parts of a group, halved across its longer side until none is too wide."""
    width = np.ptp(spots[at], axis=0)
    if len(at) < 2 or width.max() <= width_km + TIE_KM:
        yield at
        return
    order = at[_order(spots[at, int(width[1] > width[0] + TIE_KM)], code[at])]
    for half in (order[: len(order) // 2], order[len(order) // 2 :]):
        yield from _parts(spots, code, half, width_km)


def _order(km: NDArray[np.float64], code: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return places from near to far; those at the same distance by code."""
    by_distance = np.argsort(km, kind="stable")
    step = np.empty(len(km), dtype=np.int64)
    step[by_distance] = np.cumsum(np.diff(km[by_distance], prepend=km[by_distance[0]]) > TIE_KM)
    return np.lexsort((code, step))


def _groups(
    frame: pd.DataFrame,
    key: str,
    rows: pd.Series[str],
    alone: pd.Series[bool],
    codes: set[str],
    spots: NDArray[np.float64],
    width_km: float,
) -> pd.Series[str]:
    """Return the group of each place: its own code where it is alone."""
    place = frame[key].astype(str)
    alike = frame[[c for c in frame if c not in OWN]].astype(object).where(lambda d: d.notna(), None)
    signature = pd.Series([repr(row) for row in alike.itertuples(index=False, name=None)], frame.index)
    signature += place.map(rows.to_dict()).fillna("").astype(str)
    number = pd.factorize(signature.where(~alone, place))[0]
    code, group_of = place.to_numpy(dtype=np.str_), np.empty(len(frame), dtype=object)
    for group in range(int(number.max(initial=-1)) + 1):
        for part in _parts(spots, code, np.flatnonzero(number == group), width_km):
            name = str(min(code[part]))
            group_of[part] = name if len(part) == 1 else _free(f"{name} and {len(part) - 1} more", codes)
    return pd.Series(group_of.astype(str).tolist(), index=place.to_numpy(), dtype=object)


def _free(code: str, codes: set[str]) -> str:
    """Return a code that no table has."""
    while code in codes:
        code += "'"
    codes.add(code)
    return code


def _signatures(frame: pd.DataFrame, key: str) -> pd.Series[str]:
    """Return all rows of each place as one text, whatever their order."""
    rest = frame[[c for c in frame if c != key]].astype(object).where(lambda d: d.notna(), None)
    text = pd.Series([repr(row) for row in rest.itertuples(index=False, name=None)], frame.index, dtype=object)
    return text.sort_values().groupby(frame[key].astype(str)).agg("\n".join)


def _texts(frame: pd.DataFrame) -> Iterable[str]:
    for column in frame:
        if frame[column].dtype.kind in "OUST" or str(frame[column].dtype).startswith("str"):
            yield from (str(v) for v in frame[column].dropna().unique())


def named_places(study: Study) -> set[str]:
    """Return every text of the tables that may name a place and so tell it apart from others."""
    texts: set[str] = set()
    for name, frame in study.tables.items():
        if name not in COMPARED:
            for text in _texts(frame):
                texts |= {text, *split_list(text)}
    return texts


def _codes(study: Study) -> set[str]:
    """Return every text of a study: codes of groups are none of them."""
    texts = named_places(study)
    for name in ("sites", "markets", "incentives", "demand"):
        texts |= set(_texts(pd.DataFrame(study.table(name)).drop(columns="geometry", errors="ignore")))
    return texts


def require_groupable(study: Study) -> None:
    """Raise where better lanes could break a rule of the study, so that groups with the best lanes prove nothing.

    Raises
    ------
    InputError
        With every rule that is in the way.
    """
    limits, problems = study.table("limits"), []

    def refuse(where: str, what: str, seen: str) -> None:
        fix = "Leave it out, or narrow the sites with evsiting.prefilter so that the study can be solved in full"
        problems.append(Problem(where, f"{what}: groups of places prove no bound then", seen, fix))

    if len(limits):
        for kind, side in ONE_SIDED.items():
            mine = limits[(limits["kind"] == kind) & limits[side].notna()]
            if len(mine):
                refuse("limits", f"a {kind} limit {side.replace('_', ' ')}", shown(mine["limit"]))
        odd = limits["kind"].isin(REFUSED)
        for column in ("mode", "gateway"):
            odd |= limits[column].notna() if column in limits else False
        if odd.any():
            refuse("limits", "a limit on lanes or on single markets", shown(limits.loc[odd, "limit"]))
    if is_passed_on(study.processes).any():
        refuse("processes", "products are passed on", shown(study.processes["plant_type"]))
    if study.has("lanes"):
        refuse("lanes", "the study has lanes of its own", f"{len(study.lanes):,} lanes")
    if problems:
        raise InputError(problems)
