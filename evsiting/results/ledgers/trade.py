"""Ledger lines of customs: duty by measure, and what origin, quotas and offsets spare of it."""

from __future__ import annotations

import pandas as pd

from evsiting.results.ledgers.plan_rows import PlanRows, line
from evsiting.study.derived import customs

__all__ = ["cost", "with_customs_value"]

_ENDS = ["product", "from_country", "to_country", "period"]


def cost(facts: PlanRows) -> list[pd.DataFrame]:
    """Return duty, and duty relief below zero; column ``program`` names the measure. [USD, present value]."""
    if not facts.study.has("duties"):
        return []
    reliefs = {"preferences": _preferences, "contents": _contents, "in_quota": _quotas, "offsets": _offsets}
    return [_duty(facts), *(relief(facts) for table, relief in reliefs.items() if len(facts.tables[table]))]


def with_customs_value(facts: PlanRows) -> pd.DataFrame:
    """Return shipments with their countries and customs value. [USD/unit].

    Returns
    -------
    pandas.DataFrame
        As :attr:`Facts.shipped`, with ``from_country``, ``to_country`` and ``value_usd``: the price of a supplier in
        the period, the product's value of what a site sells; ``dutiable_usd``: the same, with the customs value of a
        supplier where it has one.
    """
    value = facts.study.products[["product", "value_usd_per_unit"]]
    rows = facts.shipped.merge(value, on="product", how="left")
    rows["value_usd"] = rows["price_usd"].fillna(rows["value_usd_per_unit"])
    rows["dutiable_usd"] = rows["customs_usd"].fillna(rows["value_usd_per_unit"])
    places = rows[["site", "destination"]].rename(columns={"site": "origin"})
    ends = customs.with_countries(facts.study, places)
    return rows.assign(from_country=ends["from_country"], to_country=ends["to_country"])


def _law(frame: pd.DataFrame) -> pd.DataFrame:
    """Return law with its countries called as in :func:`with_customs_value`, and its measure as ``program``."""
    names = {"origin": "from_country", "destination": "to_country", "measure": "program"}
    return frame.rename(columns=names)


def _duty(facts: PlanRows) -> pd.DataFrame:
    r"""Every measure in force on what is shipped, :math:`d_{lmt}\,v_{lt}\,ship_{lt}\,A_t`. [USD]."""
    rows = with_customs_value(facts).merge(_law(customs.stacks(facts.study)), on=_ENDS)
    return line("duty", rows, rows["rate"] * rows["dutiable_usd"] * rows["units_per_yr"] * rows["present"])


def _declared_content(facts: PlanRows, table: str) -> pd.DataFrame:
    """Return what sites declare as originating, with the country and value of the product and the weights."""
    rows = facts.tables[table].rename(columns={"destination": "to_country"})
    sites = facts.study.sites[["site", "country"]].assign(from_country=lambda s: s["country"])
    value = facts.study.products[["product", "value_usd_per_unit"]]
    rows = rows.merge(pd.DataFrame(sites), on="site").merge(value, on="product").merge(facts.weights, on="period")
    return rows.assign(destination=rows["to_country"])


def _preferences(facts: PlanRows) -> pd.DataFrame:
    r"""Measures that originating units do not pay, :math:`-d^{free}\,v_p\,preferences_{ipct}\,A_t`. [USD]."""
    law = customs.stacks(facts.study)
    rows = _declared_content(facts, "preferences").merge(_law(law[law["relief"] == "free"]), on=_ENDS)
    usd = rows["rate"] * rows["value_usd_per_unit"] * rows["units_per_yr"] * rows["present"]
    return line("duty relief", rows, -usd)


def _contents(facts: PlanRows) -> pd.DataFrame:
    r"""Measures that content of the destination does not pay, :math:`-d^{content}\,contents_{ipct}\,A_t`. [USD]."""
    law = customs.stacks(facts.study)
    rows = _declared_content(facts, "contents").merge(_law(law[law["relief"] == "content"]), on=_ENDS)
    return line("duty relief", rows, -rows["rate"] * rows["usd_per_yr"] * rows["present"])


def _quotas(facts: PlanRows) -> pd.DataFrame:
    r"""What units within a quota save, :math:`-saved_{kt}\,v_{ot}\,in\_quota_{kot}\,A_t`. [USD]."""
    law = customs.quotas(facts.study).rename(columns={"origin": "country", "measure": "program"})
    rows = facts.tables["in_quota"].merge(law.drop(columns="units_per_yr"), on=["quota", "period"])
    rows = rows.merge(facts.weights, on="period").merge(facts.sellers[["origin", "period", "customs_usd"]], how="left")
    rows = rows.merge(facts.study.products[["product", "value_usd_per_unit"]], on="product")
    value = rows["customs_usd"].fillna(rows["value_usd_per_unit"])
    rows = rows.rename(columns={"origin": "site"})
    return line("duty relief", rows, -rows["rate"] * value * rows["units_per_yr"] * rows["present"])


def _offsets(facts: PlanRows) -> pd.DataFrame:
    r"""Duty on inputs that is offset, :math:`-offsets_{ipmt}\,A_t`. [USD]."""
    rows = facts.tables["offsets"].rename(columns={"measure": "program"}).merge(facts.weights, on="period")
    rows = rows.merge(pd.DataFrame(facts.study.sites[["site", "country"]]), on="site")
    return line("duty relief", rows, -rows["usd_per_yr"] * rows["present"])
