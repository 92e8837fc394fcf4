"""Thin out points that lie close together: of two in one country, the one that comes first stays."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, unit_vectors


def thin_points(points: gpd.GeoDataFrame, apart_km: float) -> NDArray[np.int64]:
    """Return, for each point, the position of the kept one that it stands too close to; -1 where it is kept.

    Points are taken in the order given. One is kept if every kept point of its country is at least ``apart_km`` away.

    Parameters
    ----------
    points : geopandas.GeoDataFrame, EPSG:4326
        Column ``country``; the best first.
    apart_km : float
        Least distance along the great circle. [km]

    Returns
    -------
    numpy.ndarray of int, shape (N,)
        -1, or the position of the nearest kept point.
    """
    unit = unit_vectors(points.geometry.x.to_numpy(), points.geometry.y.to_numpy())
    chord = 2.0 * np.sin(0.5 * apart_km / EARTH_RADIUS_KM)
    country = points["country"].to_numpy(dtype=object)
    close = KDTree(unit).query_ball_point(unit, chord)
    selected = np.zeros(len(unit), dtype=bool)
    by = np.full(len(unit), -1, dtype=np.int64)
    for k, near in enumerate(close):
        rivals = [c for c in near if selected[c] and country[c] == country[k]]
        gaps = [float(np.linalg.norm(unit[c] - unit[k])) for c in rivals]
        if rivals and min(gaps) < chord:
            by[k] = rivals[int(np.argmin(gaps))]
        else:
            selected[k] = True
    return by
