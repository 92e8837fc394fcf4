"""The most that plants can make: exact to the unit, and never below what a plan can do."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.errors import StudyError
from evsiting.study.settings import About, Settings
from evsiting.study.study import Study


def tables(**changes):
    """Return tables of one product made at one candidate, in three periods of two years."""
    made = {
        "sites": pd.DataFrame({"site": ["A"], "lat": [35.1], "lon": [-90.0], "country": ["US"]}),
        "markets": pd.DataFrame({"market": ["m"], "lat": [34.0], "lon": [-118.0], "country": ["US"]}),
        "periods": pd.DataFrame({"period": ["one", "two", "three"], "start_year": [2027, 2029, 2031], "years": 2}),
        "products": pd.DataFrame(
            {"product": ["cell", "car"], "unit": ["kWh", "car"], "mass_kg_per_unit": 5.0, "value_usd_per_unit": 9.0}
        ),
        "processes": pd.DataFrame({"plant_type": ["assembly"], "product": ["car"]}),
        "options": options(("small", 100.0)),
        "demand": demand("one"),
    }
    return made | changes


def options(*rows, kind="assembly", **columns):
    """Return options with name and capacity."""
    frame = pd.DataFrame(rows, columns=["option", "capacity_units_per_yr"])
    return frame.assign(plant_type=kind, capex_usd=1e6, **columns)


def demand(period, units=1.0):
    return pd.DataFrame({"market": ["m"], "product": ["car"], "period": [period], "units_per_yr": [units]})


def plant(capacity=100.0, **columns):
    frame = pd.DataFrame({"plant": ["p"], "site": ["A"], "plant_type": ["assembly"], "capacity_units_per_yr": capacity})
    return frame.assign(**columns)


def most(period, **changes):
    """Return the most of the product that is taken for a period, and check that one unit in a million more is not."""
    text = str(pytest.raises(StudyError, check, period, 1e12, **changes).value)
    number = float(text.split(" is the most that can be made and bought")[0].split(", ")[-1].replace(",", ""))
    check(period, number, **changes)
    with pytest.raises(StudyError, match="no plan can serve"):
        check(period, number * (1 + 1e-6) + 1e-6, **changes)
    return number


def check(period, units, **changes):
    Study.from_tables(Settings(study=About(name="Supply")), tables(demand=demand(period, units), **changes))


def test_the_largest_option_of_each_place_counts():
    sizes = options(("small", 100.0), ("large", 300.0))
    assert most("one", options=sizes) == 300.0
    two = pd.concat([tables()["sites"], tables()["sites"].assign(site="B", lat=36.0)])
    assert most("one", options=sizes, sites=two) == 600.0
    assert most("one", options=sizes.assign(sites=[None, "B"]), sites=two) == 400.0
    assert most("one", options=sizes, sites=two.assign(role=["candidate", "existing"])) == 300.0


def test_a_plant_that_ramps_up_makes_less_at_first():
    ramped = options(("small", 100.0), ramp_up="0.4;0.8;0.9")
    assert most("one", options=ramped) == 60.0
    assert most("two", options=ramped) == 95.0
    assert most("three", options=ramped) == 100.0


def test_a_plant_that_fades_is_best_when_new():
    faded = options(("small", 100.0), ramp_up="1;1;0.5;0.5")
    assert most("two", options=faded) == 100.0  # built in the second period


def test_a_step_comes_after_what_it_expands():
    grown = options(("a", 100.0), ("b", 250.0), ("c", 300.0)).assign(expands=[None, "a", "b"])
    assert [most(p, options=grown) for p in ("one", "two", "three")] == [100.0, 250.0, 300.0]
    ramped = grown.assign(ramp_up=["0.5;0.5", "0.2;0.4", None])
    assert [most(p, options=ramped) for p in ("one", "two", "three")] == [50.0, 145.0, 300.0]


def test_what_is_a_partners_does_not_count():
    shared = options(("small", 100.0), partner="P", partner_output_share=0.25)
    assert most("one", options=shared) == 75.0


@pytest.mark.parametrize(
    ("facts", "more"),
    [
        ({}, 100.0),
        ({"status": "committed"}, 100.0),
        ({"status": "closed"}, 0.0),
        ({"status": "canceled"}, 0.0),
        ({"status": "paused"}, 0.0),
        ({"status": "paused", "resume_usd": 1.0}, 100.0),
        ({"closing_usd": 1.0}, 100.0),
        ({"last_year": 2029}, 50.0),
        ({"first_year": 2030}, 50.0),
        ({"status": "paused", "resume_usd": 1.0, "last_year": 2029}, 50.0),
        ({"first_year": 2031}, 0.0),
    ],
)
def test_standing_plants_count_while_they_can_run(facts, more):
    assert most("two", plants=plant(**facts)) == 100.0 + more


def test_inputs_are_used_for_what_is_begun():
    chain = {
        "processes": pd.DataFrame(
            {"plant_type": ["assembly", "cells"], "product": ["car", "cell"], "good_share": [0.8, 1.0]}
        ),
        "options": pd.concat([options(("small", 1e6)), options(("works", 1000.0), kind="cells")]),
        "bill_of_materials": pd.DataFrame({"product": ["car"], "input": ["cell"], "units_per_unit": [10.0]}),
    }
    check("one", 80.0, **chain)
    with pytest.raises(StudyError, match=r"1,001 units of 'cell' are needed a year, which goes into 'car', 1,000 is"):
        check("one", 80.1, **chain)
    better = pd.DataFrame({"plant_type": ["workshop"], "product": ["car"], "good_share": [1.0]})
    chain["processes"] = pd.concat([chain["processes"], better])
    chain["options"] = pd.concat([chain["options"], options(("bench", 1.0), kind="workshop")])
    check("one", 80.2, **chain)  # ten cells for the one car without loss, 12.5 for each of the others
    with pytest.raises(StudyError, match=r"1,001 units of 'cell'"):
        check("one", 80.28, **chain)


def test_of_several_periods_the_first_that_fails_is_told():
    with pytest.raises(StudyError, match="no plan can serve the demand in 'two'") as caught:
        check(None, 150.0, plants=plant(last_year=2028))
    assert len(caught.value.problems) == 1
