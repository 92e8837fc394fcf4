"""What plan.json and front.csv state is recomputed: an edited figure fails, an honest run passes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.results.stated_figures import _front_checks
from evsiting.study.study import Study
from tests.studies import two_plant_study


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run with a front, as the library writes it."""
    study: Study = ev.complete(two_plant_study())
    front = ev.pareto(study, "cost", "emissions", points=3, gap=0.0)
    plan = front.plans[0]
    return ev.write_run(tmp_path_factory.mktemp("runs") / "run", study, plan, ev.certify(study, plan), front=front)


@pytest.fixture
def run(honest: Path, tmp_path: Path) -> Path:
    return shutil.copytree(honest, tmp_path / "run")


@pytest.fixture
def single(honest: Path, tmp_path: Path) -> Path:
    """Return the run without its front: the plan alone is certified."""
    return shutil.copytree(honest, tmp_path / "single", ignore=shutil.ignore_patterns("front.*", "points"))


def edit(file: Path, change: Callable[[dict], None]) -> None:
    held = json.loads(file.read_text(encoding="utf-8"))
    change(held)
    file.write_text(json.dumps(held), encoding="utf-8")


def failed(run: Path) -> set[str]:
    return {check for certificate in ev.certify_run(run).values() for check in certificate.failed}


def test_an_honest_run_passes(run: Path) -> None:
    found = ev.certify_run(run)
    assert len(found) > 2
    assert next(iter(found)) == "plan"
    assert failed(run) == set()
    assert {"stated_totals", "stated_gap", "stated_units", "front_table"} <= set(found["plan"].checks["check"])


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda held: held["totals"].update(cost=held["totals"]["cost"] * 0.9), "stated_totals"),
        (lambda held: held["totals"].pop("jobs"), "stated_totals"),
        (lambda held: held.update(gap=0.5), "stated_gap"),
        (lambda held: held.update(gap=None), "stated_gap"),
        (lambda held: held["units"].update(cost="EUR"), "stated_units"),
        (lambda held: held["counts"].update(new_plants=99), "stated_counts"),
        (lambda held: held["certificate"].update(passed=False, failed=["demand"]), "stated_certificate"),
        (lambda held: held.update(objective=held["objective"] * 0.9), "objective"),
    ],
)
def test_an_edited_plan_file_fails(single: Path, change: Callable[[dict], None], check: str) -> None:
    edit(single / "plan.json", change)
    assert check in failed(single)


def test_an_edited_point_fails(run: Path) -> None:
    edit(run / "points" / "02" / "plan.json", lambda held: held["totals"].update(cost=1.0))
    assert ev.certify_run(run)["point 2"].failed == ("stated_totals",)


def test_every_edited_cell_of_the_front_fails(run: Path) -> None:
    front, honest = ev.read_front(run), pd.read_csv(run / "front.csv", dtype="str", keep_default_na=False)
    for row in range(len(honest)):
        for column in honest:
            table, cell = honest.copy(), honest.loc[row, column]
            table.loc[row, column] = (
                "x" if column in ("status", "point", "opens") else str(float(cell or 0.0) * 1.01 + 0.01)
            )
            table.to_csv(run / "front.csv", index=False)
            (check, _) = _front_checks(run, front, 1e-6)
            assert not check.passed
            assert f"column {column!r}, row {row + 2}" in check.where


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.iloc[:-1],
        lambda table: pd.concat([table, table.iloc[:1]]),
        lambda table: table.drop(columns="gap"),
        lambda table: table.iloc[::-1],
    ],
)
def test_rows_and_columns_too_few_too_many_or_in_another_order_fail(
    run: Path, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    change(pd.read_csv(run / "front.csv", dtype="str", keep_default_na=False)).to_csv(run / "front.csv", index=False)
    assert not _front_checks(run, ev.read_front(run), 1e-6)[0].passed


def test_a_front_without_its_table_fails(run: Path) -> None:
    (run / "front.csv").unlink()
    assert failed(run) == {"front_table"}


def test_an_ideal_that_plans_beat_fails(run: Path) -> None:
    edit(run / "front.json", lambda held: held["ideal"].update(cost=2.0 * held["ideal"]["cost"]))
    assert failed(run) == {"front_ideal"}


def relabelled(plan: ev.Plan, name: str) -> ev.Plan:
    """Return a plan called the proven best of another objective, all its figures in agreement."""
    value = -plan.totals[name] if name == "jobs" else plan.totals[name]
    return replace(plan, solve=replace(plan.solve, objective_name=name, objective=value, bound=value))


@pytest.mark.parametrize("name", ["emissions", "jobs"])
def test_a_plan_relabelled_as_the_best_of_another_objective_fails(single: Path, name: str) -> None:
    study, plan = ev.read_run(single)
    assert ev.certify(study, plan).passed
    other = relabelled(plan, name)
    assert ev.certify(study, other).failed == ("record",)
    fresh = ev.write_run(single.with_name("relabelled"), study, other)
    assert ev.certify_run(fresh)["plan"].failed == ("record",)


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.update(bound=held["bound"] * 0.99, gap=None),
        lambda held: held.update(caps={"emissions": 1e12}),
        lambda held: held.update(gap_asked=0.5),
        lambda held: held.update(status="feasible"),
    ],
)
def test_an_edited_proof_fails(single: Path, change: Callable[[dict], None]) -> None:
    edit(single / "plan.json", change)
    assert "record" in ev.certify_run(single)["plan"].failed


def test_a_bound_without_a_seal_is_shown_as_unproven(single: Path) -> None:
    edit(single / "plan.json", lambda held: held.pop("seal"))
    certificate = ev.certify_run(single)["plan"]
    assert certificate.passed
    assert "the bound is unproven" in certificate.remark
    assert "the bound is unproven" in repr(certificate)


def test_points_are_sealed_as_they_are_told_of() -> None:
    told: list[ev.Plan] = []
    study = ev.complete(two_plant_study())
    ev.weighted_sum(study, "cost", "emissions", prices=[100.0], on_point=lambda number, of, plan: told.append(plan))
    assert told
    assert all(ev.certify(study, plan).remark == "" and ev.certify(study, plan).passed for plan in told)
