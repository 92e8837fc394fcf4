"""Sheets of the workbook on what was asked about the plan: one for each table of decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pandas as pd

from evsiting.results.decisions.decision_tables import DecisionTables
from evsiting.study.objectives import OBJECTIVES

__all__ = ["asked_sheets"]

#: Name of the sheet and its meaning, by the table.
_SHEETS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "alternatives": ("alternatives", "Other sets of sites, each with its best plan, beside this one"),
        "alternative_sites": (
            "alternative sites",
            "Whether a site must, may or can never open within the slack, and the slack from which on that changes",
        ),
        "why_not": ("why not", "What a forced or forbidden decision makes the best plan worse by, between proven ends"),
        "why_not_ledger": ("why not ledger", "Where the cost of the forced plan differs, item by item, present value"),
        "break_even": ("break-even", "The value of a figure at which the answer flips, proven on both sides"),
        "entry_costs": ("entry costs", "What a plan with such a new plant is worse by at least: a bound, no plan"),
        "tornado": ("tornado", "The objective at both ends of each range less that as it stands, one range at a time"),
        "selection": (
            "selection",
            "How often each site is chosen among the draws, with the 95 % interval of the share",
        ),
        "spread": ("spread", "Between which ends the totals of the draws lie"),
        "futures": ("futures", "What each strategy for all scenarios comes to in each of them"),
        "compared": ("compared", "Other plans beside this one, and what is proven of the difference"),
        "compared_totals": ("compared totals", "Totals of this plan (here) and of another one (there)"),
        "compared_plants": ("compared plants", "Decisions on plants that differ: this plan (here) and another (there)"),
        "compared_items": ("compared cost", "Items of cost that differ, present value"),
        "compared_inputs": ("compared input", "Cells of the input that differ: of this plan's study and of the other"),
    }
)
#: Columns in the unit of the objective that was minimised, by table.
_OBJECTIVE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "alternatives": ("objective", "bound", "difference", "least_difference"),
        "why_not": ("objective", "bound", "low", "high"),
        "entry_costs": ("at_least",),
        "tornado": ("low", "high", "swing", "proven", "low_least", "low_most", "high_least", "high_most"),
        "futures": ("objective", "best_alone", "best_bound"),
        "compared": ("difference", "least", "most"),
    }
)
#: Those of them that are values of the objective, in which less is better, and those that are distances; the others
#: say by how much it is worse.
_VALUES, _SIZES = ("objective", "bound", "best_alone", "best_bound"), ("swing", "proven")
#: Units of the other columns.
_UNITS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "alternative_sites": {"slack_low": "1", "slack_high": "1"},
        "why_not_ledger": dict.fromkeys(("base", "forced", "difference", "here", "rival"), "USD, present value"),
        "tornado": {"low_factor": "1", "high_factor": "1"},
        "selection": {"share": "1", "least": "1", "most": "1"},
        "futures": {"cvar_level": "1", "probability": "1"},
        "compared_items": dict.fromkeys(("here", "there", "difference"), "USD, present value"),
    }
)


def asked_sheets(decisions: DecisionTables) -> Iterable[tuple[str, tuple[str, pd.DataFrame]]]:
    """Return name, meaning and frame of the sheet of each table that holds anything.

    Parameters
    ----------
    decisions : DecisionTables
        About the plan of the workbook.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> plan = ev.solve(study)
    >>> told = ev.DecisionTables.of(plan=plan, entry_costs=ev.entry_costs(study, plan))
    >>> [(name, frame.columns[-1]) for name, (_, frame) in asked_sheets(told)]
    [('entry costs', 'at_least [USD, present value]')]
    """
    for name, (title, meaning) in _SHEETS.items():
        frame = decisions.tables.get(name)
        if frame is not None and len(frame):
            yield title, (meaning, _with_units(name, frame, decisions.objective_name))


def _with_units(name: str, frame: pd.DataFrame, objective: str) -> pd.DataFrame:
    """Return a table with units in the headers of its figures; totals carry theirs in a column of their own."""
    kind = OBJECTIVES.get(objective)
    unit = "unit of the objective" if kind is None else kind.unit_words
    columns = _OBJECTIVE.get(name, ())
    units = {**dict.fromkeys(columns, unit), **_UNITS.get(name, {})}
    if kind is not None and kind.sense < 0:
        units |= {c: f"{unit}, less is better" if c in _VALUES else f"{unit} fewer" for c in columns if c not in _SIZES}
    units |= {c: OBJECTIVES[c].unit_words for c in frame.columns if name == "alternatives" and c in OBJECTIVES}
    made = frame.rename(columns={c: f"{c} [{unit}]" for c, unit in units.items()})
    if "total" in frame:
        made.insert(list(made.columns).index("total") + 1, "in", [OBJECTIVES[n].unit_words for n in frame["total"]])
    return made.astype(object) if name == "compared_inputs" else made
