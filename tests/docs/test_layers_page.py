"""What the page on layers shows runs, and it names every layer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evsiting.errors import DataWarning

PAGE = (Path(__file__).parents[2] / "docs" / "layers.md").read_text(encoding="utf-8")
NAMES = (
    "commute_shed",
    "read_areas",
    "labor_pools",
    "wages",
    "flags",
    "power",
    "resource",
    "transmission",
    "industry",
    "county_labor",
    "read_laus",
)


@pytest.mark.filterwarnings("ignore:apply_layers. figures filled in:evsiting.errors.DataWarning")
@pytest.mark.filterwarnings("ignore:expected_package. figures filled in:evsiting.errors.DataWarning")
def test_the_examples_run() -> None:
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        exec(compile(block, "layers.md", "exec"), names)
    assert names["labor"].sites["labor_tightness"].notna().all()
    assert names["pools"]["available_fte"].gt(0).all()
    assert set(names["offers"].query("program == 'bonus'")["site"]) == {"US-MI-lansing", "US-TN-memphis"}
    assert names["green"].sites["clean_premium_usd_per_mwh"].eq(12.77).all()
    assert names["connected"].sites.set_index("site").loc["US-TN-memphis", "connectable_mw"] == 180.0
    assert names["signals"].sites.set_index("site").loc["US-TN-memphis", "parts_jobs_near_persons"] == 5200.0
    assert names["local"].sites.set_index("site").loc["US-TN-memphis", "labor_force_persons"] == 425307.0
    assert "expected package" in set(names["hoped"]["program"])
    assert len(names["wanted"]) == 10


@pytest.mark.parametrize("name", [*NAMES, "industry_signals", "expected_package", "demand"])
def test_every_layer_is_on_the_page(name: str) -> None:
    assert f"`ev.{name}(" in PAGE


def test_the_warning_that_the_page_promises_is_of_its_class() -> None:
    assert f"`{DataWarning.__name__}`" in PAGE
