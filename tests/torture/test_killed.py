"""Nothing finished is lost and nothing half-new stands, whenever a writer is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills forked processes")

ROOT = Path(__file__).resolve().parents[2]
SCENES = [
    "a run over another",
    "a run into",
    "a front over",
    "a sweep over a finished",
    "a sweep over another",
    "a sweep into",
    "scenarios over",
    "scenarios into",
    "cases over",
    "a study over another",
    "a study over the starter",
    "a workbook",
    "a new study",
    "as html",
    "as xlsx",
    "as gpkg",
    "as png",
]


def killed(*words: str) -> list[dict]:
    """Return what came of the scenes that the words name."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.killed", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_a_few_states_of_runs_fronts_scenarios_and_studies() -> None:
    scenes = ("a run over another", "a sweep into", "scenarios over", "cases over", "a study over", "a workbook")
    told = killed("--sample", "3", *scenes)
    assert len(told) == 7
    assert [found for found in told if found["wrong"]] == []
    assert all(found["changes"] > 10 and found["old"] + found["new"] + found["between"] == 3 for found in told)


@pytest.mark.torture
@pytest.mark.parametrize("scene", SCENES)
def test_every_state(scene: str) -> None:
    (found,) = killed(scene)
    assert found["wrong"] == []
    assert found["states"] == found["changes"]
