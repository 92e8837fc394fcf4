"""What the page on location problems shows runs, and says what it says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import evsiting as ev

PAGE = (Path(__file__).parents[2] / "docs" / "location.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_examples_run() -> None:
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        exec(compile(block, "location.md", "exec"), names)
    results = [names[x] for x in ("found", "median", "divided", "whole", "center", "cover", "backup", "fewest")]
    assert all(isinstance(found, ev.LocationResult) for found in results)
    assert all(found.status is ev.Status.OPTIMAL for found in results)
    assert names["divided"].objective <= names["whole"].objective
    assert names["cover"].objective <= names["backup"].objective
    assert names["fewest"].objective == names["fewest"].open.sum()


@pytest.mark.parametrize("radius", [3.0, 5.0])
def test_the_fewest_sites_that_reach_all_are_a_location_problem(radius: float) -> None:
    distance = np.abs(np.arange(12.0)[:, None] - np.arange(12.0)[None])
    found = ev.facility_location(np.where(distance <= radius, 0.0, np.inf), 1.0)
    assert found.objective == np.ceil(12 / (2 * radius + 1))
