"""The command pareto as it is typed: what reaches the search, and choices that exclude each other."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.cli import fronts
from evsiting.cli.app import main
from evsiting.study.objectives import least_is_best
from tests.front_studies import SingleSourced


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Return the calls of the search, which is not done."""
    calls: list[tuple] = []
    monkeypatch.setattr(fronts, "pareto", lambda *given, **more: calls.append((*given[1:], more)))
    return calls


def typed(*words: str) -> int:
    """Return how the command ends."""
    with pytest.raises(SystemExit) as end:
        main(["pareto", *words])
    return int(end.value.code or 0)


def test_what_is_typed_reaches_the_search(asked: list[tuple]) -> None:
    code = typed("s", "--objectives", "jobs", "cost", "--third", "emissions", "--points", "4", "--mode", "adaptive",
                  "--gap", "0.5%", "--resume")  # fmt: skip
    assert code == 0
    ((study, how, out, settings, more),) = asked
    assert (study, out, more) == ("s", None, {"resume": True})
    assert (how.names, how.points, how.mode, how.prices) == (("jobs", "cost", "emissions"), 4, "adaptive", ())
    assert settings["gap"] == 0.005


def test_without_options_it_is_cost_against_emissions(asked: list[tuple]) -> None:
    assert typed("s") == 0
    ((_, how, _, _, more),) = asked
    assert (how.names, how.points, how.mode, how.prices) == (("cost", "emissions"), None, None, ())
    assert more == {"resume": False}


def test_prices_choose_the_points(asked: list[tuple]) -> None:
    assert typed("s", "--prices", "100, 300") == 0
    assert asked[0][1].prices == (100.0, 300.0)


@pytest.mark.parametrize("words", [("--points", "3"), ("--mode", "exact"), ("--third", "jobs")])
def test_prices_leave_no_other_choice(
    asked: list[tuple], words: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = typed("s", "--prices", "100", *words)
    assert code == 2
    assert "leave out --points, --mode and --third" in " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert asked == []


@pytest.mark.parametrize(
    "words",
    [
        ("--objectives", "cost", "cost"),
        ("--objectives", "cost", "price"),
        ("--third", "cost"),
        ("--points", "1"),
        ("--points", "1001"),
        ("--mode", "odd"),
        ("--prices", "0"),
        ("--gap", "2"),
    ],
)
def test_what_cannot_be_is_a_mistake_of_usage(asked: list[tuple], words: tuple[str, ...]) -> None:
    code = typed("s", *words)
    assert code == 2
    assert asked == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # a wage of a thousandth of a dollar
@pytest.mark.parametrize("seed", [3, 7, 11])
def test_all_points_of_three_objectives_are_those_of_brute_force(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, names = SingleSourced(seed), ("cost", "freight_emissions", "jobs")
    study = ev.write_study(case.study(), tmp_path / "study")
    how = ("--third", "jobs", "--mode", "exact", "--no-verify", "--json", "--out", str(tmp_path / "front"))
    assert typed(str(study), "--objectives", *names[:2], *how) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["complete"], told["remark"]) == (True, "")
    found = [tuple(round(least_is_best(n, point[n]), 6) for n in names) for point in told["points"]]
    assert len(found) == len(set(found))
    assert set(found) == case.front(*names)
    table = pd.read_csv(tmp_path / "front" / "front.csv", dtype={"point": str})
    assert len(table) == len(found)
    sets = set()
    for row in table.to_dict("records"):
        built = pd.read_csv(tmp_path / "front" / "points" / row["point"] / "openings.csv")["site"]
        sets.add(tuple(sorted(built)))
        assert sorted({entry.split()[0] for entry in row["opens"].split("; ")}) == sorted(set(built))
    assert len(sets) > 1, "points that build elsewhere"
