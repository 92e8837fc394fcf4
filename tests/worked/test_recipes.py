"""The examples of docs/recipes.md, worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.results.analysis.landed_cost import landed_parts
from evsiting.results.assemble import plan_from_tables
from evsiting.study.provenance import row_keys
from evsiting.study.study import Study
from tests.brute_force import brute_force
from tests.recipe_studies import flows, recipe_study

#: Two chemistries: 3 kg of nickel at 20 USD, or 4 kg of iron at 5 USD and more power.
CHEMISTRIES = {
    "sites": {"memphis": "", "phoenix": ""},
    "processes": [
        {"plant_type": "nmc", "product": "cell", "material_usd_per_unit": 10.0},
        {"plant_type": "lfp", "product": "cell", "material_usd_per_unit": 25.0, "good_share": 0.8},
    ],
    "options": [
        {"plant_type": "nmc", "option": "line", "capacity_units_per_yr": 100.0, "capex_usd": 1_000.0},
        {"plant_type": "lfp", "option": "line", "capacity_units_per_yr": 60.0, "capex_usd": 1_000.0},
    ],
    "bill": [
        {"product": "cell", "input": "nickel", "units_per_unit": 3.0, "plant_type": "nmc"},
        {"product": "cell", "input": "iron", "units_per_unit": 4.0, "plant_type": "lfp"},
        {"product": "cell", "input": "foil", "units_per_unit": 1.0, "plant_type": None},
    ],
    "sold": {("nickel mine", "nickel"): 20.0, ("iron works", "iron"): 5.0, ("foil mill", "foil"): 2.0},
    "lanes": [
        *(
            (part, seller, site, 0.0)
            for seller, part in (("nickel mine", "nickel"), ("iron works", "iron"), ("foil mill", "foil"))
            for site in ("memphis", "phoenix")
        ),
        *(("cell", site, "new_york", 1.0) for site in ("memphis", "phoenix")),
    ],
    "wanted": {("new_york", "cell"): 100.0},
}


def test_two_chemistries_of_one_product_by_hand() -> None:
    study = recipe_study(**CHEMISTRIES)
    plan = ev.solve(study, gap=0.0)
    # A cell of lfp: 25 + (4 x 5 + 2) / 0.8 = 52.5, of nmc: 10 + 3 x 20 + 2 = 72; each line 1,000. Two lines of lfp
    # make 120: 100 x 52.5 + 2,000 = 7,250, one of nmc 7,200 + 1,000 = 8,200.
    assert plan.totals["cost"] == pytest.approx(7_250.0 + 100.0)
    assert set(plan.production["plant_type"]) == {"lfp"}
    arrived = plan.shipments.groupby("product")["units_per_yr"].sum()
    assert arrived.to_dict() == pytest.approx({"cell": 100.0, "foil": 125.0, "iron": 500.0})
    assert landed_parts(study, plan)["value"].sum() == pytest.approx(7_350.0)
    ev.certify(study, plan).raise_if_failed()


#: Four echelons: spent packs are collected, recycled to nickel, copper and slag, and made into cells and packs again.
RECYCLING = {
    "sites": {"memphis": "cells;packs", "phoenix": "recycler"},
    "processes": [
        {"plant_type": "recycler", "product": "nickel", "material_usd_per_unit": 4.0},
        {"plant_type": "cells", "product": "cell", "material_usd_per_unit": 0.0},
        {"plant_type": "packs", "product": "pack", "material_usd_per_unit": 0.0},
    ],
    "options": [
        {"plant_type": "recycler", "option": "plant", "capacity_units_per_yr": 250.0, "capex_usd": 1_000.0},
        {"plant_type": "cells", "option": "line", "capacity_units_per_yr": 400.0, "capex_usd": 500.0},
        {"plant_type": "packs", "option": "line", "capacity_units_per_yr": 40.0, "capex_usd": 500.0},
    ],
    "bill": [
        {"product": "nickel", "input": "spent pack", "units_per_unit": 0.2, "plant_type": "recycler"},
        {"product": "cell", "input": "nickel", "units_per_unit": 1.0, "plant_type": None},
        {"product": "cell", "input": "copper", "units_per_unit": 0.5, "plant_type": None},
        {"product": "pack", "input": "cell", "units_per_unit": 10.0, "plant_type": None},
    ],
    "sold": {("collection", "spent pack"): 15.0, ("mine", "nickel"): 20.0, ("smelter", "copper"): 8.0},
    "lanes": [
        ("spent pack", "collection", "phoenix", 0.0),
        ("nickel", "mine", "memphis", 0.0),
        ("copper", "smelter", "memphis", 0.0),
        ("nickel", "phoenix", "memphis", 0.0),
        ("copper", "phoenix", "memphis", 0.0),
        ("cell", "memphis", "memphis", 0.0),
        ("pack", "memphis", "new_york", 1.0),
    ],
    "wanted": {("new_york", "pack"): 30.0},
}


def recycling(slag: float | None = 0.5, copper: float = 0.8, comes_back: float = 40.0) -> Study:
    """Return the recycling chain with a cost of disposing of slag, so much copper with nickel, so many spent packs."""
    beside = pd.DataFrame(
        [("recycler", "nickel", "copper", copper, 0.0), ("recycler", "nickel", "slag", 1.5, slag)],
        columns=["plant_type", "product", "by_product", "units_per_unit", "disposal_usd_per_unit"],
    )
    study = recipe_study(**RECYCLING, by_products=beside)
    sold = study.suppliers
    sold["capacity_units_per_yr"] = sold["capacity_units_per_yr"].mask(sold["supplier"] == "collection", comes_back)
    return study.with_table("suppliers", sold)


def test_a_recycling_chain_of_four_echelons_with_joint_products_by_hand_and_by_brute_force() -> None:
    study = recycling()
    plan = ev.solve(study, gap=0.0)
    # 200 of nickel at 7.75 and 100 at 20, plants for 1,000 + 500 + 500, freight of 30.
    assert plan.totals["cost"] == pytest.approx(200 * 7.75 + 100 * 20 + 2_000 + 30)
    assert brute_force(study) == pytest.approx(plan.totals["cost"])
    gone = plan.decisions["disposals"].set_index("product")["units_per_yr"]
    assert gone.to_dict() == pytest.approx({"copper": 10.0, "slag": 300.0})
    cost = plan.ledgers["cost"]
    assert cost.loc[cost["item"] == "disposal", "value"].sum() == pytest.approx(150.0)
    assert flows(plan)["copper", "phoenix", "memphis"] == pytest.approx(150.0)
    assert landed_parts(study, plan)["value"].sum() == pytest.approx(plan.totals["cost"])
    ev.certify(study, plan).raise_if_failed()


def test_what_must_leave_and_is_taken_by_nobody_is_not_made() -> None:
    plan = ev.solve(recycling(slag=None), gap=0.0)
    assert plan.totals["cost"] == pytest.approx(300 * 20 + 150 * 8 + 1_000 + 30)
    assert set(plan.production["plant_type"]) == {"cells", "packs"}


def test_recycling_that_costs_more_than_it_gives_back_is_not_built() -> None:
    plan = ev.solve(recycling(slag=12.0), gap=0.0)
    assert "recycler" not in set(plan.sites["plant_type"])


def test_a_market_may_take_a_by_product() -> None:
    study = recipe_study(
        **{
            **RECYCLING,
            "wanted": {**RECYCLING["wanted"], ("toronto", "slag"): -280.0},
            "lanes": [*RECYCLING["lanes"], ("slag", "phoenix", "toronto", 0.1)],
        },
        by_products=recycling().by_products,
    )
    plan = ev.solve(study, gap=0.0)
    assert flows(plan)["slag", "phoenix", "toronto"] == pytest.approx(280.0)
    ev.certify(study, plan).raise_if_failed()


def test_a_plan_that_makes_cells_of_the_other_inputs_fails() -> None:
    study = recipe_study(**CHEMISTRIES)
    plan = ev.solve(study, gap=0.0)
    wrong = {
        **plan.decisions,
        "production": plan.production.assign(plant_type="nmc"),
        "shipments": plan.shipments,
        "unmet": plan.unmet,
        "openings": plan.decisions["openings"].assign(plant_type="nmc"),
    }
    spoiled = plan_from_tables(study, wrong, plan.solve)
    assert "balance" in ev.certify(study, spoiled).failed


def test_inputs_of_a_plant_type_that_does_not_make_the_product_or_given_twice_are_refused() -> None:
    bill = [
        {"product": "cell", "input": "nickel", "units_per_unit": 3.0, "plant_type": "lpf"},
        {"product": "cell", "input": "iron", "units_per_unit": 4.0, "plant_type": "foundry"},
        {"product": "cell", "input": "foil", "units_per_unit": 1.0, "plant_type": None},
        {"product": "cell", "input": "foil", "units_per_unit": 2.0, "plant_type": "nmc"},
    ]
    processes = [*CHEMISTRIES["processes"], {"plant_type": "foundry", "product": "iron", "material_usd_per_unit": 1.0}]
    with pytest.raises(InputError) as error:
        recipe_study(**{**CHEMISTRIES, "bill": bill, "processes": processes})
    for words in (
        "index 0: 'lpf'",
        "for a plant type that does not make the product",
        "foundry does not make cell",
        "for one plant type of what another row gives for every plant type",
    ):
        assert words in str(error.value)


def test_rows_of_the_bill_of_materials_are_named_with_their_plant_type() -> None:
    bill = pd.DataFrame(CHEMISTRIES["bill"]).astype({"plant_type": "str"})
    assert row_keys("bill_of_materials", bill).tolist() == ["cell|nickel|nmc", "cell|iron|lfp", "cell|foil"]
    assert row_keys("bill_of_materials", bill.drop(columns="plant_type")).tolist()[0] == "cell|nickel"


#: A plant in Phoenix, and a center in Memphis near two towns.
CENTER = {
    "sites": {"phoenix": "assembly", "memphis": "center"},
    "processes": [
        {"plant_type": "assembly", "product": "vehicle", "material_usd_per_unit": 50.0},
        {"plant_type": "center", "product": "vehicle", "material_usd_per_unit": 2.0, "pass_through_step": 1.0},
    ],
    "options": [
        {"plant_type": "assembly", "option": "works", "capacity_units_per_yr": 100.0, "capex_usd": 1_000.0},
        {"plant_type": "center", "option": "hall", "capacity_units_per_yr": 60.0, "capex_usd": 200.0},
    ],
    "bill": [],
    "sold": {},
    "lanes": [
        ("vehicle", "phoenix", "new_york", 20.0),
        ("vehicle", "phoenix", "toronto", 20.0),
        ("vehicle", "phoenix", "memphis", 6.0),
        ("vehicle", "memphis", "new_york", 3.0),
        ("vehicle", "memphis", "toronto", 4.0),
    ],
    "wanted": {("new_york", "vehicle"): 50.0, ("toronto", "vehicle"): 30.0},
}


def test_a_distribution_center_by_hand() -> None:
    study = recipe_study(**CENTER)
    plan = ev.solve(study, gap=0.0)
    # Direct: 20 a vehicle. By the center: 6 + 2 + 3 = 11 to New York, 12 to Toronto, for 200: 60 pass, 20 go directly.
    assert flows(plan) == {
        ("vehicle", "memphis", "new_york"): 50.0,
        ("vehicle", "memphis", "toronto"): 10.0,
        ("vehicle", "phoenix", "memphis"): 60.0,
        ("vehicle", "phoenix", "toronto"): 20.0,
    }
    assert plan.totals["cost"] == pytest.approx(80 * 50 + 1_000 + 200 + 50 * 11 + 10 * 12 + 20 * 20)
    ev.certify(study, plan).raise_if_failed()
    parts = landed_parts(study, plan)
    assert parts["value"].sum() == pytest.approx(plan.totals["cost"])
    # Each of 60 vehicles bears 50 + 12.5 of the works, and 6 + 2 + 200 / 60 of the way to and through the center.
    york = parts[parts["market"] == "new_york"]["value"].sum()
    assert york == pytest.approx(50 * (62.5 + 8 + 200 / 60 + 3))


def test_a_center_that_gives_more_than_it_gets_fails() -> None:
    study = recipe_study(**CENTER)
    plan = ev.solve(study, gap=0.0)
    sent = plan.shipments.copy()
    sent.loc[sent["destination"] == "memphis", "units_per_yr"] = 50.0
    wrong = {**plan.decisions, "production": plan.production, "shipments": sent, "unmet": plan.unmet}
    assert {"balance", "output"} <= set(ev.certify(study, plan_from_tables(study, wrong, plan.solve)).failed)


def test_centers_that_cannot_be_told_from_plants_and_lanes_back_are_refused() -> None:
    lanes = [*CENTER["lanes"], ("vehicle", "memphis", "phoenix", 1.0)]
    with pytest.raises(InputError) as error:
        recipe_study(**{**CENTER, "lanes": lanes, "sites": {"phoenix": "", "memphis": "center"}})
    assert "phoenix: center passes it on, assembly makes it" in str(error.value)
    with pytest.raises(InputError, match="1 of 6 lanes is from a center to a plant or to a center of no later step"):
        recipe_study(**{**CENTER, "lanes": lanes})
    duties = pd.DataFrame(
        {"product": ["vehicle"], "origin": ["US"], "destination": ["CA"], "measure": ["x"], "rate": [0.1]}
    )
    with pytest.raises(InputError, match="a center sends goods across a border"):
        recipe_study(**CENTER, duties=duties)
