"""Build index sets and coefficient arrays from the tables of a complete study."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.errors import Problems, StudyError, shown
from evsiting.model.milp import FloatArray, IntArray
from evsiting.model.plants_from_study import make_changes, make_places
from evsiting.model.sets import (
    ByProducts,
    Changes,
    Demands,
    Lanes,
    ObjectArray,
    Places,
    Recipes,
    Sets,
    SiteValues,
    SupplierValues,
    positions,
)
from evsiting.study.derived.connection import connected_kw
from evsiting.study.derived.trajectories import by_period, limits_by_period
from evsiting.study.horizon import Horizon
from evsiting.study.recipes import is_passed_on
from evsiting.study.schema.tables import NEEDED_TO_SOLVE
from evsiting.study.study import Study


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
    bill = _bill(study, processes, products)
    bom = np.zeros((len(products), len(products)))
    made = np.flatnonzero(~is_passed_on(processes))
    np.maximum.at(bom.T, positions(products, processes["product"])[made], bill.T[made])
    for row in study.bill_of_materials[~study.bill_of_materials["product"].isin(processes["product"])].itertuples():
        bom[products.get_loc(row.input), products.get_loc(row.product)] += row.units_per_unit

    places = make_places(study, horizon, sites, plant_types)
    changes = make_changes(study, horizon, sites, plant_types, places)
    makes = _makes(study, processes, sites, places, plant_types, products, bill)
    extra = _by_products(study, plant_types, products, places, makes)
    wants = _wants(study, markets, products, horizon)
    lanes = _lanes(study, sites.index, markets, suppliers, products, places, makes, extra, wants)
    goods = study.products.set_index("product").loc[products]
    towns = study.markets.set_index("market").loc[markets]
    return Sets(
        horizon,
        sites.index,
        plant_types,
        products,
        markets,
        suppliers.index,
        _scale(products, places, changes, makes, extra, wants),
        goods["value_usd_per_unit"].to_numpy(np.float64),
        goods["mass_kg_per_unit"].to_numpy(np.float64),
        bom,
        places,
        changes,
        makes,
        extra,
        lanes,
        wants,
        _site_values(study, sites),
        _supplier_values(study, suppliers, products),
        _codes(towns["country"]),
        _codes(towns["region"]),
    )


def _codes(column: pd.Series) -> ObjectArray:
    """Return text as an array of objects, empty where unknown."""
    return np.array([v if isinstance(v, str) else "" for v in column], dtype=object)


def _site_values(study: Study, sites: pd.DataFrame) -> SiteValues:
    where = (_codes(sites["country"]).tolist(), _codes(sites["region"]).tolist(), sites.index.tolist())

    def over(column: str) -> FloatArray:
        return by_period(study, column, sites[column].fillna(0.0).to_numpy(np.float64), *where)

    wage = over("wage_usd_per_h")
    heat = np.repeat(sites["heat_factor_kg_per_kwh"].fillna(0.0).to_numpy(np.float64)[:, None], wage.shape[1], axis=1)
    return SiteValues(
        _codes(sites["country"]),
        _codes(sites["region"]),
        wage,
        wage * (1.0 + sites["payroll_burden"].to_numpy(np.float64))[:, None],
        over("power_price_usd_per_mwh") / 1000.0,
        over("heat_price_usd_per_mwh") / 1000.0,
        over("grid_factor_kg_per_kwh"),
        heat,
    )


def _supplier_values(study: Study, suppliers: pd.DataFrame, products: pd.Index) -> SupplierValues:
    price = suppliers["price_usd_per_unit"].to_numpy(np.float64)
    return SupplierValues(
        _codes(suppliers["country"]),
        _codes(suppliers["company"]),
        positions(products, suppliers["product"]),
        by_period(study, "price_usd_per_unit", price, suppliers["country"].tolist(), suppliers.index.tolist()),
        limits_by_period(
            study,
            "capacity_units_per_yr",
            suppliers["capacity_units_per_yr"],
            suppliers["country"].tolist(),
            suppliers.index.tolist(),
        ),
        suppliers["emissions_kg_per_unit"].to_numpy(np.float64),
        suppliers["foreign_entity"].to_numpy(np.float64) > 0.5,
    )


def _require_complete(study: Study) -> None:
    problems = Problems()
    frame = study.sites
    for column in NEEDED_TO_SOLVE["sites"]:
        empty = frame["site"] if column not in frame else frame.loc[frame[column].isna(), "site"]
        if len(empty):
            problems.add(
                f"sites, column {column!r}",
                "empty cells",
                shown(empty),
                "Give the values, or fill them with evsiting.complete(study)",
            )
    if not study.has("lanes"):
        problems.add("lanes", "the study has no lanes", "0 rows", "Make them with evsiting.complete(study)")
    problems.raise_if_any(StudyError)


def _makes(
    study: Study,
    processes: pd.DataFrame,
    sites: pd.DataFrame,
    places: Places,
    plant_types: pd.Index,
    products: pd.Index,
    bill: FloatArray,
) -> Recipes:
    kind = positions(plant_types, processes["plant_type"])
    place, process = np.nonzero(places.plant_type[:, None] == kind[None, :])

    def figure(name: str) -> FloatArray:
        return np.asarray(processes[name].to_numpy(np.float64)[process])

    where = sites.iloc[places.site[place]]
    material = by_period(
        study,
        "material_usd_per_unit",
        figure("material_usd_per_unit"),
        _codes(where["country"]).tolist(),
        _codes(where["region"]).tolist(),
        where.index.tolist(),
    )
    made = positions(products, processes["product"])[process]
    return Recipes(
        place.astype(np.int64),
        made,
        figure("capacity_use"),
        figure("electricity_kwh_per_unit"),
        figure("heat_kwh_per_unit"),
        figure("labor_h_per_unit"),
        figure("good_share"),
        connected_kw(processes, study.settings.model.load_factor)[process],
        material,
        bill[:, process],
        _steps(processes)[process],
    )


def _by_products(study: Study, plant_types: pd.Index, products: pd.Index, places: Places, makes: Recipes) -> ByProducts:
    """Return what comes of each recipe beside its product."""
    rows = study.by_products.sort_values(["plant_type", "product", "by_product"])
    kind, made, extra = (
        positions(codes, rows[column])
        for codes, column in ((plant_types, "plant_type"), (products, "product"), (products, "by_product"))
    )
    of, line = np.nonzero(
        (places.plant_type[makes.place][:, None] == kind)
        & (makes.product[:, None] == made)
        & (makes.step == 0)[:, None]
    )
    pairs = np.column_stack([makes.place[of], extra[line]])
    pairs, first, row = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    cost = rows["disposal_usd_per_unit"].to_numpy(np.float64)[line]
    return ByProducts(
        pairs[:, 0],
        pairs[:, 1],
        cost[first],
        row.ravel(),
        of.astype(np.int64),
        rows["units_per_unit"].to_numpy(np.float64)[line],
    )


def _steps(processes: pd.DataFrame) -> IntArray:
    """Return the step at which each process passes its product on; 0 where it makes it. shape (processes,)"""
    if "pass_through_step" not in processes:
        return np.zeros(len(processes), dtype=np.int64)
    return processes["pass_through_step"].fillna(0.0).to_numpy(np.int64)


def _bill(study: Study, processes: pd.DataFrame, products: pd.Index) -> FloatArray:
    """Return the units of every product in one unit that is begun, by process. shape (P, processes)."""
    out = np.zeros((len(products), len(processes)))
    made, kind = processes["product"].to_numpy(object), processes["plant_type"].to_numpy(object)
    passed = is_passed_on(processes).to_numpy(np.bool_)
    for row in study.bill_of_materials.itertuples():
        only = getattr(row, "plant_type", None)
        mine = (made == row.product) & ((kind == only) if isinstance(only, str) else True) & ~passed
        out[products.get_loc(row.input), mine] += row.units_per_unit
    at = np.flatnonzero(passed)
    out[positions(products, made[at]), at] = 1.0
    return out


def _wants(study: Study, markets: pd.Index, products: pd.Index, horizon: Horizon) -> Demands:
    frame = study.demand
    every = frame[frame["period"].isna()]
    frame = pd.concat([frame[frame["period"].notna()], *(every.assign(period=p) for p in horizon.periods)])
    frame = frame[frame["units_per_yr"] > 0]
    key = pd.MultiIndex.from_arrays([positions(markets, frame["market"]), positions(products, frame["product"])])
    pairs = key.unique().sort_values()
    row, period = pairs.get_indexer(key), positions(pd.Index(horizon.periods), frame["period"])
    shape = (len(pairs), len(horizon))
    units, penalty, promise, late = (np.full(shape, v) for v in (0.0, np.nan, np.inf, 0.0))
    np.add.at(units, (row, period), frame["units_per_yr"].to_numpy(np.float64))
    penalty[row, period] = frame["unmet_penalty_usd_per_unit"].to_numpy(np.float64)
    promise[row, period] = frame["promise_h"].fillna(np.inf).to_numpy(np.float64)
    late[row, period] = frame["late_usd_per_unit"].to_numpy(np.float64)
    first, second = (pairs.get_level_values(k).to_numpy(np.int64) for k in (0, 1))
    return Demands(first, second, units, penalty, promise, late)


def _lanes(
    study: Study,
    sites: pd.Index,
    markets: pd.Index,
    suppliers: pd.DataFrame,
    products: pd.Index,
    places: Places,
    makes: Recipes,
    extra: ByProducts,
    wants: Demands,
) -> Lanes:
    frame = study.lanes.sort_values(["product", "origin", "destination", "mode"], ignore_index=True)
    product = positions(products, frame["product"])
    site, to_site = positions(sites, frame["origin"]), positions(sites, frame["destination"])
    supplier, to_market = positions(suppliers.index, frame["origin"]), positions(markets, frame["destination"])

    makes_it = np.zeros((len(sites) + 1, len(products)), dtype=np.bool_)
    makes_it[places.site[makes.place], makes.product] = True
    makes_it[places.site[extra.place], extra.product] = True
    uses_it = np.zeros((len(sites) + 1, len(products)), dtype=np.bool_)
    used, by = np.nonzero(makes.inputs)
    uses_it[places.site[makes.place[by]], used] = True
    wants_it = np.zeros((len(markets) + 1, len(products)), dtype=np.bool_)
    wants_it[wants.market, wants.product] = True
    sold = positions(products, suppliers["product"])
    from_supplier = (supplier >= 0) & (np.append(sold, -2)[supplier] == product)
    useful = (makes_it[site, product] & (site >= 0)) | from_supplier
    useful &= (uses_it[to_site, product] & (to_site >= 0)) | (wants_it[to_market, product] & (to_market >= 0))
    step = np.zeros(makes_it.shape, dtype=np.int64)
    step[places.site[makes.place], makes.product] = makes.step
    step[-1] = 0
    onward = np.where(to_market >= 0, step.max(initial=0) + 1, step[to_site, product])
    passed = (site >= 0) & (step[site, product] > 0)
    useful &= ~passed | (onward > step[site, product])
    if study.has("duties") and passed.any():  # nobody knows any more where what crosses a border then was made
        land = pd.concat([study.sites.set_index("site")["country"], study.markets.set_index("market")["country"]])
        useful &= ~passed | (frame["origin"].map(land) == frame["destination"].map(land)).to_numpy(np.bool_)

    frame = frame[useful].reset_index(drop=True)
    return Lanes(
        product[useful],
        site[useful],
        supplier[useful],
        to_site[useful],
        to_market[useful],
        by_period(study, "freight_usd_per_unit", frame["freight_usd_per_unit"].to_numpy(np.float64)),
        frame["duty_usd_per_unit"].to_numpy(np.float64),
        frame["emissions_kg_per_unit"].to_numpy(np.float64),
        frame["time_h"].to_numpy(np.float64),
        _codes(frame["route"]),
        frame[["product", "origin", "destination", "mode"]],
    )


def _scale(
    products: pd.Index, places: Places, changes: Changes, makes: Recipes, extra: ByProducts, wants: Demands
) -> FloatArray:
    """Return a power of ten per product, so that a plant's capacity is some hundred scaled units."""
    largest = np.zeros(len(products))
    capacity = places.capacity.max(axis=1, initial=0.0)
    np.maximum.at(capacity, changes.place, changes.size)
    np.maximum.at(largest, makes.product, capacity[makes.place] / makes.use)
    most = (capacity[makes.place] / makes.use)[extra.make] * extra.units
    product = extra.product[extra.row]
    np.maximum.at(largest, product, np.where(largest[product] > 0, 0.0, most))
    if len(wants.units):
        np.maximum.at(largest, wants.product, np.where(largest[wants.product] > 0, 0.0, wants.units.max(axis=1)))
    return np.asarray(10.0 ** (np.floor(np.log10(np.where(largest > 0, largest, 100.0))) - 2.0), dtype=np.float64)
