"""What the first look across tables finds by itself: demand given twice, provenance of what is not there."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.study.findings import Findings
from evsiting.study.validation.cross_table import _check_demand_periods, _check_flags, _check_provenance, check_across
from tests.canonical import canonical, told


def demand(*periods: str | None, market: str | None = "m") -> pd.DataFrame:
    return pd.DataFrame({"market": market, "product": "car", "period": list(periods), "units_per_yr": 5.0})


def demand_findings(frame: pd.DataFrame) -> list[str]:
    found = Findings()
    _check_demand_periods(canonical(demand=frame), found)
    return told(found)


def test_demand_is_for_every_period_or_for_each() -> None:
    assert demand_findings(demand(None)) == []
    assert demand_findings(demand("one", "two")) == []
    assert demand_findings(pd.concat([demand(None), demand("one", market="n")], ignore_index=True)) == []
    (text,) = demand_findings(demand(None, "one", "two"))
    assert "2 of 3 rows are for a period of what another row gives for every period" in text
    assert "index 1: 'm|car|one', index 2: 'm|car|two'" in text


@pytest.mark.parametrize("name", ["my numbers", None])
def test_rows_are_named_by_the_index_that_they_have(name: str | None) -> None:
    """A frame may have a named index, or a column that is called index; the row is found by its label."""
    frame = demand(None, "one").set_axis(["x", "y"]).rename_axis(name).assign(index=["p", "q"])
    (text,) = demand_findings(frame)
    assert "(index 'y': 'm|car|one')" in text


def test_demand_without_a_market_is_not_told_twice() -> None:
    assert demand_findings(demand(None, "one", market=None)) == []


def provenance_findings(**row: object) -> list[str]:
    base = {"table": "products", "column": "mass_kg_per_unit", "row": "*", "source": "eia_epa", "quality": "assumption"}
    products = [{"product": "a", "unit": "kWh", "mass_kg_per_unit": 1.0, "value_usd_per_unit": 1.0}]
    sources = [{"id": "eia_epa", "title": "t"}]
    found = Findings()
    _check_provenance(canonical(provenance=[{**base, **row}], products=products, sources=sources), found)
    return told(found)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({}, []),
        ({"column": "*"}, []),
        ({"table": "product"}, ["1 of 1 name is no table of a study (index 0: 'product'). Did you mean 'products'"]),
        ({"column": "mass"}, ["1 of 1 name is no column of products (index 0: 'mass')"]),
        ({"source": "eia_eap"}, ["1 of 1 source is not in table 'sources', column 'id' (index 0: 'eia_eap')"]),
        ({"source": None, "quality": "measured"}, ["Name a source, or call the quality assumption"]),
        ({"source": None}, []),
        ({"source": "eia_epa;usgs_x"}, ["1 of 2 sources is not in"]),
    ],
)
def test_provenance_names_what_there_is(row: dict[str, object], words: list[str]) -> None:
    texts = provenance_findings(**row)
    assert len(texts) == len(words)
    assert all(word in text for word, text in zip(words, texts, strict=True)), texts


def test_nothing_is_looked_up_while_tables_are_missing() -> None:
    found = Findings()
    check_across({}, found, ("sites",))
    assert not found


def test_what_says_yes_or_no_is_no_half() -> None:
    options = pd.DataFrame({"plant_type": "works", "option": ["hall", "annex", "wing"], "at_once": [None, 1.0, 0.5]})
    found = Findings()
    _check_flags({"options": options}, found)
    (text,) = told(found)
    assert "table 'options', column 'at_once': 1 of 3 values is neither 0 nor 1 (index 2: '0.5')" in text
    assert "Give 1 for yes, 0 or nothing for no" in text
