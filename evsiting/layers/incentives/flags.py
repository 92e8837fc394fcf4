"""Flags: what holds of a place and programs ask for, such as a distressed area or an energy community."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import DataWarning, InputError, Problem, Problems, shown
from evsiting.layers import by_place
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.geo.frames import check_on_land
from evsiting.layers.geo.vector import POLYGONS, check_layer, sources_of
from evsiting.study.canonical.identifiers import identifiers
from evsiting.study.lists import split_list
from evsiting.study.study import Study

_WHERE = "flags"


@dataclass(frozen=True)
class FlagsLayer:
    """Flags of sites; made by :func:`flags`."""

    zones: pd.DataFrame
    name: str = "flags"
    table: str = "sites"

    def __call__(self, study: Study) -> LayerResult:
        """Return the column ``flags``: those that a site has and those of the zones in which it lies."""
        sites = study.sites
        have = _old(sites)
        within = _inside if isinstance(self.zones, gpd.GeoDataFrame) else _flags_by_place
        hits = list(within(self.zones, sites))
        flags_hit = {flag for _, flag in hits}
        idle = sorted(set(self.zones["flag"]) - flags_hit)
        if idle:
            text = f"flags: no site lies in a zone of {shown(idle, 10)}; programs that ask for it hold nowhere"
            warnings.warn(f"{text}. Check the zones if sites were meant to.", DataWarning, stacklevel=4)
        for row, flag in hits:
            have[row] = [*have[row], flag] if flag not in have[row] else have[row]
        cells = [";".join(have[i]) if have[i] else None for i in sites.index]
        made = pd.DataFrame({"flags": pd.Series(cells, index=sites.index, dtype=object)})
        source, year = sources_of(self.zones)
        kind = "areas in which the point lies" if isinstance(self.zones, gpd.GeoDataFrame) else "places named"
        note = f"{len(self.zones)} {kind}: {shown(sorted(set(self.zones['flag'])), 10)}; flags given before stay"
        return LayerResult(made, {"flags": Origin(source or "given", year, "given", note)})


def flags(zones: pd.DataFrame) -> FlagsLayer:
    """Return the layer that marks sites with flags.

    A program that names a flag in column ``flag`` of table ``programs`` holds only at sites that carry it; see
    :mod:`evsiting.layers.incentives.programs`.

    Parameters
    ----------
    zones : geopandas.GeoDataFrame or pandas.DataFrame
        Areas in any coordinate reference system, or rows with a column ``place`` (site, state or province such as
        US-WV, country; every row that names one of them holds). Columns: ``flag`` (text without ``;``), and optional
        ``source`` (id), ``year``. Areas may overlap; a point on an edge lies inside.

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`: adds to the column ``flags`` of ``sites``.

    Raises
    ------
    InputError
        If there is no flag in a row, a geometry is invalid or wider than 180 degrees (not cut there), or a place is
        unknown; CrsError without a coordinate reference system, or if more than half of the zones lie on no land.

    Warns
    -----
    DataWarning
        If zones lie more than 50 km from all land of the three countries, or some rows name no place: they hold
        everywhere.

    Examples
    --------
    >>> import evsiting as ev, pandas as pd
    >>> coal = pd.DataFrame({"place": ["US-TN"], "flag": ["energy_community"], "source": ["my_list"]})
    >>> study = ev.apply_layers(ev.example("starter"), ev.flags(coal))
    >>> study.sites.set_index("site")["flags"].dropna().to_dict()
    {'US-TN-memphis': 'energy_community'}
    """
    if isinstance(zones, gpd.GeoDataFrame):
        made = check_layer(zones, _WHERE, POLYGONS)
        check_on_land(made, _WHERE, "zone", stacklevel=3)
    else:
        made = by_place.read(zones, _WHERE, numbers=())
        if "place" not in zones:
            seen = f"columns: {shown(map(repr, zones.columns), 12)}"
            fix = "Add column place, or give areas as a GeoDataFrame"
            raise InputError([Problem(_WHERE, "has neither places nor areas", seen, fix)])
        bare = made["place"] == ""
        if bare.any() and not bare.all():
            text = f"{_WHERE}, column 'place': {int(bare.sum())} of {len(bare)} rows are empty and hold everywhere"
            advice = "If they come of a join that found nothing, drop them, or name their places"
            warnings.warn(f"{text}. {advice}.", DataWarning, stacklevel=2)
    problems = Problems()
    if "flag" not in made:
        problems.add(
            f"{_WHERE}, column 'flag'", "is missing", shown(map(repr, made.columns), 12), "Name the flag of each row"
        )
    else:
        names = identifiers(made["flag"])
        bad = (names == "") | names.str.contains(";", regex=False)
        if bad.any():
            seen = shown([f"row {i}: {v!r}" for i, v in names[bad].items()], 3)
            problems.add(
                f"{_WHERE}, column 'flag'",
                f"{int(bad.sum())} of {len(bad)} are no name",
                seen,
                "Write one name, no ';'",
            )
        made["flag"] = names
    problems.raise_if_any()
    return FlagsLayer(made)


def _old(sites: pd.DataFrame) -> dict[object, list[str]]:
    """Return the flags that sites have, by label."""
    if "flags" not in sites:
        return {i: [] for i in sites.index}
    cells = sites["flags"].astype(object)
    return {i: list(dict.fromkeys(split_list(c))) for i, c in cells.items()}


def _inside(zones: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> Iterable[tuple[object, str]]:
    points = sites.geometry.to_crs(zones.crs)
    turns = (0.0, 360.0, -360.0)  # some layers run from 0 to 360 degrees
    hits = [zones.sindex.query(points.translate(x), predicate="intersects", sort=True) for x in turns]
    site, zone = np.hstack(hits)
    return [(sites.index[i], str(zones["flag"].iloc[z])) for i, z in zip(site, zone, strict=True)]


def _flags_by_place(zones: pd.DataFrame, sites: pd.DataFrame) -> Iterable[tuple[object, str]]:
    by_place.rows_at(zones, sites, "site", _WHERE)  # refuses places that are none
    own = {i: {"", *(str(row[c]) for c in ("site", "region", "country"))} for i, row in sites.iterrows()}
    rows = list(zip(zones["place"], zones["flag"], strict=True))
    return [(i, flag) for i, places in own.items() for place, flag in rows if place in places]
