"""Write a layer of your own: a utility's power quotes by state, and a yearly cost of exposure to hurricanes.

A layer is a function from a study to a column that keeps the rows of its table and has a unit in its name.
"""

import geopandas as gpd

import evsiting as ev

QUOTES = {"US-TN": 54.0, "US-GA": 58.5, "US-TX": 51.0}  # USD/MWh, by state
GULF = (-90.0, 29.0)  # longitude, latitude
METRES = "ESRI:102009"  # distances are measured in metres, never in degrees


@ev.layer("sites", source="utility_quotes", year="2026", note="quotes by state; elsewhere the study's price")
def power_quotes(study):
    sites = study.sites
    return sites["region"].map(QUOTES).fillna(sites["power_price_usd_per_mwh"]).rename("power_price_usd_per_mwh")


@ev.layer("sites", note="2 million USD a year at the Gulf, falling to nothing 1,000 km away")
def hurricanes(study):
    sites = study.sites
    gulf = gpd.GeoSeries.from_xy([GULF[0]], [GULF[1]], crs=sites.crs).to_crs(METRES).iloc[0]
    exposure = (1.0 - sites.to_crs(METRES).distance(gulf) / 1_000_000.0).clip(lower=0.0)
    return (sites["fixed_usd_per_yr"] + 2e6 * exposure).rename("fixed_usd_per_yr")


def main():
    study = ev.example("starter")
    changed = ev.apply_layers(study, power_quotes, hurricanes)
    columns = ["site", "power_price_usd_per_mwh", "fixed_usd_per_yr"]
    print(changed.sites[columns].round(2).to_string(index=False))
    print(f"power price and fixed cost changed; digest {study.digest[:8]} -> {changed.digest[:8]}")


if __name__ == "__main__":
    main()
