"""The command line: what it prints where, its exit codes, and what it does when things go wrong."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from evsiting.cli import commands, main
from evsiting.cli.app import app
from evsiting.cli.progress import Watching
from evsiting.errors import EvsitingError
from evsiting.optimize.engines.base import Progress
from evsiting.study.files.write import write_study
from evsiting.study.study import Study


class Done(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return Done(int(end.value.code or 0), told.out, told.err)

    return call


def shell(*words: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "evsiting", *words],
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="session")
def study_folder(tiny: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tiny, tmp_path_factory.mktemp("studies") / "two_plants")


@pytest.fixture(scope="session")
def solved(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Solve once; who spoils the run gets a copy."""
    folder = tmp_path_factory.mktemp("runs") / "base"
    with pytest.raises(SystemExit) as end:
        main(["solve", str(study_folder), "--out", str(folder), "--quiet"])
    assert not end.value.code
    return folder


@pytest.fixture
def run_folder(run: Run, solved: Path, tmp_path: Path) -> Path:
    """Return a run of one's own in the folder in which commands run."""
    return shutil.copytree(solved, tmp_path / "base")


# ------------------------------------------------------------------------------------------ first words


def test_version_and_help(run: Run) -> None:
    assert run("--version").out.startswith("evsiting ")
    told = run("--help")
    assert told.code == 0
    for name in ("new", "check", "solve", "certify", "pareto", "scenarios", "report", "export", "demo"):
        assert name in told.out
        shown = run(name, "--help")
        assert shown.code == 0
        assert "Example: evsiting" in shown.out


def test_it_runs_as_a_module_and_is_quick_to_answer() -> None:
    done = shell("--version")
    assert done.returncode == 0
    assert done.stdout.startswith(b"evsiting ")


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys\nfrom evsiting.cli import main\n"
        "try: main(['solve', '--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('pandas', 'pulp', 'highspy', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sovle", "x"], "Did you mean"),
        (["solve"], "Missing argument"),
        (["solve", "x", "--gpa", "1"], "--gpa"),
        (["solve", "x", "--objective", "profit"], "cost, emissions, freight_emissions, jobs, late"),
        (["solve", "x", "--objective", "cost=1,emissions=-2"], "emissions=-2"),
        (["solve", "x", "--objective", "cost=0"], "zero"),
        (["solve", "x", "--gap", "150%"], "fraction"),
        (["solve", "x", "--time-limit", "-5"], "--time-limit"),
        (["solve", "x", "--threads", "0"], "--threads"),
        (["pareto", "x", "--objectives", "cost", "cost"], "two different"),
        (["pareto", "x", "--objectives", "cost", "fame"], "fame"),
        (["pareto", "x", "--points", "1"], "--points"),
        (["pareto", "x", "--prices", "100,-3"], "above zero"),
        (["pareto", "x", "--prices", "a lot"], "above zero"),
    ],
)
def test_usage_errors_are_2_and_say_what_is_meant(run: Run, words: list[str], said: str) -> None:
    done = run(*words)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())
    assert done.out == ""


