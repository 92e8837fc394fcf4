"""Power by place: price, grid factor within a stated boundary, clean shares, and the premium of contracted power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem, Problems, shown
from evsiting.layers import by_place
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.geo.vector import sources_of
from evsiting.layers.jurisdiction import FactsLayer
from evsiting.layers.parameters import Parameters
from evsiting.layers.provenance import partly
from evsiting.study.study import Study

type Boundary = Literal["stack", "lifecycle"]
type Price = Literal["calendar", "newest"]

#: Grid factor by boundary: variable of the facts, and what provenance says that it takes in.
FACTORS = {
    "stack": ("grid_emission_factor", "at the stack, CO2e"),
    "lifecycle": ("grid_emission_factor_lifecycle", "life cycle: fuel supply and building of power plants with it"),
}
#: Price by kind: variables of the facts, the later before the earlier.
PRICES = {
    "calendar": ("industrial_power_price",),
    "newest": ("industrial_power_price", "industrial_power_price_2025ytd"),
}
_FACTOR, _PRICE, _PREMIUM = "grid_factor_kg_per_kwh", "power_price_usd_per_mwh", "clean_premium_usd_per_mwh"


@dataclass(frozen=True)
class PowerLayer:
    """Power of sites; made by :func:`power`."""

    boundary: Boundary = "stack"
    price: Price = "calendar"
    factors: pd.DataFrame | None = None
    premium: pd.DataFrame | Literal["sourced"] | None = None
    name: str = "power"
    table: str = "sites"

    def __call__(self, study: Study) -> LayerResult:
        """Return price, grid factor, clean shares and, if it was asked for, the premium of contracted power."""
        variable, taken_in = FACTORS[self.boundary]
        facts = FactsLayer(
            "power",
            {
                _FACTOR: (variable, 1.0),
                "renewable_share": ("renewable_share", 0.01),
                "carbon_free_share": ("carbon_free_share", 0.01),
                **{f"{_PRICE}|{k}": (v, 1.0) for k, v in enumerate(PRICES[self.price])},
            },
            boundaries={_FACTOR: taken_in},
        )(study)
        frame, origins = facts.frame.copy(), facts.row_origins
        frame, origins = _newest(frame, origins)
        if self.factors is not None:
            frame, origins = self._own(study, frame, origins)
        self._all_within(study, frame)
        if self.premium is None:
            return LayerResult(frame, {}, origins)
        extra, premium_origins, figures = self._premium(study)
        frame[_PREMIUM] = extra
        used = pd.concat([origins, premium_origins, figures.provenance()], ignore_index=True)
        return LayerResult(frame, {}, used, figures.table())

    def _own(self, study: Study, frame: pd.DataFrame, origins: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Put the user's grid factors in place of those of the package."""
        where, sites = "grid factors", study.sites
        table = by_place.read(self.factors, where, numbers=(_FACTOR,))
        boundaries = table.get("boundary", pd.Series(self.boundary, index=table.index)).astype(object)
        other = boundaries != self.boundary
        if other.any():
            what = f"{int(other.sum())} of {len(table)} rows have another boundary than {self.boundary!r}"
            seen = shown([f"row {i}: {v}" for i, v in boundaries[other].items()], 3)
            fix = f"Give factors of one boundary ({', '.join(FACTORS)}): they are never mixed in a study"
            raise InputError([Problem(f"{where}, column 'boundary'", what, seen, fix)])
        _once(table, where)
        at = by_place.rows_at(table, sites, "site", where)
        frame[_FACTOR] = at.map(table.set_index("place")[_FACTOR]).where(at.notna(), frame[_FACTOR])
        source, year = sources_of(table)
        origin = Origin(source or "given", year, "given", "the user's own grid factor", FACTORS[self.boundary][1])
        mine = partly(study, {_FACTOR: origin}, at.notna())
        mine = mine[mine["row"].isin(sites.loc[at.notna(), "site"])]
        stay = ~((origins["column"] == _FACTOR) & origins["row"].isin(mine["row"]))
        return frame, pd.concat([origins[stay], mine], ignore_index=True)

    def _all_within(self, study: Study, frame: pd.DataFrame) -> None:
        """Refuse a boundary that is not known for every site: the rest would be of another."""
        lost = frame[_FACTOR].isna()
        if lost.any():
            known = len(reference.fact(FACTORS[self.boundary][0]))
            sites = study.sites[lost]
            what = f"no grid factor of boundary {self.boundary!r} is known for {int(lost.sum())} of {len(lost)} sites"
            seen = (
                f"{shown(sites['site'])}; it is shipped for {known} of {len(reference.jurisdictions())} jurisdictions"
            )
            fix = "Give factors= for them: a table of place and grid_factor_kg_per_kwh within that boundary"
            raise InputError([Problem("layer 'power'", what, seen, fix)])

    def _premium(self, study: Study) -> tuple[pd.Series[float], pd.DataFrame, Parameters]:
        """Return what contracted clean power costs above the power price, with where that comes from."""
        sites, figures = study.sites, Parameters(study)
        if not isinstance(self.premium, pd.DataFrame):
            value = figures.get("power.clean_premium")
            note = "parameter power.clean_premium of the United States, the same everywhere; the user's own before it"
            parameter = figures.origins.get("power.clean_premium", {})
            origin = Origin(parameter.get("source", "given"), parameter.get("year", ""), "assumption", note)
            everywhere = pd.Series(True, index=sites.index)
            made = pd.Series(value, index=sites.index)
            return made, partly(study, {_PREMIUM: origin}, everywhere), figures
        where = "premium of clean power"
        table = by_place.read(self.premium, where, numbers=(_PREMIUM,))
        _once(table, where)
        at = by_place.rows_at(table, sites, "site", where)
        made = at.map(table.set_index("place")[_PREMIUM]).astype("float64").where(at.notna(), sites[_PREMIUM])
        source, year = sources_of(table)
        origin = Origin(source or "given", year, "given", "the user's own; sites that no row names keep what they have")
        return made, partly(study, {_PREMIUM: origin}, at.notna()), figures


