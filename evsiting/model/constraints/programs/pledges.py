"""What a plant pledges when it claims a program: constraints ``threshold``, ``clawback``, ``exclusive``, ``requires``.

And ``foreign_ratio``, the part of its material that may come from prohibited foreign entities.
"""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns
from evsiting.model.constraints.programs.offers import USD, Offers, ProgramColumns, equal_pairs
from evsiting.model.expressions import Terms
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import BoolArray, Sets
from evsiting.study.derived.program_rules import exclusive_pairs


def add_threshold(
    milp: MilpBuilder,
    sets: Sets,
    columns: Columns,
    offers: Offers,
    mine: ProgramColumns,
    working: tuple[Terms, FloatArray],
) -> None:
    r"""A plant that claims a program keeps its pledge of investment and, where none may be missing, of jobs.

    .. math:: \sum_{c \in q,\,t} I_{ct}\,(build + resume)_{ct} \ge \underline I_g\,claims_{gq}, \qquad
       s_{qT} \ge \underline s_g\,claims_{gq} \quad \forall g, q \tag{threshold}

    Own investment in new plants, expansions and resumed plants over the horizon; direct staff in the last period.
    """
    pledge, name = offers.limit("min_capex"), offers.namer(sets)
    which = np.flatnonzero(pledge > 0)
    if len(which):
        row, change = equal_pairs(offers.place[which], np.where(sets.changes.capex.any(axis=1), sets.changes.place, -1))
        one, when = np.nonzero(columns.change[change] >= 0)
        milp.add_rows(
            "threshold",
            len(which),
            lambda k: (*name(int(which[k])), "investment"),
            (row[one], columns.change[change[one], when], sets.changes.capex[change[one], when] / USD),
            (np.arange(len(which)), mine.claim[which], -pledge[which] / USD),
            lower=0.0,
        )
    jobs = np.flatnonzero((offers.limit("min_jobs") > 0) & (mine.missing < 0))
    _add_jobs(milp, sets, offers, mine, working, "threshold", jobs)


def add_clawback(
    milp: MilpBuilder, sets: Sets, offers: Offers, mine: ProgramColumns, working: tuple[Terms, FloatArray]
) -> None:
    r"""Pledged jobs that a plant does not have in the last period are missing, and paid back.

    .. math:: s_{qT} + missing\_jobs_{gq} \ge \underline s_g\,claims_{gq} \quad \forall g, q \tag{clawback}
    """
    _add_jobs(milp, sets, offers, mine, working, "clawback", np.flatnonzero(mine.missing >= 0))


def _add_jobs(
    milp: MilpBuilder,
    sets: Sets,
    offers: Offers,
    mine: ProgramColumns,
    working: tuple[Terms, FloatArray],
    family: str,
    which: IntArray,
) -> None:
    """Add the constraints of pledged jobs, with the columns of missing ones where there are any."""
    (terms, standing), name, last = working, offers.namer(sets), len(sets.horizon) - 1
    if not len(which):
        return
    row, term = equal_pairs(offers.place[which] * (last + 1) + last, terms.row)
    back = np.flatnonzero(mine.missing[which] >= 0)
    milp.add_rows(
        family,
        len(which),
        lambda k: (*name(int(which[k])), "jobs") if family == "threshold" else name(int(which[k])),
        (row, terms.column[term], terms.value[term]),
        (back, mine.missing[which[back]], 1.0),
        (np.arange(len(which)), mine.claim[which], -offers.limit("min_jobs")[which]),
        lower=0.0 - standing[offers.place[which], last],
    )