def test_no_command_shows_the_help(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert "Usage" in done.out + done.err


# ------------------------------------------------------------------------------------- studies and runs


def test_new_check_solve(run: Run, tmp_path: Path) -> None:
    assert run("new", "mine").code == 0
    checked = run("check", "mine")
    assert checked.code == 0
    assert "sites" in checked.out
    assert "ssumption" in checked.out
    assert "Imputed or old figures" in checked.out
    assert "sites.payroll_burden" in checked.out
    solved = run("solve", "mine", "--gap", "2%")
    assert solved.code == 0, solved.err
    assert "Certificate passed" in solved.out
    assert "runs/mine-cost" in solved.out.replace("\\", "/")
    folder = tmp_path / "runs" / "mine-cost"
    stated = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert {"status", "bound", "gap", "net_gap", "totals", "certificate"} <= set(stated)
    assert stated["verified"] == "confirmed"
    assert "verified (" in " ".join(solved.out.split())
    assert run("solve", "mine", "--gap", "2%", "--no-verify").code == 0
    assert json.loads((folder / "plan.json").read_text(encoding="utf-8"))["verified"] == ""


def test_a_new_study_does_not_cover_what_is_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = run("new", "mine")
    assert done.code == 1
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize("given", ["north_america", "north-amerika", "stater"])
def test_an_unknown_study_names_what_may_be_meant(run: Run, given: str) -> None:
    done = run("check", given)
    assert done.code == 1
    assert "did you mean" in done.err
    assert "evsiting new" in done.err


def test_a_study_beside_it_may_be_meant(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plants_2030").mkdir()
    assert "plants_2030" in run("check", "plants_203").err


def test_every_problem_of_a_study_is_told_at_once(run: Run, tmp_path: Path) -> None:
    run("new", "mine")
    sites = tmp_path / "mine" / "sites.csv"
    sites.write_text(sites.read_text(encoding="utf-8").replace("35.15", "135.15"), encoding="utf-8")
    demand = tmp_path / "mine" / "demand.csv"
    demand.write_text(demand.read_text(encoding="utf-8").replace("vehicle", "vehicel"), encoding="utf-8")
    done = run("check", "mine")
    assert done.code == 1
    assert "sites.csv" in done.err
    assert "demand.csv" in done.err
    as_json = run("check", "mine", "--json")
    assert as_json.code == 1
    told = json.loads(as_json.out)
    assert told["exit_code"] == 1
    assert len(told["error"]["problems"]) >= 2
    assert set(told["error"]["problems"][0]) == {"where", "what", "seen", "fix"}


def test_a_workbook_is_a_study(run: Run, study_folder: Path, tmp_path: Path) -> None:
    assert run("export", study_folder, "two.xlsx").code == 0
    done = run("check", "two.xlsx", "--json")
    assert done.code == 0
    assert json.loads(done.out)["study"] == "Two plants"


def test_json_is_one_object_and_nothing_else(run: Run, study_folder: Path) -> None:
    solved = json.loads(run("solve", study_folder, "--out", "a", "--json").out)
    assert solved["status"] == "optimal"
    assert solved["certificate"]["passed"] is True
    assert solved["plants"][0]["site"]
    for words in (["check", study_folder], ["certify", "a"], ["report", "a", "--xlsx", "a.xlsx"]):
        done = run(*words, "--json")
        assert done.code == 0, done.err
        assert isinstance(json.loads(done.out), dict)


def test_quiet_says_nothing(run: Run, study_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("plan_parts", "plan_data", "certificate_parts"):
        monkeypatch.setattr(commands.show, name, lambda *_: pytest.fail("worked out for nobody"))
    for words in (["solve", study_folder, "--out", "a"], ["certify", "a"], ["report", "a", "--gpkg", "a.gpkg"]):
        assert run(*words, "--quiet") == Done(0, "", "")


def test_weights_and_other_objectives(run: Run, study_folder: Path) -> None:
    told = json.loads(run("solve", study_folder, "--objective", "cost=1,emissions=120", "--json").out)
    assert Path(told["run"]).name == "two-plants-cost-emissions"
    jobs = json.loads(run("solve", study_folder, "--objective", "jobs", "--json").out)
    assert jobs["totals"]["jobs"] >= told["totals"]["jobs"]


# -------------------------------------------------------------------------------------------- no plan


def test_no_plan_is_4(run: Run, tiny: Study, tmp_path: Path) -> None:
    demand = tiny.demand.assign(units_per_yr=10.0, unmet_penalty_usd_per_unit=float("nan"))  # below least loads
    write_study(tiny.with_table("demand", demand), tmp_path / "too_little")
    done = run("solve", "too_little")
    assert done.code == 4
    assert "No plan" in done.err or "no plan" in done.err
    assert not (tmp_path / "runs").exists()


def test_an_unknown_engine_is_1(run: Run, study_folder: Path) -> None:
    done = run("solve", study_folder, "--engine", "abacus")
    assert done.code == 1
    assert "highs" in done.err


# -------------------------------------------------------------------------------------- the certificate


def sabotage(folder: Path) -> None:
    """Ship a tenth more of something than was made."""
    for path in folder.rglob("shipments.*"):
        if path.suffix == ".csv":
            frame = pd.read_csv(path)
            column = next(c for c in frame.columns if c.startswith("units"))
            frame.loc[0, column] *= 1.1
            frame.to_csv(path, index=False)
        else:
            frame = pd.read_parquet(path)
            frame.loc[0, "units_per_yr"] *= 1.1
            frame.to_parquet(path)


@pytest.mark.parametrize("flag", ["", "--quiet", "--json"])
def test_a_plan_that_was_changed_fails_with_3(run: Run, run_folder: Path, flag: str) -> None:
    sabotage(run_folder)
    done = run("certify", run_folder, *([flag] if flag else []))
    assert done.code == 3
    assert "output" in done.err or "demand" in done.err or "balance" in done.err
    if flag == "--json":
        assert json.loads(done.out)["passed"] is False


# -------------------------------------------------------------------------------------- places and files


def test_a_folder_that_is_no_run(run: Run, study_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", study_folder, tmp_path / "nowhere"):
        for command in ("certify", "report"):
            done = run(command, folder)
            assert done.code == 1
            assert "run" in done.err


def test_a_run_is_not_a_study(run: Run, run_folder: Path) -> None:
    done = run("check", run_folder)
    assert done.code == 1
    assert "holds a run" in done.err


@pytest.mark.parametrize("content", ["", "{", "[]", '{"status": "optimal"}', "\x00\x01"])
def test_a_broken_run_is_bad_input(run: Run, run_folder: Path, content: str) -> None:
    (run_folder / "plan.json").write_text(content, encoding="utf-8")
    done = run("certify", run_folder)
    assert done.code == 1
    assert "plan.json" in done.err


def test_a_run_that_lost_a_table_is_bad_input(run: Run, run_folder: Path) -> None:
    for path in run_folder.rglob("shipments.*"):
        path.unlink()
    done = run("certify", run_folder)
    assert done.code == 1
    assert "shipments" in done.err


def test_output_never_covers_what_is_not_ours(run: Run, study_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("years", encoding="utf-8")
    (tmp_path / "note").write_text("a file", encoding="utf-8")
    for out, said in (("thesis", "something else"), ("note", "in the way"), ("note/runs", "in the way")):
        done = run("solve", study_folder, "--out", out)
        assert done.code == 1
        assert said in done.err
    assert (tmp_path / "thesis" / "chapter1.txt").read_text(encoding="utf-8") == "years"


def test_a_run_may_be_replaced(run: Run, study_folder: Path, run_folder: Path) -> None:
    assert run("solve", study_folder, "--objective", "jobs", "--out", run_folder).code == 0
    assert json.loads(run("certify", run_folder, "--json").out)["passed"]


@pytest.mark.skipif(os.name != "posix" or not Path("/proc").is_dir(), reason="needs a folder that nobody may fill")
def test_a_place_where_nothing_can_be_written(run: Run, study_folder: Path) -> None:
    done = run("solve", study_folder, "--out", "/proc/evsiting")
    assert done.code == 1
    assert "/proc" in done.err


def test_a_disk_that_is_full(run: Run, study_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "runs/x")

    monkeypatch.setattr(commands, "write_run", full)
    done = run("solve", study_folder)
    assert done.code == 1
    assert "runs/x: No space left on device" in done.err


@pytest.mark.parametrize(("name", "code"), [("plan.docx", 1), ("plan.gpkg", 1), ("two.lp", 0), ("two.mps", 0)])
def test_export_of_a_study(run: Run, study_folder: Path, tmp_path: Path, name: str, code: int) -> None:
    done = run("export", study_folder, name)
    assert done.code == code, done.err
    assert (tmp_path / name).exists() is (code == 0)
    assert code or "build" in (tmp_path / name).read_text(encoding="utf-8")


def test_export_covers_nothing_unless_forced(run: Run, study_folder: Path, tmp_path: Path) -> None:
    for name in ("copy", "two.xlsx"):
        assert run("export", study_folder, name).code == 0
        again = run("export", study_folder, name)
        assert again.code == 1
        assert "--force" in again.err
        assert run("export", study_folder, name, "--force").code == 0
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("years", encoding="utf-8")
    assert run("export", study_folder, "thesis", "--force").code == 1


@pytest.mark.parametrize("name", ["plan.xlsx", "plan.gpkg", "plan.lp"])
def test_export_of_a_run(run: Run, run_folder: Path, tmp_path: Path, name: str) -> None:
    assert run("export", run_folder, name).code == 0
    assert (tmp_path / name).stat().st_size > 0


def test_a_report_without_names_goes_into_the_run(run: Run, run_folder: Path) -> None:
    assert run("report", run_folder).code == 0
    assert {"report.html", "plan.xlsx", "plan.gpkg", "map.png"} <= {p.name for p in run_folder.iterdir()}
    assert run("certify", run_folder).code == 0


def test_a_report_needs_a_fitting_name(run: Run, run_folder: Path) -> None:
    done = run("report", run_folder, "--html", "siting.pdf")
    assert done.code == 1
    assert ".html" in done.err


# ---------------------------------------------------------------------------------------------- fronts


def test_a_front_is_stored_point_by_point_and_resumed(run: Run, study_folder: Path, tmp_path: Path) -> None:
    words = ["pareto", study_folder, "--points", "3", "--out", "front"]
    first = run(*words)
    assert first.code == 0, first.err
    points = pd.read_csv(tmp_path / "front" / "front.csv")
    assert points["cost"].is_monotonic_increasing
    assert run("certify", "front").code == 0
    again = run(*words, "--resume", "--json")
    assert again.code == 0
    assert "points are known" in again.err
    told = json.loads(again.out)
    assert [p["cost"] for p in told["points"]] == pytest.approx(points["cost"].tolist(), rel=5e-3)


@pytest.mark.slow
def test_a_front_at_prices_goes_on_from_the_least_cost(run: Run, study_folder: Path, tmp_path: Path) -> None:
    words = ["pareto", study_folder, "--prices", "5,4000", "--out", "front", "--json"]
    first = run(*words)
    assert first.code == 0, first.err
    assert "Point 1 of 3" in first.err
    assert run("certify", "front", "--quiet").code == 0
    again = run(*words, "--resume")
    assert again.code == 0
    told = [[{**p, "seconds": 0.0} for p in json.loads(done.out)["points"]] for done in (first, again)]
    assert told[0] == told[1]
    assert pd.read_csv(tmp_path / "front" / "front.csv")["cost"].is_monotonic_increasing


def test_resuming_what_is_another_study(run: Run, study_folder: Path, tiny: Study, tmp_path: Path) -> None:
    assert run("pareto", study_folder, "--points", "2", "--out", "front", "--quiet").code == 0
    other = tiny.with_table("sites", tiny.sites.assign(wage_usd_per_h=99.0))
    write_study(other, tmp_path / "other")
    done = run("pareto", "other", "--points", "2", "--out", "front", "--resume")
    assert done.code == 1
    assert "another study" in done.err


@pytest.mark.parametrize("large", [pytest.param(False, marks=pytest.mark.slow), True])
def test_the_demo_plans_proves_trades_off_and_reports(
    run: Run, study_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    from evsiting.cli import demonstration

    if large:  # as a large study: plans at prices
        monkeypatch.setattr(demonstration, "LARGE", 0)
        monkeypatch.setattr(demonstration, "PRICES", {"freight_emissions": (1e6,), "jobs": (1e6,)})
    done = run("demo", "--study", study_folder, "--out", "show", "--minutes", "1", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    points = pd.read_csv(tmp_path / "show" / "front.csv")
    assert [p["cost"] for p in told["front"]["points"]] == pytest.approx(points["cost"].tolist())
    assert len(points) >= 2
    assert told["front"]["objectives"] == ["cost", "freight_emissions", "jobs"]
    assert told["totals"]["cost"] == pytest.approx(points["cost"].min(), rel=0.01)
    assert {Path(name).name for name in told["files"]} >= {
        "report.html",
        "plan.xlsx",
        "plan.gpkg",
        "map.png",
        "front.png",
    }
    assert run("certify", "show", "--quiet").code == 0


# -------------------------------------------------------------------------------------------- Ctrl-C


def test_ctrl_c_keeps_the_best_plan(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def press(_self: Watching, progress: Progress) -> None:
        if math.isfinite(progress.objective) and not asked:
            asked.append(progress)
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(Watching, "watch", press)
    done = run("solve", "ten-cities", "--gap", "0", "--out", "base")
    if not asked:
        pytest.skip("solved before anybody could interrupt")
    assert done.code == 0, done.err
    assert "Stopping" in done.err
    assert "interrupted" in done.err
    assert "proven gap is" in done.err
    stated = json.loads((tmp_path / "base" / "plan.json").read_text(encoding="utf-8"))
    assert stated["limit"] == "interrupt"
    assert run("certify", "base").code == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_before_any_solve_leaves_nothing(
    run: Run, study_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(commands, "complete", press)
    done = run("solve", study_folder)
    assert done.code == 130
    assert "nothing was written" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_on_a_terminal(tmp_path: Path, times: int) -> None:
    """The first Ctrl-C keeps the plan, a second one at once ends the program; the progress line has been shown."""
    ours, theirs = os.openpty()
    words = ["solve", "ten-cities", "--gap", "0", "--out", str(tmp_path / "base")]
    process = subprocess.Popen(
        [sys.executable, "-m", "evsiting", *words],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "200"},
    )
    os.close(theirs)
    shown = b""
    while b"best" not in shown:
        shown += os.read(ours, 4096)
    assert b"gap" in shown
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    reader = threading.Thread(target=lambda: [None for _ in iter(lambda: _drain(ours), b"")], daemon=True)
    reader.start()
    out, _ = process.communicate(timeout=120)
    assert process.returncode == (0 if times == 1 else 130)
    assert (tmp_path / "base" / "plan.json").exists() is (times == 1)
    assert times == 2 or b"Certificate passed" in out


def _drain(handle: int) -> bytes:
    try:
        return os.read(handle, 4096)
    except OSError:
        return b""


# ------------------------------------------------------------------------------------ odd surroundings


@pytest.mark.slow
def test_a_terminal_without_unicode(study_folder: Path, tmp_path: Path) -> None:
    plain = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    given, out = str(study_folder), str(tmp_path / "a")
    for words in (["--help"], ["solve", given, "--out", out], ["check", "fábrica"]):
        done = shell(*words, **plain)
        assert done.returncode == (1 if "fábrica" in words else 0), done.stderr
        assert (done.stdout + done.stderr).isascii()
        assert b"Traceback" not in done.stderr


def test_a_narrow_terminal(run: Run, study_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    done = run("check", study_folder)
    assert done.code == 0
    assert "assumed" in done.out
    assert run("check", "nothing").code == 1


def test_an_error_of_our_own_is_told_without_a_traceback(
    run: Run, study_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("wires crossed")

    monkeypatch.setattr(commands, "complete", broken)
    done = run("check", study_folder)
    assert done.code == 1
    assert "wires crossed" in done.err
    assert "--debug" in done.err


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    done = shell("check", "nothing", EVSITING_DEBUG="1")
    assert done.returncode == 1
    assert b"Traceback" in done.stderr
    with pytest.raises(SystemExit):
        main(["--debug", "check", "nothing"])
    assert "Traceback" in capsys.readouterr().err


def test_every_error_class_has_a_code() -> None:
    from evsiting.cli.terminal import exit_code

    def below(kind: type[EvsitingError]) -> set[type[EvsitingError]]:
        return {kind, *(k for sub in kind.__subclasses__() for k in below(sub))}

    codes = {kind.__name__: exit_code(kind.__new__(kind)) for kind in below(EvsitingError)}
    assert codes["CertificateError"] == 3
    assert codes["InfeasibleError"] == codes["NoSolutionError"] == codes["UnboundedError"] == 4
    assert codes["InputError"] == codes["CrsError"] == codes["EngineNotAvailable"] == 1


def test_the_app_has_the_commands_of_the_house() -> None:
    names = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert names == {
        "new",
        "check",
        "solve",
        "certify",
        "pareto",
        "scenarios",
        "shortlist",
        "sweep",
        "report",
        "compare",
        "alternatives",
        "break_even",
        "entry_costs",
        "tornado",
        "monte_carlo",
        "explain",
        "export",
        "demo",
        "why_not",
    }
