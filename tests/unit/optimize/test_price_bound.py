"""The bound of a plan is recomputed from prices without a solver, and nothing passes that they do not prove."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import evsiting as ev
from evsiting.cli import main
from evsiting.model.build import build
from evsiting.optimize.large import core, large
from evsiting.optimize.large.count_branching import CountTree
from evsiting.optimize.price_bound import price_bound
from evsiting.results.case_store import runs_of_cases
from evsiting.results.record.bound_prices import PRICES_FILE, BoundPrices
from tests.random_studies import random_study
from tests.studies import two_plant_study
from tests.sweep_tasks import cases_table


@pytest.fixture(autouse=True)
def every_study_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "LARGE", 0)


def proven(seed: int, objective: str = "cost", **options: object) -> tuple[ev.Study, ev.Plan, BoundPrices]:
    """Return a study, its plan by the large strategy and the prices of the plan."""
    study = ev.complete(random_study(seed))
    plan = ev.solve(study, objective=objective, verify=False, **options)
    assert plan.prices is not None
    return study, plan, plan.prices


def checked(study: ev.Study, plan: ev.Plan, **changes: np.ndarray) -> ev.BoundCheck:
    """Return what changed prices prove."""
    assert plan.prices is not None
    found = ev.recompute_bound(study, replace(plan, solve=replace(plan.solve, prices=replace(plan.prices, **changes))))
    assert found is not None
    return found


def truth(study: ev.Study, objective: str = "cost") -> float:
    """Return the value of the optimum, by the solver's own tree."""
    large.LARGE = math.inf
    try:
        return ev.solve(study, objective=objective, gap=0.0, verify=False).solve.objective
    finally:
        large.LARGE = 0


@pytest.mark.parametrize("objective", ["cost", "emissions", "jobs"])
@pytest.mark.parametrize("seed", [1, 4, 11])
def test_prices_prove_what_is_stated_and_never_more_than_the_truth(seed: int, objective: str) -> None:
    study, plan, prices = proven(seed, objective, gap=0.0)
    found = ev.recompute_bound(study, plan)
    assert found is not None
    assert found.holds, str(found)
    best = truth(study, objective)
    assert found.recomputed <= best + 1e-8 * max(abs(best), 1.0)
    assert found.leaves == len(prices.leaf) > 0
    assert (found.by, found.stated) == (plan.solve.bound_by, plan.solve.bound)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::evsiting.errors.GapWarning")  # of penalties: tried elsewhere
@pytest.mark.parametrize("seed", range(100))
def test_prices_hold_on_many_studies(seed: int) -> None:
    study = ev.complete(random_study(seed))
    try:
        plan = ev.solve(study, verify=False, gap=0.0 if seed % 2 else 0.02)
    except ev.InfeasibleError:
        return
    found = ev.recompute_bound(study, plan)
    if found is not None:
        assert found.holds, str(found)
        assert found.recomputed <= plan.solve.objective * (1 + 1e-8) + 1e-6


def test_most_bounds_of_the_large_strategy_are_those_of_prices() -> None:
    by = [proven(seed, gap=0.01)[1].solve.bound_by for seed in (1, 4, 11)]
    assert by.count("prices") >= 2, by


def test_a_bound_under_a_ceiling_is_recomputed_under_it() -> None:
    study, plan, _ = proven(4)
    ceiling = {"emissions": plan.totals["emissions"] * 1.01}
    under = ev.solve(study, caps=ceiling, verify=False)
    found = ev.recompute_bound(study, under)
    assert found is not None
    assert found.holds
    assert under.prices.constraints == plan.prices.constraints + 1


# ------------------------------------------------------------------------------------------------ sabotage


