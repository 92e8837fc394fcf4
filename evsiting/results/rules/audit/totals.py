"""Totals of a plan by item, place, period and program: cost, emissions, jobs, late units."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from evsiting.results.rules.audit.customs_law import CustomsLaw
from evsiting.results.rules.audit.plants import PlantYears
from evsiting.results.rules.audit.records import number, records, text
from evsiting.results.rules.audit.timing import Timing
from evsiting.study.study import Study

__all__ = ["Key", "Totals"]


class Key(NamedTuple):
    """What a sum is of; empty where it does not apply."""

    item: str
    site: str
    product: str
    period: str
    program: str = ""


Sums = dict[Key, float]


class Totals:
    """Everything that a plan adds up to, from its tables and the study's, one loop for each kind of cost.

    Parameters
    ----------
    study : Study
        Complete: with lanes, incentives and all site columns.
    tables : mapping of str to pandas.DataFrame
        Every table of the plan; each row names what the study has.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> plan = ev.solve(study)
    >>> found = Totals(study, {**plan.tables}).cost
    >>> abs(sum(found.values()) / plan.totals["cost"] - 1.0) < 1e-9
    True
    """

    def __init__(self, study: Study, tables: Mapping[str, pd.DataFrame]) -> None:
        self.study, self.tables, self.timing = study, tables, Timing(study)
        self.customs = CustomsLaw(study, self.timing)
        self.plants = PlantYears(study, tables, self.timing)

    # ------------------------------------------------------------------------------------------ what a plan does

    @cached_property
    def made(self) -> list[tuple[str, str, str, str, float, dict[str, float]]]:
        """Production: site, plant type, product, period, units a year, and the figures of the process."""
        cells = ("electricity_kwh_per_unit", "heat_kwh_per_unit", "labor_h_per_unit", "material_usd_per_unit")
        processes = {
            (kind, product): dict(zip(cells, map(number, figures), strict=True))
            for kind, product, *figures in records(self.study.processes, "plant_type", "product", *cells)
        }
        rows = records(self.tables["production"], "site", "plant_type", "product", "period", "units_per_yr")
        return [(site, kind, product, t, units, processes[kind, product]) for site, kind, product, t, units in rows]

    @cached_property
    def sent(self) -> list[tuple[str, str, str, str, float, dict[str, float]]]:
        """Shipments: product, origin, destination, period, units a year, and the figures of the lane."""
        sent, key = self.tables["shipments"], ("product", "origin", "destination", "mode")
        lanes = self.study.lanes
        lanes = lanes[lanes["origin"].isin(sent["origin"]) & lanes["destination"].isin(sent["destination"])]
        cells = ("freight_usd_per_unit", "duty_usd_per_unit", "emissions_kg_per_unit", "time_h")
        asked = set(records(sent, *key))
        figures = {
            lane: dict(zip(cells, map(number, lane_figures), strict=True))
            for *names, freight, duty, carbon, hours in records(lanes, *key, *cells)
            if (lane := tuple(names)) in asked and (lane_figures := (freight, duty, carbon, hours))
        }
        rows = records(sent, *key, "period", "units_per_yr")
        return [(p, a, b, t, units, figures[p, a, b, mode]) for p, a, b, mode, t, units in rows]

    @cached_property
    def wanted(self) -> dict[tuple[str, str, str], dict[str, float]]:
        """Penalty, promised hours and cost of lateness of demand, by market, product and period; those that it has."""
        demand = self.study.demand
        cells = ("unmet_penalty_usd_per_unit", "promise_h", "late_usd_per_unit")
        terms: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
        for dated in (True, False):  # of rows of one market and product the last that has a figure holds
            for market, product, period, *figures in records(demand, "market", "product", "period", *cells):
                if bool(text(period)) == dated:
                    own = {name: float(cell) for name, cell in zip(cells, figures, strict=True) if cell == cell}
                    for t in [period] if dated else self.timing.periods:
                        terms[market, product, t].update(own)
        return terms

    # ------------------------------------------------------------------------------------------ cost

    @cached_property
    def cost(self) -> Sums:
        """Present value by item, place, product, period and program. [USD]"""
        sums: Sums = defaultdict(float)
        for part in (self._building, self._running, self._production, self._shipping, self._duties, self._reliefs,
                     self._automatic_credits, self._claimed, self._energy, self._unserved, self._discarded,
                     self._carbon, self._broken):  # fmt: skip
            for key, usd in part():
                sums[key] += usd
        return sums

    def _building(self) -> Iterator[tuple[Key, float]]:
        """Yield investment, its value beyond the horizon, and the cost of closing."""
        timing = self.timing
        for step in self.plants.opened:
            yield from self._invested(step.site, step.period, step.invested)
        for site, period, closing, resuming in self.plants.moves:
            if closing is not None:
                yield Key("closing", site, "", period), closing * timing.opening[period]
            if resuming is not None:
                yield from self._invested(site, period, resuming)

    def _invested(self, site: str, period: str, usd: float) -> Iterator[tuple[Key, float]]:
        paid, charged = self.timing.opening[period], self.timing.annuities[period]
        yield Key("capital", site, "", period), usd * paid
        yield Key("residual value", site, "", period), usd * (charged - paid)

    def _running(self) -> Iterator[tuple[Key, float]]:
        """Yield fixed cost and the wages of fixed staff."""
        hours = self.study.settings.model.hours_per_fte_year
        for site, _, period, fixed, staff in self.plants.running:
            years = self.timing.yearly[period]
            yield Key("fixed", site, "", period), fixed * years
            yield Key("labor", site, "", period), staff * hours * self.plants.hourly(site, period) * years

    def _production(self) -> Iterator[tuple[Key, float]]:
        """Yield what each unit made costs: hours, electricity, heat, bought material."""
        at = self.plants.figure
        for site, _, product, period, units, process in self.made:
            worth = units * self.timing.yearly[period]
            hourly, material = self.plants.hourly(site, period), process["material_usd_per_unit"]
            power, heat = (at(site, f"{kind}_price_usd_per_mwh", period) / 1e3 for kind in ("power", "heat"))
            yield Key("labor", site, product, period), process["labor_h_per_unit"] * hourly * worth
            yield Key("power", site, product, period), process["electricity_kwh_per_unit"] * power * worth
            yield Key("heat", site, product, period), process["heat_kwh_per_unit"] * heat * worth
            material *= self.timing.factor("material_usd_per_unit", period, *self.plants.around(site))
            yield Key("material", site, product, period), material * worth

    def _shipping(self) -> Iterator[tuple[Key, float]]:
        """Yield purchases, freight, the duty that lanes themselves name, and what lateness costs."""
        for product, origin, destination, period, units, lane in self.sent:
            worth = units * self.timing.yearly[period]
            price = self.customs.price(origin, period)
            if price is not None:
                yield Key("purchases", origin, product, period), price * worth
            freight = lane["freight_usd_per_unit"] * self.timing.factor("freight_usd_per_unit", period)
            yield Key("freight", origin, product, period), freight * worth
            yield Key("duty", origin, product, period), lane["duty_usd_per_unit"] * worth
            if self._is_late(product, destination, period, lane):
                usd = self.wanted[destination, product, period].get("late_usd_per_unit", math.nan)
                yield Key("late", origin, product, period), usd * worth

    def _is_late(self, product: str, market: str, period: str, lane: dict[str, float]) -> bool:
        promised = self.wanted.get((market, product, period), {}).get("promise_h", math.inf)
        return lane["time_h"] > promised

    def _unserved(self) -> Iterator[tuple[Key, float]]:
        for market, product, period, units in records(
            self.tables["unmet"], "market", "product", "period", "units_per_yr"
        ):
            usd = self.wanted[market, product, period].get("unmet_penalty_usd_per_unit", 0.0)
            yield Key("unmet", market, product, period), usd * units * self.timing.yearly[period]

    def _discarded(self) -> Iterator[tuple[Key, float]]:
        """Yield what it costs to be rid of by-products that nobody takes."""
        cells = ("plant_type", "by_product", "disposal_usd_per_unit")
        fee = {(kind, extra): number(usd) for kind, extra, usd in records(self.study.by_products, *cells)}
        table = self.tables["disposals"]
        for site, kind, product, t, units in records(table, "site", "plant_type", "product", "period", "units_per_yr"):
            yield Key("disposal", site, product, t), fee[kind, product] * units * self.timing.yearly[t]

    def _broken(self) -> Iterator[tuple[Key, float]]:
        """Yield what soft limits cost that are broken: yearly ones every year, those on totals once."""
        if not len(self.tables["violations"]):
            return
        price = {
            name: (kind, usd) for name, kind, usd in records(self.study.limits, "limit", "kind", "penalty_usd_per_unit")
        }
        for limit, period, amount in records(self.tables["violations"], "limit", "period", "amount"):
            kind, usd = price[limit]
            once = kind in ("cost", "emissions", "freight_emissions", "jobs", "capex", "capex_share", "plants_built",
                            "sites_changed", "programs_used")  # fmt: skip
            yield (
                Key("broken limits", "", "", period, limit),
                number(usd) * amount * (1.0 if once else self.timing.yearly[period]),
            )

    def _energy(self) -> Iterator[tuple[Key, float]]:
        """Yield the premium of contracted clean power, and grid upgrades."""
        for site, period, mwh, premium in self._contracted():
            yield Key("clean power", site, "", period), premium * mwh * self.timing.yearly[period]
        own: dict[tuple[str, str], float] = {}
        for site, step, usd in records(self.study.grid_upgrades, "site", "upgrade", "capex_usd"):
            own[text(site), step] = usd
        for site, step, period in records(self.tables["upgrades"], "site", "upgrade", "period"):
            usd = own.get((site, step), own.get(("", step), 0.0))
            if self.plants.has_figure(site, "connectable_mw"):
                yield Key("grid upgrades", site, "", period), usd * self.timing.annuities[period]

    def _contracted(self) -> Iterator[tuple[str, str, float, float]]:
        """Yield site, period, MWh a year and premium of contracted clean power where it is offered."""
        for site, period, mwh in records(self.tables["clean"], "site", "period", "mwh_per_yr"):
            if self.plants.has_figure(site, "clean_premium_usd_per_mwh"):
                yield site, period, mwh, self.plants.cell(site, "clean_premium_usd_per_mwh")

    def _carbon(self) -> Iterator[tuple[Key, float]]:
        base = self.study.settings.model.carbon_price_usd_per_t
        for key, tonnes in self._emitted():
            price = base * self.timing.factor("carbon_price_usd_per_t", key.period)
            yield key._replace(item="carbon"), price * tonnes * self.timing.yearly[key.period]

    # ------------------------------------------------------------------------------------------ customs

    @cached_property
    def duties(self) -> Sums:
        """Duty and duty relief alone, as in :attr:`cost`. [USD]"""
        return {key: usd for key, usd in self.cost.items() if key.item in ("duty", "duty relief")}

    def _duties(self) -> Iterator[tuple[Key, float]]:
        """Yield every measure in force on what crosses a border."""
        for product, origin, destination, period, units, _ in self.sent:
            value = self.customs.value(product, origin, period)
            levied = self.customs.levied(product, *self.customs.ends(origin, destination), period)
            for (measure, _), rate in levied.items():
                yield (Key("duty", origin, product, period, measure), rate * value * units * self.timing.yearly[period])

    def _reliefs(self) -> Iterator[tuple[Key, float]]:
        """Yield what origin, content, quotas and offsets spare."""
        yearly, tables, customs = self.timing.yearly, self.tables, self.customs

        def spared(site: str, product: str, country: str, period: str, kind: str, usd: float) -> Iterator[Any]:
            home = self.plants.country(site)
            for measure, rate in customs.spared(product, home, country, period, kind).items():
                yield Key("duty relief", site, product, period, measure), -rate * usd * yearly[period]

        declared = ("site", "product", "destination", "period")
        for site, product, country, period, units in records(tables["preferences"], *declared, "units_per_yr"):
            value = units * customs.value(product, site, period)
            yield from spared(site, product, country, period, "free", value)
        for site, product, country, period, usd in records(tables["contents"], *declared, "usd_per_yr"):
            yield from spared(site, product, country, period, "content", usd)
        law = {
            (quota, period): (product, measure, rate)
            for quota, period, product, measure, rate in records(
                customs.quotas(), "quota", "period", "product", "measure", "rate"
            )
        }
        for quota, origin, period, units in records(tables["in_quota"], "quota", "origin", "period", "units_per_yr"):
            if (quota, period) in law:
                product, measure, rate = law[quota, period]
                usd = rate * customs.value(product, origin, period) * units * yearly[period]
                yield Key("duty relief", origin, product, period, measure), -usd
        cells = ("site", "product", "measure", "period", "usd_per_yr")
        for site, product, measure, period, usd in records(tables["offsets"], *cells):
            if not self.plants.knows(site):
                continue
            yield Key("duty relief", site, product, period, measure), -usd * yearly[period]

    # ------------------------------------------------------------------------------------------ programs

    @cached_property
    def _offers(self) -> list[tuple[str, str, str, str, str, str, float]]:
        """Offers: site, plant type, product (empty: any), period, program, kind, value."""
        cells = ("site", "plant_type", "product", "period", "program", "kind", "value")
        return [(a, b, text(c), *rest) for a, b, c, *rest in records(self.study.incentives, *cells)]

    def _automatic_credits(self) -> Iterator[tuple[Key, float]]:
        """Yield what programs without conditions pay to everyone."""
        ruled, listed = (set(t["program"].tolist()) for t in (self.study.program_rules, self.study.programs))
        paid: dict[tuple[str, str, str, str], list[tuple[str, float, str]]] = defaultdict(list)
        for site, kind, product, period, program, what, value in self._offers:
            if program not in ruled:
                paid[site, kind, period, what].append((program, value, product))
        annuities, yearly = self.timing.annuities, self.timing.yearly
        for step in self.plants.opened:
            at = (step.site, step.plant_type, step.period)
            shares = paid.get((*at, "investment"), [])
            whole = max(1.0, math.fsum(share for _, share, _ in shares))
            worth = step.kept_credit * annuities[step.period]
            for program, share, _ in shares:
                key = Key("credits", step.site, "", step.period, program)
                yield key, -share / whole * step.invested * worth
            grants = paid.get((*at, "grant"), []) if step.is_new else []
            every = math.fsum(usd for program, usd, _ in grants if program in listed)
            left = step.invested * (1.0 - min(1.0, math.fsum(share for _, share, _ in shares)))
            for program, usd, _ in grants:
                key = Key("credits", step.site, "", step.period, program)
                yield key, -(usd if every <= left or program not in listed else usd / every * left) * worth
        for site, kind, product, period, units, _ in self.made:
            for program, usd, of in paid.get((site, kind, period, "production"), []):
                if of == product:
                    yield Key("credits", site, product, period, program), -usd * units * yearly[period]
        for (site, kind, period), fte in self._staff.items():
            for program, usd, _ in paid.get((site, kind, period, "job"), []):
                yield Key("credits", site, "", period, program), -usd * fte * yearly[period]

    @cached_property
    def _staff(self) -> dict[tuple[str, str, str], float]:
        """Direct staff by site, plant type and period. [FTE]"""
        sums: dict[tuple[str, str, str], float] = defaultdict(float)
        for site, kind, period, _, fte in self.plants.running:
            sums[site, kind, period] += fte
        for site, kind, _, period, units, process in self.made:
            hours = process["labor_h_per_unit"] * units
            sums[site, kind, period] += hours / self.study.settings.model.hours_per_fte_year
        return sums

    def _claimed(self) -> Iterator[tuple[Key, float]]:
        """Yield what programs with conditions pay, and what is paid back for missing jobs."""
        building = {offer[4] for offer in self._offers if offer[5] in ("investment", "grant")}
        cells = ("program", "site", "period", "usd")
        for program, site, period, usd in records(self.tables["credits"], *cells):
            mean = self.timing.yearly[period] / len(self.timing.years[period])
            worth = self.timing.annuities[period] if program in building else mean
            yield Key("credits", site, "", period, program), -usd * worth
        price = dict(records(self.study.program_rules, "program", "clawback_usd_per_job"))
        for program, site, jobs in records(self.tables["missing_jobs"], "program", "site", "jobs_fte"):
            usd = number(price.get(program)) * jobs * self.timing.end
            yield Key("clawback", site, "", self.timing.periods[-1], program), usd

    # ------------------------------------------------------------------------------------------ the other objectives

    def _emitted(self) -> Iterator[tuple[Key, float]]:
        """Yield emissions of one year. [tCO2e/yr]"""
        embodied = {s: kg for s, kg in records(self.study.suppliers, "supplier", "emissions_kg_per_unit") if kg == kg}
        for product, origin, _, period, units, lane in self.sent:
            yield Key("freight", origin, product, period), lane["emissions_kg_per_unit"] * units / 1e3
            if origin in embodied:
                yield Key("embodied", origin, product, period), embodied[origin] * units / 1e3
        at = self.plants.figure
        for site, _, product, period, units, process in self.made:
            grid, heat = at(site, "grid_factor_kg_per_kwh", period), self.plants.cell(site, "heat_factor_kg_per_kwh")
            yield Key("electricity", site, product, period), process["electricity_kwh_per_unit"] * grid * units / 1e3
            yield Key("heat", site, product, period), process["heat_kwh_per_unit"] * heat * units / 1e3
        for site, period, mwh, _ in self._contracted():
            yield Key("clean power", site, "", period), -at(site, "grid_factor_kg_per_kwh", period) * mwh

    @cached_property
    def emissions(self) -> Sums:
        """Emissions over the horizon. [tCO2e]"""
        sums: Sums = defaultdict(float)
        for key, tonnes in self._emitted():
            sums[key] += tonnes * len(self.timing.years[key.period])
        return sums

    @cached_property
    def freight_emissions(self) -> Sums:
        """Emissions of transport over the horizon, from the lanes of shipments. [tCO2e]"""
        sums: Sums = defaultdict(float)
        for product, origin, _, period, units, lane in self.sent:
            tonnes = lane["emissions_kg_per_unit"] * units / 1e3
            sums[Key("freight", origin, product, period)] += tonnes * len(self.timing.years[period])
        return sums

    @cached_property
    def jobs(self) -> Sums:
        """Direct work over the horizon. [job-year]"""
        sums: Sums = defaultdict(float)
        for site, _, period, _, staff in self.plants.running:
            sums[Key("fixed staff", site, "", period)] += staff * len(self.timing.years[period])
        for site, _, product, period, units, process in self.made:
            fte = process["labor_h_per_unit"] * units / self.study.settings.model.hours_per_fte_year
            sums[Key("operating staff", site, product, period)] += fte * len(self.timing.years[period])
        return sums

    @cached_property
    def late(self) -> Sums:
        """Units over the horizon that arrive after their promised time. [unit]"""
        sums: Sums = defaultdict(float)
        for product, origin, destination, period, units, lane in self.sent:
            if self._is_late(product, destination, period, lane):
                sums[Key("late", origin, product, period)] += units * len(self.timing.years[period])
        return sums
