"""Incentives of the shipped studies, and the conditions of those that a plant must choose to claim."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from evsiting import reference
from evsiting.layers.parameters import PRICE_INDEX
from evsiting.shipped.book import ProvenanceLog

#: Part of a plant's investment that is equipment; the rest is buildings. [1]
EQUIPMENT = 0.6

#: Years of 45X, a row for each: the law names nominal dollars, which are worth less each year.
YEARS_45X = tuple(range(2026, 2033))
#: Steps of the Canadian credit for clean-technology manufacturing.
STEPS_CTM = ((2024, 2031), (2032, 2032), (2033, 2033), (2034, 2034))
#: Interest saved by a loan at the rate of the Treasury, the part of the investment that it pays, its term, and what all
#: loans together may save. [1/yr, 1, yr, USD]
LOAN_POINTS, LOAN_SHARE, LOAN_YEARS, LOAN_POOL = 0.015, 0.5, 15.0, 1.5e9
#: Part of the property tax in Texas that goes to the running of schools. [1]
SCHOOL_TAX = 0.5
#: Jobs that a plant pledges for a deal with a state, and its least investment. [FTE, USD]
DEAL_JOBS, DEAL_CAPEX = 2000.0, 1e9
#: First and last year of what holds as long as the study.
ALWAYS = (2026, 2045)

RULE_COLUMNS = (
    "program",
    "pool_usd",
    "most_usd",
    "min_capex_usd",
    "min_jobs_fte",
    "clawback_usd_per_job",
    "excludes",
    "requires",
    "max_foreign_share",
)
PROGRAM_COLUMNS = (
    "program",
    "country",
    "region",
    "plant_type",
    "product",
    "kind",
    "value",
    "first_year",
    "last_year",
    "share",
    "term_years",
    "max_foreign_share",
)


@dataclass
class _Offers:
    """Rows of the tables of programs and of their rules while they are gathered."""

    book: ProvenanceLog
    rows: list[dict[str, object]] = field(default_factory=list)
    rules: list[dict[str, object]] = field(default_factory=list)

    def add(self, program: str, country: str, plant_type: str, kind: str, value: float, **more: object) -> str:
        """Add a row of ``programs`` and return its key for provenance."""
        row = {"program": program, "country": country, "plant_type": plant_type, "kind": kind, "value": round(value, 6)}
        first, last = ALWAYS
        self.rows.append({"first_year": first, "last_year": last, "share": 1.0} | row | more)
        region, product = more.get("region", ""), more.get("product", "")
        return f"{program}|{country}|{region}|{plant_type}|{product}|{more.get('first_year', first)}|{kind}"

    def worth(self, year: int) -> tuple[float, str]:
        """Return what a nominal dollar of a year is worth in prices of the study, and how that is known."""
        price_year = self.book.price_year
        rise = reference.parameter(PRICE_INDEX, year=price_year).value
        rise /= reference.parameter(PRICE_INDEX, year=price_year - 1).value
        worth = rise ** (price_year - year)
        return worth, (
            f"nominal, not indexed: times {worth:.4f} to {price_year} prices, "
            f"the last rise of {PRICE_INDEX} ({rise - 1.0:.2%} a year) carried forward"
        )

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the two tables; without any rule there is one."""
        made = {"programs": pd.DataFrame(self.rows, columns=list(PROGRAM_COLUMNS))}
        if self.rules:
            made["program_rules"] = pd.DataFrame(self.rules, columns=list(RULE_COLUMNS))
        return made


def programs(book: ProvenanceLog, kwh: float, *, whole: bool) -> dict[str, pd.DataFrame]:
    """Return the tables ``programs`` and ``program_rules``.

    The United States credit for investment (48C) is not among them: its whole pool is allocated (``us.48c.pool_left``),
    so that a plant which is decided now cannot have it.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    kwh : float
        Cells in a pack. [kWh]
    whole : bool
        Whether to take in, beside 45X and the Canadian credit for equipment, what is pooled, pledged or proposed.
    """
    offers = _Offers(book)
    _credit_45x(offers, kwh)
    _credit_ctm(offers)
    if whole:
        _credit_supply_chain(offers)
        _plan_mexico(offers)
        _loans(offers)
        _texas(offers)
        _georgia(offers)
        _deals(offers)
    return offers.frames()


