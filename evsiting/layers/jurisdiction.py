"""Columns of ``sites`` read from the facts of their state or province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.layers.base import LayerResult
from evsiting.layers.parameters import in_prices
from evsiting.layers.provenance import COLUMNS
from evsiting.study.study import Study


@dataclass(frozen=True)
class FactsLayer:
    """Columns that come from facts of the jurisdictions, by the site's region.

    Parameters
    ----------
    name : str
        Name of the layer.
    facts : mapping of str to (str, float)
        Column of ``sites`` -> variable of :func:`evsiting.reference.fact` and the factor to the column's
        unit.
    table : str
        Always ``sites``.
    boundaries : mapping of str to str
        Column -> what its figures take in, where that is not what the data dictionary says.
    """

    name: str
    facts: Mapping[str, tuple[str, float]]
    table: str = "sites"
    boundaries: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the layer makes."""
        return tuple(self.facts)

    def __call__(self, study: Study) -> LayerResult:
        """Return the columns; a cell is empty where nothing is shipped for the site's region.

        Money is moved from the year of the fact to the price year of the study: :func:`.parameters.in_prices`.
        """
        sites, price_year = study.sites, study.settings.money.price_year
        region = sites["region"].astype(object)
        columns: dict[str, pd.Series[float]] = {}
        origins: list[pd.DataFrame] = []
        for column, (variable, factor) in self.facts.items():
            row = facts_in_prices(variable, price_year).reindex(region)
            value = (row["value"].astype("float64") * factor).round(12).to_numpy()
            columns[column] = pd.Series(value, index=sites.index, name=column)
            year = row["year"].astype("Int64").astype("string").fillna("")
            origin = pd.DataFrame(
                {
                    "table": self.table,
                    "column": column,
                    "row": sites["site"].to_numpy(dtype=object),
                    "source": row["source"].to_numpy(dtype=object),
                    "year": year.to_numpy(dtype=object),
                    "quality": row["quality"].to_numpy(dtype=object),
                    "note": row["note"].to_numpy(dtype=object),
                    "boundary": self.boundaries.get(column, ""),
                }
            )
            origins.append(origin[np.isfinite(value)])
        frame = pd.DataFrame(columns, index=sites.index)
        return LayerResult(frame, {}, pd.concat(origins)[COLUMNS])


def facts_in_prices(variable: str, price_year: int) -> pd.DataFrame:
    """Return a variable of the jurisdictions with money in the prices of a year.

    Parameters
    ----------
    variable : str
        Of :func:`evsiting.reference.fact`.
    price_year : int
        Year whose prices are wanted.

    Returns
    -------
    pandas.DataFrame
        As :func:`evsiting.reference.fact` with quality; the note says what was moved, and that is derived at best.
    """
    return _facts_in_prices(variable, price_year).copy()


@cache
def _facts_in_prices(variable: str, price_year: int) -> pd.DataFrame:
    facts = reference.fact(variable, with_quality=True)
    if not facts["unit"].str.startswith("USD").any():
        return facts
    values, notes, qualities = [], [], []
    for value, unit, year, note, quality in facts[["value", "unit", "year", "note", "quality"]].itertuples(index=False):
        moved, why = in_prices(float(value), str(unit), None if pd.isna(year) else int(year), price_year)
        values.append(moved)
        notes.append("; ".join(part for part in (str(note or ""), why) if part) if why else note)
        qualities.append("derived" if why and quality == "measured" else quality)
    return facts.assign(value=values, note=notes, quality=qualities)


#: Straight hourly wage of assemblers and the payroll burden of the country; labor force and unemployment of
#: the state or province. Wages are three statistics: medians of an occupation in the United States and
#: Canada, the mean of all insured jobs in Mexico. The burden is of one kind in the three countries: social
#: insurance and labor taxes over direct pay.
LABOR = FactsLayer(
    "labor",
    {
        "wage_usd_per_h": ("assembler_wage_usd", 1.0),
        "payroll_burden": ("payroll_burden", 0.01),
        "labor_force_persons": ("labor_force", 1.0),
        "unemployment_rate": ("unemployment_rate", 0.01),
    },
)


#: Industrial power price, grid emission factor at the stack (CO2e) and shares of generation of the state or
#: province. Mexico has one value for the whole country; Canadian prices are those of a small industrial
#: customer.
GRID = FactsLayer(
    "grid",
    {
        "power_price_usd_per_mwh": ("industrial_power_price", 1.0),
        "grid_factor_kg_per_kwh": ("grid_emission_factor", 1.0),
        "renewable_share": ("renewable_share", 0.01),
        "carbon_free_share": ("carbon_free_share", 0.01),
    },
)
