"""Decisions that are forced or forbidden, as rows of table ``limits``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from evsiting.results.plan import Plan
from evsiting.study.derived.limit_rows import limit_rows
from evsiting.study.study import Study

__all__ = ["opened_sites", "other_sites", "plants_built", "with_limit_rows"]

#: A row of table ``limits``, without the columns that are empty.
Row = dict[str, object]


def opened_sites(plan: Plan, plant_type: str = "") -> tuple[str, ...]:
    """Return the sites at which a plan builds at least one new plant, sorted; of one plant type where one is named.

    Examples
    --------
    >>> import evsiting as ev
    >>> len(opened_sites(ev.solve(ev.example("starter")))) > 0
    True
    """
    rows = plan.decisions["openings"]
    if plant_type:
        rows = rows[rows["plant_type"] == plant_type]
    return tuple(sorted(set(rows["site"].astype(str))))


def other_sites(
    sites: Collection[str], at_least: int | None = 1, *, at_most: int | None = None, plant_type: str = ""
) -> Row:
    """Return the row that asks for so many sites at least, or at most, that open otherwise than in a set.

    Examples
    --------
    >>> other_sites(["memphis", "windsor"])["members"]
    'memphis; windsor'
    """
    row: Row = {"kind": "sites_changed", "members": "; ".join(sites) or None, "plant_type": plant_type or None}
    return row | {"at_least": at_least, "at_most": at_most}


def plants_built(
    place: str | None,
    at_least: int | None = None,
    *,
    at_most: int | None = None,
    plant_type: str = "",
    option: str = "",
) -> Row:
    """Return the row that asks for so many new plants at a place at least, or at most.

    Examples
    --------
    >>> plants_built("US-TN", at_most=0)["at_most"]
    0
    """
    row: Row = {"kind": "plants_built", "place": place, "plant_type": plant_type or None, "option": option or None}
    return row | {"at_least": at_least, "at_most": at_most}


def with_limit_rows(study: Study, rows: Sequence[Row]) -> Study:
    """Return a study with more rows in its table ``limits``.

    Parameters
    ----------
    study : Study
        What is asked for so far.
    rows : sequence of dict
        Each a row; one without a name in ``limit`` gets one that no other row has.

    Raises
    ------
    InputError
        If a row does not hold in this study.

    Examples
    --------
    >>> import evsiting as ev
    >>> few = with_limit_rows(ev.example("starter"), [plants_built(None, at_most=3)])
    >>> few.limits["limit"].tolist()
    ['asked 1']
    """
    if not rows:
        return study
    old = limit_rows(study)
    taken = set(old["limit"].astype(str))
    made: list[Row] = []
    for row in rows:
        name = str(row.get("limit") or "")
        if not name:
            name = next(n for k in range(1, len(taken) + 2) if (n := f"asked {k}") not in taken)
        taken.add(name)
        made.append({**row, "limit": name})
    new = pd.DataFrame(made).reindex(columns=old.columns)
    new = new.astype({c: old[c].dtype for c in old.columns})
    kept = [c for c in old.columns if c in study.limits.columns or new[c].notna().any()]
    every = pd.concat([old, new], ignore_index=True) if len(old) else new
    return study.with_table("limits", every[kept])
