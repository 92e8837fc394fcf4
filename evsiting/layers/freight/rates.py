"""Rates of freight per product: money, time and emissions per kilometre of each mode."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evsiting.errors import InputError, Problem
from evsiting.layers.geo.geodesic import Floats
from evsiting.layers.parameters import Parameters

#: Hours of a year, for capital tied up on the way. [h]
HOURS_PER_YEAR = 8760.0

#: What keys of finished vehicles begin with.
CARS = "freight.finished_vehicle"
#: Keys of emissions by mass and by load, by mode.
EMISSION_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "truck": (("freight.truck.co2",), ("freight.truck.co2_per_km", f"{CARS}.truck_co2_per_km")),
    "rail": (("freight.rail.co2",), (f"{CARS}.railcar_co2_per_km",)),
    "sea": (("freight.water.co2", "freight.sea.container.co2"), (f"{CARS}.ship_co2_per_km", f"{CARS}.ship_load")),
}
#: Keys that are rates of emissions, and keys that are loads.
RATES_OF_EMISSION = frozenset(
    key for pair in EMISSION_KEYS.values() for keys in pair for key in keys if not key.endswith("load")
)
LOADS = frozenset({f"{CARS}.truck_load", f"{CARS}.rail_bilevel_load", f"{CARS}.ship_load"})


@dataclass(frozen=True)
class Rates:
    """What freight costs, how fast it goes and what it emits.

    Parameters
    ----------
    truck_usd_per_tkm, rail_usd_per_tkm, sea_usd_per_tkm : float
        Rate by mass. [USD/t-km]
    sea_usd_per_vehicle : float
        Car carrier, any ocean leg. [USD/vehicle]
    truck_usd_per_loaded_km : float
        A full truck, empty kilometres charged to loaded ones. [USD/km]
    rail_terminal_usd_per_t : float
        Both terminals of a rail lane together. [USD/t]
    truck_kg_per_tkm, rail_kg_per_tkm, sea_kg_per_tkm : float
        Emissions by mass, tank to wheel. [kgCO2/t-km]
    truck_km_per_h, rail_km_per_h, sea_km_per_h : float
        Speeds; that of trucks over day and night. [km/h]
    rail_terminal_h : float
        Dwell at both terminals together. [h]
    vehicles_per_truck, vehicles_per_railcar : float
        Finished vehicles on a full truck and in a full railcar: they fill its room, not its axles. [vehicles]
    railcar_usd_per_km : float
        A railcar full of vehicles. [USD/km]
    port_usd_per_t, port_h : float
        Handling and dwell at a port of entry. [USD/t], [h]
    terminal_kg_per_t : float
        Emissions of one handling at a rail terminal or a port. [kgCO2/t]
    circuity : float
        Road over great circle. [1]
    border_h : dict of str to float
        Wait of a truck at a border by neighbour of the United States. [h]
    reach_km : float
        Farthest station. [km]
    payload_t : float
        Load of a full truck, where a product that is no vehicle fills its room. [t]
    truck_kg_per_loaded_km, hauler_kg_per_loaded_km, railcar_kg_per_loaded_km, ship_kg_per_loaded_km : float
        Emissions of a truck, car hauler, railcar and car carrier, empty kilometres charged to loaded ones; not a number
        where emissions go by mass. [kgCO2/km]
    vehicles_per_ship : float
        Finished vehicles on a car carrier as loaded. [vehicles]
    by_load : frozenset of str
        Modes whose emissions go by the load for what fills the room: truck, rail, sea.
    """

    truck_usd_per_tkm: float
    rail_usd_per_tkm: float
    sea_usd_per_tkm: float
    sea_usd_per_vehicle: float
    truck_usd_per_loaded_km: float
    rail_terminal_usd_per_t: float
    truck_kg_per_tkm: float
    rail_kg_per_tkm: float
    sea_kg_per_tkm: float
    truck_km_per_h: float
    rail_km_per_h: float
    sea_km_per_h: float
    rail_terminal_h: float
    vehicles_per_truck: float
    vehicles_per_railcar: float
    railcar_usd_per_km: float
    port_usd_per_t: float
    port_h: float
    terminal_kg_per_t: float
    circuity: float
    border_h: dict[str, float]
    reach_km: float
    payload_t: float = math.nan
    truck_kg_per_loaded_km: float = math.nan
    hauler_kg_per_loaded_km: float = math.nan
    railcar_kg_per_loaded_km: float = math.nan
    ship_kg_per_loaded_km: float = math.nan
    vehicles_per_ship: float = math.nan
    by_load: frozenset[str] = frozenset()

    @classmethod
    def of(cls, figures: Parameters, *, vehicles: bool = True, bulky: bool = False) -> Rates:
        """Return the rates of a study's figures.

        Parameters
        ----------
        figures : Figures
            Of the study; those that are looked up are noted.
        vehicles : bool
            Whether finished vehicles are among the products.
        bulky : bool
            Whether another product fills the room of a truck before it weighs enough.

        Raises
        ------
        InputError
            If the study gives a load, a rate or a share of empty running that cannot be, or in another unit.
        """
        get = figures.get
        terminal = "freight.rail.terminal_cost_per_t"
        check(figures)
        by_load = modes_by_load(figures)
        empty = get("freight.truck.empty_share")
        truck, rail, sea = (vehicles and mode in by_load for mode in ("truck", "rail", "sea"))
        return cls(
            truck_usd_per_tkm=get("freight.truck.cost_per_tkm"),
            rail_usd_per_tkm=get("freight.rail.revenue_per_tkm"),
            sea_usd_per_tkm=get("freight.sea.container_cost_per_tkm"),
            sea_usd_per_vehicle=get("freight.sea.vehicle_cost"),
            truck_usd_per_loaded_km=per_loaded_km(get("freight.truck.cost_per_km"), empty),
            rail_terminal_usd_per_t=2.0 * get(terminal) if figures.has(terminal) else 0.0,
            truck_kg_per_tkm=0.001 * get("freight.truck.co2"),
            rail_kg_per_tkm=0.001 * get("freight.rail.co2"),
            sea_kg_per_tkm=0.001 * get(sea_by_mass(figures)),
            truck_km_per_h=get("freight.truck.distance_per_day") / 24.0,
            rail_km_per_h=get("freight.rail.line_haul_speed"),
            sea_km_per_h=get("freight.sea.speed"),
            rail_terminal_h=2.0 * get("freight.rail.terminal_dwell"),
            vehicles_per_truck=get("freight.finished_vehicle.truck_load") if vehicles else math.nan,
            vehicles_per_railcar=get("freight.finished_vehicle.rail_bilevel_load") if vehicles else math.nan,
            railcar_usd_per_km=get("freight.finished_vehicle.railcar_rate") if vehicles else math.nan,
            port_usd_per_t=get("freight.port.cost_per_t"),
            port_h=get("freight.port.dwell"),
            terminal_kg_per_t=get("freight.terminal.co2"),
            circuity=get("freight.road.circuity"),
            border_h={"CA": get("freight.border.delay_us_ca"), "MX": get("freight.border.delay_us_mx")},
            reach_km=get("freight.rail.reach"),
            payload_t=get("freight.truck.payload") if bulky else math.nan,
            truck_kg_per_loaded_km=per_loaded_km(get("freight.truck.co2_per_km"), empty)
            if bulky and "truck" in by_load
            else math.nan,
            hauler_kg_per_loaded_km=per_loaded_km(get(f"{CARS}.truck_co2_per_km"), empty) if truck else math.nan,
            railcar_kg_per_loaded_km=per_loaded_km(
                get(f"{CARS}.railcar_co2_per_km"), get(f"{CARS}.railcar_empty_share")
            )
            if rail
            else math.nan,
            ship_kg_per_loaded_km=per_loaded_km(get(f"{CARS}.ship_co2_per_km"), get(f"{CARS}.ship_empty_share"))
            if sea
            else math.nan,
            vehicles_per_ship=get(f"{CARS}.ship_load") if sea else math.nan,
            by_load=by_load,
        )


def per_loaded_km(rate: float, empty_percent: float) -> float:
    r"""Return a rate of each kilometre as one of each loaded kilometre: :math:`r / (1 - e)`, in the unit of ``rate``.

    Parameters
    ----------
    rate : float
        Money or emissions of a kilometre, the mean of loaded and empty ones.
    empty_percent : float
        Part of all kilometres that is driven empty. [percent]

    Examples
    --------
    >>> round(per_loaded_km(1.148, 16.7), 3)
    1.378
    """
    return rate / (1.0 - 0.01 * empty_percent)


def sea_by_mass(figures: Parameters) -> str:
    """Return the key of the rate by mass at sea: that of a container ship, or a study's own of any ship."""
    own = figures.has_own("freight.water.co2") and not figures.has_own("freight.sea.container.co2")
    return "freight.water.co2" if own else "freight.sea.container.co2"


