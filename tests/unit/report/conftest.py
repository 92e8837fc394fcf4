"""Plans for the tests of the report, made once and without a solver: the best one, and one that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest

from evsiting.report.html.blocks import Grid, Section
from tests.plans import plan_of, tiny_plan


@pytest.fixture(autouse=True)
def _figures_closed() -> Iterator[None]:
    """Close the figures that a test has opened."""
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def nothing():
    """Return the two-plant study with the plan that opens, makes and ships nothing."""
    study, _ = tiny_plan()
    return study, plan_of(study, openings=[], production=[], shipments=[])


def grids_of(section: Section | None) -> dict[str, Grid]:
    """Return the tables of a section by title."""
    assert section is not None
    return {block.title: block for block in section.blocks if isinstance(block, Grid)}


@pytest.fixture(scope="session")
def grids():
    """Return the function from a section to its tables by title."""
    return grids_of


def texts_of(grid: Grid) -> list[dict[str, str]]:
    """Return the printed texts of a table, by column title and number where a title comes twice."""
    titles = [c.title for c in grid.columns]
    keys = [t if titles.count(t) == 1 else f"{t} {titles[: n + 1].count(t)}" for n, t in enumerate(titles)]
    return [dict(zip(keys, (c.text for c in row), strict=True)) for row in grid.rows]


@pytest.fixture(scope="session")
def texts():
    """Return the function from a table to its printed texts."""
    return texts_of
