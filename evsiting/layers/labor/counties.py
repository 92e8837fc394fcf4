"""Labor of the counties of the United States: the official files, and the counties in which sites lie."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.errors import DataWarning, InputError, Problem, Problems, shown
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.geo.vector import POLYGONS, check_layer, sources_of
from evsiting.layers.provenance import partly
from evsiting.study.canonical.identifiers import identifiers
from evsiting.study.lists import join_lists
from evsiting.study.study import Study

#: Columns of county labor, as of :func:`evsiting.reference.county_labor`.
COLUMNS = ["fips", "name", "labor_force", "unemployed", "unemployment_rate_pct", "year"]

#: Headers of the official workbook and of tables made from it, in lower case without what is no letter.
_HEADERS = {
    "statefipscode": "state",
    "statefips": "state",
    "countyfipscode": "county",
    "countyfips": "county",
    "countynamestateabbreviation": "name",
    "areatitle": "name",
    "year": "year",
    "period": "year",
    "laborforce": "labor_force",
    "civilianlaborforce": "labor_force",
    "unemployed": "unemployed",
    "level": "unemployed",
}
#: A row of the official text: fields parted by bars (the last 14 months) or by blanks (annual means).
_BARS = re.compile(r"^\s*CN\d+\s*\|")
_BLANKS = re.compile(
    r"^\s*CN\d{13}\s+(?P<state>\d{2})\s+(?P<county>\d{3})\s+(?P<name>.+?)\s{2,}(?P<year>\d{4})\s+"
    r"(?P<labor_force>[\d,]+)\s+[\d,]+\s+(?P<unemployed>[\d,]+)\s+[\d.]+"
)
_BAR_FIELDS = ["code", "state", "county", "name", "year", "labor_force", "employed", "unemployed", "rate"]
#: Puerto Rico is in the files and in none of the three countries' tables.
_STATES = 57


def read_laus(path: str | Path) -> pd.DataFrame:
    r"""Read the county file of the Local Area Unemployment Statistics of the US Bureau of Labor Statistics.

    Parameters
    ----------
    path : str or pathlib.Path
        ``laucntyYY.xlsx`` or ``laucntyYY.txt`` (annual means), ``laucntycur14.xlsx`` or ``.txt`` (the last 14 months),
        or a CSV with the workbook's headers.

    Returns
    -------
    pandas.DataFrame
        ``fips`` (five digits, text), ``name``, ``labor_force``, ``unemployed`` [person], ``unemployment_rate_pct``
        [percent], ``year`` (text, first and last month where several were read), ``source``. Months are averaged.
        Puerto Rico is left out. For ``labor=`` of :func:`evsiting.read_areas` and of :func:`county_labor`.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no row of a county.

    Warns
    -----
    DataWarning
        If counties have no figures in the file: they are left out.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "laucnty24.csv"
    >>> _ = file.write_text(
    ...     "State FIPS Code,County FIPS Code,Year,Labor Force,Unemployed\n47,157,2024,425307,19061\n"
    ... )
    >>> read_laus(file)[["fips", "labor_force", "unemployment_rate_pct"]].to_numpy().tolist()
    [['47157', 425307.0, 4.5]]
    """
    file = Path(path)
    if not file.is_file():
        raise InputError([Problem(file.name, "is no file", str(file), "Give the path of the bureau's county file")])
    rows = _rows(file)
    rows = rows[pd.to_numeric(rows["state"], errors="coerce") < _STATES].copy()
    if not len(rows):
        fix = "Give laucntyYY.xlsx, laucntyYY.txt or laucntycur14 as the bureau publishes them"
        raise InputError([Problem(file.name, "holds no row of a county", "0 rows", fix)])
    state, county = (pd.to_numeric(rows[c]).astype(int) for c in ("state", "county"))
    rows["fips"] = [f"{s:02d}{c:03d}" for s, c in zip(state, county, strict=True)]
    for column in ("labor_force", "unemployed"):
        text = rows[column].astype(str).str.replace(",", "", regex=False)
        rows[column] = pd.to_numeric(text, errors="coerce").astype("float64")
    gaps = rows[["labor_force", "unemployed"]].isna().any(axis=1)
    if gaps.any():
        counties = shown(rows.loc[gaps, "fips"].unique())
        warnings.warn(f"read_laus: {file.name} has no figures for {counties}: left out", DataWarning, stacklevel=2)
    rows = rows[~gaps]
    made = rows.groupby("fips").agg({"name": "first", "labor_force": "mean", "unemployed": "mean"}).reset_index()
    made["unemployment_rate_pct"] = (100.0 * made["unemployed"] / made["labor_force"]).round(1)
    periods = [str(p).strip().removesuffix("(p)").strip() for p in rows["year"].drop_duplicates()]
    made["year"] = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
    return made[COLUMNS].assign(source=file.name)


def _rows(file: Path) -> pd.DataFrame:
    """Return the rows of counties as they stand in a file, in our columns."""
    if file.suffix.lower() in (".xlsx", ".xls"):
        try:
            raw = pd.read_excel(file, header=None, dtype=str)
        except Exception as error:
            fix = "Give the bureau's workbook as it was downloaded"
            raise InputError([Problem(file.name, "cannot be read", str(error), fix)]) from error
        return _with_header(raw, file.name)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = file.read_text(encoding="latin-1")
    lines = text.splitlines()
    barred = [line.split("|") for line in lines if _BARS.match(line)]
    if barred:
        whole = [[cell.strip() for cell in row] for row in barred if len(row) == len(_BAR_FIELDS)]
        return pd.DataFrame(whole, columns=_BAR_FIELDS)
    spaced = [match.groupdict() for line in lines if (match := _BLANKS.match(line))]
    if spaced:
        return pd.DataFrame(spaced)
    return _with_header(pd.DataFrame(list(csv.reader(lines)), dtype=object), file.name)


def _with_header(raw: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return the rows below the header of the official table, which stands below a title."""
    for at in range(min(len(raw), 12)):
        names = [_HEADERS.get(re.sub("[^a-z]", "", str(cell).lower())) for cell in raw.iloc[at]]
        if {"state", "county", "labor_force", "unemployed"} <= set(names):
            body = raw.iloc[at + 1 :].loc[:, [n is not None for n in names]]
            body.columns = [n for n in names if n is not None]
            body = body.loc[:, ~body.columns.duplicated()].dropna(subset=["state", "county"])
            return body.reindex(columns=["state", "county", "name", "year", "labor_force", "unemployed"])
    seen = shown(map(str, raw.iloc[0])) if len(raw) else "0 rows"
    fix = "It needs 'State FIPS Code', 'County FIPS Code', 'Labor Force' and 'Unemployed' in one of its first rows"
    raise InputError([Problem(where, "has no header of the county file", seen, fix)])


