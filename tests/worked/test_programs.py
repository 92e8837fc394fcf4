"""Incentives worked out by hand: what the law says, what a plan is paid, and what may not be claimed together."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

import evsiting as ev
from evsiting.reference import parameter
from evsiting.results.plan import Plan
from evsiting.study.study import Study
from tests.energy_studies import cell_study
from tests.program_studies import claims_study, rules_of
from tests.studies import two_plant_study

#: 26 U.S.C. 45X (b): USD 35 a kWh of cells; 75, 50, 25 and 0 % of it from 2030 on, by year of sale. [USD/kWh]
CELL_CREDIT = {2029: 35.0, 2030: 26.25, 2031: 17.5, 2032: 8.75, 2033: 0.0}
#: Clean technology manufacturing credit, by year of building; the steps after 2031 are an assumption.
CTM = {2031: 0.30, 2032: 0.20, 2033: 0.10, 2034: 0.05, 2035: 0.0}


def solved(study: Study) -> Plan:
    """Return the best plan, certified."""
    plan = ev.solve(study, gap=1e-6)
    ev.certify(study, plan).raise_if_failed()
    return plan


def years_study(site: str, first: int, programs: list[tuple[object, ...]], count: int = 5) -> Study:
    """Return a cell plant that serves 1,000,000 kWh a year in single-year periods; rows of table programs."""
    study = cell_study(site, demand=(1e6,) * count, years=1)
    names = study.periods["period"].tolist()
    periods = pd.DataFrame({"period": names, "start_year": range(first, first + count), "years": 1})
    columns = ["program", "country", "plant_type", "product", "kind", "value", "first_year", "last_year"]
    table = pd.DataFrame(programs, columns=columns)
    return ev.complete(study.with_table("periods", periods).with_table("programs", table))


def items(plan: Plan, item: str, *by: str) -> dict[object, float]:
    """Return the sums of an item of the cost, by columns of the ledger. [USD]"""
    ledger = plan.ledgers["cost"]
    return ledger[ledger["item"] == item].groupby(list(by))["value"].sum().to_dict()


def claimed(plan: Plan) -> set[tuple[str, str, str]]:
    """Return program, site and plant type of every claim."""
    return set(plan.decisions["claims"].itertuples(index=False, name=None))


@pytest.mark.parametrize(("year", "usd"), CELL_CREDIT.items())
def test_the_cell_credit_of_45x_is_as_in_the_law(year: int, usd: float) -> None:
    found = parameter("us.45x.cell_credit", year=year)
    assert (found.value, found.unit, found.country) == (usd, "USD/kWh", "US")
    assert found.source == "silanano_45x;eidebailly_45x"
    assert found.value == pytest.approx(35.0 * parameter("us.45x.phase_down_factor", year=year).value, abs=0.005)


def test_a_plan_is_paid_the_cell_credit_of_45x_to_the_cent() -> None:
    rows = [
        ("45X", "US", "cell", "cell", "production", parameter("us.45x.cell_credit", year=year).value, year, year)
        for year in CELL_CREDIT
    ]
    study = years_study("memphis", 2029, rows)
    paid = {year: usd for year, usd in CELL_CREDIT.items() if usd}
    offers = study.incentives.merge(study.periods, on="period").set_index("start_year")["value"]
    assert offers.to_dict() == pytest.approx(paid, abs=1e-9)
    plan = solved(study)
    years = dict(zip(study.periods["period"], study.periods["start_year"], strict=True))
    credits = {years[period]: -usd / 1e6 for period, usd in items(plan, "credits", "period").items()}
    assert credits == pytest.approx(paid, abs=0.005)  # a kWh, to the cent, each year
    assert "45X" in plan.opened["programs"].tolist()


def test_the_canadian_credit_for_equipment_is_phased_down_by_year_of_building() -> None:
    rates = {year: 0.01 * parameter("ca.ctm_itc", year=year).value for year in CTM}
    assert rates == pytest.approx(CTM)
    assert parameter("ca.ctm_itc", year=2031).source == "pbo_ctm"
    rows = [("CTM ITC", "CA", "cell", None, "investment", rate, year, year) for year, rate in rates.items()]
    study = years_study("windsor", 2031, rows)
    offers = study.incentives.merge(study.periods, on="period").set_index("start_year")["value"]
    assert offers.to_dict() == pytest.approx({year: rate for year, rate in CTM.items() if rate})
    plan = solved(study)  # demand from 2031 on: built then
    (capex,) = study.options["capex_usd"]
    within_horizon = 5 / study.settings.money.plant_life_years
    assert items(plan, "credits", "program") == pytest.approx({"CTM ITC": -0.30 * capex * within_horizon})


def canadian(cell_capex: float) -> Study:
    """Return the two-plant study with Memphis in Ontario and the proposed credit for all segments of the chain."""
    rate = 0.01 * parameter("ca.ev_supply_chain_itc").value
    rows = tuple(("memphis", kind, None, "EV supply chain ITC", "investment", rate) for kind in ("pack", "assembly"))
    study = claims_study(offers=rows, conditions={"EV supply chain ITC": {"requires": "cell;pack;assembly"}})
    sites = study.sites.assign(country=["CA", "MX", "CA"], region=["CA-ON", "MX-NLE", "CA-ON"])
    sites.loc[0, "geometry"] = shapely.Point(-81.25, 42.98)
    options = study.options
    capex = options["capex_usd"].mask(options["plant_type"] == "cell", cell_capex)
    return study.with_table("sites", sites).with_table("options", options.assign(capex_usd=capex))


def test_the_supply_chain_credit_needs_something_new_of_every_segment() -> None:
    whole, part = solved(canadian(600e6)), solved(canadian(30e9))
    assert set(whole.opened["plant_type"]) == {"cell", "pack", "assembly"}
    assert claimed(whole) == {
        ("EV supply chain ITC", "memphis", "pack"),
        ("EV supply chain ITC", "memphis", "assembly"),
    }
    assert items(whole, "credits", "plant_type") == pytest.approx({"pack": -0.5 * 10e6, "assembly": -0.5 * 100e6})
    assert set(part.opened["plant_type"]) == {"pack", "assembly"}  # cells of the standing plant and from Busan
    assert claimed(part) == set()
    assert items(part, "credits", "plant_type") == {}


def excluding(credit: float, fraction: float, *, either: str = "45X", pool: float | None = None) -> Study:
    """Return the two-plant study with 45X on cells and 48C on the plant, of which one excludes the other."""
    rows = (
        ("memphis", "cell", "cell", "45X", "production", credit),
        ("memphis", "cell", None, "48C", "investment", fraction),
    )
    other = {"45X": "48C", "48C": "45X"}
    conditions = {name: {"excludes": other[name] if name == either else None} for name in other}
    conditions["48C"]["pool_usd"] = pool
    return claims_study(offers=rows, conditions=conditions)


@pytest.mark.parametrize("either", ["45X", "48C"])
@pytest.mark.parametrize(
    ("credit", "fraction", "program", "usd"),
    [
        (5.0, 0.30, "45X", 5.0 * 6e6 * 10),
        (1.0, 0.30, "48C", 0.30 * 600e6 * 0.5),  # worth 90 million against 60
        (1.0, 0.19, "45X", 1.0 * 6e6 * 10),  # 57 against 60
    ],
)
def test_a_cell_plant_claims_45x_or_48c(credit: float, fraction: float, program: str, usd: float, either: str) -> None:
    plan = solved(excluding(credit, fraction, either=either))
    assert claimed(plan) == {(program, "memphis", "cell")}
    assert items(plan, "credits", "program") == pytest.approx({program: -usd})


def test_programs_that_do_not_exclude_each_other_are_both_claimed() -> None:
    plan = solved(excluding(1.0, 0.30, either=""))
    assert {name for name, *_ in claimed(plan)} == {"45X", "48C"}
    assert plan.opened.set_index("plant_type").at["cell", "programs"] == "45X; 48C"


def test_a_pool_is_shared_and_a_cap_holds_for_each_plant() -> None:
    rows = (
        ("memphis", "cell", None, "48C", "investment", 0.30),
        ("memphis", "assembly", None, "48C", "investment", 0.30),
    )
    plan = solved(claims_study(offers=rows, conditions={"48C": {"pool_usd": 400e6}}))
    assert plan.decisions["credits"]["usd"].sum() == pytest.approx(400e6)  # of 180 + 300 million
    plan = solved(claims_study(offers=rows, conditions={"48C": {"most_usd": 200e6}}))
    assert plan.decisions["credits"].set_index("plant_type")["usd"].to_dict() == pytest.approx(
        {"cell": 180e6, "assembly": 200e6}
    )


@pytest.mark.parametrize(("price", "missing"), [(50e3, 500.0), (149e3, 500.0), (151e3, None)])
def test_a_deal_is_worth_its_clawback_or_is_not_taken(price: float, missing: float | None) -> None:
    """USD 150 million, half of it within the horizon; 1,000 + 100,000 x 20 h / 2,000 h = 2,000 of 2,500 jobs."""
    rows = (("memphis", "assembly", None, "deal", "grant", 150e6),)
    plan = solved(
        claims_study(offers=rows, conditions={"deal": {"min_jobs_fte": 2_500.0, "clawback_usd_per_job": price}})
    )
    found = plan.decisions["missing_jobs"]["jobs_fte"].tolist()
    assert found == pytest.approx([] if missing is None else [missing])
    assert sum(items(plan, "clawback", "site").values()) == pytest.approx(0.0 if missing is None else price * missing)
    assert bool(claimed(plan)) == (missing is not None)


def test_a_firm_pledge_of_jobs_rules_a_program_out_or_is_kept() -> None:
    rows = (("memphis", "assembly", None, "deal", "grant", 150e6),)
    assert not claimed(solved(claims_study(offers=rows, conditions={"deal": {"min_jobs_fte": 2_001.0}})))
    assert claimed(solved(claims_study(offers=rows, conditions={"deal": {"min_jobs_fte": 2_000.0}})))
    assert not claimed(solved(claims_study(offers=rows, conditions={"deal": {"min_capex_usd": 1_001e6}})))


def test_material_of_foreign_entities_is_left_for_a_credit() -> None:
    """Packs use 7.5 million kWh; Busan's is made dear enough to be bought only where nothing is lost by it."""
    rows = (("memphis", "pack", "pack", "45X modules", "production", 750.0),)
    dear = two_plant_study().suppliers.assign(foreign_entity=1.0, price_usd_per_unit=60.0)

    def bought(conditions: dict) -> tuple[float, Plan]:
        plan = solved(claims_study(offers=rows, conditions=conditions).with_table("suppliers", dear))
        return plan.shipments.query("origin == 'busan'")["units_per_yr"].sum(), plan

    free, _ = bought({})
    held, plan = bought({"45X modules": {"max_foreign_share": 0.1}})
    # 60 x of 7.5e6 x 100 + 100e3 x 900 - 40 x, at most a tenth: x = 84e6 / 64
    assert free == pytest.approx(4e6)
    assert held == pytest.approx(84e6 / 64)
    assert claimed(plan) == {("45X modules", "memphis", "pack")}


