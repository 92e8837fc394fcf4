"""Valid inequalities: requirement by hand, and that they are left out where they would not be valid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.model.build import build
from evsiting.model.constraints import strengthening
from evsiting.study.study import Study
from tests.location_studies import location_study
from tests.studies import two_plant_study, unchecked


def served(**tables: pd.DataFrame) -> Study:
    """Return the study with all demand to be served and other tables, unchecked."""
    study = two_plant_study()
    demand = study.demand.assign(unmet_penalty_usd_per_unit=np.nan)
    return unchecked(study, **{"demand": demand, **tables})


def least_plants(make_parts, study: Study) -> dict[str, float]:
    """Return the least number of new plants by product."""
    parts = make_parts(study)
    strengthening.add_min_plants(parts.milp, parts.sets, parts.columns)
    milp = parts.milp.finish([])
    return dict(zip((n.split("[")[1].split(",")[0] for n in milp.row_names()), milp.row_lower.tolist(), strict=True))


def test_the_requirement_explodes_demand_through_the_bill(one_period) -> None:
    sets = one_period.sets
    need = strengthening.requirement(sets)
    assert dict(zip(sets.products, need[:, 0].tolist(), strict=True)) == {"cell": 7.5e6, "pack": 1e5, "vehicle": 1e5}


def test_a_plant_type_that_makes_two_products_is_no_stage(make_parts) -> None:
    study = two_plant_study()
    twin = study.processes[2:].assign(plant_type="pack")
    sets = make_parts(unchecked(study, processes=pd.concat([study.processes, twin]))).sets
    assert [str(sets.products[p]) for _, p in strengthening.stages(sets)] == ["cell"]


def test_a_by_product_is_no_stage(make_parts) -> None:
    study = two_plant_study()
    rows = pd.DataFrame({"plant_type": ["pack"], "product": ["pack"], "by_product": ["cell"], "units_per_unit": [2.0]})
    sets = make_parts(unchecked(study, by_products=rows.assign(disposal_usd_per_unit=0.0))).sets
    assert [str(sets.products[p]) for _, p in strengthening.stages(sets)] == ["pack", "vehicle"]


def test_new_plants_are_needed_for_what_standing_ones_and_suppliers_leave(make_parts) -> None:
    # 7.5 million kWh of cells less 3 that stand and 4 that are sold need one; 100,000 packs and vehicles one of 120,000
    assert least_plants(make_parts, served()) == {"cell": 1.0, "pack": 1.0, "vehicle": 1.0}


def test_demand_that_just_fits_one_plant_needs_no_second(make_parts) -> None:
    demand = two_plant_study().demand.assign(unmet_penalty_usd_per_unit=np.nan, units_per_yr=[80e3, 40e3])
    assert least_plants(make_parts, served(demand=demand))["vehicle"] == 1.0
    demand = demand.assign(units_per_yr=[80e3, 40e3 + 1.0])
    assert least_plants(make_parts, served(demand=demand))["vehicle"] == 2.0


def test_where_all_can_be_bought_no_new_plant_is_needed(make_parts) -> None:
    suppliers = two_plant_study().suppliers
    for capacity in (4.5e6, np.nan):  # just enough beside what stands; and without a limit
        bought = suppliers.assign(capacity_units_per_yr=capacity)
        assert "cell" not in least_plants(make_parts, served(suppliers=bought))


def test_where_any_demand_may_go_unmet_nothing_is_needed(make_parts) -> None:
    assert least_plants(make_parts, two_plant_study()) == {}


def test_a_number_that_no_sites_can_hold_is_cut_to_all_of_them(make_parts) -> None:
    demand = two_plant_study().demand.assign(unmet_penalty_usd_per_unit=np.nan, units_per_yr=9e9)
    assert least_plants(make_parts, served(demand=demand))["vehicle"] == 2.0  # the solver finds it infeasible, not we


@pytest.mark.parametrize("add", [strengthening.add_total_capacity, strengthening.add_min_plants])
def test_no_demand_needs_nothing(make_parts, add) -> None:
    parts = make_parts(served(demand=two_plant_study().demand.assign(units_per_yr=0.0)))
    add(parts.milp, parts.sets, parts.columns)
    assert parts.milp.finish([]).shape[0] == 0


def test_open_capacity_counts_by_its_use_and_bought_packs_spare_cells(make_parts) -> None:
    study = served()
    processes = study.processes.assign(capacity_use=[2.0, 1.0, 1.0])
    packs = study.suppliers.assign(supplier="ulsan", product="pack", capacity_units_per_yr=1e4)
    lane = study.lanes[study.lanes["product"] == "pack"].iloc[:1].assign(origin="ulsan", mode="sea")
    tables = {"processes": processes, "suppliers": pd.concat([study.suppliers, packs]),
              "lanes": pd.concat([study.lanes, lane])}  # fmt: skip
    parts = make_parts(served(**tables))
    strengthening.add_total_capacity(parts.milp, parts.sets, parts.columns)
    (row,) = (x for x in parts.milp.finish([]).lines("total_capacity") if x.startswith("total_capacity[cell"))
    assert row.startswith("total_capacity[cell,p1]: 300 build[memphis,cell,large,p1]")  # two of its capacity for one
    assert "7.5 ship[pack,ulsan,memphis,sea,p1]" in row
    assert row.endswith(">= 600")  # 7.5 million less half of the 3 that stand at Windsor


def links(sites: int, markets: int, plants: float) -> int:
    """Return how many links a market has where demand needs so many plants of the largest size."""
    study = location_study(sites, markets)
    size = float(np.ceil(study.demand["units_per_yr"].sum() / plants))
    study = study.with_table("options", study.options.assign(capacity_units_per_yr=size, staff_fte=1.0))
    return build(study).milp.count("link") // markets


def test_links_are_as_many_as_few_plants_reach() -> None:
    assert links(40, 6, plants=1.0) == 40
    assert links(40, 6, plants=5.0) == 4 * 40 // 5
    assert links(40, 6, plants=20.0) == strengthening.LEAST_LINKS
    assert links(12, 6, plants=8.0) == 12


def test_links_of_a_vast_program_are_no_more_than_it_can_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strengthening, "MOST_LINKS", 6 * 32)
    assert links(40, 6, plants=1.0) == 32
    monkeypatch.setattr(strengthening, "MOST_LINKS", 6)
    assert links(40, 6, plants=1.0) == strengthening.LEAST_LINKS


def test_what_is_asked_for_is_what_there_is() -> None:
    study = location_study(40, 6)
    for asked in (0, 7, 99):
        milp = build(study.with_settings(model={"links_per_market": asked})).milp
        assert milp.count("link") == 6 * min(asked, 40)
