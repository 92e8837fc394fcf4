"""Memory is told before it is used, and that it is short where less is free."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsiting.optimize.aggregation import memory_need
from evsiting.optimize.aggregation.memory_need import available_bytes, detail_lanes, memory_words, needed_bytes
from evsiting.study.study import Study
from tests.twin_studies import twin_study


@pytest.fixture(scope="module")
def twins() -> Study:
    return twin_study()


def system(monkeypatch: pytest.MonkeyPatch, folder: Path, free_kb: str, most: str = "", used: str = "0") -> None:
    """Let the kernel say other things."""
    names = ("meminfo", "max", "current")
    for name, text in zip(names, (f"MemTotal: 9 kB\nMemAvailable: {free_kb} kB\n", most, used), strict=True):
        (folder / name).write_text(text)
    monkeypatch.setattr(memory_need, "MEMORY_FILE", folder / "meminfo")
    monkeypatch.setattr(memory_need, "LIMIT_FILES", (folder / "max", folder / "current"))


def test_lanes_grow_with_markets_and_demand(twins: Study) -> None:
    more = twins.with_table("demand", twins.demand.assign(units_per_yr=1.5 * twins.demand["units_per_yr"]))
    assert 0 < detail_lanes(twins) <= detail_lanes(more)
    half = twins.markets["market"].iloc[: len(twins.markets) // 2]
    fewer = twins.demand.assign(units_per_yr=lambda d: d["units_per_yr"].where(d["market"].isin(half), 0.0))
    assert detail_lanes(twins.with_table("demand", fewer)) < detail_lanes(twins)
    assert needed_bytes(twins) > memory_need.BASE_BYTES


def test_what_is_free_is_the_least_of_machine_and_container(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    system(monkeypatch, tmp_path, "4000000")
    assert available_bytes() == 4_096_000_000
    system(monkeypatch, tmp_path, "4000000", most="max\n")
    assert available_bytes() == 4_096_000_000
    system(monkeypatch, tmp_path, "4000000", most="3000000000\n", used="1000000000\n")
    assert available_bytes() == 2_000_000_000
    system(monkeypatch, tmp_path, "?")
    assert available_bytes() is None


def test_it_is_said_where_memory_is_short(twins: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    system(monkeypatch, tmp_path, "4000000")
    assert memory_words(twins) == "about 0.7 GB of memory"
    system(monkeypatch, tmp_path, "200000")
    assert "0.2 GB are free" in memory_words(twins)
    system(monkeypatch, tmp_path, "?")
    assert "free" not in memory_words(twins)
