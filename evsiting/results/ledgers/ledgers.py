"""Ledgers: what a plan costs, emits and employs, line by line, straight from the study's tables.

Nothing here knows the mathematical program: the ledgers are worked out anew from what opens, what is made and
what is shipped, one function for each kind of line, and add up to the totals of the plan. Lines of trade, programs,
energy and service are in rooms of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from evsiting.results.ledgers import energy, limits, programs, service, trade
from evsiting.results.ledgers.known_rows import require_known
from evsiting.results.ledgers.plan_rows import LEDGER_COLUMNS, WEIGHTS, PlanRows, all_tables, demand_by_period, line
from evsiting.study.derived.trajectories import trajectory_factors
from evsiting.study.study import Study, promised

__all__ = ["LEDGER_COLUMNS", "demand_by_period", "ledgers", "ledgers_of"]

#: Lines of a ledger, from what a plan does.
Lines = Callable[[PlanRows], list[pd.DataFrame]]

#: Rooms that add lines to the ledger of cost, and to that of yearly emissions.
COST_ROOMS: tuple[Lines, ...] = (trade.cost, programs.cost, energy.cost, service.cost, limits.cost)
EMISSION_ROOMS: tuple[Lines, ...] = (energy.emissions,)


def ledgers(study: Study, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the ledgers of what is built, made, shipped and claimed.

    Parameters
    ----------
    study : Study
        Complete: with lanes, incentives and all site columns.
    tables : mapping of str to pandas.DataFrame
        Tables of a plan by names of :data:`evsiting.study.schema.plan_tables.DECISIONS`; those left out are empty.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``cost`` [USD, present value], ``emissions`` [tCO2e over the horizon], ``jobs`` [job-years] and, where
        demand has a promised delivery time, ``late`` [units over the horizon], each with the columns of
        :data:`LEDGER_COLUMNS`. ``site`` is the place of the line: a site, the origin of a
        shipment, a supplier or a market. Lines of zero are left out.

    Raises
    ------
    InputError
        If a row names a site, option, process, lane or period that the study does not have.
    """
    facts = PlanRows(study, all_tables(tables))
    require_known(facts)
    return ledgers_of(facts)


def ledgers_of(facts: PlanRows) -> dict[str, pd.DataFrame]:
    """Return the ledgers of what a plan does, all of it known to the study; see :func:`ledgers`."""
    study = facts.study
    freight = _freight_carbon(facts)
    yearly = [freight, _electricity_carbon(facts), _heat_carbon(facts), _embodied_carbon(facts)]
    yearly += [lines for room in EMISSION_ROOMS for lines in room(facts)]
    price = study.settings.model.carbon_price_usd_per_t * trajectory_factors(study, "carbon_price_usd_per_t")[0]
    by_period = dict(zip(facts.horizon.periods, price.tolist(), strict=True))
    cost = [
        *_capital(facts),
        _closing_cost(facts),
        _fixed_cost(facts),
        _labor(facts),
        _power(facts),
        _heat(facts),
        _material(facts),
        _purchases(facts),
        _freight(facts),
        _further_duty(facts),
        *(lines for room in COST_ROOMS for lines in room(facts)),
        _disposal(facts),
        _unmet(facts),
        *(_carbon_cost(lines, by_period) for lines in yearly if price.any()),
    ]
    ledgers_by_name = {
        "cost": _ledger(cost),
        "emissions": _ledger([lines.assign(value=lines["value"] * lines["years"]) for lines in yearly]),
        "freight_emissions": _ledger([freight.assign(value=freight["value"] * freight["years"])]),
        "jobs": _ledger([_fixed_staff(facts), _operating_staff(facts)]),
    }
    return {**ledgers_by_name, "late": _ledger(service.late(facts))} if promised(study) else ledgers_by_name


