"""New and standing plants in every period, and the figures of their sites."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from evsiting.results.rules.audit.records import number, records, text
from evsiting.results.rules.audit.timing import Timing
from evsiting.study.study import Study

__all__ = ["Opening", "PlantYears"]


class Opening(NamedTuple):
    """A new plant or an expansion that a plan builds.

    ``invested`` [USD], yearly ``fixed`` cost [USD/yr] and ``staff`` [FTE] are the own part, without a partner's;
    ``kept_credit`` is the part of credits that stays; ``expands`` the option that it grows out of, if any.
    """

    site: str
    plant_type: str
    option: str
    period: str
    expands: str
    invested: float
    fixed: float
    staff: float
    kept_credit: float

    @property
    def is_new(self) -> bool:
        """Whether it is a new plant and no expansion."""
        return not self.expands


class PlantYears:
    """What stands when, by the tables ``options``, ``plants`` and ``sites`` and by what a plan opens and closes.

    Parameters
    ----------
    study : Study
        With all site columns.
    tables : mapping of str to pandas.DataFrame
        ``openings``, ``closings`` and ``resumptions`` of a plan.
    timing : Timing
        Years and trajectories of the same study.
    """

    def __init__(self, study: Study, tables: Mapping[str, pd.DataFrame], timing: Timing) -> None:
        self.study, self.tables, self.timing = study, tables, timing

    @cached_property
    def _sites(self) -> dict[str, dict[str, Any]]:
        table = pd.DataFrame(self.study.sites.drop(columns="geometry"))
        return {str(row["site"]): {str(k): cell for k, cell in row.items()} for row in table.to_dict("records")}

    def knows(self, site: str) -> bool:
        """Whether the study has a site of that code; a plan may name any."""
        return site in self._sites

    def country(self, site: str) -> str:
        """Return the country of a site; nothing where the study has no such site."""
        return str(self._sites[site]["country"]) if site in self._sites else ""

    def around(self, site: str) -> tuple[str, str, str]:
        """Return the places of a site from the most exact: its code, its region, its country."""
        row = self._sites[site]
        return site, text(row["region"]), text(row["country"])

    def has_figure(self, site: str, column: str) -> bool:
        """Whether the study has such a site, and the site a figure."""
        return site in self._sites and bool(pd.notna(self._sites[site][column]))

    def cell(self, site: str, column: str) -> float:
        """Return a figure of a site; zero where it has none."""
        return number(self._sites[site][column])

    def figure(self, site: str, column: str, period: str) -> float:
        """Return a figure of a site in a period."""
        return self.cell(site, column) * self.timing.factor(column, period, *self.around(site))

    def hourly(self, site: str, period: str) -> float:
        """Return what an hour of work costs. [USD/h]"""
        return self.figure(site, "wage_usd_per_h", period) * (1.0 + self.cell(site, "payroll_burden"))

    @cached_property
    def opened(self) -> list[Opening]:
        """Every new plant and expansion."""
        cells = (
            "plant_type", "option", "expands", "capex_usd", "fixed_usd_per_yr", "staff_fte", "partner_capex_share",
            "partner_output_share", "partner_credit_share",
        )  # fmt: skip
        options = {(kind, option): rest for kind, option, *rest in records(self.study.options, *cells)}
        openings = []
        for site, kind, option, period in records(self.tables["openings"], "site", "plant_type", "option", "period"):
            expands, capex, fixed, staff, *partner = options[kind, option]
            of_capex, of_output, of_credit = (1.0 - number(share) for share in partner)
            usd = number(capex) * of_capex * self.timing.factor("capex_usd", period, *self.around(site))
            own = number(fixed) * of_output, number(staff) * of_output
            openings.append(Opening(site, kind, option, period, text(expands), usd, *own, of_credit))
        return openings

    @cached_property
    def _move_periods(self) -> dict[str, dict[str, list[str]]]:
        """Periods of closings and resumptions, by move and plant."""
        periods_of: dict[str, dict[str, list[str]]] = {"closings": {}, "resumptions": {}}
        for move, plants in periods_of.items():
            for plant, period in records(self.tables[move], "plant", "period"):
                plants.setdefault(plant, []).append(period)
        return periods_of

    @cached_property
    def moves(self) -> list[tuple[str, str, float | None, float | None]]:
        """Site and period of every closing and resumption, with what closing and what resuming costs. [USD]"""
        price = {p: rest for p, *rest in records(self.study.plants, "plant", "site", "closing_usd", "resume_usd")}
        moves: list[tuple[str, str, float | None, float | None]] = []
        for plant, periods in self._move_periods["closings"].items():
            moves += [(price[plant][0], period, number(price[plant][1]), None) for period in periods]
        fee = dict(self._fees())
        for site, kind, option, period in records(self.tables["retirements"], "site", "plant_type", "option", "period"):
            moves.append((site, period, fee[kind, option], None))
        for plant, periods in self._move_periods["resumptions"].items():
            moves += [(price[plant][0], period, None, number(price[plant][2])) for period in periods]
        return moves

    def _fees(self) -> Iterator[tuple[tuple[str, str], float]]:
        """Yield what closing an option that was built costs. [USD]"""
        options = self.study.options
        if "closing_usd" in options:
            for kind, option, usd in records(options, "plant_type", "option", "closing_usd"):
                yield (kind, option), number(usd)

    @cached_property
    def _retired(self) -> dict[tuple[str, str, str], int]:
        """First year in which an option that was built stands no more."""
        first_years: dict[tuple[str, str, str], int] = {}
        for *key, period in records(self.tables["retirements"], "site", "plant_type", "option", "period"):
            year = self.timing.years[period][0]
            plant = (key[0], key[1], key[2])
            first_years[plant] = min(year, first_years.get(plant, year))
        return first_years

    def _first(self, move: str, plant: str) -> float:
        """Return the first year in which a move of a plant counts; infinite where there is none."""
        periods = self._move_periods[move].get(plant, [])
        return min((self.timing.years[period][0] for period in periods), default=math.inf)

    @cached_property
    def running(self) -> list[tuple[str, str, str, float, float]]:
        """Site, plant type, period, fixed cost [USD/yr] and fixed staff [FTE] of every plant that stands."""
        return [*self._standing(), *self._running_new()]

    def _standing(self) -> list[tuple[str, str, str, float, float]]:
        cells = ("plant", "site", "plant_type", "status", "first_year", "last_year", "fixed_usd_per_yr", "staff_fte")
        standing = []
        for plant, site, kind, status, first, last, fixed, staff in records(self.study.plants, *cells):
            gone, back = self._first("closings", plant), self._first("resumptions", plant)
            for period, years in self.timing.years.items():
                there = years[0] < gone if status in ("existing", "committed") else years[0] >= back
                if status not in ("existing", "committed", "paused") or not there:
                    continue
                runs = sum(self.timing.in_force(first, last, year) for year in years) / len(years)
                if runs:
                    standing.append((site, kind, period, number(fixed) * runs, number(staff) * runs))
        return standing

    def _running_new(self) -> list[tuple[str, str, str, float, float]]:
        running = []
        opening_of = {(step.site, step.plant_type, step.option): step for step in self.opened}
        for step in self.opened:
            before = opening_of.get((step.site, step.plant_type, step.expands))
            tax = self.cell(step.site, "property_tax_rate") * step.invested
            fixed, staff = step.fixed + tax, step.staff
            fixed += self.cell(step.site, "fixed_usd_per_yr") if step.is_new else 0.0
            if before is not None:
                fixed, staff = fixed - before.fixed, staff - before.staff
            begun = self.timing.years[step.period][0]
            gone = self._retired.get((step.site, step.plant_type, step.option), math.inf)
            for period, years in self.timing.years.items():
                if begun <= years[0] < gone:
                    running.append((step.site, step.plant_type, period, fixed, staff))
        return running
