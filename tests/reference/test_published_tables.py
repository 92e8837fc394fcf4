"""Published problems with depots to choose, to close, to expand and to tie together, written in plain tables.

Depots are plants that pass goods on, factories are suppliers of limited capacity, savings of closing are fixed cost
of what stands, and rules between sites are rows of table ``limits``: nothing stands for something else.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study
from tests.brute_force import brute_force
from tests.frames import COLUMNS, SUPPLIERS, points, sites_frame
from tests.limit_studies import limits_frame


def network(
    depots: Mapping[str, float],
    wanted: Mapping[str, float],
    cost: Mapping[tuple[str, str], float],
    *,
    process: dict[str, object],
    factories: Mapping[str, float] | None = None,
    **tables: pd.DataFrame,
) -> Study:
    """Return a study of one year and one product in which a dollar is a dollar.

    Parameters
    ----------
    depots : mapping
        Sites, with the fixed cost of a new plant there. [USD/yr]
    wanted : mapping
        Demand by market. [unit/yr]
    cost : mapping
        Freight by origin and destination. [USD/unit]
    process : dict
        The row of table ``processes``.
    factories : mapping, optional
        Capacity by supplier. [unit/yr]
    **tables : pandas.DataFrame
        ``options``, ``limits`` and whatever else the study has.
    """
    spot = {name: (-98.0 + k, 36.0) for k, name in enumerate([*depots, *wanted, *(factories or {})])}
    sites = [(name, "US", None, *spot[name]) for name in depots]
    markets = pd.DataFrame([(m, m, "US", None) for m in wanted], columns=["market", "name", "country", "region"])
    sellers = [(f, f, "US", "goods", None, 0.0, most, 0.0) for f, most in (factories or {}).items()]
    lanes = [("goods", a, b, "road", 1.0, 1.0, usd, 0.0, 0.0, None) for (a, b), usd in cost.items()]
    sold = pd.DataFrame(sellers, columns=SUPPLIERS).astype({"port": "str", "capacity_units_per_yr": "float64"})
    rows = {
        "periods": [("year", 2027, 1)],
        "products": [("goods", "Goods", "unit", 1.0, 1.0, None)],
        "demand": [(market, "goods", "year", units, None) for market, units in wanted.items()],
        "lanes": lanes,
    }
    return Study.from_tables(
        Settings(study=About(name="Depots"), money=Money(discount_rate=0.0, plant_life_years=1.0, base_year=2026)),
        {
            "sites": sites_frame(sites, power_price_usd_per_mwh=0.0, fixed_usd_per_yr=list(depots.values())),
            "markets": points(markets, *zip(*(spot[m] for m in wanted), strict=True)),
            "processes": pd.DataFrame([{"product": "goods", **process}]),
            **{name: pd.DataFrame(lines, columns=COLUMNS[name]) for name, lines in rows.items()},
            **({"suppliers": points(sold, *zip(*(spot[f] for f in factories), strict=True))} if factories else {}),
            **tables,
        },
    )


#: USD a ton, by destination: from Liverpool, Brighton, Newcastle, Birmingham, London, Exeter, Bristol, Northampton.
ORIGINS = ("Liverpool", "Brighton", "Newcastle", "Birmingham", "London", "Exeter", "Bristol", "Northampton")
TONNES = {"C1": 50e3, "C2": 10e3, "C3": 40e3, "C4": 35e3, "C5": 60e3, "C6": 20e3}
FREIGHT: dict[str, tuple[float | None, ...]] = {
    "Newcastle": (0.5, None),
    "Birmingham": (0.5, 0.3),
    "London": (1.0, 0.5),
    "Exeter": (0.2, 0.2),
    "Bristol": (0.6, 0.4),
    "Northampton": (0.4, 0.3),
    "C1": (1.0, 2.0, None, 1.0, None, None, 1.2, None),
    "C2": (None, None, 1.5, 0.5, 1.5, None, 0.6, 0.4),
    "C3": (1.5, None, 0.5, 0.5, 2.0, 0.2, 0.5, None),
    "C4": (2.0, None, 1.5, 1.0, None, 1.5, None, 0.5),
    "C5": (None, None, None, 0.5, 0.5, 0.5, 0.3, 0.6),
    "C6": (1.0, None, 1.0, None, 1.5, 1.5, 0.8, 0.9),
}


def distribution_2() -> Study:
    """Return "Distribution 2" of H. P. Williams, Model Building in Mathematical Programming, 5th ed., Wiley 2013.

    Pages 275-276: four of six depots, of which two would be new and two may be closed; one may be expanded. The data
    are also printed in SAS/OR User's Guide: Mathematical Programming Examples, example 20.
    """
    standing = pd.DataFrame(
        [
            ("Newcastle", 70e3, 10e3, 0.0),
            ("Birmingham", 50e3, 0.0, np.nan),
            ("London", 100e3, 0.0, np.nan),
            ("Exeter", 40e3, 5e3, 0.0),
        ],
        columns=["site", "capacity_units_per_yr", "fixed_usd_per_yr", "closing_usd"],
    )
    return network(
        dict.fromkeys(ORIGINS[2:], 0.0),
        TONNES,
        {(a, b): usd for b, row in FREIGHT.items() for a, usd in zip(ORIGINS, row, strict=False) if usd is not None},
        process={"plant_type": "depot", "pass_through_step": 1},
        factories={"Liverpool": 150e3, "Brighton": 200e3},
        options=pd.DataFrame(
            [
                ("depot", "Bristol", 30e3, 12e3, "Bristol"),
                ("depot", "Northampton", 25e3, 4e3, "Northampton"),
                ("depot", "more room", 20e3, 3e3, "Birmingham"),
            ],
            columns=["plant_type", "option", "capacity_units_per_yr", "capex_usd", "sites"],
        ),
        plants=standing.assign(plant=standing["site"], plant_type="depot", status="existing"),
        limits=limits_frame({"kind": "members_open", "members": "; ".join(ORIGINS[2:]), "at_most": 4}),
    )


def test_depots_to_open_close_and_expand() -> None:
    study = distribution_2()
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    # The book counts 15,000 that closing Newcastle and Exeter would save as income: 174,000 and those.
    assert plan.totals["cost"] == pytest.approx(174e3 + 15e3)
    assert brute_force(study) == pytest.approx(174e3 + 15e3)
    assert plan.decisions["closings"]["plant"].tolist() == ["Newcastle"]
    assert set(plan.decisions["openings"]["option"]) == {"Northampton", "more room"}


def warehouses(*rules: dict[str, object]) -> Study:
    """Return the warehouses of W. L. Winston, Operations Research: Applications and Algorithms, chapter 9.

    Four cities, 100 units a week each, three regions: weekly fixed cost, demand and cost of sending a unit.
    """
    weekly = {"New York": 400.0, "Los Angeles": 500.0, "Chicago": 300.0, "Atlanta": 150.0}
    units = {"Region 1": 80.0, "Region 2": 70.0, "Region 3": 40.0}
    usd = ((20.0, 40.0, 50.0), (48.0, 15.0, 26.0), (26.0, 35.0, 18.0), (24.0, 50.0, 35.0))
    return network(
        weekly,
        units,
        {(a, b): usd[k][n] for k, a in enumerate(weekly) for n, b in enumerate(units)},
        process={"plant_type": "warehouse"},
        options=pd.DataFrame(
            [("warehouse", "warehouse", 100.0, 0.0)],
            columns=["plant_type", "option", "capacity_units_per_yr", "capex_usd"],
        ),
        **({"limits": limits_frame(*rules)} if rules else {}),
    )


#: The restrictions of the text, in its order.
RULES: tuple[dict[str, object], ...] = (
    {"kind": "members_open", "members": "Los Angeles", "if_open": "New York", "at_least": 1},
    {"kind": "plants_open", "at_most": 2},
    {"kind": "members_open", "members": "Atlanta; Los Angeles", "at_least": 1},
)


def test_warehouses_that_depend_on_each_other() -> None:
    study = warehouses(*RULES)
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    # Los Angeles and Atlanta: 650 + 80 x 24 + 70 x 15 + 30 x 26 + 10 x 35.
    assert plan.totals["cost"] == pytest.approx(4_750.0)
    assert set(plan.sites["site"]) == {"Los Angeles", "Atlanta"}
    assert brute_force(study) == pytest.approx(4_750.0)


def test_the_rules_matter() -> None:
    free = ev.solve(warehouses(), gap=0.0)
    assert free.totals["cost"] < 4_750.0
