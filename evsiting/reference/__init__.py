"""Shipped reference data: places, plants, transport graphs and parameters, each with its source.

Every table can be replaced by the user's own; these are the defaults from which the shipped studies are
built. The files, their units, their known limits and the attribution lines are described in
``data/README.md``.
"""

from evsiting.reference.loaders import (
    auto_supply_base,
    borders,
    cities,
    county_labor,
    jurisdiction_facts,
    jurisdictions,
    parameters,
    plants,
    ports,
    rail_edges,
    rail_nodes,
    right_to_work,
    sea_lanes,
    sources,
    standing_vehicle_plants,
)
from evsiting.reference.values import Parameter, exchange_rate, fact, parameter

__all__ = [
    "Parameter",
    "auto_supply_base",
    "borders",
    "cities",
    "county_labor",
    "exchange_rate",
    "fact",
    "jurisdiction_facts",
    "jurisdictions",
    "parameter",
    "parameters",
    "plants",
    "ports",
    "rail_edges",
    "rail_nodes",
    "right_to_work",
    "sea_lanes",
    "sources",
    "standing_vehicle_plants",
]
