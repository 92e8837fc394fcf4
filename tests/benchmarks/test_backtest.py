"""The statistics of the back-test by hand, and that its page says what its results say."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import backtest_prior as prior
from benchmarks.backtest import Field, groups, snapped, unit_cost
from benchmarks.backtest import field as hidden_field
from benchmarks.backtest_page import page
from benchmarks.backtest_stats import cluster_interval, delong, logistic, percentiles, random_range, wilson
from evsiting import candidates, reference, site_facts

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found() -> dict:
    """Return the results of the last full run."""
    return json.loads((ROOT / "benchmarks" / "results" / "backtest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ground() -> Field:
    """Return the plants among the large cities of the continent."""
    return hidden_field(candidates(min_population=300_000))


def test_percentiles_by_hand() -> None:
    mine, others = np.array([2.0, 9.0, 0.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert percentiles(mine, others).tolist() == [0.375, 1.0, 0.0]
    alike = np.array([[True, True, False, False], [False, False, True, False], [False] * 4])
    assert percentiles(mine, others, alike).tolist()[:2] == [0.75, 1.0]
    assert math.isnan(percentiles(mine, others, alike)[2])


def test_the_area_is_that_of_mann_and_whitney_with_its_variance() -> None:
    # Two plants (3, 1) and two candidates (2, 0): of four pairs three are in order. Components of DeLong: plants
    # 1 and 0.5, candidates 0.5 and 1; variance 0.125 / 2 + 0.125 / 2.
    area, low, high = delong(np.array([3.0, 1.0]), np.array([2.0, 0.0]))
    assert area == 0.75
    assert low == pytest.approx(0.75 - 1.959964 * math.sqrt(0.125))
    assert high == 1.0


def test_wilson_as_published() -> None:
    # Newcombe, Statistics in Medicine 17, 857-872, 1998, table I, method 3: 81 of 263, and none of 20.
    assert wilson(81, 263)[1:] == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20)[1:] == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_clusters_widen_the_interval_and_chance_is_about_a_half() -> None:
    values = np.repeat([0.2, 0.8, 0.4, 0.6], 10)
    alone = cluster_interval(values, np.arange(40).astype(object), 4_000, 1)
    together = cluster_interval(values, np.repeat(np.arange(4), 10).astype(object), 4_000, 1)
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])
    assert all(math.isnan(v) for v in cluster_interval(values, np.zeros(40).astype(object), 10, 1))
    low, high = random_range(48, 20_000, 1)  # standard deviation 1 / sqrt(12 * 48)
    assert (low, high) == pytest.approx((0.5 - 1.96 / 24, 0.5 + 1.96 / 24), abs=0.003)


def test_the_regression_finds_what_made_the_labels() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(4_000, 2))
    labels = rng.uniform(size=4_000) < 1.0 / (1.0 + np.exp(1.0 - 2.0 * values[:, 0]))
    beta = logistic(values, labels, 1e-3)
    assert beta == pytest.approx([-1.0, 2.0, 0.0], abs=0.15)
    assert np.abs(logistic(values, labels, 1e6)[1:]).max() < 0.01


def test_plants_are_points_of_their_own_and_no_layer_knows_them(ground: Field) -> None:
    assert ground.hidden.sum() == 51
    cities = ground.places[~ground.hidden]
    alone = site_facts(candidates(min_population=300_000))
    columns = [c.column for c in prior.CRITERIA if c.column != "unemployment_rate"]
    assert np.allclose(cities[columns].to_numpy(float), alone[columns].to_numpy(float), equal_nan=True)
    assert not {c.column for c in prior.CRITERIA} & set(prior.LEFT_OUT)
    assert ground.places["unemployment_rate"].notna().all()


def test_a_plant_moved_to_its_city_has_the_layers_of_the_city(ground: Field) -> None:
    moved = snapped(ground).places.set_index("site")
    for plant, city in (("plant-gm_fairfax", "US-MO-kansas-city"), ("plant-gm_factory_zero", "US-MI-detroit")):
        assert moved.loc[plant, "people_near"] == moved.loc[city, "people_near"]
        assert moved.loc[plant, "region"] == city[:5]


def test_unit_cost_by_hand() -> None:
    one = {"wage_usd_per_h": [20.0], "payroll_burden": [0.5], "power_price_usd_per_mwh": [80.0], "market_km": [900.0]}
    places = reference.plants().iloc[:1][["id"]].assign(**one)
    # 31 workers for 1,000 vehicles, 2,080 h; 1,050 kWh; 1.404 USD/km for nine vehicles.
    assert unit_cost(places, "assembly").iloc[0] == pytest.approx(0.031 * 2080 * 30 + 1050 * 0.08 + 900 * 1.404 / 9)
    # 82 workers for a GWh; 28.9 kWh; 6 kg at 0.094 USD/t-km.
    assert unit_cost(places, "cells").iloc[0] == pytest.approx(82e-6 * 2080 * 30 + 28.9 * 0.08 + 900 * 0.006 * 0.094)


def test_groups_hold_every_plant_and_canceled_ones_apart() -> None:
    plants = reference.plants()
    made = groups(plants)
    assert (made["sited"] ^ made["canceled or retired"]).all()
    assert made["sited"].sum() == sum(made[f"in {c}"].sum() for c in ("US", "CA", "MX"))
    assert (made["sited"] == (made["assembly"] | made["cells"] | made["packs and modules"])).all()


def test_weights_are_those_fixed_beforehand(found: dict) -> None:
    assert found["weights"] == pytest.approx(
        {c.label: (1 / 6 if c.theme == "energy" else 1 / 9) for c in prior.CRITERIA}, abs=1e-4
    )


def test_the_page_is_made_from_the_results(found: dict) -> None:
    assert (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8") == page(found)


def test_the_words_of_the_page_fit_the_numbers(found: dict) -> None:
    """What the template says in words must still hold when the figures are made anew."""

    def of(ground: str, score: str, view: str = "country", group: str = "sited") -> dict:
        return found[ground]["scores"][score][group][view]

    everything = of("cities", "all layers")
    assert everything["auc_low"] < 0.5 < everything["auc_high"]  # "that is chance"
    assert everything["top_low"] < 0.1 < everything["top_high"]
    assert of("cities", "population")["auc_high"] < 0.5  # "a worse guide than chance"
    assert of("grid", "all layers")["auc_low"] > 0.5  # "among all settled land it does"
    gap = found["grid"]["against_population"]["all layers, country"]
    assert gap["low"] < 0.0 < gap["high"]  # "but no better than the number of people near by"
    assert of("cities", "only distance to buyers")["auc_low"] > 0.5
    assert of("grid", "only distance to rail")["auc_low"] > 0.5
    for layer in ("wage", "unemployment"):  # "not told from chance"
        for ground in ("cities", "grid"):
            assert of(ground, f"only {layer}")["auc_low"] < 0.5 < of(ground, f"only {layer}")["auc_high"]
    assert of("cities", "only grid carbon")["auc_high"] < 0.5  # "points the other way"
    assert of("cities", "only distance to port or border")["auc_high"] < 0.5
    assert of("cities", "only power price")["auc_low"] > 0.5
    assert of("cities", "all layers", "state")["auc_high"] < 0.5  # "below chance"
    assert of("grid", "all layers", "state")["auc_low"] > 0.5
    rest = found["prefilter"]
    assert rest["all layers"] < rest["by_chance_high"]  # no better than cities drawn at random
    learned = found["cities"]["learned"]
    assert learned["other states"]["auc_low"] > 0.5
    assert learned["other countries"]["auc_low"] < 0.5 < learned["other countries"]["auc_high"]
    size = {k: abs(v) for k, v in learned["coefficients"].items()}
    assert sorted(size, key=size.get)[-2:] in (
        ["people within 50 km", "distance to buyers"],
        ["distance to buyers", "people within 50 km"],
    )
    assert learned["coefficients"]["people within 50 km"] < 0.0
    assert of("cities", "all layers", group="canceled or retired")["auc"] >= everything["auc"]
    assert of("cities", "all layers", group="cells")["auc"] < of("cities", "all layers", group="assembly")["auc"]
    assert of("cities", "population", group="cells")["auc"] < of("cities", "population", group="assembly")["auc"]
