"""Plants in every period by code of its own: figures of the two-plant study, worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.results.rules.audit.plants import PlantYears
from evsiting.results.rules.audit.timing import Timing
from tests.plans import tiny_plan
from tests.studies import two_plant_study, unchecked

TABLES = ("openings", "closings", "resumptions", "retirements")


def plants(study=None, *, periods: int = 2, **tables: list[tuple]) -> PlantYears:
    """Return what stands when, of a plan with these rows and no others."""
    study = study or two_plant_study(periods=periods)
    columns = {name: list(tiny_plan()[1].decisions[name].columns) for name in TABLES}
    frames = {name: pd.DataFrame(tables.get(name, []), columns=columns[name]) for name in TABLES}
    return PlantYears(study, frames, Timing(study))


def running(found: PlantYears, site: str) -> dict[str, tuple[float, float]]:
    """Return fixed cost and staff of a site by period."""
    out: dict[str, tuple[float, float]] = {}
    for place, _, period, fixed, staff in found.running:
        if place == site:
            before = out.get(period, (0.0, 0.0))
            out[period] = before[0] + fixed, before[1] + staff
    return out


def test_a_plan_that_opens_nothing_has_what_stands() -> None:
    found = plants()
    assert found.opened == []
    assert found.moves == []
    assert found.running == [("windsor", "cell", "p1", 15e6, 300.0), ("windsor", "cell", "p2", 15e6, 300.0)]


def test_a_new_plant_pays_the_fixed_cost_of_its_site_once_and_the_tax_on_its_investment() -> None:
    study = two_plant_study(periods=2)
    study = unchecked(study, sites=study.sites.assign(property_tax_rate=[0.01, 0.0, 0.0]))
    found = plants(study, openings=[("memphis", "pack", "line", "p2")])
    assert running(found, "memphis") == {"p2": (5e6 + 1e6 + 1e6, 100.0)}
    (step,) = found.opened
    assert (step.invested, step.kept_credit, step.is_new) == (100e6, 1.0, True)


def test_an_expansion_adds_the_difference_whatever_the_order_of_rows() -> None:
    study = two_plant_study(periods=2)
    study = unchecked(study, options=study.options.assign(expands=[None, None, None, "small"]))
    rows = [("memphis", "assembly", "large", "p2"), ("memphis", "assembly", "small", "p1")]
    for order in (rows, rows[::-1]):
        found = plants(study, openings=order)
        assert running(found, "memphis") == {"p1": (41e6, 600.0), "p2": (61e6, 1_000.0)}
        assert sorted(step.is_new for step in found.opened) == [False, True]


def test_the_partners_part_is_no_own_cost() -> None:
    study = two_plant_study(periods=1)
    options = study.options.assign(partner_capex_share=0.25, partner_output_share=0.5, partner_credit_share=0.1)
    (step,) = plants(unchecked(study, options=options), openings=[("memphis", "pack", "line", "p1")]).opened
    assert (step.invested, step.fixed, step.staff, step.kept_credit) == (75e6, 2.5e6, 50.0, 0.9)


def test_what_was_built_and_closed_stands_in_between() -> None:
    study = two_plant_study(periods=2)
    study = unchecked(study, options=study.options.assign(closing_usd=3e6))
    found = plants(
        study, openings=[("memphis", "pack", "line", "p1")], retirements=[("memphis", "pack", "line", "p1", "p2")]
    )
    assert list(running(found, "memphis")) == ["p1"]
    assert found.moves == [("memphis", "p2", 3e6, None)]


def test_closings_and_resumptions_cost_and_count_from_their_period_on() -> None:
    study = two_plant_study(periods=2)
    closed = unchecked(study, plants=study.plants.assign(closing_usd=0.0))
    found = plants(closed, closings=[("windsor_cells", "p2")])
    assert list(running(found, "windsor")) == ["p1"]
    assert found.moves == [("windsor", "p2", 0.0, None)]
    paused = unchecked(study, plants=study.plants.assign(status="paused", resume_usd=7e6))
    assert running(plants(paused), "windsor") == {}
    found = plants(paused, resumptions=[("windsor_cells", "p2")])
    assert list(running(found, "windsor")) == ["p2"]
    assert found.moves == [("windsor", "p2", None, 7e6)]


@pytest.mark.parametrize("status", ["planned", "closed", "anything"])
def test_plants_that_neither_run_nor_pause_do_not_count(status: str) -> None:
    study = two_plant_study(periods=2)
    assert plants(unchecked(study, plants=study.plants.assign(status=status))).running == []


def test_a_plant_counts_by_the_years_in_which_it_runs() -> None:
    study = two_plant_study(periods=2)
    found = plants(unchecked(study, plants=study.plants.assign(first_year=2030, last_year=2032)))
    assert running(found, "windsor") == {"p1": (15e6 * 0.4, 120.0), "p2": (15e6 * 0.2, 60.0)}


def test_figures_of_sites_follow_the_most_exact_place() -> None:
    study = two_plant_study(periods=2)
    rows = pd.DataFrame(
        [("wage_usd_per_h", "US", "p2", 2.0), ("wage_usd_per_h", "memphis", "p2", 3.0), ("capex_usd", None, "p2", 0.5)],
        columns=["column", "place", "period", "factor"],
    )
    found = plants(unchecked(study, trajectories=rows), openings=[("memphis", "pack", "line", "p2")])
    assert found.hourly("memphis", "p1") == 24 * 1.25
    assert found.hourly("memphis", "p2") == 72 * 1.25
    assert found.hourly("windsor", "p2") == 28 * 1.25
    assert found.opened[0].invested == 50e6


def test_a_site_that_the_study_lacks_is_known_by_nobody() -> None:
    found = plants()
    assert not found.knows("atlantis")
    assert found.country("atlantis") == ""
    assert not found.has_figure("atlantis", "connectable_mw")
    assert found.knows("memphis")
    assert not found.has_figure("memphis", "connectable_mw")  # empty
    assert found.cell("memphis", "connectable_mw") == 0.0
    assert found.around("memphis") == ("memphis", "US-TN", "US")
