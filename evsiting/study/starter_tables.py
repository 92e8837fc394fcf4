"""Tables of the starter study as text, and which figures of a study are still theirs."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.study.schema.tables import TABLES
from evsiting.units import factor, split_header

#: What provenance says of every figure of the starter study.
MADE_UP = "Made up for the example: replace it"

#: Tables of the starter study as they are written. Every figure in them is an assumption.
STARTER = {
    "sites": """
site,lat,lon,name,country,region,role,plant_types,wage [USD/h],power_price [USD/MWh],grid_factor [kg/kWh]
US-TN-memphis,35.15,-90.05,Memphis,US,US-TN,candidate,,,,
US-GA-savannah,32.08,-81.10,Savannah,US,US-GA,candidate,,,,
US-MI-lansing,42.73,-84.56,Lansing,US,US-MI,candidate,,,,
CA-ON-windsor,42.31,-83.04,Windsor,CA,CA-ON,candidate,,,,
CA-QC-becancour,46.34,-72.43,Bécancour,CA,CA-QC,candidate,cell,,,
MX-NLE-monterrey,25.68,-100.32,Monterrey,MX,MX-NLE,candidate,pack;assembly,,,
MX-GUA-silao,20.94,-101.43,Silao,MX,MX-GUA,candidate,pack;assembly,,,
""",
    "markets": """
market,lat,lon,name,country,region
M-los-angeles,34.05,-118.24,Los Angeles,US,US-CA
M-dallas,32.78,-96.80,Dallas,US,US-TX
M-new-york,40.71,-74.01,New York,US,US-NY
M-toronto,43.65,-79.38,Toronto,CA,CA-ON
M-mexico-city,19.43,-99.13,Mexico City,MX,MX-CMX
""",
    "periods": """
period,start_year,years
2027-2030,2027,4
2031-2036,2031,6
""",
    "products": """
product,name,unit,mass [kg/unit],value [USD/unit],units_per_truck
cell,Battery cells,kWh,5,80,
pack,Battery pack,pack,450,8500,
vehicle,Electric vehicle,vehicle,1900,38000,8
""",
    "bill_of_materials": """
product,input,units_per_unit
pack,cell,75
vehicle,pack,1
""",
    "processes": """
plant_type,product,capacity_use,electricity [kWh/unit],labor [h/unit],material [USD/unit]
cell,cell,1,40,0.05,50
pack,pack,1,100,3,1000
assembly,vehicle,1,700,18,18000
""",
    "options": """
plant_type,option,capacity [unit/yr],capex [MUSD],fixed [MUSD/yr],staff [FTE],min_load [%]
cell,10 GWh,10000000,1000,40,500,40
cell,30 GWh,30000000,2700,100,1200,40
pack,100k,100000,120,6,100,30
pack,300k,300000,300,14,250,30
assembly,100k,100000,800,60,600,40
assembly,300k,300000,1800,140,1400,40
""",
    "demand": """
market,product,period,units [unit/yr],unmet_penalty [USD/unit]
M-los-angeles,vehicle,2027-2030,80000,
M-los-angeles,vehicle,2031-2036,120000,
M-dallas,vehicle,2027-2030,40000,
M-dallas,vehicle,2031-2036,70000,
M-new-york,vehicle,2027-2030,50000,
M-new-york,vehicle,2031-2036,80000,
M-toronto,vehicle,2027-2030,30000,
M-toronto,vehicle,2031-2036,50000,
M-mexico-city,vehicle,2027-2030,10000,60000
M-mexico-city,vehicle,2031-2036,25000,60000
""",
    "suppliers": """
supplier,lat,lon,name,country,product,port,price [USD/unit],capacity [unit/yr],emissions [kg/unit]
S-busan,35.10,129.04,Cells from Busan,KR,cell,KRPUS,85,8000000,60
""",
    "duties": """
product,origin,destination,measure,rate [%],dutiable_share
cell,KR,US,example duty,3.4,1
cell,KR,CA,example duty,0,1
""",
    "programs": """
program,country,region,plant_type,product,kind,value,first_year,last_year
Example state grant,US,US-TN,cell,,investment,0.1,2027,2036
Example cell credit,US,,cell,cell,production,10,2027,2030
""",
}


def still_made_up(table: str, column: str, keys: pd.Series, values: pd.Series) -> NDArray[np.bool_]:
    """Return which figures of a column are those of the starter study, in rows of the same key.

    Parameters
    ----------
    table, column : str
        Names of the data dictionary.
    keys : pandas.Series of str, shape (rows,)
        Keys of the rows, as :func:`evsiting.study.provenance.row_keys` makes them.
    values : pandas.Series, shape (rows,)
        Figures in the unit of the dictionary.
    """
    known = _figures(table).get(column)
    if known is None:
        return np.zeros(len(values), dtype=np.bool_)
    mine = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    return np.asarray(np.isclose(mine, keys.map(known).to_numpy(np.float64), rtol=1e-9, atol=0.0), dtype=np.bool_)


@cache
def _figures(table: str) -> dict[str, dict[str, float]]:
    """Return the figures of a starter table by canonical column and key of the row, in the unit of the dictionary."""
    if table not in STARTER:
        return {}
    known = TABLES[table]
    frame = pd.read_csv(io.StringIO(STARTER[table].lstrip()), dtype="str", keep_default_na=False)
    named = [c for c in known.key if c in frame or not known.column(c).lean]
    keys = frame.reindex(columns=named, fill_value="").agg("|".join, axis=1)
    out: dict[str, dict[str, float]] = {}
    for header in frame:
        label, unit = split_header(str(header))
        column = next((c for c in known.columns if label in (c.name, c.label)), None)
        if column is not None and column.dtype != "text":
            values = pd.to_numeric(frame[header], errors="coerce") * (factor(unit, column.unit) if unit else 1.0)
            out[column.name] = dict(zip(keys, values.astype("float64"), strict=True))
    for column in known.columns:  # what the example leaves to the dictionary
        if column.name not in out and isinstance(column.default, int | float):
            out[column.name] = dict.fromkeys(keys, float(column.default))
    return out
