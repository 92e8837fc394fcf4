"""Incentives: programs by place, plant type and year."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.errors import DataWarning, StudyError
from evsiting.layers import complete
from evsiting.layers.incentives.present_value import abatement_worth, depreciation_worth, loan_worth
from evsiting.layers.incentives.programs import yearly_share
from tests.layer_studies import bare_study, bare_tables

COLUMNS = ["program", "country", "region", "plant_type", "product", "kind", "value", "first_year", "last_year"]
RATE, LIFE = 0.0876, 20  # of the study of these tests


def table(*rows: tuple[object, ...], share: object = None, term: object = None, **tables: pd.DataFrame) -> pd.DataFrame:
    programs = pd.DataFrame(list(rows), columns=COLUMNS).assign(share=share, term_years=term)
    return complete(bare_study(programs=programs, **tables)).incentives


def offers(*rows: tuple[object, ...], **given: object) -> pd.Series:
    return table(*rows, **given).set_index(["site", "plant_type", "period", "program"])["value"]


def taxed(**columns: list[float]) -> pd.DataFrame:
    return bare_tables()["sites"].assign(**columns)


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


def test_the_eligible_part_narrows_an_investment_credit() -> None:
    made = offers(("itc", "CA", None, "assembly", None, "investment", 0.3, 2024, 2040), share=0.6)
    assert made.to_numpy() == pytest.approx(0.18)


def test_a_grant_is_what_it_is_in_the_year_of_building() -> None:
    made = offers(("grant", "CA", None, "assembly", None, "grant", 5e8, 2024, 2032))
    assert made.to_dict() == {("toronto", "assembly", "p1", "grant"): 5e8}


def test_a_credit_per_job_is_weighted_by_years_and_offered_where_something_may_be_built() -> None:
    sites = bare_tables()["sites"].assign(role=["existing", "candidate", "candidate", "candidate"])
    plants = pd.DataFrame({"plant": ["m"], "site": ["memphis"], "plant_type": ["pack"], "capacity_units_per_yr": [1e5]})
    made = offers(("jobs", "US", None, "pack", None, "job", 3000.0, 2020, 2028), sites=sites, plants=plants)
    discounted = sum((1 + RATE) ** -y for y in range(5))
    assert made.to_dict() == pytest.approx({("detroit", "pack", "p1", "jobs"): 3000.0 / discounted})


def test_plan_mexico_writes_off_86_percent_in_the_first_year() -> None:
    """By hand at 7 %: deducted a year from now 0.934579, in 20 equal years 0.529701 a dollar; 30 % of 86 % of that."""
    a_year_from_now, in_equal_years = 1 / 1.07, sum(1.07**-y for y in range(1, 21)) / 20
    assert (a_year_from_now, in_equal_years) == pytest.approx((0.934579, 0.529701), abs=1e-6)
    by_hand = 0.30 * (0.86 * a_year_from_now + 0.14 * in_equal_years) - 0.30 * in_equal_years
    assert depreciation_worth(0.86, 1.0, 0.30, 0.07, 20) == pytest.approx(by_hand) == pytest.approx(0.104459, abs=1e-6)


def test_a_faster_write_off_becomes_a_fraction_of_the_investment() -> None:
    row = ("Plan Mexico", "MX", None, "assembly", None, "depreciation", 0.86, 2025, 2030)
    made = table(row, share=0.6, sites=taxed(tax_rate=[0.26, 0.30, 0.265, 0.26]))
    assert made[["site", "period", "kind"]].to_numpy().tolist() == [["monterrey", "p1", "investment"]]
    assert made["value"].iloc[0] == pytest.approx(0.6 * depreciation_worth(0.86, 1.0, 0.30, RATE, LIFE))


def test_a_faster_write_off_needs_a_tax_rate() -> None:
    row = ("Plan Mexico", "MX", None, "assembly", None, "depreciation", 0.86, 2025, 2030)
    for sites in (taxed(tax_rate=[0.26, None, 0.26, 0.26]), bare_tables()["sites"]):
        with pytest.raises(StudyError, match=r"no tax on profit is known.*Plan Mexico at monterrey.*tax_rate"):
            table(row, sites=sites)


def test_a_loan_is_worth_the_payments_that_it_saves() -> None:
    """By hand: 100 lent for ten years at 4 % takes 12.3291 a year, which at 7 % is worth 86.5944."""
    payment = 100 * 0.04 / (1 - 1.04**-10)
    worth = sum(payment * 1.07**-y for y in range(1, 11))
    assert (payment, worth) == pytest.approx((12.3291, 86.5944), abs=1e-4)
    assert loan_worth(0.03, 0.5, 0.07, 10) == pytest.approx(0.5 * (100 - worth) / 100)


def test_nobody_is_paid_for_borrowing() -> None:
    repaid = sum(1.07**-y for y in range(1, 11)) / 10
    assert loan_worth(0.20, 1.0, 0.07, 10) == loan_worth(0.07, 1.0, 0.07, 10) == pytest.approx(1 - repaid)
    assert loan_worth(0.03, 1.0, 0.0, 10) == 0.0


def test_a_loan_and_an_abatement_without_a_term_last_as_long_as_the_plant() -> None:
    with pytest.warns(DataWarning, match="no term for loan; the loan runs as long as the plant lives"):
        lent = offers(("loan", "US", None, "pack", None, "loan", 0.03, 2020, 2040), share=0.5)
    assert lent.to_numpy() == pytest.approx(loan_worth(0.03, 0.5, RATE, LIFE))
    sites = taxed(property_tax_rate=[0.01, 0.0, 0.0, 0.02])
    row = ("holiday", "US", None, "pack", None, "abatement", 0.5, 2020, 2040)
    life = sum((1 + RATE) ** -y for y in range(1, LIFE + 1))
    assert offers(row, sites=sites).xs("p1", level="period").to_dict() == pytest.approx(
        {("memphis", "pack", "holiday"): 0.5 * 0.01 * life, ("detroit", "pack", "holiday"): 0.5 * 0.02 * life}
    )
    ten = sum((1 + RATE) ** -y for y in range(1, 11))
    assert offers(row, sites=sites, term=10.0)["memphis", "pack", "p1", "holiday"] == pytest.approx(0.005 * ten)


def test_an_abatement_waives_what_would_be_paid_year_by_year() -> None:
    assert abatement_worth(1.0, 0.8, 0.012, 0.05, 3) == pytest.approx(
        0.8 * 0.012 * (1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3)
    )


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
