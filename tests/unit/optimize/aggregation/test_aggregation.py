"""Studies solved over groups of places: certified in full detail, and no plan is below the bound."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

import evsiting as ev
from evsiting.cli import main
from evsiting.layers.freight.lane_count import lane_count
from evsiting.study import size_limits
from evsiting.study.study import Study
from tests.twin_studies import twin_study


@pytest.fixture(scope="module")
def twins() -> Study:
    return twin_study()


@pytest.fixture(scope="module")
def found(twins: Study) -> ev.AggregatedSolve:
    return ev.solve_by_aggregation(twins, gap=0.05)


def test_the_plan_is_certified_and_the_bound_holds_for_the_whole(twins: Study, found: ev.AggregatedSolve) -> None:
    assert (found.sites, found.site_groups, found.markets, found.market_groups) == (9, 7, 10, 5)
    assert ev.certify(found.study, found.plan).passed
    best = ev.solve(ev.complete(twins), gap=1e-4)
    assert found.bound.value <= best.totals["cost"] * (1.0 + 1e-9)
    assert found.plan.solve.bound == found.bound.value
    assert found.plan.totals["cost"] >= best.solve.bound
    assert found.plan.solve.bound_by == "prices"
    assert found.plan.solve.aggregated == "7 groups of 9 sites, 5 groups of 10 markets"


def test_the_study_of_a_plan_is_found_again(twins: Study, found: ev.AggregatedSolve) -> None:
    assert ev.with_lanes_of(twins, found.plan).digest == found.study.digest == found.plan.study_digest
    changed = [n for n, t in found.study.tables.items() if n not in twins.tables or not t.equals(twins.tables[n])]
    assert set(changed) <= {"lanes", "provenance", "sources", "parameters", "sites", "markets"}
    with pytest.raises(ev.InputError, match="lanes of its own"):
        ev.with_lanes_of(found.study, found.plan)
    more = twins.with_table("demand", twins.demand.assign(units_per_yr=2.0 * twins.demand["units_per_yr"]))
    with pytest.raises(ev.InputError, match="is not the one that the plan answers"):
        ev.with_lanes_of(more, found.plan)


def test_a_run_keeps_the_prices_from_which_its_bound_is_recomputed(
    found: ev.AggregatedSolve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ev.write_run(tmp_path / "run", found.study, found.plan)
    study, plan = ev.read_run(run)
    assert plan.solve.bound_by == "prices"
    assert plan.solve.aggregated == found.plan.solve.aggregated
    check = ev.recompute_bound(study, plan)
    assert check is not None
    assert check.holds
    assert check.recomputed == pytest.approx(found.bound.value, rel=1e-12)
    assert ev.recompute_bounds(run) == {"plan": check}
    with pytest.raises(SystemExit) as end:
        main(["certify", str(run)])
    assert end.value.code in (0, None)
    said = " ".join(capsys.readouterr().out.split())
    assert "recomputed from the prices of 1 leaf over 7 groups of 9 sites, 5 groups of 10 markets" in said


@pytest.mark.parametrize("what", ["price", "bound", "bound alone"])
def test_a_bound_over_groups_that_is_not_proven_is_found(found: ev.AggregatedSolve, what: str) -> None:
    solve = found.plan.solve
    assert solve.prices is not None
    if what == "price":
        most = int(abs(solve.prices.base).argmax())
        base = solve.prices.base.copy()
        base[most] *= 1.01
        changed = replace(solve, prices=replace(solve.prices, base=base))
    else:
        raised = solve.bound + 1e-3 * abs(solve.bound)
        changed = replace(solve, bound=raised, price_bound=raised if what == "bound" else solve.price_bound)
    check = ev.recompute_bound(found.study, replace(found.plan, solve=changed))
    assert check is not None
    assert not check.holds
    assert "is not proven" in str(check)


def test_a_run_without_such_prices_says_who_proved_its_bound(found: ev.AggregatedSolve, tmp_path: Path) -> None:
    bare = replace(found.plan, solve=replace(found.plan.solve, prices=None, price_bound=-math.inf))
    study, plan = ev.read_run(ev.write_run(tmp_path / "run", found.study, bare))
    assert plan.solve.bound_by == "aggregation"
    assert ev.recompute_bound(study, plan) is None
    assert ev.certify(study, plan).passed


def test_nothing_is_asked_of_a_plan_whose_study_has_no_other_lanes(
    found: ev.AggregatedSolve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = str(found.study.sites["site"].iloc[0])
    with pytest.raises(ev.InputError, match="over groups of places"):
        ev.why_not(found.study, site, plan=found.plan)
    run = ev.write_run(tmp_path / "run", found.study, found.plan)
    for words in (("solve", run), ("why-not", run, site), ("pareto", run), ("alternatives", run)):
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        assert end.value.code == 1
        assert "over groups of places" in capsys.readouterr().err
    with pytest.warns(ev.DataWarning, match="lanes of one plan's plants alone"):
        ev.open_session(found.study)


@pytest.mark.slow
def test_a_study_that_is_too_large_is_solved_so_by_itself(twins: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = int(0.9 * lane_count(twins).lanes * len(twins.periods))
    monkeypatch.setattr(size_limits, "CEILINGS", MappingProxyType({**size_limits.CEILINGS, "program lanes": lanes}))
    plan = ev.solve(twins, gap=0.05)
    assert plan.solve.bound_by == "prices"
    assert plan.solve.aggregated
    assert ev.certify(ev.with_lanes_of(twins, plan), plan).passed


@pytest.mark.slow
def test_a_ceiling_holds_in_bound_and_plan(twins: Study, found: ev.AggregatedSolve) -> None:
    ceiling = 0.98 * found.plan.totals["emissions"]
    capped = ev.solve_by_aggregation(twins, caps={"emissions": ceiling}, gap=0.05)
    assert capped.plan.totals["emissions"] <= ceiling * (1.0 + 1e-6)
    assert capped.bound.value >= found.bound.value * (1.0 - 1e-9)
    check = ev.recompute_bound(capped.study, capped.plan)
    assert check is not None
    assert check.holds


@pytest.mark.slow
def test_the_command_solves_such_a_study_and_tells_what_it_does(
    twins: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lanes = int(0.9 * lane_count(twins).lanes * len(twins.periods))
    monkeypatch.setattr(size_limits, "CEILINGS", MappingProxyType({**size_limits.CEILINGS, "program lanes": lanes}))
    monkeypatch.setenv("COLUMNS", "200")
    ev.write_study(twins, tmp_path / "twins")
    with pytest.raises(SystemExit) as end:
        main(["solve", str(tmp_path / "twins"), "--out", str(tmp_path / "run"), "--gap", "0.05"])
    told = capsys.readouterr()
    assert end.value.code in (0, None)
    assert "bound over 7 groups of 9 sites" in told.err
    assert "flows to every market" in told.err
    assert ev.read_run(tmp_path / "run")[1].solve.aggregated
