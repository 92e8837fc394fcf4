"""Plans from tables, what they say of themselves, and the figures that readers ask for."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evsiting.errors import InputError, Problem
from evsiting.results.analysis.key_figures import bought_shares, import_unit_cost, unit_costs, units_delivered
from evsiting.results.assemble import SITE_COLUMNS, plan_from_tables, versions
from evsiting.results.certificate import certify
from evsiting.results.plan import Front, Solve, Status
from tests.plans import COLUMNS, OPENINGS, PRODUCTION, SHIPMENTS, plan_of, random_plan, tiny_plan
from tests.studies import two_plant_study

SOLVE = Solve(Status.OPTIMAL, "cost", 1.0, 1.0)


def made(study, production=PRODUCTION, shipments=SHIPMENTS, openings=OPENINGS, unmet=()):
    return plan_of(study, openings=openings, production=production, shipments=shipments, unmet=unmet)


def test_plants_are_listed_with_what_they_are_and_do():
    study, plan = tiny_plan()
    assert list(plan.sites.columns) == [*SITE_COLUMNS, "geometry"]
    sites = plan.sites.set_index("plant")
    assert sites.index.tolist() == ["memphis/assembly", "memphis/cell", "memphis/pack", "windsor_cells"]
    assert sites["status"].tolist() == ["new", "new", "new", "existing"]
    assert sites["capex_usd"].tolist() == [1e9, 600e6, 100e6, 0.0]
    assert sites["used"].tolist() == pytest.approx([100 / 120, 1.0, 100 / 120, 0.5])
    assert sites["jobs_fte"].tolist() == pytest.approx([1_000 + 1_000, 500 + 150, 100 + 200, 300 + 37.5])
    assert sites.at["memphis/cell", "programs"] == "cell credit; site grant"
    assert sites.at["windsor_cells", "period"] == ""
    assert sites.crs == study.sites.crs
    assert sites.loc["windsor_cells"].geometry.x == -83.02


@pytest.mark.parametrize("seed", range(6))
def test_jobs_in_the_last_period_agree_with_the_ledger(seed):
    study, plan = random_plan(seed)
    last = study.periods.sort_values("start_year").iloc[-1]
    jobs = plan.ledgers["jobs"]
    in_last = jobs.loc[jobs["period"] == last["period"], "value"].sum() / last["years"]
    assert plan.sites["jobs_fte"].sum() == pytest.approx(in_last, rel=1e-9)


def test_plants_that_share_a_site_share_its_work_by_capacity():
    study = two_plant_study()
    both = pd.concat([study.plants, study.plants.assign(plant="second", capacity_units_per_yr=1e6)])
    plan = made(study.with_table("plants", both))
    sites = plan.sites[plan.sites["site"] == "windsor"]
    assert sites["used"].tolist() == pytest.approx([1.5 / 4, 1.5 / 4])
    assert sites["jobs_fte"].tolist() == pytest.approx([300 + 37.5 / 4, 300 + 37.5 * 3 / 4])


def test_rows_are_sorted_and_dust_is_swept():
    study, right = tiny_plan()
    dust = [("cell", "busan", "memphis", "sea", "p1", 1e-4), ("cell", "busan", "monterrey", "sea", "p1", -1e-5)]
    plan = made(study, production=PRODUCTION[::-1], shipments=[*dust, *SHIPMENTS[::-1]], openings=OPENINGS[::-1])
    for name in ("production", "shipments", "unmet"):
        pd.testing.assert_frame_equal(getattr(plan, name), getattr(right, name))
    assert plan.totals == right.totals


def test_small_flows_that_are_no_dust_stay():
    study, _ = tiny_plan()
    plan = made(study, shipments=[*SHIPMENTS, ("cell", "busan", "memphis", "sea", "p1", 0.1)])
    assert len(plan.shipments) == len(SHIPMENTS) + 1


def test_a_missing_column_is_told():
    frames = {name: pd.DataFrame(columns=columns) for name, columns in COLUMNS.items()}
    frames["shipments"] = frames["shipments"].drop(columns="mode")
    with pytest.raises(InputError, match=r"shipments: columns are missing \(mode\)"):
        plan_from_tables(two_plant_study(), frames, SOLVE)


def test_the_tables_given_are_not_changed():
    study, _ = tiny_plan()
    given = pd.DataFrame(PRODUCTION[::-1], columns=COLUMNS["production"])
    before = given.copy()
    made(study, production=given)
    pd.testing.assert_frame_equal(given, before)


def test_versions_are_kept():
    assert {"evsiting", "python", "pulp", "highspy", "geopandas", "numpy", "pandas"} <= set(versions())


def test_a_plan_prints_itself():
    _, plan = tiny_plan()
    assert "25.303 bn" in repr(plan)
    assert "1 assembly, 1 cell, 1 pack" in repr(plan)
    assert "<table>" in plan._repr_html_()
    front = Front(("cost", "emissions"), (plan, plan))
    assert len(front.table) == len(front) == 2
    assert "2 points" in repr(front)
    assert "<table" in front._repr_html_()


@pytest.mark.parametrize(
    ("name", "weights", "value"),
    [
        ("cost", {"cost": 1.0}, 10.0),
        ("jobs", {"jobs": 1.0}, -7.0),
        ("1 cost + 120 emissions", {"cost": 1.0, "emissions": 120.0}, 10.0 + 120 * 3.0),
        ("2 cost + 0.5 jobs", {"cost": 2.0, "jobs": 0.5}, 20.0 - 3.5),
        ("1e+06 emissions", {"emissions": 1e6}, 3e6),
    ],
)
def test_the_name_of_an_objective_says_what_it_is(name, weights, value):
    solve = replace(SOLVE, objective_name=name)
    assert solve.weights == weights
    assert solve.value_of({"cost": 10.0, "emissions": 3.0, "jobs": 7.0}) == pytest.approx(value)


@pytest.mark.parametrize("name", ["", "happiness", "1 cost + 2 cost", "many cost"])
def test_a_name_that_is_no_objective(name):
    with pytest.raises(ValueError, match="cost|many"):
        _ = replace(SOLVE, objective_name=name).weights


def test_the_gap_is_relative_to_the_plan():
    assert replace(SOLVE, objective=200.0, bound=190.0).gap == pytest.approx(0.05)
    assert replace(SOLVE, objective=-200.0, bound=-210.0).gap == pytest.approx(0.05)
    assert replace(SOLVE, bound=float("-inf")).gap == float("inf")


def test_the_landed_cost_of_a_vehicle_adds_up():
    study, plan = tiny_plan()
    items = unit_costs(study, plan)
    assert items["value"].sum() == pytest.approx(plan.totals["cost"])
    assert items["usd_per_unit"].sum() == pytest.approx(25_302.75)
    assert items.set_index("item").at["material", "usd_per_unit"] == pytest.approx(15_000 + 900 + 75 * 70)
    assert units_delivered(study, plan)["units"].sum() == 1_000_000


def test_nothing_delivered_has_no_unit_cost():
    study, _ = tiny_plan()
    plan = made(study, openings=(), production=(), shipments=())
    assert unit_costs(study, plan)["usd_per_unit"].isna().all()


def test_what_is_bought_of_an_input():
    study, _ = tiny_plan()
    shipments = [*SHIPMENTS, ("cell", "busan", "memphis", "sea", "p1", 2.5e6)]
    shares = bought_shares(study, made(study, shipments=shipments))
    assert shares.to_dict() == {"cell": 0.25, "pack": 0.0}


def test_a_long_period_counts_for_more_in_what_is_bought():
    study, _ = tiny_plan()
    long = pd.DataFrame({"period": ["p1", "p2"], "start_year": [2028, 2029], "years": [1, 9]})
    tables = {**study.tables, "periods": long}
    tables["incentives"] = tables["incentives"].head(0)
    two = type(study)(study.settings, tables)
    cells = [("cell", "busan", "memphis", "sea", "p1", 1e6), ("cell", "windsor", "memphis", "rail", "p2", 1e6)]
    plan = made(two, shipments=cells, openings=(), production=())
    assert bought_shares(two, plan).to_dict() == {"cell": pytest.approx(0.1)}


def test_what_imports_would_cost():
    study, plan = tiny_plan()
    assert np.isnan(import_unit_cost(study, plan))
    suppliers = study.suppliers.assign(product="vehicle", price_usd_per_unit=30_000.0)
    lanes = pd.DataFrame(
        [
            ("vehicle", "busan", "east", "sea", 9e3, 700.0, 1_000.0, 500.0, 10.0, None),
            ("vehicle", "busan", "west", "sea", 9e3, 700.0, 500.0, 500.0, 10.0, None),
        ],
        columns=study.lanes.columns[:10],
    )
    keep = study.lanes[study.lanes["origin"] != "busan"]
    other = type(study)(study.settings, {**study.tables, "suppliers": suppliers, "lanes": pd.concat([keep, lanes])})
    assert import_unit_cost(other, plan) == pytest.approx(30_000 + 0.6 * 1_500 + 0.4 * 1_000)
    at_home = type(study)(study.settings, {**other.tables, "suppliers": suppliers.assign(country="MX")})
    assert np.isnan(import_unit_cost(at_home, plan))  # what a neighbour sells is no import
    one_market = lanes[lanes["destination"] == "east"]
    partly = type(study)(study.settings, {**other.tables, "lanes": pd.concat([keep, one_market])})
    assert np.isnan(import_unit_cost(partly, plan))  # no figure for only a part of what is delivered


def test_plans_and_fronts_can_be_pickled_and_copied():
    study, plan = tiny_plan()
    front = Front(("cost", "emissions"), (plan, plan), {"cost": 1.0})
    for twin in (pickle.loads(pickle.dumps(front)), copy.deepcopy(front)):
        assert twin.ideal == {"cost": 1.0}
        assert twin.plans[0].totals == plan.totals
        assert certify(study, twin.plans[0]).passed
        with pytest.raises(TypeError, match="does not support item assignment"):
            twin.plans[0].ledgers["cost"] = None
    assert plan in front.plans
    assert len({plan, *front.plans}) == 1
    error = pickle.loads(pickle.dumps(InputError([Problem("here", "wrong", "7", "Mend it")])))
    assert str(error) == "1 problem in the input:\n  1. here: wrong (7). Mend it."
