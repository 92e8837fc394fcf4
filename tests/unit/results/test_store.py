"""Runs and fronts on disk: what is read is what was written, and nothing is half written or overwritten."""

import json
import math
from dataclasses import replace

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

import evsiting as ev
from evsiting.errors import InputError
from evsiting.results import store
from evsiting.results.certificate import certify
from evsiting.results.front_store import add_point
from evsiting.results.plan import Front, Status
from evsiting.results.plan_file import ALWAYS, PLAN_FILE, SCHEMA
from evsiting.results.result_folders import deliverable
from evsiting.results.store import read_front, read_run, write_front, write_run
from tests.asked_studies import asked, moved
from tests.plans import random_plan, tiny_plan


def refuse(constant):
    raise ValueError(constant)


def same(left, right):
    """Check that two plans are equal, figure for figure."""
    assert left.solve == right.solve
    assert (left.study_name, left.study_digest) == (right.study_name, right.study_digest)
    assert dict(left.versions) == dict(right.versions)
    assert_geodataframe_equal(left.sites, right.sites)
    for name, table in left.tables.items():
        pd.testing.assert_frame_equal(table, right.tables[name], check_exact=True)
    for name, ledger in left.ledgers.items():
        pd.testing.assert_frame_equal(ledger, right.ledgers[name], check_exact=True)
    assert left.totals == right.totals


@pytest.mark.parametrize("seed", [None, 3, *(pytest.param(s, marks=pytest.mark.slow) for s in (0, 82))])
def test_what_is_read_is_what_was_written(tmp_path, seed):
    study, plan = tiny_plan() if seed is None else random_plan(seed)
    folder = write_run(tmp_path / "run", study, plan, certify(study, plan))
    study_again, plan_again = read_run(folder)
    assert study_again.digest == study.digest
    same(plan, plan_again)
    certify(study_again, plan_again).raise_if_failed()


def test_plan_json_is_for_any_tool(tmp_path):
    study, plan = tiny_plan()
    plan = replace(plan, solve=replace(plan.solve, status=Status.FEASIBLE, bound=-math.inf, limit="time"))
    folder = write_run(tmp_path / "run", study, plan, certify(study, plan))
    held = json.loads((folder / "plan.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert held["schema"] == SCHEMA
    assert held["status"] == "feasible"
    assert held["limit"] == "time"
    assert held["objective"] == plan.totals["cost"]
    assert held["bound"] is None
    assert held["gap"] is None
    assert held["totals"] == plan.totals
    assert held["study_digest"] == study.digest
    assert held["counts"]["new_plants"] == 3
    assert held["certificate"]["passed"] is True
    assert {"solver", "seconds", "seed", "versions", "gap_asked", "caps"} <= set(held)
    assert read_run(folder)[1].solve.bound == -math.inf


def test_sites_have_coordinates(tmp_path):
    folder = write_run(tmp_path / "run", *tiny_plan())
    sites = pd.read_csv(folder / "sites.csv")
    assert sites.loc[0, ["lat", "lon"]].tolist() == [35.15, -90.05]


def test_a_run_is_replaced_whole_and_other_files_stay(tmp_path):
    folder = write_run(tmp_path / "run", *random_plan(0))
    (folder / "siting.html").write_text("report", encoding="utf-8")
    study, plan = tiny_plan()
    write_run(folder, study, plan)
    same(plan, read_run(folder)[1])
    assert (folder / "siting.html").read_text(encoding="utf-8") == "report"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_failure_leaves_the_old_run_as_it_was(tmp_path, monkeypatch):
    folder = write_run(tmp_path / "run", *tiny_plan())

    def fail(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(store, "fill_study", fail)
    with pytest.raises(OSError, match="no space left"):
        write_run(folder, *random_plan(0))
    monkeypatch.undo()
    same(tiny_plan()[1], read_run(folder)[1])
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match=r"exists and holds no run \(thesis.docx\)"):
        write_run(tmp_path, *tiny_plan())
    with pytest.raises(InputError, match="exists and is a file"):
        write_run(tmp_path / "thesis.docx", *tiny_plan())
    assert (tmp_path / "thesis.docx").read_text(encoding="utf-8") == "years of work"


def test_an_empty_folder_is_welcome(tmp_path):
    write_run(tmp_path, *tiny_plan())
    assert (tmp_path / "plan.json").is_file()


def test_a_plan_of_another_study_is_refused(tmp_path):
    with pytest.raises(InputError, match="answers another study"):
        write_run(tmp_path / "run", random_plan(0)[0], tiny_plan()[1])


@pytest.mark.parametrize("name", [PLAN_FILE, *(f"{table}.csv" for table in ALWAYS)])
def test_a_missing_file_is_named(tmp_path, name):
    folder = write_run(tmp_path / "run", *tiny_plan())
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"files of the plan are missing .*{name}"):
        read_run(folder)


def test_a_missing_study_is_named(tmp_path):
    folder = write_run(tmp_path / "run", *tiny_plan())
    (folder / "study").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="the study of the run is missing"):
        read_run(folder)


