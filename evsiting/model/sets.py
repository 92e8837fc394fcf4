"""Index sets and coefficient arrays: everything that the row families and objectives read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting.model.milp import FloatArray, IntArray
from evsiting.study.horizon import Horizon


@dataclass(frozen=True)
class Places:
    """Pairs of a site and a plant type that may stand there: index q.

    Parameters
    ----------
    site, plant_type : numpy.ndarray of int, shape (Q,)
        Positions in the sorted codes.
    may_build : numpy.ndarray of bool, shape (Q,)
        Whether something new may be built.
    capacity, staff, fixed : numpy.ndarray, shape (Q,)
        Of the plants that stand or are committed. [unit/yr, FTE, USD/yr]
    """

    site: IntArray
    plant_type: IntArray
    may_build: np.ndarray
    capacity: FloatArray
    staff: FloatArray
    fixed: FloatArray


@dataclass(frozen=True)
class Builds:
    """Pairs of a place and an option that may be built there: index b.

    Parameters
    ----------
    place : numpy.ndarray of int, shape (B,)
        Position in :class:`Places`.
    option : tuple of str, length B
        Name of the option.
    capacity, capex, fixed, staff, min_load : numpy.ndarray, shape (B,)
        Of the option; ``fixed`` holds the site's further fixed cost as well. [unit/yr, USD, USD/yr, FTE, fraction]
    """

    place: IntArray
    option: tuple[str, ...]
    capacity: FloatArray
    capex: FloatArray
    fixed: FloatArray
    staff: FloatArray
    min_load: FloatArray


@dataclass(frozen=True)
class Makes:
    """Pairs of a place and a product that it can make: index m.

    Parameters
    ----------
    place, product : numpy.ndarray of int, shape (M,)
        Positions.
    use, electricity, labor, material : numpy.ndarray, shape (M,)
        Capacity, electricity, hours and bought material of one unit. [1, kWh/unit, h/unit, USD/unit]
    """

    place: IntArray
    product: IntArray
    use: FloatArray
    electricity: FloatArray
    labor: FloatArray
    material: FloatArray


@dataclass(frozen=True)
class LaneSet:
    """Lanes that can carry something in some plan: index l.

    Parameters
    ----------
    product : numpy.ndarray of int, shape (L,)
        What is shipped.
    site, supplier : numpy.ndarray of int, shape (L,)
        Origin; -1 where it is the other kind.
    to_site, to_market : numpy.ndarray of int, shape (L,)
        Destination; -1 where it is the other kind.
    freight, duty, emissions : numpy.ndarray, shape (L,)
        USD/unit, USD/unit, kg/unit.
    frame : pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``mode`` as text, in the same order.
    """

    product: IntArray
    site: IntArray
    supplier: IntArray
    to_site: IntArray
    to_market: IntArray
    freight: FloatArray
    duty: FloatArray
    emissions: FloatArray
    frame: pd.DataFrame


@dataclass(frozen=True)
class Wants:
    """Pairs of a market and a product that it wants: index d.

    Parameters
    ----------
    market, product : numpy.ndarray of int, shape (D,)
        Positions.
    units : numpy.ndarray, shape (D, T)
        Demand. [unit/yr]
    penalty : numpy.ndarray, shape (D, T)
        Cost of an unserved unit; NaN where all must be served. [USD/unit]
    """

    market: IntArray
    product: IntArray
    units: FloatArray
    penalty: FloatArray


@dataclass(frozen=True)
class Sets:
    """Everything that the row families read.

    Parameters
    ----------
    horizon : Horizon
        Periods and their weights; T of them.
    sites, plant_types, products, markets, suppliers : pandas.Index
        Sorted codes, so that the order of a table's rows changes nothing.
    scale : numpy.ndarray, shape (P,)
        Units of a product in one unit of its columns: keeps coefficients near one.
    bom : numpy.ndarray, shape (P, P)
        ``bom[a, b]`` units of a in one unit of b.
    places, builds, makes, lanes, wants
        The sparse pairs.
    site_values : pandas.DataFrame
        The site columns that cost and carbon need, in the order of ``sites``.
    supplier_values : pandas.DataFrame
        Price, capacity, emissions, country in the order of ``suppliers``.
    investment : numpy.ndarray, shape (Q, T)
        Fraction of investment that programs pay when built in a period, at most one.
    credit : numpy.ndarray, shape (M, T)
        Production credits. [USD/unit]
    """

    horizon: Horizon
    sites: pd.Index
    plant_types: pd.Index
    products: pd.Index
    markets: pd.Index
    suppliers: pd.Index
    scale: FloatArray
    bom: FloatArray
    places: Places
    builds: Builds
    makes: Makes
    lanes: LaneSet
    wants: Wants
    site_values: pd.DataFrame
    supplier_values: pd.DataFrame
    investment: FloatArray
    credit: FloatArray

    @property
    def type_scale(self) -> FloatArray:
        """Scale of the capacity of each plant type: that of its first product. shape (K,)"""
        scale = np.ones(len(self.plant_types))
        kinds = self.places.plant_type[self.makes.place]
        scale[kinds[::-1]] = self.scale[self.makes.product[::-1]]
        return scale

    @property
    def gross(self) -> FloatArray:
        r"""Units of every product needed for one unit of every product: :math:`(I - B)^{-1}`. shape (P, P)"""
        return np.linalg.inv(np.eye(len(self.products)) - self.bom)


def positions(codes: pd.Index, wanted: Iterable[object]) -> IntArray:
    """Return where each wanted code stands among the codes; -1 where it does not.

    Examples
    --------
    >>> positions(pd.Index(["cell", "pack"]), ["pack", "vehicle"])
    array([ 1, -1])
    """
    return codes.get_indexer(pd.Index(wanted)).astype(np.int64)
