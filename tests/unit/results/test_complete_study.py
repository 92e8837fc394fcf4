"""The gate between results and layers: a complete study passes at once, a raw one is completed, exporters ask once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import evsiting as ev
from evsiting.layers import completion
from evsiting.report.exports.workbook import write_workbook
from evsiting.report.html.page import write_report
from evsiting.results import consistency
from evsiting.results.complete_study import complete_study, study_in_scenario, study_with_digest
from evsiting.results.store import write_run
from tests.plans import tiny_plan
from tests.scenario_studies import two_futures


@pytest.fixture
def raw(tmp_path: Path) -> ev.Study:
    return ev.read_study(ev.new_study(tmp_path / "own"))


def test_a_complete_study_passes_without_a_layer_run(raw: ev.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = complete_study(raw)
    assert ready.has("lanes")
    assert not raw.has("lanes")
    monkeypatch.setattr(completion, "_fill_study", lambda *_: pytest.fail("layers run again"))
    assert complete_study(ready) is ready
    assert complete_study(raw) is ready


def test_the_study_that_was_solved_is_found_by_its_digest(raw: ev.Study) -> None:
    ready = complete_study(raw)
    assert study_with_digest(raw, ready.digest) is ready
    assert study_with_digest(ready, ready.digest) is ready
    assert study_with_digest(raw, raw.digest) is raw  # as where a plan was made of a study without layers
    assert study_with_digest(raw, "another").digest == ready.digest


def test_a_scenario_of_a_complete_study_is_made_once() -> None:
    ready = complete_study(two_futures())
    name = str(ready.scenarios["scenario"].iloc[0])
    assert study_in_scenario(ready, name) is study_in_scenario(ready, name)
    assert study_in_scenario(ready, name).digest == ev.scenario_study(ready, name).digest


@pytest.mark.parametrize(
    "write",
    [
        lambda folder, *given: write_report(folder / "a.html", *given),
        lambda folder, *given: write_workbook(folder / "a.xlsx", *given),
        lambda folder, *given: write_run(folder / "run", *given),
    ],
)
def test_an_exporter_asks_once_whether_the_plan_belongs_to_the_study(write, tmp_path: Path, monkeypatch) -> None:
    asked: list[str] = []
    ask = consistency.require_same_study

    def counted(call: str, *args, **named):
        asked.append(call)
        return ask(call, *args, **named)

    for module in [m for name, m in sys.modules.items() if name.startswith("evsiting.")]:
        if getattr(module, "require_same_study", None) is ask:
            monkeypatch.setattr(module, "require_same_study", counted)
    write(tmp_path, *tiny_plan())
    assert len(asked) == 1
