"""Incentives: what each program offers a plant type at a site in a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.origins import UNSOURCED
from evsiting.layers.possible import Possible
from evsiting.study.study import Study

COLUMNS = ["site", "plant_type", "product", "period", "program", "kind", "value"]
KEY = ["site", "plant_type", "product", "period", "program", "kind"]

NOTE = (
    "table programs: investment = the value in force in the first year of the period of building; "
    "production = mean over all years of the period, zero in the years without the program, each year weighted by "
    "its discount factor so that the mean is worth as much as the credits paid year by year"
)


@dataclass(frozen=True)
class IncentivesLayer:
    r"""The table ``incentives`` from the table ``programs``.

    A row of ``programs`` holds at a site of its country (and region, where it names one), for a plant type
    that may be built there (kind investment) or that may be built or stands there (kind production). With
    :math:`v_y` the value in year y, zero where no row holds, a period with years :math:`y_1 \ldots y_n` gets

    .. math:: \text{investment: } v_{y_1}, \qquad
              \text{production: } \sum_y v_y (1+r)^{-y} \big/ \sum_y (1+r)^{-y}

    with the study's discount rate r: a credit that is phased down pays early, and early money is worth more than a
    plain mean says. Rows of one program that hold in the same year at the same place add up. A production row without a
    product holds for every product of its plant type.
    """

    name: str = "incentives"
    table: str = "incentives"
    columns: tuple[str, ...] = ()

    def __call__(self, study: Study) -> LayerResult:
        """Return the table, only rows with a value above zero."""
        possible = Possible.of(study)
        sites = study.sites[["site", "country", "region"]]
        periods, processes, rate = study.periods, study.processes, study.settings.money.discount_rate
        frames = [
            _offers(program, periods, sites, possible, processes, rate) for program in study.programs.to_dict("records")
        ]
        if not frames:
            return LayerResult(pd.DataFrame(columns=COLUMNS))
        offers = pd.concat(frames, ignore_index=True)
        offers["product"] = offers["product"].astype(object).where(offers["product"].notna(), "")
        total = offers.groupby(KEY, sort=False, as_index=False)["value"].sum()
        total["value"] = total["value"].round(12)
        total = total[total["value"] > 0.0].reset_index(drop=True)
        total["product"] = total["product"].where(total["product"] != "", None)
        return LayerResult(total[COLUMNS], {"*": Origin(_cited(study), "", "derived", NOTE)})


def _cited(study: Study) -> str:
    """Return the sources of the table ``programs``, parted by ``;``."""
    rows = study.provenance
    texts = rows.loc[rows["table"].astype(object) == "programs", "source"].dropna().astype(str)
    return ";".join(dict.fromkeys(s for text in texts for s in text.split(";") if s and s != UNSOURCED))


def yearly_share(first: int, last: int, start: int, years: int, rate: float = 0.0) -> tuple[float, float]:
    """Return whether a program holds in a period's first year (1 or 0), and in what share of its years.

    Parameters
    ----------
    first, last : int
        First and last year of the program.
    start, years : int
        First year and length of the period. [yr]
    rate : float
        Discount rate; years count by their discount factor. [1/yr]

    Examples
    --------
    >>> yearly_share(2023, 2029, 2028, 10)
    (1.0, 0.2)
    >>> round(yearly_share(2023, 2029, 2028, 10, 0.07)[1], 4)
    0.2574
    """
    weight = (1.0 + rate) ** -np.arange(years, dtype=np.float64)
    year = np.arange(start, start + years)
    held = weight[(first <= year) & (year <= last)].sum() / weight.sum()
    return float(first <= start <= last), float(held)


def _offers(
    program: Mapping[str, Any],
    periods: pd.DataFrame,
    sites: pd.DataFrame,
    possible: Possible,
    processes: pd.DataFrame,
    rate: float,
) -> pd.DataFrame:
    """Return what one row of ``programs`` offers, by site, product and period."""
    plant_type, investment = str(program["plant_type"]), program["kind"] == "investment"
    k = possible.plant_types.index(plant_type)
    able = possible.new[:, k] if investment else possible.new[:, k] | possible.standing[:, k]
    able = able & (sites["country"].astype(object) == program["country"]).to_numpy()
    if isinstance(program["region"], str) and program["region"]:
        able &= (sites["region"].astype(object) == program["region"]).to_numpy()
    if investment:
        products = [""]
    elif isinstance(program["product"], str) and program["product"]:
        products = [program["product"]]
    else:
        products = list(processes.loc[processes["plant_type"] == plant_type, "product"])
    made = []
    for period in periods.to_dict("records"):
        shares = yearly_share(
            int(program["first_year"]), int(program["last_year"]), int(period["start_year"]), int(period["years"]), rate
        )
        value = float(program["value"]) * shares[0 if investment else 1]
        for product in products:
            frame = pd.DataFrame({"site": sites.loc[able, "site"].to_numpy(dtype=object)})
            frame["plant_type"], frame["product"] = plant_type, product
            frame["period"], frame["program"] = str(period["period"]), str(program["program"])
            frame["kind"], frame["value"] = str(program["kind"]), value
            made.append(frame)
    return pd.concat(made, ignore_index=True)


incentives = IncentivesLayer()
