"""Plans for all scenarios as a table beside the plan of the base case: what each strategy costs in each scenario."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.results.plan import Plan
from evsiting.results.scenario_plans import ScenarioPlans, tail_mean

__all__ = ["futures_table", "strategies"]

_COLUMNS = ("strategy", "cvar_level", "scenario", "probability", "objective", "best_alone", "best_bound", "sites")


def futures_table(futures: Sequence[ScenarioPlans], plan: Plan) -> pd.DataFrame:
    """Return what plans for all scenarios come to in each of them.

    Parameters
    ----------
    futures : sequence of ScenarioPlans
        Of the study that the plan answers: for least expectation, for less risk, for least regret.
    plan : Plan
        What is asked about: that of the tables as they stand.

    Returns
    -------
    pandas.DataFrame
        One row a strategy and scenario: ``strategy``, ``cvar_level``, ``scenario``, ``probability``, ``objective``,
        ``best_alone`` and ``best_bound`` (where regret was minimised: the best plan of the scenario by itself, and its
        bound), ``sites`` of new plants, parted by ``;``.

    Raises
    ------
    InputError
        If they are of another study or objective than the plan.
    """
    rows: list[tuple[object, ...]] = []
    problems = []
    for plans in futures:
        if plans.study_digest != plan.study_digest:
            seen = f"{plans.study_digest[:12]} against {plan.study_digest[:12]}"
            problems.append(Problem("futures", "are of another study than the plan", seen, "Solve its study"))
        if plans.solve.weights != plan.solve.weights or plan.solve.caps:
            seen = f"{plans.solve.objective_name} against {plan.solve.objective_name}"
            problems.append(Problem("futures", "minimise something else than the plan", seen, "Give its objective"))
        sites = ";".join(sorted(set(plans.first.decisions["openings"]["site"].astype(str))))
        for name, own in plans.plans.items():
            best, bound = plans.best_alone.get(name, (math.nan, math.nan))
            rows.append((_strategy(plans), plans.cvar_level, name, plans.probability[name], own.solve.objective, best,
                         bound, sites))  # fmt: skip
    if problems:
        raise InputError(problems)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _strategy(plans: ScenarioPlans) -> str:
    """Return what the first stage was chosen for."""
    if plans.best_alone:
        return "least regret"
    if plans.risk_aversion:
        return f"weight {plans.risk_aversion:g} on the worst {1.0 - plans.cvar_level:.3g}"
    return "least expectation"


def strategies(futures: pd.DataFrame) -> pd.DataFrame:
    """Return one row a strategy of a table of :func:`futures_table`.

    Parameters
    ----------
    futures : pandas.DataFrame
        Of one study.

    Returns
    -------
    pandas.DataFrame
        ``strategy``, ``expected``, ``cvar`` (mean of the worst part, at ``level``), ``worst``, ``regret_least`` and
        ``regret_most`` (between which the largest regret lies; empty where the best plan of some scenario by itself is
        not known), ``sites``.

    Examples
    --------
    >>> rows = [
    ...     ("s", 0.5, name, 0.5, cost, best, best, "memphis")
    ...     for name, cost, best in (("a", 4.0, 3.0), ("b", 8.0, 8.0))
    ... ]
    >>> made = strategies(pd.DataFrame(rows, columns=list(_COLUMNS)))
    >>> made[["expected", "cvar", "worst", "regret_most"]].iloc[0].tolist()
    [6.0, 8.0, 8.0, 1.0]
    """
    known = futures.dropna(subset=["best_alone"]).drop_duplicates("scenario", keep="last").set_index("scenario")
    risky = futures.loc[futures["strategy"].astype(str).str.startswith("weight "), "cvar_level"]
    level = float(risky.iloc[-1]) if len(risky) else float(futures["cvar_level"].iloc[0])
    records = []
    for name, rows in futures.groupby("strategy", sort=False):
        cost, chance = rows["objective"].astype(float), rows["probability"].astype(float)
        own = rows["scenario"]
        least, most = (
            float((cost - own.map(known[c]).astype(float)).max()) if own.isin(known.index).all() else math.nan
            for c in ("best_alone", "best_bound")
        )
        records.append((name, float((cost * chance).sum()), tail_mean(cost, chance, level), level, float(cost.max()),
                      least, most, rows["sites"].iloc[0]))  # fmt: skip
    columns = ["strategy", "expected", "cvar", "level", "worst", "regret_least", "regret_most", "sites"]
    return pd.DataFrame(records, columns=columns)
