"""Periods, discounting and the annuity of an investment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.study.lists import split_list
from evsiting.study.settings import Money


def capital_recovery_factor(rate: float, life_years: float) -> float:
    r"""Return the part of an investment to be earned each year of its life.

    .. math:: CRF = \frac{r}{1 - (1 + r)^{-N}}

    Parameters
    ----------
    rate : float
        Discount rate r. [1/yr]
    life_years : float
        Life N. [yr]

    References
    ----------
    .. [1] W. Short, D. J. Packey, T. Holt, "A Manual for the Economic Evaluation of Energy Efficiency and Renewable
       Energy Technologies," NREL/TP-462-5173, 1995, section 2.

    Examples
    --------
    >>> round(capital_recovery_factor(0.07, 20.0), 6)
    0.094393
    """
    return 1.0 / life_years if rate == 0.0 else rate / (1.0 - (1.0 + rate) ** -life_years)


@dataclass(frozen=True)
class Horizon:
    r"""Periods of a study with the weights that turn yearly flows into totals.

    Parameters
    ----------
    periods : tuple of str
        Names, by first year.
    start_years, years : numpy.ndarray of int, shape (T,)
        First year and length of each period. [yr]
    present : numpy.ndarray, shape (T,)
        Present value in the base year of one USD in every year of the period, paid at the year's end. [yr]
    capital : numpy.ndarray, shape (T,)
        Present value of the annuities, from the period to the end of the horizon, of one USD invested at its start.
        What an investment is worth beyond the horizon is thereby left out of its cost.
    opening : numpy.ndarray, shape (T,)
        Present value of one USD paid at the start of the period, that is at the end of the year before.
    end : float
        Present value of one USD paid at the end of the horizon's last year.

    Notes
    -----
    .. math:: A_t = \sum_{y \in t} (1 + r)^{-(y - y_0)}, \qquad K_t = CRF \sum_{\tau \ge t} A_\tau,
       \qquad O_t = (1 + r)^{-(y_t - 1 - y_0)}

    :math:`K_t - O_t` is minus the residual value at the end of the horizon of one USD invested at the start of t: the
    annuities that fall after it. It is positive where the plant's life ends before the horizon does: replacement.

    Examples
    --------
    >>> frame = pd.DataFrame({"period": ["a", "b"], "start_year": [2027, 2028], "years": [1, 2]})
    >>> horizon = Horizon.of(frame, Money(base_year=2026, discount_rate=0.1))
    >>> horizon.present.round(6)
    array([0.909091, 1.577761])
    """

    periods: tuple[str, ...]
    start_years: NDArray[np.int64]
    years: NDArray[np.int64]
    present: NDArray[np.float64]
    capital: NDArray[np.float64]
    opening: NDArray[np.float64]
    end: float

    @classmethod
    def of(cls, periods: pd.DataFrame, money: Money) -> Horizon:
        """Return the horizon of a table ``periods``."""
        ordered = periods.sort_values("start_year")
        start = ordered["start_year"].to_numpy(np.int64)
        years = ordered["years"].to_numpy(np.int64)
        factor = 1.0 + money.discount_rate
        present = np.array(
            [
                sum(factor ** -(y - money.base_year) for y in range(s, s + n))
                for s, n in zip(start.tolist(), years.tolist(), strict=True)
            ],
            dtype=np.float64,
        )
        annuity = capital_recovery_factor(money.discount_rate, money.plant_life_years)
        capital = annuity * np.cumsum(present[::-1])[::-1]
        opening = factor ** -(start - 1.0 - money.base_year)
        end = float(factor ** -(start[-1] + years[-1] - 1.0 - money.base_year)) if len(start) else 1.0
        return cls(tuple(ordered["period"].astype(str)), start, years, present, capital, opening, end)

    def __len__(self) -> int:
        return len(self.periods)


def ramp(curve: object) -> tuple[float, ...]:
    """Return the usable part of capacity in the first, second, ... year of a plant; all of it afterwards.

    Examples
    --------
    >>> ramp("0.4; 0.8")
    (0.4, 0.8)
    >>> ramp(None)
    ()
    """
    return tuple(float(part) for part in split_list(curve))


def usable_share(curve: tuple[float, ...], built: int, start: int, years: int) -> float:
    """Return the mean usable part of capacity over a period of a plant that begins to run in a year.

    Parameters
    ----------
    curve : tuple of float
        As :func:`ramp` returns it.
    built : int
        First year of the plant.
    start, years : int
        First year and length of the period; nothing is usable before the plant begins. [yr]

    Examples
    --------
    >>> usable_share((0.4, 0.8), 2028, 2028, 4)
    0.8
    """
    ages = range(start - built, start - built + years)
    return sum(0.0 if a < 0 else curve[a] if a < len(curve) else 1.0 for a in ages) / years


def may_open(lead_years: float | None, start_years: Sequence[int]) -> NDArray[np.bool_]:
    """Return in which periods an option may open: those that begin its lead time or more after the first one.

    What is decided when the horizon begins is built by then; a period that begins earlier is closed to it.

    Parameters
    ----------
    lead_years : float or None
        Years from decision to first unit; none, or not a number, where it opens in any period. [yr]
    start_years : sequence of int, length T
        First years of the periods, in order of time. [yr]

    Returns
    -------
    numpy.ndarray of bool, shape (T,)

    Examples
    --------
    >>> may_open(3.0, (2027, 2030, 2033)).tolist(), may_open(None, (2027, 2030)).tolist()
    ([False, True, True], [True, True])
    """
    start = np.asarray(start_years, dtype=np.float64)
    lead = 0.0 if lead_years is None or np.isnan(lead_years) else float(lead_years)
    return np.asarray(start - start[:1] >= lead)


def running_share(first_year: float, last_year: float, start: int, years: int) -> float:
    """Return the part of a period's years in which a plant runs; NaN for a first or last year that is open.

    Examples
    --------
    >>> running_share(2029.0, float("nan"), 2028, 4)
    0.75
    """
    first = start if np.isnan(first_year) else max(start, int(first_year))
    last = start + years - 1 if np.isnan(last_year) else min(start + years - 1, int(last_year))
    return max(0, last - first + 1) / years
