"""Vehicles wanted: market size times an electric share that follows an S-curve, shifted by charging readiness."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting import reference
from evsiting.errors import DataWarning, InputError, Problem, Problems, shown
from evsiting.layers import by_place
from evsiting.layers.arguments import is_finite
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.demand.adoption import DemandPath, paths, spread
from evsiting.layers.geo.vector import check_numbers, sources_of
from evsiting.layers.parameters import Parameters
from evsiting.layers.provenance import COLUMNS, origin_row
from evsiting.study.lists import join_lists
from evsiting.study.provenance import row_keys
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.study import Study

type Paths = DemandPath | Mapping[str, DemandPath] | pd.DataFrame
type Size = Literal["sales", "population"] | pd.DataFrame

_KEY = ["market", "product", "period"]


@dataclass(frozen=True)
class DemandLayer:
    """The table ``demand``; made by :func:`demand`."""

    path: Paths | None = None
    size: Size = "sales"
    product: str = "vehicle"
    chargers: pd.DataFrame | None = None
    elasticity: float | None = None
    name: str = "demand"
    table: str = "demand"

    def __call__(self, study: Study) -> LayerResult:
        """Return the study's own rows, and rows for the markets and periods for which it has none."""
        self._check_product(study)
        figures = Parameters(study)
        made, note, source = self._rows(study.markets, study.periods, figures)
        own = study.demand
        mine = own[own["product"].astype(object) == self.product]
        always = set(mine.loc[mine["period"].isna(), "market"])
        have = set(zip(mine["market"], mine["period"], strict=True))
        new = [m not in always and (m, p) not in have for m, p in zip(made["market"], made["period"], strict=True)]
        made = made[new]
        both = pd.concat([own, made], ignore_index=True) if len(made) else own
        origin = Origin(source, self._years(study.markets), "derived", note)
        rows = (
            [origin_row("demand", "units_per_yr", key, origin) for key in row_keys("demand", made)] if len(made) else []
        )
        old = study.provenance
        own_origins = old[old["table"].astype(object) == "demand"]
        origins = pd.concat([own_origins, pd.DataFrame(rows, columns=COLUMNS), figures.provenance()], ignore_index=True)
        return LayerResult(both, {}, origins, figures.table())

    def _years(self, markets: pd.DataFrame) -> str:
        """Return the years of the market size and of the registrations, each once."""
        if isinstance(self.size, pd.DataFrame):
            years = [sources_of(self.size)[1]]
        else:
            sales = reference.fact("vehicle_sales", with_quality=True)
            years = sales.loc[sales.index.isin(markets["region"]), "year"].astype(str).tolist()
        if isinstance(self.path, pd.DataFrame):
            years.append(sources_of(self.path)[1])
        return join_lists(years)

    def rows(self, study: Study) -> pd.DataFrame:
        """Return what the layer wants of every market in every period, whatever the study's own table says.

        Parameters
        ----------
        study : Study
            Its markets (with ``region``) and periods.

        Returns
        -------
        pandas.DataFrame
            ``market``, ``product``, ``period``, ``units_per_yr``.
        """
        self._check_product(study)
        return self._rows(study.markets, study.periods, Parameters(study))[0]

    def _check_product(self, study: Study) -> None:
        if self.product not in set(study.products["product"]):
            seen = f"products: {shown(study.products['product'], 20)}"
            what = f"there is no product {self.product!r}"
            raise InputError([Problem("layer 'demand'", what, seen, "Name one of them")])

    def _rows(self, markets: pd.DataFrame, periods: pd.DataFrame, figures: Parameters) -> tuple[pd.DataFrame, str, str]:
        _check_markets(markets)
        units, head, size_note, cited = _size(self.size, markets)
        country = markets["country"].astype(object).to_numpy()
        curves, path_note, path_source = _curves(self.path, figures, set(country))
        readiness, charge_note = self._readiness(markets, units, figures)
        frames = []
        for name, first, length in periods[["period", "start_year", "years"]].itertuples(index=False, name=None):
            years = first + np.arange(length, dtype=np.float64)
            wanted = spread(units, head, country, curves, years, readiness)
            frame = pd.DataFrame({"market": markets["market"], "product": self.product, "period": str(name)})
            frames.append(frame.assign(units_per_yr=wanted.round(6)))
        note = "; ".join(n for n in (size_note, path_note, charge_note) if n)
        used = [o["source"] for o in figures.origins.values() if o["source"] != "unsourced"]
        source = join_lists([cited, path_source, *used])
        return pd.concat(frames, ignore_index=True), note, source or "given"

    def _readiness(
        self, markets: pd.DataFrame, units: NDArray[np.float64], figures: Parameters
    ) -> tuple[NDArray[np.float64], str]:
        """Return by what the electric share of each market is multiplied before countries are brought to their path."""
        if self.chargers is None:
            return np.ones(len(markets)), ""
        where = "chargers"
        table = by_place.read(self.chargers, where, numbers=("chargers_per_1000",))
        at = by_place.rows_at(table, markets, "market", where)
        lost = at.isna()
        if lost.any():
            fix = "Give every market, state or country a row"
            raise InputError(
                [Problem(where, f"{int(lost.sum())} markets have no row", shown(markets.loc[lost, "market"]), fix)]
            )
        key = "demand.charging.elasticity"
        power = figures.get(key) if self.elasticity is None else self.elasticity
        density = at.map(table.groupby("place")["chargers_per_1000"].mean()).to_numpy(np.float64)
        if power and (density <= 0.0).any():
            seen = shown(markets.loc[density <= 0.0, "market"])
            raise InputError([Problem(where, "markets have no charger at all", seen, "Give densities above zero")])
        country = markets["country"].astype(object).to_numpy()
        mean = np.ones(len(markets))
        for code in set(country):
            mine = country == code
            mean[mine] = np.average(density[mine], weights=units[mine] + 1e-12)
        source, _ = sources_of(table)
        note = (
            f"electric share shifted within each country by (chargers per head / mean)^{power:g}"
            f"{f' ({source})' if source else ''}; the country's total stays"
        )
        return (density / mean) ** power, note


