"""What the page on freight shows runs on files of a user."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import evsiting as ev

PAGE = (Path(__file__).parents[2] / "docs" / "freight.md").read_text(encoding="utf-8")
SPOTS = {"US-TN-memphis": (-90.05, 35.15), "US-GA-savannah": (-81.1, 32.08)}


@pytest.mark.filterwarnings("ignore:road graph. .* have no lane by road:evsiting.errors.DataWarning")
def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    road = {"length_km": [1_000.0], "oneway": ["no"], "geometry": [shapely.LineString(SPOTS.values())]}
    gpd.GeoDataFrame(road, crs="EPSG:4326").to_crs("EPSG:5070").to_file("roads.gpkg", layer="highways")
    origins = gpd.GeoSeries.from_xy(*zip(*SPOTS.values(), strict=True), index=list(SPOTS), crs="EPSG:4326")
    starter = ev.example("starter")
    bare = ev.Study.from_tables(starter.settings, {k: v for k, v in starter.tables.items() if k != "lanes"})
    names: dict[str, object] = {"origins": origins, "destinations": origins.to_crs("EPSG:3857"), "study": bare}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        exec(compile(block, "freight.md", "exec"), names)
    assert names["net"].km.tolist() == [1_000.0, 1_000.0]
    filled = names["study"]
    assert filled.provenance.query("table == 'lanes'")["note"].str.contains("roads.gpkg").any()
    ends = filled.lanes.query("mode == 'road'")
    assert set(ends["origin"]) | set(ends["destination"]) <= {*SPOTS, *ends.query("origin == destination")["origin"]}


@pytest.mark.parametrize("name", ["distances", "road_graph", "FreightLayer", "freight_matrices", "route_geometries"])
def test_every_function_is_on_the_page(name: str) -> None:
    assert f"ev.{name}(" in PAGE
