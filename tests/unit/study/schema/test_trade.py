"""Tables of trade: codes of countries, rates, years, and what stands where a cell is empty."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from evsiting.study.schema.trade import MODES, RELIEFS
from evsiting.study.validation.tables import canonical_table
from tests.canonical import SETTINGS, canonical, told

ROWS: dict[str, dict[str, object]] = {
    "duties": {"product": "cell", "origin": "CN", "destination": "US", "measure": "MFN", "rate": 0.034},
    "quotas": {
        "quota": "q",
        "product": "cell",
        "origin": "CN",
        "destination": "CA",
        "measure": "x",
        "units_per_yr": 0.0,
        "rate": 0.0,
    },
    "origin_rules": {"product": "car", "rvc": 0.75},
    "duty_offsets": {
        "destination": "US",
        "product": "car",
        "measure": "x",
        "share": 1.0,
        "value_usd_per_unit": 0.0,
        "first_year": 2026,
        "last_year": 2030,
    },
    "commitments": {"commitment": "c", "origin": "s", "product": "cell"},
    "gateways": {"gateway": "laredo", "capacity_t_per_yr": 0.0},
    "suppliers": {
        "supplier": "s",
        "country": "KR",
        "product": "cell",
        "price_usd_per_unit": 0.0,
        "lat": 35.1,
        "lon": 129.0,
    },
}


def problems(table: str, **row: object) -> list[str]:
    findings = Findings()
    canonical_table(TABLES[table], pd.DataFrame([{**ROWS[table], **row}]), SETTINGS, findings)
    return told(findings)


@pytest.mark.parametrize("table", ROWS)
def test_the_least_row_is_enough(table: str) -> None:
    assert problems(table) == []


@pytest.mark.parametrize(
    ("table", "column", "bad"),
    [
        ("duties", "rate", 10.1),
        ("duties", "rate", -0.01),
        ("duties", "dutiable_share", 1.1),
        ("duties", "origin", "China"),
        ("duties", "destination", "KR"),
        ("duties", "relief", "some"),
        ("duties", "first_year", 1989),
        ("quotas", "units_per_yr", -1.0),
        ("origin_rules", "rvc", 75.0),
        ("origin_rules", "net_cost_usd_per_unit", 0.0),
        ("duty_offsets", "share", 1.5),
        ("duty_offsets", "first_year", None),
        ("commitments", "at_least", -1.0),
        ("gateways", "capacity_t_per_yr", None),
        ("suppliers", "price_usd_per_unit", -1.0),
        ("suppliers", "foreign_entity", 2.0),
        ("suppliers", "country", "KOR"),
    ],
)
def test_cells_out_of_range(table: str, column: str, bad: object) -> None:
    (text,) = problems(table, **{column: bad})
    assert f"'{TABLES[table].column(column).name}'" in text or f"'{TABLES[table].column(column).label}" in text


def test_empty_cells_mean_what_the_dictionary_says() -> None:
    tables = canonical(**{name: [row] for name, row in ROWS.items()})
    duty, rule, seller = (tables[n].iloc[0] for n in ("duties", "origin_rules", "suppliers"))
    assert (duty["relief"], duty["dutiable_share"]) == (RELIEFS[0], 1.0)
    assert duty[["first_year", "last_year"]].isna().all()  # always
    assert rule["high_wage_usd_per_h"] == 16.0
    assert pd.isna(rule["lvc"])
    assert (seller["emissions_kg_per_unit"], seller["foreign_entity"]) == (0.0, 0.0)
    assert pd.isna(seller["capacity_units_per_yr"])  # without limit, and not zero
    assert "customs_value_usd_per_unit" not in seller


def test_codes_of_countries_are_read_in_small_letters_too() -> None:
    assert canonical(duties=[{**ROWS["duties"], "origin": " cn"}])["duties"]["origin"].tolist() == ["CN"]


def test_a_rate_may_be_given_in_percent() -> None:
    row = {k: v for k, v in ROWS["duties"].items() if k != "rate"}
    assert canonical(duties=[{**row, "rate [%]": 3.4}])["duties"]["rate"].tolist() == pytest.approx([0.034])


def test_modes_are_those_of_lanes() -> None:
    assert TABLES["lanes"].column("mode").choices == MODES
    assert TABLES["lanes"].key[-1] == "mode"
