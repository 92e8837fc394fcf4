"""Figures whose value may flip an answer: what each is in a study, and the study with another value."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from evsiting.errors import DataWarning
from evsiting.layers.completion import as_complete_as
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study

__all__ = ["FIGURES", "Figure", "figure_today", "with_figure"]

#: Name of the grant in table ``incentives``.
GRANT = "break-even grant"


@dataclass(frozen=True)
class Figure:
    """A figure that may flip the answer.

    Parameters
    ----------
    unit : str
        Of its value.
    table, column : str
        Where it stands.
    local : bool
        Whether it is of the site alone, so that plans without a plant there do not know of it.
    """

    unit: str
    table: str
    column: str
    local: bool = False


#: By name. Factors change every row of their table.
FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "grant": Figure("USD", "incentives", "value", local=True),
        "wage": Figure("USD/h", "sites", "wage_usd_per_h", local=True),
        "power_price": Figure("USD/MWh", "sites", "power_price_usd_per_mwh", local=True),
        "capex": Figure("times that of today", "options", "capex_usd"),
        "duty": Figure("times that of today", "lanes", "duty_usd_per_unit"),
        "demand": Figure("times that of today", "demand", "units_per_yr"),
    }
)


def figure_today(study: Study, site: str, what: str) -> float:
    """Return a figure as it is in a study: no grant, the site's own figure, or one time all of them.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> figure_today(study, "US-TN-memphis", "grant"), figure_today(study, "US-TN-memphis", "demand")
    (0.0, 1.0)
    """
    figure = FIGURES[what]
    if what == "grant":
        return 0.0
    if figure.table == "sites":
        return float(study.sites.set_index("site").at[site, figure.column])
    return 1.0


def with_figure(study: Study, site: str, what: str, value: float, plant_type: str) -> Study:
    """Return a complete study with another value of a figure.

    Parameters
    ----------
    study : Study
        Complete.
    site : str
        Where, for a figure of one site.
    what : str
        A key of :data:`FIGURES`.
    value : float
        In its unit. A grant is paid once for a new plant of the type at the site, in the period of building.
    plant_type : str
        For a grant: for which new plant. Else of no meaning.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> more = with_figure(study, "", "demand", 1.1, "")
    >>> bool((more.demand["units_per_yr"] > study.demand["units_per_yr"]).all())
    True
    """
    if value == figure_today(study, site, what):
        return study
    with warnings.catch_warnings():  # the value is tried by the search, not written by anybody
        warnings.simplefilter("ignore", DataWarning)
        return _with_figure(study, site, what, value, plant_type)


def _with_figure(study: Study, site: str, what: str, value: float, plant_type: str) -> Study:
    figure = FIGURES[what]
    if what == "grant":
        frame = _with_grant(study, site, plant_type, value)
    else:
        frame = study.table(figure.table)
        rows = frame["site"] == site if figure.table == "sites" else pd.Series(True, index=frame.index)
        old = frame.loc[rows, figure.column]
        frame.loc[rows, figure.column] = value if figure.table == "sites" else old * value
    return as_complete_as(study, study.with_table(figure.table, frame))


def _with_grant(study: Study, site: str, plant_type: str, value: float) -> pd.DataFrame:
    """Return table ``incentives`` with a grant for a new plant, whenever it is built."""
    old = study.table("incentives")
    names = [c.name for c in TABLES["incentives"].columns]
    rows = [
        {"site": site, "plant_type": plant_type, "period": period, "program": GRANT, "kind": "grant", "value": value}
        for period in study.periods["period"]
    ]
    new = pd.DataFrame(rows).reindex(columns=[*names, *(c for c in old.columns if c not in names)])
    return pd.concat([old, new], ignore_index=True) if len(old) else new
