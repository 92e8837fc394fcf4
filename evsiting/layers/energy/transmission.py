"""Distance to transmission lines, and the load that substations nearby can still take, from a user's layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import Problems
from evsiting.layers.arguments import is_finite
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.geo.frames import nearest_km
from evsiting.layers.geo.geodesic import geodesic_km, great_circle_km
from evsiting.layers.geo.vector import LINES, POINTS, check_layer, lon_lat, sources_of
from evsiting.study.canonical.points import CRS
from evsiting.study.study import Study

type Taking = Literal["largest", "sum", "nearest"]

_TAKEN = {
    "largest": "the largest spare load of one substation within reach",
    "sum": "all spare load within reach",
    "nearest": "the spare load of the nearest substation within reach",
}


@dataclass(frozen=True)
class TransmissionLayer:
    """Lines and substations near sites; made by :func:`transmission`."""

    lines: gpd.GeoDataFrame | None
    substations: gpd.GeoDataFrame | None
    reach_km: float = 25.0
    take: Taking = "largest"
    name: str = "transmission"
    table: str = "sites"

    def __call__(self, study: Study) -> LayerResult:
        """Return ``transmission_km`` and ``connectable_mw``, as far as their layers are given."""
        sites = study.sites
        made: dict[str, pd.Series[float]] = {}
        origins: dict[str, Origin] = {}
        if self.lines is not None:
            source, year = sources_of(self.lines)
            note = f"nearest of {len(self.lines)} lines, measured on the ellipsoid"
            made["transmission_km"] = nearest_km(sites, self.lines, where="transmission lines")
            origins["transmission_km"] = Origin(source or "given", year, "derived", note)
        if self.substations is not None:
            source, year = sources_of(self.substations)
            text = f"{_TAKEN[self.take]} ({self.reach_km:g} km); none there: 0 MW; sites may share a substation"
            made["connectable_mw"] = pd.Series(self._spare(sites), index=sites.index)
            origins["connectable_mw"] = Origin(source or "given", year, "derived", text, f"within {self.reach_km:g} km")
        return LayerResult(pd.DataFrame(made, index=sites.index), origins)

    def _spare(self, sites: gpd.GeoDataFrame) -> NDArray[np.float64]:
        """Return the load that can be connected at each site. [MW]"""
        stations = self.substations
        assert stations is not None
        (lon, lat), (east, north) = lon_lat(sites.to_crs(CRS)), lon_lat(stations)
        spare = stations["spare_mw"].to_numpy(np.float64)
        rough = great_circle_km(lon[:, None], lat[:, None], east[None, :], north[None, :])
        site, station = np.nonzero(rough <= 1.01 * self.reach_km)
        km = geodesic_km(lon[site], lat[site], east[station], north[station])
        near = km <= self.reach_km
        site, station, km = site[near], station[near], km[near]
        made = np.zeros(len(sites))
        if self.take == "sum":
            np.add.at(made, site, spare[station])
        elif self.take == "largest":
            np.maximum.at(made, site, spare[station])
        else:
            order = np.lexsort((station, km, site))
            first = np.unique(site[order], return_index=True)
            made[first[0]] = spare[station[order][first[1]]]
        return made


def transmission(
    lines: gpd.GeoDataFrame | None = None,
    substations: gpd.GeoDataFrame | None = None,
    *,
    reach_km: float = 25.0,
    take: Taking = "largest",
) -> TransmissionLayer:
    """Return the layer of the distance to transmission lines and of the load that can be connected.

    Parameters
    ----------
    lines : geopandas.GeoDataFrame, optional
        Transmission lines in any coordinate reference system; optional columns ``source`` and ``year``.
    substations : geopandas.GeoDataFrame, optional
        Points with ``spare_mw``, the load that each can still take [MW]; optional ``source`` and ``year``.
    reach_km : float, default 25
        Farthest substation that counts. [km]
    take : {"largest", "sum", "nearest"}, default "largest"
        Which of the substations within reach.

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`: fills ``transmission_km`` from lines and ``connectable_mw`` from substations.

    Raises
    ------
    InputError
        If neither is given, a geometry is invalid, or a spare load is missing or negative; CrsError without a
        coordinate reference system.

    Examples
    --------
    >>> import evsiting as ev, geopandas as gpd
    >>> points = gpd.points_from_xy([-90.0], [35.1], crs="EPSG:4326")
    >>> yard = gpd.GeoDataFrame({"spare_mw": [180.0], "source": ["my_utility"]}, geometry=points)
    >>> study = ev.apply_layers(ev.example("starter"), ev.transmission(substations=yard))
    >>> study.sites.set_index("site")["connectable_mw"].to_dict()["US-TN-memphis"]
    180.0
    """
    problems = Problems()
    if lines is None and substations is None:
        problems.add("transmission", "nothing is given", "lines and substations are None", "Give one of them or both")
    if take not in _TAKEN:
        problems.add("transmission, take", "is none of the choices", repr(take), f"Choose {', '.join(_TAKEN)}")
    if not is_finite(reach_km, 0.0) or not reach_km > 0.0:
        problems.add("transmission, reach_km", "is not above zero", repr(reach_km), "Give a distance such as 25")
    problems.raise_if_any()
    wires = None if lines is None else check_layer(lines, "transmission lines", LINES)
    yards = None if substations is None else check_layer(substations, "substations", POINTS, numbers=("spare_mw",))
    return TransmissionLayer(wires, yards, reach_km, take)
