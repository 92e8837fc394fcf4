"""Distance from a named set of sites: signs, columns where a site has several new plants, and their indicators."""

from __future__ import annotations

import numpy as np

from evsiting.model.build import build
from evsiting.model.constraints.limits.site_sets import SiteSets
from tests.limit_studies import with_limits
from tests.studies import two_plant_study


def program(*rows: dict[str, object], periods: int = 1):
    """Return the program under limits on sets of sites."""
    given = [{"kind": "sites_changed", **row} for row in rows]
    return build(with_limits(two_plant_study(periods=periods), *given, checked=False))


def test_a_named_site_counts_where_it_does_not_open_and_another_where_it_does() -> None:
    (row,) = program({"members": "memphis", "plant_type": "pack", "at_most": 1.0}).milp.lines("sites_changed")
    # 1 - open(memphis) + open(monterrey) <= 1
    assert row == ("sites_changed[limit 1,horizon]: - build[memphis,pack,line,p1] + build[monterrey,pack,line,p1] <= 0")


def test_a_named_site_where_nothing_may_be_built_never_opens() -> None:
    (row,) = program({"members": "windsor", "plant_type": "pack", "at_least": 3.0}).milp.lines("sites_changed")
    assert row.endswith(">= 2")
    assert "windsor" not in row.split(": ")[1]


def test_a_site_with_plants_of_several_types_has_one_column_that_limits_share() -> None:
    milp = program({"members": "memphis", "at_most": 1.0}, {"members": "monterrey", "at_most": 1.0}).milp
    assert milp.count("opens") == 2
    names = [line.split(":")[0] for line in milp.lines("sites_changed")]
    assert sum(",any," in n for n in names) == 2
    assert sum(",each," in n for n in names) == 5  # new plants of three types at Memphis and of two at Monterrey
    assert len(names) == 2 + 5 + 2


def test_no_plant_opened_is_as_far_as_the_named_set_is_large() -> None:
    found = program({"members": "memphis;monterrey", "plant_type": "pack", "at_least": 2.0})
    row = found.milp.row_names().index("sites_changed[limit 1,horizon]")
    nothing = np.zeros(found.milp.shape[1])
    assert (found.milp.matrix @ nothing)[row] >= found.milp.row_lower[row] == 0.0


def test_columns_follow_from_the_plants_that_are_built() -> None:
    found = program({"members": "memphis", "at_most": 9.0}, periods=2)
    names = found.milp.column_names()
    values = np.zeros(len(names))
    values[names.index("build[monterrey,pack,line,p2]")] = 1.0
    for indicator in found.indicators:
        indicator.put(values)
    opens = {n: values[k] for k, n in enumerate(names) if n.startswith("opens[")}
    assert opens == {"opens[*,memphis]": 0.0, "opens[*,monterrey]": 1.0}


def test_where_nothing_may_be_built_no_site_opens(one_period) -> None:
    parts = one_period.copy()
    columns = type(parts.columns)(**{**vars(parts.columns), "change": np.full_like(parts.columns.change, -1)})
    sites = SiteSets(parts.milp, parts.sets, columns)
    opening = sites._opening("l", -1)
    assert (len(opening.site), len(opening.row), sites.indicators) == (0, 0, [])
