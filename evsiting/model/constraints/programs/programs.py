"""Incentives: what programs pay to everyone; decisions ``claims``, ``credits``, ``missing_jobs``, their constraints.

A program without rules enters the cost and needs no decision. One with rules is a choice of each plant. Where a place
is not eligible, or a program can never pay there, there is no column at all: that is the rule of eligibility.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting.model.columns import Columns
from evsiting.model.constraints.programs.offers import (
    USD,
    AutomaticPrograms,
    Offers,
    ProgramColumns,
    programs_at_places,
)
from evsiting.model.constraints.programs.pledges import (
    add_clawback,
    add_exclusive,
    add_foreign_ratio,
    add_requires,
    add_threshold,
)
from evsiting.model.expressions import staff
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.plan_columns import Decision, Totals, texts
from evsiting.model.sets import Sets
from evsiting.study.study import Study

#: Credits below this part of the largest are dust of the solver's arithmetic.
DUST = 1e-9


@dataclass(frozen=True)
class Claimed(Decision):
    """A decision on a program that counts only where the plant claims it and is paid something.

    Parameters
    ----------
    claim : numpy.ndarray of int, shape (K,)
        Column of the claim.
    credit : numpy.ndarray of int, shape (K, T)
        Columns of what is paid; -1 where there is none.
    """

    claim: IntArray
    credit: IntArray

    def frame(self, values: FloatArray) -> pd.DataFrame:
        """Return the rows that count, in the study's units."""
        credit = np.where(self.credit >= 0, values[self.credit], 0.0)
        paid = (credit > DUST * credit.max(initial=0.0)).any(axis=1)
        dead = self.column[~(paid & (values[self.claim] > 0.5))]
        cleared = values.copy()
        cleared[dead[dead >= 0]] = 0.0
        return super().frame(cleared)


def add(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, totals: Totals) -> list[Decision]:
    """Add what programs pay, and for those with rules their decisions and constraints; nothing where there is none."""
    if not study.has("incentives"):
        return []
    everyone, offers = programs_at_places(study, sets, columns)
    pay_everyone(sets, everyone, totals)
    if not len(offers):
        return []
    mine = _add_columns(milp, sets, offers, totals)
    working = staff(sets, columns, study.settings.model.hours_per_fte_year)
    add_credit(milp, sets, offers, mine)
    add_claim(milp, sets, offers, mine)
    add_cap(milp, sets, offers, mine)
    add_pool(milp, sets, offers, mine)
    add_stacking(milp, sets, columns, offers, mine, everyone)
    add_threshold(milp, sets, columns, offers, mine, working)
    add_clawback(milp, sets, offers, mine, working)
    add_exclusive(milp, sets, offers, mine)
    add_requires(milp, sets, columns, offers, mine)
    add_foreign_ratio(milp, sets, columns, offers, mine)
    return _decisions(sets, offers, mine)


def pay_everyone(sets: Sets, everyone: AutomaticPrograms, totals: Totals) -> None:
    r"""Programs without rules: part of the cost, at every place that they hold for.

    .. math:: -\sum_{q,t} K_t \sum_{c \in q} \Big(\min\big(I_{ct},\; f_{qt}\,I_{ct} + G_{qt}\,[c \text{ is new}]\big)
       + H_{qt}\,[c \text{ is new}]\Big)\,\kappa_c\,build_{ct}
       - \sum_t A_t \Big(\sum_m v_{mt}\,make_{mt} + \sum_q j_{qt}\,s_{qt}\Big)

    Fractions and grants of several programs add up, to no more than the investment that they pay for: a grant fills
    what the fractions leave, and nobody is paid to build. A grant H that table ``incentives`` names and table
    ``programs`` does not is a figure of the user's own and paid as it is written. What is paid on an investment is
    spread over the plant's life like the investment itself.
    """
    steps, horizon = len(sets.horizon), sets.horizon
    per_year = horizon.present / horizon.years
    for terms, weight in ((everyone.built, horizon.capital), (everyone.yearly, per_year)):
        totals.cost(terms.column, -terms.value * weight[terms.row % steps])
    totals.standing(cost=-float((everyone.constant @ per_year).sum()))


