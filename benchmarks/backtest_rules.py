"""The rules of the back-test: signals, transformation, fit, splits, groups and measures, fixed before any outcome.

Nothing here may be changed after a look at the results; a change is a new back-test and says so on its page.

What was known of the outcomes when these rules were written: the page of the back-test before this one (eight layers
with equal weights: no better than a coin among cities), and one sentence about a trial by others on the same plants,
in which distance to standing plants alone reached an area under the curve of 0.80 with states of equal weight, 0.73 for
greenfield, and 0.84 with one more signal that was not named. No score, rank or distance of these plants had been read.
"""

from __future__ import annotations

from dataclasses import dataclass

import evsiting as ev

#: Date of every signal: plants that stood, laws in force and employment known at the end of this year; the first
#: announcement of the table is later.
YEAR = 2017
#: Date of the signals, and first year of openings, when the score is learned from history alone.
HISTORY_YEAR, HISTORY_FIRST, HISTORY_LAST = 1996, 1997, 2016
#: Plants announced up to this year teach, those after it are the test, in the split by time.
SPLIT_YEAR = 2021


@dataclass(frozen=True)
class Signal:
    """One signal of where companies go, and how it enters the fit.

    Parameters
    ----------
    column : str
        Of :func:`evsiting.industry_signals`.
    scale : float
        The signal is ``sign * log(1 + value / scale)``; zero for values taken as they are.
    sign : float
        1 where more is expected to draw companies, -1 where less; the fit may turn it.
    history : bool
        Whether its date can be :data:`HISTORY_YEAR`.
    dated : str
        Its date.
    """

    column: str
    name: str
    scale: float
    sign: float
    history: bool
    dated: str


#: Signals of "where companies go". Plants of light vehicles only: buses and heavy trucks have other suppliers. No
#: people: counts of cities are of today. No wages, prices or emissions: none is dated before 2018.
SIGNALS = (
    Signal("vehicle_plant_km", "nearest standing plant", 25.0, -1.0, True, "end of 2017"),
    Signal("vehicle_plants_near", "standing plants within 300 km", 1.0, 1.0, True, "end of 2017"),
    Signal("parts_share_near", "parts jobs within 150 km", 0.002, 1.0, False, "US 2012-2016, Canada 2016; Mexico none"),
    Signal("right_to_work", "right-to-work law", 0.0, 1.0, True, "end of 2017, United States only"),
)
PLANTS_KM, PARTS_KM = 300.0, 150.0

#: Each signal has mean 0 and standard deviation 1 over the candidates of each country, states weighing the same; one
#: that is missing or the same in a whole country is 0 there. So a score compares places of one country only.
#: The fit is a logistic regression of plants against candidates: the candidates of a state share one weight, states of
#: a country weigh the same, and the candidates of a country weigh together as much as its plants that teach. The loss
#: is the sum over plants and weighted candidates, plus half the ridge times the squares of the coefficients.
RIDGE = 1.0

#: Split by state: the score of a plant is fitted without any plant or candidate of its state; it is compared with the
#: candidates of its country under that same fit. A plant moved over a border of a state belongs to where it is moved.

#: A plant that makes vehicles within this distance of a plant of light vehicles that stood at the end of 2016 is a
#: conversion, unless the table has a column ``conversion`` with 1 or 0; all others are greenfield. [km]
CONVERSION_KM = 15.0
#: Investment from which a plant is large: the larger of what is announced and what is recorded. [1e9 USD]
LARGE_BUSD = 0.5

#: What a planner wants: criteria by theme, every theme the same weight and every criterion inside its theme, as in the
#: back-test before. It is no forecast; most of its layers are of later years than the sitings.
CRITERIA = (
    ev.Criterion("wage_usd_per_h", "cost", theme="labor", unit="USD/h", name="wage"),
    ev.Criterion("unemployment_rate", "benefit", theme="labor", unit="1", name="unemployment"),
    ev.Criterion("people_near", "benefit", theme="labor", unit="person", name="people within 50 km"),
    ev.Criterion("power_price_usd_per_mwh", "cost", theme="energy", unit="USD/MWh", name="power price"),
    ev.Criterion("grid_factor_kg_per_kwh", "cost", theme="energy", unit="kg/kWh", name="grid carbon"),
    ev.Criterion("market_km", "cost", theme="freight", unit="km", name="distance to buyers"),
    ev.Criterion("rail_km", "cost", theme="freight", unit="km", name="distance to rail"),
    ev.Criterion("gateway_km", "cost", theme="freight", unit="km", name="distance to port or border"),
)
#: Scaled by rank: one odd value (a place 3,800 km from rails) must not set the scale of all.
SCALE = "rank"

#: Left out although shipped: subsidies and megadeals are outcomes of the sitings themselves; employment in assembly
#: is of 2025 and counts the new plants; incentives are not held by state.
LEFT_OUT = ("subsidy_per_job", "subsidy_share_of_investment", "megadeal_count", "megadeal_subsidy_total")

#: Names of the scores; the two first are the named ones.
COMPANIES, PLANNER = "where companies go", "what a planner wants"
DISTANCE, PEOPLE = "distance to standing plants alone", "population alone"

#: Plants whose type names two products count with both.
KINDS = {"assembly": "assembly", "cells": "battery_cell", "packs and modules": "battery_module"}
STATUS = {
    "standing or begun": ("operating", "under_construction"),
    "announced": ("announced",),
    "paused": ("paused",),
    "canceled or retired": ("canceled", "retired"),
}
#: All but these are "sited": the plants that the headline is about. They also teach.
APART = ("canceled", "retired")

#: The headline: plants moved to the nearest candidate of their country (the 1,360 cities of 50,000 people and more),
#: compared inside their country, states weighing the same: the area under the curve, and the part of the plants among
#: the best tenth. Beside it the same plants at their own point, and candidates weighing the same.
TOP = 0.10
#: Inside a state: candidates weigh the same, in states that have as many candidates as this.
LEAST_IN_STATE = 10
#: Least number of plants for a rate or an area under the curve; below it nothing is told.
LEAST = 5
#: Intervals: bootstrap over states, which are drawn whole.
DRAWS = 10_000
SEED = 20_261_130

#: Counties of the United States, where a file of them is given: a plant belongs to its county (``county_fips``, else
#: the nearest centre); signals at the centre; the fit is the same, with counties as candidates; the gain over the
#: population of the county is paired plant by plant; states weigh the same. Large plants apart. Counties go from a few
#: hundred people to ten million, so that the fit has their population as one more signal: a score that does not know
#: what it is compared with could not be told to add to it. The count is of the file (2024), taken for that of 2017.
COUNTY_PEOPLE = Signal("people", "population of the county", 10_000.0, 1.0, False, "of the file")

#: Share of plants with a candidate of the North American study within reach, beside cities drawn at random. [km]
REACH_KM = 50.0
CHANCES = 500
