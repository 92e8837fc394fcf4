"""Studies over groups: what is added up, who stands for whom."""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting.optimize.aggregation.coarse_study import centres, over_members
from evsiting.optimize.aggregation.groups import group_places
from evsiting.study.study import Study


def test_members_stand_for_their_groups_and_demand_adds_up() -> None:
    study = ev.example("north-america-cities")
    groups = group_places(study)
    chosen = centres(study, groups)
    assert set(groups.site[chosen]) == set(groups.site)
    assert len(chosen) == len(set(chosen)) < 250
    small = over_members(study, groups, chosen)
    assert set(small.sites["site"]) == set(chosen)
    assert set(small.markets["market"]) == set(groups.market)
    by_period = (d.demand.groupby("period")["units_per_yr"].sum().to_numpy() for d in (study, small))
    np.testing.assert_allclose(*by_period, rtol=1e-12)
    assert set(small.incentives["site"]) <= set(chosen)
    for axis in ("x", "y"):
        means = [_moment(each, axis) for each in (study, small)]
        assert means[1] == pytest.approx(means[0], rel=1e-6)


def _moment(study: Study, axis: str) -> float:
    """Return the sum over demand of units times a coordinate."""
    at = dict(zip(study.markets["market"], getattr(study.markets.geometry, axis), strict=True))
    return float((study.demand["market"].map(at) * study.demand["units_per_yr"]).sum())
