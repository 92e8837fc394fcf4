"""Forced decisions on the two-plant study: what they cost, item by item; what cannot be asked; where answers flip."""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.optimize.decisions.changed_figures import FIGURES, figure_today, with_figure
from evsiting.results.decisions.decision_tables import DecisionTables, read_decisions, write_decisions
from evsiting.results.decisions.why_not import BreakEven, WhyNot
from evsiting.study.study import Study
from tests.limit_studies import with_limits
from tests.program_studies import claims_study
from tests.studies import two_plant_study

HOW = {"gap": 0.0, "threads": 1, "verify": False}


@pytest.fixture(scope="module")
def study() -> Study:
    return ev.complete(two_plant_study())


@pytest.fixture(scope="module")
def plan(study: Study) -> ev.Plan:
    return ev.solve(study, **HOW)


@pytest.fixture(scope="module")
def asked(study: Study, plan: ev.Plan) -> WhyNot:
    built = set(plan.decisions["openings"]["site"])
    (other,) = {"memphis", "monterrey"} - built
    return ev.why_not(study, other, plan=plan, **HOW)


def test_a_forced_site_costs_what_the_study_with_that_limit_costs(study: Study, asked: WhyNot) -> None:
    row = {"kind": "plants_built", "place": asked.place, "at_least": 1}
    least = ev.solve(with_limits(study, row), **HOW).totals["cost"]
    assert asked.plan is not None
    assert asked.plan.totals["cost"] == pytest.approx(least, rel=1e-9)
    cost = asked.objectives.set_index("objective").loc["cost"]
    assert (cost["low"], cost["high"]) == (pytest.approx(cost["difference"]), pytest.approx(cost["difference"]))
    assert asked.difference.sure
    assert asked.question == f"with {asked.place}"
    ev.certify(asked.study, asked.plan).raise_if_failed()
    assert asked.study.limits["limit"].tolist() == [asked.question]


def test_its_ledger_adds_up_and_names_the_nearest_site_that_gives_way(plan: ev.Plan, asked: WhyNot) -> None:
    assert asked.plan is not None
    ledger = asked.ledger.set_index("item")
    assert ledger["difference"].sum() == pytest.approx(asked.plan.totals["cost"] - plan.totals["cost"])
    assert asked.rival in set(plan.decisions["openings"]["site"])
    rows = plan.ledgers["cost"]
    mine = rows[(rows["site"] == asked.rival) & (rows["item"] == "labor")]["value"].sum()
    assert ledger.loc["labor", "rival"] == pytest.approx(mine)
    assert "the best plan is worse by" in repr(asked)


def test_what_is_built_is_forbidden_and_no_plan_is_an_answer(study: Study, plan: ev.Plan) -> None:
    built = str(plan.decisions["openings"]["site"].iloc[0])
    out = ev.why_not(study, built, plan=plan, **HOW)
    assert out.question == f"without {built}"
    assert out.difference.low > 0.0
    none = ev.why_not(study, "US", supplier=None, force="out", plan=plan, **HOW) if out.plan is None else out
    assert none.plan is None or none.objectives["objective"].tolist()[0] == "cost"


def test_what_cannot_be_asked_is_refused(study: Study, plan: ev.Plan) -> None:
    with pytest.raises(InputError, match="a place or a program, or about a supplier"):
        ev.why_not(study, plan=plan)
    with pytest.raises(InputError, match="is unknown"):
        ev.why_not(study, "memphis", force="perhaps", plan=plan)
    with pytest.raises(InputError, match="none of the study"):
        ev.why_not(study, supplier="nobody", plan=plan)
    with pytest.raises(InputError, match="limits"):
        ev.why_not(study, "atlantis", plan=plan, **HOW)
    with pytest.raises(InputError) as error:
        ev.break_even(study, "windsor", "rent", plant_type="cell", within=0.0)
    assert len(error.value.problems) == 3


def test_programs_and_suppliers_are_forced_in_and_out() -> None:
    study = ev.complete(claims_study())
    plan = ev.solve(study, **HOW)
    cost = plan.totals["cost"]
    found = {
        "without 45X": ev.why_not(study, program="45X", plan=plan, **HOW),
        "with 48C at memphis/cell": ev.why_not(study, "memphis", plant_type="cell", program="48C", plan=plan, **HOW),
        "with 100,000 a year from busan": ev.why_not(study, supplier="busan", amount=1e5, plan=plan, **HOW),
    }
    assert [one.question for one in found.values()] == list(found)
    for one in found.values():
        assert one.plan is not None
        assert one.plan.totals["cost"] > cost
        ev.certify(one.study, one.plan).raise_if_failed()
    without, with_48c, bought = (one.plan for one in found.values())
    assert without is not None
    assert "45X" not in set(without.decisions["claims"]["program"])
    assert with_48c is not None
    claims = with_48c.decisions["claims"]
    assert ("48C", "cell") in set(zip(claims["program"], claims["plant_type"], strict=True))
    assert bought is not None
    sent = bought.shipments[bought.shipments["origin"] == "busan"]
    assert sent["units_per_yr"].sum() == pytest.approx(1e5)


