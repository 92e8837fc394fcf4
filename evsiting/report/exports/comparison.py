"""A comparison of plans as a workbook."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.report.comparison_words import asked_words, proof_words, summary_words
from evsiting.report.exports.about import About
from evsiting.report.exports.workbook import write_book
from evsiting.results.analysis.comparison import Comparison
from evsiting.study.objectives import OBJECTIVES

__all__ = ["write_comparison"]

_MEANING = {
    "totals": "The totals of each plan, and their differences from the first",
    "proven": "Between which ends the difference of the best possible plans lies, whatever the gaps",
    "plants": "Plants that some plan opens, closes or resumes; those that differ first",
    "flows": "Units shipped over the horizon, all modes together; the largest differences first",
    "ledgers": "Every ledger by item",
    "inputs": "Every cell of the input that differs from the study of the first plan",
}


def write_comparison(path: str | Path, compared: Comparison) -> Path:
    """Write a comparison as a workbook: what it says on the first sheet, then a sheet a table.

    Parameters
    ----------
    path : str or Path
        The ``.xlsx`` file to write.
    compared : Comparison
        As :func:`evsiting.compare` returns it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the file is not called ``.xlsx``, or a table is longer than a sheet can be.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> plan = ev.solve(study)
    >>> write_comparison("both.xlsx", ev.compare([(study, plan), (study, plan)])).name
    'both.xlsx'
    """
    if Path(path).suffix.lower() != ".xlsx":
        fix = "Give a name that ends in .xlsx"
        raise InputError([Problem("write_comparison, path", "is not an .xlsx file", str(path), fix)])
    sheets = {
        name: (_MEANING[name], _with_unit_headers(name, frame, compared)) for name, frame in compared.tables.items()
    }
    totals = [
        (f"{OBJECTIVES[str(row['total'])].title}, {name}", float(row[name]), OBJECTIVES[str(row["total"])].exact_unit)
        for row in compared.totals.to_dict("records")
        for name in compared.names
        if OBJECTIVES[str(row["total"])].need is None or row[name]
    ]
    digests = [(f"Study digest, {name}", plan.study_digest, "SHA-256") for name, plan in compared.plans.items()]
    gaps = [(f"Proven gap, {name}", plan.gap, "fraction") for name, plan in compared.plans.items()]
    words = proof_words(compared)
    content = About(
        name=" beside ".join(compared.names),
        question="",
        answer=summary_words(compared),
        consequence=asked_words(compared),
        honesty=" ".join(words),
        grade="good" if words and not any(w.startswith("Not proven") for w in words) else "fair",
        figures=totals,
        circumstances=[*gaps, *digests],
    )
    write_book(path, content, sheets)
    return Path(path)


def _with_unit_headers(name: str, frame: pd.DataFrame, comparison: Comparison) -> pd.DataFrame:
    """Return a table with units in the headers of its figures where all have one."""
    unit = {"flows": "unit"}.get(name)
    columns = {*comparison.names, *(f"{other} less {comparison.names[0]}" for other in comparison.names[1:])}
    renamed = {c: re.sub(r"[\[\]]", " ", c) + (f" [{unit}]" if unit else "") for c in columns}
    return frame.rename(columns=renamed).astype(object) if name == "inputs" else frame.rename(columns=renamed)
