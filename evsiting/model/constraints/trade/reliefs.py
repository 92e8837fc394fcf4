"""Where originating goods are spared duty: products of sites by country of destination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting.model.milp import FloatArray, IntArray
from evsiting.model.plan_columns import texts
from evsiting.model.sets import BoolArray, Sets, positions
from evsiting.study.derived.customs import reliefs
from evsiting.study.study import Study


@dataclass(frozen=True)
class Spared:
    """Products that a site may send to a country that spares originating goods duty: index e.

    Parameters
    ----------
    site, product : numpy.ndarray of int, shape (E,)
        Positions.
    country : numpy.ndarray of object, shape (E,)
        Country that spares them.
    free, content : numpy.ndarray, shape (E, T)
        Saved of each dollar of value, and of each dollar of content from that country. [1]
    lane : numpy.ndarray of int, shape (L,)
        Index e of a lane; -1 where there is none.
    """

    site: IntArray
    product: IntArray
    country: np.ndarray
    free: FloatArray
    content: FloatArray
    lane: IntArray

    @classmethod
    def of(cls, study: Study, sets: Sets) -> Spared:
        """Return them, from the reliefs in force and the lanes that there are."""
        lanes, steps = sets.lanes, len(sets.horizon)
        law = reliefs(study)
        key = pd.MultiIndex.from_frame(law[["product", "origin", "destination"]])
        ways = key.unique()
        rates = np.zeros((2, len(ways) + 1, steps))
        at = (ways.get_indexer(key), positions(pd.Index(sets.horizon.periods), law["period"]))
        for k, relief in enumerate(("free", "content")):
            rates[k][at] = law[relief].to_numpy(np.float64)
        end = np.append(sets.site_values.country, sets.market_country)
        end = end[np.where(lanes.to_site >= 0, lanes.to_site, lanes.to_market + len(sets.sites))]
        own = np.flatnonzero(lanes.site >= 0)
        way = np.full(len(end), -1, dtype=np.int64)
        if len(ways):
            way[own] = ways.get_indexer(
                pd.MultiIndex.from_arrays(
                    [texts(sets.products, lanes.product[own]), sets.site_values.country[lanes.site[own]], end[own]]
                )
            )
        known = np.flatnonzero(way >= 0)
        keys, number = np.unique(np.column_stack([lanes.site[known], way[known]]), axis=0, return_inverse=True)
        lane = np.full(len(end), -1, dtype=np.int64)
        lane[known] = number.ravel()
        site, kind = keys[:, 0], keys[:, 1]
        return cls(
            site,
            positions(sets.products, ways.get_level_values(0)[kind]),
            ways.get_level_values(2).to_numpy(object)[kind],
            rates[0, kind],
            rates[1, kind],
            lane,
        )

    def saves(self, sets: Sets) -> BoolArray:
        """Return where a product of a site is spared something in some country. shape (S, P, T)."""
        out = np.zeros((len(sets.sites), len(sets.products), len(sets.horizon)), dtype=np.bool_)
        np.logical_or.at(out, (self.site, self.product), self.free + self.content > 0.0)
        return out

    def label(self, sets: Sets, e: int) -> tuple[str, str, str]:
        """Return the names of one of them."""
        return str(sets.sites[self.site[e]]), str(sets.products[self.product[e]]), str(self.country[e])
