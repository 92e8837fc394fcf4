"""Flow constraints at their edges: several lanes of one pair, yields, by-products, ties between origins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.model.constraints import flows
from evsiting.study.study import Study
from tests.studies import two_plant_study, unchecked


def lines(parts, family: str) -> list[str]:
    """Return the constraints of a family in words."""
    return list(parts.milp.finish([]).lines(family))


def test_what_a_unit_begun_takes_grows_with_scrap(make_parts) -> None:
    study = two_plant_study()
    parts = make_parts(unchecked(study, processes=study.processes.assign(good_share=[1.0, 0.75, 1.0])))
    flows.add_balance(parts.milp, parts.sets, parts.columns)
    (row,) = (x for x in lines(parts, "balance") if x.startswith("balance[memphis,cell"))
    assert "- 10 make[memphis,pack,pack,p1]" in row  # 75 kWh / 0.75 of a thousand packs, in tens of thousands


def test_every_mode_to_a_market_counts_for_its_demand(one_period) -> None:
    parts = one_period.copy()
    flows.add_demand(parts.milp, parts.sets, parts.columns)
    east, west = lines(parts, "demand")
    assert east.endswith("= 60")
    assert east.count("ship[vehicle,memphis,east") == 2
    assert "unmet" not in east
    assert west.endswith("+ unmet[west,vehicle,p1] = 40")


def test_a_market_that_no_lane_reaches_keeps_its_constraint(make_parts) -> None:
    study = two_plant_study()
    lanes = study.lanes[study.lanes["destination"] != "west"]
    parts = make_parts(unchecked(study, lanes=lanes))
    flows.add_demand(parts.milp, parts.sets, parts.columns)
    assert lines(parts, "demand")[1] == "demand[west,vehicle,p1]: unmet[west,vehicle,p1] = 40"


def test_only_suppliers_with_a_limit_have_a_constraint(make_parts) -> None:
    study = two_plant_study()
    parts = make_parts(Study(study.settings, {**study.tables, "suppliers": study.suppliers.assign(
        capacity_units_per_yr=np.nan)}))  # fmt: skip
    flows.add_supplier(parts.milp, parts.sets, parts.columns)
    assert lines(parts, "supplier") == []
    parts = make_parts(unchecked(study, suppliers=study.suppliers.assign(capacity_units_per_yr=0.0)))
    flows.add_supplier(parts.milp, parts.sets, parts.columns)
    (row,) = lines(parts, "supplier")
    assert row.endswith("<= 0")  # zero is a limit


def test_a_capacity_that_is_away_in_one_period_binds_in_that_one(make_parts) -> None:
    study = two_plant_study(periods=2)
    rows = pd.DataFrame({"column": ["capacity_units_per_yr"], "place": ["busan"], "period": ["p2"], "factor": [0.25]})
    parts = make_parts(unchecked(study, trajectories=rows))
    flows.add_supplier(parts.milp, parts.sets, parts.columns)
    assert [x.rsplit(" ", 1)[1] for x in lines(parts, "supplier")] == ["400", "100"]


@pytest.mark.parametrize(("per_market", "origins"), [(0, []), (1, ["memphis", "monterrey"]), (9, ["memphis"] * 2)])
def test_links_are_written_for_the_cheapest_origins(one_period, per_market: int, origins: list[str]) -> None:
    parts = one_period.copy()
    flows.add_link(parts.milp, parts.sets, parts.columns, per_market)
    rows = lines(parts, "link")
    if per_market == 1:  # rail from Memphis at USD 300 is less than 1,550 from Monterrey, and 400 less than 1,400
        assert [x.split(",")[1] for x in rows] == ["memphis", "memphis"]
    else:
        assert len(rows) == (0 if per_market == 0 else 4)


def test_of_equal_origins_the_first_by_code_is_linked(make_parts) -> None:
    study = two_plant_study()
    lanes = study.lanes.assign(freight_usd_per_unit=1.0, duty_usd_per_unit=0.0)
    parts = make_parts(unchecked(study, lanes=lanes))
    flows.add_link(parts.milp, parts.sets, parts.columns, 1)
    assert [x.split(",")[1] for x in lines(parts, "link")] == ["memphis", "memphis"]


def test_a_site_where_a_plant_stands_needs_no_link(make_parts) -> None:
    study = two_plant_study()
    works = study.plants.assign(plant="old", site="memphis", plant_type="assembly", capacity_units_per_yr=1e4)
    parts = make_parts(unchecked(study, plants=pd.concat([study.plants, works])))
    flows.add_link(parts.milp, parts.sets, parts.columns, 9)
    assert {x.split(",")[1] for x in lines(parts, "link")} == {"monterrey"}


def test_a_by_product_leaves_or_is_disposed_of_by_the_plant_that_has_it(make_parts) -> None:
    study = two_plant_study()
    rows = pd.DataFrame(
        {
            "plant_type": ["pack"],
            "product": ["pack"],
            "by_product": ["cell"],
            "units_per_unit": [20.0],
            "disposal_usd_per_unit": [0.0],
        }
    )
    parts = make_parts(unchecked(study, by_products=rows))
    flows.add_output(parts.milp, parts.sets, parts.columns)
    flows.add_disposal(parts.milp, parts.sets, parts.columns)
    (row,) = (x for x in lines(parts, "output") if x.startswith("output[monterrey,cell"))
    assert row == "output[monterrey,cell,p1]: - 2 make[monterrey,pack,pack,p1] + dispose[monterrey,pack,cell,p1] = 0"
    assert (
        "disposal[memphis,pack,cell,p1]: - 2 make[memphis,pack,pack,p1] + dispose[memphis,pack,cell,p1] <= 0"
        in lines(parts, "disposal")
    )


def test_without_by_products_there_is_no_constraint_of_disposal(one_period) -> None:
    parts = one_period.copy()
    flows.add_disposal(parts.milp, parts.sets, parts.columns)
    assert lines(parts, "disposal") == []
