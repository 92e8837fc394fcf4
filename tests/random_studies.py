"""Random small studies that always have a plan."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.study.settings import About, Modelling, Money, Settings
from evsiting.study.study import Study
from tests import random_features
from tests.frames import ABROAD, COLUMNS, MORE_PLACES, PLACES, SUPPLIERS, TOWNS, points, sites_frame


def random_study(
    seed: int,
    *,
    sites: int | None = None,
    markets: int | None = None,
    periods: int | None = None,
    combinations: int | None = None,
    features: Collection[str] | None = (),
) -> Study:
    """Return a small random study that always has a plan.

    A chain or a tree of one to three products with one or two sizes a plant, and any of: standing plants,
    sites that may build nothing or only some kinds, suppliers, penalties, incentives, duties, minimum loads,
    a carbon price. Whatever else a study may hold is a feature of :mod:`tests.random_features`.

    Parameters
    ----------
    seed : int
        Equal seeds give equal studies.
    sites, markets, periods : int, optional
        1 to 12 sites, 1 to 4 markets, 1 to 3 periods; drawn where left out.
    combinations : int, optional
        Most ways in which the new plants may be chosen, so that they can all be tried: 2,000, and 300 with features.
    features : collection of str, optional
        Names of :data:`tests.random_features.FEATURES`; none by default, drawn where None.
    """
    wanted = None if features is None else tuple(sorted(features))
    return _made(seed, sites, markets, periods, combinations, wanted)


@lru_cache(maxsize=256)  # several rooms of tests ask for the same two hundred
def _made(
    seed: int,
    sites: int | None,
    markets: int | None,
    periods: int | None,
    combinations: int | None,
    features: tuple[str, ...] | None,
) -> Study:
    rng, plain = np.random.default_rng(seed), features is not None and not features
    draw = Draw(
        rng,
        n_sites=sites or int(rng.integers(2, 7)),
        n_markets=markets or int(rng.integers(1, 4)),
        n_periods=periods or int(rng.integers(1, 3)),
        limit=combinations or (2_000 if plain else 300),
    )
    if not plain:
        dice = np.random.default_rng([seed, 1])
        wanted = random_features.drawn(seed) if features is None else list(features)
        random_features.shape(draw, wanted, dice, sites=sites is None, periods=periods is None)
        return random_features.study_with(draw, f"Random study {seed}", wanted, dice)
    return Study.from_tables(*draw.tables(f"Random study {seed}"))


@dataclass
class Draw:
    """The dice of one random study, thrown table by table."""

    rng: np.random.Generator
    n_sites: int
    n_markets: int
    n_periods: int
    limit: int
    known_towns: tuple[tuple[str, str, str, float, float], ...] = TOWNS
    shapes: tuple[str, ...] = ("single", "pair", "chain", "tree", "family")
    uses: list[tuple[str, str, float]] = field(default_factory=list)
    makers: dict[str, str] = field(default_factory=dict)
    need: dict[str, np.ndarray] = field(default_factory=dict)
    witness: dict[str, int] = field(default_factory=dict)

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def money(self, low: float, high: float) -> float:
        return float(np.round(self.rng.uniform(low, high), 2))

    def tables(self, name: str) -> tuple[Settings, dict[str, pd.DataFrame]]:
        """Return settings and tables, those that are empty left out."""
        known = PLACES if self.n_sites <= len(PLACES) else (*PLACES, *MORE_PLACES)
        order = self.rng.permutation(len(known))[: self.n_sites]
        self.places = [known[k] for k in order]
        self.towns = self.known_towns[: self.n_markets]
        self.periods = [f"t{k + 1}" for k in range(self.n_periods)]
        self._chain()
        settings = Settings(
            study=About(name=name),
            money=Money(discount_rate=float(self.rng.choice([0.0, 0.05, 0.08])), plant_life_years=20.0, base_year=2026),
            model=Modelling(carbon_price_usd_per_t=self.money(20, 120) if self.chance(0.4) else 0.0),
        )
        tables = {"periods": self._periods(), "products": self._products(), "demand": self._demand()}
        tables["options"] = self._options()
        tables["sites"] = self._sites(tables["options"])
        tables["suppliers"] = self._suppliers()
        tables["markets"] = self._markets()
        tables["processes"] = self._processes()
        tables["plants"] = self._plants()
        tables["incentives"] = self._incentives(tables["sites"])
        tables["lanes"] = self._lanes(tables["suppliers"])
        if self.uses:
            tables["bill_of_materials"] = pd.DataFrame(self.uses, columns=COLUMNS["bill_of_materials"])
        return settings, {name: frame for name, frame in tables.items() if len(frame)}

    def _chain(self) -> None:
        """Draw what is made of what, and which kind of plant makes it."""
        shape = self.rng.choice(self.shapes)
        self.products = {
            "single": ["vehicle"],
            "pair": ["pack", "vehicle"],
            "chain": ["cell", "pack", "vehicle"],
            "tree": ["pack", "motor", "vehicle"],
            "family": ["pack", "van", "vehicle"],
        }[str(shape)]
        self.makers = {p: {"vehicle": "assembly", "van": "assembly"}.get(p, p) for p in self.products}
        if shape == "tree" and self.chance(0.4):
            self.makers.update(pack="components", motor="components")
        for product, part in (("pack", "cell"), ("vehicle", "pack"), ("vehicle", "motor"), ("van", "pack")):
            if product in self.products and part in self.products:
                units = float(self.rng.integers(40, 90)) if part == "cell" else float(self.rng.integers(1, 3))
                self.uses.append((product, part, units))
        self.finals = [p for p in self.products if p in ("vehicle", "van")]
        self.types = list(dict.fromkeys(self.makers.values()))

    def _periods(self) -> pd.DataFrame:
        years = [int(y) for y in self.rng.integers(1, 6, self.n_periods)]
        starts = [2027 + sum(years[:k]) for k in range(self.n_periods)]
        return pd.DataFrame(zip(self.periods, starts, years, strict=True), columns=COLUMNS["periods"])

    def _products(self) -> pd.DataFrame:
        mass = {"cell": 6.0, "pack": 450.0, "motor": 80.0, "vehicle": 1_900.0, "van": 2_600.0}
        value = {"cell": 100.0, "pack": 9_000.0, "motor": 1_500.0, "vehicle": 38_000.0, "van": 52_000.0}
        rows = [(p, p.title(), "kWh" if p == "cell" else p, mass[p], value[p], None) for p in self.products]
        frame = pd.DataFrame(rows, columns=COLUMNS["products"])
        return frame.astype({"units_per_truck": "float64"})

    def _demand(self) -> pd.DataFrame:
        """Draw demand, and with it what must be made of every product in each period."""
        mood = self.rng.choice(["must", "may", "mixed"], p=[0.5, 0.2, 0.3])
        rows = []
        self.need = {p: np.zeros(self.n_periods) for p in self.products}
        for product in self.finals:
            for town in self.towns:
                base = self.rng.uniform(10_000, 80_000)
                for k, period in enumerate(self.periods):
                    units = float(np.round(base * (1 + self.rng.uniform(-0.1, 0.5) * k)))
                    soft = mood == "may" or (mood == "mixed" and self.chance(0.5))
                    rows.append((town[0], product, period, units, self.money(5_000, 60_000) if soft else np.nan))
                    self.need[product][k] += units
        for product in reversed(self.products):
            for whole, part, units in self.uses:
                if part == product:
                    self.need[product] += units * self.need[whole]
        return pd.DataFrame(rows, columns=COLUMNS["demand"])

    def _options(self) -> pd.DataFrame:
        """Draw sizes; the first of each kind can make all that is needed, and has that much to do."""
        self.capacity_use = {
            p: float(np.round(self.rng.uniform(0.6, 1.6), 2)) if self.chance(0.3) else 1.0 for p in self.products
        }
        per_unit = {"cell": 120.0, "pack": 1_000.0, "motor": 700.0, "components": 1_000.0, "assembly": 9_000.0}
        rows = []
        for kind in self.types:
            load = sum(self.capacity_use[p] * self.need[p] for p in self.products if self.makers[p] == kind)
            scale = float(np.max(load))
            full = float(np.ceil(scale * self.rng.uniform(1.0, 1.5)))
            sizes = [full] if self.chance(0.5) else [full, float(np.ceil(full * self.rng.uniform(0.3, 0.7)))]
            for k, size in enumerate(sizes):
                least = float(np.min(load)) / size if k == 0 else 1.0
                load_share = float(np.floor(self.rng.uniform(0.1, 0.95) * min(1.0, least) * 100) / 100)
                capex = float(np.round(size * per_unit[kind] * self.rng.uniform(0.7, 1.5), -3))
                rows.append(
                    (
                        kind,
                        f"size{k + 1}",
                        size,
                        capex,
                        float(np.round(0.03 * capex)),
                        float(self.rng.integers(0, 1_500)),
                        load_share if self.chance(0.6) else 0.0,
                    )
                )
        return pd.DataFrame(rows, columns=COLUMNS["options"])

    def _sites(self, options: pd.DataFrame) -> gpd.GeoDataFrame:
        """Draw the places; some may not build everything, lest there be too many combinations."""
        count, rng = self.n_sites, self.rng
        ways = {kind: 1 + n * self.n_periods for kind, n in options.groupby("plant_type").size().items()}
        self.witness = {kind: int(rng.integers(count)) for kind in self.types}
        keep = {(i, kind) for kind, i in self.witness.items()}
        allowed = {(i, kind) for i in range(count) for kind in self.types if self.chance(0.85)} | keep
        spare = sorted(allowed - keep)
        rng.shuffle(spare)
        while prod(ways[kind] for _, kind in allowed) > self.limit and spare:
            allowed.discard(spare.pop())
        self.allowed = allowed
        role, kinds = [], []
        for i in range(count):
            here = [kind for kind in self.types if (i, kind) in allowed]
            role.append("candidate" if here else "existing")
            kinds.append(None if len(here) in (0, len(self.types)) else ";".join(here))

        def some(low: float, high: float, digits: int = 2) -> list[float]:
            return [float(np.round(v, digits)) for v in rng.uniform(low, high, count)]

        return sites_frame(
            self.places,
            role=role,
            plant_types=kinds,
            wage_usd_per_h=[self.money(4, 9) if p[1] == "MX" else self.money(20, 36) for p in self.places],
            payroll_burden=some(0.1, 0.5),
            power_price_usd_per_mwh=some(40, 120),
            grid_factor_kg_per_kwh=some(0.02, 0.7, 3),
            fixed_usd_per_yr=some(0, 5e6, 0) if self.chance(0.5) else [0.0] * count,
        )

    def _markets(self) -> gpd.GeoDataFrame:
        rows = [(t[0], t[0].title(), t[1], t[2]) for t in self.towns]
        frame = pd.DataFrame(rows, columns=["market", "name", "country", "region"])
        return points(frame, [t[3] for t in self.towns], [t[4] for t in self.towns])

    def _processes(self) -> pd.DataFrame:
        power = {"cell": 40.0, "pack": 150.0, "motor": 60.0, "vehicle": 800.0, "van": 1_000.0}
        labor = {"cell": 0.05, "pack": 4.0, "motor": 2.0, "vehicle": 20.0, "van": 26.0}
        parts = {"cell": 70.0, "pack": 900.0, "motor": 600.0, "vehicle": 15_000.0, "van": 20_000.0}
        rows = [
            (
                self.makers[p],
                p,
                self.capacity_use[p],
                power[p] * self.rng.uniform(0.7, 1.3),
                labor[p] * self.rng.uniform(0, 1.3),
                parts[p] * self.rng.uniform(0.7, 1.3),
            )
            for p in self.products
        ]
        return pd.DataFrame(rows, columns=COLUMNS["processes"]).round(4)

    def _plants(self) -> pd.DataFrame:
        rows = []
        for kind in self.types:
            for i in range(self.n_sites):
                if self.chance(0.15):
                    load = max(
                        self.need[p].max() * self.capacity_use[p] for p in self.products if self.makers[p] == kind
                    )
                    size = float(np.round(load * self.rng.uniform(0.1, 0.6)) + 1)
                    status = str(self.rng.choice(["existing", "committed", "closed"], p=[0.6, 0.25, 0.15]))
                    code = f"{self.places[i][0]}_{kind}"
                    rows.append(
                        (
                            code,
                            self.places[i][0],
                            kind,
                            code,
                            None,
                            status,
                            size,
                            self.money(0, 2e7),
                            float(self.rng.integers(0, 600)),
                        )
                    )
        frame = pd.DataFrame(rows, columns=COLUMNS["plants"])
        return frame.astype({"company": "str"})

    def _suppliers(self) -> gpd.GeoDataFrame:
        price = {"cell": 95.0, "pack": 9_500.0, "motor": 1_300.0, "vehicle": 34_000.0, "van": 45_000.0}
        rows, at = [], []
        for product in self.products:
            for name, country, lon, lat in ABROAD:
                if self.chance(0.3):
                    limit = float(np.round(self.need[product].max() * self.rng.uniform(0.1, 0.8)))
                    rows.append(
                        (
                            f"{name}_{product}",
                            name.title(),
                            country,
                            product,
                            None,
                            price[product] * self.rng.uniform(0.7, 1.4),
                            limit if self.chance(0.5) else np.nan,
                            price[product] / 100 * self.rng.uniform(0.3, 1.5),
                        )
                    )
                    at.append((lon, lat))
        frame = pd.DataFrame(rows, columns=SUPPLIERS).astype({"port": "str"}).round(3)
        return points(frame, [p[0] for p in at], [p[1] for p in at])

    def _incentives(self, sites: pd.DataFrame) -> pd.DataFrame:
        """Draw programs of both kinds; two investment shares may together exceed the investment."""
        rows = []
        for i, kind in sorted(self.allowed):
            for period in self.periods:
                for program, share in (("federal credit", 0.4), ("state grant", 0.3)):
                    if self.chance(share) or not rows:
                        most = 0.8 if self.chance(0.2) else 0.3
                        rows.append(
                            (sites["site"].iloc[i], kind, None, period, program, "investment", self.money(0.05, most))
                        )
        price = {"cell": 20.0, "pack": 700.0, "motor": 100.0, "vehicle": 1_500.0, "van": 1_500.0}
        for product in self.products:
            for site in sites["site"]:
                for period in self.periods:
                    if self.chance(0.2):
                        rows.append(
                            (
                                site,
                                self.makers[product],
                                product,
                                period,
                                "output credit",
                                "production",
                                self.money(0, price[product]),
                            )
                        )
        return pd.DataFrame(rows, columns=COLUMNS["incentives"]).astype({"product": "str"})

    def _lanes(self, suppliers: pd.DataFrame) -> pd.DataFrame:
        """Draw lanes; those between the sites of the sure plan are always there."""
        rows: list[tuple[object, ...]] = []
        for product in self.products:
            users = {self.makers[whole] for whole, part, _ in self.uses if part == product}
            sure_origin = self.places[self.witness[self.makers[product]]][0]
            sure = {self.places[self.witness[kind]][0] for kind in users} | {t[0] for t in self.towns}
            origins = [
                *self.places,
                *(
                    (s.supplier, s.country, "", s.geometry.x, s.geometry.y)
                    for s in suppliers[suppliers["product"] == product].itertuples()
                ),
            ]
            ends = [*(self.places if users else ()), *(self.towns if product in self.finals else ())]
            for origin in origins:
                for end in ends:
                    if self.chance(0.85) or (origin[0] == sure_origin and end[0] in sure):
                        rows.extend(self.ways(product, origin, end))
        return pd.DataFrame(rows, columns=COLUMNS["lanes"]).astype({"route": "str"})

    def ways(self, product: str, origin: tuple, end: tuple) -> list[tuple[object, ...]]:  # type: ignore[type-arg]
        """Return the lanes from one place to another: on site, or by one or two modes."""
        if origin[0] == end[0]:
            return [(product, origin[0], end[0], "on_site", 0.0, 0.0, 0.0, 0.0, 0.0, None)]
        mass = {"cell": 6.0, "pack": 450.0, "motor": 80.0, "vehicle": 1_900.0, "van": 2_600.0}[product]
        km = float(np.round(120 * np.hypot(origin[3] - end[3], origin[4] - end[4])) + 30)
        modes = ["sea"] if origin[2] == "" else ["road", "rail"] if self.chance(0.2) else ["road"]
        duty = self.money(0, 0.6 * mass) if origin[1] != end[1] and self.chance(0.5) else 0.0
        cost, carbon = {"road": 1.2e-4, "rail": 5e-5, "sea": 1e-5}, {"road": 8e-5, "rail": 2e-5, "sea": 1e-5}
        return [
            (
                product,
                origin[0],
                end[0],
                mode,
                km,
                float(np.round(km / 40, 1)),
                float(np.round(km * mass * cost[mode] * self.rng.uniform(0.8, 1.3), 4)),
                duty,
                float(np.round(km * mass * carbon[mode], 4)),
                None,
            )
            for mode in modes
        ]
