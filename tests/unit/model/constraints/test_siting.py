"""What may stand: options, expansions, closings and capacity at their edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from evsiting.model.constraints import siting
from evsiting.study.study import Study
from tests.studies import two_plant_study, unchecked


def lines(parts, family: str) -> list[str]:
    """Return the constraints of a family in words."""
    return list(parts.milp.finish([]).lines(family))


def with_options(periods: int = 2, **columns: object) -> Study:
    """Return the study with other columns of its options, unchecked: cell, pack, small and large assembly."""
    study = two_plant_study(periods=periods)
    return unchecked(study, options=study.options.assign(**columns))


def test_a_place_has_one_new_plant_over_all_options_and_periods(two_periods) -> None:
    parts = two_periods.copy()
    siting.add_one_option(parts.milp, parts.sets, parts.columns)
    (row,) = (x for x in lines(parts, "one_option") if "memphis,assembly]:" in x)
    assert row.count("build[memphis,assembly") == 4
    assert row.endswith("<= 1")


def test_an_expansion_waits_a_period_or_none(make_parts) -> None:
    grown = [None, None, None, "small"]
    parts = make_parts(with_options(expands=grown))
    siting.add_expand(parts.milp, parts.sets, parts.columns)
    assert (
        "expand[memphis,assembly,small,p2]: - build[memphis,assembly,small,p1] + build[memphis,assembly,large,p2] <= 0"
        in (lines(parts, "expand"))
    )
    parts = make_parts(with_options(expands=grown, at_once=[None, None, None, 1.0]))
    siting.add_expand(parts.milp, parts.sets, parts.columns)
    (first,) = (x for x in lines(parts, "expand") if x.startswith("expand[memphis,assembly,small,at once,p1]"))
    assert first.endswith("- build[memphis,assembly,small,p1] + build[memphis,assembly,large,p1] <= 0")


def test_one_period_leaves_no_room_for_an_expansion(make_parts) -> None:
    parts = make_parts(with_options(periods=1, expands=[None, None, None, "small"]))
    siting.add_expand(parts.milp, parts.sets, parts.columns)
    assert lines(parts, "expand") == []
    assert "build[memphis,assembly,large,p1]" not in parts.names()


def test_without_expansions_closings_or_moves_their_families_are_empty(two_periods) -> None:
    parts = two_periods.copy()
    for add in (siting.add_expand, siting.add_retire, siting.add_move_once):
        add(parts.milp, parts.sets, parts.columns)
    assert parts.milp.finish([]).row_blocks == ()


def test_what_was_built_is_closed_once_and_only_if_it_was_built(make_parts) -> None:
    parts = make_parts(with_options(closing_usd=[None, 1e6, None, None]))
    siting.add_retire(parts.milp, parts.sets, parts.columns)
    assert lines(parts, "retire") == [
        f"retire[{s},pack,line,p1]: - build[{s},pack,line,p1] + retire[{s},pack,line,p1,p2] <= 0"
        for s in ("memphis", "monterrey")
    ]


def test_a_plant_is_closed_or_resumed_once(make_parts) -> None:
    study = two_plant_study(periods=2)
    parts = make_parts(unchecked(study, plants=study.plants.assign(closing_usd=1e6)))
    siting.add_move_once(parts.milp, parts.sets, parts.columns)
    assert lines(parts, "move_once") == [
        "move_once[windsor_cells]: close[windsor_cells,p1] + close[windsor_cells,p2] <= 1"
    ]


def test_products_of_one_plant_share_its_capacity_by_their_use(make_parts) -> None:
    study = two_plant_study()
    twin = study.processes[2:].assign(plant_type="pack", capacity_use=2.5)
    parts = make_parts(unchecked(study, processes=pd.concat([study.processes, twin])))
    siting.add_capacity(parts.milp, parts.sets, parts.columns)
    (row,) = (x for x in lines(parts, "capacity") if x.startswith("capacity[memphis,pack"))
    assert "+ make[memphis,pack,pack,p1] + 2.5 make[memphis,pack,vehicle,p1]" in row


def test_capacity_that_goes_by_a_closing_is_what_stands(make_parts) -> None:
    study = two_plant_study(periods=2)
    parts = make_parts(unchecked(study, plants=study.plants.assign(closing_usd=1e6)))
    siting.add_capacity(parts.milp, parts.sets, parts.columns)
    first, second = (x for x in lines(parts, "capacity") if x.startswith("capacity[windsor"))
    assert first.endswith("make[windsor,cell,cell,p1] + 300 close[windsor_cells,p1] <= 300") or (
        first.endswith("300 close[windsor_cells,p1] + make[windsor,cell,cell,p1] <= 300")
    )
    assert second.count("300 close") == 2


def test_no_minimum_load_writes_no_constraint(make_parts) -> None:
    parts = make_parts(with_options(periods=1, min_load=0.0))
    siting.add_min_load(parts.milp, parts.sets, parts.columns)
    assert lines(parts, "min_load") == []


def test_places_where_nothing_can_change_have_capacity_alone(one_period) -> None:
    parts = one_period.copy()
    changes = parts.sets.changes
    none = {f: getattr(changes, f)[:0] for f in changes.__dataclass_fields__}
    sets = replace(parts.sets, changes=replace(changes, **none))
    columns = replace(parts.columns, change=np.zeros((0, 1), np.int64))
    for add in (siting.add_one_option, siting.add_expand, siting.add_retire, siting.add_move_once,
                siting.add_capacity, siting.add_min_load):  # fmt: skip
        add(parts.milp, sets, columns)
    milp = parts.milp.finish([])
    assert milp.count("capacity") == len(sets.places.site)
    assert milp.count("one_option") == milp.count("min_load") == 0
