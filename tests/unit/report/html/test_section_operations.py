"""Power, staff and limits on the page: sections that are there only where needed, and words of each limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.report.html.blocks import Words
from evsiting.report.html.section_operations import BINDING, _limit_text, limit_name, limits, power
from tests.limit_studies import limits_frame
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan
from tests.studies import unchecked

LOAD = (6e6 * 40 + 1e5 * 150 + 1e5 * 800) / 1000 / 8760  # of Memphis. [MW]


def answered(**tables: pd.DataFrame):
    """Return the study with other tables, and the best plan in it."""
    study = unchecked(tiny_plan()[0], **tables)
    return study, plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)


def connected(mw: float) -> pd.DataFrame:
    """Return the sites where Memphis is connected with so much."""
    return tiny_plan()[0].sites.assign(connectable_mw=[mw, np.nan, np.nan])


def test_a_study_that_limits_neither_power_nor_staff_nor_anything_has_no_section() -> None:
    assert power(*tiny_plan()) is None
    assert limits(*tiny_plan()) is None


def test_load_and_connection_by_site(grids, texts) -> None:
    found = grids(power(*answered(sites=connected(2 * LOAD))))
    (use,) = texts(found["Use by period"])
    assert use["Years"] == "2027–2036"
    rows = {row["Site"]: row for row in texts(found["Sites in the last period"])}
    assert rows["Memphis"]["In use"].startswith("50")
    assert rows["Windsor"]["Connected"] == "no limit"
    assert "Upgrades" not in rows["Memphis"]  # nobody makes any


def test_a_connection_that_is_used_up_is_marked_and_binds_though_nothing_else_is_limited(grids, texts) -> None:
    study, plan = answered(sites=connected(LOAD))
    table = grids(power(study, plan))["Sites in the last period"]
    at = [c.title for c in table.columns].index("In use")
    assert {row[0].text: row[at].mark for row in table.rows}["Memphis"] == "tight"
    (row,) = texts(grids(limits(study, plan))["What else binds"])
    assert row["Limit"] == "Memphis"
    assert row["Kind"].startswith("grid connection")
    assert limits(*answered(sites=connected(2 * LOAD))) is None


def test_a_plan_that_makes_nothing_uses_no_power(nothing) -> None:
    study, plan = nothing
    section = power(unchecked(study, sites=connected(5.0)), plan)
    assert [block.text for block in section.blocks if isinstance(block, Words)] == ["No plant of this plan uses power."]


def test_staff_by_pool(grids, texts) -> None:
    study, _ = tiny_plan()
    sites = study.sites.assign(labor_pool=pd.Series(["7", None, None], dtype="str"))
    pools = pd.DataFrame({"pool": ["7", "idle"], "available_fte": [2_950.0, 100.0], "name": ["<b>Delta</b>", "Idle"]})
    section = power(*answered(sites=sites, labor_pools=pools))
    assert section.title == "Staff"
    table = grids(section)["Staff by commuting area"]
    assert [row["Labor pool"] for row in texts(table)] == ["<b>Delta</b>"]
    assert table.rows[0][2].mark == "tight"


def test_every_limit_shows_what_is_reached_and_its_slack(grids, texts) -> None:
    rows = limits_frame(
        {"limit": "purse", "kind": "capex", "at_most": 3.4e9},
        {"limit": "jobs", "kind": "jobs", "at_least": 1_000.0},
        {"limit": "US", "kind": "output_share", "product": "vehicle", "place": "US", "at_least": 0.5, "at_most": 1.0},
    )
    table = grids(limits(*answered(limits=rows)))["Targets and ceilings"]
    found = {row["Limit"]: row for row in texts(table)}
    assert found["purse"]["Bound"].startswith("at most USD 3.4")
    assert found["purse"]["Used"].startswith("50")
    assert found["purse"]["Years"] == "all years"
    assert found["jobs"]["Bound"].startswith("at least ")
    assert found["US"]["Bound"].startswith("50")
    assert " to 100" in found["US"]["Bound"]
    assert found["US"]["Slack"] == "none"  # all of it is made there


def test_where_limits_are_kept_easily_the_rest_is_told_to_be_loose() -> None:
    rows = limits_frame({"limit": "purse", "kind": "capex", "at_most": 9e9})
    section = limits(*answered(limits=rows))
    told = [block.text for block in section.blocks if isinstance(block, Words)]
    assert told == ["No supplier, gateway, connection, pool or commitment is used up."]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (np.nan, "USD", "–"),
        (np.inf, "1", "–"),
        (0.5, "1", "50"),
        (2e6, "USD", "USD 2"),
        (1234.0, "tCO2e", "CO2e"),
        (12.0, "MW", "MW"),
    ],
)
def test_amounts_are_printed_in_their_unit(value: float, unit: str, text: str) -> None:
    assert text in _limit_text(value, unit)


def test_names_of_limits_are_those_of_their_tables() -> None:
    study, _ = tiny_plan()
    assert limit_name(study, {"family": "supplier", "name": "busan"}) == "Busan"
    assert limit_name(study, {"family": "supplier", "name": "nobody"}) == "nobody"
    assert limit_name(study, {"family": "budget", "name": "busan"}) == "busan"
    assert 0.99 < BINDING < 1.0
