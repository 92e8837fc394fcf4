"""How far a plan uses what limits it: targets, pools of money and staff, connections, gateways, suppliers."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from evsiting.results.cache import cached_per_plan
from evsiting.results.plan import Plan
from evsiting.results.rules import counts, energy, labor, limits, partners, programs, service
from evsiting.results.rules.bounds import HORIZON
from evsiting.results.rules.case import Examination, Violations
from evsiting.results.rules.flows import supplier
from evsiting.study.study import Study

__all__ = ["TARGETS", "limit_use"]

_Rule = Callable[[Examination], list[Violations]]
#: Limits that are rows of table ``limits``, with the unit of what they bound; shares are fractions.
_TARGETS: tuple[tuple[str, _Rule, str], ...] = (
    ("cost", limits.cost_cap, "USD"),
    ("emissions", limits.carbon_cap, "tCO2e"),
    ("transport emissions", limits.freight_carbon_cap, "tCO2e"),
    ("jobs", limits.jobs_floor, "job-year"),
    ("investment", limits.budget, "USD"),
    ("share of a place", limits.country_share, "1"),
    ("imported share", limits.import_share, "1"),
    ("concentration", limits.concentration, "1"),
    ("on time", service.service, "1"),
    ("renewable power", limits.renewable, "1"),
    ("survival", limits.survive, "1"),
    ("staff", limits.staffing, "FTE"),
    ("number of plants", counts.count, "plants"),
    ("open members", counts.logic, "members"),
    ("changed sites", counts.sites_changed, "sites"),
    ("programs used", counts.programs_used, "claims"),
    ("throughput", counts.throughput, "unit/yr"),
    ("sources of a market", counts.sources, "sources"),
)
#: Families of limits that are rows of table ``limits``.
TARGETS = tuple(family for family, _, _ in _TARGETS)
#: Limits of other tables: the column that names them, and their unit.
_BOUNDS: tuple[tuple[str, _Rule, str, str], ...] = (
    ("pool of a program", programs.RULES["pool"], "program", "USD"),
    ("labor pool", labor.labor_pool, "pool", "FTE"),
    ("grid connection", energy.grid, "site", "MW"),
    ("gateway", partners.gateway, "gateway", "t/yr"),
    ("commitment", partners.partner, "commitment", "unit/yr"),
    ("supplier", supplier, "supplier", "unit/yr"),
)
_COLUMNS = ("family", "name", "what", "period", "used", "at_least", "at_most", "unit", "slack", "use", "violation")
_NUMBERS = ("used", "at_least", "at_most", "slack", "use", "violation")


def limit_use(study: Study, plan: Plan, *, only: Collection[str] = ()) -> pd.DataFrame:
    """Return every limit of a study with what the plan uses of it, as the certificate recomputes it.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.
    only : collection of str
        Families to look at; all where empty.

    Returns
    -------
    pandas.DataFrame
        ``family`` (target or kind of limit), ``name``, ``what`` (for concentration: the one that carries most),
        ``period`` (``horizon``: all of it), ``used``, ``at_least``, ``at_most`` (NaN: no bound), ``unit`` (``1``: a
        fraction), ``slack``: distance to the nearer bound [unit], ``use``: of a ceiling, the part that is used; of a
        floor, the floor as a part of what is there; 1 is binding [1], ``violation``: by how much a soft limit is broken
        [unit; of a share, the units, MWh, USD or FTE that it is a part of].
    """
    return _use_table(study, plan, only) if only else _use_of_all(study, plan).copy()


@cached_per_plan
def _use_of_all(study: Study, plan: Plan) -> pd.DataFrame:
    return _use_table(study, plan, ())


def _use_table(study: Study, plan: Plan, only: Collection[str]) -> pd.DataFrame:
    case = Examination(study, plan)
    every = [*((family, rule, "limit", unit) for family, rule, unit in _TARGETS), *_BOUNDS]
    wanted = [one for one in every if not only or one[0] in only]
    parts = [_rows(family, rows, name, unit) for family, rule, name, unit in wanted for rows in _row_tables(rule(case))]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame({c: pd.Series(dtype="float64" if c in _NUMBERS else "str") for c in _COLUMNS})
    table = pd.concat(parts, ignore_index=True)
    low, high, used = (table[c].to_numpy(np.float64) for c in ("at_least", "at_most", "used"))
    table["slack"] = np.fmin(np.where(np.isnan(low), np.inf, used - low), np.where(np.isnan(high), np.inf, high - used))
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = np.where(low > 0, low / used, np.nan)
        ceiling = np.where(high > 0, used / high, np.where((high <= 0) & (used > 0), np.inf, np.nan))
    table["use"] = np.fmax(floor, ceiling)
    order = {p: n for n, p in enumerate([*case.periods["period"], HORIZON])}
    table = table.assign(rank=table["period"].map(order).fillna(len(order)), nth=pd.factorize(table["family"])[0])
    return table.sort_values(["nth", "name", "rank"], kind="stable", ignore_index=True)[list(_COLUMNS)]


def _row_tables(violations: list[Violations]) -> list[pd.DataFrame]:
    """Return the rows that rules compared with bounds."""
    return [part.rows.reset_index(drop=True) for part in violations if part.rows is not None and len(part.rows)]


def _rows(family: str, rows: pd.DataFrame, name: str, unit: str) -> pd.DataFrame:
    """Return rows of a rule as they are shown."""
    share = unit == "1"
    whole = rows["whole"].astype(np.float64) if share else pd.Series(1.0, index=rows.index)
    whole = whole.where(whole > 0.0)
    bounds = rows.assign(at_most=rows["allowed"], at_least=np.nan) if "allowed" in rows else rows
    out = pd.DataFrame(
        {
            "family": family,
            "name": rows[name].astype(str),
            "what": rows["group"].astype(str) if "group" in rows else "",
            "period": rows["period"].astype(str) if "period" in rows else HORIZON,
            "used": rows["found"].astype(np.float64) / whole,
            "violation": rows["violation"].astype(np.float64) if "violation" in rows else 0.0,
            "at_least": bounds["at_least"].astype(np.float64) / whole,
            "at_most": bounds["at_most"].astype(np.float64) / whole,
            "unit": np.where(rows["kind"] == "throughput_mass", "t/yr", unit) if "kind" in rows else unit,
        }
    )
    if "group" in rows:  # of all that a concentration limit looks at, the one that carries most
        out = out.sort_values("used", ascending=False, kind="stable").drop_duplicates(["name", "period"])
    return out[out["used"].notna()]
