"""Index sets and coefficient arrays that constraints and objectives read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.model.milp import FloatArray, IntArray
from evsiting.study.horizon import Horizon

ObjectArray = NDArray[np.object_]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Places:
    """Pairs of a site and a plant type that may stand there: index q.

    Parameters
    ----------
    site, plant_type : numpy.ndarray of int, shape (Q,)
        Positions in the sorted codes.
    capacity, staff, fixed : numpy.ndarray, shape (Q, T)
        Of the plants that stand or are committed, as if none were closed. [unit/yr, FTE, USD/yr]
    """

    site: IntArray
    plant_type: IntArray
    capacity: FloatArray
    staff: FloatArray
    fixed: FloatArray


@dataclass(frozen=True)
class Changes:
    """What may change at a place at the start of a period, once each: index c.

    An option that is built, a paused plant that is resumed, a standing plant that is closed, an option built in one
    period that is closed in a later one. What a change adds counts from its period on; a closing adds less than
    nothing. An option that expands another adds the difference.

    Parameters
    ----------
    kind : numpy.ndarray of object, shape (C,)
        ``build``, ``resume``, ``close`` or, of what was built, ``retire``.
    name : numpy.ndarray of object, shape (C,)
        The option, or the plant.
    place : numpy.ndarray of int, shape (C,)
        Position in :class:`Places`.
    expands : numpy.ndarray of int, shape (C,)
        The change out of which it grows; -1 where it stands on its own.
    retires : numpy.ndarray of int, shape (C,)
        The building that it undoes; -1 for the other kinds.
    built : numpy.ndarray of int, shape (C,)
        Period in which that was built; -1 for the other kinds.
    at_once : numpy.ndarray of bool, shape (C,)
        Whether an expansion may be made in the period in which what it expands is built.
    size : numpy.ndarray, shape (C,)
        Full own capacity of the option or plant, whatever it replaces; zero for a closing. [unit/yr]
    capacity, least, staff, fixed : numpy.ndarray, shape (C, T, T)
        What it adds in the second period when taken at the first: usable capacity, least use of it, staff, fixed cost.
        Zero before it is taken. [unit/yr, unit/yr, FTE, USD/yr]
    capex : numpy.ndarray, shape (C, T)
        Own investment when taken in a period, undiscounted. [USD]
    lump : numpy.ndarray, shape (C, T)
        Present value of what taking it costs: investment less what is left at the end, or the cost of closing. [USD]
    kept_credit : numpy.ndarray, shape (C,)
        Part of the credits on the investment that the partner leaves. [1]
    may_open : numpy.ndarray of bool, shape (C, T)
        Whether it may be taken in a period: an option with a lead time may not in the first ones.
    """

    kind: ObjectArray
    name: ObjectArray
    place: IntArray
    expands: IntArray
    retires: IntArray
    built: IntArray
    at_once: BoolArray
    size: FloatArray
    capacity: FloatArray
    least: FloatArray
    staff: FloatArray
    fixed: FloatArray
    capex: FloatArray
    lump: FloatArray
    kept_credit: FloatArray
    may_open: BoolArray

    @property
    def root(self) -> BoolArray:
        """Whether it is a new plant, and no expansion, resumption or closing. shape (C,)."""
        return np.asarray((self.kind == "build") & (self.expands < 0))


@dataclass(frozen=True)
class Recipes:
    """Pairs of a place and a product that it can make: index m.

    Parameters
    ----------
    place, product : numpy.ndarray of int, shape (M,)
        Positions.
    use, electricity, heat, labor, good_share : numpy.ndarray, shape (M,)
        Capacity, electricity, heat and hours of one unit, and good units per unit begun. [1, kWh, kWh, h, 1]
    connection : numpy.ndarray, shape (M,)
        Load that is connected for one unit a year. [kW/(unit/yr)]
    material : numpy.ndarray, shape (M, T)
        Bought material of one unit. [USD/unit]
    inputs : numpy.ndarray, shape (P, M)
        Units of every product in one unit that is begun, by the recipe of the plant type; what is passed on goes in as
        it comes out.
    step : numpy.ndarray of int, shape (M,)
        Step at which the product is passed on; 0 where it is made.
    """

    place: IntArray
    product: IntArray
    use: FloatArray
    electricity: FloatArray
    heat: FloatArray
    labor: FloatArray
    good_share: FloatArray
    connection: FloatArray
    material: FloatArray
    inputs: FloatArray
    step: IntArray

    def of(self, product: int) -> BoolArray:
        """Return where a product is made, and not only passed on. shape (M,)"""
        return np.asarray((self.product == product) & (self.step == 0))


@dataclass(frozen=True)
class ByProducts:
    """Pairs of a place and a product that comes with what is made there: index b.

    Parameters
    ----------
    place, product : numpy.ndarray of int, shape (B,)
        Positions.
    disposal : numpy.ndarray, shape (B,)
        Cost of a unit that nobody takes; NaN where all of it must leave. [USD/unit]
    row, make : numpy.ndarray of int, shape (G,)
        Which pair comes of which recipe of :class:`Recipes`.
    units : numpy.ndarray, shape (G,)
        So much of it with one good unit. [1]
    """

    place: IntArray
    product: IntArray
    disposal: FloatArray
    row: IntArray
    make: IntArray
    units: FloatArray


@dataclass(frozen=True)
class Lanes:
    """Lanes that can carry something in some plan: index l.

    Parameters
    ----------
    product : numpy.ndarray of int, shape (L,)
        What is shipped.
    site, supplier : numpy.ndarray of int, shape (L,)
        Origin; -1 where it is the other kind.
    to_site, to_market : numpy.ndarray of int, shape (L,)
        Destination; -1 where it is the other kind.
    freight : numpy.ndarray, shape (L, T)
        USD/unit.
    duty, emissions, time_h : numpy.ndarray, shape (L,)
        Further duty, emissions, time. [USD/unit, kg/unit, h]
    route : numpy.ndarray of object, shape (L,)
        Crossings and ports on the way, parted by ``;``.
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
    time_h: FloatArray
    route: ObjectArray
    frame: pd.DataFrame


