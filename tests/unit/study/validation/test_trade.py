"""Countries, duties and reliefs, rules of origin, lanes on site, and what commitments promise."""

from __future__ import annotations

import pytest

from evsiting.study.findings import Findings
from evsiting.study.validation.trade import check_trade, warn_duty_free_imports
from tests.canonical import canonical, told

DUTY = {"product": "cell", "origin": "CN", "destination": "US", "measure": "MFN", "rate": 0.034}
SELLER = {
    "supplier": "s",
    "country": "CN",
    "product": "cell",
    "capacity_units_per_yr": 100.0,
    "price_usd_per_unit": 1.0,
}
PROMISE = {"commitment": "c", "origin": "s", "product": "cell", "at_least": 60.0}
PERIODS = [{"period": "p", "start_year": 2027, "years": 2}, {"period": "q", "start_year": 2029, "years": 2}]
BILL = [{"product": "pack", "input": "cell", "units_per_unit": 75.0}]


def findings(*unread: str, **tables: object) -> Findings:
    found = Findings()
    check_trade(canonical(periods=PERIODS, **tables), found, unread)
    return found


@pytest.mark.parametrize(("code", "hint"), [("KR", None), ("UK", "For UK write GB"), ("XX", "such as KR, CN, DE")])
def test_countries_are_those_of_iso_3166(code: str, hint: str | None) -> None:
    texts = told(findings(suppliers=[{**SELLER, "country": code}]))
    assert [str(hint) in text for text in texts] == ([] if hint is None else [True])


def test_no_country_levies_duty_on_its_own_goods() -> None:
    (text,) = told(findings(duties=[{**DUTY, "origin": "US"}]))
    assert "1 of 1 row is of a country on what comes from itself (index 0: 'cell from US to US')" in text


@pytest.mark.parametrize(
    ("origin", "relief", "good"), [("CN", "free", False), ("CN", "none", True), ("MX", "content", True)]
)
def test_only_goods_of_the_agreement_are_relieved(origin: str, relief: str, good: bool) -> None:
    assert (not findings(duties=[{**DUTY, "origin": origin, "relief": relief}])) == good


@pytest.mark.parametrize(
    ("measure", "rate", "words"),
    [
        ("MFN", 0.0, ""),
        ("MNF", 0.0, "1 of 1 quota is of a duty that is not in table 'duties'"),
        ("MFN", 0.034, "not lower than the duty itself (index 0: '0.034, and 0.034 beyond it')"),
    ],
)
def test_a_quota_lowers_a_duty_that_there_is(measure: str, rate: float, words: str) -> None:
    quota = {**DUTY, "quota": "q", "measure": measure, "rate": rate, "units_per_yr": 5.0}
    texts = told(findings(duties=[DUTY], quotas=[quota]))
    assert [words in text for text in texts] == ([True] if words else [])
    assert not findings("duties", duties=[DUTY], quotas=[quota])


def test_an_offset_is_of_a_duty_on_an_input() -> None:
    row = {"destination": "US", "product": "pack", "measure": "MFN", "share": 0.1, "value_usd_per_unit": 9.0}
    offset = {**row, "first_year": 2027, "last_year": 2030}
    assert not findings(duties=[DUTY], bill_of_materials=BILL, duty_offsets=[offset])
    for wrong in ({"product": "cell"}, {"destination": "CA"}, {"measure": "x"}):
        (text,) = told(findings(duties=[DUTY], bill_of_materials=BILL, duty_offsets=[{**offset, **wrong}]))
        assert "1 of 1 offset is of a duty that no input of the product pays there" in text


def test_core_parts_go_into_the_product() -> None:
    rule = {"product": "pack", "rvc": 0.6}
    assert not findings(bill_of_materials=BILL, origin_rules=[{**rule, "core_parts": "cell"}])
    (text,) = told(findings(bill_of_materials=BILL, origin_rules=[{**rule, "core_parts": "cell;cel"}]))
    assert "1 of 2 parts is no input of the product (index 0: 'cel'). Did you mean 'cell'" in text


@pytest.mark.parametrize(("foreign", "told_of"), [(4000.0, False), (4000.1, True)])
def test_a_rule_that_nobody_can_keep_is_told(foreign: float, told_of: bool) -> None:
    products = [{"product": "pack", "unit": "pack", "mass_kg_per_unit": 1.0, "value_usd_per_unit": 10e3}]
    rule = {"product": "pack", "rvc": 0.6, "other_foreign_usd_per_unit": foreign}
    assert bool(findings(products=products, origin_rules=[rule]).warnings) == told_of


