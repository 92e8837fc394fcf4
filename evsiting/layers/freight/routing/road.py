"""Roads: straight lines stretched by a circuity factor and forced through real truck crossings at borders."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from evsiting.layers.geo.geodesic import Floats, Points, Texts, great_circle_km
from evsiting.study.schema.countries import COUNTRIES

#: Regions that no truck crossing of the package leads to, with the ocean over which they are served: the
#: islands of Hawaii; Alaska, whose road runs through Canada; Nunavut, to which no road leads.
ROADLESS = {"US-HI": "Pacific", "US-AK": "Pacific", "CA-NU": "Atlantic"}

#: Rows of origins handled at once, so that a chunk with all crossings stays in the cache.
_CHUNK = 64

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class RoadMatrix:
    """Road distances between two sets of places.

    Parameters
    ----------
    km : numpy.ndarray, shape (N, M)
        Length of the way, infinite where no road leads. [km]
    code : numpy.ndarray of int, shape (N, M)
        Index into ``routes``.
    routes : numpy.ndarray of object, shape (R,)
        The crossings on the way from origin to destination, parted by ``;``.
    wait_h : numpy.ndarray, shape (R,)
        Waiting at the borders on each of the routes. [h]
    drive_h : numpy.ndarray, shape (N, M), optional
        Hours at the wheel, where the road net knows them. [h]
    """

    km: Floats
    code: NDArray[np.int32]
    routes: Texts
    wait_h: Floats
    drive_h: Floats | None = None

    @property
    def border_h(self) -> Floats:
        """Waiting at the borders on the way, shape (N, M). [h]."""
        return np.asarray(self.wait_h[self.code])


@dataclass(frozen=True)
class Roads:
    """The road model: circuity, crossings and their delays.

    Parameters
    ----------
    crossings : Points
        Truck crossings; ``country`` holds the neighbour of the United States (CA or MX).
    circuity : float
        Length of the road over the great circle. [1]
    delay_h : dict of str to float
        Mean wait at a crossing by neighbour. [h]
    """

    crossings: Points
    circuity: float
    delay_h: dict[str, float]

    @classmethod
    def of(cls, borders: gpd.GeoDataFrame, circuity: float, delay_h: dict[str, float]) -> Roads:
        """Return the road model of a table of border crossings, trucks only where verified."""
        trucks = borders[borders["truck"].fillna(value=False).astype(bool)]
        other = trucks["countries"].str.removeprefix("US-").to_numpy(dtype=object)
        points = Points(
            trucks["id"].to_numpy(dtype=object),
            other,
            np.full(len(trucks), "", dtype=object),
            trucks["lon"].to_numpy(np.float64),
            trucks["lat"].to_numpy(np.float64),
        )
        return cls(points, circuity, delay_h)

    def reached(self, places: Points) -> NDArray[np.bool_]:
        """Whether a road leads to each place: in the three countries and not in :data:`ROADLESS`."""
        inside = np.isin(places.country.astype(str), COUNTRIES)
        return np.asarray(inside & ~np.isin(places.region.astype(str), tuple(ROADLESS)))

    def matrix(self, origins: Points, destinations: Points) -> RoadMatrix:
        r"""Return road distances, the crossings used and the waits there.

        .. math:: d_{ij} = c\,\min_{b \in B}(g_{ib} + g_{bj}), \qquad
                  d_{ij} = c\,\min_{b \in B_{CA},\,b' \in B_{MX}}(g_{ib} + g_{bb'} + g_{b'j})

        with great circles g and circuity c: the first between neighbours, the second between Canada and
        Mexico, in transit through the United States. Inside one country the way is :math:`c\,g_{ij}`. Places
        of one region that no road from outside reaches have roads among themselves.

        Parameters
        ----------
        origins, destinations : Points
            N and M places.

        Returns
        -------
        RoadMatrix
            Shapes (N, M).
        """
        n, m = len(origins), len(destinations)
        km = np.full((n, m), np.inf)
        code = np.zeros((n, m), dtype=np.int32)
        routes, wait = [""], [0.0]
        for a in COUNTRIES:
            for b in COUNTRIES:
                rows = np.flatnonzero(self.reached(origins) & (origins.country == a))
                cols = np.flatnonzero(self.reached(destinations) & (destinations.country == b))
                if not len(rows) or not len(cols):
                    continue
                block = np.ix_(rows, cols)
                legs, used, names = self._block(origins.take(rows), destinations.take(cols), a, b)
                km[block] = self.circuity * legs
                code[block] = np.where(used < 0, 0, used + len(routes))
                routes.extend(names)
                wait.extend([sum(self.delay_h[c] for c in (a, b) if a != b and c != "US")] * len(names))
        local = (origins.region[:, None] == destinations.region[None, :]) & ~self.reached(origins)[:, None]
        local &= origins.region[:, None] != ""
        i, j = np.nonzero(local)
        if len(i):
            km[i, j] = self.circuity * great_circle_km(
                origins.lon[i], origins.lat[i], destinations.lon[j], destinations.lat[j]
            )
        return RoadMatrix(km, code, np.array(routes, dtype=object), np.array(wait))

    def _block(self, origins: Points, destinations: Points, a: str, b: str) -> tuple[Floats, Codes, list[str]]:
        """Return great-circle legs between two countries, index of the crossings (-1: none), their names."""
        if a == b:
            legs = origins.km_to(destinations)
            return legs, np.full(legs.shape, -1, dtype=np.int64), []
        gates = [self.crossings.take(self.crossings.country == c) for c in (a, b) if c != "US"]
        first, last = gates[0], gates[-1]
        head, tail = origins.km_to(first), last.km_to(destinations)
        if len(gates) == 1:
            legs, used = min_plus(head, tail)
            return legs, used, list(first.code)
        middle, before = min_plus(head, first.km_to(last))
        legs, final = min_plus(middle, tail)
        start = np.take_along_axis(before, final, axis=1)
        names = [f"{x};{y}" for x in first.code for y in last.code]
        return legs, start * len(last) + final, names


def min_plus(left: Floats, right: Floats) -> tuple[Floats, Codes]:
    r"""Return the min-plus product of two matrices and the middle index that attains it.

    .. math:: c_{ij} = \min_k (a_{ik} + b_{kj})

    Parameters
    ----------
    left : numpy.ndarray, shape (N, K)
        First legs.
    right : numpy.ndarray, shape (K, M)
        Second legs.

    Returns
    -------
    numpy.ndarray, shape (N, M)
        Least sums.
    numpy.ndarray of int, shape (N, M)
        The lowest k that attains them.

    Examples
    --------
    >>> least, by = min_plus(np.array([[1.0, 4.0]]), np.array([[5.0, 9.0], [1.0, 1.0]]))
    >>> least.tolist(), by.tolist()
    ([[5.0, 5.0]], [[1, 1]])
    """
    least = np.full((len(left), right.shape[1]), np.inf)
    by = np.zeros(least.shape, dtype=np.int64)
    for start in range(0, len(left), _CHUNK):
        part = slice(start, start + _CHUNK)
        for k in range(right.shape[0]):
            through = left[part, k, None] + right[None, k, :]
            better = through < least[part]
            least[part] = np.where(better, through, least[part])
            by[part][better] = k
    return least, by
