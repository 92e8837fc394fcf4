"""The starter study of ``evsiting new``, and the page of the data dictionary."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from shlex import quote

from evsiting.errors import InputError, Problem
from evsiting.files import entries, recover, replace_folder
from evsiting.study.read import read_study
from evsiting.study.settings import About, Settings
from evsiting.study.tables import TABLES, Column, Table
from evsiting.study.toml import rendered
from evsiting.study.write import write_study
from evsiting.units import examples

__all__ = ["dictionary_markdown", "new_study"]

#: Tables of the starter study as they are written. Every figure in them is an assumption.
_STARTER = {
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

#: Endings of files that are no study of this package's writing, though somebody may expect one.
_FILE_ENDINGS = (".csv", ".tsv", ".xls", ".xlsm", ".xlsb", ".ods", ".gpkg", ".geojson", ".json", ".toml", ".zip")

_NOTE = "Made up for the example: replace it"


def new_study(folder: str | Path) -> Path:
    """Write a small starter study that solves as it stands, with a page that explains its tables.

    Every figure in it is an assumption to be replaced. Wages, power prices and grid factors are left empty: layers
    fill them from the package's reference data.

    Parameters
    ----------
    folder : str or pathlib.Path
        A new or empty folder, or the name of a new workbook that ends in ``.xlsx``.

    Returns
    -------
    pathlib.Path
        The folder or the workbook.

    Raises
    ------
    InputError
        If the folder exists and is not empty, the workbook exists, or the name is that of another kind of file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as room:
    ...     names = sorted(path.name for path in new_study(Path(room) / "first").iterdir())
    >>> names[:3]
    ['README.md', 'bill_of_materials.csv', 'demand.csv']
    """
    target = Path(folder)
    recover(target)
    if target.suffix.lower() == ".xlsx" and not target.is_dir():
        return _new_workbook(target)
    if target.suffix.lower() in _FILE_ENDINGS and not target.is_dir():
        fix = "Give the name of a new folder, or of a workbook that ends in .xlsx"
        raise InputError([Problem(str(target), "is the name of a file", f"ending {target.suffix!r}", fix)])
    inside = entries(target) if target.is_dir() else []
    if target.is_file() or inside:
        held = "it is a file" if target.is_file() else f"it holds {inside[0]!r}"
        raise InputError([Problem(str(target), "is not empty", held, "Give the name of a new folder")])
    with replace_folder(target, last=["study.toml"]) as fresh:
        _fill(fresh, target.absolute().name)
        read_study(fresh)
    return target


def _new_workbook(target: Path) -> Path:
    """Write the starter study as a workbook."""
    if target.exists():
        raise InputError([Problem(str(target), "is there already", "it is a file", "Give the name of a new workbook")])
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "new"
        folder.mkdir()
        _fill(folder, target.stem)
        return write_study(read_study(folder), target)


def _fill(folder: Path, name: str) -> None:
    settings = Settings(study=About(name=name or "First study"))
    head = "# What the study asks and how. Every key is shown with its meaning; a key left out takes its default.\n\n"
    files = {"study.toml": head + rendered(settings), "README.md": _readme(name)}
    files |= {f"{table}.csv": text.lstrip("\n") for table, text in _STARTER.items()}
    rows = [f"{table},*,*,,,assumption,{_NOTE}" for table in _STARTER if table != "periods"]
    files["provenance.csv"] = "\n".join(["table,column,row,source,year,quality,note", *rows]) + "\n"
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


def _readme(name: str) -> str:
    return f"""# {name}

A study of `evsiting`. **Every figure in these tables is made up for the example: replace it**, and say in
`provenance.csv` and `sources.csv` where yours are from. Wages, power prices and grid factors are empty, so they are
taken from the package's reference data for the state or province of each site.

    evsiting check {quote(name)}       what is wrong with the tables, all at once
    evsiting solve {quote(name)}       the plan of least cost, with its proven gap

The tables are CSV in UTF-8 with decimal points. A header may carry its unit: `wage [CAD/h]`, `capex [MUSD2023]`,
`distance [mi]`, `min_load [%]`; the values are converted on reading. Tables with points have `lat` and `lon` in
degrees, or come as GeoPackage or GeoParquet in any coordinate reference system. What is asked, and how hard the solver
tries, stands in `study.toml`.

{dictionary_markdown(level=2)}"""


def dictionary_markdown(*, level: int = 1) -> str:
    """Return the data dictionary as a page in Markdown: every table, column, unit, range and meaning.

    Parameters
    ----------
    level : int
        Level of the page's heading.

    Examples
    --------
    >>> dictionary_markdown().splitlines()[0]
    '# Data dictionary'
    """
    parts = [f"{'#' * level} Data dictionary\n\nA column that is marked * must be there and be filled."]
    parts += [_table_markdown(table, level + 1) for table in TABLES.values()]
    return "\n\n".join(parts) + "\n"


def _table_markdown(table: Table, level: int) -> str:
    facts = [
        "required" if table.required else "made by a layer where it is left out" if table.derived else "optional",
        f"key: {', '.join(table.key)}",
    ]
    if table.geometry:
        facts.append("points: `lat` and `lon`, `x` and `y`, or a geometry")
    lines = [
        f"{'#' * level} {table.name}",
        "",
        f"{table.meaning} ({'; '.join(facts)})",
        "",
        "| column | meaning | unit | may also be written | range | if empty |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join(lines + [_row(column) for column in table.columns])


def _row(column: Column) -> str:
    star = "" if column.nullable or column.default is not None else " *"
    span = " or ".join(column.choices) or ", ".join(b for b in (column.low, column.high) if b)
    span = span or (f"one of {column.of}" if column.of else "")
    other = ""
    if column.label != column.name or column.unit == "1":
        other = examples(column.unit).removeprefix("or such as ").split(", ")[0]
        other = f"`{column.header}`" + (f", `{column.label} [{other}]`" if not other.startswith("as ") else "")
        other = other if column.label != column.name else f"`{column.label} [%]`"
    empty = "" if star else _if_empty(column)
    cells = (
        f"`{column.name}`{star}",
        column.meaning,
        column.unit if column.unit != "1" else "fraction",
        other,
        span,
        empty,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _if_empty(column: Column) -> str:
    """Return what an empty cell means: the default, else what the meaning says of it.

    Examples
    --------
    >>> _if_empty(TABLES["suppliers"].column("capacity")), _if_empty(TABLES["options"].column("min_load"))
    ('without limit', '0.0')
    """
    if column.default is not None:
        return str(column.default)
    said = re.search(r"[;,] (?P<what>[^;,]+) where empty|where empty,? (?P<then>[^;]+)", column.meaning)
    return (said["what"] or said["then"]) if said else "unknown" if column.dtype != "text" else "none"
