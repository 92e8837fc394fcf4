"""Carbon and money worked out by hand or in a spreadsheet, with their sources, against layers, ledgers and solver."""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.layers.freight.modes import by_road
from evsiting.layers.freight.rates import Carriage, Rates
from evsiting.layers.freight.routing.road import RoadMatrix
from evsiting.layers.parameters import Parameters
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Plan, Solve, Status
from evsiting.units import factor
from tests.energy_studies import cell_study
from tests.layer_studies import bare_study

DATA = Path(__file__).with_name("data")
#: EPA, Emission Factors for Greenhouse Gas Inventories, 2025, upstream transportation: medium- and heavy-duty truck,
#: 0.186 kg CO2 per short ton-mile.
PUBLISHED, PER = 0.186, "kg/(short_ton*mi)"


def test_ten_tonnes_over_a_thousand_kilometres_from_the_published_factor() -> None:
    # A short ton is 0.90718474 t and a mile 1.609344 km: 0.186 / 1.459972 = 0.1274 kg per t-km, times 10,000 t-km.
    kg = PUBLISHED * factor(PER, "kg/(t*km)") * 10.0 * 1_000.0
    assert kg == pytest.approx(PUBLISHED / (0.90718474 * 1.609344) * 10_000.0, rel=1e-12)
    assert round(kg) == 1_274


@pytest.mark.parametrize(("mistaken", "kg"), [("kg/(t*mi)", 1_156), ("kg/(t*km)", 1_860), ("kg/(short_ton*km)", 2_050)])
def test_a_ton_that_is_taken_for_a_tonne_shows(mistaken: str, kg: int) -> None:
    assert round(PUBLISHED * factor(mistaken, "kg/(t*km)") * 10_000.0) == kg


def test_a_ton_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1,000 kg or 2,000 lb"):
        factor("kg/(ton*mi)", "kg/(t*km)")


def test_the_freight_layer_has_that_factor() -> None:
    shipped = reference.parameter("freight.truck.co2")
    assert (shipped.unit, shipped.source) == ("gCO2/t-km", "epa_hub_2025")
    assert shipped.value == pytest.approx(1_000.0 * PUBLISHED * factor(PER, "kg/(t*km)"), rel=1e-4)
    rates = Rates.of(Parameters(bare_study()))
    road = RoadMatrix(np.array([[1_000.0]]), np.zeros((1, 1), np.int32), np.array([""], dtype=object), np.zeros(1))
    way = by_road(road, (np.array([0]), np.array([0])), Carriage(rates, 10.0, math.nan, 0.0), np.zeros(1))
    assert way.kg[0] == pytest.approx(1_274.0)


def test_lanes_of_a_study_have_that_factor_by_kilometre_and_mass() -> None:
    study = ev.complete(bare_study())
    masses = study.products.set_index("product")["mass_kg_per_unit"] / 1_000.0
    heavy = study.lanes["product"] != "vehicle"  # vehicles fill the room of a truck
    made = ~study.lanes["origin"].isin(study.suppliers["supplier"])
    lanes = study.lanes[(study.lanes["mode"] == "road") & made & heavy]
    assert len(lanes)
    tonne_km = lanes["distance_km"] * lanes["product"].map(masses)
    assert (lanes["emissions_kg_per_unit"] / tonne_km * 10_000.0).to_numpy() == pytest.approx(1_274.0, rel=1e-6)


def works(*, years: int = 1, demand: float = 30e6, price: float = 0.0, **columns: list[object]) -> ev.Study:
    """Return a 30 GWh cell plant in Nuevo León: 30 kWh of electricity a kWh of cells, 0.444 kg CO2 a kWh.

    The grid factor is that of SEMARNAT for 2024, ``grid.mx.co2``.
    """
    assert reference.parameter("grid.mx.co2").value == 0.444
    site = {"grid_factor_kg_per_kwh": [0.444], **columns}
    study = cell_study("monterrey", demand=(demand,), years=years, capacity=30e6, electricity=30.0, **site)
    return study.with_settings(model={"carbon_price_usd_per_t": price})


def test_a_plant_of_30_gwh_on_the_mexican_grid() -> None:
    # 30 million kWh x 30 kWh x 0.444 kg = 399.6 million kg a year.
    plan = ev.solve(works(years=10))
    electricity = plan.ledgers["emissions"].query("item == 'electricity'")
    assert electricity["value"].item() / 10 == pytest.approx(399_600.0, rel=1e-9)
    assert plan.totals["emissions"] == pytest.approx(3_996_000.0, rel=1e-9)


def test_half_the_power_clean_is_half_the_carbon() -> None:
    study = works(clean_premium_usd_per_mwh=[12.0])
    power = pd.DataFrame([("monterrey", "p1", 450_000.0)], columns=["site", "period", "mwh_per_yr"])
    plan = with_clean(study, power)
    found = plan.ledgers["emissions"].groupby("item")["value"].sum()
    assert found.to_dict() == pytest.approx({"electricity": 399_600.0, "clean power": -199_800.0})
    premium = plan.ledgers["cost"].query("item == 'clean power'")["value"].item()
    assert premium == pytest.approx(12.0 * 450_000.0)
    ev.certify(study, plan).raise_if_failed()


