"""Small studies of one product, for what concerns staff, electric load, carbon and money year by year."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evsiting.study.settings import About, Modelling, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, PLACES, points, sites_frame


def cell_study(
    *names: str,
    demand: tuple[float, ...] = (1e6,),
    years: int = 5,
    capacity: float = 1e6,
    electricity: float = 40.0,
    lanes: dict[str, tuple[float, float]] | None = None,
    rate: float = 0.0,
    tables: Mapping[str, pd.DataFrame] | None = None,
    **columns: list[object],
) -> Study:
    """Return a study of cell plants at some places, each with one lane to one market.

    With five years and no discounting a yearly dollar weighs 5, and an invested one 5/20 for each period that follows.

    Parameters
    ----------
    *names : str
        Codes of :data:`tests.frames.PLACES`.
    demand : tuple of float
        Units wanted a year in the first, second, ... period.
    years : int
        Length of each period; the first begins in 2027, one year after the base year.
    capacity, electricity : float
        Of the one option, and for each unit. [unit/yr, kWh/unit]
    lanes : dict, optional
        Freight and duty of a unit by site. [USD/unit]
    rate : float
        Discount rate. [1/yr]
    tables : mapping of str to pandas.DataFrame, optional
        Further tables, or others in the place of these.
    **columns : list
        Columns of the sites.
    """
    places = [next(p for p in PLACES if p[0] == name) for name in names]
    periods = [f"p{k + 1}" for k in range(len(demand))]
    ways = {name: (lanes or {}).get(name, (0.0, 0.0)) for name in names}
    rows = {
        "periods": [(p, 2027 + k * years, years) for k, p in enumerate(periods)],
        "products": [("cell", "Cell", "kWh", 6.0, 100.0, None)],
        "processes": [("cell", "cell", 1.0, electricity, 0.05, 60.0)],
        "options": [("cell", "works", capacity, 100e6, 2e6, 100.0, 0.0)],
        "demand": [("east", "cell", p, units, 1_000.0) for p, units in zip(periods, demand, strict=True)],
        "lanes": [
            ("cell", name, "east", "road", 1_000.0, 20.0, freight, duty, 0.0, None)
            for name, (freight, duty) in ways.items()
        ],
    }
    town = pd.DataFrame({"market": ["east"], "name": ["East"], "country": ["US"], "region": ["US-NY"]})
    settings = Settings(
        study=About(name="Cells"),
        money=Money(discount_rate=rate, plant_life_years=20.0, base_year=2026),
        model=Modelling(hours_per_fte_year=2000.0),
    )
    return Study.from_tables(
        settings,
        {
            "sites": sites_frame(places, **columns),
            "markets": points(town, [-73.95], [40.70]),
            **{name: pd.DataFrame(found, columns=COLUMNS[name]) for name, found in rows.items()},
            **(tables or {}),
        },
    )


def limited_study(**changes: object) -> Study:
    """Return two periods at Memphis and Monterrey, who share a labor pool; load is limited and power may be clean.

    A million units take 40 GWh, a mean load of 4.566 MW. Memphis may connect 3 MW and add 2 by its own feeder and 1 by
    the line that is offered everywhere; Monterrey has no limit, so that it needs no upgrade, and buys clean power.
    """
    rows: dict[str, object] = {
        "demand": (1e6, 2e6),
        "connectable_mw": [3.0, None],
        "clean_premium_usd_per_mwh": [None, 10.0],
        "grid_factor_kg_per_kwh": [0.4, 0.5],
        "labor_pool": ["south", "south"],
        "tables": {
            "labor_pools": pd.DataFrame({"pool": ["south"], "available_fte": [400.0]}),
            "grid_upgrades": pd.DataFrame(
                {
                    "site": ["memphis", None],
                    "upgrade": ["feeder", "line"],
                    "capacity_mw": [2.0, 1.0],
                    "capex_usd": [5e6, 8e6],
                }
            ),
        },
    }
    return cell_study("memphis", "monterrey", **{**rows, **changes})
