"""Shipped reference data: places, plants, transport graphs and parameters, each with its source.

Every table can be replaced by the user's own; these are the defaults from which the shipped studies are
built. The files, their units, their known limits and the attribution lines are described in
``data/README.md``.
"""

from evsiting.reference.loaders import (
    borders,
    cities,
    jurisdiction_facts,
    jurisdictions,
    parameters,
    plants,
    ports,
    rail_edges,
    rail_nodes,
    sea_lanes,
    sources,
)
from evsiting.reference.values import Parameter, exchange_rate, fact, parameter

__all__ = [
    "Parameter",
    "borders",
    "cities",
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
    "sea_lanes",
    "sources",
]
