"""Numbers of plants that claim programs: constraint ``programs_used``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evsiting.model.constraints.limits.scope import HORIZON, Limit, Line, add_sum, sites_at
from evsiting.model.milp import MilpBuilder
from evsiting.model.plan_columns import Decision, Indicator
from evsiting.model.sets import Sets

__all__ = ["LEAST", "add_programs_used"]

#: Part of the most that a program can pay a plant that a claim which counts is paid at least. [1]
LEAST = 1e-3


def add_programs_used(
    milp: MilpBuilder, sets: Sets, programs: Sequence[Decision | Indicator], limit: Limit, most_of: dict[str, float]
) -> None:
    r"""At least, or at most, so many claims of named programs are paid, at a place, to plants of a type, or in all.

    .. math:: \underline{n} \le \sum_{(g, q) \in k} claims_{gq} \le \bar n, \qquad
       \sum_t credits_{gqt} \ge \mu\,M_{gq}\,claims_{gq} \quad \forall (g, q) \in k \tag{programs\_used}

    A claim is one program at one plant over the horizon: a plant that claims two of the programs counts twice. A claim
    that pays nothing is none, so that each pays at least the part μ, a thousandth, of the most that the program can pay
    there: M is its largest offer of one period, and no more than its cap and its pool. Programs without a row in table
    ``program_rules`` are paid without a choice and cannot be named.

    Parameters
    ----------
    milp : MilpBuilder
        Receives the rows.
    sets : Sets
        The study on arrays.
    programs : sequence of Decision or Indicator
        What the rooms before have added; ``claims`` and ``credits`` among it where programs have rules.
    limit : Limit
        Names the programs.
    most_of : dict of str to float
        Most that one plant can get of a program by its cap and its pool. [USD]
    """
    made = {one.table: one for one in programs if isinstance(one, Decision)}
    claims, paid_out = made.get("claims"), made.get("credits")
    if claims is None or paid_out is None:
        add_sum(milp, "programs_used", limit, Line.over([], np.zeros(1)), 1.0, [HORIZON])
        return
    keys = {name: claims.keys[name].tolist() for name in ("program", "site", "plant_type")}
    here = set(sets.sites[sites_at(sets, limit.place)])
    kind = str(sets.plant_types[limit.plant_type]) if limit.plant_type >= 0 else ""
    mine = np.array(
        [
            k
            for k, (program, site, plant_type) in enumerate(zip(*keys.values(), strict=True))
            if program in limit.programs and site in here and kind in ("", plant_type)
        ],
        dtype=np.int64,
    )
    column = claims.column[mine, 0]
    line = Line(np.zeros_like(column), column, np.ones(len(column)), np.zeros(1))
    add_sum(milp, "programs_used", limit, line, 1.0, [HORIZON])
    row, period = np.nonzero(paid_out.column[mine] >= 0)
    paid = paid_out.column[mine[row], period]
    usd = milp.upper_of(paid) * paid_out.scale[mine[row]]
    most = np.array([most_of[keys["program"][k]] for k in mine.tolist()], dtype=np.float64)
    largest = np.zeros(len(mine))
    np.maximum.at(largest, row, usd)
    unit = np.minimum(largest, most)
    milp.add_rows(
        "programs_used",
        len(mine),
        lambda k: (limit.name, "paid", *(keys[name][mine[k]] for name in keys)),
        (row, paid, paid_out.scale[mine[row]] / unit[row]),
        (np.arange(len(mine)), column, -LEAST),
        lower=0.0,
    )
