"""The value at which an answer flips: past it the site is built, short of it it is not, on random studies."""

from __future__ import annotations

import pytest

import evsiting as ev
from evsiting.layers import complete
from evsiting.optimize.decisions.break_even import break_even
from evsiting.optimize.decisions.changed_figures import with_figure
from evsiting.optimize.decisions.forced import opened_sites
from evsiting.optimize.decisions.site_ranges import open_candidates
from tests.random_studies import random_study

#: A seed whose answer flips within a second or two.
QUICK = 7
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed != QUICK else ()) for seed in range(20)]
HOW = {"gap": 0.0, "threads": 1, "verify": False}


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # random studies hold what is odd but legal
@pytest.mark.parametrize("seed", SEEDS)
def test_one_percent_past_flips_and_one_percent_short_does_not(seed: int) -> None:
    study = complete(random_study(seed, sites=3 + seed % 3))
    plan = ev.solve(study, **HOW)
    left = [s for s in open_candidates(study) if s not in opened_sites(plan)]
    if not left:
        pytest.skip("every site is built")
    what = "grant" if seed % 2 == 0 else ("wage", "power_price")[seed // 2 % 2]
    found = break_even(study, left[0], what, plan=plan, **HOW)
    if found.in_at != found.in_at:  # not even for nothing
        assert what != "grant"
        assert set(found.tried["builds"]) == {"no"}
        return
    assert abs(found.in_at - found.out_at) <= 0.01 * max(abs(found.in_at), abs(found.out_at))
    onward = 1.0 if found.in_at > found.out_at else -1.0
    for value, builds in ((found.in_at * (1 + 0.01 * onward), True), (found.out_at * (1 - 0.01 * onward), False)):
        there = ev.solve(with_figure(study, found.site, what, value, found.plant_type), **HOW)
        assert (found.site in opened_sites(there, found.plant_type)) == builds