def modes_by_load(figures: Parameters) -> frozenset[str]:
    """Return the modes in which what fills the room emits by the load.

    A study that gives a rate by mass of its own, and none by load, means it for whatever it ships by that mode.
    """
    return frozenset(
        mode
        for mode, (mass, loads) in EMISSION_KEYS.items()
        if not any(figures.has_own(key) for key in mass) or any(figures.has_own(key) for key in loads)
    )


def check(figures: Parameters) -> None:
    """Refuse loads, rates and shares of a study's own that cannot be, all at once."""
    wrong = []
    for key, value in figures.own():
        if key.startswith("freight.") and key.endswith("empty_share") and not 0.0 <= value < 100.0:
            wrong.append((key, value, "a share of empty kilometres is 0 or more and less than 100 percent"))
        elif key in LOADS and not value > 0.0:
            wrong.append((key, value, "a load is more than nothing"))
        elif key in RATES_OF_EMISSION and not value >= 0.0:
            wrong.append((key, value, "a rate of emissions is 0 or more"))
    if wrong:
        fix = "Mend the value, or leave the row out and the package's figure is taken"
        raise InputError([Problem(f"parameters, key {key!r}", what, f"{value:g}", fix) for key, value, what in wrong])


@dataclass(frozen=True)
class Carriage:
    r"""The rates of one product.

    What fills the room of a truck before it weighs enough is paid by the load: finished vehicles by the truck and the
    railcar, other products as if they weighed their part of a full truck. So are its emissions: for finished vehicles

    .. math:: g_m = \frac{r_m}{(1 - e_m)\, n_m}

    by the kilometre, with the emissions :math:`r_m` of a car hauler, railcar or car carrier by kilometre, its part of
    empty kilometres :math:`e_m` and the vehicles :math:`n_m` on it; other products by the loaded truck, and by rail and
    sea as if they weighed their part of a full truck. What is heavy emits by mass, :math:`g_m = f_m w`.

    Parameters
    ----------
    rates : Rates
        Of the study.
    mass_t : float
        Mass of a unit as shipped. [t/unit]
    units_per_truck : float
        Units on a full truck; not a number where mass is the limit, or for a vehicle where the rates say it. [unit]
    discount_rate : float
        Cost of capital on the way. [1/yr]
    vehicle : bool
        Whether a unit is a vehicle, which goes by railcar, and to sea on a car carrier at a price by volume and not
        by distance.
    """

    rates: Rates
    mass_t: float
    units_per_truck: float
    discount_rate: float
    vehicle: bool = False

    @property
    def truck_usd_per_km(self) -> float:
        """Truck freight of one unit. [USD/km]."""
        if np.isfinite(self.units_per_truck):
            return self.rates.truck_usd_per_loaded_km / self.units_per_truck
        if self.vehicle:
            return self.rates.truck_usd_per_loaded_km / self.rates.vehicles_per_truck
        return self.rates.truck_usd_per_tkm * self.mass_t

    @property
    def paid_t(self) -> float:
        """Mass that is paid for by rail and by sea: that of the unit, or its part of a full truck. [t/unit]."""
        if self.vehicle or not np.isfinite(self.units_per_truck):
            return self.mass_t
        return max(self.mass_t, self.rates.payload_t / self.units_per_truck)

    @property
    def rail_usd_per_km(self) -> float:
        """Line haul by rail of one unit: vehicles by the railcar. [USD/km]."""
        if self.vehicle:
            return self.rates.railcar_usd_per_km / self.rates.vehicles_per_railcar
        return self.rates.rail_usd_per_tkm * self.paid_t

    @property
    def truck_kg_per_km(self) -> float:
        """Emissions of one unit by truck. [kgCO2/km]."""
        if "truck" in self.rates.by_load and self.vehicle:
            load = self.units_per_truck if np.isfinite(self.units_per_truck) else self.rates.vehicles_per_truck
            return self.rates.hauler_kg_per_loaded_km / load
        if "truck" in self.rates.by_load and np.isfinite(self.units_per_truck):
            return self.rates.truck_kg_per_loaded_km / self.units_per_truck
        return self.rates.truck_kg_per_tkm * self.mass_t

    @property
    def rail_kg_per_km(self) -> float:
        """Emissions of one unit on rails. [kgCO2/km]."""
        if "rail" not in self.rates.by_load:
            return self.rates.rail_kg_per_tkm * self.mass_t
        if self.vehicle:
            return self.rates.railcar_kg_per_loaded_km / self.rates.vehicles_per_railcar
        return self.rates.rail_kg_per_tkm * self.paid_t

    @property
    def sea_kg_per_km(self) -> float:
        """Emissions of one unit at sea. [kgCO2/km]."""
        if "sea" not in self.rates.by_load:
            return self.rates.sea_kg_per_tkm * self.mass_t
        if self.vehicle:
            return self.rates.ship_kg_per_loaded_km / self.rates.vehicles_per_ship
        return self.rates.sea_kg_per_tkm * self.paid_t

    def sea_usd(self, km: Floats) -> Floats:
        """Return sea freight of one unit over a distance by sea, shape of ``km``. [USD/unit]."""
        if self.vehicle:
            return np.where(np.isfinite(km), self.rates.sea_usd_per_vehicle, np.inf)
        return np.asarray(self.rates.sea_usd_per_tkm * self.paid_t * km)

    def capital(self, value: Floats | float, hours: Floats) -> Floats:
        r"""Return what capital tied up on the way costs: value :math:`\cdot r \cdot h / 8760`. [USD/unit].

        Parameters
        ----------
        value : float or numpy.ndarray
            Value of a unit. [USD/unit]
        hours : numpy.ndarray
            Time on the way. [h]
        """
        return np.asarray(hours * value * (self.discount_rate / HOURS_PER_YEAR))
