"""The certificate names what is wrong with claims, credits and missing jobs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from evsiting.model.build import build
from evsiting.results.assemble import plan_from_tables
from evsiting.results.certificate import certify
from evsiting.results.ledgers import programs as ledger_programs
from evsiting.results.ledgers.plan_rows import all_tables
from evsiting.results.plan import Plan, Solve, Status
from evsiting.results.rules.case import Examination
from evsiting.results.rules.plan_tables import numbers as rules_numbers
from evsiting.results.rules.programs import RULES
from evsiting.study.schema.plan_tables import DECISIONS, FLOWS
from evsiting.study.study import Study
from tests.limit_studies import with_limits
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS
from tests.program_studies import CONDITIONS, OFFERS, claims_study

Rows = list[tuple[object, ...]]
CELL, PACK, ASSEMBLY = (("memphis", kind) for kind in ("cell", "pack", "assembly"))
#: Everything in Memphis: 6e6 kWh of cells, 100,000 packs and vehicles a year for ten years, 2,000 of 2,500 jobs.
CREDITS = {
    ("45X", *CELL): 35.0 * 6e6 * 10,
    ("land", *CELL): 450e6,
    ("45X modules", *PACK): 750.0 * 100e3 * 10,
    ("48C", *PACK): 30e6,
    ("deal", *ASSEMBLY): 150e6,
    ("supply chain", *ASSEMBLY): 100e6,
}


def paid(**changes: float | None) -> dict[str, Rows]:
    """Return claims and credits with some amounts changed; none where a program is left."""
    held = {key: changes.get(key[0].replace(" ", "_"), usd) for key, usd in CREDITS.items()}
    return {
        "claims": [key for key, usd in held.items() if usd is not None],
        "credits": [(*key, "p1", usd) for key, usd in held.items() if usd is not None],
    }


def tables_of(**changes: Rows) -> dict[str, pd.DataFrame]:
    """Return the tables of the right plan with some changed."""
    rows = {
        "openings": OPENINGS,
        "production": PRODUCTION,
        "shipments": SHIPMENTS,
        **paid(),
        "missing_jobs": [("deal", *ASSEMBLY, 500.0)],
        **changes,
    }
    return {name: pd.DataFrame(found, columns=list(DECISIONS[name].columns)) for name, found in rows.items()}


@cache
def right_plan() -> tuple[Study, Plan]:
    """Return the study and the right plan, whose ledgers and objective agree with its tables."""
    study = claims_study()
    plan = plan_from_tables(study, tables_of(), Solve(Status.OPTIMAL, "cost", 0.0, 0.0, gap_asked=0.001))
    value = plan.totals["cost"]
    return study, replace(plan, solve=replace(plan.solve, objective=value, bound=value))


def failed(study: Study | None = None, **changes: Rows) -> set[str]:
    """Return the checks of incentives, and of numbers, that fail on the right plan with some tables changed."""
    right, plan = right_plan()
    tables = all_tables(tables_of(**changes))
    flows = {name: tables.pop(name) for name in FLOWS}
    case = Examination(study or right, replace(plan, decisions=tables, **flows))
    rules = {"numbers": rules_numbers, **RULES}
    return {name for name, rule in rules.items() if any((part.broken > 1e-6).any() for part in rule(case))}


def under(program: str, **rule: object) -> Study:
    """Return the study with a rule changed; what is None is left out."""
    held = {**CONDITIONS[program], **rule}
    changed = {name: value for name, value in held.items() if value is not None}
    return claims_study(conditions={**CONDITIONS, program: changed})


def test_the_right_plan_passes_and_is_paid_what_it_says() -> None:
    study, plan = right_plan()
    certify(study, plan).raise_if_failed()
    ledger = plan.ledgers["cost"]
    credits = ledger[ledger["item"] == "credits"].set_index("program")["value"]
    assert credits.to_dict() == {
        "site grant": -30e6,  # a tenth of 600 million, half of it within these ten years
        "45X": -2100e6,
        "land": -225e6,
        "45X modules": -750e6,
        "48C": -15e6,
        "deal": -75e6,
        "supply chain": -50e6,
    }
    assert ledger[ledger["item"] == "clawback"]["value"].tolist() == [500 * 50e3]
    assert plan.sites.set_index("plant").at["memphis/cell", "programs"] == "45X; land; site grant"


@pytest.mark.parametrize(
    ("changes", "checks"),
    [
        ({"45X": 2101e6}, {"credit"}),
        ({"land": 451e6}, {"credit"}),
        ({"45X_modules": 751e6}, {"credit"}),
        ({"48C": 31e6}, {"credit"}),
        ({"deal": 151e6}, {"cap"}),
        ({"deal": 201e6}, {"cap", "credit"}),
        ({"land": np.nan}, {"numbers"}),
        ({"land": np.inf}, {"numbers", "credit", "stacking"}),
        ({"land": -1e6}, {"numbers"}),
        ({"land": 1e6}, set()),
        ({"land": None}, set()),
    ],
)
def test_credits_that_are_wrong(changes: dict[str, float | None], checks: set[str]) -> None:
    assert failed(**paid(**changes)) == checks


@pytest.mark.parametrize(
    ("limit", "broken"),
    [
        ({"members": "48C; land", "at_most": 2}, False),
        ({"members": "48C; land", "at_most": 1}, True),
        ({"members": "48C", "plant_type": "pack", "at_least": 1}, False),
        ({"members": "48C", "plant_type": "cell", "at_least": 1}, True),
        ({"members": "deal; training", "place": "MX", "at_most": 0}, False),
        ({"members": "45X; deal", "place": "US-TN", "at_least": 3}, True),
    ],
)
def test_a_limit_on_claims_names_the_plan_that_breaks_it(limit: dict[str, object], broken: bool) -> None:
    study = with_limits(claims_study(), {"kind": "programs_used", **limit}, checked=False)
    plan = replace(right_plan()[1], study_digest=study.digest)
    assert ("programs_used" in certify(study, plan).failed) == broken


def test_a_claim_that_pays_nothing_does_not_count() -> None:
    study = with_limits(claims_study(), {"kind": "programs_used", "members": "land", "at_least": 1})
    tables = tables_of(credits=paid(land=None)["credits"])
    plan = plan_from_tables(study, tables, Solve(Status.OPTIMAL, "cost", 0.0, 0.0, gap_asked=0.001))
    assert "programs_used" in certify(study, plan).failed


def test_credits_of_what_is_made_follow_production() -> None:
    lower = [("memphis", "cell", "cell", "p1", 5e6), ("windsor", "cell", "cell", "p1", 2.5e6), *PRODUCTION[2:]]
    sent = [
        ("cell", "memphis", "memphis", "on_site", "p1", 5e6),
        ("cell", "windsor", "memphis", "rail", "p1", 2.5e6),
        *SHIPMENTS[2:],
    ]
    assert failed(production=lower, shipments=sent) == {"credit"}
    assert failed(production=lower, shipments=sent, **paid(**{"45X": 1750e6})) == set()


def test_a_credit_per_job_follows_staff() -> None:
    # 1,000 fixed and 100,000 x 20 h / 2,000 h = 1,000 more, for ten years
    rows = (*OFFERS, ("memphis", "assembly", None, "local", "job", 100.0))
    study = claims_study(offers=rows, conditions={**CONDITIONS, "local": {}})
    for usd, checks in ((2e6, set()), (2.01e6, {"credit"})):
        more = {
            "claims": [*CREDITS, ("local", *ASSEMBLY)],
            "credits": [*paid()["credits"], ("local", *ASSEMBLY, "p1", usd)],
        }
        assert failed(study, **more) == checks


@pytest.mark.parametrize(
    "row",
    [
        ("site grant", *CELL),  # has no rules
        ("nobody", *CELL),
        ("45X modules", *CELL),  # not offered there
        ("45X", "nowhere", "cell"),
        ("land", *CELL),  # a second time
    ],
)
def test_claims_of_what_is_not_offered(row: tuple[str, str, str]) -> None:
    assert failed(claims=[*CREDITS, row]) == {"claim"}


def test_a_credit_without_a_claim() -> None:
    assert failed(claims=[key for key in CREDITS if key[0] != "land"]) == {"claim"}


@pytest.mark.parametrize(
    "row", [("site grant", *CELL, "p1", 1e6), ("45X modules", *CELL, "p1", 1e6), ("land", *CELL, "p9", 1e6)]
)
def test_credits_of_what_is_not_offered(row: tuple[object, ...]) -> None:
    assert failed(credits=[*paid()["credits"], row]) >= {"credit"}


def test_the_pool_is_empty() -> None:
    assert failed(under("48C", pool_usd=29e6)) == {"pool"}
    assert failed(under("48C", pool_usd=30e6)) == set()


def test_more_is_paid_on_building_than_the_plant_costs() -> None:
    held = {**CREDITS, ("48C", *CELL): 100e6}
    del held["45X", *CELL]
    more = {"claims": list(held), "credits": [(*key, "p1", usd) for key, usd in held.items()]}
    assert failed(**more) == {"stacking"}  # 60 + 450 + 100 of 600 million


#: A grant to everyone of 1,000 million for a cell plant of 600 million, half of which falls in these ten years.
GIFT = ("memphis", "cell", None, "gift", "grant", 1e9)


def _given(listed: tuple[str, ...]) -> tuple[Study, Plan]:
    study = claims_study(offers=(GIFT,), conditions={}, listed=listed)
    rows = {"claims": [], "credits": [], "missing_jobs": []}
    plan = plan_from_tables(study, tables_of(**rows), Solve(Status.OPTIMAL, "cost", 0.0, 0.0, gap_asked=0.001))
    return study, _restated(plan)


def _restated(plan: Plan) -> Plan:
    """Return the plan with a record of what its ledgers say."""
    value = float(plan.ledgers["cost"]["value"].sum())
    solved = replace(plan.solve, objective=value, bound=value)
    return replace(plan, solve=solved)


def _gift(plan: Plan) -> float:
    rows = plan.ledgers["cost"]
    return float(rows.loc[rows["program"] == "gift", "value"].sum())


def test_a_grant_is_no_more_than_the_plant_costs_whatever_a_ledger_says() -> None:
    study, plan = _given(("gift",))
    assert _gift(plan) == pytest.approx(-300e6)
    certify(study, plan).raise_if_failed()
    rows = plan.ledgers["cost"]
    more = rows.assign(value=rows["value"].where(rows["program"] != "gift", -500e6))
    wrong = _restated(replace(plan, ledgers={**plan.ledgers, "cost": more}))
    assert set(certify(study, wrong).failed) >= {"ledger_cost", "total_cost"}


def test_ledgers_that_forget_the_cap_of_grants_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_programs, "free_share", lambda facts, opened: pd.Series(-1.0, opened.index))
    study, plan = _given(("gift",))
    assert _gift(plan) == pytest.approx(-500e6)
    failed = set(certify(study, plan).failed)
    assert "total_cost" in failed
    assert "ledger_cost" not in failed  # the check that shares the slip does not see it


def test_a_grant_of_the_user_s_own_is_paid_as_it_is_written() -> None:
    study, plan = _given(())
    assert _gift(plan) == pytest.approx(-500e6)
    certify(study, plan).raise_if_failed()


def test_pledges_that_are_not_kept() -> None:
    assert failed(under("deal", min_capex_usd=1000e6)) == set()
    assert failed(under("deal", min_capex_usd=1001e6)) == {"threshold"}
    firm = {"clawback_usd_per_job": None}
    assert failed(under("deal", **firm, min_jobs_fte=2_000.0), missing_jobs=[]) == set()
    assert failed(under("deal", **firm, min_jobs_fte=2_001.0), missing_jobs=[]) == {"threshold"}


@pytest.mark.parametrize(
    ("rows", "checks"),
    [
        ([], {"clawback"}),
        ([("deal", *ASSEMBLY, 499.0)], {"clawback"}),
        ([("deal", *ASSEMBLY, 501.0)], set()),  # its own loss
        ([("deal", *ASSEMBLY, 500.0), ("deal", *PACK, 1.0)], {"clawback"}),
        ([("deal", *ASSEMBLY, 500.0), ("land", *CELL, 1.0)], {"clawback"}),
    ],
)
def test_missing_jobs(rows: Rows, checks: set[str]) -> None:
    assert failed(missing_jobs=rows) == checks


def test_two_programs_that_exclude_each_other() -> None:
    assert failed(claims=[*CREDITS, ("48C", *CELL)]) == {"exclusive"}


def test_a_segment_is_missing_in_the_country() -> None:
    rows = (*OFFERS, ("monterrey", "assembly", None, "supply chain", "investment", 0.1))
    study = claims_study(offers=rows)
    assert failed(study) == set()
    assert failed(study, claims=[*CREDITS, ("supply chain", "monterrey", "assembly")]) == {"requires"}


def test_too_much_material_comes_from_foreign_entities() -> None:
    """Of 7.5 million kWh, x from Busan at USD 90 and the rest at 100, with 90 million of other material."""
    for bought, checks in ((2e6, set()), (2.27e6, set()), (2.28e6, {"foreign_ratio"})):
        made = 6e6 - bought
        tables = {
            "production": [("memphis", "cell", "cell", "p1", made), *PRODUCTION[1:]],
            "shipments": [
                ("cell", "memphis", "memphis", "on_site", "p1", made),
                ("cell", "busan", "memphis", "sea", "p1", bought),
                *SHIPMENTS[1:],
            ],
            **paid(**{"45X": 35.0 * made * 10}),
        }
        assert failed(**tables) == checks
    assert failed(**{**tables, **paid(**{"45X": 35.0 * made * 10, "45X_modules": None})}) == set()


@pytest.mark.parametrize(
    ("table", "checks"),
    [
        ("claims", {"claim", "sites"}),
        ("credits", {"ledger_cost", "total_cost", "objective"}),
        ("missing_jobs", {"clawback", "ledger_cost", "total_cost", "objective"}),
    ],
)
def test_a_table_is_lost_after_the_ledgers_were_written(table: str, checks: set[str]) -> None:
    study, plan = right_plan()
    lost = replace(plan, decisions={**plan.decisions, table: plan.decisions[table].iloc[:0]})
    assert set(certify(study, lost).failed) >= checks


@pytest.mark.parametrize(
    ("table", "column", "factor", "checks"),
    [
        ("incentives", "value", 0.9, {"credit", "ledger_cost", "total_cost"}),
        ("incentives", "value", 1.1, {"ledger_cost", "total_cost"}),
        ("program_rules", "most_usd", 0.9, {"cap"}),
        ("program_rules", "pool_usd", 0.1, {"pool"}),
        ("program_rules", "min_capex_usd", 2.0, {"threshold"}),
        ("program_rules", "min_jobs_fte", 1.1, {"clawback"}),
        ("program_rules", "clawback_usd_per_job", 1.1, {"ledger_cost", "total_cost"}),
        ("options", "capex_usd", 0.7, {"credit", "threshold", "stacking"}),
    ],
)
def test_the_study_is_changed_after_the_solve(table: str, column: str, factor: float, checks: set[str]) -> None:
    study, plan = right_plan()
    frame = study.table(table)
    value = frame[column] * factor
    if (table, factor) == ("incentives", 1.1):
        value = value.mask(frame["program"] != "site grant", frame[column])
    changed = study.with_table(table, frame.assign(**{column: value}))
    assert set(certify(changed, plan).failed) >= {"digest", *checks}


def broken_rows(study: Study, **changes: Rows) -> set[str]:
    """Return the row families of the program that these tables break."""
    program = build(study)
    tables = tables_of(**changes)
    values = program.point(tables)
    for k, name in enumerate(program.milp.column_names()):
        country, _, kind = name.removeprefix("present[").rstrip("]").partition(",")
        if name.startswith("present["):
            values[k] = country == "US" and kind in set(tables["openings"]["plant_type"])
    return {family for family, worst in program.milp.violation(values).items() if worst > 1e-6}


def test_the_program_breaks_the_rows_that_the_certificate_names() -> None:
    more = (*OFFERS, ("monterrey", "assembly", None, "supply chain", "investment", 0.1))
    study = claims_study(offers=more)
    both = {**CREDITS, ("48C", *CELL): 100e6}
    del both["45X", *CELL]
    cases: list[tuple[Study, dict[str, Rows], str]] = [
        (study, paid(land=451e6), "credit"),
        (study, paid(deal=151e6), "cap"),
        (study, {"claims": [key for key in CREDITS if key[0] != "land"]}, "claim"),
        (study, {"claims": list(both), "credits": [(*key, "p1", usd) for key, usd in both.items()]}, "stacking"),
        (study, {"missing_jobs": [("deal", *ASSEMBLY, 499.0)]}, "clawback"),
        (study, {"claims": [*CREDITS, ("48C", *CELL)]}, "exclusive"),
        (study, {"claims": [*CREDITS, ("supply chain", "monterrey", "assembly")]}, "requires"),
        (under("48C", pool_usd=29e6), {}, "pool"),
        (under("deal", min_jobs_fte=2_001.0, clawback_usd_per_job=None), {"missing_jobs": []}, "threshold"),
    ]
    assert broken_rows(study) == failed(study) == set()
    for case, changes, family in cases:
        assert failed(case, **changes) == {family}
        assert broken_rows(case, **changes) - {"bounds"} <= {family, "claim"}  # what is too much is so by any limit
        assert family in broken_rows(case, **changes)
