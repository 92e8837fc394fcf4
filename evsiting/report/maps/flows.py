"""Shipments as they are drawn: chosen by product and period, joined with their lane, and weighed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import InputError, Problem, shown
from evsiting.results.plan import Plan
from evsiting.study.derived.customs import lane_duty
from evsiting.study.derived.trajectories import trajectory_factors
from evsiting.study.study import Study

LANE = ["product", "origin", "destination", "mode"]


def choose(what: str, wanted: str | None, known: list[str]) -> None:
    """Check that a product or period is one of the study.

    Raises
    ------
    InputError
        If it is not; the message lists what there is.
    """
    if wanted is not None and wanted not in known:
        raise InputError(
            [Problem(f"plot_map, {what}", "the study has none of that name", wanted, f"Choose from {shown(known, 12)}")]
        )


def shipments_to_draw(
    study: Study, plan: Plan, *, product: str | None = None, period: str | None = None
) -> pd.DataFrame:
    """Return the shipments to draw, with what is known of their lanes and their mass.

    Parameters
    ----------
    study, plan : Study, Plan
        The study and one of its plans.
    product, period : str, optional
        Only this product, only this period; all where left out.

    Returns
    -------
    pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``mode``, ``period``, ``units_per_yr``, ``t_per_yr`` and the
        columns of ``lanes``; nothing that stays on its site.
    """
    ships = plan.shipments
    keep = (ships["mode"] != "on_site") & (ships["units_per_yr"] > 0)
    if product is not None:
        keep &= ships["product"] == product
    if period is not None:
        keep &= ships["period"] == period
    drawn = ships[keep]
    mass = study.products.set_index("product")["mass_kg_per_unit"]
    drawn = drawn.assign(t_per_yr=drawn["units_per_yr"] * drawn["product"].map(mass).astype("float64") / 1000.0)
    return on_lanes(study, drawn)


def on_lanes(study: Study, shipments: pd.DataFrame) -> pd.DataFrame:
    """Return shipments with the facts of their lanes, money as it is in the period of the shipment.

    Parameters
    ----------
    study : Study
        Its lanes, duties and figures over time.
    shipments : pandas.DataFrame
        Key of a lane, and ``period``.

    Returns
    -------
    pandas.DataFrame
        With the columns of table ``lanes``; ``duty_usd_per_unit`` is the whole duty before any relief. [USD/unit]
    """
    if not study.has("lanes"):
        return shipments.reset_index(drop=True)
    rows = shipments.merge(study.lanes, on=LANE, how="left").reset_index(drop=True)
    duty, freight = lane_money(study, rows)
    steps = study.periods.sort_values("start_year")["period"].tolist()
    at = np.array([steps.index(p) for p in rows["period"]], dtype=np.int64)
    every = np.arange(len(rows))
    return rows.assign(freight_usd_per_unit=freight[every, at], duty_usd_per_unit=duty[every, at])


def lane_money(study: Study, lanes: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the whole duty before any relief, and the freight, of lanes by period.

    Parameters
    ----------
    study : Study
        With countries at all places.
    lanes : pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``freight_usd_per_unit``, ``duty_usd_per_unit``.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray), shape (L, T)
        In the order of ``lanes`` and of the periods in time. [USD/unit]
    """
    further = lanes["duty_usd_per_unit"].fillna(0.0).to_numpy(np.float64)[:, None]
    freight = lanes["freight_usd_per_unit"].to_numpy(np.float64)[:, None]
    return lane_duty(study, lanes) + further, freight * trajectory_factors(study, "freight_usd_per_unit")
