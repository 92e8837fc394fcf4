"""Checks of dates: periods without gaps, years in order, rows of one thing that do not overlap, and the horizon."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evsiting.errors import shown
from evsiting.study.buildable import running
from evsiting.study.findings import Findings, count
from evsiting.study.schema.tables import TABLES

__all__ = ["check_dates"]

#: Tables whose rows hold from a first to a last year, with what together names one thing that may have several rows.
_THINGS: Mapping[str, tuple[str, ...]] = {
    "plants": ("plant",),
    "duties": ("product", "origin", "destination", "measure"),
    "quotas": ("quota",),
    "duty_offsets": ("destination", "product", "measure"),
    "programs": ("program", "country", "region", "plant_type", "product", "kind"),
}
#: What names the whole of which all rows must lie outside the horizon before that is told.
_WHOLE: Mapping[str, tuple[str, ...]] = {**_THINGS, "programs": ("program",)}


def check_dates(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Note periods and years that cannot be; tell what lies outside the horizon.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    """
    _check_periods(tables, findings)
    for name, key in _THINGS.items():
        if len(tables.get(name, ())):
            frame = tables[name]
            _check_order(name, frame, findings)
            _check_overlap(name, frame, key, findings)
            _warn_outside(name, frame, tables.get("periods"), findings)


