"""Decisions as tables of a plan and back, indicators that follow from them, and totals that add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.model.plan_columns import Decision, Indicator, Totals, texts
from evsiting.study.horizon import Horizon
from tests.studies import two_plant_study


def unmet(column: list[list[int]]) -> Decision:
    """Return demand not served at markets '7' and 'b', of ten vehicles a unit and of one."""
    keys = {"market": np.array(["7", "b"], object), "product": np.array(["vehicle"] * 2, object)}
    return Decision("unmet", keys, np.array(column), ("p1", "p2"), np.array([10.0, 1.0]))


def test_a_point_becomes_rows_in_units_of_the_study() -> None:
    rows = unmet([[0, -1], [1, 2]]).frame(np.array([3.0, 0.0, 4.0]))
    assert rows.to_dict("records") == [
        {"market": "7", "product": "vehicle", "period": "p1", "units_per_yr": 30.0},
        {"market": "b", "product": "vehicle", "period": "p2", "units_per_yr": 4.0},
    ]


def test_rows_become_the_same_point_again() -> None:
    decision, point = unmet([[0, -1], [1, 2]]), np.array([3.0, 0.5, 4.0])
    back = np.zeros(3)
    decision.put(decision.frame(point), back)
    assert back.tolist() == point.tolist()


def test_rows_that_the_program_does_not_know_are_left_out() -> None:
    frame = pd.DataFrame(
        [
            ("7", "vehicle", "p2", 1.0),
            ("7", "pack", "p1", 1.0),
            ("c", "vehicle", "p1", 1.0),
            ("b", "vehicle", "p9", 1.0),
        ],
        columns=["market", "product", "period", "units_per_yr"],
    )
    values = np.full(3, 9.0)
    unmet([[0, -1], [1, 2]]).put(frame, values)
    assert values.tolist() == [9.0, 9.0, 9.0]


def test_a_yes_or_no_decision_is_taken_above_one_half() -> None:
    keys = {"site": np.array(["a"], object), "upgrade": np.array(["line"], object)}
    decision = Decision("upgrades", keys, np.array([[0, 1]]), ("p1", "p2"), np.ones(1))
    assert decision.frame(np.array([0.5, 0.5 + 1e-9]))["period"].tolist() == ["p2"]


def test_a_decision_without_columns_or_rows_is_an_empty_table_and_sets_nothing() -> None:
    none = unmet([[-1, -1], [-1, -1]])
    assert none.frame(np.array([5.0])).empty
    values = np.array([5.0])
    none.put(unmet([[0, -1], [-1, -1]]).frame(np.array([1.0])), values)
    none.put(none.frame(values), values)
    assert values.tolist() == [5.0]
    empty = Decision("unmet", {"market": np.zeros(0, object), "product": np.zeros(0, object)}, np.zeros((0, 2), int),
                     ("p1", "p2"), np.zeros(0))  # fmt: skip
    assert empty.frame(np.zeros(0)).columns.tolist() == ["market", "product", "period", "units_per_yr"]


def test_an_indicator_is_one_where_a_member_is_above_zero() -> None:
    values = np.array([0.0, 1e-9, 0.0, 0.7, 1.0])
    Indicator(np.array([3, 4]), np.array([0, 0, 1]), np.array([0, 1, 2])).put(values)
    assert values.tolist() == [0.0, 1e-9, 0.0, 1.0, 0.0]


@pytest.fixture
def totals() -> Totals:
    """Return totals over two periods of five years at USD 50 a tonne in the second."""
    study = two_plant_study(periods=2)
    return Totals(Horizon.of(study.periods, study.settings.money), np.array([0.0, 50.0]))


def values(totals: Totals, width: int) -> dict[str, list[float]]:
    """Return the coefficients by objective, in real units."""
    return {o.name: (o.coefficients * o.unit).round(9).tolist() for o in totals.objectives(width)}


def test_emissions_count_each_year_and_are_priced_in_their_period(totals: Totals) -> None:
    totals.emissions([0, 1], [0, 1], [2000.0, 2000.0])
    assert values(totals, 2)["emissions"] == [10.0, 10.0]
    assert values(totals, 2)["cost"] == [0.0, 2.0 * 50.0 * 5]


def test_entries_at_one_column_add_up_and_those_without_a_column_are_left_out(totals: Totals) -> None:
    totals.cost([0, 0, -1], [1.0, 2.0, 100.0])
    totals.jobs([[1, -1]], [[0, 1]], 3.0)
    assert values(totals, 2)["cost"] == [3.0, 0.0]
    assert values(totals, 2)["jobs"] == [0.0, -15.0]


def test_lateness_is_an_objective_only_where_something_may_be_late(totals: Totals) -> None:
    assert "late" not in values(totals, 1)
    totals.late([0], [4.0])
    assert values(totals, 1)["late"] == [4.0]


def test_what_stands_is_the_constant(totals: Totals) -> None:
    totals.standing(cost=7.0, jobs=[10.0, 20.0])
    totals.standing(jobs=1.0)
    real = {o.name: o.constant * o.unit for o in totals.objectives(0)}
    assert real["cost"] == pytest.approx(7.0)
    assert real["jobs"] == pytest.approx(-5 * (11 + 21))


def test_a_copy_goes_on_without_a_trace_in_the_first(totals: Totals) -> None:
    totals.cost([0], [1.0])
    other = totals.copy()
    other.cost([0], [5.0])
    other.standing(cost=3.0, jobs=[1.0, 1.0])
    other.emissions([0], [0], [1000.0])
    assert values(totals, 1)["cost"] == [1.0]
    assert values(totals, 1)["emissions"] == [0.0]
    assert [o.constant for o in totals.objectives(1) if o.name in ("cost", "jobs")] == [0.0, 0.0]
    assert values(other, 1)["cost"] == [6.0]


def test_texts_are_codes_at_positions() -> None:
    assert texts(pd.Index(["a", "7"]), np.array([1, 0, 1])).tolist() == ["7", "a", "7"]
    assert texts(["a"], np.zeros(0, int)).tolist() == []
