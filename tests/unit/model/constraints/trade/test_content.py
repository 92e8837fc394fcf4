"""Declared content: what it saves, what a unit can hold, and where no more than its value."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.model.build import build
from tests.studies import unchecked
from tests.trade_studies import trade_study


def other(**rules: object):
    """Return the program under other rules of origin."""
    study = trade_study()
    return build(unchecked(study, origin_rules=study.origin_rules.assign(**rules))).milp


def test_each_dollar_saves_the_rate_of_the_measure(trading) -> None:
    cost = trading.milp.objectives["cost"]
    at = trading.milp.column_names().index("contents[monterrey,vehicle,US,p1]")
    assert cost.coefficients[at] * cost.unit == pytest.approx(-10 * 1e6 * 0.25)


def test_content_is_other_content_and_the_value_of_parts_from_there(trading) -> None:
    row = next(r for r in trading.milp.lines("content") if r.startswith("content[monterrey,vehicle,US,p1,held]"))
    assert row == (
        "content[monterrey,vehicle,US,p1,held]: - 2 preferences[monterrey,vehicle,US,p1] + "
        "contents[monterrey,vehicle,US,p1] - 9 held[monterrey,vehicle,US,pack,sites,p1] <= 0"
    )


def test_the_value_holds_content_only_where_it_could_be_more(trading) -> None:
    assert not any(",value]" in r for r in trading.milp.lines("content"))  # 2,000 and a pack of 9,000 of 38,000
    rows = [r for r in other(other_content_usd_per_unit=[0.0, 29_000.0]).lines("content") if ",value]" in r]
    assert rows == []  # just the value
    (row,) = (r for r in other(other_content_usd_per_unit=[0.0, 29_001.0]).lines("content") if ",value]" in r)
    assert "- 38 preferences[monterrey,vehicle,US,p1]" in row


def test_without_a_measure_on_the_rest_nothing_is_declared() -> None:
    study = trade_study()
    milp = build(unchecked(study, duties=study.duties.assign(relief="free"))).milp
    assert (milp.count("contents"), milp.count("held"), milp.count("content")) == (0, 0, 0)
    assert milp.count("preferences") > 0


def test_parts_that_no_seller_of_the_country_sends_leave_other_content_alone() -> None:
    study = trade_study()
    lanes = study.lanes[~((study.lanes["origin"] == "memphis") & (study.lanes["destination"] == "monterrey"))]
    milp = build(unchecked(study, lanes=lanes, origin_rules=study.origin_rules.assign(lvc=None))).milp
    assert milp.count("held") == 0
    assert list(milp.lines("content")) == [
        "content[monterrey,vehicle,US,p1,held]: - 2 preferences[monterrey,vehicle,US,p1] + "
        "contents[monterrey,vehicle,US,p1] <= 0"
    ]


def test_a_supplier_of_the_country_counts_at_its_price() -> None:
    study = trade_study()
    ulsan = study.suppliers.assign(supplier="dayton", country="US", product="pack", price_usd_per_unit=8_000.0)
    lane = study.lanes[study.lanes["product"] == "pack"].iloc[-1:].assign(origin="dayton", destination="monterrey")
    milp = build(
        unchecked(study, suppliers=pd.concat([study.suppliers, ulsan]), lanes=pd.concat([study.lanes, lane]))
    ).milp
    row = next(r for r in milp.lines("content") if ",held]" in r.split(":")[0])
    assert "- 8 held[monterrey,vehicle,US,pack,dayton,p1]" in row
    assert "- 9 held[monterrey,vehicle,US,pack,sites,p1]" in row
    unit = next(r for r in milp.lines("content") if r.startswith("content[monterrey,vehicle,US,pack,p1]"))
    assert unit.count("held[") == 2  # one pack of a vehicle, from one seller or the other
