"""Ceilings on what is read, in one place: how much a file may hold before anything of it is unpacked or parsed.

One of them is on what is made of it: the program. They are far above any study that has been met (the largest shipped
one has 79,000 lanes) and far below what would fill a machine's memory. Who means more says so: with
``EVSITING_CEILINGS=4`` in the environment each ceiling is four times as high.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.study.findings import Findings

__all__ = ["CEILINGS", "VARIABLE", "ceiling", "higher", "most_rows", "within"]

#: Environment variable that multiplies every ceiling.
VARIABLE = "EVSITING_CEILINGS"

#: What a file of a study may hold, and a program.
CEILINGS: Mapping[str, int] = MappingProxyType(
    {
        "rows": 500_000,  # of a table
        "long rows": 3_000_000,  # of lanes and of incentives
        "columns": 2_000,  # of a table
        "cells": 60_000_000,  # of a table: rows times columns
        "workbook cells": 5_000_000,  # of all sheets together, filled ones
        "characters": 131_072,  # in one cell
        "line": 1_000_000,  # bytes of a line of text
        "geojson": 100_000_000,  # bytes of a GeoJSON file
        "bytes": 1_000_000_000,  # of a GeoPackage or Parquet file
        "unpacked": 300_000_000,  # bytes of the parts of a workbook
        "settings": 5_000_000,  # bytes of study.toml
        "levels": 20,  # of tables within tables in study.toml
        "layer": 3_000_000_000,  # bytes of a file of points, lines or areas, unpacked
        "features": 10_000_000,  # of a file of points, lines or areas
        "graphml": 400_000_000,  # bytes of a GraphML file: as a graph of networkx it takes ten times as much
        "raster": 20_000_000_000,  # cells of a raster, and those read around all points together
        "raster at once": 200_000_000,  # cells of a raster that are held in memory together
        "program lanes": 4_000_000,  # lanes times periods of one program: each takes memory in it and in its solver
    }
)
_LONG = ("lanes", "incentives")


def times() -> float:
    """Return by how much the user raises every ceiling; 1 where nothing is said.

    Raises
    ------
    InputError
        If the environment says what is no number from 1 up.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return 1.0
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 1.0 <= value <= 1e6:
        raise InputError(
            [
                Problem(
                    f"environment, {VARIABLE}",
                    "is no number from 1 to 1,000,000",
                    repr(text),
                    "Give how many times as much as usual may be read, such as 4; or unset it",
                )
            ]
        )
    return value


def ceiling(name: str) -> int:
    """Return one ceiling of :data:`CEILINGS`, as far as the user has raised it.

    Examples
    --------
    >>> ceiling("levels")
    20
    """
    return int(CEILINGS[name] * times())


def most_rows(table: str) -> int:
    """Return how many rows a table may have.

    Examples
    --------
    >>> most_rows("sites"), most_rows("lanes")
    (500000, 3000000)
    """
    return ceiling("long rows" if table in _LONG else "rows")


def higher(have: float, most: float) -> str:
    """Return how to have more read than a ceiling allows.

    Examples
    --------
    >>> higher(9, 4)
    'or set EVSITING_CEILINGS=3 to read it all the same'
    """
    return f"or set {VARIABLE}={math.ceil(times() * have / most)} to read it all the same"


def within(table: str, where: str, findings: Findings, *, rows: int, columns: int) -> bool:
    """Whether a table of that size may be read; noted where it may not.

    Parameters
    ----------
    table : str
        Its name in the data dictionary.
    where : str
        What messages call it.
    findings : Findings
        Where the problem goes.
    rows, columns : int
        What the file says that it holds.
    """
    for have, most, what in (
        (rows, most_rows(table), f"has more rows than a table of {table} can have"),
        (columns, ceiling("columns"), "has more columns than a table can have"),
        (rows * columns, ceiling("cells"), "has more cells than a table can have"),
    ):
        if have > most:
            fix = f"Check what the file holds, give less, {higher(have, most)}"
            findings.file(where, what, f"{have:,}; at most {most:,} are read", fix)
            return False
    return True


def texts_within(frame: pd.DataFrame, where: str, findings: Findings) -> bool:
    """Whether no cell of a table holds more text than is read; each column that does is noted."""
    most, good = ceiling("characters"), True
    for k, column in enumerate(frame.columns):
        cells = frame.iloc[:, k]
        if getattr(cells.dtype, "kind", "O") not in "OUS" or str(cells.dtype) == "geometry":
            continue
        values = cells.tolist()
        kinds = set(map(type, values))
        if not any(issubclass(kind, str | bytes) for kind in kinds):
            continue
        texts = values if kinds == {str} else (v for v in values if isinstance(v, str | bytes))
        longest = max(map(len, texts), default=0)
        if longest > most:
            findings.file(
                f"{where}, column {str(column)[:60]!r}",
                "holds a text that is longer than a cell can be",
                f"{longest:,} characters; at most {most:,} are read",
                f"Shorten it, {higher(longest, most)}",
            )
            good = False
    return good
