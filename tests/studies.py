"""Small studies for the tests: one to be read by people, and as many random ones as wanted.

Every study here is complete: sites have all their columns, and the tables ``lanes`` and ``incentives`` are
given, so that no layer has anything to add.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from evsiting.study.settings import About, Modelling, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, PLACES, SUPPLIERS, points, sites_frame
from tests.random_studies import random_study

__all__ = ["random_study", "two_plant_study", "unchecked"]


def unchecked(study: Study, **tables: pd.DataFrame) -> Study:
    """Return the study with other tables as they stand, without the checks of :meth:`Study.with_table`: quick."""
    return Study(study.settings, {**study.tables, **tables})


@cache
def two_plant_study(*, periods: int = 1) -> Study:
    """Return cells -> packs -> vehicles at two candidates beside a standing cell plant, with round numbers.

    Memphis may build everything, Monterrey packs and vehicles; Windsor only runs the cell plant that stands
    there; Busan sells cells. With one period of ten years and no discounting, a yearly dollar weighs 10 and
    an invested one 10/20 = 0.5.
    """
    settings = Settings(
        study=About(name="Two plants"),
        money=Money(discount_rate=0.0, plant_life_years=20.0, base_year=2026),
        model=Modelling(hours_per_fte_year=2000.0),
    )
    sites = sites_frame(
        list(PLACES[:3]),
        role=["candidate", "candidate", "existing"],
        plant_types=["cell;pack;assembly", "pack;assembly", None],
        wage_usd_per_h=[24.0, 6.0, 28.0],
        payroll_burden=[0.25, 0.5, 0.25],
        power_price_usd_per_mwh=[60.0, 90.0, 80.0],
        grid_factor_kg_per_kwh=[0.4, 0.5, 0.05],
        fixed_usd_per_yr=[1e6, 2e6, 0.0],
    )
    names = [f"p{n + 1}" for n in range(periods)]
    towns = pd.DataFrame(
        {"market": ["east", "west"], "name": ["East", "West"], "country": "US", "region": ["US-NY", "US-CA"]}
    )
    rows = {
        "periods": [(n, 2027 + k * (10 // periods), 10 // periods) for k, n in enumerate(names)],
        "products": [
            ("cell", "Cell", "kWh", 6.0, 100.0, None),
            ("pack", "Pack", "pack", 450.0, 9_000.0, None),
            ("vehicle", "Vehicle", "vehicle", 1_900.0, 38_000.0, 8.0),
        ],
        "bill_of_materials": [("pack", "cell", 75.0), ("vehicle", "pack", 1.0)],
        "processes": [
            ("cell", "cell", 1.0, 40.0, 0.05, 70.0),
            ("pack", "pack", 1.0, 150.0, 4.0, 900.0),
            ("assembly", "vehicle", 1.0, 800.0, 20.0, 15_000.0),
        ],
        "options": [
            ("cell", "large", 6e6, 600e6, 20e6, 500.0, 0.4),
            ("pack", "line", 120e3, 100e6, 5e6, 100.0, 0.3),
            ("assembly", "small", 60e3, 600e6, 40e6, 600.0, 0.5),
            ("assembly", "large", 120e3, 1_000e6, 60e6, 1_000.0, 0.5),
        ],
        "plants": [("windsor_cells", "windsor", "cell", "Windsor cells", "Great Lakes", "existing", 3e6, 15e6, 300.0)],
        "demand": [
            *(("east", "vehicle", n, 60e3, None) for n in names),
            *(("west", "vehicle", n, 40e3, 60_000.0) for n in names),
        ],
        "incentives": [
            *(("memphis", "cell", None, n, "site grant", "investment", 0.10) for n in names),
            *(("memphis", "cell", "cell", n, "cell credit", "production", 5.0) for n in names),
        ],
        "lanes": [
            ("cell", "memphis", "memphis", "on_site", 0.0, 0.0, 0.0, 0.0, 0.0, None),
            ("cell", "memphis", "monterrey", "road", 1_800.0, 30.0, 1.0, 0.0, 1.0, "laredo"),
            ("cell", "windsor", "memphis", "rail", 1_300.0, 60.0, 0.5, 0.0, 0.2, "detroit"),
            ("cell", "windsor", "monterrey", "rail", 3_200.0, 120.0, 1.5, 0.0, 0.5, "detroit;laredo"),
            ("cell", "busan", "memphis", "sea", 11_000.0, 700.0, 2.0, 3.0, 1.5, "long beach"),
            ("cell", "busan", "monterrey", "sea", 12_000.0, 700.0, 2.0, 0.0, 1.5, "manzanillo"),
            ("pack", "memphis", "memphis", "on_site", 0.0, 0.0, 0.0, 0.0, 0.0, None),
            ("pack", "monterrey", "monterrey", "on_site", 0.0, 0.0, 0.0, 0.0, 0.0, None),
            ("pack", "memphis", "monterrey", "road", 1_800.0, 30.0, 90.0, 0.0, 80.0, "laredo"),
            ("pack", "monterrey", "memphis", "road", 1_800.0, 30.0, 90.0, 0.0, 80.0, "laredo"),
            ("vehicle", "memphis", "east", "road", 1_700.0, 28.0, 500.0, 0.0, 350.0, None),
            ("vehicle", "memphis", "east", "rail", 1_800.0, 80.0, 300.0, 0.0, 70.0, None),
            ("vehicle", "memphis", "west", "rail", 2_900.0, 110.0, 400.0, 0.0, 110.0, None),
            ("vehicle", "monterrey", "east", "rail", 3_600.0, 140.0, 600.0, 950.0, 140.0, "laredo"),
            ("vehicle", "monterrey", "west", "rail", 2_600.0, 120.0, 450.0, 950.0, 100.0, "nogales"),
        ],
    }
    supplier = pd.DataFrame([("busan", "Busan", "KR", "cell", None, 90.0, 4e6, 60.0)], columns=SUPPLIERS)
    supplier["port"] = supplier["port"].astype("str")
    return Study.from_tables(
        settings,
        {
            "sites": sites,
            "markets": points(towns, [-73.95, -118.24], [40.70, 34.05]),
            "suppliers": points(supplier, [129.04], [35.10]),
            **{name: pd.DataFrame(found, columns=COLUMNS[name]) for name, found in rows.items()},
        },
    )
