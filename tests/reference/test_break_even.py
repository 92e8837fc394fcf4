"""The value at which an answer flips: past it the site is built, short of it it is not, on random studies."""

from __future__ import annotations

import itertools

import pytest

import evsiting as ev
from evsiting.layers import complete
from evsiting.optimize.decisions.break_even import break_even
from evsiting.optimize.decisions.changed_figures import with_figure
from evsiting.optimize.decisions.forced import opened_sites
from evsiting.optimize.decisions.site_ranges import open_candidates
from evsiting.study.study import Study
from tests.random_studies import random_study

#: A seed whose answer flips within a second or two.
QUICK = 7
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed != QUICK else ()) for seed in range(20)]
HOW = {"gap": 0.0, "threads": 1, "verify": False}


def undecided(seed: int) -> tuple[Study, ev.Plan, str]:
    """Return a random study, its best plan, and a site at which that does not build."""
    for number in itertools.count(seed, 100):
        study = complete(random_study(number, sites=3 + number % 3))
        plan = ev.solve(study, **HOW)
        left = [s for s in open_candidates(study) if s not in opened_sites(plan)]
        if left:
            return study, plan, left[0]
    raise AssertionError


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # random studies hold what is odd but legal
@pytest.mark.parametrize("seed", SEEDS)
def test_one_percent_past_flips_and_one_percent_short_does_not(seed: int) -> None:
    study, plan, site = undecided(seed)
    what = "grant" if seed % 2 == 0 else ("wage", "power_price")[seed // 2 % 2]
    found = break_even(study, site, what, plan=plan, **HOW)
    if found.in_at != found.in_at:  # not even for nothing: then a grant does
        assert what != "grant"
        assert set(found.tried["builds"]) == {"no"}
        what = "grant"
        found = break_even(study, site, what, plan=plan, **HOW)
    assert abs(found.in_at - found.out_at) <= 0.01 * max(abs(found.in_at), abs(found.out_at))
    onward = 1.0 if found.in_at > found.out_at else -1.0
    for value, builds in ((found.in_at * (1 + 0.01 * onward), True), (found.out_at * (1 - 0.01 * onward), False)):
        there = ev.solve(with_figure(study, found.site, what, value, found.plant_type), **HOW)
        assert (found.site in opened_sites(there, found.plant_type)) == builds


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")
@pytest.mark.parametrize("what", ["demand", "capex", "duty"])
def test_a_factor_on_the_whole_study_flips_as_well_or_nothing_is_claimed(what: str) -> None:
    """Both ends are solved anew; what flips is looked for in some studies until one does."""
    flips = 0
    for seed in range(4):
        study, plan, site = undecided(seed)
        found = break_even(study, site, what, within=0.05, plan=plan, **HOW)
        if found.in_at != found.in_at or found.out_at != found.out_at:
            assert "No value that was tried" in found.note
            continue
        flips = 1
        for value, builds in ((found.in_at, True), (found.out_at, False)):
            there = ev.solve(with_figure(study, found.site, what, value, found.plant_type), **HOW)
            assert (found.site in opened_sites(there, found.plant_type)) == builds
        break
    assert flips or what == "duty", "few random studies levy duties that matter"
