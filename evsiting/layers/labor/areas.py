"""Where people live and work: areas with population, labor force and unemployed, each person in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from evsiting import reference
from evsiting.errors import InputError, Problem, Problems, shown
from evsiting.layers.geo.frames import check_on_land
from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, unit_vectors
from evsiting.layers.geo.places import nearest_region
from evsiting.layers.geo.vector import EQUAL_AREA, POINTS, POLYGONS, check_layer, check_numbers, lon_lat
from evsiting.layers.geo.vector_files import read_vector, within_bytes
from evsiting.layers.labor.area_checks import REACH_KM, check_ids, check_sense, warn_of_places, warn_of_scale
from evsiting.layers.labor.counties import with_county_labor
from evsiting.study.canonical.identifiers import identifiers
from evsiting.study.canonical.points import CRS
from evsiting.study.lists import join_lists

#: Columns of people that a shed adds up. [person]
PEOPLE = ("population", "labor_force", "unemployed")
#: Columns of areas as :func:`read_areas` returns them.
COLUMNS = ["id", "name", "iso", *PEOPLE, "source", "year", "imputed"]

#: Columns of numbers, and what people write in them where a number is not known.
_FIGURES = (*PEOPLE, "unemployment_rate_pct", "lat", "lon")
_GAPS = {"", "na", "n/a", "nan", "null", "none", "-", "--", ".", "..", "x", "(x)"}

#: Way out where a file of areas cannot be read.
_NO_AREAS = "Give a CSV with a header, or points or polygons in a file that geopandas reads"
#: Spacing of the grid of those who live in no city, and the distance to a city in which they thin out to 37 %.
_GRID_M, _FADE_KM = 25_000.0, 25.0
#: Part of a state's people from which its areas are taken for the whole state: counts of different years differ.
_WHOLE = 0.9


def read_areas(
    *paths: str | Path, columns: Mapping[str, str] | None = None, labor: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    r"""Read files of areas with their people: counties, census divisions, municipios, travel-to-work areas.

    Parameters
    ----------
    *paths : str or pathlib.Path
        CSV with a row for each area, or any file of points or polygons that geopandas reads. Columns: ``id`` (text),
        ``population`` [person]; for CSV ``lat`` and ``lon`` [degree]; optional ``name``, ``iso`` (state or province,
        ISO 3166-2; found from the point where it is missing), ``labor_force`` [person], ``unemployed`` [person] or
        ``unemployment_rate_pct`` [percent], ``year``, ``source``. Cells of labor may be empty.
    columns : mapping of str to str, optional
        Names of these columns in the file where it has others, as in ``{"population": "POPESTIMATE2024"}``.
    labor : pandas.DataFrame, optional
        Labor force and unemployed of counties of the United States for areas whose ``id`` is their FIPS code and that
        tell none of their own: :func:`evsiting.reference.county_labor` (mean of 2024), or what
        :func:`evsiting.read_laus` reads from the official file.

    Returns
    -------
    geopandas.GeoDataFrame
        All files together, in EPSG:4326, as :func:`with_labor` completes them: labor force and unemployed of every
        area, so that those of a state add up to its own.

    Raises
    ------
    InputError
        If a file cannot be read, lacks a column, or names an area twice; if ids are numbers of which digits are lost;
        if more than half of the areas lie on no land of the three countries, or far from the state that they name.

    Warns
    -----
    DataWarning
        If areas lie more than 50 km from all land, or from the state that they name; if ids are empty, or have lost the
        zero that the census code of their state begins with.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "counties.csv"
    >>> _ = file.write_text("id,iso,population,lat,lon,labor_force\n47157,US-TN,910042,35.2,-89.9,440000\n")
    >>> read_areas(file)[["id", "population", "labor_force"]].to_numpy().tolist()
    [['47157', 910042.0, 440000.0]]
    """
    if not paths:
        raise InputError([Problem("read_areas", "no file is named", "0 paths", "Give at least one path")])
    frames = [_read(Path(path), dict(columns or {})) for path in paths]
    both = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=CRS)
    twice = both["id"].duplicated(keep=False) if len(frames) == 1 else both.duplicated(["iso", "id"], keep=False)
    if twice.any():
        what = f"{int(twice.sum())} rows name an area that another names too"
        raise InputError([Problem("read_areas", what, shown(both.loc[twice, "id"]), "Keep one row for each")])
    return with_labor(both if labor is None else with_county_labor(both, labor))


def _read(path: Path, columns: Mapping[str, str]) -> gpd.GeoDataFrame:
    where = path.name
    if not path.is_file():
        raise InputError([Problem(where, "is no file", str(path), "Give the path of a table of areas")])
    turn = {theirs: ours for ours, theirs in columns.items()}
    if path.suffix.lower() in (".csv", ".txt"):
        table = _read_csv_text(path).rename(columns=turn)
        frame = _points(_with_gaps(table), where)
    else:  # an id such as 2024-05 in a GeoJSON is no date
        options = {"DATE_AS_STRING": "YES"} if path.suffix.lower() in (".geojson", ".json") else {}
        frame = read_vector(path, where, fix=_NO_AREAS, options=options).rename(columns=turn)
    if "id" not in frame:
        raise InputError([Problem(f"{where}, column 'id'", "is missing", shown(frame.columns, 12), "Add it")])
    return normalize_areas(frame, where)


def _with_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of text with gaps where a number or a source is said to be missing: an id NA is a name."""
    made = table.copy()
    for column in made:
        cells = made[column].str.strip()
        gone = (_GAPS if column in _FIGURES else {""}) if column != "id" else {""}
        made[column] = cells.mask(cells.str.lower().isin(gone))
    return made


