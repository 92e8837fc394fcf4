"""The plan as a GeoPackage: layers that open in QGIS as they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from evsiting.errors import InputError, Problem
from evsiting.layers.geo.geodesic import GEOD
from evsiting.reference import jurisdictions
from evsiting.report.exports.about import about
from evsiting.report.headline import names, period_labels
from evsiting.report.html.tables import lives
from evsiting.report.maps.flows import on_lanes
from evsiting.report.maps.geometry import degrees, first_view, flow_ends
from evsiting.results.analysis.landed_cost import Landing
from evsiting.results.analysis.power import power_by_site
from evsiting.results.analysis.timeline import capacity_by_period, sizes_by_period
from evsiting.results.consistency import require_same_study
from evsiting.results.ledgers.ledgers import demand_by_period
from evsiting.results.plan import Plan
from evsiting.results.result_folders import deliverable
from evsiting.study.files.geo_tables import free_column_names
from evsiting.study.files.own_columns import warn_of_renamed, with_own
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import CRS, Study

if TYPE_CHECKING:
    from evsiting.results.certificate import Certificate

#: Great circles get a point at least every so many metres.
_STEP_M = 100_000.0


def write_geopackage(path: str | Path, study: Study, plan: Plan, *, certificate: Certificate | None = None) -> Path:
    """Write a plan as layers for a geographic information system.

    ``plants``, ``plants_by_period`` (where the study has several periods: a point for each in which a plant runs),
    ``sites``, ``markets``, ``suppliers`` (points), ``flows`` (great circles, one for each period; those from overseas
    from their port of entry), ``jurisdictions`` (polygons with the plan's totals), all in EPSG:4326, and the table
    ``about``.

    Parameters
    ----------
    path : str or Path
        The ``.gpkg`` file to write.
    study, plan : Study, Plan
        The study and the plan that answers it.
    certificate : Certificate, optional
        Of ``plan``, for the table ``about``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the file is not called ``.gpkg``, or what is given does not belong together.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> ev.write_geopackage("siting.gpkg", study, ev.solve(study)).name
    'siting.gpkg'
    """
    if Path(path).suffix.lower() != ".gpkg":
        raise InputError(
            [Problem("write_geopackage, path", "is not a .gpkg file", str(path), "Give a name that ends in .gpkg")]
        )
    study = require_same_study("write_geopackage", study, plan, certificate=certificate)
    renamed: dict[str, str] = {}
    layers = {
        "jurisdictions": _jurisdictions(study, plan),
        "flows": with_own(_flows(study, plan), study, "lanes", TABLES["lanes"].key, renamed),
        "sites": with_own(_sites(study, plan), study, "sites", ["site"], renamed),
        "markets": with_own(_markets(study, plan), study, "markets", ["market"], renamed),
        "suppliers": with_own(study.suppliers, study, "suppliers", ["supplier"], renamed),
        "plants_by_period": _by_period(study, plan) if len(study.periods) > 1 else plan.sites.head(0),
        "plants": with_own(plan.sites.assign(life=lives(study, plan)), study, "plants", ["plant"], renamed),
    }
    notes = _about(study, plan, certificate)
    if renamed:
        pairs = [(f"column {old}", f"stands as {new}", np.nan, "") for old, new in renamed.items()]
        notes = pd.concat([notes, pd.DataFrame(pairs, columns=notes.columns)], ignore_index=True)
    with deliverable(path) as temporary:
        for name, frame in layers.items():
            if len(frame):
                options = free_column_names(map(str, frame.columns))
                pyogrio.write_dataframe(
                    _plain(frame),
                    temporary,
                    layer=name,
                    driver="GPKG",
                    append=temporary.exists(),
                    layer_options=options,
                )
        pyogrio.write_dataframe(notes, temporary, layer="about", driver="GPKG", append=True)
    warn_of_renamed(Path(path).name, renamed)
    return Path(path)


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer with text, numbers and whole numbers only, in EPSG:4326."""
    plain = frame.reset_index(drop=True).to_crs(CRS)
    for column in plain.columns.drop("geometry"):
        if not pd.api.types.is_numeric_dtype(plain[column]):
            text = plain[column].astype(object)
            plain[column] = text.where(text.notna(), None)
    return plain


def _sites(study: Study, plan: Plan) -> gpd.GeoDataFrame:
    """Return the sites with how many plants the plan has there, and their power in the last period."""
    sites, listed = study.sites, plan.sites
    power = power_by_site(study, plan)
    power = power[power["period"] == list(period_labels(study))[-1]].set_index("site")
    count = {
        "new_plants": listed["option"] != "",
        "standing_plants": ~listed["status"].isin(["new", "closed"]),
        "closed_plants": listed["status"] == "closed",
    }
    counts = {name: sites["site"].map(listed[rows].groupby("site").size()) for name, rows in count.items()}
    sites = sites.assign(**{name: values.fillna(0).astype("int64") for name, values in counts.items()})
    columns = {"load_mw": "load_mw", "connected_mw": "connected_mw", "renewable": "renewable_used"}
    return sites.assign(**{to: sites["site"].map(power[column]) for column, to in columns.items()})


def _by_period(study: Study, plan: Plan) -> gpd.GeoDataFrame:
    """Return every plant once for each period in which it runs: size, and of its place what is made and who works."""
    years = period_labels(study)
    sizes = sizes_by_period(study, plan).melt(ignore_index=False, var_name="period", value_name="size_units_per_yr")
    sizes = sizes[sizes["size_units_per_yr"] > 0].reset_index()
    columns = ["plant", "site", "name", "country", "region", "plant_type", "status", "geometry"]
    then = np.where(plan.sites["option"] != "", "new", "existing")  # what closes still runs in these periods
    shown = plan.sites.assign(status=plan.sites["status"].where(plan.sites["status"] != "closed", then))
    rows = shown[columns].merge(sizes, on="plant")
    use = capacity_by_period(study, plan).rename(
        columns={
            "capacity_units_per_yr": "place_capacity_units_per_yr",
            "load_units_per_yr": "place_load_units_per_yr",
            "jobs_fte": "place_jobs_fte",
        }
    )
    rows = rows.merge(use, on=["site", "plant_type", "period"], how="left")
    rows["years"] = rows["period"].map(years)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def _markets(study: Study, plan: Plan) -> gpd.GeoDataFrame:
    """Return the markets with demand and deliveries in the last period [units/yr], and landed cost over the horizon.

    Landed cost [USD/unit] is there where all markets want one product.
    """
    last = list(period_labels(study))[-1]
    demand = demand_by_period(study).query("period == @last").groupby("market")["units_per_yr"].sum()
    arrived = plan.shipments.query("period == @last").groupby("destination")["units_per_yr"].sum()
    markets = study.markets.assign(last_period=last)
    markets["demand_units_per_yr"] = markets["market"].map(demand).fillna(0.0)
    markets["delivered_units_per_yr"] = markets["market"].map(arrived).fillna(0.0)
    landed = Landing(study, plan).cost(["market", "product"])
    if landed["product"].nunique() == 1:
        landed = landed.set_index("market")
        for column in ("from_plants", "plants_usd_per_unit", "import_usd_per_unit", "duty", "break_even_duty"):
            markets[column] = markets["market"].map(landed[column])
    return markets


def _flows(study: Study, plan: Plan) -> gpd.GeoDataFrame:
    """Return every shipment that leaves its place, as a great circle with the facts of its lane."""
    frame = plan.shipments[(plan.shipments["mode"] != "on_site") & (plan.shipments["units_per_yr"] > 0)]
    mass = study.products.set_index("product")["mass_kg_per_unit"]
    shown = {**names(study, "sites"), **names(study, "markets"), **names(study, "suppliers")}
    frame = frame.assign(
        t_per_yr=frame["units_per_yr"] * frame["product"].map(mass).astype("float64") / 1000.0,
        origin_name=frame["origin"].map(shown),
        destination_name=frame["destination"].map(shown),
    )
    frame = on_lanes(study, frame)
    if not len(frame):
        return gpd.GeoDataFrame(frame, geometry=[], crs=CRS)
    ends = flow_ends(study, frame, first_view(study, set(plan.sites["site"])))
    start = degrees(ends["x0"].to_numpy(), ends["y0"].to_numpy())
    end = degrees(ends["x1"].to_numpy(), ends["y1"].to_numpy())
    lines = [_great_circle(a, b) for a, b in zip(start, end, strict=True)]
    return gpd.GeoDataFrame(frame.assign(port_of_entry=ends["gateway"].to_numpy()), geometry=lines, crs=CRS)


def _great_circle(start: Any, end: Any) -> shapely.LineString:
    """Return the shortest way over the globe between two points of one side of the Pacific."""
    _, _, length = GEOD.inv(start.x, start.y, end.x, end.y)
    between = GEOD.npts(start.x, start.y, end.x, end.y, max(1, int(length / _STEP_M)))
    return shapely.LineString([(start.x, start.y), *between, (end.x, end.y)])


def _jurisdictions(study: Study, plan: Plan) -> gpd.GeoDataFrame:
    """Return states and provinces with what the plan builds, employs, spends and emits there."""
    frame = jurisdictions()[["iso", "name", "country", "geometry"]]
    region = study.sites.set_index("site")["region"]
    new = plan.opened.assign(region=plan.opened["site"].map(region))
    every = plan.sites[plan.sites["status"] != "closed"]
    every = every.assign(region=every["site"].map(region))
    spent = plan.sites.assign(region=plan.sites["site"].map(region))
    columns: dict[str, pd.Series] = {
        "new_plants": new.groupby("region").size(),
        "plants": every.groupby("region").size(),
        "capex_usd": spent.groupby("region")["capex_usd"].sum(),
        "jobs_fte": every.groupby("region")["jobs_fte"].sum(),
    }
    for name, kind in OBJECTIVES.items():
        if kind.need is not None:
            continue  # late deliveries have no place of their own
        ledger, unit = plan.ledgers[name], kind.shown_unit.lower().replace("-", "_")
        columns[f"{name}_{unit}"] = ledger["value"].groupby(ledger["site"].map(region)).sum()
    for column, values in columns.items():
        made = frame["iso"].map(values).fillna(0)
        frame[column] = made.astype("int64" if column in ("new_plants", "plants") else "float64")
    return frame


def _about(study: Study, plan: Plan, certificate: Certificate | None) -> pd.DataFrame:
    """Return question, answer, honesty line and totals as a table."""
    sheet = about(study, plan, certificate)
    texts = [("question", sheet.question), ("answer", sheet.answer), ("consequence", sheet.consequence)]
    rows: list[tuple[str, str, float, str]] = [(n, t, np.nan, "") for n, t in [*texts, ("honesty", sheet.honesty)]]
    for name, value, unit in [*sheet.figures, *sheet.circumstances]:
        number = isinstance(value, float)
        rows.append((name, "" if number else str(value), float(value) if number else np.nan, unit))
    return pd.DataFrame(rows, columns=["name", "text", "value", "unit"])
