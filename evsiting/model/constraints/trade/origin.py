"""Which products of plants qualify as originating under USMCA: decisions ``qualified`` and ``originating``.

Constraints ``origin``, ``labor_value``, ``core_parts`` and ``originating``. There is a decision only where qualifying
can save duty: at a site that ships the product, or what is made of it, to a country that spares originating goods. A
product that can never qualify, whatever is decided, has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting.model.columns import add_columns_where
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import BoolArray, Sets, positions
from evsiting.study.derived.customs import origin_rules
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.study import Study

#: USD in one unit of rows and columns of money.
MUSD = 1e6
#: Slack, relative to net cost, within which a rule that can just be met counts as one that can.
_SLACK = 1e-9


@dataclass(frozen=True)
class Rules:
    r"""Rules of origin as arrays by product, and what they make of each lane into a site.

    Parameters
    ----------
    ruled : numpy.ndarray of bool, shape (P,)
        Whether a product has a rule; the figures of the others mean nothing.
    margin, lvc, high_wage, other_foreign, other_high_wage, other_content : numpy.ndarray, shape (P,)
        Foreign material that is allowed, :math:`(1 - rvc)\,net\_cost`; least labor value :math:`lvc\,net\_cost`, NaN
        where there is none; wage that counts as high; the rest as in table ``origin_rules``. [USD/unit, USD/h]
    core : numpy.ndarray of bool, shape (P, P)
        ``core[a, p]``: a is a core part of p.
    alien : numpy.ndarray of bool, shape (L,)
        Whether what a lane brings is foreign if nothing is counted as originating.
    foreign : numpy.ndarray, shape (L, T)
        Foreign value of one unit of a lane, likewise. [USD/unit]
    """

    ruled: BoolArray
    margin: FloatArray
    lvc: FloatArray
    high_wage: FloatArray
    other_foreign: FloatArray
    other_high_wage: FloatArray
    other_content: FloatArray
    core: BoolArray
    alien: BoolArray
    foreign: FloatArray

    @classmethod
    def of(cls, study: Study, sets: Sets) -> Rules:
        """Return the rules of a study."""
        rules = origin_rules(study)
        at = positions(sets.products, rules.index)
        ruled = np.zeros(len(sets.products), dtype=np.bool_)
        ruled[at] = True

        def by_product(values: pd.Series) -> FloatArray:
            out = np.zeros(len(ruled))
            out[at] = values.to_numpy(np.float64)
            return out

        core = np.zeros((len(ruled), len(ruled)), dtype=np.bool_)
        for p, parts in zip(at.tolist(), rules["core_parts"], strict=True):
            named = positions(sets.products, parts)
            core[named[named >= 0], p] = True
        return cls(
            ruled,
            by_product(rules["net_cost"] - rules["rvc"] * rules["net_cost"]),
            by_product(rules["lvc"] * rules["net_cost"]),
            by_product(rules["high_wage"]),
            by_product(rules["other_foreign"]),
            by_product(rules["other_high_wage"]),
            by_product(rules["other_content"]),
            core & (sets.bom > 0),
            *_foreign(sets, ruled),
        )


@dataclass(frozen=True)
class Origins:
    """Products of sites that may be asked whether they qualify: index r; and inputs between them: index x.

    Parameters
    ----------
    site, product : numpy.ndarray of int, shape (R,)
        Positions.
    number : numpy.ndarray of int, shape (S, P)
        Index r of a site and product; -1 where there is none.
    most : numpy.ndarray, shape (S, P, T)
        Most of any product that a site can make, with or without a rule. [unit/yr]
    qualified : numpy.ndarray of int, shape (R, T)
        Columns; -1 where nothing could be saved, or the rule can never be met.
    good : numpy.ndarray of int, shape (R, T)
        Columns of the units that qualify: all that is made where the product does, else none. [scaled unit/yr]
    part, seller, buyer : numpy.ndarray of int, shape (X,)
        Product with a rule that a site sells to a site.
    pair : numpy.ndarray of int, shape (L,)
        Index x of a lane; -1 where there is none.
    originating : numpy.ndarray of int, shape (X, T)
        Columns; -1 where the seller cannot qualify, or the buyer has no use for it. [scaled unit/yr]
    """

    site: IntArray
    product: IntArray
    number: IntArray
    most: FloatArray
    qualified: IntArray
    good: IntArray
    part: IntArray
    seller: IntArray
    buyer: IntArray
    pair: IntArray
    originating: IntArray


def _foreign(sets: Sets, ruled: BoolArray) -> tuple[BoolArray, FloatArray]:
    """Return whether a lane brings what is foreign, and its value: price from abroad, value from a ruled site."""
    lanes, out = sets.lanes, np.zeros_like(sets.lanes.freight)
    alien = np.zeros(len(out), dtype=np.bool_)
    abroad = ~np.isin(sets.supplier_values.country.astype(str), COUNTRIES)
    bought = np.flatnonzero((lanes.supplier >= 0) & np.append(abroad, False)[lanes.supplier])
    out[bought] = sets.supplier_values.price[lanes.supplier[bought]]
    own = np.flatnonzero((lanes.site >= 0) & ruled[lanes.product])
    out[own] = sets.value[lanes.product[own], None]
    alien[bought] = alien[own] = True
    return alien, out


def high_wage(sets: Sets, least: float) -> FloatArray:
    """Return the value of a unit by lane that counts as high-wage: from such sites, and from US or CA. (L, T)."""
    lanes, out = sets.lanes, np.zeros_like(sets.lanes.freight)
    north = np.isin(sets.supplier_values.country.astype(str), ("US", "CA"))
    bought = np.flatnonzero((lanes.supplier >= 0) & np.append(north, False)[lanes.supplier])
    out[bought] = sets.supplier_values.price[lanes.supplier[bought]]
    own = np.flatnonzero(lanes.site >= 0)
    paid = sets.site_values.wage[lanes.site[own]] >= least
    out[own] = np.where(paid, sets.value[lanes.product[own], None], 0.0)
    return out


def most_made(sets: Sets) -> FloatArray:
    """Return the most of every product that a site can make. shape (S, P, T) [unit/yr]."""
    out = np.zeros((len(sets.sites), len(sets.products), len(sets.horizon)))
    makes = sets.makes
    capacity = sets.most[makes.place] / makes.use[:, None]
    np.add.at(out, (sets.places.site[makes.place], makes.product), capacity)
    return out


def per_unit(sets: Sets) -> FloatArray:
    """Return the units of every product that one good unit of each make takes. shape (P, M)."""
    return np.asarray(sets.makes.inputs / sets.makes.good_share)


def add_decisions(milp: MilpBuilder, sets: Sets, rules: Rules, saves: BoolArray) -> Origins:
    """Add ``qualified`` {0, 1}, the units ``good``, and ``originating`` where they can save something.

    Parameters
    ----------
    milp : MilpBuilder
        Receives the columns.
    sets : Sets
        Index sets.
    rules : Rules
        Of the study.
    saves : numpy.ndarray of bool, shape (S, P, T)
        Whether a site may send a product to a country that spares it duty where it originates.
    """
    steps, lanes, most = len(sets.horizon), sets.lanes, most_made(sets)
    able = _possible(sets, rules, most)
    asked = _worth_qualifying(sets, saves & able, able)
    site, product = np.nonzero(asked.any(axis=2))
    number = np.full((len(sets.sites), len(sets.products)), -1, dtype=np.int64)
    number[site, product] = np.arange(len(site))

    def named(row: int) -> tuple[str, str]:
        return str(sets.sites[site[row]]), str(sets.products[product[row]])

    grid, periods = asked[site, product], sets.horizon.periods
    qualified = add_columns_where(milp, "qualified", grid, named, periods, upper=1.0, integer=True)
    good = add_columns_where(
        milp, "good", grid, named, periods, upper=most[site, product] / sets.scale[product][:, None]
    )

    inner = np.flatnonzero((lanes.site >= 0) & (lanes.to_site >= 0) & rules.ruled[lanes.product])
    keys = np.column_stack([lanes.product, lanes.site, lanes.to_site])[inner]
    distinct, place = np.unique(keys, axis=0, return_inverse=True)
    part, seller, buyer = distinct.T if len(distinct) else (np.zeros(0, np.int64),) * 3
    uses = np.zeros((len(sets.products), len(sets.sites), steps), dtype=np.bool_)  # an asked product of j uses a
    for p in np.flatnonzero(rules.ruled):
        for a in np.flatnonzero(sets.bom[:, p]):
            uses[a] |= asked[:, p]
    useful = asked[seller, part] & uses[part, buyer]
    wanted = useful.any(axis=1)
    order = np.where(wanted, np.cumsum(wanted) - 1, -1)
    pair = np.full(len(lanes.product), -1, dtype=np.int64)
    pair[inner] = order[place.ravel()]
    part, seller, buyer, useful = part[wanted], seller[wanted], buyer[wanted], useful[wanted]
    originating = add_columns_where(
        milp,
        "originating",
        useful,
        lambda x: (str(sets.products[part[x]]), str(sets.sites[seller[x]]), str(sets.sites[buyer[x]])),
        periods,
    )
    return Origins(site, product, number, most, qualified, good, part, seller, buyer, pair, originating)


def _possible(sets: Sets, rules: Rules, most: FloatArray) -> BoolArray:
    """Return where a product can qualify if inputs come from where they are best. shape (S, P, T).

    Inputs first, so that what a site buys may count as originating where its maker can qualify. Each rule is one of all
    that the site makes of the product: it can be kept where one of its plant types can keep it.
    """
    lanes, able = sets.lanes, np.zeros(most.shape, dtype=np.bool_)
    used, arriving = per_unit(sets), np.flatnonzero(lanes.to_site >= 0)
    end, what = lanes.to_site[arriving], lanes.product[arriving]
    for p in np.argsort((sets.gross > 0).sum(axis=0), kind="stable"):  # fewer inputs, all told, come first
        if not rules.ruled[p]:
            continue
        spared = (lanes.site[arriving, None] >= 0) & able[lanes.site[arriving], what]
        foreign = np.where(spared, 0.0, rules.foreign[arriving])
        least = np.full(most.shape, np.inf)
        np.minimum.at(least, (end, what), foreign)
        best = np.zeros(most.shape)
        np.maximum.at(best, (end, what), high_wage(sets, float(rules.high_wage[p]))[arriving])
        met = np.zeros((3, *able[:, p].shape), dtype=np.bool_)
        for m in np.flatnonzero(sets.makes.of(int(p))):
            s, inputs = sets.places.site[sets.makes.place[m]], np.flatnonzero(sets.makes.inputs[:, m])
            needs = np.einsum("a,at->t", used[inputs, m], least[s, inputs])
            met[0, s] |= needs + rules.other_foreign[p] <= rules.margin[p] + _SLACK * sets.value[p]
            met[1, s] |= (least[s][inputs[rules.core[inputs, p]]] == 0.0).all(axis=0)
            if np.isnan(rules.lvc[p]):
                met[2, s] = True
            else:
                labor = np.where(sets.site_values.wage[s] >= rules.high_wage[p], sets.site_values.hourly[s], 0.0)
                earned = np.einsum("a,at->t", used[inputs, m], best[s, inputs]) + labor * sets.makes.labor[m]
                met[2, s] |= earned + rules.other_high_wage[p] >= rules.lvc[p] - _SLACK * sets.value[p]
        able[:, p] = met.all(axis=0) & (most[:, p] > 0)
    return able


def _worth_qualifying(sets: Sets, saves: BoolArray, able: BoolArray) -> BoolArray:
    """Return where qualifying saves duty, on the product itself or on one that a buyer makes of it. shape (S, P, T)."""
    wanted = saves.copy()
    lanes = sets.lanes
    inner = np.flatnonzero((lanes.site >= 0) & (lanes.to_site >= 0))
    for p in np.argsort(-(sets.gross > 0).sum(axis=0), kind="stable"):  # the last product of a chain comes first
        for a in np.flatnonzero(sets.bom[:, p]):
            ways = inner[lanes.product[inner] == a]
            helped = np.zeros(wanted[:, 0].shape, dtype=np.bool_)
            np.logical_or.at(helped, lanes.site[ways], wanted[lanes.to_site[ways], p])
            wanted[:, a] |= helped & able[:, a]
    return wanted
