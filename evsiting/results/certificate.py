"""The certificate: a plan recomputed from the study's tables, without the model and without a solver."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from evsiting.errors import CertificateError, InputError, Problem, expect, shown
from evsiting.results.assemble import SITE_COLUMNS, plant_list
from evsiting.results.complete_study import study_with_digest
from evsiting.results.ledgers.ledgers import LEDGER_COLUMNS
from evsiting.results.ledgers.plan_rows import PlanRows
from evsiting.results.plan import Plan, Solve, Status
from evsiting.results.rules import (
    counts,
    energy,
    flows,
    labor,
    ledger_totals,
    limits,
    partners,
    plan_tables,
    programs,
    service,
    siting,
    trade,
)
from evsiting.results.rules.case import TINY, Examination, Violations, compare_sums, sums_of_lines
from evsiting.results.seal import UNSEALED, seal_of
from evsiting.study.objectives import OBJECTIVES, least_is_best
from evsiting.study.schema.plan_tables import DECISIONS
from evsiting.study.study import Study

#: Checks that compare flows and plants with the study's tables, by name; those of constraint families bear the
#: family's name.
RULES: MappingProxyType[str, Callable[[Examination], list[Violations]]] = MappingProxyType(
    {
        "numbers": plan_tables.numbers,
        "openings": siting.openings,
        "one_option": siting.one_option,
        "expand": siting.expand,
        "retire": siting.retire,
        "move_once": siting.move_once,
        "committed": siting.committed,
        "names": plan_tables.known_names,
        "lanes": flows.lanes,
        "capacity": siting.capacity,
        "min_load": siting.min_load,
        "output": flows.output,
        "disposal": flows.disposal,
        "balance": flows.balance,
        "demand": flows.demand,
        "supplier": flows.supplier,
        **trade.RULES,
        **programs.RULES,
        **labor.RULES,
        **energy.RULES,
        **service.RULES,
        **partners.RULES,
        **limits.RULES,
        **counts.RULES,
        **ledger_totals.RULES,
    }
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        The constraint family, or what was recomputed.
    worst : float
        Largest violation, relative to the size of what is checked. [fraction]
    allowed : float
        Largest violation that passes. [fraction]
    where : str
        The place of the worst violation: site, market, product, period. Empty where there is none.
    seen : str
        What was found there.
    rows : int
        How many rows were looked at.
    """

    name: str
    worst: float
    allowed: float
    where: str = ""
    seen: str = ""
    rows: int = 1

    @property
    def passed(self) -> bool:
        """Whether the worst violation is within what is allowed."""
        return self.worst <= self.allowed


