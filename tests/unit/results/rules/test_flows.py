"""Rules of what is made, shipped and served: sizes of violations, unknown names, and numbers that are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.results.rules import flows
from tests.plans import PRODUCTION, SHIPMENTS


def test_the_right_plan_breaks_nothing(examine, broken) -> None:
    case = examine()
    for rule in (flows.lanes, flows.output, flows.disposal, flows.balance, flows.demand, flows.supplier):
        assert broken(rule(case)) == {}


def test_a_lane_or_period_that_the_study_lacks_is_refused(examine, broken) -> None:
    rows = [
        *SHIPMENTS,
        ("vehicle", "memphis", "west", "air", "p1", 0.0),
        ("pack", "memphis", "memphis", "on_site", "p9", 1.0),
    ]
    found = broken(flows.lanes(examine(shipments=rows)))
    assert set(found) == {"vehicle/memphis/west/air/p1", "pack/memphis/memphis/on_site/p9"}


def test_a_supplier_that_sells_something_else_is_refused(examine, study_with, broken) -> None:
    lanes = examine().study.lanes
    lane = lanes[lanes["origin"] == "busan"].iloc[:1].assign(product="pack")
    study = study_with(lanes=pd.concat([lanes, lane], ignore_index=True))
    rows = [*SHIPMENTS, ("pack", "busan", "memphis", "sea", "p1", 1.0)]
    parts = flows.lanes(examine(study, shipments=rows))
    assert [p.tell(5)[1] for p in parts if p.broken[5]] == ["the supplier does not sell it"]


def test_output_and_balance_are_measured_against_their_own_row(examine, broken) -> None:
    production = [*PRODUCTION[:2], ("memphis", "pack", "pack", "p1", 80e3), PRODUCTION[3]]
    case = examine(production=production)
    assert broken(flows.output(case)) == {"memphis/pack/p1": pytest.approx(0.25)}  # 100,000 leave, 80,000 are made
    assert broken(flows.balance(case)) == {"memphis/cell/p1": pytest.approx(0.25)}  # 7.5 million arrive, 6 are used


def test_scrap_needs_more_than_the_bill_says(examine, study_with, broken) -> None:
    study = study_with(processes=examine().study.processes.assign(good_share=[1.0, 0.8, 1.0]))
    assert broken(flows.balance(examine(study))) == {"memphis/cell/p1": pytest.approx(0.2)}  # 9.375 million are used


def test_demand_is_met_or_stated_as_unmet(examine, broken) -> None:
    short = [*SHIPMENTS[:4], ("vehicle", "memphis", "west", "rail", "p1", 30e3)]
    assert broken(flows.demand(examine(shipments=short))) == {"west/vehicle/p1": pytest.approx(0.25)}
    stated = [("west", "vehicle", "p1", 10e3)]
    assert broken(flows.demand(examine(shipments=short, unmet=stated))) == {}


def test_what_must_be_served_may_not_stay_unmet(examine, broken) -> None:
    short = [*SHIPMENTS[:3], ("vehicle", "memphis", "east", "rail", "p1", 59e3), SHIPMENTS[4]]
    found = broken(flows.demand(examine(shipments=short, unmet=[("east", "vehicle", "p1", 1e3)])))
    assert found == {"east/vehicle/p1": pytest.approx(1e3)}  # nothing is allowed: measured against a thousandth


def test_too_much_breaks_demand_as_too_little_does(examine, broken) -> None:
    rows = [*SHIPMENTS[:4], ("vehicle", "memphis", "west", "rail", "p1", 50e3)]
    assert broken(flows.demand(examine(shipments=rows))) == {"west/vehicle/p1": pytest.approx(0.25)}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_shipment_that_is_no_number_breaks_without_limit(examine, broken, bad: float) -> None:
    rows = [*SHIPMENTS[:4], ("vehicle", "memphis", "west", "rail", "p1", bad)]
    case = examine(shipments=rows)
    assert broken(flows.demand(case))["west/vehicle/p1"] == np.inf or np.isnan(bad)
    assert broken(flows.output(case))["memphis/vehicle/p1"] == np.inf or np.isnan(bad)
    if np.isnan(bad):  # pandas sums leave it out: what is missing then breaks the row
        assert broken(flows.demand(case))["west/vehicle/p1"] == pytest.approx(1.0)


def test_a_supplier_sells_no_more_than_it_can_and_any_amount_without_a_limit(examine, study_with, broken) -> None:
    rows = [*SHIPMENTS, ("cell", "busan", "memphis", "sea", "p1", 5e6)]
    assert broken(flows.supplier(examine(shipments=rows))) == {"busan/p1": pytest.approx(0.25)}
    free = study_with(suppliers=examine().study.suppliers.assign(capacity_units_per_yr=np.nan))
    assert broken(flows.supplier(examine(free, shipments=rows))) == {}


def test_a_disposal_of_what_comes_of_nothing(examine, study_with, broken) -> None:
    rows = pd.DataFrame({"plant_type": ["pack"], "product": ["pack"], "by_product": ["cell"], "units_per_unit": [2.0]})
    free, bound = (study_with(by_products=rows.assign(disposal_usd_per_unit=usd)) for usd in (0.0, np.nan))
    more = [("memphis", "pack", "cell", "p1", 250e3)]
    assert broken(flows.disposal(examine(free, disposals=more))) == {"memphis/pack/cell/p1": pytest.approx(0.25)}
    all_of_it = [("memphis", "pack", "cell", "p1", 200e3)]
    assert broken(flows.disposal(examine(free, disposals=all_of_it))) == {}
    assert broken(flows.disposal(examine(bound, disposals=all_of_it))) == {"memphis/pack/cell/p1": 1.0}