def test_credits_on_building_are_no_more_than_the_investment() -> None:
    rows = (
        ("memphis", "cell", None, "everyone", "investment", 0.25),
        ("memphis", "cell", None, "one", "investment", 0.5),
        ("memphis", "cell", None, "two", "grant", 300e6),
    )
    plan = solved(claims_study(offers=rows, conditions={"one": {}, "two": {}}))
    assert plan.decisions["credits"]["usd"].sum() == pytest.approx(450e6)  # three quarters of 600, not 300 + 300
    assert sum(items(plan, "credits", "site").values()) == pytest.approx(-0.5 * 600e6)


def test_a_program_that_may_be_left_for_another_must_be_a_choice() -> None:
    with pytest.raises(ev.InputError, match=r"excludes.*left for one that is no choice.*site grant"):
        claims_study().with_table("program_rules", rules_of({"48C": {"excludes": "site grant"}}))


def test_a_credit_per_unit_names_its_product() -> None:
    rows = (("memphis", "cell", None, "45X", "production", 35.0),)
    with pytest.raises(ev.InputError, match="1 of 1 credit is per unit of no product"):
        claims_study(offers=rows, conditions={})


def test_a_program_with_rules_pays_on_building_or_by_the_year() -> None:
    rows = (
        ("memphis", "cell", None, "mixed", "investment", 0.1),
        ("memphis", "cell", "cell", "mixed", "production", 1.0),
    )
    with pytest.raises(ev.InputError, match="both paid on building and by the year"):
        claims_study(offers=rows, conditions={"mixed": {}})
    plan = solved(claims_study(offers=rows, conditions={}))  # without rules it may do both
    assert sum(items(plan, "credits", "site").values()) == pytest.approx(-0.1 * 600e6 * 0.5 - 6e6 * 10)


@pytest.mark.parametrize("objective", ["emissions", "jobs"])
def test_a_plan_that_looks_at_no_money_claims_nothing_that_pays_nothing(objective: str) -> None:
    study = claims_study()
    plan = ev.solve(study, objective=objective)
    ev.certify(study, plan).raise_if_failed()
    paid = set(plan.decisions["credits"]["program"])
    assert {name for name, *_ in claimed(plan)} == paid >= set(plan.decisions["missing_jobs"]["program"])
