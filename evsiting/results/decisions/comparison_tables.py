"""A comparison of plans as tables beside the first of them, one group of rows for each other plan."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.results.analysis.comparison import Comparison
from evsiting.results.plan import Plan
from evsiting.study.objectives import OBJECTIVES

__all__ = ["COMPARED", "comparison_tables"]

#: Columns of each table; ``beside`` names the other plan, ``here`` is the first one and ``there`` the other.
COMPARED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "compared": ("beside", "study_digest", "asked", "objective", "difference", "least", "most", "told",
                     "differ", "plants", "inputs"),
        "compared_totals": ("beside", "total", "here", "there", "difference"),
        "compared_plants": ("beside", "site", "name", "country", "plant_type", "plant", "here", "there"),
        "compared_items": ("beside", "item", "here", "there", "difference"),
        "compared_inputs": ("beside", "table", "row", "column", "change", "here", "there"),
    }
)  # fmt: skip
#: Cells of input that are kept of each other plan; ``inputs`` counts them all.
MOST_INPUTS = 500


def comparison_tables(comparison: Comparison, plan: Plan) -> dict[str, pd.DataFrame]:
    """Return a comparison as tables about its first plan.

    Parameters
    ----------
    comparison : Comparison
        Whose first plan is the one that is asked about.
    plan : Plan
        What is asked about.

    Returns
    -------
    dict of str to pandas.DataFrame
        By the names and with the columns of :data:`COMPARED`. ``asked`` is whether both minimised the same under the
        same ceilings; ``differ`` counts the decisions on plants that differ, of ``plants``; ``inputs`` the cells of
        the input that differ, -1 where a study is not known, of which the table holds the first.

    Raises
    ------
    InputError
        If the first plan of the comparison is another one.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> front = ev.pareto(study, "cost", "emissions", points=2)
    >>> both = ev.compare({"cheapest": (study, front.plans[0]), "cleanest": (study, front.plans[-1])})
    >>> comparison_tables(both, front.plans[0])["compared"]["beside"].tolist()
    ['cleanest']
    """
    first = comparison.plans[comparison.names[0]]
    if first.study_digest != plan.study_digest or first.solve.objective != plan.solve.objective:
        fix = "Compare with this plan as the first"
        raise InputError(
            [Problem("beside", "the first plan of the comparison is another one", comparison.names[0], fix)]
        )
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in COMPARED}
    for name in comparison.names[1:]:
        for table, frame in _one(comparison, name).items():
            parts[table].append(frame.assign(beside=name).reindex(columns=list(COMPARED[table])))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def _one(comparison: Comparison, name: str) -> dict[str, pd.DataFrame]:
    """Return the tables of one other plan."""
    base = comparison.names[0]
    sides = {base: "here", name: "there", f"{name} less {base}": "difference"}
    here, there = comparison.plans[base], comparison.plans[name]
    plants = comparison.plants
    apart = plants[plants[base] != plants[name]]
    items = comparison.ledgers.query("ledger == 'cost'").rename(columns=sides).query("difference != 0")
    items = items.loc[items["difference"].abs().sort_values(ascending=False, kind="stable").index]
    totals = comparison.totals.rename(columns=sides)
    always = np.array([OBJECTIVES[str(n)].need is None for n in totals["total"]], dtype=np.bool_)
    counted = always | (totals[["here", "there"]] != 0).any(axis=1).to_numpy()
    inputs = comparison.inputs[comparison.inputs["plan"] == name].rename(columns={"first": "here", "second": "there"})
    known = base in comparison.studies and name in comparison.studies
    head = {
        "study_digest": there.study_digest,
        "asked": here.solve.weights == there.solve.weights and here.solve.caps == there.solve.caps,
        "objective": there.solve.objective_name,
        "differ": len(apart),
        "plants": int(((plants[base] != "") | (plants[name] != "")).sum()),
        "inputs": len(inputs) if known else -1,
    }
    proven = comparison.proven[comparison.proven["plan"] == name].to_dict("records")
    head |= {column: proven[0][column] if proven else None for column in ("difference", "least", "most", "told")}
    return {
        "compared": pd.DataFrame([head]),
        "compared_totals": totals[counted],
        "compared_plants": apart.rename(columns={base: "here", name: "there"}),
        "compared_items": items,
        "compared_inputs": inputs.head(MOST_INPUTS).astype(object),
    }
