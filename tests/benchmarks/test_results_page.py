"""The page of benchmarks tells every target, with what was measured, and never calls met what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import recorded, results_page
from benchmarks.targets import TARGETS


def growth(power: float, largest: int) -> dict[str, object]:
    points = [
        {"size": n, "lanes": n * n, "seconds": (n * n / 9e4) ** power, "cpu_s": 1.0, "gap": 0.005, "peak_mb": 300.0}
        for n in (300, 1000, largest)
    ]
    return {"gap_asked": 0.01, "points": points, "powers": {"seconds": 1.0, "cpu_s": power, "peak_mb": 0.4}}


def row(page: str, task: str) -> str:
    return next(line for line in page.splitlines() if line.startswith(f"| {task} |"))


def test_without_figures_every_target_is_told_as_not_measured() -> None:
    page = results_page.page({}, [])
    assert page.count("| not measured |") == len(TARGETS)
    assert f"0 met, 0 missed, {len(TARGETS)} not measured." in page


@pytest.mark.parametrize(
    ("power", "largest", "word"), [(1.1, 10_000, "met"), (1.3, 10_000, "**missed**"), (1.1, 3_100, "**missed**")]
)
def test_growth_is_met_only_where_it_was_measured_to_the_end(power: float, largest: int, word: str) -> None:
    page = results_page.page({"growth": {"uncapacitated": growth(power, largest)}}, [])
    assert row(page, "growth, uncapacitated, 300 to 10,000").endswith(f"| {word} |")


def test_an_instance_that_is_not_proven_misses_and_is_named() -> None:
    instances = {
        name: {"seconds": 2.0, "gap": gap, "status": status, "agrees": True}
        for name, gap, status in (("i300_1", 1e-6, "optimal"), ("i300_5", 0.003, "feasible"))
    }
    found = {"published": {"families": {"i300": {"instances": instances, "peak_mb": 300}}}}
    page = results_page.page(found, [])
    assert row(page, "i300").startswith("| i300 | optimal within 10 s | 1 of 2 optimal")
    assert row(page, "i300").endswith("| **missed** |")
    assert "Not proven within the limit: i300_5 (0.30%)." in page


def test_figures_are_kept_with_day_and_machine_and_those_of_a_short_run_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "QUICK", True)
    recorded.keep(tmp_path / "one.json", {"s": 1.0})
    assert not (tmp_path / "one.json").exists()
    monkeypatch.setattr(recorded, "QUICK", False)
    recorded.keep(tmp_path / "one.json", {"s": 1.0})
    kept = json.loads((tmp_path / "one.json").read_text())
    assert kept["s"] == 1.0
    assert {"date", "machine", "processors", "load", "versions"} <= set(kept["measured"])


def test_plots_are_drawn_of_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_page, "PLOTS", tmp_path)
    made = results_page.drawn({"growth": {"uncapacitated": growth(1.1, 10_000), "capacitated": growth(1.0, 10_000)}})
    assert [file for file, _ in made] == ["growth.png"]
    assert (tmp_path / "growth.png").stat().st_size > 10_000
