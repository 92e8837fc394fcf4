"""Axes to draw on, without touching matplotlib's global state in scripts."""

from __future__ import annotations

import builtins
import sys

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def axes(ax: Axes | None, size: tuple[float, float], *, dpi: float = 150.0) -> Axes:
    """Return ``ax``, or the axes of a new figure.

    In a notebook, and wherever ``matplotlib.pyplot`` is already in use, the new figure is one of pyplot's, so that
    it shows; elsewhere it is a free one that no global list holds.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        Axes to draw on.
    size : (float, float)
        Width and height of a new figure. [inch]
    dpi : float
        Resolution of a new figure. [1/inch]
    """
    if ax is not None:
        return ax
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None and hasattr(builtins, "__IPYTHON__"):
        from matplotlib import pyplot
    if pyplot is not None:
        figure: Figure = pyplot.figure(figsize=size, dpi=dpi, layout="constrained")
    else:
        figure = Figure(figsize=size, dpi=dpi, layout="constrained")
        FigureCanvasAgg(figure)
    return figure.add_subplot()
