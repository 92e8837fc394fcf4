"""Incentives: what each program offers a plant type at a site in a period."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.origins import UNSOURCED
from evsiting.layers.possible import Possible
from evsiting.study.study import Study

COLUMNS = ["site", "plant_type", "product", "period", "program", "kind", "value"]
KEY = ["site", "plant_type", "product", "period", "program", "kind"]

NOTE = (
    "table programs: investment = the value in force in the first year of the period of building; production = mean "
    "over all years of the period, zero in the years without the program"
)


@dataclass(frozen=True)
class IncentivesLayer:
    r"""The table ``incentives`` from the table ``programs``.

    A row of ``programs`` holds at a site of its country (and region, where it names one), for a plant type that may be
    built there (kind investment) or that may be built or stands there (kind production). With :math:`v_y` the value in
    year y, zero where no row holds, a period with years :math:`y_1 \ldots y_n` gets

    .. math:: \text{investment: } v_{y_1}, \qquad \text{production: } \tfrac{1}{n} \sum_y v_y

    Rows of one program that hold in the same year at the same place add up. A production row without a product
    holds for every product of its plant type.
    """

    name: str = "incentives"
    table: str = "incentives"
    columns: tuple[str, ...] = ()

    def __call__(self, study: Study) -> LayerResult:
        """Return the table, only rows with a value above zero."""
        possible = Possible.of(study)
        sites = study.sites[["site", "country", "region"]]
        periods, processes = study.periods, study.processes
        frames = [
            _offers(program, periods, sites, possible, processes) for program in study.programs.itertuples()
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
    texts = rows.loc[rows["table"].astype(object) == "programs", "source"].astype(str)
    return ";".join(dict.fromkeys(s for text in texts for s in text.split(";") if s and s != UNSOURCED))


def yearly_share(first: int, last: int, start: int, years: int) -> tuple[float, float]:
    """Return whether a program holds in a period's first year (1 or 0) and the share of its years in which it holds.

    Examples
    --------
    >>> yearly_share(2023, 2029, 2028, 10)
    (1.0, 0.2)
    """
    held = min(last, start + years - 1) - max(first, start) + 1
    return float(first <= start <= last), max(0, held) / years


def _offers(
    program: object, periods: pd.DataFrame, sites: pd.DataFrame, possible: Possible, processes: pd.DataFrame
) -> pd.DataFrame:
    """Return what one row of ``programs`` offers, by site, product and period."""
    row = program.__getattribute__
    country, region, plant_type, kind = (row(k) for k in ("country", "region", "plant_type", "kind"))
    k = possible.plant_types.index(str(plant_type))
    able = possible.new[:, k] if kind == "investment" else possible.new[:, k] | possible.standing[:, k]
    able = able & (sites["country"].astype(object) == country).to_numpy()
    if isinstance(region, str) and region:
        able &= (sites["region"].astype(object) == region).to_numpy()
    product = row("product")
    if kind == "investment" or (isinstance(product, str) and product):
        products = [product if isinstance(product, str) and kind == "production" else ""]
    else:
        products = list(processes.loc[processes["plant_type"] == plant_type, "product"])
    made = []
    for period in periods.itertuples():
        share = yearly_share(row("first_year"), row("last_year"), int(period.start_year), int(period.years))
        value = float(row("value")) * share[0 if kind == "investment" else 1]
        for name in products:
            frame = pd.DataFrame({"site": sites.loc[able, "site"].to_numpy(dtype=object)})
            made.append(
                frame.assign(
                    plant_type=plant_type,
                    product=name,
                    period=period.period,
                    program=row("program"),
                    kind=kind,
                    value=value,
                )
            )
    return pd.concat(made, ignore_index=True)


incentives = IncentivesLayer()
