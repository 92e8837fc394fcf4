"""Numbers of plants and logic: what counts when, and the constraint where others must stand."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.build import build
from evsiting.model.constraints.limits.counts import plants_open
from tests.limit_studies import with_limits
from tests.studies import two_plant_study, unchecked


def lines(family: str, *rows: dict[str, object], study=None) -> list[str]:
    """Return the constraints of a family under limits."""
    return list(build(with_limits(study or two_plant_study(), *rows, checked=False)).milp.lines(family))


def test_a_standing_plant_is_a_constant_and_a_new_one_each_of_its_options(one_period) -> None:
    plants = plants_open(one_period.study, one_period.sets, one_period.columns)
    assert plants.constant.sum() == 1.0
    assert plants.option[plants.constant[:, 0] > 0].tolist() == [""]
    assert len(plants.site) == len(one_period.sets.changes.kind) + 1
    assert plants.chosen(one_period.sets, ("memphis", "assembly", "large")).sum() == 1
    assert plants.chosen(one_period.sets, ("memphis", "", "")).sum() == 4
    assert plants.chosen(one_period.sets, ("", "", "")).all()
    assert not plants.chosen(one_period.sets, ("windsor", "pack", "")).any()


def test_a_plant_that_runs_part_of_a_period_counts_as_one_and_one_that_has_ended_not(make_parts) -> None:
    study = two_plant_study(periods=2)
    parts = make_parts(unchecked(study, plants=study.plants.assign(last_year=2027)))
    plants = plants_open(parts.study, parts.sets, parts.columns)
    assert plants.constant[plants.option == ""].tolist() == [[1.0, 0.0]]


def test_a_paused_plant_that_may_not_be_resumed_is_no_plant(make_parts) -> None:
    study = two_plant_study()
    parts = make_parts(unchecked(study, plants=study.plants.assign(status="paused")))
    assert "" not in plants_open(parts.study, parts.sets, parts.columns).option.tolist()


def test_what_stands_is_taken_off_the_limit() -> None:
    (row,) = lines("count", {"kind": "plants_open", "plant_type": "cell", "at_most": 2.0})
    assert row == "count[limit 1,p1]: build[memphis,cell,large,p1] <= 1"


def test_a_count_of_nothing_is_a_constraint_that_may_be_infeasible() -> None:
    (row,) = lines("count", {"kind": "plants_open", "place": "windsor", "plant_type": "pack", "at_least": 1.0})
    assert row.endswith(">= 1")
    assert "build" not in row


def test_plants_built_leave_out_what_stands_and_count_once_over_the_horizon() -> None:
    study = two_plant_study(periods=2)
    (row,) = lines("count", {"kind": "plants_built", "plant_type": "pack", "at_most": 1.0}, study=study)
    assert row.startswith("count[limit 1,horizon]")
    assert row.count("build[") == 4
    (row,) = lines("count", {"kind": "plants_built", "plant_type": "pack", "period": "p2", "at_most": 1.0}, study=study)
    assert row.startswith("count[limit 1,p2]")
    assert row.count("build[") == 2


def test_a_ceiling_where_another_stands_is_out_of_force_without_it() -> None:
    (row,) = lines("count", {"kind": "plants_open", "plant_type": "pack", "at_most": 0.0, "if_open": "memphis/cell"})
    # two packs at most: built <= 0 + (2 - 0) (1 - z), with z the cell plant of Memphis
    assert row.endswith("<= 2")
    assert "2 build[memphis,cell,large,p1]" in row
    assert "build[monterrey,pack,line,p1]" in row


def test_a_floor_where_another_stands_asks_nothing_without_it() -> None:
    (row,) = lines("count", {"kind": "plants_open", "plant_type": "pack", "at_least": 2.0, "if_open": "memphis/cell"})
    assert "- 2 build[memphis,cell,large,p1]" in row
    assert row.endswith(">= 0")


def test_a_member_that_may_be_several_plants_has_a_column_between_any_and_each() -> None:
    rows = lines("logic", {"kind": "members_open", "members": "memphis;monterrey", "at_least": 1.0, "at_most": 1.0})
    names = [r.split(":")[0] for r in rows]
    assert sum(",any," in n for n in names) == 2
    assert sum(",each," in n for n in names) == 3 + 2  # cells, packs and vehicles at Memphis; packs and vehicles there
    assert rows[-1].split(": ")[1].startswith("member[") or "member[limit 1,memphis/*/*,p1]" in rows[-1]
    assert rows[-1].endswith("= 1")


def test_a_member_that_is_one_plant_needs_no_column() -> None:
    rows = lines("logic", {"kind": "members_open", "members": "memphis/pack;monterrey/pack", "at_least": 1.0})
    assert rows == ["logic[limit 1,p1]: build[memphis,pack,line,p1] + build[monterrey,pack,line,p1] >= 1"]


@pytest.mark.parametrize("option", ["small", "large"])
def test_an_option_counts_alone(option: str) -> None:
    (row,) = lines("count", {"kind": "plants_open", "plant_type": "assembly", "option": option, "at_most": 1.0})
    assert row.count("build[") == 2
    assert row.count(f"assembly,{option}") == 2


def test_an_expanded_option_gives_way_to_its_expansion(make_parts) -> None:
    study = two_plant_study(periods=2)
    parts = make_parts(unchecked(study, options=study.options.assign(expands=[None, None, None, "small"])))
    plants = plants_open(parts.study, parts.sets, parts.columns)
    small = np.flatnonzero(plants.chosen(parts.sets, ("memphis", "assembly", "small")))
    mine = plants.unit == small[0]
    names = parts.names()
    entries = {(names[j], int(t)): v for j, t, v in zip(plants.column[mine], plants.period[mine], plants.value[mine],
                                                        strict=True)}  # fmt: skip
    assert entries == {
        ("build[memphis,assembly,small,p1]", 0): 1.0,
        ("build[memphis,assembly,small,p1]", 1): 1.0,
        ("build[memphis,assembly,small,p2]", 1): 1.0,
        ("build[memphis,assembly,large,p2]", 1): -1.0,
    }
