"""Checks of points: each must lie in the state, province or country that its row says, and on land."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from evsiting import reference
from evsiting.study.canonical.points import in_north_america
from evsiting.study.canonical.territory import km_from, likely_cause, nearest, surely_in
from evsiting.study.findings import Findings, count
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.tables import TABLES

__all__ = ["LIMITS", "check_points"]


#: A supplier this far from its port by great circle is told of: mines deep in a continent lie nearer. [km]
FARTHEST_PORT = 4000.0


@dataclass(frozen=True)
class Limits:
    """From what distance a point is doubtful, which is a warning, and from what it is refused. [km]

    Parameters
    ----------
    doubtful, refused : float
        From the polygon of the region (or country) that the row says, where another one is nearer. Up to
        :data:`FARTHEST` it is refused only where a mistake in the coordinates explains all such points of the table,
        else told: region and country may be meant as they stand.
    shore, sea : float
        From every polygon: told, and refused.
    """

    doubtful: float
    refused: float
    shore: float
    sea: float


#: By table. All cities of 15,000 persons that the package ships lie within 7.1 km of the simplified polygon of their
#: region (islands that it leaves out apart, which count as land); a market stands for an area, whose center of people
#: may lie beside it: that of New York does by 15 km.
LIMITS: Mapping[str, Limits] = {
    "sites": Limits(doubtful=10.0, refused=50.0, shore=25.0, sea=200.0),
    "markets": Limits(doubtful=25.0, refused=100.0, shore=50.0, sea=200.0),
    "suppliers": Limits(doubtful=25.0, refused=100.0, shore=50.0, sea=200.0),
}


#: A point farther than this from its region or country is refused, whatever the cause. [km]
FARTHEST = 3000.0


def check_points(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell points that lie elsewhere than their region or country, or in the sea; refuse those far away.

    Distances are those of :data:`LIMITS`. Points of suppliers abroad are looked at for land of the three countries.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    """
    for name, limits in LIMITS.items():
        frame = tables.get(name)
        if isinstance(frame, gpd.GeoDataFrame) and len(frame) and "geometry" in frame:
            _check(name, frame[frame.geometry.notna()], limits, len(frame), findings)
    _warn_of_far_ports(tables.get("suppliers"), findings)


def _check(name: str, frame: gpd.GeoDataFrame, limits: Limits, of: int, findings: Findings) -> None:
    place = _place(frame)
    lon, lat = frame.geometry.x.to_numpy(np.float64), frame.geometry.y.to_numpy(np.float64)
    look = in_north_america(lat, lon)  # others have been told
    look[look] = ~surely_in(place[look], lon[look], lat[look])
    if not look.any():
        return
    frame, place, lon, lat = frame[look], place[look], lon[look], lat[look]
    iso, near = nearest(lon, lat)
    abroad = ~frame["country"].isin(COUNTRIES).to_numpy() & frame["country"].notna().to_numpy()
    if name == "suppliers" and abroad.any():
        _warn_at_home(frame[abroad & (near == 0.0)], iso[abroad & (near == 0.0)], findings)
        keep = ~abroad
        frame, place, lon, lat, iso, near = frame[keep], place[keep], lon[keep], lat[keep], iso[keep], near[keep]
    far = km_from(place, lon, lat)
    off = np.where(np.isnan(far), 0.0, far)
    other = off > near + 1.0  # another region is nearer
    codes = frame[TABLES[name].key[0]]
    seen = pd.Series(
        [
            f"{code}: " + (f"{d:,.0f} km from {p}{f', in {i}' if k == 0.0 else ''}" if o else f"{k:,.0f} km from land")
            for code, p, d, i, k, o in zip(codes, place, off, iso, near, other, strict=True)
        ],
        index=frame.index,
        dtype=object,
    )
    _note_far_points(name, frame, seen, np.where(other, off, 0.0), limits, of, findings)
    sea = ~other & (near > limits.shore)
    _warn_sea(name, frame, seen, (sea, sea & (near > limits.sea)), limits, of, findings)


def _place(frame: pd.DataFrame) -> pd.Series:
    """Return the region that a row says, else its country; empty where it says neither, or both in contradiction."""
    countries = frame["country"].tolist()
    regions = frame["region"].tolist() if "region" in frame else [None] * len(frame)
    places = []
    for country, region in zip(countries, regions, strict=True):
        land = country if country in COUNTRIES else ""
        if not isinstance(region, str):
            places.append(land)
        else:
            places.append(region if region[:2] == land or not isinstance(country, str) else "")
    return pd.Series(places, frame.index, object)


