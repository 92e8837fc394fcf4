"""Studies that come with the package, built from its reference data by the same calls that users have."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import cache

import geopandas as gpd
import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem
from evsiting.layers.completion import complete_quietly
from evsiting.shipped import cities, customs, demand, inputs, limits, local, places, plants, programs, trade
from evsiting.shipped import products as making
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.scenarios import policy_futures, scenarios
from evsiting.study.files.starter import read_starter
from evsiting.study.lists import names_in
from evsiting.study.schema.plants import LIVE
from evsiting.study.settings import About, Modelling, Money, Settings, Solving
from evsiting.study.study import Study

__all__ = ["EXAMPLES", "example"]

#: Names of the shipped studies.
EXAMPLES = ("north-america", "ten-cities", "starter", "north-america-cities")

PRICE_YEAR = 2025

#: Periods of the North American study. The first holds 45X in full and what is being built now; the second its
#: phase-down, the last of Plan Mexico and of the offset of duties on parts; the third begins as 45X ends and the
#: Canadian credit runs out, and is long because nothing that is known changes after it. Fifteen years are less than
#: the life of a plant: what is left of it is counted.
PERIODS = (("2027-2029", 2027, 3), ("2030-2032", 2030, 3), ("2033-2041", 2033, 9))
#: Products with a rule of origin in the North American study. A rule for packs as well would ask of each of 18,000
#: pairs of a pack and a vehicle plant what originates, which is not proven in minutes; the study of ten cities has it.
RULED = ("vehicle",)
#: The one period of the study of ten cities.
PERIOD = ("2028-2037", 2028, 10)

#: Candidate cities of the North American study; centres of commuting areas of the study by city, as many, and the least
#: distance between them. [km]
CITIES, SPACING_KM = 130, 110.0

#: Candidates and yearly sales of the maker in the study of ten cities.
TEN_CITIES = (
    "CA-ON-toronto",
    "CA-QC-montreal",
    "MX-NLE-monterrey",
    "MX-PUE-puebla",
    "US-GA-atlanta",
    "US-KY-louisville",
    "US-MI-detroit",
    "US-NV-las-vegas",
    "US-TN-memphis",
    "US-TX-san-antonio",
)
TEN_CITIES_VEHICLES = 400e3


def example(name: str) -> Study:
    """Return a shipped study, complete.

    Parameters
    ----------
    name : {"north-america", "ten-cities", "starter", "north-america-cities"}
        ``north-america``: where and when to build, expand, resume and close cell, pack and assembly plants in the
        three countries from 2027 to 2041, as electric vehicles go from an eighth of all sold to seven tenths; with
        eight futures of law, agreements and demand.
        ``ten-cities``: one maker of 400,000 vehicles a year and ten candidates, with three scenarios. ``starter``: what
        :func:`evsiting.new_study` writes; small, with made-up figures. ``north-america-cities``: the North American
        study with 1,360 candidate cities and 4,557 city markets, each with its part of the demand of its state or
        province. It comes without lanes, which are millions: :func:`evsiting.freight_matrices` gives them as arrays,
        :func:`evsiting.prefilter` narrows the sites first, and :func:`evsiting.complete` makes the table of what is
        left.

    Returns
    -------
    Study
        With provenance for every figure.

    Raises
    ------
    InputError
        If no study of that name is shipped.

    Examples
    --------
    >>> study = example("starter")
    >>> len(study.sites), len(study.markets)
    (7, 5)
    """
    if name not in EXAMPLES:
        close = difflib.get_close_matches(str(name), EXAMPLES, n=1)
        seen = f"did you mean {close[0]!r}?" if close else ""
        fix = f"Choose from {', '.join(EXAMPLES)}"
        raise InputError([Problem(f"example({name!r})", "no such shipped study", seen, fix)])
    return _cached_example(name)


@cache
def _cached_example(name: str) -> Study:
    return _BUILDERS[name]()


def _settings(book: ProvenanceLog, about: About, load_factor: float, solve: Solving) -> Settings:
    hours = book.get("labor.hours_per_fte_year", country="US")
    book.note("settings", "hours_per_fte_year")
    rate = 0.01 * book.get("finance.discount.omb_real")
    nominal = book.get("finance.wacc.auto_truck")
    firm = f"taken for the real rate of a firm; capital of vehicle makers costs {nominal:g} % before inflation"
    book.note("settings", "discount_rate", assumed=firm)
    life = book.get("plant.economic_life")
    book.note("settings", "plant_life_years")
    if load_factor < 1.0:
        book.cite("settings", "load_factor", "*", "", "", "assumption", "plants run around the clock with some swing")
    return Settings(
        study=about,
        money=Money(price_year=PRICE_YEAR, base_year=2026, discount_rate=round(rate, 6), plant_life_years=life),
        model=Modelling(hours_per_fte_year=hours, load_factor=load_factor),
        solve=solve,
    )


def _periods(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["period", "start_year", "years"])


def north_america(*, suppliers: bool = True) -> Study:
    """Return the North American study; without suppliers of parts and active materials to see what they change.

    Parameters
    ----------
    suppliers : bool, default True
        Whether parts of vehicles and packs, and active materials of cells, are bought from suppliers that have a
        place. Otherwise they are material, which costs the same and comes from nowhere.

    Examples
    --------
    >>> with_them = north_america()
    >>> len(with_them.suppliers.query("product == 'vehicle_parts'"))
    29
    """
    book = ProvenanceLog(PRICE_YEAR)
    candidates = places.candidate_cities(CITIES)
    tables, settings = _assemble(book, "North America 2027-2041", candidates, suppliers=suppliers)
    tables |= policy_futures(book, tables)
    return _finish(book, settings, tables)


def _north_america_cities() -> Study:
    book = ProvenanceLog(PRICE_YEAR)
    centres = places.regional_centres(CITIES, SPACING_KM)
    tables, settings = _assemble(book, "North American cities 2027-2041", cities.candidates(), centres)
    weight = cities.weights()
    tables["markets"] = cities.markets()
    tables["demand"] = cities.share_to_cities(book, tables["demand"], weight)
    return _finish(book, settings, tables, lanes=False)


def _assemble(
    book: ProvenanceLog,
    name: str,
    candidates: gpd.GeoDataFrame,
    centres: gpd.GeoDataFrame | None = None,
    *,
    suppliers: bool = True,
) -> tuple[dict[str, pd.DataFrame], Settings]:
    """Return the tables of the three countries over some candidates, with the 96 jurisdictions as markets.

    Where ``centres`` are given, commuting areas are those around them; otherwise those of sites near each other.
    """
    settings = _settings(
        book,
        About(
            name=name,
            question="Where and when to build, expand, resume and close cell, pack and EV-assembly plants in North "
            "America as electric vehicles go from an eighth of all new ones to seven tenths?",
        ),
        local.LOAD_FACTOR,
        Solving(gap=0.01),
    )
    periods = _periods(*PERIODS)
    standing = plants.with_packs(places.standing_plants())
    live = standing[standing["status"].isin(LIVE)]
    own = standing.drop_duplicates("site")[["site", "name", "country", "region", "geometry"]]
    sites = local.site_columns(book, pd.concat([candidates, own.assign(role="existing")], ignore_index=True))
    kinds = making.kinds(book)
    staff = plants.full_staff(live, kinds).groupby(live["site"]).sum()
    if centres is None:
        sites["labor_pool"], pools = local.labor_pools(book, sites, staff)
    else:
        sites["labor_pool"], pools = cities.labor_pools(book, sites, centres, staff)
    bought = inputs.Bought.of(book) if suppliers else None
    tables = _plants_and_products(book, kinds, settings, sites, RULED, bought)
    cells = live[(live["plant_type"] == "cell") & (live["status"] != "paused")]
    tables |= {
        "periods": periods,
        "options": plants.options(book, kinds, whole=True, joint_sites=plants.nearest(candidates, cells)),
        "plants": plants.plants(book, kinds, standing),
        "demand": demand.demand_on_paths(book, periods),
        "quotas": customs.quotas(book, PERIODS[0][1]),
        "duty_offsets": customs.offsets(book, PERIODS[0][1]),
        "gateways": trade.gateways(book),
        "labor_pools": pools,
        "grid_upgrades": local.grid_upgrades(book),
        "limits": limits.limits(book),
    }
    ramped = plants.capacity_over_time(book, tables["plants"], periods)
    over_time = [local.trajectories(book, periods), ramped]
    if bought:
        prices = inputs.part_prices(bought, tables["processes"].set_index("product")["good_share"])
        supply = inputs.suppliers(book, bought, prices, periods, tables["demand"])
        tables["suppliers"] = pd.concat([tables["suppliers"], supply], ignore_index=True)
        over_time.append(inputs.capacity_over_time(book, periods, tables["demand"], supply))
    tables["trajectories"] = pd.concat(over_time, ignore_index=True)
    tables["commitments"] = trade.commitments(book, tables["plants"])
    tables |= programs.programs(book, _kwh(tables), whole=True)
    return tables, settings


def _ten_cities() -> Study:
    book = ProvenanceLog(PRICE_YEAR)
    settings = _settings(
        book,
        About(
            name="Ten cities",
            question="Where should a maker of 400,000 electric vehicles a year build in North America?",
        ),
        1.0,
        Solving(),
    )
    large = cities.candidates()
    sites = large[large["site"].isin(TEN_CITIES)].reset_index(drop=True)
    kinds = making.kinds(book)
    tables = _plants_and_products(book, kinds, settings, local.site_columns(book, sites).drop(columns="connectable_mw"))
    periods = _periods(PERIOD)
    tables |= {
        "periods": periods,
        "options": plants.options(book, kinds, whole=False),
        "trajectories": local.wages_over_time(book, periods),
        "demand": demand.demand_of_total(book, PERIOD[0], TEN_CITIES_VEHICLES),
    }
    tables |= programs.programs(book, _kwh(tables), whole=False)
    tables |= scenarios(book)
    return _finish(book, settings, tables)


def _kwh(tables: dict[str, pd.DataFrame]) -> float:
    """Return the cells in a pack. [kWh]"""
    bill = tables["bill_of_materials"].set_index(["product", "input"])["units_per_unit"]
    return float(bill["pack", "cell"])


def _starter() -> Study:
    return complete_quietly(read_starter("Starter"))


def _plants_and_products(
    book: ProvenanceLog,
    kinds: tuple[making.Kind, ...],
    settings: Settings,
    sites: gpd.GeoDataFrame,
    ruled: tuple[str, ...] = ("vehicle", "pack"),
    bought: inputs.Bought | None = None,
) -> dict[str, pd.DataFrame]:
    """Return what every study of cells, packs and vehicles has in common: places, products, making, trade.

    With ``bought``, parts of vehicles and packs and active materials of cells are products that plants buy.
    """
    hours, less = settings.model.hours_per_fte_year, bought.by_plant_type if bought else None
    processes = making.processes(book, kinds, hours, less)
    products, bill = making.products(book), making.bill_of_materials(book)
    suppliers = trade.suppliers(book, processes, bill)
    rules = customs.origin_rules(book, processes, products, ruled, bought.parts_usd if bought else None)
    if bought:
        products = inputs.products(book, bought, products, processes.set_index("product")["good_share"])
        bill = inputs.bill_of_materials(book, bought, bill)
    book.cite("sites", "fixed_usd_per_yr", "*", "", "", "assumption", "no further cost of land or water")
    spots = "cities, and plants of the reference table at their place"
    book.cite("sites", "geometry", "*", "geonames;cim_2025q4", "", "sourced", spots)
    book.cite("markets", "geometry", "*", "geonames", "", "derived", "population-weighted centre of the cities")
    return {
        "sites": sites,
        "markets": places.markets(),
        "products": products,
        "bill_of_materials": bill,
        "processes": processes,
        "suppliers": suppliers,
        "duties": customs.duties(book, inputs.MEASURES if bought else ()),
        "origin_rules": rules,
    }


def _finish(book: ProvenanceLog, settings: Settings, tables: dict[str, pd.DataFrame], *, lanes: bool = True) -> Study:
    """Return the complete study of some tables, with provenance for those columns that it has; without lanes if so."""
    rows = [row for row in book.rows if row["table"] == "settings" or _has(tables, row["table"], row["column"])]
    tables["provenance"] = pd.DataFrame(rows)
    cited = set(names_in(row["source"] for row in rows))
    known = reference.sources().rename(columns={"url_or_package": "address"})
    columns = ["id", "title", "publisher", "vintage", "address", "licence", "note"]
    tables["sources"] = known.loc[known["id"].isin(cited), columns].reset_index(drop=True)
    study = Study.from_tables(settings, tables)
    return complete_quietly(study) if lanes else complete_quietly(study, None)


def _has(tables: dict[str, pd.DataFrame], table: str, column: str) -> bool:
    return table in tables and (column == "*" or column in tables[table] or (table, column) in _DEFAULTED)


#: Columns that the study fills with a default, and what it says of it.
_DEFAULTED = (("sites", "fixed_usd_per_yr"), ("demand", "late_usd_per_unit"))

_BUILDERS: dict[str, Callable[[], Study]] = dict(
    zip(EXAMPLES, (north_america, _ten_cities, _starter, _north_america_cities), strict=True)
)
