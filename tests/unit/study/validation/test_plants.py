"""Options, standing plants, steps of expansion, heat, upgrades, pools and cycles of the bill of materials."""

from __future__ import annotations

import pytest

from evsiting.study.findings import Findings
from evsiting.study.validation.plants import check_cycles, check_plants
from tests.canonical import canonical, told

SITE = {"site": "a", "country": "US"}


def option(name: str = "small", **columns: object) -> dict[str, object]:
    base = {"plant_type": "cell", "option": name, "capacity_units_per_yr": 100.0, "capex_usd": 1e6}
    return {**base, **columns}


def findings(**tables: object) -> Findings:
    found = Findings()
    base = {
        "sites": [SITE],
        "options": [option()],
        "processes": [{"plant_type": "cell", "product": "cell"}],
        "periods": [{"period": "p", "start_year": 2027, "years": 5}, {"period": "q", "start_year": 2032, "years": 5}],
    }
    check_plants(canonical(**{**base, **tables}), found, ())
    return found


def test_a_plain_study_has_no_findings() -> None:
    found = findings()
    assert (told(found), found.warnings) == ([], [])


@pytest.mark.parametrize("ramp", ["0.4;1.2", "0.4;2"])
def test_a_ramp_up_is_made_of_fractions(ramp: str) -> None:
    (text,) = told(findings(options=[option(ramp_up=ramp)]))
    assert "1 of 1 ramp-up is not made of fractions from 0 to 1" in text
    assert not findings(options=[option(ramp_up="0;0.5;1")])


def test_shares_need_a_partner() -> None:
    (text,) = told(findings(options=[option(partner_capex_share=0.25, partner_output_share=0.5)]))
    assert "1 of 1 option is shared with nobody (index 0: 'partner_capex_share 0.25, partner_output_share 0.5')" in text
    assert not findings(options=[option(partner="P", partner_capex_share=0.25)])


def test_a_step_grows_out_of_a_smaller_option_of_the_same_plant_type() -> None:
    small, large = option(), option("large", capacity_units_per_yr=250.0)
    assert not findings(options=[small, {**large, "expands": "small"}])
    (lost,) = told(findings(options=[small, {**large, "expands": "tiny"}]))
    assert "1 of 1 name is of no option of the same plant type (index 1: 'tiny')" in lost
    (equal,) = told(findings(options=[small, {**large, "capacity_units_per_yr": 100.0, "expands": "small"}]))
    assert "no larger, without the partner's part, than what it expands (index 1: 'large: 100, small: 100')" in equal
    shared = {**large, "expands": "small", "partner": "P", "partner_output_share": 0.6}  # 250 * 0.4 = 100
    assert "large: 100, small: 100" in told(findings(options=[small, shared]))[0]


@pytest.mark.parametrize(
    ("steps", "ring"),
    [
        ({"small": "small"}, "cell small <- cell small"),
        ({"small": "large", "large": "small"}, "cell small <- cell large <- cell small"),
    ],
)
def test_steps_in_a_ring_are_refused_once(steps: dict[str, str], ring: str) -> None:
    options = [option(n, capacity_units_per_yr=c, expands=steps.get(n)) for n, c in (("small", 1.0), ("large", 2.0))]
    (text,) = told(findings(options=options))
    assert f"an option grows out of itself ({ring})" in text


def test_a_step_is_offered_where_the_option_before_is() -> None:
    sites = [SITE, {**SITE, "site": "b"}]
    grown = option("large", capacity_units_per_yr=200.0, expands="small")
    for own, good in (("a", True), ("a;b", False), (None, False)):
        found = findings(sites=sites, options=[option(sites="a"), {**grown, "sites": own}])
        assert (not found) == good
    assert "large: all sites, small: a" in told(found)[0]


def test_made_at_once_needs_something_to_expand() -> None:
    (text,) = told(findings(options=[option(at_once=1.0)]))
    assert "1 of 1 option is made at once, and expands nothing" in text


def test_options_that_no_site_can_take_are_told() -> None:
    (text,) = findings(sites=[{**SITE, "role": "existing"}], options=[option(sites="a")]).warnings
    assert "built nowhere: small at a" in text


