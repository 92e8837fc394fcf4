"""Ledgers: what a plan costs, emits and employs, line by line, straight from the study's tables.

Nothing here knows the mathematical program: the ledgers are worked out anew from what opens, what is made and
what is shipped, one function for each kind of line, and add up to the totals of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting.errors import Problems, shown
from evsiting.study.horizon import Horizon
from evsiting.study.study import Study

#: Columns of every ledger; text is empty where it does not apply.
LEDGER_COLUMNS = (
    "item", "country", "site", "destination", "plant_type", "product", "period", "mode", "program", "value",
)  # fmt: skip
#: Ledgers by name with the unit of their values.
LEDGER_UNITS = {"cost": "USD", "emissions": "tCO2e", "jobs": "job-year"}
#: Weights of a period that yearly emissions carry with them.
_WEIGHTS = ("present", "years")
#: Plants with this status stand throughout the horizon.
STANDING = ("existing", "committed")


def ledgers(
    study: Study, openings: pd.DataFrame, production: pd.DataFrame, shipments: pd.DataFrame, unmet: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the ledgers of cost, emissions and jobs of what is built, made and shipped.

    Parameters
    ----------
    study : Study
        Complete: with lanes, incentives and all site columns.
    openings : pandas.DataFrame
        New plants: ``site``, ``plant_type``, ``option``, ``period`` of building.
    production : pandas.DataFrame
        ``site``, ``plant_type``, ``product``, ``period``, ``units_per_yr``.
    shipments : pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``mode``, ``period``, ``units_per_yr``.
    unmet : pandas.DataFrame
        ``market``, ``product``, ``period``, ``units_per_yr``.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``cost`` [USD, present value], ``emissions`` [tCO2e over the horizon], ``jobs`` [job-years], each with
        the columns of :data:`LEDGER_COLUMNS`. ``site`` is the place of the line: a site, the origin of a
        shipment, a supplier or a market. Lines of zero are left out.

    Raises
    ------
    InputError
        If a row names a site, option, process, lane or period that the study does not have.
    """
    facts = _facts(study, openings, production, shipments, unmet)
    price = study.settings.model.carbon_price_usd_per_t
    yearly = [_freight_carbon(facts), _electricity_carbon(facts), _embodied_carbon(facts)]
    cost = [
        _capital(facts),
        _investment_credits(facts),
        _production_credits(facts),
        _fixed(facts),
        _labor(facts),
        _power(facts),
        _material(facts),
        _purchases(facts),
        _freight(facts),
        _duty(facts),
        _unmet(facts),
        *(_carbon_cost(lines, price) for lines in yearly if price > 0),
    ]
    return {
        "cost": _ledger(cost),
        "emissions": _ledger([lines.assign(value=lines["value"] * lines["years"]) for lines in yearly]),
        "jobs": _ledger([_fixed_staff(facts), _operating_staff(facts)]),
    }


@dataclass(frozen=True)
class _Facts:
    """What a plan does, each row with the figures that price it.

    Parameters
    ----------
    hours : float
        Hours of one full-time position. [h/yr]
    opened : pandas.DataFrame
        New plants with their option's figures, at the period of building; ``capital`` is K_t.
    running : pandas.DataFrame
        New and standing plants, one row for each period in which they stand, ``yearly_usd`` beside staff.
    made, shipped, short : pandas.DataFrame
        Production, shipments, unmet demand, with the figures of process and site, of lane and supplier, of
        demand.
    incentives : pandas.DataFrame
        What programs offer.
    """

    hours: float
    opened: pd.DataFrame
    running: pd.DataFrame
    made: pd.DataFrame
    shipped: pd.DataFrame
    short: pd.DataFrame
    incentives: pd.DataFrame