@pytest.mark.parametrize(
    ("mode", "end", "good"),
    [("on_site", "a", True), ("road", "b", True), ("on_site", "b", False), ("road", "a", False)],
)
def test_on_site_is_from_a_place_to_itself(mode: str, end: str, good: bool) -> None:
    lane = {"product": "cell", "origin": "a", "destination": end, "mode": mode}
    costs = dict.fromkeys(("distance_km", "time_h", "freight_usd_per_unit", "emissions_kg_per_unit"), 0.0)
    assert (not findings(lanes=[{**lane, **costs}])) == good


def test_a_gateway_on_no_lane_is_told() -> None:
    lane = {"product": "cell", "origin": "a", "destination": "b", "mode": "road", "route": "laredo; nogales"}
    costs = dict.fromkeys(("distance_km", "time_h", "freight_usd_per_unit", "emissions_kg_per_unit"), 0.0)
    gates = [{"gateway": g, "capacity_t_per_yr": 1.0} for g in ("laredo", "otay")]
    (text,) = findings(lanes=[{**lane, **costs}], gateways=gates).warnings
    assert "no lane goes through otay" in text
    assert not findings(gateways=gates).warnings  # lanes are made later


def test_imports_without_a_duty_are_told() -> None:
    found = Findings()
    korea = {**SELLER, "supplier": "k", "country": "KR"}
    warn_duty_free_imports(canonical(duties=[DUTY], suppliers=[SELLER, korea, {**korea, "country": "MX"}]), found)
    assert found.warnings == ["table 'duties': has no row for cell from KR; these imports are free of duty"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"at_least": 100.0}], ""),
        ([{"at_least": 100.1}], "s in p: 100.1 promised, 100 sold, s in q: 100.1 promised, 100 sold"),
        ([{"destination": "a"}, {"destination": "b"}], "s in p: 120 promised"),
        ([{"destination": "a"}, {"destination": "a", "at_least": 40.0}], ""),  # the higher holds
        ([{"destination": "a"}, {"destination": None, "at_least": 80.0}], ""),  # to anybody: a is one of them
        ([{"destination": "a", "period": "p"}, {"destination": "b", "period": "q"}], ""),
    ],
)
def test_no_more_is_promised_than_is_sold(rows: list[dict[str, object]], words: str) -> None:
    promises = [{**PROMISE, "commitment": f"c{k}", **row} for k, row in enumerate(rows)]
    texts = told(findings(suppliers=[SELLER], commitments=promises))
    assert [words in text for text in texts] == ([True] if words else [])


def test_a_supplier_promises_what_it_sells() -> None:
    (text,) = told(findings(suppliers=[SELLER], commitments=[{**PROMISE, "product": "pack"}]))
    assert "index 0: 's sells cell, not pack'" in text
    boundless = {**SELLER, "capacity_units_per_yr": None}
    assert not findings(suppliers=[boundless], commitments=[{**PROMISE, "at_least": 1e12}])


def test_a_site_promises_what_it_can_make() -> None:
    made = {
        "sites": [{"site": "a", "country": "US"}],
        "processes": [{"plant_type": "cells", "product": "cell"}],
        "options": [{"plant_type": "cells", "option": "o", "capacity_units_per_yr": 1.0, "capex_usd": 1.0}],
    }
    promise = {**PROMISE, "origin": "a"}
    assert not findings(**made, commitments=[promise])
    (text,) = told(findings(**made, commitments=[{**promise, "product": "pack"}]))
    assert "1 of 1 commitment is of what nothing can make there (index 0: 'pack at a')" in text
    assert not findings(**made, commitments=[{**promise, "product": "pack", "at_least": 0.0}])


def test_no_more_is_promised_than_a_market_wants() -> None:
    demand = [{"market": "m", "product": "cell", "period": "p", "units_per_yr": 50.0}]
    promise = {**PROMISE, "destination": "m", "period": "p"}
    markets = [{"market": "m", "country": "US"}]
    (text,) = told(findings(markets=markets, demand=demand, commitments=[promise]))
    assert "cell to m in p: 60 promised, 50 wanted" in text
    assert not findings(markets=markets, demand=demand, commitments=[{**promise, "at_least": 50.0}])
    (text,) = told(findings(markets=markets, demand=demand, commitments=[{**promise, "period": None, "at_least": 1.0}]))
    assert "in q: 1 promised, 0 wanted" in text
