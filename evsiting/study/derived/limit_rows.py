"""Table ``limits`` with every column of the dictionary, whether the study gives it or not."""

from __future__ import annotations

import pandas as pd

from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study

__all__ = ["limit_rows"]


def limit_rows(study: Study) -> pd.DataFrame:
    """Return the limits of a study; columns that it leaves out are empty.

    Examples
    --------
    >>> import evsiting as ev
    >>> limit_rows(ev.example("starter"))["members"].notna().any()
    np.False_
    """
    rows: pd.DataFrame = pd.DataFrame(study.limits)
    for column in TABLES["limits"].columns:
        if column.name not in rows:
            text = column.dtype == "text"
            rows[column.name] = pd.Series(
                None if text else float("nan"), index=rows.index, dtype="str" if text else "float64"
            )
    return rows
