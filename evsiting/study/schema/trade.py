"""The data dictionary of trade: suppliers, duties, quotas, rules of origin, gateways, lanes, commitments."""

from __future__ import annotations

from evsiting.study.schema.columns import Model, field
from evsiting.study.schema.countries import COUNTRIES

MODES = ("on_site", "road", "rail", "sea", "sea_rail")
#: What an originating good is spared of a duty: nothing, all of it, or the part that is content of the destination.
RELIEFS = ("none", "free", "content")
COUNTRY_CODE = r"^[A-Z]{2}$"


class Suppliers(Model):
    """Places outside the decision that sell a product: imports, a mine, a partner's plant."""

    supplier: str = field("Supplier", "Unique code of the supplier", str_length={"min_value": 1}, unique=True)
    name: str | None = field("Name", "Name to print; the code where empty", nullable=True)
    country: str = field("Country", "Country of origin, two letters", str_matches=COUNTRY_CODE)
    product: str = field("Product", "What it sells", of="products.product")
    port: str | None = field("Port", "UN/LOCODE of the port it ships from; by road where empty", nullable=True)
    price_usd_per_unit: float = field("Price", "Price free on board", unit="USD/unit", label="price", ge=0)
    customs_value_usd_per_unit: float | None = field(
        "Customs value",
        "Value on which duties are levied, where it is not the price: a plan may buy abroad at cost, while customs "
        "values what an importer declares; it moves with the price from period to period; the price where empty",
        unit="USD/unit",
        label="customs_value",
        ge=0,
        nullable=True,
        lean=True,
    )
    capacity_units_per_yr: float | None = field(
        "Capacity", "Most it sells; without limit where empty", unit="unit/yr", label="capacity", ge=0, nullable=True
    )
    emissions_kg_per_unit: float | None = field(
        "Embodied emissions",
        "CO2e of making one unit, within the same boundary as the plants of the study",
        unit="kg/unit",
        label="emissions",
        ge=0,
        default=0.0,
    )
    company: str | None = field("Company", "Who sells it", nullable=True)
    foreign_entity: float | None = field(
        "Foreign entity",
        "1: a prohibited foreign entity for programs that bar its material; 0: none",
        unit="1",
        ge=0,
        le=1,
        default=0.0,
    )


class Duties(Model):
    """Import duties by product, origin, destination and date; the measures in force on one lane add up."""

    product: str = field("Product", "What is imported", of="products.product")
    origin: str = field("Origin", "Country of origin, two letters", str_matches=COUNTRY_CODE)
    destination: str = field("Destination", "Country that levies the duty", isin=COUNTRIES)
    measure: str = field("Measure", "Name of the duty: MFN, Section 232", str_length={"min_value": 1})
    rate: float = field("Rate", "Ad valorem rate on the dutiable value", unit="1", ge=0, le=10)
    dutiable_share: float | None = field(
        "Dutiable share", "Part of the value that is dutiable", unit="1", ge=0, le=1, default=1.0
    )
    relief: str | None = field(
        "Relief",
        "What a good is spared that qualifies under table origin_rules: none; free: the whole duty; content: the duty "
        "on its content from the destination",
        isin=RELIEFS,
        default="none",
    )
    first_year: float | None = field(
        "First year", "First year in which it is levied; always where empty", unit="yr", ge=1990, le=2150, nullable=True
    )
    last_year: float | None = field(
        "Last year", "Last year in which it is levied; for good where empty", unit="yr", ge=1990, le=2150, nullable=True
    )


class Quotas(Model):
    """Yearly quantities that one measure lets in at a lower rate."""

    quota: str = field("Quota", "Name of the quota", str_length={"min_value": 1}, unique=True)
    product: str = field("Product", "What is imported", of="products.product")
    origin: str = field("Origin", "Country of origin, two letters", str_matches=COUNTRY_CODE)
    destination: str = field("Destination", "Country that grants it", isin=COUNTRIES)
    measure: str = field("Measure", "The duty that is lower within the quota", str_length={"min_value": 1})
    units_per_yr: float = field("Quantity", "Units a year within the quota", unit="unit/yr", label="units", ge=0)
    rate: float = field("Rate", "Ad valorem rate within the quota, in place of the measure's", unit="1", ge=0, le=10)
    first_year: float | None = field(
        "First year", "First year; always where empty", unit="yr", ge=1990, le=2150, nullable=True
    )
    last_year: float | None = field(
        "Last year", "Last year; for good where empty", unit="yr", ge=1990, le=2150, nullable=True
    )


