"""What no lane reaches, what pays or limits nothing, floors that cannot be kept: each by hand."""

from __future__ import annotations

import pytest

from evsiting.study.findings import Findings
from evsiting.study.validation.reachability import check_reach
from tests.canonical import canonical, told

LANE = {"product": "car", "origin": "a", "destination": "m", "mode": "road", "time_h": 10.0}
COSTS = dict.fromkeys(("distance_km", "freight_usd_per_unit", "emissions_kg_per_unit"), 0.0)
TABLES = {
    "sites": [
        {"site": "a", "country": "US", "region": "US-TN"},
        {"site": "b", "country": "CA", "region": "CA-ON", "role": "existing"},
    ],
    "markets": [
        {"market": "m", "country": "US", "region": "US-TN"},
        {"market": "n", "country": "CA", "region": "CA-ON"},
    ],
    "periods": [{"period": "p", "start_year": 2027, "years": 2}, {"period": "q", "start_year": 2029, "years": 2}],
    "products": [{"product": "car", "unit": "car", "mass_kg_per_unit": 1.0, "value_usd_per_unit": 1.0}],
    "processes": [{"plant_type": "cars", "product": "car"}],
    "options": [{"plant_type": "cars", "option": "o", "capacity_units_per_yr": 1.0, "capex_usd": 100.0}],
    "demand": [
        {"market": "m", "product": "car", "units_per_yr": 60.0},
        {"market": "n", "product": "car", "units_per_yr": 40.0},
    ],
}


def findings(**tables: object) -> Findings:
    found = Findings()
    check_reach(canonical(**{**TABLES, **tables}), found)
    return found


def lanes(*changes: dict[str, object]) -> list[dict[str, object]]:
    return [{**LANE, **COSTS, **change} for change in changes]


def limits(*rows: dict[str, object]) -> Findings:
    base = {"kind": "output_share", "product": "car", "period": None}
    return findings(limits=[{"limit": f"l{k}", **base, **row} for k, row in enumerate(rows)])


def demand(**columns: object) -> list[dict[str, object]]:
    return [{**row, **columns} for row in TABLES["demand"]]


def test_a_study_without_lanes_or_limits_has_no_findings() -> None:
    found = findings()
    assert (told(found), found.warnings) == ([], [])


def test_demand_that_must_be_served_needs_a_lane() -> None:
    found = findings(lanes=lanes({}))
    (text,) = told(found)
    assert "1 of 2 rows is without a lane, and must be served (index 1: 'car to n')" in text
    assert found.problems[0][1].infeasible
    assert not findings(lanes=lanes({}, {"destination": "n"}))
    soft = findings(lanes=lanes({}), demand=demand(unmet_penalty_usd_per_unit=0.0))
    assert (told(soft), len(soft.warnings)) == ([], 1)
    assert "joins n to nothing" in soft.warnings[0]
    assert not findings(lanes=lanes({}), demand=[*TABLES["demand"][:1], {**TABLES["demand"][1], "units_per_yr": 0.0}])


def test_makers_and_sellers_without_a_lane_are_told() -> None:
    seller = {"supplier": "s", "country": "KR", "product": "car", "price_usd_per_unit": 1.0}
    found = findings(lanes=lanes({"origin": "x"}, {"origin": "x", "destination": "n"}), suppliers=[seller])
    assert ["joins a, s to nothing" in text for text in found.warnings] == [True]


def test_promised_times_are_those_of_the_fastest_lane() -> None:
    slow = lanes({}, {"mode": "rail", "time_h": 5.0}, {"destination": "n"})
    assert findings(lanes=slow, demand=demand(promise_h=10.0)).warnings == []
    (text,) = findings(lanes=slow, demand=demand(promise_h=9.0)).warnings
    assert "no lane is so quick: car to n" in text


@pytest.mark.parametrize(("floor", "words"), [(0.6, ""), (0.61, "l: 0.61, 0.6 can arrive in time in q")])
def test_a_share_in_time_is_what_lanes_can_bring(floor: float, words: str) -> None:
    limit = {"limit": "l", "kind": "on_time_share", "product": "car", "at_least": floor}
    found = findings(
        lanes=lanes({}, {"destination": "n", "time_h": 20.0}), demand=demand(promise_h=12.0), limits=[limit]
    )
    texts = told(found)
    assert [words in text for text in texts] == ([True] if words else [])
    if words:
        assert "n is promised car in 12 h, the fastest lane takes 20 h" in texts[0]


@pytest.mark.parametrize(
    ("country", "region", "pays"),
    [("US", None, True), ("US", "US-TN", True), ("US", "US-TX", False), ("CA", None, False)],
)
def test_programs_hold_where_their_plant_can_be(country: str, region: str | None, pays: bool) -> None:
    """Nothing new may be built at b, which is in Canada."""
    program = {
        "program": "p",
        "country": country,
        "region": region,
        "plant_type": "cars",
        "kind": "grant",
        "value": 1.0,
    }
    found = findings(programs=[{**program, "first_year": 2027, "last_year": 2030}])
    assert ["these pay nothing: p (cars in" in text for text in found.warnings] == ([] if pays else [True])


