"""What the back-test fixes before it looks at a plant: criteria, weights, groups, points to compare with.

Nothing here may be changed after a look at the results; a change is a new back-test and says so on its page.
"""

from __future__ import annotations

from dataclasses import dataclass

import evsiting as ev

#: Criteria by theme; every theme weighs the same, and every criterion inside its theme.
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

#: Criteria that do not rest on prices, wages or rates of a later year than the siting.
GEOGRAPHY = ("people within 50 km", "distance to buyers", "distance to rail", "distance to port or border")

#: The year of each column, and whether that is before the announcements of 2017 to 2024.
VINTAGES = {
    "wage": ("US 2025, Canada 2024, Mexico 2025", "later than every announcement"),
    "unemployment": ("US 2019, Canada 2025, Mexico 2025", "US: before most; Canada and Mexico: later"),
    "people within 50 km": ("GeoNames, current counts", "later, but shares of population move slowly"),
    "power price": ("US 2024, Canada 2023, Mexico 2020", "later than most"),
    "grid carbon": ("US 2023, Canada 2020, Mexico 2024", "later than most"),
    "distance to buyers": ("vehicle sales 2023 and 2024, in the US spread by population", "later, moves slowly"),
    "distance to rail": ("rail graph of US DOT, without a date", "taken as before: lines change slowly"),
    "distance to port or border": ("places of ports and crossings", "before"),
}

#: Left out although shipped: subsidies and megadeals are outcomes of the sitings themselves; employment in assembly
#: is of 2025 and counts the new plants; incentives are not held by state; renewable shares repeat grid carbon.
LEFT_OUT = ("subsidy_per_job", "subsidy_share_of_investment", "megadeal_count", "megadeal_subsidy_total")


@dataclass(frozen=True)
class Group:
    """Plants that are told together."""

    name: str
    meaning: str


#: Plants whose type names two products count with both.
KINDS = {"assembly": "assembly", "cells": "battery_cell", "packs and modules": "battery_module"}
STATUS = {
    "standing or begun": ("operating", "under_construction"),
    "announced": ("announced",),
    "paused": ("paused",),
    "canceled or retired": ("canceled", "retired"),
}
#: All but these are "sited": the plants that the headline is about.
APART = ("canceled", "retired")

#: Least number of plants for a rate or an area under the curve; below it only percentiles are told.
LEAST = 5
#: A state is compared within itself only if it has this many candidates.
LEAST_IN_REGION = 10
TOP = 0.10
DRAWS = 1_000
SEED = 20_261_122
FOLDS = 10
RIDGE = 1.0
GRID_KM = 50.0

#: Added after the first run, and said so on the page: plants moved to their nearest candidate, and what a prefilter
#: that keeps the best candidates of each state leaves within reach of the plants.
KEEP, SPACING_KM, REACH_KM = 3, 40.0, 50.0
