"""The basis that a plan keeps: in the run folder, gone on from, passed over with a word where it does not belong."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

import evsiting as ev
from evsiting.errors import DataWarning
from evsiting.optimize.large import large as big
from evsiting.results.plan import Plan
from evsiting.results.record.relaxation_basis import BASIS_FILE
from tests.studies import two_plant_study


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr(big, "LARGE", 0)
    return ev.solve(two_plant_study(), gap=0.0)


def test_a_small_study_keeps_none(tmp_path: Path) -> None:
    plan = ev.solve(two_plant_study(), gap=0.0)
    assert plan.solve.basis is None
    ev.write_run(tmp_path / "run", two_plant_study(), plan)
    assert not (tmp_path / "run" / BASIS_FILE).exists()


def test_what_is_read_is_what_was_written_and_a_later_solve_starts_from_it(
    solved: Plan, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    study, plan = ev.read_run(ev.write_run(tmp_path / "run", two_plant_study(), solved))
    before, after = solved.solve.basis, plan.solve.basis
    assert before is not None
    assert after is not None
    assert (before.columns, before.rows, before.weights) == (after.columns, after.rows, after.weights)
    assert before.column_states.tolist() == after.column_states.tolist()
    assert (after.study_digest, after.from_nothing_s) == (study.digest, before.from_nothing_s)
    with caplog.at_level(logging.INFO, logger="evsiting"):
        again = ev.solve(study, gap=0.0, start=plan)
        found = ev.why_not(study, plan.opened["site"].iloc[0], plan=plan, gap=0.0)
    told = [r.getMessage() for r in caplog.records if r.getMessage().startswith("relaxation cost")]
    assert len(told) >= 2
    assert all("from a known basis" in line for line in told)
    assert again.solve.objective == pytest.approx(solved.solve.objective, rel=1e-6)
    proof = ev.recompute_bound(study, again)
    assert proof is not None
    assert proof.holds
    assert found.difference.high >= 0.0


def test_a_plan_without_basis_takes_the_old_one_away(solved: Plan, tmp_path: Path) -> None:
    run = ev.write_run(tmp_path / "run", two_plant_study(), solved)
    assert (run / BASIS_FILE).is_file()
    ev.write_run(run, two_plant_study(), replace(solved, solve=replace(solved.solve, basis=None)))
    assert not (run / BASIS_FILE).exists()


@pytest.mark.parametrize("damage", ["cut", "other study"])
def test_a_basis_that_does_not_belong_is_passed_over_with_a_word(solved: Plan, tmp_path: Path, damage: str) -> None:
    run = ev.write_run(tmp_path / "run", two_plant_study(), solved)
    file = run / BASIS_FILE
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:100])
    else:
        assert solved.solve.basis is not None
        other = replace(solved.solve.basis, study_digest="0" * 64)
        odd = replace(solved, solve=replace(solved.solve, basis=other))
        ev.write_run(run, two_plant_study(), odd)
    with pytest.warns(DataWarning, match="passed over"):
        study, plan = ev.read_run(run)
    assert plan.solve.basis is None
    assert ev.certify(study, plan).passed


def test_a_basis_of_quite_another_program_changes_no_answer(solved: Plan) -> None:
    basis = solved.solve.basis
    assert basis is not None
    odd = replace(basis, column_states=basis.column_states[::-1].copy(), row_states=basis.row_states[::-1].copy())
    plan = replace(solved, solve=replace(solved.solve, basis=odd))
    again = ev.solve(two_plant_study(), gap=0.0, start=plan)
    assert again.solve.objective == pytest.approx(solved.solve.objective, rel=1e-6)
    proof = ev.recompute_bound(two_plant_study(), again)
    assert proof is not None
    assert proof.holds
