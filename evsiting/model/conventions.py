"""What the formulas take for granted: when money is paid, what a moved plant gets, how figures change by period."""

from __future__ import annotations

from evsiting.study.schema.trajectories import CAPACITIES, VARIABLE

__all__ = ["conventions_markdown"]

_MONEY = r"""## Money and time

All money is real, in USD of one price year. With discount rate r, base year $y_0$, life N of a plant (settings
`discount_rate`, `base_year`, `plant_life_years`) and a period t of the years $y_t, \ldots, y_t + n_t - 1$:

| Weight | Formula | What is paid then |
| --- | --- | --- |
| annuity | $CRF = r / (1 - (1+r)^{-N})$, and $1/N$ where r is 0 | of one USD invested, at the end of each year |
| yearly flow | $A_t = \sum_{y=y_t}^{y_t+n_t-1} (1+r)^{-(y-y_0)}$ | one USD a year, at the end of each year of t |
| investment | $K_t = CRF \sum_{\tau \ge t} A_\tau$ | one USD invested at the start of t |
| start | $O_t = (1+r)^{-(y_t-1-y_0)}$ | one USD at the start of t: the end of the year before |
| end | $E = (1+r)^{-(y_T+n_T-1-y_0)}$ | one USD at the end of the last year of the horizon |

An investment is paid for by annuities from its period to the end of the horizon: what falls after the horizon is left
out, and a plant whose life ends within it goes on paying, as for its replacement. Nothing is paid in the middle of a
year.

| Item | Weight and amount |
| --- | --- |
| new option, expansion | $K_t I_{ct}$, the own part of `capex_usd` (the expansion's own, not a difference) |
| resumed plant | $K_t$ times `resume_usd` |
| grid upgrade | $K_t$ times its `capex_usd` |
| closing | $O_t$ times `closing_usd`, once, when the plant stops at the start of t |
| fixed cost, staff, property tax, all that is made, bought, shipped or not served | $A_t$ |
| credits on building (kinds `investment`, `grant` and what comes to them) | $K_t$, as the investment itself |
| credits by the year (kinds `production`, `job`) | $A_t$ times the yearly amount |
| the same with rules: decision `credits`, the sum over all years of t | $K_t$ on building; $A_t / n_t$ by the year |
| clawback: `clawback_usd_per_job` for each of the `missing_jobs` in the last period | $E$ |

Pools, caps and pledges are in USD as they are paid, not discounted. Of one year with r = 0.1, N = 20 and the base year
before it, $A = 0.9091$, $CRF = 0.1175$, $K = 0.1068$, $O = 1$.
"""

_PLANTS = r"""## What a plant has and gets

| | new option or expansion | resumed plant | standing plant |
| --- | --- | --- | --- |
| investment | `capex_usd`, the own part, by period | `resume_usd`, as it stands | none |
| factors of `capex_usd` | of its site, state, country | none | none |
| property tax, a year | tax rate times $I_{ct}$, before any credit, to the end of the horizon | none | none |
| `fixed_usd_per_yr` of the site | once, with the new option | none | none |
| ramp-up, minimum load | those of the option | none: all its capacity at once, no minimum | none |
| runs | from its period on | likewise, in `first_year` to `last_year` | `first_year` to `last_year` |
| credits on building | on $I_{ct}$, at most $I_{ct}$; a grant once, not for an expansion | none | none |
| credits by the year | on what is made, and on its staff | on what is made, and on its staff | likewise |
| counts for `min_capex_usd` and `budget` | $I_{ct}$ | `resume_usd` | nothing |
| counts for `min_jobs_fte` | its staff and that of what is made | likewise | likewise |
| counts as new for `requires` | the new option | no | no |

Credits by the year are paid to a place, a plant type at a site, for all that is made there: nobody asks which plant of
the place made it. The layer of incentives offers kind `production` where the type may be built, stands or may be
resumed, every other kind only where it may be built; a table `incentives` of the study's own may offer it anywhere.
A plant that runs in a part of a period's years has that part of its capacity, staff and fixed cost in the whole
period. A closed plant loses all of them from its period on.

Grid upgrades stand beside the plants. Their `capex_usd` has no factor by period, earns no credit, pays no property tax,
has no part of a partner and counts in no budget or pledge. Factors of `capex_usd` and upgrades so never meet: an
upgrade costs the same in every period, but for the weight $K_t$.

Rows of table `programs` with one name, country, state, plant type, product and kind may not overlap in time. Rows of
one name that differ in any of these may, as a national and a state's part do, and add up: fractions of the investment
before they are limited to the whole of it, amounts a unit or a job as they are. All of them are one program where it
has rules: one claim, one pool, one pledge.
"""

_FIGURES = r"""## Figures by period

Table `trajectories` multiplies a figure in a period. Of several rows for one figure and period only that of the most
exact place holds, and factors of different places are never multiplied with one another. From the widest to the most
exact: everywhere, country, state, site (for a supplier: everywhere, country, supplier).

| Column | Goes on | Most exact place |
| --- | --- | --- |
{rows}

A capacity factor of `site/plant type` holds for the options at that place, ramp-up and minimum load with it, and for
the plants that stand or are resumed there, unless one names the plant itself. It leaves cost, staff and fixed cost as
they are. A supplier or gateway without a limit keeps none, unless its factor is 0: then nothing comes.

A factor of a capacity is the part of it that is there, 0 to 1, and more is refused: what grows is an option or another
supplier. All other factors may be above 1, up to 1000, and multiply as they stand: a factor of 1.5 on `wage_usd_per_h`
is a wage half as high again as the table's. A renewable share is cut off at 1 after its factor; nothing else is cut
off.
"""

_WHERE = {
    "wage_usd_per_h": ("straight wage of a site; the payroll burden on it is the same part in every period", "site"),
    "power_price_usd_per_mwh": ("price of electricity of a site", "site"),
    "grid_factor_kg_per_kwh": ("emissions of electricity of a site", "site"),
    "renewable_share": ("renewable part of the grid's mix at a site", "site"),
    "heat_price_usd_per_mwh": ("price of process heat of a site", "site"),
    "price_usd_per_unit": ("price of a supplier, and with it its customs value", "supplier"),
    "material_usd_per_unit": ("bought material of what a site makes", "site"),
    "capex_usd": ("investment in options, new or expanding", "site"),
    "freight_usd_per_unit": ("freight of all lanes", "everywhere"),
    "carbon_price_usd_per_t": ("price of emissions", "everywhere"),
    "capacity_units_per_yr": ("capacity of options and plants, and the most that a supplier sells", "plant"),
    "capacity_t_per_yr": ("what a gateway lets pass", "gateway"),
}


def conventions_markdown() -> str:
    """Return the sections as Markdown.

    Examples
    --------
    >>> "| `capex_usd` | investment in options" in conventions_markdown()
    True
    """
    rows = "\n".join(f"| `{name}` | {_WHERE[name][0]} | {_WHERE[name][1]} |" for name in (*VARIABLE, *CAPACITIES))
    return "\n".join([_MONEY, _PLANTS, _FIGURES.replace("{rows}", rows)]).strip()
