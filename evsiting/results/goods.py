"""What goods cost in every plan of a study, so that a gap can be told of what siting can change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.results.ledgers.plan_rows import demand_by_period
from evsiting.study.derived.customs import customs_values, offsets, quotas, stacks
from evsiting.study.derived.trajectories import by_period, trajectory_factors
from evsiting.study.horizon import Horizon
from evsiting.study.recipes import inputs_by_plant_type, is_passed_on
from evsiting.study.study import Study

__all__ = ["least_of_goods"]

#: Figures by product and period. shape (T,)
Least = dict[str, NDArray[np.float64]]
#: Duties by product and origin. shape (T,) [1]
Duties = dict[tuple[str, str], NDArray[np.float64]]
#: Objectives that goods bought anywhere add to, and the column of what sellers add for each unit.
_OF_SELLERS = {"cost": "price_usd_per_unit", "emissions": "emissions_kg_per_unit"}
#: By study, kept as long as the study is: every plan of it asks for them.
_KNOWN: WeakKeyDictionary[Study, Mapping[str, float]] = WeakKeyDictionary()


def least_of_goods(study: Study) -> Mapping[str, float]:
    r"""Return what goods alone add to cost and to emissions in every plan, whatever is built where.

    .. math:: U = \sum_{jpt} A_t\, d_{jpt} \min\bigl(\phi_{jpt},\ m_{pt},\ \min_{s \text{ sells } p}
       \rho_{st} + \delta_{s c(j) t}\bigr)

    .. math:: m_{pt} = \min_{k \text{ makes } p} \Bigl(a_{kpt} + \tfrac{1}{y_{kp}} \sum_b B_{bkp}
       \min\bigl(m_{bt},\ \min_{s \text{ sells } b,\, c} \rho_{st} + \delta_{sct}\bigr)\Bigr)

    with the demand d, the penalty :math:`\phi` of a unit that is not served, prices :math:`\rho` of sellers, duties
    :math:`\delta` that neither origin nor a quota nor an offset relieves, bought material a, yield y and bill of
    materials B of the plant types. Of total emissions, the embodied emissions of sellers take the place of prices and
    duties. It is the cost of goods by the cheapest recipe from the cheapest sellers, without freight, work, plants or
    programs, and so no more than any plan has.

    Parameters
    ----------
    study : Study
        With its countries; lanes are not needed.

    Returns
    -------
    mapping of str to float
        By objective. [USD present value, tCO2e]

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> material = ev.solve(study).ledgers["cost"].query("item in ['material', 'purchases']")["value"].sum()
    >>> bool(0.0 < least_of_goods(study)["cost"] <= material)
    True
    """
    plain = study.plain
    if plain not in _KNOWN:
        _KNOWN[plain] = MappingProxyType({name: _least(plain, name) for name in _OF_SELLERS})
    return _KNOWN[plain]


def _least(study: Study, objective: str) -> float:
    """Return the least that goods alone add to cost, or to emissions. [USD present value, or tCO2e]"""
    horizon, wanted = Horizon.of(study.periods, study.settings.money), demand_by_period(study)
    countries = sorted(set(study.sites["country"].dropna()) | set(study.markets["country"].dropna()))
    duties = _sure_duties(study, horizon) if objective == "cost" else {}
    bought = {country: _least_purchase(study, horizon, objective, duties.get(country, {})) for country in countries}
    made = _least_making(study, horizon, objective, _lower(study, horizon, *bought.values()))
    home = study.markets.set_index("market")["country"]
    period = [horizon.periods.index(p) for p in wanted["period"]]
    each = np.array(
        [
            min(made[product][t], bought.get(home[market], made)[product][t])
            for market, product, t in zip(wanted["market"], wanted["product"], period, strict=True)
        ]
    )
    each = np.where(np.isfinite(each), each, 0.0)  # nobody makes or sells it: there is no plan to speak of
    penalty = wanted["unmet_penalty_usd_per_unit"].to_numpy(np.float64)
    each = np.fmin(each, penalty if objective == "cost" else np.where(np.isnan(penalty), np.nan, 0.0))
    years = horizon.present if objective == "cost" else horizon.years.astype(np.float64) / 1000.0
    return float(np.sum(wanted["units_per_yr"].to_numpy(np.float64) * each * years[period]))


def _lower(study: Study, horizon: Horizon, *figures: Least) -> Least:
    """Return the least of some figures by product and period; infinite where there is none."""
    none = np.full(len(horizon.periods), np.inf)
    return {str(p): np.minimum.reduce([none, *(f[str(p)] for f in figures)]) for p in study.products["product"]}


def _least_purchase(study: Study, horizon: Horizon, objective: str, duty: Duties) -> Least:
    """Return the least that a unit from a seller adds in a country of these duties; infinite where nobody sells it."""
    sold, least = pd.DataFrame(study.suppliers), _lower(study, horizon)
    places = [sold[c].tolist() for c in ("country", "supplier")]
    figure = sold[_OF_SELLERS[objective]].fillna(0.0).to_numpy(np.float64)
    if objective == "cost":
        value = by_period(study, "price_usd_per_unit", customs_values(study).to_numpy(np.float64), *places)
        rate = [
            duty.get((p, c), np.zeros(value.shape[1])) for p, c in zip(sold["product"], sold["country"], strict=True)
        ]
        figures = by_period(study, _OF_SELLERS[objective], figure, *places) + value * np.reshape(rate, value.shape)
    else:
        figures = np.repeat(figure[:, None], len(horizon.periods), axis=1)
    for product, one in zip(sold["product"], figures, strict=True):
        least[product] = np.minimum(least[product], one)
    return least


def _sure_duties(study: Study, horizon: Horizon) -> dict[str, Duties]:
    """Return the duties that nothing relieves, by country, product and origin. shape (T,) [1]"""
    rows = stacks(study)
    key = ["destination", "product", "origin", "measure", "period"]
    eased = set(quotas(study)[key].itertuples(index=False, name=None))
    offset = set(offsets(study)[["destination", "measure"]].itertuples(index=False, name=None))
    out: dict[str, Duties] = {}
    for row in rows[rows["relief"] == "none"].to_dict("records"):
        if tuple(row[c] for c in key) not in eased and (row["destination"], row["measure"]) not in offset:
            here = out.setdefault(str(row["destination"]), {})
            rates = here.setdefault((str(row["product"]), str(row["origin"])), np.zeros(len(horizon.periods)))
            rates[horizon.periods.index(row["period"])] += row["rate"]
    return out


def _least_making(study: Study, horizon: Horizon, objective: str, bought: Least) -> Least:
    """Return the least that material of a made unit adds; infinite where nobody can make it.

    Bellman's iteration over the bill of materials: as many rounds as there are products reach the least of every chain.
    What still falls then would gain from going in circles, and counts as nothing.
    """
    made, least = study.processes[~is_passed_on(study.processes)], _lower(study, horizon)
    for product in study.by_products["by_product"] if study.has("by_products") else ():
        least[str(product)] = np.zeros(len(horizon.periods))  # it may come for nothing, with something else
    inputs = inputs_by_plant_type(study.processes, study.bill_of_materials)
    where = [study.sites[c].tolist() for c in ("country", "region", "site")]
    growth = trajectory_factors(study, "material_usd_per_unit", *where)
    recipes = []
    for row in made.to_dict("records"):
        own = np.zeros(len(horizon.periods))
        if objective == "cost" and len(growth):
            own = (row["material_usd_per_unit"] * growth).min(axis=0)
        mine = inputs[(inputs["plant_type"] == row["plant_type"]) & (inputs["product"] == row["product"])]
        takes = [(str(i), n / row["good_share"]) for i, n in zip(mine["input"], mine["units_per_unit"], strict=True)]
        recipes.append((str(row["product"]), own, takes))
    for _ in range(len(least) + 1):
        before = {name: figure.copy() for name, figure in least.items()}
        for product, own, takes in recipes:
            parts = [n * np.minimum(before[part], bought[part]) for part, n in takes]
            least[product] = np.minimum(least[product], sum(parts, own))
        if all(np.array_equal(before[name], least[name]) for name in least):
            return least
    return {name: np.where(before[name] == figure, figure, np.minimum(figure, 0.0)) for name, figure in least.items()}
