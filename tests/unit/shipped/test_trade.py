"""Suppliers abroad, gateways and a contract: prices, customs values and emissions along the chain by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting import reference
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.trade import BALTIMORE_T, CAPACITY, OFFTAKE, SELLERS, commitments, gateways, suppliers
from evsiting.study.provenance import row_keys
from tests.canonical import canonical

PROCESSES = pd.DataFrame(
    {
        "product": ["cell", "pack", "vehicle"],
        "electricity_kwh_per_unit": [10.0, 100.0, 500.0],
        "heat_kwh_per_unit": [5.0, 0.0, 200.0],
        "good_share": [0.5, 0.8, 1.0],
    }
)
BILL = pd.DataFrame({"product": ["pack", "vehicle"], "input": ["cell", "pack"], "units_per_unit": [70.0, 1.0]})


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return suppliers(ProvenanceLog(2025), PROCESSES, BILL).set_index("supplier")


def test_one_seller_for_each_line(table: pd.DataFrame) -> None:
    assert len(table) == len(SELLERS)
    assert table.index.tolist()[0] == "CN-sha-vehicle"
    assert table.index.is_unique
    assert (table["country"] == table.index.str[:2]).all()
    assert table["port"].isin(reference.ports()["unlocode"]).all()


def test_points_are_those_of_the_ports(table: pd.DataFrame) -> None:
    ports = reference.ports().set_index("unlocode")
    assert table.geometry.x.tolist() == ports.loc[table["port"], "lon"].tolist()
    assert table.geometry.y.tolist() == ports.loc[table["port"], "lat"].tolist()


def test_vehicles_are_bought_at_cost_and_taxed_at_their_value(table: pd.DataFrame) -> None:
    cars = table[table["product"] == "vehicle"]
    assert (cars["price_usd_per_unit"] / cars["customs_value_usd_per_unit"]).to_numpy() == pytest.approx(0.7, abs=1e-6)
    others = table[table["product"] != "vehicle"]
    assert (others["price_usd_per_unit"] == others["customs_value_usd_per_unit"]).all()
    assert table.loc["JP-ngo-pack", "price_usd_per_unit"] == pytest.approx(70.0 * 99.0)


def test_emissions_are_those_of_the_chain_up_to_the_product(table: pd.DataFrame) -> None:
    grid = reference.parameter("grid.kr.co2").value
    fuel = reference.parameter("fuel.natural_gas.co2").value
    cell = grid * 10.0 + fuel * 5.0
    assert table.loc["KR-pus-cell", "emissions_kg_per_unit"] == pytest.approx(cell, abs=1e-6)
    pack = grid * 100.0 + (70.0 / 0.8) * cell  # of ten packs begun two are scrapped, with their cells
    assert table.loc["KR-pus-pack", "emissions_kg_per_unit"] == pytest.approx(pack, abs=1e-6)
    vehicle = grid * 500.0 + fuel * 200.0 + pack
    assert table.loc["KR-usn-vehicle", "emissions_kg_per_unit"] == pytest.approx(vehicle, abs=1e-6)


def test_prohibited_makers_and_most_that_is_sold(table: pd.DataFrame) -> None:
    assert (table["foreign_entity"] == (table["country"] == "CN")).all()
    assert (table["capacity_units_per_yr"] == table["product"].map(CAPACITY)).all()


def test_prices_and_emissions_are_noted_by_supplier() -> None:
    book = ProvenanceLog(2025)
    made = suppliers(book, PROCESSES, BILL)
    notes = book.provenance()
    keys = set(
        row_keys(
            "suppliers",
            canonical(suppliers=made.assign(lat=made.geometry.y, lon=made.geometry.x).drop(columns="geometry"))[
                "suppliers"
            ],
        )
    )
    for column in ("price_usd_per_unit", "customs_value_usd_per_unit", "emissions_kg_per_unit", "foreign_entity"):
        assert set(notes.loc[notes["column"] == column, "row"]) == keys
    price = notes.query("column == 'price_usd_per_unit' and row == 'CN-ngb-cell'").iloc[0]
    assert price["quality"] == "assumption"
    assert "cost without margin stands for the price" in price["note"]


def test_gateways_take_a_part_of_what_was_recorded() -> None:
    table = gateways(ProvenanceLog(2025)).set_index("gateway")["capacity_t_per_yr"]
    assert table["laredo"] == round(0.2 * 14_456_220, -2)
    assert table["USBAL"] == BALTIMORE_T


def test_the_contract_is_of_the_site_of_its_plant() -> None:
    plants = pd.DataFrame({"plant": ["other", OFFTAKE[0]], "site": ["a", "b"]})
    row = commitments(ProvenanceLog(2025), plants).iloc[0]
    assert (row["origin"], row["product"], row["period"], row["at_least"]) == ("b", *OFFTAKE[1:])
