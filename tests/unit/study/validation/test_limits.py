"""Limits, gateways, commitments and promised times from the tables to the plan: checks, solves, what people read."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import evsiting as ev
from docs.pages.limits import KINDS, limits_markdown
from evsiting.cli.show import front_parts, plan_parts
from evsiting.errors import InputError
from evsiting.layers.freight.lanes import gateways_that_matter
from evsiting.layers.freight.modes import Way, undominated_ways
from evsiting.report.exports.about import about
from evsiting.report.headline import facts
from evsiting.report.html.tables import tiles
from evsiting.report.number_format import format_objective
from evsiting.results.plan import Plan
from evsiting.results.rules.counts import RULES as COUNTS
from evsiting.results.rules.limits import RULES
from evsiting.study.lists import gateways_on, passing
from evsiting.study.schema.limits import LIMIT_KINDS
from evsiting.study.study import Study, offered_objectives
from evsiting.study.validation.limits import LIMIT_COLUMNS
from tests.limit_studies import promising_study, with_commitments, with_gateways, with_limits
from tests.program_studies import claims_study, rules_of
from tests.studies import two_plant_study


@cache
def best() -> tuple[Study, Plan]:
    """Return the study with promised times and its least-cost plan."""
    study = promising_study()
    return study, ev.solve(study, gap=1e-6)


# ------------------------------------------------------------------------------------------------- checks


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"kind": "cost"}, "without a floor or a ceiling"),
        ({"kind": "cost", "place": "US", "at_most": 1.0}, "'cost' does not use it"),
        ({"kind": "emissions", "product": "cell", "at_most": 1.0}, "'emissions' does not use it"),
        ({"kind": "jobs", "at_least": 5.0, "at_most": 1.0}, "with a floor above its ceiling"),
        ({"kind": "output_share", "place": "US", "at_least": 0.5}, "column 'product': 'output_share' needs it"),
        ({"kind": "output_share", "product": "cell", "at_least": 0.5}, "column 'place': 'output_share' needs it"),
        ({"kind": "import_share", "product": "cell", "at_most": 20.0}, "'import_share' is a fraction"),
        ({"kind": "concentration", "product": "cell", "at_most": 0.5}, "column 'per': 'concentration' needs it"),
        ({"kind": "survive_share", "product": "cell", "at_most": 0.5}, "'survive_share' does not use it"),
        ({"kind": "capex", "place": "memphs", "at_most": 1.0}, "Did you mean 'memphis'"),
        ({"kind": "plants_open", "plant_type": "cell", "at_most": 1.5}, "is a whole number"),
        ({"kind": "sources", "place": "east", "at_most": 0}, "is a whole number"),
        ({"kind": "plants_open", "plant_type": "cell", "option": "line", "at_most": 1}, "option"),
        ({"kind": "members_open", "at_most": 1}, "column 'members': 'members_open' needs it"),
        ({"kind": "members_open", "members": "memphs/cell", "at_most": 1}, "Did you mean 'memphis'?"),
        ({"kind": "plants_open", "if_open": "memphis/cel", "at_most": 1}, "Did you mean 'cell'?"),
        ({"kind": "jobs_fte", "members": "memphis", "at_most": 1}, "'jobs_fte' does not use it"),
        ({"kind": "jobs_fte", "first_year": 2028, "at_least": 1}, "in which no period begins"),
        ({"kind": "jobs_fte", "first_year": 2027, "period": "p1", "at_least": 1}, "stands beside a period"),
        ({"kind": "throughput", "at_most": 1}, "column 'product': 'throughput' needs it"),
        ({"kind": "throughput_mass", "origin": "busam", "at_most": 1}, "Did you mean 'busan'?"),
        ({"kind": "throughput_mass", "gateway": "laredoo", "at_most": 1}, "Did you mean 'laredo'?"),
        ({"kind": "members_open", "members": "memphis; memphis", "at_least": 2}, "2, 1 can be"),
        ({"kind": "programs_used", "members": "48C", "at_most": 0}, "no program of the study"),
        ({"kind": "programs_used", "members": "48C", "period": "p1", "at_most": 0}, "does not use it"),
        ({"kind": "sites_changed", "members": "memphis/cell", "at_least": 1}, "not the code of a site"),
        ({"kind": "sites_changed", "members": "memphs", "at_least": 1}, "Did you mean 'memphis'?"),
        ({"kind": "sites_changed", "members": "memphis", "place": "US", "at_least": 1}, "does not use it"),
        ({"kind": "sites_changed", "members": "memphis", "at_least": 0.5}, "is a whole number"),
        ({"kind": "sites_changed", "members": "memphis; windsor", "at_least": 4}, "4, 3 can be"),
        ({"kind": "plants_open", "plant_type": "cell", "place": "CA", "at_least": 2}, "2, 1 can be"),
        ({"kind": "capex", "place": "east", "at_most": 1.0}, "1 of 1 place is unknown"),
    ],
)
def test_a_limit_that_says_too_little_or_too_much(row: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match="table 'limits'") as caught:
        with_limits(two_plant_study(), row)
    assert told in str(caught.value)


def test_numbers_that_contradict_each_other_are_told_together() -> None:
    with pytest.raises(InputError, match="add up to more than the ceiling") as caught:
        with_limits(
            two_plant_study(),
            {"limit": "few", "kind": "plants_open", "plant_type": "pack", "at_most": 1},
            {"limit": "north", "kind": "plants_open", "plant_type": "pack", "place": "US-TN", "at_least": 1},
            {"limit": "south", "kind": "plants_open", "plant_type": "pack", "place": "MX", "at_least": 1},
            {"limit": "all", "kind": "jobs_fte", "place": "US", "at_most": 500.0},
            {"limit": "there", "kind": "jobs_fte", "place": "memphis", "at_least": 900.0},
        )
    told = str(caught.value)
    assert "few: at most 1, but north: at least 1, south: at least 1" in told
    assert "all: at most 500, but there: at least 900" in told


def test_goods_arrive_at_markets_too() -> None:
    study = with_limits(
        promising_study(),
        {"kind": "on_time_share", "place": "east", "at_least": 0.5},
        {"kind": "import_share", "product": "cell", "place": "US-NY", "at_most": 0.5},
    )
    assert len(study.limits) == 2


@pytest.mark.parametrize(
    ("code", "told"),
    [("Laredo", "Did you mean 'laredo'?"), ("Los Angeles", "'Los Angeles' is 'USLAX'."), ("USLGX", "'USLGB'")],
)
def test_a_gateway_is_named_as_in_the_routes(code: str, told: str) -> None:
    with pytest.raises(InputError, match="in no route of a lane") as caught:
        with_gateways(two_plant_study(), **{code: 1.0})
    assert told in str(caught.value)


def test_a_promise_needs_a_lane() -> None:
    promise = {"origin": "windsor", "destination": "east", "product": "cell", "at_least": 1.0}
    with pytest.raises(InputError, match="1 of 1 commitment is without a lane"):
        with_commitments(two_plant_study(), promise)


def test_the_page_explains_every_kind_and_its_example_can_be_read() -> None:
    page = limits_markdown()
    assert set(KINDS) == set(LIMIT_COLUMNS) == set(LIMIT_KINDS)
    assert {family for family, _ in KINDS.values()} == {*RULES, *COUNTS, "service"} - {"violation"}
    text = page.split("```csv\n")[1].split("```")[0]
    frame = pd.read_csv(io.StringIO(text))
    starter = ev.example("starter").with_table("program_rules", rules_of({"Example cell credit": {}}))
    with pytest.warns(ev.DataWarning, match="limits nothing"):  # the starter knows no companies and no promised times
        assert len(starter.with_table("limits", frame).limits) == len(frame)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"kind": "plants_built", "at_most": 1, "penalty_usd_per_unit": 0.0}, "breaking them costs nothing"),
        ({"kind": "members_open", "members": "*/pack; memphis/pack", "at_most": 2}, "memphis/pack/. in ./pack/."),
        ({"kind": "members_open", "members": "memphis; memphis/cell", "at_least": 1}, "count as two"),
    ],
)
def test_limits_that_say_less_than_they_seem_to_are_told(limit: dict[str, object], words: str) -> None:
    with pytest.warns(ev.DataWarning, match=words):
        with_limits(two_plant_study(), limit)


def test_a_limit_on_claims_names_programs_with_rules() -> None:
    row = {"kind": "programs_used", "at_most": 0}
    with pytest.raises(ev.InputError, match="paid to every plant without a choice.*row in table 'program_rules'"):
        with_limits(claims_study(), {**row, "members": "45X; site grant"})
    with pytest.raises(ev.InputError, match="Did you mean '48C'"):
        with_limits(claims_study(), {**row, "members": "48c"})
    with pytest.raises(ev.InputError, match="3, 2 can be"):
        with_limits(claims_study(), {"kind": "programs_used", "members": "48C", "at_least": 3})


# ------------------------------------------------------------------------------------------------- ways


def test_routes_name_gateways() -> None:
    assert gateways_on("MXZLO; nogales;") == ("MXZLO", "nogales")
    assert gateways_on(float("nan")) == ()
    assert gateways_that_matter(two_plant_study(), "cell") == frozenset()
    assert gateways_that_matter(with_gateways(two_plant_study(), laredo=1e6), "cell") == {"laredo"}
    every = with_limits(two_plant_study(), {"kind": "survive_share", "product": "cell", "at_least": 0.1})
    assert gateways_that_matter(every, "cell") is None
    assert gateways_that_matter(every, "vehicle") == frozenset()
    assert passing("nogales;laredo", frozenset({"laredo"})) == "laredo"


def test_a_way_stays_that_is_faster_or_passes_another_crossing() -> None:
    def way(mode: str, hours: float, usd: float, route: str) -> Way:
        one = np.ones(1)
        return Way(mode, one, hours * one, usd * one, usd * one, np.zeros(1, np.int32), np.array([route], dtype=object))

    ways = [way("road", 10.0, 2.0, "laredo"), way("rail", 50.0, 1.0, "nogales")]
    watched = {
        "laredo": False,
        "nogales": True,
    }  # the cheap way passes a crossing that is limited: the other may be needed
    for choice, kept in (
        ({}, False),
        ({"promise": np.array([[20.0]])}, True),
        ({"promise": np.array([[60.0]])}, False),
        ({"gateways": None}, True),
    ):
        assert undominated_ways(ways, **choice)[0].tolist() == [kept]
    for gateway, kept in watched.items():
        assert undominated_ways(ways, gateways=frozenset({gateway}))[0].tolist() == [kept]
    same = [way("road", 60.0, 2.0, "nogales"), ways[1]]
    assert not undominated_ways(same, promise=np.array([[20.0]]), gateways=None)[0].any()


# ------------------------------------------------------------------------------------------------- plans


def test_limits_of_every_kind_together_give_a_plan_that_keeps_them() -> None:
    study, plan = best()
    study = study.with_table("sites", study.sites.assign(clean_premium_usd_per_mwh=[10.0, np.nan, 20.0]))
    study = with_gateways(study, detroit=8e3)
    study = with_commitments(study, {"origin": "busan", "product": "cell", "at_least": 3e5})
    study = with_limits(
        study,
        {"kind": "cost", "at_most": 40e9},
        {"kind": "emissions", "at_most": 1.4e6},
        {"kind": "jobs", "place": "MX", "at_least": 2_000.0},
        {"kind": "capex", "at_most": 2_400e6},
        {"kind": "output_share", "product": "pack", "place": "MX", "at_least": 0.3},
        {"kind": "capex_share", "place": "US", "at_most": 0.98},
        {"kind": "jobs_share", "place": "CA", "at_most": 0.2},
        {"kind": "import_share", "product": "cell", "at_most": 0.1},
        {"kind": "concentration", "product": "pack", "per": "site", "at_most": 0.7},
        {"kind": "concentration", "product": "cell", "per": "company", "at_most": 0.25},
        {"kind": "concentration", "product": "pack", "per": "gateway", "at_most": 0.35},
        {"kind": "on_time_share", "at_least": 0.6},
        {"kind": "renewable_share", "at_least": 0.25},
        {"kind": "survive_share", "product": "pack", "at_least": 0.6},
    )
    kept = ev.solve(study, gap=1e-5)
    ev.certify(study, kept).raise_if_failed()
    assert kept.totals["cost"] > plan.totals["cost"] * 1.001
    assert {"monterrey", "memphis"} <= set(kept.sites["site"])
    assert kept.decisions["clean"]["mwh_per_yr"].sum() > 0


@pytest.mark.parametrize(
    ("limit", "bounds"),
    [
        ({"kind": "emissions"}, [1.45e6, 1.3e6, 1.2e6]),
        ({"kind": "concentration", "product": "cell", "per": "country"}, [0.7, 0.55, 0.45]),
    ],
)
def test_a_tighter_limit_never_helps(limit: dict[str, object], bounds: list[float]) -> None:
    study, plan = best()
    costs = [plan.totals["cost"]]
    costs += [ev.solve(with_limits(study, {**limit, "at_most": b}), gap=1e-6).totals["cost"] for b in bounds]
    assert np.all(np.diff(costs) > 0)


def test_what_arrives_late_costs_more_and_can_be_minimised() -> None:
    study, plan = best()
    free = ev.solve(two_plant_study(), gap=1e-6)
    assert plan.totals["late"] == pytest.approx(400e3)  # 40,000 vehicles a year to the west
    assert plan.totals["cost"] == pytest.approx(free.totals["cost"] + 25.0 * 400e3)
    assert "late" not in free.totals
    front = ev.pareto(study, "cost", "late", points=3, gap=1e-6)
    assert front.table["late"].tolist() == pytest.approx([400e3, 200e3, 0.0], rel=1e-5)  # the ends leave some slack
    assert front.table["cost"].is_monotonic_increasing
    ev.certify(study, front.plans[1]).raise_if_failed()
    parts = "".join(str(c.header) for c in front_parts(front)[0].columns)
    assert "late" in parts


def test_a_study_that_promises_nothing_refuses_the_objective() -> None:
    study = two_plant_study()
    for call in (
        lambda: ev.solve(study, objective="late"),
        lambda: ev.solve(study, objective={"cost": 1.0, "late": 10.0}),
        lambda: ev.solve(study, caps={"late": 10.0}),
        lambda: ev.pareto(study, "cost", "late"),
        lambda: ev.to_pulp(study, objective="late"),
    ):
        with pytest.raises(InputError, match="nothing can be late in this study"):
            call()


def test_people_read_of_lateness_only_where_something_is_promised() -> None:
    study, plan = best()
    assert format_objective("late", 1234.0) == "1,234 units"
    assert offered_objectives(study) == ("cost", "emissions", "freight_emissions", "jobs", "late")
    assert ("Late deliveries", pytest.approx(400e3), "units over the horizon") in about(study, plan).figures
    shown = {tile.name: tile for tile in tiles(study, plan, facts(study, plan))}
    assert shown["late"].text == "400,000"
    plain = two_plant_study()
    other = ev.solve(plain)
    assert "late" not in offered_objectives(plain)
    assert all(name != "Late deliveries" for name, *_ in about(plain, other).figures)
    assert "late" not in {tile.name for tile in tiles(plain, other, facts(plain, other))}
    console = Console(file=io.StringIO(), width=120)
    console.print(*plan_parts(study, plan), *plan_parts(plain, other))
    assert console.file.getvalue().count("units after their promised time") == 1


def test_sources_are_counted_where_something_is_wanted() -> None:
    with pytest.warns(ev.DataWarning, match="no market there wants it, so that one limits nothing"):
        with_limits(two_plant_study(), {"limit": "one", "kind": "sources", "place": "memphis", "at_most": 1})
    with pytest.raises(InputError, match="'one: 0'.*Give 1 or more"):
        with_limits(two_plant_study(), {"limit": "one", "kind": "sources", "at_most": 0})


def test_a_penalty_below_zero_is_told_without_the_units_of_every_kind() -> None:
    row = {"limit": "one", "kind": "plants_open", "at_least": 1, "penalty_usd_per_unit": -5.0}
    with pytest.raises(InputError, match=r"outside >= 0 \(index 0: -5\). Give the penalty, >= 0\."):
        with_limits(two_plant_study(), row)
