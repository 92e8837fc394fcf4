"""Lines of lanes: where they begin and end, what they follow, and that no line runs round the world."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import evsiting as ev
from evsiting import reference
from evsiting.errors import InputError
from evsiting.layers.freight.geometries import _split
from evsiting.study.study import Study
from tests.layer_studies import bare_study

EQUAL = "ESRI:102009"


@pytest.fixture(scope="module")
def study() -> Study:
    return ev.complete(bare_study())


@pytest.fixture(scope="module")
def lines(study: Study) -> gpd.GeoDataFrame:
    return ev.route_geometries(study, study.lanes)


def ends(shape: shapely.Geometry) -> tuple[tuple[float, float], tuple[float, float]]:
    points = shapely.get_coordinates(shape)
    return tuple(points[0]), tuple(points[-1])


def test_every_line_joins_its_places_on_the_rows_given(study: Study, lines: gpd.GeoDataFrame) -> None:
    assert lines.index.equals(study.lanes.index)
    assert lines.crs.to_epsg() == 4326
    assert lines.geometry.geom_type.isin(["LineString", "MultiLineString"]).all()
    spots = {}
    for table, key in (("sites", "site"), ("markets", "market"), ("suppliers", "supplier")):
        frame = study.table(table)
        spots |= {c: (p.x, p.y) for c, p in zip(frame[key], frame.geometry, strict=True)}
    for row in lines.itertuples():
        start, end = ends(row.geometry)
        assert start == pytest.approx(spots[row.origin])
        assert end == pytest.approx(spots[row.destination])


def test_no_line_jumps_across_the_world(lines: gpd.GeoDataFrame) -> None:
    for shape in lines.geometry:
        for part in shapely.get_parts(shape):
            assert np.abs(np.diff(shapely.get_coordinates(part)[:, 0])).max(initial=0.0) <= 180.0
    from_busan = lines[lines["origin"] == "busan"]
    assert set(from_busan.geometry.geom_type) == {"MultiLineString"}
    east, west = shapely.get_parts(from_busan.geometry.iloc[0])[:2]
    assert shapely.get_coordinates(east)[-1, 0] == 180.0
    assert shapely.get_coordinates(west)[0, 0] == -180.0
    assert shapely.get_coordinates(east)[-1, 1] == shapely.get_coordinates(west)[0, 1]


def test_rails_follow_the_graph_and_roads_their_crossings(study: Study, lines: gpd.GeoDataFrame) -> None:
    nodes = reference.rail_nodes()
    rail = lines.query("mode == 'rail' and origin == 'detroit' and destination == 'monterrey'").iloc[0]
    vertices = shapely.get_coordinates(rail.geometry)
    on_graph = np.isin(vertices.round(4).tolist(), nodes[["lon", "lat"]].to_numpy().round(4)).all(axis=1)
    assert on_graph.sum() > 40
    length = gpd.GeoSeries([rail.geometry], crs=4326).to_crs(EQUAL).length.iloc[0] / 1000.0
    assert 0.7 * rail["distance_km"] < length < 1.02 * rail["distance_km"]
    row = {"product": "vehicle", "origin": "memphis", "destination": "calgary", "mode": "road", "route": "port_huron"}
    road = ev.route_geometries(study, pd.DataFrame([row])).iloc[0]
    gate = reference.borders().set_index("id").loc["port_huron"]
    assert road.geometry.distance(shapely.Point(gate["lon"], gate["lat"])) < 1e-9


def test_ships_to_houston_pass_panama() -> None:
    sellers = gpd.GeoDataFrame(
        {"supplier": ["busan"], "country": ["KR"], "product": ["pack"], "port": ["KRPUS"], "price_usd_per_unit": [7e3]},
        geometry=gpd.points_from_xy([129.04], [35.10]),
        crs=4326,
    )
    study = bare_study(suppliers=sellers)
    row = {"product": "pack", "origin": "busan", "destination": "memphis", "mode": "sea", "route": "USHOU"}
    line = ev.route_geometries(study, pd.DataFrame([row])).geometry.iloc[0]
    canal = shapely.Point(-79.6, 9.1)
    assert line.distance(canal) < 0.5
    states = reference.jurisdictions().query("iso in ['MX-SON', 'MX-CHH', 'MX-DUR', 'US-AZ', 'US-NM']")
    assert not states.geometry.intersects(line).any()  # the great circle to Panama would


def test_routes_are_looked_up_for_the_shipments_of_a_plan(study: Study, lines: gpd.GeoDataFrame) -> None:
    some = study.lanes.query("mode == 'road'").head(4)
    shipments = some[["product", "origin", "destination", "mode"]].assign(units_per_yr=1.0)
    made = ev.route_geometries(study, shipments)
    assert made.geometry.geom_equals(lines.loc[some.index].geometry).all()
    assert "units_per_yr" in made


def test_a_line_along_the_antimeridian_twice() -> None:
    line = np.array([[179.0, 10.0], [-179.0, 10.0], [-178.0, 11.0], [179.0, 12.0]])
    parts = shapely.get_parts(_split(line))
    assert [len(p.coords) for p in parts] == [2, 4, 2]
    assert parts[1].coords[0] == (-180.0, 10.0)
    assert shapely.get_coordinates(parts[2])[0].tolist() == pytest.approx([180.0, 11.0 + 2.0 / 3.0])


def test_what_is_refused(study: Study) -> None:
    with pytest.raises(InputError, match="no such column"):
        ev.route_geometries(study, study.lanes.drop(columns="mode"))
    with pytest.raises(InputError, match="atlantis"):
        ev.route_geometries(study, study.lanes.head(1).assign(destination="atlantis"))
    with pytest.raises(InputError, match="1 mode is unknown.*'air'.*sea_rail"):
        ev.route_geometries(study, study.lanes.head(1).assign(mode="air"))
