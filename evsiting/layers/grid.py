"""Grid: what power costs, what it emits at the stack, and how much of it is clean."""

from __future__ import annotations

from evsiting.layers.facts import FactsLayer

#: Industrial power price, grid emission factor at the stack (CO2e) and shares of generation of the state or
#: province. Mexico has one value for the whole country; Canadian prices are those of a small industrial
#: customer.
grid = FactsLayer(
    "grid",
    {
        "power_price_usd_per_mwh": ("industrial_power_price", 1.0),
        "grid_factor_kg_per_kwh": ("grid_emission_factor", 1.0),
        "renewable_share": ("renewable_share", 0.01),
        "carbon_free_share": ("carbon_free_share", 0.01),
    },
)
