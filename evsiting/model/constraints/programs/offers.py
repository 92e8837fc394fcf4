"""What programs offer at each place: to everyone, and as a choice where a program has rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evsiting.model.columns import Columns
from evsiting.model.expressions import Terms, staff
from evsiting.model.milp import FloatArray, IntArray
from evsiting.model.sets import BoolArray, Sets, positions
from evsiting.study.derived.program_rules import ON_INVESTMENT, Rule, foreign_shares, rules
from evsiting.study.study import Study

#: Money in the program. [USD]
USD = 1e6


@dataclass(frozen=True)
class Offers:
    """Programs at the places where they can pay: index e. Rows of its terms are e·T + t.

    Parameters
    ----------
    rule : tuple of Rule, length E
        The program's conditions.
    place : numpy.ndarray of int, shape (E,)
        Position in :class:`evsiting.model.sets.Places`.
    built : numpy.ndarray of bool, shape (E,)
        Whether it is paid on what is built; else year by year.
    open : numpy.ndarray of bool, shape (E, T)
        Whether it holds there in a period.
    terms : Terms
        What it offers in a period, all its years, undiscounted, for one unit of a column. [USD]
    constant : numpy.ndarray, shape (E, T)
        What it offers for the staff of standing plants. [USD]
    foreign : numpy.ndarray, shape (E, T)
        Most that foreign material may be of all material in a period. [1]
    greatest : numpy.ndarray, shape (E, T)
        Most that it can pay there: on building in all periods together, whichever it is; else in each period. [USD]
    """

    rule: tuple[Rule, ...]
    place: IntArray
    built: BoolArray
    open: BoolArray
    terms: Terms
    constant: FloatArray
    foreign: FloatArray
    greatest: FloatArray

    def __len__(self) -> int:
        return len(self.rule)

    @property
    def most(self) -> FloatArray:
        """Most that it can pay there over the horizon. shape (E,) [USD]"""
        return np.where(self.built, self.greatest.max(axis=1, initial=0.0), self.greatest.sum(axis=1))

    @property
    def pays(self) -> BoolArray:
        """Whether it can pay in a period. shape (E, T)"""
        pays = (self.constant > 0).ravel()
        pays[self.terms.row] = True
        return np.asarray(pays.reshape(self.constant.shape))

    def limit(self, field: str) -> FloatArray:
        """Return a figure of the rules. shape (E,)"""
        return np.array([getattr(rule, field) for rule in self.rule], dtype=np.float64)

    def namer(self, sets: Sets) -> Callable[[int], tuple[str, ...]]:
        """Return the function from e to program, site and plant type."""
        return lambda e: (self.rule[e].program, *sets.place_name(int(self.place[e])))


@dataclass(frozen=True)
class ProgramColumns:
    """Column indices of the decisions on programs, by place and program with rules (index e).

    Parameters
    ----------
    claim : numpy.ndarray of int, shape (E,)
        The plant claims the program. {0, 1}
    credit : numpy.ndarray of int, shape (E, T)
        What it is paid in a period, all its years, undiscounted; -1 where nothing is offered. [million USD]
    missing : numpy.ndarray of int, shape (E,)
        Pledged jobs that are missing at the end; -1 where none may be. [FTE]
    """

    claim: IntArray
    credit: IntArray
    missing: IntArray


@dataclass(frozen=True)
class AutomaticPrograms:
    """What programs without rules pay. Rows of its terms are q·T + t.

    Parameters
    ----------
    fraction : numpy.ndarray, shape (Q, T)
        Part of an investment that they pay together, at most the whole. [1]
    grant : numpy.ndarray, shape (Q, T)
        What those of table ``programs`` pay together for a new plant, as far as its investment is not paid yet. [USD]
    built, yearly : Terms
        What they pay in a period, all its years, undiscounted, for one unit of a column. [USD]
    constant : numpy.ndarray, shape (Q, T)
        What they pay for the staff of standing plants. [USD]
    """

    fraction: FloatArray
    grant: FloatArray
    built: Terms
    yearly: Terms
    constant: FloatArray

    def uncovered(self, sets: Sets) -> FloatArray:
        """Return the investment of each change that they leave to be paid. shape (changes, T) [USD]"""
        place, new = sets.changes.place, sets.changes.root[:, None]
        left = sets.changes.capex * (1.0 - self.fraction[place]) - self.grant[place] * new
        return np.asarray(np.maximum(left, 0.0))


def programs_at_places(study: Study, sets: Sets, columns: Columns) -> tuple[AutomaticPrograms, Offers]:
    r"""Return what programs pay to everyone, and what those with rules offer.

    In period t, for all its years :math:`n_t`, a place q is offered

    .. math:: \sum_{c \in q} (f_{qt} I_{ct} + G_{qt}\,[c \text{ is new}])\,\kappa_c\,build_{ct}
       \qquad \text{or} \qquad n_t \Big( \sum_{m \in q} v_{mt}\,make_{mt} + j_{qt}\,s_{qt} \Big) \quad [\mathrm{USD}]

    with the fraction f of the own investment I, the grant G of a new plant, the part κ that a partner leaves, the
    credit v per unit and the credit j per direct job, of which there are :math:`s_{qt}`.
    """
    frame = _with_positions(study, sets)
    conditions = rules(study)
    ruled = frame["program"].isin(conditions)
    return _everyone(study, sets, columns, frame[~ruled]), _choices(study, sets, columns, frame[ruled], conditions)


def _with_positions(study: Study, sets: Sets) -> pd.DataFrame:
    """Return table ``incentives`` with positions of places, makes and periods; rows that nobody can earn leave."""
    frame = study.incentives[["site", "plant_type", "product", "period", "program", "kind", "value"]]
    frame = frame.sort_values(list(frame.columns), ignore_index=True)
    places = pd.MultiIndex.from_arrays([sets.places.site, sets.places.plant_type])
    kind = positions(sets.plant_types, frame["plant_type"])
    frame["place"] = places.get_indexer(pd.MultiIndex.from_arrays([positions(sets.sites, frame["site"]), kind]))
    makes = pd.MultiIndex.from_arrays([sets.makes.place, sets.makes.product])
    product = positions(sets.products, frame["product"].fillna(""))
    frame["make"] = makes.get_indexer(pd.MultiIndex.from_arrays([frame["place"], product]))
    frame["t"] = positions(pd.Index(sets.horizon.periods), frame["period"])
    lost = (frame["place"] < 0) | (frame["t"] < 0) | (frame["value"] <= 0)
    earned: pd.DataFrame = frame[~lost & ((frame["kind"] != "production") | (frame["make"] >= 0))]
    return earned


def _grid(frame: pd.DataFrame, kind: str, owner: str, count: int, steps: int) -> FloatArray:
    """Return the values of a kind, added up by owner and period. shape (owners, T)"""
    out = np.zeros((count, steps))
    rows = frame[frame["kind"] == kind]
    np.add.at(out, (rows[owner].to_numpy(), rows["t"].to_numpy()), rows["value"].to_numpy(np.float64))
    return out


def _everyone(study: Study, sets: Sets, columns: Columns, frame: pd.DataFrame) -> AutomaticPrograms:
    count, steps = len(sets.places.site), len(sets.horizon)
    fraction = np.minimum(_grid(frame, "investment", "place", count, steps), 1.0)
    listed = frame["program"].isin(study.programs["program"])
    grant, written = (_grid(rows, "grant", "place", count, steps) for rows in (frame[listed], frame[~listed]))
    built, _ = _on_building(sets, columns, np.arange(count), fraction, grant, written)
    yearly, constant = _by_the_year(study, sets, columns, frame, np.arange(count), "place")
    return AutomaticPrograms(fraction, grant, built, yearly, constant)


def _choices(study: Study, sets: Sets, columns: Columns, frame: pd.DataFrame, conditions: dict[str, Rule]) -> Offers:
    steps = len(sets.horizon)
    key = pd.MultiIndex.from_frame(frame[["program", "place"]])
    pairs = key.unique().sort_values()
    frame = frame.assign(entry=pairs.get_indexer(key))
    place = pairs.get_level_values("place").to_numpy(np.int64)
    fraction, grant = (_grid(frame, kind, "entry", len(pairs), steps) for kind in ON_INVESTMENT)
    built, greatest = _on_building(sets, columns, place, fraction, grant)
    yearly, constant = _by_the_year(study, sets, columns, frame, place, "entry")
    on_building = fraction.any(axis=1) | grant.any(axis=1)
    opened = np.zeros((len(pairs), steps), dtype=np.bool_)
    opened[frame["entry"].to_numpy(), frame["t"].to_numpy()] = True
    terms = Terms(*(np.concatenate([getattr(x, f) for x in (built, yearly)]) for f in ("row", "column", "value")))
    share = foreign_shares(study)
    names = pairs.get_level_values("program").tolist()
    foreign = np.array([[share[name, period] for period in sets.horizon.periods] for name in names]).reshape(-1, steps)
    every = Offers(
        tuple(conditions[p] for p in pairs.get_level_values("program")),
        place,
        on_building,
        opened,
        terms,
        constant,
        foreign,
        np.where(on_building[:, None], greatest[:, None], _most_by_the_year(study, sets, frame, place)),
    )
    return _reachable(every, sets)


def _on_building(
    sets: Sets,
    columns: Columns,
    place: IntArray,
    fraction: FloatArray,
    grant: FloatArray,
    written: FloatArray | None = None,
) -> tuple[Terms, FloatArray]:
    """Return what is offered for building, by owner and period, and the most that each owner can get. [USD]

    The most is that of the best new plant, and of all its expansions. Where grants ``written`` by the user are given,
    they come on top of all else, which is no more than the investment: for programs with rules the constraints
    ``stacking`` say so.
    """
    changes, steps = sets.changes, len(sets.horizon)
    owner, change = equal_pairs(place, np.where(changes.kind == "build", changes.place, -1))
    new = changes.root[change]
    usd = fraction[owner] * changes.capex[change] + grant[owner] * new[:, None]
    if written is not None:
        usd = np.minimum(usd, changes.capex[change]) + written[owner] * new[:, None]
    usd = usd * changes.kept_credit[change, None] * (columns.change[change] >= 0)
    most, grown = np.zeros(len(place)), np.zeros(len(place))
    np.maximum.at(most, owner[new], usd[new].max(axis=1, initial=0.0))
    np.add.at(grown, owner[~new], usd[~new].max(axis=1, initial=0.0))
    pair, period = np.nonzero(usd)
    terms = Terms(owner[pair] * steps + period, columns.change[change[pair], period], usd[pair, period])
    return terms, most + grown  # an expansion may be paid for where its partner leaves nothing of the new plant


def _by_the_year(
    study: Study, sets: Sets, columns: Columns, frame: pd.DataFrame, place: IntArray, owner: str
) -> tuple[Terms, FloatArray]:
    """Return what is offered for units made and for staff, by owner and period, and for standing staff. [USD]"""
    steps, years = len(sets.horizon), sets.horizon.years
    rows = frame[frame["kind"] == "production"]
    mine, make, t = (rows[c].to_numpy(np.int64) for c in (owner, "make", "t"))
    made = rows["value"].to_numpy(np.float64) * sets.scale[sets.makes.product[make]] * years[t]
    job = _grid(frame, "job", owner, len(place), steps) * years
    who, when = np.nonzero(job)
    terms, standing = staff(sets, columns, study.settings.model.hours_per_fte_year)
    pair, entry = equal_pairs(place[who] * steps + when, terms.row)
    return Terms(
        np.concatenate([mine * steps + t, who[pair] * steps + when[pair]]),
        np.concatenate([columns.make[make, t], terms.column[entry]]),
        np.concatenate([made, job[who[pair], when[pair]] * terms.value[entry]]),
    ), job * standing[place]


def _most_by_the_year(study: Study, sets: Sets, frame: pd.DataFrame, place: IntArray) -> FloatArray:
    """Return the most that units and staff can earn, at the full capacity of a place. shape (E, T) [USD]"""
    steps, years, room = len(sets.horizon), sets.horizon.years, sets.most
    rows = frame[frame["kind"] == "production"]
    best = np.zeros((len(place), steps))
    per_capacity = rows["value"].to_numpy(np.float64) / sets.makes.use[rows["make"].to_numpy(np.int64)]
    np.maximum.at(best, (rows["entry"].to_numpy(np.int64), rows["t"].to_numpy(np.int64)), per_capacity)
    job = _grid(frame, "job", "entry", len(place), steps)
    staffed = most_staff(sets, study.settings.model.hours_per_fte_year)
    return np.asarray((best * room[place] + job * staffed[place]) * years)


def most_staff(sets: Sets, hours: float) -> FloatArray:
    """Return the most direct staff that a place can have. shape (Q, T) [FTE]"""
    changes = sets.changes
    largest = np.maximum(changes.staff, 0.0).max(axis=1, initial=0.0)
    new, more = np.zeros(sets.places.staff.shape), np.zeros(sets.places.staff.shape)
    np.maximum.at(new, changes.place[changes.root], largest[changes.root])
    np.add.at(more, changes.place[~changes.root], largest[~changes.root])
    work = np.zeros(len(sets.places.site))
    np.maximum.at(work, sets.makes.place, sets.makes.labor / sets.makes.use / hours)
    return np.asarray(sets.places.staff + new + more + work[:, None] * sets.most)


def most_capex(sets: Sets) -> FloatArray:
    """Return the largest own investment at a place: the best new plant, all expansions and resumed plants. [USD]"""
    changes = sets.changes
    new, more = np.zeros(len(sets.places.site)), np.zeros(len(sets.places.site))
    largest, grown = changes.capex.max(axis=1, initial=0.0), ~changes.root
    np.maximum.at(new, changes.place[changes.root], largest[changes.root])
    np.add.at(more, changes.place[grown], largest[grown])
    return np.asarray(new + more)


def _reachable(every: Offers, sets: Sets) -> Offers:
    """Return the offers without those that can never pay."""
    capex, steps = most_capex(sets)[every.place], len(sets.horizon)
    pledged = np.array([rule.min_capex for rule in every.rule])
    limit = np.array([min(rule.most, rule.pool) for rule in every.rule])
    can_pay = (every.most > 0) & (limit > 0) & (capex >= pledged)
    number = np.cumsum(can_pay) - 1
    owner = every.terms.row // steps
    here = can_pay[owner]
    return replace(
        every,
        rule=tuple(rule for rule, yes in zip(every.rule, can_pay, strict=True) if yes),
        place=every.place[can_pay],
        built=every.built[can_pay],
        open=every.open[can_pay],
        terms=Terms(
            (number[owner] * steps + every.terms.row % steps)[here], every.terms.column[here], every.terms.value[here]
        ),
        constant=every.constant[can_pay],
        foreign=every.foreign[can_pay],
        greatest=every.greatest[can_pay],
    )


def equal_pairs(left: IntArray, right: IntArray) -> tuple[IntArray, IntArray]:
    """Return every pair of positions at which left and right are equal.

    Examples
    --------
    >>> [pair.tolist() for pair in equal_pairs(np.array([7, 5]), np.array([5, 7, 5]))]
    [[0, 1, 1], [1, 0, 2]]
    """
    order = np.argsort(right, kind="stable")
    first, last = (np.searchsorted(right[order], left, side=side) for side in ("left", "right"))
    count = last - first
    owner = np.repeat(np.arange(len(left)), count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return owner, order[np.repeat(first, count) + nth]
