"""What may stand at a site: constraints ``one_option``, ``expand``, ``move_once``, ``capacity``, ``min_load``."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns, change_terms
from evsiting.model.milp import MilpBuilder
from evsiting.model.sets import Sets


def add_one_option(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""At most one new plant of a plant type per site over the horizon; once built it stays.

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
    r"""An option is expanded once, and only after the period in which it was built.

    .. math:: \sum_{c' \text{ expands } c} \sum_{\tau \le t} build_{c'\tau} \le \sum_{\tau < t} build_{c\tau}
       \quad \forall c, t \tag{expand}

    An expansion counts with what it adds to the option out of which it grows: capacity, staff, fixed cost.
    """
    steps, changes = len(sets.horizon), sets.changes
    growing = np.flatnonzero(changes.expands >= 0)
    if not len(growing) or steps < 2:
        return
    old, row = np.unique(changes.expands[growing], return_inverse=True)
    rows = steps - 1
    early, late = np.triu_indices(steps)
    early, late = early[early > 0], late[early > 0]
    sooner, later = np.triu_indices(steps, 1)
    before = columns.change[old][:, sooner]
    known = np.nonzero(before >= 0)
    milp.add_rows(
        "expand",
        len(old) * rows,
        lambda k: (
            *sets.place_name(int(changes.place[old[k // rows]])),
            str(changes.name[old[k // rows]]),
            sets.horizon.periods[k % rows + 1],
        ),
        (row[:, None] * rows + late - 1, columns.change[growing][:, early], 1.0),
        (known[0] * rows + later[known[1]] - 1, before[known], -1.0),
        upper=0.0,
    )


def add_move_once(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""A standing plant is closed once, a paused one resumed once.

    .. math:: \sum_t close_{ct} \le 1, \qquad \sum_t resume_{ct} \le 1 \quad \forall c \tag{move\_once}
    """
    moves = np.flatnonzero(sets.changes.kind != "build")
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
    held = row_of[sets.makes.place] >= 0
    milp.add_rows(
        "min_load",
        len(places) * steps,
        lambda k: (*sets.place_name(int(places[k // steps])), sets.horizon.periods[k % steps]),
        (row_of[sets.makes.place][held, None] * steps + np.arange(steps), columns.make[held], use[held, None]),
        (row_of[of] * steps + period, column, -amount / scale[of]),
        lower=0.0,
    )
