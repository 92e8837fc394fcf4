"""Ledgers against figures worked out by hand, and the laws that they obey."""

import pandas as pd
import pytest

from evsiting.errors import InputError
from evsiting.results.analysis.key_figures import by_item
from evsiting.results.ledgers.ledgers import LEDGER_COLUMNS, demand_by_period, ledgers
from tests.plans import COLUMNS, OPENINGS, PRODUCTION, SHIPMENTS, random_plan, tiny_plan
from tests.studies import two_plant_study

# Ten years, no discounting: a yearly dollar weighs 10; of an invested one 10/20 are left at the end of the horizon.
COST = {
    "capital": 600e6 + 100e6 + 1_000e6,
    "residual value": -0.5 * (600e6 + 100e6 + 1_000e6),
    "credits": -0.10 * 0.5 * 600e6 - 10 * 5.0 * 6e6,
    # Memphis: cell 20 M, pack 5 M, assembly 60 M, each with 1 M of the site; Windsor's plant 15 M.
    "fixed": 10 * (20e6 + 5e6 + 60e6 + 3 * 1e6 + 15e6),
    # Memphis: 30 USD/h, 1,600 positions of 2,000 h, 20 h a vehicle, 4 h a pack, 0.05 h a kWh; Windsor: 35 USD/h.
    "labor": 10 * 30 * (2_000 * 1_600 + 20 * 100e3 + 4 * 100e3 + 0.05 * 6e6) + 10 * 35 * (2_000 * 300 + 0.05 * 1.5e6),
    "power": 10 * 0.060 * (800 * 100e3 + 150 * 100e3 + 40 * 6e6) + 10 * 0.080 * 40 * 1.5e6,
    "material": 10 * (15_000 * 100e3 + 900 * 100e3 + 70 * 7.5e6),
    "freight": 10 * (0.5 * 1.5e6 + 300 * 60e3 + 400 * 40e3),
}
EMISSIONS = {
    "freight": 10 / 1000 * (0.2 * 1.5e6 + 70 * 60e3 + 110 * 40e3),
    "electricity": 10 / 1000 * (0.4 * (800 * 100e3 + 150 * 100e3 + 40 * 6e6) + 0.05 * 40 * 1.5e6),
}
JOBS = {
    "fixed staff": 10 * (500 + 100 + 1_000 + 300),
    "operating staff": 10 * (20 * 100e3 + 4 * 100e3 + 0.05 * 7.5e6) / 2_000,
}


def tables(openings=(), production=(), shipments=(), unmet=()):
    rows = {"openings": openings, "production": production, "shipments": shipments, "unmet": unmet}
    return {
        name: pd.DataFrame(list(r), columns=COLUMNS[name]).astype(dict.fromkeys(COLUMNS[name][:-1], "str"))
        for name, r in rows.items()
    }


def items(ledger):
    return dict(by_item(ledger).itertuples(index=False, name=None))


@pytest.mark.parametrize(("name", "hand"), [("cost", COST), ("emissions", EMISSIONS), ("jobs", JOBS)])
def test_a_plan_worked_out_by_hand(name, hand):
    _, plan = tiny_plan()
    assert items(plan.ledgers[name]) == pytest.approx(hand, rel=1e-12)
    assert plan.totals[name] == pytest.approx(sum(hand.values()), rel=1e-12)
    assert list(plan.ledgers[name].columns) == list(LEDGER_COLUMNS)


def test_imports_are_bought_shipped_taxed_and_counted_with_what_their_making_emitted():
    found = ledgers(two_plant_study(), tables(shipments=[("cell", "busan", "memphis", "sea", "p1", 1_000.0)]))
    cost = found["cost"].set_index("item").drop(["fixed", "labor"])
    assert cost["value"].to_dict() == {"purchases": 900_000.0, "freight": 20_000.0, "duty": 30_000.0}
    assert cost["site"].unique().tolist() == ["busan"]
    assert cost["country"].unique().tolist() == ["KR"]
    assert cost["destination"].unique().tolist() == ["memphis"]
    assert items(found["emissions"]) == {"freight": 15.0, "embodied": 600.0}


def test_unmet_demand_costs_its_penalty():
    found = ledgers(two_plant_study(), tables(unmet=[("west", "vehicle", "p1", 100.0)]))["cost"].set_index("item")
    assert found.at["unmet", "value"] == 10 * 60_000 * 100
    assert found.at["unmet", "site"] == "west"


def test_a_standing_plant_costs_and_employs_even_when_it_makes_nothing():
    found = ledgers(two_plant_study(), tables())
    assert items(found["cost"]) == {"fixed": 10 * 15e6, "labor": 10 * 35 * 2_000 * 300}
    assert items(found["jobs"]) == {"fixed staff": 3_000.0}
    assert found["emissions"].empty


def test_a_closed_plant_counts_for_nothing():
    study = two_plant_study()
    study = study.with_table("plants", study.plants.assign(status="closed"))
    assert all(ledger.empty for ledger in ledgers(study, tables()).values())


def test_carbon_is_priced_line_by_line():
    study = two_plant_study().with_settings(model={"carbon_price_usd_per_t": 50.0})
    found = ledgers(study, tables(OPENINGS, PRODUCTION, SHIPMENTS))
    carbon = found["cost"][found["cost"]["item"] == "carbon"]
    assert carbon["value"].sum() == pytest.approx(50.0 * found["emissions"]["value"].sum(), rel=1e-12)
    assert len(carbon) == len(found["emissions"])


