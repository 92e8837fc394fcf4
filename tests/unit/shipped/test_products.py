"""Kinds of plant, products and processes: cost by size, staff, yield and energy worked out by hand."""

from __future__ import annotations

import pytest

from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.products import FIXED_STAFF, Kind, bill_of_materials, kinds, processes, products

KIND = Kind("cell", "cell", 100.0, 30e6, 0.6, 70e-6, {"small": 15e6, "large": 45e6}, ("a", "b"), "")


@pytest.fixture
def book() -> ProvenanceLog:
    return ProvenanceLog(2025)


@pytest.mark.parametrize(
    ("size", "capex"),
    [
        (30e6, 3.0e9),
        (15e6, round(3e9 * 0.5**0.6, -5)),
        (45e6, round(3e9 * 1.5**0.6, -5)),
        (90e6, round(2 * 3e9 * 1.5**0.6, -5)),  # two of the largest
    ],
)
def test_investment_grows_less_than_the_size_up_to_the_largest(size: float, capex: float) -> None:
    assert KIND.capex_usd(size) == capex


def test_staff_and_fixed_cost() -> None:
    assert KIND.staff_fte(30e6) == round(0.2 * 70e-6 * 30e6)
    assert KIND.fixed_usd(30e6) == 0.04 * 3.0e9
    assert KIND.staff_fte(0.0) == 0.0


def test_a_larger_plant_is_never_dearer_by_the_unit(book: ProvenanceLog) -> None:
    for kind in kinds(book):
        sizes = sorted({*kind.sizes.values(), *(1.1 * s for s in kind.sizes.values())})
        each = [kind.capex_usd(size) / size for size in sizes]
        assert all(b <= a * (1.0 + 1e-3) for a, b in zip(each, each[1:], strict=False)), kind.plant_type


def test_kinds_leave_nothing_to_be_cited_by_others(book: ProvenanceLog) -> None:
    assert [k.plant_type for k in kinds(book)] == ["cell", "pack", "assembly"]
    assert book.read == []
    assert book.rows == []


def test_products_and_their_bill(book: ProvenanceLog) -> None:
    table = products(book).set_index("product")
    kwh = bill_of_materials(book).set_index(["product", "input"])["units_per_unit"]
    assert kwh.to_dict() == {("pack", "cell"): 70.0, ("vehicle", "pack"): 1.0}
    assert table.loc["pack", "mass_kg_per_unit"] == 70.0 * table.loc["cell", "mass_kg_per_unit"]
    assert table.loc["pack", "value_usd_per_unit"] == pytest.approx(99.0 * 70.0)
    assert table["unit"].to_dict() == {"cell": "kWh", "pack": "pack", "vehicle": "vehicle"}
    assert table["units_per_truck"].notna().to_dict() == {"cell": False, "pack": False, "vehicle": True}


def test_energy_of_cells_is_parted_into_power_and_heat(book: ProvenanceLog) -> None:
    table = processes(book, kinds(book), 2000.0).set_index("plant_type")
    heat = round(0.52 * 28.9, 6)
    assert table.loc["cell", "heat_kwh_per_unit"] == heat
    assert table.loc["cell", "electricity_kwh_per_unit"] == pytest.approx(28.9 - heat)
    assert table.loc["pack", "heat_kwh_per_unit"] == 0.0


def test_work_by_the_unit_is_what_fixed_staff_does_not_do(book: ProvenanceLog) -> None:
    made = kinds(book)
    table = processes(book, made, 2000.0).set_index("plant_type")["labor_h_per_unit"]
    for kind in made:
        assert table[kind.plant_type] == pytest.approx((1.0 - FIXED_STAFF) * kind.staff_per_unit * 2000.0, abs=1e-6)


def test_what_is_bought_as_a_product_is_no_material_any_more(book: ProvenanceLog) -> None:
    made = kinds(book)
    plain = processes(book, made, 2000.0).set_index("plant_type")["material_usd_per_unit"]
    less = processes(book, made, 2000.0, {"cell": 10.0, "assembly": 5.0}).set_index("plant_type")[
        "material_usd_per_unit"
    ]
    assert (plain - less).round(6).to_dict() == {"cell": 10.0, "pack": 0.0, "assembly": 5.0}


def test_shares_that_are_good(book: ProvenanceLog) -> None:
    table = processes(book, kinds(book), 2000.0).set_index("plant_type")["good_share"]
    assert table["pack"] == 0.99
    assert table["assembly"] == 1.0
    assert 0.5 < table["cell"] < 1.0


def test_every_figure_of_the_tables_is_noted(book: ProvenanceLog) -> None:
    made = kinds(book)
    frames = {
        "products": products(book),
        "bill_of_materials": bill_of_materials(book),
        "processes": processes(book, made, 2000.0),
    }
    notes = book.provenance()
    for name, frame in frames.items():
        figures = {c for c in frame if frame[c].dtype.kind == "f"} - {"connection_kw_per_unit"}
        assert figures <= set(notes.loc[notes["table"] == name, "column"]), name
