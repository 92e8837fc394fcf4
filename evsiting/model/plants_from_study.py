"""Build the arrays of standing plants and possible changes at each place from the tables of a study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from evsiting.model.milp import FloatArray
from evsiting.model.sets import BoolArray, Changes, Places, positions
from evsiting.study.derived.trajectories import places_of, trajectory_factors
from evsiting.study.horizon import Horizon, may_open, ramp, running_share, usable_share
from evsiting.study.lists import split_list
from evsiting.study.schema.plants import RUNNING
from evsiting.study.study import Study


def make_places(study: Study, horizon: Horizon, sites: pd.DataFrame, plant_types: pd.Index) -> Places:
    """Return every pair of a site and a plant type where something may be built, stands, or may be resumed.

    Parameters
    ----------
    study : Study
        Complete.
    horizon : Horizon
        Its periods.
    sites : pandas.DataFrame
        Sites by code, sorted.
    plant_types : pandas.Index
        Sorted codes.
    """
    pairs: dict[tuple[str, str], FloatArray] = {}
    for site, kind, _ in _offers(study, sites):
        pairs.setdefault((site, kind), np.zeros((3, len(horizon))))
    for plant, runs, part in _plants(study, horizon):
        if plant.status in RUNNING or _may_resume(plant):
            totals = pairs.setdefault((plant.site, plant.plant_type), np.zeros((3, len(horizon))))
            if plant.status in RUNNING:
                totals[0] += plant.capacity_units_per_yr * runs * part
                totals[1:] += np.outer([plant.staff_fte, plant.fixed_usd_per_yr], runs)
    keys = sorted(pairs)
    values = np.array([pairs[k] for k in keys]).reshape(-1, 3, len(horizon))
    return Places(
        positions(sites.index, [k[0] for k in keys]),
        positions(plant_types, [k[1] for k in keys]),
        values[:, 0],
        values[:, 1],
        values[:, 2],
    )


def make_changes(study: Study, horizon: Horizon, sites: pd.DataFrame, plant_types: pd.Index, places: Places) -> Changes:
    """Return what may change at each place: options to build or expand, plants to resume or to close.

    Parameters
    ----------
    study, horizon, sites, plant_types
        As for :func:`make_places`.
    places : Places
        As that function returns them.
    """
    at = {
        (str(sites.index[s]), str(plant_types[k])): q
        for q, (s, k) in enumerate(zip(places.site.tolist(), places.plant_type.tolist(), strict=True))
    }
    builds = list(_builds(study, horizon, sites, at))
    rows = [*builds, *_moves(study, horizon, at), *_retirements(study, horizon, builds, plant_types, places)]
    rows.sort(key=lambda row: (row.place, row.kind, row.size, row.name, row.built))
    names = {(row.place, row.name): c for c, row in enumerate(rows) if row.kind == "build"}
    values: dict[str, Any] = {
        f.name: _stack([getattr(row, f.name) for row in rows], f.name, len(horizon))
        for f in fields(Changes)
        if f.name not in ("expands", "retires")
    }
    grows, ends = (
        np.array(
            [names.get((row.place, row.parent), -1) if (row.kind == "retire") is undo else -1 for row in rows],
            dtype=np.int64,
        )
        for undo in (False, True)
    )
    return Changes(expands=grows, retires=ends, **values)


@dataclass
class _Change:
    """One change; the fields are those of :class:`Changes`, ``parent`` is what it expands or retires."""

    kind: str
    name: str
    parent: str
    place: int
    size: float
    capacity: FloatArray
    least: FloatArray
    staff: FloatArray
    fixed: FloatArray
    capex: FloatArray
    lump: FloatArray
    kept_credit: float
    may_open: BoolArray
    built: int = -1
    at_once: bool = False


def _stack(values: list[Any], name: str, steps: int) -> Any:
    if name in ("kind", "name"):
        return np.array(values, dtype=object)
    if name in ("place", "built"):
        return np.array(values, dtype=np.int64)
    if name == "at_once":
        return np.array(values, dtype=np.bool_)
    if name == "may_open":
        return np.array(values, dtype=np.bool_).reshape(len(values), steps)
    shape = {"size": (), "kept_credit": (), "capex": (steps,), "lump": (steps,)}.get(name, (steps, steps))
    return np.array(values, dtype=np.float64).reshape(len(values), *shape)


def _offers(study: Study, sites: pd.DataFrame) -> Iterator[tuple[str, str, Any]]:
    """Yield (site, plant type, option) for every option that may be built somewhere."""
    options = list(study.options.sort_values(["plant_type", "capacity_units_per_yr", "option"]).itertuples())
    for site, role, allowed in zip(sites.index, sites["role"], sites["plant_types"], strict=True):
        if role != "candidate":
            continue
        kinds = split_list(allowed)
        for option in options:
            if (not kinds or option.plant_type in kinds) and (not (only := split_list(option.sites)) or site in only):
                yield str(site), str(option.plant_type), option


def _plants(study: Study, horizon: Horizon) -> Iterator[tuple[Any, FloatArray, FloatArray]]:
    """Yield every plant with the part of each period's years in which it may run, in a fixed order.

    And with the part of its capacity that is there in each period.
    """
    spans = list(zip(horizon.start_years.tolist(), horizon.years.tolist(), strict=True))
    if not study.has("plants"):
        return
    frame = study.plants.sort_values("plant", ignore_index=True)
    where = (*places_of(study, frame["site"].tolist(), frame["plant_type"].tolist()), frame["plant"].tolist())
    parts = trajectory_factors(study, "capacity_units_per_yr", *where)
    for plant, part in zip(frame.itertuples(), parts, strict=True):
        yield plant, np.array([running_share(plant.first_year, plant.last_year, s, n) for s, n in spans]), part


def _may_resume(plant: Any) -> bool:
    return bool(plant.status == "paused" and pd.notna(plant.resume_usd))


def _builds(study: Study, horizon: Horizon, sites: pd.DataFrame, at: dict[tuple[str, str], int]) -> Iterator[_Change]:
    steps = len(horizon)
    from_then_on = np.triu(np.ones((steps, steps)))
    spans = list(zip(horizon.start_years.tolist(), horizon.years.tolist(), strict=True))
    growth = dict(
        zip(
            sites.index,
            trajectory_factors(
                study, "capex_usd", sites["country"].tolist(), sites["region"].tolist(), sites.index.tolist()
            ),
            strict=True,
        )
    )
    land: Any = sites
    by_name = {(o.plant_type, o.option): o for o in study.options.itertuples()}
    pairs = sorted({(site, kind) for site, kind, _ in _offers(study, sites)})
    where = places_of(study, [site for site, _ in pairs], [kind for _, kind in pairs])
    there = dict(zip(pairs, trajectory_factors(study, "capacity_units_per_yr", *where), strict=False))
    for site, kind, option in _offers(study, sites):
        old = by_name.get((kind, option.expands)) if isinstance(option.expands, str) else None
        usable = np.array([[usable_share(ramp(option.ramp_up), s, y, n) for y, n in spans] for s, _ in spans])
        opens = may_open(getattr(option, "lead_years", None), horizon.start_years.tolist())[:, None]
        usable = usable * there[site, kind] * opens
        added = _own_part(option, "capacity_units_per_yr") - (_own_part(old, "capacity_units_per_yr") if old else 0.0)
        extra, tax_rate = (float(land.at[site, c]) for c in ("fixed_usd_per_yr", "property_tax_rate"))
        capex = option.capex_usd * (1.0 - option.partner_capex_share) * growth[site]
        fixed = _own_part(option, "fixed_usd_per_yr") + (-_own_part(old, "fixed_usd_per_yr") if old else extra)
        yield _Change(
            "build",
            str(option.option),
            str(option.expands) if old else "",
            at[site, kind],
            _own_part(option, "capacity_units_per_yr"),
            added * usable,
            option.min_load * added * usable,
            (_own_part(option, "staff_fte") - (_own_part(old, "staff_fte") if old else 0.0)) * from_then_on,
            (fixed + tax_rate * capex)[:, None] * from_then_on,
            capex,
            capex * horizon.capital,
            1.0 - option.partner_credit_share,
            opens[:, 0],
            at_once=bool(old) and float(getattr(option, "at_once", None) or 0.0) > 0.5,
        )


def _retirements(
    study: Study, horizon: Horizon, builds: list[_Change], plant_types: pd.Index, places: Places
) -> Iterator[_Change]:
    """Yield for every option that may be closed, and every period in which it may have been built, its closing."""
    options = study.options
    if "closing_usd" not in options:
        return
    cost = options.dropna(subset="closing_usd").set_index(["plant_type", "option"])["closing_usd"].to_dict()
    steps = len(horizon)
    for build in builds:
        usd = cost.get((str(plant_types[places.plant_type[build.place]]), build.name))
        first = 1 if build.parent and not build.at_once else 0
        for when in range(first, steps - 1) if usd is not None else ():
            later = np.triu(np.ones((steps, steps))) * (np.arange(steps) > when)[:, None]
            if build.may_open[when]:
                yield _Change(
                    "retire",
                    build.name,
                    build.name,
                    build.place,
                    0.0,
                    -build.capacity[when] * later,
                    -build.least[when] * later,
                    -build.staff[when] * later,
                    -build.fixed[when] * later,
                    np.zeros(steps),
                    float(usd) * horizon.opening,
                    1.0,
                    np.arange(steps) > when,
                    built=when,
                )


def _own_part(option: Any, column: str) -> float:
    """Return a figure of an option without the part that is the partner's."""
    return float(getattr(option, column) * (1.0 - option.partner_output_share))


def _moves(study: Study, horizon: Horizon, at: dict[tuple[str, str], int]) -> Iterator[_Change]:
    """Yield plants that may be closed or resumed."""
    steps = len(horizon)
    for plant, runs, part in _plants(study, horizon):
        close = plant.status in RUNNING and pd.notna(plant.closing_usd)
        if not close and not _may_resume(plant):
            continue
        counts = np.triu(np.ones((steps, steps))) * runs * (-1.0 if close else 1.0)
        capex = np.zeros(steps) if close else np.full(steps, float(plant.resume_usd))
        yield _Change(
            "close" if close else "resume",
            str(plant.plant),
            "",
            at[plant.site, plant.plant_type],
            0.0 if close else float(plant.capacity_units_per_yr),
            plant.capacity_units_per_yr * counts * part,
            0.0 * counts,
            plant.staff_fte * counts,
            plant.fixed_usd_per_yr * counts,
            capex,
            plant.closing_usd * horizon.opening if close else capex * horizon.capital,
            1.0,
            np.ones(steps, dtype=np.bool_),
        )
