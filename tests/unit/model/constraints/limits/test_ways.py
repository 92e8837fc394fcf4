"""Throughput of lanes and numbers of sources: which lanes count, units, and what each market has too many."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.build import build
from tests.limit_studies import with_limits
from tests.studies import two_plant_study, unchecked


def program(*rows: dict[str, object], study=None):
    """Return the program under limits."""
    return build(with_limits(study or two_plant_study(), *rows, checked=False))


def through(**cells: object) -> str:
    """Return the one constraint of a limit on throughput."""
    row = {"kind": "throughput", "product": "cell", "at_most": 1e6, **cells}
    (line,) = program(row).milp.lines("throughput")
    return line


@pytest.mark.parametrize(
    ("cells", "lanes"),
    [
        ({"mode": "sea"}, {"busan,memphis", "busan,monterrey"}),
        ({"origin": "CA"}, {"windsor,memphis", "windsor,monterrey"}),
        ({"origin": "KR", "destination": "MX"}, {"busan,monterrey"}),
        ({"gateway": "laredo"}, {"memphis,monterrey", "windsor,monterrey"}),
        ({"origin": "memphis", "destination": "memphis"}, {"memphis,memphis"}),
        ({"gateway": "nowhere"}, set()),
        ({"mode": "air"}, set()),
    ],
)
def test_lanes_of_all_that_is_named_count(cells: dict[str, object], lanes: set[str]) -> None:
    line = through(**cells)
    assert {
        part.split("ship[cell,")[1].rsplit(",", 2)[0] for part in line.split(": ")[1].split(" + ") if "ship" in part
    } == lanes
    assert line.endswith("<= 100")


def test_mass_counts_every_product_in_thousand_tonnes() -> None:
    (line,) = program({"kind": "throughput_mass", "gateway": "laredo", "at_most": 5e6}).milp.lines("throughput")
    assert "1.9 ship[vehicle,monterrey,east,rail,p1]" in line
    assert "0.06 ship[cell,windsor,monterrey,rail,p1]" in line  # ten thousand kWh of 6 kg
    assert "0.45 ship[pack,memphis,monterrey,road,p1]" in line
    assert line.endswith("<= 5000")


def test_single_sourcing_lets_one_origin_serve_each_market() -> None:
    milp = program({"kind": "sources", "product": "vehicle", "at_most": 1.0}).milp
    rows = list(milp.lines("sources"))
    assert milp.count("source") == 4
    assert "sources[limit 1,east,p1]: source[limit 1,east,memphis,p1] + source[limit 1,east,monterrey,p1] <= 1" in rows
    assert (
        "sources[limit 1,link,east,memphis,vehicle,p1]: ship[vehicle,memphis,east,rail,p1] + "
        "ship[vehicle,memphis,east,road,p1] - 60 source[limit 1,east,memphis,p1] <= 0"
    ) in rows


def test_no_lane_to_the_place_or_of_the_product_adds_nothing() -> None:
    for cells in ({"product": "cell"}, {"place": "CA"}):
        found = program({"kind": "sources", "at_most": 1.0, **cells})
        assert (found.milp.count("source"), found.milp.count("sources"), found.indicators) == (0, 0, ())


def test_a_soft_limit_is_broken_by_all_that_its_markets_have_too_many() -> None:
    milp = program({"kind": "sources", "product": "vehicle", "at_most": 1.0, "penalty_usd_per_unit": 5.0}).milp
    rows = list(milp.lines("sources"))
    assert (
        "sources[limit 1,sum,p1]: excess[limit 1,east,p1] + excess[limit 1,west,p1] - violation[limit 1,p1] <= 0"
        in rows
    )
    assert any(r.startswith("sources[limit 1,east,p1]") and "- excess[limit 1,east,p1] <= 1" in r for r in rows)


def test_sources_follow_from_shipments() -> None:
    found = program({"kind": "sources", "product": "vehicle", "at_most": 1.0})
    names = found.milp.column_names()
    values = np.zeros(len(names))
    values[names.index("ship[vehicle,monterrey,west,rail,p1]")] = 0.5
    for indicator in found.indicators:
        indicator.put(values)
    assert [n for n, v in zip(names, values, strict=True) if n.startswith("source[") and v] == [
        "source[limit 1,west,monterrey,p1]"
    ]


def test_a_market_that_wants_nothing_in_a_period_has_no_source_then() -> None:
    study = two_plant_study(periods=2)
    units = study.demand["units_per_yr"].where(study.demand["period"] != "p1", 0.0)
    study = unchecked(study, demand=study.demand.assign(units_per_yr=units))
    rows = list(program({"kind": "sources", "product": "vehicle", "at_most": 1.0}, study=study).milp.lines("sources"))
    (first,) = (r for r in rows if r.startswith("sources[limit 1,link,east,memphis,vehicle,p1]"))
    assert "source" not in first.split(": ")[1]  # nothing is wanted: nothing may come, from anywhere
    assert first.endswith("<= 0")
