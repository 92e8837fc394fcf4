"""Cells of a workbook as a reader sees them: percent, thousands, dates and codes by the number format of the cell."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from evsiting.study.canonical.cells import FREE
from evsiting.study.files.xlsx.number_formats import Shown, as_code, shown_by
from evsiting.study.schema.columns import Column
from evsiting.units import Unit, UnitError, parse_unit, same_dimension

__all__ = ["as_shown"]

#: Words that count money in cents.
_CENTS = re.compile(r"(?:¢|c/|ct\b|cts\b|cents?\b)", re.IGNORECASE)
#: Serial numbers of days that are calendar years, in cells that show a date of 1905 or so.
_YEARS = (1900, 2200)


@dataclass(frozen=True)
class _Header:
    """A header understood, for comparing it with what its cells show."""

    column: Column
    written: str
    unit: Unit | None
    needed: Unit | None

    @property
    def percent(self) -> bool:
        """Whether the header itself says percent."""
        return bool(re.match(r"%|pct\b|percent\b", self.written.strip(), re.IGNORECASE))

    @property
    def times(self) -> float:
        """By what the header multiplies: a million for MUSD where USD is needed."""
        if self.unit is None or self.needed is None or self.unit.powers != self.needed.powers:
            return 1.0
        return self.unit.scale / self.needed.scale

    @property
    def fraction(self) -> bool:
        """Whether plain fractions are wanted."""
        return self.column.unit in ("", "1") or " or " in self.column.unit

    @property
    def currency(self) -> str:
        if self.unit is not None and self.unit.currency:
            return self.unit.currency
        return self.needed.currency if self.needed is not None and not self.written else ""


def as_shown(
    column: Column, unit: str, value: Any, *, code: str, stored: str, tell: Callable[[bool, str, str, str], None]
) -> Any:
    """Return what a cell shows, where its number format makes that another figure than it holds.

    Parameters
    ----------
    column : Column
        The dictionary's entry of its column.
    unit : str
        Unit written in the header.
    value : object
        What the cell holds, dates as dates.
    code : str
        Its number format.
    stored : str
        The number that the file stores.
    tell : callable
        Called with whether the cell is refused, what is wrong, the evidence and the way out.
    """
    header = _Header(column, unit, _unit(unit), _unit(column.unit))
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return _date(header, value, code, stored, tell)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if column.dtype == "text":
        made = as_code(code, int(value)) if float(value).is_integer() else None
        return value if made is None else made
    shown = _metres_or_millions(header, shown_by(code, value))
    if shown.date:
        tell(True, "a number in a cell that is formatted as a date", f"{value:.12g}", "Format the cells as numbers")
        return value
    if shown.percent and header.percent:
        return round(value * 100.0, 10)
    for check in (_percent, _compare_scale, _currency, _other_unit):
        contradiction = check(header, shown, value)
        if contradiction is not None:
            tell(*contradiction)
            return value
    return value


def _metres_or_millions(header: _Header, shown: Shown) -> Shown:
    """Return a format in which the word m is a unit in columns of lengths, and a million in all others."""
    if shown.word != "m":
        return shown
    own, metres = header.unit or header.needed, parse_unit("m")
    length = own is not None and same_dimension(metres, own)
    return replace(shown, multiplied=1.0) if length else replace(shown, word="")


_Found = tuple[bool, str, str, str] | None


def _unit(text: str) -> Unit | None:
    try:
        return parse_unit(text) if text else None
    except UnitError:
        return None


def _date(header: _Header, value: Any, code: str, stored: str, tell: Callable[[bool, str, str, str], None]) -> Any:
    column = header.column
    serial = float(stored) if re.fullmatch(r"-?\d+(\.\d+)?(E[+-]?\d+)?", stored) else None
    seen = f"shown as {_iso(value)}"
    year = serial is not None and serial.is_integer() and _YEARS[0] <= serial <= _YEARS[1]
    if year and (column.unit == "yr" or column.name in FREE):
        tell(
            True,
            "a year in a cell that is formatted as a date",
            f"{serial:.0f}, {seen}",
            "Format the cells as numbers, and check the years",
        )
    elif column.dtype == "text":
        if column.name not in FREE or column.name == "name":
            tell(
                True,
                "a date where a name is wanted",
                _iso(value),
                "Spreadsheet programs make dates of codes such as 3-1: format the column as text and write them again",
            )
    elif column.unit == "yr" and column.dtype == "integer" and isinstance(value, datetime.date):
        if re.sub(r"\[[^\]]*\]|;@$", "", code).strip().lower() in ("yyyy", "yy"):
            return value.year
        tell(True, "a date where a year is wanted", _iso(value), "Write the year alone, as a number")
    elif isinstance(value, datetime.time | datetime.timedelta):
        tell(True, "a time of the clock where a number is wanted", str(value), "Write a number and format it as one")
    else:
        number = f"{serial:.12g}, " if serial is not None else ""
        tell(True, "a number in a cell that is formatted as a date", f"{number}{seen}", "Format the cells as numbers")
    return value


def _iso(value: Any) -> str:
    return str(value.isoformat()).removesuffix("T00:00:00") if hasattr(value, "isoformat") else str(value)


def _percent(header: _Header, shown: Shown, value: float) -> _Found:
    column = header.column
    if not shown.digits and value:
        return (True, "a number that the format does not show", f"holds {value:.12g}", "Format the cells as numbers")
    if shown.percent_sign and value and not header.percent:
        fix = (
            f"Name the column '{column.label} [%]'"
            if header.fraction
            else "Format the cells as numbers, in the unit of the column"
        )
        return (
            True,
            "a percent sign behind a number that is no fraction",
            f"holds {value:.12g}, shows {value:.12g}%",
            fix,
        )
    if shown.percent and value and not (header.fraction and header.written in ("", "1")):
        return (
            True,
            f"a percentage in a column of {header.written or column.unit}",
            f"holds {value:.12g}, shows {value * 100:.12g}%",
            "Format the cells as numbers, in the unit of the column",
        )
    return None


def _compare_scale(header: _Header, shown: Shown, value: float) -> _Found:
    """Compare what the digits, the word behind them and the header make of a number."""
    word = _unit(shown.word)
    says = shown.multiplied * (word.scale if word is not None and word.powers == parse_unit("USD").powers else 1.0)
    if (shown.divided == 1.0 and says == 1.0) or not value:
        return None
    seen = f"holds {value:.12g}, shows {value / shown.divided:.12g}{_word(says)}"
    if shown.divided == says:
        if header.times < 1e3:
            return None
    elif shown.divided == 1.0:
        if abs(header.times - says) <= 1e-9 * says:
            return None
    elif says == 1.0 and header.times < 1e3:
        return (False, f"shown divided by {shown.divided:,.0f} and read as the cell holds it", seen, "")
    return (
        True,
        f"a number that the format shows in another magnitude than the cell holds under {header.column.label!r}"
        + (f" in {header.written}" if header.written else ""),
        seen,
        "Format the cells as plain numbers, and check that they fit the unit of the header",
    )


def _word(says: float) -> str:
    return {1.0: "", 1e3: " thousand", 1e6: " million", 1e9: " billion"}.get(says, f" x {says:g}")


def _currency(header: _Header, shown: Shown, value: float) -> _Found:
    word = _unit(shown.word)
    signs = (word.currency,) if word is not None and word.currency else shown.currencies
    if not signs or not value or not header.currency or header.currency in signs:
        return None
    code = " or ".join(signs)
    column = header.column
    unit = (header.written or column.unit).replace(header.currency, signs[0])
    return (
        True,
        f"an amount shown in {code} in a column of {header.currency}",
        f"{value:.12g}",
        f"Name the column '{column.label} [{unit}]', or format the cells as {header.currency}",
    )


def _other_unit(header: _Header, shown: Shown, value: float) -> _Found:
    own, column = header.unit or header.needed, header.column
    if own is None or not value or not shown.word:
        return None
    written = header.written or column.unit
    cents = own.currency and _CENTS.match(shown.word)
    for text in _readings(shown.word, written):
        word = _unit(text)
        if word is not None and same_dimension(word, own):
            if abs(word.scale / own.scale - 1.0) <= 1e-9:
                return None
            name = f"Name the column '{column.label} [{text}]', or format"
            break
    else:
        if not cents:
            return None
        name = "Format"
    return (
        True,
        f"a number shown in {shown.word} in a column of {written}",
        f"{value:.12g} {shown.word}",
        f"{name} the cells as plain numbers",
    )


def _readings(word: str, written: str) -> tuple[str, ...]:
    """Return the units that a word beside a number may stand for: by itself, or with a part of the header's unit.

    Examples
    --------
    >>> _readings("lb", "kg/unit"), _readings("per month", "USD/yr")
    (('lb', 'lb/unit'), ('per month', 'USD/month'))
    """
    above, slash, below = written.partition("/")
    rate = re.match(r"\s*(?:/|per\s|pro\s|par\s|por\s)\s*", word)
    if rate:
        return word, f"{above}/{word[rate.end() :]}"
    return (word, f"{word}/{below}") if slash else (word,)
