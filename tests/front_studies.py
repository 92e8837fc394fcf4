"""Small studies whose objectives take values on a lattice alone, and their whole front by trying every plan."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from evsiting.optimize.fronts.search_region import dominates
from evsiting.study.settings import About, Modelling, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, MORE_PLACES, PLACES, TOWNS, points, sites_frame
from tests.limit_studies import limits_frame

#: Units that every market wants in the one year; hours of a full-time job, at an hourly wage of a 1024th of a dollar.
UNITS, HOURS = 100.0, 2048.0


class SingleSourced:
    """A study in which every market is served from one site alone, and the figures it is made of.

    Plants have one size or two; what ships is all that a market wants or nothing. Cost is capex, wages and freight in
    whole dollars, jobs are whole job-years, emissions of transport whole tenths of a tonne.
    """

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.sites, self.markets = int(rng.integers(2, 5)), int(rng.integers(1, 4))
        self.sizes = [  # capacity, capex and staff of the sizes of each site's plant
            [
                (
                    UNITS * int(rng.integers(1, self.markets + 1)),
                    10.0 * int(rng.integers(20, 90)),
                    int(rng.integers(1, 30)),
                )
                for _ in range(int(rng.integers(1, 3)))
            ]
            for _ in range(self.sites)
        ]
        self.sizes[0][0] = (UNITS * self.markets, *self.sizes[0][0][1:])  # one that serves all
        self.freight = rng.integers(1, 9, (self.sites, self.markets)).astype(float)
        self.kilograms = rng.integers(1, 20, (self.sites, self.markets)).astype(float)

    def study(self) -> Study:
        """Return it as tables."""
        codes = [f"plant{k}" for k in range(self.sites)]
        places = (*PLACES, *MORE_PLACES)[: self.sites]
        towns = TOWNS[: self.markets]
        frame = pd.DataFrame([t[:3] for t in towns], columns=["market", "country", "region"]).assign(name="Town")
        lanes = [
            ("thing", p[0], t[0], "road", 500.0, 8.0, self.freight[i, j], 0.0, self.kilograms[i, j], None)
            for i, p in enumerate(places)
            for j, t in enumerate(towns)
        ]
        rows = {
            "periods": [("p1", 2027, 1)],
            "products": [("thing", "Thing", "piece", 1.0, 1.0, None)],
            "bill_of_materials": [],
            "processes": [(code, "thing", 1.0, 0.0, 0.0, 0.0) for code in codes],
            "options": [
                (code, f"size{n}", capacity, capex, 0.0, float(staff), 0.0)
                for code, sizes in zip(codes, self.sizes, strict=True)
                for n, (capacity, capex, staff) in enumerate(sizes)
            ],
            "demand": [(t[0], "thing", "p1", UNITS, None) for t in towns],
            "incentives": [],
            "lanes": lanes,
        }
        settings = Settings(
            study=About(name="single sourced"),
            money=Money(discount_rate=0.0, plant_life_years=1.0, base_year=2026),
            model=Modelling(hours_per_fte_year=HOURS),
        )
        sites = sites_frame(list(places)).assign(plant_types=codes, wage_usd_per_h=2.0**-10, payroll_burden=0.0)
        return Study.from_tables(
            settings,
            {
                "sites": sites,
                "markets": points(frame, [t[3] for t in towns], [t[4] for t in towns]),
                **{name: pd.DataFrame(found, columns=COLUMNS[name]) for name, found in rows.items()},
                "limits": limits_frame({"kind": "sources", "at_most": 1.0}),
            },
        )

    def front(self, *names: str) -> set[tuple[float, ...]]:
        """Return every nondominated point, less is better: all sizes of all sites, all sources of all markets."""
        found: set[tuple[float, ...]] = set()
        for chosen in itertools.product(*([None, *sizes] for sizes in self.sizes)):
            for source in itertools.product(range(self.sites), repeat=self.markets):
                load = np.bincount(source, minlength=self.sites) * UNITS
                if any(q > (0.0 if c is None else c[0]) for q, c in zip(load, chosen, strict=True)):
                    continue
                opened = [c for c in chosen if c is not None]
                lanes = [(i, j) for j, i in enumerate(source)]
                staff = sum(c[2] for c in opened)
                totals = {
                    "cost": sum(c[1] for c in opened)
                    + staff * HOURS * 2.0**-10
                    + sum(UNITS * self.freight[lane] for lane in lanes),
                    "freight_emissions": sum(UNITS * self.kilograms[lane] for lane in lanes) / 1000.0,
                    "jobs": -float(staff),
                }
                found.add(tuple(round(totals[name], 6) for name in names))
        return {z for z in found if not any(dominates(other, z) for other in found)}
