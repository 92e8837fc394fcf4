"""Where vehicle plants of the plan stand, and what plants under way count for: questions of the plausibility page."""

from __future__ import annotations

import pandas as pd

from benchmarks.plausibility_facts import KWH, Facts
from evsiting.shipped.places import COVER_KM

ST_THOMAS = (
    "[Link2Build on St. Thomas](https://www.link2build.ca/news/articles/2023/december/"
    "powerco-to-start-work-on-st-thomas-gigafactory-in-2024)"
)
NEXTSTAR = "[Korea Herald on NextStar](https://www.koreaherald.com/article/10608582)"
NEVADA = (
    "[Automotive World on Panasonic](https://www.automotiveworld.com/news/"
    "panasonics-second-us-battery-plant-officially-launches/)"
)

AUSTIN = "[InsideEVs on Tesla in Texas](https://insideevs.com/news/610957/tesla-10000th-modely-produced-texas/)"
METAPLANT = (
    "[Electriquity on the Metaplant](https://electriquity.com/news/"
    "hyundais-georgia-ev-metaplant-will-be-bigger-than-expected)"
)
NORMAL = (
    "[Autobody News on Rivian](https://autobodynews.com/news/"
    "rivian-adds-1-1m-square-feet-to-illinois-plant-for-r2-production)"
)


def _listed(facts: Facts) -> str:
    rows = facts.new("assembly").sort_values(["period", "site"])
    size = facts.study.options.set_index(["plant_type", "option"])["capacity_units_per_yr"]
    units = pd.MultiIndex.from_frame(rows[["plant_type", "option"]]).map(size)
    rows = rows.assign(told=rows["site"] + [f" ({u / 1e3:.0f}k)" for u in units])
    return "; ".join(f"{period}: {', '.join(mine['told'])}" for period, mine in rows.groupby("period"))


def vehicle_plants(facts: Facts, freight_usd: float) -> list[str]:
    """Return the question of vehicle plants in places that no maker has looked at.

    Parameters
    ----------
    facts : Facts
        The plan.
    freight_usd : float
        Freight of a vehicle to its buyer. [USD]
    """
    gap = facts.plan.gap * facts.plan.totals["cost"] / 1e9
    return [
        "",
        "### A vehicle plant in New York City?",
        "",
        f"New vehicle plants: {_listed(facts)}.",
        "",
        f"A candidate city stands for the land within {COVER_KM:g} km of it, so that a plant of *New York City* is one "
        "in its surroundings. Wages are those of the state or province, an investment costs the same everywhere, and "
        "land, permits, unions and the size of a site are not priced. What draws plants into the Northeast and to the "
        f"coasts is that buyers are near: freight of a vehicle is {freight_usd:,.0f} USD. That is little, and the gap "
        f"of the plan is {gap:.1f} bn USD: the region of a plant is a hint and its town none. `ev.why_not` and "
        "`ev.alternatives` ([decisions](decisions.md)) say what another place costs, limits of kind `plants_open` keep "
        "plants where they must be.",
    ]


def under_way(facts: Facts) -> list[str]:
    """Return the question of how much of the plants under way will make cells for vehicles."""
    rows = facts.load.query("plant_type == 'cell'").groupby("period")[["capacity_units_per_yr", "load_units_per_yr"]]
    both = rows.sum() / KWH
    told = "; ".join(
        f"{row.load_units_per_yr:.0f} of {row.capacity_units_per_yr:.0f} GWh in {period}"
        for period, row in zip(both.index, both.itertuples(), strict=True)
    )
    return [
        "",
        "### Do plants under way make what they announced?",
        "",
        "They are taken at what was announced, for vehicles alone. That is more than will come: St. Thomas has 90 GWh "
        f"only in its *final expansion phase* ({ST_THOMAS}), NextStar turns an undisclosed part of its 49.5 GWh to "
        f"storage cells ({NEXTSTAR}), and part of BlueOval Battery Park's go there as well. Nevada's are taken at 35 "
        f"GWh, where 41 are published now ({NEVADA}). How much is used: {told}. So little hangs on it in "
        f"{facts.first}; from then on what they make less has to be built or bought. A study of one's own says so in "
        "`plants.capacity_units_per_yr`.",
    ]


def missing(facts: Facts) -> list[str]:
    """Return the question of plants that stand and are not in the study."""
    rows = facts.load[(facts.load["plant_type"] == "assembly") & (facts.load["period"] == facts.first)]
    able = rows["capacity_units_per_yr"].sum() / 1e6
    return [
        "",
        "### Are all plants that stand in it?",
        "",
        "No. The reference table of plants is a sample of 51 and no census, and those without a capacity are left out "
        f"of the study: vehicle plants can make {able:.2f} million a year in {facts.first}. Not among them are Tesla "
        f"in Austin (more than 250,000 a year in 2022, {AUSTIN}), Hyundai's Metaplant (300,000 electric ones planned "
        f"at first, {METAPLANT}), Rivian in Normal (215,000 planned, {NORMAL}) and many cell plants. So the study has "
        f"too few plants in {facts.first}: imports and use of that period are higher than they would be, and some of "
        "what it builds by 2032 stands already. Whoever plans for one maker gives that maker's plants in `plants`.",
    ]
