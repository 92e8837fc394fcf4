"""Rules of grid, upgrades and clean power: what is connected by when, and power that nobody uses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.results.rules import energy

LOAD = (6e6 * 40 + 1e5 * 150 + 1e5 * 800) / 1000 / 8760  # of Memphis. [MW]


@pytest.fixture
def connected(examine, study_with):
    """Return the function from the connection of Memphis to the study, with an upgrade of 10 MW there."""

    def study(mw: float, premium: float = np.nan):
        sites = examine().study.sites.assign(
            connectable_mw=[mw, np.nan, np.nan], clean_premium_usd_per_mwh=[premium, np.nan, np.nan]
        )
        steps = pd.DataFrame({"site": ["memphis"], "upgrade": ["line"], "capacity_mw": [10.0], "capex_usd": [1e6]})
        return study_with(sites=sites, grid_upgrades=steps)

    return study


def test_a_load_beyond_the_connection_is_broken_by_its_part(examine, connected, broken) -> None:
    assert broken(energy.grid(examine())) == {}  # no site sets a limit
    assert broken(energy.grid(examine(connected(LOAD)))) == {}
    assert broken(energy.grid(examine(connected(0.8 * LOAD)))) == {"memphis/p1": pytest.approx(0.25)}


def test_no_connection_at_all_is_a_limit(examine, connected, broken) -> None:
    assert broken(energy.grid(examine(connected(0.0)))) == {
        "memphis/p1": pytest.approx(1e3)
    }  # of nothing: a thousandth of itself


def test_an_upgrade_adds_once_and_from_its_period_on(examine, connected, broken) -> None:
    study = connected(LOAD - 10.0)
    once = [("memphis", "line", "p1")]
    assert broken(energy.grid(examine(study, upgrades=once))) == {}
    twice = examine(connected(LOAD - 20.0), upgrades=once * 2)
    assert set(broken(energy.grid(twice))) == {"memphis/p1"}
    assert len(broken(energy.upgrade(twice))) == 1


@pytest.mark.parametrize("row", [("memphis", "other", "p1"), ("windsor", "line", "p1"), ("memphis", "line", "p9")])
def test_upgrades_that_are_not_offered_are_refused(examine, connected, broken, row: tuple[str, ...]) -> None:
    case = examine(connected(1.0), upgrades=[row])
    assert list(broken(energy.upgrade(case)).values()) == [1.0]
    broken(energy.grid(case))  # and measure nothing wrong elsewhere


def test_clean_power_is_no_more_than_what_is_used(examine, connected, broken) -> None:
    study, used = connected(1e9, 5.0), LOAD * 8760
    assert broken(energy.clean(examine(study, clean=[("memphis", "p1", used)]))) == {}
    found = broken(energy.clean(examine(study, clean=[("memphis", "p1", 1.25 * used)])))
    assert found == {"memphis/p1": pytest.approx(0.25)}


def test_clean_power_where_none_is_offered_or_used(examine, connected, broken) -> None:
    case = examine(connected(1e9, 5.0), clean=[("windsor", "p1", 1.0)])
    assert broken(energy.clean(case)) == {"windsor/p1": 1.0}
    idle = examine(connected(1e9, 5.0), clean=[("memphis", "p1", 1.0)], production=[])
    assert broken(energy.clean(idle)) == {"memphis/p1": pytest.approx(1000.0)}  # its size is a thousandth of itself


def test_a_plan_without_rows_breaks_nothing(examine, connected, broken) -> None:
    case = examine(connected(0.0), production=[])
    assert [broken(rule(case)) for rule in energy.RULES.values()] == [{}, {}, {}]
