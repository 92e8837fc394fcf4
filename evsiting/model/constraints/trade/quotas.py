"""Duty that is spared within quotas: variables ``in_quota``; constraints ``quota``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting.model.columns import Columns, add_columns_where
from evsiting.model.milp import IntArray, MilpBuilder
from evsiting.model.plan_columns import Decision, Totals
from evsiting.model.sets import Sets, positions
from evsiting.study.derived import customs
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
    in force. The last constraint is written where several quotas, or a quota and origin, spare the same measure m in
    the same year y; in such a year :math:`in\_quota / s` units enter within a quota, and [m, y] says whether
    originating goods are spared the measure then. Constraints of years with the same quotas are one. A unit saves the
    measure's rate less the quota's. What a quota does not let in in one period is not let in in another.

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
    column = add_columns_where(milp, "in_quota", wanted, lambda k: names[k], periods)
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
    lanes = customs.with_countries(study, sets.lanes.frame)
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
    """Add the constraints by which no unit is spared a measure twice in any year, where two things spare it."""
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
        first_year: dict[tuple[tuple[int, float], ...], int] = {}
        for year, quotas, relieved in years[product, country, measure, sets.horizon.periods[when]]:
            own = [members[quota] for quota in quotas if quota in members]
            claims = [(int(mine[k]), 1.0 / entries[k].share) for k in own]
            claims += [(twin, 1.0)] if own and relieved and twin >= 0 else []
            if len(claims) > 1:
                first_year.setdefault(tuple(claims), year)
        lanes = columns.ship[entries[next(iter(members.values()))].lanes, when]
        for claim, year in first_year.items():
            name = (origin, product, country, measure, sets.horizon.periods[when])
            rows.append(((*name, str(year)) if len(first_year) > 1 else name, claim, lanes))
    if rows:
        milp.add_rows(
            "quota",
            len(rows),
            lambda k: rows[k][0],
            *((np.array([k]), [c for c, _ in claims], [v for _, v in claims]) for k, (_, claims, _) in enumerate(rows)),
            *((np.array([k]), sent, -1.0) for k, (_, _, sent) in enumerate(rows)),
            upper=0.0,
        )
