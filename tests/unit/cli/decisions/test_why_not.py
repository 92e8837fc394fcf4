"""The command why-not on a terminal: differences keep their sign, whichever way an objective is better."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import evsiting as ev
from evsiting.cli.decisions.why_not import parts
from tests.studies import two_plant_study


@pytest.fixture(scope="module")
def lines() -> dict[str, str]:
    study = ev.complete(two_plant_study())
    plan = ev.solve(study, gap=0.0, threads=1, verify=False)
    found = ev.why_not(study, supplier="busan", amount=1e5, plan=plan, gap=0.0, threads=1, verify=False)
    jobs = found.objectives.set_index("objective").loc["jobs"]
    assert jobs["forced"] < jobs["base"]
    console = Console(file=io.StringIO(), width=200)
    for part in parts(found):
        console.print(part)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    lines = [line for line in text.splitlines() if line.split()]
    return {line.split()[0]: line for line in reversed(lines)}  # the first of a name is that of the objectives


def test_fewer_jobs_and_more_cost_have_their_signs(lines: dict[str, str]) -> None:
    assert "+USD" in lines["cost"]
    assert "−" in lines["jobs"]


def test_what_no_place_has_is_not_told_of_a_supplier(lines: dict[str, str]) -> None:
    assert not any("here (" in line for line in lines.values())
