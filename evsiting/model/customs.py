"""Duty that is spared without origin: decisions ``in_quota`` and ``offsets``; rows ``quota`` and ``offset``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting.model.decisions import Decision, Totals, texts
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.origin import MUSD, Origins, Rules, add_grid
from evsiting.model.sets import Sets, positions
from evsiting.model.siting import Columns
from evsiting.study import customs
from evsiting.study.study import Study


@dataclass(frozen=True)
class _Entry:
    """One quota open to one origin in one period: a column, and the lanes that it may let in."""

    quota: str
    origin: str
    product: str
    destination: str
    measure: str
    period: int
    share: float
    rate: float
    lanes: IntArray


def add_quotas(
    milp: MilpBuilder,
    study: Study,
    sets: Sets,
    columns: Columns,
    totals: Totals,
    spared: Sequence[tuple[str, str, str]],
    preferences: IntArray,
) -> list[Decision]:
    r"""A quota lets in so much, of what is sent; no unit is spared one measure twice.

    .. math:: \sum_o in\_quota_{kot} \le s_{kt} N_k \quad \forall k, t, \qquad
       in\_quota_{kot} \le s_{kt} \sum_{l \in (o \to c, p)} ship_{lt} \quad \forall k, o, t, \qquad
       \sum_{k \text{ of } m,\,y} in\_quota_{kot} / s_{kt} + [m,y]\,preferences_{opct}
       \le \sum_{l \in (o \to c, p)} ship_{lt} \quad \forall o, p, c, m, y \in t \tag{quota}

    with origins o (suppliers, and sites of the country), quantity N and the share s of the period in which the quota is
    in force. The last row is written where several quotas, or a quota and origin, spare the same measure m in the same
    year y; in such a year :math:`in\_quota / s` units enter within a quota, and [m, y] says whether originating goods
    are spared the measure then. Rows of years with the same quotas are one. A unit saves the measure's rate less the
    quota's. What a quota does not let in in one period is not let in in another.

    Parameters
    ----------
    milp, study, sets, columns, totals
        As everywhere.
    spared : sequence of tuple of str
        Site, product and country of the rows of ``preferences``.
    preferences : numpy.ndarray of int, shape (E, T)
        Columns of the units that enter as originating.
    """
    periods = sets.horizon.periods
    entries = sorted(_entries(study, sets), key=lambda e: (e.quota, e.origin, e.period))
    if not entries:
        return []
    names = list(dict.fromkeys((e.quota, e.origin) for e in entries))
    numbers = {name: k for k, name in enumerate(names)}
    row = np.array([numbers[e.quota, e.origin] for e in entries])
    when = np.array([e.period for e in entries])
    wanted = np.zeros((len(names), len(periods)), dtype=np.bool_)
    wanted[row, when] = True
    column = add_grid(milp, "in_quota", wanted, lambda k: names[k], periods)
    mine = column[row, when]
    made = positions(sets.products, [e.product for e in entries])
    frame = pd.DataFrame({"product": [e.product for e in entries], "origin": [e.origin for e in entries]})
    value = customs.unit_values(study, frame)[np.arange(len(entries)), when]
    rate = np.array([e.rate for e in entries])
    totals.cost(mine, -value * rate * sets.scale[made] * sets.horizon.present[when])

    law = customs.quotas(study).set_index(["quota", "period"])["units_per_yr"]
    limits = list(dict.fromkeys((e.quota, e.period) for e in entries))
    of = np.array([limits.index((e.quota, e.period)) for e in entries])
    scale = np.zeros(len(limits))
    scale[of] = sets.scale[made]
    milp.add_rows(
        "quota",
        len(limits),
        lambda k: (limits[k][0], periods[limits[k][1]]),
        (of, mine, 1.0),
        upper=np.array([law[q, periods[t]] for q, t in limits]) / scale,
    )
    milp.add_rows(
        "quota",
        len(entries),
        lambda k: (entries[k].quota, entries[k].origin, periods[entries[k].period]),
        (np.arange(len(entries)), mine, 1.0),
        *((np.array([k]), columns.ship[e.lanes, e.period], -e.share) for k, e in enumerate(entries)),
        upper=0.0,
    )
    _add_spared_once(milp, study, sets, columns, entries, mine, spared, preferences)
    keys = {name: np.array([n[k] for n in names], dtype=object) for k, name in enumerate(("quota", "origin"))}
    return [Decision("in_quota", keys, column, periods, sets.scale[made][np.searchsorted(row, np.arange(len(names)))])]


def _entries(study: Study, sets: Sets) -> Iterator[_Entry]:
    """Yield every quota that is in force and spares something, for every origin that it is open to."""
    law = customs.quotas(study)
    law = law[(law["rate"] > 0.0) & (law["units_per_yr"] > 0.0)]
    if law.empty:
        return
    lanes = customs.located(study, sets.lanes.frame)
    lanes = lanes[lanes["product"].isin(law["product"])]
    numbers = lanes.index.to_numpy(np.int64)
    ways: dict[tuple[str, str, str], dict[str, list[int]]] = {}
    ends = zip(*(lanes[c] for c in ("product", "from_country", "to_country", "origin")), numbers.tolist(), strict=True)
    for product, home, country, origin, lane in ends:
        ways.setdefault((product, home, country), {}).setdefault(origin, []).append(lane)
    for rule in law.to_dict("records"):
        for origin, mine in ways.get((rule["product"], rule["origin"], rule["destination"]), {}).items():
            yield _Entry(
                rule["quota"],
                origin,
                rule["product"],
                rule["destination"],
                rule["measure"],
                sets.horizon.periods.index(rule["period"]),
                rule["share"],
                rule["rate"],
                np.array(mine),
            )


def _add_spared_once(
    milp: MilpBuilder,
    study: Study,
    sets: Sets,
    columns: Columns,
    entries: list[_Entry],
    mine: IntArray,
    spared: Sequence[tuple[str, str, str]],
    preferences: IntArray,
) -> None:
    """Add the rows by which no unit is spared a measure twice in any year, where two things spare it."""
    ways: dict[tuple[str, str, str, str, int], dict[str, int]] = {}
    for k, e in enumerate(entries):
        ways.setdefault((e.origin, e.product, e.destination, e.measure, e.period), {})[e.quota] = k
    years: dict[tuple[str, str, str, str], list[tuple[int, tuple[str, ...], bool]]] = {}
    for law in customs.quota_years(study).to_dict("records"):
        thing = (law["product"], law["destination"], law["measure"], law["period"])
        years.setdefault(thing, []).append((law["year"], law["quotas"], law["relieved"]))
    number = {key: e for e, key in enumerate(spared)}
    rows = []
    for (origin, product, country, measure, when), members in ways.items():
        at = number.get((origin, product, country), -1)
        twin = int(preferences[at, when]) if at >= 0 else -1
        found: dict[tuple[tuple[int, float], ...], int] = {}
        for year, quotas, relieved in years[product, country, measure, sets.horizon.periods[when]]:
            own = [members[quota] for quota in quotas if quota in members]
            claims = [(int(mine[k]), 1.0 / entries[k].share) for k in own]
            claims += [(twin, 1.0)] if own and relieved and twin >= 0 else []
            if len(claims) > 1:
                found.setdefault(tuple(claims), year)
        lanes = columns.ship[entries[next(iter(members.values()))].lanes, when]
        for claim, year in found.items():
            name = (origin, product, country, measure, sets.horizon.periods[when])
            rows.append(((*name, str(year)) if len(found) > 1 else name, claim, lanes))
    if rows:
        milp.add_rows(
            "quota",
            len(rows),
            lambda k: rows[k][0],
            *((np.array([k]), [c for c, _ in claims], [v for _, v in claims]) for k, (_, claims, _) in enumerate(rows)),
            *((np.array([k]), sent, -1.0) for k, (_, _, sent) in enumerate(rows)),
            upper=0.0,
        )


def add_offsets(
    milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, totals: Totals, rules: Rules, origins: Origins
) -> list[Decision]:
    r"""What a plant makes at home offsets duty on its inputs, so much for each unit, and no more than is paid.

    .. math:: offsets_{ipmt} \le z_{c(i)pmt}\,make_{ipt} \quad \forall i, p, m, t, \qquad
       \sum_p offsets_{ipmt} \le \sum_{l \in in(i)} d_{lmt}\,\big(ship_{lt} - spared_{lt}\big)
       \quad \forall i, m, t \tag{offset}

    with the offset z of a unit made [USD/unit] and the duty d of measure m on a unit [USD/unit], in the years in which
    the offset is in force. Spared are units for which a quota is in force, and units from a plant that are spared the
    measure as originating: all of them where the product has no rule, those of a plant whose product qualifies where
    it has one: :math:`dutiable_{akit} \le \sum_l ship_{lt}`, :math:`\sum_i dutiable_{akit} \le make_{kat} -
    good_{kat}`.
    """
    offers = _Offers.of(study, sets, rules, origins)
    if offers is None:
        return []
    site, product, periods = offers.site, offers.product, sets.horizon.periods

    def label(k: int) -> tuple[str, str, str]:
        return str(sets.sites[site[k]]), str(sets.products[product[k]]), offers.names[offers.measure[k]]

    column = add_grid(milp, "offsets", offers.worth > 0.0, label, periods)
    row, when = np.nonzero(column >= 0)
    totals.cost(column[row, when], -MUSD * sets.horizon.present[when])
    made: dict[tuple[int, int], list[int]] = {}
    ends = zip(sets.places.site[sets.makes.place].tolist(), sets.makes.product.tolist(), strict=True)
    for m, end in enumerate(ends):
        made.setdefault(end, []).append(m)
    own = [made[end] for end in zip(site[row].tolist(), product[row].tolist(), strict=True)]
    worth = offers.worth[row, when] * sets.scale[product[row]] / MUSD
    milp.add_rows(
        "offset",
        len(row),
        lambda k: (*label(int(row[k])), periods[when[k]]),
        (np.arange(len(row)), column[row, when], 1.0),
        *(([k], columns.make[own[k], when[k]], -worth[k]) for k in range(len(row))),
        upper=0.0,
    )
    _add_paid(milp, sets, columns, offers, column, _add_dutiable(milp, sets, columns, origins, offers))
    keys = {
        "site": texts(sets.sites, site),
        "product": texts(sets.products, product),
        "measure": np.array(offers.names, dtype=object)[offers.measure],
    }
    return [Decision("offsets", keys, column, periods, np.full(len(site), MUSD))]


@dataclass(frozen=True)
class _Offers:
    """What may be offset: products of sites by measure, index k; and the duty on what arrives at sites.

    Parameters
    ----------
    names : tuple of str
        Measures that are offset somewhere.
    site, product, measure : numpy.ndarray of int, shape (K,)
        Positions.
    worth : numpy.ndarray, shape (K, T)
        Offset of a unit made; zero where no duty could be offset. [USD/unit]
    full, eased : numpy.ndarray, shape (N, L, T)
        Duty on a unit by measure and lane: on every unit, and only if the maker's product does not qualify. [USD/unit]
    """

    names: tuple[str, ...]
    site: IntArray
    product: IntArray
    measure: IntArray
    worth: FloatArray
    full: FloatArray
    eased: FloatArray

    @classmethod
    def of(cls, study: Study, sets: Sets, rules: Rules, origins: Origins) -> _Offers | None:
        """Return them; None where there is nothing to offset."""
        law, lanes, steps = customs.offsets(study), sets.lanes, len(sets.horizon)
        names = tuple(sorted(set(law["measure"])))
        inner = np.flatnonzero(lanes.to_site >= 0)
        duties = customs.offset_duties(study)
        full, eased = np.zeros((2, len(names), len(lanes.product), steps))
        paid = np.zeros((len(names), len(sets.sites), steps), dtype=np.bool_)
        asked = np.where(lanes.site >= 0, origins.number[lanes.site, lanes.product], -1)
        asks = (np.vstack([origins.qualified, np.full((1, steps), -1)])[asked] >= 0)[inner]
        always = ((lanes.site >= 0) & ~rules.ruled[lanes.product])[inner, None]
        value = customs.unit_values(study, lanes.frame.iloc[inner])
        for n, name in enumerate(names):
            mine = duties[duties["measure"] == name]
            rates = [
                customs.lane_rates(study, mine[(mine["relief"] == "none") == hard], lanes.frame.iloc[inner]) * value
                for hard in (True, False)
            ]
            full[n, inner] = rates[0] + np.where(always | asks, 0.0, rates[1])
            eased[n, inner] = np.where(asks & ~always, rates[1], 0.0)
            np.logical_or.at(paid[n], lanes.to_site[inner], (full + eased)[n, inner] > 0.0)
        makers: dict[tuple[int, int, int], FloatArray] = {}
        held = set(zip(sets.places.site[sets.makes.place].tolist(), sets.makes.product.tolist(), strict=True))
        for rule in law.itertuples():
            p, n = int(positions(sets.products, [rule.product])[0]), names.index(rule.measure)
            for s in np.flatnonzero(sets.site_values.country == rule.destination).tolist():
                if (s, p) in held:
                    worth = makers.setdefault((s, p, n), np.zeros(steps))
                    worth[sets.horizon.periods.index(rule.period)] += rule.usd_per_unit
        if not makers:
            return None
        keys = sorted(makers)
        site, product, measure = np.array(keys, dtype=np.int64).T
        worth = np.array([makers[k] for k in keys]) * paid[measure, site]
        return cls(names, site, product, measure, worth, full, eased) if worth.any() else None


def _add_dutiable(
    milp: MilpBuilder, sets: Sets, columns: Columns, origins: Origins, offers: _Offers
) -> tuple[IntArray, IntArray]:
    """Add units of inputs that pay duty since their maker's product does not qualify, where an offset may need them.

    Returns
    -------
    lane : numpy.ndarray of int, shape (X,)
        One lane of each product, seller and buyer.
    column : numpy.ndarray of int, shape (X, T)
        Columns; -1 where there is none. [scaled unit/yr]
    """
    lanes, periods = sets.lanes, sets.horizon.periods
    claims = np.zeros((len(sets.sites), len(periods)), dtype=np.bool_)
    np.logical_or.at(claims, offers.site, offers.worth > 0.0)
    useful = (offers.eased > 0.0).any(axis=0) & np.where((lanes.to_site >= 0)[:, None], claims[lanes.to_site], False)
    some = np.flatnonzero(useful.any(axis=1))
    ends = np.column_stack([lanes.product, lanes.site, lanes.to_site])[some]
    _, first, pair = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    lane = some[first]

    def label(x: int) -> tuple[str, str, str]:
        product, origin, destination = lanes.frame.iloc[lane[x], :3]
        return str(product), str(origin), str(destination)

    column = add_grid(milp, "dutiable", useful[lane], label, periods)
    row, when = np.nonzero(column >= 0)
    if not len(row):
        return lane, column
    number = np.full(column.shape, -1, dtype=np.int64)
    number[row, when] = np.arange(len(row))
    sent = number[pair.ravel()]
    milp.add_rows(
        "offset",
        len(row),
        lambda k: (*label(int(row[k])), periods[when[k]]),
        (np.arange(len(row)), column[row, when], 1.0),
        (sent[sent >= 0], columns.ship[some][sent >= 0], -1.0),
        upper=0.0,
    )
    maker = origins.number[lanes.site[lane[row]], lanes.product[lane[row]]]
    keys, at = np.unique(maker * len(periods) + when, return_inverse=True)
    which, step = keys // len(periods), keys % len(periods)
    site, product = origins.site[which], origins.product[which]
    of = np.full((len(origins.site), len(periods)), -1, dtype=np.int64)
    of[which, step] = np.arange(len(keys))
    maker = origins.number[sets.places.site[sets.makes.place], sets.makes.product]
    made = np.where((maker >= 0)[:, None], of[maker], -1)
    milp.add_rows(
        "offset",
        len(keys),
        lambda k: (str(sets.products[product[k]]), str(sets.sites[site[k]]), periods[step[k]]),
        (at, column[row, when], 1.0),
        (np.arange(len(keys)), origins.good[which, step], 1.0),
        (made[made >= 0], columns.make[made >= 0], -1.0),
        upper=0.0,
    )
    return lane, column


def _add_paid(
    milp: MilpBuilder,
    sets: Sets,
    columns: Columns,
    offers: _Offers,
    column: IntArray,
    dutiable: tuple[IntArray, IntArray],
) -> None:
    """Add the rows by which a site offsets no more of a measure than its inputs pay."""
    periods, lanes = sets.horizon.periods, sets.lanes
    row, when = np.nonzero(column >= 0)
    claims = np.column_stack([offers.site, offers.measure])[row]
    keys, at = np.unique(np.column_stack([claims, when]), axis=0, return_inverse=True)
    number = np.full((len(sets.sites), len(offers.names), len(periods)), -1, dtype=np.int64)
    number[tuple(keys.T)] = np.arange(len(keys))
    terms = []
    for lane, flow, duty in (
        (np.arange(len(lanes.product)), columns.ship, offers.full),
        (dutiable[0], dutiable[1], offers.eased),
    ):
        into = np.flatnonzero(lanes.to_site[lane] >= 0)
        mine = lane[into]
        for n in range(len(offers.names)):
            usd = duty[n, mine] * sets.scale[lanes.product[mine]][:, None] / MUSD
            target = number[lanes.to_site[mine], n]
            some = (target >= 0) & (usd > 0.0) & (flow[into] >= 0)
            terms.append((target[some], flow[into][some], -usd[some]))
    milp.add_rows(
        "offset",
        len(keys),
        lambda k: (str(sets.sites[keys[k, 0]]), offers.names[keys[k, 1]], periods[keys[k, 2]]),
        (at.ravel(), column[row, when], 1.0),
        *terms,
        upper=0.0,
    )
