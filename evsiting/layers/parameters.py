"""Figures that layers use: the study's own before the package's, each noted with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem
from evsiting.study.study import Study

#: Key of the index that moves money between price years.
PRICE_INDEX = "price.cpi.us"

#: Modelling choices that no source states: value, unit, meaning. A study may override them by key.
CHOICES: dict[str, tuple[float, str, str]] = {
    "freight.rail.reach": (
        100.0,
        "km",
        "places farther than this from a station of the rail graph have no rail lane; a modelling choice",
    ),
    "freight.port.cost_per_t": (
        12.0,
        "USD/t",
        "handling at a port of entry between ship and truck or train; taken to be that of a rail terminal",
    ),
    "freight.port.dwell": (72.0, "h", "from ship to gate at a port of entry; three days"),
    "freight.terminal.co2": (
        1.0,
        "kgCO2/t",
        "lifts and yard tractors at one rail terminal or port; a guess of the order: no source was read",
    ),
    "freight.finished_vehicle.railcar_rate": (
        1.15,
        "USD/km",
        "a loaded bi-level railcar: at this rate, 9 vehicles of 2.15 t and two terminals, rail costs a vehicle in 2025 "
        "as much as a truck of 9 at 805 km, above which rail is said to pay (freight.finished_vehicle.rail_pays_above)",
    ),
    "labor.participation": (
        0.03,
        "1",
        "part of the labor force within reach that would work in plants of a study; a modelling choice",
    ),
    "demand.charging.elasticity": (
        0.0,
        "1",
        "percent of a market's electric share for a percent of chargers per head; zero: charging plays no part",
    ),
    "places.reach": (
        50.0,
        "km",
        "a point outside every (simplified) polygon takes the nearest one within this distance",
    ),
}


def priced(parameter: reference.Parameter, price_year: int) -> tuple[float, str]:
    """Return a parameter's value in the prices of a year, and a note where they had to be moved.

    Money moves with the consumer price index of the United States; what is not money, what is nominal and
    what has a price year without an index stays.

    Parameters
    ----------
    parameter : evsiting.reference.Parameter
        The parameter.
    price_year : int
        Year whose prices are wanted.

    Examples
    --------
    >>> value, note = priced(reference.parameter("freight.rail.revenue_per_tkm"), 2025)
    >>> round(value, 4), note
    (0.0374, 'moved from 2020 to 2025 prices with price.cpi.us')
    """
    return in_prices(parameter.value, parameter.unit, parameter.year, price_year)


def in_prices(value: float, unit: str, year: int | None, price_year: int) -> tuple[float, str]:
    """Return a figure of a year in the prices of another, and a note where it had to be moved.

    Amounts in another currency are dollars by then: they are converted at the rate of their own month or year, and the
    dollars move with the consumer price index of the United States. A rate of one year is never met with a price of
    another.

    Parameters
    ----------
    value : float
        The figure. [``unit``]
    unit : str
        Its unit; what does not begin with ``USD`` is no money and stays.
    year : int or None
        Year whose prices it is in; None if it has none.
    price_year : int
        Year whose prices are wanted.

    Examples
    --------
    >>> in_prices(79.1, "USD/MWh", 2020, 2025)
    (98.3949, 'moved from 2020 to 2025 prices with price.cpi.us')
    """
    if year is None or year == price_year or not unit.startswith("USD"):
        return value, ""
    try:
        old = reference.parameter(PRICE_INDEX, year=year).value
        new = reference.parameter(PRICE_INDEX, year=price_year).value
    except KeyError:
        return value, f"in {year} prices"
    return float(f"{value * new / old:.6g}"), f"moved from {year} to {price_year} prices with {PRICE_INDEX}"


@dataclass
class Parameters:
    """Look figures up for one run of a layer and remember which were used.

    Parameters
    ----------
    study : Study
        Its table ``parameters`` goes before the package's reference parameters and :data:`CHOICES`.
    """

    study: Study
    used: dict[str, tuple[float, str]] = field(default_factory=dict)
    origins: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the study's own parameters."""
        own = self.study.parameters
        self._own = {str(r.key): (float(r.value), str(r.unit)) for r in own.itertuples()}

    def get(self, key: str, *, year: int | None = None) -> float:
        """Return one figure in the unit in which the package ships it.

        Parameters
        ----------
        key : str
            A key of :func:`evsiting.reference.parameters` or of :data:`CHOICES`.
        year : int, optional
            Calendar year for which it holds; the newest where left out.

        Returns
        -------
        float
            The study's value if it has one.

        Raises
        ------
        InputError
            If the study gives the figure in another unit.
        KeyError
            If neither the study nor the package has it.
        """
        if key in CHOICES:
            value, unit, note = CHOICES[key]
            origin = {"source": "unsourced", "year": "", "quality": "assumption", "note": note}
        else:
            parameter = reference.parameter(key, year=year)
            unit = parameter.unit
            value, moved = priced(parameter, self.study.settings.money.price_year)
            origin = {
                "source": parameter.source,
                "year": str(parameter.year or (parameter.valid_from.year if parameter.valid_from else "")),
                "quality": "assumption" if parameter.assumed else "derived" if moved else parameter.quality,
                "note": "; ".join(n for n in (parameter.note, moved) if n),
            }
        if key in self._own:
            own_value, its_unit = self._own[key]
            if its_unit != unit:
                where = f"parameters, key {key!r}"
                raise InputError([Problem(where, f"the unit is not {unit!r}", its_unit, f"Give the value in {unit}")])
            return own_value
        self.used[key] = (value, unit)
        self.origins[key] = origin
        return value

    def has(self, key: str) -> bool:
        """Whether the study or the package has a figure of that key."""
        if key in self._own or key in CHOICES:
            return True
        try:
            reference.parameter(key)
        except KeyError:
            return False
        return True

    def has_own(self, key: str) -> bool:
        """Whether the study has a figure of its own: one that is not merely the package's, noted by an earlier run."""
        if key not in self._own:
            return False
        if key in CHOICES:
            return self._own[key] != CHOICES[key][:2]
        parameter = reference.parameter(key)
        return self._own[key] != (priced(parameter, self.study.settings.money.price_year)[0], parameter.unit)

    def own(self) -> list[tuple[str, float]]:
        """Return key and value of the study's own figures."""
        return [(key, value) for key, (value, _) in self._own.items()]

    def table(self) -> pd.DataFrame:
        """Return the package's figures that were used, as rows of the table ``parameters``."""
        return pd.DataFrame([(k, v, u) for k, (v, u) in self.used.items()], columns=["key", "value", "unit"])

    def provenance(self) -> pd.DataFrame:
        """Return where they come from, as rows of the table ``provenance``."""
        rows = [{"table": "parameters", "column": "*", "row": k, **o} for k, o in self.origins.items()]
        return pd.DataFrame(rows, columns=["table", "column", "row", "source", "year", "quality", "note"])