def demand_by_period(study: Study) -> pd.DataFrame:
    """Return the study's demand with one row a market, product and period.

    Returns
    -------
    pandas.DataFrame
        ``market``, ``product``, ``period``, ``units_per_yr``, ``unmet_penalty_usd_per_unit`` (NaN: all must
        be served).
    """
    demand, names = study.demand, study.periods["period"]
    always = demand[demand["period"].isna()].drop(columns="period").merge(names, how="cross")
    every = pd.concat([demand[demand["period"].notna()], always], ignore_index=True)
    key = ["market", "product", "period"]
    wanted = {"units_per_yr": "sum", "unmet_penalty_usd_per_unit": "last"}
    result: pd.DataFrame = every.groupby(key, as_index=False, sort=True).agg(wanted)
    return result


def _facts(
    study: Study, openings: pd.DataFrame, production: pd.DataFrame, shipments: pd.DataFrame, unmet: pd.DataFrame
) -> _Facts:
    problems = Problems()
    horizon = Horizon.of(study.periods, study.settings.money)
    weights = pd.DataFrame(
        {"period": horizon.periods, "start": horizon.start_years, "years": horizon.years, "present": horizon.present}
    )
    capital = weights[["period", "start"]].assign(capital=horizon.capital)
    sites, suppliers, markets = study.sites, study.suppliers, study.markets
    sites["hourly_usd"] = sites["wage_usd_per_h"] * (1.0 + sites["payroll_burden"])
    sites = sites.rename(columns={"fixed_usd_per_yr": "site_fixed_usd_per_yr"})
    sites = sites[
        ["site", "country", "hourly_usd", "power_price_usd_per_mwh", "grid_factor_kg_per_kwh", "site_fixed_usd_per_yr"]
    ]
    sellers = suppliers[["supplier", "country", "price_usd_per_unit"]].rename(columns={"supplier": "origin"})
    sellers["embodied_kg_per_unit"] = suppliers["emissions_kg_per_unit"]
    origins = pd.concat([sites.rename(columns={"site": "origin"})[["origin", "country"]], sellers], ignore_index=True)

    opened = _look(openings, study.options, ["plant_type", "option"], "openings", "options", problems)
    opened = _look(opened, sites, ["site"], "openings", "sites", problems)
    opened = _look(opened, capital, ["period"], "openings", "periods", problems)
    running = opened.drop(columns=["period"]).rename(columns={"start": "built"}).merge(weights, how="cross")
    running = running[running["start"] >= running["built"]]
    running["yearly_usd"] = running["fixed_usd_per_yr"] + running["site_fixed_usd_per_yr"]

    plants = study.plants
    standing = plants[plants["status"].isin(STANDING)].merge(sites, on="site", how="left").merge(weights, how="cross")
    standing["yearly_usd"] = standing["fixed_usd_per_yr"]

    made = _look(production, study.processes, ["plant_type", "product"], "production", "processes", problems)
    made = _look(made, sites, ["site"], "production", "sites", problems)
    made = _look(made, weights, ["period"], "production", "periods", problems)

    key = ["product", "origin", "destination", "mode"]
    shipped = _look(shipments, study.lanes, key, "shipments", "lanes", problems)
    shipped = _look(shipped, weights, ["period"], "shipments", "periods", problems)
    shipped = shipped.merge(origins, on="origin", how="left", validate="m:1")
    shipped = shipped.rename(columns={"origin": "site"})

    wanted = demand_by_period(study).drop(columns="units_per_yr")
    short = _look(unmet, wanted, ["market", "product", "period"], "unmet", "demand", problems)
    short = _look(short, weights, ["period"], "unmet", "periods", problems)
    short = short.merge(markets[["market", "country"]], on="market", how="left").rename(columns={"market": "site"})
    problems.raise_if_any()
    return _Facts(
        study.settings.model.hours_per_fte_year,
        opened,
        pd.concat([running, standing], ignore_index=True),
        made,
        shipped,
        short,
        study.incentives,
    )