@dataclass(frozen=True)
class SiteValues:
    """Figures of the sites by period.

    Parameters
    ----------
    country, region : numpy.ndarray of object, shape (S,)
        Codes.
    wage, hourly : numpy.ndarray, shape (S, T)
        Straight and burdened wage. [USD/h]
    power, heat_price : numpy.ndarray, shape (S, T)
        Prices of electricity and of process heat. [USD/kWh]
    grid, heat_factor : numpy.ndarray, shape (S, T)
        Emissions of electricity and of process heat. [kg/kWh]
    """

    country: ObjectArray
    region: ObjectArray
    wage: FloatArray
    hourly: FloatArray
    power: FloatArray
    heat_price: FloatArray
    grid: FloatArray
    heat_factor: FloatArray


@dataclass(frozen=True)
class SupplierValues:
    """Figures of the suppliers.

    Parameters
    ----------
    country, company : numpy.ndarray of object, shape (U,)
        Country of origin and company; an empty text where unknown.
    product : numpy.ndarray of int, shape (U,)
        What it sells.
    price : numpy.ndarray, shape (U, T)
        Free on board. [USD/unit]
    capacity : numpy.ndarray, shape (U, T)
        Most it sells; infinite where there is no limit. [unit/yr]
    emissions : numpy.ndarray, shape (U,)
        Embodied. [kg/unit]
    foreign : numpy.ndarray of bool, shape (U,)
        Whether it is a prohibited foreign entity.
    """

    country: ObjectArray
    company: ObjectArray
    product: IntArray
    price: FloatArray
    capacity: FloatArray
    emissions: FloatArray
    foreign: BoolArray


@dataclass(frozen=True)
class Demands:
    """Pairs of a market and a product that it wants: index d.

    Parameters
    ----------
    market, product : numpy.ndarray of int, shape (D,)
        Positions.
    units : numpy.ndarray, shape (D, T)
        Demand. [unit/yr]
    penalty : numpy.ndarray, shape (D, T)
        Cost of an unserved unit; NaN where all must be served. [USD/unit]
    promise : numpy.ndarray, shape (D, T)
        Promised delivery time; infinite where there is none. [h]
    late : numpy.ndarray, shape (D, T)
        Cost of a unit that arrives later. [USD/unit]
    """

    market: IntArray
    product: IntArray
    units: FloatArray
    penalty: FloatArray
    promise: FloatArray
    late: FloatArray


