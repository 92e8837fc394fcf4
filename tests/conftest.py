"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from evsiting.study.study import Study
from tests.studies import random_study, two_plant_study

ROOT = Path(__file__).resolve().parents[1]
#: Where the tests are that take longest. They begin first: whoever takes over tests of another process takes the last
#: ones, and none of these is left to run alone at the end.
LONGEST = {
    "tests/contract/test_knapsack.py",
    "tests/docs/test_examples.py",
    "tests/docs/test_notebooks.py",
    "tests/docs/test_readme.py",
    "tests/docs/test_what_if_page.py",
    "tests/property/test_laws.py",
    "tests/property/test_round_trip.py",
    "tests/reference/test_freight_emissions.py",
    "tests/unit/optimize/sessions/test_warm_and_cold.py",
    "tests/unit/optimize/sweeps/test_sweep.py",
}


def pytest_configure(config: pytest.Config) -> None:
    """Hear interrupts, as tests of Ctrl-C need, also where a shell has started this in the background, deaf to them.

    Random studies have grants that are too large on purpose; that these are told of has tests of its own.
    """
    os.environ["COLUMNS"] = "200"  # so that no path or name wraps, however narrow the terminal of these tests is
    config.addinivalue_line("filterwarnings", "ignore:.*more than a new plant costs:evsiting.errors.DataWarning")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first."""
    items.sort(key=lambda item: item.nodeid.split("::")[0] not in LONGEST)


def pytest_collection_finish() -> None:
    """Leave what was collected alone when waste is looked for, and look less often: each look takes long by then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of benchmark instances: beside the checkout, or EVSITING_SHARED; skip if absent."""
    folder = Path(os.environ.get("EVSITING_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no folder {folder.name!r} beside the checkout; set EVSITING_SHARED to where the instances are")
    return folder


@pytest.fixture(scope="session")
def tiny() -> Study:
    """Return the three-echelon study that people can read."""
    return two_plant_study()


@pytest.fixture(scope="session")
def seeded() -> Callable[[int], Study]:
    """Return the function from a seed to a small random study that always has a plan."""
    return random_study
