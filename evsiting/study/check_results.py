"""Results of checks across tables, kept with the tables that each looked at.

A study whose one table is replaced is checked anew only where a check looked at that table: all others would look at
the same figures and find the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from evsiting.study.findings import Findings

#: A check across tables: notes what it finds, and looks nothing up in tables that could not be read.
Check = Callable[[Mapping[str, pd.DataFrame], Findings, Collection[str]], object]


@dataclass(frozen=True)
class CheckResult:
    """What a check across tables told when it had found no problem.

    Parameters
    ----------
    looked_at : frozenset of str
        Tables that it looked at, or whose absence it noticed.
    every_name : bool
        Whether it asked which tables there are.
    warnings : tuple of str
        What it told as odd but legal, by rows and columns as they stand in the study.
    """

    looked_at: frozenset[str]
    every_name: bool
    warnings: tuple[str, ...]

    def holds(self, changed: Collection[str], *, same_names: bool) -> bool:
        """Whether the check would find the same where only these tables are changed, added or taken away."""
        return self.looked_at.isdisjoint(changed) and (same_names or not self.every_name)


class ReadTables(Mapping[str, pd.DataFrame]):
    """Tables that note which of them are looked at.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        The tables.
    derived : dict
        What was worked out of the same tables for several checks, with the tables that it was worked out of.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], derived: dict[str, tuple[Any, ReadTables]]) -> None:
        self.looked_at: set[str] = set()
        self.every_name = False
        self._tables, self._derived = tables, derived

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.looked_at.add(name)
        return self._tables[name]

    def __contains__(self, name: object) -> bool:
        self.looked_at.add(str(name))
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        self.every_name = True
        return iter(self._tables)

    def __len__(self) -> int:
        self.every_name = True
        return len(self._tables)

    def derived(self, name: str, make: Callable[[Mapping[str, pd.DataFrame]], Any]) -> Any:
        """Return what is worked out of the tables, once for all checks."""
        if name not in self._derived:
            mine = ReadTables(self._tables, self._derived)
            self._derived[name] = make(mine), mine
        value, read = self._derived[name]
        self.looked_at |= read.looked_at
        self.every_name |= read.every_name
        return value


class OtherTable(Mapping[str, pd.DataFrame]):
    """Tables with another one in place of one of theirs.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        The tables, that one among them.
    name : str
        Its name.
    frame : pandas.DataFrame
        What stands in its place.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], name: str, frame: pd.DataFrame) -> None:
        self._tables, self._name, self._frame = tables, name, frame

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._frame if name == self._name else self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def derived[T](tables: Mapping[str, pd.DataFrame], name: str, make: Callable[[Mapping[str, pd.DataFrame]], T]) -> T:
    """Return what is worked out of tables; once for all checks of one study. It must not be changed.

    Examples
    --------
    >>> derived({"sites": pd.DataFrame({"site": ["a"]})}, "sites", lambda tables: len(tables["sites"]))
    1
    """
    value: T = tables.derived(name, make) if isinstance(tables, ReadTables) else make(tables)
    return value


@dataclass
class CheckRun:
    """One look across the tables of a study.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read.
    results : dict of str to CheckResult
        What checks have found of the tables as they are; what others find is put in.
    """

    tables: Mapping[str, pd.DataFrame]
    findings: Findings
    unread: Collection[str]
    results: dict[str, CheckResult]
    _derived: dict[str, tuple[Any, ReadTables]] = field(default_factory=dict)

    def look(self, name: str, check: Check) -> None:
        """Note what a check finds: by its earlier result where there is one."""
        before = self.results.get(name)
        if before is not None:
            self.findings.warnings += before.warnings
            return
        so_far, read = len(self.findings.warnings), ReadTables(self.tables, self._derived)
        check(read, self.findings, self.unread)
        if not self.findings and not self.unread:
            warnings = tuple(self.findings.warnings[so_far:])
            self.results[name] = CheckResult(frozenset(read.looked_at), read.every_name, warnings)


def unchanged_results(
    results: Mapping[str, CheckResult], changed: Collection[str], *, same_names: bool
) -> dict[str, CheckResult]:
    """Return the results that hold where only these tables are changed, added or taken away."""
    return {name: result for name, result in results.items() if result.holds(changed, same_names=same_names)}
