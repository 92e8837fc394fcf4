"""The commands tornado, monte-carlo, entry-costs and compare --keep: tables beside a run, shown by its report."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

import evsiting as ev
from evsiting.cli import main
from evsiting.cli.decisions.range_commands import TORNADO_EPILOG
from evsiting.cli.decisions.ranges import _entry_parts, parts
from tests.asked_studies import asked, gap_alone
from tests.studies import two_plant_study

HOW = ("--gap", "0", "--no-verify", "--threads", "1")


def code(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return int(end.value.code or 0)


@pytest.mark.slow
def test_what_is_asked_of_a_run_is_in_its_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = ev.write_study(two_plant_study(), tmp_path / "study")
    run, ranges = tmp_path / "run", tmp_path / "ranges.csv"
    ranges.write_text("name,table,column,low,high\ndemand,demand,units_per_yr,0.5,1.2\n", "utf-8")
    assert code("solve", study, "--out", run, *HOW, "--quiet") == 0
    swept = ("--ranges", ranges, "--workers", 1, *HOW)
    capsys.readouterr()
    assert code("tornado", run, "--out", tmp_path / "tornado", *swept, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in told["tornado"]] == ["demand"]
    assert code("monte-carlo", run, "--draws", 2, "--out", tmp_path / "draws", *swept, "--quiet") == 0
    assert code("entry-costs", run, "--quiet") == 0
    assert code("compare", run, tmp_path / "tornado" / "demand-low", "--keep", "--quiet") == 0
    held = ev.read_decisions(run)
    assert held is not None
    assert {"tornado", "selection", "spread", "entry_costs", "compared"} <= set(held.tables)
    assert code("report", run, "--html", tmp_path / "report.html", "--quiet") == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for name in ("tornado", "robustness", "comparison"):
        assert f'<section id="{name}">' in page
    assert code("tornado", run, "--objective", "jobs", *swept) == 1
    assert "stands beside a plan" in capsys.readouterr().err


def test_a_file_that_is_no_table_of_ranges_is_told_before_anything_is_solved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert code("tornado", "starter", "--ranges", tmp_path / "none.csv") == 1
    assert "is no table of ranges" in capsys.readouterr().err
    assert code("monte-carlo", "starter", "--ranges", tmp_path / "none.csv", "--draws", "0") == 2
    assert "ranges.csv" in TORNADO_EPILOG


def test_without_a_file_the_sources_are_asked_and_nothing_is_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    assert code("tornado", "starter", "--out", tmp_path / "none") == 1
    assert "--otherwise 20%" in capsys.readouterr().err
    file = tmp_path / "ranges.csv"
    file.write_text("name,table,column,low,high\ndemand,demand,units_per_yr,0.5,1.2\n", "utf-8")
    assert code("tornado", "starter", "--ranges", file, "--otherwise", "20%") == 1
    assert "stands beside --ranges" in capsys.readouterr().err


def test_fewer_jobs_have_a_minus_on_a_terminal() -> None:
    _, _, told = asked()
    table = parts(replace(told, objective_name="jobs"))[0]
    ends, moved = (list(table.columns[k].cells) for k in (1, 2))  # type: ignore[union-attr]
    assert ends == ["low", "high"] * 2
    assert moved[1:] == ["no plan", "+100,000,000 job-years", "−300,000,000 job-years"]


def test_an_end_that_is_only_gap_is_said_to_be_no_proven_effect() -> None:
    _, plan, _ = asked()
    screen = Console(width=200, file=io.StringIO(), record=True)
    screen.print(*parts(gap_alone(plan)))
    lines = {" ".join(line.split()) for line in screen.export_text().splitlines()}
    assert any(line.startswith("fees low +USD 500,000 within the gaps: −USD 500,000 to +USD 500,000") for line in lines)
    assert any(line.startswith("high +USD 300 mn proven: +USD 299 mn to +USD 300 mn") for line in lines)
    assert any("rents low no plan" in line for line in lines)
    assert any(line.startswith("1 of 3 ends are within the gaps") for line in lines)


def test_tables_are_listed_on_a_terminal() -> None:
    _, _, told = asked()
    listed = [str(getattr(part, "title", "")) for part in parts(told)]
    assert "What moves the answer" in listed[0]
    assert any("How often each site is chosen" in title for title in listed)


def test_where_nothing_is_proven_of_any_candidate_it_is_said_why() -> None:
    _, _, told = asked()
    bounds = told.tables["entry_costs"]
    assert "A bound of the relaxation" in str(_entry_parts("cost", bounds)[-1])
    assert "Nothing is proven of any" in str(_entry_parts("cost", bounds.assign(at_least=0.0))[-1])
