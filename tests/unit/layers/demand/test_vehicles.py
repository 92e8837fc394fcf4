"""Demand and expected packages: curves, totals, charging, the user's rows first; imputed only when asked."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import evsiting as ev
from evsiting import reference
from evsiting.errors import DataWarning, InputError
from evsiting.layers.demand.adoption import spread
from evsiting.shipped import _cached_example
from evsiting.study.study import Study
from tests.layer_studies import bare_study, points

TOWNS = (("atlanta", -84.39, 33.75), ("miami", -80.19, 25.76), ("orlando", -81.38, 28.54), ("calgary", -114.07, 51.05))
REGIONS = {"country": ["US", "US", "US", "CA"], "region": ["US-GA", "US-FL", "US-FL", "CA-AB"]}
FLAT = ev.DemandPath(2025.0, 0.2, 0.0)


def at(sites: gpd.GeoDataFrame, site: str, lon: float, lat: float) -> gpd.GeoDataFrame:
    """Return the sites with one of them elsewhere."""
    return sites.set_geometry(sites.geometry.where(sites["site"] != site, shapely.Point(lon, lat)))


@pytest.fixture(scope="module")
def study() -> Study:
    wanted = pd.DataFrame({"market": ["calgary"], "product": ["vehicle"], "units_per_yr": [77.0]})
    places = {"country": ["US", "MX", "CA", "US"], "region": ["US-TN", "MX-NLE", "CA-ON", "US-GA"]}
    sites = at(bare_study().sites.assign(**places), "detroit", -84.5, 33.5)
    return bare_study(markets=points("market", TOWNS, **REGIONS), demand=wanted, sites=sites)


# ---------------------------------------------------------------------------------------------- curves


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((2025, 10.0, 0.3), "0.1 for 10 percent"),
        ((2025, -0.1, 0.3), "is no share"),
        ((2025, 0.5, 0.3, 0.4), "from 0 to 0.4"),
        ((2025, 0.5, 0.3, 2.0), "ceiling: is no share"),
        ((2025, 0.1, float("nan")), "slope: is no finite number"),
        (("2025", 0.1, 0.3), "year: is no finite number"),
    ],
)
def test_what_is_no_curve_is_told(given: tuple[float, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ev.DemandPath(*given)


def test_two_points_are_two_years_and_fractions() -> None:
    with pytest.raises(InputError, match="0.1 for 10 percent") as told:
        ev.DemandPath.through(2025, 10, 2025, 50)
    assert len(told.value.problems) == 3


def test_small_shares_and_far_years_stay_on_the_curve() -> None:
    early = ev.DemandPath.fit([2018, 2019, 2020], [2e-4, 3e-4, 4.5e-4])
    assert early.at(np.array([2019.0])) == pytest.approx([3e-4], rel=1e-3)
    assert ev.DemandPath(2025, 0.1, 10.0).at(np.array([1900.0, 2100.0])) == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(("years", "shares"), [([2025, 2026, 2027], [0.1, 0.2]), (["2025", "x"], [0.1, 0.2])])
def test_years_and_shares_go_together(years: list[object], shares: list[float]) -> None:
    with pytest.raises(InputError, match="years"):
        ev.DemandPath.fit(years, shares)


def test_a_share_in_percent_signs_is_told(study: Study) -> None:
    table = pd.DataFrame({"country": ["US", "US"], "year": [2024, 2025], "share": ["5%", "6%"]})
    with pytest.raises(InputError, match="row 0: 5%"):
        ev.demand(table).rows(study)


def test_what_a_full_market_cannot_take_goes_to_the_others() -> None:
    units, share, home = np.array([100.0, 100.0, 100.0]), np.full(3, 0.5), np.array(["US"] * 3, dtype=object)
    ready = np.array([50.0, 2.0, 1.0])
    made = spread(units, share, home, {"US": ev.DemandPath(2025.0, 0.5, 0.0)}, np.array([2025.0]), ready)
    assert made == pytest.approx([100.0, 100.0 / 3.0, 50.0 / 3.0])  # 150 in all: 100, and the other 50 as 2 to 1


def test_two_years_make_the_curve_through_both() -> None:
    path = ev.DemandPath.fit([2023, 2025], [0.05, 0.10])
    assert path.at(np.array([2023.0, 2025.0])) == pytest.approx([0.05, 0.10])


def test_a_fit_finds_the_curve_from_which_shares_were_drawn() -> None:
    true = ev.DemandPath(2024.0, 0.3, 0.35, ceiling=0.8)
    years = np.arange(2018.0, 2026.0)
    made = ev.DemandPath.fit(years, true.at(years), ceiling=0.8)
    assert made.slope == pytest.approx(0.35)
    assert made.at(np.array([2030.0, 2060.0])) == pytest.approx(true.at(np.array([2030.0, 2060.0])))
    assert true.at(np.array([2024.0, 2100.0])) == pytest.approx([0.3, 0.8])


def test_noise_is_met_by_least_squares_on_the_logit() -> None:
    shares = [0.10, 0.12, 0.20]
    logit = np.log(np.array(shares) / (1 - np.array(shares)))
    made = ev.DemandPath.fit([2023, 2024, 2025], shares)
    assert made.slope == pytest.approx((logit[2] - logit[0]) / 2.0)
    assert np.log(made.share / (1 - made.share)) == pytest.approx(logit.mean())


@pytest.mark.parametrize(
    ("years", "shares", "message"),
    [
        ([2025], [0.1], "one year makes no curve"),
        ([2024, 2025], [0.1, 0.0], "1 share is not between 0 and 1.*2025: 0"),
        ([2024, 2025], [0.1, np.nan], "1 share is not between"),
        ([2024, 2025], [0.1, 7.8], "1 share is not between"),
    ],
)
def test_shares_that_make_no_curve_are_told(years: list[int], shares: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ev.DemandPath.fit(years, shares)


# ---------------------------------------------------------------------------------------------- demand


def test_the_users_rows_stay_and_the_others_are_made(study: Study) -> None:
    made = ev.apply_layers(study, ev.demand(FLAT))
    assert made.demand.loc[made.demand["market"] == "calgary", "units_per_yr"].tolist() == [77.0]
    assert len(made.demand) == 1 + 3 * 2
    told = made.provenance.query("table == 'demand'")
    assert set(told["row"].str.split("|").str[0]) == {"atlanta", "miami", "orlando"}
    assert ev.apply_layers(made, ev.demand(FLAT)).demand.equals(made.demand)


def test_markets_of_a_country_add_up_to_its_path_and_states_are_shared_once(study: Study) -> None:
    rows = ev.demand(FLAT).rows(study).query("period == 'p1'").set_index("market")["units_per_yr"]
    sales = reference.fact("vehicle_sales")
    assert rows[["atlanta", "miami", "orlando"]].sum() == pytest.approx(0.2 * (sales["US-GA"] + sales["US-FL"]))
    assert rows["miami"] == rows["orlando"]
    assert rows["calgary"] == pytest.approx(0.2 * sales["CA-AB"])


def test_sales_by_population_add_up_to_the_nation() -> None:
    places = reference.jurisdictions()
    rows = tuple(zip(places["iso"], places["lon"], places["lat"], strict=True))
    markets = points("market", rows, country=places["country"], region=places["iso"])
    wanted = pd.DataFrame({"market": ["US-TX"], "product": ["vehicle"], "units_per_yr": [1.0]})
    all_of_them = bare_study(markets=markets, demand=wanted)
    sales = reference.fact("vehicle_sales")
    for size in ("sales", "population"):
        rows_ = ev.demand(FLAT, size=size).rows(all_of_them).query("period == 'p1'")
        country = rows_["market"].str[:2]
        assert rows_["units_per_yr"].groupby(country).sum().to_dict() == pytest.approx(
            (0.2 * sales).groupby(sales.index.str[:2]).sum().to_dict(), rel=1e-6
        )


def test_demand_says_of_which_years_it_is(study: Study) -> None:
    rows = [(c, y, 0.1) for c in ("US", "CA") for y in (2021, 2022)]
    table = pd.DataFrame(rows, columns=["country", "year", "share"])
    made = ev.apply_layers(study, ev.demand(table)).provenance.query("table == 'demand'")
    assert set(";".join(made["year"]).split(";")) == {"2021", "2022", "2024", "2023"}  # sales of the US and of Canada


def test_registrations_are_fitted_by_country(study: Study) -> None:
    years = [2021, 2022, 2023]
    us = ev.DemandPath(2022.0, 0.06, 0.4)
    sold = 1e6 * us.at(np.array(years, dtype=float))
    table = pd.DataFrame({"country": "US", "year": years, "electric": sold, "total": 1e6})
    both = pd.concat([table, table.assign(country="CA")])
    made = ev.demand(both).rows(study)
    assert made["units_per_yr"].tolist() == pytest.approx(ev.demand(us).rows(study)["units_per_yr"].tolist())
    with pytest.raises(InputError, match="countries have no path.*CA"):
        ev.demand(table).rows(study)
    with pytest.warns(DataWarning, match="share of US falls"):
        ev.demand(table.assign(electric=[9e4, 8e4, 7e4]).pipe(lambda t: pd.concat([t, both[3:]]))).rows(study)


def test_shares_grow_along_the_shipped_paths(study: Study) -> None:
    rows = ev.demand().rows(study).set_index(["market", "period"])["units_per_yr"].unstack()
    assert (rows["p2"] > rows["p1"]).all()


def test_charging_shifts_demand_within_a_country_by_its_elasticity(study: Study) -> None:
    chargers = pd.DataFrame({"place": ["atlanta", "US-FL", "CA"], "chargers_per_1000": [0.4, 0.1, 0.3]})
    none = ev.demand(FLAT).rows(study)
    assert ev.demand(FLAT, chargers=chargers).rows(study).equals(none)  # the shipped elasticity is zero
    made = ev.demand(FLAT, chargers=chargers, elasticity=0.5).rows(study)
    before, after = (f.query("period == 'p1'").set_index("market")["units_per_yr"] for f in (none, made))
    assert after.drop("calgary").sum() == pytest.approx(before.drop("calgary").sum())
    assert after["calgary"] == before["calgary"]
    ratio = (after["atlanta"] / before["atlanta"]) / (after["miami"] / before["miami"])
    assert ratio == pytest.approx(4.0**0.5)


def test_the_studys_own_elasticity_holds(study: Study) -> None:
    chargers = pd.DataFrame({"place": ["atlanta", "US-FL", "CA"], "chargers_per_1000": [0.4, 0.1, 0.3]})
    own = pd.DataFrame({"key": ["demand.charging.elasticity"], "value": [0.5], "unit": ["1"]})
    with_own = Study.from_tables(study.settings, {**study.tables, "parameters": own})
    asked = ev.demand(FLAT, chargers=chargers, elasticity=0.5).rows(study)
    pd.testing.assert_frame_equal(ev.demand(FLAT, chargers=chargers).rows(with_own), asked)


def test_nobody_wants_more_vehicles_than_are_sold() -> None:
    one = np.array([100.0, 100.0])
    path = {"US": ev.DemandPath(2025.0, 0.9, 0.0)}
    country = np.array(["US", "US"], dtype=object)
    made = spread(one, np.array([0.99, 0.01]), country, path, np.array([2025.0]), np.array([4.0, 0.25]))
    assert (made <= 100.0).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": "guess"}, "size: is none of the choices"),
        ({"elasticity": -1.0}, "elasticity: is negative"),
        ({"elasticity": 0.5}, "is given without chargers"),
    ],
)
def test_bad_arguments_are_told(given: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ev.demand(**given)


def test_a_market_without_a_place_or_a_charger_is_told(study: Study) -> None:
    with pytest.raises(InputError, match="4 markets have no country or region.*complete"):
        ev.demand().rows(bare_study(markets=points("market", TOWNS), demand=study.demand))
    few = pd.DataFrame({"place": ["US"], "chargers_per_1000": [0.4]})
    with pytest.raises(InputError, match="1 market has no row.*calgary"):
        ev.demand(chargers=few).rows(study)


def test_names_that_are_nothing_are_told(study: Study) -> None:
    sizes = pd.DataFrame({"market": [*study.markets["market"], "atlantis"], "vehicles_per_yr": 100.0})
    with pytest.raises(InputError, match="market size: 1 name is no market.*atlantis"):
        ev.demand(FLAT, size=sizes).rows(study)
    sold = pd.DataFrame({"country": ["USA", "USA"], "year": [2023, 2024], "share": [0.05, 0.07]})
    with pytest.raises(InputError, match="registrations: 1 name is no country.*USA.*Write US, CA, MX"):
        ev.demand(sold).rows(study)
    with pytest.raises(InputError, match="there is no product 'car'"):
        ev.demand(FLAT, product="car").rows(study)


# ---------------------------------------------------------------------------------- expected packages


def known(*rows: tuple[str, str | None, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["program", "region", "plant_type", "kind"])
    return frame.assign(country="US", value=0.1, first_year=2025, last_year=2040)


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hear what is said once in a process in every test."""
    monkeypatch.setattr("evsiting.layers.data_warnings._SAID", set())


