"""Which front the command is asked for."""

from __future__ import annotations

import pytest

from evsiting.cli.fronts import FrontWish
from evsiting.cli.show import front_parts
from evsiting.results.plan import Front
from tests.plans import plan_of, tiny_plan


@pytest.mark.parametrize(
    ("wish", "count"),
    [
        (FrontWish(("cost", "jobs")), 9),
        (FrontWish(("cost", "jobs"), 4), 4),
        (FrontWish(("cost", "jobs"), mode="exact"), None),
        (FrontWish(("cost", "jobs"), 12, "exact"), 12),
        (FrontWish(("cost", "emissions"), prices=(100.0, 500.0)), 3),
    ],
)
def test_how_many_points_there_will_be(wish: FrontWish, count: int | None) -> None:
    assert wish.count == count


def test_points_that_leave_demand_unmet_are_named_below_the_table() -> None:
    study, plan = tiny_plan()
    short = plan_of(study, openings=[], production=[], shipments=[], unmet=[("east", "vehicle", "p1", 10.0)])
    assert front_parts(Front(("cost", "emissions"), (plan,)))[0].caption is None  # type: ignore[union-attr]
    table = front_parts(Front(("cost", "emissions"), (plan, short)))[0]
    assert table.caption == "Point 2 leaves demand unmet: the cost holds the penalties."  # type: ignore[union-attr]
