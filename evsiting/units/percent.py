"""A number of one or more where a fraction is asked for: most likely it was meant in percent."""

from __future__ import annotations

from numbers import Real

__all__ = ["in_percent", "percent_fix"]


def in_percent(value: object) -> bool:
    """Whether a value given as a fraction was most likely meant in percent: a number from 1 to 100.

    Examples
    --------
    >>> in_percent(5), in_percent(0.05), in_percent(True), in_percent("5")
    (True, False, False, False)
    """
    return not isinstance(value, bool) and isinstance(value, Real) and 1.0 <= float(value) <= 100.0


def percent_fix(fix: str, *values: object) -> str:
    """Return the way out of a wrong fraction: where it was most likely meant in percent, how that is written.

    Parameters
    ----------
    fix : str
        What to do where nothing speaks for percent.
    *values : object
        What was given; the first that looks like percent is told.

    Examples
    --------
    >>> percent_fix("Give a fraction such as 0.005", 5)
    'For 5 % give 0.05: 5 is 500 %'
    >>> percent_fix("Give a fraction such as 0.005", -1.0)
    'Give a fraction such as 0.005'
    """
    for value in values:
        if in_percent(value):
            number = float(value)  # type: ignore[arg-type]
            return f"For {number:.12g} % give {number / 100.0:.12g}: {number:.12g} is {100.0 * number:.12g} %"
    return fix
