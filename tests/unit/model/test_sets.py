"""Index sets: positions, the least requirement through yields, and the most that a place can have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evsiting.model.sets import positions
from evsiting.model.sets_from_study import make_sets
from tests.studies import two_plant_study, unchecked


def test_positions_are_those_of_the_codes_as_text() -> None:
    codes = pd.Index(["1", "10", "cell"])
    assert positions(codes, ["cell", "10", 10, None, float("nan"), ""]).tolist() == [2, 1, -1, -1, -1, -1]
    assert positions(codes, []).tolist() == []
    assert positions(pd.Index([], dtype=object), ["a"]).tolist() == [-1]


def test_gross_requirement_goes_through_the_whole_bill_and_every_yield(make_parts) -> None:
    study = two_plant_study()
    study = unchecked(study, processes=study.processes.assign(good_share=[0.8, 0.9, 0.5]))
    sets = make_parts(study).sets
    cell, pack, vehicle = (sets.products.get_loc(p) for p in ("cell", "pack", "vehicle"))
    assert sets.gross[pack, vehicle] == pytest.approx(1 / 0.5)
    assert sets.gross[cell, vehicle] == pytest.approx(75 / 0.9 / 0.5)  # scrap of the cells themselves needs no cells
    assert np.allclose(np.diag(sets.gross), 1.0)
    assert sets.gross[vehicle, cell] == 0.0


def test_what_may_come_as_a_by_product_needs_no_inputs(make_parts) -> None:
    study = two_plant_study()
    rows = pd.DataFrame(
        {"plant_type": ["assembly"], "product": ["vehicle"], "by_product": ["pack"], "units_per_unit": [1.0]}
    )
    sets = make_parts(unchecked(study, by_products=rows.assign(disposal_usd_per_unit=0.0))).sets
    cell, pack, vehicle = (sets.products.get_loc(p) for p in ("cell", "pack", "vehicle"))
    assert (sets.gross[cell, vehicle], sets.gross[pack, vehicle]) == (0.0, 1.0)  # packs, though maybe none of cells


def test_the_cheaper_recipe_of_two_plant_types_is_the_least(make_parts) -> None:
    study = two_plant_study()
    processes = pd.concat([study.processes, study.processes[1:2].assign(plant_type="cell")])
    bill = pd.DataFrame(
        [("pack", "cell", 75.0, "pack"), ("pack", "cell", 60.0, "cell"), ("vehicle", "pack", 1.0, None)],
        columns=["product", "input", "units_per_unit", "plant_type"],
    )
    sets = make_sets(unchecked(study, processes=processes, bill_of_materials=bill))
    cell, pack = (sets.products.get_loc(p) for p in ("cell", "pack"))
    assert sets.gross[cell, pack] == 60.0
    assert sets.bom[cell, pack] == 75.0


def test_a_site_takes_inputs_of_what_it_may_make_alone(one_period) -> None:
    sets = one_period.sets
    cell, pack, vehicle = (sets.products.get_loc(p) for p in ("cell", "pack", "vehicle"))
    memphis, windsor = (sets.sites.get_loc(s) for s in ("memphis", "windsor"))
    assert sets.takes[memphis, cell, pack]
    assert sets.takes[memphis, pack, vehicle]
    assert not sets.takes[windsor].any()
    assert not sets.takes[:, vehicle].any()


def test_the_most_of_a_place_is_what_stands_the_best_option_and_all_that_may_be_resumed(one_period) -> None:
    sets = one_period.sets
    at = {sets.place_name(q): q for q in range(len(sets.places.site))}
    assert sets.most[at["windsor", "cell"]].tolist() == [3e6]
    assert sets.most[at["memphis", "assembly"]].tolist() == [120e3]  # one option a plant type, not both
    changes = sets.changes
    resumed = replace(changes, kind=np.where(changes.place == at["memphis", "assembly"], "resume", changes.kind))
    assert replace(sets, changes=resumed).most[at["memphis", "assembly"]].tolist() == [180e3]


def test_the_scale_of_a_plant_type_is_that_of_its_first_product(one_period) -> None:
    sets = one_period.sets
    assert dict(zip(sets.plant_types, sets.type_scale, strict=True)) == {"assembly": 1e3, "cell": 1e4, "pack": 1e3}


def test_a_product_that_is_passed_on_is_not_made(one_period) -> None:
    makes = one_period.sets.makes
    step = np.zeros_like(makes.step)
    step[0] = 1
    passing = replace(makes, step=step)
    product = int(makes.product[0])
    assert makes.of(product)[0]
    assert not passing.of(product)[0]


def test_only_new_plants_are_roots(one_period) -> None:
    changes = one_period.sets.changes
    assert changes.root.all()
    grown = replace(changes, expands=np.arange(len(changes.kind)) - 1)
    assert grown.root.tolist() == [True, *[False] * (len(changes.kind) - 1)]
