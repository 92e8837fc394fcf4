"""The certificate's second computation agrees where all is well, and finds slips that ledgers and program share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import UncertifiedError
from evsiting.model.build import build
from evsiting.results.assemble import plan_from_tables
from evsiting.results.certificate import _ledger as ledger_check
from evsiting.results.certificate import certify
from evsiting.results.ledgers import energy as ledger_energy
from evsiting.results.ledgers import ledgers
from evsiting.results.ledgers import trade as ledger_trade
from evsiting.results.ledgers.plan_rows import PlanRows, facts_of
from evsiting.results.plan import Plan
from evsiting.results.rules.audit.totals import Totals
from evsiting.results.rules.case import Examination
from evsiting.results.rules.ledger_totals import RULES
from evsiting.study import horizon
from evsiting.study.derived import customs
from evsiting.study.settings import Money
from evsiting.study.study import Study
from tests.certificate.test_sabotage_energy import plan_of
from tests.energy_studies import limited_study
from tests.full_study import full_plan
from tests.random_studies import random_study
from tests.reference.test_brute_force import objective_of
from tests.trade_studies import DUTIES, trade_study

#: What partners are promised, so that duties are paid whatever is cheapest.
PROMISED = (
    ("vehicle", "monterrey", "east", 50e3),
    ("cell", "busan", "memphis", 1e6),
    ("cell", "busan", "monterrey", 3e6),
    ("pack", "monterrey", "memphis", 35e3),
)
AUDITED = {"duties", "total_cost", "total_emissions", "total_freight_emissions", "total_jobs", "total_late"}


@cache
def paying_study() -> Study:
    """Return a study of two periods in which duties rise, with every relief from them."""
    now = pd.DataFrame(DUTIES, columns=["product", "origin", "destination", "measure", "rate", "relief"])
    later = now.assign(measure=now["measure"] + " later", rate=now["rate"] + 0.02, first_year=2033)
    rows = [(f"{p} of {a}", p, a, b, units) for p, a, b, units in PROMISED]
    promised = pd.DataFrame(rows, columns=["commitment", "product", "origin", "destination", "at_least"])
    promised["commitment"] += " to " + promised["destination"]
    return trade_study(periods=2, duties=pd.concat([now, later]), commitments=promised)


@cache
def paying_plan() -> Plan:
    """Return its plan."""
    return ev.solve(paying_study(), gap=0.01)


def tables_of(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return every table of a plan by name."""
    return {**plan.decisions, "production": plan.production, "shipments": plan.shipments, "unmet": plan.unmet}


def made_again(study: Study, plan: Plan) -> Plan:
    """Return the plan of the same tables, whose record says what its ledgers say."""
    again = plan_from_tables(study, tables_of(plan), plan.solve)
    value = again.solve.value_of(again.totals)
    return replace(again, solve=replace(again.solve, objective=value, bound=value))


# ---------------------------------------------------------------------------------------------- where all is well


def test_a_plan_with_every_relief_passes() -> None:
    study, plan = paying_study(), paying_plan()
    used = {name for name, rows in plan.decisions.items() if len(rows)}
    assert used >= {"qualified", "originating", "preferences", "contents", "in_quota", "offsets"}
    certify(study, plan).raise_if_failed()


@pytest.mark.filterwarnings("ignore:.*mostly the penalties:evsiting.errors.GapWarning")
@pytest.mark.parametrize("seed", range(3_000, 3_003))  # many more: tests/reference/test_brute_force.py
def test_both_computations_agree_on_random_studies(seed: int) -> None:
    study = random_study(seed, features=None)
    plan = ev.solve(study, objective=objective_of(seed, study), gap=0.02, verify=False)
    checks = certify(study, plan).checks.set_index("check")
    assert checks.loc[sorted(AUDITED), "worst"].max() < 1e-9


# ---------------------------------------------------------------------------------------------- slips that are shared


