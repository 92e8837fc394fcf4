"""The tables of the page on inputs: what freight of parts is part of, and who sells."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from benchmarks import inputs
from evsiting.shipped.inputs import PACK_PARTS, PARTS


def test_parts_of_packs_have_a_row_of_freight_and_no_part_in_that_of_vehicles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "parts_regions", lambda: {"US-MI"})
    study = SimpleNamespace(
        sites=pd.DataFrame({"site": ["a", "b"], "region": ["US-MI", "US-OR"]}),
        periods=pd.DataFrame({"period": ["early", "late"], "start_year": [2027, 2030]}),
    )
    made = [("a", "vehicle", "early", 3e6), ("b", "vehicle", "early", 1e6), ("a", "vehicle", "late", 2e6)]
    freight = [("vehicle", "early", 3e9), (PARTS, "early", 1e9), (PACK_PARTS, "early", 4e9), ("vehicle", "late", 2e9)]
    plan = SimpleNamespace(
        production=pd.DataFrame(made, columns=["site", "product", "period", "units_per_yr"]),
        ledgers={"cost": pd.DataFrame(freight, columns=["product", "period", "value"]).assign(item="freight")},
    )
    table = inputs.assembly(study, plan)  # type: ignore[arg-type]
    assert table["part of them where parts are made [%]"].tolist() == [75, 100]
    assert table["freight of pack parts [bn USD]"].tolist() == [4.0, 0.0]
    assert table["part of parts in the freight of vehicles and their parts [%]"].tolist() == [25, 0]


def test_what_is_bought_is_told_by_country_of_the_seller() -> None:
    study = SimpleNamespace(suppliers=pd.DataFrame({"supplier": ["x", "y"], "country": ["US", "KR"]}))
    sent = [(PACK_PARTS, "x", "early", 2e6), (PACK_PARTS, "y", "late", 1e6), (PARTS, "y", "late", 9e6)]
    plan = SimpleNamespace(shipments=pd.DataFrame(sent, columns=["product", "origin", "period", "units_per_yr"]))
    found = inputs.bought(study, plan, PACK_PARTS)  # type: ignore[arg-type]
    assert found.loc["US"].tolist() == [2.0, 0.0]
    assert found.loc["KR"].tolist() == [0.0, 1.0]