def test_a_state_without_a_program_gets_what_it_paid_before(study: Study) -> None:
    with pytest.warns(DataWarning, match=r"expected_package: .*imputed \(programs\.value\)"):
        made = ev.expected_package(study, ["pack"])
    value = made.programs.set_index("region")["value"]
    rate, years = study.settings.money.discount_rate, 10
    worth = sum((1.0 + rate) ** -k for k in range(years))
    assert value.to_dict() == pytest.approx({"US-TN": 138_100 / worth, "US-GA": 210_100 / worth})
    rows = made.provenance.query("table == 'programs'")
    assert set(rows["quality"]) == {"imputed"}
    assert rows["note"].str.contains("must not be used to explain or predict").all()


def test_a_known_program_of_the_state_or_a_grant_of_the_country_stays_alone(study: Study) -> None:
    with_state = study.with_table("programs", known(("state deal", "US-TN", "pack", "investment")))
    with pytest.warns(DataWarning):
        made = ev.expected_package(with_state, ["pack"])
    assert made.programs.query("program == 'expected package'")["region"].tolist() == ["US-GA"]
    everywhere = study.with_table("programs", known(("federal grant", None, "pack", "grant")))
    assert ev.expected_package(everywhere, ["pack"]) is everywhere
    credit = study.with_table("programs", known(("48C", None, "pack", "investment")))
    with pytest.warns(DataWarning):
        assert len(ev.expected_package(credit, ["pack"]).programs) == 3