def test_a_folder_without_anything_is_told_what_to_give(tmp_path):
    with pytest.raises(InputError, match="evsiting solve --out"):
        read_run(tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("plan.json", f'"schema": {SCHEMA}', '"schema": 99', "no plan that this version can read"),
        ("plan.json", '"status": "optimal"', '"status": "splendid"', "status"),
        ("plan.json", '"objective": ', '"objective": NaN, "x": ', "no plan that this version can read"),
        ("plan.json", "{", "", "no plan that this version can read"),
        ("production.csv", "100000.0", "a lot", r"row 2: 'a lot'|row \d: 'a lot'"),
        ("shipments.csv", "mode", "manner", r"columns are missing \(mode\)"),
        ("sites.csv", "plant,", "", "columns are missing|cannot be read"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, old, new, told):
    folder = write_run(tmp_path / "run", *tiny_plan())
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=told) as raised:
        read_run(folder)
    assert name in str(raised.value)


def test_damage_in_several_files_is_told_at_once(tmp_path):
    folder = write_run(tmp_path / "run", *tiny_plan())
    (folder / "unmet.csv").write_text("", encoding="utf-8")
    (folder / "production.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError) as raised:
        read_run(folder)
    assert len(raised.value.problems) == 2


def test_a_deleted_row_is_found_by_the_certificate(tmp_path):
    folder = write_run(tmp_path / "run", *tiny_plan())
    lines = (folder / "shipments.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "shipments.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    assert "demand" in certify(*read_run(folder)).failed


def test_a_changed_price_is_found_by_the_certificate(tmp_path):
    folder = write_run(tmp_path / "run", *tiny_plan())
    path = folder / "study" / "processes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("15000.0", "14000.0"), encoding="utf-8")
    assert set(certify(*read_run(folder)).failed) >= {"digest", "ledger_cost"}


def test_a_front_is_read_as_it_was_written(tmp_path):
    study, cheap = random_plan(0)
    _, clean = random_plan(0, "emissions")
    front = Front(("cost", "emissions"), (cheap, clean), {"cost": 1.5, "emissions": -math.inf})
    folder = write_front(tmp_path / "front", front, study=study)
    again = read_front(folder)
    assert again.objectives == front.objectives
    assert dict(again.ideal) == {"cost": 1.5}
    for left, right in zip(front.plans, again.plans, strict=True):
        same(left, right)
    table = pd.read_csv(folder / "front.csv", dtype={"point": "str"})
    assert table["point"].tolist() == ["01", "02"]
    assert table["cost"].tolist() == [cheap.totals["cost"], clean.totals["cost"]]
    certify(*read_run(folder / "points" / "02")).raise_if_failed()
    with pytest.raises(InputError, match="holds a front and no plan of its own"):
        read_run(folder)


def test_a_front_and_a_plan_share_a_folder(tmp_path):
    study, plan = random_plan(0)
    front = Front(("cost", "emissions"), (plan,))
    folder = write_run(tmp_path / "run", study, plan, front=front)
    assert len(read_front(folder)) == 1
    write_run(folder, study, plan)
    assert len(read_front(folder)) == 1, "a new plan of the same study keeps the front"
    write_front(folder, Front(("cost", "jobs"), (plan, plan)))
    same(plan, read_run(folder)[1])
    assert read_front(folder).objectives == ("cost", "jobs")
    write_run(folder, *tiny_plan())
    with pytest.raises(InputError, match="holds no front"):
        read_front(folder)


def test_a_front_of_another_study_takes_the_place_of_the_plan(tmp_path):
    folder = write_run(tmp_path / "run", *tiny_plan())
    study, plan = random_plan(0)
    with pytest.raises(InputError, match="is not the one that the front answers"):
        write_front(folder, Front(("cost", "jobs"), (plan,)), study=tiny_plan()[0])
    write_front(folder, Front(("cost", "jobs"), (plan,)), study=study)
    assert not (folder / "plan.json").exists()
    certify(*read_run(folder / "points" / "01")).raise_if_failed()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"objectives": ["cost"]}', '{"objectives": ["joy"], "ideal": {}, "points": []}']
)
def test_a_damaged_front_is_named(tmp_path, text):
    folder = write_front(tmp_path / "front", Front(("cost", "emissions"), (tiny_plan()[1],)))
    (folder / "front.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="front.json"):
        read_front(folder)


def test_what_was_asked_about_a_plan_goes_with_the_plan_and_not_before(tmp_path):
    study, plan, told = asked()
    run = ev.write_run(tmp_path / "run", study, plan)
    ev.write_decisions(run, told)
    with deliverable(run / "report.html") as page:
        page.write_text("of this plan", encoding="utf-8")
    tables = {path.name for path in run.iterdir() if path.stem in told.tables} | {"decisions.json"}
    assert len(tables) == len(told.tables) + 1
    add_point(run, study, ev.Front(("cost", "emissions"), (plan,)), plan, {})  # the plan stays: a front joins it
    assert not (run / "report.html").exists()
    assert tables <= {path.name for path in run.iterdir()}
    ev.write_front(run, ev.Front(("cost", "emissions"), (plan,)))
    ev.write_run(run, study, plan)  # solved again, to the same plan
    assert tables <= {path.name for path in run.iterdir()}
    assert ev.read_decisions(run) is not None
    ev.write_run(run, study, moved(plan, 0.0, "monterrey"))  # of the same cost, with plants elsewhere
    assert not tables & {path.name for path in run.iterdir()}
    assert ev.read_decisions(run) is None
