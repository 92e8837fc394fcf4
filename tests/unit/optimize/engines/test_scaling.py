"""Plans, limits and certificates mean the same whatever units a study counts in."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import DataWarning, InputError
from evsiting.model.build import build
from evsiting.model.milp import Milp, MilpBuilder, Objective
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.highs import PulpHighs
from evsiting.optimize.engines.registry import ENGINES
from evsiting.optimize.engines.scaling import ScaledEngine, Scaling
from evsiting.results.plan import Plan, Status
from evsiting.study.study import Study
from tests.limit_studies import limits_frame, with_limits
from tests.other_units import in_other_units, of_other_size
from tests.studies import two_plant_study

EXACT = Limits(gap=0.0, time_s=30.0, threads=1)


def budget(unit: float) -> tuple[Milp, Objective]:
    """Return two plants of 2 that earn 5 each, under a budget of 3."""
    milp = MilpBuilder()
    build_ = milp.add_columns("build", (2,), lambda k: (str(k),), upper=1.0, integer=True)
    milp.add_rows("budget", 1, lambda k: (), ([0, 0], build_, 2.0 * unit), upper=3.0 * unit)
    cost = Objective("cost", np.array([-5.0, -5.0]) * unit, 0.0, 1e6)
    return milp.finish([cost]), cost


@pytest.mark.parametrize("unit", [1e-12, 4e-7, 1.0, 1e9, 1e15])
def test_a_budget_for_one_plant_builds_one(unit: float) -> None:
    milp, cost = budget(unit)
    found = ENGINES["highs"].run(milp, cost, EXACT)
    assert found.status is Status.OPTIMAL
    assert found.columns.sum() == 1.0
    assert found.objective == pytest.approx(-5e6 * unit, rel=1e-9)
    assert milp.violation(np.ones(2))["budget"] == pytest.approx(0.25)


def test_ordinary_programs_reach_the_solver_as_they_are() -> None:
    milp = build(ev.complete(ev.example("starter"))).milp
    assert not Scaling.of(milp, milp.objectives["cost"]).changes


def test_factors_are_powers_of_two_and_leave_integers_alone() -> None:
    milp = build(in_other_units(two_plant_study(), USD=1e-7, unit=1e5)).milp
    scaling = Scaling.of(milp, milp.objectives["cost"])
    assert scaling.changes
    assert all((np.frexp(part)[0] == 0.5).all() for part in (scaling.column, scaling.row, scaling.objective))
    assert (scaling.column[milp.integer] == 1.0).all()


#: Limits that are zero but for dust, as a share or a sum that was divided and rounded up.
NEXT_TO_NOTHING = {
    "share of output": {"kind": "output_share", "product": "vehicle", "place": "US", "at_most": 1e-9},
    "share of jobs": {"kind": "jobs_share", "place": "US", "at_most": 1e-9},
    "tiny share": {"kind": "output_share", "product": "vehicle", "place": "US", "at_most": 1e-14},
    "concentration": {"kind": "concentration", "product": "vehicle", "per": "region", "at_most": 1e-9},
    "budget": {"kind": "capex", "at_most": 1e-9},
    "carbon": {"kind": "emissions", "at_most": 1e-12},
}


@pytest.mark.parametrize("name", NEXT_TO_NOTHING)
def test_a_limit_of_next_to_nothing_makes_no_study_small(name: str) -> None:
    row = NEXT_TO_NOTHING[name]
    study = two_plant_study()
    study = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=20_000.0))
    some, none = (with_limits(study, {**row, "at_most": most}) for most in (row["at_most"], 0.0))
    milp = build(some).milp
    objective = milp.objectives["cost"]
    scaling = Scaling.of(milp, objective)
    assert (scaling.row == 1.0).all()
    assert (scaling.column == 1.0).all()
    assert scaling.objective >= 1.0
    found, least = (ENGINES["highs"].run(build(s).milp, objective, EXACT) for s in (some, none))
    assert found.status is least.status is Status.OPTIMAL
    assert found.objective == pytest.approx(least.objective, rel=1e-7)


def test_a_capacity_far_above_demand_stands_for_no_limit() -> None:
    study = two_plant_study()
    found = []
    for capacity in (1e9, 1e15):
        options = study.table("options").assign(capacity_units_per_yr=capacity, min_load=0.0)
        milp = build(Study(study.settings, {**study.tables, "options": options})).milp
        found.append(ENGINES["highs"].run(milp, milp.objectives["cost"], EXACT))
    assert [f.status for f in found] == [Status.OPTIMAL, Status.OPTIMAL]
    assert found[1].objective == pytest.approx(found[0].objective, rel=1e-5)


def test_plants_that_no_budget_lets_be_built_have_no_size() -> None:
    milp = MilpBuilder()
    build_ = milp.add_columns("build", (2,), lambda k: (str(k),), upper=1.0, integer=True)
    make = milp.add_columns("make", (2,), lambda k: (str(k),))
    milp.add_rows("budget", 1, lambda k: (), ([0, 0], build_, [2.0, 9.0]), upper=3.0)
    rows = np.arange(2)
    milp.add_rows("capacity", 2, lambda k: (str(k),), (rows, make, 1.0), (rows, build_, -5.0), upper=0.0)
    sizes = milp.finish([]).sizes
    assert sizes.column.tolist() == [1.0, 0.0, 5.0, 0.0]
    assert sizes.largest[0] == 2.0


def test_without_a_plan_by_its_factors_a_program_is_tried_as_it_is() -> None:
    milp, cost = budget(4e-7)
    assert Scaling.of(milp, cost).changes

    class Misled(PulpHighs):
        def run(self, milp: Milp, objective: Objective, limits: Limits, **given: object) -> EngineResult:
            if objective is not cost:
                return EngineResult(Status.INFEASIBLE)
            return super().run(milp, objective, limits, **given)

    found = ScaledEngine(Misled()).run(milp, cost, EXACT)
    assert found.status is Status.INFEASIBLE, "both plants, which the program as it is allows, are no plan"
    few = milp.with_rows("one", [[1.0, 1.0]], -np.inf, 1.0, [()])
    found = ScaledEngine(Misled()).run(few, cost, EXACT)
    assert (found.status, found.objective) == (Status.OPTIMAL, pytest.approx(-2.0))


@pytest.fixture(scope="module")
def plain() -> Plan:
    return ev.solve(two_plant_study(), gap=0.0)


@pytest.mark.parametrize("power", [-6, 6])
@pytest.mark.parametrize("kind", ["money", "units", "size"])
def test_the_plan_is_the_same_in_other_units(plain: Plan, kind: str, power: int) -> None:
    study, factor = two_plant_study(), 10.0**power
    other = {
        "money": lambda: in_other_units(study, USD=factor),
        "units": lambda: in_other_units(study, unit=factor),
        "size": lambda: of_other_size(study, factor),
    }[kind]()
    plan = ev.solve(other, gap=0.0)
    assert ev.certify(other, plan).failed == ()
    assert plan.status is Status.OPTIMAL
    assert plan.decisions["openings"].equals(plain.decisions["openings"])
    times = 1.0 if kind == "units" else factor
    assert plan.totals["cost"] == pytest.approx(plain.totals["cost"] * times, rel=1e-7)


#: Soft limits that the best plan of the two-plant study breaks, with prices in different units.
SOFT = (
    {"kind": "emissions", "at_most": 1.0e5, "penalty_usd_per_unit": 30.0},
    {"kind": "capex", "at_most": 1.0e9, "penalty_usd_per_unit": 0.01},
    {"kind": "jobs_fte", "at_least": 9.0e3, "penalty_usd_per_unit": 700.0},
    {"kind": "output_share", "place": "MX", "product": "vehicle", "at_least": 0.9, "penalty_usd_per_unit": 5.0},
    {"kind": "throughput_mass", "at_most": 1.0e4, "penalty_usd_per_unit": 2.0},
    {"kind": "plants_open", "at_most": 1, "penalty_usd_per_unit": 1.0e4},
)


@pytest.mark.parametrize("kind", ["money", "units", "size"])
def test_a_broken_limit_costs_the_same_in_other_units(kind: str) -> None:
    study, factor = two_plant_study().with_table("limits", limits_frame(*SOFT)), 1e3
    plain = ev.solve(study, gap=0.0)
    broken = plain.decisions["violations"].set_index("limit")["amount"]
    assert len(broken) == len(SOFT)
    other = {
        "money": lambda: in_other_units(study, USD=factor),
        "units": lambda: in_other_units(study, unit=factor),
        "size": lambda: of_other_size(study, factor),
    }[kind]()
    plan = ev.solve(other, gap=0.0)
    ev.certify(other, plan).raise_if_failed()
    times = 1.0 if kind == "units" else factor
    assert plan.totals["cost"] == pytest.approx(plain.totals["cost"] * times, rel=1e-7)
    cost = plan.ledgers["cost"].groupby("item")["value"].sum()["broken limits"]
    assert cost == pytest.approx(
        plain.ledgers["cost"].groupby("item")["value"].sum()["broken limits"] * times, rel=1e-6
    )
    grown = {"money": {"limit 2"}, "units": {"limit 4"}, "size": set(broken.index) - {"limit 6"}}[kind]
    again = plan.decisions["violations"].set_index("limit")["amount"]
    ratio = (again / broken).round(6).to_dict()
    assert ratio == {name: factor if name in grown else 1.0 for name in broken.index}


@pytest.mark.parametrize("factor", [1e-9, 1.0, 1e6])
def test_the_certificate_sees_a_broken_budget_and_no_dust_at_any_magnitude(plain: Plan, factor: float) -> None:
    invested = float(plain.sites["capex_usd"].sum())

    def under(most: float) -> Study:
        row = {"limit": "purse", "kind": "capex", "at_most": most}
        return in_other_units(two_plant_study().with_table("limits", limits_frame(row)), USD=factor)

    study = in_other_units(two_plant_study(), USD=factor)
    plan = ev.solve(study, gap=0.0)
    broken, dust = under(invested / 1.3), under(invested * (1.0 - 1e-12))
    assert "budget" in ev.certify(broken, replace(plan, study_digest=broken.digest)).failed
    assert "budget" not in ev.certify(dust, replace(plan, study_digest=dust.digest)).failed


def test_figures_too_large_for_sums_are_refused_or_told_with_their_table() -> None:
    study = two_plant_study()

    def priced(penalty: float) -> Study:
        demand = study.table("demand")
        demand["unmet_penalty_usd_per_unit"] *= penalty
        return Study(study.settings, {**study.tables, "demand": demand})

    with pytest.raises(InputError, match=r"demand, column 'unmet_penalty_usd_per_unit', west/vehicle/p1: is too large"):
        build(priced(1e303))
    with pytest.raises(InputError, match=r"cannot be added up \(unmet\[west,vehicle,p1\]"):
        build(priced(1e30))
    with pytest.warns(DataWarning, match=r"unmet\[west,vehicle,p1\] can add .*demand: unmet_penalty_usd_per_unit"):
        build(priced(1e11))


def test_what_is_printed_from_c_stays_off_standard_output() -> None:
    code = (
        "import os, evsiting.cli.app as app\n"
        "app.commands.check = lambda voice, study: (os.write(1, b'banner'), voice.data({'a': 1}))\n"
        "app.main(['check', 'starter', '--json'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert "banner" not in done.stdout
    assert "banner" in done.stderr