@dataclass(frozen=True)
class CountyLaborLayer:
    """Labor of the county of each site; made by :func:`county_labor`."""

    counties: pd.Series[str] | gpd.GeoDataFrame
    labor: pd.DataFrame
    name: str = "county_labor"
    table: str = "sites"

    def __call__(self, study: Study) -> LayerResult:
        """Return labor force and unemployment of the counties of sites; sites without one keep what they have."""
        sites = study.sites
        fips = (
            _inside(self.counties, sites)
            if isinstance(self.counties, gpd.GeoDataFrame)
            else self._codes_of_sites(sites)
        )
        _check_fips(fips, sites, self.labor)
        known = self.labor.set_index("fips")
        named = fips != ""
        force = fips.map(known["labor_force"]).astype("float64")
        rate = (fips.map(known["unemployed"]) / force).astype("float64").round(6)
        made = pd.DataFrame(index=sites.index)
        for column, new in (("labor_force_persons", force), ("unemployment_rate", rate)):
            old = sites[column].astype("float64") if column in sites else pd.Series(np.nan, sites.index)
            made[column] = new.where(named, old)
        source, year = sources_of(self.labor)
        origin = Origin(source or "given", year, "measured", "county in which the site lies", "county")
        return LayerResult(made, {}, partly(study, dict.fromkeys(map(str, made), origin), named))

    def _codes_of_sites(self, sites: pd.DataFrame) -> pd.Series[str]:
        codes = pd.Series(self.counties)
        lost = codes.index.difference(pd.Index(sites["site"]))
        if len(lost):
            fix = "Name sites of the study"
            raise InputError([Problem("county_labor, counties", "some are no sites", shown(lost), fix)])
        county = sites["site"].astype(object).map(codes.astype(object))
        codes_of = identifiers(county)
        return codes_of.where(codes_of == "", codes_of.str.zfill(5))  # the state of the site tells a lost zero


def county_labor(
    counties: Mapping[str, str] | pd.Series[str] | gpd.GeoDataFrame, labor: pd.DataFrame | None = None
) -> CountyLaborLayer:
    """Return the layer of labor force and unemployment of the county in which a site of the United States lies.

    Parameters
    ----------
    counties : mapping or pandas.Series of str, or geopandas.GeoDataFrame
        FIPS code of the county by code of the site; or polygons of counties, in any coordinate reference system, with
        the code in column ``id``. Sites that are not named, or in no polygon, keep what they have.
    labor : pandas.DataFrame, optional
        ``fips``, ``labor_force``, ``unemployed``; optional ``year``, ``source``: what :func:`read_laus` reads. The mean
        of 2024, :func:`evsiting.reference.county_labor`, where left out.

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`: fills ``labor_force_persons`` and ``unemployment_rate`` of these sites, in
        place of the figures of their state.

    Raises
    ------
    InputError
        If a code is no county of the table, or one of another state than the site's; if no site has a county.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.apply_layers(ev.example("starter"), ev.county_labor({"US-TN-memphis": "47157"}))
    >>> study.sites.set_index("site").loc["US-TN-memphis", "labor_force_persons"]
    np.float64(425307.0)
    """
    table = _check_labor(reference.county_labor() if labor is None else labor)
    if isinstance(counties, gpd.GeoDataFrame):
        areas = check_layer(counties, "county_labor, counties", POLYGONS)
        if "id" not in areas:
            fix = "Give each polygon the FIPS code of its county in column 'id'"
            raise InputError([Problem("county_labor, counties", "have no column 'id'", shown(map(str, areas)), fix)])
        return CountyLaborLayer(areas, table)
    mapping: object = counties
    if not isinstance(mapping, Mapping | pd.Series) or not len(mapping):
        fix = "Give {'US-TN-memphis': '47157'}, a Series by site, or polygons with a column 'id'"
        raise InputError([Problem("county_labor, counties", "name no site", type(mapping).__name__, fix)])
    return CountyLaborLayer(pd.Series(counties, dtype=object), table)


