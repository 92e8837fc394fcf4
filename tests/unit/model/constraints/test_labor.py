"""Labor pools: who hires from which pool, and what standing plants already employ."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.model.constraints.labor import add_labor_pool
from evsiting.study.study import Study
from tests.studies import two_plant_study, unchecked


def pooled(of_sites: list[str | None], *pools: tuple[str, float]) -> Study:
    """Return the two-plant study with pools, unchecked."""
    study = two_plant_study()
    table = pd.DataFrame(list(pools), columns=["pool", "available_fte"])
    sites = study.sites.assign(labor_pool=pd.Series(of_sites, dtype="str"))
    return unchecked(study, sites=sites, labor_pools=table)


def lines(make_parts, study: Study) -> list[str]:
    """Return the constraints of pools."""
    parts = make_parts(study)
    add_labor_pool(parts.milp, study, parts.sets, parts.columns)
    return list(parts.milp.finish([]).lines("labor_pool"))


def test_standing_staff_takes_its_part_of_the_pool(make_parts) -> None:
    (row,) = lines(make_parts, pooled([None, None, "17"], ("17", 1_000.0)))
    # 300 positions stand at Windsor; ten thousand kWh of cells at 0.05 h take a quarter of one
    assert row == "labor_pool[17,p1]: 0.25 make[windsor,cell,cell,p1] <= 700"


def test_a_pool_smaller_than_what_stands_is_a_negative_limit_and_not_hidden(make_parts) -> None:
    (row,) = lines(make_parts, pooled([None, None, "17"], ("17", 100.0)))
    assert row.endswith("<= -200")


def test_sites_of_one_pool_hire_from_the_same_people(make_parts) -> None:
    (row,) = lines(make_parts, pooled(["a", "a", "a"], ("a", 5_000.0), ("idle", 1.0)))
    assert "100 build[memphis,pack,line,p1]" in row
    assert "100 build[monterrey,pack,line,p1]" in row
    assert row.endswith("<= 4700")


@pytest.mark.parametrize("of_sites", [[None, None, None], ["nowhere", None, None]])
def test_a_pool_without_a_site_has_no_constraint(make_parts, of_sites: list[str | None]) -> None:
    assert lines(make_parts, pooled(of_sites, ("a", 10.0))) == []


def test_the_order_of_pools_changes_nothing(make_parts) -> None:
    pools = (("b", 10.0), ("a", 20.0))
    one, other = (lines(make_parts, pooled(["a", "b", None], *p)) for p in (pools, pools[::-1]))
    assert one == other
    assert [x.split("]")[0] for x in one] == ["labor_pool[a,p1", "labor_pool[b,p1"]
