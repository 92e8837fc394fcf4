"""Labor: wages, what comes on top of them, and how many people there are."""

from __future__ import annotations

from evsiting.layers.facts import FactsLayer

#: Straight hourly wage of assemblers and the payroll burden of the country; labor force and unemployment of
#: the state or province. Wages are three statistics: medians of an occupation in the United States and
#: Canada, the mean of all insured jobs in Mexico; and the burden holds all benefits in the United States but
#: those of the law in Canada.
labor = FactsLayer(
    "labor",
    {
        "wage_usd_per_h": ("assembler_wage_usd", 1.0),
        "payroll_burden": ("payroll_burden", 0.01),
        "labor_force_persons": ("labor_force", 1.0),
        "unemployment_rate": ("unemployment_rate", 0.01),
    },
)