def _read_csv_text(path: Path) -> pd.DataFrame:
    """Return the cells of a CSV as text; one that cannot be read is told by its name."""
    within_bytes(path, path.name, "layer", "Cut it to the areas that are needed")
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except UnicodeDecodeError as error:
        fix = "Save it as UTF-8"
        raise InputError([Problem(path.name, "is no text in UTF-8", str(error), fix)]) from error
    except Exception as error:  # whatever a damaged file makes pandas raise
        raise InputError([Problem(path.name, "cannot be read", str(error), _NO_AREAS)]) from error


def _points(frame: pd.DataFrame, where: str) -> gpd.GeoDataFrame:
    """Return the rows of a CSV with the points that its columns ``lat`` and ``lon`` say."""
    problems, degrees = Problems(), {}
    for column in ("lat", "lon"):
        if column not in frame:
            fix = "Add it, in degrees; columns are parted by commas"
            problems.add(f"{where}, column {column!r}", "is missing", shown(frame.columns, 12), fix)
            continue
        degrees[column] = pd.to_numeric(frame[column], errors="coerce")
        bad = ~np.isfinite(degrees[column])
        if bad.any():
            seen = shown([f"row {i}: {v}" for i, v in frame.loc[bad, column].items()], 3)
            what = f"{int(bad.sum())} of {len(frame)} values are missing or no numbers"
            problems.add(f"{where}, column {column!r}", what, seen, "Give degrees with a point: 35.15")
    problems.raise_if_any()
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(degrees["lon"], degrees["lat"]), crs=CRS)


def normalize_areas(frame: object, where: str = "areas") -> gpd.GeoDataFrame:
    """Return a user's areas in the columns :data:`COLUMNS`; labor cells that are not known stay empty.

    Raises
    ------
    InputError
        If people are missing, infinite or negative, a geometry is none, or polygons lie over each other.
    CrsError
        If the coordinate reference system is missing or cannot be.
    """
    raw = check_layer(frame, where, (*POINTS, *POLYGONS), numbers=("population",))
    problems = Problems()
    for column in ("labor_force", "unemployed", "unemployment_rate_pct"):
        if column in raw:
            check_numbers(raw, column, where, problems, gaps=True)
    problems.raise_if_any()
    made = gpd.GeoDataFrame({"id": _text(raw, "id")}, geometry=raw.geometry, crs=raw.crs)
    check_ids(made["id"], "id" in raw, where)
    made["id"] = made["id"].where(made["id"] != "", pd.Series(made.index.astype(str), made.index))
    made["name"] = _text(raw, "name")
    made["iso"] = _jurisdiction(raw)
    for column in PEOPLE:
        made[column] = pd.to_numeric(raw[column]).astype("float64") if column in raw else np.nan
    if "unemployment_rate_pct" in raw:
        rate = 0.01 * pd.to_numeric(raw["unemployment_rate_pct"]).astype("float64")
        made["unemployed"] = made["unemployed"].fillna(made["labor_force"] * rate)
    made["source"], made["imputed"] = _text(raw, "source"), False
    made["year"] = _text(raw, "labor_year") if "labor_year" in raw else _text(raw, "year")
    check_on_land(made, where, "area", stacklevel=4, reach_km=REACH_KM)
    check_sense(made, where)
    warn_of_scale(raw, made, where)
    warn_of_places(made, where)
    return made[[*COLUMNS, "geometry"]]


