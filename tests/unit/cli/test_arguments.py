"""What is typed becomes arguments: numbers, names and folders, and clear words where it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer

from evsiting.cli import arguments
from evsiting.errors import InputError
from evsiting.study.files.read import read_study


@pytest.mark.parametrize(
    ("text", "objective"),
    [
        ("cost", "cost"),
        ("cost=1", {"cost": 1.0}),
        (" cost = 1 ,emissions= 1e2", {"cost": 1.0, "emissions": 100.0}),
        ("cost=0,jobs=2", {"cost": 0.0, "jobs": 2.0}),
    ],
)
def test_an_objective_is_a_name_or_weights(text: str, objective: object) -> None:
    assert arguments.objective_of(text) == objective


@pytest.mark.parametrize(
    "text", ["", "price", "cost=", "cost=x", "cost=-1", "cost=nan", "cost=inf", "cost=1,cost=2", "cost=1,", "cost 1"]
)
def test_an_objective_that_is_none_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="give cost, emissions"):
        arguments.objective_of(text)


def test_weights_of_zero_are_no_objective() -> None:
    with pytest.raises(typer.BadParameter, match="all weights are zero"):
        arguments.objective_of("cost=0,jobs=0")


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0.0), ("0.005", 0.005), ("0.5%", 0.005), ("99.9 %", 0.999), ("1e-9", 1e-9)]
)
def test_a_gap_is_a_fraction_or_percent(text: str, value: float) -> None:
    assert arguments.fraction_of(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "1", "100%", "-0.1", "nan", "inf", "five", "5%%", "%"])
def test_a_gap_of_the_whole_or_more_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"give a fraction such as 0\.005"):
        arguments.fraction_of(text)


@pytest.mark.parametrize(("text", "meant"), [("5", "5%"), ("1", "1%"), ("12.5", "12.5%")])
def test_a_number_above_one_without_a_sign_was_probably_meant_in_percent(text: str, meant: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"was {meant} meant"):
        arguments.fraction_of(text)
    for other in ("100%", "500%", "-5", "1000"):
        with pytest.raises(typer.BadParameter) as told:
            arguments.fraction_of(other)
        assert "meant" not in str(told.value)


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "1,,2", "1;2", "a"])
def test_prices_are_above_zero(text: str) -> None:
    assert arguments.prices_of("1e-3, 300") == (0.001, 300.0)
    with pytest.raises(typer.BadParameter, match="give numbers above zero"):
        arguments.prices_of(text)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("cost", "price"), "'price': give two different ones"),
        (("cost", "cost"), "'cost', 'cost': give two different ones"),
        (("cost", "jobs", "price"), "'price': give three different ones"),
    ],
)
def test_objectives_of_a_front_are_known_and_different(names: tuple[str, ...], words: str) -> None:
    assert arguments.objectives_of(("jobs", "cost")) == ("jobs", "cost")
    with pytest.raises(typer.BadParameter, match=words):
        arguments.objectives_of(names)


def test_a_run_has_a_folder_of_its_own_for_study_and_objective() -> None:
    assert arguments.run_folder(Path("x"), "s", "cost") == Path("x")
    assert arguments.run_folder(None, "s", "cost") == Path("runs/s-cost")
    assert arguments.run_folder(None, "s", {"cost": 1.0, "jobs": 2.0}) == Path("runs/s-cost-jobs")
    assert arguments.run_folder(None, "s", None) == Path("runs/s-cost")
    odd = arguments.run_folder(None, "../a/b: <c>", "cost")
    assert odd.parent == Path("runs")  # no name leads out of it


def test_a_study_that_is_not_there_is_told_with_what_is_called_nearly_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_study").mkdir()
    with pytest.raises(InputError, match=r"no such folder, workbook or shipped study.*did you mean my_study\?"):
        arguments.load_study("my_stody")
    with pytest.raises(InputError, match=r"did you mean starter\?"):
        arguments.load_study("startr")
    with pytest.raises(InputError, match="`evsiting new FOLDER`") as caught:
        arguments.load_study("no/such/place/at/all")
    assert "did you mean" not in str(caught.value)


def test_a_folder_that_holds_a_run_is_no_study(tmp_path: Path) -> None:
    (tmp_path / arguments.RUN_FILE).write_text("{}")
    with pytest.raises(InputError, match="this folder holds a run, not a study.*that of the run is in .*study"):
        arguments.load_study(str(tmp_path))


def test_output_goes_to_a_new_or_empty_folder(tmp_path: Path) -> None:
    with arguments.output_folder(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()
    empty = tmp_path / "empty"
    empty.mkdir()
    with arguments.output_folder(empty):
        assert empty.is_dir()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"holds something else \(letter\.txt\)"), arguments.output_folder(tmp_path):
        pass
    assert (tmp_path / "letter.txt").read_text() == "dear"


@pytest.mark.parametrize("place", ["file", "file/below", "file/far/below"])
def test_a_file_in_the_way_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a file is in the way"), arguments.output_folder(tmp_path / place):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_where_nothing_may_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="nothing may be written there"):
            arguments.file_to_write(tmp_path / "a.html", "--html")
    finally:
        tmp_path.chmod(0o700)


def test_nothing_may_be_written_where_the_system_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="nothing may be written there"):
        arguments.file_to_write(tmp_path / "a" / "b.html", "--html")
    assert not (tmp_path / "a").exists()


def test_a_file_to_write_has_its_ending_and_a_folder(tmp_path: Path) -> None:
    found = arguments.file_to_write(tmp_path / "new" / "page.HTML", "--html", (".html", ".htm"))
    assert found.parent.is_dir()
    with pytest.raises(InputError, match=r"another ending \(\.pdf\)\. Give a file that ends in \.html or \.htm"):
        arguments.file_to_write(tmp_path / "page.pdf", "--html", (".html", ".htm"))
    with pytest.raises(InputError, match=r"another ending \(none\)"):
        arguments.file_to_write(tmp_path / "page", "--html", (".html",))
    with pytest.raises(InputError, match="a folder is in the way"):
        arguments.file_to_write(tmp_path, "--html")


def test_a_home_is_found_for_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert arguments.file_to_write(Path("~/page.html"), "--html") == tmp_path / "page.html"


def test_a_folder_of_results_in_place_of_a_study_is_one_problem_with_the_way_out(tmp_path: Path) -> None:
    runs, front, lost = (tmp_path / name for name in ("futures", "front", "lost"))
    for folder in (runs, front, lost / "study"):
        folder.mkdir(parents=True)
    (runs / "scenarios.json").write_text('{"runs": {"as planned": "as-planned"}}', encoding="utf-8")
    (front / "front.json").write_text("{}", encoding="utf-8")
    for name in ("sites.csv", "openings.csv", "ledger_cost.csv", "study/study.toml"):  # plan.json is gone
        (lost / name).write_text("", encoding="utf-8")
    expected = {
        runs: (r"holds runs of scenarios, not a study \(as-planned\)", runs / "as-planned"),
        front: ("holds a front and no plan of its own", front / "points" / "01"),
        lost: (r"is a run without its plan\.json", lost / "study"),
    }
    for folder, (words, way_out) in expected.items():
        with pytest.raises(InputError, match=words) as refused:
            arguments.load_study(str(folder))
        assert len(refused.value.problems) == 1
        assert str(way_out) in refused.value.problems[0].fix
    with pytest.raises(InputError, match=r"has no study\.toml but a folder with one") as refused:
        read_study(lost)
    assert len(refused.value.problems) == 1
