"""Legs of one mode priced for one product, and the choice among modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evsiting.layers.freight.rates import Carriage
from evsiting.layers.freight.routing.rail import RailMatrix
from evsiting.layers.freight.routing.road import RoadMatrix
from evsiting.layers.geo.geodesic import Floats, Texts
from evsiting.study.lists import passing, split_list

Flags = NDArray[np.bool_]

#: Which pairs of a matrix: rows and columns.
type Pairs = tuple[NDArray[np.int64], ...]


@dataclass(frozen=True)
class Way:
    """One mode for some pairs of places, priced for one product; ``ok`` is false where the mode does not exist.

    Parameters
    ----------
    mode : str
        road, rail, sea or sea_rail.
    km, hours, usd, kg : numpy.ndarray
        Length [km], time [h], freight with capital tied up [USD/unit], emissions [kg/unit]; all of one shape.
    code : numpy.ndarray of int, same shape
        Index into ``names``.
    names : numpy.ndarray of object
        Crossings and ports on the way, parted by ``;``.
    """

    mode: str
    km: Floats
    hours: Floats
    usd: Floats
    kg: Floats
    code: NDArray[np.int32]
    names: Texts

    @property
    def ok(self) -> Flags:
        """Where the mode exists."""
        return np.isfinite(self.usd)

    @property
    def route(self) -> Texts:
        """Crossings and ports on each way."""
        return np.asarray(self.names[self.code], dtype=object)

    def take(self, index: NDArray[np.int64] | Flags | Pairs) -> Way:
        """Return some of the pairs, by positions or by a mask."""
        km, hours, usd, kg = (a[index] for a in (self.km, self.hours, self.usd, self.kg))
        return Way(self.mode, km, hours, usd, kg, self.code[index], self.names)


def by_road(road: RoadMatrix, pairs: Pairs, carriage: Carriage, value: Floats | float) -> Way:
    """Return the road way of some pairs of a road matrix.

    Parameters
    ----------
    road : RoadMatrix
        Distances between all places.
    pairs : (rows, columns)
        The pairs wanted: two arrays of one shape, or the two of ``numpy.ix_`` for every pair of some rows and columns.
    carriage : Carriage
        Rates of the product.
    value : float or numpy.ndarray
        Value of a unit of each pair. [USD/unit]
    """
    km, code = road.km[pairs], road.code[pairs]
    hours = km / carriage.rates.truck_km_per_h
    if road.drive_h is not None:  # a slow road is slower than the day's stretch of a truck, a fast one is not faster
        hours = np.maximum(hours, road.drive_h[pairs])
    hours += road.wait_h[code]
    there, (far, long) = _finite(km, hours)
    usd = carriage.truck_usd_per_km * far + carriage.capital(value, long)
    kg = carriage.truck_kg_per_km * far
    return Way("road", km, hours, np.where(there, usd, np.inf), np.where(there, kg, np.inf), code, road.routes)


def by_rail(rail: RailMatrix, pairs: Pairs, carriage: Carriage, value: Floats | float) -> Way:
    """Return the rail way of some pairs: rails, two terminals, and trucks between places and stations."""
    rates, mass = carriage.rates, carriage.mass_t
    code = rail.code[pairs]
    there, (line, dray) = _finite(rail.km[pairs], rates.circuity * (rail.head_km[pairs[0]] + rail.tail_km[pairs[1]]))
    hours = line / rates.rail_km_per_h + rates.rail_terminal_h + dray / rates.truck_km_per_h
    usd = carriage.rail_usd_per_km * line + rates.rail_terminal_usd_per_t * mass
    usd = usd + carriage.truck_usd_per_km * dray + carriage.capital(value, hours)
    kg = carriage.rail_kg_per_km * line + carriage.truck_kg_per_km * dray + 2.0 * rates.terminal_kg_per_t * mass
    km, hours, usd, kg = (np.where(there, figure, np.inf) for figure in (line + dray, hours, usd, kg))
    return Way("rail", km, hours, usd, kg, code, rail.routes)


def _finite(*figures: Floats) -> tuple[Flags, list[Floats]]:
    """Return where all figures are finite, and the figures with 0 elsewhere: 0 USD by an endless way is no number."""
    there = np.logical_and.reduce(np.broadcast_arrays(*(np.isfinite(figure) for figure in figures)))
    return there, [np.where(there, figure, 0.0) for figure in figures]


@dataclass(frozen=True)
class Ports:
    """Ways between ports and places on land: by road or rail, or by sea along the coast where no road leads.

    Parameters
    ----------
    code : numpy.ndarray of object, shape (P,)
        UN/LOCODE of the ports.
    road : RoadMatrix
        Roads from the P ports to the N places.
    rail : RailMatrix
        Rails from the P ports to the N places.
    coast_km : numpy.ndarray, shape (P, N)
        Great circle from port to place where no road leads to the place, infinite elsewhere. [km]
    """

    code: Texts
    road: RoadMatrix
    rail: RailMatrix
    coast_km: Floats

    def cheapest(self, sea_km: Floats, carriage: Carriage, value: float, *, outward: bool = False) -> Way:
        """Return the cheapest way over any port to each place, by truck on land.

        Parameters
        ----------
        sea_km : numpy.ndarray, shape (P,) or (P, N)
            Distance by sea to each port. [km]
        carriage : Carriage
            Rates of the product.
        value : float
            Value of a unit. [USD/unit]
        outward : bool
            Whether goods go from the places to the port: the route is then told backwards.

        Returns
        -------
        Way
            Mode sea, shape (N,): sea leg to the port, then road or coastal leg, by least freight with
            capital.
        """
        by_land = np.isfinite(self.road.km)
        nothing = RoadMatrix(np.where(by_land, self.road.km, 0.0), self.road.code, self.road.routes, self.road.wait_h)
        sea = sea_km[:, None] if sea_km.ndim == 1 else sea_km
        water = sea + np.where(by_land, 0.0, self.coast_km)
        land = by_road(nothing, self._all(), carriage, value)
        return self._least("sea", water, land, carriage, value, outward)

    def by_train(self, sea_km: Floats, carriage: Carriage, value: float) -> Way:
        """Return the cheapest way over any port to each place, by train to the station and by truck from there.

        Parameters and result are those of :meth:`cheapest`; the mode is sea_rail.
        """
        land = by_rail(self.rail, self._all(), carriage, value)
        water = np.broadcast_to(sea_km[:, None], land.km.shape)
        return self._least("sea_rail", water, land, carriage, value, outward=False)

    def _all(self) -> Pairs:
        return np.ix_(np.arange(self.road.km.shape[0]), np.arange(self.road.km.shape[1]))

    def _least(self, mode: str, water: Floats, land: Way, carriage: Carriage, value: float, outward: bool) -> Way:
        """Join sea and land at the port that makes the way cheapest: with handling, dwell and emissions there."""
        rates, mass = carriage.rates, carriage.mass_t
        there, (far,) = _finite(water)
        hours = np.where(there, far / rates.sea_km_per_h + rates.port_h, np.inf)
        usd = carriage.sea_usd(far) + rates.port_usd_per_t * mass + land.usd
        usd = usd + carriage.capital(value, np.where(there, hours, 0.0))
        usd = np.where(there & np.isfinite(land.km), usd, np.inf)
        best = np.argmin(usd, axis=0)
        at = (best, np.arange(usd.shape[1]))
        kg = carriage.sea_kg_per_km * far[at] + rates.terminal_kg_per_t * mass + land.kg[at]
        pair = best * len(land.names) + land.code[at]
        used, code = np.unique(pair, return_inverse=True)
        ports, crossings = np.divmod(used, len(land.names))
        names = [_gateway_text(self.code[p], land.names[c], outward) for p, c in zip(ports, crossings, strict=True)]
        route = np.array(names, dtype=object)
        return Way(mode, (water + land.km)[at], (hours + land.hours)[at], usd[at], kg, code.astype(np.int32), route)


def _gateway_text(port: str, crossing: str, outward: bool) -> str:
    names = [port, *split_list(crossing)]
    return ";".join(reversed(names) if outward else names)


def undominated_ways(
    ways: list[Way],
    *,
    promise: Floats | None = None,
    gateways: frozenset[str] | None = frozenset(),
    modes: frozenset[str] = frozenset(),
    time: bool = False,
) -> list[Flags]:
    """Return, for each way, the pairs at which no other way is at least as good in freight and in emissions.

    Duty is the same for every mode of a pair, so this is the same as comparing freight + duty. Cost and
    emissions of a plan grow with those of its lanes, thus a way left out is in no least-cost, least-emissions
    or mixed plan that the others could not match. Of two equal ways the first stays.

    Parameters
    ----------
    ways : list of Way
        Modes for the same pairs.
    promise : numpy.ndarray, shape (K, ...), optional
        Delivery times promised at the end of each pair, infinite where there is none: a way that keeps one of them
        then stays beside one that does not. [h]
    gateways : frozenset of str, optional
        Crossings and ports whose use matters, None for all: a way then stays beside one that passes more of them.
    modes : frozenset of str, optional
        Modes whose use matters: a way of such a mode, and one of another beside it, then both stay.
    time : bool
        Whether an hour saved is worth a lane everywhere, promised or not.

    Returns
    -------
    list of numpy.ndarray of bool
        Whether the way is kept, in the order given.
    """
    keep = [way.ok.copy() for way in ways]
    watched = _gateway_set_numbers(ways, gateways) if gateways != frozenset() else []
    for a, mine in enumerate(ways):
        for b, other in enumerate(ways):
            if a == b or not (keep[a] & keep[b]).any():
                continue
            if mine.mode != other.mode and modes & {mine.mode, other.mode}:
                continue
            no_worse = keep[b] & (other.usd <= mine.usd) & (other.kg <= mine.kg)
            strictly = (other.usd < mine.usd) | (other.kg < mine.kg)
            if time:
                no_worse &= other.hours <= mine.hours
                strictly |= other.hours < mine.hours
            elif promise is not None:
                mine_late, other_late = (way.hours > promise for way in (mine, other))
                no_worse &= (mine_late | ~other_late).all(axis=0)
                strictly |= (mine_late & ~other_late).any(axis=0)
            if watched:
                no_worse &= (watched[b] == watched[a]) | (watched[b] == 0)
            keep[a] &= ~(no_worse & (strictly | (b < a)))
    return keep


def _gateway_set_numbers(ways: list[Way], gateways: frozenset[str] | None) -> list[NDArray[np.int32]]:
    """Return a number for the set of gateways that each way passes, 0 for none; the same sets have the same number."""
    known = {"": 0}
    numbers = [
        np.array([known.setdefault(passing(n, gateways), len(known)) for n in way.names], dtype=np.int32)
        for way in ways
    ]
    return [number[way.code] for number, way in zip(numbers, ways, strict=True)]
