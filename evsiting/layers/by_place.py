"""Tables of figures by place, as a user writes them: site, state or country; the most exact row holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem, Problems, shown
from evsiting.layers.geo.vector import check_numbers
from evsiting.study.canonical.identifiers import identifiers
from evsiting.study.canonical.region_names import meant_region
from evsiting.study.validation.names import near_names

#: Column that names the place of a row.
PLACE = "place"


def read(table: object, where: str, *, numbers: tuple[str, ...], gaps: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return a copy of a user's table by place, its rows numbered, with empty text where no place is named.

    Parameters
    ----------
    table : object
        What the user gave: a data frame; without a column ``place`` its rows hold everywhere.
    where : str
        What messages call it.
    numbers, gaps : tuple of str
        Columns of numbers that must be filled; columns that may be missing or have empty cells.

    Raises
    ------
    InputError
        If it is no table, empty, lacks a column, or holds what is no number from zero up.
    """
    if not isinstance(table, pd.DataFrame) or not len(table):
        seen = "0 rows" if isinstance(table, pd.DataFrame) else type(table).__name__
        raise InputError([Problem(where, "is no table with rows", seen, "Give a pandas.DataFrame")])
    problems, made = Problems(), pd.DataFrame(table).reset_index(drop=True)
    for column in numbers:
        check_numbers(made, column, where, problems)
    for column in gaps:
        if column in made:
            check_numbers(made, column, where, problems, gaps=True)
    problems.raise_if_any()
    for column in (*numbers, *(g for g in gaps if g in made)):
        made[column] = pd.to_numeric(made[column]).astype("float64")
    made[PLACE] = _texts(made, PLACE)
    return made


def _texts(frame: pd.DataFrame, column: str) -> pd.Series[str]:
    if column not in frame:
        return pd.Series("", index=frame.index, dtype=object)
    return identifiers(frame[column])


def rows_at(table: pd.DataFrame, places: pd.DataFrame, key: str, where: str) -> pd.Series[Any]:
    """Return the place of the table whose rows hold for each site or market: its own, its state, its country, all.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`read` returns.
    places : pandas.DataFrame
        ``key`` and, where known, ``region`` and ``country``.
    key : str
        ``site`` or ``market``.
    where : str
        What messages call the table.

    Returns
    -------
    pandas.Series
        On the index of ``places``; missing where no row holds.

    Raises
    ------
    InputError
        If the table names places that none of them is, or lies in.
    """
    known = set(table[PLACE])
    made: pd.Series[Any] = pd.Series(np.nan, index=places.index, dtype=object)
    named: set[str] = {""}
    for column in (key, "region", "country"):
        if column in places:
            codes = places[column].astype(object)
            named |= set(codes.dropna())
            made = made.where(made.notna() | ~codes.isin(known), codes)
    if "" in known:
        made = made.where(made.notna(), "")
    lost = sorted(known - named - _everywhere())
    if lost:
        meant = {v: m for v in lost if (m := meant_region(v)) or (m := "".join(near_names(v, named - {""})[:1]))}
        hint = f"Did you mean {', '.join(f'{m} for {v!r}' for v, m in list(meant.items())[:3])}? " if meant else ""
        fix = f"{hint}Name a {key}, a state or province (US-TN) or a country (US), or leave the place empty for all"
        raise InputError([Problem(f"{where}, column {PLACE!r}", f"{len(lost)} names are no place", shown(lost), fix)])
    return made


def _everywhere() -> set[str]:
    """Return the codes of all countries and jurisdictions: a table may name more than the study has."""
    codes = reference.jurisdictions()["iso"]
    return {*codes, *codes.str[:2]}