def _credit_45x(offers: _Offers, kwh: float) -> None:
    """Add the United States credit for cells and modules by the unit, barred to much material of prohibited makers."""
    book = offers.book
    for year in YEARS_45X:
        worth, moved = offers.worth(year)
        cell = worth * book.get("us.45x.cell_credit", year=year)
        floor = book.get("us.45x.macr_floor_battery", year=year)
        span = {"first_year": year, "last_year": year, "max_foreign_share": round(1.0 - 0.01 * floor, 6)}
        row = offers.add("45X cells", "US", "cell", "production", cell, product="cell", **span)
        book.note("programs", "*", row, assumed=moved)
        module = worth * kwh * book.get("us.45x.module_credit", year=year)
        row = offers.add("45X modules", "US", "pack", "production", module, product="pack", **span)
        book.get("us.45x.macr_floor_battery", year=year)
        book.note("programs", "*", row, assumed=f"{moved}; times {kwh:g} kWh of a pack")
    for name in ("45X cells", "45X modules"):
        offers.rules.append({"program": name})


def _credit_ctm(offers: _Offers) -> None:
    """Add the Canadian credit for equipment of clean-technology manufacturing."""
    book = offers.book
    for first, last in STEPS_CTM:
        rate = 0.01 * book.get("ca.ctm_itc", year=first)
        for kind in ("cell", "pack", "assembly"):
            span = {"first_year": first, "last_year": last, "share": EQUIPMENT}
            row = offers.add("CTM ITC", "CA", kind, "investment", rate, **span)
            book.get("ca.ctm_itc", year=first)
            book.note("programs", "*", row, assumed=f"{EQUIPMENT:.0%} of the investment is equipment")


def _credit_supply_chain(offers: _Offers) -> None:
    """Add the proposed Canadian credit for buildings of the whole supply chain."""
    book = offers.book
    name, buildings = "EV supply chain ITC", round(1.0 - EQUIPMENT, 6)
    rate = 0.01 * book.get("ca.ev_supply_chain_itc")
    for kind in ("cell", "pack", "assembly"):
        row = offers.add(name, "CA", kind, "investment", rate, first_year=2027, last_year=2034, share=buildings)
        book.get("ca.ev_supply_chain_itc")
        note = f"PROPOSED, not law; {buildings:.0%} of the investment is buildings; to 2034 as the credit for equipment"
        book.note("programs", "*", row, assumed=note)
    offers.rules.append({"program": name, "requires": "assembly;cell"})


def _plan_mexico(offers: _Offers) -> None:
    """Add the faster write-off of Plan Mexico."""
    book = offers.book
    part = 0.01 * book.get("mx.plan_mexico.first_year_deduction_ev")
    for kind in ("cell", "pack", "assembly"):
        span = {"first_year": 2025, "last_year": 2030, "share": EQUIPMENT}
        row = offers.add("Plan Mexico", "MX", kind, "depreciation", part, **span)
        book.get("mx.plan_mexico.first_year_deduction_ev")
        book.note(
            "programs", "*", row, assumed=f"{EQUIPMENT:.0%} of the investment is equipment, which may be deducted"
        )


def _loans(offers: _Offers) -> None:
    """Add federal loans to makers of advanced vehicles and their parts at the rate of the Treasury."""
    book, name = offers.book, "ATVM loan"
    for kind in ("cell", "assembly"):
        row = offers.add(name, "US", kind, "loan", LOAN_POINTS, share=LOAN_SHARE, term_years=LOAN_YEARS)
        book.get("us.atvm.rate")
        note = "1.5 points below what a maker pays, for half of the investment, over 15 years"
        book.note("programs", "*", row, assumed=note)
    offers.rules.append({"program": name, "pool_usd": LOAN_POOL})
    note = "the interest that all loans together may save; authority left was 17.7 bn USD when last read"
    book.cite("program_rules", "pool_usd", name, "energy_gov_atvm", "2020", "assumption", note)


