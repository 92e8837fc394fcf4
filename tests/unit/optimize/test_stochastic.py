"""Scenarios: what they change, what is refused, and that their plans are the best and prove themselves."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

import evsiting as ev
from evsiting.model.build import build
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.scenario_programs import scenario_studies
from evsiting.report.headline import status_words
from evsiting.study.study import Study
from tests.program_studies import claims_study
from tests.scenario_studies import change, random_futures, two_futures, with_futures
from tests.studies import two_plant_study

HALF = {"base": 0.5, "other": 0.5}


def other(study: Study, *changes: dict) -> Study:
    """Return a study in a scenario with these changes."""
    return ev.scenario_study(with_futures(study, HALF, [{**c, "scenario": "other"} for c in changes]), "other")


# ------------------------------------------------------------------------------------------------ changes


def test_figures_are_multiplied_and_set_where_the_rows_say():
    study = two_plant_study()
    made = other(
        study,
        change("", "demand", "units", "multiply", 2.0, rows="market.region=US-NY"),
        change("", "sites", "wage_usd_per_h", "set", 30.0, rows="country=MX"),
    )
    assert made.demand.set_index("market")["units_per_yr"].to_dict() == {"east": 120e3, "west": 40e3}
    assert made.sites.set_index("site")["wage_usd_per_h"].to_dict() == {
        "memphis": 24.0, "monterrey": 30.0, "windsor": 28.0,
    }  # fmt: skip
    assert made.settings.study.name == "Two plants (other)"
    assert not made.has("scenarios")


def test_a_period_splits_rows_that_hold_for_all_of_them():
    study = two_plant_study(periods=2)
    always = study.demand.drop_duplicates(["market", "product"]).assign(period=None)
    made = other(
        study.with_table("demand", always),
        change("", "demand", "units_per_yr", "multiply", 2.0, rows="market=east", period="p2"),
    )
    rows = made.demand[made.demand["market"] == "east"].set_index("period")["units_per_yr"].to_dict()
    assert rows == {"p1": 60e3, "p2": 120e3}


def test_a_period_splits_the_years_of_a_duty_and_a_duty_is_added_for_its_years():
    duty = pd.DataFrame([{"product": "cell", "origin": "KR", "destination": "US", "measure": "MFN", "rate": 0.034}])
    study = two_plant_study(periods=2).with_table("duties", duty)
    made = other(
        study,
        change("", "duties", "rate", "set", 0.1, rows="measure=MFN", period="p2"),
        change(
            "", "duties", "rate", "add", 0.25, rows="product=cell;origin=KR;destination=US;measure=new", period="p1"
        ),
    )
    rows = made.duties[["measure", "rate", "first_year", "last_year"]].fillna(0.0)
    assert sorted(rows.to_numpy().tolist()) == [
        ["MFN", 0.034, 0.0, 2031.0], ["MFN", 0.034, 2037.0, 0.0], ["MFN", 0.1, 2032.0, 2036.0],
        ["new", 0.25, 2027.0, 2031.0],
    ]  # fmt: skip


def test_prices_and_capacities_of_one_period_go_through_trajectories():
    study = two_plant_study(periods=2)
    dear = pd.DataFrame([("price_usd_per_unit", "KR", "p2", 1.1)], columns=["column", "place", "period", "factor"])
    made = other(
        study.with_table("trajectories", dear),
        change("", "suppliers", "price_usd_per_unit", "multiply", 1.2, rows="supplier=busan", period="p2"),
        change("", "suppliers", "capacity_units_per_yr", "multiply", 0.0, rows="supplier=busan", period="p1"),
        change("", "plants", "capacity_units_per_yr", "multiply", 0.5, rows="plant=windsor_cells"),
    )
    factors = made.trajectories.set_index(["column", "place", "period"])["factor"].round(9).to_dict()
    assert factors == {
        ("price_usd_per_unit", "KR", "p2"): 1.1,
        ("price_usd_per_unit", "busan", "p2"): 1.32,
        ("capacity_units_per_yr", "busan", "p1"): 0.0,
        ("capacity_units_per_yr", "windsor_cells", "p1"): 0.5,
        ("capacity_units_per_yr", "windsor_cells", "p2"): 0.5,
    }
    rows = dict(line.split(": ", 1) for line in build(made).milp.lines("supplier"))
    assert rows["supplier[busan,p1]"].endswith("<= 0")
    assert rows["supplier[busan,p2]"].endswith("<= 400")


def test_a_program_that_ends_pays_nothing_and_incentives_follow_the_programs():
    study = ev.example("starter")
    made = other(
        study, change("", "programs", None, "drop", None, rows="program=Example cell credit", period="2027-2030")
    )
    assert (made.incentives.loc[made.incentives["program"] == "Example cell credit", "value"] == 0.0).all()
    assert (made.incentives.loc[made.incentives["program"] == "Example state grant", "value"] > 0.0).any()
    notes = made.provenance.loc[made.provenance["table"] == "programs", "note"]
    assert notes.str.contains("changed in scenario 'other'").all()
    own = study.with_table("incentives", study.incentives.assign(value=study.incentives["value"] * 0.5))
    with (
        pytest.warns(ev.DataWarning, match="own table incentives stays"),
        pytest.raises(ev.InputError, match="the study's own incentives stand in its place"),
    ):
        other(own, change("", "programs", "value", "multiply", 0.5))


def test_the_order_of_the_changes_says_nothing():
    rows = [
        change("", "demand", "units_per_yr", "multiply", 2.0, rows="market=east"),
        change("", "demand", "units_per_yr", "set", 50e3),
        change("", "demand", "unmet_penalty_usd_per_unit", "set", 1e5, rows="market=east"),
    ]
    one, two = (other(two_plant_study(), *order) for order in (rows, rows[::-1]))
    assert one.digest == two.digest
    assert one.demand["units_per_yr"].tolist() == [100e3, 50e3]


def test_what_a_study_mixes_is_told_once_and_not_for_each_scenario():
    study = with_futures(two_plant_study(), {"base": 0.5, "other": 0.5}, [])
    told = pd.DataFrame(
        [("sites", "grid_factor_kg_per_kwh", site, "assumption", where) for site, where in
         (("memphis", "stack"), ("monterrey", "life cycle"), ("windsor", "stack"))],
        columns=["table", "column", "row", "quality", "boundary"],
    )  # fmt: skip
    mixed = study.with_table("provenance", told)
    for ask in (lambda: scenario_studies(mixed), lambda: ev.scenario_study(mixed, "other")):
        with pytest.warns(ev.DataWarning, match="different boundaries") as heard:
            ask()
        assert len(heard) == 1


# ------------------------------------------------------------------------------------------------- checks


@pytest.mark.parametrize(
    ("chances", "changes", "words"),
    [
        ({"a": 0.5, "b": 0.3}, [], "the probabilities add up to 0.8, not to 1"),
        ({"a": 1.5, "b": -0.5}, [], "outside > 0 and <= 1"),
        ({"a": 1.0}, [change("b", "demand", "units_per_yr", "set", 1.0)], "not in table 'scenarios'"),
        ({"a": 1.0}, [change("a", "demnd", "units_per_yr", "set", 1.0)], "is no table that a scenario may change"),
        ({"a": 1.0}, [change("a", "demand", "unit", "set", 1.0)], "is no column of numbers of table 'demand'"),
        ({"a": 1.0}, [change("a", "demand", "units_per_yr", "double", 2.0)], "none of the choices"),
        ({"a": 1.0}, [change("a", "demand", "units_per_yr", "multiply", -1.0)], "is a factor below zero"),
        ({"a": 1.0}, [change("a", "demand", "units_per_yr", "multiply", None)], "does not go with the action"),
        ({"a": 1.0}, [change("a", "sites", None, "drop", None)], "cannot drop rows of table 'sites'"),
        ({"a": 1.0}, [change("a", "demand", "units_per_yr", "set", 1.0, rows="market")], "is no selection of rows"),
        ({"a": 1.0}, [change("a", "demand", "units_per_yr", "set", 1.0, rows="town=east")], "names no column of table"),
        ({"a": 1.0}, [change("a", "demand", "units_per_yr", "set", 1.0, rows="market=north")], "finds nothing to set"),
        ({"a": 1.0}, [change("a", "options", "capex_usd", "set", 1.0, period="p1")], "which hold always"),
        (
            {"a": 1.0},
            [change("a", "demand", "units_per_yr", "set", v, rows=r) for v, r in ((1.0, "market=east"), (2.0, ""))],
            "are set by another change as well",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(chances, changes, words):
    with pytest.raises(ev.InputError) as told:
        with_futures(two_plant_study(), chances, changes)
    assert words in str(told.value)


def test_all_problems_of_all_scenarios_are_told_at_once_with_their_names():
    rows = [
        change("a", "processes", "good_share", "set", 3.0),
        change("b", "demand", "units_per_yr", "set", -5.0, rows="market=east"),
    ]
    study = with_futures(two_plant_study(), {"a": 0.5, "b": 0.5}, rows)
    with pytest.raises(ev.InputError) as told:
        ev.solve_scenarios(study)
    assert len(told.value.problems) == 2
    assert "scenario 'a', table 'processes'" in str(told.value)
    assert "scenario 'b', table 'demand'" in str(told.value)
    with pytest.raises(ev.InputError, match="has no scenarios"):
        ev.solve_scenarios(two_plant_study())
    with pytest.raises(ev.InputError, match="Did you mean 'a'"):
        ev.scenario_study(study, "A")


# -------------------------------------------------------------------------------------------------- plans


def brute(study: Study) -> float | None:
    """Return the least expected cost by trying every set of buildings in every scenario; None where there is none."""
    chances = study.scenarios.set_index("scenario")["probability"].to_dict()
    totals = [sum(chances[s] * v for s, v in row.items()) for row in payoffs(study)]
    best = min(totals, default=np.inf)
    return best if np.isfinite(best) else None


def payoffs(study: Study) -> list[dict[str, float]]:
    """Return the least cost of every scenario with each set of buildings; infinite where it has no plan."""
    chances = study.scenarios.set_index("scenario")["probability"].to_dict()
    milps = {name: build(ev.scenario_study(study, name)).milp for name in chances}
    names = next(iter(milps.values())).column_names()
    first = [n for n in names if n.startswith("build[")]
    places: dict[str, list[str]] = {}
    for name in first:
        places.setdefault(",".join(name.split(",")[:2]), []).append(name)
    return [
        {s: recourse(milp, {n: float(n in chosen) for n in first}) for s, milp in milps.items()}
        for chosen in product(*([None, *options] for options in places.values()))
    ]


def recourse(milp, builds: dict[str, float]) -> float:
    """Return the least cost of one scenario with these buildings; infinite where there is no plan. [USD]"""
    low, high, cost = milp.column_lower.copy(), milp.column_upper.copy(), milp.objectives["cost"]
    for k, name in enumerate(milp.column_names()):
        if name in builds:
            low[k] = high[k] = builds[name]
    rows = optimize.LinearConstraint(milp.matrix, milp.row_lower, milp.row_upper)
    found = optimize.milp(cost.coefficients, constraints=rows, bounds=optimize.Bounds(low, high))
    return cost.unit * (found.fun + cost.constant) if found.status == 0 else np.inf


@pytest.mark.parametrize("seed", [pytest.param(s, marks=pytest.mark.slow) for s in (1, 2, 3, 5, 7, 8, 9, 10)])
def test_the_largest_regret_is_the_least_of_all_first_stages(seed):
    study = random_futures(seed)
    rows = payoffs(study)
    best = {s: min(row[s] for row in rows) for s in rows[0]}
    if not any(all(np.isfinite(v) for v in row.values()) for row in rows):
        with pytest.raises((ev.InfeasibleError, ev.InputError)):
            ev.solve_scenarios(study, objective="cost", criterion="regret", gap=0.0, verify=False)
        return
    least = min(max(row[s] - best[s] for s in best) for row in rows)
    plans = ev.solve_scenarios(study, objective="cost", criterion="regret", gap=0.0, verify=False)
    near = 1e-6 * max(abs(v) for v in best.values())
    low, high = plans.largest_regret
    assert low - near <= least <= high + near
    assert high - low <= 4.0 * near
    ev.certify_scenarios(study, plans).raise_if_failed()


@pytest.mark.slow
def test_least_regret_is_no_more_than_that_of_least_expectation_and_is_certified():
    study = two_futures()
    alone = ev.solve_each_scenario(study, workers=1, gap=0.0, verify=False)
    plans = ev.solve_scenarios(study, criterion="regret", alone=alone, gap=0.0, verify=False)
    table = plans.regrets().set_index("scenario")
    assert table["best_alone"].to_dict() == {s: p.solve.objective for s, p in alone.plans.items()}
    assert (table["least"] >= -1e-3).all()
    mean = sum(plans.probability[s] * v for s, v in table["best_alone"].items())
    assert plans.value == pytest.approx(mean + table["least"].max())
    assert plans.largest_regret[1] >= plans.largest_regret[0] >= 0.0
    same = plans.first.opened[["site", "plant_type", "option"]]
    for scenario, plan in plans.plans.items():  # no scenario costs more than its first stage makes it
        milp = build(ev.scenario_study(study, scenario)).milp
        built = {f"build[{','.join(map(str, row))}" for row in same.itertuples(index=False)}
        held = {n: float(n.rsplit(",", 1)[0] in built) for n in milp.column_names() if n.startswith("build[")}
        assert plan.solve.objective == pytest.approx(recourse(milp, held), rel=1e-7)
    expected = ev.solve_scenarios(study, gap=0.0, verify=False)
    assert table["most"].max() <= expected.regrets(plans.best_alone)["most"].max() + 1.0
    assert expected.largest_regret == (-np.inf, np.inf)
    ev.certify_scenarios(study, plans).raise_if_failed()
    spoilt = {s: (best - 5e6, bound) for s, (best, bound) in plans.best_alone.items()}
    assert "expected" in ev.certify_scenarios(study, replace(plans, best_alone={"base": (1.0, 1.0)})).failed
    told = ev.certify_scenarios(study, replace(plans, best_alone={**spoilt, "base": plans.best_alone["base"]})).failed
    assert "expected" in told


def test_what_regret_cannot_be_counted_from_is_told():
    study = two_futures()
    alone = ev.CasePlans("two", "f" * 64, (), {})
    with pytest.raises(ev.InputError, match="knows no probabilities"):
        ev.solve_scenarios(study, criterion="regret", risk_aversion=0.5)
    with pytest.raises(ev.InputError, match="of another study") as told:
        ev.solve_scenarios(study, criterion="regret", alone=alone)
    assert len(told.value.problems) == 3  # and neither scenario has a plan
    with pytest.raises(ev.InputError, match="'expected' or 'regret'"):
        ev.solve_scenarios(study, criterion="worst")
    with pytest.raises(ev.InputError, match="is of no use here"):
        ev.solve_scenarios(study, alone=alone)


SLOW_SEEDS = [pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3, 5, 7, 9, 10)]


@pytest.mark.parametrize("seed", [8, *SLOW_SEEDS])
def test_the_plan_for_all_futures_is_the_best_of_all_first_stages(seed):
    study = random_futures(seed)
    best = brute(study)
    if best is None:
        with pytest.raises(ev.InfeasibleError):
            ev.solve_scenarios(study, objective="cost", gap=0.0)
        return
    plans = ev.solve_scenarios(study, objective="cost", gap=0.0)
    assert plans.value == pytest.approx(best, rel=1e-6)
    ev.certify_scenarios(study, plans).raise_if_failed()
    worth = ev.value_of_information(study, plans, gap=0.0)
    slack = 1e-6 * abs(plans.value)
    assert worth.wait_and_see.low <= plans.value + slack
    assert plans.value <= worth.reference_plan.high + slack
    assert worth.evpi.low <= worth.evpi.high
    assert worth.vss.low <= worth.vss.high


def test_one_certain_scenario_is_an_ordinary_solve():
    study = with_futures(two_plant_study(), {"sure": 1.0}, [])
    plan, plans = ev.solve(study, gap=0.0), ev.solve_scenarios(study, gap=0.0)
    assert plans.value == pytest.approx(plan.solve.objective, rel=1e-9)
    pd.testing.assert_frame_equal(plans.first.decisions["openings"], plan.decisions["openings"])
    assert plans.gap <= 1e-6
    worth = ev.value_of_information(study, plans, gap=0.0)
    assert worth.evpi.high == pytest.approx(0.0, abs=10.0)
    assert worth.vss.high == pytest.approx(0.0, abs=10.0)


def test_the_base_case_is_solved_as_if_there_were_no_scenarios():
    plain, plan = ev.solve(two_plant_study(), gap=0.0), ev.solve(two_futures(), gap=0.0)
    assert plan.totals == pytest.approx(plain.totals)


def test_who_minds_the_tail_pays_for_it_on_average():
    study = two_futures()
    calm = ev.solve_scenarios(study, gap=0.0)
    wary = ev.solve_scenarios(study, gap=0.0, risk_aversion=0.9, cvar_level=0.5)
    assert wary.cvar <= calm.cvar + 1.0
    assert wary.expected["cost"] >= calm.expected["cost"] - 1.0
    assert wary.value == pytest.approx(0.1 * wary.expected["cost"] + 0.9 * wary.cvar)
    ev.certify_scenarios(study, wary).raise_if_failed()
    with pytest.raises(ev.InputError, match="risk_aversion: is no part below 1"):
        ev.solve_scenarios(study, risk_aversion=1.0)


def test_a_reference_plan_that_cannot_serve_a_future_is_worth_nothing():
    boom = [change("boom", "demand", "units_per_yr", "multiply", 1.5, rows="market=east")]
    study = two_plant_study()
    study = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=np.nan))
    study = with_futures(study, {"base": 0.9, "boom": 0.1}, boom)
    worth = ev.value_of_information(study, gap=0.0)
    assert "inf" in repr(worth)
    assert worth.vss.low == worth.vss.high == np.inf


def test_what_is_out_is_out_in_the_program_and_in_the_certificate():
    study = two_plant_study(periods=2)
    gates = pd.DataFrame({"gateway": ["detroit"], "capacity_t_per_yr": [1e6]})
    study = study.with_table("gateways", gates).with_table(
        "demand", study.demand.assign(unmet_penalty_usd_per_unit=60e3)
    )
    plain = ev.solve(study, gap=0.0)
    for table, rows, column, check in (
        ("plants", "plant=windsor_cells", "capacity_units_per_yr", "capacity"),
        ("gateways", "gateway=detroit", "capacity_t_per_yr", "gateway"),
    ):
        made = other(study, change("", table, column, "multiply", 0.0, rows=rows, period="p2"))
        plan = ev.solve(made, gap=0.0)
        ev.certify(made, plan).raise_if_failed()
        sent = plan.shipments[plan.shipments["origin"] == "windsor"]
        assert not (sent["period"] == "p2").any()
        wrong = replace(plain, study_digest=made.digest, study_name=made.settings.study.name)
        assert check in ev.certify(made, wrong).failed


def test_a_site_may_be_out_with_its_minimum_load():
    study = two_plant_study(periods=2)
    study = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=90e3))
    cells = {"rows": "column=capacity_units_per_yr; place=memphis/assembly", "period": "p2"}
    future = with_futures(
        study, {"base": 0.8, "quake": 0.2}, [change("quake", "trajectories", "factor", "add", 0.0, **cells)]
    )
    plans = ev.solve_scenarios(future, gap=0.0)
    ev.certify_scenarios(future, plans).raise_if_failed()
    made = plans.plans["quake"].production
    assert not ((made["site"] == "memphis") & (made["plant_type"] == "assembly") & (made["period"] == "p2")).any()


@pytest.mark.slow
def test_a_claim_stands_in_every_future_in_which_the_program_is_offered():
    study = claims_study(periods=2)
    study = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=90e3))
    out = {"rows": "column=capacity_units_per_yr; place=memphis/cell"}
    rows = [
        change("ended", "incentives", None, "drop", None, rows="program=45X"),
        change("fire", "trajectories", "factor", "add", 0.0, **out),
    ]
    study = with_futures(study, {"base": 0.8, "ended": 0.1, "fire": 0.1}, rows)
    plans = ev.solve_scenarios(study, gap=0.0)
    ev.certify_scenarios(study, plans).raise_if_failed()
    claims = {name: set(plan.decisions["claims"]["program"]) for name, plan in plans.plans.items()}
    assert "45X" in claims["base"]
    assert claims["fire"] == claims["base"]  # it pays nothing there, and is claimed all the same
    assert claims["ended"] == claims["base"] - {"45X"}
    fire = plans.plans["fire"]
    assert "45X" not in set(fire.decisions["credits"]["program"])
    none = replace(fire, decisions={**fire.decisions, "claims": fire.decisions["claims"].iloc[:0]})
    wrong = replace(plans, plans={**plans.plans, "fire": none})
    assert "first_stage" in ev.certify_scenarios(study, wrong).failed


@pytest.mark.slow
def test_the_certificate_of_scenarios_can_fail():
    study = two_futures()
    plans = ev.solve_scenarios(study, gap=0.0)
    boom = plans.plans["boom"]
    fewer = replace(boom, decisions={**boom.decisions, "openings": boom.decisions["openings"].iloc[1:]})
    failed = ev.certify_scenarios(study, replace(plans, plans={**plans.plans, "boom": fewer})).failed
    assert "first_stage" in failed
    assert "boom: capacity" in failed
    cheap = replace(plans, solve=replace(plans.solve, objective=plans.solve.objective * 0.99))
    assert {"expected", "bound"} <= set(ev.certify_scenarios(study, cheap).failed)
    likely = replace(plans, probability={"base": 0.5, "boom": 0.5})
    assert {"scenarios", "expected"} <= set(ev.certify_scenarios(study, likely).failed)
    low = plans.solve.objective * 0.9
    for unproven in ({"bound": low}, {"bound": low, "gap_asked": np.nan}, {"objective": np.inf}, {"objective": np.nan}):
        wrong = replace(plans, solve=replace(plans.solve, **unproven))
        assert "gap" in ev.certify_scenarios(study, wrong).failed


def test_plans_of_scenarios_print_themselves():
    plans = ev.solve_scenarios(two_futures(), gap=0.0)
    assert "expected cost, proven gap" in repr(plans)
    assert "<table" in plans._repr_html_()
    assert plans.table["scenario"].tolist() == ["base", "boom"]


@pytest.mark.parametrize("how", [{}, {"risk_aversion": 0.5, "cvar_level": 0.7}, {"criterion": "regret"}])
def test_plans_of_all_scenarios_are_a_point_that_the_next_solve_starts_from(
    how: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = two_futures()
    plans = ev.solve_scenarios(study, gap=0.0, verify=False, **how)
    words, mood = status_words(plans.first)
    assert words.startswith("One of the plans for all scenarios")  # not: how far it is from the best is not known
    assert mood == "fair"
    engine, seen = type(find_engine("highs")), []

    def found_nothing(self: object, milp: Milp, aim: Objective, limits: object, **given: object) -> EngineResult:
        seen.append((milp, aim, given.get("start")))
        return EngineResult(ev.Status.NO_SOLUTION, bound=-np.inf, limit="time")

    given = {} if "criterion" not in how else {"alone": ev.solve_each_scenario(study, gap=0.0, workers=1)}
    monkeypatch.setattr(engine, "run", found_nothing)
    again = ev.solve_scenarios(study, gap=0.0, verify=False, start=plans, **how, **given)
    milp, aim, point = seen[0]
    assert max(milp.violation(point).values()) < 1e-7
    assert aim.value(point) == pytest.approx(plans.solve.objective, rel=1e-9)
    assert again.solve.objective == pytest.approx(plans.solve.objective, rel=1e-9)
    assert again.status is ev.Status.FEASIBLE  # without a bound of its own
    with pytest.raises(ev.InputError, match="start"):
        ev.solve_scenarios(study, start=plans.first)  # type: ignore[arg-type]
