"""Change the tables of a study as table ``scenario_changes`` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from evsiting.errors import shown
from evsiting.study.lists import split_list
from evsiting.study.schema.tables import TABLES
from evsiting.study.schema.trajectories import CAPACITIES, VARIABLE

__all__ = ["GROWING", "UNTOUCHED", "Change", "Changed", "Fault", "apply_changes", "changes_of"]

#: Tables that no scenario changes: its own, those that say where figures are from, and the horizon.
UNTOUCHED = ("scenarios", "scenario_changes", "periods", "parameters", "provenance", "sources")
#: Tables whose rows a scenario may add or drop; elsewhere a row is a name that other tables use.
GROWING = (
    "demand", "duties", "quotas", "duty_offsets", "gateways", "commitments", "programs", "incentives", "limits",
    "trajectories", "lanes",
)  # fmt: skip
#: Tables of programs: what is dropped there pays nothing, so that its conditions still find its name.
_PROGRAMS = ("programs", "incentives")
#: Tables whose figures table trajectories changes by period, with the column of their code.
_PLACED = {"sites": "site", "suppliers": "supplier", "gateways": "gateway", "plants": "plant"}
#: Order in which changes are made, so that the order of the rows says nothing.
_ORDER = {"drop": 0, "set": 1, "multiply": 2, "add": 3}


@dataclass(frozen=True)
class Change:
    """One row of table ``scenario_changes``.

    Parameters
    ----------
    label : object
        Its label in the table.
    scenario, table, column, period, action : str
        As the table says; empty where a cell is.
    rows : tuple of (str, str)
        Columns and the text that they must hold.
    value : float
        NaN where the cell is empty.
    """

    label: object
    scenario: str
    table: str
    column: str
    rows: tuple[tuple[str, str], ...]
    period: str
    action: str
    value: float

    @property
    def over_time(self) -> bool:
        """Whether it is made through table ``trajectories``."""
        known = self.table in _PLACED and self.column in (*VARIABLE, *CAPACITIES) and self.action == "multiply"
        return known and (bool(self.period) or (self.column in CAPACITIES and 0.0 <= self.value <= 1.0))


@dataclass(frozen=True)
class Fault:
    """What is wrong with a change: its label, the column of ``scenario_changes``, what, what was seen, the way out."""

    label: object
    column: str
    what: str
    seen: str
    fix: str


@dataclass
class Changed:
    """Tables with changes made, and what was wrong with them.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        Changed tables are fresh frames; the others are those given.
    faults : list of Fault
        Changes that could not be made.
    touched : set of (str, str)
        Tables and columns that were changed.
    """

    tables: dict[str, pd.DataFrame]
    faults: list[Fault] = field(default_factory=list)
    touched: set[tuple[str, str]] = field(default_factory=set)

    def fault(self, change: Change, column: str, what: str, seen: object, fix: str) -> None:
        """Note what is wrong with a change."""
        self.faults.append(Fault(change.label, column, what, str(seen), fix))


def changes_of(frame: pd.DataFrame) -> tuple[list[Change], list[Fault]]:
    """Return the rows of table ``scenario_changes``, and what cannot be read in them.

    Examples
    --------
    >>> row = {"scenario": "boom", "table": "demand", "column": "units_per_yr", "rows": "product=vehicle"}
    >>> (change,), faults = changes_of(
    ...     pd.DataFrame([row | {"period": None, "action": "multiply", "value": 1.3}])
    ... )
    >>> change.rows, change.value, faults
    ((('product', 'vehicle'),), 1.3, [])
    """
    changes, faults = [], []
    for label, row in frame.iterrows():
        text = {c: row[c] if isinstance(row[c], str) else "" for c in frame.columns if c != "value"}
        if not text["scenario"] or text["action"] not in _ORDER:
            continue  # told with the cells
        pairs: list[tuple[str, str]] = []
        for part in split_list(text["rows"]):
            name, equals, wanted = (p.strip() for p in part.partition("="))
            pairs.append((name, wanted))
            if not equals or not name:
                fix = "Write 'column=text', parted by ';', such as 'origin=KR; destination=US'"
                faults.append(Fault(label, "rows", "is no selection of rows", part, fix))
        values = {name: text[name] for name in ("scenario", "table", "column", "period", "action")}
        changes.append(Change(label, rows=tuple(pairs), value=float(row["value"]), **values))
    wrong = {fault.label for fault in faults}
    return [change for change in changes if change.label not in wrong], faults


def apply_changes(tables: Mapping[str, pd.DataFrame], changes: Iterable[Change]) -> Changed:
    """Return tables with changes made, in an order that does not depend on that of the rows.

    Rows go first, then figures are set, then multiplied, then rows come in. What is multiplied by several changes is
    multiplied by all of them.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        In canonical form; not changed.
    changes : iterable of Change
        Of one scenario.
    """
    done = Changed(dict(tables))
    good = [change for change in changes if _is_sensible(change, done)]
    by_table: dict[str, list[Change]] = {}
    for change in good:
        by_table.setdefault(change.table, []).append(change)
    for name, mine in by_table.items():
        _change_table(name, [c for c in mine if not c.over_time], done)
    grown = [_over_time(change, tables, done) for change in good if change.over_time]
    _change_trajectories([row for rows in grown for row in rows], tables, done)
    return done


def _is_sensible(change: Change, done: Changed) -> bool:
    """Note what is wrong with a change whatever the tables hold; return whether it can be made."""
    before = len(done.faults)
    if change.table not in TABLES or change.table in UNTOUCHED:
        names = ", ".join(name for name in TABLES if name not in UNTOUCHED)
        done.fault(change, "table", "is no table that a scenario may change", change.table, f"Choose from {names}")
        return False
    table = TABLES[change.table]
    numbers = [c.name for c in table.columns if c.dtype != "text"]
    named = {n: c.name for c in table.columns for n in (c.name, c.label)}
    grows = change.action in ("add", "drop")
    if grows and change.table not in GROWING:
        fix = f"Multiply or set its figures; a capacity times 0 is out. Rows come and go in {', '.join(GROWING)}"
        done.fault(change, "action", f"cannot {change.action} rows of table {change.table!r}", change.action, fix)
    if named.get(change.column, change.column) not in numbers and (change.column or not grows):
        fix = f"Choose from {', '.join(numbers)}"
        done.fault(change, "column", f"is no column of numbers of table {change.table!r}", change.column, fix)
    if change.action == "drop" and change.column:
        done.fault(change, "column", "is named where whole rows go", change.column, "Leave it empty")
    if np.isfinite(change.value) != bool(change.column and change.action != "drop"):
        fix = "Leave the value empty" if change.action == "drop" else "Give a column and a value"
        done.fault(change, "value", f"does not go with the action {change.action!r}", f"{change.value:g}", fix)
    if change.action == "multiply" and change.value < 0.0:
        done.fault(change, "value", "is a factor below zero", f"{change.value:g}", "Give a factor of zero or more")
    for name, _ in change.rows:
        if not _is_column(change, name):
            fix = f"Choose from {', '.join(c.name for c in table.columns)}"
            done.fault(change, "rows", f"names no column of table {change.table!r}", name, fix)
    if change.period:
        _check_period(change, done)
    return len(done.faults) == before


def _check_period(change: Change, done: Changed) -> None:
    """Note a period that the study does not have, or that is named for figures that hold always."""
    known = done.tables["periods"]["period"].dropna().tolist() if "periods" in done.tables else []
    if known and change.period not in known:
        fix = f"Choose from {shown(known, 12)}"
        done.fault(change, "period", "is no period of the study", repr(change.period), fix)
    if not change.over_time and not _has_time(change.table):
        fix = "Leave the period empty, or add rows to table trajectories, which gives factors by period"
        what = f"is named for figures of table {change.table!r}, which hold always"
        done.fault(change, "period", what, change.period, fix)


def _is_column(change: Change, name: str) -> bool:
    near, _, far = name.partition(".")
    columns = {c.name: c for c in TABLES[change.table].columns}
    if near not in columns:
        return False
    target = columns[near].of.split(".")[0]
    return not far or (bool(target) and change.action != "add" and any(c.name == far for c in TABLES[target].columns))


def _has_time(table: str) -> bool:
    """Whether rows of a table hold in one period, or from one year to another."""
    names = {c.name for c in TABLES[table].columns}
    return "period" in names or {"first_year", "last_year"} <= names and "first_year" in TABLES[table].key


def _column(change: Change) -> str:
    return TABLES[change.table].column(change.column).name


# ------------------------------------------------------------------------------------------- rows of a table


def _change_table(name: str, changes: Sequence[Change], done: Changed) -> None:
    """Make the changes of one table, all but those over time."""
    frame = done.tables.get(name)
    if not changes or (frame is None and TABLES[name].derived and all(c.action != "add" for c in changes)):
        return  # a layer makes the table, and what is selected in it shows then
    if frame is None:
        frame = pd.DataFrame({c.name: pd.Series(dtype="str" if c.dtype == "text" else "float64")
                              for c in TABLES[name].columns})  # fmt: skip
    frame = frame.reset_index(drop=True)
    for change in changes:
        if change.period and change.action != "add":
            frame = _split_by_period(frame, change, done.tables)
    hits = {change.label: rows_meant(frame, change, done.tables) for change in changes if change.action != "add"}
    gone = pd.Series(False, index=frame.index)
    written: dict[str, pd.Series] = {}
    for change in sorted(changes, key=lambda c: _ORDER[c.action]):
        if change.action == "add":
            continue
        mask = hits[change.label]
        if change.action == "drop" and name not in _PROGRAMS:
            gone |= mask
            done.touched.add((name, "*"))
        else:
            column, value = ("value", 0.0) if change.action == "drop" else (_column(change), change.value)
            if change.action == "multiply":
                figures = _cells(frame, name, column).astype("float64")
                mask = mask & figures.notna()
                frame[column] = figures.where(~mask, figures * value)
            else:
                twice = mask & written.get(column, pd.Series(False, index=frame.index))
                if twice.any():
                    seen, fix = f"{int(twice.sum())} cells of {column!r}", "Keep one of the changes"
                    done.fault(change, "rows", "are set by another change as well", seen, fix)
                written[column] = mask | written.get(column, False)
                frame[column] = _cells(frame, name, column).astype("float64").where(~mask, value)
            done.touched.add((name, column))
        if not mask.any():
            _warn_nothing(change, done)
    new = [row for change in changes if change.action == "add" for row in _new_rows(change, done)]
    rest = frame[~gone]
    done.tables[name] = pd.concat([rest, pd.DataFrame(new)], ignore_index=True) if new else rest.reset_index(drop=True)


def rows_meant(frame: pd.DataFrame, change: Change, tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return which rows of a table a change means."""
    mask = pd.Series(True, index=frame.index)
    columns = {c.name: c for c in TABLES[change.table].columns}
    for name, wanted in change.rows:
        near, _, far = name.partition(".")
        cells = _cells(frame, change.table, near)
        if far:
            target, key = columns[near].of.split(".")
            if target in tables:
                others = tables[target].drop_duplicates(key)
                cells = cells.map(_cells(others, target, far).set_axis(others[key]))
        mask &= _equal(cells, wanted)
    if change.period:
        if "period" in frame:
            mask &= frame["period"] == change.period
        else:
            first, last = _years(change.period, tables)
            mask &= (frame["first_year"].fillna(-np.inf) >= first) & (frame["last_year"].fillna(np.inf) <= last)
    return mask.fillna(False).astype(bool)


