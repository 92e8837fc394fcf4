"""Concentration, delivery, renewable power and outages: groups, empty wholes and worked numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.model.build import build
from tests.limit_studies import promising_study, with_limits
from tests.studies import two_plant_study, unchecked


def lines(family: str, *rows: dict[str, object], study=None) -> list[str]:
    """Return the constraints of a family under limits."""
    return list(build(with_limits(study or two_plant_study(), *rows, checked=False)).milp.lines(family))


def spread(per: str, product: str = "cell", **more: object) -> dict[str, object]:
    """Return a limit on concentration at half."""
    return {"kind": "concentration", "per": per, "product": product, "at_most": 0.5, **more}


@pytest.mark.parametrize(
    ("per", "groups"),
    [
        ("site", ["memphis", "windsor"]),
        ("region", ["CA-ON", "US-TN"]),
        ("country", ["CA", "US"]),
        ("supplier", ["busan"]),
        ("company", ["Great Lakes"]),
        ("gateway", ["detroit", "laredo", "long beach", "manzanillo"]),
    ],
)
def test_each_group_that_may_carry_any_has_a_constraint(per: str, groups: list[str]) -> None:
    had, *rows = lines("concentration", spread(per))
    assert had.startswith("concentration[limit 1,had,p1]")
    assert [r.split(",")[1] for r in rows] == groups
    assert all("- 0.5 had[limit 1,p1] <= 0" in r for r in rows)


def test_all_that_is_made_and_bought_is_one_column() -> None:
    had, *_ = lines("concentration", spread("site"))
    assert had.count("make[") == 2
    assert had.count("ship[cell,busan") == 2
    assert "ship[cell,windsor" not in had  # made already
    assert had.endswith("- had[limit 1,p1] = 0")


def test_a_product_that_nobody_sells_has_no_group_of_suppliers() -> None:
    assert len(lines("concentration", spread("supplier", product="vehicle"))) == 1


def test_a_supplier_of_a_company_counts_with_its_plants() -> None:
    study = two_plant_study()
    study = unchecked(study, suppliers=study.suppliers.assign(company="Great Lakes"))
    (row,) = lines("concentration", spread("company"), study=study)[1:]
    assert "make[windsor,cell,cell,p1]" in row
    assert row.count("ship[cell,busan") == 2


def test_a_company_whose_plant_makes_another_product_carries_none_of_this_one() -> None:
    assert lines("concentration", spread("company", product="pack"))[1:] == []


def test_what_is_in_time_is_a_share_of_promised_demand() -> None:
    on_time = {"kind": "on_time_share", "product": "vehicle", "at_least": 0.5}
    (row,) = lines("service", on_time, study=promising_study(promise_h=100.0))
    assert row == (
        "service[limit 1,at least,p1]: ship[vehicle,memphis,east,rail,p1] + ship[vehicle,memphis,east,road,p1] >= 50"
    )
    (row,) = lines("service", {**on_time, "place": "US-NY"}, study=promising_study(promise_h=100.0))
    assert row.endswith(">= 30")


def test_without_a_promise_there_is_nothing_to_keep() -> None:
    assert lines("service", {"kind": "on_time_share", "product": "vehicle", "at_least": 1.0}) == []


def test_a_promise_that_no_lane_keeps_stays_a_constraint() -> None:
    (row,) = lines("service", {"kind": "on_time_share", "at_least": 0.5}, study=promising_study(promise_h=1.0))
    assert row == "service[limit 1,at least,p1]:  >= 50"


def test_renewable_power_is_that_of_the_grid_and_what_is_contracted() -> None:
    study = two_plant_study()
    study = unchecked(study, sites=study.sites.assign(clean_premium_usd_per_mwh=[10.0, np.nan, np.nan]))
    (row,) = lines("renewable", {"kind": "renewable_share", "place": "memphis", "at_least": 0.5}, study=study)
    # ten thousand kWh of cells take 0.4 GWh, a fifth of it renewable: 0.3 of 0.4 are missing
    assert "- 0.12 make[memphis,cell,cell,p1]" in row
    assert "+ 0.8 clean[memphis,p1]" in row
    assert row.endswith(">= 0")
    assert "monterrey" not in row


def test_a_renewable_share_above_one_counts_as_one() -> None:
    study = two_plant_study()
    rows = pd.DataFrame({"column": ["renewable_share"], "place": [None], "period": ["p1"], "factor": [100.0]})
    study = unchecked(study, trajectories=rows)
    (row,) = lines("renewable", {"kind": "renewable_share", "place": "memphis", "at_least": 1.0}, study=study)
    assert row == "renewable[limit 1,at least,p1]:  >= 0"  # all of it is renewable, whatever is made


def test_with_the_largest_plant_out_the_rest_and_what_is_sold_must_do() -> None:
    capacity, cell, standing, *gateways = lines(
        "survive", {"kind": "survive_share", "product": "cell", "at_least": 0.8}
    )
    # 7.5 million wanted, in tens of thousands: 0.8 * 750 - 400 sold - 300 standing
    assert capacity == ("survive[limit 1,capacity,p1]: 600 build[memphis,cell,large,p1] - largest[limit 1,p1] >= -100")
    assert cell == "survive[limit 1,memphis,cell,p1]: - 600 build[memphis,cell,large,p1] + largest[limit 1,p1] >= 0"
    assert standing == "survive[limit 1,windsor,cell,p1]: largest[limit 1,p1] >= 300"
    assert all("- 0.2 had[limit 1,p1] <= 0" in g for g in gateways[1:])
    assert len(gateways) == 1 + 4


def test_a_product_that_passes_no_gateway_needs_none() -> None:
    study = two_plant_study()
    study = unchecked(study, lanes=study.lanes.assign(route=None))
    rows = lines("survive", {"kind": "survive_share", "product": "pack", "at_least": 0.5}, study=study)
    assert not any("had" in r for r in rows)
    assert len(rows) == 3