def _note_far_points(
    name: str,
    frame: gpd.GeoDataFrame,
    seen: pd.Series,
    off: NDArray[np.float64],
    limits: Limits,
    of: int,
    findings: Findings,
) -> None:
    """Refuse points far from the place of their row, tell of those that are off by less or without a known cause."""
    doubtful, refused = off > limits.doubtful, off > limits.refused
    mine = frame[refused]
    cause = likely_cause(mine.geometry.x.to_numpy(), mine.geometry.y.to_numpy(), _place(mine)) if len(mine) else ""
    least = limits.refused if cause else FARTHEST
    refused = off > least
    where = findings.where(name, "lat", "lon")
    if refused.any():
        findings.table(
            where,
            f"{count(int(refused.sum()), of, 'point')} more than {least:,g} km from the state, "
            "province or country that the row says",
            findings.rows(name, seen[refused]),
            f"{f'It seems that {cause}. ' if cause else ''}Correct the point, or region and country: left empty, they "
            "are found from the point",
        )
    odd = doubtful & ~refused
    if odd.any():
        what = f"{count(int(odd.sum()), of, 'point')} more than {limits.doubtful:g} km outside the state, province"
        text = f"{where}: {what} or country that the row says ({findings.rows(name, seen[odd])})"
        findings.warnings.append(f"{text}. Figures of that place are used for it: check both")


def _warn_sea(
    name: str,
    frame: gpd.GeoDataFrame,
    seen: pd.Series,
    bad: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    limits: Limits,
    of: int,
    findings: Findings,
) -> None:
    """Refuse points on no land of the three countries, tell of those off their shores."""
    doubtful, refused = bad
    where = findings.where(name, "lat", "lon")
    if refused.any():
        mine = frame[refused]
        cause = likely_cause(mine.geometry.x.to_numpy(), mine.geometry.y.to_numpy())
        findings.table(
            where,
            f"{count(int(refused.sum()), of, 'point')} more than {limits.sea:g} km from all land of the United "
            "States, Canada and Mexico",
            findings.rows(name, seen[refused]),
            f"{f'It seems that {cause}. ' if cause else ''}Check the coordinates, and the CRS they are said to be in",
        )
    odd = doubtful & ~refused
    if odd.any():
        what = f"{count(int(odd.sum()), of, 'point')} in the sea, more than {limits.shore:g} km from land"
        text = f"{where}: {what} of the three countries ({findings.rows(name, seen[odd])})"
        findings.warnings.append(f"{text}. Check the coordinates, and the CRS that they are said to be in")


def _warn_at_home(frame: gpd.GeoDataFrame, iso: NDArray[np.object_], findings: Findings) -> None:
    """Tell of suppliers that are said to be abroad and lie on land of the three countries."""
    if not len(frame):
        return
    seen = pd.Series([f"{c} lies in {i}" for c, i in zip(frame["country"], iso, strict=True)], index=frame.index)
    text = f"{findings.where('suppliers', 'lat', 'lon')}: a point on land of the three countries is said to be abroad"
    findings.warnings.append(
        f"{text} ({findings.rows('suppliers', seen)}). Duties follow the column country: check both"
    )


def _warn_of_far_ports(suppliers: pd.DataFrame | None, findings: Findings) -> None:
    """Tell of suppliers that are said to ship from a port an ocean away; unknown ports are the freight layer's."""
    if not isinstance(suppliers, gpd.GeoDataFrame) or "port" not in suppliers or not suppliers["port"].notna().any():
        return
    ports = reference.ports().set_index("unlocode").geometry
    frame = suppliers[suppliers["port"].isin(ports.index) & suppliers.geometry.notna()]
    if not len(frame):
        return
    ends = ports.loc[frame["port"]]
    here = (frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    metres = pyproj.Geod(ellps="WGS84").inv(*here, ends.x.to_numpy(), ends.y.to_numpy())[2]
    km = pd.Series(0.001 * np.asarray(metres, dtype=np.float64), index=frame.index)
    far = km > FARTHEST_PORT
    if far.any():
        text = [f"{s}: {d:,.0f} km to {p}" for s, d, p in zip(frame["supplier"], km, frame["port"], strict=True)]
        seen = findings.rows("suppliers", pd.Series(text, index=frame.index)[far])
        what = f"{count(int(far.sum()), len(suppliers), 'port')} more than {FARTHEST_PORT:,.0f} km from its supplier"
        findings.warnings.append(
            f"{findings.where('suppliers', 'port')}: {what} ({seen}). The way by sea begins there: check both"
        )
