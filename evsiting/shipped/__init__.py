"""Studies that come with the package, built from its reference data by the same calls that users have."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem
from evsiting.layers.fill import complete
from evsiting.shipped import making, places, trade
from evsiting.shipped.book import Book
from evsiting.study.read import read_study
from evsiting.study.settings import About, Modelling, Money, Settings
from evsiting.study.study import Study
from evsiting.study.templates import new_study

__all__ = ["EXAMPLES", "example"]

#: Names of the shipped studies.
EXAMPLES = ("north-america", "ten-cities", "starter")

PRICE_YEAR = 2025
PERIOD = "2028-2037"

#: Candidate cities of the North American study and the least distance between them. [km]
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
    name : {"north-america", "ten-cities", "starter"}
        ``north-america``: where to build cell, pack and assembly plants if half of all new light vehicles in
        the three countries were battery-electric. ``ten-cities``: one maker of 400,000 vehicles a year and
        ten candidates. ``starter``: what :func:`evsiting.new_study` writes; small, with made-up figures.

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
    return _built(name)


@cache
def _built(name: str) -> Study:
    return _BUILDERS[name]()


def _settings(book: Book, about: About) -> Settings:
    hours = book.get("labor.hours_per_fte_year", country="US")
    book.note("settings", "hours_per_fte_year")
    rate = 0.01 * book.get("finance.discount.omb_real")
    nominal = book.get("finance.wacc.auto_truck")
    firm = f"taken for the real rate of a firm; capital of vehicle makers costs {nominal:g} % before inflation"
    book.note("settings", "discount_rate", assumed=firm)
    life = book.get("plant.economic_life")
    book.note("settings", "plant_life_years")
    return Settings(
        study=about,
        money=Money(price_year=PRICE_YEAR, base_year=2026, discount_rate=round(rate, 6), plant_life_years=life),
        model=Modelling(hours_per_fte_year=hours),
    )


def _north_america() -> Study:
    book = Book(PRICE_YEAR)
    settings = _settings(
        book,
        About(
            name="North America 2028-2037",
            question="Where to build cell, pack and EV-assembly plants if half of all new light vehicles in "
            "North America were battery-electric?",
        ),
    )
    standing = places.standing_plants()
    own = standing[["site", "name", "country", "region", "geometry"]].assign(role="existing")
    cities = places.candidate_cities(CITIES, SPACING_KM)
    sites = pd.concat([cities, own], ignore_index=True)
    return _study(book, settings, sites, standing, places.demand(book, PERIOD))


def _ten_cities() -> Study:
    book = Book(PRICE_YEAR)
    settings = _settings(
        book,
        About(
            name="Ten cities",
            question="Where should a maker of 400,000 electric vehicles a year build in North America?",
        ),
    )
    cities = places.candidate_cities(CITIES, SPACING_KM)
    sites = cities[cities["site"].isin(TEN_CITIES)].reset_index(drop=True)
    nothing = places.standing_plants().head(0)
    return _study(book, settings, sites, nothing, places.demand(book, PERIOD, TEN_CITIES_VEHICLES))


def _starter() -> Study:
    with tempfile.TemporaryDirectory() as room:
        return complete(read_study(new_study(Path(room) / "Starter")))


def _study(
    book: Book, settings: Settings, sites: gpd.GeoDataFrame, standing: gpd.GeoDataFrame, demand: pd.DataFrame
) -> Study:
    """Return the complete study of some sites, standing plants and demand."""
    kinds = making.kinds(book)
    kwh = book.get("product.kwh_per_vehicle")
    book.read.clear()
    processes = making.processes(book, kinds, settings.model.hours_per_fte_year)
    tables: dict[str, pd.DataFrame] = {
        "sites": sites,
        "markets": places.markets(),
        "periods": pd.DataFrame({"period": [PERIOD], "start_year": [2028], "years": [10]}),
        "products": making.products(book),
        "bill_of_materials": making.bill_of_materials(book),
        "processes": processes,
        "options": making.options(book, kinds),
        "plants": making.plants(book, kinds, standing),
        "demand": demand,
        "suppliers": trade.suppliers(book, processes, kwh),
        "duties": trade.duties(book),
        "programs": trade.programs(book, kwh),
    }
    book.cite("sites", "fixed_usd_per_yr", "*", "", "", "assumption", "no further cost of land, water or local tax")
    book.cite(
        "sites", "geometry", "*", "geonames;cim_2025q4", "", "sourced", "cities, and standing plants at their place"
    )
    book.cite("markets", "geometry", "*", "geonames", "", "derived", "population-weighted centre of the cities")
    if not len(standing):
        tables.pop("plants")
        book.rows = [row for row in book.rows if row["table"] != "plants"]
    tables["provenance"] = book.provenance()
    cited = {s for row in book.rows for s in row["source"].split(";")}
    known = reference.sources().rename(columns={"url_or_package": "address"})
    columns = ["id", "title", "publisher", "vintage", "address", "licence", "note"]
    tables["sources"] = known.loc[known["id"].isin(cited), columns].reset_index(drop=True)
    return complete(Study.from_tables(settings, tables))


_BUILDERS: dict[str, Callable[[], Study]] = dict(zip(EXAMPLES, (_north_america, _ten_cities, _starter), strict=True))