class OriginRules(Model):
    """When a product of a plant qualifies as originating under USMCA (net-cost method)."""

    product: str = field("Product", "What must qualify", of="products.product", unique=True)
    rvc: float = field("Regional value", "Least regional value content, part of net cost", unit="1", ge=0, le=1)
    net_cost_usd_per_unit: float | None = field(
        "Net cost",
        "Net cost of one unit; the product's value where empty",
        unit="USD/unit",
        label="net_cost",
        gt=0,
        nullable=True,
    )
    other_foreign_usd_per_unit: float | None = field(
        "Other foreign material",
        "Non-originating part of the bought material that the study does not model",
        unit="USD/unit",
        label="other_foreign",
        ge=0,
        default=0.0,
    )
    lvc: float | None = field(
        "Labor value",
        "Least labor value content, part of net cost; no rule where empty",
        unit="1",
        ge=0,
        le=1,
        nullable=True,
    )
    high_wage_usd_per_h: float | None = field(
        "High wage",
        "Wage from which work and material count as high-wage",
        unit="USD/h",
        label="high_wage",
        ge=0,
        default=16.0,
    )
    other_high_wage_usd_per_unit: float | None = field(
        "Other high-wage material",
        "High-wage part of bought material, technology and assembly credits",
        unit="USD/unit",
        label="other_high_wage",
        ge=0,
        default=0.0,
    )
    core_parts: str | None = field("Core parts", "Inputs that must all originate, parted by ';'", nullable=True)
    other_content_usd_per_unit: float | None = field(
        "Other content",
        "Content of the destination country in the bought material that the study does not model",
        unit="USD/unit",
        label="other_content",
        ge=0,
        default=0.0,
    )


class DutyOffsets(Model):
    """Relief of duties on parts for makers at home, as a part of the value of what they make."""

    destination: str = field("Destination", "Country of the maker", isin=COUNTRIES)
    product: str = field("Product", "What is made there", of="products.product")
    measure: str = field("Measure", "The duty on inputs that is offset", str_length={"min_value": 1})
    share: float = field("Share", "Offset as a part of the value below", unit="1", ge=0, le=1)
    value_usd_per_unit: float = field(
        "Value", "Retail price on which the offset is reckoned", unit="USD/unit", label="value", ge=0
    )
    first_year: int = field("First year", "First year", unit="yr", ge=1990, le=2150)
    last_year: int = field("Last year", "Last year", unit="yr", ge=1990, le=2150)


class Gateways(Model):
    """Ports and border crossings with a capacity; lanes name them in their route."""

    gateway: str = field("Gateway", "Code as in the routes of lanes", str_length={"min_value": 1}, unique=True)
    name: str | None = field("Name", "Name to print; the code where empty", nullable=True)
    capacity_t_per_yr: float = field(
        "Capacity", "Most that the plan may send through it", unit="t/yr", label="capacity", ge=0
    )


class Commitments(Model):
    """Quantities promised to or by partners: offtake, take-or-pay, capacity reserved in a plant."""

    commitment: str = field("Commitment", "Name of the commitment", str_length={"min_value": 1}, unique=True)
    origin: str = field("Origin", "Site or supplier that delivers")
    destination: str | None = field("Destination", "Site or market that takes it; any where empty", nullable=True)
    product: str = field("Product", "What is delivered", of="products.product")
    period: str | None = field("Period", "When; every period where empty", of="periods.period", nullable=True)
    at_least: float | None = field(
        "At least", "Least that must flow; none where empty", unit="unit/yr", ge=0, nullable=True
    )
    at_most: float | None = field(
        "At most", "Most that may flow; no limit where empty", unit="unit/yr", ge=0, nullable=True
    )


class Lanes(Model):
    """One product, from, to, by one mode. Made by the freight layer where the study has no such table."""

    product: str = field("Product", "What is shipped", of="products.product")
    origin: str = field("Origin", "Site or supplier it leaves")
    destination: str = field("Destination", "Site or market it reaches")
    mode: str = field("Mode", "Main mode of the lane", isin=MODES)
    distance_km: float = field("Distance", "Length of the way", unit="km", label="distance", ge=0)
    time_h: float = field("Time", "Hours door to door", unit="h", label="time", ge=0)
    freight_usd_per_unit: float = field(
        "Freight",
        "Freight, terminals, border crossing and capital tied up on the way",
        unit="USD/unit",
        label="freight",
        ge=0,
    )
    duty_usd_per_unit: float | None = field(
        "Further duty",
        "Duty or toll on the way beside those of table duties",
        unit="USD/unit",
        label="duty",
        ge=0,
        default=0.0,
    )
    emissions_kg_per_unit: float = field(
        "Emissions", "CO2e of the way, tank to wheel", unit="kg/unit", label="emissions", ge=0
    )
    route: str | None = field("Route", "Crossings and ports on the way, parted by ';'", nullable=True)
