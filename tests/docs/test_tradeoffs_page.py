"""What the page on trade-offs shows runs, and both ways find the same plan where a price reaches it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "tradeoffs.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_example_runs() -> None:
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        exec(compile(block, "tradeoffs.md", "exec"), names)
    front, few = names["front"].table, names["few"].table
    assert len(front) >= 3
    assert few["cost"].iloc[0] == pytest.approx(front["cost"].iloc[0], rel=0.005)
    assert (few["bound"] <= few["cost"] * (1 + 1e-9)).all()
