"""Checks of areas: ids, sense of their people, and whether they lie where they say."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.errors import DataWarning, InputError, Problem, Problems, shown
from evsiting.layers.geo.vector import EQUAL_AREA, POLYGONS
from evsiting.study.canonical.identifiers import have_lost_digits, lost_zeros
from evsiting.study.canonical.region_names import UNKNOWN_HERE, meant_region
from evsiting.study.canonical.territory import km_from, likely_cause

#: Territories that census files of the United States hold, and no study can build in.
_TERRITORIES = [f"US-{code}" for code in UNKNOWN_HERE]
#: Part of the areas' surface that may lie under another area: simplified outlines overlap a little.
_OVERLAP = 0.01
#: People of a state's areas over the state's own from which they are told of as counted twice, or in other units.
_TWICE = 1.5
#: Lowest of all rates of unemployment that is taken for percent without a word. [percent]
_LEAST_PCT = 0.3
#: Areas farther than this from every jurisdiction belong to none. [km]
REACH_KM = 50.0


def check_ids(ids: pd.Series[str], has_ids: bool, where: str) -> None:
    """Refuse ids of which digits are lost; warn of those that are empty, as after a join that found nothing."""
    place, gone = f"{where}, column 'id'", ids == ""
    lost = have_lost_digits(ids)
    if lost.any():
        what = f"{int(lost.sum())} of {len(ids)} ids are numbers of which digits are lost"
        fix = "Export the column as text: 48453001100, not 4.8453E+10"
        raise InputError([Problem(place, what, shown(ids[lost], 3), fix)])
    if has_ids and gone.any():
        text = f"{place}: {int(gone.sum())} of {len(ids)} areas have no id, as after a join that found nothing"
        warnings.warn(f"{text}; they go by the number of their row. Give each its id.", DataWarning, stacklevel=4)


def warn_of_places(areas: gpd.GeoDataFrame, where: str) -> None:
    """Warn of areas that lie far from their state, and of ids that must have lost a leading zero."""
    inner = areas.geometry.representative_point()
    lon, lat = inner.x.to_numpy(np.float64), inner.y.to_numpy(np.float64)
    off = km_from(areas["iso"], (lon + 180.0) % 360.0 - 180.0, lat) > REACH_KM
    if off.any():
        what = f"{int(off.sum())} of {len(areas)} areas lie more than {REACH_KM:g} km from the state that they name"
        cause = likely_cause(lon[off], lat[off], areas["iso"][off])
        seen = shown(areas["id"][off].astype(str) + " in " + areas["iso"][off].astype(str), 3)
        fix = f"{f'It seems that {cause}. ' if cause else ''}Check the coordinates, their CRS and column 'iso'"
        if off.mean() > 0.5:
            raise InputError([Problem(where, what, seen, fix)])
        warnings.warn(f"{where}: {what} ({seen}). {fix}.", DataWarning, stacklevel=4)
    places = reference.jurisdictions().set_index("iso")
    code = areas["iso"].map(places["fips"].fillna(places["inegi"])).fillna("").astype(str)
    lost = lost_zeros(areas["id"], code)
    if lost.any():
        seen = shown(areas["id"][lost] + " in " + areas["iso"][lost].astype(str), 3)
        text = f"{where}, column 'id': {int(lost.sum())} of {len(areas)} ids have lost the zero that they begin with"
        fix = "Read the column as text, so that 01001 stays 01001: keys of other files may not find them"
        warnings.warn(f"{text} ({seen}). {fix}.", DataWarning, stacklevel=4)


def warn_of_scale(raw: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, where: str) -> None:
    """Warn of rates that look like fractions, and of states with far more people than they have."""
    if "unemployment_rate_pct" in raw:
        rates = pd.to_numeric(raw["unemployment_rate_pct"]).dropna()
        if len(rates) and 0.0 < rates.max() < _LEAST_PCT:
            text = f"{where}, column 'unemployment_rate_pct': no rate is above {rates.max():g} percent"
            warnings.warn(f"{text}. If they are fractions, multiply them by 100.", DataWarning, stacklevel=4)
    people = reference.jurisdictions().set_index("iso")["population"].astype("float64")
    times = (areas.groupby("iso")["population"].sum() / people).dropna()
    many = times[times > _TWICE]
    if len(many):
        seen = shown([f"{iso}: {n:.2g} times its own" for iso, n in many.items()], 3)
        text = f"{where}: the areas of {len(many)} states hold far more people than the state ({seen})"
        fix = "Give each person in one area, and population in persons."
        warnings.warn(f"{text}. {fix}", DataWarning, stacklevel=4)


def check_sense(areas: gpd.GeoDataFrame, where: str) -> None:
    """Refuse more unemployed than there is labor, more labor than people, and polygons over each other."""
    problems = Problems()
    strange = areas["iso"][~areas["iso"].isin(["", *_TERRITORIES, *reference.jurisdictions()["iso"]])]
    if len(strange):
        what = f"{len(strange)} of {len(areas)} areas lie in no known state or province"
        meant = {v: m for v in strange.unique() if (m := meant_region(v, str(v)[:2]))}
        hint = f"Did you mean {', '.join(f'{m} for {v!r}' for v, m in list(meant.items())[:3])}? " if meant else ""
        fix = f"{hint}Write ISO 3166-2 (US-TN, CA-ON, MX-NLE), or leave the column out: it is found from the point"
        problems.add(f"{where}, column 'iso'", what, shown(strange.unique()), fix)
    twice = areas.duplicated(["iso", "id"], keep=False)
    if twice.any():
        what = f"{int(twice.sum())} rows name an area that another names too"
        problems.add(f"{where}, column 'id'", what, shown(areas.loc[twice, "id"].unique()), "Keep one row for each")
    fix = "Check the columns and their units: all are persons"
    bad = areas["unemployed"] > areas["labor_force"] * (1.0 + 1e-9)
    if bad.any():
        seen = shown([f"{r.id}: {r.unemployed:g} of {r.labor_force:g}" for r in areas[bad].itertuples()], 3)
        what = f"{int(bad.sum())} of {len(areas)} areas have more unemployed than labor force"
        problems.add(where, what, seen, fix)
    known = areas[areas["labor_force"].notna()]
    if known["labor_force"].sum() > known["population"].sum():  # a small area may: its figures are of different years
        seen = f"{known['labor_force'].sum():g} of {known['population'].sum():g}"
        problems.add(where, "the areas have more labor force than population in all", seen, fix)
    if areas.geom_type.isin(POLYGONS).all():
        flat = areas.geometry.to_crs(EQUAL_AREA)
        a, b = flat.sindex.query(flat, predicate="intersects")
        first = a < b
        left, right = flat.iloc[a[first]], flat.iloc[b[first]]
        over = left.intersection(right, align=False).area.to_numpy()
        if over.sum() > _OVERLAP * flat.area.sum():
            worst = np.argsort(-over)[:3]
            pairs = [f"{areas['id'].iloc[a[first][k]]} and {areas['id'].iloc[b[first][k]]}" for k in worst]
            what = "areas lie over each other, so that people would count twice"
            problems.add(where, what, shown(pairs, 3), "Give areas of one level that do not overlap")
    problems.raise_if_any()
