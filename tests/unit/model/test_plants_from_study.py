"""Standing plants and possible changes: what each adds in which period, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.model.sets import Sets
from evsiting.model.sets_from_study import make_sets
from tests.studies import two_plant_study, unchecked


def sets_with(*, periods: int = 2, **tables: pd.DataFrame) -> Sets:
    """Return the sets of the two-plant study with other tables, unchecked."""
    study = two_plant_study(periods=periods)
    return make_sets(unchecked(study, **tables))


def rows_of(sets: Sets, kind: str, site: str = "memphis", plant_type: str = "pack") -> list[int]:
    """Return the changes of a kind at a place."""
    changes = sets.changes
    names = [sets.place_name(int(q)) for q in changes.place]
    return [c for c, k in enumerate(changes.kind) if k == kind and names[c] == (site, plant_type)]


def options(**more: object) -> pd.DataFrame:
    """Return the options of the study with other columns."""
    return two_plant_study(periods=2).options.assign(**more)


def test_a_plant_counts_only_in_years_in_which_it_runs() -> None:
    plants = two_plant_study(periods=2).plants.assign(first_year=2028, last_year=2033)
    places = sets_with(plants=plants).places
    at = int(np.flatnonzero(places.capacity.any(axis=1))[0])
    assert np.allclose(places.capacity[at], [3e6 * 4 / 5, 3e6 * 2 / 5])  # of 2027-2031 and 2032-2036
    assert np.allclose(places.staff[at], [240.0, 120.0])
    assert np.allclose(places.fixed[at], [12e6, 6e6])


def test_two_plants_of_a_type_at_a_site_are_one_place() -> None:
    plants = two_plant_study(periods=2).plants
    twin = plants.assign(plant="7", capacity_units_per_yr=1e6)
    places = sets_with(plants=pd.concat([plants, twin])).places
    assert places.capacity[places.capacity.any(axis=1)].tolist() == [[4e6, 4e6]]


@pytest.mark.parametrize(("status", "resume", "there"), [("paused", None, False), ("paused", 5e6, True)])
def test_a_paused_plant_is_a_place_only_where_it_may_be_resumed(status: str, resume: float | None, there: bool) -> None:
    plants = two_plant_study(periods=2).plants.assign(status=status, resume_usd=resume)
    sets = sets_with(plants=plants)
    assert bool(rows_of(sets, "resume", "windsor", "cell")) is there
    assert not sets.places.capacity.any()
    assert len(sets.places.site) == 5 + there


def test_a_resumed_plant_costs_what_is_left_in_the_horizon_and_adds_from_then_on() -> None:
    plants = two_plant_study(periods=2).plants.assign(status="paused", resume_usd=40e6)
    sets = sets_with(plants=plants)
    (c,) = rows_of(sets, "resume", "windsor", "cell")
    changes = sets.changes
    assert changes.capacity[c].tolist() == [[3e6, 3e6], [0.0, 3e6]]
    assert np.allclose(changes.lump[c], [40e6 * 10 / 20, 40e6 * 5 / 20])  # annuities of ten and of five years of twenty
    assert changes.size[c] == 3e6


def test_a_closing_takes_away_what_stands_and_is_paid_once() -> None:
    plants = two_plant_study(periods=2).plants.assign(closing_usd=7e6)
    sets = sets_with(plants=plants)
    (c,) = rows_of(sets, "close", "windsor", "cell")
    changes = sets.changes
    assert changes.capacity[c].tolist() == [[-3e6, -3e6], [0.0, -3e6]]
    assert changes.staff[c].tolist() == [[-300.0, -300.0], [0.0, -300.0]]
    assert np.allclose(changes.lump[c], 7e6)
    assert (changes.size[c], changes.capex[c].tolist()) == (0.0, [0.0, 0.0])


def test_a_free_closing_is_a_closing() -> None:
    plants = two_plant_study(periods=2).plants.assign(closing_usd=0.0)
    assert len(rows_of(sets_with(plants=plants), "close", "windsor", "cell")) == 1


def test_a_new_plant_ramps_up_from_its_own_first_year() -> None:
    (c,) = rows_of(sets_with(options=options(ramp_up="0.5; 0.75")), "build")
    usable = (0.5 + 0.75 + 3.0) / 5
    sets = sets_with(options=options(ramp_up="0.5; 0.75"))
    assert np.allclose(sets.changes.capacity[c], 120e3 * np.array([[usable, 1.0], [0.0, usable]]))
    assert np.allclose(sets.changes.least[c], 0.3 * sets.changes.capacity[c])
    assert sets.changes.staff[c].tolist() == [[100.0, 100.0], [0.0, 100.0]]  # hired at once


def test_property_tax_is_on_the_own_investment_of_each_year_and_ends_never() -> None:
    study = two_plant_study(periods=2)
    sites = study.sites.assign(property_tax_rate=[0.02, 0.0, 0.0])
    sets = sets_with(sites=sites, options=options(partner_capex_share=0.25))
    (c,) = rows_of(sets, "build")
    assert np.allclose(sets.changes.capex[c], 75e6)
    assert np.allclose(sets.changes.fixed[c], (5e6 + 1e6 + 0.02 * 75e6) * np.array([[1, 1], [0, 1]]))


def test_the_partners_part_of_the_output_takes_its_part_of_staff_and_fixed_cost() -> None:
    sets = sets_with(options=options(partner_output_share=0.4, partner_credit_share=0.1))
    (c,) = rows_of(sets, "build")
    assert sets.changes.size[c] == pytest.approx(72e3)
    assert np.allclose(sets.changes.staff[c], 60.0 * np.array([[1, 1], [0, 1]]))
    assert np.allclose(sets.changes.fixed[c], (3e6 + 1e6) * np.array([[1, 1], [0, 1]]))
    assert sets.changes.kept_credit[c] == pytest.approx(0.9)


def test_an_expansion_adds_the_difference_and_no_cost_of_the_site() -> None:
    grown = options(expands=[None, None, None, "small"])
    sets = sets_with(options=grown)
    small, large = rows_of(sets, "build", plant_type="assembly")
    changes = sets.changes
    assert changes.name[[small, large]].tolist() == ["small", "large"]
    assert (changes.expands[large], changes.expands[small]) == (small, -1)
    assert np.allclose(changes.capacity[large][0], 60e3)
    assert changes.size[large] == 120e3
    assert np.allclose(changes.fixed[large][0], 20e6)
    assert np.allclose(changes.fixed[small][0], 41e6)
    assert np.allclose(changes.capex[large], 1e9)
    assert changes.root[[small, large]].tolist() == [True, False]


def test_every_option_that_may_be_closed_has_a_closing_for_each_period_of_building() -> None:
    sets = sets_with(options=options(closing_usd=[None, 3e6, None, None]), periods=2)
    (build,), (end,) = rows_of(sets, "build"), rows_of(sets, "retire")
    changes = sets.changes
    assert (changes.built[end], changes.retires[end]) == (0, build)
    assert changes.capacity[end].tolist() == [[0.0, 0.0], [0.0, -120e3]]
    assert changes.may_open[end].tolist() == [False, True]
    assert not rows_of(sets_with(options=options(closing_usd=3e6), periods=1), "retire")  # no later period


def test_an_option_named_for_some_sites_is_offered_there_alone() -> None:
    sets = sets_with(options=options(sites=[None, "monterrey; windsor", None, None]))
    assert rows_of(sets, "build", "memphis", "pack") == []
    assert len(rows_of(sets, "build", "monterrey", "pack")) == 1
    assert rows_of(sets, "build", "windsor", "pack") == []  # a site that is no candidate


def test_ids_that_are_numbers_and_ties_of_size_keep_a_fixed_order() -> None:
    twin = options().iloc[[1, 1, 1]].assign(option=["10", "9", "1"])
    sets = sets_with(options=pd.concat([options(), twin]))
    names = sets.changes.name[rows_of(sets, "build")].tolist()
    assert names == sorted(names) == ["1", "10", "9", "line"]
