"""Tell once of figures that were filled in and are imputed or old."""

from __future__ import annotations

import re
import warnings

import pandas as pd

from evsiting.errors import DataWarning, shown
from evsiting.study.across import check_across
from evsiting.study.findings import Findings
from evsiting.study.provenance import listing
from evsiting.study.study import Study

#: Figures older than this many years before the study's base year are old.
OLD_YEARS = 5
#: Tables whose figures are told of; parameters and lanes carry their years in ``study.sources``.
_TOLD = ("sites", "markets", "demand", "programs", "labor_pools")


def tell(call: str, rows: pd.DataFrame, base_year: int, *, stacklevel: int = 3) -> None:
    """Warn once of imputed and of old figures, by column with their number.

    Parameters
    ----------
    call : str
        The function that filled them in.
    rows : pandas.DataFrame
        Rows of table ``provenance``, one for each figure (or ``*`` for a whole column).
    base_year : int
        The study's base year; a figure of more than :data:`OLD_YEARS` before it is old.
    stacklevel : int
        As for :func:`warnings.warn`.
    """
    mine = rows[rows["table"].isin(_TOLD)]
    imputed = _counted(mine[mine["quality"] == "imputed"])
    age = mine["year"].map(oldest).astype("float64")
    old = mine[base_year - age > OLD_YEARS]
    aged = _counted(old, age[old.index])
    if not imputed and not aged:
        return
    parts = [f"imputed: {shown(imputed, 8)}"] if imputed else []
    parts += [f"of more than {OLD_YEARS} years before {base_year}: {shown(aged, 8)}"] if aged else []
    text = f"{call}: figures filled in are {'; '.join(parts)}. study.sources says where each is from"
    text += "; give your own to replace it"
    warnings.warn(text, DataWarning, stacklevel=stacklevel)


def tell_boundaries(call: str, study: Study, *, stacklevel: int = 3) -> None:
    """Warn where grid factors of one study take in different things: their sums would compare unlike with unlike."""
    tables = {name: study.table(name) for name in ("sites", "provenance", "sources")}
    if "boundary" not in tables["provenance"]:
        return
    rows = listing(tables)
    rows = rows[rows["column"] == "grid_factor_kg_per_kwh"]
    if rows["boundary"].nunique() > 1:
        seen = "; ".join(f"{b}: {n} sites" for b, n in rows.groupby("boundary")["values"].sum().items())
        text = f"{call}: grid factors of different boundaries stand in one study ({seen}). Give all within one"
        warnings.warn(text, DataWarning, stacklevel=stacklevel)


def told_once(study: Study, tables: dict[str, pd.DataFrame], *, expected: str = "", stacklevel: int = 4) -> Study:
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
    before = Findings()
    check_across(study.tables, before)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        made = Study.from_tables(study.settings, tables)
    for one in told:
        text = str(one.message)
        if text not in before.odd and not (expected and text.startswith(expected)):
            warnings.warn(one.message, stacklevel=stacklevel)
    return made


def oldest(year: object) -> float:
    """Return the first of the years that provenance names; NaN where it names none.

    Examples
    --------
    >>> oldest("2019;2024"), oldest("2025-06-01"), oldest("")
    (2019.0, 2025.0, nan)
    """
    found = re.findall(r"\b(?:19|20|21)\d\d\b", str(year))
    return float(min(found)) if found else float("nan")


def _counted(rows: pd.DataFrame, age: pd.Series[float] | None = None) -> list[str]:
    """Return each column with the number of its figures and, where asked for, their first year."""
    made = []
    for (table, column), group in rows.groupby(["table", "column"], sort=False):
        every = (group["row"] == "*").any()
        size = "all" if every else f"{len(group)}"
        since = f", {int(age[group.index].min())}" if age is not None else ""
        made.append(f"{table}.{column} ({size}{since})")
    return made