def demand(
    path: Paths | None = None,
    *,
    size: Size = "sales",
    product: str = "vehicle",
    chargers: pd.DataFrame | None = None,
    elasticity: float | None = None,
) -> DemandLayer:
    r"""Return the layer of vehicles wanted, by market and period; rows that the study gives always stay.

    .. math:: D_{jt} = N_j\, s_j(y) \frac{\sum_{j'} N_{j'}\, s_c(y)}{\sum_{j'} N_{j'}\, s_{j'}(y)}, \qquad
              s_j(y) = \rho_j^{\varepsilon}\, \operatorname{logistic}(a_j + b_c (y - y_c))

    as a mean over the years y of a period, with the sales N of new light vehicles, the S-curve :math:`s_c` of the
    country, a market's own start :math:`a_j` from what it sold last, and its chargers per head over the country's mean,
    :math:`\rho_j`, to the power of the elasticity :math:`\varepsilon`. Markets of a country add up to its path.

    Parameters
    ----------
    path : DemandPath, mapping or pandas.DataFrame, optional
        One S-curve, one by country, or registrations from which they are fitted: ``country``, ``year``, and ``share``
        or ``electric`` and ``total`` [vehicles/yr], two years or more for each country (:meth:`DemandPath.fit`). Left
        out: the shipped paths, through what was sold and a year for which somebody names a share
        (:func:`evsiting.layers.demand.adoption.paths`).
    size : {"sales", "population"} or pandas.DataFrame, default "sales"
        New light vehicles a year: shipped sales of the market's state or province; the country's sales by population of
        the state; or a table ``market``, ``vehicles_per_yr``. Markets of one state share its figure evenly.
    product : str, default "vehicle"
        What is wanted.
    chargers : pandas.DataFrame, optional
        Charging readiness: ``place`` (market, state, country), ``chargers_per_1000`` [1/1000 persons].
    elasticity : float, optional
        Percent of the electric share for a percent of chargers per head. Left out: the study's figure
        ``demand.charging.elasticity``, which is 0 (charging plays no part) unless the study gives one: no source that
        could be read states it. [1]

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`.

    Raises
    ------
    InputError
        If a market lies in no known state, a table lacks what it needs, or shares are no fractions.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> wanted = ev.demand().rows(study)
    >>> len(wanted) == len(study.markets) * len(study.periods)
    True
    >>> ev.apply_layers(study, ev.demand()).demand.equals(study.demand)  # the study's own rows stay
    True
    """
    problems = Problems()
    if not isinstance(size, pd.DataFrame) and size not in ("sales", "population"):
        problems.add("demand, size", "is none of the choices", repr(size), "Choose sales, population or give a table")
    curve: object = path
    if curve is not None and not isinstance(curve, DemandPath | pd.DataFrame):
        odd = curve if not isinstance(curve, Mapping) else [v for v in curve.values() if not isinstance(v, DemandPath)]
        if odd or not isinstance(curve, Mapping):
            fix = "Give a DemandPath, one for each country as a mapping, or a table of registrations"
            problems.add("demand, path", "is none", repr(odd), fix)
    if elasticity is not None and not is_finite(elasticity, 0.0):
        problems.add("demand, elasticity", "is negative or no number", repr(elasticity), "Give one from zero up")
    elif elasticity and chargers is None:
        problems.add(
            "demand, elasticity", "is given without chargers", repr(elasticity), "Give chargers=, a table by place"
        )
    problems.raise_if_any()
    return DemandLayer(path, size, product, chargers, elasticity)


