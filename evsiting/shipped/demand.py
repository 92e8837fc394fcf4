"""Vehicles wanted in the shipped studies: sales of new light vehicles times an electric share that grows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting import reference
from evsiting.layers.demand.adoption import paths, spread
from evsiting.shipped.book import ProvenanceLog

#: Delivery time promised to a buyer, door to door. [h]
PROMISE_H = 168.0
#: What a vehicle that arrives later costs: a discount, and stock held against it. [USD/vehicle]
LATE_USD = 150.0

PATH_NOTE = (
    "new light vehicles of one year times the electric share, mean over the years of the period; the share of each "
    "country follows a logistic curve (US: 7.8 % sold in 2025, 20 % in 2030; Canada: 10.8 % sold in 2023, 75 % in "
    "2035, plug-in hybrids included; Mexico: 2.2 % in 2025, growing as electrified vehicles would), and jurisdictions "
    "that sold a larger share keep their lead; the market does not grow"
)


def demand_on_paths(book: ProvenanceLog, periods: pd.DataFrame) -> pd.DataFrame:
    """Return vehicles wanted a year by jurisdiction and period along the path of its country.

    A jurisdiction starts from the share that it sold and grows with the slope of its country; all of a country are
    then scaled to the country's path: :func:`evsiting.layers.demand.adoption.spread`.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    periods : pandas.DataFrame
        ``period``, ``start_year``, ``years``.
    """
    sales = reference.fact("vehicle_sales").sort_index()
    electric = reference.fact("zev_sales").reindex(sales.index).fillna(0.0)
    country = sales.index.str[:2].to_numpy(dtype=object)
    units: NDArray[np.float64] = np.asarray(sales, dtype=np.float64)
    share = np.divide(electric.to_numpy(np.float64), units, out=np.zeros(len(units)), where=units > 0.0)
    curves = paths(book.get)
    frames = []
    for name, first, length in periods[["period", "start_year", "years"]].itertuples(index=False, name=None):
        years = first + np.arange(length, dtype=np.float64)
        frames.append(_rows(sales.index, str(name), spread(units, share, country, curves, years)))
    book.note("demand", "units_per_yr", assumed=f"a scenario of the study: {PATH_NOTE}")
    book.cite("demand", "promise_h", "*", "", "", "assumption", "a week, door to door")
    book.cite("demand", "late_usd_per_unit", "*", "", "", "assumption", "a discount for waiting, and stock held for it")
    return pd.concat(frames, ignore_index=True).assign(promise_h=PROMISE_H, late_usd_per_unit=LATE_USD)


def demand_of_total(book: ProvenanceLog, period: str, total: float) -> pd.DataFrame:
    """Return a given number of vehicles a year, spread over the jurisdictions by sales of new light vehicles.

    Parameters
    ----------
    book : ProvenanceLog
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
