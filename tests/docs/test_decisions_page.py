"""What the page on decisions shows runs, and every call that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import evsiting as ev

PAGE = (Path(__file__).parents[2] / "docs" / "decisions.md").read_text(encoding="utf-8")


def test_every_call_that_it_names_exists() -> None:
    named = set(re.findall(r"`ev\.(\w+)", PAGE))
    assert {"alternatives", "why_not", "break_even", "entry_costs"} <= named <= set(ev.__all__)


@pytest.mark.slow
def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        exec(compile(block, "decisions.md", "exec"), names)
    assert names["found"].table["name"].tolist()[0] == "base"
    assert (tmp_path / "runs" / "alternatives" / "alternative-1" / "plan.json").is_file()
