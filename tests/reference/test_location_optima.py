"""Published optima of location problems: what is called optimal is what was published, and no bound exceeds it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import evsiting as ev

#: Published values are rounded to about that.
ROUNDED = 1e-7
QUICK = ("cap62", "cap134", "ucap74", "pmed1", "pmed5")
CAPACITATED = [f"cap{n}{k}" for n in (4, 6, 7, 8, 9, 10, 11, 12, 13) for k in (1, 2, 3, 4)] + ["cap51"]
LARGE = [f"cap{a}{k}" for a in "ab" for k in (1, 2, 3, 4)] + ["i300_1", "i300_9", "i300_19"]
MEDIANS = [f"pmed{k}" for k in range(1, 40, 2)]
OTHERS = ["1011EuclS", "1911EuclS", "3011EuclS", "MO1", "MO5", "MP2", "MQ1"]


@pytest.fixture(scope="module")
def readers(shared: Path) -> ModuleType:
    """Return the reader of the benchmark instances."""
    path = shared / "bench" / "readers.py"
    if not path.is_file():
        pytest.skip("the shared folder holds no benchmark instances")
    spec = importlib.util.spec_from_file_location("bench_readers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def check(readers: ModuleType, name: str, **more: object) -> None:
    """Solve one instance and compare with what was published."""
    case = readers.load(name)
    rules: dict[str, object] = {"p": case.p, **more}
    if case.cap is not None:
        rules |= {"demand": case.d, "capacity": case.cap}
    optima = readers.optima()
    best = optima[f"ss:{name}" if more and f"ss:{name}" in optima else name]["value"]
    found = ev.facility_location(case.c, case.f, **rules)
    assert found.status is ev.Status.OPTIMAL
    assert found.objective == pytest.approx(best, rel=ROUNDED, abs=0.06)
    assert found.bound <= best * (1.0 + ROUNDED) + 0.06
    assert np.allclose(found.assignment.sum(axis=0), 1.0)
    if case.cap is not None:
        assert (found.assignment @ case.d <= case.cap * (1.0 + 1e-9)).all()


@pytest.mark.parametrize("name", QUICK)
def test_a_few_published_optima_are_found(readers: ModuleType, name: str) -> None:
    check(readers, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", CAPACITATED + LARGE + MEDIANS + OTHERS)
def test_published_optima_are_found_and_proven(readers: ModuleType, name: str) -> None:
    check(readers, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cap61", "cap101", "cap133", *LARGE[:8], "pmedcap01", "pmedcap03", "pmedcap11"])
def test_published_optima_with_one_site_a_market_are_found_and_proven(readers: ModuleType, name: str) -> None:
    check(readers, name, single_source=True)
