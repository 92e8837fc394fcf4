"""Vehicles wanted in the shipped studies: sales of new light vehicles times an electric share that grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting import reference
from evsiting.shipped.book import Book

#: Delivery time promised to a buyer, door to door. [h]
PROMISE_H = 168.0
#: What a vehicle that arrives later costs: a discount, and stock held against it. [USD/vehicle]
LATE_USD = 150.0

_LEAST_SHARE = 1e-3


@dataclass(frozen=True)
class Path:
    r"""Electric share of new light vehicles over the years: a logistic curve.

    .. math:: s(y) = \frac{1}{1 + e^{-(a + b\,(y - y_0))}}, \qquad a = \operatorname{logit} s_0, \qquad
              b = \frac{\operatorname{logit} s_1 - \operatorname{logit} s_0}{y_1 - y_0}

    Parameters
    ----------
    year, share : float
        A year and the share then: :math:`y_0`, :math:`s_0`. [yr, 1]
    slope : float
        :math:`b`. [1/yr]
    """

    year: float
    share: float
    slope: float

    @classmethod
    def through(cls, year: float, share: float, later: float, its_share: float) -> Path:
        """Return the curve through two points.

        Examples
        --------
        >>> path = Path.through(2025, 0.1, 2035, 0.5)
        >>> path.at(np.array([2025.0, 2035.0])).round(3).tolist()
        [0.1, 0.5]
        """
        return cls(year, share, float((_logit(its_share) - _logit(share)) / (later - year)))

    def at(self, years: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share in some years. [1]"""
        return np.asarray(1.0 / (1.0 + np.exp(-(_logit(self.share) + self.slope * (years - self.year)))))


def _logit(share: float) -> float:
    kept = min(max(share, _LEAST_SHARE), 1.0 - _LEAST_SHARE)
    return float(np.log(kept / (1.0 - kept)))


def paths(book: Book) -> dict[str, Path]:
    """Return the path of each country, from what was sold to a year for which somebody names a share.

    United States: from the share sold in 2025 to the lowest of the forecasts for 2030, the newest. Canada: from what
    was sold in 2023 to what the government expects for 2035. Mexico: what was sold in 2024 and 2025, growing as
    electrified vehicles, hybrids included, would to their forecast share in 2030.

    Parameters
    ----------
    book : Book
        Its next note cites what was read.
    """
    forecast = reference.parameter("demand.us.ev_share_2030").low
    book.get("demand.us.ev_share_2030")
    us = Path.through(2025.0, 0.01 * book.get("demand.us.bev_share"), 2030.0, 0.01 * float(forecast or 0.0))
    sold = book.get("demand.ca.zev_sales") / book.get("demand.ca.vehicle_sales", year=2023)
    ca = Path.through(2023.0, sold, 2035.0, 0.01 * book.get("demand.ca.ev_share_2035"))
    market, hybrid = book.get("demand.mx.vehicle_sales"), book.get("demand.mx.xev_sales")
    all_kinds = Path.through(2025.0, hybrid / market, 2030.0, 0.01 * book.get("demand.mx.ev_share_2030"))
    plug = 0.01 * book.get("demand.mx.plug_share_of_xev") * hybrid / market
    return {"US": us, "CA": ca, "MX": Path(2025.0, plug, all_kinds.slope)}


PATH_NOTE = (
    "new light vehicles of one year times the electric share, mean over the years of the period; the share of each "
    "country follows a logistic curve (US: 7.8 % sold in 2025, 20 % in 2030; Canada: 10.8 % sold in 2023, 75 % in "
    "2035, plug-in hybrids included; Mexico: 2.2 % in 2025, growing as electrified vehicles would), and jurisdictions "
    "that sold a larger share keep their lead; the market does not grow"
)


def growing(book: Book, periods: pd.DataFrame) -> pd.DataFrame:
    r"""Return vehicles wanted a year by jurisdiction and period along the path of its country.

    A jurisdiction starts from the share that it sold and grows with the slope of its country; all of a country are
    then scaled to the country's path:

    .. math:: D_{jt} = N_j\, s_j(y) \frac{\sum_{j'} N_{j'}\, s_c(y)}{\sum_{j'} N_{j'}\, s_{j'}(y)}

    as a mean over the years y of the period, with sales N.

    Parameters
    ----------
    book : Book
        Where provenance goes.
    periods : pandas.DataFrame
        ``period``, ``start_year``, ``years``.
    """
    sales = reference.fact("vehicle_sales").sort_index()
    electric = reference.fact("zev_sales").reindex(sales.index).fillna(0.0)
    country = sales.index.str[:2].to_numpy(dtype=object)
    units = sales.to_numpy(np.float64)
    share = np.divide(electric.to_numpy(np.float64), units, out=np.zeros(len(units)), where=units > 0.0)
    curves = paths(book)
    frames = []
    for name, first, length in periods[["period", "start_year", "years"]].itertuples(index=False, name=None):
        years = first + np.arange(length, dtype=np.float64)
        wanted = np.zeros(len(units))
        for code, curve in curves.items():
            mine = country == code
            own = np.array([Path(curve.year, s, curve.slope).at(years) for s in share[mine]]) * units[mine, None]
            total = curve.at(years) * units[mine].sum()
            wanted[mine] = (own * total / own.sum(axis=0)).mean(axis=1)
        frames.append(_rows(sales.index, str(name), np.minimum(wanted, units)))
    book.note("demand", "units_per_yr", assumed=f"a scenario of the study: {PATH_NOTE}")
    book.cite("demand", "promise_h", "*", "", "", "assumption", "a week, door to door")
    book.cite("demand", "late_usd_per_unit", "*", "", "", "assumption", "a discount for waiting, and stock held for it")
    return pd.concat(frames, ignore_index=True).assign(promise_h=PROMISE_H, late_usd_per_unit=LATE_USD)


def fixed(book: Book, period: str, total: float) -> pd.DataFrame:
    """Return a given number of vehicles a year, spread over the jurisdictions by sales of new light vehicles.

    Parameters
    ----------
    book : Book
        Where provenance goes.
    period : str
        When.
    total : float
        Vehicles wanted in all. [vehicles/yr]
    """
    sales = reference.fact("vehicle_sales", with_quality=True).sort_index()
    factor = total / sales["value"].sum()
    for iso, row in sales.iterrows():
        note = f"new light vehicles ({row['quality']}: {row['note']}) times {factor:.4g}; a scenario of the study"
        key = f"{iso}|vehicle|{period}"
        book.cite("demand", "units_per_yr", key, row["source"], str(row["year"]), "assumption", note)
    book.cite("demand", "late_usd_per_unit", "*", "", "", "assumption", "nothing is promised")
    return _rows(sales.index, period, sales["value"].to_numpy(np.float64) * factor)


def _rows(markets: pd.Index, period: str, units: NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame({"market": markets, "product": "vehicle", "period": period, "units_per_yr": np.floor(units)})
