"""How limits are compared with what a plan does: their rows by period, and by how much each is broken."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.rules.case import TINY, Examination, Violations, code

__all__ = ["HORIZON", "check_bounds", "horizon_limits", "limits_in_periods", "lies_at", "check_shares"]

#: Period of a limit that holds over all periods together.
HORIZON = "horizon"


def horizon_limits(case: Examination, *kinds: str) -> pd.DataFrame:
    """Return limits of some kinds on totals: ``period`` is that of the limit, or :data:`HORIZON`."""
    rows = _limits(case, kinds)
    rows = rows.assign(period=rows["period"].astype(object).where(rows["period"].notna(), HORIZON))
    return _with_violations(case, rows)


def limits_in_periods(case: Examination, *kinds: str) -> pd.DataFrame:
    """Return limits of some kinds with one row for each period in which they hold."""
    rows = _limits(case, kinds)
    if rows.empty:
        return rows
    always = rows[rows["period"].isna()].drop(columns="period")
    always = always.merge(case.periods[["period", "start_year"]], how="cross")
    always = always[~(always["start_year"] < always["first_year"])].drop(columns="start_year")
    return _with_violations(case, pd.concat([rows[rows["period"].notna()], always], ignore_index=True))


def _with_violations(case: Examination, rows: pd.DataFrame) -> pd.DataFrame:
    """Return limits with the ``violation`` that the plan states: of a hard limit none, over the horizon the last."""
    last = str(case.periods["period"].iloc[-1])
    stated = case.tables["violations"]
    known = dict(zip(zip(stated["limit"], stated["period"], strict=True), stated["amount"], strict=True))
    amounts = [
        float(known.get((limit, last if period == HORIZON else period), 0.0)) if price == price else 0.0
        for limit, period, price in zip(rows["limit"], rows["period"], rows["penalty_usd_per_unit"], strict=True)
    ]
    return rows.assign(violation=np.array(amounts, dtype=np.float64))


def _limits(case: Examination, kinds: tuple[str, ...]) -> pd.DataFrame:
    mine = case.limits["kind"].isin(kinds) if len(case.limits) else pd.Series(dtype=bool)
    rows: pd.DataFrame = case.limits[mine].reset_index(drop=True)
    return rows


def lies_at(frame: pd.DataFrame, place: object) -> np.ndarray:
    """Return which rows of ``country``, ``region``, ``code`` lie at a place; all where it is empty. shape (rows,)."""
    if not isinstance(place, str):
        return np.ones(len(frame), dtype=np.bool_)
    country, region, code = (frame[c].eq(place).to_numpy(np.bool_) for c in ("country", "region", "code"))
    return np.asarray(country | region | code)


def check_bounds(rows: pd.DataFrame, key: list[str], words: str) -> Violations:
    """Return by how much amounts leave their bounds.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``found``, ``at_least``, ``at_most`` (NaN: no bound) and ``size``, against which an excess is measured; and the
        key. A ``violation`` that a soft limit pays for is no excess.
    key : list of str
        Columns that name a row.
    words : str
        What is found, with ``{found}``.
    """
    found = rows["found"].to_numpy(np.float64)
    low = rows["at_least"].fillna(-np.inf).to_numpy(np.float64)
    high = rows["at_most"].fillna(np.inf).to_numpy(np.float64)
    slack = rows["violation"].to_numpy(np.float64) if "violation" in rows else 0.0
    with np.errstate(invalid="ignore"):  # what is infinite has no excess over a bound that is
        excess = np.maximum(np.maximum(low - found, found - high) - slack, 0.0)
        broken = excess / np.maximum(rows["size"].to_numpy(np.float64), TINY)
    broken = np.where(np.isfinite(found) & np.isfinite(broken), broken, np.inf)

    def tell(row: int) -> tuple[str, str]:
        side = f"at least {low[row]:,.6g}" if found[row] < low[row] else f"at most {high[row]:,.6g}"
        return code(rows, key, row), f"{words.format(found=found[row])}, {side} by the limit"

    return Violations(broken, tell, rows)


def check_shares(rows: pd.DataFrame, key: list[str], words: str) -> Violations:
    """Return by how much parts leave their share of a whole; nothing is divided, so that the whole may be zero.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``part``, ``whole``, and the shares ``at_least``, ``at_most`` (NaN: no bound). An excess is measured against the
        whole, though never against less than a thousandth of the limit's largest whole.
    key, words
        As for :func:`check_bounds`.
    """
    whole = rows["whole"].astype(np.float64)
    largest = whole.groupby(rows["limit"]).transform("max") if len(rows) else whole
    return check_bounds(
        rows.assign(
            found=rows["part"],
            at_least=rows["at_least"] * whole,
            at_most=rows["at_most"] * whole,
            size=np.maximum(whole, 1e-3 * largest),
        ),
        key,
        words,
    )
