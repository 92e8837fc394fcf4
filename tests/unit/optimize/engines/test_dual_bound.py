"""Bounds from prices of any quality: never above the truth, and kept when a run is cut short."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

import evsiting as ev
from evsiting.errors import NoSolutionError
from evsiting.model.build import build
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.bound_check import BoundCheck
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.dual_bound import implied_bounds, safe_bound, weak_duality
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.large import large as big
from evsiting.optimize.price_bound import price_bound
from evsiting.results.plan import Status
from evsiting.results.record.bound_prices import BoundPrices
from tests.location_studies import location_study
from tests.random_studies import random_study


@pytest.mark.parametrize("seed", range(6))
def test_no_prices_prove_more_than_the_truth(seed: int) -> None:
    milp = build(ev.complete(random_study(seed))).milp
    objective = milp.objectives["cost"]
    relaxed = replace(milp, integer=np.zeros_like(milp.integer))
    truth = find_engine("highs").run(relaxed, objective, Limits(0.0, 30.0, threads=1))
    scaled = truth.objective / objective.unit - objective.constant
    draw = np.random.default_rng(seed)
    for part in (0.0, 0.5, 1.0, 1.5):
        noise = draw.normal(size=len(truth.prices)) * np.abs(truth.prices)
        assert safe_bound(milp, objective, part * truth.prices + 0.3 * noise) <= scaled + 1e-9 * abs(scaled)
    assert safe_bound(milp, objective, truth.prices) == pytest.approx(scaled, rel=1e-9)


def test_a_column_without_a_limit_may_be_in_use() -> None:
    """Its reduced cost is nothing but for the arithmetic: of the wrong sign or not, that costs no more than a hair."""
    matrix = sparse.csr_array(np.array([[0.1, 0.7], [1.0, 0.0]]))
    price = 3.0 / 0.7
    for nudge in (0.0, 1e-15, -1e-15):
        y = np.array([price * (1.0 + nudge), 0.0])
        columns = np.zeros(2), np.array([10.0, math.inf])
        rows = np.array([7.0, 0.0]), np.full(2, math.inf)
        found = weak_duality(np.array([1.0, 3.0]), matrix, abs(matrix), y, columns, rows)
        assert found == pytest.approx(7.0 * price, rel=1e-12)
        assert Fraction(found) <= Fraction(7) * Fraction(3) / Fraction(0.7)
    y = np.array([2.0 * price, 0.0])
    assert weak_duality(np.array([1.0, 3.0]), matrix, abs(matrix), y, columns, rows) == -math.inf


def test_a_bound_of_next_to_nothing_is_what_its_prices_prove() -> None:
    """Terms of the sum cancel: a part of the bound is no measure of their arithmetic."""
    milp = build(ev.complete(random_study(3))).milp
    objective = milp.objectives["cost"]
    relaxed = replace(milp, integer=np.zeros_like(milp.integer))
    solved = find_engine("highs").run(relaxed, objective, Limits(0.0, 30.0, threads=1))
    moved = replace(objective, constant=-solved.objective / objective.unit + objective.constant)
    told = moved.real(safe_bound(milp, moved, solved.prices))
    again, fault = price_bound(milp, moved, BoundPrices.of_relaxation(solved.prices))
    assert not fault
    assert abs(told) < 1e-6 * abs(solved.objective)
    assert BoundCheck(told, "prices", told, again).holds


def test_rows_imply_bounds_down_the_chain() -> None:
    milp = build(ev.complete(random_study(3))).milp
    assert np.isinf(milp.column_upper).any()
    low, high = implied_bounds(milp)
    shipped = next(b for b in milp.column_blocks if b.family == "ship")
    assert np.isfinite(high[shipped.start : shipped.stop]).all()
    assert (low <= high).all()


@pytest.fixture
def cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every program for a large one, and give its relaxation a handful of iterations."""
    from evsiting.optimize.engines.highs import _ArrayHighs

    made = _ArrayHighs.createAndConfigureSolver

    def few(self: _ArrayHighs, lp: object) -> None:
        made(self, lp)
        if not self.milp.integer.any():
            self.model.setOptionValue("simplex_iteration_limit", 40)

    monkeypatch.setattr(big, "LARGE", 0)
    monkeypatch.setattr(_ArrayHighs, "createAndConfigureSolver", few)


@pytest.mark.usefixtures("cut_short")
def test_a_relaxation_that_is_cut_short_proves_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    study = location_study(12, 120)
    program = build(study)
    milp, objective = program.milp, program.milp.objectives["cost"]
    relaxed = replace(milp, integer=np.zeros_like(milp.integer))
    found = find_engine("highs").run(relaxed, objective, Limits(0.0, 60.0, threads=1))
    assert found.status is Status.NO_SOLUTION
    assert found.bound > 0.0
    engine = find_engine("highs")
    run = type(engine).run

    def lost(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        if milp.integer.any():
            return EngineResult(Status.NO_SOLUTION, limit="time", version="test")
        return run(self, milp, objective, limits, **more)

    monkeypatch.setattr(type(engine), "run", lost)
    with pytest.raises(NoSolutionError, match="the bound so far is") as caught:
        ev.solve(study)
    assert f"{found.bound:,.6g}" in str(caught.value)


def test_a_program_that_starts_over_keeps_the_bound_of_its_first_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a ceiling a large program is solved without it first: what that proves holds under it."""
    study = random_study(3)
    plain = ev.solve(study, gap=0.0)
    engine = find_engine("highs")
    run = type(engine).run

    def modest(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        found = run(self, milp, objective, limits, **more)
        capped = any(block.family == "carbon_cap" for block in milp.row_blocks)
        return replace(found, bound=-np.inf) if capped and milp.integer.any() else found

    monkeypatch.setattr(type(engine), "run", modest)
    monkeypatch.setattr(big, "LARGE", 0)
    ceiling = 1.001 * plain.totals["emissions"]
    found = ev.solve(study, gap=0.0, caps={"emissions": ceiling}, verify=False)
    assert found.solve.bound >= plain.solve.bound - 1e-6 * abs(plain.solve.bound)
