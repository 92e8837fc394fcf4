"""Distances between many places and many: known pairs, laws, words for what is off the nets, bad input."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.errors import DataWarning, InputError
from evsiting.layers.geo.geodesic import great_circle_km

TOWNS = {
    "Detroit": (-83.046, 42.331),
    "Saltillo": (-101.0, 25.423),
    "Los Angeles": (-118.244, 34.052),
    "Ellabell": (-81.46, 32.16),
    "Toronto": (-79.383, 43.653),
}


def points(**spots: tuple[float, float]) -> gpd.GeoSeries:
    x, y = zip(*spots.values(), strict=True)
    return gpd.GeoSeries.from_xy(x, y, index=list(spots), crs=4326)


ALL = points(**TOWNS)


@pytest.mark.parametrize(("start", "end", "km"), [("Detroit", "Saltillo", 2_963), ("Los Angeles", "Ellabell", 4_085)])
def test_known_pairs_by_rail(start: str, end: str, km: float) -> None:
    found = ev.distances(ALL[[start]], ALL[[end]], mode="rail")
    assert found.total_km[0, 0] == pytest.approx(km, rel=0.005)
    assert found.frame("total_km").index.tolist() == [start]
    assert found.frame("total_km").columns.tolist() == [end]


@pytest.mark.filterwarnings("ignore:distances by road. no bridge leads to:evsiting.errors.DataWarning")
@pytest.mark.parametrize("mode", ["road", "rail"])
def test_symmetry_and_triangles(mode: str) -> None:
    cities = reference.cities().query("population > 150_000 and iso not in ['US-HI', 'US-AK', 'MX-ROO']")
    few = cities.iloc[:: max(1, len(cities) // 60)].set_index("geonameid")
    found = ev.distances(few, mode=mode, reach_km=1e4 if mode == "rail" else None)
    np.testing.assert_allclose(found.km, found.km.T, rtol=1e-9)
    through = (found.km[:, :, None] + found.km[None, :, :]).min(axis=1)
    assert (found.km <= through * (1 + 1e-9) + 1e-9).all()
    assert (np.diag(found.km) == 0.0).all()
    assert found.frame().index.equals(few.index)


def test_any_crs_gives_the_same_and_the_frame_stays() -> None:
    flat = gpd.GeoDataFrame({"x": 1}, geometry=ALL.to_crs("ESRI:102009"), index=ALL.index)
    before = flat.copy()
    np.testing.assert_allclose(
        ev.distances(flat, mode="rail").total_km, ev.distances(ALL, mode="rail").total_km, rtol=1e-6
    )
    mixed = ev.distances(ALL, flat.to_crs("EPSG:3857"))
    np.testing.assert_allclose(mixed.km, ev.distances(ALL).km, rtol=1e-6, atol=1e-6)
    assert flat.equals(before)
    assert flat.crs == before.crs


def test_roads_between_countries_name_their_crossings() -> None:
    found = ev.distances(ALL[["Toronto"]], ALL[["Saltillo"]])
    assert found.frame("crossings").iloc[0, 0] == "detroit;laredo"
    waits = [reference.parameter(f"freight.border.delay_us_{c}").value for c in ("ca", "mx")]
    assert found.hours[0, 0] == pytest.approx(found.km[0, 0] / (805.0 / 24.0) + sum(waits))


def test_alaska_hawaii_and_nunavut_get_a_word() -> None:
    off = points(Honolulu=(-157.86, 21.31), Anchorage=(-149.9, 61.2), Iqaluit=(-68.52, 63.75), Hilo=(-155.09, 19.72))
    with pytest.warns(DataWarning, match=r"no road leads to Honolulu \(US-HI\), Anchorage \(US-AK\), Iqaluit") as told:
        found = ev.distances(off, ALL)
    assert len(told) == 1
    assert np.isinf(found.km).all()
    with pytest.warns(DataWarning):
        there = ev.distances(off, off).frame()
    assert there.loc["Honolulu", "Hilo"] == pytest.approx(1.3 * 338.0, rel=0.02)
    with pytest.warns(DataWarning, match=r"station of the rail graph.*Honolulu: \d+ km.*Anchorage: \d+ km"):
        assert np.isinf(ev.distances(off, ALL, mode="rail").km).all()


def test_islands_that_only_ferries_reach_get_a_word() -> None:
    off = points(Johns=(-52.71, 47.56), Victoria=(-123.37, 48.43), Cozumel=(-86.95, 20.51))
    near = points(Goose=(-60.33, 53.30), Vancouver=(-123.12, 49.28), Cancun=(-86.85, 21.16), Montreal=(-73.57, 45.50))
    with pytest.warns(DataWarning, match=r"Johns \(Newfoundland\), Victoria \(Vancouver Island\), Cozumel") as told:
        assert np.isfinite(ev.distances(off, near).km).all()
    assert len(told) == 1
    assert not any(f"{name} (" in str(told[0].message) for name in near.index)
    ev.distances(near)  # without a word
    ev.distances(points(Victoria=(-123.37, 48.43), Nanaimo=(-123.94, 49.16)))  # nor on an island


def test_the_antimeridian_is_no_wall() -> None:
    aleutians = gpd.GeoDataFrame(
        {"region": "US-AK"}, geometry=points(Attu=(173.2, 52.9), Adak=(-176.6, 51.9)), index=["Attu", "Adak"]
    )
    with pytest.warns(DataWarning, match="US-AK"):
        found = ev.distances(aleutians)
    exact = float(great_circle_km(173.2, 52.9, -176.6, 51.9))
    assert exact < 720.0
    assert found.km[0, 1] == pytest.approx(1.3 * exact)


def test_sea_goes_from_port_to_port() -> None:
    busan, angeles = points(Busan=(129.05, 35.1)), points(LA=(-118.2, 33.8))
    found = ev.distances(busan, angeles, mode="sea")
    ports = found.frame("crossings").iloc[0, 0].split(";")
    assert ports[0] == "KRPUS"
    lanes = reference.sea_lanes().set_index(["origin", "destination"])["distance_km"]
    assert found.km[0, 0] == lanes[tuple(ports)]
    assert found.origin_gap_km[0] < 30.0
    assert found.hours[0, 0] == pytest.approx(found.km[0, 0] / 44.4, rel=1e-3)
    with pytest.warns(DataWarning, match="LA: .* km|Denver"):
        ev.distances(busan, points(Denver=(-105.0, 39.7)), mode="sea")


@pytest.mark.parametrize(
    ("frame", "match"),
    [
        (ALL.set_crs(None, allow_override=True), "no coordinate reference system"),
        (ALL.iloc[:0], "hold no point"),
        (gpd.GeoSeries([None, ALL.iloc[0]], crs=4326), "1 of 2 rows holds no point"),
        (ALL.to_crs(3857).buffer(1.0), "5 of 5 rows hold no point"),
        (pd.DataFrame({"lat": [1.0]}), "is no frame of points"),
        (points(Nowhere=(0.0, 0.0)), "more than 50 km from every state"),
        (gpd.GeoSeries.from_xy([np.nan], [1.0], crs=4326), "hold no point|outside what their CRS"),
        (gpd.GeoDataFrame({"lat": [1.0]}), r"has no geometry \(lat\)"),
        (ALL[:1].to_frame("geometry").assign(country="US", region="CA-ON"), "1 of 1 region is of another country"),
    ],
    ids=["no crs", "empty", "missing", "areas", "no frame", "ocean", "nan", "no geometry", "torn"],
)
def test_what_is_refused(frame: object, match: str) -> None:
    with pytest.raises(InputError, match=match):
        ev.distances(frame)


def test_what_the_columns_say_is_looked_at() -> None:
    right = points(detroit=(-83.05, 42.33), saltillo=(-101.0, 25.42)).to_frame("geometry")
    for place in ({"country": ["us", "mx"]}, {"region": ["MI", "COA"]}, {"country": "US", "region": "US-XX"}):
        with pytest.raises(InputError, match="country and region: 2 of 2 are unknown.*detroit.*US-TN"):
            ev.distances(right.assign(**place))
    turned = points(detroit=(42.33, -83.05)).to_frame("geometry").assign(country="US", region="US-MI")
    with pytest.raises(InputError, match="detroit: x 42.33, y -83.05.*swapped"):
        ev.distances(turned)
    for reach in ("3", -3.0, float("nan")):
        with pytest.raises(InputError, match="reach_km: is no distance"):
            ev.distances(right, mode="rail", reach_km=reach)


def test_all_problems_at_once_and_unknown_modes() -> None:
    with pytest.raises(InputError) as caught:
        ev.distances(ALL.iloc[:0], points(Nowhere=(0.0, 0.0)))
    assert len(caught.value.problems) == 2
    with pytest.raises(InputError, match="road, rail, sea"):
        ev.distances(ALL, mode="air")
    with pytest.raises(InputError, match="mode='road'"):
        ev.distances(ALL, mode="rail", road=object())
    with pytest.raises(InputError, match="frame, what: is unknown.*km, total_km, hours, crossings"):
        ev.distances(ALL).frame("miles")


def test_it_is_frozen_and_prints_itself() -> None:
    found = ev.distances(ALL)
    assert "5 x 5" in repr(found)
    with pytest.raises(AttributeError):
        found.km = np.zeros(1)
