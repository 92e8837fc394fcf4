"""The objectives: what a plan may be asked to have least of, or most of. Everybody who names one reads it here.

To add one takes an entry here, its name in :data:`ObjectiveName`, a formula in :mod:`evsiting.model.objectives` (or the
module of its topic), a ledger in :mod:`evsiting.results.ledgers.ledgers` and a second sum of that ledger in
:mod:`evsiting.results.rules.ledger_totals`; tests fail where one of these is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = [
    "OBJECTIVES",
    "Need",
    "ObjectiveKind",
    "ObjectiveName",
    "amount_words",
    "bound_words",
    "least_is_best",
    "total_words",
]

ObjectiveName = Literal["cost", "emissions", "freight_emissions", "jobs", "late"]

#: Divisor and words of the units that a figure is shown in, the largest first.
Steps = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Need:
    """What a study must hold so that an objective says something of it.

    Parameters
    ----------
    table, column : str
        Some row of the table has a value in this column.
    problem, seen, fix : str
        What is told where none has; ``{study}`` stands for the name of the study.
    """

    table: str
    column: str
    problem: str
    seen: str
    fix: str


@dataclass(frozen=True)
class ObjectiveKind:
    """One total of a plan that can be minimised (or maximised), capped, weighed, traded and reported.

    Parameters
    ----------
    name : str
        In calls, settings, files and the program. The total of this name is the sum of the ledger of this name.
    title : str
        Heading of what is shown of it.
    spoken : str
        The same within a sentence.
    sense : float
        1 where less is better, -1 where more is better. A value times its sense is what the program minimises.
    unit : str
        Unit of the total in files.
    unit_words : str
        Unit for people.
    scale : float
        Size of one unit inside the program, in the unit of the total.
    cap_family : str
        Family of the constraint that a ceiling on it is.
    quantity : {"money", "mass", "count"}
        How an amount is written: in USD, in metric prefixes, or as a count.
    shown_unit, stuff, remark : str
        What follows an amount: unit, what is counted, and over what.
    axis, steps : tuple of (float, str)
        Units of an axis of a chart, and of a table of the ledger.
    need : Need, optional
        What a study must hold for it; where it is left out, every study has it.
    """

    name: ObjectiveName
    title: str
    spoken: str
    sense: float
    unit: str
    unit_words: str
    scale: float
    cap_family: str
    quantity: Literal["money", "mass", "count"]
    shown_unit: str
    stuff: str
    remark: str
    axis: Steps
    steps: Steps
    need: Need | None = None

    @property
    def exact_unit(self) -> str:
        """Unit of a figure that stands alone, such as ``t CO2e``."""
        return self.unit_words if self.quantity == "money" else f"{self.shown_unit} {self.stuff}".strip()


_TONNES: Steps = (
    (1e6, "Mt CO2e over the horizon"),
    (1e3, "kt CO2e over the horizon"),
    (1.0, "t CO2e over the horizon"),
)
_PLAIN_TONNES: Steps = ((1e6, "Mt CO2e"), (1e3, "kt CO2e"), (1.0, "t CO2e"))

#: Every objective by name, in the order in which they are shown.
OBJECTIVES: Mapping[str, ObjectiveKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            ObjectiveKind(
                "cost",
                title="Cost",
                spoken="cost",
                sense=1.0,
                unit="USD",
                unit_words="USD, present value",
                scale=1e6,
                cap_family="cost_cap",
                quantity="money",
                shown_unit="USD",
                stuff="",
                remark=" (present value)",
                axis=((1e9, "USD bn, present value"), (1e6, "USD mn, present value"), (1.0, "USD, present value")),
                steps=((1e9, "USD bn"), (1e6, "USD mn"), (1e3, "USD thousand"), (1.0, "USD")),
            ),
            ObjectiveKind(
                "emissions",
                title="Emissions",
                spoken="emissions",
                sense=1.0,
                unit="tCO2e",
                unit_words="t CO2e",
                scale=1e3,
                cap_family="carbon_cap",
                quantity="mass",
                shown_unit="t",
                stuff="CO2e",
                remark=" over the horizon",
                axis=_TONNES,
                steps=_PLAIN_TONNES,
            ),
            ObjectiveKind(
                "freight_emissions",
                title="Transport emissions",
                spoken="transport emissions",
                sense=1.0,
                unit="tCO2e",
                unit_words="t CO2e",
                scale=1e3,
                cap_family="freight_carbon_cap",
                quantity="mass",
                shown_unit="t",
                stuff="CO2e",
                remark=" over the horizon",
                axis=_TONNES,
                steps=_PLAIN_TONNES,
            ),
            ObjectiveKind(
                "jobs",
                title="Direct jobs",
                spoken="jobs",
                sense=-1.0,
                unit="job-year",
                unit_words="job-years",
                scale=1e3,
                cap_family="jobs_floor",
                quantity="count",
                shown_unit="job-years",
                stuff="",
                remark=", direct",
                axis=((1e6, "million job-years"), (1e3, "thousand job-years"), (1.0, "job-years")),
                steps=((1.0, "job-years"),),
            ),
            ObjectiveKind(
                "late",
                title="Late deliveries",
                spoken="late deliveries",
                sense=1.0,
                unit="unit",
                unit_words="late units",
                scale=1e3,
                cap_family="late_cap",
                quantity="count",
                shown_unit="units",
                stuff="",
                remark=" after their promised time",
                axis=((1e6, "million units"), (1e3, "thousand units"), (1.0, "units")),
                steps=((1.0, "units"),),
                need=Need(
                    "demand",
                    "promise_h",
                    "nothing can be late in this study",
                    "no row of table demand in study {study!r} has a promise_h",
                    "Give demand a promise_h (hours door to door), or choose another objective",
                ),
            ),
        )
    }
)


def least_is_best(name: str, value: float) -> float:
    """Return a total in the sense in which less is better, and back: jobs count with a minus sign.

    Examples
    --------
    >>> least_is_best("cost", 5.0), least_is_best("jobs", 7.0)
    (5.0, -7.0)
    """
    return OBJECTIVES[name].sense * value


def bound_words(name: str, ceiling: float) -> str:
    """Return a ceiling on an objective in words: a floor where more is better.

    Examples
    --------
    >>> bound_words("emissions", 5e6), bound_words("jobs", -2000.0)
    ('emissions <= 5e+06', 'jobs >= 2,000')
    """
    return f"{name} {'<=' if OBJECTIVES[name].sense > 0 else '>='} {least_is_best(name, ceiling):,.6g}"


def total_words(name: str, value: float, *, expected: bool = False) -> str:
    """Return a total as it is printed beside a plan, or the mean of plans.

    Examples
    --------
    >>> total_words("cost", 52.0948e9), total_words("jobs", 68326.2, expected=True)
    ('USD 52.095 bn (present value)', '68,326 job-years expected, direct')
    """
    return f"{amount_words(name, value)}{' expected' if expected else ''}{OBJECTIVES[name].remark}"


def amount_words(name: str, value: float) -> str:
    """Return an amount of an objective with its unit.

    Examples
    --------
    >>> amount_words("emissions", 4.1e6)
    '4.100 Mt CO2e'
    """
    kind = OBJECTIVES[name]
    amounts = {
        "money": f"USD {value / 1e9:,.3f} bn",
        "mass": f"{value / 1e6:,.3f} Mt {kind.stuff}",
        "count": f"{value:,.0f} {kind.shown_unit}",
    }
    return amounts[kind.quantity]
