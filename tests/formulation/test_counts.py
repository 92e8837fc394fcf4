"""Rows of numbers of plants, logic, staff, throughput and sources, spelled out on the two-plant study."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES
from evsiting.study.derived.limit_rows import limit_rows
from evsiting.study.lists import named_plants
from evsiting.study.schema.tables import TABLES
from evsiting.study.validation.limit_scope import hard_limits
from tests.limit_studies import with_limits
from tests.program_studies import claims_study
from tests.studies import two_plant_study

FAMILY = ("count", "logic", "sites_changed", "programs_used", "staffing", "throughput", "sources")
WRITTEN = (
    (
        {"kind": "members_open", "members": "memphis/pack; monterrey/pack; windsor", "at_least": 2},
        ["logic[limit 1,p1]: build[memphis,pack,line,p1] + build[monterrey,pack,line,p1] >= 1"],
    ),
    (
        {"kind": "members_open", "members": "monterrey; memphis/cell", "at_most": 1},
        [
            "logic[limit 1,any,monterrey/*/*,p1]: - build[monterrey,assembly,small,p1] "
            "- build[monterrey,assembly,large,p1] - build[monterrey,pack,line,p1] "
            "+ member[limit 1,monterrey/*/*,p1] <= 0",
            "logic[limit 1,each,monterrey/*/*,1,p1]: - build[monterrey,assembly,small,p1] "
            "- build[monterrey,assembly,large,p1] + member[limit 1,monterrey/*/*,p1] >= 0",
            "logic[limit 1,each,monterrey/*/*,2,p1]: - build[monterrey,pack,line,p1] "
            "+ member[limit 1,monterrey/*/*,p1] >= 0",
            "logic[limit 1,p1]: build[memphis,cell,large,p1] + member[limit 1,monterrey/*/*,p1] <= 1",
        ],
    ),
    (
        {"kind": "members_open", "members": "monterrey/pack", "if_open": "memphis/cell", "at_least": 1},
        ["logic[limit 1,at least,p1]: - build[memphis,cell,large,p1] + build[monterrey,pack,line,p1] >= 0"],
    ),
    (
        {"kind": "plants_open", "plant_type": "pack", "if_open": "memphis/cell", "at_most": 1},
        [
            "count[limit 1,at most,p1]: build[memphis,cell,large,p1] + build[memphis,pack,line,p1] "
            "+ build[monterrey,pack,line,p1] <= 2"
        ],
    ),
    (
        {"kind": "sites_changed", "members": "monterrey; windsor", "at_most": 1, "plant_type": "pack"},
        ["sites_changed[limit 1,horizon]: build[memphis,pack,line,p1] - build[monterrey,pack,line,p1] <= -1"],
    ),
    (
        {"kind": "sites_changed", "members": "monterrey; windsor", "at_least": 2},
        [
            "sites_changed[limit 1,any,*,memphis]: - build[memphis,assembly,small,p1] "
            "- build[memphis,assembly,large,p1] - build[memphis,cell,large,p1] - build[memphis,pack,line,p1] "
            "+ opens[*,memphis] <= 0",
            "sites_changed[limit 1,any,*,monterrey]: - build[monterrey,assembly,small,p1] "
            "- build[monterrey,assembly,large,p1] - build[monterrey,pack,line,p1] + opens[*,monterrey] <= 0",
            "sites_changed[limit 1,each,*,memphis,assembly]: - build[memphis,assembly,small,p1] "
            "- build[memphis,assembly,large,p1] + opens[*,memphis] >= 0",
            "sites_changed[limit 1,each,*,memphis,cell]: - build[memphis,cell,large,p1] + opens[*,memphis] >= 0",
            "sites_changed[limit 1,each,*,memphis,pack]: - build[memphis,pack,line,p1] + opens[*,memphis] >= 0",
            "sites_changed[limit 1,each,*,monterrey,assembly]: - build[monterrey,assembly,small,p1] "
            "- build[monterrey,assembly,large,p1] + opens[*,monterrey] >= 0",
            "sites_changed[limit 1,each,*,monterrey,pack]: - build[monterrey,pack,line,p1] + opens[*,monterrey] >= 0",
            "sites_changed[limit 1,horizon]: opens[*,memphis] - opens[*,monterrey] >= 0",
        ],
    ),
    (
        {"kind": "jobs_fte", "place": "CA-ON", "at_least": 350},
        ["staffing[limit 1,p1]: 0.025 make[windsor,cell,cell,p1] >= 5"],  # 300 of the staff are there anyway
    ),
    (
        {"kind": "throughput", "product": "vehicle", "mode": "rail", "destination": "US-CA", "at_most": 30e3},
        ["throughput[limit 1,p1]: ship[vehicle,memphis,west,rail,p1] + ship[vehicle,monterrey,west,rail,p1] <= 30"],
    ),
    (
        {"kind": "throughput_mass", "gateway": "laredo", "origin": "MX", "at_most": 30e3},
        [
            "throughput[limit 1,p1]: 0.45 ship[pack,monterrey,memphis,road,p1] "
            "+ 1.9 ship[vehicle,monterrey,east,rail,p1] <= 30"
        ],
    ),
    (
        {"kind": "sources", "product": "vehicle", "place": "east", "at_most": 1},
        [
            "sources[limit 1,link,east,memphis,vehicle,p1]: ship[vehicle,memphis,east,rail,p1] "
            "+ ship[vehicle,memphis,east,road,p1] - 60 source[limit 1,east,memphis,p1] <= 0",
            "sources[limit 1,link,east,monterrey,vehicle,p1]: ship[vehicle,monterrey,east,rail,p1] "
            "- 60 source[limit 1,east,monterrey,p1] <= 0",
            "sources[limit 1,east,p1]: source[limit 1,east,memphis,p1] + source[limit 1,east,monterrey,p1] <= 1",
        ],
    ),
)


def test_claims_are_counted_and_each_is_paid_something() -> None:
    study = with_limits(claims_study(), {"kind": "programs_used", "members": "48C; land", "place": "US", "at_least": 2,
                                         "plant_type": "cell"})  # fmt: skip
    assert list(build(study).milp.lines("programs_used")) == [
        "programs_used[limit 1,horizon]: claims[48C,memphis,cell] + claims[land,memphis,cell] >= 2",
        # 0.3 of 600 million, and 0.75; of the former no more than its pool of 190
        "programs_used[limit 1,paid,48C,memphis,cell]: - 0.001 claims[48C,memphis,cell] "
        "+ 0.00555556 credits[48C,memphis,cell,p1] >= 0",
        "programs_used[limit 1,paid,land,memphis,cell]: - 0.001 claims[land,memphis,cell] "
        "+ 0.00222222 credits[land,memphis,cell,p1] >= 0",
    ]
    none = with_limits(two_plant_study(), {"kind": "programs_used", "members": "48C", "at_most": 0}, checked=False)
    assert build(none).milp.count("programs_used") == 1


@pytest.mark.parametrize("family", FAMILY)
def test_each_family_is_defined_where_it_is_written(family: str) -> None:
    assert f"\\tag{{{family}}}".replace("_", "\\_") in (FAMILIES[family].__doc__ or "")


@pytest.mark.parametrize(("limit", "written"), WRITTEN)
def test_rows_are_as_written(limit: dict[str, object], written: list[str]) -> None:
    milp = build(with_limits(two_plant_study(), limit)).milp
    assert list(milp.lines(written[0].split("[")[0])) == written
    assert sum(milp.count(family) for family in FAMILY) == len(written)


def test_a_plant_counts_until_it_is_closed_and_an_expansion_is_no_further_plant() -> None:
    study = two_plant_study(periods=2)
    grown = study.options.iloc[[0]].assign(option="larger", expands="large", capacity_units_per_yr=8e6)
    study = study.with_table("options", pd.concat([study.options, grown], ignore_index=True))
    study = study.with_table("plants", study.plants.assign(closing_usd=1e6))
    cells = {"plant_type": "cell"}
    study = with_limits(
        study,
        {**cells, "limit": "all", "kind": "plants_open", "at_most": 2},
        {**cells, "limit": "large", "kind": "plants_open", "option": "large", "at_least": 1, "period": "p2"},
        {**cells, "limit": "new", "kind": "plants_built", "at_least": 1},
        {**cells, "limit": "steps", "kind": "plants_built", "option": "larger", "at_least": 1},
        {**cells, "limit": "then", "kind": "plants_open", "first_year": 2032, "at_least": 1},
    )
    first, second, grow = (f"build[memphis,cell,{name}]" for name in ("large,p1", "large,p2", "larger,p2"))
    early, late = (f"close[windsor_cells,{p}]" for p in ("p1", "p2"))
    assert list(build(study).milp.lines("count")) == [
        f"count[all,p1]: {first} - {early} <= 1",
        f"count[all,p2]: {first} + {second} - {early} - {late} <= 1",
        f"count[large,p2]: {first} + {second} - {grow} >= 1",
        f"count[new,horizon]: {first} + {second} >= 1",
        f"count[steps,horizon]: {grow} >= 1",
        f"count[then,p2]: {first} + {second} - {early} - {late} >= 0",
    ]


def test_a_paused_plant_counts_once_it_is_resumed_and_only_in_years_in_which_it_may_run() -> None:
    study = two_plant_study(periods=2)
    plants = study.plants.assign(status="paused", resume_usd=1e6, last_year=2031.0)
    study = with_limits(
        study.with_table("plants", plants), {"kind": "members_open", "members": "windsor", "at_most": 0}
    )
    first, second = build(study).milp.lines("logic")
    assert first == "logic[limit 1,p1]: resume[windsor_cells,p1] <= 0"
    assert "resume" not in second  # from 2032 on it cannot run


def test_sources_follow_from_the_shipments_of_a_plan() -> None:
    study = with_limits(two_plant_study(), {"kind": "sources", "place": "east", "at_most": 1})
    program = build(study)
    sent = pd.DataFrame([("vehicle", "memphis", "east", "road", "p1", 5e4)],
                        columns=["product", "origin", "destination", "mode", "period", "units_per_yr"])  # fmt: skip
    point = program.point({"shipments": sent})
    names = program.milp.column_names()
    assert [names[k] for k in point.nonzero()[0]] == ["ship[vehicle,memphis,east,road,p1]",
                                                      "source[limit 1,east,memphis,p1]"]  # fmt: skip


def test_limits_on_sets_of_sites_share_their_columns_and_a_plan_fills_them() -> None:
    rows = [{"kind": "sites_changed", "members": m, "at_least": 1} for m in ("memphis", "monterrey")]
    program = build(with_limits(two_plant_study(), *rows, {**rows[0], "plant_type": "cell"}))
    assert program.milp.count("sites_changed") == 7 + 3
    built = pd.DataFrame([("memphis", "pack", "line", "p1")], columns=["site", "plant_type", "option", "period"])
    names = program.milp.column_names()
    point = program.point({"openings": built})
    assert [names[k] for k in point.nonzero()[0]] == ["build[memphis,pack,line,p1]", "opens[*,memphis]"]


def test_limits_have_every_column_whether_a_study_gives_it_or_not() -> None:
    bare = two_plant_study()
    assert list(limit_rows(bare).columns) == [c.name for c in TABLES["limits"].columns]
    given = with_limits(bare, {"kind": "plants_open", "at_most": 9})
    assert limit_rows(given)["members"].isna().all()
    assert named_plants("*/cell; memphis") == (("", "cell", ""), ("memphis", "", ""))
    assert len(hard_limits(limit_rows(given).assign(penalty_usd_per_unit=1.0))) == 0
