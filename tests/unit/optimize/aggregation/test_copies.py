"""A program over one site of each group has the relaxation of all of them, and bounds the study with any lanes."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pandas as pd
import pytest

from evsiting.errors import InputError
from evsiting.layers.completion import complete_quietly
from evsiting.model.build import build
from evsiting.model.milp import Milp
from evsiting.optimize.aggregation.best_lanes import best_of_table, without_dominated
from evsiting.optimize.aggregation.coarse_study import grouped_study
from evsiting.optimize.aggregation.copies import COUNTED, with_copies
from evsiting.optimize.aggregation.groups import Grouping, group_places, require_groupable
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.study.study import Study
from tests.copied_studies import copyable, with_copied_sites
from tests.random_studies import random_study

#: Random studies hold what is odd but legal.
pytestmark = pytest.mark.filterwarnings("ignore::evsiting.errors.DataWarning")

EXACT = Limits(gap=0.0, time_s=60.0, threads=1)
#: Seeds whose studies have sites that may be copied and rules that groups keep.
FEW, MANY = (4, 7, 10), tuple(k for k in range(60) if k not in (4, 7, 10))


def seeds(*few: int) -> pytest.MarkDecorator:
    """Return a few seeds, and many with the slow tests."""
    return pytest.mark.parametrize("seed", [*few, *(pytest.param(k, marks=pytest.mark.slow) for k in MANY)])


def copied(seed: int, *, apart: float = 0.0, links: int = 0) -> Study:
    """Return a random study in which some sites stand several times."""
    study = complete_quietly(random_study(seed, features=None).with_settings(model={"links_per_market": links}))
    sites = copyable(study)[:3]
    made = with_copied_sites(study, {site: 1 + k % 2 for k, site in enumerate(sites)}, apart=apart, seed=seed)
    try:
        require_groupable(made.with_table("lanes", made.lanes.head(0)))
    except InputError:
        pytest.skip("rules that groups do not keep")
    if not sites:
        pytest.skip("every site is named")
    return made


def relaxed(milp: Milp) -> EngineResult:
    """Return the linear relaxation, without the rows that count sites."""
    lower = milp.row_lower.copy()
    for block in milp.row_blocks:
        if block.family in COUNTED:
            lower[block.start : block.stop] = -inf
    plain = replace(milp, integer=np.zeros_like(milp.integer), row_lower=lower)
    return find_engine("highs").run(plain, plain.combined({"cost": 1.0}), EXACT)


def over_groups(study: Study, groups: Grouping, lanes: pd.DataFrame) -> EngineResult:
    """Return the relaxation over groups."""
    copies = {group: n for group, n in groups.members.items() if n > 1}
    return relaxed(with_copies(build(grouped_study(study, groups, lanes)).milp, copies))


def optimum(study: Study) -> float:
    """Return the least cost of any plan."""
    milp = build(study).milp
    return find_engine("highs").run(milp, milp.combined({"cost": 1.0}), EXACT).objective


@seeds(*FEW)
def test_sites_that_are_alike_are_one_site_in_the_relaxation(seed: int) -> None:
    study = copied(seed)
    groups = group_places(study)
    if study.has("labor_pools"):
        pytest.skip("pools are left out of the bound")
    assert max(groups.members.values()) > 1
    one, all_of_them = over_groups(study, groups, best_of_table(study.lanes, groups)), relaxed(build(study).milp)
    assert one.status == all_of_them.status
    assert one.objective == pytest.approx(all_of_them.objective, rel=1e-7)


@seeds(*FEW)
def test_no_plan_is_below_the_bound_over_groups(seed: int) -> None:
    study = copied(seed, apart=0.3, links=25)
    groups = group_places(study)
    best = best_of_table(study.lanes, groups)
    duties = "duty_usd_per_unit" in best and bool((best["duty_usd_per_unit"] > 0.0).any())
    fewer = best if duties else without_dominated(best, emissions=True, promised=study.products["product"])
    least = optimum(study)
    for lanes in (best, fewer):
        assert over_groups(study, groups, lanes).objective <= least * (1.0 + 1e-9) + 1e-6


FIGURES = ("distance_km", "time_h", "freight_usd_per_unit", "emissions_kg_per_unit")


def dearest(lanes: pd.DataFrame, groups: Grouping) -> pd.DataFrame:
    """Return what must not be taken: of each figure the largest."""
    found = best_of_table(lanes.assign(**{c: -lanes[c] for c in FIGURES}), groups)
    return found.assign(**{c: -found[c] for c in FIGURES})


def test_the_dearest_lanes_in_place_of_the_best_are_no_bound() -> None:
    study = copied(7, apart=0.9)
    groups = group_places(study)
    assert over_groups(study, groups, dearest(study.lanes, groups)).objective > relaxed(build(study).milp).objective


def test_groups_that_count_as_one_site_are_no_bound() -> None:
    study = copied(13)
    groups = group_places(study)
    milp = build(grouped_study(study, groups, best_of_table(study.lanes, groups))).milp
    assert relaxed(with_copies(milp, {})).objective > relaxed(build(study).milp).objective * 1.001


def test_a_group_of_sites_that_differ_is_no_bound() -> None:
    study = copied(7)
    groups, region = group_places(study), study.sites.set_index("site")["region"]
    first, *others = copyable(study)
    other = next(site for site in others if region[site] != region[first])
    mixed = groups.site.where(groups.site != groups.site[other], groups.site[first])
    wrong = Grouping(mixed, groups.market)
    bound = over_groups(study, wrong, best_of_table(study.lanes, wrong)).objective
    assert bound > relaxed(build(study).milp).objective * 1.001
