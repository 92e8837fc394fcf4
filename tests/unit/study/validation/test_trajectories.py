"""Places of figures over time: where the figure is found, which means one thing, and parts of capacities."""

from __future__ import annotations

import pytest

from evsiting.study.findings import Findings
from evsiting.study.validation.trajectories import check_trajectories
from tests.canonical import canonical, told

TABLES = {
    "sites": [{"site": "a", "country": "US"}, {"site": "MX", "country": "US"}],
    "suppliers": [{"supplier": "s", "country": "KR", "product": "cell", "price_usd_per_unit": 1.0}],
    "processes": [{"plant_type": "cell", "product": "cell"}],
    "plants": [{"plant": "p", "site": "a", "plant_type": "cell", "capacity_units_per_yr": 1.0}],
    "gateways": [{"gateway": "laredo", "capacity_t_per_yr": 1.0}],
}


def findings(column: str, place: str | None, factor: float = 0.5, **tables: object) -> list[str]:
    row = {"column": column, "place": place, "period": "one", "factor": factor}
    found = Findings()
    check_trajectories(canonical(**{**TABLES, **tables}, trajectories=[row]), found)
    return told(found)


@pytest.mark.parametrize(
    ("column", "place"),
    [
        ("wage_usd_per_h", "a"),
        ("wage_usd_per_h", "US-TN"),
        ("wage_usd_per_h", "CA"),
        ("wage_usd_per_h", None),
        ("price_usd_per_unit", "s"),
        ("price_usd_per_unit", "KR"),
        ("capacity_units_per_yr", "p"),
        ("capacity_units_per_yr", "a/cell"),
        ("capacity_units_per_yr", "KR"),
        ("capacity_t_per_yr", "laredo"),
        ("freight_usd_per_unit", None),
    ],
)
def test_places_at_which_the_figure_is_found(column: str, place: str | None) -> None:
    assert findings(column, place) == []


@pytest.mark.parametrize(
    ("column", "place", "words"),
    [
        ("wage_usd_per_h", "US-TM", "1 of 1 place is without any 'wage_usd_per_h' (index 0: 'US-TM')"),
        ("wage_usd_per_h", "KR", "the code of a site"),
        ("price_usd_per_unit", "US-TN", "Write the code of a supplier or its country"),
        ("capacity_units_per_yr", "a/pack", "or 'site/plant type'"),
        ("capacity_t_per_yr", "US", "Write the code of a gateway"),
        ("freight_usd_per_unit", "US", "which changes everywhere alike"),
        ("carbon_price_usd_per_t", "a", "which changes everywhere alike"),
        ("wage_usd_per_h", "MX", "both a code of the study and a country or state"),
    ],
)
def test_places_without_the_figure_are_refused(column: str, place: str, words: str) -> None:
    (text,) = findings(column, place)
    assert words in text


def test_only_a_part_of_a_capacity_may_be_away() -> None:
    assert findings("capacity_units_per_yr", "p", 1.0) == []
    assert findings("capacity_units_per_yr", "p", 0.0) == []
    (text,) = findings("capacity_units_per_yr", "p", 1.5)
    assert "1 of 1 value is above 1 for a capacity (index 0: 1.5)" in text
    assert findings("wage_usd_per_h", "a", 1.5) == []


def test_a_wrong_country_of_a_supplier_is_told_elsewhere() -> None:
    wrong = [{**TABLES["suppliers"][0], "country": "ZZ"}]
    assert findings("price_usd_per_unit", "nowhere", suppliers=wrong) == []
