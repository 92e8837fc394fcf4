"""Decision variables: which exist, with which bounds, and what each adds in which period."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evsiting.model.columns import add_columns_where, change_terms, new_plant_terms, open_terms
from evsiting.model.milp import MilpBuilder
from tests.studies import two_plant_study, unchecked


def test_every_flow_is_at_least_zero_and_unmet_is_no_more_than_demand(one_period) -> None:
    milp = one_period.milp.finish([])
    assert not milp.column_lower.any()
    unmet = {k: milp.column_upper[j] for k, j in one_period.milp.columns_of("unmet").items()}
    assert unmet == {("west", "vehicle", "p1"): 40.0}  # thousands; the east has no penalty: all must be served
    assert np.isinf(milp.column_upper[one_period.columns.ship]).all()
    assert np.isinf(milp.column_upper[one_period.columns.make]).all()


def test_only_changes_are_integer(two_periods) -> None:
    milp = two_periods.milp.finish([])
    assert set(np.flatnonzero(milp.integer)) == set(two_periods.columns.change.ravel()) - {-1}


def test_a_penalty_without_demand_in_a_period_has_no_column(make_parts) -> None:
    study = two_plant_study(periods=2)
    units = study.demand["units_per_yr"].where(study.demand["period"] != "p1", 0.0)
    parts = make_parts(unchecked(study, demand=study.demand.assign(units_per_yr=units)))
    assert list(parts.milp.columns_of("unmet")) == [("west", "vehicle", "p2")]
    assert (parts.columns.unmet >= 0).tolist() == [[False, False], [False, True]]


def test_a_closing_cannot_come_before_the_period_after_building(make_parts) -> None:
    study = two_plant_study(periods=2)
    parts = make_parts(unchecked(study, options=study.options.assign(closing_usd=1e6)))
    ends = parts.milp.columns_of("retire")
    assert ends
    assert {(name[-2], name[-1]) for name in ends} == {("p1", "p2")}


def test_an_option_with_a_lead_time_is_held_at_zero_until_it_is_over(make_parts) -> None:
    study = two_plant_study(periods=2)
    options = study.options.assign(lead_years=np.where(study.options["option"] == "small", 3.0, np.nan))
    parts = make_parts(unchecked(study, options=options))
    upper = parts.milp.finish([]).column_upper
    builds = {k[-2:]: upper[j] for k, j in parts.milp.columns_of("build").items() if k[0] == "memphis"}
    assert (builds["small", "p1"], builds["small", "p2"], builds["line", "p1"]) == (0.0, 1.0, 1.0)


def test_a_new_plant_counts_from_its_period_on(two_periods) -> None:
    sets, columns = two_periods.sets, two_periods.columns
    change, period, column = new_plant_terms(sets, columns)
    entries = {(int(c), int(t), int(j)) for c, t, j in zip(change, period, column, strict=True)}
    first, second = columns.change[0]
    assert {(t, j) for c, t, j in entries if c == 0} == {(0, first), (1, first), (1, second)}
    assert len(entries) == 3 * int(sets.changes.root.sum())


def test_what_is_closed_stands_no_more(make_parts) -> None:
    study = two_plant_study(periods=2)
    parts = make_parts(unchecked(study, options=study.options.assign(closing_usd=1e6)))
    names = parts.names()
    unit, period, column, sign = open_terms(parts.sets, parts.columns)
    build = {
        (names[j], int(t), float(s)) for u, t, j, s in zip(unit, period, column, sign, strict=True) if u == unit[0]
    }
    name = next(iter(n for n, *_ in build)).split("[")[1].split(",")[:3]
    inside = ",".join(name)
    assert (f"retire[{inside},p1,p2]", 1, -1.0) in build
    assert (f"build[{inside},p1]", 0, 1.0) in build
    assert not any(n.startswith("retire") and t == 0 for n, t, _ in build)


def test_terms_leave_out_zeros_and_changes_without_a_column(one_period) -> None:
    count = len(one_period.sets.changes.kind)
    amount = np.zeros((count, 1, 1))
    amount[1] = 7.0
    columns = replace(one_period.columns, change=one_period.columns.change.copy())
    columns.change[0] = -1
    amount[0] = 5.0
    change, period, column, value = change_terms(columns, amount)
    assert (change.tolist(), period.tolist(), value.tolist()) == ([1], [0], [7.0])
    assert column.tolist() == one_period.columns.change[1].tolist()


@pytest.mark.parametrize("shape", [(0, 2), (2, 0), (2, 2)])
def test_a_grid_without_a_wanted_entry_adds_no_column(shape: tuple[int, int]) -> None:
    milp = MilpBuilder()
    out = add_columns_where(milp, "clean", np.zeros(shape, bool), lambda k: (str(k),), ("a", "b"))
    assert out.shape == shape
    assert (out == -1).all()
    assert milp.width == 0


def test_columns_of_a_grid_are_named_and_bounded_by_row_and_period() -> None:
    milp = MilpBuilder()
    wanted = np.array([[False, True], [True, False]])
    out = add_columns_where(
        milp,
        "claims",
        wanted,
        lambda k: ("17", f"site {k}")[k : k + 1],
        ("a", "b"),
        upper=[[1, 2], [3, 4]],
        integer=True,
    )
    done = milp.finish([])
    assert out.tolist() == [[-1, 0], [1, -1]]
    assert done.column_names() == ["claims[17,b]", "claims[site 1,a]"]
    assert done.column_upper.tolist() == [2.0, 3.0]
    assert done.integer.all()


def test_by_products_that_must_leave_have_no_column_of_disposal(make_parts) -> None:
    study = two_plant_study()
    rows = pd.DataFrame({"plant_type": ["pack"], "product": ["pack"], "by_product": ["cell"], "units_per_unit": [2.0]})
    for cost, count in ((None, 0), (0.0, 2)):
        parts = make_parts(unchecked(study, by_products=rows.assign(disposal_usd_per_unit=cost)))
        assert len(parts.milp.columns_of("dispose")) == count  # at Memphis and Monterrey; zero is a price
        assert (parts.columns.dispose >= 0).sum() == count
