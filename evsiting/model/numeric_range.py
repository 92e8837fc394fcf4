"""Check that double precision can hold the figures of a study together: refuse overflow, warn of wide ranges.

A double holds 15 to 16 digits, and a solver keeps a sum to about a billionth of its terms. Where one penalty is
:math:`10^{12}` times every other cost, the cost of plans that pay it is known no better than to those other costs.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from evsiting.errors import DataWarning, InputError, Problem, shown
from evsiting.model.milp import Block, FloatArray, Milp, Objective
from evsiting.study.study import Study

#: Ratio of two terms of one sum from which a warning is given.
APART = 1e10
#: Ratio of two terms of one sum from which the smaller one has no digit left, so that the study is refused.
HOPELESS = 1e15
#: Size from which a figure is named as a cause of overflow.
HUGE = 1e30
#: Where the figures of a family of columns come from.
SOURCES = {
    "build": "options: capex_usd, fixed_usd_per_yr, staff_fte",
    "close": "plants: closing_usd",
    "retire": "options: closing_usd",
    "resume": "plants: resume_usd",
    "make": "processes and the site's wage and power prices",
    "ship": "lanes: freight_usd_per_unit, duty_usd_per_unit, and suppliers: price_usd_per_unit",
    "violation": "limits: penalty_usd_per_unit",
    "unmet": "demand: unmet_penalty_usd_per_unit",
    "dispose": "by_products: disposal_usd_per_unit",
    "late": "demand: late_usd_per_unit",
    "credits": "programs and incentives: value",
    "missing_jobs": "program_rules: clawback_usd_per_job",
    "upgrades": "grid_upgrades: capex_usd",
    "clean": "sites: clean_premium_usd_per_mwh",
}


def check_spans(study: Study, milp: Milp) -> None:
    """Refuse a program with a coefficient that is no number, and warn of sums whose terms are too far apart.

    Parameters
    ----------
    study : Study
        Whose tables are named.
    milp : Milp
        Its program.

    Raises
    ------
    InputError
        If figures overflow when they are multiplied, or one leaves no digit of all others.

    Warns
    -----
    DataWarning
        Where terms of one row or objective are more than :data:`APART` apart.
    """
    problems = _overflows(study, milp)
    warned = []
    if not problems:
        for objective in milp.objectives.values():
            worst, text = _objective(milp, objective)
            if worst >= HOPELESS:
                fix = "Give a figure that is dear beside the others, such as a hundred times the price"
                problems.append(Problem(f"the {objective.name} of the study", "cannot be added up", text, fix))
            elif text:
                warned.append(text)
        rows = _rows(milp)
        warned += [text for apart, text in rows if apart < HOPELESS]
        fix = "Give figures of one size; leave a capacity empty, or give what is enough, where there is no limit"
        problems += [
            Problem("rows of the program", "cannot be added up", text, fix) for apart, text in rows if apart >= HOPELESS
        ]
    if problems:
        raise InputError(problems)
    for text in warned:
        warnings.warn(f"figures too far apart for exact sums: {text}", DataWarning, stacklevel=3)


def _overflows(study: Study, milp: Milp) -> list[Problem]:
    """Return the problem of coefficients that are no number, with the largest figures of the study."""
    good = np.isfinite(milp.matrix.data).all() and not np.isnan(milp.row_lower).any()
    good = good and not (np.isnan(milp.row_upper).any() or np.isnan(milp.column_upper).any())
    good = good and all(np.isfinite(o.coefficients).all() and np.isfinite(o.constant) for o in milp.objectives.values())
    if good:
        return []
    fix = "Give figures whose products and sums can be written as numbers; leave a cell empty for no limit"
    cells = largest_cells(study)
    if not cells:
        where = f"study {study.settings.study.name!r}"
        return [Problem(where, "figures multiplied out are no number", "", fix)]
    return [Problem(place, "is too large to be multiplied out", f"{value:.3g}", fix) for place, value in cells]


def largest_cells(study: Study, least: float = HUGE) -> list[tuple[str, float]]:
    """Return place and value of the largest figure of every column that holds one of ``least`` or more."""
    cells = []
    for name in study.tables:
        frame = pd.DataFrame(study.table(name))
        for column in map(str, frame.select_dtypes("number").columns):
            values = frame[column].to_numpy(np.float64, na_value=np.nan)
            size = np.where(np.isfinite(values), np.abs(values), 0.0)
            if len(size) and size.max() >= least:
                row = int(size.argmax())
                key = "/".join(v for v in frame.iloc[row].to_numpy(object)[:3] if isinstance(v, str))
                cells.append((f"{name}, column {column!r}, {key}", float(values[row])))
    return sorted(cells, key=lambda cell: -abs(cell[1]))


def _objective(milp: Milp, objective: Objective) -> tuple[float, str]:
    """Return the ratio of the largest term of an objective to its typical one, and words where it is too large."""
    with np.errstate(over="ignore"):
        terms = np.abs(objective.coefficients) * np.where(np.isfinite(milp.sizes.column), milp.sizes.column, 0.0)
    entering = terms > 0.0
    if not entering.any():
        return 0.0, ""
    families = _by_family(milp.column_blocks, terms)
    (top, most), *others = sorted(families.items(), key=lambda item: -item[1])
    lesser = [(family, size) for family, size in others if 0.0 < size < most / APART]
    typical = float(np.median(terms[entering]))
    if not lesser and most < APART * typical:
        return 0.0, ""
    name = _name(milp.column_blocks, int(terms.argmax()))
    text = f"{name} can add {most * objective.unit:.3g} to the {objective.name}{_from(top)}"
    if lesser:
        beside = ", ".join(f"{f} {s * objective.unit:.3g} at most{_from(f)}" for f, s in lesser)
        return most / max(s for _, s in others), f"{text}, {beside}: it cannot be told what the small ones add"
    return most / typical, f"{text}, a typical term is {typical * objective.unit:.3g}: its digits are lost beside that"


def _rows(milp: Milp) -> list[tuple[float, str]]:
    """Return the worst constraint of each family whose terms are too far apart: their ratio, and words."""
    far = np.flatnonzero(milp.sizes.largest > APART * milp.sizes.least)
    wide = []
    for block in milp.row_blocks:
        mine = far[(far >= block.start) & (far < block.stop)]
        if len(mine):
            apart = milp.sizes.largest[mine] / milp.sizes.least[mine]
            row = int(mine[apart.argmax()])
            span = slice(milp.matrix.indptr[row], milp.matrix.indptr[row + 1])
            columns, values = milp.matrix.indices[span], milp.matrix.data[span]
            size = np.abs(values) * np.where(np.isfinite(milp.sizes.column[columns]), milp.sizes.column[columns], 0.0)
            name = _name(milp.column_blocks, int(columns[size.argmax()]))
            rows = shown([_name(milp.row_blocks, int(r)) for r in mine], 3)
            text = (
                f"{name} can add {milp.sizes.largest[row]:.3g} to a row that must be kept to a part of "
                f"{milp.sizes.least[row]:.3g} (in the program's units): {rows}"
            )
            wide.append((float(apart.max()), text))
    return wide


def _by_family(blocks: tuple[Block, ...], terms: FloatArray) -> dict[str, float]:
    """Return the largest term of every family of columns."""
    largest: dict[str, float] = {}
    for block in blocks:
        largest[block.family] = max(
            largest.get(block.family, 0.0), float(terms[block.start : block.stop].max(initial=0.0))
        )
    return largest


def _from(family: str) -> str:
    return f" ({SOURCES[family]})" if family in SOURCES else ""


def _name(blocks: tuple[Block, ...], number: int) -> str:
    """Return the name of one column or row."""
    block = next(b for b in blocks if b.start <= number < b.stop)
    return f"{block.family}[{','.join(block.label(number - block.start))}]"