def add_exclusive(milp: MilpBuilder, sets: Sets, offers: Offers, mine: ProgramColumns) -> None:
    r"""A plant does not claim two programs of which one excludes the other.

    .. math:: claims_{gq} + claims_{hq} \le 1 \quad \forall q,\ (g, h) \text{ excluded} \tag{exclusive}
    """
    at = {(rule.program, int(q)): e for e, (rule, q) in enumerate(zip(offers.rule, offers.place, strict=True))}
    rules = {rule.program: rule for rule in offers.rule}
    pairs = [
        (e, at[h, q])
        for g, h in exclusive_pairs(rules)
        for (program, q), e in at.items()
        if program == g and (h, q) in at
    ]
    if pairs:
        both, name = np.array(pairs), offers.namer(sets)
        milp.add_rows(
            "exclusive",
            len(pairs),
            lambda k: (offers.rule[both[k, 0]].program, *name(int(both[k, 1]))),
            (np.arange(len(pairs))[:, None], mine.claim[both], 1.0),
            upper=1.0,
        )


def add_requires(milp: MilpBuilder, sets: Sets, columns: Columns, offers: Offers, mine: ProgramColumns) -> None:
    r"""A program that asks for other segments pays only where something new of each is built in the country.

    .. math:: claims_{gq} \le present_{nk} \le \sum_{q' \in n,\,k}\,\sum_{c \in new(q'),\,t} build_{ct}
       \quad \forall g, q \in n,\ k \text{ required} \tag{requires}

    with present between 0 and 1 for a country n and a plant type k.
    """
    country = sets.site_values.country[sets.places.site]
    asked = [(e, (str(country[offers.place[e]]), kind)) for e, rule in enumerate(offers.rule) for kind in rule.requires]
    if not asked:
        return
    pairs = sorted({pair for _, pair in asked})
    present = milp.add_columns("present", (len(pairs),), lambda k: pairs[k], upper=1.0)
    kinds = np.asarray(sets.plant_types, dtype=object)[sets.places.plant_type]
    number = np.array([{pair: k for k, pair in enumerate(pairs)}.get(p, -1) for p in zip(country, kinds, strict=True)])
    new = np.flatnonzero(sets.changes.root & (number[sets.changes.place] >= 0))
    milp.add_rows(
        "requires",
        len(pairs),
        lambda k: pairs[k],
        (np.arange(len(pairs)), present, 1.0),
        (number[sets.changes.place[new]][:, None], columns.change[new], -1.0),
        upper=0.0,
    )
    name, of = offers.namer(sets), np.array([pairs.index(pair) for _, pair in asked])
    which = np.array([e for e, _ in asked])
    milp.add_rows(
        "requires",
        len(asked),
        lambda k: (*name(int(which[k])), asked[k][1][1]),
        (np.arange(len(asked)), mine.claim[which], 1.0),
        (np.arange(len(asked)), present[of], -1.0),
        upper=0.0,
    )


