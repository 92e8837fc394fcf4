"""What the page on what-if cases shows runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "what_if.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    assert PAGE.count("workers=2") >= 3
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        # processes take seconds to begin: that they find the same is tried in tests/unit/optimize/sweeps/test_sweep.py
        exec(compile(block.replace("workers=2", "workers=1"), "what_if.md", "exec"), names)
    found = names["found"]
    assert found.cases == ("base", "dear power", "less demand", "both")
    assert found.table.set_index("case")["cost"]["both"] < found.table.set_index("case")["cost"]["dear power"]
    assert names["moved"].tornado()["name"].tolist() == ["demand", "cell plants"]
    assert (tmp_path / "runs" / "cases" / "both" / "plan.json").is_file()
    assert set(names["both"].inputs["table"]) >= {"demand"}
    assert names["drawn"].selection()["of"].tolist()[0] == 3
    assert names["shares"].table["share"].sum() == pytest.approx(names["shares"].saving)
    assert set(names["bids"].bids) == {"US-TN", "US-GA"}