def _add_columns(milp: MilpBuilder, sets: Sets, offers: Offers, totals: Totals) -> ProgramColumns:
    """Add ``claims``, ``credits`` and ``missing_jobs``, and what they do to the cost."""
    horizon, name = sets.horizon, offers.namer(sets)
    claim = milp.add_columns("claims", (len(offers),), name, upper=1.0, integer=True)
    entry, period = np.nonzero(offers.pays)
    credit = np.full(offers.constant.shape, -1, dtype=np.int64)
    credit[entry, period] = milp.add_columns(
        "credits",
        (len(entry),),
        lambda k: (*name(int(entry[k])), horizon.periods[period[k]]),
        upper=offers.greatest[entry, period] / USD,
    )
    weight = np.where(offers.built[:, None], horizon.capital, horizon.present / horizon.years)
    totals.cost(credit, -USD * weight)

    price, jobs = offers.limit("clawback"), offers.limit("min_jobs")
    back = np.flatnonzero((jobs > 0) & np.isfinite(price))
    missing = np.full(len(offers), -1, dtype=np.int64)
    if len(back):
        missing[back] = milp.add_columns("missing_jobs", (len(back),), lambda k: name(int(back[k])), upper=jobs[back])
        totals.cost(missing[back], price[back] * horizon.end)
    return ProgramColumns(claim, credit, missing)


def _decisions(sets: Sets, offers: Offers, mine: ProgramColumns) -> list[Decision]:
    """Return the tables of a plan: a claim that pays nothing is none, and nothing is paid without a claim."""
    keys = {
        "program": np.array([rule.program for rule in offers.rule], dtype=object),
        "site": texts(sets.sites, sets.places.site[offers.place]),
        "plant_type": texts(sets.plant_types, sets.places.plant_type[offers.place]),
    }
    one, tied = np.ones(len(offers)), (mine.claim, mine.credit)
    decisions: list[Decision] = [
        Claimed("claims", keys, mine.claim[:, None], ("",), one, *tied),
        Claimed("credits", keys, mine.credit, sets.horizon.periods, one * USD, *tied),
    ]
    if (mine.missing >= 0).any():
        decisions.append(Claimed("missing_jobs", keys, mine.missing[:, None], ("",), one, *tied))
    return decisions


