"""Would another rule choose better candidates for the North American study? Asked of standing plants alone.

Rules of maximal covering and of least distance choose as many cities; told is which part of the plants of light
vehicles of 2016 has one within reach, and which part of those that opened late. Rules that look at plants see none of
the state that is tested (first test), or only those that opened before (second and third). Of a plant whose year of
opening is not known nothing is seen in the tests by time. No plant that was announced later is read here: they are the
test of :mod:`benchmarks.backtest`.

What would replace the shipped rule, fixed before any rule below was tried: a rule that reaches more of the plants
opened since 1990, no fewer of all plants with their state left out, and whose lead over the shipped rule on these is no
chance (exact sign test over the plants that only one of both reaches, one-sided, p <= 0.05; with more than twenty
rules tried, one may pass by chance, so that the one with most weight on what is known before the plants is taken).

Run ``python -m benchmarks.candidates`` (some minutes).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.stats import binomtest

from benchmarks.backtest_fit import fit
from benchmarks.backtest_grounds import nearest_row, standardised, state_weights, with_columns
from benchmarks.backtest_rules import SIGNALS
from evsiting import reference
from evsiting.layers.geo.geodesic import great_circle_km
from evsiting.layers.geo.spacing import thin_points
from evsiting.layers.sites.industry import parts_by_city
from evsiting.shipped import places

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: Cities chosen; distance at which a plant is reached [km].
COUNT, REACH_KM = 130, 50.0
#: First openings of the tests by time; the last is 2016. Openings that teach the fit to history, and its signals' year.
OPENED, TAUGHT, TAUGHT_YEAR = (1990, 1997), (1975, 1989), 1974
#: Reach of a standing plant as a signal: its weight falls by e over this distance. [km]
DECAY_KM = 100.0
#: A state or province with this part of its country's parts making has an industry of its own. [fraction]
INDUSTRY_SHARE = 0.005
#: Name of the rule that is shipped.
SHIPPED = "cover, people 50%, parts 50%"


@dataclass(frozen=True)
class Grounds:
    """Cities to choose from and to cover, plants, and what each city has of its country's people and parts making."""

    choice: gpd.GeoDataFrame
    cities: gpd.GeoDataFrame
    km: Floats
    country: Floats
    people: Floats
    parts: Floats
    standing: gpd.GeoDataFrame

    @classmethod
    def of_reference(cls) -> Grounds:
        """Read the reference data: cities, standing plants of light vehicles, parts making."""
        cities = reference.cities().assign(parts=parts_by_city())
        cities = cities[~cities["iso"].isin(places.LEFT_OUT) & ~cities["name"].isin(places.PART_OF_A_CITY)]
        cities = cities.sort_values(["population", "geonameid"], ascending=[False, True]).reset_index(drop=True)
        large = cities[cities["candidate"].to_numpy(dtype=bool)]
        choice = large[thin_points(large, places.APART_KM) < 0].reset_index(drop=True)
        stood = reference.standing_vehicle_plants().query("kind == 'assembly'").reset_index(drop=True)
        people = reference.jurisdictions().groupby("country")["population"].sum().astype("float64")
        return cls(
            choice, cities, _km(choice, cities),
            cities["country"].map(people / people.sum()).to_numpy(np.float64),
            _part(cities["population"].astype("float64"), cities["country"]),
            _part(cities["parts"], cities["country"]),
            stood,
        )  # fmt: skip

    @cached_property
    def plants(self) -> Floats:
        """Weight of each standing plant (column) in each city (row): people by distance, one in all."""
        near = np.exp(-_km(self.cities, self.standing) / DECAY_KM)
        weight = near * self.cities["population"].to_numpy(np.float64)[:, None]
        return np.asarray(weight / weight.sum(axis=0))

    @cached_property
    def reaches(self) -> Bools:
        """Which city to choose from (rows) has which standing plant (columns) within reach."""
        lon, lat = (self.choice[c].to_numpy()[:, None] for c in ("lon", "lat"))
        there = self.standing["lon"].to_numpy(), self.standing["lat"].to_numpy()
        return great_circle_km(lon, lat, *there) <= REACH_KM

    def opened(self, first: int) -> Bools:
        """Which plants opened from a year on."""
        return np.asarray(self.standing["opened_year"].ge(first).to_numpy(dtype=bool, na_value=False))

    def opened_before(self, year: int) -> Bools:
        """Which plants opened before a year, as far as is known."""
        return np.asarray(self.standing["opened_year"].lt(year).to_numpy(dtype=bool, na_value=False))

    def worth(self, people: float, parts: float, plants: float = 0.0, seen: Bools | None = None) -> Floats:
        """Return what each city is worth: parts of people, of parts making and of the plants that are seen."""
        total = people * self.people + parts * self.parts
        if plants:
            near = self.plants if seen is None else self.plants[:, seen]
            total = total + plants * _part(pd.Series(near.sum(axis=1)), self.cities["country"])
        return np.asarray(self.country * total)

    def industry(self) -> Bools:
        """Which city to choose from (columns) lies in which state with parts making of its own (rows)."""
        share = pd.Series(self.parts).groupby(self.cities["iso"].to_numpy()).sum()
        states = share.index[share >= INDUSTRY_SHARE].to_numpy(dtype=object)
        inside = states[:, None] == self.choice["iso"].to_numpy(dtype=object)[None, :]
        return np.asarray(inside[inside.any(axis=1)])


