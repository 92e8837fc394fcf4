"""The least objective of a small study by trying everything, written from the rules and not from the model.

Every way to build (an option or none, and when, at each site and for each plant type) is tried; what is left
is a linear program for each period by itself, since only buildings tie periods together. Nothing of
:mod:`evsiting.model` is used, and discounting is done anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product as cross

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from evsiting.study.study import Study

Place = tuple[str, str]
Choice = tuple[str, int] | None
NOTHING: Choice = None


@dataclass(frozen=True)
class Best:
    """The best plan: its objective, and its tables as ``plan_from_tables`` takes them."""

    value: float
    openings: pd.DataFrame
    production: pd.DataFrame
    shipments: pd.DataFrame
    unmet: pd.DataFrame


def brute_force(study: Study, objective: str | Mapping[str, float] = "cost") -> float | None:
    """Return the least objective over all plans; None if there is no plan.

    Parameters
    ----------
    study : Study
        Complete, and small: at most some thousand ways to build.
    objective : str or mapping
        cost [USD], emissions [tCO2e], jobs [job-years, most is best: with a minus sign], or weights of them.
    """
    best = best_plan(study, objective)
    return None if best is None else best.value


def best_plan(study: Study, objective: str | Mapping[str, float] = "cost") -> Best | None:
    """Return a plan of least objective with its tables; None if there is no plan."""
    return _Search(study, {objective: 1.0} if isinstance(objective, str) else dict(objective)).best()


class _Search:
    def __init__(self, study: Study, weights: dict[str, float]) -> None:
        self.study, self.weights = study, weights
        self.rate = study.settings.money.discount_rate
        self.hours = study.settings.model.hours_per_fte_year
        self.sites = study.sites.set_index("site")
        self.options = study.options.set_index(["plant_type", "option"])
        periods = study.periods.sort_values("start_year")
        self.periods = list(periods["period"])
        self.years = [int(n) for n in periods["years"]]
        base = study.settings.money.base_year
        self.present = [
            sum((1 + self.rate) ** (base - y) for y in range(s, s + n))
            for s, n in zip(periods["start_year"], periods["years"], strict=True)
        ]
        life = study.settings.money.plant_life_years
        annuity = 1 / life if self.rate == 0 else self.rate / (1 - (1 + self.rate) ** -life)
        self.capital = [annuity * sum(self.present[k:]) for k in range(len(self.periods))]
        plants = study.plants
        self.standing = plants[plants["status"].isin(["existing", "committed"])] if len(plants) else plants
        self.places: list[Place] = [
            (s, k) for s in self.sites.index for k in dict.fromkeys(study.processes["plant_type"])
        ]
        self.programs: dict[tuple[str, str, str], list[tuple[str, object, float]]] = defaultdict(list)
        for row in study.incentives.itertuples():
            self.programs[row.site, row.plant_type, row.period].append((row.kind, row.product, row.value))
        self.programmes = [_Period(self, t) for t in range(len(self.periods))]

    def weigh(self, cost: float, emissions: float, jobs: float) -> float:
        """Return the objective of these totals."""
        return (
            self.weights.get("cost", 0.0) * cost
            + self.weights.get("emissions", 0.0) * emissions
            - self.weights.get("jobs", 0.0) * jobs
        )

    def wage(self, site: str) -> float:
        """Return what an hour costs. [USD/h]"""
        return float(self.sites.at[site, "wage_usd_per_h"] * (1 + self.sites.at[site, "payroll_burden"]))

    def choices(self, place: Place) -> list[Choice]:
        """Return the ways to build at a place: nothing, or an option in a period."""
        site, kind = place
        only = self.sites.at[site, "plant_types"]
        kinds = {k.strip() for k in only.split(";")} if isinstance(only, str) and only.strip() else None
        if self.sites.at[site, "role"] == "existing" or (kinds is not None and kind not in kinds):
            return [NOTHING]
        names = [o for k, o in self.options.index if k == kind]
        return [NOTHING, *((o, t) for o in names for t in range(len(self.periods)))]

    def fixed(self, place: Place, choice: Choice) -> float:
        """Return the objective of building and keeping a plant, whatever it makes."""
        if choice is None:
            return 0.0
        (site, kind), (name, start) = place, choice
        option = self.options.loc[(kind, name)]
        share = sum(v for how, _, v in self.programs[site, kind, self.periods[start]] if how == "investment")
        invested = option["capex_usd"] * self.capital[start]
        yearly = option["fixed_usd_per_yr"] + self.sites.at[site, "fixed_usd_per_yr"]
        yearly += self.wage(site) * self.hours * option["staff_fte"]
        cost = invested - min(1.0, share) * invested + yearly * sum(self.present[start:])
        return self.weigh(cost, 0.0, option["staff_fte"] * sum(self.years[start:]))

    def sunk(self) -> float:
        """Return the objective of the standing plants, whatever they make."""
        total = 0.0
        for plant in self.standing.itertuples():
            yearly = plant.fixed_usd_per_yr + self.wage(plant.site) * self.hours * plant.staff_fte
            total += self.weigh(yearly * sum(self.present), 0.0, plant.staff_fte * sum(self.years))
        return total

    def best(self) -> Best | None:
        """Try every combination, cheapest buildings first, until none can be better."""
        free = {place: self.choices(place) for place in self.places}
        relaxed = [p.relaxed(free) for p in self.programmes]
        if any(value is None for value in relaxed):
            return None
        floor = sum(v for v in relaxed if v is not None)
        cost = [[self.fixed(place, c) for c in free[place]] for place in self.places]
        combos = list(cross(*(range(len(c)) for c in cost)))
        fixed = np.array([sum(row[k] for row, k in zip(cost, combo, strict=True)) for combo in combos])
        least, chosen = np.inf, None
        for number in np.argsort(fixed, kind="stable"):
            if fixed[number] + floor >= least:
                break
            plan = [free[place][k] for place, k in zip(self.places, combos[number], strict=True)]
            value = float(fixed[number])
            for t, programme in enumerate(self.programmes):
                state = tuple(c[0] if c is not None and c[1] <= t else None for c in plan)
                found = programme.solve(state)
                if found is None:
                    value = np.inf
                    break
                value += found[0]
            if value < least:
                least, chosen = value, plan
        return None if chosen is None else self._tables(least + self.sunk(), chosen)

    def _tables(self, value: float, plan: list[Choice]) -> Best:
        opened = [
            (s, k, c[0], self.periods[c[1]]) for (s, k), c in zip(self.places, plan, strict=True) if c is not None
        ]
        parts: dict[str, list[pd.DataFrame]] = {"production": [], "shipments": [], "unmet": []}
        for t, programme in enumerate(self.programmes):
            found = programme.solve(tuple(c[0] if c is not None and c[1] <= t else None for c in plan))
            assert found is not None
            for name, frame in programme.tables(found[1]).items():
                parts[name].append(frame)
        openings = pd.DataFrame(opened, columns=["site", "plant_type", "option", "period"]).astype("str")
        return Best(value, openings, **{name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()})


class _Period:
    """The linear program of one period: what to make and ship with the plants that are open."""

    def __init__(self, search: _Search, t: int) -> None:
        self.search, self.period, self.solved = search, search.periods[t], {}
        study, now, present, years = search.study, search.periods[t], search.present[t], search.years[t]
        carbon = study.settings.model.carbon_price_usd_per_t
        made = [
            (s, k, p)
            for s in search.sites.index
            for k, p in study.processes[["plant_type", "product"]].itertuples(index=False)
        ]
        lanes = study.lanes
        demand = study.demand[study.demand["period"].isna() | (study.demand["period"] == now)]
        soft = demand[demand["unmet_penalty_usd_per_unit"].notna()]
        self.made, self.lanes, self.soft = made, lanes, soft
        n_made, n_ship, n_soft = len(made), len(lanes), len(soft)
        self.price = np.zeros(n_made + n_ship + n_soft)
        process = study.processes.set_index(["plant_type", "product"])
        for v, (s, k, p) in enumerate(made):
            row, site = process.loc[(k, p)], search.sites.loc[s]
            tonnes = site["grid_factor_kg_per_kwh"] * row["electricity_kwh_per_unit"] / 1000
            power = site["power_price_usd_per_mwh"] / 1000 * row["electricity_kwh_per_unit"]
            labor = search.wage(s) * row["labor_h_per_unit"]
            dollars = labor + power + row["material_usd_per_unit"] + carbon * tonnes
            dollars -= sum(v for how, what, v in search.programs[s, k, now] if how == "production" and what == p)
            jobs = row["labor_h_per_unit"] / search.hours
            self.price[v] = search.weigh(present * dollars, years * tonnes, years * jobs)
        sold = study.suppliers.set_index("supplier")
        for v, lane in enumerate(lanes.itertuples(), n_made):
            bought = lane.origin in sold.index
            kg = lane.emissions_kg_per_unit + (sold.at[lane.origin, "emissions_kg_per_unit"] if bought else 0.0)
            dollars = lane.freight_usd_per_unit + lane.duty_usd_per_unit + carbon * kg / 1000
            dollars += sold.at[lane.origin, "price_usd_per_unit"] if bought else 0.0
            self.price[v] = search.weigh(present * dollars, years * kg / 1000, 0.0)
        for v, fine in enumerate(soft["unmet_penalty_usd_per_unit"], n_made + n_ship):
            self.price[v] = search.weigh(present * fine, 0.0, 0.0)
        self._equalities(demand, n_made, n_ship)
        self._limits(process, sold, n_made)

    def _equalities(self, demand: pd.DataFrame, n_made: int, n_ship: int) -> None:
        """Write down: what is made leaves, what is used arrives, demand is met."""
        study, sites = self.search.study, set(self.search.sites.index)
        rows: dict[tuple[str, str, str], np.ndarray] = defaultdict(lambda: np.zeros(len(self.price)))
        right: dict[tuple[str, str, str], float] = defaultdict(float)
        uses = defaultdict(list)
        for row in study.bill_of_materials.itertuples():
            uses[row.product].append((row.input, row.units_per_unit))
        for v, (s, _, p) in enumerate(self.made):
            rows["out", s, p][v] += 1
            for part, units in uses[p]:
                rows["in", s, part][v] += units
        for v, lane in enumerate(self.lanes.itertuples(), n_made):
            if lane.origin in sites:
                rows["out", lane.origin, lane.product][v] -= 1
            rows["in", lane.destination, lane.product][v] -= 1
        for row in demand.itertuples():
            key = ("in", row.market, row.product)
            rows[key] += 0.0
            right[key] = -row.units_per_yr
        for v, row in enumerate(self.soft.itertuples(), n_made + n_ship):
            rows["in", row.market, row.product][v] -= 1
        self.equal = np.array(list(rows.values()))
        self.equal_right = np.array([right[key] for key in rows])

    def _limits(self, process: pd.DataFrame, sold: pd.DataFrame, n_made: int) -> None:
        """Write down: the capacity and the minimum load of each place, and what suppliers can sell."""
        search = self.search
        load = np.zeros((len(search.places), len(self.price)))
        for v, (s, k, p) in enumerate(self.made):
            load[search.places.index((s, k)), v] = process.at[(k, p), "capacity_use"]
        limited = sold[sold["capacity_units_per_yr"].notna()]
        sales = np.zeros((len(limited), len(self.price)))
        for v, origin in enumerate(self.lanes["origin"], n_made):
            if origin in limited.index:
                sales[limited.index.get_loc(origin), v] = 1
        self.below = np.vstack([load, -load, sales])
        self.sales_right = limited["capacity_units_per_yr"].to_numpy(float)
        sums = search.standing.groupby(["site", "plant_type"])["capacity_units_per_yr"].sum()
        self.stands = np.array([float(sums.get(place, 0.0)) for place in search.places])

    def relaxed(self, free: dict[Place, list[Choice]]) -> float | None:
        """Return what no set of buildings can go below: all at their largest, without minimum loads."""
        sizes = [
            max(
                (self.search.options.at[(k, c[0]), "capacity_units_per_yr"] for c in free[s, k] if c is not None),
                default=0.0,
            )
            for s, k in self.search.places
        ]
        found = self._solve(self.stands + np.array(sizes), np.zeros(len(sizes)))
        return None if found is None else found[0]

    def solve(self, state: tuple[str | None, ...]) -> tuple[float, np.ndarray] | None:
        """Return the least value with these options open, and how; None if they cannot serve demand."""
        if state not in self.solved:
            size, least = np.zeros(len(state)), np.zeros(len(state))
            for q, ((_, kind), option) in enumerate(zip(self.search.places, state, strict=True)):
                if option is not None:
                    row = self.search.options.loc[(kind, option)]
                    size[q] = row["capacity_units_per_yr"]
                    least[q] = row["min_load"] * row["capacity_units_per_yr"]
            self.solved[state] = self._solve(self.stands + size, least)
        return self.solved[state]

    def _solve(self, capacity: np.ndarray, least: np.ndarray) -> tuple[float, np.ndarray] | None:
        right = np.concatenate([capacity, -least, self.sales_right])
        found = linprog(self.price, self.below, right, self.equal, self.equal_right, method="highs")
        if found.status == 2:
            return None
        assert found.status == 0, found.message
        return float(found.fun), found.x

    def tables(self, x: np.ndarray) -> dict[str, pd.DataFrame]:
        """Return the solution as tables, without what is zero."""
        a, b = len(self.made), len(self.made) + len(self.lanes)
        frames = {
            "production": pd.DataFrame(self.made, columns=["site", "plant_type", "product"]).assign(units_per_yr=x[:a]),
            "shipments": self.lanes[["product", "origin", "destination", "mode"]].assign(units_per_yr=x[a:b]),
            "unmet": self.soft[["market", "product"]].assign(units_per_yr=x[b:]),
        }
        for name, frame in frames.items():
            frame.insert(len(frame.columns) - 1, "period", self.period)
            frames[name] = frame[frame["units_per_yr"] > 0].reset_index(drop=True)
        return frames
