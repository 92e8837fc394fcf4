"""The command shortlist: from a run over groups of places to a study that is asked a why-not and a front."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import evsiting as ev
from evsiting.cli import main
from tests.twin_studies import TWINS, twin_study

HOW = ("--gap", "1%", "--no-verify", "--threads", "1")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over groups of places."""
    found = ev.solve_by_aggregation(twin_study(), gap=0.05)
    return ev.write_run(tmp_path_factory.mktemp("runs") / "large", found.study, found.plan)


def code(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return int(end.value.code or 0)


def test_it_writes_a_study_and_says_what_holds(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    short = tmp_path / "short"
    assert code("shortlist", run, short, "--sites", "2") == 0
    told = capsys.readouterr()
    assert "of 9 sites: another one is not looked at" in told.out
    assert "or more" in told.out
    assert f"Next: evsiting solve {short}" in told.out
    assert "best lanes of" in told.err
    assert len(ev.read_study(short).markets) == 5
    assert code("shortlist", run, short) == 1
    assert "something is there" in capsys.readouterr().err
    assert code("shortlist", run, tmp_path / "other", "--also", TWINS[0], "--json") == 0
    rows = json.loads(capsys.readouterr().out)["sites"]
    assert TWINS[0] in {row["site"] for row in rows}


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code("shortlist", tmp_path / "none", tmp_path / "short") == 1
    assert "there is no such run folder" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "short").exists()


@pytest.mark.slow
def test_a_why_not_and_a_front_follow_from_the_command_line(run: Path, tmp_path: Path) -> None:
    short, base = tmp_path / "short", tmp_path / "base"
    assert code("shortlist", run, short, "--sites", "3", "--quiet") == 0
    assert code("solve", short, "--start", run, "--out", base, *HOW, "--quiet") == 0
    study, plan = ev.read_run(base)
    site = sorted(set(study.sites["site"]) - set(plan.opened["site"]))[0]
    assert code("why-not", base, site, *HOW, "--quiet") in (0, 4)
    assert code("entry-costs", base, "--quiet") == 0
    assert code("alternatives", base, "--count", "1", "--out", tmp_path / "others", *HOW, "--quiet") == 0
    assert code("pareto", base, "--points", "3", "--out", tmp_path / "front", *HOW, "--quiet") == 0
    assert code("certify", tmp_path / "front", "--quiet") == 0
