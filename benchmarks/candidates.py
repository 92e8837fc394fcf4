"""Would another rule choose better candidates for the North American study? Asked of standing plants alone.

Rules of maximal covering and of least distance choose as many cities; told is which part of the plants of light
vehicles of 2016, and of those that opened from 1997 to 2016, has one within reach. Rules that look at plants see those
of 1996 only. No plant that was announced later is read here: they are the test of :mod:`benchmarks.backtest`.

Run ``python -m benchmarks.candidates`` (some seconds).
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from evsiting import reference
from evsiting.layers.geo.geodesic import great_circle_km
from evsiting.layers.geo.spacing import spaced
from evsiting.layers.sites.industry import parts_by_city
from evsiting.shipped import places

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Cities chosen; distance at which a plant is reached [km]; first and last opening of the plants that test.
COUNT, REACH_KM, OPENED = 130, 50.0, (1997, 2016)
#: Reach of a standing plant as a signal: its weight falls by e over this distance. [km]
DECAY_KM = 100.0


@dataclass(frozen=True)
class Grounds:
    """Cities to choose from and to cover, plants, and what each city has of its country's people, parts and plants."""

    choice: gpd.GeoDataFrame
    cities: gpd.GeoDataFrame
    km: Floats
    country: Floats
    people: Floats
    parts: Floats
    plants_1996: Floats
    standing: gpd.GeoDataFrame
    opened: Bools

    @classmethod
    def of_reference(cls) -> Grounds:
        """Read the reference data: cities, standing plants of light vehicles, parts making."""
        cities = reference.cities().assign(parts=parts_by_city())
        cities = cities[~cities["iso"].isin(places.LEFT_OUT) & ~cities["name"].isin(places.PART_OF_A_CITY)]
        cities = cities.sort_values(["population", "geonameid"], ascending=[False, True]).reset_index(drop=True)
        large = cities[cities["candidate"].to_numpy(dtype=bool)]
        choice = large[spaced(large, places.APART_KM) < 0].reset_index(drop=True)
        stood = reference.standing_vehicle_plants().query("kind == 'assembly'").reset_index(drop=True)
        opened = stood["opened_year"].between(*OPENED).to_numpy(dtype=bool, na_value=False)
        near = _km(cities, stood[~opened])
        weight = np.exp(-near / DECAY_KM) * cities["population"].to_numpy(np.float64)[:, None]
        people = reference.jurisdictions().groupby("country")["population"].sum().astype("float64")
        return cls(
            choice, cities, _km(choice, cities),
            cities["country"].map(people / people.sum()).to_numpy(np.float64),
            _part(cities["population"].astype("float64"), cities["country"]),
            _part(cities["parts"], cities["country"]),
            _part(pd.Series((weight / weight.sum(axis=0)).sum(axis=1)), cities["country"]),
            stood, opened,
        )  # fmt: skip

    def reached(self, chosen: NDArray[np.int64]) -> tuple[float, float]:
        """Return the parts of all standing plants, and of those opened last, with a chosen city within reach."""
        near = great_circle_km(
            self.standing["lon"].to_numpy()[:, None], self.standing["lat"].to_numpy()[:, None],
            self.choice["lon"].to_numpy()[chosen], self.choice["lat"].to_numpy()[chosen],
        ).min(axis=1) <= REACH_KM  # fmt: skip
        return float(near.mean()), float(near[self.opened].mean())