def _ledger(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return lines as one ledger in a fixed order, without lines of zero."""
    text = LEDGER_COLUMNS[:-1]
    lines: list[tuple[Any, ...]] = []
    rank: dict[str, int] = {}
    for part in parts:
        cells = [part[column].tolist() for column in LEDGER_COLUMNS]
        for item in cells[0]:
            rank.setdefault(item, len(rank))
        lines += [row for row in zip(*(map(_text, column) for column in cells[:-1]), cells[-1], strict=True) if row[-1]]
    lines.sort(key=lambda row: (rank[row[0]], *row[1:-1]))
    columns = list(zip(*lines, strict=True)) or [()] * len(LEDGER_COLUMNS)
    made = {name: pd.Series(column, dtype="str") for name, column in zip(text, columns[:-1], strict=True)}
    return pd.DataFrame({**made, "value": pd.Series(columns[-1], dtype="float64")})


def _text(cell: Any) -> str:
    """Return a cell as text; none where it is empty."""
    return cell if isinstance(cell, str) else "" if pd.isna(cell) else str(cell)


def _capital(facts: PlanRows) -> list[pd.DataFrame]:
    r"""Investment when it is made, :math:`O_t I`, and what is left of it at the end, :math:`(K_t - O_t) I`. [USD]."""
    new = facts.opened
    again = facts.moved[facts.moved["move"] == "resume"].assign(invested_usd=lambda rows: rows["resume_usd"])
    return [
        *(line("capital", rows, rows["invested_usd"] * rows["opening"]) for rows in (new, again)),
        *(
            line("residual value", rows, rows["invested_usd"] * (rows["capital"] - rows["opening"]))
            for rows in (new, again)
        ),
    ]


def _closing_cost(facts: PlanRows) -> pd.DataFrame:
    r"""One-off cost of closing plants, standing ones and what was built, :math:`O_t\,C`. [USD]."""
    moved, key = facts.moved[facts.moved["move"] == "close"], ["site", "country", "plant_type", "period"]
    parts = (rows[[*key, "closing_usd", "opening"]] for rows in (moved, facts.retired) if len(rows))
    rows = pd.concat([moved[[*key, "closing_usd", "opening"]].head(0), *parts], ignore_index=True)
    return line("closing", rows, rows["closing_usd"] * rows["opening"])


def _fixed_cost(facts: PlanRows) -> pd.DataFrame:
    r"""Yearly cost of plants that stand, property tax with it, :math:`F\,A_t`. [USD]."""
    return line("fixed", facts.running, facts.running["fixed_usd_per_yr"] * facts.running["present"])


def _labor(facts: PlanRows) -> pd.DataFrame:
    r"""Burdened wages of fixed staff and of hours per unit, :math:`w (H s + h\,make) A_t`. [USD]."""
    plants, made = facts.running, facts.made
    staff = plants["hourly_usd"] * facts.hours * plants["staff_fte"] * plants["present"]
    work = made["hourly_usd"] * made["labor_h_per_unit"] * made["units_per_yr"] * made["present"]
    return pd.concat([line("labor", plants, staff), line("labor", made, work)])


def _power(facts: PlanRows) -> pd.DataFrame:
    r"""Electricity of what is made, :math:`\pi\,kWh\,make\,A_t`. [USD]."""
    made = facts.made
    per_unit = made["power_usd"] * made["electricity_kwh_per_unit"]
    return line("power", made, per_unit * made["units_per_yr"] * made["present"])


def _heat(facts: PlanRows) -> pd.DataFrame:
    r"""Process heat of what is made, :math:`\pi^{heat}\,heat\,make\,A_t`. [USD]."""
    made = facts.made
    per_unit = made["heat_usd"] * made["heat_kwh_per_unit"]
    return line("heat", made, per_unit * made["units_per_yr"] * made["present"])


def _material(facts: PlanRows) -> pd.DataFrame:
    r"""Bought material that the study does not model, :math:`a\,make\,A_t`. [USD]."""
    made = facts.made
    return line("material", made, made["material_usd"] * made["units_per_yr"] * made["present"])


def _purchases(facts: PlanRows) -> pd.DataFrame:
    r"""Purchases from suppliers, :math:`\rho\,ship\,A_t`. [USD]."""
    rows = facts.shipped[facts.shipped["price_usd"].notna()]
    return line("purchases", rows, rows["price_usd"] * rows["units_per_yr"] * rows["present"])


def _freight(facts: PlanRows) -> pd.DataFrame:
    r"""Freight of shipments, :math:`c\,ship\,A_t`. [USD]."""
    rows = facts.shipped
    return line("freight", rows, rows["freight_usd"] * rows["units_per_yr"] * rows["present"])


def _further_duty(facts: PlanRows) -> pd.DataFrame:
    r"""Duty that lanes themselves name, :math:`d\,ship\,A_t`. [USD]."""
    rows = facts.shipped
    return line("duty", rows, rows["duty_usd_per_unit"] * rows["units_per_yr"] * rows["present"])


def _disposal(facts: PlanRows) -> pd.DataFrame:
    r"""Disposal of by-products that nobody takes, :math:`\delta\,dispose\,A_t`. [USD]."""
    rows = facts.disposed
    return line("disposal", rows, rows["disposal_usd_per_unit"] * rows["units_per_yr"] * rows["present"])


def _unmet(facts: PlanRows) -> pd.DataFrame:
    r"""Penalty of demand that is not served, :math:`\phi\,unmet\,A_t`. [USD]."""
    rows = facts.short
    return line("unmet", rows, rows["unmet_penalty_usd_per_unit"] * rows["units_per_yr"] * rows["present"])


def _freight_carbon(facts: PlanRows) -> pd.DataFrame:
    """Emissions of shipments, tank to wheel. [tCO2e/yr]."""
    rows = facts.shipped
    return line("freight", rows, rows["emissions_kg_per_unit"] * rows["units_per_yr"] / 1000.0, *WEIGHTS)


def _electricity_carbon(facts: PlanRows) -> pd.DataFrame:
    """Emissions of the electricity that plants use, by the grid of their place. [tCO2e/yr]."""
    made = facts.made
    per_unit = made["grid_kg"] * made["electricity_kwh_per_unit"]
    return line("electricity", made, per_unit * made["units_per_yr"] / 1000.0, *WEIGHTS)


def _heat_carbon(facts: PlanRows) -> pd.DataFrame:
    """Emissions of process heat. [tCO2e/yr]."""
    made = facts.made
    per_unit = made["heat_kg"] * made["heat_kwh_per_unit"]
    return line("heat", made, per_unit * made["units_per_yr"] / 1000.0, *WEIGHTS)


def _embodied_carbon(facts: PlanRows) -> pd.DataFrame:
    """Emissions of making what suppliers sell. [tCO2e/yr]."""
    rows = facts.shipped[facts.shipped["embodied_kg"].notna()]
    return line("embodied", rows, rows["embodied_kg"] * rows["units_per_yr"] / 1000.0, *WEIGHTS)


def _carbon_cost(yearly: pd.DataFrame, price: Mapping[str, float]) -> pd.DataFrame:
    r"""Carbon price on yearly emissions, :math:`\kappa_t\,e_t\,A_t`. [USD]."""
    per_tonne = yearly["period"].map(price).astype("float64")
    return yearly.assign(item="carbon", value=per_tonne * yearly["value"] * yearly["present"])


def _fixed_staff(facts: PlanRows) -> pd.DataFrame:
    """Work of the staff that a plant has whatever it makes. [job-years]."""
    return line("fixed staff", facts.running, facts.running["staff_fte"] * facts.running["years"])


def _operating_staff(facts: PlanRows) -> pd.DataFrame:
    """Work of the hours that units take. [job-years]."""
    made = facts.made
    return line("operating staff", made, made["labor_h_per_unit"] * made["units_per_yr"] / facts.hours * made["years"])