@dataclass(frozen=True)
class Certificate:
    """What an independent look at a plan found; made by :func:`certify`.

    Parameters
    ----------
    study_name, study_digest : str
        The study (with its layers) against which the plan was checked.
    results : tuple of Check
        Every check, passed or not.
    plan_totals : tuple of (str, float)
        Totals that the plan states: what tells it from other plans of the study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> certificate = ev.certify(study, ev.solve(study))
    >>> certificate.raise_if_failed()
    >>> bool(certificate.checks["passed"].all())
    True
    """

    study_name: str
    study_digest: str
    results: tuple[Check, ...]
    plan_totals: tuple[tuple[str, float], ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.results)

    @property
    def remark(self) -> str:
        """What the certificate cannot vouch for though every check passed; empty where there is nothing."""
        return next((check.seen for check in self.results if check.name == "record" and check.passed), "")

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the checks that did not pass."""
        return tuple(check.name for check in self.results if not check.passed)

    @property
    def checks(self) -> pd.DataFrame:
        """One row a check: ``check``, ``passed``, ``worst``, ``allowed``, ``where``, ``seen``, ``rows``."""
        return pd.DataFrame(
            [(c.name, c.passed, c.worst, c.allowed, c.where, c.seen, c.rows) for c in self.results],
            columns=["check", "passed", "worst", "allowed", "where", "seen", "rows"],
        )

    def raise_if_failed(self) -> None:
        """Raise an error that names every failed check with its evidence.

        Raises
        ------
        CertificateError
            If a check failed.
        """
        if not self.passed:
            bad = [check for check in self.results if not check.passed]
            lines = [f"  {c.name}: off by {c.worst:.3g}, allowed {c.allowed:.3g}; {c.where}: {c.seen}" for c in bad]
            head = f"the plan for {self.study_name!r} fails {len(bad)} of {len(self.results)} checks:"
            raise CertificateError("\n".join([head, *lines]))

    def _title(self) -> str:
        verdict = "passed" if self.passed else f"FAILED: {', '.join(self.failed)}"
        return f"Certificate for {self.study_name!r} (digest {self.study_digest[:12]}): {verdict}"

    def __repr__(self) -> str:
        lines = [self._title(), f"{'check':<18}{'':<8}{'worst':>10}{'allowed':>10}{'rows':>8}  where"]
        for c in self.results:
            worst = "" if c.passed else f"  {c.where}: {c.seen}"
            verdict = "passed" if c.passed else "FAILED"
            lines.append(f"{c.name:<18}{verdict:<8}{c.worst:>10.1e}{c.allowed:>10.1e}{c.rows:>8}{worst}")
        return "\n".join([*lines, *([self.remark] if self.remark else [])])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("check", "", "worst", "allowed", "rows", "where"))
        rows = "".join(
            f"<tr><td>{c.name}</td><td>{'passed' if c.passed else '<b>FAILED</b>'}</td><td>{c.worst:.1e}</td>"
            f"<td>{c.allowed:.1e}</td><td>{c.rows}</td>"
            f"<td>{'' if c.passed else escape(f'{c.where}: {c.seen}')}</td></tr>"
            for c in self.results
        )
        return f"<b>{escape(self._title())}</b><table><tr>{head}</tr>{rows}</table>"


def certify(study: Study, plan: Plan, *, tol: float = 1e-6) -> Certificate:
    """Recompute a plan from the study's tables and say what holds.

    Neither the mathematical program nor a solver is used. What cannot be checked this way is the bound
    itself: that no better plan exists is the solver's proof; only its consistency with the plan is looked at.

    Parameters
    ----------
    study : Study
        The study that the plan answers; missing layers are completed first.
    plan : Plan
        From :func:`evsiting.solve`, or read from a run folder.
    tol : float, optional
        Largest relative violation that passes. [fraction]

    Returns
    -------
    Certificate
        Prints itself; ``raise_if_failed()`` turns a failure into an error.

    Raises
    ------
    InputError
        If a table of the plan lacks a column, or an argument is something else than it is called.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> certificate = ev.certify(study, ev.solve(study))
    >>> certificate.passed, certificate.failed
    (True, ())
    """
    expect("certify", study=(study, Study), plan=(plan, Plan), tol=(tol, float))
    if not 0.0 < tol < 1.0:
        raise InputError([Problem("certify, tol", "is no tolerance", repr(tol), "Give a fraction such as 1e-6")])
    _require_columns(plan)
    case = Examination(study_with_digest(study, plan.study_digest), plan)
    checks = [_digest(case), *_kept_rules(case, tol), _sites(case, tol)]
    again = case.ledgers
    totals = {name: float(ledger["value"].sum()) for name, ledger in again.items()}
    gross = {name: float(ledger["value"].abs().sum()) for name, ledger in again.items()}
    checks += [_ledger(name, plan.ledgers.get(name, ledger.head(0)), ledger, tol) for name, ledger in again.items()]
    checks += [_objective(plan, totals, gross, tol), _caps(plan, totals, gross, tol)]
    checks += [bound_check(plan.solve, tol), gap_check(plan.solve, tol), _record(plan)]
    return Certificate(case.study.settings.study.name, case.study.digest, tuple(checks), tuple(plan.totals.items()))


def fresh_checks(study: Study, plan: Plan, *, rows: PlanRows | None = None, tol: float = 1e-6) -> tuple[Check, ...]:
    """Return what can be wrong with a plan that was made of its tables a moment ago: every rule, and its record.

    Its list of plants and its ledgers were worked out by the functions that :func:`certify` would compare them with;
    that is left out, and with it half of the time.

    Parameters
    ----------
    study : Study
        With its layers: the one that the plan answers.
    plan : Plan
        From :func:`evsiting.results.assemble.plan_from_tables`.
    rows : PlanRows, optional
        What the plan was made of, joined with the study's figures already.
    tol : float, optional
        Largest relative violation that passes. [fraction]
    """
    rules_kept = _kept_rules(Examination(study, plan, rows), tol)
    totals, solve = plan.totals, plan.solve
    gross = {name: float(ledger["value"].abs().sum()) for name, ledger in plan.ledgers.items()}
    record = [_objective(plan, totals, gross, tol), _caps(plan, totals, gross, tol)]
    return (*rules_kept, *record, bound_check(solve, tol), gap_check(solve, tol))


def _kept_rules(case: Examination, tol: float) -> list[Check]:
    return [_worst_check(name, rule(case), tol) for name, rule in RULES.items()]


def _require_columns(plan: Plan) -> None:
    lacks = {name: [c for c in DECISIONS[name].columns if c not in frame] for name, frame in plan.tables.items()}
    lacks["sites"] = [c for c in SITE_COLUMNS if c not in plan.sites]
    for name in (name for name, kind in OBJECTIVES.items() if kind.need is None):
        ledger = plan.ledgers.get(name, pd.DataFrame())
        lacks[f"ledger of {name}"] = [c for c in LEDGER_COLUMNS if c not in ledger]
    problems = [
        Problem(f"plan, {name}", "columns are missing", shown(columns), "Give a plan as evsiting.solve returns it")
        for name, columns in lacks.items()
        if columns
    ]
    if problems:
        raise InputError(problems)


def _worst_check(name: str, violations: list[Violations], tol: float) -> Check:
    """Return the check of a rule: its worst row."""
    rows = sum(len(part.broken) for part in violations)
    worst = max((part for part in violations if len(part.broken)), key=lambda part: part.broken.max(), default=None)
    if worst is None or worst.broken.max() <= 0.0:
        return Check(name, 0.0, tol, rows=rows)
    row = int(worst.broken.argmax())
    return Check(name, float(worst.broken[row]), tol, *worst.tell(row), rows)


def _compare_figure(name: str, stated: float, recomputed: float, size: float, tol: float, where: str) -> Check:
    """Return the check of one figure against its recomputation; ``size`` is the sum of the sizes of its terms."""
    off = abs(stated - recomputed) / max(abs(recomputed), 1e-3 * size, TINY)
    seen = f"stated {stated:,.9g}, recomputed {recomputed:,.9g}"
    return Check(name, off if math.isfinite(off) else math.inf, tol, where, seen)


def _digest(case: Examination) -> Check:
    study, plan = case.study, case.plan
    same = study.digest == plan.study_digest and study.settings.study.name == plan.study_name
    evidence = f"the plan answers {plan.study_name!r} {plan.study_digest[:12]}, the study is {study.digest[:12]}"
    return Check(
        "digest", 0.0 if same else 1.0, 0.0, "" if same else study.settings.study.name, "" if same else evidence
    )


def _sites(case: Examination, tol: float) -> Check:
    """Compare the list of plants with the tables: size, investment, jobs, use, programs, place."""
    stated = _index_by_code(case.plan.sites)
    again = _index_by_code(plant_list(case.facts))
    index = stated.index.union(again.index)
    stated, again = stated.reindex(index), again.reindex(index)
    violations = []
    for column in [*SITE_COLUMNS, "lon", "lat"]:
        left, right = stated[column].to_numpy(object), again[column].to_numpy(object)
        if again[column].dtype == np.float64:
            numbers = right.astype(np.float64)
            least = max(1e-9 * np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0), TINY)
            off = np.abs(left.astype(np.float64) - numbers) / np.maximum(np.abs(numbers), least)
            broken = np.where(np.isfinite(off), off, np.inf)
        else:
            broken = np.array([float(a != b) for a, b in zip(left, right, strict=True)])
        violations.append(Violations(broken, _describer(index, f"{column} " + "{}, recomputed {}", left, right)))
    return _worst_check("sites", violations, tol)


def _describer(index: pd.Index, words: str, *values: Any) -> Callable[[int], tuple[str, str]]:
    """Return the function from a row's number to its place and to the values there."""

    def tell(row: int) -> tuple[str, str]:
        code = index[row] if isinstance(index[row], tuple) else (index[row],)
        return "/".join(str(part) for part in code if part != ""), words.format(*(v[row] for v in values))

    return tell


