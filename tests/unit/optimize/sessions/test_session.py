"""Sessions: the same answers as from nothing, whatever was solved before, and studies that carry what was asked."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InfeasibleError, InputError
from evsiting.model.build import Program, build
from evsiting.optimize.large import large as big
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.sessions.session import Session
from evsiting.results.plan import Status
from evsiting.study.study import Study
from tests.limit_studies import with_limits
from tests.random_studies import random_study
from tests.studies import two_plant_study

SEEDS = (3, pytest.param(11, marks=pytest.mark.slow), pytest.param(27, marks=pytest.mark.slow))


def rows_for(study: Study, seed: int) -> list[dict[str, object]]:
    """Return limits of several kinds, one of them soft, that leave some plan."""
    rng = np.random.default_rng(seed)
    site = str(rng.choice(study.sites["site"].to_numpy(object)))
    kind = str(rng.choice(study.processes["plant_type"].to_numpy(object)))
    return [
        {"limit": "not all", "kind": "plants_built", "plant_type": kind, "at_most": 3.0},
        {"limit": "here", "kind": "plants_open", "place": site, "at_least": 1.0, "penalty_usd_per_unit": 1e6},
        {"limit": "purse", "kind": "capex", "at_most": 1e12},
    ]


def assert_same_program(one: Program, other: Program) -> None:
    assert one.milp.column_names() == other.milp.column_names()
    assert one.milp.row_names() == other.milp.row_names()
    for field in fields(one.milp):
        a, b = getattr(one.milp, field.name), getattr(other.milp, field.name)
        if field.name == "matrix":
            assert a.shape == b.shape
            assert abs(a - b).nnz == 0
        elif isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b)
    assert one.milp.objectives.keys() == other.milp.objectives.keys()
    for name, objective in one.milp.objectives.items():
        np.testing.assert_array_equal(objective.coefficients, other.milp.objectives[name].coefficients)
        assert objective.constant == other.milp.objectives[name].constant
    assert [d.table for d in one.decisions] == [d.table for d in other.decisions]


@pytest.mark.parametrize("seed", SEEDS)
def test_limits_make_the_session_of_the_study_that_has_them(seed: int) -> None:
    study = ev.complete(random_study(seed, features=None))
    rows = rows_for(study, seed)
    found = ev.open_session(study, gap=0.0).with_limits(rows)
    known = study.table("limits")
    asked = study.with_table("limits", pd.concat([known, pd.DataFrame(rows)]) if len(known) else pd.DataFrame(rows))
    assert found.study.digest == asked.digest
    assert_same_program(found.program, build(asked))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_session_answers_as_a_solve_of_its_own_does(seed: int) -> None:
    study = random_study(seed)
    session = ev.open_session(study, gap=0.0)
    plan = session.solve()
    least = session.solve("emissions").totals["emissions"]
    cap = {"emissions": 0.5 * (plan.totals["emissions"] + least)}
    asked = [({}, plan), (cap, session.solve(caps=cap))]
    few = session.with_limits([{"limit": "few", "kind": "plants_built", "at_most": 2.0}])
    for caps, found in asked:
        truth = ev.solve(study, caps=caps, gap=0.0)
        assert found.solve.objective == pytest.approx(truth.solve.objective, rel=1e-6)
        assert ev.certify(session.study, found).passed
        proven = session.bound(caps=caps)
        assert proven.value <= truth.solve.objective * (1 + 1e-9)
        assert proven.relaxation == pytest.approx(ev.open_session(study).bound(caps=caps).relaxation, rel=1e-9)
    try:
        found = few.solve()
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            ev.solve(few.study, gap=0.0)
        return
    assert ev.certify(few.study, found).passed
    assert found.study_digest == few.study.digest
    assert found.solve.objective == pytest.approx(ev.solve(few.study, gap=0.0).solve.objective, rel=1e-6)


@pytest.fixture
def session() -> Session:
    return ev.open_session(two_plant_study(), gap=0.0)


def test_a_bound_is_what_its_prices_prove(session: Session) -> None:
    found = session.bound()
    milp = session.program.milp
    assert found.status is Status.OPTIMAL
    assert found.feasible
    assert found.prices is not None
    assert price_bound(milp, milp.combined({"cost": 1.0}), found.prices)[0] == found.value
    assert found.value == pytest.approx(found.relaxation, rel=1e-9)
    assert found.value <= session.solve().totals["cost"]


def test_a_limit_that_no_plan_keeps_is_proven_so(session: Session) -> None:
    first = session.bound()
    rows = [{"limit": "many", "kind": "jobs", "at_least": 5e6}]
    found = session.bound(limits=rows)
    assert (found.status, found.feasible, found.value) == (Status.INFEASIBLE, False, math.inf)
    assert session.bound().value == pytest.approx(first.value, rel=1e-9)
    with pytest.raises(InfeasibleError, match="many"):
        session.with_limits(rows).solve()


def test_the_second_bound_starts_from_the_first(session: Session) -> None:
    told = [session.bound(), session.bound(caps={"emissions": 1e12}), session.bound({"cost": 1.0, "emissions": 50.0})]
    told.append(session.bound(limits=[{"limit": "few", "kind": "plants_built", "at_most": 9.0}]))
    assert [found.warm for found in told] == [False, True, True, True]
    assert [found.warm for found in (session.fresh().bound(), session.bound())] == [False, True]


def test_another_study_starts_from_this_one(session: Session) -> None:
    session.bound()
    demand = session.study.demand.assign(units_per_yr=lambda d: 0.9 * d["units_per_yr"])
    other = session.study.with_table("demand", demand)
    found = session.with_study(other).bound()
    assert found.warm
    assert found.relaxation == pytest.approx(ev.open_session(other).bound().relaxation, rel=1e-9)
    strange = session.with_study(random_study(27)).bound()
    assert strange.relaxation == pytest.approx(ev.open_session(random_study(27)).bound().relaxation, rel=1e-9)


def test_plans_are_kept_to_start_from(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = session.solve()
    assert session.plans == [plan] or session.plans[0].totals == plan.totals
    starts = []
    run = Session.minimise

    def noted(self: Session, *given: object, **more: object) -> object:
        starts.append(more["start"])
        return run(self, *given, **more)

    monkeypatch.setattr(Session, "minimise", noted)
    session.solve()
    session.with_limits([{"limit": "few", "kind": "plants_built", "at_most": 9.0}]).solve()
    assert all(start is not None for start in starts)
    assert len(session.plans) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_large_program_finds_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    truth = ev.solve(random_study(seed), gap=0.0)
    least = ev.solve(random_study(seed), objective="emissions", gap=0.0).totals["emissions"]
    cap = {"emissions": 0.5 * (truth.totals["emissions"] + least)}
    capped = ev.solve(random_study(seed), caps=cap, gap=0.0)
    monkeypatch.setattr(big, "LARGE", 0)
    session = ev.open_session(random_study(seed), gap=0.0)
    assert session.solve().solve.objective == pytest.approx(truth.solve.objective, rel=1e-6)
    assert session.solve(caps=cap).solve.objective == pytest.approx(capped.solve.objective, rel=1e-6)


def test_rules_of_the_users_own_stay_where_they_are() -> None:
    study = two_plant_study()
    problem = ev.to_pulp(study)
    problem += sum(v for v in problem.variables() if v.name.startswith("build")) <= 9, "at_most_nine"
    session = ev.open_session(study, extra=problem)
    for asked in (lambda: session.with_limits([{"limit": "a", "kind": "capex", "at_most": 1e12}]),
                  lambda: session.with_study(study)):  # fmt: skip
        with pytest.raises(InputError, match="rules of your own"):
            asked()


def test_what_is_wrong_with_rows_is_told(session: Session) -> None:
    with pytest.raises(InputError, match="plants_bilt"):
        session.with_limits([{"limit": "few", "kind": "plants_bilt", "at_most": 9.0}])
    with pytest.raises(InputError, match="not an objective"):
        session.bound("profit")
    assert session.with_limits([]) is session


def test_limits_of_before_stay() -> None:
    study = with_limits(two_plant_study(), {"limit": "purse", "kind": "capex", "at_most": 1e12})
    found = ev.open_session(study).with_limits([{"limit": "few", "kind": "plants_built", "at_most": 9.0}])
    assert found.study.limits["limit"].tolist() == ["purse", "few"]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_candidate_costs_at_least_is_no_more_than_it_costs(seed: int) -> None:
    session = ev.open_session(random_study(seed), gap=0.0)
    found = session.entry_bounds()
    root = session.bound()
    assert list(found.columns) == ["site", "plant_type", "option", "period", "rises_by", "bound"]
    assert found["rises_by"].is_monotonic_decreasing
    assert (found["rises_by"] >= 0.0).all()
    for row in found.iloc[:4].itertuples():
        must = {"limit": "must", "kind": "plants_built", "place": row.site, "plant_type": row.plant_type,
                "option": row.option, "at_least": 1.0}  # fmt: skip
        asked = session.bound(limits=[must])
        assert asked.value >= row.bound - 1e-9 * abs(row.bound)
        assert row.bound == pytest.approx(root.value + row.rises_by, rel=1e-9)
    built = session.solve().tables["openings"]
    keys = ["site", "plant_type", "option"]
    used = found.merge(built[keys].drop_duplicates(), on=keys)
    assert len(used) == len(built[keys].drop_duplicates())
    assert used["bound"].max() <= session.solve().totals["cost"] * (1 + 1e-9)


def test_reduced_costs_of_a_program_without_a_point_tell_nothing(session: Session) -> None:
    with pytest.raises(InfeasibleError, match="no plan"):
        session.with_limits([{"limit": "many", "kind": "jobs", "at_least": 5e6}]).entry_bounds()
