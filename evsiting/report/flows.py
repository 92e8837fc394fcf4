"""Shipments as they are drawn: chosen by product and period, joined with their lane, and weighed."""

from __future__ import annotations

import pandas as pd

from evsiting.errors import InputError, Problem, shown
from evsiting.results.plan import Plan
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


def drawn(study: Study, plan: Plan, *, product: str | None = None, period: str | None = None) -> pd.DataFrame:
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
    found = ships[keep]
    mass = study.products.set_index("product")["mass_kg_per_unit"]
    found = found.assign(t_per_yr=found["units_per_yr"] * found["product"].map(mass).astype("float64") / 1000.0)
    if study.has("lanes"):
        found = found.merge(study.lanes, on=LANE, how="left")
    return found.reset_index(drop=True)
