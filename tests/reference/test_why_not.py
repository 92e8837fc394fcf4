"""What it costs to force a site in or out, against brute force over every set of sites of small studies."""

from __future__ import annotations

import math

import pytest

import evsiting as ev
from evsiting.layers import complete
from evsiting.optimize.decisions.site_ranges import open_candidates
from tests.random_studies import random_study
from tests.reference.test_alternatives import every_set
from tests.reference.test_brute_force import near


def truth(costs: dict[tuple[str, ...], float], site: str, force: str) -> float:
    """Return what it costs to force a site: infinite where no plan keeps that."""
    forced = [cost for sites, cost in costs.items() if (site in sites) == (force == "in")]
    return min(forced, default=math.inf) - min(costs.values())


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # random studies hold what is odd but legal
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_the_interval_holds_the_truth_and_at_no_gap_is_it(seed: int) -> None:
    study = complete(random_study(seed, sites=2 + seed % 3))
    costs = every_set(study)
    least = min(costs.values())
    for gap in (0.0, 0.03):
        plan = ev.solve(study, gap=gap, threads=1)
        session = ev.open_session(study, gap=gap, threads=1)
        for site in open_candidates(study):
            for force in ("in", "out"):
                found = ev.why_not(session, site, force=force, plan=plan)
                dearer, ends = truth(costs, site, force), found.difference
                if math.isinf(dearer):
                    assert found.plan is None
                    assert ends.low == ends.high == math.inf
                    continue
                assert found.plan is not None
                room = 1e-6 * abs(least)
                assert 0.0 <= ends.low <= dearer + room
                assert dearer - room <= ends.high
                assert ends.high - ends.low <= 2.0 * gap * abs(found.plan.solve.objective) + room, (
                    "of both gaps at most"
                )
                if gap == 0.0:
                    assert found.plan.solve.objective == near(least + dearer)
                ev.certify(found.study, found.plan).raise_if_failed()
                bound = ev.recompute_bound(found.study, found.plan)
                assert bound is None or bound.holds


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")
def test_quick_bounds_of_all_candidates_are_below_the_truth_and_some_say_something() -> None:
    said = 0
    for seed in range(4):
        study = complete(random_study(seed, sites=3))
        costs = every_set(study)
        least = min(costs.values())
        quick = ev.entry_costs(study, gap=0.0, threads=1, verify=False)
        for site, rows in quick.groupby("site"):
            dearer = truth(costs, str(site), "in")  # with a plant of any type: the least of what each type costs
            assert rows["at_least"].min() <= dearer + 1e-6 * abs(least)
            said += int(rows["at_least"].min() > 0.0)
    assert said