@pytest.mark.slow
def test_the_offer_of_a_program_and_the_price_of_a_supplier_flip_the_answer() -> None:
    study = ev.complete(claims_study())
    plan = ev.solve(study, **HOW)
    offer = ev.break_even(study, "memphis", "offer", program="45X", within=0.1, plan=plan, **HOW)
    assert 0.0 < offer.out_at < offer.in_at < 1.0
    assert repr(offer).startswith("45X at memphis is in the best plan at an offer of")
    price = ev.break_even(study, what="price", supplier="busan", amount=1e5, within=0.1, plan=plan, **HOW)
    assert 0.0 < price.in_at < price.out_at < price.today == 90.0
    for value, buys in ((price.in_at, True), (price.out_at, False)):
        there = ev.solve(with_figure(study, "busan", "price", value, ""), **HOW)
        assert (there.shipments["origin"] == "busan").any() == buys


def test_what_cannot_be_asked_of_a_program_or_a_supplier_is_refused() -> None:
    study = ev.complete(claims_study())
    for words, asked in {
        "paid to every plant without a choice": {"program": "site grant"},
        "is none of the study": {"program": "49C"},
        "forced in without an amount.*up to 4,000,000 a year": {"supplier": "busan", "force": "in"},
        "more than the supplier can sell": {"supplier": "busan", "amount": 5e6},
        "is no amount": {"supplier": "busan", "amount": -1.0},
        "is what a supplier sells": {"place": "memphis", "amount": 1.0},
        "means nothing for a program": {"program": "48C", "option": "large"},
    }.items():
        with pytest.raises(InputError, match=words):
            ev.why_not(study, **asked)
    with pytest.raises(InputError, match="says nothing of a plant"):
        ev.break_even(study, "memphis", "price")
    with pytest.raises(InputError, match="stands beside a supplier"):
        ev.break_even(study, "memphis", "price", supplier="busan", amount=1.0)


def test_every_candidate_has_a_bound_that_its_plan_keeps(study: Study, plan: ev.Plan, asked: WhyNot) -> None:
    quick = ev.entry_costs(study, plan, **HOW)
    assert set(zip(quick["site"], quick["plant_type"], strict=True)) >= {(asked.place, "pack")}
    here = quick[quick["site"] == asked.place]["at_least"].min()
    assert 0.0 <= here <= asked.difference.high + 1e-6 * plan.totals["cost"]
    assert (quick[quick["in_plan"]]["at_least"] == 0.0).all()


def test_figures_change_their_table_alone() -> None:
    study = ev.complete(claims_study())
    for what, figure in FIGURES.items():
        own = "busan" if what == "price" else "memphis"
        today = figure_today(study, own, what)
        assert with_figure(study, own, what, today, "pack") is study
        other = with_figure(study, own, what, 0.9 * today + 0.05, "pack", "45X")
        assert {n for n in other.tables if not other.table(n).equals(study.table(n))} == {figure.table}


@pytest.mark.slow
def test_a_demand_that_no_plan_can_serve_is_no_flip(study: Study, plan: ev.Plan) -> None:
    site = str(plan.decisions["openings"]["site"].iloc[0])
    found = ev.break_even(study, site, "demand", within=0.3, plan=plan, **HOW)
    assert found.tried.loc[found.tried["value"] > 2.0, "builds"].tolist() == ["not proven"]


@pytest.mark.slow
def test_a_flip_is_told_beside_the_run(study: Study, plan: ev.Plan, asked: WhyNot, tmp_path: Path) -> None:
    found = ev.break_even(study, asked.place, "grant", plan=plan, **HOW)
    assert isinstance(found, BreakEven)
    assert found.today == 0.0 < found.out_at < found.in_at <= 1.011 * found.out_at
    assert found.study_in is not None
    there = ev.solve(found.study_in, **HOW)
    assert asked.place in set(there.decisions["openings"]["site"])
    assert f"{asked.place}/{found.plant_type} is built at a grant of" in repr(found)
    run = ev.write_run(tmp_path / "run", study, plan)
    write_decisions(run, DecisionTables.of(why_not=[asked]))
    write_decisions(run, DecisionTables.of(plan=plan, break_even=[found]))
    write_decisions(run, DecisionTables.of(why_not=[asked]))
    held = read_decisions(run)
    assert held is not None
    assert held.tables["why_not"]["question"].tolist() == [asked.question]
    assert math.isclose(held.tables["break_even"]["in_at"].iloc[0], found.in_at)


def test_codes_are_texts(study: Study, plan: ev.Plan) -> None:
    with pytest.raises(InputError, match="why_not, place: is no text .101.*in quotes"):
        ev.why_not(study, 101, plan=plan, **HOW)  # type: ignore[arg-type]


def test_values_that_the_search_tries_are_no_warnings_to_anybody(study: Study) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(with_figure(study, "memphis", "grant", 1e12, "pack").incentives) > len(study.incentives)
        with_figure(study, "memphis", "wage", 0.01, "")
