"""What a run folder states beside its tables, compared with what the tables say: ``plan.json`` and ``front.csv``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from evsiting.files import recover
from evsiting.results.case_store import read_cases, runs_of_cases
from evsiting.results.certificate import Certificate, Check, certify
from evsiting.results.front_store import front_table, names_of_points, read_front
from evsiting.results.goods import least_of_goods
from evsiting.results.plan import Front, Plan
from evsiting.results.plan_file import PLAN_FILE, missing_ledgers, plan_file, read_plan_file
from evsiting.results.result_folders import (
    CASES_FILE,
    CASES_TABLE,
    FRONT_FILE,
    FRONT_TABLE,
    POINTS_FOLDER,
    SCENARIOS_FILE,
    SCENARIOS_TABLE,
    json_dict,
)
from evsiting.results.store import read_run, read_scenarios, study_of
from evsiting.study.files.read import read_study
from evsiting.study.objectives import least_is_best
from evsiting.study.study import Study

#: What ``plan.json`` states and the plan's tables, bound and objective say again.
_FIGURES = ("totals", "gap", "units", "counts", "bound_by")
#: What it states of the goods that every plan of the study buys, which the study's tables say again.
_OF_GOODS = ("goods", "unavoidable", "absolute_gap", "siting_gap", "net_gap")


def certify_run(folder: str | Path, *, tol: float = 1e-6) -> dict[str, Certificate]:
    """Recompute what a run folder holds and states: its plan, each point of its front, and the tables that sum them up.

    Beside the checks of :func:`evsiting.certify`, ``plan.json`` is compared with the plan's tables (totals, gap, units,
    counts, the summary of its certificate), every cell of ``front.csv`` with the points, and the front's ideal with
    what they reach.

    Parameters
    ----------
    folder : str or pathlib.Path
        As :func:`evsiting.write_run` or :func:`evsiting.write_front` wrote it.
    tol : float, optional
        Largest relative violation that passes. [fraction]

    Returns
    -------
    dict of str to Certificate
        ``plan`` where the folder holds one, then ``point 1``, ``point 2``, ...; in a folder of scenarios or of what-if
        cases, each by its name, the first with checks of what ``scenarios.csv`` and ``scenarios.json``, or
        ``cases.csv``, state of all.

    Raises
    ------
    InputError
        If it is no run folder, or files are missing or damaged.

    Examples
    --------
    >>> import tempfile
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     found = certify_run(ev.write_run(Path(place) / "run", study, ev.solve(study)))
    >>> list(found), found["plan"].passed
    (['plan'], True)
    """
    place, certificates = Path(folder), {}
    recover(place)
    if (place / SCENARIOS_FILE).is_file():
        return _scenarios(place, tol)
    if (place / CASES_FILE).is_file():
        return _cases(place, tol)
    if (place / PLAN_FILE).is_file() or not (place / FRONT_FILE).is_file():
        study, plan = read_run(place)
        certificates["plan"] = _with_stated_checks(study, certify(study, plan, tol=tol), place, plan, tol)
    else:
        study = read_study(study_of(place))
    if (place / FRONT_FILE).is_file():
        front = read_front(place)
        for number, (name, plan) in enumerate(zip(names_of_points(place), front.plans, strict=True), 1):
            room = place / POINTS_FOLDER / str(name)
            certificates[f"point {number}"] = _with_stated_checks(study, certify(study, plan, tol=tol), room, plan, tol)
        (first, certificate), checks = next(iter(certificates.items())), _front_checks(place, front, tol)
        certificates[first] = replace(certificate, results=(*certificate.results, *checks))
    return certificates


def _scenarios(folder: Path, tol: float) -> dict[str, Certificate]:
    """Return the certificates of plans of scenarios, by scenario, with what is stated of all of them."""
    studies, made = read_scenarios(folder)
    stored, solve = json_dict(folder / SCENARIOS_FILE), made.solve
    certificates = {}
    for name, plan in made.plans.items():
        study, place = studies[name], folder / str(stored["runs"][name])
        certificates[name] = _with_stated_checks(study, certify(study, plan, tol=tol), place, plan, tol)
    gap = solve.gap if math.isfinite(solve.gap) else None
    chance, expected = sum(made.probability.values()), _flat("expected", stored["expected"])
    checks = [
        _compare("stated_expected", expected, made.expected, tol, SCENARIOS_FILE),
        _compare("stated_objective", {"objective": solve.objective}, {"objective": made.value}, tol, SCENARIOS_FILE),
        _compare("stated_gap", {"gap": stored["gap"]}, {"gap": gap}, tol, SCENARIOS_FILE),
        _compare("stated_probability", {"sum": chance}, {"sum": 1.0}, tol, SCENARIOS_FILE),
        _table_check("scenarios_table", folder / SCENARIOS_TABLE, made.table_with_mean, tol),
    ]
    if certificates:
        first = next(iter(certificates))
        certificates[first] = replace(certificates[first], results=(*certificates[first].results, *checks))
    return certificates


def _cases(folder: Path, tol: float) -> dict[str, Certificate]:
    """Return the certificates of the plans of what-if cases, by case, with what is stated of all of them."""
    plans = read_cases(folder)
    certificates = {}
    for case, run in runs_of_cases(folder).items():
        study, plan = read_run(folder / run)
        certificates[case] = _with_stated_checks(study, certify(study, plan, tol=tol), folder / run, plan, tol)
    if certificates:
        first = next(iter(certificates))
        check = _table_check("cases_table", folder / CASES_TABLE, plans.table, tol)
        certificates[first] = replace(certificates[first], results=(*certificates[first].results, check))
    return certificates


def _with_stated_checks(study: Study, certificate: Certificate, folder: Path, plan: Plan, tol: float) -> Certificate:
    """Return a certificate with checks of what the folder's ``plan.json`` states of the plan that it holds."""
    stated = read_plan_file(folder).model_dump(mode="json")
    solve = replace(plan.solve, goods=least_of_goods(study))
    again = plan_file(replace(plan, solve=solve), certificate).model_dump(mode="json")
    older = missing_ledgers(stated["counts"])
    unstated = {*older, *(name.removeprefix("ledger_") for name in older)}
    checks = []
    for name in (*_FIGURES, *(_OF_GOODS if stated["goods"] else ())):  # runs of earlier versions state none of them
        made = {key: value for key, value in _flat(name, again[name]).items() if key not in unstated}
        checks.append(_compare(f"stated_{name}", _flat(name, stated[name]), made, tol, f"{PLAN_FILE}, {name}"))
    if stated["certificate"] is not None:
        claim, fresh = ({"passed": side["certificate"]["passed"], "failed": ", ".join(side["certificate"]["failed"])}
                       for side in (stated, again))  # fmt: skip
        checks.append(_compare("stated_certificate", claim, fresh, 0.0, f"{PLAN_FILE}, certificate"))
    return replace(certificate, results=(*certificate.results, *checks))


