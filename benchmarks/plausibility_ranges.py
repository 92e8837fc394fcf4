"""Published ranges beside which the plausibility page puts figures of the North American study.

Each was read on the page that is named (stored excerpts, read 2026-11-30); a range of the package's own parameters
names its key, and source and note stand in :func:`evsiting.reference.parameter`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Published:
    """A range that somebody published.

    Parameters
    ----------
    low, high : float or None
        The range, in the unit of the figure beside it; None where none was found.
    told : str
        What the page says, and which page.
    because : str
        Why the figure lies outside, where it does.
    """

    low: float | None
    high: float | None
    told: str
    because: str = ""


NONE: Final = Published(None, None, "no range found")


def _page(title: str, address: str) -> str:
    return f"[{title}]({address})"


BNEF = _page(
    "BloombergNEF price survey 2025",
    "https://about.bnef.com/insights/clean-transport/lithium-ion-battery-pack-prices-fall-to-108-per-kilowatt-hour-despite-rising-metal-prices-bloombergnef",
)
BNEF_CELLS = _page(
    "Energy-Storage News on BloombergNEF 2025",
    "https://www.energy-storage.news/li-ion-battery-pack-prices-fell-8-since-last-year-despite-metals-prices-rising-bloombergnef-says",
)
METAPLANT = _page(
    "Automotive News on Hyundai's Metaplant, copy",
    "https://samacharcentral.com/why-jose-munoz-thinks-hyundai-is-in-crisis-mode/",
)
NEVADA = _page(
    "C&EN on Tesla in Nevada", "https://cen.acs.org/energy/energy-storage-/Tesla-plans-big-US-battery/101/i4"
)
DETROIT = _page(
    "Business Insider on labor costs after the contracts of 2023",
    "https://businessinsider.in/thelife/news/workers-at-the-detroit-3-are-set-to-make-up-to-35-more-an-hour-than-at-tesla-thanks-to-new-union-contracts/articleshow/104835155.cms",
)
CAR_2014 = _page(
    "Center for Automotive Research, labor costs of 2014",
    "https://www.thetruthaboutcars.com/2015/03/study-mercedes-holds-highest-average-labor-costs-among-us-manufacturers/",
)
IDLE = _page(
    "summary of a report on idle capacity",
    "https://heroku.briefly.co/anchor/Cars/story/why-excess-production-capacity-isnt-a-solution-for-tariffs",
)
WARDS = _page("Wards, quoted by Gardner", "https://www.gardnerweb.com/news/na-carmakers-hit-97-of-capacity")
REPEAT = _page(
    "REPEAT, quoted by Jalopnik",
    "https://www.jalopnik.com/1870964/americas-battery-factory-hopes-ruined-if-congress-passes-spending-bill/",
)
IMPORTS = _page(
    "Hindustan Times on US imports of 2024",
    "https://www.hindustantimes.com/world-news/us-news/us-imports-8-mn-cars-from-mexico-skorea-and-europe-101743077801776.html",
)
BENCHMARK = _page(
    "Benchmark Mineral Intelligence, quoted by Inside Climate News",
    "https://iwpost.com/ev-battery-manufacturing-capacity-will-rise-when-10-plants-come-online-this-year",
)
ARGONNE = _page(
    "Argonne National Laboratory, announced plants",
    "https://cleantechnica.com/2024/07/23/the-pace-of-north-american-battery-cell-production-announcements-has-accelerated-since-2021/",
)
RHODIUM = _page(
    "Rhodium Group, quoted by the Daily Herald",
    "https://www.dailyherald.com/20250619/technology/why-americas-experiment-to-make-the-batteries-of-the-future-could-soon-fail",
)
HAULAGE = _page(
    "Pars on transport of vehicles",
    "https://parsdrives.com/vehicle-transport-decisions-a-fleet-leaders-framework-for-business-impact/",
)
BN_2007 = _page(
    "a forum that quotes BNSF's revenue of 2007",
    "https://forum.trains.com/t/which-trains-make-money-for-the-railroad/175808?page=3",
)
TRAINS = _page(
    "Ship A Car Direct on railways", "https://shipacardirect.com/blog/how-cars-go-from-the-factory-to-a-showroom-floor/"
)
UNION_PACIFIC = _page("Union Pacific, 2021", "https://www.up.com/news/service/tr081021-what-is-an-autorack-rail-car")
UNIFOR = _page(
    "GM Authority on Ford of Canada, 2023",
    "https://gmauthority.com/blog/2023/09/unifor-members-ratify-agreement-with-ford-in-canada/",
)
DEADHEAD = _page("Gitnux on car hauling (content site)", "https://gitnux.org/car-hauling-industry-statistics")
MOTORSHIP = _page("Hyundai Corporation on car carriers", "http://www.hyundaicorpcatalogue.com/portfolio/car-carrier/")

EIA_2023 = _page("EIA, Electric Power Annual", "https://www.eia.gov/electricity/annual/secrev-map.php")
EIA_2025 = _page(
    "EIA, Electric Power Monthly", "https://eia.gov/electricity/monthly/epm_table_grapher.php?t=table_5_06_a"
)
ONTARIO_POWER = _page(
    "Ontario Energy Quarterly", "https://www.ontario.ca/page/ontario-energy-quarterly-electricity-q3-2021"
)
BALTIMORE = _page(
    "Baltimore Banner",
    "https://www.thebaltimorebanner.com/economy/growth-development/baltimore-port-cars-georgia-WOYODOHGNNA2BJOQ23EKXRXIPE/",
)

#: By name of the figure.
RANGES: Final[dict[str, Published]] = {
    "cell price": Published(
        49, 74, f"74 is the world mean of 2025 ({BNEF_CELLS}); 49 LFP in China (product.cell_cost_lfp_cn)"
    ),
    "pack price": Published(
        81, 128, f"battery-electric 99, LFP 81, NMC 128, North America 44 % above China's 84 ({BNEF})"
    ),
    "cell gate cost": Published(49, 121, f"China LFP 49; 121 is 44 % above China's pack price of 84 ({BNEF})"),
    "cell capex": Published(
        36, 143, f"Hyundai and LG 4.3 bn for 30 GWh: 143 ({METAPLANT}); Tesla 3.6 bn for 100 GWh: 36 ({NEVADA})"
    ),
    "pack capex": Published(8.3, 14, "Škoda 8.3, BorgWarner 14 (plant.pack.capex), both on a standing site"),
    "vehicle capex": Published(
        6667, 18500, f"BYD Turkey 6,667; Metaplant 5.5 bn for 300,000, cells included ({METAPLANT})"
    ),
    "cell staff": Published(50.5, 125, "NextStar 50.5, Panasonic Kansas 125 (plant.cell.workers_per_gwh.*)"),
    "vehicle staff": Published(16, 46, "combustion 16, Fremont 2019 46 (plant.assembly.workers_per_1000_vehicles)"),
    "vehicle hours": Published(
        30.4,
        95.7,
        "30.4 to 33.9 with stamping and powertrain in 2007 (Harbour); 46 workers x 2,080 h at Fremont 2019 are 95.7",
    ),
    "connection": Published(
        6.25, 7.81, "Panasonic Kansas 200 to 250 MW for 32 GWh (plant.cell.grid_connection_per_gwh)"
    ),
    "cell energy": Published(20.3, 41.48, "20.3 to 37.5 (plant.cell.energy); one plant 41.48 (plant.cell.heat_share)"),
    "vehicle energy": Published(1985, 2205, "Grünheide 1,985, VW Group 2,205 (plant.assembly.energy)"),
    "kwh": Published(70, 82.8, "sold in 2020: 70; models on offer in 2022: 82.8 (product.kwh_per_bev_us_offer)"),
    "mass": Published(
        1964,
        2300,
        "all new vehicles 1,964 kg; a content site has 2,110 kg for electric ones in 2026 "
        + _page("visualfoodie.com", "https://visualfoodie.com/a-look-at-the-average-modern-electric-car-weight"),
    ),
    "truck usd": Published(
        0.37,
        0.75,
        f"open haul-away 0.60 to 1.20 USD a mile ({HAULAGE})",
        "a full load on contract at the carrier's cost, against prices of single and fleet moves with margin",
    ),
    "rail usd": Published(
        0.117, 0.182, f"79.23 USD per 1,000 ton-miles in 2007 ({BN_2007}): 0.117 for 2.15 t, 0.182 at prices of 2025"
    ),
    "sea usd": Published(1129, 1654, "Höegh 90.3 to 101.5 USD a cubic metre (freight.sea.vehicle_cost)"),
    "truck kg": Published(0.106, 0.181, "7 to 4.5 miles a gallon, 9 vehicles, 16.7 % empty (docs/freight.md)"),
    "rail kg": Published(0.031, 0.104, "low by mass at 14.4 g a tonne-km; high: every car returns empty, 50 t tare"),
    "sea kg": Published(
        0.046, 0.184, "general ro-ro 31.3 g, small car carrier 85.5 g tank-to-wheel a tonne-km, 2.15 t"
    ),
    "empty": Published(15, 22, f"deadhead 15 %, empty backhaul 22 % ({DEADHEAD})"),
    "ship speed": Published(
        29.6,
        35.2,
        f"16 knots eco-speed, 19 at full speed ({MOTORSHIP})",
        "24 knots are the default of the routing package; it shortens the time at sea and the capital on it by a "
        "third; fuel and emissions of a car carrier are those at 18.5 knots",
    ),
    "wage mi": Published(
        38,
        66,
        f"38 to 65 in 2014 ({CAR_2014}); Tesla 45, Detroit Three 66 ({DETROIT})",
        "assemblers of all industries; those of car makers earn some 1.68 times as much: see the last question",
    ),
    "wage tn": Published(
        38,
        66,
        f"transplants 38 to 55 ({CAR_2014}; {DETROIT})",
        "assemblers of all industries; those of car makers earn some 1.68 times as much: see the last question",
    ),
    "wage on": Published(
        31.8,
        40.1,
        f"top rate of the Detroit Three, 44.52 CAD at 1.398 ({UNIFOR}); with the burden of the study 40.1",
        "median of all motor vehicle assemblers of the province: contract makers, and those who are short of the top "
        "rate, which takes four years",
    ),
    "wage mx": Published(
        6.29,
        8.22,
        "fully burdened 6.29 to 8.22 (labor.mx.burdened_wage)",
        "mean of all insured jobs, managers included, at 44 h a week on the mean of 2027 to 2029",
    ),
    "power mi": Published(81.6, 85.3, f"industry, mean of 2023 ({EIA_2023}) and April 2025 ({EIA_2025})"),
    "power ks": Published(
        76.4,
        77.9,
        f"industry, mean of 2023 ({EIA_2023}) and April 2025 ({EIA_2025})",
        "mean of 2024 in prices of 2025; April lies below the mean of a year",
    ),
    "power on": Published(
        49.6, 82.2, f"62.2 (class A, large) and 103 CAD (class B) in 2021 at 1.254, delivery apart ({ONTARIO_POWER})"
    ),
    "power mx": NONE,
    "port": Published(
        0.75,
        0.847,
        f"cars and light trucks that the port handled in 2024 and 2023 ({BALTIMORE})",
        "what the plan may take of the port, a choice of the study: some three tenths",
    ),
    "use vehicle": Published(
        75,
        97,
        f"nearly a quarter idle at the end of 2024 ({IDLE}); 97 % in 2012 ({WARDS})",
        "demand is certain and every plant is everybody's: no model fails, no maker holds a reserve",
    ),
    "use cell": Published(
        28,
        71,
        f"29 to 72 % idle ({REPEAT})",
        "the study builds for a demand that it knows; the page speaks of plants for a demand that did not come",
    ),
    "plants cell": NONE,
    "size cell": Published(30, 45, "30 GWh (Hyundai and LG), 35 (SK), 32 (Panasonic), 49.5 (NextStar) "),
    "cells 2027": Published(
        421,
        1400,
        f"421 GWh in the United States by the end of 2025 ({BENCHMARK}); 1,400 announced ({ARGONNE})",
        "only plants of the reference table, a sample, that make cells for light vehicles count, with what "
        "they can make while they start up; five that make or will make cells for storage or trucks are left out",
    ),
    "import": Published(
        22,
        28,
        f"8 m imports less 3 m from Mexico and 1.1 m from Canada, of about 16 m sold in the US ({IMPORTS})",
        "the range counts all vehicles, models among them that are made overseas alone; here is one electric vehicle, "
        "which costs less from plants of the plan than overseas, duty apart: see landed cost",
    ),
    "rail share": Published(
        70,
        75,
        f"three of four ({TRAINS}; {UNION_PACIFIC}); freight.finished_vehicle.rail_share has 70",
        "plants of the plan stand near their buyers, and rail begins to pay at 805 km: see the two rows below",
    ),
    "invest": Published(
        44,
        44,
        f"batteries 11 bn a quarter in 2024 ({RHODIUM})",
        "mean of fifteen years, new cell plants alone; 44 was spent at the height of the boom on plants that stand or "
        "are begun here, packs and materials among them",
    ),
    "landed": Published(
        28700,
        56910,
        "cost to make a Bolt in 2017; mean price paid in 2025 (product.bev_price_retail)",
        "packs cost 205 USD/kWh in 2017 and 99 now; credits are taken off, and no margin or development is counted",
    ),
}