def _check_markets(markets: pd.DataFrame) -> None:
    lost = markets["country"].isna() | markets["region"].isna()
    if lost.any():
        fix = "Give the columns country and region, or fill them with evsiting.complete(study)"
        seen = shown(markets.loc[lost, "market"])
        raise InputError([Problem("layer 'demand'", f"{int(lost.sum())} markets have no country or region", seen, fix)])


def _size(size: Size, markets: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64], str, str]:
    """Return new vehicles a year and the electric share that was sold, by market, with a note and sources."""
    sales = reference.fact("vehicle_sales", with_quality=True)
    electric = reference.fact("zev_sales").reindex(sales.index).fillna(0.0)
    region = markets["region"].astype(object)
    head = (electric / sales["value"].where(sales["value"] > 0.0)).fillna(0.0)
    share = region.map(head).to_numpy(np.float64)
    if isinstance(size, pd.DataFrame):
        where = "market size"
        table = by_place.read(size, where, numbers=("vehicles_per_yr",))
        if "market" not in table or table["market"].duplicated().any():
            seen = shown(table.columns, 12)
            raise InputError([Problem(where, "has no column market with each market once", seen, "Add it")])
        strange = table.loc[~table["market"].isin(markets["market"]), "market"]
        if len(strange):
            fix = f"Give markets of the study: {shown(markets['market'])}"
            raise InputError([Problem(where, f"{len(strange)} names are no market", shown(strange), fix)])
        units = markets["market"].map(table.set_index("market")["vehicles_per_yr"])
        note, cited = "the user's market size", sources_of(table)[0]
    else:
        by_state = sales["value"]
        note, cited = (
            "sales of new light vehicles of the state",
            join_lists(sales.loc[sales.index.isin(region), "source"]),
        )
        if size == "population":
            people = reference.jurisdictions().set_index("iso")["population"].astype("float64")
            country = by_state.index.str[:2]
            total = by_state.groupby(country).sum()
            by_state = people * people.index.str[:2].map(total / people.groupby(people.index.str[:2]).sum())
            note = "sales of the country by population of the state"
        units = region.map(by_state) / region.map(region.value_counts())
    lost = units.isna()
    if lost.any():
        fix = "Give every market a row, or a region of reference.jurisdictions()"
        raise InputError(
            [
                Problem(
                    "layer 'demand'", f"{int(lost.sum())} markets have no size", shown(markets.loc[lost, "market"]), fix
                )
            ]
        )
    return units.to_numpy(np.float64), share, note, cited


def _curves(path: Paths | None, figures: Parameters, countries: set[Any]) -> tuple[dict[str, DemandPath], str, str]:
    """Return the path of each country, with a note and sources."""
    if path is None:
        return paths(figures.get), "S-curves through what was sold and a share that somebody names", ""
    if isinstance(path, DemandPath):
        return dict.fromkeys(countries, path), f"one S-curve: {path}", ""
    if isinstance(path, pd.DataFrame):
        made, source = _fit_paths(path), sources_of(path)[0]
        note = "; ".join(f"{c}: {p}" for c, p in made.items())
        curves_note = f"S-curves fitted to registrations by least squares on the logit ({note})"
    else:
        made, source, curves_note = dict(path), "", "; ".join(f"{c}: {p}" for c, p in path.items())
    lost = sorted(countries - set(made))
    if lost:
        raise InputError([Problem("demand, path", "countries have no path", shown(lost), "Give one for each country")])
    return made, curves_note, source


def _fit_paths(table: pd.DataFrame) -> dict[str, DemandPath]:
    """Return the path of each country fitted to its registrations."""
    where, frame, problems = "registrations", table.reset_index(drop=True), Problems()
    for column in ("year", "share", "electric", "total"):
        if column in frame:
            check_numbers(frame, column, where, problems)
    problems.raise_if_any()
    numbers = [c for c in ("year", "share", "electric", "total") if c in frame]
    frame[numbers] = frame[numbers].apply(pd.to_numeric)
    if {"electric", "total"} <= set(frame.columns):
        frame["share"] = frame["electric"] / frame["total"]
    missing = [c for c in ("country", "year", "share") if c not in frame]
    if missing:
        fix = "Give country, year, and share or electric and total"
        raise InputError([Problem(where, f"columns are missing: {shown(missing)}", shown(table.columns, 12), fix)])
    strange = sorted({str(c) for c in frame["country"]} - set(COUNTRIES))
    if strange:
        raise InputError([Problem(where, f"{len(strange)} names are no country", shown(strange), "Write US, CA, MX")])
    made = {}
    for code, rows in frame.groupby("country", sort=True):
        made[str(code)] = curve = DemandPath.fit(rows["year"], rows["share"], where=f"{where} of {code}")
        if curve.slope < -1e-9:  # a level share falls by rounding
            text = f"demand: the electric share of {code} falls in the registrations given, and goes on falling"
            warnings.warn(text, DataWarning, stacklevel=6)
    return made
