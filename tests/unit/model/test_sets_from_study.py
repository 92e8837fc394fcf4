"""Arrays made of the tables: order, units, periods, lanes that can carry nothing, and what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.errors import StudyError
from evsiting.model.sets_from_study import make_sets
from evsiting.study.study import Study
from tests.studies import two_plant_study, unchecked


def changed(**tables: pd.DataFrame) -> Study:
    """Return the two-plant study with other tables, unchecked."""
    study = two_plant_study()
    return unchecked(study, **tables)


def test_every_missing_site_column_and_the_lanes_are_told_at_once() -> None:
    study = two_plant_study()
    sites = study.sites.drop(columns="wage_usd_per_h").assign(power_price_usd_per_mwh=[60.0, np.nan, 80.0])
    with pytest.raises(StudyError) as caught:
        make_sets(changed(sites=sites, lanes=study.lanes.iloc[:0]))
    text = str(caught.value)
    assert "3 problems" in text
    assert "column 'wage_usd_per_h': empty cells (memphis, monterrey, windsor)" in text
    assert "column 'power_price_usd_per_mwh': empty cells (monterrey)" in text
    assert "lanes: the study has no lanes" in text


def test_the_order_of_rows_changes_nothing() -> None:
    study = two_plant_study()
    back = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in study.tables.items()}
    one, other = make_sets(study), make_sets(Study(study.settings, {**back, "periods": study.periods}))
    assert list(one.sites) == list(other.sites)
    assert one.lanes.frame.equals(other.lanes.frame)
    assert np.array_equal(one.changes.size, other.changes.size)
    assert np.array_equal(one.makes.inputs, other.makes.inputs)
    assert np.array_equal(one.wants.units, other.wants.units)


def test_prices_are_per_kilowatt_hour_and_wages_burdened() -> None:
    values = make_sets(two_plant_study()).site_values  # memphis, monterrey, windsor
    assert np.allclose(values.power[:, 0], [0.06, 0.09, 0.08])
    assert np.allclose(values.hourly[:, 0], [24 * 1.25, 6 * 1.5, 28 * 1.25])
    assert not values.heat_price.any()


def test_capacities_are_hundreds_of_scaled_units() -> None:
    sets = make_sets(two_plant_study())
    assert dict(zip(sets.products, sets.scale, strict=True)) == {"cell": 1e4, "pack": 1e3, "vehicle": 1e3}


@pytest.mark.parametrize(("capacity", "scale"), [(1e-3, 1e-5), (1.0, 1e-2), (9.99e15, 1e13)])
def test_the_scale_follows_capacities_of_any_size(capacity: float, scale: float) -> None:
    study = two_plant_study()
    options = study.options.assign(capacity_units_per_yr=capacity)
    sets = make_sets(changed(options=options, plants=study.plants.assign(capacity_units_per_yr=capacity)))
    assert sets.scale.tolist() == pytest.approx([scale] * 3)


def test_a_product_that_nobody_makes_is_scaled_by_its_demand_or_by_one() -> None:
    study = two_plant_study()
    more = study.products[:2].assign(product=["spare", "odd"])
    want = study.demand[:1].assign(product="spare", units_per_yr=5e6)
    sets = make_sets(changed(products=pd.concat([study.products, more]), demand=pd.concat([study.demand, want])))
    scale = dict(zip(sets.products, sets.scale, strict=True))
    assert (scale["spare"], scale["odd"]) == (1e4, 1.0)


def test_demand_without_a_period_holds_in_each_and_zero_demand_in_none() -> None:
    study = two_plant_study(periods=2)
    east = study.demand[study.demand["market"] == "east"].iloc[:1].assign(period=None)
    west = study.demand[study.demand["market"] == "west"].assign(units_per_yr=0.0)
    wants = make_sets(unchecked(study, demand=pd.concat([east, west]))).wants
    assert wants.units.tolist() == [[60e3, 60e3]]
    assert np.isnan(wants.penalty).all()
    assert np.isinf(wants.promise).all()


def test_no_demand_at_all_leaves_empty_arrays() -> None:
    study = two_plant_study()
    sets = make_sets(changed(demand=study.demand.assign(units_per_yr=0.0)))
    assert sets.wants.units.shape == (0, 1)
    assert not sets.lanes.frame["destination"].isin(sets.markets).any()


def test_lanes_that_carry_nothing_in_any_plan_are_left_out() -> None:
    study = two_plant_study()
    idle = study.lanes.iloc[:4].assign(
        product=["vehicle", "pack", "cell", "cell"],
        origin=["windsor", "memphis", "busan", "memphis"],  # makes none; goes to no taker; sells it; sells it
        destination=["east", "windsor", "windsor", "east"],  # and the last two end where nobody takes cells
        mode="barge",
    )
    sets = make_sets(changed(lanes=pd.concat([study.lanes, idle])))
    assert len(sets.lanes.frame) == len(study.lanes)
    assert "barge" not in set(sets.lanes.frame["mode"])


def test_a_supplier_without_a_limit_has_none_and_without_a_company_an_empty_text() -> None:
    study = two_plant_study()
    values = make_sets(changed(suppliers=study.suppliers.assign(capacity_units_per_yr=np.nan))).supplier_values
    assert np.isinf(values.capacity).all()
    assert values.company.tolist() == [""]
    assert not values.foreign.any()


def test_factors_of_a_period_multiply_prices_and_the_most_exact_place_holds() -> None:
    study = two_plant_study(periods=2)
    rows = pd.DataFrame(
        [("wage_usd_per_h", None, "p2", 2.0), ("wage_usd_per_h", "memphis", "p2", 3.0)],
        columns=["column", "place", "period", "factor"],
    )
    values = make_sets(unchecked(study, trajectories=rows)).site_values
    assert values.wage.tolist() == [[24.0, 72.0], [6.0, 12.0], [28.0, 56.0]]


def test_a_by_product_of_two_recipes_is_one_pair_with_two_entries() -> None:
    study = two_plant_study()
    processes = pd.concat([study.processes, study.processes[2:].assign(plant_type="pack")])
    rows = pd.DataFrame(
        [("pack", "pack", "cell", 0.5, 2.0), ("pack", "vehicle", "cell", 3.0, 2.0)],
        columns=["plant_type", "product", "by_product", "units_per_unit", "disposal_usd_per_unit"],
    )
    sets = make_sets(changed(processes=processes, by_products=rows))
    extra = sets.by_products
    assert len(extra.place) == 2  # the pack plants of Memphis and Monterrey
    assert sorted(extra.units.tolist()) == [0.5, 0.5, 3.0, 3.0]
    assert extra.disposal.tolist() == [2.0, 2.0]
    assert np.array_equal(extra.place[extra.row], sets.makes.place[extra.make])


def test_a_part_bought_twice_in_the_bill_adds_up() -> None:
    study = two_plant_study()
    bill = pd.concat([study.bill_of_materials, study.bill_of_materials[:1].assign(units_per_unit=5.0)])
    sets = make_sets(changed(bill_of_materials=bill))
    assert sets.bom[sets.products.get_loc("cell"), sets.products.get_loc("pack")] == 80.0
