"""The certificate can fail: each thing that is spoiled is named by the check that is there for it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evsiting.results.certificate import certify
from evsiting.results.plan import Status
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, random_plan, tiny_plan
from tests.studies import two_plant_study


def failed(openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS, unmet=()):
    """Return the checks that fail on a plan whose ledgers agree with its wrong tables."""
    study, _ = tiny_plan()
    plan = plan_of(study, openings=openings, production=production, shipments=shipments, unmet=unmet)
    return set(certify(study, plan).failed)


def without(rows, *part):
    """Return the rows that do not begin so."""
    return [row for row in rows if row[: len(part)] != part]


def test_too_little_reaches_a_market():
    shipments = [*without(SHIPMENTS, "vehicle", "memphis", "west"), ("vehicle", "memphis", "west", "rail", "p1", 39e3)]
    production = [*without(PRODUCTION, "memphis", "assembly"), ("memphis", "assembly", "vehicle", "p1", 99e3)]
    assert failed(production=production, shipments=shipments) == {"demand", "balance"}


def test_more_leaves_than_is_made():
    production = [*without(PRODUCTION, "windsor"), ("windsor", "cell", "cell", "p1", 1.4e6)]
    assert failed(production=production) == {"output"}


def test_more_is_used_than_arrives():
    shipments = [*without(SHIPMENTS, "cell", "windsor"), ("cell", "windsor", "memphis", "rail", "p1", 1.4e6)]
    production = [*without(PRODUCTION, "windsor"), ("windsor", "cell", "cell", "p1", 1.4e6)]
    assert failed(production=production, shipments=shipments) == {"balance"}


def test_a_plant_makes_more_than_it_can():
    shipments = [
        *without(SHIPMENTS, "cell"),
        ("cell", "memphis", "memphis", "on_site", "p1", 6.5e6),
        ("cell", "windsor", "memphis", "rail", "p1", 1.0e6),
    ]
    production = [*without(PRODUCTION, "memphis", "cell"), ("memphis", "cell", "cell", "p1", 6.5e6)]
    production = [*without(production, "windsor"), ("windsor", "cell", "cell", "p1", 1.0e6)]
    assert failed(production=production, shipments=shipments) == {"capacity"}


def test_a_plant_that_was_never_built_makes_something():
    assert failed(openings=without(OPENINGS, "memphis", "pack")) == {"capacity"}


def test_a_smaller_plant_is_built_than_is_used():
    openings = [*without(OPENINGS, "memphis", "assembly"), ("memphis", "assembly", "small", "p1")]
    assert failed(openings=openings) == {"capacity"}


def test_a_plant_is_built_too_late():
    study = two_plant_study(periods=2)
    both = [(*row[:-2], p, row[-1]) for row in PRODUCTION for p in ("p1", "p2")]
    sent = [(*row[:-2], p, row[-1]) for row in SHIPMENTS for p in ("p1", "p2")]
    certify(study, plan_of(study, openings=OPENINGS, production=both, shipments=sent)).raise_if_failed()
    late = [*without(OPENINGS, "memphis", "pack"), ("memphis", "pack", "line", "p2")]
    certificate = certify(study, plan_of(study, openings=late, production=both, shipments=sent))
    assert certificate.failed == ("capacity",)
    assert certificate.checks.set_index("check").at["capacity", "where"] == "memphis/pack/p1"


def test_a_new_plant_stays_below_its_minimum_load():
    shipments = [
        *without(SHIPMENTS, "cell"),
        ("cell", "memphis", "memphis", "on_site", "p1", 0.5e6),
        ("cell", "windsor", "memphis", "rail", "p1", 3.0e6),
        ("cell", "busan", "memphis", "sea", "p1", 4.0e6),
    ]
    production = [
        *without(without(PRODUCTION, "memphis", "cell"), "windsor"),
        ("memphis", "cell", "cell", "p1", 0.5e6),
        ("windsor", "cell", "cell", "p1", 3.0e6),
    ]
    assert failed(production=production, shipments=shipments) == {"min_load"}


def test_a_supplier_sells_more_than_it_can():
    shipments = [
        *without(SHIPMENTS, "cell"),
        ("cell", "windsor", "memphis", "rail", "p1", 3.0e6),
        ("cell", "busan", "memphis", "sea", "p1", 4.5e6),
    ]
    production = [*without(PRODUCTION, "memphis", "cell")]
    production = [*without(production, "windsor"), ("windsor", "cell", "cell", "p1", 3.0e6)]
    openings = without(OPENINGS, "memphis", "cell")
    assert failed(openings=openings, production=production, shipments=shipments) == {"supplier"}


def test_demand_that_must_be_served_stays_unmet():
    shipments = [*without(SHIPMENTS, "vehicle", "memphis", "east"), ("vehicle", "memphis", "east", "rail", "p1", 50e3)]
    scaled = [(*row[:-1], row[-1] * 0.9) for row in without(PRODUCTION, "windsor")]
    production = [*scaled, ("windsor", "cell", "cell", "p1", 1.35e6)]
    within = [(*row[:-1], row[-1] * 0.9) if row[0] != "vehicle" else row for row in shipments]
    study, _ = tiny_plan()
    given = {"openings": OPENINGS, "production": production, "shipments": within}
    plan = plan_of(study, **given, unmet=[("east", "vehicle", "p1", 10e3)])
    assert "demand" in certify(study, plan).failed


@pytest.mark.parametrize(
    ("opening", "told"),
    [
        (("windsor", "cell", "large", "p1"), "nothing new may be built there"),
        (("monterrey", "cell", "large", "p1"), "only pack;assembly may be built there"),
    ],
)
def test_something_is_built_where_it_may_not(opening, told):
    study, _ = tiny_plan()
    given = {"production": PRODUCTION, "shipments": SHIPMENTS}
    certificate = certify(study, plan_of(study, openings=[*OPENINGS, opening], **given))
    assert "openings" in certificate.failed
    assert told in certificate.checks.set_index("check").at["openings", "seen"]


def test_two_options_at_one_place():
    assert failed(openings=[*OPENINGS, ("memphis", "assembly", "small", "p1")]) >= {"one_option"}


# What follows is changed in a plan that was right, after its ledgers were written.


def spoiled(**changes):
    """Return the checks that fail once fields of the right plan are changed."""
    study, plan = tiny_plan()
    return set(certify(study, replace(plan, **changes)).failed)


def with_cell(frame, row, column, value):
    """Return a copy of a frame with one cell changed."""
    changed = frame.copy()
    changed.loc[changed.index[row], column] = value
    return changed


@pytest.mark.parametrize(
    ("table", "column", "value", "checks"),
    [
        ("shipments", "units_per_yr", 6.06e6, {"output", "balance"}),
        ("shipments", "units_per_yr", -1.0, {"numbers", "output"}),
        ("shipments", "units_per_yr", np.nan, {"numbers"}),
        ("shipments", "mode", "sea", {"lanes", "output", "balance"}),
        ("shipments", "origin", "nowhere", {"lanes"}),
        ("shipments", "period", "p9", {"lanes"}),
        ("production", "units_per_yr", 5.9e4, {"balance", "sites", "ledger_cost", "ledger_jobs"}),
        ("production", "product", "cell", {"names"}),
        ("production", "site", "nowhere", {"names"}),
        ("sites", "option", "none such", {"sites"}),
        ("openings", "option", "none such", {"openings"}),
        ("sites", "site", "monterrey", {"sites"}),
        ("sites", "plant_type", "none such", {"sites"}),
        ("openings", "plant_type", "none such", {"openings"}),
        ("sites", "period", "p9", {"sites"}),
        ("openings", "period", "p9", {"openings"}),
        ("sites", "capacity_units_per_yr", 1.0, {"sites"}),
        ("sites", "capex_usd", 1.0, {"sites"}),
        ("sites", "jobs_fte", 1.0, {"sites"}),
        ("sites", "used", 0.1, {"sites"}),
        ("sites", "programs", "made up", {"sites"}),
        ("sites", "country", "CA", {"sites"}),
    ],
)
def test_one_cell_is_changed(table, column, value, checks):
    _, plan = tiny_plan()
    if table in plan.decisions:
        changed = {"decisions": {**plan.decisions, table: with_cell(plan.decisions[table], 0, column, value)}}
    else:
        changed = {table: with_cell(getattr(plan, table), 0, column, value)}
    assert spoiled(**changed) >= checks


@pytest.mark.parametrize("table", ["shipments", "production", "sites"])
def test_a_row_is_deleted(table):
    _, plan = tiny_plan()
    frame = getattr(plan, table)
    named = {"shipments": {"output"}, "production": {"output"}, "sites": {"sites"}}[table]
    assert spoiled(**{table: frame.iloc[1:]}) >= named


def test_a_plant_moves_on_the_map():
    _, plan = tiny_plan()
    assert spoiled(sites=plan.sites.set_geometry(plan.sites.translate(0.5, 0.0))) == {"sites"}


@pytest.mark.parametrize("column", ["plant", "capacity_units_per_yr", "status"])
def test_a_standing_plant_is_changed(column):
    _, plan = tiny_plan()
    row = int(np.flatnonzero(plan.sites["status"] == "existing")[0])
    value = {"plant": "other", "capacity_units_per_yr": 4e6, "status": "committed"}[column]
    assert spoiled(sites=with_cell(plan.sites, row, column, value)) >= {"sites" if column == "status" else "committed"}


def test_a_standing_plant_is_left_out():
    _, plan = tiny_plan()
    assert spoiled(sites=plan.sites[plan.sites["status"] == "new"]) >= {"committed"}


def test_production_is_stated_in_thousands():
    _, plan = tiny_plan()
    frame = plan.production.assign(units_per_yr=plan.production["units_per_yr"] / 1e3)
    assert spoiled(production=frame) >= {"output", "balance"}


def test_unmet_demand_that_nobody_has():
    unmet = pd.DataFrame([("east", "cell", "p1", 5.0)], columns=["market", "product", "period", "units_per_yr"])
    assert spoiled(unmet=unmet) == {"names"}


@pytest.mark.parametrize("name", ["cost", "emissions", "freight_emissions", "jobs"])
@pytest.mark.parametrize("change", ["value", "not a number", "site", "delete", "double"])
def test_a_ledger_line_is_changed(name, change):
    _, plan = tiny_plan()
    ledger = plan.ledgers[name]
    changed = {
        "value": lambda: with_cell(ledger, 1, "value", ledger["value"].iloc[1] * 1.001),
        "not a number": lambda: with_cell(ledger, 1, "value", np.nan),
        "site": lambda: with_cell(ledger, 1, "site", "monterrey"),
        "delete": lambda: ledger.drop(index=1),
        "double": lambda: pd.concat([ledger, ledger.iloc[[1]]], ignore_index=True),
    }[change]()
    assert spoiled(ledgers={**plan.ledgers, name: changed}) == {f"ledger_{name}", f"total_{name}"}


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"objective": 25.4e9}, "objective"),
        ({"objective": float("nan")}, "objective"),
        ({"objective_name": "emissions"}, "objective"),
        ({"objective_name": "happiness"}, "objective"),
        ({"bound": 26e9}, "bound"),
        ({"bound": float("nan")}, "bound"),
        ({"bound": 25e9}, "gap"),
        ({"bound": float("-inf")}, "gap"),
        ({"bound": 25e9, "gap_asked": float("nan")}, "gap"),
        ({"objective": float("inf")}, "gap"),
        ({"objective": float("nan")}, "gap"),
        ({"status": Status.INFEASIBLE}, "gap"),
        ({"status": Status.NO_SOLUTION}, "gap"),
        ({"caps": {"emissions": 1.4e6}}, "caps"),
        ({"caps": {"jobs": -33_000.0}}, "caps"),
        ({"caps": {"cost": 25e9}}, "caps"),
        ({"caps": {"happiness": 1.0}}, "caps"),
    ],
)
def test_the_proof_is_changed(change, check):
    _, plan = tiny_plan()
    assert check in spoiled(solve=replace(plan.solve, **change))


@pytest.mark.parametrize(
    ("table", "column", "checks"),
    [
        ("sites", "power_price_usd_per_mwh", {"ledger_cost"}),
        ("sites", "grid_factor_kg_per_kwh", {"ledger_emissions"}),
        ("sites", "wage_usd_per_h", {"ledger_cost"}),
        ("lanes", "freight_usd_per_unit", {"ledger_cost"}),
        ("lanes", "emissions_kg_per_unit", {"ledger_emissions", "ledger_freight_emissions"}),
        ("options", "capex_usd", {"ledger_cost", "sites"}),
        ("options", "capacity_units_per_yr", {"sites"}),
        ("options", "staff_fte", {"ledger_jobs", "ledger_cost"}),
        ("incentives", "value", {"ledger_cost"}),
        ("bill_of_materials", "units_per_unit", {"balance"}),
        ("demand", "units_per_yr", {"demand"}),
        ("plants", "capacity_units_per_yr", {"committed"}),
        ("processes", "labor_h_per_unit", {"ledger_jobs", "ledger_cost"}),
        ("periods", "years", {"ledger_cost", "ledger_emissions", "ledger_jobs"}),
    ],
)
def test_the_study_is_changed_after_the_solve(table, column, checks):
    study, plan = tiny_plan()
    frame = study.table(table)
    changed = study.with_table(table, frame.assign(**{column: frame[column] * (2 if column == "years" else 1.01)}))
    assert set(certify(changed, plan).failed) >= {"digest", *checks}


@pytest.mark.slow
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(
    seed=st.integers(0, 5),
    table=st.sampled_from(["shipments", "production", "unmet"]),
    pick=st.integers(0, 10_000),
    factor=st.sampled_from([None, 0.0, 0.5, 0.999, 1.001, 1.5, -1.0]),
)
def test_any_flow_of_any_plan_is_changed(seed, table, pick, factor):
    study, plan = random_plan(seed)
    frame = getattr(plan, table).copy()
    large = np.flatnonzero(frame["units_per_yr"] > 1.0)
    if not len(large):
        return
    row = int(large[pick % len(large)])
    if factor is None:
        frame = frame.drop(index=frame.index[row])
    else:
        frame.loc[frame.index[row], "units_per_yr"] *= factor
    certificate = certify(study, replace(plan, **{table: frame}))
    rules = {
        "unmet": {"demand"},
        "production": {"output", "balance"},
        "shipments": {"output", "balance", "demand", "supplier"},
    }
    assert set(certificate.failed) & rules[table]


@pytest.mark.parametrize("seed", [0, 5])
def test_any_plant_of_a_plan_is_left_out(seed):
    study, plan = random_plan(seed)
    for row in range(len(plan.sites)):
        certificate = certify(study, replace(plan, sites=plan.sites.drop(index=plan.sites.index[row])))
        assert "sites" in certificate.failed
    for row in range(len(plan.decisions["openings"])):
        fewer = {**plan.decisions, "openings": plan.decisions["openings"].drop(index=row)}
        assert "ledger_cost" in certify(study, replace(plan, decisions=fewer)).failed
