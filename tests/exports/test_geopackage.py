"""The GeoPackage: layers with a reference system, and the plan's own figures in them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from evsiting.errors import InputError
from evsiting.report.exports.geopackage import write_geopackage
from evsiting.results.plan import Plan
from evsiting.study.study import Study

Answer = tuple[Study, Plan]


@pytest.fixture(scope="module")
def package(answer: Answer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_geopackage(tmp_path_factory.mktemp("geo") / "siting.gpkg", *answer)


def test_layers_have_geometry_and_reference_system(package: Path) -> None:
    layers = {str(name): kind for name, kind in pyogrio.list_layers(package)}
    assert layers == {
        "jurisdictions": "MultiPolygon",
        "flows": "LineString",
        "sites": "Point",
        "markets": "Point",
        "suppliers": "Point",
        "plants": "Point",
        "about": None,
    }
    for name, kind in layers.items():
        if kind:
            assert gpd.read_file(package, layer=name).crs.to_epsg() == 4326
    assert [p.name for p in package.parent.iterdir()] == ["siting.gpkg"]


def test_plants_and_flows_are_those_of_the_plan(package: Path, answer: Answer) -> None:
    _, plan = answer
    plants = gpd.read_file(package, layer="plants")
    assert sorted(plants["plant"]) == sorted(plan.sites["plant"])
    assert plants["capex_usd"].sum() == pytest.approx(plan.sites["capex_usd"].sum())
    assert list(plants.sort_values("plant").geometry.x) == pytest.approx(
        list(plan.sites.sort_values("plant").geometry.x)
    )
    flows = gpd.read_file(package, layer="flows")
    moved = plan.shipments[plan.shipments["mode"] != "on_site"]
    assert flows["units_per_yr"].sum() == pytest.approx(moved["units_per_yr"].sum())
    assert flows["distance_km"].notna().all()


def test_a_flow_runs_from_its_origin_to_its_destination(package: Path, answer: Answer) -> None:
    study, _ = answer
    site = study.sites.set_index("site").geometry["memphis"]
    market = study.markets.set_index("market").geometry["west"]
    flows = gpd.read_file(package, layer="flows")
    line = flows.query("origin == 'memphis' and destination == 'west'").geometry.iloc[0]
    assert line.coords[0] == pytest.approx((site.x, site.y), abs=1e-5)
    assert line.coords[-1] == pytest.approx((market.x, market.y), abs=1e-5)
    assert max(y for _, y in line.coords) > max(site.y, market.y)  # a great circle bends towards the pole


def test_jurisdictions_add_up_to_the_plan(package: Path, answer: Answer) -> None:
    _, plan = answer
    found = gpd.read_file(package, layer="jurisdictions")
    assert len(found) == 96
    assert found["new_plants"].sum() == len(plan.opened)
    assert found["jobs_job_years"].sum() == pytest.approx(plan.totals["jobs"])
    assert found.set_index("iso").loc["US-TN", "capex_usd"] == pytest.approx(plan.opened["capex_usd"].sum())


def test_the_answer_travels_with_the_layers(package: Path, answer: Answer) -> None:
    about = pyogrio.read_dataframe(package, layer="about").set_index("name")
    assert about.loc["Cost", "value"] == pytest.approx(answer[1].totals["cost"])
    assert "Build 3 plants" in about.loc["answer", "text"]


def test_hostile_names_and_empty_plans_are_written(
    hostile: Answer, answer: Answer, no_flows: Plan, tmp_path: Path
) -> None:
    read = gpd.read_file(write_geopackage(tmp_path / "h.gpkg", *hostile), layer="sites")
    assert sorted(read["name"]) == sorted(hostile[0].sites["name"])
    layers = {str(n) for n, _ in pyogrio.list_layers(write_geopackage(tmp_path / "n.gpkg", answer[0], no_flows))}
    assert "flows" not in layers
    with pytest.raises(InputError, match=r"ends in \.gpkg"):
        write_geopackage(tmp_path / "n.shp", *answer)
