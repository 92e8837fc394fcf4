"""How many lanes a study will have and what they take in memory: told before any of them is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsiting.errors import InputError, Problem
from evsiting.layers.feasible import Possible
from evsiting.study.size_limits import ceiling, higher, most_rows
from evsiting.study.study import Study

__all__ = ["LaneCount", "check_lane_table", "check_program_size", "exceeds_program", "lane_count"]

#: Modes that are kept of a pair of places, on average: 1.2 to 1.4 in the shipped studies.
MODES_KEPT = 1.3
#: Memory of a lane in the table, and of a lane in a period of a program with what its solver holds. [byte]
TABLE_BYTES, PROGRAM_BYTES = 125, 2_500


@dataclass(frozen=True)
class LaneCount:
    """Lanes of a study, counted or estimated.

    Parameters
    ----------
    lanes : int
        Those that it has; where it has none, about as many as would be made.
    is_estimate : bool
        Whether they are still to be made.
    sites, markets, suppliers, periods : int
        Places between which they run, and periods in which they may be used.

    Examples
    --------
    >>> import evsiting as ev
    >>> lane_count(ev.example("starter")).is_estimate
    False
    """

    lanes: int
    is_estimate: bool
    sites: int
    markets: int
    suppliers: int
    periods: int

    @property
    def table_bytes(self) -> int:
        """Memory of the table. [byte]."""
        return self.lanes * TABLE_BYTES

    @property
    def program_bytes(self) -> int:
        """Memory of a program over all lanes and periods, with its solver. [byte]."""
        return self.lanes * self.periods * PROGRAM_BYTES

    def __str__(self) -> str:
        about = "about " if self.is_estimate else ""
        places = f"{self.sites:,} sites, {self.suppliers:,} suppliers, {self.markets:,} markets, {self.periods} periods"
        memory = f"{self.table_bytes / 1e9:.1f} GB as a table, {self.program_bytes / 1e9:.1f} GB as a program"
        return f"{places}: {about}{self.lanes:,} lanes, {memory}"


def lane_count(study: Study) -> LaneCount:
    """Return how many lanes a study has, or would be given: pairs of possible origins and destinations, by product.

    Parameters
    ----------
    study : Study
        Any checked study.

    Examples
    --------
    >>> import evsiting as ev
    >>> counted = lane_count(ev.example("north-america-cities"))
    >>> counted.is_estimate, round(counted.lanes / 1e6)
    (True, 13)
    """
    return _as_lane_count(study, len(study.lanes))


def _as_lane_count(study: Study, lanes: int) -> LaneCount:
    """Return so many lanes, or an estimate where none are given."""
    sizes = (len(t) for t in (study.sites, study.markets, study.suppliers, study.periods))
    return LaneCount(lanes or round(MODES_KEPT * _pairs(study)), not lanes, *sizes)


def _pairs(study: Study) -> int:
    """Return how many pairs of an origin and a destination of one product there are."""
    possible, demand, sellers = Possible.of(study), study.demand, study.suppliers["product"].astype(str)
    wanting = demand[demand["units_per_yr"] > 0.0].groupby("product")["market"].nunique()
    sold = sellers.value_counts()
    markets, suppliers = ([int(of.get(p, 0)) for p in possible.products] for of in (wanting, sold))
    origins, ends = possible.makes.sum(axis=0) + suppliers, possible.needs.sum(axis=0) + markets
    return int(np.sum(origins * ends))


def exceeds_program(study: Study) -> bool:
    """Whether a study has no lanes and those that it would be given are too many for a program over all of them.

    Examples
    --------
    >>> import evsiting as ev
    >>> exceeds_program(ev.example("north-america")), exceeds_program(ev.example("north-america-cities"))
    (False, True)
    """
    counted = lane_count(study)
    return counted.is_estimate and counted.lanes * counted.periods > ceiling("program lanes")


def check_lane_table(study: Study) -> None:
    """Raise where the table of lanes that a study would be given had more rows than a table can have.

    Raises
    ------
    InputError
        With the places, lanes and memory, and the ways out.
    """
    counted, most = _as_lane_count(study, 0), most_rows("lanes")
    if counted.lanes > most:
        _refuse("a table of all that the study would be given is too large", counted, counted.lanes, most)


def check_program_size(study: Study) -> None:
    """Raise where a program over all lanes of a study would be too large, before lanes or program are made.

    Raises
    ------
    InputError
        With the places, lanes and memory, and the ways out.

    Examples
    --------
    >>> import evsiting as ev
    >>> check_program_size(ev.example("north-america"))
    >>> check_program_size(ev.example("north-america-cities"))
    Traceback (most recent call last):
    evsiting.errors.InputError: 1 problem in the input:
      1. lanes: there are too many for a program over all of them (1,382 sites, ...
    """
    counted, most = lane_count(study), ceiling("program lanes")
    if (have := counted.lanes * counted.periods) > most:
        _refuse("there are too many for a program over all of them", counted, have, most)


def _refuse(what: str, counted: LaneCount, have: int, most: int) -> None:
    """Raise the one error of both checks."""
    seen = f"{counted}; at most {most:,} {'lanes times periods' if have > counted.lanes else 'lanes'} by the ceiling"
    fix = (
        "Solve it over groups of places (evsiting solve, evsiting.solve_by_aggregation) and ask of a shortlist of that "
        "plan (evsiting shortlist RUN FOLDER, evsiting.shortlist), narrow the sites with evsiting.prefilter "
        "first, ship to fewer markets, take the lanes as arrays from evsiting.freight_matrices, "
        f"{higher(have, most).replace('read', 'make')}"
    )
    raise InputError([Problem("lanes", what, seen, fix)])
