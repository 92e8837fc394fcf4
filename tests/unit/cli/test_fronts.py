"""Which front the command is asked for."""

from __future__ import annotations

import pytest

from evsiting.cli.fronts import FrontWish


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