@pytest.mark.parametrize(("premium", "clean", "tonnes"), [(22.0, 900_000.0, 0.0), (22.4, 0.0, 399_600.0)])
def test_clean_power_pays_below_carbon_price_times_grid_factor(premium: float, clean: float, tonnes: float) -> None:
    # 50 USD/t x 0.444 t/MWh = 22.2 USD/MWh.
    plan = ev.solve(works(price=50.0, clean_premium_usd_per_mwh=[premium]), gap=1e-9)
    assert plan.decisions["clean"]["mwh_per_yr"].sum() == pytest.approx(clean)
    assert plan.totals["emissions"] == pytest.approx(tonnes, abs=1e-3)


def test_the_carbon_price_times_the_carbon_is_the_cost_of_it() -> None:
    study = works(years=10, price=50.0).with_settings(money={"discount_rate": 0.07})
    plan = ev.solve(study)
    present = sum(1.07 ** -(year - 2026) for year in range(2027, 2037))
    paid = plan.ledgers["cost"].query("item == 'carbon'")["value"].sum()
    assert paid == pytest.approx(50.0 * 399_600.0 * present, rel=1e-9)
    ev.certify(study, plan).raise_if_failed()


def with_clean(study: ev.Study, power: pd.DataFrame) -> Plan:
    """Return the plan that makes and sells everything with this much clean power."""
    tables = {
        "openings": pd.DataFrame(
            [("monterrey", "cell", "works", "p1")], columns=["site", "plant_type", "option", "period"]
        ),
        "production": pd.DataFrame(
            [("monterrey", "cell", "cell", "p1", 30e6)],
            columns=["site", "plant_type", "product", "period", "units_per_yr"],
        ),
        "shipments": pd.DataFrame(
            [("cell", "monterrey", "east", "road", "p1", 30e6)],
            columns=["product", "origin", "destination", "mode", "period", "units_per_yr"],
        ),
        "clean": power,
    }
    plan = plan_from_tables(study, tables, Solve(Status.FEASIBLE, "cost", 0.0, -math.inf))
    return ev.Plan(**{**vars(plan), "solve": Solve(Status.FEASIBLE, "cost", plan.totals["cost"], -math.inf)})


def sheet() -> pd.DataFrame:
    """Return the spreadsheet's values: a row a year and ``present value``, a column an item. [USD]."""
    with (DATA / "cash_flow.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    start = next(k for k, row in enumerate(rows) if row[0] == "year")
    return pd.DataFrame(rows[start + 1 :], columns=rows[start]).set_index("year").astype("float64")


def two_plants() -> ev.Study:
    """Return the study of the spreadsheet: Memphis runs from 2027, Monterrey from 2032, at 7 % and 20 years."""
    offers = [
        ("memphis", "cell", None, "p1", "grant", "investment", 0.1),
        ("memphis", "cell", None, "p2", "grant", "investment", 0.1),
        ("memphis", "cell", "cell", "p1", "credit", "production", 5.0),
        ("memphis", "cell", "cell", "p2", "credit", "production", 2.0),
    ]
    columns = ["site", "plant_type", "product", "period", "program", "kind", "value"]
    return cell_study(
        "memphis",
        "monterrey",
        demand=(1e6, 2e6),
        rate=0.07,
        lanes={"memphis": (0.5, 0.0), "monterrey": (1.0, 3.0)},
        tables={"incentives": pd.DataFrame(offers, columns=columns)},
        wage_usd_per_h=[24.0, 6.0],
        payroll_burden=[0.25, 0.5],
        power_price_usd_per_mwh=[60.0, 90.0],
    )


def test_the_cost_of_a_plan_is_the_npv_of_a_spreadsheet() -> None:
    found = sheet()
    npv = found.loc["present value"]
    study = two_plants()
    plan = ev.solve(study, gap=1e-9)
    assert plan.sites[["plant", "period"]].to_numpy().tolist() == [["memphis/cell", "p1"], ["monterrey/cell", "p2"]]
    items = plan.ledgers["cost"].groupby("item")["value"].sum()
    credits = npv["investment credit"] + npv["residual of the credit"] + npv["production credit"]
    same = ["capital", "residual value", "fixed", "labor", "power", "material", "freight", "duty"]
    assert items.to_dict() == pytest.approx({**npv[same].to_dict(), "credits": credits}, rel=1e-9)
    assert plan.totals["cost"] == pytest.approx(npv["cash flow"], rel=1e-9)
    assert plan.solve.objective == pytest.approx(npv["cash flow"], rel=1e-9)


def test_the_spreadsheet_discounts_as_the_horizon_does() -> None:
    found = sheet()
    years = found.drop("present value")
    weights = 1.07 ** -(years.index.astype(int).to_numpy() - 2026.0)
    again = (years.to_numpy() * weights[:, None]).sum(axis=0)
    assert again == pytest.approx(found.loc["present value"].to_numpy(), rel=1e-12)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_makes_these_values_of_the_formulas(tmp_path: Path) -> None:
    """The two files of the fixture belong together: one holds formulas, the other what they come to."""
    options = "44,34,76,1,,1033,false"
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            f"--infilter=CSV:{options},true,false,false,false,0,true",
            "--convert-to",
            f"csv:Text - txt - csv (StarCalc):{options},false",
            "--outdir",
            str(tmp_path),
            str(DATA / "cash_flow_formulas.csv"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (tmp_path / "cash_flow_formulas.csv").open(encoding="utf-8", newline="") as file:
        again = list(csv.reader(file))
    with (DATA / "cash_flow.csv").open(encoding="utf-8", newline="") as file:
        kept = list(csv.reader(file))
    assert again == kept
