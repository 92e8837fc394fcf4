"""Rules of what is built, closed and used: each way to break one, and its words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.results.rules import siting
from tests.plans import OPENINGS, PRODUCTION


def reasons(violations) -> list[str]:
    """Return why rows are refused."""
    return [part.tell(r)[1] for part in violations for r in np.flatnonzero(part.broken > 0).tolist()]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("atlantis", "cell", "large", "p1"), "the study has no such site"),
        (("windsor", "cell", "large", "p1"), "nothing new may be built there"),
        (("monterrey", "cell", "large", "p1"), "only pack;assembly may be built there"),
        (("memphis", "cell", "huge", "p1"), "the study has no such option"),
        (("memphis", "cell", "large", "p9"), "the study has no such period"),
    ],
)
def test_what_may_not_be_built_is_told_why(examine, row: tuple[str, ...], words: str) -> None:
    assert reasons(siting.openings(examine(openings=[*OPENINGS, row]))) == [words]


def test_a_plan_that_opens_nothing_breaks_no_rule_of_opening(examine, broken) -> None:
    case = examine(openings=[])
    for rule in (siting.openings, siting.one_option, siting.expand, siting.retire, siting.move_once, siting.min_load):
        assert broken(rule(case)) == {}


def test_an_option_for_other_sites_is_refused(examine, study_with) -> None:
    options = examine().study.options.assign(sites=["monterrey", None, None, None])
    assert reasons(siting.openings(examine(study_with(options=options)))) == ["the option is for monterrey only"]


def test_a_second_plant_of_a_type_is_one_too_many(examine, broken) -> None:
    case = examine(openings=[*OPENINGS, ("memphis", "assembly", "small", "p1")])
    assert broken(siting.one_option(case)) == {"memphis/assembly": 1.0}


def test_an_expansion_without_what_it_expands_or_twice_is_refused(examine, study_with, broken) -> None:
    options = examine().study.options.assign(expands=[None, None, None, "small"])
    study = study_with(options=options)
    large = ("memphis", "assembly", "large", "p1")
    assert reasons(siting.expand(examine(study, openings=[large]))) == ["what it expands was not built before"]
    small = ("memphis", "assembly", "small", "p1")
    together = examine(study, openings=[small, large])
    assert reasons(siting.expand(together)) == ["what it expands was not built before"]  # in the same period
    soon = study_with(options=options.assign(at_once=1.0))
    assert broken(siting.expand(examine(soon, openings=[small, large]))) == {}
    assert "memphis/assembly/small" in broken(siting.expand(examine(soon, openings=[small, large, large])))


def test_a_lead_time_is_over_at_the_start_of_a_period_and_not_before(examine, study_with, broken) -> None:
    options = examine().study.options
    assert broken(siting.openings(examine(study_with(options=options.assign(lead_years=0.0))))) == {}
    late = reasons(siting.openings(examine(study_with(options=options.assign(lead_years=0.5)))))
    assert set(late) == {"takes 0.5 years, the period begins after 0"}
    assert len(late) == 3


def test_closings_that_nothing_allows(examine, study_with) -> None:
    two = pd.DataFrame({"period": ["p1", "p2"], "start_year": [2027, 2032], "years": [5, 5]})
    options = examine().study.options.assign(closing_usd=[np.nan, 1e6, np.nan, np.nan])
    study = study_with(periods=two, options=options)

    def why(*rows: tuple[str, ...]) -> list[str]:
        return reasons(siting.retire(examine(study, retirements=list(rows))))

    assert why(("memphis", "pack", "line", "p1", "p2")) == []
    assert why(("memphis", "pack", "line", "p2", "p2")) == ["was not built then"]
    assert why(("memphis", "cell", "large", "p1", "p2")) == ["may not be closed"]
    assert why(("memphis", "pack", "line", "p1", "p1")) == ["closed in no later period"]
    assert why(("memphis", "pack", "line", "p1", "p9")) == ["closed in no later period"]
    assert why(*[("memphis", "pack", "line", "p1", "p2")] * 2) == ["closed twice"]


def test_a_standing_plant_is_closed_only_where_it_may_and_once(examine, study_with, broken) -> None:
    assert len(broken(siting.move_once(examine(closings=[("windsor_cells", "p1")])))) == 1
    plants = examine().study.plants.assign(closing_usd=0.0)
    study = study_with(plants=plants)
    assert broken(siting.move_once(examine(study, closings=[("windsor_cells", "p1")]))) == {}
    assert len(reasons(siting.move_once(examine(study, closings=[("windsor_cells", "p1")] * 2)))) == 1
    assert len(reasons(siting.move_once(examine(study, resumptions=[("windsor_cells", "p1")])))) == 1


def test_plants_of_the_plan_are_those_of_the_study(examine, study_with) -> None:
    assert reasons(siting.committed(examine())) == []
    other = study_with(plants=examine().study.plants.assign(capacity_units_per_yr=2e6))
    assert reasons(siting.committed(examine(other))) == [
        "missing or changed in the plan",
        "not a standing plant of the study",
    ]


def test_capacity_is_broken_by_the_part_that_is_too_much(examine, broken) -> None:
    production = [*PRODUCTION[:2], ("memphis", "pack", "pack", "p1", 150e3), PRODUCTION[3]]
    assert broken(siting.capacity(examine(production=production))) == {"memphis/pack/p1": pytest.approx(0.25)}


def test_what_is_made_where_nothing_stands_has_no_size_of_its_own(examine, broken) -> None:
    production = [*PRODUCTION, ("monterrey", "pack", "pack", "p1", 1.0)]
    found = broken(siting.capacity(examine(production=production)))
    assert found["monterrey/pack/p1"] == pytest.approx(1.0 / (1e-3 * 6e6))  # a thousandth of the largest row of all


def test_an_infinite_production_breaks_capacity_without_limit(examine, broken) -> None:
    production = [*PRODUCTION[:3], ("memphis", "assembly", "vehicle", "p1", np.inf)]
    assert broken(siting.capacity(examine(production=production)))["memphis/assembly/p1"] == np.inf


def test_below_the_minimum_load(examine, broken) -> None:
    production = [*PRODUCTION[:3], ("memphis", "assembly", "vehicle", "p1", 45e3)]
    assert broken(siting.min_load(examine(production=production))) == {"memphis/assembly/p1": pytest.approx(0.25)}
    assert broken(siting.min_load(examine(production=PRODUCTION[:3]))) == {"memphis/assembly/p1": pytest.approx(1.0)}
