"""Read a table of what-if cases."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from evsiting.study.files.csv_tables import read_csv
from evsiting.study.findings import Findings, Place
from evsiting.study.schema.cases import CASES

__all__ = ["read_cases_file"]


def read_cases_file(path: str | Path, findings: Findings) -> pd.DataFrame | None:
    """Return the rows of a CSV file of what-if cases as text cells; None where it cannot be read.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    findings : Findings
        Where problems go; it learns where table ``cases`` was read from.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        seen = "it is a folder" if file.is_dir() else "there is no such file"
        findings.file(str(path), "is no table of cases", seen, f"Give a CSV file with columns {_HEADERS}")
        return None
    if file.suffix.lower() not in (".csv", ".tsv", ".txt"):
        findings.file(str(path), "is no CSV file", f"ending {file.suffix!r}", "Save the sheet of the cases as CSV")
        return None
    findings.places = {**findings.places, "cases": Place(file.name)}
    return read_csv(file, CASES, findings)


_HEADERS = ", ".join(column.header for column in CASES.columns)
