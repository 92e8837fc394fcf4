"""What the rules need of a study's tables: weights of periods, factors, ways of building, duties."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from math import inf

import pandas as pd

from evsiting.study.study import Study

HOME = ("US", "CA", "MX")
Place = tuple[str, str]


def text(value: object) -> str:
    """Return a cell as text; empty where it is missing."""
    return value.strip() if isinstance(value, str) else ""


def listed(value: object) -> list[str]:
    """Return the names in a cell that are parted by ';'."""
    return [part.strip() for part in text(value).split(";") if part.strip()]


def given(value: object) -> bool:
    """Whether a number is there."""
    return value is not None and value == value


def in_force(row: dict[str, object], year: int) -> bool:
    """Whether a row of law is in force in a year."""
    first, last = row["first_year"], row["last_year"]
    return (not given(first) or first <= year) and (not given(last) or year <= last)


@dataclass(frozen=True)
class Step:
    """One investment of a way of building."""

    option: str
    period: int
    capex: float
    kept: float
    end: int | None = None  # period from which on it is closed


@dataclass(frozen=True)
class Way:
    """A root option and its expansions with the period of each, and what they come to by period."""

    place: Place
    steps: tuple[Step, ...]
    capacity: tuple[float, ...]
    least: tuple[float, ...]
    staff: tuple[float, ...]
    fixed: tuple[float, ...]


class Figures:
    """Tables of a study as plain dictionaries, and figures by period."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._rows: dict[str, list[dict[str, object]]] = {}
        money, model = study.settings.money, study.settings.model
        self.rate, self.base = money.discount_rate, money.base_year
        self.hours = model.hours_per_fte_year
        self.carbon = model.carbon_price_usd_per_t
        self.load_factor = getattr(model, "load_factor", 1.0)
        periods = study.periods.sort_values("start_year")
        self.periods = [str(p) for p in periods["period"]]
        self.start = [int(y) for y in periods["start_year"]]
        self.years = [int(n) for n in periods["years"]]
        self.T = range(len(self.periods))
        self.weights = [
            [(y, (1 + self.rate) ** (self.base - y)) for y in range(s, s + n)]
            for s, n in zip(self.start, self.years, strict=True)
        ]
        self.present = [sum(w for _, w in year) for year in self.weights]
        self.lump = [(1 + self.rate) ** (self.base - s + 1) for s in self.start]
        self.last_year = self.start[-1] + self.years[-1] - 1
        life = money.plant_life_years
        annuity = 1 / life if self.rate == 0 else self.rate / (1 - (1 + self.rate) ** -life)
        self.capital = [annuity * sum(self.present[t:]) for t in self.T]
        self.sites = {r["site"]: r for r in self.records("sites")}
        self.markets = {r["market"]: r for r in self.records("markets")}
        self.suppliers = {r["supplier"]: r for r in self.records("suppliers")}
        self.products = {r["product"]: r for r in self.records("products")}
        self.processes = {(r["plant_type"], r["product"]): r for r in self.records("processes")}
        self.types = list(dict.fromkeys(k for k, _ in self.processes))
        self.places: list[Place] = [(s, k) for s in self.sites for k in self.types]
        #: Step at which a kind of plant passes a product on, makes nothing of it.
        self.step = {
            key: int(r["pass_through_step"]) for key, r in self.processes.items() if given(r.get("pass_through_step"))
        }
        #: What one unit that is begun takes, by plant type and product.
        self.recipe: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for r in self.records("bill_of_materials"):
            for kind, product in self.processes:
                if (kind, product) in self.step:
                    continue
                if product == r["product"] and text(r.get("plant_type")) in ("", kind):
                    self.recipe[kind, product][r["input"]] = float(r["units_per_unit"])
        for kind, product in self.step:
            self.recipe[kind, product] = {product: 1.0}
        #: What comes with one good unit, by plant type and product; what a unit of it costs that nobody takes.
        self.beside: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        self.disposal: dict[tuple[str, str], float] = {}
        for r in self.records("by_products"):
            self.beside[r["plant_type"], r["product"]][r["by_product"]] = float(r["units_per_unit"])
            if given(r["disposal_usd_per_unit"]):
                self.disposal[r["plant_type"], r["by_product"]] = float(r["disposal_usd_per_unit"])
        self.lanes = [lane for lane in self.records("lanes") if self._onward(lane)]

    def passes(self, site: object, product: object) -> int:
        """Return the step at which a product may be passed on at a site; 0 where it is not."""
        here = self.sites.get(str(site), {})
        return max(
            (n for (k, p), n in self.step.items() if p == product and k in listed(here.get("plant_types"))), default=0
        )

    def _onward(self, lane: dict[str, object]) -> bool:
        """Whether a lane leads from a center to a market or a later step of the same country, or from elsewhere."""
        begin = self.passes(lane["origin"], lane["product"])
        if not begin:
            return True
        if self.records("duties") and self.origin_country(lane["origin"]) != self.end_country(lane["destination"]):
            return False
        return lane["destination"] in self.markets or self.passes(lane["destination"], lane["product"]) > begin

    def records(self, table: str) -> list[dict[str, object]]:
        """Return the rows of a table."""
        if table not in self._rows:
            frame = self.study.table(table)
            self._rows[table] = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).to_dict("records")
        return self._rows[table]

    def makers(self, product: str) -> list[str]:
        """Return the plant types that make a product."""
        return [k for k, p in self.processes if p == product and (k, p) not in self.step]

    def parts(self, product: str) -> list[str]:
        """Return what goes into a product in a plant of any type."""
        return list(dict.fromkeys(part for kind in self.makers(product) for part in self.recipe[kind, product]))

    def each(self, product: str, part: str) -> list[float]:
        """Return the units of an input in one good unit, by plant type that makes the product."""
        return [
            self.recipe[k, product].get(part, 0.0) / float(self.processes[k, product]["good_share"])
            for k in self.makers(product)
        ]

    # ---------------------------------------------------------------------------------------- years

    def held(self, first: object, last: object) -> list[float]:
        """Return by period the part of its years from first to last, each year by its discount factor."""
        a, b = (float(first) if given(first) else -inf), (float(last) if given(last) else inf)
        return [sum(w for y, w in year if a <= y <= b) / sum(w for _, w in year) for year in self.weights]

    def runs(self, first: object, last: object, since: int = 0) -> list[float]:
        """Return by period the part of its years from first to last, each year alike; none before a period."""
        a, b = (float(first) if given(first) else -inf), (float(last) if given(last) else inf)
        return [
            sum(a <= y <= b for y, _ in year) / len(year) if t >= since else 0.0 for t, year in enumerate(self.weights)
        ]

    def ramp(self, curve: object, built: int, t: int) -> float:
        """Return the usable part in a period of what was built at the start of another."""
        if t < built:
            return 0.0
        steps = [float(v) for v in listed(curve)]
        ages = [y - self.start[built] for y, _ in self.weights[t]]
        return sum(steps[a] if a < len(steps) else 1.0 for a in ages) / len(ages)

    # ---------------------------------------------------------------------------------------- values over time

    @cached_property
    def _factors(self) -> dict[tuple[str, str, str], float]:
        return {
            (str(r["column"]), text(r["place"]), str(r["period"])): float(r["factor"])
            for r in self.records("trajectories")
        }

    def factor(self, column: str, t: int, *places: object) -> float:
        """Return the factor of a figure; places from the most exact to the widest."""
        named = [text(p) for p in places if text(p)]
        found = [self._factors.get((column, place, self.periods[t])) for place in [*named, ""]]
        return next((f for f in found if f is not None), 1.0)

    def at_site(self, column: str, site: str, t: int) -> float:
        """Return a figure of a site in a period; 0 where the site has none."""
        row = self.sites[site]
        value = float(row[column]) if given(row[column]) else 0.0
        return value * self.factor(column, t, site, row["region"], row["country"])

    def hourly(self, site: str, t: int) -> float:
        """Return what an hour of staff costs. [USD/h]"""
        return self.at_site("wage_usd_per_h", site, t) * (1 + float(self.sites[site]["payroll_burden"]))

    def price(self, supplier: str, t: int) -> float:
        """Return the price of a supplier. [USD/unit]"""
        row = self.suppliers[supplier]
        return float(row["price_usd_per_unit"]) * self.factor("price_usd_per_unit", t, supplier, row["country"])

    def dutiable(self, product: object, origin: object, t: int) -> float:
        """Return what duty is levied on: the customs value of a supplier, its price where it states none. [USD/unit]"""
        stated = self.suppliers.get(str(origin), {}).get("customs_value_usd_per_unit")
        if not given(stated):
            return self.value(product, origin, t)
        country = self.suppliers[str(origin)]["country"]
        return float(stated) * self.factor("price_usd_per_unit", t, str(origin), country)

    def material(self, place: Place, product: str, t: int) -> float:
        """Return what bought material costs a unit. [USD/unit]"""
        site = self.sites[place[0]]
        base = float(self.processes[place[1], product]["material_usd_per_unit"])
        return base * self.factor("material_usd_per_unit", t, place[0], site["region"], site["country"])

    def connected_kw(self, process: dict[str, object]) -> float:
        """Return the load that is connected for one unit made a year. [kW]"""
        stated = process.get("connection_kw_per_unit")
        used = float(process["electricity_kwh_per_unit"]) / (8760 * self.load_factor)
        return float(stated) if given(stated) else used

    def carbon_price(self, t: int) -> float:
        """Return the price of emissions. [USD/t]"""
        return self.carbon * self.factor("carbon_price_usd_per_t", t)

    # ---------------------------------------------------------------------------------------- lanes

    def origin_country(self, code: object) -> str:
        """Return the country of a site or supplier."""
        return str((self.sites.get(str(code)) or self.suppliers[str(code)])["country"])

    def end_country(self, code: object) -> str:
        """Return the country of a site or market."""
        return str((self.sites.get(str(code)) or self.markets[str(code)])["country"])

    def value(self, product: object, origin: object, t: int) -> float:
        """Return the value of a unit: the price of a supplier, the product's value of a site. [USD/unit]"""
        if origin in self.suppliers:
            return self.price(str(origin), t)
        return float(self.products[str(product)]["value_usd_per_unit"])

    @cached_property
    def measures(self) -> dict[tuple[str, str, str], list[tuple[str, str, list[float]]]]:
        """Duties by product, origin and destination: measure, relief, and rate on the whole value by period."""
        found = defaultdict(list)
        for r in self.records("duties"):
            part = float(r["rate"]) * float(r["dutiable_share"])
            stack = [part * share for share in self.held(r["first_year"], r["last_year"])]
            found[r["product"], r["origin"], r["destination"]].append(
                (r["measure"], text(r["relief"]) or "none", stack)
            )
        return dict(found)

    def duty(self, product: object, start: str, end: str, t: int, *, measure: str = "", relief: str = "") -> float:
        """Return the part of a unit's value that duties take in a period: all, one measure's, or one relief's."""
        rows = self.measures.get((str(product), start, end), [])
        return sum(v[t] for m, r, v in rows if measure in ("", m) and relief in ("", r))

    def quota_saving(self, quota: dict[str, object], t: int) -> float:
        """Return what a unit within a quota saves, as a part of its value: the mean over the years of the quota."""
        lane = (quota["product"], quota["origin"], quota["destination"], quota["measure"])
        law = [d for d in self.records("duties") if (d["product"], d["origin"], d["destination"], d["measure"]) == lane]
        saved = weight = 0.0
        for year, factor in self.weights[t]:
            if in_force(quota, year):
                rate = sum(d["rate"] * d["dutiable_share"] for d in law if in_force(d, year))
                saved += factor * max(0.0, rate - quota["rate"])
                weight += factor
        return saved / weight

    def offset_rate(self, product: str, start: str, end: str, measure: str, made: str, t: int) -> float:
        """Return the part of a unit's value that a measure takes in the years in which the maker may offset it.

        Nothing where a quota of the measure is in force in the period: what is within it does not pay.
        """
        lane = (product, start, end, measure)
        year_weights = self.weights[t]
        for quota in self.records("quotas"):
            same = (quota["product"], quota["origin"], quota["destination"], quota["measure"]) == lane
            if same and any(in_force(quota, year) for year, _ in year_weights):
                return 0.0
        law = [d for d in self.records("duties") if (d["product"], d["origin"], d["destination"], d["measure"]) == lane]
        own = [
            r
            for r in self.records("duty_offsets")
            if (r["destination"], r["measure"], r["product"]) == (end, measure, made)
        ]
        paid = sum(
            factor * d["rate"] * d["dutiable_share"]
            for year, factor in year_weights
            if any(in_force(r, year) for r in own)
            for d in law
            if in_force(d, year)
        )
        return float(paid / self.present[t])

    # ---------------------------------------------------------------------------------------- ways of building

    def ways(self, place: Place) -> list[Way]:
        """Return every way of building at a place: a root option in a period, and chains of expansions after it."""
        site, kind = place
        row = self.sites[site]
        kinds = listed(row["plant_types"])
        if row["role"] == "existing" or (kinds and kind not in kinds):
            return []
        options = {
            o["option"]: o
            for o in self.records("options")
            if o["plant_type"] == kind and (not listed(o["sites"]) or site in listed(o["sites"]))
        }
        found: list[Way] = []

        def may(option: dict[str, object], t: int) -> bool:
            lead, rows = option.get("lead_years"), self.records("periods")
            begin = sorted(int(r["start_year"]) for r in rows)
            return not given(lead) or begin[t] - begin[0] >= float(lead)

        chains = [((name, t),) for name, o in options.items() if not text(o["expands"]) for t in self.T if may(o, t)]
        while chains:
            chain = chains.pop()
            for ends in self._ends([options[name] for name, _ in chain], [t for _, t in chain]):
                found.append(self._way(place, [(options[name], t) for name, t in chain], ends))
            last, when = chain[-1]
            chains += [
                (*chain, (name, t))
                for name, o in options.items()
                if text(o["expands"]) == last
                for t in self.T
                if (t > when or (t == when and given(o.get("at_once")) and float(o["at_once"]) > 0.5)) and may(o, t)
            ]
        return found

    def _ends(self, options: list[dict[str, object]], built: list[int]) -> list[tuple[int | None, ...]]:
        """Return when each step of a chain may be closed: in a later period, or never, an earlier step never first."""
        found: list[tuple[int | None, ...]] = [()]
        never = len(self.T)
        for option, begun in zip(reversed(options), reversed(built), strict=True):  # from the last step to the first
            may: list[int | None] = [None]
            if given(option.get("closing_usd")):
                may += [t for t in self.T if t > begun]
            found = [
                (end, *rest)
                for rest in found
                for end in may
                if not rest or (never if end is None else end) >= (never if rest[0] is None else rest[0])
            ]
        return found

    def _way(self, place: Place, chain: list[tuple[dict[str, object], int]], ends: tuple[int | None, ...]) -> Way:
        site = self.sites[place[0]]
        steps: list[Step] = []
        capacity, least, staff, fixed = ([0.0] * len(self.T) for _ in range(4))
        had = 0.0
        for (option, built), end in zip(chain, ends, strict=True):
            own = 1 - float(option["partner_output_share"])
            capex = float(option["capex_usd"]) * (1 - float(option["partner_capex_share"]))
            capex *= self.factor("capex_usd", built, place[0], site["region"], site["country"])
            steps.append(Step(str(option["option"]), built, capex, 1 - float(option["partner_credit_share"]), end))
            size = float(option["capacity_units_per_yr"]) * own
            for t in self.T:
                if built <= t and (end is None or t < end):
                    tax = [float(site["property_tax_rate"]) * s.capex for s in steps]
                    added = (size - had) * self.ramp(option["ramp_up"], built, t)
                    capacity[t] += added
                    least[t] += float(option["min_load"]) * added
                    staff[t] = float(option["staff_fte"]) * own
                    fixed[t] = float(option["fixed_usd_per_yr"]) * own + sum(tax) + float(site["fixed_usd_per_yr"])
            had = size
        return Way(place, tuple(steps), tuple(capacity), tuple(least), tuple(staff), tuple(fixed))