def add_credit(milp: MilpBuilder, sets: Sets, offers: Offers, mine: ProgramColumns) -> None:
    r"""A program with rules pays at most what it offers for what is built, made and worked in a period.

    .. math:: credits_{gqt} \le \sum_{c \in q} (f_{gqt} I_{ct} + G_{gqt}\,[c \text{ is new}])\,\kappa_c\,build_{ct}
       \quad \text{or} \quad
       n_t \Big(\sum_{m \in q} v_{gmt}\,make_{mt} + j_{gqt}\,s_{qt}\Big) \quad \forall g, q, t \tag{credit}
    """
    steps = len(sets.horizon)
    entry, period = np.nonzero(mine.credit >= 0)
    number = np.full(mine.credit.shape, -1)
    number[entry, period] = np.arange(len(entry))
    name = offers.namer(sets)
    milp.add_rows(
        "credit",
        len(entry),
        lambda k: (*name(int(entry[k])), sets.horizon.periods[period[k]]),
        (np.arange(len(entry)), mine.credit[entry, period], 1.0),
        (number[offers.terms.row // steps, offers.terms.row % steps], offers.terms.column, -offers.terms.value / USD),
        upper=offers.constant[entry, period] / USD,
    )


def add_claim(milp: MilpBuilder, sets: Sets, offers: Offers, mine: ProgramColumns) -> None:
    r"""Nothing is paid to a plant that does not claim the program.

    .. math:: \sum_t credits_{gqt} \le M_{gq}\,claims_{gq} \qquad \text{or} \qquad
       credits_{gqt} \le M_{gqt}\,claims_{gq} \ \forall t \quad \forall g, q \tag{claim}

    M is the most that the program can pay there, and no more than its pool: on building, for the best new plant and its
    expansions, whenever that is; by the year, at the full capacity of the place in that period. Where ``cap`` is lower,
    that constraint says the same.
    """
    limit, steps = offers.limit("most"), len(sets.horizon)
    entry, period = np.nonzero((mine.credit >= 0) & (~offers.built | (limit >= offers.most))[:, None])
    group, row = np.unique(entry * steps + np.where(offers.built[entry], 0, period), return_inverse=True)
    if not len(group):
        return
    of, when, name = group // steps, group % steps, offers.namer(sets)
    most = np.minimum(offers.greatest[of, when], np.minimum(limit, offers.limit("pool"))[of])
    milp.add_rows(
        "claim",
        len(group),
        lambda k: (*name(int(of[k])), *(() if offers.built[of[k]] else (sets.horizon.periods[when[k]],))),
        (row, mine.credit[entry, period], 1.0),
        (np.arange(len(group)), mine.claim[of], -most / USD),
        upper=0.0,
    )


def add_cap(milp: MilpBuilder, sets: Sets, offers: Offers, mine: ProgramColumns) -> None:
    r"""A program pays one plant at most so much over the horizon, and nothing without a claim.

    .. math:: \sum_t credits_{gqt} \le \bar C_g\,claims_{gq} \quad \forall g, q \tag{cap}

    Only where it can bind.
    """
    limit, name = offers.limit("most"), offers.namer(sets)
    which = np.flatnonzero(limit < offers.most)
    row, period = np.nonzero(mine.credit[which] >= 0)
    if len(which):
        milp.add_rows(
            "cap",
            len(which),
            lambda k: name(int(which[k])),
            (row, mine.credit[which[row], period], 1.0),
            (np.arange(len(which)), mine.claim[which], -limit[which] / USD),
            upper=0.0,
        )


def add_pool(milp: MilpBuilder, sets: Sets, offers: Offers, mine: ProgramColumns) -> None:
    r"""A program pays no more than its pool, all plants and periods together, undiscounted.

    .. math:: \sum_{q,t} credits_{gqt} \le P_g \quad \forall g \tag{pool}

    Only where it can bind.
    """
    least = np.minimum(offers.most, offers.limit("most"))
    rows: list[tuple[str, float, IntArray]] = []
    for rule in dict.fromkeys(offers.rule):
        which = np.array([e for e, other in enumerate(offers.rule) if other == rule], dtype=np.int64)
        if least[which].sum() > rule.pool:
            credit = mine.credit[which]
            rows.append((rule.program, rule.pool, credit[credit >= 0]))
    if rows:
        milp.add_rows(
            "pool",
            len(rows),
            lambda k: (rows[k][0],),
            *((np.full(len(columns), k), columns, 1.0) for k, (_, _, columns) in enumerate(rows)),
            upper=np.array([pool / USD for _, pool, _ in rows]),
        )


def add_stacking(
    milp: MilpBuilder, sets: Sets, columns: Columns, offers: Offers, mine: ProgramColumns, everyone: AutomaticPrograms
) -> None:
    r"""What programs with rules pay on building, and what others pay on it, is no more than the investment.

    .. math:: \sum_{g \text{ on building},\,t} credits_{gqt}
       \le \sum_{c \in q,\,t} \big(I_{ct} - \min(I_{ct},\; f_{qt}\,I_{ct} + G_{qt}\,[c \text{ is new}])\big)\,build_{ct}
       \quad \forall q \tag{stacking}

    f and G are what programs without rules pay, grants of the user's own apart. Only where all offers together are more
    than that.
    """
    changes, steps = sets.changes, len(sets.horizon)
    built = np.flatnonzero(changes.kind == "build")
    left = everyone.uncovered(sets)[built]
    offered_usd = np.zeros(milp.width)
    np.add.at(
        offered_usd, offers.terms.column, np.where(offers.built[offers.terms.row // steps], offers.terms.value, 0.0)
    )
    over = ((offered_usd[columns.change[built]] > left * (1.0 + 1e-9)) & (columns.change[built] >= 0)).any(axis=1)
    places = np.unique(changes.place[built[over]])
    if not len(places):
        return
    row_of = np.full(len(sets.places.site), -1)
    row_of[places] = np.arange(len(places))
    entry, period = np.nonzero((mine.credit >= 0) & offers.built[:, None] & (row_of[offers.place] >= 0)[:, None])
    here = row_of[changes.place[built]] >= 0
    one, when = np.nonzero(columns.change[built[here]] >= 0)
    mine_at = built[here][one]
    milp.add_rows(
        "stacking",
        len(places),
        lambda k: sets.place_name(int(places[k])),
        (row_of[offers.place[entry]], mine.credit[entry, period], 1.0),
        (row_of[changes.place[mine_at]], columns.change[mine_at, when], -left[here][one, when] / USD),
        upper=0.0,
    )
