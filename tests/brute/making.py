"""Building, making, shipping, power and staff: what every study has."""

from __future__ import annotations

from functools import cached_property
from math import inf

from evsiting.study.study import Study
from tests.brute.figures import HOME, Figures, Place, Way, given
from tests.brute.lines import Line, Program, total


class Making:
    """The columns and rows of plants and flows, and the totals that they add to."""

    def __init__(self, study: Study) -> None:
        self.figures = f = Figures(study)
        self.program = Program()
        self.T = f.T
        self.cost, self.late = Line(), Line()
        self.tonnes = [Line() for _ in f.T]  # a year
        self._build()
        self._stand()
        self._make()
        self._dispose()
        self._ship()
        self._balance()
        self._power()
        self._staff()
        self._building_costs()

    def emit(self, t: int, line: Line, factor: float = 1.0) -> None:
        """Add yearly emissions of a period. [t/yr]"""
        self.tonnes[t].plus(line, factor)

    @property
    def freight_emissions(self) -> list[Line]:
        """Emissions of the lanes alone by period. [t]"""
        out = [Line() for _ in self.figures.T]
        for (number, t), v in self.ship.items():
            out[t].add(v, self.figures.lanes[number]["emissions_kg_per_unit"] / 1000 * self.figures.years[t])
        return out

    def pay(self, t: int, line: Line, factor: float = 1.0) -> None:
        """Add yearly costs of a period. [USD/yr]"""
        self.cost.plus(line, factor * self.figures.present[t])

    @property
    def emissions(self) -> list[Line]:
        """Emissions by period. [t]"""
        return [line.times(n) for line, n in zip(self.tonnes, self.figures.years, strict=True)]

    def jobs(self, t: int) -> Line:
        """Return the job-years of a period."""
        return total(self.fte[q, t] for q in self.figures.places).times(self.figures.years[t])

    # ---------------------------------------------------------------------------------------- plants

    def _build(self) -> None:
        f = self.figures
        self.ways: dict[Place, list[tuple[int, Way]]] = {}
        for place in f.places:
            chosen = [(self.program.choice("way", *place, way.steps), way) for way in f.ways(place)]
            self.ways[place] = chosen
            if chosen:
                self.program.most(("one", *place), total(Line().add(z, 1.0) for z, _ in chosen), 1.0)

    def _stand(self) -> None:
        """Standing plants: their part of capacity, fixed cost and staff by period."""
        f = self.figures
        self.standing: list[tuple[dict[str, object], list[Line]]] = []  # 1 where it runs, by period
        self.resumed: list[tuple[dict[str, object], int, int]] = []
        for plant in f.records("plants"):
            runs = f.runs(plant["first_year"], plant["last_year"])
            if plant["status"] in ("existing", "committed"):
                open_ = [Line(share) for share in runs]
                if given(plant["closing_usd"]):
                    closed = [self.program.choice("close", plant["plant"], t) for t in f.T]
                    self.program.most(("close", plant["plant"]), total(Line().add(z, 1.0) for z in closed), 1.0)
                    for t, z in enumerate(closed):
                        self.cost.add(z, plant["closing_usd"] * f.lump[t])
                        for later in f.T[t:]:
                            open_[later].add(z, -runs[later])
            elif plant["status"] == "paused" and given(plant["resume_usd"]):
                open_ = [Line() for _ in f.T]
                chosen = [self.program.choice("resume", plant["plant"], t) for t in f.T]
                self.program.most(("resume", plant["plant"]), total(Line().add(z, 1.0) for z in chosen), 1.0)
                for t, z in enumerate(chosen):
                    self.resumed.append((plant, t, z))
                    self.cost.add(z, plant["resume_usd"] * f.capital[t])
                    for later in f.T[t:]:
                        open_[later].add(z, f.runs(None, plant["last_year"])[later])
            else:
                continue
            self.standing.append((plant, open_))

    def capacity(self, place: Place, t: int) -> Line:
        """Return the capacity of a place. [unit/yr]"""
        out = Line()
        for plant, open_ in self.standing:
            if (plant["site"], plant["plant_type"]) == place:
                out.plus(open_[t], plant["capacity_units_per_yr"])
        for z, way in self.ways[place]:
            out.add(z, way.capacity[t])
        return out

    def largest(self, place: Place, t: int) -> float:
        """Return the most that a place can ever hold. [unit/yr]"""
        ways = [way.capacity[t] for _, way in self.ways[place]]
        fixed = sum(
            self.program.ceiling(open_[t]) * plant["capacity_units_per_yr"]
            for plant, open_ in self.standing
            if (plant["site"], plant["plant_type"]) == place
        )
        return fixed + max(ways, default=0.0)

    # ---------------------------------------------------------------------------------------- flows

    def _make(self) -> None:
        f = self.figures
        self.make: dict[tuple[Place, str, int], int] = {}
        for (kind, product), process in f.processes.items():
            sizes = [self.largest((site, kind), t) for site in f.sites for t in f.T]
            size = max(sizes, default=1.0) / process["capacity_use"]
            for site in f.sites:
                place = (site, kind)
                for t in f.T:
                    high = self.largest(place, t) / process["capacity_use"]
                    self.make[place, product, t] = self.program.amount("make", *place, product, t, high=high, size=size)
        for place in f.places:
            for t in f.T:
                load = self.load(place, t)
                self.program.most(("capacity", *place, t), load.minus(self.capacity(place, t)))
                floor = Line()
                for z, way in self.ways[place]:
                    floor.add(z, way.least[t])
                if floor:
                    self.program.least(("min_load", *place, t), load.minus(floor))

    def load(self, place: Place, t: int) -> Line:
        """Return what a place makes, in units of its capacity. [unit/yr]"""
        out = Line()
        for product in self.products_of(place):
            out.add(self.make[place, product, t], self.figures.processes[place[1], product]["capacity_use"])
        return out

    def products_of(self, place: Place) -> list[str]:
        """Return what a place can make."""
        return [p for k, p in self.figures.processes if k == place[1]]

    def made(self, site: str, product: str, t: int) -> Line:
        """Return what a site makes of a product, all its plants together. [unit/yr]"""
        return self.given_off(site, product, t, self.figures.makers(product))

    def given_off(self, site: str, product: str, t: int, kinds: list[str] | None = None) -> Line:
        """Return what a site makes or passes on of a product. [unit/yr]"""
        out = Line()
        for kind in self.figures.types if kinds is None else kinds:
            if ((site, kind), product, t) in self.make:
                out.add(self.make[(site, kind), product, t], 1.0)
        return out

    def comes(self, place: Place, product: str, t: int) -> Line:
        """Return what comes of a product beside what a place makes. [unit/yr]"""
        out = Line()
        for made in self.products_of(place):
            units = self.figures.beside[place[1], made].get(product, 0.0)
            out.add(self.make[place, made, t], units)
        return out

    def leaving(self, site: str, product: str, t: int) -> Line:
        """Return what must leave a site of a product. [unit/yr]"""
        out = self.given_off(site, product, t)
        for kind in self.figures.types:
            out.plus(self.comes((site, kind), product, t))
            if ((site, kind), product, t) in self.dispose:
                out.add(self.dispose[(site, kind), product, t], -1.0)
        return out

    def _dispose(self) -> None:
        self.dispose: dict[tuple[Place, str, int], int] = {}
        for (kind, product), usd in self.figures.disposal.items():
            for site in self.figures.sites:
                for t in self.figures.T:
                    comes = self.comes((site, kind), product, t)
                    most = self.program.ceiling(comes)
                    v = self.program.amount("disposals", site, kind, product, t, high=most, size=max(1.0, most))
                    self.dispose[(site, kind), product, t] = v
                    self.program.most(("disposal", site, kind, product, t), comes.times(-1.0).add(v, 1.0))
                    self.pay(t, Line().add(v, usd))

    def begun(self, place: Place, product: str, t: int) -> Line:
        """Return the units that a place begins, the bad ones with the good. [unit/yr]"""
        share = self.figures.processes[place[1], product]["good_share"]
        return Line().add(self.make[place, product, t], 1.0 / share)

    def need(self, site: str, part: str, t: int) -> Line:
        """Return what a site uses of a product. [unit/yr]"""
        out = Line()
        for kind in self.figures.types:
            for product in self.products_of((site, kind)):
                out.plus(self.begun((site, kind), product, t), self.figures.recipe[kind, product].get(part, 0.0))
        return out

    def takes(self, site: str, product: str, part: str, t: int) -> Line:
        """Return what a site takes of an input for one product. [unit/yr]"""
        out = Line()
        for kind in self.figures.types:
            if product in self.products_of((site, kind)):
                out.plus(self.begun((site, kind), product, t), self.figures.recipe[kind, product].get(part, 0.0))
        return out

    def parts_at(self, site: str, product: str, t: int) -> list[str]:
        """Return what goes into a product in the plants that a site can have."""
        return [
            part
            for part in self.figures.parts(product)
            if any(
                part in self.figures.recipe[k, product] and self.program.high[self.make[(site, k), product, t]] > 0
                for k in self.figures.makers(product)
            )
        ]

    def _ship(self) -> None:
        f = self.figures
        self.ship: dict[tuple[int, int], int] = {}
        self.unmet: dict[tuple[str, str, int], int] = {}
        self.wants: dict[tuple[str, str, int], dict[str, object]] = {}
        for row in f.records("demand"):
            for t in f.T:
                if not isinstance(row["period"], str) or row["period"] == f.periods[t]:
                    self.wants[row["market"], row["product"], t] = row
        for (market, product, t), row in self.wants.items():
            if given(row["unmet_penalty_usd_per_unit"]):
                units = float(row["units_per_yr"])
                v = self.program.amount("unmet", market, product, t, high=units, size=units)
                self.unmet[market, product, t] = v
                self.pay(t, Line().add(v, row["unmet_penalty_usd_per_unit"]))
        for number, lane in enumerate(f.lanes):
            for t in f.T:
                start, end, product = lane["origin"], lane["destination"], lane["product"]
                if end in f.markets:
                    most = float(self.wants.get((end, product, t), {}).get("units_per_yr", 0.0))
                else:
                    most = self.program.ceiling(self.need(end, product, t))
                if start in f.sites:
                    most = min(most, self.program.ceiling(self.leaving(start, product, t)))
                elif given(f.suppliers[start]["capacity_units_per_yr"]):
                    most = min(most, float(f.suppliers[start]["capacity_units_per_yr"]))
                v = self.program.amount("ship", product, start, end, lane["mode"], t, high=most, size=max(1.0, most))
                self.ship[number, t] = v
                self._lane_costs(lane, t, v)

    def _lane_costs(self, lane: dict[str, object], t: int, v: int) -> None:
        f = self.figures
        freight = lane["freight_usd_per_unit"] * f.factor("freight_usd_per_unit", t)
        carbon = lane["emissions_kg_per_unit"] / 1000
        bought = 0.0
        if lane["origin"] in f.suppliers:
            bought = f.price(lane["origin"], t)
            carbon += f.suppliers[lane["origin"]]["emissions_kg_per_unit"] / 1000
        duty = f.duty(lane["product"], f.origin_country(lane["origin"]), f.end_country(lane["destination"]), t)
        duty = duty * f.dutiable(lane["product"], lane["origin"], t) + lane["duty_usd_per_unit"]
        self.pay(t, Line().add(v, freight + bought + duty))
        self.emit(t, Line().add(v, carbon))
        if self.is_late(lane, t):
            self.late.add(v, f.years[t])
            self.pay(t, Line().add(v, self.wants[lane["destination"], lane["product"], t]["late_usd_per_unit"]))

    def is_late(self, lane: dict[str, object], t: int) -> bool:
        """Whether what a lane brings arrives after the promised time."""
        want = self.wants.get((lane["destination"], lane["product"], t))
        return want is not None and given(want["promise_h"]) and lane["time_h"] > want["promise_h"]

    def flow(
        self, t: int, *, product: str, start: object = None, end: object = None, ends: str = "", starts: str = ""
    ) -> Line:
        """Return what is shipped of a product: from one, to one, into or out of a country. [unit/yr]"""
        f, out = self.figures, Line()
        for number, lane in enumerate(f.lanes):
            if (
                lane["product"] == product
                and start in (None, lane["origin"])
                and end in (None, lane["destination"])
                and ends in ("", f.end_country(lane["destination"]))
                and starts in ("", f.origin_country(lane["origin"]))
            ):
                out.add(self.ship[number, t], 1.0)
        return out

    def arrivals(self, end: str, product: str, t: int) -> list[tuple[str, int]]:
        """Return where a product that arrives at a site or market comes from, with the column of each lane."""
        return [
            (str(lane["origin"]), self.ship[n, t])
            for n, lane in enumerate(self.figures.lanes)
            if lane["product"] == product and lane["destination"] == end
        ]

    def foreign(self, code: str) -> bool:
        """Whether this is a supplier outside the three countries."""
        return code in self.figures.suppliers and self.figures.suppliers[code]["country"] not in HOME

    def _balance(self) -> None:
        f = self.figures
        for t in f.T:
            for product in f.products:
                for site in f.sites:
                    sent = self.leaving(site, product, t).minus(self.flow(t, product=product, start=site))
                    came = self.flow(t, product=product, end=site).minus(self.need(site, product, t))
                    for name, line in (("sent", sent), ("came", came)):
                        if line:
                            self.program.equal((name, site, product, t), line)
                for market in f.markets:
                    came = self.flow(t, product=product, end=market)
                    want = self.wants.get((market, product, t), {})
                    if (market, product, t) in self.unmet:
                        came.add(self.unmet[market, product, t], 1.0)
                    if came or want:
                        units = float(want.get("units_per_yr", 0.0))
                        self.program.equal(("demand", market, product, t), came, units)
            for code, row in f.suppliers.items():
                if given(row["capacity_units_per_yr"]):
                    sold = self.flow(t, product=row["product"], start=code)
                    self.program.most(("supplier", code, t), sold, float(row["capacity_units_per_yr"]))

    # ---------------------------------------------------------------------------------------- power and staff

    @cached_property
    def places_at(self) -> dict[str, list[Place]]:
        """Places of each site."""
        return {site: [(site, kind) for kind in self.figures.types] for site in self.figures.sites}

    def _power(self) -> None:
        f = self.figures
        self.kwh: dict[tuple[str, int], Line] = {}
        self.mw: dict[tuple[str, int], Line] = {}
        for site in f.sites:
            for t in f.T:
                power, heat, peak = Line(), Line(), Line()
                for place in self.places_at[site]:
                    for product in self.products_of(place):
                        process, v = f.processes[place[1], product], self.make[place, product, t]
                        power.add(v, process["electricity_kwh_per_unit"])
                        peak.add(v, f.connected_kw(process) / 1000)
                        heat.add(v, process["heat_kwh_per_unit"])
                        self.pay(t, Line().add(v, f.material(place, product, t)))
                self.kwh[site, t], self.mw[site, t] = power, peak
                self.pay(t, power, f.at_site("power_price_usd_per_mwh", site, t) / 1000)
                self.pay(t, heat, f.at_site("heat_price_usd_per_mwh", site, t) / 1000)
                self.emit(t, power, f.at_site("grid_factor_kg_per_kwh", site, t) / 1000)
                self.emit(t, heat, f.at_site("heat_factor_kg_per_kwh", site, t) / 1000)

    def _staff(self) -> None:
        f = self.figures
        self.fte: dict[tuple[Place, int], Line] = {}
        for place in f.places:
            for t in f.T:
                out = Line()
                for plant, open_ in self.standing:
                    if (plant["site"], plant["plant_type"]) == place:
                        out.plus(open_[t], plant["staff_fte"])
                for z, way in self.ways[place]:
                    out.add(z, way.staff[t])
                for product in self.products_of(place):
                    labor = f.processes[place[1], product]["labor_h_per_unit"]
                    out.add(self.make[place, product, t], labor / f.hours)
                self.fte[place, t] = out
                self.pay(t, out, f.hourly(place[0], t) * f.hours)

    def _building_costs(self) -> None:
        f = self.figures
        for place in f.places:
            for z, way in self.ways[place]:
                for step in way.steps:
                    self.cost.add(z, f.capital[step.period] * step.capex)
                    if step.end is not None:
                        rows = f.records("options")
                        fee = next(
                            r["closing_usd"] for r in rows if (r["plant_type"], r["option"]) == (place[1], step.option)
                        )
                        self.cost.add(z, float(fee) * f.lump[step.end])
                for t in f.T:
                    self.pay(t, Line().add(z, way.fixed[t]))
        for plant, open_ in self.standing:
            for t in f.T:
                self.pay(t, open_[t], plant["fixed_usd_per_yr"])

    def built(self, place: Place, t: int) -> Line:
        """Return the own investment built at a place at the start of a period, undiscounted. [USD]"""
        out = Line()
        for z, way in self.ways[place]:
            out.add(z, sum(step.capex for step in way.steps if step.period == t))
        return out

    def resumed_capex(self, place: Place, t: int) -> Line:
        """Return the investment in resumed plants of a place in a period. [USD]"""
        out = Line()
        for plant, when, z in self.resumed:
            if (plant["site"], plant["plant_type"]) == place and when == t:
                out.add(z, plant["resume_usd"])
        return out


__all__ = ["Making", "inf"]
