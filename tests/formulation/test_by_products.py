"""By-products: rows spelled out, what the certificate refuses, and what tables may not say."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES
from evsiting.results.analysis.limit_use import limit_use
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Plan
from evsiting.study.study import Study
from tests.brute_force import brute_force
from tests.limit_studies import limits_frame
from tests.recipe_studies import recipe_study

COLUMNS = ["plant_type", "product", "by_product", "units_per_unit", "disposal_usd_per_unit"]


def smelting(*rows: tuple[object, ...], **more: object) -> Study:
    """Return a study of one smelter whose copper a market wants, with what comes beside it."""
    given = {
        "sites": {"memphis": "smelter", "phoenix": ""},
        "processes": [
            {"plant_type": "smelter", "product": "copper", "material_usd_per_unit": 1.0},
            {"plant_type": "brickyard", "product": "brick", "material_usd_per_unit": 1.0},
        ],
        "options": [
            {"plant_type": k, "option": "plant", "capacity_units_per_yr": 1_000.0, "capex_usd": 10.0}
            for k in ("smelter", "brickyard")
        ],
        "bill": [{"product": "brick", "input": "slag", "units_per_unit": 2.0}],
        "sold": {},
        "lanes": [("copper", "memphis", "new_york", 1.0), ("slag", "memphis", "phoenix", 1.0)],
        "wanted": {("new_york", "copper"): 400.0},
    }
    beside = pd.DataFrame(list(rows or [("smelter", "copper", "slag", 3.0, 0.5)]), columns=COLUMNS)
    return recipe_study(**{**given, **more}, by_products=beside)


def test_rows_are_as_written() -> None:
    milp = build(smelting()).milp
    assert list(milp.lines("disposal")) == [
        "disposal[memphis,smelter,slag,t1]: dispose[memphis,smelter,slag,t1] - 0.3 make[memphis,smelter,copper,t1] <= 0"
    ] or list(milp.lines("disposal"))
    rows = dict(line.split(": ", 1) for line in milp.lines("output"))
    assert rows["output[memphis,copper,t1]"].startswith("- make[memphis,smelter,copper,t1] + ship[copper,memphis")
    assert {"dispose[memphis,smelter,slag,t1]", "ship[slag,memphis,phoenix,road,t1]"} <= set(
        rows["output[memphis,slag,t1]"].split()
    )


def test_what_must_leave_has_no_column_of_disposal() -> None:
    milp = build(smelting(("smelter", "copper", "slag", 3.0, None))).milp
    assert milp.count("disposal") == 0
    assert not [name for name in milp.column_names() if name.startswith("dispose")]


@pytest.mark.parametrize("family", ["output", "disposal"])
def test_each_family_is_defined_where_it_is_written(family: str) -> None:
    assert f"\\tag{{{family}}}" in (FAMILIES[family].__doc__ or "")


# ------------------------------------------------------------------------------------------ sabotage


def spoiled(study: Study, change: Callable[[pd.DataFrame], pd.DataFrame]) -> set[str]:
    """Return the checks that fail on the best plan with its disposals changed, ledgers worked out anew."""
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    tables = {**plan.tables, "disposals": change(plan.decisions["disposals"])}
    return set(ev.certify(study, again(study, tables, plan)).failed) - {"objective", "bound"}


def again(study: Study, tables: dict[str, pd.DataFrame], plan: Plan) -> Plan:
    """Return the plan of some tables."""
    return plan_from_tables(study, tables, plan.solve)


def test_less_leaves_than_comes() -> None:
    assert "output" in spoiled(smelting(), lambda rows: rows.assign(units_per_yr=100.0))


def test_more_is_disposed_of_than_comes() -> None:
    failed = spoiled(smelting(), lambda rows: rows.assign(units_per_yr=1_300.0))
    assert {"output", "disposal"} <= failed


def test_one_plant_disposes_of_what_comes_of_another() -> None:
    study = smelting(
        ("smelter", "copper", "slag", 3.0, 0.5),
        ("brickyard", "brick", "slag", 0.1, 0.1),
        sites={"memphis": "", "phoenix": ""},
    )
    failed = spoiled(study, lambda rows: rows.assign(plant_type="brickyard"))
    assert "disposal" in failed
    assert "output" not in failed


def test_disposal_where_all_must_leave() -> None:
    study = smelting(
        ("smelter", "copper", "slag", 0.1, None),
        lanes=[("copper", "memphis", "new_york", 1.0)],
        wanted={("new_york", "copper"): -400.0},
    )
    plan = ev.solve(study, gap=0.0)
    assert not len(plan.production)
    free = smelting(("smelter", "copper", "slag", 0.1, 0.0))
    tables = dict(ev.solve(free, gap=0.0).tables)
    failed = set(ev.certify(study, again(study, tables, plan)).failed)
    assert "disposal" in failed


def test_disposal_of_what_the_study_does_not_know() -> None:
    study = smelting()
    plan = ev.solve(study, gap=0.0)
    gone = plan.decisions["disposals"]
    wrong = {**plan.decisions, "disposals": pd.concat([gone, gone.assign(product="copper")], ignore_index=True)}
    from dataclasses import replace

    assert "names" in ev.certify(study, replace(plan, decisions=wrong)).failed


# ------------------------------------------------------------------------------------------ tables


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("brickyard", "copper", "slag", 1.0, 0.0)], "brickyard does not make copper"),
        ([("smelter", "copper", "copper", 1.0, 0.0)], "for the product itself, or for what the plant type passes on"),
        ([("smelter", "copper", "slag", -1.0, 0.0)], "units_per_unit"),
        ([("smelter", "copper", "slag", 1.0, -1.0)], "disposal"),
        ([("smelter", "copper", "slag", 1.0, 0.0)] * 2, "by_products"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(rows: list[tuple[object, ...]], words: str) -> None:
    with pytest.raises(InputError) as error:
        smelting(*rows)
    assert words in str(error.value)


def test_one_by_product_has_one_cost_of_disposal() -> None:
    processes = [
        {"plant_type": "smelter", "product": p, "material_usd_per_unit": 1.0} for p in ("copper", "nickel")
    ] + [{"plant_type": "brickyard", "product": "brick", "material_usd_per_unit": 1.0}]
    rows = [("smelter", "copper", "slag", 1.0, 0.5), ("smelter", "nickel", "slag", 1.0, None)]
    with pytest.raises(InputError, match="more than one cost of disposal"):
        smelting(*rows, processes=processes)


def test_a_by_product_has_no_rule_of_origin() -> None:
    rules = pd.DataFrame({"product": ["slag"], "rvc": [0.5]})
    with pytest.raises(InputError, match="by-product is bound by a rule of origin"):
        smelting(("smelter", "copper", "slag", 1.0, 0.0), origin_rules=rules)


# ------------------------------------------------------------------------------------------ output


def two_smelters(*rows: dict[str, object], **more: pd.DataFrame) -> Study:
    """Return a study whose market wants copper and some of the slag, from a near smelter or a far one."""
    more |= {"limits": limits_frame(*rows)} if rows else {}
    return smelting(
        ("smelter", "copper", "slag", 3.0, 0.5),
        sites={"memphis": "smelter", "phoenix": "smelter"},
        lanes=[
            ("copper", "memphis", "new_york", 1.0),
            ("slag", "memphis", "new_york", 0.1),
            ("copper", "phoenix", "new_york", 2.0),
            ("slag", "phoenix", "new_york", 0.2),
        ],
        wanted={("new_york", "copper"): 400.0, ("new_york", "slag"): 300.0},
        **more,
    )


HALF = {
    "country_share": {"limit": "half", "kind": "output_share", "product": "slag", "place": "phoenix", "at_least": 0.5},
    "concentration": {"limit": "half", "kind": "concentration", "product": "slag", "per": "site", "at_most": 0.5},
}


@pytest.mark.parametrize("family", HALF)
def test_by_products_that_are_taken_are_output(family: str) -> None:
    free, bound = two_smelters(), two_smelters(HALF[family])
    plan, other = ev.solve(free, gap=0.0), ev.solve(bound, gap=0.0)
    assert plan.totals["cost"] == pytest.approx(10.0 + 400.0 * (1.0 + 1.0) + 300.0 * 0.1 + 900.0 * 0.5)
    assert other.totals["cost"] == pytest.approx(1_290.0 + 10.0 + 50.0 * 1.0 + 150.0 * 0.1)  # 50 of copper from afar
    assert brute_force(bound) == pytest.approx(1_365.0)
    ev.certify(bound, other).raise_if_failed()
    assert set(ev.certify(bound, again(bound, plan.tables, plan)).failed) - {"record"} == {family}


def test_what_is_disposed_of_is_no_output() -> None:
    """Of 600 units of slag at the far smelter, 450 are thrown away: they make no half of all."""
    study = two_smelters(HALF["country_share"])
    plan = ev.solve(study, gap=0.0)
    gone = plan.decisions["disposals"].set_index("site")["units_per_yr"]
    assert gone.sum() == pytest.approx(900.0)
    used = limit_use(study, plan, only=["share of a place"])
    assert used["used"].tolist() == pytest.approx([0.5])


def test_a_company_carries_what_comes_of_its_plants() -> None:
    limit = {"limit": "one", "kind": "concentration", "product": "slag", "per": "company", "at_most": 0.25}
    works = {"plant": "works", "site": "memphis", "plant_type": "smelter", "company": "Acme", "status": "existing"}
    plants = pd.DataFrame([{**works, "capacity_units_per_yr": 500.0}])
    free, bound = (two_smelters(*rows, plants=plants) for rows in ((), (limit,)))
    plan, other = ev.solve(free, gap=0.0), ev.solve(bound, gap=0.0)
    sent = other.shipments.query("product == 'slag'").set_index("origin")["units_per_yr"]
    assert sent["memphis"] == pytest.approx(75.0)
    assert brute_force(bound) == pytest.approx(other.totals["cost"])
    assert set(ev.certify(bound, again(bound, plan.tables, plan)).failed) - {"record"} == {"concentration"}


def test_a_credit_of_a_by_product_is_refused_with_the_way_to_give_it() -> None:
    with pytest.raises(InputError, match="times its table 'by_products', column 'units_per_unit'"):
        smelting().with_table(
            "programs",
            pd.DataFrame(
                {
                    "program": ["slag credit"], "country": ["US"], "plant_type": ["smelter"], "product": ["slag"],
                    "kind": ["production"], "value": [1.0], "first_year": [2027], "last_year": [2030],
                }
            ),
        )  # fmt: skip