@dataclass(frozen=True)
class Rule:
    """A rule under test.

    Parameters
    ----------
    choose : callable
        The cities chosen, from grounds, which plants are seen, and the year before which they opened (None in the test
        with a state left out).
    looks : bool
        Whether it looks at plants, so that its choice differs from test to test.
    by_state : bool
        Whether it can be asked with a state left out.
    """

    name: str
    choose: Callable[[Grounds, Bools, int | None], Ints]
    looks: bool = False
    by_state: bool = True


def _km(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> Floats:
    """Return distances; infinite over a border, since nobody covers another country."""
    lon, lat = a["lon"].to_numpy()[:, None], a["lat"].to_numpy()[:, None]
    same = a["country"].to_numpy(dtype=object)[:, None] == b["country"].to_numpy(dtype=object)[None, :]
    return np.where(same, great_circle_km(lon, lat, b["lon"].to_numpy(), b["lat"].to_numpy()), np.inf)


def _part(column: pd.Series, country: pd.Series) -> Floats:
    total = column.groupby(country.to_numpy()).transform("sum")
    return (column / total.where(total > 0.0)).fillna(0.0).to_numpy(np.float64)


def greedy_cover(covers: Bools, worth: Floats, count: int) -> Ints:
    """Return, one after the other, who adds most to what is covered."""
    worth, chosen = worth.copy(), np.empty(0, dtype=np.int64)
    for _ in range(count):
        gain = covers @ worth
        gain[chosen] = -1.0
        chosen = np.append(chosen, gain.argmax())
        worth[covers[chosen[-1]]] = 0.0
    return chosen


def best_cover(covers: Bools, worth: Floats, count: int, groups: Bools | None = None) -> Ints:
    """Return who covers most together, with one of each group at least: the program of maximal covering."""
    kept = covers.any(axis=0) & (worth > 0.0)
    covers, worth = covers[:, kept], worth[kept]
    n, m = covers.shape
    rows = sparse.hstack([-sparse.csr_array(covers.T.astype(float)), sparse.eye_array(m)])
    total = sparse.csr_array(np.r_[np.ones(n), np.zeros(m)][None, :])
    limits = [LinearConstraint(rows, -np.inf, 0.0), LinearConstraint(total, -np.inf, count)]
    if groups is not None:
        each = sparse.hstack([sparse.csr_array(groups.astype(float)), sparse.csr_array((len(groups), m))])
        limits.append(LinearConstraint(each, 1.0, np.inf))
    found = milp(
        np.r_[np.zeros(n), -worth / worth.sum()],
        constraints=limits,
        bounds=Bounds(0.0, 1.0),
        integrality=np.r_[np.ones(n), np.zeros(m)],
        options={"mip_rel_gap": 1e-4, "time_limit": 60.0},
    )
    return np.flatnonzero(found.x[:n] > 0.5)


def greedy_median(km: Floats, worth: Floats, count: int) -> Ints:
    """Return, one after the other, who lessens the weighted distance to the nearest most (p-median); 500 km at most."""
    nearest, chosen = np.full(km.shape[1], 500.0), np.empty(0, dtype=np.int64)
    for _ in range(count):
        gain = np.maximum(nearest - km, 0.0) @ worth
        chosen = np.append(chosen, gain.argmax())
        nearest = np.minimum(nearest, km[chosen[-1]])
    return chosen


def _told(people: float, parts: float, plants: float) -> str:
    parts_of = (("people", people), ("parts", parts), ("plants", plants))
    return ", ".join(f"{name} {share:.0%}" for name, share in parts_of if share)


def _covers(people: float, parts: float, plants: float = 0.0, *, best: bool = False, reach_km: float = 50.0) -> Rule:
    def choose(here: Grounds, seen: Bools, year: int | None) -> Ints:
        del year
        value, within = here.worth(people, parts, plants, seen), here.km <= reach_km
        return best_cover(within, value, COUNT) if best else greedy_cover(within, value, COUNT)

    wide = "" if reach_km == places.COVER_KM else f", within {reach_km:g} km"
    kind = "best cover" if best else "cover"
    return Rule(f"{kind}, {_told(people, parts, plants)}{wide}", choose, plants > 0.0)


def _each_state(people: float, parts: float, plants: float = 0.0) -> Rule:
    def choose(here: Grounds, seen: Bools, year: int | None) -> Ints:
        del year
        value = here.worth(people, parts, plants, seen)
        return best_cover(here.km <= places.COVER_KM, value, COUNT, here.industry())

    told = f"best cover, {_told(people, parts, plants)}, one in each state with an industry"
    return Rule(told, choose, plants > 0.0)


def _where_companies_go(here: Grounds, seen: Bools, year: int | None) -> Ints:
    """Return the greedy cover of where a fit to the openings of :data:`TAUGHT` expects plants."""
    del seen
    assert year is not None
    frame = here.choice.rename(columns={"iso": "region"})
    frame = frame.assign(site=frame["geonameid"].astype(str))[["site", "name", "country", "region", "geometry"]]
    names = [s.column for s in SIGNALS if s.history]
    then = with_columns(frame, TAUGHT_YEAR).assign(state=frame["region"])
    opened = gpd.GeoDataFrame(here.standing[here.standing["opened_year"].between(*TAUGHT)])
    x, x_opened = standardised(then, then.iloc[nearest_row(opened, then)], names)
    weight = state_weights(frame["region"])
    at = then.iloc[nearest_row(opened, then)]
    beta = fit(x, weight, frame["country"], x_opened, at["country"])
    now = with_columns(frame, year - 1).assign(state=frame["region"])
    x_now, _ = standardised(now, now.head(1), names)
    value = weight * np.exp(x_now @ beta)
    by_country = pd.Series(here.country).groupby(here.cities["country"].to_numpy()).first()
    value = _part(pd.Series(value), frame["country"]) * frame["country"].map(by_country).to_numpy(np.float64)
    return greedy_cover(_km(here.choice, here.choice) <= REACH_KM, value, COUNT)


def _parts_once(here: Grounds, seen: Bools, year: int | None) -> Ints:
    del seen, year
    once = _part(pd.Series(places.persons_once(here.cities)), here.cities["country"])
    return greedy_cover(here.km <= places.COVER_KM, here.country * 0.5 * (once + here.parts), COUNT)


def _wide_apart(here: Grounds, seen: Bools, year: int | None) -> Ints:
    del seen, year
    apart = np.flatnonzero(thin_points(here.choice, REACH_KM) < 0)
    return apart[greedy_cover(here.km[apart] <= places.COVER_KM, here.worth(0.5, 0.5), COUNT)]


def rules() -> list[Rule]:
    """Return the rules that are compared; the first is the shipped one."""
    shares = ((0.0, 1.0), (0.25, 0.75), (0.75, 0.25), (1.0, 0.0))
    with_plants = ((0.33, 0.34, 0.33), (0.25, 0.25, 0.5), (0.0, 0.5, 0.5), (0.25, 0.5, 0.25), (0.5, 0.0, 0.5))
    return [
        Rule(SHIPPED, _covers(0.5, 0.5).choose),
        *(_covers(*share) for share in shares),
        *(_covers(0.5, 0.5, reach_km=radius) for radius in (40.0, 60.0, 75.0)),
        *(_covers(*share, best=True) for share in ((0.5, 0.5), (0.25, 0.75), (0.0, 1.0))),
        *(_each_state(*share) for share in ((0.5, 0.5), (0.25, 0.75), (0.0, 1.0))),
        Rule("least distance (p-median), half and half", lambda g, s, y: greedy_median(g.km, g.worth(0.5, 0.5), COUNT)),
        Rule("cover, half and half, people of a city and its parts once", _parts_once),
        Rule("cover, half and half, 50 instead of 30 km apart", _wide_apart),
        *(_covers(*share) for share in with_plants),
        _covers(0.0, 0.0, 1.0),
        _covers(0.25, 0.25, 0.5, best=True),
        _each_state(0.25, 0.25, 0.5),
        _each_state(0.0, 0.5, 0.5),
        Rule("cover of where companies went 1975 to 1989", _where_companies_go, True, by_state=False),
        Rule("all cities to choose from", lambda g, s, y: np.arange(len(g.choice))),
    ]


def reached(rule: Rule, here: Grounds) -> dict[str, Bools]:
    """Return which plants a rule reaches: its state left out, and by time; without a name where it cannot be asked."""
    state = here.standing["region"].to_numpy(dtype=object)
    all_seen = np.ones(len(state), dtype=bool)
    made: dict[str, Bools] = {}
    if not rule.looks:
        near = here.reaches[rule.choose(here, all_seen, None)].any(axis=0)
        return dict.fromkeys(["state", *map(str, OPENED)], near)
    if rule.by_state:
        made["state"] = np.zeros(len(state), dtype=bool)
        for one in np.unique(state.astype(str)):
            held = state == one
            made["state"][held] = here.reaches[rule.choose(here, ~held, None)][:, held].any(axis=0)
    for year in OPENED:
        made[str(year)] = here.reaches[rule.choose(here, here.opened_before(year), year)].any(axis=0)
    return made


def compared(tried: list[Rule] | None = None) -> pd.DataFrame:
    """Return, for each rule, the part of the plants that it reaches, and its lead over the shipped rule."""
    here = Grounds.of_reference()
    late = {year: here.opened(year) for year in OPENED}
    rows, shipped = [], reached(rules()[0], here)["state"]
    for rule in rules() if tried is None else tried:
        near = reached(rule, here)
        row: dict[str, object] = {"rule": rule.name}
        if "state" in near:
            more, less = int((near["state"] & ~shipped).sum()), int((shipped & ~near["state"]).sum())
            chance = binomtest(more, more + less, alternative="greater").pvalue if more + less else 1.0
            row |= {"standing": near["state"].mean(), "more": more, "less": less, "chance": chance}
        row |= {f"since_{year}": near[str(year)][late[year]].mean() for year in OPENED}
        rows.append(row)
    counts = {"plants": len(here.standing)} | {f"plants_{year}": int(late[year].sum()) for year in OPENED}
    return pd.DataFrame(rows).assign(**counts)


def main() -> None:
    """Print the table of the manual."""
    found = compared()
    first = found.iloc[0]
    late = " | ".join(f"{first[f'plants_{year}']} opened since {year}" for year in OPENED)
    print(f"| rule, {COUNT} cities | {first['plants']} of 2016 | more, fewer than shipped | p | {late} |")
    print("|---|--:|--:|--:|--:|--:|")
    for _, row in found.iterrows():
        lead = "|" if pd.isna(row["standing"]) else f"+{row['more']:.0f} -{row['less']:.0f} | {row['chance']:.2f}"
        share = "" if pd.isna(row["standing"]) else f"{row['standing']:.0%}"
        ends = " | ".join(f"{row[f'since_{year}']:.0%}" for year in OPENED)
        print(f"| {row['rule']} | {share} | {lead} | {ends} |")


if __name__ == "__main__":
    main()
