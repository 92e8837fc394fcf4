"""Members of a sweep: keys that differ where the plan may, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from evsiting.optimize.sweeps import members
from evsiting.optimize.sweeps.members import key_of, solved_alone
from tests.plans import tiny_plan
from tests.studies import two_plant_study, unchecked

STUDY = two_plant_study()
HOW = STUDY.settings.solve


def test_a_key_is_the_same_for_the_same_question() -> None:
    assert key_of(STUDY, "cost", HOW) == key_of(two_plant_study(), {"cost": 1.0}, HOW.model_copy())
    assert len(key_of(STUDY, "cost", HOW)) == 64


def test_a_key_differs_with_study_objective_and_settings() -> None:
    other = unchecked(STUDY, demand=STUDY.demand.assign(units_per_yr=1.0))
    keys = {
        key_of(STUDY, "cost", HOW),
        key_of(other, "cost", HOW),
        key_of(STUDY, "jobs", HOW),
        key_of(STUDY, {"cost": 1.0, "emissions": 100.0}, HOW),
        key_of(STUDY, {"cost": 1.0, "emissions": 100.5}, HOW),
        key_of(STUDY, "cost", HOW.model_copy(update={"gap": 0.123})),
        key_of(STUDY, "cost", HOW.model_copy(update={"seed": 99})),
    }
    assert len(keys) == 7


def test_the_objective_of_the_settings_does_not_count_beside_the_one_that_is_asked() -> None:
    other = HOW.model_copy(update={"objective": "jobs"})
    assert key_of(STUDY, "cost", other) == key_of(STUDY, "cost", HOW)


def test_another_version_of_a_solver_is_another_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "versions", lambda: {"highspy": "1", "pandas": "1"})
    one = key_of(STUDY, "cost", HOW)
    monkeypatch.setattr(members, "versions", lambda: {"highspy": "1", "pandas": "2"})
    assert key_of(STUDY, "cost", HOW) == one  # no solver
    monkeypatch.setattr(members, "versions", lambda: {"highspy": "2", "pandas": "1"})
    assert key_of(STUDY, "cost", HOW) != one


@pytest.mark.parametrize("limit", ["", "time", "interrupt"])
def test_an_interrupted_member_is_no_answer(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    study, plan = tiny_plan()
    plan = replace(plan, solve=replace(plan.solve, limit=limit))
    session = SimpleNamespace(minimise=lambda objective: (plan, None))
    monkeypatch.setattr(members, "session_from_settings", lambda study, settings: session)
    if limit == "interrupt":
        with pytest.raises(KeyboardInterrupt):
            solved_alone(study, "cost", HOW)
    else:
        found, certificate = solved_alone(study, "cost", HOW)
        certificate.raise_if_failed()
        assert found.solve.seal
