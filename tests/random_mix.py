"""The tables of a random study while features are added to them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import DataWarning
from evsiting.study.settings import Settings
from evsiting.study.study import Study, with_changed_tables
from tests.frames import points

if TYPE_CHECKING:
    from tests.random_studies import Draw

#: Suppliers that a study may have beside those of its draw: name, country, region, longitude, latitude.
SELLERS = (
    ("ulsan", "KR", "", 129.31, 35.54),
    ("ningde", "CN", "", 119.55, 26.67),
    ("kokomo", "US", "US-IN", -86.13, 40.49),
    ("toluca", "MX", "MX-MEX", -99.66, 19.29),
    ("guelph", "CA", "CA-ON", -80.25, 43.55),
)
PRICE = {"cell": 95.0, "pack": 9_500.0, "motor": 1_300.0, "vehicle": 34_000.0, "van": 45_000.0}


@dataclass
class Mix:
    """Tables, settings and dice."""

    draw: Draw
    settings: Settings
    tables: dict[str, pd.DataFrame]
    rng: np.random.Generator
    #: The last study made, and the frames that it was made of.
    made: tuple[Study, dict[str, pd.DataFrame]] | None = None

    def study(self) -> Study:
        """Return the study as it is so far; what is as it was in the last one is not read and checked anew."""
        frames = {name: frame for name, frame in self.tables.items() if len(frame)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # a quota that is over before the first year is one case more
            if self.made is None:
                study = Study.from_tables(self.settings, frames)
            else:
                last, before = self.made
                same = {name for name, frame in frames.items() if frame is before.get(name)}
                tables = {name: last.table(name) if name in same else frame for name, frame in frames.items()}
                study = with_changed_tables(last, tables, known=same)
        self.made = study, frames
        return study

    # ---------------------------------------------------------------------------------------- dice

    def chance(self, share: float) -> bool:
        """Return True in that share of cases."""
        return bool(self.rng.random() < share)

    def some(self, low: float, high: float, digits: int = 2) -> float:
        """Return a number between two others."""
        return float(np.round(self.rng.uniform(low, high), digits))

    def pick(self, choices: object) -> object:
        """Return one of several."""
        listed = list(choices)
        return listed[int(self.rng.integers(len(listed)))]

    def years(self) -> tuple[int, int]:
        """Return first and last year of the horizon."""
        frame = self.tables["periods"]
        return int(frame["start_year"].min()), int((frame["start_year"] + frame["years"]).max() - 1)

    def span(self, *, open_ended: bool = True) -> tuple[float, float]:
        """Return first and last year of something that holds for some years of the horizon."""
        first, last = self.years()
        a, b = sorted(int(y) for y in self.rng.integers(first - 1, last + 2, 2))
        if not open_ended:
            return a, b
        return (a if self.chance(0.5) else np.nan), (b if self.chance(0.5) else np.nan)

    # ---------------------------------------------------------------------------------------- tables

    @property
    def sites(self) -> list[str]:
        """Codes of the sites."""
        return [p[0] for p in self.draw.places]

    @property
    def inputs(self) -> list[str]:
        """Products that go into others."""
        return list(dict.fromkeys(part for _, part, _ in self.draw.uses))

    @staticmethod
    def abroad(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
        """Whether two places are in different countries."""
        return one[1] != other[1]

    def country(self, site: str) -> str:
        """Return the country of a site."""
        return next(p[1] for p in self.draw.places if p[0] == site)

    def append(self, table: str, rows: list[dict[str, object]]) -> None:
        """Add rows to a table."""
        if rows:
            new = pd.DataFrame(rows)
            old = self.tables.get(table)
            self.tables[table] = new if old is None or not len(old) else pd.concat([old, new], ignore_index=True)

    def set(self, table: str, column: str, values: object) -> None:
        """Replace a column of a table; rows that were added to it since, such as sites of centers, have no value."""
        more = len(self.tables[table]) - len(values) if isinstance(values, list) else 0
        if isinstance(values, list) and more > 0:
            values = [*values, *[None if isinstance(values[0], str) else np.nan] * more]
        self.tables[table] = self.tables[table].assign(**{column: values})

    def soften(self) -> None:
        """Let all demand go unserved, at a price."""
        frame = self.tables["demand"]
        column = "unmet_penalty_usd_per_unit"
        dear = pd.Series([self.some(20_000, 60_000) for _ in range(len(frame))], index=frame.index)
        self.set("demand", column, frame[column].fillna(dear))

    def sell(self, products: list[str], countries: tuple[str, ...]) -> None:
        """Add suppliers of products in countries, with lanes to whoever uses them."""
        for product in products:
            for place in SELLERS:
                code = f"{place[0]}_{product}"
                frame = self.tables.get("suppliers")
                if place[1] in countries and (frame is None or code not in set(frame["supplier"])):
                    self._seller(product, code, place)

    def _seller(self, product: str, code: str, place: tuple[str, str, str, float, float]) -> None:
        draw = self.draw
        row = {
            "supplier": code,
            "name": code.title(),
            "country": place[1],
            "product": product,
            "price_usd_per_unit": self.some(0.6, 1.3) * PRICE[product],
            "capacity_units_per_yr": np.round(self.some(0.1, 0.9) * draw.need[product].max())
            if self.chance(0.7)
            else np.nan,
            "emissions_kg_per_unit": self.some(0.3, 1.5) * PRICE[product] / 100,
        }
        new = points(pd.DataFrame([row]), [place[3]], [place[4]])
        old = self.tables.get("suppliers")
        both = new if old is None or not len(old) else pd.concat([old, new], ignore_index=True)
        self.tables["suppliers"] = gpd.GeoDataFrame(both, crs=new.crs)
        users = any(part == product for _, part, _ in draw.uses)
        ends = [*(draw.places if users else ()), *(draw.towns if product in draw.finals else ())]
        lanes = [way for end in ends if self.chance(0.8) for way in draw.ways(product, (code, *place[1:]), end)]
        columns = list(self.tables["lanes"].columns[:10])
        self.append("lanes", [dict(zip(columns, lane, strict=True)) for lane in lanes])
