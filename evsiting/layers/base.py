"""The Layer protocol: how a column of sites, markets or lanes is made, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.study.study import Study


@dataclass(frozen=True)
class Origin:
    """Where a layer's column comes from.

    Parameters
    ----------
    source : str
        Ids of the study's or the package's sources, parted by ``;``. Empty: an assumption.
    year : str
        Year or date of the figures.
    quality : str
        measured, sourced, derived, imputed, given or assumption.
    note : str
        Method, what a reader must know.
    boundary : str
        What the figure takes in and leaves out, where it is not what the data dictionary says of the column.
    """

    source: str = ""
    year: str = ""
    quality: str = "assumption"
    note: str = ""
    boundary: str = ""


@dataclass(frozen=True)
class LayerResult:
    """What a layer returns.

    Parameters
    ----------
    frame : pandas.DataFrame
        For a layer on ``sites`` or ``markets``: columns on the index of that table, or on its codes, none of
        its rows missing. For a layer that makes ``demand``, ``lanes`` or ``incentives``: that table.
    origins : mapping of str to Origin
        Provenance by column.
    row_origins : pandas.DataFrame
        Optional provenance by row, in the form of the table ``provenance``, where rows of one column differ.
    parameters : pandas.DataFrame
        Optional figures that the layer used, in the form of the table ``parameters``.
    """

    frame: pd.DataFrame
    origins: Mapping[str, Origin] = field(default_factory=dict)
    row_origins: pd.DataFrame = field(default_factory=pd.DataFrame)
    parameters: pd.DataFrame = field(default_factory=pd.DataFrame)


@runtime_checkable
class Layer(Protocol):
    """Anything with a name, a table and a call from a study to a result.

    Examples
    --------
    >>> import evsiting as ev
    >>> isinstance(ev.FreightLayer(), ev.Layer), ev.FreightLayer().table
    (True, 'lanes')
    """

    @property
    def name(self) -> str:
        """What messages call the layer."""
        ...

    @property
    def table(self) -> str:
        """The table that it fills: sites, markets, demand, lanes or incentives."""
        ...

    def __call__(self, study: Study) -> LayerResult:
        """Return the layer's columns for ``study``."""
        ...


#: What a user writes: from a study to a column, to columns, or to a full result.
type Made = Callable[[Study], "pd.Series[Any] | pd.DataFrame | LayerResult"]


@dataclass(frozen=True)
class FunctionLayer:
    """A function as a layer; made by :func:`layer`."""

    name: str
    table: str
    function: Made
    origin: Origin

    def __call__(self, study: Study) -> LayerResult:
        """Return the function's columns with their provenance."""
        made: object = self.function(study)
        if isinstance(made, LayerResult):
            return made
        if not isinstance(made, pd.Series | pd.DataFrame):
            fix = f"Return a Series on the index of study.{self.table}, a DataFrame or a LayerResult"
            raise InputError([Problem(f"layer {self.name!r}", "returned no table", type(made).__name__, fix)])
        frame = made.to_frame() if isinstance(made, pd.Series) else made
        return LayerResult(frame, {str(c): self.origin for c in frame.columns})


def layer(
    table: str, *, source: str = "", year: str = "", quality: str = "given", note: str = "", boundary: str = ""
) -> Callable[[Made], FunctionLayer]:
    """Turn a function ``study -> Series or DataFrame`` into a layer.

    Parameters
    ----------
    table : {"sites", "markets", "demand", "lanes", "incentives"}
        Which table it fills.
    source, year, quality, note, boundary : str
        Provenance of what it returns, as in :class:`Origin`. Without a source the values are listed as assumptions.

    Returns
    -------
    callable
        A decorator that returns a :class:`FunctionLayer`.

    Examples
    --------
    >>> import evsiting as ev
    >>> @ev.layer("sites", source="my_utility", year="2026", quality="given")
    ... def power_price(study):
    ...     return study.sites["grid_factor_kg_per_kwh"].mul(0).add(61.0).rename("power_price_usd_per_mwh")
    >>> power_price.table
    'sites'
    """
    origin = Origin(source, year, quality if source else "assumption", note, boundary)

    def wrap(function: Made) -> FunctionLayer:
        return FunctionLayer(function.__name__, table, function, origin)

    return wrap
