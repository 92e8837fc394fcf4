"""Staff, investment and electricity as linear functions: numbers of the two-plant study, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evsiting.model.expressions import Terms, capex, electricity, staff


def by_name(parts, terms: Terms) -> dict[tuple[str, int], float]:
    """Return the coefficients by column name and row."""
    names = parts.names()
    return {(names[j], int(r)): float(v) for r, j, v in zip(terms.row, terms.column, terms.value, strict=True)}


def place(parts, site: str, kind: str) -> int:
    """Return the number of a place."""
    return next(q for q in range(len(parts.sets.places.site)) if parts.sets.place_name(q) == (site, kind))


def test_staff_is_that_of_the_option_and_the_hours_of_what_is_made(one_period) -> None:
    terms, standing = staff(one_period.sets, one_period.columns, 2000.0)
    found, q = by_name(one_period, terms), place(one_period, "memphis", "pack")
    assert found["build[memphis,pack,line,p1]", q] == 100.0
    assert found["make[memphis,pack,pack,p1]", q] == pytest.approx(4.0 * 1000 / 2000)  # 4 h of each of a thousand packs
    assert standing[place(one_period, "windsor", "cell")].tolist() == [300.0]
    assert standing.sum() == 300.0


def test_hours_of_a_position_divide_what_is_made_and_not_what_is_built(one_period) -> None:
    few, many = (by_name(one_period, staff(one_period.sets, one_period.columns, h)[0]) for h in (1000.0, 2000.0))
    assert all(few[k] == (v if k[0].startswith("build") else 2 * v) for k, v in many.items())


def test_a_plant_works_in_every_period_from_that_of_building_on(two_periods) -> None:
    q = place(two_periods, "memphis", "pack")
    found = by_name(two_periods, staff(two_periods.sets, two_periods.columns, 2000.0)[0])
    mine = {k: v for k, v in found.items() if k[0].startswith("build[memphis,pack")}
    assert mine == {
        ("build[memphis,pack,line,p1]", 2 * q): 100.0,
        ("build[memphis,pack,line,p1]", 2 * q + 1): 100.0,
        ("build[memphis,pack,line,p2]", 2 * q + 1): 100.0,
    }


def test_investment_stands_once_in_the_period_of_building(two_periods) -> None:
    q = place(two_periods, "memphis", "assembly")
    found = by_name(two_periods, capex(two_periods.sets, two_periods.columns))
    assert found["build[memphis,assembly,large,p2]", 2 * q + 1] == 1e9
    assert ("build[memphis,assembly,large,p2]", 2 * q) not in found
    assert len(found) == int((two_periods.columns.change >= 0).sum())


def test_electricity_is_that_of_a_scaled_unit_and_nothing_where_none_is_used(one_period) -> None:
    found = by_name(one_period, electricity(one_period.sets, one_period.columns))
    assert found["make[windsor,cell,cell,p1]", place(one_period, "windsor", "cell")] == 40.0 * 1e4
    sets = one_period.sets
    none = replace(sets, makes=replace(sets.makes, electricity=np.zeros(len(sets.makes.place))))
    assert len(electricity(none, one_period.columns).row) == 0


def test_without_places_every_function_is_empty(one_period) -> None:
    sets, nothing = one_period.sets, np.zeros(0, np.int64)
    makes = replace(sets.makes, place=nothing, product=nothing, labor=np.zeros(0), electricity=np.zeros(0))
    columns = replace(one_period.columns, make=np.zeros((0, 1), np.int64))
    bare = replace(sets, makes=makes)
    terms, _ = staff(bare, columns, 2000.0)
    assert set(terms.column) <= set(columns.change.ravel())
    assert len(electricity(bare, columns).value) == 0