def _front_checks(folder: Path, front: Front, tol: float) -> tuple[Check, ...]:
    """Return checks of what a folder's ``front.csv`` and ``front.json`` state of the points that it holds.

    Every cell of the table is compared with the plans; the ideal, which no plan goes below, with their totals.
    """
    try:
        stated = pd.read_csv(folder / FRONT_TABLE, dtype="str", keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        return (Check("front_table", math.inf, tol, FRONT_TABLE, f"cannot be read: {error}"),)
    again = front_table(front, names_of_points(folder))
    checks = [_compare("front_table", _cells(stated), _cells(again.astype("object")), tol, FRONT_TABLE)]
    below = {
        f"{name} of point {number}": max(0.0, float(ideal) - best) / max(abs(float(ideal)), 1e-300)
        for name, ideal in front.ideal.items()
        for number, plan in enumerate(front.plans, 1)
        for best in [least_is_best(name, plan.totals[name])]
    }
    worst = max(below, key=lambda place: below[place], default="")
    where = f"{FRONT_FILE}, ideal" if worst else ""
    seen = f"{worst} is better than what is stated as the best possible" if worst and below[worst] else ""
    checks.append(Check("front_ideal", below.get(worst, 0.0), tol, where, seen, rows=len(below)))
    return tuple(checks)


def _table_check(name: str, file: Path, again: pd.DataFrame, tol: float) -> Check:
    """Return the check of every cell of a table on disk against the table as it is made again."""
    try:
        stated = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        return Check(name, math.inf, tol, file.name, f"cannot be read: {error}")
    return _compare(name, _cells(stated), _cells(again.astype("object")), tol, file.name)


def _flat(name: str, value: object) -> dict[str, object]:
    return {str(k): v for k, v in value.items()} if isinstance(value, Mapping) else {name: value}


def _cells(frame: pd.DataFrame) -> dict[str, object]:
    """Return the cells of a table by column and row; an empty cell is None."""
    out: dict[str, object] = {}
    for column in frame:
        for row, cell in enumerate(frame[column], 2):
            gone = cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))
            out[f"column {column!r}, row {row}"] = None if gone else cell
    return out


def _compare(name: str, stated: Mapping[str, object], again: Mapping[str, object], tol: float, where: str) -> Check:
    """Return the check of figures or words against what they are recomputed to, by key."""
    worst, place, seen = 0.0, "", ""
    for key in dict.fromkeys((*stated, *again)):
        left, right = stated.get(key), again.get(key)
        off = _relative_distance(left, right)
        if off > worst:
            worst, place, seen = off, f"{where}: {key}", f"stated {_as_text(left)}, recomputed {_as_text(right)}"
    return Check(name, worst, tol, place, seen, rows=len({*stated, *again}))


def _relative_distance(left: object, right: object) -> float:
    """Return the relative distance of two figures; without end where they are no figures and differ."""
    if left == right:
        return 0.0
    numbers = list(_numbers((left, right)))
    if len(numbers) < 2:
        return math.inf
    a, b = numbers
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    off = abs(a - b) / max(abs(a), abs(b))
    return off if math.isfinite(off) else math.inf


def _numbers(values: Iterable[object]) -> Iterable[float]:
    for value in values:
        if isinstance(value, bool) or value is None:
            continue
        try:
            yield float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            continue


def _as_text(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, default=str)
