"""What the plausibility page is made from: a study, its plan and what is worked out of both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

import evsiting as ev
from evsiting.layers.freight.rates import Carriage, Rates
from evsiting.layers.parameters import Parameters
from evsiting.results.analysis.timeline import capacity_by_period

KINDS = ("cell", "pack", "assembly")
KWH = 1e6  # of a GWh


@dataclass(frozen=True)
class Facts:
    """What the page is made from: a study, its plan and what is worked out of both."""

    study: ev.Study
    plan: ev.Plan

    @cached_property
    def last(self) -> str:
        """The last period."""
        return str(self.study.periods["period"].iloc[-1])

    @cached_property
    def first(self) -> str:
        """The first period."""
        return str(self.study.periods["period"].iloc[0])

    @cached_property
    def carriage(self) -> Carriage:
        """Freight of a vehicle."""
        product = self.study.products.set_index("product").loc["vehicle"]
        rates = Rates.of(Parameters(self.study))
        return Carriage(rates, 0.001 * product["mass_kg_per_unit"], product["units_per_truck"], 0.0, vehicle=True)

    def option(self, kind: str, name: str, column: str) -> float:
        """Return a figure of an option."""
        rows = self.study.options.query("plant_type == @kind and option == @name")
        return float(rows[column].iloc[0])

    def per_unit(self, kind: str, name: str) -> float:
        """Return the investment in an option by yearly unit. [USD]"""
        return self.option(kind, name, "capex_usd") / self.option(kind, name, "capacity_units_per_yr")

    def staff(self, kind: str, name: str) -> float:
        """Return staff of an option at full load by yearly unit. [FTE]"""
        size = self.option(kind, name, "capacity_units_per_yr")
        hours = self.study.settings.model.hours_per_fte_year
        row = self.study.processes.query("plant_type == @kind").iloc[0]
        return self.option(kind, name, "staff_fte") / size + float(row["labor_h_per_unit"]) / hours

    def process(self, kind: str, column: str) -> float:
        """Return a figure of what a kind of plant makes."""
        return float(self.study.processes.query("plant_type == @kind")[column].iloc[0])

    def burdened(self, region: str) -> float:
        """Return the hourly wage with burden in a region, first period. [USD/h]"""
        sites = self.study.sites
        return self.straight(region) * (1.0 + float(sites.loc[sites["region"] == region, "payroll_burden"].iloc[0]))

    def straight(self, region: str) -> float:
        """Return the hourly wage without burden in a region, first period. [USD/h]"""
        sites = self.study.sites
        at = sites[sites["region"] == region].iloc[0]
        factor = 1.0
        for row in self.study.trajectories.query("column == 'wage_usd_per_h' and period == @self.first").itertuples():
            factor *= row.factor if row.place in (at["site"], at["region"], at["country"]) else 1.0
        return float(at["wage_usd_per_h"] * factor)

    def power(self, region: str) -> float:
        """Return the price of power in a region; none where the study has no site there. [USD/MWh]"""
        price = self.study.sites.loc[self.study.sites["region"] == region, "power_price_usd_per_mwh"]
        return float(price.iloc[0]) if len(price) else math.nan

    def gateway_vehicles(self, gateway: str) -> float:
        """Return how many vehicles may go through a gateway, if nothing else does. [million/yr]"""
        tonnes = self.study.gateways.loc[self.study.gateways["gateway"] == gateway, "capacity_t_per_yr"]
        mass = self.study.products.set_index("product").loc["vehicle", "mass_kg_per_unit"]
        return float(tonnes.iloc[0]) / float(mass) / 1e3 if len(tonnes) else math.nan

    @cached_property
    def load(self) -> pd.DataFrame:
        """Capacity and load by place and period, with the country."""
        rows = capacity_by_period(self.study, self.plan)
        return rows.assign(country=rows["site"].map(self.study.sites.set_index("site")["country"]))

    def use(self, kind: str, period: str = "", country: str = "") -> float:
        """Return how much of the usable capacity is used. [percent]"""
        rows = self.load[self.load["plant_type"] == kind]
        rows = rows[rows["period"] == period] if period else rows
        rows = rows[rows["country"] == country] if country else rows
        capacity = rows["capacity_units_per_yr"].sum()
        return 100.0 * float(rows["load_units_per_yr"].sum() / capacity) if capacity else math.nan

    def running(self, kind: str, period: str) -> pd.DataFrame:
        """Return the places that make something in a period."""
        rows = self.load
        return rows[(rows["plant_type"] == kind) & (rows["period"] == period) & (rows["load_units_per_yr"] > 0.0)]

    @cached_property
    def openings(self) -> pd.DataFrame:
        """What is new, with country, size and investment."""
        size = self.study.options[["plant_type", "option", "capacity_units_per_yr", "capex_usd", "expands"]]
        rows = self.plan.decisions["openings"].merge(size, on=["plant_type", "option"])
        return rows.assign(country=rows["site"].map(self.study.sites.set_index("site")["country"]))

    def new(self, kind: str) -> pd.DataFrame:
        """Return new plants of a kind, expansions left out."""
        rows = self.openings[self.openings["plant_type"] == kind]
        return rows[rows["expands"].isna() | (rows["expands"].astype(object) == "")]

    @cached_property
    def arrivals(self) -> pd.DataFrame:
        """Vehicles sent to markets, with the lane."""
        rows = self.plan.shipments.query("product == 'vehicle'")
        key = ["product", "origin", "destination", "mode"]
        return rows.merge(self.study.lanes, on=key, how="left", validate="many_to_one")

    def imported(self, country: str = "US", period: str = "") -> float:
        """Return the part of vehicles from outside the three countries. [percent]"""
        rows = ev.import_shares(self.study, self.plan).query("product == 'vehicle' and country == @country")
        rows = rows[rows["period"] == period] if period else rows
        return 100.0 * float(rows["imported_units_per_yr"].sum() / rows["units_per_yr"].sum())

    def years(self, rows: pd.DataFrame) -> pd.Series[float]:
        """Return the years of the period of each row."""
        return rows["period"].map(self.study.periods.set_index("period")["years"]).astype("float64")

    def spent(self, kind: str) -> float:
        """Return what new plants of a kind cost a year of the horizon. [bn USD/yr]"""
        rows = self.openings[self.openings["plant_type"] == kind]
        return float(rows["capex_usd"].sum() / self.study.periods["years"].sum() / 1e9)