@pytest.fixture(scope="module")
def branched() -> Iterator[tuple[ev.Study, ev.Plan, BoundPrices]]:
    """A plan whose prices have several leaves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "LARGE", 0)
        patch.setattr(core, "CountTree", partial(CountTree, to_end=True))
        study, plan, prices = proven(4, gap=0.0)
        assert len(prices.leaf) > 3
        assert plan.solve.bound_by == "prices"
        yield study, plan, prices


def test_a_changed_price_is_found(branched: tuple[ev.Study, ev.Plan, BoundPrices]) -> None:
    study, plan, prices = branched
    found = checked(study, plan, base=prices.base * 1.01, value=prices.value * 1.01)
    assert not found.holds
    assert "not proven" in str(found)


def test_a_leaf_that_is_left_out_is_found(branched: tuple[ev.Study, ev.Plan, BoundPrices]) -> None:
    study, plan, prices = branched
    first = prices.start[1]
    found = checked(
        study,
        plan,
        leaf=prices.leaf[1:],
        empty=prices.empty[1:],
        start=prices.start[1:] - first,
        index=prices.index[first:],
        value=prices.value[first:],
    )
    assert not found.holds
    assert "1 ends of the tree have no prices" in found.fault


def test_a_leaf_that_is_called_empty_and_is_not_is_found(branched: tuple[ev.Study, ev.Plan, BoundPrices]) -> None:
    study, plan, prices = branched
    worst = int(np.flatnonzero(~prices.empty)[0])
    empty = prices.empty.copy()
    empty[worst] = True
    found = checked(study, plan, empty=empty)
    assert not found.holds
    assert "called empty" in found.fault


def test_a_tree_that_skips_a_value_is_found(branched: tuple[ev.Study, ev.Plan, BoundPrices]) -> None:
    study, plan, prices = branched
    threshold = prices.threshold.copy()
    threshold[-1] += 1
    found = checked(study, plan, threshold=threshold)
    assert "two sides of one branch" in found.fault
    side = prices.side.copy()
    side[-1] = 1 - side[-1]
    assert "two sides of one branch" in checked(study, plan, side=side).fault


def test_a_branch_on_flows_is_no_proof(branched: tuple[ev.Study, ev.Plan, BoundPrices]) -> None:
    study, plan, prices = branched
    flow = int(np.flatnonzero(~build(study).milp.integer)[0])
    member = prices.member.copy()
    member[prices.member_start[prices.group[-1]]] = flow
    assert "need not be integers" in checked(study, plan, member=member).fault


@pytest.mark.parametrize("field", ["price_bound", "bound"])
def test_a_bound_that_is_raised_is_found(field: str, branched: tuple[ev.Study, ev.Plan, BoundPrices]) -> None:
    study, plan, _ = branched
    raised = abs(plan.solve.bound) * 1e-6 + plan.solve.bound
    record = replace(plan.solve, bound=raised, price_bound=raised) if field == "price_bound" else replace(
        plan.solve, bound=raised
    )  # fmt: skip
    found = ev.recompute_bound(study, replace(plan, solve=record))
    assert found is not None
    # A bound above what its prices prove is no longer called one that prices prove.
    assert (found.holds, found.by) == ((False, "prices") if field == "price_bound" else (True, "solver"))


def test_prices_of_another_program_are_told() -> None:
    study, plan, prices = proven(4)
    found = checked(study, plan, base=np.append(prices.base, 0.0))
    assert "the program of this study has" in found.fault
    nan = prices.base.copy()
    nan[0] = math.nan
    assert not checked(study, plan, base=nan).holds


def test_rounding_is_on_the_safe_side() -> None:
    """What is recomputed is not above the exact value of the same prices, in rational arithmetic."""
    from fractions import Fraction

    study, _, prices = proven(11, gap=0.5)
    program = build(study)
    milp, aim = program.milp, program.milp.objectives["cost"]
    one = BoundPrices.of_relaxation(prices.base[: milp.shape[0]])
    value, fault = price_bound(milp, aim, one)
    assert not fault
    y = [Fraction(float(p)) for p in one.base]
    from evsiting.optimize.engines.dual_bound import implied_bounds

    low, high = implied_bounds(milp)
    exact = Fraction(0)
    for price, lower, upper in zip(y, milp.row_lower, milp.row_upper, strict=True):
        side = lower if price > 0 else upper
        exact += price * Fraction(float(side)) if price and math.isfinite(side) else 0
    columns = milp.matrix.tocsc()
    for j in range(milp.shape[1]):
        own = slice(columns.indptr[j], columns.indptr[j + 1])
        reduced = Fraction(float(aim.coefficients[j]))
        for i, a in zip(columns.indices[own].tolist(), columns.data[own].tolist(), strict=True):
            held = milp.row_lower[i] if y[i] > 0 else milp.row_upper[i]
            reduced -= Fraction(a) * y[i] if math.isfinite(held) else 0
        exact += reduced * Fraction(float(low[j] if reduced > 0 else high[j])) if reduced else 0
    assert Fraction(value / aim.unit - aim.constant) <= exact + Fraction(1, 10**9)
    assert value / aim.unit - aim.constant == pytest.approx(float(exact), rel=1e-9)


# --------------------------------------------------------------------------------------------- run folder


def certify(run: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return exit code and words of the command."""
    with pytest.raises(SystemExit) as left:
        main(["certify", str(run)])
    told = capsys.readouterr()
    return int(left.value.code or 0), " ".join((told.out + told.err).split())