def _index_by_code(sites: pd.DataFrame) -> pd.DataFrame:
    """Return plants by their code, counted where a code comes twice, with their coordinates as numbers."""
    flat = pd.DataFrame(sites[list(SITE_COLUMNS)])
    flat["lon"], flat["lat"] = sites["geometry"].x.to_numpy(), sites["geometry"].y.to_numpy()
    flat["number"] = flat.groupby("plant").cumcount()
    return flat.set_index(["plant", "number"], drop=False).rename_axis(["code", "nth"]).drop(columns="number")


def _ledger(name: str, stated: pd.DataFrame, again: pd.DataFrame, tol: float) -> Check:
    """Compare a ledger with its recomputation by line, by item and in total, relative to the item's size."""
    left, right = (sums_of_lines(frame, LEDGER_COLUMNS[:-1]) for frame in (stated, again))
    size = {str(item): float(gross) for item, gross in again["value"].abs().groupby(again["item"]).sum().items()}
    return _worst_check(f"ledger_{name}", compare_sums(list(left | right), left, right, size), tol)


def _objective(plan: Plan, totals: dict[str, float], gross: dict[str, float], tol: float) -> Check:
    try:
        recomputed = plan.solve.value_of(totals)
        size = sum(abs(weight) * gross[name] for name, weight in plan.solve.weights.items())
    except ValueError as error:
        return Check("objective", math.inf, tol, plan.solve.objective_name, str(error))
    return _compare_figure("objective", plan.solve.objective, recomputed, size, tol, plan.solve.objective_name)


