"""What programs offer at each place: most that each can pay by hand, and which can never pay."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.constraints.programs.offers import (
    AutomaticPrograms,
    Offers,
    equal_pairs,
    most_capex,
    most_staff,
    programs_at_places,
)
from evsiting.study.study import Study
from tests.program_studies import claims_study, offers_of, rules_of
from tests.studies import two_plant_study, unchecked


@pytest.fixture(scope="module")
def by_hand(make_parts):
    """Return the offers of the study with programs, and the index of each."""
    parts = make_parts(claims_study())
    everyone, offers = programs_at_places(parts.study, parts.sets, parts.columns)
    return parts, everyone, offers, {offers.namer(parts.sets)(e): e for e in range(len(offers))}


def offers_with(make_parts, *rows: tuple[object, ...], rule: dict[str, object], study: Study | None = None) -> Offers:
    """Return the offers of programs called 'aid' with one rule."""
    study = study or two_plant_study()
    tables = {"incentives": offers_of(list(study.periods["period"]), *rows), "program_rules": rules_of({"aid": rule})}
    parts = make_parts(unchecked(study, **tables))
    return programs_at_places(parts.study, parts.sets, parts.columns)[1]


def test_the_most_that_each_kind_can_pay(by_hand) -> None:
    _, _, offers, at = by_hand
    assert offers.most[at["48C", "memphis", "cell"]] == pytest.approx(0.30 * 600e6)
    assert offers.most[at["45X", "memphis", "cell"]] == pytest.approx(35.0 * 6e6 * 10)
    assert offers.most[at["deal", "memphis", "assembly"]] == pytest.approx(200e6)
    # the large plant has 1,000 positions, and 20 hours of each of 120,000 vehicles are 1,200 more
    assert offers.most[at["training", "monterrey", "assembly"]] == pytest.approx(3_000.0 * 2_200 * 10)


def test_only_programs_with_rules_are_a_choice(by_hand) -> None:
    parts, everyone, _, at = by_hand
    assert not any(name == "site grant" for name, *_ in at)
    cell = next(q for q in range(len(parts.sets.places.site)) if parts.sets.place_name(q) == ("memphis", "cell"))
    assert everyone.fraction[cell].tolist() == [0.10]
    assert everyone.fraction.sum() == pytest.approx(0.10)
    left = everyone.uncovered(parts.sets)[parts.sets.changes.place == cell]
    assert left.ravel().tolist() == [pytest.approx(540e6)]


def test_paid_on_building_or_by_the_year(by_hand) -> None:
    _, _, offers, at = by_hand
    assert offers.built[at["48C", "memphis", "cell"]]
    assert offers.built[at["deal", "memphis", "assembly"]]
    assert not offers.built[at["45X", "memphis", "cell"]]
    assert offers.pays.all()


@pytest.mark.parametrize(
    "rule", [{"pool_usd": 0.0}, {"most_usd": 0.0}, {"min_capex_usd": 100e6 + 1}, {"pool_usd": 0.0, "most_usd": 5.0}]
)
def test_a_program_that_can_never_pay_is_no_choice(make_parts, rule: dict[str, object]) -> None:
    assert len(offers_with(make_parts, ("memphis", "pack", None, "aid", "investment", 0.3), rule=rule)) == 0


def test_a_pledge_that_the_largest_plant_just_keeps_is_a_choice(make_parts) -> None:
    row = ("memphis", "pack", None, "aid", "investment", 0.3)
    assert len(offers_with(make_parts, row, rule={"min_capex_usd": 100e6})) == 1


@pytest.mark.parametrize(
    "row",
    [
        ("memphis", "pack", None, "aid", "investment", 0.0),
        ("windsor", "pack", None, "aid", "investment", 0.3),  # nothing may be built there
        ("memphis", "pack", "cell", "aid", "production", 5.0),  # a pack plant makes no cells
        ("nowhere", "pack", None, "aid", "grant", 1e6),
    ],
)
def test_rows_that_nobody_can_earn_are_left_out(make_parts, row: tuple[object, ...]) -> None:
    assert len(offers_with(make_parts, row, rule={})) == 0


def test_two_rows_of_one_program_add_up(make_parts) -> None:
    row = ("memphis", "pack", None, "aid", "investment", 0.3)
    assert offers_with(make_parts, row, row, rule={}).most.tolist() == [pytest.approx(60e6)]


def test_standing_staff_earns_a_credit_for_jobs(make_parts) -> None:
    offers = offers_with(make_parts, ("windsor", "cell", None, "aid", "job", 1_000.0), rule={})
    assert offers.constant.tolist() == [[300 * 1_000.0 * 10]]
    assert offers.most[0] == pytest.approx((300 + 0.05 / 2000 * 3e6) * 1_000 * 10)


def test_an_expansion_is_paid_for_where_a_partner_has_all_credits_of_the_new_plant(make_parts) -> None:
    study = two_plant_study(periods=2)
    options = study.options.assign(expands=[None, None, None, "small"], partner_credit_share=[0.0, 0.0, 1.0, 0.0])
    row = ("memphis", "assembly", None, "aid", "investment", 0.3)
    offers = offers_with(make_parts, row, rule={}, study=unchecked(study, options=options))
    assert offers.most.tolist() == [pytest.approx(0.3 * 1_000e6)]
    assert offers.pays.tolist() == [[False, True]]  # an expansion comes a period later


def test_fractions_to_everyone_are_at_most_the_whole(make_parts) -> None:
    study = two_plant_study()
    rows = [("memphis", "pack", None, name, "investment", 0.7) for name in ("a", "b")]
    parts = make_parts(unchecked(study, incentives=offers_of(["p1"], *rows)))
    everyone, offers = programs_at_places(parts.study, parts.sets, parts.columns)
    assert everyone.fraction.max() == 1.0
    assert len(offers) == 0
    assert (everyone.uncovered(parts.sets) >= 0).all()


def test_without_any_row_nothing_is_paid(make_parts) -> None:
    study = two_plant_study()
    parts = make_parts(unchecked(study, incentives=study.incentives.iloc[:0]))
    everyone, offers = programs_at_places(parts.study, parts.sets, parts.columns)
    assert (len(offers), len(everyone.built.row), len(everyone.yearly.row)) == (0, 0, 0)
    assert isinstance(everyone, AutomaticPrograms)
    assert offers.most.tolist() == []


def test_most_staff_and_investment_of_a_place(one_period) -> None:
    sets = one_period.sets
    at = {sets.place_name(q): q for q in range(len(sets.places.site))}
    assert most_capex(sets)[at["memphis", "assembly"]] == 1e9
    assert most_capex(sets)[at["windsor", "cell"]] == 0.0
    assert most_staff(sets, 2000.0)[at["memphis", "assembly"]].tolist() == [1_000 + 20 / 2000 * 120e3]
    assert most_staff(sets, 2000.0)[at["windsor", "cell"]].tolist() == [300 + 0.05 / 2000 * 3e6]


@pytest.mark.parametrize(("left", "right"), [([], []), ([1], []), ([], [1]), ([3, 3], [3, 3]), ([-1, 2], [2, -1, 2])])
def test_matched_pairs_are_all_equal_pairs(left: list[int], right: list[int]) -> None:
    one, other = equal_pairs(np.array(left, np.int64), np.array(right, np.int64))
    found = set(zip(one.tolist(), other.tolist(), strict=True))
    assert found == {(i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a == b}
    assert len(found) == len(one)
