"""What a comparison of plans says, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from evsiting.report.number_format import column_digits, format_objective
from evsiting.results.analysis.comparison import Comparison
from evsiting.study.objectives import OBJECTIVES, bound_words, least_is_best

__all__ = [
    "asked_words",
    "difference_words",
    "interval_words",
    "moved_words",
    "proof_sentence",
    "proof_words",
    "summary_words",
]


def difference_words(name: str, difference: float, figures: int = 3) -> str:
    """Return a difference of totals with its sign, in some significant figures.

    Examples
    --------
    >>> (
    ...     difference_words("cost", 6.29e9),
    ...     difference_words("jobs", -3260.0),
    ...     difference_words("emissions", 0.0),
    ... )
    ('+USD 6.29 bn', '−3,260 job-years', 'same')
    """
    if not difference:
        return "same"
    return f"{'+' if difference > 0 else '−'}{format_objective(name, abs(difference), figures)}"


def summary_words(comparison: Comparison) -> str:
    """Return how many decisions on plants differ, and what that does to the totals, in a sentence."""
    plants, base = comparison.plants, comparison.names[0]
    differ = int(plants["differs"].sum())
    sentence = "The same plants" if not differ else f"{differ} of {len(plants)} decisions on plants differ"
    if len(comparison.names) > 2:
        return f"{sentence}, {len(comparison.names)} plans beside each other."
    column = f"{comparison.names[1]} less {base}"
    parts = [
        f"{OBJECTIVES[str(row['total'])].spoken} {difference_words(str(row['total']), float(row[column]))}"
        for row in comparison.totals.to_dict("records")
        if row[column]
    ]
    return f"{sentence}. {comparison.names[1]} against {base}: {', '.join(parts) or 'the same totals'}."


def asked_words(comparison: Comparison) -> str:
    """Return what each plan minimised, and under which ceilings, where they were not asked the same; else nothing."""
    asked = {}
    for name, plan in comparison.plans.items():
        caps = [bound_words(n, v) for n, v in plan.solve.caps.items()]
        asked[name] = f"{plan.solve.objective_name}{' under ' + ', '.join(caps) if caps else ''}"
    if len(set(asked.values())) == 1:
        return ""
    return f"Minimised: {'; '.join(f'{name} {words}' for name, words in asked.items())}."


def proof_words(comparison: Comparison) -> list[str]:
    """Return what is proven of the differences, a sentence for each plan but the first."""
    return [proof_sentence(row, comparison.names[0]) for row in comparison.proven.to_dict("records")]


def proof_sentence(row: Mapping[Any, Any], base: str) -> str:
    """Return what is proven of the difference of one plan from another.

    Parameters
    ----------
    row : mapping
        A row of :attr:`Comparison.proven`.
    base : str
        What the first plan is called.

    Examples
    --------
    >>> row = {"plan": "tariffs", "objective": "cost", "least": 1e6, "most": 3e6, "told": "more"}
    >>> proof_sentence(row, "base")
    'Proven: the best answer to the question of tariffs has +USD 1 mn to +USD 3 mn cost against that of base.'
    """
    name, objective = str(row["plan"]), str(row["objective"])
    ends = _ends(objective, float(row["least"]), float(row["most"]))
    if row["told"] == "within the gaps":
        return (
            f"Not proven: within the gaps, the best answer to the question of {name} may have more or less "
            f"{_in_words(objective)} than that of {base} ({ends[0]} to {ends[1]})."
        )
    return (
        f"Proven: the best answer to the question of {name} has {ends[0]} to {ends[1]} {_in_words(objective)} "
        f"against that of {base}."
    )


def moved_words(name: str, value: float) -> str:
    """Return a difference of objectives as people count it: of jobs, more is plus.

    Parameters
    ----------
    name : str
        Of the objective.
    value : float
        Difference of what was minimised, so that less is better.

    Examples
    --------
    >>> moved_words("cost", 6.29e9), moved_words("jobs", -3260.0)
    ('+USD 6.29 bn', '+3,260 job-years')
    """
    return difference_words(name, least_is_best(name, value) if name in OBJECTIVES else value)


def interval_words(name: str, least: float, most: float, verdict: str) -> str:
    """Return between which ends a difference of the best plans lies, and whether it is proven to be one.

    Parameters
    ----------
    name : str
        Of the objective.
    least, most : float
        Ends of the difference of what was minimised, so that less is better.
    verdict : str
        ``more``, ``less`` or ``within the gaps``: see :func:`evsiting.results.record.differences.told_difference`.

    Examples
    --------
    >>> interval_words("cost", 1e6, 3e6, "more")
    'proven: +USD 1 mn to +USD 3 mn'
    >>> interval_words("cost", -1e6, 3e6, "within the gaps")
    'within the gaps: −USD 1 mn to +USD 3 mn'
    """
    low, high = _ends(name, least, most)
    return f"{'within the gaps' if verdict == 'within the gaps' else 'proven'}: {low} to {high}"


def _ends(objective: str, least: float, most: float) -> list[str]:
    """Return the ends of a difference of what was minimised, as people count it."""
    if objective not in OBJECTIVES:
        return [f"{value:,.4g}" for value in (least, most)]
    counted = sorted(least_is_best(objective, value) for value in (least, most))
    figures = max(3, column_digits([value for value in counted if math.isfinite(value)]))
    return [difference_words(objective, v, figures) if math.isfinite(v) else "unknown" for v in counted]


def _in_words(objective: str) -> str:
    return OBJECTIVES[objective].spoken if objective in OBJECTIVES else objective
