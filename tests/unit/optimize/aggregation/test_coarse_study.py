"""Studies over groups: what is added up, who stands for whom."""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting.optimize.aggregation.coarse_study import centres, over_members
from evsiting.optimize.aggregation.groups import group_places


def test_members_stand_for_their_groups_and_demand_adds_up() -> None:
    study = ev.example("north-america-cities")
    groups = group_places(study)
    chosen = centres(study, groups)
    assert set(groups.site[chosen]) == set(groups.site)
    assert len(chosen) == len(set(chosen)) < 160
    small = over_members(study, groups, chosen)
    assert set(small.sites["site"]) == set(chosen)
    assert set(small.markets["market"]) == set(groups.market)
    by_period = (d.demand.groupby("period")["units_per_yr"].sum().to_numpy() for d in (study, small))
    np.testing.assert_allclose(*by_period, rtol=1e-12)
    assert set(small.incentives["site"]) <= set(chosen)
    tennessee = small.markets.loc[small.markets["region"] == "US-TN"].geometry.iloc[0]
    assert (tennessee.x, tennessee.y) == pytest.approx((-86.6, 35.8), abs=0.8)
