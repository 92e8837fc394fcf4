"""Other sets of sites against brute force over every set of sites of small studies."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from evsiting.layers import complete
from evsiting.optimize.decisions.alternatives import alternatives
from evsiting.optimize.decisions.forced import other_sites, with_limit_rows
from evsiting.optimize.decisions.site_ranges import open_candidates
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.random_studies import random_study
from tests.reference.test_brute_force import near

SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= 1 else ()) for seed in range(16)]


def every_set(study: Study) -> dict[tuple[str, ...], float]:
    """Return the least cost by set of sites that open, of those with a plan, by brute force."""
    able = sorted(open_candidates(study))
    found = {}
    for sites in chain.from_iterable(combinations(able, k) for k in range(len(able) + 1)):
        best = best_plan(with_limit_rows(study, [other_sites(sites, None, at_most=0)]), "cost")
        if best is not None:
            found[sites] = best.value
    return found


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # random studies hold what is odd but legal
@pytest.mark.parametrize("seed", SEEDS)
def test_every_set_of_sites_within_the_slack_is_found(seed: int) -> None:
    study = complete(random_study(seed, sites=2 + seed % 3))
    costs = every_set(study)
    least = min(costs.values())
    slack = (0.02, 0.1, 1.0)[seed % 3]
    found = alternatives(
        study, count=None, slack=slack, different=1, each_site="solved", gap=0.0, threads=1, verify=False
    )
    assert found.complete
    assert found.base.objective == near(least)
    within = {sites: cost for sites, cost in costs.items() if cost <= found.ceiling and sites != found.base.sites}
    assert {one.sites: one.objective for one in found.within} == {s: near(c) for s, c in within.items()}
    every = [set(sites) for sites in within] + [set(found.base.sites)]
    far = max(len(sites ^ set(found.base.sites)) for sites in every)
    assert [(one.distance, one.farthest) for one in found.different] == ([(far, far)] if far else [])
    for row in found.sites.itertuples():
        has = [row.site in sites for sites in every]
        assert row.within == ("must" if all(has) else "may" if any(has) else "never")
        other = [cost for sites, cost in costs.items() if (row.site in sites) != row.in_base]
        slacks = (min(other, default=float("inf")) - least) / abs(least)
        assert (row.slack_low, row.slack_high) == (pytest.approx(slacks, abs=1e-6), pytest.approx(slacks, abs=1e-6))