@pytest.mark.parametrize(("least", "told_of"), [(100.0, False), (250.0, False), (250.1, True)])
def test_programs_that_ask_for_more_than_any_plant_invests(least: float, told_of: bool) -> None:
    """A step of 150 comes on top of the option of 100 that it expands."""
    step = {**TABLES["options"][0], "option": "step", "capacity_units_per_yr": 2.0, "capex_usd": 150.0, "expands": "o"}
    program = {"program": "p", "country": "US", "plant_type": "cars", "kind": "grant", "value": 1.0}
    found = findings(
        options=[TABLES["options"][0], step],
        programs=[{**program, "first_year": 2027, "last_year": 2030}],
        program_rules=[{"program": "p", "min_capex_usd": least}],
    )
    assert ["nobody can claim p" in text for text in found.warnings] == ([True] if told_of else [])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"at_least": 5.0, "destination": "m"}, {"at_most": 4.0}], "c1: 4, 5 promised in q"),
        ([{"at_least": 2.0, "destination": "m"}, {"at_least": 2.0, "destination": "n"}, {"at_most": 4.0}], ""),
        (
            [{"at_least": 2.0, "destination": "m"}, {"at_least": 3.0, "destination": "n"}, {"at_most": 4.0}],
            "c2: 4, 5 promised",
        ),
        ([{"at_least": 5.0, "destination": "n"}, {"at_most": 4.0, "destination": "m"}], ""),
        ([{"at_least": 5.0, "period": "p"}, {"at_most": 4.0, "period": "q"}], ""),
        ([{"at_least": 5.0}, {"at_most": 4.0, "product": "van"}], ""),
    ],
)
def test_promises_fit_under_each_other(rows: list[dict[str, object]], words: str) -> None:
    base = {"origin": "a", "product": "car"}
    found = findings(commitments=[{"commitment": f"c{k}", **base, **row} for k, row in enumerate(rows)])
    assert [words in text for text in told(found)] == ([True] if words else [])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "concentration", "per": "supplier", "at_most": 0.5}, "nobody sells car, so that l0 limits nothing"),
        ({"kind": "concentration", "per": "company", "at_most": 0.5}, "no supplier or plant of car has a company"),
        ({"kind": "import_share", "at_most": 0.5}, "nobody overseas sells car, so that l0 limits nothing"),
        ({"kind": "import_share", "at_least": 0.5}, "only a plan to which none of it arrives keeps l0"),
        ({"kind": "on_time_share", "at_least": 0.5}, "no demand there has a promise_h"),
    ],
)
def test_limits_on_what_there_is_not(row: dict[str, object], words: str) -> None:
    texts = limits(row).warnings
    assert any(words in text for text in texts), texts


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ({"kind": "jobs_fte", "place": "CA", "at_least": 1.0}, True),
        ({"kind": "jobs_fte", "place": "a", "at_least": 1.0}, False),
        ({"kind": "capex", "plant_type": "vans", "at_least": 1.0}, True),
        ({"kind": "jobs_fte", "place": "CA", "at_most": 1.0}, False),
    ],
)
def test_floors_where_no_plant_can_be(row: dict[str, object], refused: bool) -> None:
    found = limits({"product": None, **row})
    assert ["floor is for a place where no such plant can be" in text for text in told(found)] == (
        [True] if refused else []
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"place": "US", "at_least": 0.6}, {"place": "CA", "at_least": 0.4}], ""),
        ([{"place": "US", "at_least": 0.6}, {"place": "CA", "at_least": 0.5}], "output_share car: 1.1 of 1"),
        ([{"place": "US", "at_least": 0.6}, {"place": "a", "at_least": 0.6}], ""),  # a lies in the US
        ([{"place": "US", "at_most": 0.5}, {"place": "a", "at_least": 0.6}], "0.6 of 0.5 in US"),
        ([{"place": "US", "at_least": 0.6, "period": "p"}, {"place": "CA", "at_least": 0.5, "period": "q"}], ""),
        ([{"place": "US", "at_least": 0.6, "period": "p"}, {"place": "CA", "at_least": 0.5}], "1.1 of 1"),
    ],
)
def test_shares_add_up_to_no_more_than_the_whole(rows: list[dict[str, object]], words: str) -> None:
    texts = [text for text in told(limits(*rows)) if "add up to more" in text]
    assert [words in text for text in texts] == ([True] if words else [])


def test_a_limit_with_a_penalty_refuses_nothing() -> None:
    hard = {"kind": "jobs_fte", "product": None, "place": "CA", "at_least": 1.0}
    assert limits(hard)
    assert not limits({**hard, "penalty_usd_per_unit": 5.0})
