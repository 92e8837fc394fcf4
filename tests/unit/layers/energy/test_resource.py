"""Solar and wind resource at sites: scaled to a part of full power, refused where it cannot be one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evsiting.errors import InputError
from evsiting.layers.energy import resource as module
from evsiting.layers.energy.resource import ResourceLayer, resource
from evsiting.study.study import Study
from tests.layer_studies import bare_study

VALUES = [4.8, 0.0, 24.0, 12.0]


@pytest.fixture(scope="module")
def study() -> Study:
    return bare_study()


@pytest.fixture
def raster(monkeypatch: pytest.MonkeyPatch):
    """Let a raster have these values at the sites; return how it was asked."""
    asked: list[dict[str, object]] = []

    def put(*values: float) -> list[dict[str, object]]:
        def read(sites: pd.DataFrame, path: Path, **how: object) -> pd.Series:
            asked.append({"path": path, **how})
            return pd.Series(values, index=sites.index)

        monkeypatch.setattr(module, "raster_values", read)
        return asked

    return put


def test_values_are_scaled_to_a_part_of_full_power(study: Study, raster) -> None:
    asked = raster(*VALUES)
    made = resource("sun.tif", "solar", scale=1 / 24, band=2, source="atlas", year="2024")(study)
    assert made.frame["solar_yield"].tolist() == pytest.approx([0.2, 0.0, 1.0, 0.5])
    assert made.frame.index.equals(study.sites.index)
    assert asked == [{"path": Path("sun.tif"), "band": 2, "within_km": 0.0}]
    origin = made.origins["solar_yield"]
    assert (origin.source, origin.year, origin.quality) == ("atlas", "2024", "given")
    assert origin.note == "cell at the point; values times 0.0416667"
    assert origin.boundary == "cell at the point"


def test_wind_fills_a_column_of_its_own_and_says_its_radius(study: Study, raster) -> None:
    asked = raster(0.3, 0.3, 0.3, 0.3)
    made = resource("wind.tif", "wind", radius_km=25.0)(study)
    assert list(made.frame.columns) == ["wind_yield"]
    assert made.origins["wind_yield"].source == "given"
    assert made.origins["wind_yield"].boundary.startswith("mean within 25 km")
    assert asked[0]["within_km"] == 25.0


@pytest.mark.parametrize("gap", [np.nan, np.inf])
def test_sites_without_data_are_named(study: Study, raster, gap: float) -> None:
    raster(0.2, gap, 0.2, gap)
    with pytest.raises(
        InputError, match=r"raster 'sun.tif': 2 of 4 sites lie where it has no data \(monterrey, detroit\)"
    ):
        resource("sun.tif", "solar")(study)


def test_what_is_no_part_of_full_power_is_named(study: Study, raster) -> None:
    raster(0.2, 4.8, -0.1, 1.0)
    with pytest.raises(
        InputError, match=r"2 values are no fraction of full power \(monterrey: 4.8, toronto: -0.1\).*1/24"
    ):
        resource("sun.tif", "solar")(study)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"path": 5}, "path: is no path (int)"),
        ({"kind": "tidal"}, "kind: is none of the choices ('tidal'). Choose solar, wind"),
        ({"scale": 0.0}, "scale: is not above zero"),
        ({"scale": "1/24"}, "scale: is not above zero"),
        ({"scale": True}, "scale: is not above zero"),
        ({"radius_km": -1.0}, "radius_km: is negative"),
        ({"radius_km": float("nan")}, "radius_km: is negative"),
    ],
)
def test_arguments_that_are_none(call: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as caught:
        resource(**{"path": "sun.tif", "kind": "solar", **call})
    assert words in str(caught.value)


def test_everything_wrong_with_the_arguments_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        resource(None, "tidal", scale=-1.0, radius_km=-1.0)
    assert len(caught.value.problems) == 4


def test_a_layer_is_known_by_name_and_table() -> None:
    made = resource(Path("a/sun.tif"), "solar")
    assert isinstance(made, ResourceLayer)
    assert (made.name, made.table, made.path) == ("resource", "sites", Path("a/sun.tif"))