def test_states_without_deals_take_the_median_or_are_left_out(study: Study) -> None:
    places = study.sites.assign(region=["US-ME", "MX-NLE", "CA-ON", "US-GA"])
    places = at(places, "memphis", -69.8, 44.3)
    moved = Study.from_tables(study.settings, {**study.tables, "sites": places})
    with pytest.warns(DataWarning):
        both = ev.expected_package(moved, "pack", share=0.5)
    worth = sum((1.0 + 0.0876) ** -k for k in range(10))
    assert both.programs.set_index("region")["value"]["US-ME"] == pytest.approx(0.5 * 197_000 / worth)
    with pytest.warns(DataWarning):
        one = ev.expected_package(moved, "pack", only_with_deals=True)
    assert one.programs["region"].tolist() == ["US-GA"]


def test_what_is_offered_follows_where_the_study_is_complete(study: Study) -> None:
    full = ev.complete(study.with_table("programs", known(("48C", None, "pack", "investment"))))
    with pytest.warns(DataWarning):
        made = ev.expected_package(full, ["pack"])
    offers = made.incentives.query("program == 'expected package'")
    assert set(offers["site"]) == {"memphis", "detroit"}
    assert set(offers["kind"]) == {"job"}
    assert len(made.incentives) == len(full.incentives) + len(offers)
    with pytest.raises(InputError, match="the study has programs called 'expected package'"):
        ev.expected_package(made, ["assembly"])


