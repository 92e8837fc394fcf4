"""The sea: shipped distances between ports, and coastal legs along great circles."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.layers.freight.routing.road import ROADLESS
from evsiting.layers.geo.geodesic import Floats, Points


@dataclass(frozen=True)
class SeaLanes:
    """North American ports and their distances from ports of origin.

    Parameters
    ----------
    ports : Points
        The P ports of North America, by UN/LOCODE.
    origins : tuple of str
        UN/LOCODE of the O ports of origin.
    km : numpy.ndarray, shape (O, P)
        Distance along the sea lanes, infinite where none is shipped. [km]
    pacific : numpy.ndarray of bool, shape (P,)
        Ports on the Pacific: Korea or Japan reaches them through no canal.
    """

    ports: Points
    origins: tuple[str, ...]
    km: Floats
    pacific: NDArray[np.bool_]

    @classmethod
    def of(cls, ports: gpd.GeoDataFrame, lanes: pd.DataFrame) -> SeaLanes:
        """Return the sea lanes of the reference tables."""
        here = ports[ports["role"] == "north_america"].reset_index(drop=True)
        points = Points.of(here.assign(region=here["iso"]), "unlocode")
        table = lanes.pivot_table(index="origin", columns="destination", values="distance_km")
        km = table.reindex(columns=list(points.code)).to_numpy(np.float64)
        asian = lanes["origin"].str[:2].isin(["KR", "JP"]) & lanes["passages"].isna()
        pacific = np.isin(points.code.astype(str), lanes.loc[asian, "destination"].unique().astype(str))
        return cls(points, tuple(str(o) for o in table.index), np.where(np.isnan(km), np.inf, km), pacific)

    def coast_km(self, places: Points) -> Floats:
        """Return the great circle from each port to places that no road reaches, shape (P, N). [km].

        Infinite where a road reaches the place, and from ports of the other ocean: no great circle crosses
        land from one ocean to the other.
        """
        ocean = np.array([ROADLESS.get(str(r), "") for r in places.region], dtype=object)
        side = np.where(self.pacific, "Pacific", "Atlantic").astype(object)
        return np.where(side[:, None] == ocean[None, :], self.ports.km_to(places), np.inf)

    def from_port(self, code: str) -> Floats:
        """Return the distance from one port of origin to every North American port, shape (P,). [km].

        Raises
        ------
        KeyError
            If no sea lane of that port is shipped.
        """
        if code not in self.origins:
            raise KeyError(code)
        return np.asarray(self.km[self.origins.index(code)], dtype=np.float64)