def _cells(frame: pd.DataFrame, table: str, column: str) -> pd.Series:
    """Return a column of a table; empty cells where the study leaves an optional column out."""
    if column in frame:
        return frame[column]
    text = TABLES[table].column(column).dtype == "text"
    return pd.Series(np.nan, index=frame.index, dtype="str" if text else "float64")


def _equal(cells: pd.Series, wanted: str) -> pd.Series:
    """Return which cells hold a text; those that are empty hold the empty text."""
    if pd.api.types.is_numeric_dtype(cells.dtype):
        try:
            return cells == float(wanted)
        except ValueError:
            return cells.isna() if not wanted else pd.Series(False, index=cells.index)
    return cells.fillna("").astype(str) == wanted


def _years(period: str, tables: Mapping[str, pd.DataFrame]) -> tuple[float, float]:
    """Return the first and the last year of a period; none at all where it is unknown."""
    rows = tables["periods"][tables["periods"]["period"] == period] if "periods" in tables else pd.DataFrame()
    if not len(rows):
        return np.inf, -np.inf
    start, years = (float(rows[c].iloc[0]) for c in ("start_year", "years"))
    return start, start + years - 1.0


def _split_by_period(frame: pd.DataFrame, change: Change, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a table in which what a change means in its period stands in rows of its own."""
    meant = rows_meant(frame, replace(change, period=""), tables)
    parts: list[pd.DataFrame] = []
    if "period" in frame:
        if "period" not in TABLES[change.table].key:
            return frame  # one row is one thing: it cannot be cut
        meant &= frame["period"].isna()
        parts = [frame[meant].assign(period=str(period)) for period in tables["periods"]["period"]]
    else:
        first, last = _years(change.period, tables)
        begin, end = frame["first_year"].fillna(-np.inf), frame["last_year"].fillna(np.inf)
        meant &= (begin <= last) & (end >= first) & ((begin < first) | (end > last))
        cut = frame[meant]
        parts = [
            cut[begin[meant] < first].assign(last_year=first - 1.0),
            cut.assign(first_year=begin[meant].clip(lower=first), last_year=end[meant].clip(upper=last)),
            cut[end[meant] > last].assign(first_year=last + 1.0),
        ]
    if not meant.any():
        return frame
    return pd.concat([frame[~meant], *(part for part in parts if len(part))], ignore_index=True)


def _new_rows(change: Change, done: Changed) -> list[dict[str, Any]]:
    """Return the rows that a change adds: one, or one for each period where table trajectories needs them."""
    table, cells = TABLES[change.table], dict(change.rows)
    row: dict[str, Any] = {}
    for name, text in cells.items():
        number = table.column(name).dtype != "text"
        try:
            row[name] = float(text) if number else text
        except ValueError:
            done.fault(change, "rows", f"{name!r} is a column of numbers", text, "Give a number")
    if change.column:
        row[_column(change)] = change.value
    done.touched.add((change.table, "*"))
    names = {c.name for c in table.columns}
    if change.period and "period" not in names:
        first, last = _years(change.period, done.tables)
        row = {"first_year": first, "last_year": last} | row
    elif change.period:
        row["period"] = change.period
    elif change.table == "trajectories" and "period" not in row:
        return [row | {"period": str(period)} for period in done.tables["periods"]["period"]]
    return [row]


def _warn_nothing(change: Change, done: Changed) -> None:
    """Note a change that finds nothing to change."""
    seen = "; ".join([*(f"{n}={t}" for n, t in change.rows), *([change.period] if change.period else [])]) or "all rows"
    what = f"finds nothing to {change.action} in table {change.table!r}"
    fix = "Correct the selection; what is empty is set or added, not multiplied"
    done.fault(change, "rows", what, seen, fix)


# ---------------------------------------------------------------------------------------------- over time


def _over_time(
    change: Change, tables: Mapping[str, pd.DataFrame], done: Changed
) -> list[tuple[str, str, tuple[str, ...], str, float]]:
    """Return the column, code, wider places, period and factor of every figure that a change multiplies over time."""
    frame, key = tables.get(change.table, pd.DataFrame()), _PLACED[change.table]
    rows = frame[rows_meant(frame, replace(change, period=""), tables)] if len(frame) else frame
    if not len(rows):
        _warn_nothing(change, done)
        return []
    periods = [change.period] if change.period else [str(p) for p in tables["periods"]["period"]]
    each = [(str(row[key]), _wider(change.table, row, tables)) for row in rows.to_dict("records")]
    return [(_column(change), code, wider, period, change.value) for code, wider in each for period in periods]


def _wider(table: str, row: Mapping[Any, Any], tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Return the wider places of a row whose factors hold where it has none of its own, the widest first."""
    at, more = row, tuple[object, ...]()
    if table == "plants":
        sites = tables["sites"]
        at = next(iter(sites[sites["site"] == row["site"]].to_dict("records")), {})
        more = (row["site"], f"{row['site']}/{row['plant_type']}")
    return tuple(str(place) for place in (at.get("country"), at.get("region"), *more) if isinstance(place, str))


def _change_trajectories(
    factors: Sequence[tuple[str, str, tuple[str, ...], str, float]], tables: Mapping[str, pd.DataFrame], done: Changed
) -> None:
    """Multiply figures by period: a place that has no row gets one, out of that of the next wider place that has."""
    if not factors:
        return
    empty = pd.DataFrame({"column": [], "place": [], "period": [], "factor": []})
    frame = done.tables.get("trajectories", empty)
    present = {
        (str(c), p if isinstance(p, str) else "", str(t)): float(f)
        for c, p, t, f in frame[["column", "place", "period", "factor"]].itertuples(index=False)
    }
    added: dict[tuple[str, str, str], float] = {}
    for column, code, wide, period, factor in factors:
        key = (column, code, period)
        known = [present[column, place, period] for place in ("", *wide) if (column, place, period) in present]
        added[key] = factor * added.get(key, present.get(key, known[-1] if known else 1.0))
        done.touched.add(("trajectories", "factor"))
    rows = [{"column": c, "place": p, "period": t, "factor": f} for (c, p, t), f in added.items()]
    old = [(c, p if isinstance(p, str) else "", t) not in added
           for c, p, t in frame[["column", "place", "period"]].itertuples(index=False)]  # fmt: skip
    others, new = frame[np.array(old, dtype=bool)], pd.DataFrame(rows)
    done.tables["trajectories"] = pd.concat([others, new], ignore_index=True) if len(others) else new