def test_lead_time_beyond_the_last_period_is_told() -> None:
    assert not findings(options=[option(lead_years=5.0)]).warnings
    (text,) = findings(options=[option(lead_years=6.0)]).warnings
    assert "begins 5 years after the first one, so that these open in none: cell small, 6 years" in text


def test_lead_time_beside_periods_that_cannot_be_read() -> None:
    """The periods have been told by themselves; what is said of options must not fail over them."""
    broken = [{"period": "p", "start_year": "soon", "years": 5}]
    assert not findings(options=[option(lead_years=5.0)], periods=broken).warnings


@pytest.mark.parametrize(
    ("status", "column", "wrong"),
    [
        ("paused", "closing_usd", True),
        ("existing", "closing_usd", False),
        ("existing", "resume_usd", True),
        ("paused", "resume_usd", False),
    ],
)
def test_costs_that_go_with_a_status(status: str, column: str, wrong: bool) -> None:
    plant = {"plant": "p", "site": "a", "plant_type": "cell", "capacity_units_per_yr": 1.0, "status": status}
    found = findings(plants=[{**plant, column: 5.0}])
    assert [f"p is {status}" in text for text in told(found)] == ([True] if wrong else [])


def test_heat_needs_a_price_and_a_factor_where_it_is_used() -> None:
    hot = [{"plant_type": "cell", "product": "cell", "heat_kwh_per_unit": 5.0}]
    both = told(findings(processes=hot))
    assert len(both) == 2
    assert all(
        "1 of 1 value is empty where a plant would use heat (index 0: 'a'; heat is used by cell)" in t for t in both
    )
    given = {**SITE, "heat_price_usd_per_mwh": 30.0, "heat_factor_kg_per_kwh": 0.2}
    assert not findings(processes=hot, sites=[given])
    assert not findings(processes=hot, sites=[{**SITE, "plant_types": "pack"}])  # nobody uses heat there


def test_upgrades_need_a_limit_and_one_home() -> None:
    upgrade = {"upgrade": "line", "adds_mw": 50.0, "capex_usd": 1e6}
    (text,) = told(findings(grid_upgrades=[{**upgrade, "site": "a"}]))
    assert "1 of 1 upgrade is of a load that has no limit (index 0: 'a')" in text
    (text,) = told(findings(grid_upgrades=[upgrade]))
    assert "index 0: 'every site'" in text
    limited = [{**SITE, "connectable_mw": 0.0}]  # nothing can be connected yet: a limit like any other
    assert not findings(sites=limited, grid_upgrades=[{**upgrade, "site": "a"}])
    (text,) = told(findings(sites=limited, grid_upgrades=[upgrade, {**upgrade, "site": "a"}]))
    assert "given for every site and for one as well (index 1: 'a|line')" in text


def test_a_pool_without_sites_is_told() -> None:
    pools = [{"pool": p, "available_fte": 10.0} for p in ("north", "süd")]
    (text,) = findings(sites=[{**SITE, "labor_pool": "north"}], labor_pools=pools).warnings
    assert "no site belongs to süd, so that these limit nothing" in text


@pytest.mark.parametrize(
    ("lines", "ring"),
    [
        ([("a", "a")], "a <- a"),
        ([("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")], "a <- b <- c <- a"),
        ([("car", "pack"), ("car", "cell"), ("pack", "cell")], ""),
        ([], ""),
    ],
)
def test_a_product_does_not_go_into_itself(lines: list[tuple[str, str]], ring: str) -> None:
    rows = [{"product": made, "input": used, "units_per_unit": 1.0} for made, used in lines]
    found = Findings()
    tables = canonical(bill_of_materials=rows) if rows else {}
    assert check_cycles(tables, found) == bool(ring)
    assert [f"({ring})" in text for text in told(found)] == ([True] if ring else [])


def test_a_long_chain_needs_no_deep_recursion() -> None:
    rows = [{"product": f"p{k}", "input": f"p{k + 1}", "units_per_unit": 1.0} for k in range(1500)]
    assert not check_cycles(canonical(bill_of_materials=rows), Findings())
