"""Which rules a plan breaks, who has a say in them, and a plan near it that keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.decisions.forced import other_sites
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.large.core import Core
from evsiting.optimize.large.neighbourhoods import NeighbourhoodSearch
from evsiting.optimize.large.repair import breaks_rules, broken_rules, repaired
from evsiting.results.plan import Status
from tests.studies import two_plant_study

EXACT = {"gap": 0.0, "threads": 1, "verify": False}


@pytest.fixture(scope="module")
def session() -> ev.Session:
    return ev.open_session(two_plant_study(), **EXACT)


@pytest.fixture(scope="module")
def plan(session: ev.Session) -> ev.Plan:
    return session.solve()


def rows_of(plan: ev.Plan) -> dict[str, dict[str, object]]:
    """Return rules that the plan breaks, by what they are about."""
    sites = plan.decisions["openings"]["site"].tolist()
    other = ({"memphis", "monterrey"} - set(sites)).pop()
    return {
        "site": {"limit": "in", "kind": "plants_built", "place": other, "at_least": 1},
        "none": {"limit": "out", "kind": "plants_built", "place": sites[0], "at_most": 0},
        "set": {"limit": "else", **other_sites(sites, 1, plant_type="")},
    }


def core_of(session: ev.Session, rows: Sequence[dict[str, object]], caps: Mapping[str, float] | None = None) -> Core:
    """Return the core of a session with some rows more, perhaps under ceilings, its relaxation solved."""
    limited = session.with_limits(rows)
    program = limited.program
    milp, engine, limits = limited.capped(caps).milp, find_engine("highs"), Limits(0.0, 1e9)
    cost = milp.objectives["cost"]
    relaxed = engine.run(replace(milp, integer=np.zeros_like(milp.integer)), cost, limits)
    return Core(program, milp, cost, engine, limits, None, 0.0, relaxed)


@pytest.mark.parametrize("about", ["site", "none", "set"])
def test_a_plan_that_breaks_a_rule_is_mended_into_one_that_keeps_it(
    session: ev.Session, plan: ev.Plan, about: str
) -> None:
    row = rows_of(plan)[about]
    core = core_of(session, [row])
    start = core.program.point(plan.tables)
    assert breaks_rules(core, start)
    assert not len(core.with_decisions(start).columns)
    best = core.engine.run(core.milp, core.objective, core.limits).objective
    found = repaired(core, NeighbourhoodSearch(core), start)
    assert max(core.milp.violation(found.columns).values()) <= 1e-6
    assert found.objective == pytest.approx(core.objective.value(found.columns))
    assert found.objective >= best * (1.0 - 1e-9)
    assert found.bound <= best * (1.0 + 1e-9)


def test_who_has_a_say_are_the_plants_that_the_rule_counts(session: ev.Session, plan: ev.Plan) -> None:
    row = rows_of(plan)["site"]
    program = session.with_limits([row]).program
    (say,) = broken_rules(program, program.point(plan.tables))
    column, changes = program.column_of("openings"), program.sets.changes
    site = program.sets.sites[program.sets.places.site[changes.place[changes.kind == "build"]]]
    assert set(np.flatnonzero(say)) == set(column[(site == row["place"])[:, None] & (column >= 0)])


def test_the_plants_behind_a_site_that_opens_have_a_say(session: ev.Session, plan: ev.Plan) -> None:
    program = session.with_limits([rows_of(plan)["set"]]).program
    (say,) = broken_rules(program, program.point(plan.tables))
    column = program.column_of("openings")
    assert say[column[column >= 0]].all()


def test_a_plan_that_breaks_no_rule_on_decisions_is_left_alone(session: ev.Session, plan: ev.Plan) -> None:
    core = core_of(session, [{"limit": "any", "kind": "plants_built", "at_most": 50}])
    start = core.program.point(plan.tables)
    assert broken_rules(core.program, start).shape == (0, core.milp.shape[1])
    assert not breaks_rules(core, start)


def test_flows_that_do_not_hold_are_no_rule_on_decisions(session: ev.Session, plan: ev.Plan) -> None:
    program = session.program
    start = program.point(plan.tables)
    ship = program.column_of("shipments")
    start[ship[ship >= 0]] = 0.0
    assert max(program.milp.violation(start).values()) > 0.5
    assert not len(broken_rules(program, start))


def test_under_a_ceiling_nothing_is_mended_here(session: ev.Session, plan: ev.Plan) -> None:
    core = core_of(session, [rows_of(plan)["site"]], {"cost": 1e15})
    start = core.program.point(plan.tables)
    assert len(broken_rules(core.program, start)) == 1
    assert not breaks_rules(core, start)


def test_an_interrupt_is_passed_on(session: ev.Session, plan: ev.Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    core = core_of(session, [rows_of(plan)["site"]])
    start = core.program.point(plan.tables)

    def stopped(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        return EngineResult(Status.NO_SOLUTION, limit="interrupt")

    monkeypatch.setattr(type(core.engine), "run", stopped)
    assert repaired(core, NeighbourhoodSearch(core), start).limit == "interrupt"
