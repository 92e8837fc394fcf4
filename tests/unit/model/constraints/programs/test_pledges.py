"""Pledges of plants that claim a program: jobs, investment, exclusions, required segments, foreign material."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.build import build
from tests.program_studies import offers_of, rules_of
from tests.studies import two_plant_study, unchecked

PACK = ("memphis", "pack", None, "aid", "investment", 0.3)


def lines(family: str, rules: dict[str, dict[str, object]], *rows: tuple[object, ...], periods: int = 1, **tables):
    """Return the constraints of a family under programs."""
    study = two_plant_study(periods=periods)
    offers = offers_of(list(study.periods["period"]), *(rows or (PACK,)))
    study = unchecked(study, incentives=offers, program_rules=rules_of(rules), **tables)
    return list(build(study).milp.lines(family))


def test_pledged_investment_is_compared_over_the_horizon_in_millions() -> None:
    (row,) = lines("threshold", {"aid": {"min_capex_usd": 80e6}}, periods=2)
    assert row == (
        "threshold[aid,memphis,pack,investment]: 100 build[memphis,pack,line,p1] + 100 build[memphis,pack,line,p2] "
        "- 80 claims[aid,memphis,pack] >= 0"
    )


def test_pledged_jobs_are_those_of_the_last_period_and_may_be_missing_at_a_price() -> None:
    (row,) = lines("threshold", {"aid": {"min_jobs_fte": 50.0}}, periods=2)
    assert row == (
        "threshold[aid,memphis,pack,jobs]: 100 build[memphis,pack,line,p1] + 100 build[memphis,pack,line,p2] "
        "+ 2 make[memphis,pack,pack,p2] - 50 claims[aid,memphis,pack] >= 0"
    )
    rule = {"aid": {"min_jobs_fte": 50.0, "clawback_usd_per_job": 0.0}}
    assert lines("threshold", rule) == []
    (row,) = lines("clawback", rule)
    assert "missing_jobs[aid,memphis,pack]" in row


def test_standing_staff_keeps_part_of_a_pledge() -> None:
    row = ("windsor", "cell", None, "aid", "job", 1_000.0)
    (line,) = lines("threshold", {"aid": {"min_jobs_fte": 350.0}}, row)
    assert line.endswith(">= -300")


def test_no_pledge_no_constraint() -> None:
    for family in ("threshold", "clawback", "exclusive", "requires", "foreign_ratio"):
        assert lines(family, {"aid": {}}) == []


def test_it_is_enough_that_one_of_two_programs_excludes_the_other() -> None:
    rows = [
        PACK,
        ("memphis", "pack", "pack", "10", "production", 5.0),
        ("monterrey", "pack", "pack", "10", "production", 5.0),
    ]
    expected = ["exclusive[10,aid,memphis,pack]: claims[10,memphis,pack] + claims[aid,memphis,pack] <= 1"]
    for rules in ({"aid": {"excludes": "10"}, "10": {}}, {"aid": {}, "10": {"excludes": "aid"}},
                  {"aid": {"excludes": "10"}, "10": {"excludes": "aid"}}):  # fmt: skip
        assert lines("exclusive", rules, *rows) == expected


def test_a_program_excludes_one_without_rules_or_itself_to_no_effect() -> None:
    rows = [PACK, ("memphis", "pack", "pack", "free", "production", 5.0)]
    assert lines("exclusive", {"aid": {"excludes": "free;nowhere"}}, *rows) == []


def test_required_segments_stand_in_the_country_of_the_plant() -> None:
    rows = lines("requires", {"aid": {"requires": "assembly"}})
    assert rows == [
        "requires[US,assembly]: - build[memphis,assembly,small,p1] - build[memphis,assembly,large,p1] "
        "+ present[US,assembly] <= 0",
        "requires[aid,memphis,pack,assembly]: claims[aid,memphis,pack] - present[US,assembly] <= 0",
    ]


def test_a_segment_that_nobody_may_build_there_is_never_present() -> None:
    row = ("monterrey", "pack", None, "aid", "investment", 0.3)
    first, _ = lines("requires", {"aid": {"requires": "cell"}}, row)
    assert first == "requires[MX,cell]: present[MX,cell] <= 0"


@pytest.mark.parametrize(("share", "cells", "packs"), [(0.0, 0.9, 0.0), (0.25, 0.925, -2.1)])
def test_foreign_material_is_a_share_of_all_by_value(share: float, cells: float, packs: float) -> None:
    suppliers = two_plant_study().suppliers.assign(foreign_entity=1.0)
    (row,) = lines("foreign_ratio", {"aid": {"max_foreign_share": share}}, suppliers=suppliers)
    # ten thousand kWh at USD 90: 0.9 less a share of what that is below the value of USD 100;
    # a thousand packs: a share of 75 kWh at USD 100 and USD 900 of bought material
    coefficient = {part.split(" ")[-1]: part for part in row.split(": ")[1].replace("- ", "+ -").split(" + ")}
    assert any(f"{cells:g} ship[cell,busan,memphis,sea,p1]" in part for part in coefficient.values())
    if packs:
        assert f"- {-packs:g} make[memphis,pack,pack,p1]" in row
    else:
        assert "make[" not in row
    most = 0.9 * 7.5 * 120 * (1 - share)  # at full capacity all cells from Busan
    assert f"{most:g} claims[aid,memphis,pack]" in row
    assert row.endswith(f"<= {most:g}")


def test_without_a_foreign_seller_there_is_nothing_to_hold() -> None:
    assert lines("foreign_ratio", {"aid": {"max_foreign_share": 0.1}}) == []
    suppliers = two_plant_study().suppliers.assign(foreign_entity=1.0)
    assert lines("foreign_ratio", {"aid": {"max_foreign_share": 1.0}}, suppliers=suppliers) == []
    assert lines("foreign_ratio", {"aid": {"max_foreign_share": np.nan}}, suppliers=suppliers) == []
