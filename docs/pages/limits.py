"""The manual page on limits, gateways, commitments and promised times, from the docstrings of the rows."""

from __future__ import annotations

from evsiting import reference
from evsiting.model.formulation import FAMILIES, FORMULAS, _entry
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.validation.limits import LIMIT_COLUMNS

__all__ = ["limits_markdown"]

#: Row family and unit of each kind of limit.
KINDS = {
    "cost": ("cost_cap", "USD, present value"),
    "emissions": ("carbon_cap", "t CO2e"),
    "freight_emissions": ("freight_carbon_cap", "t CO2e"),
    "jobs": ("jobs_floor", "job-years"),
    "capex": ("budget", "USD, undiscounted"),
    "output_share": ("country_share", "fraction"),
    "capex_share": ("country_share", "fraction"),
    "jobs_share": ("country_share", "fraction"),
    "import_share": ("import_share", "fraction"),
    "concentration": ("concentration", "fraction"),
    "on_time_share": ("service", "fraction"),
    "renewable_share": ("renewable", "fraction"),
    "survive_share": ("survive", "fraction"),
    "jobs_fte": ("staffing", "FTE"),
    "plants_open": ("count", "plants"),
    "plants_built": ("count", "plants"),
    "members_open": ("logic", "members"),
    "sites_changed": ("sites_changed", "sites"),
    "programs_used": ("programs_used", "claims"),
    "throughput": ("throughput", "units/yr"),
    "throughput_mass": ("throughput", "t/yr"),
    "sources": ("sources", "sites and suppliers"),
}

_EXAMPLE = """```csv
limit,kind,place,product,plant_type,per,period,at_least,at_most,first_year,members,if_open,mode,gateway
carbon budget,emissions,,,,,,,12000000,,,,,
carbon budget of the first years,emissions,,,,,2027-2030,,5000000,,,,,
carbon budget of transport,freight_emissions,,,,,,,800000,,,,,
jobs in Ontario,jobs,CA-ON,,,,,20000,,,,,,
spent in the first years,capex,,,,,2027-2030,,9000000000,,,,,
vehicles from the United States,output_share,US,vehicle,,,,0.5,,,,,,
investment in Mexico,capex_share,MX,,,,,,0.4,,,,,
cells from overseas,import_share,US,cell,,,,,0.25,,,,,
no cell company above,concentration,,cell,,company,,,0.4,,,,,
cars in time,on_time_share,US,vehicle,,,,0.9,,,,,,
renewable power,renewable_share,,,,,,0.6,,,,,,
one cell plant out,survive_share,,cell,,,,0.8,,,,,,
staff in Ontario,jobs_fte,CA-ON,,,,,1000,,2031,,,,
one or two cell plants,plants_open,,,cell,,,1,2,,,,,
two pack plants at most,plants_built,,,pack,,,,2,,,,,
either Georgia or Tennessee,members_open,,,,,,1,1,,US-GA-savannah/cell; US-TN-memphis/cell,,,
cells in Georgia need packs,members_open,,,,,,1,,,*/pack,US-GA-savannah/cell,,
most of the sites of today's plan,sites_changed,,,,,,,2,,US-GA-savannah; US-TN-memphis; MX-NLE-monterrey,,,
two cell plants with the credit,programs_used,US,,cell,,,,2,,Example cell credit,,,
vehicles by rail,throughput,,vehicle,,,,,300000,,,,rail,
through Laredo,throughput_mass,,,,,,,400000,,,,,laredo
one source for New York,sources,M-new-york,vehicle,,,,,1,,,,,
```"""


def limits_markdown() -> str:
    """Return the page as Markdown.

    Examples
    --------
    >>> "| `laredo` |" in limits_markdown()
    True
    """
    parts = [
        "# Limits, gateways, commitments, promised times",
        "Each row of table `limits` is a target or a ceiling that every plan of the study keeps, beside the ceilings "
        "that a trade-off sets. It holds at a place (country, state or province, site; everywhere where empty), for a "
        "product and a plant type. A limit on a total holds over the horizon, or in the one period that it names; a "
        "limit on a share, on staff in FTE, on plants that stand, on ways or sources holds in every period, in the one "
        "that it names, or in those that begin in its `first_year` or later (shares of investment over the horizon). "
        "A share needs no division: where nothing is made, every share of it holds. The certificate recomputes each "
        "limit from the tables, under the name of its row family.",
        "A limit with a `penalty_usd_per_unit` is soft: a plan may break it, and pays for each unit too many or few: "
        "plants, members, sources, USD, tonnes, job-years, FTE, units of a product; of a share, the units, MWh, USD or "
        "FTE that are missing from it or too many. What holds in every period is paid for every year, as unmet demand "
        "is; a total once, at present value. A limit on cost does not count the penalties of limits. The plan's tables "
        "hold the `violations`, the ledger of cost the item `broken limits`.",
        _EXAMPLE,
        "The workbook `examples/ontario.xlsx` asks for one or two cell plants, one pack plant, at least 3,000 FTE in "
        "Ontario from 2031 and nothing later than a day: four rows of `limits`, and 24 hours as `promise_h` of "
        "`demand`. `evsiting check examples/ontario.xlsx` says back in words what each row asks.",
        "## Kinds",
        _kinds(),
        *(_entry(family, FAMILIES[family]) for family in dict.fromkeys(family for family, _ in KINDS.values())),
        "## Promised delivery times",
        "Table `demand` holds the promise in `promise_h` and the cost of a late unit in `late_usd_per_unit`. Late "
        "units are an objective of their own where some demand has a promise.",
        _entry("late", FORMULAS["late"]),
        "## Commitments",
        "Table `commitments` holds what is promised to or by partners.",
        _entry("partner", FAMILIES["partner"]),
        "## Gateways",
        "Table `gateways` gives ports and border crossings a capacity. Lanes name them in column `route`, by the codes "
        "below where the freight layer makes the lanes.",
        _entry("gateway", FAMILIES["gateway"]),
        _codes(),
    ]
    return "\n\n".join(parts) + "\n"


def _kinds() -> str:
    """Return what each kind of limit takes, as a table."""
    lines = ["| Kind | Rows | Unit | Must be given | May be given | Sides |", "| --- | --- | --- | --- | --- | --- |"]
    for kind, (family, unit) in KINDS.items():
        rule = LIMIT_COLUMNS[kind]
        must, may, sides = (", ".join(f"`{c}`" for c in columns) for columns in (rule.must, rule.may, rule.sides))
        lines.append(f"| `{kind}` | `{family}` | {unit} | {must} | {may} | {sides} |")
    return "\n".join(lines)


def _codes() -> str:
    """Return the crossings and the North American ports that routes can name, as a table."""
    borders, ports = reference.borders(), reference.ports()
    home = ports[ports["country"].isin(COUNTRIES)]
    lines = ["| Code | Gateway | Between |", "| --- | --- | --- |"]
    lines += [
        f"| `{code}` | {name} | {us}, {other} |"
        for code, name, us, other in zip(*(borders[c] for c in ("id", "name", "iso_us", "iso_other")), strict=True)
    ]
    lines += [
        f"| `{code}` | Port of {name} | {iso} |"
        for code, name, iso in zip(*(home[c] for c in ("unlocode", "name", "iso")), strict=True)
    ]
    return "\n".join(lines)
