"""Plans for several futures with one first stage, and the check that they are what they say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.errors import expect
from evsiting.results.certificate import Certificate, Check, bound_check, certify, gap_check
from evsiting.results.complete_study import complete_study, study_in_scenario
from evsiting.results.plan import RESOLVED, Plan, Solve, _Answer
from evsiting.results.rules.case import TINY
from evsiting.study.derived.program_rules import offered_claims
from evsiting.study.derived.scenarios import probabilities
from evsiting.study.objectives import OBJECTIVES, amount_words, total_words
from evsiting.study.study import Study

__all__ = ["FIRST_STAGE", "ScenarioPlans", "certify_scenarios", "tail_mean"]

#: Tables of a plan that are decided before it is known which scenario comes true; ``claims`` beside them.
FIRST_STAGE = ("openings", "closings", "resumptions", "retirements", "upgrades")
_CLAIM = ["program", "site", "plant_type"]


@dataclass(frozen=True, eq=False)
class ScenarioPlans(_Answer):
    """The answer to a study with scenarios: one plan a scenario, all with the same first stage.

    Parameters
    ----------
    study_name, study_digest : str
        The study (with its layers and scenarios) that is answered.
    solve : Solve
        Of the expected objective: status, value, bound and circumstances. With risk aversion, of the mix of expected
        value and tail.
    probability : mapping of str to float
        Of each scenario. [1]
    plans : mapping of str to Plan
        By scenario; each answers :func:`evsiting.scenario_study` and is certified like any other. Nothing is proven of
        one of them alone: the bound is that of ``solve``.
    risk_aversion : float
        Weight of the tail in the objective. [1]
    cvar_level : float
        Level of the tail: its mean is that of the worst part ``1 - cvar_level`` of the probability. [1]
    best_alone : mapping of str to (float, float)
        Where the largest regret was minimised: objective and bound of the best plan of each scenario by itself, from
        which regret is counted. The objective of ``solve`` is then their mean and the largest regret together.

    Examples
    --------
    >>> import pandas as pd
    >>> import evsiting as ev
    >>> chances = pd.DataFrame({"scenario": ["low", "high"], "probability": [0.5, 0.5]})
    >>> change = {
    ...     "scenario": "low",
    ...     "table": "demand",
    ...     "column": "units_per_yr",
    ...     "action": "multiply",
    ...     "value": 0.8,
    ... }
    >>> study = ev.complete(ev.example("starter")).with_table("scenarios", chances)
    >>> study = study.with_table("scenario_changes", pd.DataFrame([change]))
    >>> plans = ev.solve_scenarios(study, gap=0.05)
    >>> (
    ...     list(plans.plans),
    ...     plans.first.opened["site"].tolist() == plans.plans["high"].opened["site"].tolist(),
    ... )
    (['high', 'low'], True)
    """

    study_name: str
    study_digest: str
    solve: Solve
    probability: Mapping[str, float]
    plans: Mapping[str, Plan]
    risk_aversion: float = 0.0
    cvar_level: float = 0.95
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    best_alone: Mapping[str, tuple[float, float]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def first(self) -> Plan:
        """The plan of the first scenario: its new plants are those of all."""
        return next(iter(self.plans.values()))

    @property
    def table(self) -> pd.DataFrame:
        """One row a scenario: ``scenario``, ``probability``, ``objective``, totals, ``unmet_units_per_yr``.

        Unmet units are the sum over products, markets and periods, each by the year.
        """
        return pd.DataFrame(
            [
                {
                    "scenario": name,
                    "probability": self.probability[name],
                    "objective": plan.solve.objective,
                    **{total: plan.totals.get(total, 0.0) for total in self._names()},
                    "unmet_units_per_yr": float(plan.unmet["units_per_yr"].sum()),
                }
                for name, plan in self.plans.items()
            ]
        )

    @property
    def table_with_mean(self) -> pd.DataFrame:
        """The table of scenarios with a last row ``expected``: every figure weighted by probability."""
        table = self.table
        numbers = [c for c in table if c not in ("scenario", "probability")]
        mean = {c: float((table[c] * table["probability"]).sum()) for c in numbers}
        last = pd.DataFrame([{"scenario": "expected", "probability": 1.0, **mean}])
        return pd.concat([table, last], ignore_index=True)

    @property
    def expected(self) -> dict[str, float]:
        """Totals weighted by probability: cost [USD present value], emissions [t], jobs [job-years], late [units]."""
        return {
            name: sum(self.probability[s] * plan.totals.get(name, 0.0) for s, plan in self.plans.items())
            for name in self._names()
        }

    def _names(self) -> list[str]:
        return list(dict.fromkeys(name for plan in self.plans.values() for name in plan.totals))

    @property
    def value(self) -> float:
        """What was minimised, reckoned from the plans: the expected objective, with its tail where risk counts.

        Where the largest regret was minimised, it on top of the mean of the best plans.
        """
        values = {name: plan.solve.objective for name, plan in self.plans.items()}
        return self.value_of(values)

    def value_of(self, values: Mapping[str, float]) -> float:
        """Return what would have been minimised, had the scenarios these objectives."""
        chances = [self.probability.get(name, 0.0) for name in values]
        if self.best_alone:
            best = [self.best_alone[name][0] for name in values]
            return mean_risk(best, chances, 0.0, 0.0) + max(v - b for v, b in zip(values.values(), best, strict=True))
        return mean_risk(values.values(), chances, self.risk_aversion, self.cvar_level)

    def regrets(self, best_alone: Mapping[str, tuple[float, float]] | None = None) -> pd.DataFrame:
        """Return by how much the plan of each scenario is worse than if the scenario had been known.

        Parameters
        ----------
        best_alone : mapping of str to (float, float), optional
            Objective and bound of the best plan of each scenario by itself; those of the plans where they were made for
            least regret.

        Returns
        -------
        pandas.DataFrame
            ``scenario``, ``objective``, ``best_alone``; ``least`` and ``most``: between which the regret lies, by the
            plan that is best alone and by its bound.
        """
        best = self.best_alone if best_alone is None else best_alone
        rows = [
            (name, plan.solve.objective, best[name][0], plan.solve.objective - best[name][0],
             plan.solve.objective - best[name][1])
            for name, plan in self.plans.items()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["scenario", "objective", "best_alone", "least", "most"])

    @property
    def largest_regret(self) -> tuple[float, float]:
        """Between which the least largest regret lies that any first stage has; of plans made for least regret.

        Infinite at both ends where they were made for something else.
        """
        if not self.best_alone:
            return -math.inf, math.inf
        mean = sum(self.probability[name] * best for name, (best, _) in self.best_alone.items())
        return max(0.0, self.solve.bound - mean), float(self.regrets()["most"].max())

    @property
    def cvar(self) -> float:
        """Mean of the objective over its worst part, at :attr:`cvar_level`."""
        values = [plan.solve.objective for plan in self.plans.values()]
        return tail_mean(values, [self.probability[name] for name in self.plans], self.cvar_level)

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self.table.to_string(index=False)}"

    @property
    def _gap_words(self) -> str:
        words, solve = super()._gap_words, self.solve
        if solve.objective_name in OBJECTIVES and RESOLVED < self.gap < math.inf:
            words += f", {amount_words(solve.objective_name, solve.absolute_gap)}"
        return words

    def _facts(self) -> list[tuple[str, str]]:
        mean, opened = self.expected, self.first.opened.groupby("plant_type").size()
        if self.best_alone:
            low, high = self.largest_regret
            regret = f"largest regret of {self.solve.objective_name} {low:,.6g} to {high:,.6g}, {self._gap_words}"
            return [("Plans for", f"{self.study_name}, {len(self.plans)} scenarios"), self._status_fact,
                    ("objective", regret)]  # fmt: skip
        risk = f", {self.risk_aversion:g} on the worst {1.0 - self.cvar_level:.0%}" if self.risk_aversion else ""
        return [
            ("Plans for", f"{self.study_name}, {len(self.plans)} scenarios"),
            self._status_fact,
            ("objective", f"expected {self.solve.objective_name}{risk}, {self._gap_words}"),
            *(
                (name, total_words(name, mean[name], expected=True))
                for name, kind in OBJECTIVES.items()
                if kind.need is None and name in mean
            ),
            ("new plants", ", ".join(f"{count} {kind}" for kind, count in opened.items()) or "none"),
        ]

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}{self.table.to_html(index=False)}"


def tail_mean(values: Iterable[float], chances: Iterable[float], level: float) -> float:
    r"""Return the conditional value-at-risk of a discrete loss: the mean of its worst part.

    .. math:: CVaR_\alpha(z) = \min_v \Big(v + \frac{1}{1 - \alpha} \sum_\omega \pi_\omega \max(0, z_\omega - v)\Big)

    Parameters
    ----------
    values, chances : iterable of float
        Losses, less is better, with their probabilities.
    level : float
        α, 0 to below 1. [1]

    References
    ----------
    .. [1] R. T. Rockafellar, S. Uryasev, "Optimization of conditional value-at-risk," Journal of Risk 2(3), 21-41,
       2000.

    Examples
    --------
    >>> tail_mean([10.0, 20.0, 40.0], [0.5, 0.3, 0.2], 0.6)
    30.0
    """
    loss, weight = np.array(list(values), np.float64), np.array(list(chances), np.float64)
    excess = np.maximum(loss[None, :] - loss[:, None], 0.0) @ weight
    return float(np.min(loss + excess / (1.0 - level)))


def mean_risk(values: Iterable[float], chances: Iterable[float], aversion: float, level: float) -> float:
    """Return the expected value, or its mix with the mean of the worst part.

    Examples
    --------
    >>> mean_risk([10.0, 20.0], [0.5, 0.5], 0.5, 0.5)
    17.5
    """
    loss, weight = list(values), list(chances)
    mean = sum(v * w for v, w in zip(loss, weight, strict=True))
    return mean if aversion == 0.0 else (1.0 - aversion) * mean + aversion * tail_mean(loss, weight, level)


def certify_scenarios(study: Study, plans: ScenarioPlans, *, tol: float = 1e-6) -> Certificate:
    """Recompute plans of scenarios from the study's tables and say what holds.

    Every plan is certified against its scenario's study; then the first stage of all must be the same, the scenarios
    those of the study, and the value what the certified totals and the probabilities make it.

    Parameters
    ----------
    study : Study
        The study with its scenarios; missing layers are completed first.
    plans : ScenarioPlans
        From :func:`evsiting.solve_scenarios`.
    tol : float, optional
        Largest relative violation that passes. [fraction]

    Returns
    -------
    Certificate
        Checks of a scenario's plan are named ``scenario: check``; those of all are ``scenarios``, ``first_stage``,
        ``expected``, ``bound`` and ``gap``.

    Raises
    ------
    InputError
        If a table of a plan lacks a column, or an argument is something else than it is called.

    Examples
    --------
    >>> import pandas as pd
    >>> import evsiting as ev
    >>> chances = pd.DataFrame({"scenario": ["low", "high"], "probability": [0.5, 0.5]})
    >>> change = {
    ...     "scenario": "low",
    ...     "table": "demand",
    ...     "column": "units_per_yr",
    ...     "action": "multiply",
    ...     "value": 0.8,
    ... }
    >>> study = ev.complete(ev.example("starter")).with_table("scenarios", chances)
    >>> study = study.with_table("scenario_changes", pd.DataFrame([change]))
    >>> certify_scenarios(study, ev.solve_scenarios(study, gap=0.05)).passed
    True
    """
    expect("certify_scenarios", study=(study, Study), plans=(plans, ScenarioPlans), tol=(tol, float))
    ready, checks = complete_study(study), []
    known = probabilities(ready)
    studies = {name: study_in_scenario(ready, name) for name in plans.plans if name in known}
    for name, own in studies.items():
        proof = certify(own, plans.plans[name], tol=tol)
        checks += [Check(f"{name}: {c.name}", c.worst, c.allowed, c.where, c.seen, c.rows) for c in proof.results]
    checks += [_same_scenarios(ready, plans), _first_stage(studies, plans), _check_expected(studies, plans, tol)]
    checks += [bound_check(plans.solve, tol), gap_check(plans.solve, tol)]
    totals = tuple(plans.expected.items())
    return Certificate(ready.settings.study.name, ready.digest, tuple(checks), totals)


def _same_scenarios(study: Study, plans: ScenarioPlans) -> Check:
    """Check that the study is the one that is answered, and its scenarios those that were weighed."""
    known = probabilities(study)
    same = study.digest == plans.study_digest and dict(plans.probability) == known and set(plans.plans) == set(known)
    evidence = f"weighed {dict(plans.probability)}, the study {study.digest[:12]} has {known}"
    return Check("scenarios", float(not same), 0.0, "" if same else plans.study_name, "" if same else evidence)


def _first_stage(studies: Mapping[str, Study], plans: ScenarioPlans) -> Check:
    """Compare what is decided beforehand between the scenarios; a claim must stand wherever it is offered."""
    rows = {
        (name, table): set(plans.plans[name].decisions[table].itertuples(index=False, name=None))
        for name in studies
        for table in FIRST_STAGE
    }
    claims = {name: _rows(plans.plans[name].decisions["claims"]) for name in studies}
    every = {claim for of_scenario in claims.values() for claim in of_scenario}
    worst, where, seen = 0, "", ""
    for name, own in studies.items():
        odd = {t: rows[name, t] ^ rows[next(iter(studies)), t] for t in FIRST_STAGE}
        odd["claims"] = claims[name] ^ (every & offered_claims(own))
        for table, different in odd.items():
            if len(different) > worst:
                worst, where = len(different), f"{name}, {table}"
                seen = f"{len(different)} rows are not those of all, such as {'|'.join(map(str, min(different)))}"
    return Check("first_stage", float(worst), 0.0, where, seen, sum(map(len, rows.values())))


def _rows(claims: pd.DataFrame) -> set[tuple[str, ...]]:
    return set(claims[_CLAIM].astype(str).itertuples(index=False, name=None))


def _check_expected(studies: Mapping[str, Study], plans: ScenarioPlans, tol: float) -> Check:
    """Compare the value that was minimised with the weighted sum of what the plans' ledgers add up to."""
    weights = plans.solve.weights
    value_of = {s: plans.solve.value_of({n: plans.plans[s].totals.get(n, 0.0) for n in weights}) for s in studies}
    lost = bool(plans.best_alone) and not set(value_of) <= set(plans.best_alone)
    values, again = list(value_of.values()), math.nan if lost or not value_of else plans.value_of(value_of)
    size = max([abs(again), *(1e-3 * abs(v) for v in values), TINY])
    off = abs(plans.solve.objective - again) / size if values else math.inf
    seen = f"stated {plans.solve.objective:,.9g}, weighted sum {again:,.9g}"
    return Check("expected", off if math.isfinite(off) else math.inf, tol, plans.solve.objective_name, seen)
