"""The best lanes between groups of places: of each product and mode, the least of every figure over all members."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.layers.freight.lanes import FREIGHT, Block, Work, on_site, table
from evsiting.layers.freight.modes import Way
from evsiting.layers.parameters import Parameters
from evsiting.optimize.aggregation.groups import Grouping
from evsiting.study.lists import gateways_on
from evsiting.study.study import Study

__all__ = ["best_lanes", "best_of_table", "without_dominated"]

#: Most gateways of a product that are told apart; what passes others counts as passing none, which restricts less.
GATEWAYS = 62


@dataclass
class _Best:
    """The best figures of one product and mode, by group of origin and of destination."""

    km: NDArray[np.float64]
    hours: NDArray[np.float64]
    usd: NDArray[np.float64]
    kg: NDArray[np.float64]
    passed: NDArray[np.uint64]

    @classmethod
    def of(cls, shape: tuple[int, int]) -> _Best:
        km, hours, usd, kg = (np.full(shape, np.inf) for _ in range(4))
        return cls(km, hours, usd, kg, np.full(shape, np.uint64(2**64 - 1)))


def best_lanes(study: Study, groups: Grouping, report: Callable[[str], None] | None = None) -> pd.DataFrame:
    """Return table ``lanes`` over groups: no pair of members has a lane that one of these does not stand for.

    A lane between groups is by each mode as cheap, as clean and as quick as the best of its members in each figure, and
    passes the gateways that all of them pass. What goes from one member of a group to another counts as used on site.

    Parameters
    ----------
    study : Study
        Complete but for its lanes, which are priced by chunks and never stored.
    groups : Grouping
        Of its sites and markets.
    report : callable, optional
        Called with the name of each product before its lanes are priced.
    """
    work = Work(study, Parameters(study), FREIGHT)
    ends = groups.ends
    blocks: list[Block] = []
    for product, name in enumerate(study.products["product"].astype(str)):
        if report is not None:
            report(name)
        places = np.array(sorted({ends[p] for p in work.at_home(product).tolist()}), dtype=object)
        if len(places):
            blocks.append(on_site(name, places))
        blocks += list(_of_product(name, work.apart(product), ends))
    return table(blocks)


def best_of_table(lanes: pd.DataFrame, groups: Grouping) -> pd.DataFrame:
    """Return the best lanes between groups of a table of lanes, as :func:`best_lanes` those that the layer makes."""
    ends = groups.ends
    frame = lanes.assign(
        origin=[ends.get(o, o) for o in lanes["origin"].astype(str)],
        destination=[ends[d] for d in lanes["destination"].astype(str)],
    )
    within = frame["origin"] == frame["destination"]
    frame = frame.assign(mode=frame["mode"].astype(str).where(~within, "on_site"))
    key = ["product", "origin", "destination", "mode"]
    figures = [c for c in ("distance_km", "time_h", "freight_usd_per_unit", "duty_usd_per_unit") if c in frame]
    best = frame.groupby(key, sort=True)[[*figures, "emissions_kg_per_unit"]].min()
    passed = frame["route"].map(lambda route: frozenset(gateways_on(route)))
    common = passed.groupby([frame[c] for c in key]).agg(lambda sets: ";".join(sorted(frozenset.intersection(*sets))))
    return best.assign(route=common).reset_index()


def without_dominated(lanes: pd.DataFrame, *, emissions: bool, promised: Collection[str]) -> pd.DataFrame:
    """Return lanes between groups without those in whose place the cheapest of their pair can always be used.

    It is cheaper or as cheap, passes no further gateway and, where that counts, is as clean and as quick: no rule that
    groups allow (:func:`evsiting.optimize.aggregation.groups.require_groupable`) tells the two apart.

    Parameters
    ----------
    lanes : pandas.DataFrame
        Of one duty for each pair, as the freight layer makes them.
    emissions : bool
        Whether emissions have a price, a limit or a weight.
    promised : collection of str
        Products whose demand has promised delivery times.
    """
    order = lanes.sort_values("freight_usd_per_unit", kind="stable")
    pair = [order[c] for c in ("product", "origin", "destination")]
    best = order.groupby(pair, sort=False)[["time_h", "emissions_kg_per_unit", "route"]].transform("first")
    first = ~order.duplicated(["product", "origin", "destination"]).to_numpy()
    least, own = (frame["route"].map(lambda r: frozenset(gateways_on(r))) for frame in (best, order))
    free = np.array([a <= b for a, b in zip(least, own, strict=True)], dtype=np.bool_)
    free &= ~order["product"].isin(promised).to_numpy() | (best["time_h"] <= order["time_h"]).to_numpy()
    if emissions:
        free &= (best["emissions_kg_per_unit"] <= order["emissions_kg_per_unit"]).to_numpy()
    return order[first | ~free].sort_index().reset_index(drop=True)


def _of_product(product: str, parts: Iterator[Block], ends: dict[str, str]) -> Iterator[Block]:
    """Yield the best lanes of one product, by mode."""
    origin: dict[str, int] = {}
    destination: dict[str, int] = {}
    gateways: dict[str, int] = {}
    best: dict[str, _Best] = {}
    number = len(set(ends.values()))
    for part in parts:
        if part.way.mode not in best:
            best[part.way.mode] = _Best.of((0, number))
        mine = best[part.way.mode]
        start = np.array([origin.setdefault(ends.get(o, o), len(origin)) for o in part.origin.tolist()])
        end = np.array([destination.setdefault(ends[d], len(destination)) for d in part.destination.tolist()])
        _grow(mine, len(origin))
        _take(mine, part, start, end, _masks(part.way, gateways))
    names = np.array(list(destination), dtype=object)
    starts = np.array(list(origin), dtype=object)
    for mode, mine in best.items():
        rows, width = len(mine.km), len(names)
        km, hours, usd, kg = (a[:, :width] for a in (mine.km, mine.hours, mine.usd, mine.kg))
        passed = mine.passed[:, :width]
        keep = np.isfinite(usd) & (starts[:rows, None] != names[None, :])
        if not keep.any():
            continue
        used, code = np.unique(np.where(keep, passed, np.uint64(0)), return_inverse=True)
        routes = np.array([_route(int(mask), gateways) for mask in used], dtype=object)
        way = Way(mode, km, hours, usd, kg, code.reshape(keep.shape).astype(np.int32), routes)
        yield Block(product, starts[:rows], names, way, keep)


def _grow(best: _Best, rows: int) -> None:
    """Make room for further origins."""
    more = rows - len(best.km)
    if more > 0:
        new = _Best.of((more, best.km.shape[1]))
        for name in ("km", "hours", "usd", "kg", "passed"):
            setattr(best, name, np.vstack([getattr(best, name), getattr(new, name)]))


def _take(
    best: _Best, part: Block, start: NDArray[np.int64], end: NDArray[np.int64], masks: NDArray[np.uint64]
) -> None:
    """Lower the best figures to those of a block."""
    order = np.argsort(end, kind="stable")
    groups, first = np.unique(end[order], return_index=True)
    for name, figure in (("km", part.way.km), ("hours", part.way.hours), ("usd", part.way.usd), ("kg", part.way.kg)):
        least = np.minimum.reduceat(np.where(part.keep, figure, np.inf)[:, order], first, axis=1)
        figures = getattr(best, name)
        for row, group in enumerate(start.tolist()):
            figures[group, groups] = np.minimum(figures[group, groups], least[row])
    passed = np.where(part.keep, masks[part.way.code], np.uint64(2**64 - 1))
    common = np.bitwise_and.reduceat(passed[:, order], first, axis=1)
    for row, group in enumerate(start.tolist()):
        best.passed[group, groups] &= common[row]


def _masks(way: Way, gateways: dict[str, int]) -> NDArray[np.uint64]:
    """Return the gateways of each route of a way as bits."""
    bits = np.zeros(len(way.names), dtype=np.uint64)
    for k, route in enumerate(way.names.tolist()):
        for gateway in gateways_on(route):
            bit = gateways.setdefault(gateway, len(gateways))
            if bit < GATEWAYS:
                bits[k] |= np.uint64(1 << bit)
    return bits


def _route(mask: int, gateways: dict[str, int]) -> str:
    """Return the gateways of some bits as the route of a lane."""
    return ";".join(name for name, bit in gateways.items() if bit < GATEWAYS and mask >> bit & 1)
