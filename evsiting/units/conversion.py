"""The factor from a written unit to the one that is needed."""

from __future__ import annotations

from evsiting.units.money import Rates
from evsiting.units.parsing import Unit, UnitError, parse_unit


def same_dimension(seen: Unit, needed: Unit) -> bool:
    """Whether one unit can be turned into the other.

    Examples
    --------
    >>> (
    ...     same_dimension(parse_unit("CAD/h"), parse_unit("USD/h")),
    ...     same_dimension(parse_unit("CAD/yr"), parse_unit("USD/h")),
    ... )
    (True, False)
    """
    if seen.powers != needed.powers:
        return False
    workdays = {"day", "week"} & set(seen.words)
    return not (workdays and len(needed.powers) > 1 and "hour" in needed.words)


def factor(seen: str, needed: str, *, rates: Rates | None = None, item: str = "") -> float:
    """Return the factor that turns a value in unit ``seen`` into one in unit ``needed``.

    Parameters
    ----------
    seen : str
        Unit as written.
    needed : str
        Unit of the data dictionary; money in it is USD of the price year.
    rates : Rates, optional
        Exchange rates and indices; needed only where ``seen`` is not in USD of the price year.
    item : str, optional
        What one unit of the product is (``kWh``, ``pack``): lets ``kg/kWh`` stand for ``kg/unit``.

    Raises
    ------
    UnitError
        If a unit is unknown, does not fit, or a rate is missing.

    Examples
    --------
    >>> factor("mi", "km")
    1.609344
    >>> factor("GWh/yr", "unit/yr", item="kWh")
    1000000.0
    """
    have, want = parse_unit(seen), parse_unit(needed)
    if not same_dimension(have, want):
        scale = _by_item(have, want, item)
        if scale is None:
            msg = f"unit {seen!r} does not fit: {needed!r} is needed"
            raise UnitError(msg, f"Write it in {needed}, {examples(needed)}")
    else:
        scale = have.scale / want.scale
    if have.currency in ("", "USD") and have.price_year is None:
        return scale
    if rates is None:
        msg = f"unit {seen!r} needs an exchange rate or a price index"
        raise UnitError(msg, f"Write it in {needed}")
    return scale * rates.factor(have.currency, have.price_year)


def _by_item(have: Unit, want: Unit, item: str) -> float | None:
    """Return the factor when the product's own unit stands for ``unit``, None where that does not fit either."""
    power = dict(want.powers).get("[item]", 0.0)
    if not item or not power or "[item]" in dict(have.powers):
        return None
    try:
        one = parse_unit(item)
    except UnitError:
        return None
    powers = {k: v for k, v in want.powers if k != "[item]"}
    for name, value in one.powers:
        powers[name] = powers.get(name, 0.0) + value * power
    if tuple(sorted((k, v) for k, v in powers.items() if v)) != have.powers:
        return None
    return float(have.scale / (want.scale * one.scale**power))


def examples(needed: str) -> str:
    """Return what else may be written for a unit of the dictionary, for messages.

    Examples
    --------
    >>> examples("USD/h")
    'or such as CAD/h, MXN/h, USD2023/h'
    """
    near = {
        "USD": ("kUSD", "MCAD", "MUSD2023"),
        "1": ("%",),
        "1/yr": ("%/yr",),
        "km": ("mi", "m"),
        "h": ("min", "day"),
        "kg/unit": ("lb/unit", "t/unit", "short_ton/unit"),
        "kg/kWh": ("lb/MWh", "g/kWh", "t/MWh"),
        "kWh/unit": ("MWh/unit", "kWh/pack"),
        "unit/yr": ("thousand unit/yr", "vehicle/yr", "unit/month"),
        "person": ("thousand person",),
    }.get(needed)
    if near is None and needed.startswith("USD/"):
        rest = needed.removeprefix("USD/")
        near = (f"CAD/{rest}", f"MXN/{rest}", f"USD2023/{rest}")
    return f"or such as {', '.join(near)}" if near else "as the data dictionary has it"
