"""Incentives of the shipped studies by the numbers of their laws, in prices of the study."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting import reference
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.programs import ALWAYS, EQUIPMENT, programs
from evsiting.study.findings import Findings
from evsiting.study.provenance import row_keys
from evsiting.study.validation.programs import check_policy
from tests.canonical import canonical, told

RISE = 321.943 / 313.689  # consumer prices of 2025 over those of 2024


def tables(*, whole: bool = True, kwh: float = 70.0) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    book = ProvenanceLog(2025)
    return programs(book, kwh, whole=whole), book.provenance()


def rows(name: str, **kwargs: bool) -> pd.DataFrame:
    frame = tables(**kwargs)[0]["programs"]
    return frame[frame["program"] == name]


@pytest.mark.parametrize(
    ("year", "nominal", "foreign"), [(2026, 35.0, 0.4), (2029, 35.0, 0.2), (2030, 26.25, 0.15), (2032, 8.75, 0.15)]
)
def test_45x_falls_and_is_worth_less_each_year(year: int, nominal: float, foreign: float) -> None:
    cells = rows("45X cells").set_index("first_year").loc[year]
    assert cells["value"] == pytest.approx(nominal * RISE ** (2025 - year), abs=1e-6)
    assert cells["max_foreign_share"] == pytest.approx(foreign)
    assert cells["last_year"] == year
    modules = rows("45X modules").set_index("first_year").loc[year]
    assert modules["value"] == pytest.approx(70.0 * cells["value"] * 10.0 / 35.0, abs=1e-4)


def test_45x_ends_with_2032() -> None:
    years = rows("45X cells")["first_year"]
    assert (years.min(), years.max(), len(years)) == (2026, 2032, 7)


def test_the_canadian_credit_is_on_equipment_and_steps_down() -> None:
    ctm = rows("CTM ITC", whole=False)
    assert ctm[ctm["plant_type"] == "cell"][["first_year", "last_year", "value", "share"]].to_numpy().tolist() == [
        [2024, 2031, 0.3, EQUIPMENT],
        [2032, 2032, 0.2, EQUIPMENT],
        [2033, 2033, 0.1, EQUIPMENT],
        [2034, 2034, 0.05, EQUIPMENT],
    ]


def test_the_smaller_study_has_the_two_credits_only() -> None:
    made, _ = tables(whole=False)
    assert set(made["programs"]["program"]) == {"45X cells", "45X modules", "CTM ITC"}
    assert set(made["program_rules"]["program"]) == {"45X cells", "45X modules"}


def test_georgia_pays_five_years_of_a_nominal_credit() -> None:
    jobs = rows("Georgia mega project")
    assert sorted(set(jobs["first_year"])) == [2027, 2028, 2029, 2030, 2031]
    assert jobs.set_index(["plant_type", "first_year"])["value"]["cell", 2028] == pytest.approx(
        5250.0 / RISE**3, abs=1e-6
    )
    rule = tables()[0]["program_rules"].set_index("program").loc["Georgia mega project"]
    assert rule["most_usd"] == 4500.0 * 5 * 5250.0
    assert rule["clawback_usd_per_job"] == 5 * 5250.0


def test_deals_are_of_the_states_that_made_some() -> None:
    made = tables()[0]
    totals = reference.fact("megadeal_subsidy_total")
    rules = made["program_rules"].set_index("program")
    for region, total in totals.items():
        name = f"State deal {region}"
        grants = made["programs"].query("program == @name")
        assert set(grants["plant_type"]) == {"cell", "assembly"}
        assert set(grants["region"]) == {region}
        assert rules.loc[name, "pool_usd"] == 1e6 * total
        assert grants["value"].iloc[0] == pytest.approx(2000.0 * rules.loc[name, "clawback_usd_per_job"])
    assert rules.loc["State deal US-GA", "excludes"] == "Georgia mega project"
    assert rules["excludes"].notna().sum() == 1


def test_rules_and_programs_know_each_other() -> None:
    made = tables()[0]
    canon = canonical(**made)
    findings = Findings()
    check_policy(canon, findings, ("options", "processes", "products", "sites", "plants"))
    assert told(findings) == []
    assert set(made["program_rules"]["program"]) <= set(made["programs"]["program"])


def test_each_row_has_its_provenance_under_its_key() -> None:
    made, notes = tables()
    keys = row_keys("programs", canonical(programs=made["programs"])["programs"]).tolist()
    assert notes.query("table == 'programs'")["row"].tolist() == keys
    assert len(set(keys)) == len(keys)
    assert notes["note"].str.len().min() > 0


def test_what_has_no_years_of_its_own_holds_as_long_as_the_study() -> None:
    assert set(rows("ATVM loan")[["first_year", "last_year"]].itertuples(index=False, name=None)) == {ALWAYS}
