"""Shipments as they are drawn: which, how heavy, and money of their own period."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.errors import InputError
from evsiting.report.maps.flows import choose, lane_money, on_lanes, shipments_to_draw
from tests.plans import tiny_plan
from tests.studies import two_plant_study, unchecked
from tests.trade_studies import trade_study


def test_what_stays_on_its_site_or_is_nothing_is_not_drawn() -> None:
    study, plan = tiny_plan()
    found = shipments_to_draw(study, plan)
    assert found[["origin", "destination"]].to_numpy().tolist() == [
        ["windsor", "memphis"],
        ["memphis", "east"],
        ["memphis", "west"],
    ]
    assert found["t_per_yr"].tolist() == [1.5e6 * 6 / 1e3, 60e3 * 1.9, 40e3 * 1.9]
    assert found["distance_km"].tolist() == [1_300.0, 1_800.0, 2_900.0]


@pytest.mark.parametrize(
    ("product", "period", "count"), [("cell", None, 1), ("pack", None, 0), ("vehicle", "p1", 2), (None, "p9", 0)]
)
def test_one_product_or_period_alone(product: str | None, period: str | None, count: int) -> None:
    found = shipments_to_draw(*tiny_plan(), product=product, period=period)
    assert len(found) == count
    assert "t_per_yr" in found.columns


def test_an_unknown_product_or_period_is_refused_with_what_there_is() -> None:
    choose("product", None, ["cell"])
    choose("product", "cell", ["cell"])
    with pytest.raises(
        InputError, match=r"plot_map, period: the study has none of that name \(2027\)\. Choose from 1, 2"
    ):
        choose("period", "2027", ["1", "2"])


def test_money_is_that_of_the_period_of_the_shipment() -> None:
    study = two_plant_study(periods=2)
    factors = pd.DataFrame({"column": ["freight_usd_per_unit"], "place": [None], "period": ["p2"], "factor": [2.0]})
    study = unchecked(study, trajectories=factors)
    rows = pd.DataFrame(
        [("vehicle", "memphis", "west", "rail", p) for p in ("p2", "p1")],
        columns=["product", "origin", "destination", "mode", "period"],
    )
    assert on_lanes(study, rows)["freight_usd_per_unit"].tolist() == [800.0, 400.0]


def test_duty_is_the_whole_before_relief_beside_what_the_lane_adds() -> None:
    study = trade_study()
    lanes = study.lanes[study.lanes["origin"] == "monterrey"].reset_index(drop=True)
    duty, freight = lane_money(study, lanes)
    by = dict(zip(zip(lanes["product"], lanes["destination"], strict=True), duty[:, 0].tolist(), strict=True))
    assert by["vehicle", "west"] == pytest.approx(950 + 38_000 * 0.275)
    assert by["pack", "memphis"] == pytest.approx(9_000 * 0.25)
    assert by["pack", "monterrey"] == 0.0
    assert freight[:, 0].tolist() == lanes["freight_usd_per_unit"].tolist()


def test_a_duty_that_no_lane_states_is_none() -> None:
    study, _ = tiny_plan()
    lanes = study.lanes.iloc[:2].assign(duty_usd_per_unit=float("nan"))
    assert lane_money(study, lanes)[0].tolist() == [[0.0], [0.0]]


def test_no_shipments_and_no_lanes() -> None:
    study, plan = tiny_plan()
    none = on_lanes(study, plan.shipments.iloc[:0])
    assert none.empty
    assert "distance_km" in none.columns
    bare = unchecked(study, lanes=study.lanes.iloc[:0])
    assert on_lanes(bare, plan.shipments)["origin"].tolist() == plan.shipments["origin"].tolist()
