"""GeoJSON tables: values as they are written, and files that are none are told by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evsiting.study.files.geojson import read_geojson
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES

POINT = {"type": "Point", "coordinates": [-90.0, 35.0]}


def _feature(number: object = None, **cells: object) -> dict[str, object]:
    made = {"type": "Feature", "geometry": POINT, "properties": cells}
    return made if number is None else {**made, "id": number}


def _read(folder: Path, whole: object) -> tuple[object, str]:
    path, found = folder / "sites.geojson", Findings()
    path.write_text(whole if isinstance(whole, str) else json.dumps(whole), encoding="utf-8")
    return read_geojson(path, TABLES["sites"], found), " | ".join(str(problem) for _, problem in found.problems)


def _collection(*features: object, **more: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def test_text_stays_text_and_long_numbers_keep_their_digits(tmp_path: Path) -> None:
    text = json.dumps(_collection(_feature(site="01001", asof="2024-05", tags=["a", "b"])))
    frame, wrong = _read(tmp_path, text.replace('"asof"', '"code": 1234567890123456789, "asof"'))
    assert wrong == ""
    row = frame.iloc[0]
    assert (row["site"], row["asof"], row["code"]) == ("01001", "2024-05", "1234567890123456789")
    assert row["tags"] == '["a", "b"]'
    assert (row.geometry.x, row.geometry.y) == (-90.0, 35.0)
    assert frame.crs.to_epsg() == 4326


def test_ids_of_features_are_a_column_unless_they_count(tmp_path: Path) -> None:
    frame, _ = _read(tmp_path, _collection(_feature("x", site="a"), _feature("y", site="b")))
    assert frame["id"].tolist() == ["x", "y"]
    frame, _ = _read(tmp_path, _collection(_feature(0, site="a"), _feature(1, site="b")))
    assert "id" not in frame


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        ({"type": "Topology"}, "is no GeoJSON of features"),
        (_collection({"type": "Point"}), "holds what is no feature"),
        (
            _collection({**_feature(), "geometry": {"type": "Point", "coordinates": "x"}}),
            "geometries that cannot be read",
        ),
        (
            _collection(_feature(site="a"), crs={"properties": {"name": "nonsense"}}),
            "is no coordinate reference system",
        ),
        ('{"type": "Feature", "type": "Feature", "geometry": null, "properties": {}}', "members of the same name"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, whole: object, says: str) -> None:
    frame, wrong = _read(tmp_path, whole)
    assert frame is None
    assert says in wrong


def test_a_reference_system_that_is_said_holds(tmp_path: Path) -> None:
    said = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    frame, _ = _read(tmp_path, _collection(_feature(site="a"), crs=said))
    assert frame.crs.to_epsg() == 3857
    frame, _ = _read(tmp_path, _collection(_feature(site="a"), crs=None))
    assert frame.crs is None
