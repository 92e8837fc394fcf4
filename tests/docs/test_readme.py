"""What the README shows runs, and what it links to is there."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from evsiting.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def test_the_python_runs_and_writes_what_it_names(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert "proven gap" in capsys.readouterr().out
    assert {p.name for p in room.iterdir()} == {"map.png", "siting.html", "siting.xlsx", "siting.gpkg"}


@pytest.mark.slow
def test_the_commands_run_in_the_order_shown(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    assert len(lines) > 5
    for line in lines:
        with pytest.raises(SystemExit) as end:
            main(shlex.split(line)[1:])
        assert end.value.code == 0, line + capsys.readouterr().err
    assert {"siting.html", "siting.xlsx", "my_study.xlsx"} <= {p.name for p in room.iterdir()}


def test_the_links_lead_somewhere() -> None:
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in t]
    assert targets
    assert [t for t in targets if not (ROOT / t).exists()] == []


def test_pictures_are_small() -> None:
    pictures = [ROOT / target for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)]
    assert pictures
    assert [p.name for p in pictures if p.stat().st_size >= 300_000] == []


def test_the_lines_promised_are_twelve() -> None:
    assert len(blocks("python")[0].splitlines()) == 12


def test_the_installation_is_shown_as_the_package_is_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shown = "".join(blocks("sh"))
    assert f"{project['name']}-{project['version']}-py3-none-any.whl" in shown
    python = project["requires-python"].removeprefix(">=")
    assert f"Python {python} or newer" in README
    extras = set(project["optional-dependencies"]) - {"test", "all"}
    assert all(f"`{name}`" in README for name in extras)
    commands = [line.split("#")[0].split() for line in shown.splitlines() if line.startswith("evsiting ")]
    assert commands
    assert all(word in project["scripts"] for word, *_ in commands)
