"""What layers once made and no longer fits the study is told; what fits stays without a word."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import pytest

import evsiting as ev


def remarks(study: ev.Study) -> list[str]:
    """Return what is said of stale figures when a study is completed."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        ev.complete(study)
    words = ("not what it makes of the study today", "no lane (", "for other states")
    return [str(one.message) for one in found if any(word in str(one.message) for word in words)]


def with_table(study: ev.Study, name: str, frame: object) -> ev.Study:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd things that are told of elsewhere
        return study.with_table(name, frame)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> ev.Study:
    """Return the starter study as completed, written and read again."""
    return ev.read_study(ev.write_study(ev.complete(ev.example("starter")), tmp_path_factory.mktemp("kept") / "study"))


def moved(study: ev.Study, lon: float, lat: float, **more: object) -> ev.Study:
    sites = study.sites
    points = sites.geometry.copy()
    points.iloc[0] = gpd.points_from_xy([lon], [lat])[0]
    sites = sites.set_geometry(points)
    for column, value in more.items():
        sites.loc[0, column] = value
    return with_table(study, "sites", sites)


def test_what_fits_is_silent(kept: ev.Study) -> None:
    assert remarks(kept) == []
    assert remarks(ev.example("ten-cities")) == []


def test_a_site_that_moved_leaves_its_lanes_behind(kept: ev.Study) -> None:
    (text,) = remarks(moved(kept, -86.8, 36.2))
    assert "distance_km is" in text
    assert "US-TN-memphis" in text
    assert "leave it out and it is made anew" in text


def test_another_mass_is_told(kept: ev.Study) -> None:
    products = kept.products.assign(mass_kg_per_unit=lambda p: 1.3 * p["mass_kg_per_unit"])
    (text,) = remarks(with_table(kept, "products", products))
    assert f"of {len(kept.lanes)} lanes that the package made" in text
    assert "_per_unit is" in text


def test_lanes_that_are_missing_are_told(kept: ev.Study) -> None:
    lanes = kept.lanes
    gone = (lanes["origin"] == "US-TN-memphis") & (lanes["destination"] == "M-dallas")
    (text,) = remarks(with_table(kept, "lanes", lanes[~gone]))
    assert "1 way that it makes today has no lane (vehicle: US-TN-memphis to M-dallas)" in text


def test_lanes_of_ones_own_are_nobodys_business(kept: ev.Study) -> None:
    lanes = kept.lanes.assign(freight_usd_per_unit=lambda x: 2.0 * x["freight_usd_per_unit"])
    provenance = kept.provenance
    provenance.loc[provenance["table"] == "lanes", ["source", "quality", "note"]] = ["", "assumption", "quotes of ours"]
    assert remarks(with_table(with_table(kept, "provenance", provenance), "lanes", lanes)) == []


def test_a_site_in_another_state_keeps_no_figures_of_the_old_one_unnoticed(kept: ev.Study) -> None:
    texts = remarks(moved(kept, -104.9, 39.7, region="US-CO"))
    (text,) = [t for t in texts if "for other states" in t]
    for column in ("wage_usd_per_h", "power_price_usd_per_mwh", "grid_factor_kg_per_kwh"):
        assert f"{column} (1)" in text
    assert "which is that of US-TN; US-CO: 22.19" in text


def test_a_figure_of_ones_own_in_another_state_is_silent(kept: ev.Study) -> None:
    study = moved(kept, -104.9, 39.7, region="US-CO", wage_usd_per_h=25.5)
    assert not [t for t in remarks(study) if "wage_usd_per_h" in t]


# ------------------------------------------------------------------------------------- made up for the example


def test_only_figures_that_still_are_made_up_say_so(tmp_path: Path) -> None:
    folder = ev.new_study(tmp_path / "first")
    file = folder / "options.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("1000,40,500", "1100,40,500"), encoding="utf-8")
    listed = ev.read_study(folder).sources
    made_up = listed["note"] == "Made up for the example: replace it"
    options = listed[(listed["table"] == "options") & (listed["column"] == "capex_usd")]
    assert options.loc[~made_up, ["rows", "quality", "note"]].to_numpy().tolist() == [
        ["cell|10 GWh", "assumption", "given in the study, without a source"]
    ]
    assert int(options.loc[made_up, "values"].sum()) == 5
    assert set(listed.loc[~made_up, "column"]) == {"capex_usd"}  # nothing else has changed
