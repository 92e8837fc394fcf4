"""Published optima of capacitated warehouse location (OR-Library cap41 to cap134), as studies through the same program.

J. E. Beasley, "OR-Library: distributing test problems by electronic mail," J. Oper. Res. Soc. 41(11), 1069-1072, 1990.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from evsiting.optimize.solve import solve
from evsiting.results.certificate import certify
from evsiting.results.plan import Status
from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study

NAMES = [
    f"cap{n}{k}"
    for n in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
    for k in (1, 2, 3, 4)
    if (n, k) not in ((5, 2), (5, 3), (5, 4))
]


@pytest.fixture(scope="module")
def readers(shared: Path) -> ModuleType:
    """Return the reader of the benchmark instances."""
    path = shared / "bench" / "readers.py"
    if not path.is_file():
        pytest.skip("the shared folder holds no benchmark instances")
    spec = importlib.util.spec_from_file_location("bench_readers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def as_study(name: str, fixed: np.ndarray, serve: np.ndarray, demand: np.ndarray, capacity: np.ndarray) -> Study:
    """Return an instance as a study of one year without discounting: a yearly dollar weighs one."""
    sites, customers = [f"s{i:03d}" for i in range(len(fixed))], [f"c{j:03d}" for j in range(len(demand))]
    assert len(np.unique(capacity)) == 1, "the options belong to a plant type, not to a site"

    def spread(codes: list[str], column: str, lat: float, **more: object) -> gpd.GeoDataFrame:
        frame = pd.DataFrame({column: codes, "country": "US", "region": "US-KS", **more})
        return gpd.GeoDataFrame(
            frame,
            geometry=gpd.points_from_xy(np.linspace(-101.5, -95.5, len(codes)), [lat] * len(codes)),
            crs="EPSG:4326",
        )

    i, j = np.divmod(np.arange(serve.size), len(customers))
    wanted = demand[j] > 0
    lanes = pd.DataFrame(
        {
            "product": "goods",
            "origin": np.array(sites)[i],
            "destination": np.array(customers)[j],
            "mode": "road",
            "distance_km": 1.0,
            "time_h": 1.0,
            "freight_usd_per_unit": serve.ravel() / np.where(wanted, demand[j], 1.0),
            "duty_usd_per_unit": 0.0,
            "emissions_kg_per_unit": 0.0,
        }
    )[wanted]
    return Study.from_tables(
        Settings(study=About(name=name), money=Money(base_year=2026, discount_rate=0.0)),
        {
            "sites": spread(
                sites,
                "site",
                38.0,
                wage_usd_per_h=1.0,
                payroll_burden=0.0,
                power_price_usd_per_mwh=0.0,
                grid_factor_kg_per_kwh=0.0,
                fixed_usd_per_yr=fixed,
                labor_force_persons=1.0,
                unemployment_rate=0.0,
                renewable_share=0.0,
                carbon_free_share=0.0,
            ),
            "markets": spread(customers, "market", 40.0),
            "periods": pd.DataFrame({"period": ["y"], "start_year": [2026], "years": [1]}),
            "products": pd.DataFrame(
                {"product": ["goods"], "unit": ["unit"], "mass_kg_per_unit": [1.0], "value_usd_per_unit": [0.0]}
            ),
            "processes": pd.DataFrame({"plant_type": ["warehouse"], "product": ["goods"]}),
            "options": pd.DataFrame(
                {
                    "plant_type": ["warehouse"],
                    "option": ["one"],
                    "capex_usd": [0.0],
                    "capacity_units_per_yr": [float(capacity[0])],
                }
            ),
            "demand": pd.DataFrame({"market": customers, "product": "goods", "units_per_yr": demand}),
            "lanes": lanes,
        },
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_published_optimum_is_found_and_proven(readers: ModuleType, name: str) -> None:
    instance = readers.load(name)
    study = as_study(name, instance.f, instance.c, instance.d, instance.cap)
    plan = solve(study, gap=0.0, time_limit_s=120.0)
    assert plan.status is Status.OPTIMAL
    assert plan.totals["cost"] == pytest.approx(readers.optima()[name]["value"], rel=1e-6)
    assert certify(study, plan).passed