def _text(frame: pd.DataFrame, column: str) -> pd.Series[str]:
    if column not in frame:
        return pd.Series("", index=frame.index, dtype=object)
    return identifiers(frame[column])


def _jurisdiction(frame: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the state or province of each area, from its point where it is not told."""
    region = _text(frame, "iso")
    lost = region == ""
    if lost.any():
        inside = gpd.GeoDataFrame(geometry=frame.geometry[lost].representative_point(), crs=frame.crs)
        country = _text(frame, "country")[lost]
        country = country.where(country != "", np.nan)  # type: ignore[arg-type]
        region.loc[lost] = nearest_region(inside, country, REACH_KM).fillna("")
    return region


def with_labor(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    r"""Return areas with the labor force and the unemployed of each, those of a state adding up to its own.

    What an area says stays. The rest of the labor force :math:`L_j` of state j is shared among its other areas by
    population, and the rest of the unemployed :math:`U_j` by labor force:

    .. math:: l_a = P_a \frac{\max(L_j - \sum_{b\,known} l_b,\,0)}{P_j - \sum_{b\,known} P_b}

    with :math:`P_j` the people of all areas of the state if they are at least nine tenths of its population; else the
    population itself, so that people of the state for whom there is no area keep their part. Unemployed go likewise,
    with :math:`U_j` the labor force times the rate of unemployment that is shipped, or the mean of its country
    (weighted by labor force) where none is. Where what is known already exceeds :math:`L_j` by more than a percent
    (newer figures), areas that are not known take the ratio of those that are.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Columns ``iso``, ``population``, ``labor_force``, ``unemployed``; the last two may have gaps.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy; ``imputed`` says where labor force or unemployed were shared out.
    """
    made = areas.copy()
    force, idle = _totals()
    people = reference.jurisdictions().set_index("iso")["population"].astype("float64")
    known = made[["labor_force", "unemployed"]].notna().all(axis=1)
    here = made["population"].groupby(made["iso"]).sum()
    part = (here / people.reindex(here.index)).fillna(1.0)
    part = part.where(part < _WHOLE, 1.0)
    made["labor_force"] = _fill_gaps_by_share(made, "labor_force", "population", force, part)
    made["unemployed"] = _fill_gaps_by_share(made, "unemployed", "labor_force", idle, part)
    made["unemployed"] = made["unemployed"].clip(upper=made["labor_force"])
    made["imputed"] = made.get("imputed", False) | ~known
    return made


@cache
def _totals() -> tuple[pd.Series[float], pd.Series[float]]:
    """Return labor force and unemployed of every jurisdiction. [person]"""
    force = reference.fact("labor_force")
    rate = 0.01 * reference.fact("unemployment_rate").reindex(force.index)
    country = force.index.str[:2]
    here = rate.notna()
    means = (force * rate)[here].groupby(country[here]).sum() / force[here].groupby(country[here]).sum()
    filled = np.where(here, rate.to_numpy(np.float64), means.reindex(country).to_numpy(np.float64))
    return force, pd.Series(force.to_numpy(np.float64) * filled, force.index)


def _fill_gaps_by_share(
    areas: gpd.GeoDataFrame, column: str, by: str, total: pd.Series[float], part: pd.Series[float]
) -> pd.Series[float]:
    """Return a column with its gaps filled: the rest of each jurisdiction's total, shared by another column.

    ``part`` says what part of each jurisdiction's people the areas hold; the others take theirs.
    """
    value: pd.Series[float] = areas[column].astype("float64")
    weight: pd.Series[float] = areas[by].astype("float64")
    gap = value.isna()
    if not gap.any():
        return value
    group = areas["iso"]
    have, weights = value.fillna(0.0).groupby(group).sum(), weight.where(~gap, 0.0).groupby(group).sum()
    wanted = weight.where(gap, 0.0).groupby(group).sum()
    wanted = (wanted + weights) / part.reindex(have.index) - weights  # with those for whom there is no area
    rest = total.reindex(have.index) - have
    over = rest < -0.01 * total.reindex(have.index)
    rate = rest.clip(lower=0.0) / wanted.where(wanted > 0.0)
    rate = rate.where(~over, have / weights.where(weights > 0.0))
    filled: pd.Series[float] = value.where(~gap, weight * group.map(rate).fillna(0.0))
    return filled


def city_areas() -> gpd.GeoDataFrame:
    r"""Return the shipped cities and the country around them as areas; sums over jurisdictions are the shipped totals.

    A city has the persons of its own count, scaled down where the counts of a jurisdiction exceed its population (they
    overlap: New York and Brooklyn). The rest of the jurisdiction lives on a grid of 25 km, the nearer to a city the
    denser:

    .. math:: P_g = \Big(P_j - \sum_{c \in j} p_c\Big) \frac{e^{-d_g / 25\,km}}{\sum_{g' \in j} e^{-d_{g'} / 25\,km}}

    with the distance :math:`d_g` to the nearest city. Labor force and unemployed of a jurisdiction go by population.
    The grid and its 25 km are assumptions. Against counties, census divisions and municipios, the population within
    60 km of the sites of the North American study comes out at 0.97 of theirs in the median, between 0.76 and 1.37 at
    four sites of five; :func:`read_areas` reads such files where that is too rough.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`read_areas`.

    Examples
    --------
    >>> total = city_areas().groupby("iso")["labor_force"].sum()
    >>> bool(abs(total / reference.fact("labor_force") - 1.0).max() < 1e-9)
    True
    """
    return _city_areas().copy()


@cache
def _city_areas() -> gpd.GeoDataFrame:
    cities, places = reference.cities(), reference.jurisdictions().set_index("iso")
    people, counts = places["population"].astype("float64"), cities["population"].astype("float64")
    counted = counts.groupby(cities["iso"]).sum().reindex(people.index).fillna(0.0)
    fits = (people / counted.where(counted > 0.0)).clip(upper=1.0)
    grid = _grid(places, cities)
    rest = grid["iso"].map((people - counted).clip(lower=0.0))
    made = gpd.GeoDataFrame(
        {
            "id": [*cities["geonameid"].astype(str), *grid["id"]],
            "name": [*cities["name"], *grid["id"]],
            "iso": [*cities["iso"], *grid["iso"]],
            "population": [*(counts * cities["iso"].map(fits)), *(rest * grid["share"])],
        },
        geometry=[*cities.geometry, *grid.geometry],
        crs=CRS,
    )
    share = made["population"] / made["iso"].map(people)
    for column, total in zip(("labor_force", "unemployed"), _totals(), strict=True):
        made[column] = share * made["iso"].map(total)
    made["year"] = made["iso"].map(places["population_year"].astype(int).astype(str))
    made["source"], made["imputed"] = _source(), True
    return made.loc[made["population"] > 0.0, [*COLUMNS, "geometry"]].reset_index(drop=True)


def _grid(places: gpd.GeoDataFrame, cities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return points of a grid in each jurisdiction with the part of its people outside cities that lives there."""
    flat = places.geometry.to_crs(EQUAL_AREA)
    west, south, east, north = flat.total_bounds
    x, y = np.meshgrid(np.arange(west, east, _GRID_M), np.arange(south, north, _GRID_M))
    points = gpd.GeoSeries(gpd.points_from_xy(x.ravel(), y.ravel()), crs=EQUAL_AREA)
    at, inside = flat.sindex.query(points, predicate="within")
    bare = places.loc[~places.index.isin(flat.index[inside])]  # smaller than a cell
    made = gpd.GeoDataFrame(
        {"iso": [*flat.index[inside], *bare.index]},
        geometry=[*points.iloc[at].to_crs(CRS), *gpd.points_from_xy(bare["lon"], bare["lat"])],
        crs=CRS,
    )
    far = cKDTree(unit_vectors(*lon_lat(cities))).query(unit_vectors(*lon_lat(made)))[0] * EARTH_RADIUS_KM
    weight = pd.Series(np.exp(-far / _FADE_KM))
    weight = weight.where(weight > 1e-6 * weight.groupby(made["iso"]).transform("max"), 0.0)
    made["share"] = weight / weight.groupby(made["iso"]).transform("sum")
    made["id"] = made["iso"] + "-" + made.groupby("iso").cumcount().astype(str)
    return made[made["share"] > 0.0].reset_index(drop=True)


def labor_years(year: str) -> str:
    """Return the years of the labor of :func:`city_areas`, after those of its people."""
    used = [reference.fact(v, with_quality=True)["year"] for v in ("labor_force", "unemployment_rate")]
    return join_lists([year, *pd.concat(used).astype(str)])


def _source() -> str:
    used = pd.concat([reference.fact(v, with_quality=True)["source"] for v in ("labor_force", "unemployment_rate")])
    return join_lists(["geonames", *reference.jurisdictions()["population_source"], *used])
