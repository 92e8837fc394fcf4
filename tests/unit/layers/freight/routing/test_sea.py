"""Sea lanes: distances between ports, none where none is shipped, and coasts of one ocean alone."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting import reference
from evsiting.layers.freight.routing.road import ROADLESS
from evsiting.layers.freight.routing.sea import SeaLanes
from evsiting.layers.geo.geodesic import Points


def _lanes() -> SeaLanes:
    return SeaLanes.of(reference.ports(), reference.sea_lanes())


def test_distances_are_those_of_the_table() -> None:
    lanes, table = _lanes(), reference.sea_lanes()
    row = table.iloc[0]
    at = list(lanes.ports.code).index(row["destination"])
    assert lanes.from_port(row["origin"])[at] == row["distance_km"]
    assert np.isfinite(lanes.km).sum() == len(table.drop_duplicates(["origin", "destination"]))


def test_a_port_without_lanes_is_no_origin() -> None:
    with pytest.raises(KeyError, match="XXXXX"):
        _lanes().from_port("XXXXX")


def test_ports_of_the_pacific_are_told_from_those_of_the_atlantic() -> None:
    lanes = _lanes()
    side = dict(zip(lanes.ports.code, lanes.pacific, strict=True))
    assert side["USLAX"]
    assert not side["USHOU"]


def test_a_coast_is_reached_from_its_own_ocean_alone() -> None:
    lanes = _lanes()
    region = next(r for r, ocean in ROADLESS.items() if ocean == "Pacific")
    far = Points(
        np.array(["x", "y"]),
        np.array(["US", "US"]),
        np.array([region, "US-TN"]),
        np.array([-157.9, -86.8]),
        np.array([21.3, 36.2]),
    )
    km = lanes.coast_km(far)
    assert np.isfinite(km[:, 0]).tolist() == lanes.pacific.tolist()
    assert np.isinf(km[:, 1]).all()  # a road goes there
