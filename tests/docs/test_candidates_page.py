"""The page on candidates: what it shows runs, and it names every scale and option."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import evsiting as ev
from evsiting.layers.suitability.score import SCALES

PAGE = (Path(__file__).parents[2] / "docs" / "candidates.md").read_text(encoding="utf-8")


def test_the_python_runs_and_writes_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        exec(compile(block, "candidates.md", "exec"), names)
    assert names["companies"].ranks.ne(names["scored"].ranks).any()
    assert "left after" in capsys.readouterr().out
    head = (tmp_path / "dropped.csv").read_text(encoding="utf-8").splitlines()[0]
    assert head == "step,site,name,country,region,reason,seen"


def test_every_scale_is_told_as_in_the_code() -> None:
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (.+?) \|$", PAGE, flags=re.MULTILINE))
    assert set(SCALES) <= set(told)
    for name in ("min-max", "rank", "z", "target"):
        assert told[name] == SCALES[name]


@pytest.mark.parametrize("function", [ev.candidates, ev.exclude, ev.prefilter], ids=lambda f: f.__name__)
def test_every_option_is_named(function: object) -> None:
    options = [p for p in inspect.signature(function).parameters if p not in ("reason", "sites", "scores")]
    assert [p for p in options if not re.search(rf"[`(, ]{p}[`=,)]", PAGE)] == []
