"""Warnings of figures that are imputed or old, once for each study, and of lanes that are those of one plan."""

from __future__ import annotations

import re
import warnings

import pandas as pd

from evsiting.errors import DataWarning
from evsiting.study.provenance import listing
from evsiting.study.study import Study, odd_across_tables, with_changed_tables
from evsiting.study.validation.reachability import lanes_are_of_a_plan

#: Figures older than this many years before the study's base year are old.
OLD_YEARS = 5
#: Tables whose figures are told of; parameters and lanes carry their years in ``study.sources``.
_WATCHED_TABLES = ("sites", "markets", "demand", "programs", "labor_pools")


#: What has been said of which study: once in a process, not at every call.
_SAID: set[tuple[str, str]] = set()


def warn_imputed(call: str, rows: pd.DataFrame, study: Study, *, stacklevel: int = 3) -> None:
    """Warn of imputed and of old figures: how many columns have some, once in a process for each study.

    Parameters
    ----------
    call : str
        The function that filled them in.
    rows : pandas.DataFrame
        Rows of table ``provenance``, one for each figure (or ``*`` for a whole column).
    study : Study
        Its name tells what was said; a figure of more than :data:`OLD_YEARS` before its base year is old.
    stacklevel : int
        As for :func:`warnings.warn`.
    """
    base_year = study.settings.money.base_year
    rows_found = imputed_or_old(rows, base_year)
    columns = rows_found["table"] + "." + rows_found["column"]
    parts = [
        f"{word} ({', '.join(names[:2])}{f' and {len(names) - 2} more' if len(names) > 2 else ''})"
        for word, names in (
            ("imputed", columns[rows_found["imputed"].astype(bool)].unique().tolist()),
            (
                f"of more than {OLD_YEARS} years before {base_year}",
                columns[rows_found["age"] > OLD_YEARS].unique().tolist(),
            ),
        )
        if names
    ]
    text = f"{call}: figures filled in are {' and '.join(parts)}; evsiting.imputed_figures(study) lists them"
    if parts and (study.settings.study.name, text) not in _SAID:
        _SAID.add((study.settings.study.name, text))
        warnings.warn(text, DataWarning, stacklevel=stacklevel)


def imputed_or_old(rows: pd.DataFrame, base_year: int) -> pd.DataFrame:
    """Return rows of provenance of imputed and of old figures, as :func:`evsiting.imputed_figures` shows them."""
    mine = rows[rows["table"].isin(_WATCHED_TABLES)]
    year = mine["year"].map(oldest).astype("float64")
    made = mine.assign(imputed=mine["quality"] == "imputed", year=year, age=base_year - year)
    made = made[made["imputed"] | (made["age"] > OLD_YEARS)]
    columns = ["table", "column", "row", "imputed", "year", "age", "source", "note"]
    return pd.DataFrame(made[columns]).reset_index(drop=True)


def warn_of_boundaries(call: str, study: Study, *, stacklevel: int = 3) -> None:
    """Warn where grid factors of one study take in different things: their sums would compare unlike with unlike."""
    tables = {name: study.table(name) for name in ("sites", "provenance", "sources")}
    if "boundary" not in tables["provenance"]:
        return
    column = "grid_factor_kg_per_kwh"
    cited = tables["provenance"]
    if not cited.loc[cited["column"].isin([column, "*"]), "boundary"].fillna("").any():
        return
    tables["sites"] = tables["sites"][["site", column]]
    rows = listing(tables)
    rows = rows[rows["column"] == column]
    if rows["boundary"].nunique() > 1:
        seen = "; ".join(f"{b}: {n} sites" for b, n in rows.groupby("boundary")["values"].sum().items())
        text = f"{call}: grid factors of different boundaries stand in one study ({seen}). Give all within one"
        warnings.warn(text, DataWarning, stacklevel=stacklevel)


def recheck_quietly(study: Study, tables: dict[str, pd.DataFrame], *, expected: str = "", stacklevel: int = 4) -> Study:
    """Return the study of tables that a call has changed; what was odd before has been told, by the name of its file.

    Parameters
    ----------
    study : Study
        Before the call.
    tables : dict of str to pandas.DataFrame
        After it.
    expected : str
        How warnings begin that the call itself brings about, and tells in its own way.
    stacklevel : int
        As for :func:`warnings.warn`.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = with_changed_tables(study, tables)
    if not caught:
        return made
    before = odd_across_tables(study)
    for one in caught:
        text = str(one.message)
        if text not in before and not (expected and text.startswith(expected)):
            warnings.warn(one.message, stacklevel=stacklevel)
    return made


def oldest(year: object) -> float:
    """Return the first of the years that provenance names; NaN where it names none.

    Examples
    --------
    >>> oldest("2019;2024"), oldest("2025-06-01"), oldest("")
    (2019.0, 2025.0, nan)
    """
    years = re.findall(r"\b(?:19|20|21)\d\d\b", str(year))
    return float(min(years)) if years else float("nan")


def warn_of_lanes_of_a_plan(study: Study) -> None:
    """Tell, before a study is solved, that its lanes are those of one plan's plants alone.

    Parameters
    ----------
    study : Study
        Such as :func:`evsiting.with_lanes_of` makes.

    Warns
    -----
    DataWarning
        If its provenance says so.
    """
    if lanes_are_of_a_plan(study.table("provenance")):
        message = (
            f"table 'lanes' of study {study.settings.study.name!r} holds the lanes of one plan's plants alone: no "
            "other site can be chosen, and what is proven holds for these lanes, not for all that could be made"
        )
        warnings.warn(message, DataWarning, stacklevel=3)
