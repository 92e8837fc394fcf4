"""How shipped tables are read: text stays text, gaps take kinds that can be empty, points come from lon and lat."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.reference import stored


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch):
    """Put the text of a file in the place of a shipped one."""

    def put(text: str) -> None:
        monkeypatch.setattr(stored, "_bytes", lambda name: text.encode("utf-8"))

    return put


def test_text_stays_as_it_is_written(shipped) -> None:
    shipped("id,name,note\n007,NA,\nNULL,Bécancour,x\n")
    table = stored._table("any.csv", {})
    assert table.to_numpy().tolist() == [["007", "NA", ""], ["NULL", "Bécancour", "x"]]


@pytest.mark.parametrize(
    ("kind", "whole", "gaps"),
    [("float64", "float64", "float64"), ("Int64", "int64", "Int64"), ("boolean", "bool", "boolean")],
)
def test_kinds_without_and_with_gaps(shipped, kind: stored.Kind, whole: str, gaps: str) -> None:
    shipped("v\n1\n0\n")
    assert str(stored._table("any.csv", {"v": kind})["v"].dtype) == whole
    shipped("v,w\n1,x\n,y\n")
    table = stored._table("any.csv", {"v": kind})
    assert str(table["v"].dtype) == gaps
    assert table["v"].isna().tolist() == [False, True]


def test_what_is_no_number_is_not_taken_for_a_gap(shipped) -> None:
    shipped("v\n1\nabc\n")
    with pytest.raises(ValueError, match="abc"):
        stored._table("any.csv", {"v": "float64"})


def test_a_table_without_rows_keeps_its_columns(shipped) -> None:
    shipped("v,lon,lat\n")
    table = stored._points(stored._table("any.csv", {"lon": "float64", "lat": "float64"}))
    assert (len(table), list(table.columns)) == (0, ["v", "lon", "lat", "geometry"])


def test_points_are_longitude_first(shipped) -> None:
    shipped("lat,lon\n35.1,-90\n")
    table = stored._points(stored._table("any.csv", {"lon": "float64", "lat": "float64"}))
    assert (table.geometry.iloc[0].x, table.geometry.iloc[0].y) == (-90.0, 35.1)
    assert table.crs == stored.WGS84


def test_packed_files_are_unpacked() -> None:
    assert (
        stored._bytes("cities.csv.gz").startswith(b"geonameid,") or b"geonameid" in stored._bytes("cities.csv.gz")[:200]
    )
    assert stored._bytes("sources.csv")[:2] != b"\x1f\x8b"


def test_each_table_is_read_once() -> None:
    assert stored.sources() is stored.sources()


def test_every_jurisdiction_has_its_own_polygon() -> None:
    table = stored.jurisdictions()
    assert table["iso"].is_unique
    assert table.geometry.notna().all()
    assert table.geometry.is_valid.all()
    inside = table.geometry.representative_point()
    assert (
        table.set_geometry(inside)
        .to_crs(4326)
        .sjoin(table[["iso", "geometry"]], predicate="within")["iso_left"]
        .is_unique
    )


def test_parameters_keep_their_text_beside_the_number() -> None:
    table = stored.parameters()
    numbers = table["value"].notna()
    assert (table.loc[numbers, "value"] == pd.to_numeric(table.loc[numbers, "text"])).all()
    assert (table["low"] <= table["value"])[table["low"].notna() & numbers].all()
    assert (table["value"] <= table["high"])[table["high"].notna() & numbers].all()
    assert (table["valid_from"] <= table["valid_to"])[table["valid_from"].notna() & table["valid_to"].notna()].all()