def _one_point_more(monkeypatch: pytest.MonkeyPatch) -> None:
    right = customs._yearly

    def wrong(study: Study, duties: pd.DataFrame) -> pd.DataFrame:
        rows = right(study, duties)
        return rows.assign(ad_valorem=rows["ad_valorem"] + 0.01)

    monkeypatch.setattr(customs, "_yearly", wrong)


def _largest_measure_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    right = customs.stacks

    def wrong(study: Study) -> pd.DataFrame:
        rows = right(study)
        way = ["product", "origin", "destination", "period"]
        return rows[rows["rate"] == rows.groupby(way)["rate"].transform("max")].reset_index(drop=True)

    monkeypatch.setattr(customs, "stacks", wrong)


def _rates_of_the_other_period(monkeypatch: pytest.MonkeyPatch) -> None:
    right = customs.stacks
    other = {"p1": "p2", "p2": "p1"}
    monkeypatch.setattr(customs, "stacks", lambda study: right(study).assign(
        period=lambda rows: rows["period"].map(other)))  # fmt: skip


def _value_in_place_of_the_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """Levy duty on what a product is worth, whoever sells it."""
    right, valued, sellers = customs.unit_values, ledger_trade.with_customs_value, ledger_trade._quotas

    def wrong(study: Study, lanes: pd.DataFrame) -> object:
        return right(study, lanes.assign(origin=""))

    def wrongly_valued(facts: PlanRows) -> pd.DataFrame:
        rows = valued(facts)
        return rows.assign(dutiable_usd=rows["value_usd_per_unit"])

    def wrong_quotas(facts: PlanRows) -> pd.DataFrame:
        other = PlanRows(facts.study, facts.tables)
        other.__dict__["sellers"] = facts.sellers.assign(customs_usd=float("nan"))
        return sellers(other)

    monkeypatch.setattr(customs, "unit_values", wrong)
    monkeypatch.setattr(ledger_trade, "with_customs_value", wrongly_valued)
    monkeypatch.setattr(ledger_trade, "_quotas", wrong_quotas)


def _no_dutiable_share(monkeypatch: pytest.MonkeyPatch) -> None:
    right = customs._yearly

    def wrong(study: Study, duties: pd.DataFrame) -> pd.DataFrame:
        return right(study, duties.assign(dutiable_share=0.5))

    monkeypatch.setattr(customs, "_yearly", wrong)


def _quotas_spare_more(monkeypatch: pytest.MonkeyPatch) -> None:
    right = customs.quotas
    monkeypatch.setattr(customs, "quotas", lambda study: right(study).assign(rate=lambda rows: 2.0 * rows["rate"]))


SLIPS = (
    _one_point_more,
    _largest_measure_alone,
    _rates_of_the_other_period,
    _value_in_place_of_the_price,
    _no_dutiable_share,
    _quotas_spare_more,
)


