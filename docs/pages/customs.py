"""The manual page on customs: duties, what spares them, rules of origin; from the docstrings of what reckons them."""

from __future__ import annotations

import inspect

from evsiting.model.formulation import FAMILIES, _entry, _markdown
from evsiting.study.derived import customs
from evsiting.study.schema.trade import RELIEFS

__all__ = ["customs_markdown"]

#: Row families of customs, in the order in which a reader meets them.
ROWS = (
    "preference", "content", "qualified", "origin", "labor_value", "core_parts", "originating", "quota", "offset",
)  # fmt: skip

_DUTIES = """```csv
product,origin,destination,measure,rate,dutiable_share,relief,first_year,last_year
vehicle,CN,US,MFN,0.025,,none,,
vehicle,CN,US,Section 232,0.25,,none,2025,
vehicle,CN,US,Section 301,1,,none,2024,
vehicle,MX,US,MFN,0.025,,free,,
vehicle,MX,US,Section 232,0.25,,content,2025,
pack,MX,US,parts,0.25,,free,2025,
pack,KR,US,parts,0.15,,none,2025,
vehicle,CN,CA,MFN,0.061,,none,,
vehicle,CN,CA,surtax,1,,none,2024,
```"""
_OTHERS = """```csv
quota,product,origin,destination,measure,units_per_yr,rate,first_year,last_year
Chinese vehicles,vehicle,CN,CA,surtax,49000,0,2026,
```

```csv
destination,product,measure,share,value_usd_per_unit,first_year,last_year
US,vehicle,parts,0.0375,50000,2025,2030
```

```csv
product,rvc,net_cost_usd_per_unit,other_foreign_usd_per_unit,lvc,high_wage_usd_per_h,other_high_wage_usd_per_unit,core_parts,other_content_usd_per_unit
pack,0.75,,500,,,,,
vehicle,0.75,36000,4000,0.4,16,6000,pack,2000
```"""
_RELIEF = {
    "none": "nothing: a good pays the measure whatever it was made of",
    "free": "the whole measure",
    "content": "the measure on the part of its value that is content of the country it enters",
}


_BOUNDS = """| Right | It is bounded by |
| --- | --- |
| `preferences` | the units sent into the country; under a rule, what qualifies: all that is made or none |
| `contents` | in each unit declared, its bill of materials and `other_content`; what was bought in the country, once |
| `originating` | the units bought from a plant whose product qualifies |
| high-wage material of `labor_value` | the inputs taken for the units made; what was bought at high wages, once |
| `in_quota` | the quantity of each year, all origins together; the units sent in that year, once a measure |
| `offsets` | what the units made earn; the duty on the inputs that are in them, once |"""


def customs_markdown() -> str:
    """Return the page as Markdown.

    Examples
    --------
    >>> "### `labor_value`" in customs_markdown()
    True
    """
    reliefs = [f"| `{name}` | {_RELIEF[name]} |" for name in RELIEFS]
    parts = [
        "# Customs",
        "Table `duties` says what a product pays between two countries, measure by measure; the measures in force on "
        "one lane add up. The country of origin is that of the site or supplier, whatever went into the product. Duty "
        "is levied on the product's value from a site, on the price of the period from a supplier. It is paid in full "
        "unless something spares it. The rows below show the form; their figures are examples.",
        _DUTIES,
        "By these, a vehicle of USD 23,800 from China pays 127.5 % or USD 30,345 in the United States. One of USD "
        "40,000 from Mexico pays USD 11,000; if it qualifies and USD 15,000 of it are US content, USD 6,250: the first "
        "measure is spared, the second is paid on the other USD 25,000.",
        "## Measures over time",
        _text(customs.stacks),
        "A measure that is in force in some years of a period counts with the mean over the years of the period, each "
        "year weighted by its discount factor.",
        "## What spares a duty",
        "Column `relief` says what a good from a plant is spared that qualifies as originating under USMCA:",
        "\n".join(["| Relief | What is spared |", "| --- | --- |", *reliefs]),
        "Products without a row in table `origin_rules` always qualify; those with one where a plant keeps the rule in "
        "the period, all its units or none. Goods of suppliers are spared nothing by origin. Beside origin, a quota "
        "lets in a quantity at a lower rate, and makers at home may offset duty on their inputs.",
        _OTHERS,
        "Where nothing can be saved, nothing is asked: there are no decisions and no rows for it.",
        "## What a right cannot exceed",
        "A right belongs to goods. Flows of a site are pooled by period, and a pool must not let a right pass to goods "
        "that could not hold it:",
        _BOUNDS,
        "Once means: what is in one product of a site is in no other. A site may choose which product gets which of "
        "its inputs, but of foreign material all that arrives counts against each product that takes it (`origin`, "
        "`core_parts`). No right passes from one period to another; within a period all flows are even over its years, "
        "and law that holds in some of them counts with its share.",
        *(_entry(family, FAMILIES[family]) for family in ROWS),
        "## Quotas of some years",
        _text(customs.quotas),
        "## Offsets of some years",
        _text(customs.offsets),
        _text(customs.offset_duties),
        "## What the ledger says",
        "Item `duty` holds every measure on every shipment, and further duty that lanes name themselves; item `duty "
        "relief` what is spared, below zero. Column `program` names the measure. The certificate recomputes both, and "
        "every rule above under the name of its rows.",
    ]
    return "\n\n".join(parts) + "\n"


def _text(what: object) -> str:
    """Return a docstring up to what it returns."""
    text = (inspect.getdoc(what) or "").split("\nReturns\n")[0].split("\nParameters\n")[0].strip()
    return _markdown(text)