def test_packages_come_only_when_asked(study: Study) -> None:
    assert not ev.complete(study).has("programs")


@pytest.mark.parametrize("given", [{"plant_types": ["foundry"]}, {"share": 0.0}, {"share": "1"}])
def test_bad_questions_are_told(study: Study, given: dict[str, object]) -> None:
    with pytest.raises(InputError, match="expected_package"):
        ev.expected_package(study, **given)


# ------------------------------------------------------------------------------- imputed and old, once


def test_imputed_and_old_figures_are_told_once() -> None:
    raw = bare_study()
    with pytest.warns(DataWarning, match="figures filled in are") as told:
        full = ev.complete(raw)
    text = str(told[0].message)
    assert len(told) == 1
    assert len(text) < 300
    assert "imputed (sites.payroll_burden" in text
    assert "more than 5 years before" in text
    listed = ev.imputed_figures(raw)
    assert (listed["column"] == "payroll_burden").sum() == 4
    old = listed[listed["column"].eq("labor_force_persons") & listed["age"].gt(5)]
    assert old["year"].tolist() == [2019.0, 2019.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ev.complete(full) is full
        ev.complete(Study.from_tables(full.settings, full.tables))


def test_shipped_studies_say_nothing() -> None:
    _cached_example.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ev.complete(ev.example("starter"))


def test_a_later_base_year_makes_more_figures_old() -> None:
    raw = bare_study()
    later = raw.with_settings(money={"base_year": 2031})
    with pytest.warns(DataWarning, match=r"before 2031 \(sites\.wage_usd_per_h"):
        ev.complete(later)