def add_foreign_ratio(milp: MilpBuilder, sets: Sets, columns: Columns, offers: Offers, mine: ProgramColumns) -> None:
    r"""Material of a plant that claims a program comes from prohibited foreign entities at most in part, by value.

    .. math:: \sum_{s \text{ foreign}} \rho_{st}\,ship_{lt}
       - \varphi_{gt} \Big(\sum_s (\rho_{st} - v_a)\,ship_{lt} + \sum_a v_a \sum_{m \in i} \frac{B_{am}}{y_m} make_{mt}
       + \sum_{m \in q} a_{mt}\,make_{mt}\Big) \le M_{gqt}\,(1 - claims_{gq}) \quad \forall g, q, t
       \tag{foreign\_ratio}

    in every period in which the program holds there. The bracket is the value of all material: inputs a of
    the plant's products that arrive at its site i by lanes l, at the price of a supplier s or at the value of what
    another site makes, and the bought material a of the plant itself. What arrives is by ``balance`` what the site
    uses, so that lanes between sites need not be listed. An input that several plants of the site use counts for each,
    all of it: the share is that of the site's whole supply of the plant's inputs, not of what the plant gets of it.
    M is the value of all inputs at the dearest foreign price and full capacity.
    """
    entry, period = np.nonzero(offers.open & (offers.foreign < 1.0))
    share = offers.foreign[entry, period]
    if not len(entry):
        return
    row, lane = _bought_inputs(sets, offers, entry)
    supplier, product = sets.lanes.supplier[lane], sets.lanes.product[lane]
    price = sets.supplier_values.price[supplier, period[row]]
    bought = np.where(sets.supplier_values.foreign[supplier], price, 0.0)
    bought = (bought - share[row] * (price - sets.value[product])) * sets.scale[product]
    used, make, worth = _used_value(sets, offers, entry, period)
    most = _most_foreign(sets, offers, entry, period, row, lane) * (1.0 - share)
    binding = np.flatnonzero(most > 0)
    number = np.full(len(entry), -1)
    number[binding] = np.arange(len(binding))
    some, much = number[row] >= 0, number[used] >= 0
    if not len(binding):
        return
    name = offers.namer(sets)
    milp.add_rows(
        "foreign_ratio",
        len(binding),
        lambda k: (*name(int(entry[binding[k]])), sets.horizon.periods[period[binding[k]]]),
        (number[row[some]], columns.ship[lane[some], period[row[some]]], bought[some] / USD),
        (number[used[much]], columns.make[make[much], period[used[much]]], -(share[used] * worth / USD)[much]),
        (np.arange(len(binding)), mine.claim[entry[binding]], most[binding] / USD),
        upper=most[binding] / USD,
    )


def _inputs(sets: Sets) -> BoolArray:
    """Return which products go into what a place makes. shape (Q, P)"""
    used = np.zeros((len(sets.places.site), len(sets.products)), dtype=np.bool_)
    np.logical_or.at(used, sets.makes.place, sets.makes.inputs.T > 0)
    return used


def _bought_inputs(sets: Sets, offers: Offers, entry: IntArray) -> tuple[IntArray, IntArray]:
    """Return every pair of a constraint and a lane by which a supplier sends an input of its place."""
    lanes, place = sets.lanes, offers.place[entry]
    row, lane = equal_pairs(sets.places.site[place], np.where(lanes.supplier >= 0, lanes.to_site, -1))
    useful = _inputs(sets)[place[row], lanes.product[lane]]
    return row[useful], lane[useful]


def _used_value(sets: Sets, offers: Offers, entry: IntArray, period: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return every pair of a constraint and a make at its site, with the value of material in one unit. [USD]"""
    place, makes = offers.place[entry], sets.makes
    row, make = equal_pairs(sets.places.site[place], sets.places.site[makes.place])
    each = makes.inputs.T / makes.good_share[:, None] * sets.value
    worth = (each[make] * _inputs(sets)[place[row]]).sum(axis=1)
    worth = worth + np.where(makes.place[make] == place[row], makes.material[make, period[row]], 0.0)
    return row, make, worth * sets.scale[makes.product[make]]


def _most_foreign(
    sets: Sets, offers: Offers, entry: IntArray, period: IntArray, row: IntArray, lane: IntArray
) -> FloatArray:
    """Return the value of all inputs at the dearest foreign price and full capacity, for each constraint. [USD/yr]"""
    makes, sold, supplier = sets.makes, sets.supplier_values, sets.lanes.supplier[lane]
    rate = np.zeros((len(sets.places.site), len(sets.products)))
    np.maximum.at(rate, makes.place, makes.inputs.T / (makes.good_share * makes.use)[:, None])
    need = np.zeros((len(sets.sites), len(sets.products), len(sets.horizon)))
    np.add.at(need, sets.places.site, rate[:, :, None] * sets.most[:, None, :])
    dear = np.zeros((len(entry), len(sets.products)))
    price = np.where(sold.foreign[supplier], sold.price[supplier, period[row]], 0.0)
    np.maximum.at(dear, (row, sets.lanes.product[lane]), price)
    return np.asarray((dear * need[sets.places.site[offers.place[entry]], :, period]).sum(axis=1))