def power(
    boundary: Boundary = "stack",
    *,
    price: Price = "calendar",
    factors: pd.DataFrame | None = None,
    premium: pd.DataFrame | Literal["sourced"] | None = None,
) -> PowerLayer:
    """Return the layer of power: price, grid factor, renewable and carbon-free share, premium of contracted power.

    Parameters
    ----------
    boundary : {"stack", "lifecycle"}, default "stack"
        What the grid factor takes in: what leaves the stack (known for every jurisdiction), or fuel supply and the
        building of power plants too (shipped for Canada and Mexico alone). A study holds one of them: a site without a
        factor of that boundary is an error.
    price : {"calendar", "newest"}, default "calendar"
        Industrial power price of the last full year (US 2024), or of the newest months where there are such (US
        January to November 2025).
    factors : pandas.DataFrame, optional
        Grid factors that go before those of the package: ``place`` (site, state or province, country; everywhere where
        empty), ``grid_factor_kg_per_kwh``, and optional ``boundary`` (which must be the one asked for), ``source``,
        ``year``.
    premium : pandas.DataFrame or "sourced", optional
        What contracted clean power costs above the power price: ``place``, ``clean_premium_usd_per_mwh``, ``source``,
        ``year``; or the parameter ``power.clean_premium`` at every site. Left as it is where not asked for.

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`: fills ``power_price_usd_per_mwh``, ``grid_factor_kg_per_kwh``,
        ``renewable_share``, ``carbon_free_share`` and, if asked for, ``clean_premium_usd_per_mwh`` of ``sites``.

    Raises
    ------
    InputError
        If a site has no grid factor within the boundary, or a table mixes boundaries.

    Notes
    -----
    Process heat and freight are counted at the stack and from tank to wheel whatever the boundary of power.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.apply_layers(ev.example("starter"), ev.power(price="newest"))
    >>> study.sites.set_index("site").loc["US-TN-memphis", "power_price_usd_per_mwh"].tolist()
    67.1
    """
    problems = Problems()
    for name, value, choices in (("boundary", boundary, FACTORS), ("price", price, PRICES)):
        if value not in choices:
            problems.add(f"power, {name}", "is none of the choices", repr(value), f"Choose {', '.join(choices)}")
    asked: object = premium  # of a caller without types it may be anything
    if not (asked is None or isinstance(asked, pd.DataFrame) or (isinstance(asked, str) and asked == "sourced")):
        problems.add("power, premium", "is none of the choices", repr(premium), "Give a table, 'sourced' or nothing")
    problems.raise_if_any()
    return PowerLayer(boundary, price, factors, premium)


def _newest(frame: pd.DataFrame, origins: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the newest price that a site has in the place of all of its prices."""
    prices = [c for c in frame if str(c).startswith(f"{_PRICE}|")]
    price = pd.Series(np.nan, index=frame.index)
    rows: list[pd.DataFrame] = []
    for column in reversed(prices):  # the newest comes last
        mine = origins[origins["column"] == column]
        taken = {r for price_frame in rows for r in price_frame["row"]}
        rows.append(mine[~mine["row"].isin(taken)].assign(column=_PRICE))
        price = price.where(price.notna(), frame[column])
    others = origins[~origins["column"].isin(prices)]
    return frame.drop(columns=prices).assign(**{_PRICE: price}), pd.concat([others, *rows], ignore_index=True)


def _once(table: pd.DataFrame, where: str) -> None:
    twice = table["place"].duplicated(keep=False)
    if twice.any():
        seen = shown([p or "everywhere" for p in table.loc[twice, "place"].unique()])
        raise InputError([Problem(f"{where}, column 'place'", "places are named twice", seen, "Keep one row for each")])
