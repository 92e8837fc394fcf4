"""Rules of origin as arrays: foreign value, what can qualify, and where an answer is worth asking for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.model.constraints.trade import origin
from evsiting.model.constraints.trade.origin import Rules
from evsiting.model.constraints.trade.reliefs import Spared
from tests.studies import two_plant_study, unchecked
from tests.trade_studies import trade_study


def asked(make_parts, **rules: object) -> set[tuple[str, str]]:
    """Return the products of sites that are asked whether they qualify, under other rules of origin."""
    study = trade_study()
    parts = make_parts(unchecked(study, origin_rules=study.origin_rules.assign(**rules)))
    sets = parts.sets
    found = origin.add_decisions(
        parts.milp, sets, Rules.of(parts.study, sets), Spared.of(parts.study, sets).saves(sets)
    )
    return {(str(sets.sites[s]), str(sets.products[p])) for s, p in zip(found.site, found.product, strict=True)}


def test_figures_of_the_rules_by_product(trading_parts) -> None:
    sets = trading_parts.sets
    rules = Rules.of(trading_parts.study, sets)
    cell, pack, vehicle = (sets.products.get_loc(p) for p in ("cell", "pack", "vehicle"))
    assert rules.ruled.tolist() == [False, True, True]
    assert rules.margin[vehicle] == pytest.approx(0.25 * 36_000)
    assert rules.margin[pack] == pytest.approx(0.4 * 9_000)  # its value where no net cost is given
    assert rules.lvc[vehicle] == pytest.approx(0.4 * 36_000)
    assert np.isnan(rules.lvc[pack])
    assert rules.core[pack, vehicle]
    assert rules.core.sum() == 1
    assert rules.margin[cell] == 0.0


def test_foreign_is_what_comes_from_overseas_and_what_a_ruled_site_sells(trading_parts) -> None:
    sets = trading_parts.sets
    rules = Rules.of(trading_parts.study, sets)
    worth = {
        tuple(sets.lanes.frame.iloc[k][["product", "origin", "destination"]]): rules.foreign[k, 0]
        for k in np.flatnonzero(rules.alien)
    }
    assert worth["cell", "busan", "memphis"] == 90.0
    assert worth["pack", "memphis", "monterrey"] == 9_000.0
    assert ("cell", "windsor", "memphis") not in worth
    assert ("cell", "memphis", "monterrey") not in worth  # cells have no rule


def test_a_supplier_at_home_is_not_foreign(make_parts) -> None:
    study = trade_study()
    parts = make_parts(unchecked(study, suppliers=study.suppliers.assign(country="CA")))
    rules = Rules.of(parts.study, parts.sets)
    bought = parts.sets.lanes.supplier >= 0
    assert not rules.alien[bought].any()
    assert not rules.foreign[bought].any()
    assert (origin.high_wage(parts.sets, 16.0)[bought] == 90.0).all()  # and counts as high-wage material


def test_high_wage_is_straight_pay_at_or_above_the_line(trading_parts) -> None:
    sets = trading_parts.sets
    memphis = sets.lanes.site == sets.sites.get_loc("memphis")
    packs = memphis & (sets.lanes.product == sets.products.get_loc("pack"))
    assert (origin.high_wage(sets, 24.0)[packs] == 9_000.0).all()
    assert not origin.high_wage(sets, 24.01)[packs].any()


def test_what_can_save_duty_itself_or_in_what_is_made_of_it_is_asked(make_parts) -> None:
    assert asked(make_parts) == {("memphis", "pack"), ("monterrey", "pack"), ("monterrey", "vehicle")}


def test_a_rule_that_can_never_be_met_is_no_question(make_parts) -> None:
    hard = [500.0, 1e6]  # vehicles: more other foreign material than any margin
    assert asked(make_parts, other_foreign_usd_per_unit=hard) == {("monterrey", "pack")}


def test_a_rule_that_can_just_be_met_is_one(make_parts) -> None:
    # packs may hold 40 % of USD 9,000 of foreign material
    assert ("monterrey", "pack") in asked(make_parts, other_foreign_usd_per_unit=[3_600.0, 4_000.0])
    assert ("monterrey", "pack") not in asked(make_parts, other_foreign_usd_per_unit=[3_600.1, 4_000.0])


def test_a_labor_value_out_of_reach_is_no_question(make_parts) -> None:
    # at most USD 9,000 of a pack from Memphis and 6,000 of other work: 15,000 of 36,000
    assert ("monterrey", "vehicle") in asked(make_parts, lvc=[None, 15_000 / 36_000])
    assert ("monterrey", "vehicle") not in asked(make_parts, lvc=[None, 15_000.1 / 36_000])


def test_the_most_that_a_site_makes_counts_all_its_plants_by_their_use(make_parts) -> None:
    study = two_plant_study()
    processes = pd.concat(
        [study.processes, study.processes[2:].assign(plant_type="pack", capacity_use=2.0)], ignore_index=True
    )
    sets = make_parts(unchecked(study, processes=processes)).sets
    most = origin.most_made(sets)
    memphis, vehicle = sets.sites.get_loc("memphis"), sets.products.get_loc("vehicle")
    assert most[memphis, vehicle].tolist() == [120e3 + 60e3]


def test_inputs_of_a_good_unit_grow_with_scrap(make_parts) -> None:
    study = two_plant_study()
    sets = make_parts(unchecked(study, processes=study.processes.assign(good_share=[1.0, 0.5, 1.0]))).sets
    used = origin.per_unit(sets)[sets.products.get_loc("cell")]
    assert set(used[sets.makes.product == sets.products.get_loc("pack")]) == {150.0}
