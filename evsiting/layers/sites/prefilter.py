"""Reduce the candidate sites to those worth a decision in the program, with the reason for each that is dropped."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import Problems, TableError, shown
from evsiting.layers.arguments import is_finite, is_whole
from evsiting.layers.data_warnings import recheck_quietly
from evsiting.layers.geo.frames import checked_sites
from evsiting.layers.geo.spacing import thin_points
from evsiting.layers.sites.screening import Screening, drop_sites, start_screening
from evsiting.layers.suitability.score import Suitability
from evsiting.study.lists import explode_lists
from evsiting.study.study import Study

#: How the warning begins of programs whose last site has gone: every site that is dropped has its line in the report.
_IDLE = "table 'programs', columns 'country' and 'region' and 'plant_type': no site there"
#: Tables with a row for each site that go with the site; a site that another table names is always kept.
_ROWS_OF_SITES = {
    "grid_upgrades": ("site",),
    "incentives": ("site",),
    "trajectories": ("place",),
    "lanes": ("origin", "destination"),
}


def prefilter(
    sites: Study | gpd.GeoDataFrame | Screening,
    scores: Suitability | pd.Series[float],
    *,
    keep: int | Mapping[str, int],
    per: Literal["", "country", "region"] = "region",
    spacing_km: float = 0.0,
    least_score: float | None = None,
    always: Collection[str] = (),
) -> Screening:
    """Keep the best candidates of each place and all that stands; report every other with its reason.

    In this order: candidates below ``least_score`` go; of two nearer than ``spacing_km`` in one country the worse
    goes; of what is left, all but the ``keep`` best of each place go. Ties go to the code that comes first.

    Parameters
    ----------
    sites : Study, geopandas.GeoDataFrame or Screening
        A study (the answer then has the study with fewer sites), a table of sites, or what earlier steps left.
    scores : Suitability or pandas.Series
        Higher is better; by the index of the sites or by their codes.
    keep : int or mapping of str to int
        How many of each place; as a mapping by country or region, none where a place is not named.
    per : {"region", "country", ""}
        What a place is: a state or province, a country, or everything together.
    spacing_km : float
        Least distance between two candidates that are kept. [km]
    least_score : float, optional
        Score that a candidate must reach.
    always : collection of str
        Codes of sites that stay whatever they score. Sites of role ``existing`` do so, and in a study those with a
        plant or named in limits and other tables. They do not count among the ``keep`` best, and nothing is too near
        to them.

    Returns
    -------
    Screening
        ``kept``, ``dropped`` with reasons, ``summary``; ``study`` where one was given.

    Raises
    ------
    InputError
        If scores are missing or of other sites, an option is out of range, or nothing is left.

    Notes
    -----
    The least cost over the sites kept is never below that over all of them. How much above it lies is not known: a
    site that scores badly by itself can be the right one beside others. To see it, solve with twice as many kept.

    Examples
    --------
    >>> import evsiting as ev
    >>> places = ev.candidates(places=["US-TN", "US-KY"])
    >>> scored = ev.suitability(places.assign(north=places.geometry.y), [ev.Criterion("north")])
    >>> prefilter(places, scored, keep=3, spacing_km=40)
    Screening: 6 of 21 sites kept
           14 left after closer than 40 km to a better one (-7)
            6 left after not among the 3 best of its region (-8)
    """
    study = sites if isinstance(sites, Study) else None
    before = start_screening(sites.sites if isinstance(sites, Study) else sites)
    frame = before.kept
    points = checked_sites(frame)
    _check(points, keep, per, spacing_km, least_score, always)
    score = _scores(scores, frame)
    fixed = frame["site"].isin(_standing(frame, study) | set(always))
    rank = pd.DataFrame({"score": -score, "site": frame["site"]})[~fixed].sort_values(["score", "site"]).index
    after = before
    if least_score is not None:
        low = (score < least_score) & ~fixed
        seen = score.map(lambda v: f"score {v:.4g}")
        after = drop_sites(after, low, f"score below {least_score:g}", seen)
        rank = rank[~low[rank].to_numpy(bool)]
    if spacing_km > 0.0:
        after, rank = _drop_too_close(after, points, score, rank, spacing_km)
    after = _best(after, frame, score, rank, keep, per)
    _nothing_left(after)
    return dataclasses.replace(after, study=_study_of_kept_sites(study, after) if study else None)


def _drop_too_close(
    before: Screening, points: gpd.GeoDataFrame, score: pd.Series[float], rank: pd.Index[Any], km: float
) -> tuple[Screening, pd.Index[Any]]:
    """Drop candidates that stand too close to a better one."""
    by = thin_points(points.loc[rank], km)
    gone = pd.Series(False, index=before.kept.index)
    gone[rank[by >= 0]] = True
    rival = pd.Series("", index=before.kept.index, dtype=object)
    codes = points.loc[rank, "site"].to_numpy(dtype=object)
    for k in np.flatnonzero(by >= 0).tolist():
        other = score[rank[int(by[k])]]
        rival[rank[k]] = f"score {score[rank[k]]:.4g}; {codes[by[k]]} near by has {other:.4g}"
    return drop_sites(before, gone, f"closer than {km:g} km to a better one", rival), rank[by < 0]


def _best(
    before: Screening,
    frame: gpd.GeoDataFrame,
    score: pd.Series[float],
    rank: pd.Index[Any],
    keep: int | Mapping[str, int],
    per: str,
) -> Screening:
    """Drop all but the best of each place."""
    place = frame.loc[rank, per].astype(str) if per else pd.Series("", index=rank)
    position = place.groupby(place).cumcount() + 1
    most = place.map(lambda p: int(keep.get(p, 0)) if isinstance(keep, Mapping) else int(keep)).astype(int)
    over = position > most
    gone = pd.Series(False, index=before.kept.index)
    gone[rank[over.to_numpy(bool)]] = True
    seen = pd.Series("", index=before.kept.index, dtype=object)
    for label in rank[over.to_numpy(bool)]:
        where = f" of {place[label]}" if per else ""
        seen[label] = f"score {score[label]:.4g}, number {position[label]}{where}; {most[label]} are kept"
    many = "the best" if isinstance(keep, Mapping) else f"the {keep} best"
    return drop_sites(before, gone, f"not among {many} of its {per}" if per else f"not among {many}", seen)


def _scores(scores: Suitability | pd.Series[float], frame: gpd.GeoDataFrame) -> pd.Series[float]:
    """Return a finite score for each site, on the index of the sites."""
    problems, codes = Problems(), frame["site"]
    if isinstance(scores, Suitability):
        values = pd.Series(scores.scores.to_numpy(), index=scores.sites.to_numpy(dtype=object))
    elif isinstance(scores, pd.Series):
        values = scores
    else:
        problems.add("scores", "are of another kind", type(scores).__name__, "Give a Suitability or a Series")
        problems.raise_if_any(TableError)
    labels = codes if codes.isin(values.index).all() else codes.index.to_series()
    if not values.index.is_unique or not labels.isin(values.index).all():
        lost = codes[~labels.isin(values.index).to_numpy(bool)]
        seen = shown(lost) if len(lost) else "labels occur twice"
        problems.add("scores", "some sites have none", seen, "Score the same table of sites that is filtered")
        problems.raise_if_any(TableError)
    score = pd.Series(pd.to_numeric(values[labels], errors="coerce").to_numpy(np.float64), index=codes.index)
    bad = ~np.isfinite(score)
    if bad.any():
        problems.add("scores", "are missing or infinite", shown(codes[bad]), "Give a number for every site")
    problems.raise_if_any(TableError)
    return score


def _standing(frame: gpd.GeoDataFrame, study: Study | None) -> set[str]:
    """Return sites at which something stands, or that a table of the study names."""
    codes = set(frame["site"])
    named = set(frame.loc[frame["role"] == "existing", "site"]) if "role" in frame else set()
    if study is None:
        return named
    for name, table in study.tables.items():
        if name in ("sites", "provenance", "sources", "parameters", *_ROWS_OF_SITES):
            continue
        for column in table.columns:
            if column != "geometry" and not pd.api.types.is_numeric_dtype(table[column]):
                words = explode_lists(table[column].dropna().astype("str"))
                named |= codes.intersection(words)
    return named


def _study_of_kept_sites(study: Study, after: Screening) -> Study:
    """Return the study with the sites kept, and with the rows of the others gone from its tables."""
    gone = set(after.dropped["site"])
    tables = study.tables
    tables["sites"] = after.kept
    if "labor_pools" in tables:
        orphans = set(study.sites["labor_pool"].dropna()) - set(after.kept["labor_pool"].dropna())
        tables["labor_pools"] = tables["labor_pools"][~tables["labor_pools"]["pool"].isin(orphans)]
        gone |= orphans
    for name, columns in _ROWS_OF_SITES.items():
        if name in tables:
            hit = tables[name][list(columns)].isin(gone).any(axis=1)
            tables[name] = tables[name][~hit].reset_index(drop=True)
    if "provenance" in tables:
        notes = tables["provenance"]
        row = notes["row"].astype(object).where(notes["row"].notna(), "")
        first = row.map(lambda text: str(text).split("|")[0])
        stale = notes["table"].isin(["sites", "labor_pools", *_ROWS_OF_SITES]) & (row.isin(gone) | first.isin(gone))
        stale |= (notes["table"] == "lanes") & row.map(lambda text: not gone.isdisjoint(str(text).split("|")))
        tables["provenance"] = notes[~stale].reset_index(drop=True)
    return recheck_quietly(study, tables, expected=_IDLE)


def _nothing_left(after: Screening) -> None:
    if not len(after.kept):
        problems = Problems()
        fix = "Keep more, lower least_score, or name places that occur"
        problems.add("prefilter", "no site is left", f"{len(after.dropped)} dropped", fix)
        problems.raise_if_any(TableError)


def _check(
    frame: gpd.GeoDataFrame,
    keep: int | Mapping[str, int],
    per: str,
    spacing_km: float,
    least_score: float | None,
    always: Collection[str],
) -> None:
    problems = Problems()
    needed: Sequence[str] = [c for c in (per, "country" if is_finite(spacing_km) and spacing_km > 0.0 else "") if c]
    if per not in ("", "country", "region"):
        problems.add("prefilter, per", "is unknown", repr(per), "Give 'region', 'country' or ''")
        needed = []
    for column in dict.fromkeys(needed):
        if column not in frame or frame[column].isna().any():
            fix = "Fill the column; evsiting.complete does it for a study"
            problems.add("prefilter, sites", f"the column {column!r} is missing or has gaps", "", fix)
    numbers: list[object] = list(keep.values()) if isinstance(keep, Mapping) else [keep]
    if not numbers or not all(is_whole(n) for n in numbers):
        problems.add(
            "prefilter, keep", "is no number of sites", repr(keep), "Give 0 or more, or a number for each place"
        )
    elif isinstance(keep, Mapping) and (not per or (per in frame and not set(keep) <= set(frame[per]))):
        lost = sorted(set(map(str, keep)) - (set(frame[per]) if per in frame else set()))
        fix = "Name values of the column that 'per' says"
        problems.add("prefilter, keep", "names places that do not occur", shown(lost), fix)
    if not is_finite(spacing_km, 0.0, 4_999.999) or not (least_score is None or is_finite(least_score)):
        fix = "Give km from 0 to 5,000, and a finite score"
        problems.add("prefilter", "spacing_km or least_score is out of range", f"{spacing_km}, {least_score}", fix)
    codes: object = always
    listed = isinstance(codes, Collection) and not isinstance(codes, str)
    strange = set(always) - set(frame["site"]) if listed else {repr(always)}
    if strange:
        problems.add("prefilter, always", "are no sites", shown(sorted(strange)), "Give a list of codes of the table")
    problems.raise_if_any(TableError)
