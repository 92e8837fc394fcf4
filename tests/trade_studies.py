"""The two-plant study with customs: duties with every relief, rules of origin, a quota and an offset."""

from __future__ import annotations

import pandas as pd

from evsiting.study.study import Study
from tests.studies import two_plant_study

#: Duties: product, origin, destination, measure, rate, relief.
DUTIES = (
    ("vehicle", "MX", "US", "MFN", 0.025, "free"),
    ("vehicle", "MX", "US", "232", 0.25, "content"),
    ("pack", "MX", "US", "parts", 0.25, "free"),
    ("cell", "KR", "US", "parts", 0.10, "none"),
    ("cell", "KR", "MX", "MFN", 0.05, "none"),
)


def trade_study(*, periods: int = 1, **tables: pd.DataFrame) -> Study:
    """Return the two-plant study with duties and all that spares them.

    Vehicles from Monterrey pay 2.5 % and 25 % in the United States, packs 25 %; what qualifies is spared the first and
    the last, and 25 % of its US content. Cells from Busan pay 10 % and 5 %; a million kWh a year enter the United
    States at 2 %, and 20,000 vehicles from Mexico at 10 % in place of 25 %. Vehicles made in the United States offset
    USD 1,500 of duty on parts each.
    """
    study = two_plant_study(periods=periods)
    law = {
        "duties": pd.DataFrame(DUTIES, columns=["product", "origin", "destination", "measure", "rate", "relief"]),
        "origin_rules": pd.DataFrame(
            {
                "product": ["pack", "vehicle"],
                "rvc": [0.6, 0.75],
                "net_cost_usd_per_unit": [None, 36_000.0],
                "other_foreign_usd_per_unit": [500.0, 4_000.0],
                "lvc": [None, 0.4],
                "high_wage_usd_per_h": [16.0, 16.0],
                "other_high_wage_usd_per_unit": [0.0, 6_000.0],
                "core_parts": [None, "pack"],
                "other_content_usd_per_unit": [0.0, 2_000.0],
            }
        ),
        "quotas": pd.DataFrame(
            {
                "quota": ["Korean cells", "Mexican vehicles"],
                "product": ["cell", "vehicle"],
                "origin": ["KR", "MX"],
                "destination": ["US", "US"],
                "measure": ["parts", "232"],
                "units_per_yr": [1e6, 20e3],
                "rate": [0.02, 0.10],
            }
        ),
        "duty_offsets": pd.DataFrame(
            {
                "destination": ["US"],
                "product": ["vehicle"],
                "measure": ["parts"],
                "share": [0.0375],
                "value_usd_per_unit": [40_000.0],
                "first_year": [2027],
                "last_year": [2036],
            }
        ),
        **tables,
    }
    for name, frame in law.items():
        study = study.with_table(name, frame)
    return study