def test_programs_never_pay_more_than_the_investment():
    study = two_plant_study()
    offers = study.incentives
    grant = offers[offers["kind"] == "investment"]
    more = [grant.assign(program="state", value=0.9), grant.assign(program="county", value=0.6)]
    study = study.with_table("incentives", pd.concat([offers, *more], ignore_index=True))
    cost = ledgers(study, tables(OPENINGS[:1]))["cost"]
    credits = cost[cost["item"] == "credits"].set_index("program")["value"]
    assert credits.sum() == pytest.approx(-0.5 * 600e6)
    assert credits["state"] / credits["site grant"] == pytest.approx(9.0)


def test_a_plant_built_later_costs_less_years():
    study = two_plant_study(periods=2)
    late = ledgers(study, tables([("memphis", "pack", "line", "p2")]))["cost"]
    late = late[late["site"] == "memphis"]
    left = {"capital": 100e6, "residual value": -15 / 20 * 100e6}
    assert items(late) == pytest.approx({**left, "fixed": 5 * 6e6, "labor": 5 * 30 * 2_000 * 100})
    assert set(late["period"]) == {"p2"}


def test_discounting():
    study = two_plant_study().with_settings(money={"discount_rate": 0.05})
    found = ledgers(study, tables(unmet=[("west", "vehicle", "p1", 1.0)]))["cost"]
    present = sum(1.05 ** -(year - 2026) for year in range(2027, 2037))
    assert found.loc[found["item"] == "unmet", "value"].item() == pytest.approx(60_000 * present, rel=1e-12)


def test_an_expansion_replaces_what_it_grows_out_of_and_closed_plants_cost_no_more():
    study = two_plant_study(periods=2)
    small = study.options[study.options["option"] == "small"]
    grown = small.assign(option="grown", expands="small", capacity_units_per_yr=90e3, capex_usd=200e6, staff_fte=800.0)
    study = study.with_table("options", pd.concat([study.options, grown], ignore_index=True))
    study = study.with_table("plants", study.plants.assign(closing_usd=7e6))
    given = tables([("memphis", "assembly", "small", "p1"), ("memphis", "assembly", "grown", "p2")])
    closings = pd.DataFrame({"plant": ["windsor_cells"], "period": ["p2"]})
    found = ledgers(study, {**given, "closings": closings})
    assert items(found["cost"]) == pytest.approx(
        {
            "capital": 800e6,
            "residual value": -(10 / 20 * 600e6 + 15 / 20 * 200e6),
            "closing": 7e6,
            "fixed": 10 * 40e6 + 10 * 1e6 + 5 * 15e6,  # the site's cost once, Windsor's for five years
            "labor": 30 * 2_000 * (5 * 600 + 5 * 800) + 5 * 35 * 2_000 * 300,
        }
    )
    assert items(found["jobs"]) == {"fixed staff": 5 * 600 + 5 * 800 + 5 * 300}


@pytest.mark.parametrize("seed", [1, *(pytest.param(s, marks=pytest.mark.slow) for s in (4, 9))])
def test_ledgers_are_additive(seed):
    study, plan = random_plan(seed)
    empty = tables()
    flows = {name: getattr(plan, name) for name in ("production", "shipments", "unmet")}
    openings = plan.decisions["openings"]
    rest = ledgers(study, empty)
    parts = [
        ledgers(study, {**empty, "openings": openings}),
        *(ledgers(study, {**empty, name: frame}) for name, frame in flows.items()),
    ]
    for name, ledger in plan.ledgers.items():
        standing = rest[name]["value"].sum()
        total = sum(part[name]["value"].sum() - standing for part in parts) + standing
        assert total == pytest.approx(ledger["value"].sum(), rel=1e-9)


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("objective", ["cost", "emissions", "jobs"])
def test_ledgers_agree_with_an_optimum_found_without_them(seed, objective):
    _, plan = random_plan(seed, objective)
    assert plan.solve.value_of(plan.totals) == pytest.approx(plan.solve.objective, rel=1e-9)


def test_what_the_study_does_not_know_is_told_all_at_once():
    wrong = tables(
        openings=[("memphis", "cell", "huge", "p1")],
        production=[("atlantis", "cell", "cell", "p1", 1.0)],
        shipments=[("cell", "busan", "east", "sea", "p1", 1.0)],
        unmet=[("west", "vehicle", "p7", 1.0)],
    )
    with pytest.raises(InputError) as told:
        ledgers(two_plant_study(), wrong)
    seen = " ".join(str(p) for p in told.value.problems)
    for name in ("huge", "atlantis", "cell|busan|east|sea", "p7"):
        assert name in seen


def test_demand_without_a_period_holds_in_every_period():
    study = two_plant_study(periods=2)
    demand = study.demand
    once = demand[demand["period"] == "p1"].assign(period=None).astype({"period": "str"})
    assert len(demand_by_period(study.with_table("demand", once))) == 4
    pd.testing.assert_frame_equal(demand_by_period(study.with_table("demand", once)), demand_by_period(study))
