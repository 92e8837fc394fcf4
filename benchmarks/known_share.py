"""How much of what ships has a source: parameters of the package, and figures of the North American study.

A figure is known if a page that was read states it, or arithmetic on such figures gives it; the rest are assumptions,
which ``study.sources`` lists first. Run ``python -m benchmarks.known_share``; exits with 1 below the measure.
"""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd

import evsiting as ev
from evsiting import reference
from evsiting.layers.parameters import CHOICES

#: Least part of the shipped parameters that is sourced or derived. [1]
MEASURE = 0.95


def shares(study: ev.Study | None = None) -> dict[str, Any]:
    """Return the parts that are known, and the parameters that are not.

    Parameters
    ----------
    study : Study, optional
        The shipped study; built where left out.
    """
    parameters = reference.parameters()
    known = parameters["quality"] != "unsourced"
    listed = (study or ev.example("north-america")).sources
    told = listed["quality"] != "assumption"
    own = listed["table"] != "lanes"
    values = listed["values"]
    open_rows = parameters.loc[~known, ["key", "country", "value", "low", "high", "unit", "note"]]
    return {
        "parameters": (int(known.sum()), len(parameters)),
        "with_choices": (int(known.sum()), len(parameters) + len(CHOICES)),
        "by_quality": parameters["quality"].value_counts().to_dict(),
        "values": (int(values[told].sum()), int(values.sum())),
        "values_without_lanes": (int(values[told & own].sum()), int(values[own].sum())),
        "assumed": open_rows.reset_index(drop=True),
        "assumptions_first": bool(told.is_monotonic_increasing),
    }


def lines(found: dict[str, Any]) -> list[str]:
    """Return what is known as text."""
    words = {
        "parameters": "shipped parameters sourced or derived",
        "with_choices": "the same with the modelling choices of layers, which nobody can source",
        "values": "figures of north-america, lanes included",
        "values_without_lanes": "figures of north-america without lanes",
    }
    told = [f"{words[k]}: {found[k][0]:,} of {found[k][1]:,} ({found[k][0] / found[k][1]:.1%})" for k in words]
    return [*told, "parameters that no page read states:", *map(_row, found["assumed"].to_dict("records"))]


def _row(row: dict[str, Any]) -> str:
    spread = f" ({row['low']:g} to {row['high']:g})" if pd.notna(row["low"]) and pd.notna(row["high"]) else ""
    place = f" [{row['country']}]" if pd.notna(row["country"]) else ""
    return f"  {row['key']}{place} = {row['value']:g} {row['unit']}{spread}"


def main() -> int:
    """Print the parts; return 1 where the measure is missed."""
    found = shares()
    print("\n".join(lines(found)))
    part, whole = found["parameters"]
    return int(part < MEASURE * whole or not found["assumptions_first"])


if __name__ == "__main__":
    sys.exit(main())
