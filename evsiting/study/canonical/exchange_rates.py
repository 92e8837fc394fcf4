"""Exchange rates of a study: its own, else the reference ones, and then said so in the study's provenance."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from evsiting import reference
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from evsiting.study.settings import Money
from evsiting.units import Rates

#: Source of the reference rates, an id of :func:`evsiting.reference.sources`.
SOURCE = "ecb_fx"


def reference_rate(currency: str, year: int) -> float | None:
    """Return the reference rate, USD for one unit of a currency, mean of a year; None where there is none.

    Examples
    --------
    >>> round(reference_rate("CAD", 2025), 4)
    0.7153
    """
    try:
        return 1.0 / reference.exchange_rate(currency, year)
    except KeyError:
        return None


def rates_of(money: Money) -> Rates:
    """Return what money is worth in a study."""
    return Rates(money.price_year, money.usd_per, money.price_index, reference_rate)


def check_rates(money: Money, findings: Findings) -> None:
    """Refuse a rate that is written the wrong way round: currency for one USD, not USD for one of it."""
    for code, years in money.usd_per.items():
        for year, rate in years.items():
            known = reference_rate(code, year)
            if known is None or code == "USD":
                continue
            if abs(math.log(rate * known)) < min(0.1, abs(math.log(rate / known))):
                findings.file(
                    f"study.toml, key 'money.usd_per.{code}.{year}'",
                    f"is {code} for one USD",
                    f"{rate:g}; the mean of {year} was {known:.4g} USD for one {code}",
                    f"Give USD for one {code}: {1.0 / rate:.4g}",
                )


def with_rates(tables: Mapping[str, pd.DataFrame], rates: Rates) -> dict[str, pd.DataFrame]:
    """Return the tables with a provenance entry, and its source, for each reference rate that was used.

    The entries stand under table ``settings``, column ``money.usd_per``, row such as ``CAD|2025``.
    """
    made = dict(tables)
    if not rates.borrowed:
        return made
    lent = [
        {
            "table": "settings",
            "column": "money.usd_per",
            "row": f"{code}|{year}",
            "source": SOURCE,
            "year": str(year),
            "quality": "derived",
            "note": f"{rate:.6g} USD for one {code}, mean of {year}; study.toml gives no rate",
        }
        for (code, year), rate in sorted(rates.borrowed.items())
    ]
    made["provenance"] = _with_new_rows(made.get("provenance"), pd.DataFrame(lent), "provenance")
    listed = reference.sources()
    row = listed[listed["id"] == SOURCE].rename(columns={"url_or_package": "address"})
    made["sources"] = _with_new_rows(made.get("sources"), row, "sources")
    return {name: made[name] for name in TABLES if name in made}


def _with_new_rows(old: pd.DataFrame | None, new: pd.DataFrame, name: str) -> pd.DataFrame:
    table = TABLES[name]
    new = new.reindex(columns=[c.name for c in table.columns]).astype("str")
    if old is None or not len(old):
        return new.reset_index(drop=True)
    key = list(table.key)
    have = set(old[key].itertuples(index=False, name=None))
    fresh = new[[k not in have for k in new[key].itertuples(index=False, name=None)]]
    return pd.concat([old, fresh], ignore_index=True) if len(fresh) else old
