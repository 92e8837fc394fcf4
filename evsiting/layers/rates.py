"""Rates of freight per product: money, time and emissions per kilometre of each mode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsiting.layers.figures import Figures
from evsiting.layers.routing.geodesic import Floats

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
    circuity : float
        Road over great circle. [1]
    border_h : dict of str to float
        Wait of a truck at a border by neighbour of the United States. [h]
    reach_km : float
        Farthest station. [km]
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
    circuity: float
    border_h: dict[str, float]
    reach_km: float

    @classmethod
    def of(cls, figures: Figures) -> Rates:
        """Return the rates of a study's figures."""
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
            circuity=get("freight.road.circuity"),
            border_h={"CA": get("freight.border.delay_us_ca"), "MX": get("freight.border.delay_us_mx")},
            reach_km=get("freight.rail.reach"),
        )


@dataclass(frozen=True)
class Carriage:
    """The rates of one product.

    Parameters
    ----------
    rates : Rates
        Of the study.
    mass_t : float
        Mass of a unit as shipped. [t/unit]
    units_per_truck : float
        Units on a full truck; not a number where mass is the limit. [unit]
    discount_rate : float
        Cost of capital on the way. [1/yr]
    vehicle : bool
        Whether a unit is a vehicle, which goes to sea on a car carrier at a price by volume and not by
        distance.
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
        return self.rates.truck_usd_per_tkm * self.mass_t

    def sea_usd(self, km: Floats) -> Floats:
        """Return sea freight of one unit over a distance by sea, shape of ``km``. [USD/unit]."""
        if self.vehicle:
            return np.where(np.isfinite(km), self.rates.sea_usd_per_vehicle, np.inf)
        return np.asarray(self.rates.sea_usd_per_tkm * self.mass_t * km)

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
