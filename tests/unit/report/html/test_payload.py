"""The data of the page: numbers as JSON may hold them, safe text, and a plan of nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from evsiting.report.html import payload
from evsiting.report.html.payload import Payload, _path, overseas, plain, remote_note, script_safe_json
from tests.plans import tiny_plan
from tests.studies import unchecked


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        (np.float32("nan"), None),
        (np.float64("-inf"), None),
        (3.0, 3),
        (-0.0, 0),
        (0.1 + 0.2, 0.3),
        (1e-9, 0),
        (np.int64(7), 7),
        (True, 1),
        ("17", "17"),
        ("", ""),
        (pd.NA, ""),
        ("<b>", "<b>"),
    ],
)
def test_values_are_as_json_may_hold_them(value: object, shown: object) -> None:
    assert plain(value) == shown
    json.dumps(plain(value), allow_nan=False)


def test_text_cannot_leave_its_script() -> None:
    data = {"name": "</script><!--\u2028&\u2029", "n": [1, None]}
    text = script_safe_json(data)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == data
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_safe_json(float("nan"))


def test_a_polygon_is_a_path_of_whole_steps_with_its_holes() -> None:
    square = shapely.box(0.2, 0.2, 10.0, 10.0)
    assert _path(square).count("M") == 1
    assert _path(square).endswith("z")
    assert _path(square.difference(shapely.box(3, 3, 6, 6))).count("M") == 2
    assert _path(shapely.MultiPolygon([square, shapely.box(20, 20, 30, 30)])).count("M") == 2
    assert _path(shapely.box(0.0, 0.0, 0.3, 0.3)) == ""  # smaller than a kilometre


@pytest.fixture(scope="module")
def data() -> dict:
    """Return the payload of the best plan."""
    study, plan = tiny_plan()
    return Payload(study, [plan]).data(None, 0)


def test_every_number_points_into_its_list(data: dict) -> None:
    places, kinds, products = (len(data[k]) for k in ("places", "kinds", "products"))
    plan = data["plans"][0]
    assert len(plan["plants"]) == 4
    for site, kind, *_ in plan["plants"]:
        assert (0 <= site < places, 0 <= kind < kinds) == (True, True)
    for lane, period, units in plan["flows"]:
        product, start, end, *_ = data["lanes"][lane]
        assert product < products
        assert max(start, end) < places
        assert period == 0
        assert units > 0
    assert len(plan["flows"]) == 5
    assert plan["left"] == 0


def test_ledgers_add_up_to_the_totals_that_stand_beside_them(data: dict) -> None:
    plan = data["plans"][0]
    for name in ("cost", "emissions", "jobs"):
        assert sum(sum(row[4:]) for row in plan["ledgers"][name]) == pytest.approx(plan["totals"][name], rel=1e-6)
    assert all(row[0] < len(data["items"]) for row in plan["ledgers"]["cost"])


def test_a_plan_that_does_nothing_has_no_lanes_and_is_still_shown(nothing) -> None:
    study, plan = nothing
    found = Payload(study, [plan]).data(None, 0)
    assert found["lanes"] == []
    assert found["plans"][0]["flows"] == []
    assert [row[3] for row in found["plans"][0]["plants"]] == [found["statuses"].index("existing")]
    json.loads(script_safe_json(found))


def test_the_smallest_flows_stay_off_the_map_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "MOST_FLOWS", 2)
    study, plan = tiny_plan()
    found = Payload(study, [plan]).data(None, 0)
    flows = found["plans"][0]["flows"]
    assert (len(flows), found["plans"][0]["left"]) == (2, 3)
    products = [found["products"][found["lanes"][lane][0]]["name"] for lane, *_ in flows]
    assert products == ["Vehicle", "Vehicle"]  # by mass, not by number: kilowatt-hours are many and light


def test_a_flow_of_nothing_is_no_flow() -> None:
    study, plan = tiny_plan()
    none = replace(plan, shipments=plan.shipments.assign(units_per_yr=0.0))
    assert Payload(study, [none]).data(None, 0)["plans"][0]["flows"] == []


def test_suppliers_overseas_and_markets_that_the_view_leaves_out() -> None:
    study, _ = tiny_plan()
    assert overseas(study)
    assert not overseas(unchecked(study, suppliers=study.suppliers.assign(country="CA")))
    assert not overseas(unchecked(study, suppliers=study.suppliers.iloc[:0]))
    assert remote_note(study) == ""
    far = unchecked(study, markets=study.markets.assign(region=["US-AK", "US-HI"], name=["West", "East"]))
    assert remote_note(far) == "East, West"