def _look(
    rows: pd.DataFrame, table: pd.DataFrame, key: list[str], name: str, of: str, problems: Problems
) -> pd.DataFrame:
    """Return the rows with the columns of a table of the study, and note the rows that it does not know."""
    table = pd.DataFrame(table).drop(columns="geometry", errors="ignore").assign(known=1.0)
    found = rows.merge(table, on=key, how="left", validate="m:1")
    unknown = found["known"].isna().to_numpy()
    if unknown.any():
        lost = found.loc[unknown, key].drop_duplicates()
        seen = shown("|".join(map(str, row)) for row in lost.itertuples(index=False))
        problems.add(name, f"{len(lost)} not in the study's table {of!r}", seen, "Give rows that the study has")
    del found["known"]
    return found


def _lines(item: str, rows: pd.DataFrame, value: pd.Series, *also: str) -> pd.DataFrame:
    """Return ledger lines of one item; columns that the rows lack are empty."""
    columns = {name: rows.get(name, "") for name in LEDGER_COLUMNS[1:-1]}
    further = {name: rows[name] for name in also}
    return pd.DataFrame({"item": item, **columns, "value": value.astype(np.float64), **further}, index=rows.index)


def _ledger(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return lines as one ledger in a fixed order, without lines of zero."""
    lines = pd.concat([part[list(LEDGER_COLUMNS)] for part in parts], ignore_index=True)
    text = list(LEDGER_COLUMNS[:-1])
    lines[text] = lines[text].astype("str").fillna("")
    rank = {item: k for k, item in enumerate(dict.fromkeys(lines["item"]))}
    lines = lines[lines["value"] != 0.0]
    order = lines.assign(item=lines["item"].map(rank)).sort_values(text, kind="stable").index
    return lines.loc[order].reset_index(drop=True)


def _capital(facts: _Facts) -> pd.DataFrame:
    r"""Annuities of the investment that fall within the horizon, :math:`I_o K_t`. [USD]."""
    return _lines("capital", facts.opened, facts.opened["capex_usd"] * facts.opened["capital"])


def _investment_credits(facts: _Facts) -> pd.DataFrame:
    r"""Parts of the investment that programs pay, :math:`-g\,I_o K_t`; at most the whole. [USD]."""
    offers = facts.incentives[facts.incentives["kind"] == "investment"].rename(columns={"value": "share"})
    offers = offers[["site", "plant_type", "period", "program", "share"]]
    paid = facts.opened.merge(offers, on=["site", "plant_type", "period"], how="inner")
    total = paid.groupby(["site", "plant_type"])["share"].transform("sum")
    return _lines("credits", paid, -paid["share"] / total.clip(lower=1.0) * paid["capex_usd"] * paid["capital"])


def _production_credits(facts: _Facts) -> pd.DataFrame:
    r"""Credits that programs pay for each unit made, :math:`-v\,make\,A_t`. [USD]."""
    offers = facts.incentives[facts.incentives["kind"] == "production"].rename(columns={"value": "credit"})
    offers = offers[["site", "plant_type", "product", "period", "program", "credit"]]
    paid = facts.made.merge(offers, on=["site", "plant_type", "product", "period"], how="inner")
    return _lines("credits", paid, -paid["credit"] * paid["units_per_yr"] * paid["present"])


def _fixed(facts: _Facts) -> pd.DataFrame:
    r"""Yearly cost of plants that stand, :math:`F\,A_t`. [USD]."""
    return _lines("fixed", facts.running, facts.running["yearly_usd"] * facts.running["present"])


def _labor(facts: _Facts) -> pd.DataFrame:
    r"""Burdened wages of fixed staff and of hours per unit, :math:`w (H s + h\,make) A_t`. [USD]."""
    plants, made = facts.running, facts.made
    staff = plants["hourly_usd"] * facts.hours * plants["staff_fte"] * plants["present"]
    work = made["hourly_usd"] * made["labor_h_per_unit"] * made["units_per_yr"] * made["present"]
    return pd.concat([_lines("labor", plants, staff), _lines("labor", made, work)])


def _power(facts: _Facts) -> pd.DataFrame:
    r"""Electricity of what is made, :math:`\pi\,kWh\,make\,A_t`. [USD]."""
    made = facts.made
    per_unit = made["power_price_usd_per_mwh"] / 1000.0 * made["electricity_kwh_per_unit"]
    return _lines("power", made, per_unit * made["units_per_yr"] * made["present"])


def _material(facts: _Facts) -> pd.DataFrame:
    r"""Bought material that the study does not model, :math:`a\,make\,A_t`. [USD]."""
    made = facts.made
    return _lines("material", made, made["material_usd_per_unit"] * made["units_per_yr"] * made["present"])


def _purchases(facts: _Facts) -> pd.DataFrame:
    r"""Purchases from suppliers, :math:`\rho\,ship\,A_t`. [USD]."""
    rows = facts.shipped[facts.shipped["price_usd_per_unit"].notna()]
    return _lines("purchases", rows, rows["price_usd_per_unit"] * rows["units_per_yr"] * rows["present"])


def _freight(facts: _Facts) -> pd.DataFrame:
    r"""Freight of shipments, :math:`c\,ship\,A_t`. [USD]."""
    rows = facts.shipped
    return _lines("freight", rows, rows["freight_usd_per_unit"] * rows["units_per_yr"] * rows["present"])


def _duty(facts: _Facts) -> pd.DataFrame:
    r"""Duty on shipments, :math:`d\,ship\,A_t`. [USD]."""
    rows = facts.shipped
    return _lines("duty", rows, rows["duty_usd_per_unit"] * rows["units_per_yr"] * rows["present"])


def _unmet(facts: _Facts) -> pd.DataFrame:
    r"""Penalty of demand that is not served, :math:`\phi\,unmet\,A_t`. [USD]."""
    rows = facts.short
    return _lines("unmet", rows, rows["unmet_penalty_usd_per_unit"] * rows["units_per_yr"] * rows["present"])


def _freight_carbon(facts: _Facts) -> pd.DataFrame:
    """Emissions of shipments, tank to wheel. [tCO2e/yr]."""
    rows = facts.shipped
    return _lines("freight", rows, rows["emissions_kg_per_unit"] * rows["units_per_yr"] / 1000.0, *_WEIGHTS)


def _electricity_carbon(facts: _Facts) -> pd.DataFrame:
    """Emissions of the electricity that plants use, by the grid of their place. [tCO2e/yr]."""
    made = facts.made
    per_unit = made["grid_factor_kg_per_kwh"] * made["electricity_kwh_per_unit"]
    return _lines("electricity", made, per_unit * made["units_per_yr"] / 1000.0, *_WEIGHTS)


def _embodied_carbon(facts: _Facts) -> pd.DataFrame:
    """Emissions of making what suppliers sell. [tCO2e/yr]."""
    rows = facts.shipped[facts.shipped["embodied_kg_per_unit"].notna()]
    return _lines("embodied", rows, rows["embodied_kg_per_unit"] * rows["units_per_yr"] / 1000.0, *_WEIGHTS)


def _carbon_cost(yearly: pd.DataFrame, price: float) -> pd.DataFrame:
    r"""Carbon price on yearly emissions, :math:`\kappa\,e_t\,A_t`. [USD]."""
    return yearly.assign(item="carbon", value=price * yearly["value"] * yearly["present"])


def _fixed_staff(facts: _Facts) -> pd.DataFrame:
    """Work of the staff that a plant has whatever it makes. [job-years]."""
    return _lines("fixed staff", facts.running, facts.running["staff_fte"] * facts.running["years"])


def _operating_staff(facts: _Facts) -> pd.DataFrame:
    """Work of the hours that units take. [job-years]."""
    made = facts.made
    return _lines(
        "operating staff", made, made["labor_h_per_unit"] * made["units_per_yr"] / facts.hours * made["years"]
    )