def _caps(plan: Plan, totals: dict[str, float], gross: dict[str, float], tol: float) -> Check:
    """Check that each ceiling holds; jobs count with a minus sign."""
    violations = []
    for name, ceiling in plan.solve.caps.items():
        value = least_is_best(name, totals[name]) if name in totals else math.nan
        size = max(abs(ceiling), 1e-3 * gross.get(name, 0.0), TINY)
        over = max(0.0, value - ceiling) / size if math.isfinite(value) else math.inf
        evidence = f"{value:,.9g} against a ceiling of {ceiling:,.9g}"
        violations.append(Violations(np.array([over]), _describer(pd.Index([name]), "{}", [evidence])))
    return _worst_check("caps", violations, tol)


def bound_check(solve: Solve, tol: float) -> Check:
    """Check that the bound is no higher than the objective of what was found, which itself is possible."""
    over = (solve.bound - solve.objective) / max(abs(solve.objective), TINY)
    seen = f"the bound is {solve.bound:,.9g}, reached was {solve.objective:,.9g}"
    return Check("bound", math.inf if math.isnan(over) else max(0.0, over), tol, solve.objective_name, seen)


def gap_check(solve: Solve, tol: float) -> Check:
    """Check that what was found is called optimal only if its gap is proven; one that is no number proves nothing."""
    if solve.status not in (Status.OPTIMAL, Status.FEASIBLE):
        return Check("gap", math.inf, tol, str(solve.status), "a run that ended so has no plan")
    apart = abs(solve.objective - solve.bound)
    if solve.status is Status.FEASIBLE or apart == 0.0:
        return Check("gap", 0.0, tol)
    over = solve.gap - solve.gap_asked
    seen = f"called optimal at a gap of {solve.gap:.3g}, asked for {solve.gap_asked:.3g}"
    known = not (math.isnan(over) or math.isnan(apart))  # max() below would take NaN for zero
    return Check("gap", max(0.0, over) if known else math.inf, tol, str(solve.status), seen)


def _record(plan: Plan) -> Check:
    """Check that objective, bound, gap asked, status and ceilings are those that were proven."""
    seal = plan.solve.seal
    if not seal:
        return Check("record", 0.0, 0.0, "", UNSEALED if math.isfinite(plan.solve.bound) else "")
    if seal == seal_of(plan):
        return Check("record", 0.0, 0.0)
    evidence = "status, objective, bound, gap asked or ceilings were changed since: the bound is unproven"
    return Check("record", 1.0, 0.0, plan.solve.objective_name, evidence)
