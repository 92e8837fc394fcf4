"""Incentives: programs by place, plant type and year."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.layers import complete
from evsiting.layers.incentives import yearly_share
from tests.layer_studies import bare_study, bare_tables

COLUMNS = ["program", "country", "region", "plant_type", "product", "kind", "value", "first_year", "last_year"]


def offers(*rows: tuple[object, ...], **tables: pd.DataFrame) -> pd.DataFrame:
    programs = pd.DataFrame(list(rows), columns=COLUMNS)
    made = complete(bare_study(programs=programs, **tables)).incentives
    return made.set_index(["site", "plant_type", "period", "program"])["value"]


def test_a_production_credit_is_worth_what_it_pays_year_by_year() -> None:
    full = ("credit", "US", None, "pack", "pack", "production")
    made = offers((*full, 100.0, 2023, 2029), (*full, 50.0, 2030, 2030))
    # 2028-2032: 100, 100, 50, 0, 0, discounted at the study's 8.76 %; nothing from 2033 on.
    paid = 100.0 + 100.0 / 1.0876 + 50.0 / 1.0876**2
    years = 1.0 + 1.0 / 1.0876 + 1.0 / 1.0876**2 + 1.0 / 1.0876**3 + 1.0 / 1.0876**4
    assert made.to_dict() == pytest.approx(
        {("memphis", "pack", "p1", "credit"): paid / years, ("detroit", "pack", "p1", "credit"): paid / years}
    )


def test_a_credit_of_every_year_is_itself_whatever_the_discount_rate() -> None:
    made = offers(("credit", "US", None, "pack", "pack", "production", 10.0, 2020, 2050))
    assert made.to_numpy() == pytest.approx(10.0)


def test_an_investment_share_is_that_of_the_year_of_building() -> None:
    full = ("itc", "CA", None, "assembly", None, "investment")
    made = offers((*full, 0.3, 2024, 2031), (*full, 0.2, 2032, 2032), (*full, 0.1, 2033, 2033))
    assert made.to_dict() == {("toronto", "assembly", "p1", "itc"): 0.3, ("toronto", "assembly", "p2", "itc"): 0.1}


def test_a_region_narrows_a_program() -> None:
    made = offers(("state", "US", "US-TN", "pack", None, "investment", 0.05, 2020, 2040))
    assert {key[0] for key in made.index} == {"memphis"}


def test_without_a_product_every_product_of_the_plant_type_earns_the_credit() -> None:
    programs = pd.DataFrame([("credit", "US", None, "pack", None, "production", 10.0, 2020, 2040)], columns=COLUMNS)
    made = complete(bare_study(programs=programs)).incentives
    assert set(made["product"]) == {"pack"}


def test_standing_plants_earn_per_unit_but_not_for_what_was_invested() -> None:
    sites = bare_tables()["sites"].assign(role=["existing", "candidate", "candidate", "existing"])
    plants = pd.DataFrame({"plant": ["m"], "site": ["memphis"], "plant_type": ["pack"], "capacity_units_per_yr": [1e5]})
    made = offers(
        ("unit", "US", None, "pack", "pack", "production", 10.0, 2020, 2040),
        ("grant", "US", None, "pack", None, "investment", 0.1, 2020, 2040),
        sites=sites,
        plants=plants,
    )
    assert {key[0] for key in made.index if key[3] == "unit"} == {"memphis"}
    assert not [key for key in made.index if key[3] == "grant"]


def test_without_programs_there_is_no_table() -> None:
    assert not complete(bare_study()).has("incentives")


@pytest.mark.parametrize(
    ("span", "period", "share"),
    [
        ((2028, 2037), (2028, 10), (1.0, 1.0)),
        ((2030, 2030), (2028, 10), (0.0, 0.1)),
        ((2020, 2027), (2028, 5), (0.0, 0.0)),
    ],
)
def test_shares_of_a_period(span: tuple[int, int], period: tuple[int, int], share: tuple[float, float]) -> None:
    assert yearly_share(*span, *period) == pytest.approx(share)
