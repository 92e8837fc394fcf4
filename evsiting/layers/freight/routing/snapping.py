"""Nodes of a road net: ends of lines that lie within a metre of each other are one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, Floats, unit_vectors

Codes = NDArray[np.int64]

#: Ends of lines this near to each other are the same node. [m]
SNAP_M = 1.0
#: The sphere shows distances of the ellipsoid up to this much too long. [1]
_SPHERE = 1.006
_METRES = 1000.0 * EARTH_RADIUS_KM


def join_ends(ends: Floats) -> tuple[Floats, Codes, int]:
    """Return the nodes at which ends of lines meet.

    Ends within :data:`SNAP_M` are joined wherever they lie, and with them ends that are joined to one of the two. Only
    ends are: a line that crosses another without an end there, as on a bridge, stays apart from it.

    Parameters
    ----------
    ends : numpy.ndarray, shape (N, 2)
        Longitude and latitude. [degree]

    Returns
    -------
    numpy.ndarray, shape (V, 2)
        Nodes: of the ends that are joined, the one that comes first by longitude and latitude.
    numpy.ndarray of int, shape (N,)
        Node of each end.
    int
        Places that were moved to another one.

    Examples
    --------
    >>> nodes, at, moved = join_ends(np.array([[-90.0, 35.0], [-90.000005, 35.0], [-89.0, 35.0]]))
    >>> len(nodes), at.tolist(), moved
    (2, [0, 0, 1], 1)
    """
    turned = ends + 0.0
    turned[:, 0] = (ends[:, 0] + 180.0) % 360.0 - 180.0  # 180 and 181 are -180 and -179
    turned[:, 0] = np.where(np.abs(ends[:, 0]) < 180.0, ends[:, 0], turned[:, 0])  # to the last digit as given
    spots, at = np.unique(turned, axis=0, return_inverse=True)
    tree = KDTree(unit_vectors(spots[:, 0], spots[:, 1]))
    pairs = tree.query_pairs(SNAP_M * _SPHERE / _METRES, output_type="ndarray")
    if not len(pairs):
        return spots, at.ravel(), 0
    link = coo_array((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(len(spots),) * 2)
    label = connected_components(link, directed=False)[1]
    first = np.full(int(label.max()) + 1, len(spots))
    np.minimum.at(first, label, np.arange(len(spots)))
    order = np.argsort(first)  # nodes in the order of their places
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return spots[first[order]], number[label[at.ravel()]], len(spots) - len(order)
