"""Capacitated facility location as a study: one plant type, one product, every site reaches every market."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.study.settings import About, Modelling, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, points, sites_frame


def location_study(sites: int, markets: int, *, seed: int = 0, penalty: float | None = None) -> Study:
    """Return a study with so many candidates and markets, in one period of ten years; it is hard for its size.

    Parameters
    ----------
    sites, markets : int
        How many.
    seed : int
        Of the random places, demands and capacities.
    penalty : float, optional
        For a unit that is not served; by default all must be served. [USD]
    """
    draw = np.random.default_rng(seed)
    names, towns = [f"s{k:04d}" for k in range(sites)], [f"m{k:04d}" for k in range(markets)]
    a, b = (draw.uniform([-100.0, 33.0], [-84.0, 41.0], (n, 2)) for n in (sites, markets))
    units = draw.integers(5, 36, markets) * 100.0
    most = float(np.ceil(units.sum() * 5.0 / sites / 100.0) * 100.0)
    km = 100.0 * np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    settings = Settings(
        study=About(name="Location"),
        money=Money(discount_rate=0.0, plant_life_years=20.0, base_year=2026),
        model=Modelling(hours_per_fte_year=2000.0),
    )
    spots = [(n, "US", None, x, y) for n, (x, y) in zip(names, a, strict=True)]
    places = sites_frame(
        spots,
        role=["candidate"] * sites,
        plant_types=["assembly"] * sites,
        wage_usd_per_h=20.0,
        payroll_burden=0.25,
        power_price_usd_per_mwh=60.0,
        grid_factor_kg_per_kwh=0.4,
        fixed_usd_per_yr=draw.uniform(1e6, 3e6, sites),
    )
    markets_frame = pd.DataFrame({"market": towns, "name": towns, "country": "US", "region": None})
    lanes = pd.DataFrame(
        {
            "product": "vehicle",
            "origin": np.repeat(names, markets),
            "destination": np.tile(towns, sites),
            "mode": "road",
            "distance_km": km.ravel(),
            "time_h": km.ravel() / 60.0,
            "freight_usd_per_unit": (0.5 * km).ravel(),
            "duty_usd_per_unit": 0.0,
            "co2_kg_per_unit": (0.1 * km).ravel(),
            "via": None,
        }
    )
    lanes.columns = COLUMNS["lanes"]
    rows = {
        "periods": [("p1", 2027, 10)],
        "products": [("vehicle", "Vehicle", "vehicle", 1_900.0, 38_000.0, 8.0)],
        "bill_of_materials": [],
        "processes": [("assembly", "vehicle", 1.0, 800.0, 20.0, 15_000.0)],
        "options": [("assembly", "plant", most, 5_000.0 * most, 100.0 * most, 100.0, 0.0)],
        "plants": [],
        "demand": [(town, "vehicle", "p1", u, penalty) for town, u in zip(towns, units, strict=True)],
        "incentives": [],
    }
    return Study.from_tables(
        settings,
        {
            "sites": places,
            "markets": points(markets_frame, b[:, 0].tolist(), b[:, 1].tolist()),
            "lanes": lanes,
            **{name: pd.DataFrame(found, columns=COLUMNS[name]) for name, found in rows.items()},
        },
    )
