"""A plan that breaks limits, as the rows of tables that would allow it, in the language of ``scenario_changes``."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.results.analysis.limit_use import TARGETS, limit_use
from evsiting.results.ledgers.ledgers import demand_by_period
from evsiting.results.plan import Plan
from evsiting.study.scenario_changes import apply_changes, changes_of
from evsiting.study.study import Study, with_changed_tables

__all__ = ["COLUMNS", "changes_for", "with_table_changes"]

#: Columns of a table of changes: those of a table of cases.
COLUMNS = ("case", "based_on", "table", "column", "rows", "period", "action", "value", "note")
#: Relative excess below which nothing is broken; digits to which a figure is written, outwards.
BROKEN, DIGITS = 1e-6, 5
#: What is bounded in other tables: the table, the column that names a row, and the column of the bound.
_TABLES = {
    "labor pool": ("labor_pools", "pool", "available_fte"),
    "grid connection": ("sites", "site", "connectable_mw"),
    "gateway": ("gateways", "gateway", "capacity_t_per_yr"),
    "supplier": ("suppliers", "supplier", "capacity_units_per_yr"),
}
#: Units of limits that are counted in whole numbers.
_WHOLE = ("plants", "members", "sites", "sources")


def changes_for(study: Study, plan: Plan, families: Collection[str], name: str) -> pd.DataFrame:
    """Return the changes of tables under which a plan keeps to everything.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        It breaks limits.
    families : collection of str
        Families of constraints that it may break; ``demand`` and ``min_load`` are looked at only where they are named.
    name : str
        Name of the case that the rows are.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`, as :func:`evsiting.sweep` takes them.
    """
    rows = [*_limits(study, plan)]
    if "demand" in families:
        rows += _less_demand(study, plan)
    if "min_load" in families:
        rows += _lower_loads(study, plan)
    frame = pd.DataFrame([{"case": name, "based_on": None, "period": None, **row} for row in rows])
    return frame.reindex(columns=list(COLUMNS))


def _limits(study: Study, plan: Plan) -> Iterator[dict[str, object]]:
    """Yield the changes of bounds that a plan goes beyond."""
    use = limit_use(study, plan)
    over = use["used"] > use["at_most"] + BROKEN * use["at_most"].abs() + 1e-9
    under = use["used"] < use["at_least"] - BROKEN * use["at_least"].abs() - 1e-9
    for (family, name), part in use[over | under].groupby(["family", "name"], sort=False):
        unit = str(part["unit"].iloc[0])
        high, low = part[over.reindex(part.index)], part[under.reindex(part.index)]
        if family in _TABLES:
            table, code, column = _TABLES[str(family)]
            factor = float((high["used"] / high["at_most"]).max())
            if math.isfinite(factor):
                yield _row(table, f"{code}={name}", column, "multiply", _outwards(factor, up=True), "more of it")
            else:
                yield _row(table, f"{code}={name}", column, "set", _outwards(float(high["used"].max()), up=True), "")
            continue
        table, code = ("limits", "limit") if family in TARGETS else ("commitments", "commitment")
        for column, rows, up in (("at_most", high, True), ("at_least", low, False)):
            if len(rows):
                used = float(rows["used"].max() if up else rows["used"].min())
                value = _bound(used, unit, up=up)
                was = float(rows[column].iloc[0])
                yield _row(table, f"{code}={name}", column, "set", value, f"{column} {was:,.6g} becomes {value:,.6g}")


def _bound(used: float, unit: str, *, up: bool) -> float:
    """Return a bound that lets pass what is used: whole numbers and fractions stay such."""
    if unit in _WHOLE:
        return float(math.ceil(used - 1e-6) if up else math.floor(used + 1e-6))
    value = _outwards(used, up=up)
    return min(max(value, 0.0), 1.0) if unit == "1" else value


def _outwards(value: float, *, up: bool) -> float:
    """Return a figure of few digits that is as large or larger (``up``), or as small or smaller."""
    if value == 0.0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - DIGITS)
    number = math.ceil(value / step) if up else math.floor(value / step)
    return float(f"{number * step:.{DIGITS}g}")


def _less_demand(study: Study, plan: Plan) -> list[dict[str, object]]:
    """Return the changes that lower demand to what arrives."""
    key = ["market", "product", "period"]
    wanted = demand_by_period(study)
    arrived = plan.shipments.rename(columns={"destination": "market"}).groupby(key)["units_per_yr"].sum()
    unmet = plan.unmet.groupby(key)["units_per_yr"].sum() if len(plan.unmet) else pd.Series(dtype=float)
    index = pd.MultiIndex.from_frame(wanted[key].astype(str))
    served = sum(
        (part.reindex(index, fill_value=0.0).to_numpy(np.float64) for part in (arrived, unmet) if len(part)),
        np.zeros(len(wanted)),
    )
    rows = []
    for (market, product, period), want, has in zip(
        index, wanted["units_per_yr"].to_numpy(np.float64), served, strict=True
    ):
        if want > 0.0 and has < want * (1.0 - 10.0 * BROKEN):
            factor = _outwards(max(0.0, has) / want, up=False)
            note = f"{want:,.6g} a year become {factor * want:,.6g}"
            row = _row("demand", f"market={market}; product={product}", "units_per_yr", "multiply", factor, note)
            rows.append({**row, "period": period})
    return rows


def _lower_loads(study: Study, plan: Plan) -> list[dict[str, object]]:
    """Return the changes that leave out the minimum loads of what the plan opens."""
    opened = plan.decisions["openings"]
    options = study.options
    if "min_load" not in options or not len(opened):
        return []
    loaded = options[options["min_load"].fillna(0.0) > 0.0]
    mine = loaded.merge(opened[["plant_type", "option"]].drop_duplicates(), on=["plant_type", "option"])
    return [
        _row("options", f"plant_type={kind}; option={option}", "min_load", "set", 0.0, "no minimum load")
        for kind, option in zip(mine["plant_type"], mine["option"], strict=True)
    ]


def _row(table: str, rows: str, column: str, action: str, value: float, note: str) -> dict[str, object]:
    return {"table": table, "column": column, "rows": rows, "action": action, "value": value, "note": note}


def with_table_changes(study: Study, changes: pd.DataFrame) -> Study:
    """Return a study with a table of changes applied.

    Parameters
    ----------
    study : Study
        With its layers or without; what is changed must be in its tables.
    changes : pandas.DataFrame
        Columns :data:`COLUMNS`.

    Raises
    ------
    InputError
        If a change finds nothing to change.
    """
    rows = changes.rename(columns={"case": "scenario"})
    wanted, faults = changes_of(rows)
    before = study.tables
    done = apply_changes(before, wanted)
    if problems := [Problem("changes", f.what, f.seen, f.fix) for f in (*faults, *done.faults)]:
        raise InputError(problems)
    same = {table for table, frame in done.tables.items() if frame is before.get(table)}
    return with_changed_tables(study, done.tables, known=same)
