"""Where originating goods are spared: products of sites by country, rates and lanes."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.constraints.trade.reliefs import Spared
from tests.studies import unchecked
from tests.trade_studies import trade_study


def test_each_product_of_a_site_and_country_stands_once_with_its_rates(trading_parts) -> None:
    sets = trading_parts.sets
    spared = Spared.of(trading_parts.study, sets)
    rates = {spared.label(sets, e): (spared.free[e, 0], spared.content[e, 0]) for e in range(len(spared.site))}
    # free is what vanishes on the whole value; a measure on other content saves a part of content too
    assert set(rates) == {("monterrey", "pack", "US"), ("monterrey", "vehicle", "US")}
    assert rates["monterrey", "pack", "US"] == (0.25, 0.0)
    assert rates["monterrey", "vehicle", "US"] == pytest.approx((0.025, 0.25))


def test_lanes_point_at_their_own_entry_and_others_at_none(trading_parts) -> None:
    sets = trading_parts.sets
    spared = Spared.of(trading_parts.study, sets)
    frame = sets.lanes.frame
    for lane, e in enumerate(spared.lane.tolist()):
        row = frame.iloc[lane]
        crosses = row["origin"] == "monterrey" and row["destination"] in ("memphis", "east", "west")
        assert (e >= 0) == crosses
        if e >= 0:
            assert spared.label(sets, e)[:2] == (row["origin"], row["product"])


def test_something_is_saved_only_at_sites_that_may_send(trading_parts) -> None:
    sets = trading_parts.sets
    saves = Spared.of(trading_parts.study, sets).saves(sets)
    assert saves.sum() == 2
    assert saves[sets.sites.get_loc("monterrey"), sets.products.get_loc("pack")].tolist() == [True]


def test_measures_that_nothing_spares_leave_no_entry(make_parts) -> None:
    study = trade_study()
    parts = make_parts(unchecked(study, duties=study.duties.assign(relief="none")))
    spared = Spared.of(parts.study, parts.sets)
    assert (len(spared.site), spared.free.shape, (spared.lane == -1).all()) == (0, (0, 1), True)
    assert not spared.saves(parts.sets).any()


def test_a_supplier_is_spared_nothing(make_parts) -> None:
    study = trade_study()
    suppliers = study.suppliers.assign(country="MX")
    duties = study.duties.assign(origin="MX", destination="US", relief="free")
    parts = make_parts(unchecked(study, suppliers=suppliers, duties=duties.iloc[3:4]))
    spared = Spared.of(parts.study, parts.sets)
    assert np.array_equal(np.unique(spared.lane), [-1])
