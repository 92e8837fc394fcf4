"""The certificate names the limit on numbers, logic, staff, ways and sources that a plan breaks, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.results.certificate import certify
from evsiting.results.rules import counts, limits
from evsiting.results.rules.case import Examination
from evsiting.study.study import Study
from tests.certificate.test_sabotage_limits import plan_of, promising
from tests.limit_studies import with_limits
from tests.plans import SHIPMENTS

# What the right plan comes to: three plants in Memphis and the cells of Windsor, 60,000 vehicles east by rail.
CASES = [
    ("count", {"kind": "plants_open"}, "at_least", 4),
    ("count", {"kind": "plants_open", "place": "US-TN"}, "at_most", 3),
    ("count", {"kind": "plants_open", "plant_type": "cell", "period": "p1"}, "at_most", 2),
    ("count", {"kind": "plants_open", "plant_type": "assembly", "option": "large"}, "at_least", 1),
    ("count", {"kind": "plants_open", "place": "US", "if_open": "windsor"}, "at_most", 3),
    ("count", {"kind": "plants_built"}, "at_most", 3),
    ("count", {"kind": "plants_built", "plant_type": "pack", "option": "line", "period": "p1"}, "at_least", 1),
    ("logic", {"kind": "members_open", "members": "memphis; windsor; monterrey"}, "at_most", 2),
    ("logic", {"kind": "members_open", "members": "memphis/cell; */cell/large"}, "at_least", 2),
    ("logic", {"kind": "members_open", "members": "*/pack", "if_open": "windsor/cell; monterrey"}, "at_most", 1),
    ("sites_changed", {"kind": "sites_changed", "members": "memphis; monterrey"}, "at_least", 1),
    ("sites_changed", {"kind": "sites_changed", "members": "windsor; monterrey"}, "at_most", 3),
    ("sites_changed", {"kind": "sites_changed", "members": "memphis; windsor", "plant_type": "pack"}, "at_most", 1),
    ("staffing", {"kind": "jobs_fte", "place": "US"}, "at_least", 2_950.0),
    ("staffing", {"kind": "jobs_fte", "plant_type": "cell", "first_year": 2027}, "at_most", 987.5),
    ("throughput", {"kind": "throughput", "product": "cell", "origin": "CA", "destination": "US-TN"}, "at_most", 1.5e6),
    ("throughput", {"kind": "throughput", "product": "vehicle", "mode": "rail"}, "at_least", 1e5),
    ("throughput", {"kind": "throughput_mass", "gateway": "detroit", "destination": "memphis"}, "at_most", 9e3),
    ("throughput", {"kind": "throughput_mass", "mode": "rail", "period": "p1"}, "at_most", 199e3),
]  # fmt: skip


def bounds(part: float) -> list[dict[str, object]]:
    """Return the limits; those on numbers are tighter by one where a part is given, the others by that part."""
    found = []
    for family, limit, side, value in CASES:
        step = (1.0 if family in ("count", "logic", "sites_changed") else value * 1e-3) if part else 0.0
        found.append(
            {**limit, "limit": f"{family} {len(found)}", side: value + (step if side == "at_least" else -step)}
        )
    return found


def broken(study: Study, **changes: list[tuple[object, ...]]) -> set[str]:
    """Return the limits that the changed plan breaks, as the rules name them."""
    case = Examination(study, plan_of(study, **changes))
    rules = {**counts.RULES, "staffing": limits.staffing}
    return {
        part.tell(row)[0].split("/")[0]
        for rule in rules.values()
        for part in rule(case)
        for row in np.flatnonzero(part.broken > 1e-6).tolist()
    }


def test_limits_that_are_just_kept() -> None:
    study = with_limits(promising(), *bounds(0.0))
    certify(study, plan_of(study)).raise_if_failed()


def test_limits_that_are_just_broken() -> None:
    tight = bounds(1.0)
    study = with_limits(promising(), *tight, checked=False)
    assert broken(study) == {row["limit"] for row in tight}
    assert set(certify(study, plan_of(study)).failed) == {family for family, *_ in CASES}


@pytest.mark.parametrize("names", ["memphis/pack", "monterrey; busan/cell", "*/cell/small"])
def test_what_depends_on_a_plant_that_does_not_stand_holds(names: str) -> None:
    row = {"kind": "plants_open", "at_most": 1, "if_open": names}
    study = with_limits(promising(), row, checked=False)
    assert broken(study) == ({"limit 1"} if names == "memphis/pack" else set())


def test_a_second_source_is_told() -> None:
    two = [*SHIPMENTS[:-1], ("vehicle", "memphis", "west", "rail", "p1", 39e3),
           ("vehicle", "monterrey", "west", "rail", "p1", 1e3)]  # fmt: skip
    study = with_limits(
        promising(),
        {"kind": "sources", "product": "vehicle", "at_most": 1},
        {"kind": "sources", "at_most": 2},
        {"kind": "sources", "place": "east", "at_most": 1},
    )
    assert broken(study) == set()
    assert broken(study, shipments=two) == {"limit 1"}
