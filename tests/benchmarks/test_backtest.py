"""The statistics and rules of the back-test by hand, and that its page says what its results say."""

from __future__ import annotations

import json
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from benchmarks import backtest
from benchmarks import backtest_rules as rules
from benchmarks.backtest_fit import fit, states_left_out
from benchmarks.backtest_grounds import (
    Ground,
    conversions,
    ground,
    nearest_row,
    read_plants,
    standardised,
    state_weights,
    with_columns,
)
from benchmarks.backtest_page import page
from benchmarks.backtest_stats import cluster_interval, logistic, random_range, weighted_percentiles, wilson
from evsiting import candidates, reference

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found() -> dict:
    """Return the results of the last full run."""
    return json.loads((ROOT / "benchmarks" / "results" / "backtest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def moved() -> Ground:
    """Return the plants moved to the large cities of the continent."""
    return ground(with_columns(candidates(min_population=300_000)), read_plants(), moved=True)


def test_percentiles_by_hand() -> None:
    mine, others = np.array([2.0, 9.0, 0.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert weighted_percentiles(mine, others, np.ones(4)).tolist() == [0.375, 1.0, 0.0]
    assert weighted_percentiles(mine, others, np.array([4.0, 2.0, 1.0, 1.0])).tolist() == [0.625, 1.0, 0.0]
    alike = np.array([[True, True, False, False], [False, False, True, False], [False] * 4])
    told = weighted_percentiles(mine, others, np.ones(4), alike)
    assert told.tolist()[:2] == [0.75, 1.0]
    assert math.isnan(told[2])


def test_states_weigh_the_same() -> None:
    weight = state_weights(pd.Series(["a", "a", "a", "b"]))
    assert weight.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1.0])


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


def test_the_regression_finds_what_made_the_labels_and_minds_weights() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(4_000, 2))
    labels = rng.uniform(size=4_000) < 1.0 / (1.0 + np.exp(1.0 - 2.0 * values[:, 0]))
    beta = logistic(values, labels, np.ones(4_000), 1e-3)
    assert beta == pytest.approx([-1.0, 2.0, 0.0], abs=0.15)
    assert np.abs(logistic(values, labels, np.ones(4_000), 1e6)[1:]).max() < 0.01
    twice = logistic(np.vstack([values, values]), np.r_[labels, labels], np.ones(8_000), 1.0)
    assert twice == pytest.approx(logistic(values, labels, np.full(4_000, 2.0), 1.0), abs=1e-4)


def test_candidates_of_a_country_weigh_as_much_as_its_plants() -> None:
    # One signal; the candidates of X are a hundred at 0, the plants two at 1: without the rule the fit would see 2 %.
    x, country = np.zeros((100, 1)), pd.Series(["X"] * 100)
    few = fit(x, np.ones(100), country, np.ones((2, 1)), pd.Series(["X", "X"]))
    same = fit(x[:2], np.ones(2), country[:2], np.ones((2, 1)), pd.Series(["X", "X"]))
    assert few == pytest.approx(same, abs=1e-6)


def test_the_fit_never_sees_the_state_that_it_is_tested_on(moved: Ground) -> None:
    teach = (~moved.plants["status_class"].isin(rules.APART)).to_numpy(bool)
    told, betas = states_left_out(moved, teach)
    tennessee = (moved.plants["state"] == "US-TN").to_numpy(bool)
    assert tennessee.any()
    spoiled = moved.x_plants.copy()
    spoiled[tennessee] += 100.0  # whatever plants of Tennessee are like, their own fit is the same
    other = Ground(moved.candidates, moved.plants, moved.x, spoiled)
    changed = states_left_out(other, teach)[1]
    assert changed["US-TN"] == pytest.approx(betas["US-TN"], abs=1e-9)
    assert np.abs(changed["US-MI"] - betas["US-MI"]).max() > 0.01
    assert np.isfinite(told["country"]).all()


def test_signals_are_standardised_by_country_and_silent_where_nothing_is_known(moved: Ground) -> None:
    names = [s.column for s in rules.SIGNALS]
    x, _ = standardised(moved.candidates, moved.plants, names)
    for code in ("US", "CA", "MX"):
        here = (moved.candidates["country"] == code).to_numpy()
        weight = moved.weight[here] / moved.weight[here].sum()
        assert weight @ x[here] == pytest.approx(np.zeros(len(names)), abs=1e-9)
        spread = weight @ x[here] ** 2
        assert set(spread.round(6)) <= {0.0, 1.0}
    mexico = (moved.candidates["country"] == "MX").to_numpy()
    assert (x[mexico][:, [2, 3]] == 0.0).all()  # no parts before 2018, no such law
    assert moved.candidates.loc[mexico, "parts_share_near"].isna().all()


def test_a_plant_moved_to_its_city_has_the_signals_of_the_city(moved: Ground) -> None:
    cities, plants = moved.candidates.set_index("site"), moved.plants.set_index("id")
    for plant, city in (("gm_fairfax", "US-MO-kansas-city"), ("gm_factory_zero", "US-MI-detroit")):
        assert plants.loc[plant, "vehicle_plant_km"] == cities.loc[city, "vehicle_plant_km"]
        assert plants.loc[plant, "state"] == city[:5]
        assert plants.loc[plant, "planner"] == cities.loc[city, "planner"]
    assert (moved.plants["country"] == moved.plants["iso"].str[:2]).all()
    assert nearest_row(gpd.GeoDataFrame(moved.candidates.head(3)), moved.candidates).tolist() == [0, 1, 2]


def test_conversions_are_told_by_distance_unless_the_table_says() -> None:
    plants = read_plants()
    told = plants.set_index("id")["conversion"]
    assert told[["tesla_fremont", "stellantis_windsor_assembly_ev", "gm_factory_zero"]].all()
    assert not told[["scout_motors", "blueoval_city_vehicles_cells", "gigafactory_mexico"]].any()
    assert not told[plants.set_index("id")["type"].str.contains("assembly").eq(False)].any()
    said = conversions(plants.assign(conversion=[1.0] + [0.0] * (len(plants) - 1)))
    assert said.tolist() == [True] + [False] * (len(plants) - 1)


def test_groups_hold_every_plant_and_canceled_ones_apart() -> None:
    made = backtest.groups(read_plants())
    assert (made["sited"] ^ made["canceled or retired"]).all()
    assert (made["sited"] == (made["conversions"] ^ made["greenfield"])).all()
    assert made["sited"].sum() == sum(made[f"in {c}"].sum() for c in ("US", "CA", "MX"))
    assert (made["sited"] == (made["assembly"] | made["cells"] | made["packs and modules"])).all()


def test_no_signal_is_dated_after_2017_and_no_outcome_is_a_signal() -> None:
    assert rules.YEAR == 2017
    assert not {s.column for s in rules.SIGNALS} & set(rules.LEFT_OUT)
    assert not {c.column for c in rules.CRITERIA} & {s.column for s in rules.SIGNALS}


def test_the_code_runs_on_a_table_of_other_plants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stood = reference.standing_vehicle_plants().query("kind == 'assembly heavy' and country == 'US'")
    other = pd.DataFrame(stood.rename(columns={"region": "iso"})[["id", "name", "country", "iso", "lat", "lon"]])
    file = tmp_path / "plants.csv"
    other.assign(type="assembly", status_class="operating").to_csv(file, index=False)
    made = backtest.main(["--plants", str(file), "--quick", "--out", str(tmp_path / "found.json")])
    assert made["plants"] == len(other) == made["moved"]["scores"][rules.COMPANIES]["sited"]["country"]["plants"]
    assert json.loads((tmp_path / "found.json").read_text())["rows"]
    assert "where companies go" in capsys.readouterr().out
    other.assign(type="assembly", status_class="canceled").to_csv(file, index=False)
    with pytest.raises(SystemExit, match="none to test on"):
        backtest.main(["--plants", str(file), "--quick"])
    other.to_csv(file, index=False)
    with pytest.raises(SystemExit, match="missing: type, status_class"):
        backtest.main(["--plants", str(file), "--quick"])


def test_the_page_is_made_from_the_results(found: dict) -> None:
    assert (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8") == page(found)


def test_the_words_of_the_page_fit_the_numbers(found: dict) -> None:
    """What the template says in words must still hold when the figures are made anew."""

    def of(score: str, group: str = "sited", view: str = "country") -> dict:
        return found["moved"]["scores"][score][group][view]

    assert of(rules.COMPANIES)["auc_low"] > 0.5  # "can be told among cities"
    added = found["moved"]["gains"]["where companies go over distance to standing plants alone"]
    for group in ("sited", "greenfield"):  # "not told from nothing"
        assert added[group]["low"] < 0.0 < added[group]["high"]
    assert found["moved"]["gains"]["where companies go over population alone"]["sited"]["low"] > 0.0
    assert of("where companies go, fitted to history")["auc_low"] > 0.5  # "no artefact of these plants"
    assert of(f"where companies go, fitted up to {rules.SPLIT_YEAR}")["auc_low"] > 0.5
    assert of(rules.PLANNER)["auc"] < of(rules.COMPANIES)["auc_low"]  # "another matter"
    inside = {group: of(rules.COMPANIES, group, "state") for group in ("sited", "greenfield")}
    assert inside["sited"]["auc_low"] < 0.55 < inside["sited"]["auc"] < 0.7  # "inside a state little is told"
    assert inside["greenfield"]["auc_low"] < 0.5 < inside["greenfield"]["auc_high"]  # "at greenfield, not at all"
    assert abs(of(rules.COMPANIES, "cells")["auc"] - of(rules.COMPANIES, "assembly")["auc"]) < 0.05
    assert of(rules.COMPANIES, "greenfield assembly")["auc"] == min(
        of(rules.COMPANIES, g)["auc"] for g in ("conversions", "greenfield", "greenfield assembly", "cells", "assembly")
    )  # "told least"
    assert of(rules.COMPANIES, "canceled or retired")["auc"] < of(rules.COMPANIES)["auc_low"]
    alone, fitted = (
        of(s)["auc"] - of(s, view="country, by candidate")["auc"] for s in (rules.DISTANCE, rules.COMPANIES)
    )
    assert alone > 0.03 > fitted  # "helps distance, the fit changes little"
    parts = found["moved"]["fit"]["coefficients"]["parts jobs within 150 km"]
    assert parts["high"] < 0.0  # "their coefficient is negative"
