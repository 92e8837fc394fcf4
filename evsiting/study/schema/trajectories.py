"""The data dictionary of figures over time: what table ``trajectories`` may change."""

from __future__ import annotations

from evsiting.study.schema.columns import Model, field

#: Site, process, option, supplier and lane figures that table trajectories may change from period to period.
VARIABLE = (
    "wage_usd_per_h",
    "power_price_usd_per_mwh",
    "grid_factor_kg_per_kwh",
    "renewable_share",
    "heat_price_usd_per_mwh",
    "price_usd_per_unit",
    "material_usd_per_unit",
    "capex_usd",
    "freight_usd_per_unit",
    "carbon_price_usd_per_t",
)
#: Capacities of which table trajectories may take a part away: of plants and suppliers, and of gateways.
CAPACITIES = ("capacity_units_per_yr", "capacity_t_per_yr")


class Trajectories(Model):
    """Factors by which figures differ from period to period; the most exact place holds, and 1 where no row does."""

    column: str = field("Column", "The figure, by the name of its column", isin=(*VARIABLE, *CAPACITIES))
    place: str | None = field(
        "Place",
        "Site, supplier, state or country; for a capacity also a gateway, a plant, or 'site/plant type'; everywhere "
        "where empty",
        nullable=True,
    )
    period: str = field("Period", "When", of="periods.period")
    factor: float = field("Factor", "Multiplies the figure", unit="1", ge=0, le=1000)
