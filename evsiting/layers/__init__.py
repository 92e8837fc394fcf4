"""Layers: columns of sites and markets, the tables lanes and incentives, and where each figure comes from."""

from evsiting.layers.apply import apply_layers
from evsiting.layers.base import FunctionLayer, Layer, LayerResult, Origin, layer
from evsiting.layers.fill import complete
from evsiting.layers.freight import freight
from evsiting.layers.grid import grid
from evsiting.layers.incentives import incentives
from evsiting.layers.labor import labor
from evsiting.layers.places import PlacesLayer

__all__ = [
    "FunctionLayer",
    "Layer",
    "LayerResult",
    "Origin",
    "PlacesLayer",
    "apply_layers",
    "complete",
    "freight",
    "grid",
    "incentives",
    "labor",
    "layer",
]
