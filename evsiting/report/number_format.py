"""Numbers for people: rounded to what is known, with a unit (``USD 4.13 bn``, ``30 GWh/yr``, ``12.3 Mt``)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from evsiting.study.objectives import OBJECTIVES

_WORDS = ((1e12, "tn"), (1e9, "bn"), (1e6, "mn"))
_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
#: Units that take SI prefixes: the value in the base unit, and the base unit.
_SCALED = {
    "Wh": (1.0, "Wh"),
    "kWh": (1e3, "Wh"),
    "MWh": (1e6, "Wh"),
    "GWh": (1e9, "Wh"),
    "W": (1.0, "W"),
    "kW": (1e3, "W"),
    "MW": (1e6, "W"),
}
_MASS = {"kg": 1e-3, "t": 1.0}
#: Units that are not words with a plural.
_SYMBOLS = frozenset(("kg", "t", "km", "h", "USD", "MWh", "kWh", "L", "m2", "m3", "FTE", "%", "ha", "tCO2e"))


def digits(value: float, figures: int = 3) -> str:
    """Return a number with ``figures`` significant figures and thousands separators, without idle zeros.

    Zeros after the decimal point stay where they say something: 4.0999 is ``4.10``, 4.1 is ``4.1``.

    Examples
    --------
    >>> digits(4.0999), digits(4.1), digits(31415.9), digits(0.012345), digits(1234567, 4)
    ('4.10', '4.1', '31,400', '0.0123', '1,235,000')
    """
    if not math.isfinite(value):
        return "–"
    if value == 0.0:
        return "0"
    places = figures - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    if abs(rounded) >= 10.0 ** (math.floor(math.log10(abs(value))) + 1):
        places -= 1
    if places <= 0:
        return f"{rounded:,.0f}".replace("-", "−")
    text = f"{rounded:,.{places}f}"
    if abs(rounded - value) <= 1e-9 * abs(value):
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def column_digits(values: Sequence[float], least: int = 4, most: int = 7) -> int:
    """Return the significant figures with which numbers of a column are told apart.

    Parameters
    ----------
    values : sequence of float
        Numbers; those that differ by less than a millionth count as the same.
    least, most : int
        Fewest and most figures.

    Examples
    --------
    >>> (
    ...     column_digits([1.6614e12, 1.6612e12, 1.6576e12]),
    ...     column_digits([3.0, 4.0]),
    ...     column_digits([5.0, 5.0]),
    ... )
    (5, 4, 4)
    """
    seen = sorted({float(f"{v:.6e}") for v in values if math.isfinite(v)})
    for figures in range(least, most):
        if len({f"{v:.{figures - 1}e}" for v in seen}) == len(seen):
            return figures
    return most


def format_usd(value: float, figures: int = 3) -> str:
    """Return money for people.

    Parameters
    ----------
    value : float
        Amount. [USD]
    figures : int
        Significant figures.

    Examples
    --------
    >>> format_usd(4127398123.42), format_usd(31415.9), format_usd(-2.5e6), format_usd(0)
    ('USD 4.13 bn', 'USD 31,400', '−USD 2.5 mn', 'USD 0')
    """
    if not math.isfinite(value):
        return "–"
    sign, size = ("−" if value < 0 else ""), abs(value)
    if size == 0.0:
        return "USD 0"
    for step, word in _WORDS:
        if float(f"{size:.{figures - 1}e}") >= step:
            return f"{sign}USD {digits(size / step, figures)} {word}"
    return f"{sign}USD {digits(size, figures)}"


def format_objective(name: str, value: float, figures: int = 4) -> str:
    """Return a value of an objective for people, less or more as people count it.

    Parameters
    ----------
    name : str
        Of :data:`evsiting.study.objectives.OBJECTIVES`; a value of anything else, such as weights, has no unit.
    value : float
        In the unit of the total, or with the sign in which less is better.
    figures : int, optional
        Significant figures.

    Examples
    --------
    >>> (
    ...     format_objective("cost", 4.1274e9),
    ...     format_objective("emissions", 12.3e6),
    ...     format_objective("jobs", -31_400.0),
    ... )
    ('USD 4.127 bn', '12.3 Mt', '31,400 job-years')
    """
    kind = OBJECTIVES.get(name)
    if kind is None:
        return digits(value, figures)
    value = abs(value) if kind.sense < 0 else value
    if kind.quantity == "money":
        return format_usd(value, figures)
    if kind.quantity == "mass":
        return format_units(value, kind.shown_unit, figures)
    return f"{digits(value, figures)} {kind.shown_unit}"


def plural(unit: str, value: float) -> str:
    """Return the unit in the number that fits: 1 vehicle, 2 vehicles; symbols stay as they are.

    Examples
    --------
    >>> plural("vehicle", 2), plural("vehicle", 1), plural("kWh", 2), plural("battery", 0)
    ('vehicles', 'vehicle', 'kWh', 'batteries')
    """
    if not unit or value == 1 or unit in _SYMBOLS or not unit.replace("-", "").isalpha() or not unit.islower():
        return unit
    if unit.endswith(("s", "x", "ch", "sh")):
        return f"{unit}es"
    return f"{unit[:-1]}ies" if unit.endswith("y") and unit[-2:-1] not in "aeiou" else f"{unit}s"


def format_units(value: float, unit: str, figures: int = 3) -> str:
    """Return a quantity for people: energy, power and mass with SI prefixes, things by the million.

    Parameters
    ----------
    value : float
        Amount in ``unit``.
    unit : str
        Such as ``kWh/yr``, ``t``, ``vehicle/yr``, ``kg``. What follows a slash stays.
    figures : int
        Significant figures.

    Examples
    --------
    >>> format_units(3e7, "kWh/yr"), format_units(12.345e6, "t"), format_units(1.24e6, "vehicle/yr")
    ('30 GWh/yr', '12.3 Mt', '1.24 million vehicles/yr')
    >>> format_units(412345, "pack/yr"), format_units(61.2, "t"), format_units(1, "vehicle")
    ('412,000 packs/yr', '61.2 t', '1 vehicle')
    """
    if not math.isfinite(value):
        return "–"
    head, slash, tail = unit.partition("/")
    rate = slash + tail
    if head in _SCALED and value:
        factor, base = _SCALED[head]
        scaled = value * factor
        for step, prefix in _STEPS:
            if float(f"{abs(scaled):.{figures - 1}e}") >= step:
                return f"{digits(scaled / step, figures)} {prefix}{base}{rate}"
        return f"{digits(scaled, figures)} {base}{rate}"
    if head in _MASS and value:
        tonnes = value * _MASS[head]
        for step, prefix in ((1e9, "Gt"), (1e6, "Mt"), (1e3, "kt"), (1.0, "t")):
            if float(f"{abs(tonnes):.{figures - 1}e}") >= step:
                return f"{digits(tonnes / step, figures)} {prefix}{rate}"
        return f"{digits(1e3 * tonnes, figures)} kg{rate}"
    if abs(value) >= 999_500:
        return f"{digits(value / 1e6, figures)} million {plural(head, 2)}{rate}"
    return f"{digits(value, figures)} {plural(head, value)}{rate}".strip()


def format_percent(fraction: float, figures: int = 3) -> str:
    """Return a fraction as a percentage.

    Examples
    --------
    >>> format_percent(0.1234), format_percent(0.00038), format_percent(1.0)
    ('12.3 %', '0.038 %', '100 %')

    What is within a solver's arithmetic is nothing:

    >>> format_percent(-2e-14)
    '0 %'
    """
    if not math.isfinite(fraction):
        return "–"
    return f"{digits(round(100.0 * fraction, 7) + 0.0, figures)} %"


def at_most(fraction: float) -> str:
    """Return a proven gap as a percentage with two figures, rounded up: never more than was proven.

    Examples
    --------
    >>> at_most(0.00104), at_most(0.02), at_most(0.0), at_most(float("inf"))
    ('0.11 %', '2 %', '0 %', 'unknown')
    """
    if not math.isfinite(fraction):
        return "unknown"
    if fraction < 5e-7:
        return "0 %"
    step = 10.0 ** (math.floor(math.log10(100.0 * fraction)) - 1)
    return f"{digits(step * math.ceil(100.0 * fraction / step - 1e-9), 2)} %"


def exact(value: float) -> str:
    """Return a number in full, as a hover shows it.

    Examples
    --------
    >>> exact(4127398123.42), exact(12.0), exact(0.1234567)
    ('4,127,398,123.42', '12', '0.1234567')
    """
    if not math.isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace("-", "−")
    return f"{value:,.2f}".replace("-", "−") if abs(value) >= 1000 else digits(value, 7)


def rows(frame: pd.DataFrame, *columns: str) -> Iterable[tuple[Any, ...]]:
    """Return the rows of a frame as plain tuples of the named columns."""
    return zip(*(frame[c].tolist() for c in columns), strict=True)