@pytest.mark.parametrize("slip", SLIPS)
def test_customs_arithmetic_that_program_and_ledgers_share_is_found_out(
    slip: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, right = paying_study(), paying_plan()
    slip(monkeypatch)
    plan = made_again(study, right)
    assert plan.totals["cost"] != pytest.approx(right.totals["cost"], rel=1e-6)
    program = build(study)
    by_program = program.milp.objectives["cost"].value(program.point(tables_of(plan)))
    assert by_program == pytest.approx(plan.totals["cost"], rel=1e-9)  # both sides make the same mistake
    failed = set(certify(study, plan).failed)
    assert failed >= {"duties", "total_cost"}
    assert not failed & {"ledger_cost", "objective"}


def test_no_plan_of_wrong_duties_is_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    study = paying_study()
    _one_point_more(monkeypatch)
    with pytest.raises(UncertifiedError) as refused:
        ev.solve(study, gap=0.01, verify=False)
    assert "duties: off by" in str(refused.value)
    assert "by the ledgers" not in str(refused.value)


def _ramp_up_of_the_discount(monkeypatch: pytest.MonkeyPatch) -> None:
    right = horizon.Horizon.of

    def wrong(periods: pd.DataFrame, money: Money) -> horizon.Horizon:
        return right(periods, money.model_copy(update={"discount_rate": money.discount_rate + 0.01}))

    monkeypatch.setattr(horizon.Horizon, "of", wrong)


def _a_shorter_life(monkeypatch: pytest.MonkeyPatch) -> None:
    right = horizon.capital_recovery_factor
    monkeypatch.setattr(horizon, "capital_recovery_factor", lambda rate, life: right(rate, life - 1.0))


@pytest.mark.parametrize("slip", [_ramp_up_of_the_discount, _a_shorter_life])
def test_discounting_that_program_and_ledgers_share_is_found_out(
    slip: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, right = paying_study(), paying_plan()
    slip(monkeypatch)
    plan = made_again(study, right)
    program = build(study)
    by_program = program.milp.objectives["cost"].value(program.point(tables_of(plan)))
    assert by_program == pytest.approx(plan.totals["cost"], rel=1e-9)
    failed = set(certify(study, plan).failed)
    assert "total_cost" in failed
    assert "ledger_cost" not in failed


# ---------------------------------------------------------------------------------------------- slips of ledgers

LEDGER_ITEMS = {
    "cost": (
        "capital", "residual value", "closing", "fixed", "labor", "power", "heat", "material", "purchases", "freight",
        "duty", "duty relief", "credits", "clawback", "clean power", "late", "unmet", "carbon",
    ),
    "emissions": ("freight", "electricity", "heat", "embodied", "clean power"),
    "freight_emissions": ("freight",),
    "jobs": ("fixed staff", "operating staff"),
    "late": ("late",),
}  # fmt: skip


@cache
def everything() -> tuple[Study, Plan]:
    """Return a plan that has every item; demand is unmet whatever the best plan does."""
    study, plan = full_plan()
    short = pd.DataFrame([("M-mexico-city", "vehicle", "2027-2029", 1e3)], columns=list(plan.unmet.columns))
    return study, plan_from_tables(study, {**tables_of(plan), "unmet": short}, plan.solve)


@cache
def worked_out() -> dict[str, object]:
    """Return what the rules work out of it, the ledgers apart, which none of it depends on."""
    case = Examination(*everything())
    for rule in RULES.values():
        rule(case)
    return {name: value for name, value in case.__dict__.items() if name not in ("plan", "ledgers")}


@pytest.mark.parametrize(("name", "item"), [(name, item) for name, items in LEDGER_ITEMS.items() for item in items])
def test_an_item_that_a_ledger_adds_up_wrongly_is_found_out(
    name: str, item: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, right = everything()
    assert item in set(right.ledgers[name]["item"])
    known = ledgers.ledgers_of

    def wrong(facts: PlanRows) -> dict[str, pd.DataFrame]:
        found = known(facts)
        lines = found[name]
        found[name] = lines.assign(value=lines["value"].where(lines["item"] != item, 1.01 * lines["value"]))
        return found

    plan = replace(right, ledgers=wrong(facts_of(study, right)))
    case = Examination(study, plan)
    case.__dict__.update(worked_out())
    assert isinstance(case.audit, Totals)  # which is no work of the ledgers'
    failed = {check for check, rule in RULES.items() if max(part.broken.max() for part in rule(case)) > 1e-6}
    assert failed == {f"total_{name}", *(("duties",) if item.startswith("duty") else ())}
    # The check of the ledger itself runs the code that made it.
    monkeypatch.setattr("evsiting.results.rules.case.ledgers_of", wrong)
    assert ledger_check(name, plan.ledgers[name], case.ledgers[name], 1e-6).passed


def test_grid_upgrades_that_a_ledger_adds_up_wrongly_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    study = limited_study()
    right = plan_of(study)
    assert "grid upgrades" in set(right.ledgers["cost"]["item"])
    certify(study, right).raise_if_failed()
    steps = ledger_energy.upgrade_steps
    monkeypatch.setattr(ledger_energy, "upgrade_steps", lambda study: steps(study).assign(
        capex_usd=lambda rows: 1.01 * rows["capex_usd"]))  # fmt: skip
    assert "total_cost" in certify(study, made_again(study, right)).failed
