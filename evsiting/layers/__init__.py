"""Layers: columns of sites and markets, the tables lanes and incentives, and where each figure comes from."""

from evsiting.layers.apply import apply_layers
from evsiting.layers.base import FunctionLayer, Layer, LayerResult, Origin, layer
from evsiting.layers.completion import complete
from evsiting.layers.freight.lanes import FREIGHT
from evsiting.layers.geo.places import PlacesLayer
from evsiting.layers.incentives.programs import INCENTIVES
from evsiting.layers.jurisdiction import GRID, LABOR

__all__ = [
    "FREIGHT",
    "GRID",
    "INCENTIVES",
    "LABOR",
    "FunctionLayer",
    "Layer",
    "LayerResult",
    "Origin",
    "PlacesLayer",
    "apply_layers",
    "complete",
    "layer",
]
