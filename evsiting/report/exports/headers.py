"""Headers of tables for people who live in a spreadsheet: the column with its unit in brackets."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.tables import TABLES

#: Headers of columns that no table of the data dictionary has.
HEADERS: Mapping[str, str] = {
    "capacity_units_per_yr": "capacity [unit/yr]",
    "capex_usd": "investment [USD]",
    "jobs_fte": "jobs [FTE]",
    "units_per_yr": "units [unit/yr]",
    "t_per_yr": "mass [t/yr]",
    "distance_km": "distance [km]",
    "time_h": "time [h]",
    "freight_usd_per_unit": "freight [USD/unit]",
    "duty_usd_per_unit": "duty before relief [USD/unit]",
    "emissions_kg_per_unit": "emissions [kg CO2e/unit]",
    **{name: f"{kind.spoken} [{kind.exact_unit}]" for name, kind in OBJECTIVES.items()},
    "gap": "proven gap [1]",
    "seconds": "time [s]",
    "usd_per_unit": "cost of a delivered unit [USD/unit]",
    "mwh_per_yr": "power [MWh/yr]",
    "load_mw": "peak load [MW]",
    "connected_mw": "connected [MW]",
    "upgraded_mw": "upgraded so far [MW]",
    "clean_mwh_per_yr": "contracted clean power [MWh/yr]",
    "renewable": "renewable part [1]",
    "invested_usd": "investment, undiscounted [USD]",
    "load_units_per_yr": "capacity in use [unit/yr]",
    "units": "units [unit]",
    "from_plants": "part from plants of the plan [1]",
    "plants_usd_per_unit": "landed cost from plants [USD/unit]",
    "import_usd_per_unit": "cheapest import [USD/unit]",
    "price_usd_per_unit": "price of the import [USD/unit]",
    "carbon_usd_per_unit": "carbon price on the import [USD/unit]",
    "late_usd_per_unit": "lateness of the import [USD/unit]",
    "duty": "duty on the import [1]",
    "break_even_duty": "break-even duty [1]",
    "value": "value [USD, present value]",
    "duty_usd": "duty before relief [USD, present value]",
    "relief_usd": "relief [USD, present value]",
    "paid_usd": "duty paid [USD, present value]",
    "usd": "paid, undiscounted [USD]",
    "present_usd": "paid [USD, present value]",
    "most_usd": "cap [USD]",
    "min_capex_usd": "pledged investment [USD]",
    "min_jobs_fte": "pledged jobs [FTE]",
    "missing_fte": "missing jobs [FTE]",
    "clawback_usd": "paid back, undiscounted [USD]",
    "rvc": "regional value content [1]",
    "rvc_needed": "regional value needed [1]",
    "lvc": "labor value content [1]",
    "lvc_needed": "labor value needed [1]",
    "preferred_units_per_yr": "enter as originating [unit/yr]",
    "imported_units_per_yr": "imported [unit/yr]",
    "import_share": "imported part [1]",
    "job_years": "jobs [job-years]",
    "direct_fte": "direct jobs [FTE]",
    "low_fte": "added jobs, low [FTE]",
    "central_fte": "added jobs, central [FTE]",
    "high_fte": "added jobs, high [FTE]",
    "usd_per_yr": "value [USD/yr]",
    "lat": "lat [degree]",
    "lon": "lon [degree]",
}


def with_headers(frame: pd.DataFrame, table: str = "") -> pd.DataFrame:
    """Return a frame with units in its headers, and latitude and longitude in place of points.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns as in the tables of a study or of a plan.
    table : str
        The study's table that it is, for the units of its columns.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        flat = pd.DataFrame(frame)
    else:
        flat = pd.DataFrame(frame.drop(columns="geometry"))
        flat = flat.assign(lat=frame.geometry.y.to_numpy(), lon=frame.geometry.x.to_numpy())
    known = {c.name: c for c in TABLES[table].columns} if table else {}
    headers = {}
    for column in map(str, flat.columns):
        if column in known:
            unit = known[column].unit
            headers[column] = f"{known[column].label} [{unit}]" if unit else column
        elif not table or column in ("lat", "lon"):  # a column of the user's own keeps its name
            headers[column] = HEADERS.get(column, column)
    return flat.rename(columns=headers)