def _km(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> Floats:
    """Return distances; infinite over a border, since nobody covers another country."""
    lon, lat = a["lon"].to_numpy()[:, None], a["lat"].to_numpy()[:, None]
    same = a["country"].to_numpy(dtype=object)[:, None] == b["country"].to_numpy(dtype=object)[None, :]
    return np.where(same, great_circle_km(lon, lat, b["lon"].to_numpy(), b["lat"].to_numpy()), np.inf)


def _part(column: pd.Series, country: pd.Series) -> Floats:
    return (column / column.groupby(country.to_numpy()).transform("sum")).to_numpy(np.float64)


def greedy_cover(covers: Bools, worth: Floats, count: int) -> NDArray[np.int64]:
    """Return, one after the other, who adds most to what is covered."""
    worth, chosen = worth.copy(), np.empty(0, dtype=np.int64)
    for _ in range(count):
        gain = covers @ worth
        gain[chosen] = -1.0
        chosen = np.append(chosen, gain.argmax())
        worth[covers[chosen[-1]]] = 0.0
    return chosen


def best_cover(covers: Bools, worth: Floats, count: int) -> NDArray[np.int64]:
    """Return who covers most together: the integer program of maximal covering."""
    kept = covers.any(axis=0) & (worth > 0.0)
    covers, worth = covers[:, kept], worth[kept]
    n, m = covers.shape
    rows = sparse.hstack([-sparse.csr_array(covers.T.astype(float)), sparse.eye_array(m)])
    total = sparse.csr_array(np.r_[np.ones(n), np.zeros(m)][None, :])
    found = milp(
        np.r_[np.zeros(n), -worth / worth.sum()],
        constraints=[LinearConstraint(rows, -np.inf, 0.0), LinearConstraint(total, -np.inf, count)],
        bounds=Bounds(0.0, 1.0),
        integrality=np.r_[np.ones(n), np.zeros(m)],
        options={"mip_rel_gap": 1e-4, "time_limit": 60.0},
    )
    return np.flatnonzero(found.x[:n] > 0.5)


def greedy_median(km: Floats, worth: Floats, count: int) -> NDArray[np.int64]:
    """Return, one after the other, who lessens the weighted distance to the nearest most (p-median); 500 km at most."""
    nearest, chosen = np.full(km.shape[1], 500.0), np.empty(0, dtype=np.int64)
    for _ in range(count):
        gain = np.maximum(nearest - km, 0.0) @ worth
        chosen = np.append(chosen, gain.argmax())
        nearest = np.minimum(nearest, km[chosen[-1]])
    return chosen


def compared() -> pd.DataFrame:
    """Return, for each rule, the part of the plants that it reaches."""
    here = Grounds.of_reference()
    rows = []

    def add(name: str, chosen: NDArray[np.int64]) -> None:
        rows.append((name, *here.reached(chosen)))

    def worth(people: float, parts: float, plants: float = 0.0) -> Floats:
        return here.country * (people * here.people + parts * here.parts + plants * here.plants_1996)

    within = here.km <= places.COVER_KM
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        add(f"cover, people {share:.0%}, parts {1 - share:.0%}", greedy_cover(within, worth(share, 1 - share), COUNT))
    half = worth(0.5, 0.5)
    for radius in (40.0, 60.0, 75.0):
        add(f"cover, half and half, within {radius:g} km", greedy_cover(here.km <= radius, half, COUNT))
    add("cover, half and half, best instead of greedy", best_cover(within, half, COUNT))
    add("least distance (p-median), half and half", greedy_median(here.km, half, COUNT))
    for plants in (0.33, 0.5, 0.67):
        told = f"cover, plants of 1996 {plants:.0%}, the rest half and half"
        add(told, greedy_cover(within, worth((1 - plants) / 2, (1 - plants) / 2, plants), COUNT))
    for people in (0.0, 0.25, 0.5):
        told = f"cover, people {people:.0%}, plants of 1996 {1 - people:.0%}, no parts"
        add(told, greedy_cover(within, worth(people, 0.0, 1 - people), COUNT))
    once = _part(pd.Series(places.persons_once(here.cities)), here.cities["country"])
    add(
        "cover, half and half, parts of a city counted once",
        greedy_cover(within, here.country * 0.5 * (once + here.parts), COUNT),
    )
    add("all cities to choose from", np.arange(len(here.choice)))
    found = pd.DataFrame(rows, columns=["rule", "standing", "opened"])
    return found.assign(plants=len(here.standing), opened_plants=int(here.opened.sum()))


def main() -> None:
    """Print the table of the manual."""
    found = compared()
    print(f"| rule | {found['plants'].iloc[0]} of 2016 | {found['opened_plants'].iloc[0]} opened since {OPENED[0]} |")
    print("|---|--:|--:|")
    for rule, standing, opened in found[["rule", "standing", "opened"]].itertuples(index=False):
        print(f"| {rule} | {standing:.0%} | {opened:.0%} |")


if __name__ == "__main__":
    main()
