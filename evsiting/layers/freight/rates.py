"""Rates of freight per product: money, time and emissions per kilometre of each mode."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evsiting.layers.geo.geodesic import Floats
from evsiting.layers.parameters import Parameters

#: Hours of a year, for capital tied up on the way. [h]
HOURS_PER_YEAR = 8760.0


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
        Emissions, tank to wheel. [kgCO2/t-km]
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
        """
        get = figures.get
        terminal = "freight.rail.terminal_cost_per_t"
        return cls(
            truck_usd_per_tkm=get("freight.truck.cost_per_tkm"),
            rail_usd_per_tkm=get("freight.rail.revenue_per_tkm"),
            sea_usd_per_tkm=get("freight.sea.container_cost_per_tkm"),
            sea_usd_per_vehicle=get("freight.sea.vehicle_cost"),
            truck_usd_per_loaded_km=get("freight.truck.cost_per_km") / (1.0 - 0.01 * get("freight.truck.empty_share")),
            rail_terminal_usd_per_t=2.0 * get(terminal) if figures.has(terminal) else 0.0,
            truck_kg_per_tkm=0.001 * get("freight.truck.co2"),
            rail_kg_per_tkm=0.001 * get("freight.rail.co2"),
            sea_kg_per_tkm=0.001 * get("freight.water.co2"),
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
        )


@dataclass(frozen=True)
class Carriage:
    """The rates of one product.

    What fills the room of a truck before it weighs enough is paid by the load: finished vehicles by the truck and the
    railcar, other products as if they weighed their part of a full truck. Emissions go by mass in every mode: the
    factors are means by tonne-kilometre, and no source gives one by loaded railcar.

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
