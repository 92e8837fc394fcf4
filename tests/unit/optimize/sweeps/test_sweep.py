"""Sweeps: what-if cases and scenarios solved each by itself, kept as they are found, taken up where they stopped."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.optimize.large import large as big
from evsiting.optimize.sweeps import kept_solves
from evsiting.optimize.sweeps.progress import SweepProgress
from tests.scenario_studies import two_futures
from tests.studies import two_plant_study
from tests.sweep_tasks import cases_table, looked, run_sweep

ROOT = Path(__file__).parents[4]


@pytest.mark.slow
def test_each_case_is_the_best_of_its_own_study(tiny: ev.Study) -> None:
    found = ev.sweep(tiny, cases_table(4), workers=1, gap=0.0)
    assert found.cases == ("base", "demand 00", "demand 01", "demand 02", "too much")
    demand = tiny.demand
    for case, factor in (("base", 1.0), ("demand 00", 0.5), ("demand 01", 0.625)):
        own = tiny.with_table("demand", demand.assign(units_per_yr=demand["units_per_yr"] * factor))
        assert found.plans[case].solve.objective == pytest.approx(ev.solve(own, gap=0.0).solve.objective)
    assert found.status("too much") == "no plan"
    assert "no plan can serve the demand" in found.without["too much"]
    table = found.table.set_index("case")
    assert table.loc["too much", "cost"] != table.loc["too much", "cost"]  # a hole, with its message
    assert table.loc["too much", "message"] == found.without["too much"]
    apart = found.compared()
    assert (apart["least"] <= apart["cost"] + 1.0).all()
    assert (apart["cost"] <= apart["most"] + 1.0).all()
    assert found.compared()["cost"].tolist() == pytest.approx(
        [found.plans[c].totals["cost"] - found.plans["base"].totals["cost"] for c in found.cases[1:4]]
    )


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    one, two = (run_sweep(str(tmp_path / str(n)), 4, n) for n in (1, 2))
    assert one.table.equals(two.table)
    assert looked(tmp_path / "1") == looked(tmp_path / "2")  # bit by bit
    assert ev.read_cases(tmp_path / "2").table.equals(one.table)
    own, plan = ev.read_run(tmp_path / "2" / "demand-01")
    assert ev.certify(own, plan).passed


def test_what_is_finished_is_not_solved_again_and_what_changed_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    solve = kept_solves.solved_alone

    def counted(study: ev.Study, *more: object) -> object:
        asked.append(study.settings.study.name)
        return solve(study, *more)

    monkeypatch.setattr(kept_solves, "solved_alone", counted)
    cases = cases_table(3)
    first = ev.sweep(two_plant_study(), cases, folder=tmp_path, workers=1, verify=False)
    assert len(asked) == 3
    again = ev.sweep(two_plant_study(), cases, folder=tmp_path, workers=1, verify=False)
    assert len(asked) == 3
    assert again.table.equals(first.table)
    other = cases.assign(value=cases["value"].mask(cases["case"] == "demand 01", 0.9))
    ev.sweep(two_plant_study(), other, folder=tmp_path, workers=1, verify=False)
    assert asked[3:] == ["Two plants (demand 01)"]
    ev.sweep(two_plant_study(), other, folder=tmp_path, workers=1, verify=False, seed=3)
    assert len(asked) == 7  # another option is another solve
    fewer = cases[cases["case"] == "demand 00"]
    left = ev.sweep(two_plant_study(), fewer, folder=tmp_path, workers=1, verify=False, seed=3)
    assert len(asked) == 7
    assert left.cases == ("base", "demand 00")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["base", "cases.csv", "cases.json", "demand-00"]


@pytest.mark.slow
def test_damage_is_solved_again(tmp_path: Path) -> None:
    whole = ev.sweep(two_plant_study(), cases_table(3), folder=tmp_path, workers=1, verify=False)
    (tmp_path / "demand-00" / "openings.csv").unlink()
    again = ev.sweep(two_plant_study(), cases_table(3), folder=tmp_path, workers=1, verify=False)
    assert again.table.equals(whole.table)
    assert (tmp_path / "demand-00" / "openings.csv").is_file()


@pytest.mark.slow
def test_an_interrupt_keeps_what_is_solved(tmp_path: Path) -> None:
    def stop(progress: SweepProgress) -> None:
        if progress.solved == 2:
            raise KeyboardInterrupt

    found = ev.sweep(two_plant_study(), cases_table(5), folder=tmp_path, workers=1, verify=False, watch=stop)
    assert list(found.plans) == ["base", "demand 00"]
    assert found.unsolved == ("demand 01", "demand 02", "demand 03")
    assert ev.read_cases(tmp_path).unsolved == found.unsolved
    assert not ev.sweep(two_plant_study(), cases_table(5), folder=tmp_path, workers=1, verify=False).unsolved


def killed_sweeps(folder: Path, count: int, kills: int, workers: int) -> None:
    """Sweep in a process that is killed again and again, each time after some more cases, and at last not at all."""
    command = [sys.executable, "-m", "tests.sweep_tasks", str(folder), str(count), str(workers)]
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for kill in range(kills + 1):
        with subprocess.Popen(command, env=env, cwd=ROOT) as process:
            wanted = (count * (kill + 1)) // (kills + 2)
            while kill < kills and process.poll() is None and len(list(folder.glob("*/plan.json"))) < wanted:
                time.sleep(0.05)
            if kill < kills:
                process.send_signal(signal.SIGKILL)
        assert process.returncode == (-signal.SIGKILL if kill < kills else 0)


@pytest.mark.slow
def test_a_sweep_that_is_killed_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    killed_sweeps(tmp_path / "killed", count=3, kills=1, workers=1)
    run_sweep(str(tmp_path / "whole"), 3, 1)
    assert looked(tmp_path / "killed") == looked(tmp_path / "whole")


@pytest.mark.slow
def test_a_sweep_of_forty_that_is_killed_five_times_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    killed_sweeps(tmp_path / "killed", count=40, kills=5, workers=2)
    run_sweep(str(tmp_path / "whole"), 40, 1)
    assert looked(tmp_path / "killed") == looked(tmp_path / "whole")
    assert len(ev.read_cases(tmp_path / "killed").plans) == 40


def test_one_that_breaks_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solve = kept_solves.solved_alone

    def broken(study: ev.Study, *more: object) -> object:
        if study.settings.study.name.endswith("(demand 01)"):
            raise RuntimeError("no luck")
        return solve(study, *more)

    with monkeypatch.context() as patched:
        patched.setattr(kept_solves, "solved_alone", broken)
        found = ev.sweep(two_plant_study(), cases_table(4), folder=tmp_path, workers=1, verify=False)
    assert dict(found.failures) == {"demand 01": "no luck"}
    assert len(found.plans) == 3
    assert "1 failed" in repr(found)
    assert ev.read_cases(tmp_path).failures == found.failures
    assert not ev.sweep(two_plant_study(), cases_table(4), folder=tmp_path, workers=1, verify=False).failures


def test_all_that_is_wrong_with_all_cases_is_told_before_anything_is_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_solves, "run_tasks", None)
    change = {"table": "demand", "column": "units_per_yr", "action": "multiply", "value": 1.1}
    rows = [
        change | {"case": "a", "rows": "market=nowhere"},
        change | {"case": "b", "column": "price"},
        change | {"case": "c"},
    ]
    with pytest.raises(ev.InputError) as wrong:
        ev.sweep(two_plant_study(), pd.DataFrame(rows), workers=1)
    assert [problem.where.split(",")[0] for problem in wrong.value.problems] == ["case 'a'", "case 'b'"]
    rows = [
        change | {"case": "a", "based_on": "b"},
        change | {"case": "b", "based_on": "a"},
        change | {"case": "c", "based_on": "d"},
        change | {"case": "base"},
        {"case": "e", "value": 3.0},
        {"case": "f", "table": "demand", "column": "units_per_yr", "value": 3.0},
        change | {"case": "g", "action": "divide"},
    ]
    with pytest.raises(ev.InputError) as wrong:
        ev.sweep(two_plant_study(), pd.DataFrame(rows), workers=0, executor=3, gap=-1.0, objective="money")
    told = str(wrong.value)
    for part in ("circle", "no case of the table", "study as it stands", "names no table", "column 'action': is empty",
                 "divide", "number of workers", "is no executor", "gap", "not an objective"):  # fmt: skip
        assert part in told


def test_cases_of_a_file_are_told_by_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(
        "case,table,column,action,value\nlean,demand,units_per_yr,multiply,0.8\nodd,demand,units,shrink,1\n"
    )
    with pytest.raises(ev.InputError, match=r"cases\.csv.*row 3: 'shrink'"):
        ev.sweep(two_plant_study(), file, workers=1)
    file.write_text("case;table;column;action;value\nlean;demand;units_per_yr;multiply;0.8\n")
    assert ev.sweep(two_plant_study(), str(file), workers=1, verify=False).cases == ("base", "lean")
    with pytest.raises(ev.InputError, match="there is no such file"):
        ev.sweep(two_plant_study(), tmp_path / "none.csv")


def test_each_scenario_by_itself_is_at_least_as_good_as_one_plan_for_all() -> None:
    study = two_futures()
    each, joint = ev.solve_each_scenario(study, workers=1, gap=0.0), ev.solve_scenarios(study, gap=0.0)
    for name, plan in each.plans.items():
        assert plan.solve.objective <= joint.plans[name].solve.objective * (1 + 1e-9)
    assert each.cases == ("base", "boom")
    with pytest.raises(ev.InputError, match="has no scenarios"):
        ev.solve_each_scenario(two_plant_study())


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ev.InputError, match="holds no runs of cases"):
        ev.sweep(two_plant_study(), folder=tmp_path, workers=1)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_tornado_has_the_ends_of_each_range_the_widest_first() -> None:
    ranges = pd.DataFrame(
        [
            {"name": "power", "table": "sites", "column": "power_price_usd_per_mwh", "low": 0.9, "high": 1.1},
            {"name": "demand", "table": "demand", "column": "units_per_yr", "low": 0.5, "high": 1e6},
        ]
    )
    found = ev.sweep(two_plant_study(), ev.tornado_cases(ranges), workers=1, gap=0.0, verify=False)
    table = found.tornado().set_index("name")
    base, low = found.plans["base"].solve.objective, found.plans["demand: low"].solve.objective
    assert table.index.tolist() == ["demand", "power"]
    assert table.loc["demand", "low"] == pytest.approx(low - base)
    assert table.loc["demand", "high"] != table.loc["demand", "high"]  # there is no plan
    assert table.loc["demand", "swing"] == pytest.approx(base - low)
    assert table.loc["demand", "proven"] == pytest.approx(table.loc["demand", "swing"], rel=1e-3)
    assert table.loc["demand", ["low_told", "high_told"]].tolist() == ["less", ""]
    assert table.loc["demand", "low_least"] <= low - base <= table.loc["demand", "low_most"]
    with pytest.raises(ev.InputError, match="no such case"):
        found.tornado(to="none")


def test_cases_beside_a_plan_are_solved_to_its_gap_where_none_is_given() -> None:
    study = ev.complete(two_plant_study())
    plan = ev.solve(study, gap=0.0007, verify=False)
    change = {"case": "less", "table": "demand", "column": "units_per_yr", "action": "multiply", "value": 0.9}
    asked = {None: 0.0007, 0.02: 0.02}
    for gap, used in asked.items():
        found = ev.sweep(study, pd.DataFrame([change]), plan=plan, workers=1, gap=gap, verify=False)
        assert found.plans["less"].solve.gap_asked == used
    alone = ev.sweep(study, pd.DataFrame([change]), workers=1, verify=False)
    assert alone.plans["less"].solve.gap_asked == study.settings.solve.gap


def test_all_that_is_no_range_is_told() -> None:
    place = {"table": "demand", "column": "units_per_yr"}
    rows = [
        place | {"name": "one end", "low": 0.5},
        place | {"name": "none"},
        place | {"name": "unknown", "parameter": "no.such.figure"},
        place | {"name": "several", "parameter": "labor.hours_per_fte_year"},
        place | {"name": "backwards", "low": 1.5, "high": 0.5},
        place | {"name": "twice", "low": 0.5, "high": 1.5},
        place | {"name": "twice", "low": 0.5, "high": 1.5},
    ]
    with pytest.raises(ev.InputError) as wrong:
        ev.tornado_cases(pd.DataFrame(rows))
    assert len(wrong.value.problems) == 6
    with pytest.raises(ev.InputError, match="columns are missing"):
        ev.tornado_cases(pd.DataFrame(rows).drop(columns="table"))


@pytest.mark.slow
def test_relaxations_start_from_the_first_member_and_from_no_other(
    tiny: ev.Study, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(big, "LARGE", 0)
    given: list[tuple[str, object]] = []
    solve = kept_solves.solved_alone

    def noted(study: ev.Study, objective: object, settings: object, basis: object = None) -> object:
        given.append((study.digest, None if basis is None else basis.study_digest))  # type: ignore[attr-defined]
        return solve(study, objective, settings, basis)

    monkeypatch.setattr(kept_solves, "solved_alone", noted)
    with caplog.at_level(logging.INFO, logger="evsiting"):
        one = ev.sweep(tiny, cases_table(3), workers=1, gap=0.02, verify=False)
    base = given[0][0]
    assert [basis for _, basis in given] == [None, base, base]
    told = [r.getMessage() for r in caplog.records if r.getMessage().startswith("relaxation cost")]
    assert ["from nothing" in line for line in told] == [True, False, False]
    with ThreadPoolExecutor(2) as executor:
        two = ev.sweep(tiny, cases_table(3), executor=executor, gap=0.02, verify=False)
    assert [basis for _, basis in given[3:]] == [None, base, base]
    for name, plan in one.plans.items():
        low, high = plan.solve.difference_from(two.plans[name].solve)
        assert low <= 0.0 <= high


def test_small_members_wait_for_no_other(tiny: ev.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    waves: list[int] = []
    run = kept_solves.run_tasks
    monkeypatch.setattr(kept_solves, "run_tasks", lambda tasks, *more: (waves.append(len(tasks)), run(tasks, *more)))
    ev.sweep(tiny, cases_table(2), workers=1, gap=0.05, verify=False)
    assert waves == [2]


def test_a_plan_that_is_given_is_not_solved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    study = ev.complete(two_plant_study())
    plan = ev.solve(study, gap=0.0, threads=1)
    row = {"case": "lean", "table": "demand", "column": "units_per_yr", "action": "multiply", "value": 0.9}
    told: list[str] = []
    solved = kept_solves.solved_alone
    monkeypatch.setattr(kept_solves, "solved_alone", lambda one, *rest: told.append(one.digest) or solved(one, *rest))
    found = ev.sweep(study, pd.DataFrame([row]), plan=plan, workers=1, gap=0.0, threads=1)
    assert found.plans["base"].totals == plan.totals
    assert len(told) == 1
    assert told != [study.digest]
    with pytest.raises(ev.InputError, match="stands beside a plan"):
        ev.sweep(study, pd.DataFrame([row]), plan=plan, objective="jobs")
    with pytest.raises(ev.InputError, match="another study"):
        ev.sweep(ev.example("starter"), pd.DataFrame([row]), plan=plan)