def with_county_labor(areas: gpd.GeoDataFrame, labor: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return areas with the labor of those whose ``id`` is a county of a table and that tell none of their own.

    Raises
    ------
    InputError
        If the table is none of counties, or no area is one of its counties.
    """
    table = _check_labor(labor).set_index("fips")
    made = areas.copy()
    mine = made["id"].isin(table.index) & made["iso"].str.startswith("US-")
    mine &= made["labor_force"].isna() & made["unemployed"].isna()
    if not (made["id"].isin(table.index) & made["iso"].str.startswith("US-")).any():
        fix = "Let the id of an area be the FIPS code of its county: five digits, as text"
        what = "no area of the United States is one of its counties"
        raise InputError([Problem("read_areas, labor", what, f"ids {shown(made['id'].head(3))}", fix)])
    for column in ("labor_force", "unemployed"):
        made.loc[mine, column] = made.loc[mine, "id"].map(table[column]).astype("float64")
    source, year = sources_of(labor)
    for column, text in (("source", source), ("year", year)):
        if text:
            made.loc[mine, column] = [join_lists([old, text]) for old in made.loc[mine, column].astype(str)]
    return made


def _check_labor(labor: object) -> pd.DataFrame:
    """Return a table of county labor with its codes as text."""
    problems = Problems()
    needed = ["fips", "labor_force", "unemployed"]
    if not isinstance(labor, pd.DataFrame) or not len(labor) or not set(needed) <= set(labor.columns):
        seen = shown(map(str, labor.columns)) if isinstance(labor, pd.DataFrame) else type(labor).__name__
        fix = "Give what evsiting.read_laus or evsiting.reference.county_labor returns: fips, labor_force, unemployed"
        raise InputError([Problem("county labor", "is no table of counties", seen, fix)])
    made = labor.copy()
    made["fips"] = identifiers(made["fips"])
    numbers = made[["labor_force", "unemployed"]].apply(pd.to_numeric, errors="coerce")
    odd = ~made["fips"].str.fullmatch(r"\d{5}")
    if odd.any():
        fix = "Write five digits as text: 01001"
        problems.add("county labor, column 'fips'", "codes are not of five digits", shown(made.loc[odd, "fips"]), fix)
    if made["fips"].duplicated().any():
        twice = shown(made.loc[made["fips"].duplicated(), "fips"])
        problems.add("county labor, column 'fips'", "counties occur twice", twice, "Keep one row for each")
    bad = ~(np.isfinite(numbers) & (numbers >= 0.0)).all(axis=1) | (numbers["unemployed"] > numbers["labor_force"])
    if bad.any():
        what = f"{int(bad.sum())} rows are missing, negative, or have more unemployed than labor force"
        problems.add("county labor", what, shown(made.loc[bad, "fips"]), "Correct or drop these rows")
    problems.raise_if_any()
    made[["labor_force", "unemployed"]] = numbers
    return made


def _inside(counties: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the code of the county in which each site lies, empty where it lies in none."""
    points = sites[["site", "geometry"]].to_crs(counties.crs)
    hits = points.sjoin(counties[["id", "geometry"]].assign(id=identifiers(counties["id"])), predicate="intersects")
    codes: pd.Series[str] = hits["id"][~hits.index.duplicated()].reindex(sites.index).fillna("")
    return codes.where(codes == "", codes.str.zfill(5))


def _check_fips(fips: pd.Series[str], sites: pd.DataFrame, labor: pd.DataFrame) -> None:
    """Refuse codes that name no county of the table, or one of another state."""
    problems, where = Problems(), "county_labor, counties"
    named = fips != ""
    if not named.any():
        problems.add(where, "no site has a county", f"{len(fips)} sites", "Name one, or give polygons around a site")
    lost = named & ~fips.isin(labor["fips"])
    if lost.any():
        seen = shown(f"{s}: {f}" for s, f in zip(sites.loc[lost, "site"], fips[lost], strict=True))
        fix = "Write five digits as text (01001), Connecticut by its planning regions; or leave the site out"
        problems.add(where, f"{int(lost.sum())} codes are no county of the table of labor", seen, fix)
    codes = reference.jurisdictions().set_index("iso")["fips"]
    other = named & ~lost & (fips.str[:2] != sites["region"].map(codes).astype(object))
    if other.any():
        rows = zip(sites.loc[other, "site"], fips[other], sites.loc[other, "region"], strict=True)
        seen = shown(f"{s}: {f}, region {r}" for s, f, r in rows)
        problems.add(where, "counties are of another state than the site", seen, "Correct the code or the region")
    problems.raise_if_any()
