"""The section on programs: what is paid by whom, pools, claims, and programs that pay nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.report.html.blocks import Words
from evsiting.report.html.section_programs import _bound, programs
from evsiting.results.assemble import plan_from_tables
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan
from tests.program_studies import rules_of
from tests.studies import unchecked


def test_payments_by_program_with_their_present_value(grids, texts) -> None:
    table = grids(programs(*tiny_plan()))[""]
    rows = {row["Program"]: row for row in texts(table)}
    assert rows["site grant"]["Pays on"] == "investment"
    assert rows["cell credit"]["Pays on"] == "units made"
    assert {row["Who"] for row in rows.values()} == {"to all"}
    assert rows["site grant"]["In all"] == "60"  # a tenth of USD 600 million
    assert rows["site grant"]["Present value"] == "30"  # ten of twenty years
    assert rows["cell credit"]["In all"] == "300"  # USD 5 of 6 million kWh for ten years
    assert [c.text for c in table.total][-2:] == ["360", "330"]
    assert "Pool" not in rows["site grant"]


def test_a_study_without_incentives_has_no_such_section() -> None:
    study, plan = tiny_plan()
    assert programs(unchecked(study, incentives=study.incentives.iloc[:0]), plan) is None


def test_offers_that_pay_nothing_are_named(nothing) -> None:
    section = programs(*nothing)
    told = [block.text for block in section.blocks if isinstance(block, Words)]
    assert told == [
        "No program pays anything in this plan.",
        "Offered, but nothing is paid by: cell credit and site grant.",
    ]


def test_markup_in_a_name_stays_text(grids, texts) -> None:
    study, _ = tiny_plan()
    named = study.incentives.assign(program=["<b>$1</b>", "17"])
    study = unchecked(study, incentives=named)
    plan = plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)
    assert {row["Program"] for row in texts(grids(programs(study, plan))[""])} == {"<b>$1</b>", "17"}


@pytest.fixture(scope="module")
def claimed():
    """Return a study in which the site grant has a rule, and the plan that claims it with fewer jobs than pledged."""
    study, _ = tiny_plan()
    rule = {"pool_usd": 60e6, "min_capex_usd": 500e6, "min_jobs_fte": 5_000.0, "clawback_usd_per_job": 1_000.0}
    study = unchecked(study, program_rules=rules_of({"site grant": rule}))
    plan = plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)
    tables = {
        "claims": [("site grant", "memphis", "cell")],
        "credits": [("site grant", "memphis", "cell", "p1", 60e6)],
        "missing_jobs": [("site grant", "memphis", "cell", 4_350.0)],
    }
    frames = {n: pd.DataFrame(rows, columns=list(plan.decisions[n].columns)) for n, rows in tables.items()}
    given = {
        **plan.decisions,
        "production": plan.production,
        "shipments": plan.shipments,
        "unmet": plan.unmet,
        **frames,
    }
    return study, plan_from_tables(study, given, plan.solve)


def test_a_pool_that_is_used_up_is_marked(claimed, grids, texts) -> None:
    table = grids(programs(*claimed))[""]
    rows = {row["Program"]: row for row in texts(table)}
    assert rows["site grant"]["Who"] == "claimed"
    assert (rows["site grant"]["Pool"], rows["cell credit"]["Pool"]) == ("60", "–")
    at = [c.title for c in table.columns].index("Pool used")
    marks = {row[0].text: row[at].mark for row in table.rows}
    assert marks == {"site grant": "tight", "cell credit": ""}


def test_a_claim_shows_pledges_and_what_is_paid_back(claimed, grids, texts) -> None:
    table = grids(programs(*claimed))["Claims"]
    (row,) = texts(table)
    assert row["Pays"] == "60"
    assert row["Invested"] == "600"
    assert (row["pledged 1"], row["pledged 2"]) == ("500", "5,000")
    assert row["Paid back"] == "4.35"
    at = [c.title for c in table.columns].index("Jobs")
    assert table.rows[0][at].mark == "bad"  # 650 of 5,000
    assert "at most" not in row  # an empty column is left out


def test_a_bound_without_end_is_a_dash() -> None:
    assert _bound(float("inf"), "USD", 1e6).text == "–"
    assert _bound(float("nan"), "USD", 1e6).text == "–"
    assert _bound(2e6, "USD", 1e6).text == "2"
