"""Duty offsets on offer: products of sites by measure, and the duty on inputs that arrive at sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsiting.model.constraints.trade.origin import Origins, Rules
from evsiting.model.milp import FloatArray, IntArray
from evsiting.model.sets import Sets, positions
from evsiting.study.derived import customs
from evsiting.study.study import Study


@dataclass(frozen=True)
class Offers:
    """What may be offset: products of sites by measure, index k; and the duty on what arrives at sites.

    Parameters
    ----------
    names : tuple of (str, str)
        Measures that are offset somewhere, each with the product that earns it.
    site, product, pair : numpy.ndarray of int, shape (K,)
        Positions; ``pair`` in ``names``.
    worth : numpy.ndarray, shape (K, T)
        Offset of a unit made; zero where no duty could be offset. [USD/unit]
    full, eased : numpy.ndarray, shape (N, L, T)
        Duty on a unit by measure and product that earns, and lane: on every unit, and only if the maker's product does
        not qualify. [USD/unit]
    """

    names: tuple[tuple[str, str], ...]
    site: IntArray
    product: IntArray
    pair: IntArray
    worth: FloatArray
    full: FloatArray
    eased: FloatArray

    @classmethod
    def of(cls, study: Study, sets: Sets, rules: Rules, origins: Origins) -> Offers | None:
        """Return them; None where there is nothing to offset."""
        law, lanes, steps = customs.offsets(study), sets.lanes, len(sets.horizon)
        names = tuple(sorted(set(law[["measure", "product"]].itertuples(index=False, name=None))))
        inner = np.flatnonzero(lanes.to_site >= 0)
        duties = customs.offset_duties(study)
        full, eased = np.zeros((2, len(names), len(lanes.product), steps))
        paid = np.zeros((len(names), len(sets.sites), steps), dtype=np.bool_)
        asked = np.where(lanes.site >= 0, origins.number[lanes.site, lanes.product], -1)
        asks = (np.vstack([origins.qualified, np.full((1, steps), -1)])[asked] >= 0)[inner]
        always = ((lanes.site >= 0) & ~rules.ruled[lanes.product])[inner, None]
        value = customs.unit_values(study, lanes.frame.iloc[inner])
        for n, (name, maker) in enumerate(names):
            mine = duties[(duties["measure"] == name) & (duties["made"] == maker)]
            rates = [
                customs.lane_rates(study, mine[(mine["relief"] == "none") == hard], lanes.frame.iloc[inner]) * value
                for hard in (True, False)
            ]
            full[n, inner] = rates[0] + np.where(always | asks, 0.0, rates[1])
            eased[n, inner] = np.where(asks & ~always, rates[1], 0.0)
            np.logical_or.at(paid[n], lanes.to_site[inner], (full + eased)[n, inner] > 0.0)
        makers: dict[tuple[int, int, int], FloatArray] = {}
        made = sets.makes.step == 0
        ends = sets.places.site[sets.makes.place[made]].tolist(), sets.makes.product[made].tolist()
        producers = set(zip(*ends, strict=True))
        for rule in law.itertuples():
            p, n = int(positions(sets.products, [rule.product])[0]), names.index((rule.measure, rule.product))
            for s in np.flatnonzero(sets.site_values.country == rule.destination).tolist():
                if (s, p) in producers:
                    worth = makers.setdefault((s, p, n), np.zeros(steps))
                    worth[sets.horizon.periods.index(rule.period)] += rule.usd_per_unit
        if not makers:
            return None
        keys = sorted(makers)
        site, product, pair = np.array(keys, dtype=np.int64).T
        worth = np.array([makers[k] for k in keys]) * paid[pair, site]
        return cls(names, site, product, pair, worth, full, eased) if worth.any() else None
