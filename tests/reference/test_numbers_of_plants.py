"""A published problem with a number of plants, written in plain tables.

The warehouse location problem of W. E. Hart et al., "Pyomo - Optimization Modeling in Python," Springer: four
customers, three warehouses, distances by road, two warehouses at most. The distances are those of ``wl_concrete.py``
among the examples of the book that are published with Pyomo.
"""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting.study.study import Study
from tests.limit_studies import limits_frame
from tests.location_studies import location_study

# Harlingen, Memphis, Ashland to New York, Los Angeles, Chicago, Houston.
DISTANCE = ((1956, 1606, 1410, 330), (1096, 1792, 531, 567), (485, 2322, 324, 1236))


def warehouses(number: int) -> Study:
    """Return the problem: a unit for each customer, a dollar for each unit of distance, so many warehouses."""
    study = location_study(3, 4)
    tables = study.tables
    tables["periods"] = tables["periods"].assign(years=1)
    tables["sites"] = tables["sites"].assign(fixed_usd_per_yr=0.0)
    tables["processes"] = tables["processes"].assign(
        labor_h_per_unit=0.0, electricity_kwh_per_unit=0.0, material_usd_per_unit=0.0
    )
    free = dict.fromkeys(("capex_usd", "fixed_usd_per_yr", "staff_fte"), 0.0)
    tables["options"] = tables["options"].assign(capacity_units_per_yr=4.0, **free)
    tables["demand"] = tables["demand"].assign(units_per_yr=1.0)
    tables["lanes"] = tables["lanes"].assign(freight_usd_per_unit=np.array(DISTANCE, dtype=float).ravel())
    tables["limits"] = limits_frame({"kind": "plants_open", "at_most": number})
    return Study.from_tables(study.settings, tables)


@pytest.mark.parametrize(("number", "least"), [(2, 2745.0), (3, 2745.0), (1, 3986.0)])
def test_so_many_warehouses_at_most(number: int, least: float) -> None:
    study = warehouses(number)
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    assert plan.totals["cost"] == pytest.approx(least)