def _texas(offers: _Offers) -> None:
    """Add the limit of school taxes in Texas."""
    book = offers.book
    part, years = 0.01 * book.get("incentive.us_tx.jeti.share"), book.get("incentive.us_tx.jeti.years")
    keys = ["incentive.us_tx.jeti.share", "incentive.us_tx.jeti.years"]
    for kind in ("cell", "pack", "assembly"):
        row = offers.add("Texas JETI", "US", kind, "abatement", part * SCHOOL_TAX, region="US-TX", term_years=years)
        book.note("programs", "*", row, keys=keys, assumed="half of the property tax is for the running of schools")


def _georgia(offers: _Offers) -> None:
    """Add the job credit of Georgia for mega projects of the first years."""
    book, name, base = offers.book, "Georgia mega project", "incentive.us_ga.mega_project"
    usd, years = book.get(f"{base}.credit_per_job"), book.get(f"{base}.years")
    most, least, money = (book.get(f"{base}.{key}") for key in ("max_jobs", "min_jobs", "min_investment"))
    keys = [f"{base}.{key}" for key in ("credit_per_job", "years")]
    for year in range(2027, 2027 + int(years)):
        worth, moved = offers.worth(year)
        for kind in ("cell", "assembly"):
            span = {"region": "US-GA", "first_year": year, "last_year": year}
            row = offers.add(name, "US", kind, "job", worth * usd, **span)
            note = f"{moved}; paid in the first five years of the study, to plants of its first periods"
            book.note("programs", "*", row, keys=keys, assumed=note)
    rule = {"program": name, "most_usd": most * years * usd, "min_capex_usd": money, "min_jobs_fte": least}
    offers.rules.append(rule | {"clawback_usd_per_job": years * usd})
    for column, used in (
        ("most_usd", [*keys, f"{base}.max_jobs"]),
        ("min_capex_usd", [f"{base}.min_investment"]),
        ("min_jobs_fte", [f"{base}.min_jobs"]),
        ("clawback_usd_per_job", keys),
    ):
        book.note("program_rules", column, name, keys=used, derived="nominal; recapture: all that a job has earned")


def _deals(offers: _Offers) -> None:
    """Add a deal of each state that made one for vehicles or batteries: a grant against pledged jobs."""
    book = offers.book
    per_job = book.get("incentive.us_megadeal.subsidy_per_job")
    book.read.clear()
    totals = reference.fact("megadeal_subsidy_total", with_quality=True).sort_index()
    key = ["incentive.us_megadeal.subsidy_per_job"]
    for region, total in totals.iterrows():
        name = f"State deal {region}"
        for kind in ("cell", "assembly"):
            row = offers.add(name, "US", kind, "grant", per_job * DEAL_JOBS, region=str(region))
            note = f"what deals of 2021-24 paid by the job (an outcome of past sitings), for {DEAL_JOBS:,.0f} jobs"
            book.note("programs", "*", row, keys=key, assumed=note)
        rule = {
            "program": name,
            "pool_usd": 1e6 * float(total["value"]),
            "min_capex_usd": DEAL_CAPEX,
            "min_jobs_fte": DEAL_JOBS,
            "clawback_usd_per_job": per_job,
            "excludes": "Georgia mega project" if region == "US-GA" else None,
        }
        offers.rules.append(rule)
        again = "the state gives as much again for vehicles and batteries as in 2021-24"
        book.cite("program_rules", "pool_usd", name, str(total["source"]), "2024", "assumption", again)
        pledge = f"{DEAL_JOBS:,.0f} jobs and {1e-9 * DEAL_CAPEX:g} bn USD are pledged; a missing job pays its part back"
        for column in ("min_capex_usd", "min_jobs_fte", "clawback_usd_per_job"):
            book.note("program_rules", column, name, keys=key, assumed=pledge)
