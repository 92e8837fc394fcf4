"""The lanes of a plan's plants: all of them, and no others."""

from __future__ import annotations

import evsiting as ev
from evsiting.optimize.aggregation.detail import study_in_detail

KEY = ["product", "origin", "destination", "mode"]


def test_lanes_leave_and_reach_the_plants_of_the_plan_and_are_those_of_the_layer() -> None:
    study = ev.example("starter")
    plan = ev.solve(study)
    bare = ev.complete(study.with_table("lanes", study.lanes.head(0)), freight=None)
    made = study_in_detail(bare, plan)
    mine, every = (frame[KEY].astype(str) for frame in (made.study.lanes, study.lanes))
    assert not mine.merge(every, how="left", indicator=True)["_merge"].eq("left_only").any()
    used = plan.shipments[KEY].astype(str).drop_duplicates()
    assert len(used.merge(mine)) == len(used)
    sites, built = set(study.sites["site"]), set(plan.decisions["openings"]["site"])
    held = built | set(study.plants["site"])
    assert (set(mine["origin"]) & sites) <= held
    assert len(mine) < len(every)
    assert made.program.milp.integer[made.on_plants].all()
