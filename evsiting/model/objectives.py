"""The totals that may be minimised: cost, emissions and (with a minus sign) jobs. Each is the total of a ledger."""

from __future__ import annotations

import numpy as np

from evsiting.model.milp import FloatArray, Objective
from evsiting.model.sets import Sets
from evsiting.model.siting import Columns
from evsiting.study.settings import Modelling

#: Sizes of the scaled units: million USD, thousand tonnes, thousand job-years.
USD, TONNES, JOB_YEARS = 1e6, 1e3, 1e3


def _open_years(weights: FloatArray) -> FloatArray:
    """Return, by period of building, the sum of the weights of that period and of those after it. shape (T,)"""
    return np.asarray(np.cumsum(weights[::-1])[::-1])


def yearly_emissions(sets: Sets, columns: Columns, size: int) -> FloatArray:
    r"""Return what one scaled unit of each column emits a year. shape (N,) [kg/yr]

    .. math:: \sum_l e_l\,ship_{lt} + \sum_m f_{i(m)}\,kWh_m\,make_{mt} + \sum_s e_s\,ship_{st}

    Freight tank to wheel, electricity by the grid factor of the place, purchases with what their making emitted.
    """
    out = np.zeros(size)
    lanes = sets.lanes
    embodied = np.append(
        sets.supplier_values["emissions_kg_per_unit"].to_numpy(np.float64) if len(sets.suppliers) else np.zeros(0), 0.0
    )
    out[columns.ship] = ((lanes.emissions + embodied[lanes.supplier]) * sets.scale[lanes.product])[:, None]
    factor = sets.site_values["grid_factor_kg_per_kwh"].to_numpy(np.float64)[sets.places.site[sets.makes.place]]
    out[columns.make] = (factor * sets.makes.electricity * sets.scale[sets.makes.product])[:, None]
    return out


def emissions(sets: Sets, columns: Columns, size: int) -> Objective:
    r"""Emissions over the horizon.

    .. math:: \sum_t n_t\,e_t / 1000 \quad [\mathrm{t\,CO_2e}]
    """
    kilograms = yearly_emissions(sets, columns, size)
    years = np.zeros(size)
    for block in (columns.make, columns.ship):
        years[block] = sets.horizon.years
    return Objective("emissions", kilograms * years / 1000.0 / TONNES, 0.0, TONNES)


def jobs(sets: Sets, columns: Columns, size: int, model: Modelling) -> Objective:
    r"""Direct job-years over the horizon, negative, because less is better.

    .. math:: -\sum_t n_t \Big( \sum_q \bar s_q + \sum_b s_b \sum_{\tau \le t} build_{b\tau}
       + \sum_m h_m\,make_{mt} / H \Big) \quad [\mathrm{job\text{-}years}]
    """
    years = sets.horizon.years.astype(np.float64)
    out = np.zeros(size)
    out[columns.build] = -sets.builds.staff[:, None] * _open_years(years)
    hours = sets.makes.labor * sets.scale[sets.makes.product]
    out[columns.make] = -(hours / model.hours_per_fte_year)[:, None] * years
    return Objective("jobs", out / JOB_YEARS, -float(sets.places.staff.sum() * years.sum()) / JOB_YEARS, JOB_YEARS)


def cost(sets: Sets, columns: Columns, size: int, model: Modelling) -> Objective:
    r"""Present value of all cost over the horizon, less what programs pay.

    .. math:: \sum_{b,t} K_t (1 - g_{qt}) I_b\,build_{bt}
       + \sum_t A_t \Big( \sum_b (F_b + w_i H s_b) \sum_{\tau \le t} build_{b\tau}
       + \sum_m (w_i h_m + \pi_i kWh_m + a_m - v_{mt})\,make_{mt} + \sum_l (c_l + d_l + \rho_s)\,ship_{lt}
       + \sum_{jp} \phi_{jpt}\,unmet_{jpt} + \kappa\,e_t \Big) \quad [\mathrm{USD}]

    with annuity weight :math:`K_t`, present-value weight :math:`A_t`, burdened wage w, power price π, bought material
    a, production credit v, freight c, duty d, price ρ, penalty φ, carbon price κ. Standing plants' fixed cost and staff
    are the constant.
    """
    horizon, places, builds, makes, lanes = sets.horizon, sets.places, sets.builds, sets.makes, sets.lanes
    present = horizon.present
    values = sets.site_values
    wage = (values["wage_usd_per_h"] * (1.0 + values["payroll_burden"])).to_numpy(np.float64)
    power = values["power_price_usd_per_mwh"].to_numpy(np.float64) / 1000.0
    out = np.zeros(size)

    site = places.site[builds.place]
    capital = builds.capex[:, None] * (1.0 - sets.investment[builds.place]) * horizon.capital
    yearly = builds.fixed + wage[site] * model.hours_per_fte_year * builds.staff
    out[columns.build] = capital + yearly[:, None] * _open_years(present)

    site = places.site[makes.place]
    unit = wage[site] * makes.labor + power[site] * makes.electricity + makes.material
    out[columns.make] = (unit[:, None] - sets.credit) * sets.scale[makes.product][:, None] * present

    price = np.append(
        sets.supplier_values["price_usd_per_unit"].to_numpy(np.float64) if len(sets.suppliers) else np.zeros(0), 0.0
    )[lanes.supplier]
    out[columns.ship] = ((lanes.freight + lanes.duty + price) * sets.scale[lanes.product])[:, None] * present

    want, period = columns.unmet_want, columns.unmet_period
    out[columns.unmet] = sets.wants.penalty[want, period] * sets.scale[sets.wants.product[want]] * present[period]

    if model.carbon_price_usd_per_t > 0:
        kilograms = yearly_emissions(sets, columns, size)
        for block in (columns.make, columns.ship):
            out[block] += model.carbon_price_usd_per_t * kilograms[block] / 1000.0 * present
    standing = places.fixed + wage[places.site] * model.hours_per_fte_year * places.staff
    return Objective("cost", out / USD, float(standing.sum() * present.sum()) / USD, USD)
