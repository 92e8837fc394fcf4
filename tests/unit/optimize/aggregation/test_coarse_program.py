"""The program over groups is the same from the study that was asked about and from that with the lanes of a plan."""

from __future__ import annotations

import numpy as np

import evsiting as ev
from evsiting.layers import complete
from evsiting.optimize.aggregation.coarse_program import coarse_program, group_words, without_lanes
from evsiting.optimize.aggregation.groups import group_places


def test_the_study_of_a_plan_gives_the_program_that_bounded_it() -> None:
    study = ev.example("starter")
    bare = study.with_table("lanes", study.lanes.head(0))
    found = ev.solve_by_aggregation(bare, gap=0.2)
    weights = {"cost": 1.0, "emissions": 50.0}
    caps = {"emissions": 1e7}
    asked = complete(bare, freight=None)
    stages: list[str] = []
    one = coarse_program(asked, weights, caps, stage=stages.append).milp
    two = coarse_program(without_lanes(found.study), weights, caps).milp
    for name in ("column_lower", "column_upper", "row_lower", "row_upper"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name
    assert (one.matrix != two.matrix).nnz == 0
    assert np.array_equal(one.combined(weights).coefficients, two.combined(weights).coefficients)
    assert one.shape[0] == coarse_program(asked, weights, {}).milp.shape[0] + 1
    assert stages[-1].startswith(f"bound over {group_words(group_places(asked))}: ")


def test_a_study_without_the_lanes_of_a_plan_says_nothing_of_lanes() -> None:
    study = ev.complete(ev.example("starter"))
    bare = without_lanes(study)
    assert not bare.has("lanes")
    assert not (bare.provenance["table"] == "lanes").any()
    assert len(bare.provenance) + int((study.provenance["table"] == "lanes").sum()) == len(study.provenance)
