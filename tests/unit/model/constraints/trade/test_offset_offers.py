"""What may be offset: duty on inputs that every unit pays, and duty that qualifying eases."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.constraints.trade import origin
from evsiting.model.constraints.trade.offset_offers import Offers
from evsiting.model.constraints.trade.origin import Rules
from evsiting.model.constraints.trade.reliefs import Spared
from tests.studies import unchecked
from tests.trade_studies import trade_study


def offers_of(make_parts, study):
    """Return sets and offers of a study."""
    parts = make_parts(study)
    rules = Rules.of(study, parts.sets)
    origins = origin.add_decisions(parts.milp, parts.sets, rules, Spared.of(study, parts.sets).saves(parts.sets))
    return parts.sets, Offers.of(study, parts.sets, rules, origins)


def duty(sets, values: np.ndarray, *ends: str) -> float:
    """Return the duty of a lane by its product, origin and destination."""
    frame = sets.lanes.frame
    (lane,) = np.flatnonzero((frame[["product", "origin", "destination"]] == list(ends)).all(axis=1))
    return float(values[0, lane, 0])


def test_packs_of_a_plant_that_may_qualify_pay_only_if_they_do_not(make_parts) -> None:
    sets, offers = offers_of(make_parts, trade_study())
    assert offers.names == (("parts", "vehicle"),)
    assert duty(sets, offers.eased, "pack", "monterrey", "memphis") == pytest.approx(0.25 * 9_000)
    assert duty(sets, offers.full, "pack", "monterrey", "memphis") == 0.0
    assert offers.worth.tolist() == [[pytest.approx(1_500.0)]]


def test_packs_that_can_never_qualify_pay_on_every_unit(make_parts) -> None:
    study = trade_study()
    rules = study.origin_rules.assign(other_foreign_usd_per_unit=1e6)
    sets, offers = offers_of(make_parts, unchecked(study, origin_rules=rules))
    assert duty(sets, offers.full, "pack", "monterrey", "memphis") == pytest.approx(0.25 * 9_000)
    assert not offers.eased.any()


def test_packs_without_a_rule_are_spared_as_originating(make_parts) -> None:
    study = trade_study()
    _, offers = offers_of(make_parts, unchecked(study, origin_rules=study.origin_rules.iloc[1:]))
    assert offers is None  # and nothing is left to be offset


def test_units_within_a_quota_are_spared_already(make_parts) -> None:
    study = trade_study()
    sets, offers = offers_of(make_parts, study)
    assert duty(sets, offers.full, "cell", "busan", "memphis") == 0.0
    sets, offers = offers_of(make_parts, unchecked(study, quotas=study.quotas.iloc[1:]))
    assert duty(sets, offers.full, "cell", "busan", "memphis") == pytest.approx(0.10 * 90)


def test_no_law_no_offer(make_parts) -> None:
    study = trade_study()
    assert offers_of(make_parts, unchecked(study, duty_offsets=study.duty_offsets.iloc[:0]))[1] is None
    abroad = unchecked(study, duty_offsets=study.duty_offsets.assign(destination="CA"))
    assert offers_of(make_parts, abroad)[1] is None