def test_a_run_folder_keeps_its_prices_and_certify_recomputes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, plan, _ = proven(11, gap=0.0)
    run = ev.write_run(tmp_path / "run", study, plan)
    again = ev.read_run(run)[1]
    assert ev.recompute_bounds(run)["plan"] == ev.recompute_bound(study, plan) == ev.recompute_bound(study, again)
    held = json.loads((run / "plan.json").read_text())
    assert (held["bound_by"], held["price_bound"]) == (plan.solve.bound_by, plan.solve.price_bound)
    code, told = certify(run, capsys)
    assert code == 0
    assert "without a solver" in told or "the solver's own tree the rest" in told

    held["price_bound"] = held["bound"] = held["bound"] * (1 + 1e-4)
    (run / "plan.json").write_text(json.dumps(held))
    code, told = certify(run, capsys)
    assert code != 0
    assert "is not proven" in told


def test_prices_that_are_missing_are_told(tmp_path: Path) -> None:
    study, plan, _ = proven(11)
    run = ev.write_run(tmp_path / "run", study, plan)
    (run / PRICES_FILE).unlink()
    found = ev.recompute_bounds(run)["plan"]
    assert not found.holds
    assert PRICES_FILE in found.fault


def test_points_of_a_front_have_prices_of_their_own(tmp_path: Path) -> None:
    study = ev.complete(random_study(4))
    front = ev.pareto(study, "cost", "emissions", points=2, verify=False)
    run = ev.write_front(tmp_path / "front", front, study=study)
    bounds = ev.recompute_bounds(run)
    assert set(bounds) <= {f"point {n + 1}" for n in range(len(front))}
    assert bounds
    assert all(found.holds for found in bounds.values())


@pytest.mark.slow
def test_cases_of_a_sweep_are_recomputed_each_over_its_own_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = two_plant_study()
    found = ev.sweep(study, cases_table(3), folder=tmp_path / "cases", workers=1, verify=False)
    bounds = ev.recompute_bounds(tmp_path / "cases")
    carrying = [case for case, plan in found.plans.items() if plan.prices is not None]
    assert carrying
    assert list(bounds) == carrying
    assert all(bound.holds for bound in bounds.values())
    code, told = certify(tmp_path / "cases", capsys)
    assert code == 0
    assert f"{carrying[-1]}: Bound" in told
    file = tmp_path / "cases" / runs_of_cases(tmp_path / "cases")[carrying[-1]] / "plan.json"
    held = json.loads(file.read_text())
    held["price_bound"] = held["price_bound"] * (1 + 1e-4)
    file.write_text(json.dumps(held))
    code, told = certify(tmp_path / "cases", capsys)
    assert code != 0
    assert "is not proven" in told


def test_rules_of_the_users_own_leave_no_prices() -> None:
    study = ev.complete(random_study(4))
    problem = ev.to_pulp(study)
    problem += next(iter(problem.variables())) >= 0, "own"
    assert ev.solve(study, extra=problem, verify=False).prices is None
