"""Areas that cannot be: digits lost, people counted twice, more labor than people, far from their state."""

from __future__ import annotations

import warnings

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from evsiting import reference
from evsiting.errors import DataWarning, InputError
from evsiting.layers.labor.area_checks import check_ids, check_sense, warn_of_places, warn_of_scale

MEMPHIS = (-90.05, 35.15)


def areas(*rows: dict[str, object], shapes: list[object] | None = None) -> gpd.GeoDataFrame:
    base = {"iso": "US-TN", "population": 1000.0, "labor_force": 500.0, "unemployed": 25.0}
    frame = pd.DataFrame([{"id": f"47{k:03}", **base, **row} for k, row in enumerate(rows)])
    return gpd.GeoDataFrame(frame, geometry=shapes or [shapely.Point(*MEMPHIS)] * len(frame), crs="EPSG:4326")


def warned(call, *args: object) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(*args)
    assert all(issubclass(w.category, DataWarning) for w in caught)
    return [str(w.message) for w in caught]


def refused(frame: gpd.GeoDataFrame) -> list[str]:
    try:
        check_sense(frame, "areas")
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_ids_of_which_digits_are_lost_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"1 of 2 ids is numbers of which digits are lost|1 of 2 ids .*\(4.8453E\+10\)"
    ):
        check_ids(pd.Series(["4.8453E+10", "48453001100"]), True, "areas")


def test_empty_ids_are_told_where_ids_were_given() -> None:
    ids = pd.Series(["a", "", ""])
    (text,) = warned(check_ids, ids, True, "areas")
    assert "2 of 3 areas have no id, as after a join that found nothing" in text
    assert warned(check_ids, ids, False, "areas") == []
    assert warned(check_ids, pd.Series(["a", "b"]), True, "areas") == []


def test_sensible_areas_pass() -> None:
    assert refused(areas({}, {})) == []
    assert refused(areas({"iso": ""}, {"iso": "US-PR"})) == []  # of no state, and of a territory in census files
    assert refused(areas({}).iloc[:0]) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"iso": "US-ZZ"}], "1 of 1 area lies in no known state or province (US-ZZ)"),
        ([{"iso": "MX-QRO"}], "Did you mean MX-QUE for 'MX-QRO'?"),
        ([{"id": "x"}, {"id": "x"}], "2 rows name an area that another names too (x)"),
        ([{"unemployed": 500.1}], "more unemployed than labor force (47000: 500.1 of 500)"),
        ([{"labor_force": 1000.1}], "more labor force than population in all (1000.1 of 1000)"),
    ],
)
def test_what_makes_no_sense_is_refused(rows: list[dict[str, object]], words: str) -> None:
    texts = refused(areas(*rows))
    assert len(texts) == 1
    assert words in texts[0]


def test_the_same_id_in_two_states_is_two_areas() -> None:
    assert refused(areas({"id": "1"}, {"id": "1", "iso": "US-MS"})) == []


def test_a_small_area_may_have_figures_of_different_years() -> None:
    assert refused(areas({"labor_force": 1100.0}, {"labor_force": 900.0})) == []
    assert refused(areas({"labor_force": None, "unemployed": None}, {"labor_force": 1000.0})) == []


def test_polygons_over_each_other_count_people_twice() -> None:
    one = shapely.box(-90.0, 35.0, -89.0, 36.0)
    beside, over = shapely.box(-89.0, 35.0, -88.0, 36.0), shapely.box(-89.5, 35.0, -88.5, 36.0)
    assert refused(areas({}, {}, shapes=[one, beside])) == []
    (text,) = refused(areas({}, {}, shapes=[one, over]))
    assert "areas lie over each other, so that people would count twice (47000 and 47001)" in text
    sliver = shapely.box(-89.005, 35.0, -88.0, 36.0)
    assert refused(areas({}, {}, shapes=[one, sliver])) == []  # simplified outlines overlap a little


def test_everything_is_told_at_once() -> None:
    assert len(refused(areas({"id": "x", "iso": "US-ZZ", "unemployed": 900.0}, {"id": "x", "iso": "US-ZZ"}))) == 3


@pytest.mark.parametrize(
    ("rates", "told"), [([0.05, 0.08], True), ([0.05, 0.31], False), ([0.0], False), ([None], False), (["4.5"], False)]
)
def test_rates_that_look_like_fractions(rates: list[object], told: bool) -> None:
    given = areas(*({"unemployment_rate_pct": r} for r in rates))
    texts = warned(warn_of_scale, given, given, "areas")
    assert ["multiply them by 100" in text for text in texts] == ([True] if told else [])


def test_more_people_than_a_state_has() -> None:
    people = float(reference.jurisdictions().set_index("iso").loc["US-TN", "population"])
    few, many = (areas({"population": f * people}) for f in (1.49, 1.51))
    assert warned(warn_of_scale, few, few, "areas") == []
    (text,) = warned(warn_of_scale, many, many, "areas")
    assert "hold far more people than the state (US-TN: 1.5 times its own)" in text


def test_areas_far_from_their_state_are_told_or_refused() -> None:
    place, far = shapely.Point(*MEMPHIS), shapely.Point(-118.24, 34.05)
    assert warned(warn_of_places, areas({}, shapes=[place]), "areas") == []
    assert warned(warn_of_places, areas({"id": "1", "iso": ""}, shapes=[far]), "areas") == []
    (text,) = warned(warn_of_places, areas({}, {}, shapes=[place, far]), "areas")
    assert "1 of 2 areas lies more than 50 km from the state that they name (47001 in US-TN)" in text
    with pytest.raises(InputError, match="2 of 2 areas lie more than 50 km"):
        warn_of_places(areas({}, {}, shapes=[far, far]), "areas")
    swapped = [shapely.Point(35.96, -83.92)]  # Knoxville
    with pytest.raises(InputError, match="It seems that"):
        warn_of_places(areas({}, shapes=swapped), "areas")


def test_a_longitude_east_of_180_is_the_same_place() -> None:
    assert warned(warn_of_places, areas({}, shapes=[shapely.Point(360.0 + MEMPHIS[0], MEMPHIS[1])]), "areas") == []


def test_codes_that_have_lost_their_zero_are_told() -> None:
    alabama = shapely.Point(-86.64, 32.54)
    (text,) = warned(warn_of_places, areas({"id": "1001", "iso": "US-AL"}, shapes=[alabama]), "areas")
    assert "1 of 1 ids have lost the zero that they begin with (1001 in US-AL)" in text
    assert warned(warn_of_places, areas({"id": "01001", "iso": "US-AL"}, shapes=[alabama]), "areas") == []