@dataclass(frozen=True)
class Sets:
    """Everything that the constraint families read.

    Parameters
    ----------
    horizon : Horizon
        Periods and their weights; T of them.
    sites, plant_types, products, markets, suppliers : pandas.Index
        Sorted codes, so that the order of a table's rows changes nothing.
    scale : numpy.ndarray, shape (P,)
        Units of a product in one unit of its columns: keeps coefficients near one.
    value, mass : numpy.ndarray, shape (P,)
        Of one unit. [USD/unit, kg/unit]
    bom : numpy.ndarray, shape (P, P)
        ``bom[a, b]`` units of a in one unit of b, before yield: the most of any plant type that makes b.
    places, changes, makes, by_products, lanes, wants
        The sparse pairs.
    site_values, supplier_values
        Figures in the order of ``sites`` and ``suppliers``.
    market_country, market_region : numpy.ndarray of object, shape (J,)
        Codes in the order of ``markets``.
    """

    horizon: Horizon
    sites: pd.Index
    plant_types: pd.Index
    products: pd.Index
    markets: pd.Index
    suppliers: pd.Index
    scale: FloatArray
    value: FloatArray
    mass: FloatArray
    bom: FloatArray
    places: Places
    changes: Changes
    makes: Recipes
    by_products: ByProducts
    lanes: Lanes
    wants: Demands
    site_values: SiteValues
    supplier_values: SupplierValues
    market_country: ObjectArray
    market_region: ObjectArray

    @property
    def type_scale(self) -> FloatArray:
        """Scale of the capacity of each plant type: that of its first product. shape (K,)"""
        scale = np.ones(len(self.plant_types))
        kinds = self.places.plant_type[self.makes.place]
        scale[kinds[::-1]] = self.scale[self.makes.product[::-1]]
        return scale

    @property
    def gross(self) -> FloatArray:
        r"""Units of every product needed at least for one good unit of every product. shape (P, P).

        .. math:: (I - G)^{-1}, \qquad G_{ap} = \min_{m \text{ makes } p} B_{am} / y_m

        with the inputs B and the yield y of every plant type that can make the product; inputs that one recipe does
        without are not needed, and none for a product that may come as a by-product.
        """
        made = np.flatnonzero(self.makes.step == 0)
        least = np.full(self.bom.shape, np.inf)
        each = (self.makes.inputs / self.makes.good_share)[:, made]
        np.minimum.at(least.T, self.makes.product[made], each.T)
        least = np.where(np.isfinite(least), least, self.bom)
        least[:, self.by_products.product] = 0.0
        return np.linalg.inv(np.eye(len(self.products)) - least)

    @property
    def takes(self) -> BoolArray:
        """Whether a site can use a product for another one, by the recipes of its plant types. shape (S, P, P)."""
        out = np.zeros((len(self.sites), len(self.products), len(self.products)), dtype=np.bool_)
        part, make = np.nonzero(self.makes.inputs * (self.makes.step == 0))
        out[self.places.site[self.makes.place[make]], part, self.makes.product[make]] = True
        return out

    def place_name(self, place: int) -> tuple[str, str]:
        """Return the codes of the site and of the plant type of a place."""
        return str(self.sites[self.places.site[place]]), str(self.plant_types[self.places.plant_type[place]])

    @property
    def most(self) -> FloatArray:
        """Most capacity that a place can have in any period: an upper bound. shape (Q, T) [unit/yr]."""
        out = self.places.capacity.copy()
        largest = np.zeros(len(out))
        built = self.changes.kind == "build"
        np.maximum.at(largest, self.changes.place[built], self.changes.size[built])
        resumed = self.changes.kind == "resume"
        np.add.at(largest, self.changes.place[resumed], self.changes.size[resumed])
        return np.asarray(out + largest[:, None])


def positions(codes: pd.Index, wanted: Iterable[object]) -> IntArray:
    """Return where each wanted code stands among the codes; -1 where it does not.

    Examples
    --------
    >>> positions(pd.Index(["cell", "pack"]), ["pack", "vehicle"])
    array([ 1, -1])
    """
    return codes.get_indexer(pd.Index(wanted)).astype(np.int64)
