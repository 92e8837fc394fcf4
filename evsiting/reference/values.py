"""One value at a time: a parameter by key and date, a fact by jurisdiction, an exchange rate."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, overload

import pandas as pd

from evsiting.reference import stored

AS_OF = dt.date(2026, 11, 22)
"""The day on which the sources were read; a parameter asked for without a year is the one in force then."""


@dataclass(frozen=True)
class Parameter:
    """A number that knows its unit, its range and where it comes from.

    Parameters
    ----------
    value : float
        The number. [``unit``]  ``nan`` where the row is words; see ``text``.
    low, high : float or None
        Range of plausible values. [``unit``]
    unit : str
        Unit of ``value``, ``low`` and ``high``.
    source : str
        Ids of :func:`evsiting.reference.sources`, separated by ``;``; beside an assumption, evidence near it.
    quality : str
        *sourced*, *derived* or *unsourced*; the last is an assumption.
    year : int or None
        Price year of a money value; None if nominal or not money.
    note : str
        What a reader must know before using it.
    key, text : str
        Name of the parameter; the value as written in the table.
    country : str or None
        US, CA, MX or an origin; None if it holds anywhere.
    valid_from, valid_to : datetime.date or None
        First and last day on which the row holds; None if open.

    Examples
    --------
    >>> parameter("us.45x.cell_credit", year=2031).value
    17.5
    """

    value: float
    low: float | None
    high: float | None
    unit: str
    source: str
    quality: str
    year: int | None
    note: str
    key: str = ""
    text: str = ""
    country: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def assumed(self) -> bool:
        """True if no source states the value."""
        return self.quality == "unsourced"

    def __str__(self) -> str:
        number = self.text if math.isnan(self.value) else f"{self.value:g}"
        spread = f" ({self.low:g} to {self.high:g})" if self.low is not None and self.high is not None else ""
        origin = "assumption" if self.assumed else f"{self.quality}: {self.source}"
        return f"{self.key} = {number} {self.unit}{spread} [{origin}]"


def parameter(key: str, *, year: int | None = None, country: str | None = None) -> Parameter:
    """Look up one parameter: the row that holds in a year and a country.

    Without ``year``, the row in force when the sources were read (:data:`AS_OF`), else the newest before it.
    With ``year``, the row that holds for most days of that year; nothing is carried beyond its last day.
    With ``country``, rows of that country are preferred to rows that hold anywhere.

    Parameters
    ----------
    key : str
        A key of :func:`evsiting.reference.parameters`.
    year : int, optional
        Calendar year in which the value is used.
    country : str, optional
        ``US``, ``CA``, ``MX`` or the code of an origin.

    Returns
    -------
    Parameter
        Value, range, unit, source, quality, price year and note.

    Raises
    ------
    KeyError
        If the key is unknown, or has no row for that year or country; the message lists what there is.

    Examples
    --------
    >>> parameter("us.45x.phase_down_factor", year=2031).value
    0.5
    >>> print(parameter("grid.mx.co2"))
    grid.mx.co2 = 0.444 kgCO2e/kWh [sourced: semarnat_2024]
    """
    rows = _by_key().get(key)
    if rows is None:
        raise KeyError(_unknown("parameter", key, _by_key()))
    rows = _of_country(rows, country)
    return _newest(rows) if year is None else _in_year(rows, year)


@overload
def fact(variable: str, *, with_quality: Literal[False] = ...) -> pd.Series[float]: ...
@overload
def fact(variable: str, *, with_quality: Literal[True]) -> pd.DataFrame: ...
def fact(variable: str, *, with_quality: bool = False) -> pd.Series[float] | pd.DataFrame:
    """One variable of the jurisdictions, as a column indexed by ``iso``.

    Parameters
    ----------
    variable : str
        A variable of :func:`evsiting.reference.jurisdiction_facts`.
    with_quality : bool, default False
        Return ``unit``, ``year``, ``source``, ``quality`` and ``note`` beside ``value``.

    Returns
    -------
    pandas.Series or pandas.DataFrame
        Index ``iso``, only the jurisdictions that have a value. The series is named after the variable; its
        ``attrs["unit"]`` is the unit, or ``mixed`` where the countries differ (local currency).

    Raises
    ------
    KeyError
        If no such variable is shipped; the message lists the nearest names.

    Examples
    --------
    >>> wage = fact("assembler_wage_usd")
    >>> len(wage), wage.attrs["unit"]
    (96, 'USD/h')
    """
    table = stored.jurisdiction_facts()
    rows = table[table["variable"] == variable]
    if rows.empty:
        raise KeyError(_unknown("fact", variable, table["variable"].unique()))
    rows = rows.drop(columns="variable").set_index("iso")
    if with_quality:
        return rows.copy()
    column: pd.Series[float] = rows["value"].rename(variable).copy()
    units = rows["unit"].unique()
    column.attrs["unit"] = str(units[0]) if len(units) == 1 else "mixed"
    return column


def exchange_rate(currency: str, year: int) -> float:
    """Units of a currency for one US dollar, mean of a calendar year.

    Parameters
    ----------
    currency : str
        ``USD``, ``CAD``, ``MXN``, ``EUR``, ``KRW``, ``JPY`` or ``CNY``.
    year : int
        2019 to 2026 (2026 to the end of October).

    Returns
    -------
    float
        Rate. [currency/USD]  Mean of the daily reference rates of the European Central Bank.

    Raises
    ------
    KeyError
        If there is no rate for that currency and year.

    Examples
    --------
    >>> exchange_rate("CAD", 2024)
    1.3696
    >>> exchange_rate("USD", 2024)
    1.0
    """
    code = currency.upper()
    if code == "USD":
        return 1.0
    key = f"fx.{code.lower()}_per_usd"
    if key not in _by_key():
        known = sorted(k[3:6].upper() for k in _by_key() if k.startswith("fx.") and k.endswith("_per_usd"))
        msg = f"exchange rate: no currency {currency!r}. Known: USD, {', '.join(known)}."
        raise KeyError(msg)
    return parameter(key, year=year).value


@cache
def _by_key() -> dict[str, tuple[Parameter, ...]]:
    """All parameters, the rows of one key in the order of their first day."""
    table = stored.parameters()
    rows: dict[str, list[Parameter]] = {}
    for row in table.astype(object).where(table.notna(), None).to_dict("records"):
        price_year = str(row["currency_year"])
        rows.setdefault(row["key"], []).append(
            Parameter(
                value=math.nan if row["value"] is None else row["value"],
                low=row["low"],
                high=row["high"],
                unit=row["unit"],
                source=row["source"],
                quality=row["quality"],
                year=int(price_year) if price_year.isdigit() else None,
                note=row["note"],
                key=row["key"],
                text=row["text"] or "",
                country=row["country"],
                valid_from=row["valid_from"] and row["valid_from"].date(),
                valid_to=row["valid_to"] and row["valid_to"].date(),
            )
        )
    return {key: tuple(sorted(group, key=_first)) for key, group in rows.items()}


def _first(row: Parameter) -> dt.date:
    return row.valid_from or dt.date.min


def _last(row: Parameter) -> dt.date:
    return row.valid_to or dt.date.max


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that a name is not shipped, with the nearest names."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=5, cutoff=0.5)
    near += [k for k in names if name and name in k and k not in near][: 5 - len(near)]
    table = {"parameter": "parameters()", "fact": "jurisdiction_facts()"}[what]
    hint = f"Nearest: {', '.join(near)}." if near else f"reference.{table} lists the {len(names)} that exist."
    return f"{what}: nothing is shipped under {name!r}. {hint}"


def _of_country(rows: tuple[Parameter, ...], country: str | None) -> tuple[Parameter, ...]:
    """Rows of a country, else rows that hold anywhere."""
    countries = {row.country for row in rows}
    if country is None and len(countries) == 1:
        return rows
    for choice in (country, None):
        if choice in countries:
            return tuple(row for row in rows if row.country == choice)
    seen = ", ".join(sorted(str(c) for c in countries))
    msg = f"parameter {rows[0].key!r}: no row for country {country!r}. Give country= one of: {seen}."
    raise KeyError(msg)


def _newest(rows: tuple[Parameter, ...]) -> Parameter:
    """Pick the row in force on the reference day, else the newest begun before it, else the first to come."""
    begun = [row for row in rows if _first(row) <= AS_OF]
    in_force = [row for row in begun if _last(row) >= AS_OF]
    return (in_force or begun or list(rows[:1]))[-1]


def _in_year(rows: tuple[Parameter, ...], year: int) -> Parameter:
    """Pick the row that holds for most days of the year; of two equals, the later."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    days = [(min(_last(row), last) - max(_first(row), first)).days + 1 for row in rows]
    if max(days) <= 0:
        spans = ", ".join(f"{row.valid_from or 'start'} to {row.valid_to or 'open'}" for row in rows[-5:])
        where = f"parameter {rows[0].key!r}: none of {len(rows)} row(s) holds in {year}"
        msg = f"{where} ({spans}). Leave year out for the newest."
        raise KeyError(msg)
    return max(zip(days, range(len(rows)), rows, strict=True))[2]
