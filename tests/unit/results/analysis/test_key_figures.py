"""What a reader asks of a plan, against figures worked out by hand and against its ledgers."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.results.analysis.cost_allocation import allotment
from evsiting.results.analysis.key_figures import import_unit_cost
from evsiting.results.analysis.landed_cost import gate_cost, landed_parts
from evsiting.results.analysis.limit_use import limit_use
from evsiting.results.analysis.power import power_by_site
from evsiting.results.analysis.programs import claims_kept, program_payments
from evsiting.results.analysis.timeline import capacity_by_period, plant_moves, sizes_by_period
from evsiting.results.analysis.trade import duties_paid, regional_value
from evsiting.results.plan import Plan
from evsiting.study.study import Study
from tests.frames import points
from tests.full_study import PERIODS, full_plan
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, random_plan, tiny_plan

Answer = tuple[Study, Plan]
RANDOM = (1, 3, 5, 12)


@cache
def plan_number(name: str) -> Answer:
    """Return a plan by name: by hand, with everything, or of a random study."""
    return {"tiny": tiny_plan, "full": full_plan}[name]() if name in ("tiny", "full") else random_plan(int(name))


@pytest.fixture(params=["tiny", "full", *map(str, RANDOM)])
def answer(request: pytest.FixtureRequest) -> Answer:
    return plan_number(request.param)


# --------------------------------------------------------------------------------------- what adds up


def test_cash_flow_is_worth_the_cost_of_the_plan(answer: Answer) -> None:
    study, plan = answer
    flow = ev.cash_flow(study, plan)
    assert flow["present"].sum() == pytest.approx(plan.totals["cost"], rel=1e-9)
    items = flow.drop(columns=["total", "factor", "present"])
    assert items.sum(axis=1).to_numpy() == pytest.approx(flow["total"].to_numpy(), rel=1e-12)
    assert flow.index.is_monotonic_increasing
    assert flow.index[-1] == int((study.periods.eval("start_year + years")).max()) - 1


def test_what_units_bear_and_what_is_left_is_the_cost_of_the_plan(answer: Answer) -> None:
    study, plan = answer
    parts = landed_parts(study, plan)
    assert parts["value"].sum() == pytest.approx(plan.totals["cost"], rel=1e-9)
    ledger = plan.ledgers["cost"].groupby("item")["value"].sum()
    for item, value in parts.groupby("item")["value"].sum().items():
        assert value == pytest.approx(ledger[item], rel=1e-9, abs=1e-3), item
    unmet = parts.loc[parts["source"] == "demand that is not served", "value"].sum()
    assert unmet == pytest.approx(ledger.get("unmet", 0.0), rel=1e-9)


def test_units_times_landed_cost_is_what_plants_deliver(answer: Answer) -> None:
    study, plan = answer
    table, parts = ev.landed_cost(study, plan), landed_parts(study, plan)
    present = dict(zip(*_weights(study), strict=True))
    arrived = plan.shipments[plan.shipments["destination"].isin(study.markets["market"])]
    own = arrived[arrived["origin"].isin(study.sites["site"])].rename(columns={"destination": "market"})
    own = own.assign(units=own["units_per_yr"] * own["period"].map(present))
    units = own.groupby(["market", "product", "period"], as_index=False)["units"].sum()
    rows = table.drop(columns="units").merge(units, on=["market", "product", "period"])
    total = (rows["plants_usd_per_unit"] * rows["units"]).sum()
    assert total == pytest.approx(parts.loc[parts["source"] == "plants", "value"].sum(), rel=1e-9)


def test_jobs_by_place_add_up_to_the_ledger(answer: Answer) -> None:
    study, plan = answer
    table = ev.jobs_by_place(study, plan)
    assert table["job_years"].sum() == pytest.approx(plan.totals["jobs"], rel=1e-9)
    years = study.periods.set_index("period")["years"]
    assert (table["jobs_fte"] * table["period"].map(years)).to_numpy() == pytest.approx(table["job_years"].to_numpy())
    last = study.periods.sort_values("start_year")["period"].iloc[-1]
    now = table.loc[table["period"] == last, "jobs_fte"].sum()
    assert now == pytest.approx(plan.sites["jobs_fte"].sum(), rel=1e-6)


def test_duties_and_programs_add_up_to_the_ledger(answer: Answer) -> None:
    study, plan = answer
    ledger = plan.ledgers["cost"].groupby("item")["value"].sum()
    duties = duties_paid(study, plan)[["duty_usd", "relief_usd", "paid_usd"]].sum()
    assert duties["duty_usd"] == pytest.approx(ledger.get("duty", 0.0), rel=1e-9, abs=1e-6)
    assert duties["relief_usd"] == pytest.approx(ledger.get("duty relief", 0.0), rel=1e-9, abs=1e-6)
    paid = program_payments(study, plan)["present_usd"].sum()
    assert paid == pytest.approx(-ledger.get("credits", 0.0), rel=1e-9, abs=1e-6)


def _weights(study: Study) -> tuple[list[str], list[float]]:
    rate, base = study.settings.money.discount_rate, study.settings.money.base_year
    periods = study.periods
    spans = zip(periods["start_year"], periods["years"], strict=True)
    return periods["period"].tolist(), [sum((1 + rate) ** -(y - base) for y in range(s, s + n)) for s, n in spans]


# ------------------------------------------------------------------------------------------- by hand


def test_cash_flow_of_the_two_plants_by_hand() -> None:
    flow = ev.cash_flow(*tiny_plan())
    assert flow.index.tolist() == list(range(2026, 2037))
    first, middle, last = flow.loc[2026], flow.loc[2030], flow.loc[2036]
    assert first["capital"] == pytest.approx(600e6 + 100e6 + 1000e6)
    assert first["credits"] == pytest.approx(-60e6)
    assert first["fixed"] == 0.0
    assert middle["credits"] == pytest.approx(-5.0 * 6e6)
    assert middle["capital"] == 0.0
    assert middle["fixed"] == pytest.approx(20e6 + 5e6 + 60e6 + 15e6 + 3 * 1e6)
    assert last["residual value"] == pytest.approx(-0.5 * (1_700e6 - 60e6)), (
        "half of its life is left, of the credit too"
    )
    assert (flow["factor"] == 1.0).all()


def test_gate_and_landed_cost_of_the_two_plants_by_hand() -> None:
    study, plan = tiny_plan()
    cost = gate_cost(study, plan).groupby(["product", "site"])["usd_per_unit"].sum()
    cell = 70 + 2.4 + (1.5 + 5) + 3.5 + (10 - 5) - 5 - 0.5
    other = 70 + 3.2 + (1.75 + 14) + 10
    pack = 900 + 9 + (120 + 60) + 60 + 50 + (60 * cell + 15 * (other + 0.5))
    vehicle = 15_000 + 48 + (600 + 600) + 610 + 500 + pack
    assert cost["cell", "memphis"] == pytest.approx(cell)
    assert cost["cell", "windsor"] == pytest.approx(other)
    assert cost["pack", "memphis"] == pytest.approx(pack)
    assert cost["vehicle", "memphis"] == pytest.approx(vehicle)
    landed = ev.landed_cost(study, plan).set_index("market")
    assert landed.loc["east", "plants_usd_per_unit"] == pytest.approx(vehicle + 300)
    assert landed.loc["west", "plants_usd_per_unit"] == pytest.approx(vehicle + 400)
    assert landed["from_plants"].tolist() == [1.0, 1.0]
    assert landed["import_usd_per_unit"].isna().all()
    assert landed["break_even_duty"].isna().all()
    every = ev.landed_cost(study, plan, by=["product"])["plants_usd_per_unit"].item()
    assert every == pytest.approx(vehicle + 340) == pytest.approx(plan.totals["cost"] / 1e6)


def test_places_that_make_nothing_keep_their_cost() -> None:
    study, _ = tiny_plan()
    production = [(s, k, p, t, 6.9e6 if p == "cell" else u) for s, k, p, t, u in PRODUCTION if s != "windsor"]
    ships = [(p, a, b, m, t, 6.9e6 if p == "cell" else u) for p, a, b, m, t, u in SHIPMENTS if a != "windsor"]
    plan = plan_of(study, openings=OPENINGS, production=production, shipments=ships)
    left = allotment(study, plan).left
    assert set(left["site"]) == {"windsor"}
    assert set(left["reason"]) == {"place that makes nothing"}
    assert left["value"].sum() == pytest.approx(10 * (15e6 + 300 * 2000 * 35))


def _with_import(rate: float) -> Answer:
    """Return the two-plant study with a maker of vehicles overseas under a duty, and the same plan."""
    study, _ = tiny_plan()
    sellers, lanes = study.suppliers, study.lanes
    new = sellers.iloc[[0]].assign(supplier="ulsan", name="Ulsan", product="vehicle", price_usd_per_unit=20_000.0)
    new = points(pd.DataFrame(new.drop(columns="geometry")), [129.3], [35.5])
    ways = lanes.iloc[[0, 0]].assign(
        product="vehicle",
        origin="ulsan",
        destination=["east", "west"],
        mode="sea",
        freight_usd_per_unit=[1_500.0, 900.0],
    )
    duty = pd.DataFrame(
        [("vehicle", "KR", "US", "MFN", rate)], columns=["product", "origin", "destination", "measure", "rate"]
    )
    tables = study.tables | {
        "suppliers": gpd.GeoDataFrame(pd.concat([sellers, new], ignore_index=True), crs=sellers.crs),
        "lanes": pd.concat([lanes, ways], ignore_index=True),
        "duties": duty,
    }
    changed = Study.from_tables(study.settings, tables)
    return changed, plan_of(changed, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)


def test_at_the_break_even_duty_both_cost_the_same() -> None:
    study, plan = _with_import(0.1)
    east = ev.landed_cost(study, plan).set_index("market").loc["east"]
    assert east["supplier"] == "ulsan"
    assert east["duty"] == pytest.approx(0.1)
    assert east["import_usd_per_unit"] == pytest.approx(20_000 * 1.1 + 1_500)
    assert east["break_even_duty"] == pytest.approx((east["plants_usd_per_unit"] - 1_500) / 20_000 - 1)
    again = ev.landed_cost(*_with_import(float(east["break_even_duty"]))).set_index("market").loc["east"]
    assert again["import_usd_per_unit"] == pytest.approx(again["plants_usd_per_unit"], rel=1e-12)
    both = ev.landed_cost(study, plan, by=["country"]).iloc[0]
    assert both["freight_usd_per_unit"] == pytest.approx(0.6 * 1_500 + 0.4 * 900)
    assert both["import_usd_per_unit"] == pytest.approx(import_unit_cost(study, plan))


def test_imports_pay_price_freight_and_duty_of_their_period() -> None:
    study, plan = full_plan()
    table = ev.landed_cost(study, plan).query("market == 'M-dallas'").set_index("period")
    assert table["supplier"].tolist() == ["S-ulsan"] * 3
    assert table["price_usd_per_unit"].tolist() == pytest.approx([25_500.0, 25_500.0, 0.92 * 25_500.0])
    assert table["duty"].to_numpy() == pytest.approx(0.175)
    freight = table["freight_usd_per_unit"]
    assert freight.iloc[2] == pytest.approx(0.9 * freight.iloc[0])


def test_columns_of_landed_cost_are_chosen_by_name() -> None:
    with pytest.raises(InputError, match="names no column"):
        ev.landed_cost(*tiny_plan(), by=["town"])


def test_import_shares_by_hand() -> None:
    study, plan = tiny_plan()
    table = ev.import_shares(study, plan).set_index(["product", "country"])
    assert table["import_share"].tolist() == [0.0, 0.0, 0.0]
    assert table.loc[("cell", "US"), "units_per_yr"] == pytest.approx(7.5e6)
    ships = [
        (p, "busan" if a == "windsor" else a, b, "sea" if a == "windsor" else m, t, u) for p, a, b, m, t, u in SHIPMENTS
    ]
    made = [row for row in PRODUCTION if row[0] != "windsor"]
    other = plan_of(study, openings=OPENINGS, production=made, shipments=ships)
    table = ev.import_shares(study, other).set_index(["product", "country"])
    assert table.loc[("cell", "US"), "import_share"] == pytest.approx(0.2)


def test_power_of_the_two_plants_by_hand() -> None:
    table = power_by_site(*tiny_plan()).set_index("site")
    memphis = table.loc["memphis"]
    assert memphis["mwh_per_yr"] == pytest.approx(240e3 + 15e3 + 80e3)
    assert memphis["load_mw"] == pytest.approx(335e3 / 8760)
    assert np.isnan(memphis["connected_mw"])
    assert memphis["renewable"] == pytest.approx(0.2)
    assert memphis["t_per_yr"] == pytest.approx(335e3 * 0.4)


def test_payments_of_the_two_plants_by_hand() -> None:
    table = program_payments(*tiny_plan()).set_index("program")
    assert table.loc["site grant", "usd"] == pytest.approx(60e6)
    assert table.loc["site grant", "present_usd"] == pytest.approx(30e6)
    assert table.loc["cell credit", "usd"] == pytest.approx(300e6)
    assert table["when"].to_dict() == {"site grant": "invested", "cell credit": "yearly"}


def test_use_and_slack_of_limits_by_hand() -> None:
    study, _ = tiny_plan()
    limits = pd.DataFrame(
        [("money", "capex", np.nan, 2e9), ("people", "jobs", 10_000.0, np.nan)],
        columns=["limit", "kind", "at_least", "at_most"],
    )
    study = study.with_table("limits", limits)
    plan = plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)
    table = limit_use(study, plan).set_index("name")
    money, people = table.loc["money"], table.loc["people"]
    assert money[["used", "slack", "use"]].tolist() == pytest.approx([1.7e9, 0.3e9, 0.85])
    assert people["used"] == pytest.approx(plan.totals["jobs"])
    assert people["use"] == pytest.approx(10_000 / plan.totals["jobs"])
    assert limit_use(*tiny_plan(), only=["labor pool"]).empty


# ------------------------------------------------------------------------------- a little of everything


def test_moves_are_those_of_the_plan() -> None:
    study, plan = full_plan()
    moves = plant_moves(study, plan)
    count = moves["move"].value_counts().to_dict()
    assert count["opens"] + count.get("expands", 0) == len(plan.decisions["openings"])
    assert count["closes"] == len(plan.decisions["closings"]) == 1
    assert count["resumes"] == len(plan.decisions["resumptions"]) == 1
    assert count["starts"] == 1
    assert count["ends"] == 1
    assert moves.loc[moves["move"] == "starts", "plant"].tolist() == ["P-windsor"]
    assert moves.loc[moves["move"] == "ends", ["plant", "period"]].values.tolist() == [["P-monterrey", PERIODS[1]]]
    spent = moves.loc[moves["move"].isin(["opens", "expands", "resumes"]), "invested_usd"].sum()
    assert spent == pytest.approx(plan.sites["capex_usd"].sum())


def test_sizes_follow_the_moves() -> None:
    study, plan = full_plan()
    sizes, moves = sizes_by_period(study, plan), plant_moves(study, plan)
    assert list(sizes.columns) == list(PERIODS)
    assert set(sizes.index) == set(plan.sites["plant"])
    assert sizes.loc["P-lansing"].tolist() == [0.0, 0.0, 0.0], "closed at the start"
    assert sizes.loc["P-monterrey"].tolist() == [80e3, 80e3, 0.0]
    new = plan.opened.set_index("plant")
    assert sizes.loc[new.index, PERIODS[-1]].tolist() == pytest.approx(new["capacity_units_per_yr"].tolist())
    first = moves[(moves["move"] == "opens") & (moves["period"] == PERIODS[0])].set_index("plant")
    assert sizes.loc[first.index, PERIODS[0]].tolist() == pytest.approx(first["capacity_units_per_yr"].tolist())


def test_use_of_capacity_never_exceeds_it() -> None:
    study, plan = full_plan()
    table = capacity_by_period(study, plan)
    assert (table["load_units_per_yr"] <= table["capacity_units_per_yr"] * (1 + 1e-6)).all()
    fte = table.groupby("period")["jobs_fte"].sum()
    jobs = ev.jobs_by_place(study, plan).groupby("period")["jobs_fte"].sum()
    assert fte.to_dict() == pytest.approx(jobs.to_dict())


def test_claims_keep_what_they_pledge_or_pay_back() -> None:
    study, plan = full_plan()
    table = claims_kept(study, plan).set_index("program")
    fund = table.loc[["Texas fund"]]
    assert len(table) == len(plan.decisions["claims"])
    assert (fund["usd"] <= 80e6 * (1 + 1e-9)).all()
    assert (fund["invested_usd"] >= 500e6).all()
    assert (fund["jobs_fte"] + fund["missing_fte"] >= 2_500 - 1e-3).all()
    assert fund["clawback_usd"].tolist() == pytest.approx((20e3 * fund["missing_fte"]).tolist())
    assert np.isnan(table.loc[["Bajío grant"], "most_usd"]).all()


def test_plants_that_are_declared_have_the_regional_value_for_it() -> None:
    study, plan = full_plan()
    table = regional_value(study, plan)
    good = table[table["qualified"]]
    made = plan.decisions["qualified"].merge(plan.production[["site", "product", "period"]].drop_duplicates())
    assert len(good) == len(made) > 0, "a site that makes nothing qualifies for nothing"
    assert (good["rvc"] >= good["rvc_needed"] - 1e-6).all()
    ruled = good["lvc_needed"].notna()
    assert (good.loc[ruled, "lvc"] >= good.loc[ruled, "lvc_needed"] - 1e-6).all()
    vehicle = good[good["product"] == "vehicle"]
    assert vehicle["rvc"].to_numpy() == pytest.approx(1 - 3_000 / 30_000), "all packs originate: a core part"
    assert table.loc[~table["qualified"], "preferred_units_per_yr"].sum() == 0.0


def test_every_limit_of_a_certified_plan_has_slack_or_binds() -> None:
    study, plan = full_plan()
    assert ev.certify(study, plan).passed
    table = limit_use(study, plan)
    size = table[["used", "at_least", "at_most"]].abs().max(axis=1)
    assert (table["slack"] >= -1e-6 * size.clip(lower=1.0)).all()
    assert set(table["name"]) >= {"On time", "Carbon to 2036", "Bajío grant", "south", "laredo", "Busan take-or-pay"}
    share = table.query("name == 'No site with most vehicles'")
    assert share["what"].isin(study.sites["site"]).all()
    assert len(share) == 3


def test_renewable_power_is_what_the_limit_sees() -> None:
    study, plan = full_plan()
    power = power_by_site(study, plan)
    green = (power["renewable"] * power["mwh_per_yr"]).groupby(power["period"]).sum()
    share = green / power.groupby("period")["mwh_per_yr"].sum()
    limit = limit_use(study, plan).query("name == 'Renewable power'").set_index("period")["used"]
    assert share.to_dict() == pytest.approx(limit.to_dict(), rel=1e-9)
    used = limit_use(study, plan, only=["grid connection"]).set_index(["name", "period"])["used"]
    loads = power.set_index(["site", "period"])["load_mw"]
    assert loads[used.index].to_numpy() == pytest.approx(used.to_numpy())
