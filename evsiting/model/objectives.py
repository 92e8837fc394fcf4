"""Terms of cost, emissions and jobs for building, making, buying and shipping; constraint modules add their own."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns, change_terms
from evsiting.model.expressions import staff
from evsiting.model.plan_columns import Totals
from evsiting.model.sets import Sets


def emissions(sets: Sets, columns: Columns, totals: Totals) -> None:
    r"""Emissions over the horizon.

    .. math:: \sum_t n_t e_t / 1000 \quad [\mathrm{t\,CO_2e}], \qquad
       e_t = \sum_l (e_l + e_{s(l)})\,ship_{lt}
       + \sum_m (f_{it}\,kWh_m + f^{heat}_{it}\,heat_m)\,make_{mt} - clean_t

    Freight tank to wheel, purchases with what their making emitted, electricity by the grid factor of the place net of
    contracted clean power, process heat at the stack.
    """
    period, lanes, makes = np.arange(len(sets.horizon)), sets.lanes, sets.makes
    embodied = np.append(sets.supplier_values.emissions, 0.0)[lanes.supplier]
    shipped = (lanes.emissions + embodied) * sets.scale[lanes.product]
    totals.emissions(columns.ship, period, shipped[:, None])
    values, site = sets.site_values, sets.places.site[makes.place]
    per_unit = values.grid[site] * makes.electricity[:, None] + values.heat_factor[site] * makes.heat[:, None]
    totals.emissions(columns.make, period, per_unit * sets.scale[makes.product][:, None])


def freight_emissions(sets: Sets, columns: Columns, totals: Totals) -> None:
    r"""Emissions of transport over the horizon: the lanes alone, without purchases, power and heat.

    .. math:: \sum_t n_t \sum_l e_l\,ship_{lt} / 1000 \quad [\mathrm{t\,CO_2e}]

    Tank to wheel. It is a part of the emissions above, and priced with them where the study has a carbon price.
    """
    lanes = sets.lanes
    per_unit = lanes.emissions * sets.scale[lanes.product]
    totals.freight_emissions(columns.ship, np.arange(len(sets.horizon)), per_unit[:, None])


def jobs(sets: Sets, columns: Columns, totals: Totals, hours: float) -> None:
    r"""Direct job-years over the horizon, negative, because less is better.

    .. math:: -\sum_t n_t \sum_q s_{qt} \quad [\mathrm{job\text{-}years}]

    with the staff :math:`s_{qt}` of standing plants, of what is built, resumed or closed, and of what is made.
    """
    terms, standing = staff(sets, columns, hours)
    totals.jobs(terms.column, terms.row % len(sets.horizon), terms.value)
    totals.standing(jobs=standing.sum(axis=0))


def cost(sets: Sets, columns: Columns, totals: Totals, hours: float) -> None:
    r"""Present value of all cost over the horizon, less what programs pay.

    .. math:: \sum_{c,t} lump_{ct}\,build_{ct}
       + \sum_t A_t \Big( \sum_c \sum_{\tau \le t} (F_{c\tau t} + w_{it} H s_{c\tau t})\,build_{c\tau}
       + \sum_m (w_{it} h_m + \pi_{it} kWh_m + \pi^{heat}_{it} heat_m + a_{mt})\,make_{mt}
       + \sum_l (c_{lt} + d_l + \rho_{st})\,ship_{lt} + \sum_{jp} \phi_{jpt}\,unmet_{jpt}
       + \sum_{qp} \delta_{qp}\,dispose_{qpt} + \kappa_t e_t \Big)
       + duty + late + clean + upgrades - credits \quad [\mathrm{USD}]

    with present-value weight :math:`A_t`; :math:`lump_{ct} = K_t I_{ct}` for an investment, whose annuities count as
    far as they fall within the horizon, and the cost of closing for a closing; burdened wage w, power price π, bought
    material a, freight c, further duty d, price ρ, penalty φ, cost of disposal δ, carbon price κ. Fixed cost and staff
    of standing plants are the constant. The last line is written by the rooms of trade, service, energy and programs.
    """
    present, places, changes = sets.horizon.present, sets.places, sets.changes
    values, makes, lanes = sets.site_values, sets.makes, sets.lanes
    totals.cost(columns.change, changes.lump)
    for amount, price in (
        (changes.fixed, np.ones((len(sets.sites), len(present)))),
        (changes.staff, values.hourly * hours),
    ):
        change, period, column, value = change_terms(columns, amount)
        site = places.site[changes.place[change]]
        totals.cost(column, value * price[site, period] * present[period])

    site = places.site[makes.place]
    unit = values.hourly[site] * makes.labor[:, None] + values.power[site] * makes.electricity[:, None]
    unit = unit + values.heat_price[site] * makes.heat[:, None] + makes.material
    totals.cost(columns.make, unit * sets.scale[makes.product][:, None] * present)

    price = np.vstack([sets.supplier_values.price, np.zeros(len(present))])[lanes.supplier]
    shipped = lanes.freight + lanes.duty[:, None] + price
    totals.cost(columns.ship, shipped * sets.scale[lanes.product][:, None] * present)

    fine = np.nan_to_num(sets.wants.penalty) * sets.scale[sets.wants.product][:, None]
    totals.cost(columns.unmet, fine * present)
    extra = sets.by_products
    away = np.flatnonzero(~np.isnan(extra.disposal))
    unit = extra.disposal[away, None] * sets.scale[extra.product[away], None]
    totals.cost(columns.dispose[away], unit * present)
    standing = places.fixed + values.hourly[places.site] * hours * places.staff
    totals.standing(cost=float((standing @ present).sum()))
