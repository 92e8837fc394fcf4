"""What a data dictionary is made of: a model a table, an entry a column, and the record of all of them.

The entries themselves are in :mod:`evsiting.study.schema.tables`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandera.pandas as pa

__all__ = ["Column", "Model", "Table", "table_entry", "field", "records"]


def field(
    title: str,
    meaning: str,
    *,
    unit: str = "",
    label: str = "",
    of: str = "",
    boundary: str = "",
    lean: bool = False,
    **rules: Any,
) -> Any:
    """Return a pandera field that carries the dictionary's entries for one column."""
    facts = {"unit": unit, "label": label, "of": of, "boundary": boundary, "lean": lean}
    return pa.Field(title=title, description=meaning, metadata=facts, coerce=True, **rules)


class Model(pa.DataFrameModel):
    """One table of a study as a pandera model; its docstring is the table's meaning."""

    class Config:
        """Columns of the user's own pass."""

        strict = False


@dataclass(frozen=True)
class Column:
    """One column of the data dictionary.

    Parameters
    ----------
    name : str
        Name in a data frame.
    label : str
        Name before a bracketed unit in a file header.
    title, meaning : str
        For people.
    unit : str
        Canonical unit; empty for text.
    dtype : str
        ``text``, ``number`` or ``integer``.
    required, nullable : bool
        Whether the column must be there, and whether a cell may be empty.
    default : object
        What a missing column or an empty cell means, if not "unknown".
    low, high : str
        Bounds as printed, such as ``> 0``.
    choices : tuple of str
        Allowed values, if they are few.
    of : str
        ``table.column`` whose values this column may take.
    boundary : str
        What the figure takes in and what it leaves out, unless provenance says otherwise: at the stack, say.
    lean : bool
        The column is there only where the user or a layer gives it; the others stand in every study.
    """

    name: str
    label: str
    title: str
    meaning: str
    unit: str
    dtype: str
    required: bool
    nullable: bool
    default: object
    low: str
    high: str
    choices: tuple[str, ...]
    of: str
    boundary: str = ""
    lean: bool = False

    @property
    def header(self) -> str:
        """Header in a written file: the label with its unit in brackets where the unit is convertible."""
        return f"{self.label} [{self.unit}]" if self.label != self.name else self.name


@dataclass(frozen=True)
class Table:
    """One table of the data dictionary.

    Parameters
    ----------
    name, meaning : str
        Name in a study, and what it holds.
    key : tuple of str
        Columns that together name a row.
    columns : tuple of Column
        In the order in which they are written.
    geometry : bool
        Whether a row is a point (``lat``, ``lon`` in text files).
    required : bool
        Whether a study must have it.
    derived : bool
        Whether a layer makes it where the study leaves it out.
    schema : pandera.pandas.DataFrameSchema
        The checks.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    geometry: bool
    required: bool
    derived: bool
    schema: Any

    def column(self, name: str) -> Column:
        """Return the column called ``name`` (by name or by label).

        Raises
        ------
        KeyError
            If there is none.
        """
        for column in self.columns:
            if name in (column.name, column.label):
                return column
        msg = f"table {self.name!r} has no column {name!r}"
        raise KeyError(msg)


def _column(name: str, entry: Any) -> Column:
    """Return a column of a pandera schema as an entry of the dictionary."""
    facts = entry.metadata or {}
    bounds = {check.name: check.statistics for check in entry.checks}
    low = next(
        (
            f"{sign} {stats['min_value']:g}"
            for rule, sign in (("greater_than", ">"), ("greater_than_or_equal_to", ">="))
            if (stats := bounds.get(rule))
        ),
        "",
    )
    high = next(
        (
            f"{sign} {stats['max_value']:g}"
            for rule, sign in (("less_than", "<"), ("less_than_or_equal_to", "<="))
            if (stats := bounds.get(rule))
        ),
        "",
    )
    kind = str(entry.dtype)
    dtype = "integer" if kind.startswith("int") else "number" if kind.startswith("float") else "text"
    return Column(
        name=name,
        label=facts["label"] or name,
        title=entry.title,
        meaning=entry.description,
        unit=facts["unit"],
        dtype=dtype,
        required=entry.required,
        nullable=entry.nullable,
        default=entry.default,
        low=low,
        high=high,
        choices=tuple(bounds.get("isin", {}).get("allowed_values", ())),
        of=facts["of"],
        boundary=facts["boundary"],
        lean=facts["lean"],
    )


def table_entry(
    name: str,
    model: type[Model],
    key: tuple[str, ...],
    *,
    geometry: bool = False,
    required: bool = False,
    derived: bool = False,
) -> Table:
    """Return the dictionary's entry for a model; see :class:`Table` for the arguments."""
    schema = model.to_schema()
    columns = tuple(_column(str(k), v) for k, v in schema.columns.items())
    return Table(name, (model.__doc__ or "").strip(), key, columns, geometry, required, derived, schema)


def records(tables: Iterable[Table]) -> list[dict[str, object]]:
    """Return one record a column of these tables; see :func:`evsiting.study.schema.tables.dictionary`."""
    return [
        {
            "table": t.name,
            "column": c.name,
            "header": c.header,
            "title": c.title,
            "meaning": c.meaning,
            "unit": c.unit,
            "dtype": c.dtype,
            "range": " or ".join(c.choices) or ", ".join(b for b in (c.low, c.high) if b),
            "required": c.required and not c.nullable,
            "default": c.default,
            "of": c.of,
        }
        for t in tables
        for c in t.columns
    ]
