"""Which objectives take values on a lattice alone, decided from the program."""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.model.milp import Milp, MilpBuilder, Objective
from evsiting.optimize.fronts.integer_objectives import Lattice, greatest_common_step, integer_objectives
from tests.front_studies import SingleSourced
from tests.studies import two_plant_study


def test_what_is_single_sourced_is_on_a_lattice_in_every_objective() -> None:
    milp = build(ev.complete(SingleSourced(0).study())).milp
    found, why = integer_objectives(milp, ["cost", "freight_emissions", "jobs"])
    assert why == ""
    steps = {name: (lattice.step, lattice.offset) for name, lattice in found.items()}
    assert steps == {
        "cost": pytest.approx((2.0, 0.0)),
        "freight_emissions": pytest.approx((0.1, 0.0)),
        "jobs": pytest.approx((1.0, 0.0)),
    }


def test_without_the_limit_on_sources_it_is_not() -> None:
    study = SingleSourced(0).study()
    milp = build(ev.complete(study.with_table("limits", study.tables["limits"].iloc[:0]))).milp
    assert integer_objectives(milp, ["jobs"])[1] == "", "staff does not depend on what ships"
    found, why = integer_objectives(milp, ["cost", "jobs"])
    assert (found, "cost depends on ship" in why) == ({}, True)


def test_an_ordinary_study_is_not_and_says_why() -> None:
    found, why = integer_objectives(build(ev.complete(two_plant_study())).milp, ["cost", "jobs"])
    assert (found, "make" in why, "any amount" in why) == ({}, True, True)


def knapsack(waste_price: float, *, needed: bool) -> Milp:
    """Return two items of 6 and 9, and a continuous column that is needed or not."""
    builder = MilpBuilder()
    pick = builder.add_columns("pick", (2,), lambda k: (str(k),), upper=1.0, integer=True)
    waste = builder.add_columns("waste", (1,), lambda k: (str(k),), upper=5.0)
    columns = np.append(pick, waste)
    builder.add_rows("least", 1, lambda k: ("",), (0, columns, [1.0, 1.0, 1.0]), lower=0.5 if needed else 0.0)
    return builder.finish([Objective("cost", np.array([-6.0, -9.0, waste_price]), 1.0, 10.0)])


def test_a_continuous_decision_that_is_never_worth_it_does_no_harm() -> None:
    found, why = integer_objectives(knapsack(0.7, needed=False), ["cost"])
    assert (why, found["cost"].step, found["cost"].offset) == ("", pytest.approx(30.0), pytest.approx(10.0))


@pytest.mark.parametrize(("price", "needed"), [(0.7, True), (-0.7, True)])
def test_one_that_may_be_needed_does(price: float, needed: bool) -> None:
    found, why = integer_objectives(knapsack(price, needed=needed), ["cost"])
    assert not found or price < 0.0, why
    if price < 0.0:  # it is at its upper limit at every plan that matters
        assert found["cost"].offset == pytest.approx(10.0 * (1.0 - 3.5))


def test_figures_without_a_common_step_have_none() -> None:
    assert greatest_common_step(np.array([3e6, 4.5e6, 0.0])) == pytest.approx(1.5e6)
    assert greatest_common_step(np.array([1.0, np.pi])) == 0.0
    assert greatest_common_step(np.zeros(3)) == 0.0


def test_a_step_too_small_to_be_told_apart_is_none() -> None:
    builder = MilpBuilder()
    builder.add_columns("pick", (2,), lambda k: (str(k),), upper=1.0, integer=True)
    found, why = integer_objectives(builder.finish([Objective("cost", np.array([1e9, 1.0]), 0.0, 1.0)]), ["cost"])
    assert (found, "common step" in why) == ({}, True)


def test_numbers_and_values_go_both_ways() -> None:
    lattice = Lattice(0.1, -3.0)
    assert [lattice.number(lattice.value(k)) for k in (-7, 0, 12)] == [-7, 0, 12]
    assert lattice.value(4) < lattice.below(5) < lattice.value(5)