def _check_periods(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse periods that overlap or leave years out."""
    if "periods" not in tables:
        return
    frame = tables["periods"].dropna(subset=["start_year", "years"]).sort_values("start_year")
    frame = frame[(frame["start_year"] % 1 == 0) & (frame["years"] % 1 == 0)]
    end = frame["start_year"] + frame["years"]
    if (end.iloc[:-1].to_numpy() == frame["start_year"].iloc[1:].to_numpy()).all():
        return
    names = frame["period"].fillna("")
    span = names + ": " + _years(frame["start_year"]) + " to " + _years(end - 1)
    for late, what, fix in (
        (end.shift() > frame["start_year"], "begun before the one before has ended", ""),
        (end.shift() < frame["start_year"], "begun years after the one before has ended", ": no year may be left out"),
    ):
        if late.any():
            findings.table(
                findings.where("periods", "start_year", "years"),
                f"{count(int(late.sum()), len(frame), 'period')} {what}",
                shown(f"{before}, then {after}" for before, after in zip(span.shift()[late], span[late], strict=True)),
                f"Let each period begin in the year after the one before{fix}",
            )


def _years(values: pd.Series) -> pd.Series:
    return values.astype("int64").astype("str")


def _check_order(name: str, frame: pd.DataFrame, findings: Findings) -> None:
    """Refuse parts of years, and rows that end before they begin."""
    for column in ("first_year", "last_year"):
        part = frame[column].notna() & (frame[column] % 1 != 0)
        if part.any() and TABLES[name].column(column).dtype == "number":  # those of whole numbers have been told
            findings.table(
                findings.where(name, column),
                f"{count(int(part.sum()), len(frame))} no whole year",
                findings.rows(name, frame.loc[part, column]),
                "Give a calendar year",
            )
    back = frame["last_year"] < frame["first_year"]
    if back.any():
        seen = frame["first_year"][back].map("{:.0f}".format) + " to " + frame["last_year"][back].map("{:.0f}".format)
        findings.table(
            findings.where(name, "first_year", "last_year"),
            f"{count(int(back.sum()), len(frame), 'row')} ended before it begins",
            findings.rows(name, seen),
            "Swap the years or correct them",
        )


def _spans(name: str, frame: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """Return key, ``first`` and ``last`` year, infinite where open, of the rows that are whole and in order."""
    must = [column for column in key if not TABLES[name].column(column).nullable]
    first = frame["first_year"].astype("float64").fillna(-np.inf)
    last = frame["last_year"].astype("float64").fillna(np.inf)
    good = (last >= first) & frame[must].notna().all(axis=1)
    return frame[list(key)].fillna("").assign(first=first, last=last)[good]


def _span(first: float, last: float) -> str:
    """Return years as a reader says them.

    Examples
    --------
    >>> _span(2027.0, np.inf), _span(-np.inf, 2030.0), _span(2028.0, 2029.0)
    ('from 2027', 'to 2030', '2028 to 2029')
    """
    if np.isinf(first):
        return "always" if np.isinf(last) else f"to {last:.0f}"
    return f"from {first:.0f}" if np.isinf(last) else f"{first:.0f} to {last:.0f}"


def _key_text(frame: pd.DataFrame, key: tuple[str, ...]) -> pd.Series:
    """Return what rows are about: the parts of their key that are filled, joined."""
    cells = [frame[column].fillna("").tolist() for column in key]
    return pd.Series(
        [" ".join(str(c) for c in row if c) for row in zip(*cells, strict=True)], index=frame.index, dtype="str"
    )


def _check_overlap(name: str, frame: pd.DataFrame, key: tuple[str, ...], findings: Findings) -> None:
    """Refuse rows of one thing that hold in the same year: they would count twice."""
    if len(set(zip(*(frame[c].fillna("").tolist() for c in key), strict=True))) == len(frame):
        return
    rows = _spans(name, frame, key)
    rows = rows[rows.duplicated(list(key), keep=False)].sort_values([*key, "first", "last"], kind="stable")
    if not len(rows):
        return
    longest: dict[tuple[object, ...], tuple[float, float]] = {}
    previous: dict[tuple[object, ...], float] = {}
    late: dict[object, str] = {}
    for label, what, *thing, first, last in zip(
        rows.index, _key_text(rows, key), *(rows[c] for c in (*key, "first", "last")), strict=True
    ):
        one = tuple(thing)
        other = longest.get(one)
        if other is not None and first <= other[1] and first != previous[one]:  # of one first year: told as duplicates
            late[label] = f"{_span(first, last)} beside {_span(*other)}: {what}"
        previous[one] = first
        longest[one] = max(other or (first, last), (first, last), key=lambda span: span[1])
    if not late:
        return
    findings.table(
        findings.where(name, "first_year", "last_year"),
        f"{count(len(late), len(frame), 'row')} in force while another row of the same is, and would count twice",
        findings.rows(name, pd.Series(late, dtype="str")),
        "Let each row begin in the year after the one before has ended, or give them different names",
    )


def _warn_outside(name: str, frame: pd.DataFrame, periods: pd.DataFrame | None, findings: Findings) -> None:
    """Tell of what is over before the horizon begins, or begins after it: it has no effect."""
    spans = pd.DataFrame() if periods is None else periods[["start_year", "years"]].dropna()
    if not len(spans):
        return
    begin, end = int(spans["start_year"].min()), int((spans["start_year"] + spans["years"] - 1).max())
    if name == "plants":
        frame = frame[running(frame)]
    first, last = (frame[c].to_numpy(np.float64) for c in ("first_year", "last_year"))
    if not ((last < begin) | (first > end)).any():
        return
    rows = _spans(name, frame, _WHOLE[name])
    rows["outside"] = (rows["last"] < begin) | (rows["first"] > end)
    idle = rows[rows.groupby(list(_WHOLE[name]), sort=False)["outside"].transform("all")]
    if len(idle):
        spans_of: dict[str, list[str]] = {}
        for what, a, b in zip(_key_text(idle, _WHOLE[name]), idle["first"], idle["last"], strict=True):
            spans_of.setdefault(what, []).append(_span(a, b))
        seen = shown(f"{what} ({shown(dict.fromkeys(each))})" for what, each in spans_of.items())
        findings.warnings.append(
            f"{findings.where(name, 'first_year', 'last_year')}: outside the horizon, {begin} to {end}, and without "
            f"effect: {seen}"
        )
