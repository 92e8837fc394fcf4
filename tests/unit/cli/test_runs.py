"""Folders of results as the commands write them: found fit before the work, kept when it is stopped, never mixed."""

from __future__ import annotations

import errno
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from evsiting.cli import commands, main
from evsiting.cli.runs import Points, report_outdated
from evsiting.locks import LOCK_FILE
from evsiting.optimize.sessions.prepared import Prepared
from evsiting.optimize.solve import solve
from evsiting.results import store
from evsiting.results.front_store import is_finished, read_front
from evsiting.results.plan import Front, Plan
from evsiting.results.result_folders import deliverable, made_files
from evsiting.results.store import read_run, write_run
from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study
from evsiting.study.files.write import write_study
from evsiting.study.study import Study
from tests.studies import two_plant_study
from tests.torture.killed import a_plan, leftovers, plans, study_of

PAIR = ("cost", "jobs")


@dataclass
class Done:
    code: int
    out: str
    err: str


class Run:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: object) -> Done:
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        out, err = self.capsys.readouterr()
        return Done(int(end.value.code or 0), out, " ".join(err.split()))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return Run(capsys)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(two_plant_study(), tmp_path / "study")


@pytest.fixture
def no_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer every solve with a plan that is ready."""

    def solved(ready: Study, **_: object) -> Plan:
        return a_plan(study=ready)

    monkeypatch.setattr(commands, "solved", solved)


# -------------------------------------------------------------------------------- found before the work


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_what_cannot_be_written_is_found_before_the_work(
    run: Run, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def began(*_: object, **__: object) -> None:
        pytest.fail("the work began")

    monkeypatch.setattr(commands, "complete", began)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "scenarios.json").write_text('{"runs": {"base": "base"}}', encoding="utf-8")
    write_run(tmp_path / "run", study_of(), plans()[0], front=Front(PAIR, plans()))
    for out, said in (
        ("nowhere", "a link to what does not exist"),
        ("x" * 300, "File name too long"),
        ("all", "runs of scenarios"),
        ("all/base", "is a part of another result"),
        ("run/points/01", "is a part of another result"),
        ("run/study", "something else"),
    ):
        done = run("solve", study, "--out", out)
        assert (done.code, done.err.count(said)) == (1, 1), done.err
    assert not (tmp_path / "gone").exists()
    done = run("scenarios", study, "--out", "run")
    assert done.code == 1
    assert "no runs of scenarios (a run)" in done.err


@pytest.mark.usefixtures("no_solve")
@pytest.mark.skipif(os.name != "posix", reason="links")
def test_the_current_folder_a_link_and_a_mount_point_are_written_in_place(
    run: Run, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to("here")
    (tmp_path / "here" / "lost+found").mkdir()
    assert run("solve", study, "--out", "link", "--quiet").code == 0
    monkeypatch.chdir(tmp_path / "here")
    assert run("solve", study, "--out", ".", "--quiet").code == 0
    assert (tmp_path / "link").is_symlink()
    assert read_run(tmp_path / "link")[1].totals == read_run(tmp_path / "here")[1].totals
    assert leftovers(tmp_path) == []


@pytest.mark.usefixtures("no_solve")
def test_a_full_disk_is_told_once_and_the_old_run_stays(
    run: Run, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "run", study_of(1), a_plan(0.1, study=study_of(1)))
    before = {file: file.read_bytes() for file in (tmp_path / "run").rglob("*") if file.is_file()}

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "fill_study", full)
    done = run("solve", study, "--out", "run")
    assert done.code == 1
    assert done.err.count("No space left on device") == done.err.count("run:") == 1, done.err
    assert "please report" not in done.err.lower()
    assert {file: file.read_bytes() for file in (tmp_path / "run").rglob("*") if file.is_file()} == before


# ------------------------------------------------------------------------------------ never of two plans


@pytest.mark.usefixtures("no_solve")
def test_what_was_made_of_an_old_plan_goes_with_it(run: Run, study: Path, tmp_path: Path) -> None:
    old, home = study_of(1), tmp_path / "run"
    write_run(home, old, a_plan(0.1, study=old), front=Front(PAIR, (a_plan(0.1, study=old),)))
    assert run("report", home, "--xlsx", home / "own name.xlsx", "--html", home / "report.html", "--quiet").code == 0
    assert run("report", home, "--html", home / "edited.html", "--quiet").code == 0
    with (home / "edited.html").open("a", encoding="utf-8") as file:
        file.write("<!-- my remarks -->")
    (home / "map.png").write_bytes(b"a map of my own")
    assert set(made_files(home)) == {"own name.xlsx", "report.html", "deliverables.json"}
    done = run("solve", study, "--out", "run")
    assert done.code == 0
    assert "Removed, as they showed what was in run before: report.html, own name.xlsx, front.json." in done.err
    assert "have been edited: edited.html" in done.err
    assert (home / "map.png").read_bytes() == b"a map of my own"
    assert (home / "edited (older plan).html").is_file()
    left = {p.name for p in home.iterdir()}
    assert not left & {"own name.xlsx", "report.html", "edited.html", "deliverables.json", "front.csv", "points"}


def test_scenarios_that_are_no_more_go(tmp_path: Path) -> None:
    from evsiting.cli.futures import _write
    from tests.torture.killed import scenarios

    home = tmp_path / "all"
    _write(home, *scenarios(0.0), None)
    (home / "boom" / "thesis.txt").write_text("mine", encoding="utf-8")
    study, found = scenarios(0.1)
    fewer = type(found)(**{**vars(found), "plans": {"base": found.plans["base"]}, "probability": {"base": 1.0}})
    _write(home, study, fewer, None)
    assert sorted(p.name for p in (home / "boom").iterdir()) == ["thesis.txt"]
    assert json.loads((home / "scenarios.json").read_text(encoding="utf-8"))["runs"] == {"base": "base"}
    assert read_run(home / "base")[1].totals == found.plans["base"].totals


# ---------------------------------------------------------------------------------------------- stopped


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_a_signal_while_the_run_is_written_does_not_lose_it(
    run: Run, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_solve: None, number: signal.Signals
) -> None:
    write, before = commands.write_run, signal.getsignal(signal.SIGTERM)

    def pressed(*given: object, **more: object) -> Path:
        signal.raise_signal(number)
        return write(*given, **more)

    monkeypatch.setattr(commands, "write_run", pressed)
    done = run("solve", study, "--out", "run")
    assert done.code == 0, done.err
    assert "Stopping" in done.err
    assert read_run(tmp_path / "run")[1].totals["cost"] > 0
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
@pytest.mark.slow
def test_an_interrupted_sweep_says_so_and_the_same_command_goes_on(
    run: Run, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    words, keep, solved = ["pareto", study, "--points", "4", "--out", "front"], Points.keep, []

    def second(self: Points, plan: Plan) -> None:
        keep(self, plan)
        solved.append(plan)
        if len(solved) == 3:
            signal.raise_signal(number)

    monkeypatch.setattr(Points, "keep", second)
    first = run(*words, "--json")
    assert first.code == 130, first.err
    assert "nothing was written" not in first.err
    assert "the same command goes on from these points" in first.err
    assert "Kept: front." in first.err
    assert json.loads(first.out)["interrupted"]
    assert len(json.loads(first.out)["points"]) == len(read_front(tmp_path / "front")) == 3
    assert not is_finished(tmp_path / "front")
    assert run("certify", "front", "--quiet").code == 0
    monkeypatch.setattr(Points, "keep", keep)
    again = run(*words, "--json")
    assert again.code == 0, again.err
    assert "3 points are known from front" in again.err
    assert is_finished(tmp_path / "front")
    before, after = ({p["seconds"] for p in json.loads(done.out)["points"]} for done in (first, again))
    assert len(before & after) >= 2, "only the least of the second objective is sought again"
    assert run("certify", "front", "--quiet").code == 0
    assert leftovers(tmp_path) == []


def test_certify_finishes_a_run_whose_writer_was_stopped(run: Run, tmp_path: Path) -> None:
    home = write_run(tmp_path / "run", study_of(), plans()[2])
    (home / ".evsiting-new" / "new").mkdir(parents=True)
    (home / "plan.json").rename(home / ".evsiting-new" / "new" / "plan.json")
    journal = json.dumps({"put": ["plan.json"], "drop": [], "last": ["plan.json"]})
    (home / ".evsiting-new" / "journal.json").write_text(journal, encoding="utf-8")
    assert "holds no run" not in run("certify", home).err
    assert (home / "plan.json").is_file()
    assert leftovers(tmp_path) == []


def test_a_front_grows_beside_a_finished_one(tmp_path: Path) -> None:
    home, (first, second, third) = tmp_path / "run", plans()
    other = study_of(1)
    write_run(home, other, a_plan(0.1, study=other), front=Front(PAIR, (a_plan(0.1, study=other),)))
    old = read_run(home)[1]
    store = Points(home, study_of(), PAIR)
    assert store.begin() is None
    store.keep(second)
    store.keep(first)
    assert read_run(home)[1].totals == old.totals
    again = Points(home, study_of(), PAIR)  # as after a crash
    known = again.begin()
    assert known is not None
    assert [plan.totals["cost"] for plan in known.plans] == [first.totals["cost"], second.totals["cost"]]
    again.keep(third)
    cut = again.finish(Front(PAIR, (third,)), interrupted=True)
    assert len(cut) == 3
    assert read_run(home)[1].totals == old.totals
    (home / "unfinished" / LOCK_FILE).write_text("process 1\n", encoding="utf-8")  # of a writer that was killed
    again.finish(Front(PAIR, plans()))
    assert again.home == home
    assert len(read_front(home)) == 3
    assert pd.read_csv(home / "front.csv", dtype="str")["point"].tolist() == ["01", "02", "03"]
    assert not (home / "unfinished").exists()


def test_a_plan_of_the_same_study_keeps_a_front_that_grows(tmp_path: Path) -> None:
    home = tmp_path / "run"
    write_run(home, study_of(), plans()[0])
    store = Points(home, study_of(), PAIR)
    store.begin()
    store.keep(plans()[1])
    assert (home / "front.json").is_file(), "nothing finished is in its way"
    assert read_run(home)[1].totals == plans()[0].totals
    write_run(home, study_of(), plans()[2])
    assert len(read_front(home)) == 1
    assert not is_finished(home)


# --------------------------------------------------------------------------------------- what is accepted


def test_a_run_is_written_with_the_study_as_it_was_read(tmp_path: Path) -> None:
    study = read_study(new_study(tmp_path / "study"))
    plan = solve(study, gap=0.05)
    assert plan.study_digest != study.digest, "layers were completed"
    again, same = read_run(write_run(tmp_path / "run", study, plan))
    assert again.digest == same.study_digest


def test_a_run_is_gone_on_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known, begun = [], Prepared.learn
    monkeypatch.setattr(Prepared, "learn", lambda session, plan: (known.append(plan), begun(session, plan)))
    write_study(two_plant_study(), tmp_path / "study")
    assert ended("solve", tmp_path / "study", "--gap", "5%", "--no-verify", "--out", tmp_path / "run") == 0
    first = read_run(tmp_path / "run")[1]
    assert not known
    assert ended("solve", tmp_path / "run", "--gap", "0", "--no-verify") == 0
    again = read_run(tmp_path / "run")[1]
    assert (len(known), again.solve.gap_asked, again.study_digest) == (1, 0.0, first.study_digest)
    assert again.solve.objective <= first.solve.objective * (1 + 1e-9)


@pytest.mark.slow
def test_a_front_joins_the_run_that_it_starts_from(tmp_path: Path) -> None:
    plan = solve(two_plant_study(), gap=0.0)
    write_run(tmp_path / "run", two_plant_study(), plan)
    assert ended("pareto", tmp_path / "run", "--points", "2", "--gap", "0") == 0
    assert len(read_front(tmp_path / "run")) == 2
    assert ended("certify", tmp_path / "run") == 0


def test_a_plan_found_under_ceilings_is_not_asked_again_without_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cost = solve(two_plant_study(), gap=0.0).totals["cost"]
    plan = solve(two_plant_study(), objective="emissions", caps={"cost": 1.5 * cost}, gap=0.0)
    write_run(tmp_path / "run", two_plant_study(), plan)
    assert ended("solve", tmp_path / "run") == 1
    assert "was found under ceilings" in " ".join(capsys.readouterr().err.split())


def ended(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([*map(str, words), "--quiet"])
    return int(end.value.code or 0)


def test_a_folder_of_several_runs_in_place_of_one_names_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "futures").mkdir()
    (tmp_path / "futures" / "scenarios.json").write_text('{"runs": {"a": "a", "b": "b"}}', encoding="utf-8")
    told = run("report", "futures")
    assert told.code == 1
    assert "the folder holds several runs, not one (a, b). Give one of them, such as futures/a" in told.err


def test_reports_of_several_runs_that_go_are_named_as_well(tmp_path: Path) -> None:
    folder, said = tmp_path / "futures", []
    (folder / "a").mkdir(parents=True)
    (folder / "scenarios.json").write_text('{"runs": {"a": "a"}}', encoding="utf-8")
    (folder / "a" / "plan.json").write_text("{}", encoding="utf-8")
    with deliverable(folder / "a" / "report.html") as page:
        page.write_text("of the old plan", encoding="utf-8")
    with report_outdated(SimpleNamespace(note=said.append), folder):  # type: ignore[arg-type]
        (folder / "a" / "report.html").unlink()
    assert said == [f"Removed, as they showed what was in {folder} before: a/report.html."]
