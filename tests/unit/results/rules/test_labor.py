"""The rule of labor pools: who works at its sites, standing, new and by the unit."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.results.rules.labor import labor_pool

STAFF = 500 + 100 + 1_000 + (6e6 * 0.05 + 1e5 * 4 + 1e5 * 20) / 2000  # Memphis: options, and hours of what is made


def pooled(examine, study_with, fte: float, *pools: str | None):
    """Return the study whose sites belong to pools of so many people."""
    sites = examine().study.sites.assign(labor_pool=pd.Series(pools or ["a", None, None], dtype="str"))
    table = pd.DataFrame({"pool": ["a"], "available_fte": [fte]})
    return study_with(sites=sites, labor_pools=table)


def test_no_site_in_a_pool_is_no_rule(examine, study_with, broken) -> None:
    assert labor_pool(examine(pooled(examine, study_with, 0.0, None, None, None))) == []


@pytest.mark.parametrize(("people", "excess"), [(STAFF, 0.0), (STAFF / 1.25, 0.25), (0.0, 1.0)])
def test_staff_is_compared_with_those_who_can_be_hired(
    examine, study_with, broken, people: float, excess: float
) -> None:
    found = broken(labor_pool(examine(pooled(examine, study_with, people))))
    if excess == 1.0:  # of nothing: measured against a thousandth of the largest row, which is this one
        assert found == {"a/p1": pytest.approx(1000.0)}
    else:
        assert found == ({} if excess < 1e-9 else {"a/p1": pytest.approx(excess)})


def test_sites_of_one_pool_count_together_with_standing_plants(examine, study_with, broken) -> None:
    whole = STAFF + 300 + 1.5e6 * 0.05 / 2000
    assert broken(labor_pool(examine(pooled(examine, study_with, whole, "a", None, "a")))).get("a/p1", 0.0) < 1e-9
    assert labor_pool(examine(pooled(examine, study_with, whole - 1, "a", None, "a")))[0].broken[0] > 1e-9


def test_a_pool_that_the_study_lacks_is_no_rule(examine, study_with, broken) -> None:
    assert broken(labor_pool(examine(pooled(examine, study_with, 0.0, "b", None, None)))) == {}
