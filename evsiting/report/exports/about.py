"""The first sheet of a workbook and the notes of a GeoPackage: question, answer, proof, totals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evsiting.report.headline import answer, consequence, facts, status_words
from evsiting.report.ledger_items import item_name
from evsiting.report.number_format import format_percent, plural
from evsiting.results.analysis.landed_cost import Landing
from evsiting.results.plan import Plan
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study, offered_objectives

if TYPE_CHECKING:
    from evsiting.results.certificate import Certificate


@dataclass(frozen=True)
class About:
    """What a reader must know first.

    Parameters
    ----------
    name, question, answer, consequence, honesty : str
        Sentences.
    grade : str
        ``good``, ``fair`` or ``poor``: how far the answer can be relied on.
    figures : list of (str, float, str)
        Name, value and unit of the totals.
    circumstances : list of (str, str or float, str)
        How the answer was reached.
    """

    name: str
    question: str
    answer: str
    consequence: str
    honesty: str
    grade: str
    figures: list[tuple[str, float, str]]
    circumstances: list[tuple[str, str | float, str]]


def about(study: Study, plan: Plan, certificate: Certificate | None = None) -> About:
    """Return the first words on a plan."""
    headline, total = facts(study, plan), plan.totals
    words, grade = status_words(plan)
    if certificate is None:
        checked = "No certificate was given."
    elif certificate.passed:
        checked = f"Certificate passed: recomputed from the tables, {len(certificate.checks)} checks."
    else:
        checked, grade = f"Certificate FAILED: {', '.join(certificate.failed)}. Do not rely on this plan.", "poor"
    unit = headline.unit or "unit"
    figures = [
        *((OBJECTIVES[name].title, total[name], unit_and_span(study, name)) for name in offered_objectives(study)),
        ("Direct jobs, last period", headline.fte_last, "full-time positions"),
        (f"Landed cost of one {unit}", headline.landed_usd, f"USD/{unit}"),
        (f"Cheapest import of one {unit}", headline.import_usd, f"USD/{unit}"),
        *_cost_comparison(study, plan, unit),
        (f"Imported part of {plural(unit, 2)}", headline.import_share, "fraction"),
        ("Delivered part of demand", headline.served, "fraction"),
        ("New plants", float(len(plan.opened)), ""),
        *((item_name(item), value, "USD, present value") for item, value in _program_and_customs_sums(plan) if value),
    ]
    solve = plan.solve
    circumstances: list[tuple[str, str | float, str]] = [
        ("Status", str(plan.status), ""),
        ("Minimised", solve.objective_name, ""),
        ("Objective", solve.objective, ""),
        ("Proven bound", solve.bound, ""),
        ("Proven gap", plan.gap, "fraction"),
        ("Bound proven by", _PROVEN_BY[solve.bound_by], ""),
        ("Solver", f"{solve.engine} {solve.engine_version}".strip(), ""),
        ("Time", solve.seconds, "s"),
        ("Seed", float(solve.seed), ""),
        ("Study digest", plan.study_digest, "SHA-256 of settings and tables"),
        *((name, version, "version") for name, version in plan.versions.items()),
    ]
    return About(
        name=study.settings.study.name,
        question=study.settings.study.question,
        answer=answer(study, plan),
        consequence=consequence(study, plan, headline),
        honesty=f"{words} {checked}",
        grade=grade,
        figures=[f for f in figures if math.isfinite(f[1])],
        circumstances=circumstances,
    )


def unit_and_span(study: Study, name: str) -> str:
    """Return unit and span of a total: the price year and the discount rate of money, the horizon of all else."""
    kind, money = OBJECTIVES[name], study.settings.money
    if kind.quantity == "money":
        return f"{kind.shown_unit} of {money.price_year}, present value at {format_percent(money.discount_rate)}"
    return f"{kind.exact_unit} over the horizon"


#: Who proves a bound, in words.
_PROVEN_BY = {
    "prices": "prices of the constraints, in bound_prices.npz: evsiting certify recomputes it without a solver",
    "solver": "the solver's own branch and bound",
    "aggregation": "the linear relaxation over groups of places, each with the best lanes of its members",
}


def _cost_comparison(study: Study, plan: Plan, unit: str) -> list[tuple[str, float, str]]:
    """Return what plants of the plan deliver a unit for, and the duty at which the import would cost the same."""
    rows = Landing(study, plan).cost(["product"])
    if len(rows) != 1:
        return []
    own, even = (float(rows[column].iloc[0]) for column in ("plants_usd_per_unit", "break_even_duty"))
    return [
        (f"Landed cost of one {unit} from the plan's plants", own, f"USD/{unit}"),
        ("Break-even duty on the cheapest import", even, "fraction of its price"),
    ]


def _program_and_customs_sums(plan: Plan) -> list[tuple[str, float]]:
    """Return what programs pay and what customs takes and spares, from the cost ledger."""
    ledger = plan.ledgers["cost"].groupby("item")["value"].sum()
    return [(item, float(ledger.get(item, 0.0))) for item in ("credits", "duty", "duty relief")]
