"""What-if cases as tables beside the plan that they change: what moves the answer, and how sure each site is."""

from __future__ import annotations

import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.results.case_plans import CasePlans
from evsiting.results.plan import Plan
from evsiting.study.derived.cases import BASE
from evsiting.study.derived.ranges import HIGH, LOW, checked_ranges

__all__ = ["selection_table", "spread_table", "tornado_table"]


def tornado_table(cases: CasePlans, plan: Plan, ranges: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what each range does to the objective and to the sites, the widest first.

    Parameters
    ----------
    cases : CasePlans
        A sweep over :func:`evsiting.tornado_cases` of the study that the plan answers.
    plan : Plan
        What is asked about.
    ranges : pandas.DataFrame, optional
        The ranges that were moved, for their factors.

    Returns
    -------
    pandas.DataFrame
        The columns of :meth:`CasePlans.tornado`; ``low_factor``, ``high_factor`` [1] and ``note`` where the ranges
        are given; ``low_opens``, ``low_drops``, ``high_opens``, ``high_drops``: sites that the plan at that end has
        and the one in the middle has not, and the other way round, parted by ``;``.

    Raises
    ------
    InputError
        If the cases are none of ranges, or change another study or objective than the plan's.
    """
    require_cases_of("tornado", cases, plan)
    table = cases.tornado()
    if not len(table):
        fix = "Sweep over evsiting.tornado_cases(ranges)"
        raise InputError([Problem("tornado", "the cases are no ends of ranges", ", ".join(cases.cases[:5]), fix)])
    if ranges is not None:
        known = {one.name: one for one in checked_ranges("tornado, ranges", ranges)}
        for column, attribute in (("low_factor", "low"), ("high_factor", "high"), ("note", "note")):
            table[column] = [getattr(known[n], attribute) if n in known else None for n in table["name"]]
    middle = _sites(cases.plans[BASE])
    for word, end in (("low", LOW), ("high", HIGH)):
        plans = [cases.plans.get(f"{name}{end}") for name in table["name"]]
        table[f"{word}_opens"] = [_joined(_sites(p) - middle) if p is not None else "" for p in plans]
        table[f"{word}_drops"] = [_joined(middle - _sites(p)) if p is not None else "" for p in plans]
    return table


def selection_table(cases: CasePlans, plan: Plan) -> pd.DataFrame:
    """Return how often each site is chosen (:meth:`CasePlans.selection`), and whether the plan builds there.

    Parameters
    ----------
    cases : CasePlans
        A sweep over :func:`evsiting.monte_carlo_cases` of the study that the plan answers.
    plan : Plan
        What is asked about.

    Raises
    ------
    InputError
        As :func:`tornado_table`.
    """
    require_cases_of("draws", cases, plan)
    table = cases.selection()
    new = plan.decisions["openings"]
    mine = list(dict.fromkeys(zip(new["site"].astype(str), new["plant_type"].astype(str), strict=True)))
    table["in_plan"] = [pair in mine for pair in zip(table["site"], table["plant_type"], strict=True)]
    known = set(zip(table["site"], table["plant_type"], strict=True))
    count = int(table["of"].iloc[0]) if len(table) else len(cases.plans)
    never = [(site, kind, 0, count, 0.0, 0.0, _never(count), True) for site, kind in mine if (site, kind) not in known]
    missing = pd.DataFrame(never, columns=table.columns)
    return pd.concat([table, missing], ignore_index=True) if len(missing) and len(table) else table


def _never(count: int) -> float:
    """Return the upper end of Wilson's interval where none of some draws has it."""
    z2 = 1.959964**2
    return z2 / (count + z2)


def spread_table(cases: CasePlans, plan: Plan) -> pd.DataFrame:
    """Return between which ends the totals lie (:meth:`CasePlans.spread`), and those of the plan as ``plan``.

    Parameters
    ----------
    cases, plan
        As for :func:`selection_table`.

    Raises
    ------
    InputError
        As :func:`tornado_table`.
    """
    require_cases_of("draws", cases, plan)
    table = cases.spread()
    table.insert(1, "plan", [plan.totals.get(str(name), 0.0) for name in table["total"]])
    return table


def require_cases_of(what: str, cases: CasePlans, plan: Plan) -> None:
    """Refuse cases that change another study than the one that a plan answers, or minimise something else.

    Parameters
    ----------
    what : str
        What they were given as.
    cases : CasePlans
        A sweep.
    plan : Plan
        What is asked about.

    Raises
    ------
    InputError
        If they do not belong together.
    """
    problems = []
    if cases.study_digest != plan.study_digest:
        seen = f"they change {cases.study_name!r} {cases.study_digest[:12]}, the plan answers {plan.study_digest[:12]}"
        problems.append(Problem(what, "the cases are of another study than the plan", seen, "Sweep the plan's study"))
    other = {p.solve.objective_name for p in cases.plans.values()} - {plan.solve.objective_name}
    if other:
        seen = f"{', '.join(sorted(other))} against {plan.solve.objective_name}"
        problems.append(Problem(what, "the cases minimise something else than the plan", seen, "Give its objective"))
    if plan.solve.caps:
        fix = "Give the plan of evsiting.solve(study)"
        problems.append(Problem(what, "the plan was solved under ceilings that the cases do not have", "", fix))
    if BASE not in cases.plans:
        seen = cases.status(BASE) if BASE in cases.cases else "no such case"
        problems.append(Problem(what, "the study as it stands has no plan among the cases", seen, "Sweep again"))
    if problems:
        raise InputError(problems)


def _sites(plan: Plan) -> set[str]:
    return set(plan.decisions["openings"]["site"].astype(str))


def _joined(codes: set[str]) -> str:
    return ";".join(sorted(codes))
