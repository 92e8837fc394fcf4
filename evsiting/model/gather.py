"""From the tables of a complete study to index sets and coefficient arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.errors import Problems, StudyError, shown
from evsiting.model.milp import FloatArray
from evsiting.model.sets import Builds, LaneSet, Makes, Places, Sets, Wants, positions
from evsiting.study.horizon import Horizon
from evsiting.study.study import Study

#: Site columns that the program needs; the default layers fill them where a study leaves them empty.
SITE_COLUMNS = ("country", "wage_usd_per_h", "payroll_burden", "power_price_usd_per_mwh", "grid_factor_kg_per_kwh")


def make_sets(study: Study) -> Sets:
    """Return the index sets and arrays of a complete study.

    Parameters
    ----------
    study : Study
        With its layers (see :func:`evsiting.layers.complete`).

    Raises
    ------
    StudyError
        If a site column that the program needs is still empty, or there are no lanes.
    """
    _require_complete(study)
    horizon = Horizon.of(study.periods, study.settings.money)
    sites = study.sites.set_index("site").sort_index()
    processes = study.processes.sort_values(["plant_type", "product"], ignore_index=True)
    products, markets = pd.Index(sorted(study.products["product"])), pd.Index(sorted(study.markets["market"]))
    suppliers = study.suppliers.set_index("supplier").sort_index()
    plant_types = pd.Index(sorted(set(processes["plant_type"])))
    bom = np.zeros((len(products), len(products)))
    for row in study.bill_of_materials.itertuples():
        bom[products.get_loc(row.input), products.get_loc(row.product)] += row.units_per_unit

    places = _places(study, sites, plant_types)
    builds = _builds(study, places, sites, plant_types)
    makes = _makes(processes, places, plant_types, products)
    wants = _wants(study, markets, products, horizon)
    lanes = _lanes(study, sites.index, markets, suppliers, products, places, makes, wants, bom)
    investment, credit = _incentives(study, horizon, sites.index, plant_types, products, places, makes)
    return Sets(
        horizon,
        sites.index,
        plant_types,
        products,
        markets,
        suppliers.index,
        _scale(products, places, builds, makes, wants),
        bom,
        places,
        builds,
        makes,
        lanes,
        wants,
        pd.DataFrame(sites[list(SITE_COLUMNS)]),
        pd.DataFrame(suppliers.drop(columns="geometry", errors="ignore")),
        investment,
        credit,
    )


def _require_complete(study: Study) -> None:
    found = Problems()
    frame = study.sites
    for column in SITE_COLUMNS:
        empty = frame["site"] if column not in frame else frame.loc[frame[column].isna(), "site"]
        if len(empty):
            found.add(
                f"sites, column {column!r}",
                "empty cells",
                shown(empty),
                "Give the values, or fill them with evsiting.complete(study)",
            )
    if not study.has("lanes"):
        found.add("lanes", "the study has no lanes", "0 rows", "Make them with evsiting.complete(study)")
    found.raise_if_any(StudyError)


def _places(study: Study, sites: pd.DataFrame, plant_types: pd.Index) -> Places:
    with_option = set(study.options["plant_type"])
    allowed = sites["plant_types"] if "plant_types" in sites else pd.Series(None, index=sites.index, dtype=object)
    pairs: dict[tuple[str, str], list[float]] = {}
    may: dict[tuple[str, str], bool] = {}
    for site, role, kinds in zip(sites.index, sites["role"], allowed, strict=True):
        listed = plant_types if pd.isna(kinds) or not str(kinds).strip() else [k.strip() for k in str(kinds).split(";")]
        for kind in listed:
            if role == "candidate" and kind in with_option:
                pairs[site, kind], may[site, kind] = [0.0, 0.0, 0.0], True
    standing = study.plants.sort_values("plant")  # sums must not depend on the order of a table's rows
    for row in standing[standing["status"] != "closed"].itertuples() if len(standing) else ():
        held = pairs.setdefault((row.site, row.plant_type), [0.0, 0.0, 0.0])
        held[0] += row.capacity_units_per_yr
        held[1] += row.staff_fte
        held[2] += row.fixed_usd_per_yr
    keys = sorted(pairs)
    values = np.array([pairs[k] for k in keys], dtype=np.float64).reshape(-1, 3)
    return Places(
        positions(sites.index, [k[0] for k in keys]),
        positions(plant_types, [k[1] for k in keys]),
        np.array([may.get(k, False) for k in keys], dtype=np.bool_),
        values[:, 0],
        values[:, 1],
        values[:, 2],
    )


def _builds(study: Study, places: Places, sites: pd.DataFrame, plant_types: pd.Index) -> Builds:
    options = study.options.sort_values(["plant_type", "capacity_units_per_yr", "option"], ignore_index=True)
    kind = positions(plant_types, options["plant_type"])
    place, option = np.nonzero(places.may_build[:, None] & (places.plant_type[:, None] == kind[None, :]))
    extra = sites["fixed_usd_per_yr"].to_numpy(np.float64)[places.site[place]] if "fixed_usd_per_yr" in sites else 0.0
    column = {
        name: options[name].to_numpy(np.float64)[option]
        for name in ("capacity_units_per_yr", "capex_usd", "fixed_usd_per_yr", "staff_fte", "min_load")
    }
    return Builds(
        place.astype(np.int64),
        tuple(options["option"].to_numpy(object)[option]),
        column["capacity_units_per_yr"],
        column["capex_usd"],
        column["fixed_usd_per_yr"] + extra,
        column["staff_fte"],
        column["min_load"],
    )


def _makes(processes: pd.DataFrame, places: Places, plant_types: pd.Index, products: pd.Index) -> Makes:
    kind = positions(plant_types, processes["plant_type"])
    place, process = np.nonzero(places.plant_type[:, None] == kind[None, :])
    made = positions(products, processes["product"])
    column = {
        name: processes[name].to_numpy(np.float64)[process]
        for name in ("capacity_use", "electricity_kwh_per_unit", "labor_h_per_unit", "material_usd_per_unit")
    }
    return Makes(place.astype(np.int64), made[process], *column.values())


def _wants(study: Study, markets: pd.Index, products: pd.Index, horizon: Horizon) -> Wants:
    frame = study.demand
    every = frame[frame["period"].isna()]
    frame = pd.concat([frame[frame["period"].notna()], *(every.assign(period=p) for p in horizon.periods)])
    frame = frame[frame["units_per_yr"] > 0]
    key = pd.MultiIndex.from_arrays([positions(markets, frame["market"]), positions(products, frame["product"])])
    pairs = key.unique().sort_values()
    row, period = pairs.get_indexer(key), positions(pd.Index(horizon.periods), frame["period"])
    units, penalty = np.zeros((len(pairs), len(horizon))), np.full((len(pairs), len(horizon)), np.nan)
    np.add.at(units, (row, period), frame["units_per_yr"].to_numpy(np.float64))
    penalty[row, period] = frame["unmet_penalty_usd_per_unit"].to_numpy(np.float64)
    return Wants(
        pairs.get_level_values(0).to_numpy(np.int64), pairs.get_level_values(1).to_numpy(np.int64), units, penalty
    )


def _lanes(
    study: Study,
    sites: pd.Index,
    markets: pd.Index,
    suppliers: pd.DataFrame,
    products: pd.Index,
    places: Places,
    makes: Makes,
    wants: Wants,
    bom: FloatArray,
) -> LaneSet:
    frame = study.lanes.sort_values(["product", "origin", "destination", "mode"], ignore_index=True)
    product = positions(products, frame["product"])
    site, to_site = positions(sites, frame["origin"]), positions(sites, frame["destination"])
    supplier, to_market = positions(suppliers.index, frame["origin"]), positions(markets, frame["destination"])

    makes_it = np.zeros((len(sites) + 1, len(products)), dtype=np.bool_)
    makes_it[places.site[makes.place], makes.product] = True
    uses_it = np.zeros((len(sites) + 1, len(products)), dtype=np.bool_)
    inputs, outputs = np.nonzero(bom)
    for a, b in zip(inputs.tolist(), outputs.tolist(), strict=True):
        uses_it[places.site[makes.place[makes.product == b]], a] = True
    wants_it = np.zeros((len(markets) + 1, len(products)), dtype=np.bool_)
    wants_it[wants.market, wants.product] = True
    sold = positions(products, suppliers["product"])
    from_supplier = (supplier >= 0) & (np.append(sold, -2)[supplier] == product)
    useful = (makes_it[site, product] & (site >= 0)) | from_supplier
    useful &= (uses_it[to_site, product] & (to_site >= 0)) | (wants_it[to_market, product] & (to_market >= 0))

    frame = frame[useful].reset_index(drop=True)
    return LaneSet(
        product[useful],
        site[useful],
        supplier[useful],
        to_site[useful],
        to_market[useful],
        frame["freight_usd_per_unit"].to_numpy(np.float64),
        frame["duty_usd_per_unit"].to_numpy(np.float64),
        frame["emissions_kg_per_unit"].to_numpy(np.float64),
        frame[["product", "origin", "destination", "mode"]],
    )


def _incentives(
    study: Study,
    horizon: Horizon,
    sites: pd.Index,
    plant_types: pd.Index,
    products: pd.Index,
    places: Places,
    makes: Makes,
) -> tuple[FloatArray, FloatArray]:
    investment, credit = np.zeros((len(places.site), len(horizon))), np.zeros((len(makes.place), len(horizon)))
    frame = study.incentives
    if not len(frame):
        return investment, credit
    frame = frame.sort_values(list(frame.columns), ignore_index=True)
    period = positions(pd.Index(horizon.periods), frame["period"])
    site, kind = positions(sites, frame["site"]), positions(plant_types, frame["plant_type"])
    value = frame["value"].to_numpy(np.float64)
    place = pd.MultiIndex.from_arrays([places.site, places.plant_type]).get_indexer(
        pd.MultiIndex.from_arrays([site, kind])
    )
    paid = (frame["kind"] == "investment").to_numpy() & (place >= 0)
    np.add.at(investment, (place[paid], period[paid]), value[paid])
    make = pd.MultiIndex.from_arrays([makes.place, makes.product]).get_indexer(
        pd.MultiIndex.from_arrays([place, positions(products, frame["product"].fillna(""))])
    )
    earned = (frame["kind"] == "production").to_numpy() & (place >= 0) & (make >= 0)
    np.add.at(credit, (make[earned], period[earned]), value[earned])
    return np.minimum(investment, 1.0), credit


def _scale(products: pd.Index, places: Places, builds: Builds, makes: Makes, wants: Wants) -> FloatArray:
    """Return a power of ten per product, so that a plant's capacity is some hundred scaled units."""
    largest = np.zeros(len(products))
    capacity = np.maximum(places.capacity, 0.0)
    np.maximum.at(capacity, builds.place, builds.capacity)
    np.maximum.at(largest, makes.product, capacity[makes.place] / makes.use)
    if len(wants.units):
        np.maximum.at(largest, wants.product, np.where(largest[wants.product] > 0, 0.0, wants.units.max(axis=1)))
    return np.asarray(10.0 ** (np.floor(np.log10(np.where(largest > 0, largest, 100.0))) - 2.0), dtype=np.float64)
