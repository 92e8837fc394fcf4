"""Collect problems with their file, column and rows, and raise them once as the right error."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from evsiting.errors import CrsError, DataWarning, InputError, Problem, StudyError, TableError, shown


@dataclass(frozen=True)
class Place:
    """Where a table was read from.

    Parameters
    ----------
    name : str
        File, or workbook and sheet, as a reader knows it.
    first_row : int
        Number that a reader gives to the row with index 0: 2 below a header.
    noun : str
        What a reader calls a row.
    """

    name: str
    first_row: int = 2
    noun: str = "row"


@dataclass
class Findings:
    """Collect the problems of all tables.

    Parameters
    ----------
    places : mapping of str to Place
        Where each table was read from; a table that is not in it came as a data frame.
    headers : dict
        Header as written, by table and canonical column, for messages.
    problems : list of tuple
        What is wrong, each with the class of error that it raises.
    warnings : list of str
        What is odd but legal.
    unclear_tables : set of str
        Tables with columns whose names could not be read: which are missing is not known.
    unread_rows : dict
        Number of rows of a table that could not be read and are left out.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    headers: dict[tuple[str, str], str] = field(default_factory=dict)
    problems: list[tuple[type[InputError], Problem]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unclear_tables: set[str] = field(default_factory=set)
    unread_rows: dict[str, int] = field(default_factory=dict)

    def where(self, table: str, *columns: str) -> str:
        """Return the place of a table, and of columns in it, as a reader knows them."""
        place = self.places.get(table)
        name = place.name if place else f"table {table!r}"
        seen = [repr(self.headers.get((table, column), column)) for column in columns]
        return f"{name}, column{'s' if len(seen) > 1 else ''} {' and '.join(seen)}" if seen else name

    def row(self, table: str, label: object) -> str:
        """Return how a reader finds a row: its number in the spreadsheet, or its index label."""
        place = self.places.get(table)
        if place is None:
            return f"index {label!r}"
        return f"{place.noun} {int(str(label)) + place.first_row}"

    def rows(self, table: str, values: pd.Series) -> str:
        """Return evidence: rows with the values in them, at most five, and how many in all."""
        head = [f"{self.row(table, i)}: {_cell(v)}" for i, v in values.iloc[:5].items()]
        return shown([*head, *([""] * (len(values) - len(head)))])

    def troubled(self, table: str) -> bool:
        """Whether a problem has been noted in a table."""
        where = self.where(table)
        return any(p.where == where or p.where.startswith(f"{where}, ") for _, p in self.problems)

    def note(self, kind: type[InputError], problem: Problem) -> None:
        """Note one problem of a kind."""
        self.problems.append((kind, problem))

    def table(self, where: str, what: str, seen: str, fix: str) -> None:
        """Note a problem inside one table."""
        self.note(TableError, Problem(where, what, seen, fix))

    def crs(self, where: str, what: str, seen: str, fix: str) -> None:
        """Note a problem of coordinates."""
        self.note(CrsError, Problem(where, what, seen, fix))

    def study(self, where: str, what: str, seen: str, fix: str, *, infeasible: bool = False) -> None:
        """Note a contradiction between tables; ``infeasible`` where they make sense, but no plan can keep them."""
        self.note(StudyError, Problem(where, what, seen, fix, infeasible))

    def file(self, where: str, what: str, seen: str, fix: str) -> None:
        """Note a file that cannot be read as it should."""
        self.note(InputError, Problem(where, what, seen, fix))

    def __bool__(self) -> bool:
        return bool(self.problems)

    def close(self) -> None:
        """Raise one error with every problem; warn of what is odd but legal where there is none.

        The error is of a narrower class where all problems are of that kind.

        Raises
        ------
        InputError
            Or TableError, CrsError, StudyError.
        """
        if self.problems:
            kinds = {kind for kind, _ in self.problems}
            kind = kinds.pop() if len(kinds) == 1 else InputError
            raise kind([problem for _, problem in self.problems])
        for text in self.warnings:
            warnings.warn(text, DataWarning, stacklevel=3)


def _cell(value: object) -> str:
    """Return a cell as evidence, cut where it is long."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return "empty"
    text = repr(value) if isinstance(value, str) else f"{value:.12g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def count(bad: int, of: int, noun: str = "value") -> str:
    """Return ``2 of 7 values are`` or ``1 of 7 values is``.

    Examples
    --------
    >>> count(1, 4)
    '1 of 4 values is'
    """
    return f"{bad:,} of {of:,} {noun}{'s' if of != 1 else ''} {'is' if bad == 1 else 'are'}"


def quoted(names: Iterable[object]) -> str:
    """Return names in quotes, at most five.

    Examples
    --------
    >>> quoted(["a", "b"])
    "'a', 'b'"
    """
    return shown([repr(str(n)) for n in names])
