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
        Whether it is of the site or supplier alone, so that plans without it do not know of the figure.
    of : tuple of str
        What may be asked about with it: a plant at a site, a program that such a plant claims, a supplier.
    """

    unit: str
    table: str
    column: str
    local: bool = False
    of: tuple[str, ...] = ("plant", "program", "supplier")


#: By name. Factors change every row of their table.
FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "grant": Figure("USD", "incentives", "value", local=True, of=("plant",)),
        "wage": Figure("USD/h", "sites", "wage_usd_per_h", local=True, of=("plant", "program")),
        "power_price": Figure("USD/MWh", "sites", "power_price_usd_per_mwh", local=True, of=("plant", "program")),
        "capex": Figure("times that of today", "options", "capex_usd"),
        "duty": Figure("times that of today", "lanes", "duty_usd_per_unit"),
        "demand": Figure("times that of today", "demand", "units_per_yr"),
        "offer": Figure("times that of today", "incentives", "value", of=("program",)),
        "price": Figure("USD/unit", "suppliers", "price_usd_per_unit", local=True, of=("supplier",)),
    }
)


#: Tables whose figures are one row's own, and the column that names it.
_OWN = {"sites": "site", "suppliers": "supplier"}


def figure_today(study: Study, site: str, what: str) -> float:
    """Return a figure as it is in a study: no grant, the site's or supplier's own figure, or one time all of them.

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
    if figure.table in _OWN:
        return float(study.table(figure.table).set_index(_OWN[figure.table]).at[site, figure.column])
    return 1.0


def with_figure(study: Study, site: str, what: str, value: float, plant_type: str, program: str = "") -> Study:
    """Return a complete study with another value of a figure.

    Parameters
    ----------
    study : Study
        Complete.
    site : str
        Where, for a figure of one site; the supplier for a price.
    what : str
        A key of :data:`FIGURES`.
    value : float
        In its unit. A grant is paid once for a new plant of the type at the site, in the period of building.
    plant_type : str
        For a grant: for which new plant. Else of no meaning.
    program : str
        For an offer: that of which program.

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
        return _with_figure(study, site, what, value, plant_type, program)


def _with_figure(study: Study, site: str, what: str, value: float, plant_type: str, program: str) -> Study:
    figure = FIGURES[what]
    if what == "grant":
        frame = _with_grant(study, site, plant_type, value)
    else:
        frame = study.table(figure.table)
        own = _OWN.get(figure.table)
        rows = frame[own] == site if own else pd.Series(True, index=frame.index)
        rows = frame["program"] == program if what == "offer" else rows
        old = frame.loc[rows, figure.column]
        frame.loc[rows, figure.column] = value if own else old * value
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
