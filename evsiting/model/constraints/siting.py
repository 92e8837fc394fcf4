"""What may stand: constraints ``one_option``, ``expand``, ``retire``, ``move_once``, ``capacity``, ``min_load``."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns, change_terms, open_terms
from evsiting.model.milp import IntArray, MilpBuilder
from evsiting.model.sets import Sets


def add_one_option(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""At most one new plant of a plant type per site over the horizon; once built it stays, or is retired.

    .. math:: \sum_{c \in new(q),\,t} build_{ct} \le 1 \quad \forall q \tag{one\_option}
    """
    new = np.flatnonzero(sets.changes.root)
    places, row = np.unique(sets.changes.place[new], return_inverse=True)
    milp.add_rows(
        "one_option",
        len(places),
        lambda k: sets.place_name(int(places[k])),
        (row[:, None], columns.change[new], 1.0),
        upper=1.0,
    )


def add_expand(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""An option is expanded once, and only after the period in which it was built, or at once where it may.

    .. math:: \sum_{c' \text{ expands } c} \sum_{\tau \le t} build_{c'\tau} \le \sum_{\tau \le t - e} build_{c\tau}
       \quad \forall c, t, \qquad e = 1, \text{ or } 0 \text{ at once} \tag{expand}

    An expansion counts with what it adds to the option out of which it grows: capacity, staff, fixed cost. Where an
    option has expansions of both kinds, the row with e = 0 is for all of them, that with e = 1 for the others alone.
    """
    changes = sets.changes
    growing = np.flatnonzero(changes.expands >= 0)
    parents = np.unique(changes.expands[growing])
    soon = np.isin(parents, changes.expands[growing[changes.at_once[growing]]])
    _add_expansions(milp, sets, columns, growing[np.isin(changes.expands[growing], parents[soon])], 0)
    later = growing[~changes.at_once[growing]]
    _add_expansions(milp, sets, columns, later, 1)


def _add_expansions(milp: MilpBuilder, sets: Sets, columns: Columns, growing: IntArray, after: int) -> None:
    """Add the constraints of some expansions, made so many periods after that of building at the earliest."""
    steps, changes = len(sets.horizon), sets.changes
    rows = steps - after
    if not len(growing) or rows < 1:
        return
    old, row = np.unique(changes.expands[growing], return_inverse=True)
    early, late = np.triu_indices(steps)
    early, late = early[early >= after], late[early >= after]
    grown = columns.change[growing][:, early]
    expanding = np.nonzero(grown >= 0)
    sooner, later = np.triu_indices(steps, after)
    before = columns.change[old][:, sooner]
    building = np.nonzero(before >= 0)
    milp.add_rows(
        "expand",
        len(old) * rows,
        lambda k: (
            *sets.place_name(int(changes.place[old[k // rows]])),
            str(changes.name[old[k // rows]]),
            *(() if after else ("at once",)),
            sets.horizon.periods[k % rows + after],
        ),
        (row[expanding[0]] * rows + late[expanding[1]] - after, grown[expanding], 1.0),
        (building[0] * rows + later[building[1]] - after, before[building], -1.0),
        upper=0.0,
    )


def add_retire(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""What was built is closed once, in a later period, and not before what has grown out of it.

    .. math:: \sum_{t > \tau} retire_{c\tau t} \le build_{c\tau} \quad \forall c, \tau, \qquad
       open_{c't} \le open_{ct} \quad \forall c' \text{ expands } c,\ t, \qquad
       open_{ct} = \sum_{\tau \le t} \Big(build_{c\tau} - \sum_{\tau < t' \le t} retire_{c\tau t'}\Big) \tag{retire}

    Capacity, minimum load, staff, fixed cost and property tax end with it; investment is not paid back, and no other
    plant of the type is built at the site. An expansion may be closed alone: what it had grown out of stands again.
    """
    changes, steps = sets.changes, len(sets.horizon)
    ending = np.flatnonzero(changes.retires >= 0)
    if not len(ending):
        return
    ends = columns.change[ending]
    some = np.nonzero(ends >= 0)
    milp.add_rows(
        "retire",
        len(ending),
        lambda k: (
            *sets.place_name(int(changes.place[ending[k]])),
            str(changes.name[ending[k]]),
            sets.horizon.periods[changes.built[ending[k]]],
        ),
        (some[0], ends[some], 1.0),
        (np.arange(len(ending)), columns.change[changes.retires[ending], changes.built[ending]], -1.0),
        upper=0.0,
    )
    expansions = np.flatnonzero(np.isin(changes.expands, changes.retires[ending]))
    number = np.full(len(changes.kind) + 1, -1)
    number[expansions] = np.arange(len(expansions))
    parent = changes.expands[expansions]
    unit, period, column, sign = open_terms(sets, columns)
    own = number[unit] >= 0
    terms = [(number[unit[own]] * steps + period[own], column[own], sign[own])]
    for k, old in enumerate(parent.tolist()):
        mine = unit == old
        terms.append((k * steps + period[mine], column[mine], -sign[mine]))
    if len(expansions):
        milp.add_rows(
            "retire",
            len(expansions) * steps,
            lambda k: (
                *sets.place_name(int(changes.place[expansions[k // steps]])),
                str(changes.name[expansions[k // steps]]),
                "stands",
                sets.horizon.periods[k % steps],
            ),
            *terms,
            upper=0.0,
        )


def add_move_once(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""A standing plant is closed once, a paused one resumed once.

    .. math:: \sum_t close_{ct} \le 1, \qquad \sum_t resume_{ct} \le 1 \quad \forall c \tag{move\_once}
    """
    moves = np.flatnonzero(np.isin(sets.changes.kind.astype(str), ("close", "resume")))
    if len(moves):
        milp.add_rows(
            "move_once",
            len(moves),
            lambda k: (str(sets.changes.name[moves[k]]),),
            (np.arange(len(moves))[:, None], columns.change[moves], 1.0),
            upper=1.0,
        )


def add_capacity(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""A plant makes at most what stands there and what changes have added, as far as it is ramped up.

    .. math:: \sum_p use_{qp}\,make_{qpt} \le \bar Q_{qt} + \sum_{c \in q} \sum_{\tau \le t} Q_{c\tau t}\,build_{c\tau}
       \quad \forall q, t \tag{capacity}

    :math:`Q_{c\tau t}` is negative for a closing; it holds the partner's part no more.
    """
    steps, places = len(sets.horizon), sets.places
    scale = sets.type_scale[places.plant_type]
    change, period, column, amount = change_terms(columns, sets.changes.capacity)
    of = sets.changes.place[change]
    use = sets.makes.use * sets.scale[sets.makes.product] / scale[sets.makes.place]
    milp.add_rows(
        "capacity",
        len(places.site) * steps,
        lambda k: (*sets.place_name(k // steps), sets.horizon.periods[k % steps]),
        (sets.makes.place[:, None] * steps + np.arange(steps), columns.make, use[:, None]),
        (of * steps + period, column, -amount / scale[of]),
        upper=(places.capacity / scale[:, None]).ravel(),
    )


def add_min_load(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""An open option is used at least to its minimum load, as far as it is ramped up; an expansion, what it adds.

    .. math:: \sum_p use_{qp}\,make_{qpt} \ge \sum_{c \in q} \sum_{\tau \le t} \lambda_c Q_{c\tau t}\,build_{c\tau}
       \quad \forall q, t \tag{min\_load}
    """
    steps, scale = len(sets.horizon), sets.type_scale[sets.places.plant_type]
    change, period, column, amount = change_terms(columns, sets.changes.least)
    of = sets.changes.place[change]
    places = np.unique(of)
    if not len(places):
        return
    row_of = np.full(len(sets.places.site), -1)
    row_of[places] = np.arange(len(places))
    use = sets.makes.use * sets.scale[sets.makes.product] / scale[sets.makes.place]
    limited = row_of[sets.makes.place] >= 0
    milp.add_rows(
        "min_load",
        len(places) * steps,
        lambda k: (*sets.place_name(int(places[k // steps])), sets.horizon.periods[k % steps]),
        (row_of[sets.makes.place][limited, None] * steps + np.arange(steps), columns.make[limited], use[limited, None]),
        (row_of[of] * steps + period, column, -amount / scale[of]),
        lower=0.0,
    )
