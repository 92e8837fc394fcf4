"""Wages from a user's table of occupations: local currency to dollars, a mix of skills to one wage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem, Problems, shown
from evsiting.layers import by_place
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.geo.vector import sources_of
from evsiting.layers.parameters import PRICE_INDEX
from evsiting.layers.provenance import partly
from evsiting.study.canonical.exchange_rates import reference_rate
from evsiting.study.settings import Money
from evsiting.study.study import Study
from evsiting.units import Rates, UnitError

_WHERE = "wages"
#: Highest wage of an hour in dollars or pesos; above it stands the pay of a month or a year.
_MOST = 2_000.0


@dataclass(frozen=True)
class WagesLayer:
    """Wage and payroll burden of sites; made by :func:`wages`."""

    occupations: pd.DataFrame
    name: str = "wages"
    table: str = "sites"

    def __call__(self, study: Study) -> LayerResult:
        """Return ``wage_usd_per_h`` and, where the table has it, ``payroll_burden``; what it does not name stays."""
        sites, table = study.sites, self.occupations
        at = by_place.rows_at(table, sites, "site", _WHERE)
        rates, notes = _rates(study.settings.money), set()
        factor = []
        now = study.settings.money.price_year
        years = table["year"].fillna(now).astype(int) if "year" in table else pd.Series(now, index=table.index)
        for currency, then in zip(table["currency"], years, strict=True):
            factor.append(_usd(rates, str(currency), int(then)))
            if currency != "USD":
                notes.add(f"{currency} of {then} at the mean rate of the year")
            if then != now:
                notes.add(f"prices of {then} moved to {now} with the US price index")
        usd = table["wage"] * pd.Series(factor, index=table.index)
        blend = (usd * table["share"]).groupby(table["place"]).sum()
        made = {"wage_usd_per_h": at.map(blend).where(at.notna(), sites["wage_usd_per_h"])}
        if "burden" in table:  # a cost on top is paid on each wage: the mean by what is paid
            paid = usd * table["share"]
            on_top = (paid * table["burden"]).groupby(table["place"]).sum(min_count=1) / blend
            made["payroll_burden"] = at.map(on_top).fillna(sites["payroll_burden"])
        source, year = sources_of(table)
        mix = "; ".join(f"{o} {s:.0%}" for o, s in _mix(table).items())
        note = "; ".join([f"blended straight wage of {mix}" if mix else "straight wage", *sorted(notes)])
        frame = pd.DataFrame({c: v.astype("float64") for c, v in made.items()})
        origin = Origin(source or "given", year, "derived", note)
        return LayerResult(frame, {}, partly(study, dict.fromkeys(map(str, frame), origin), at.notna()))


def wages(occupations: pd.DataFrame) -> WagesLayer:
    r"""Return the layer that makes the wage of each site from a table of occupations.

    .. math:: w_i = \sum_o s_o\,\frac{w_o}{x(y)} \frac{I(y^*)}{I(y)}, \qquad
              b_i = \frac{\sum_o s_o w_o b_o}{\sum_o s_o w_o}

    with the share s of each occupation o, its straight wage :math:`w_o` in a currency of which :math:`x(y)` are one
    US dollar in year y (the study's rates before those of the package), and the consumer price index I of the United
    States, from year y to the study's price year :math:`y^*`. The employer pays :math:`w_i (1 + b_i)`.

    Parameters
    ----------
    occupations : pandas.DataFrame
        ``wage`` [currency/h], straight; optional ``place`` (site, state or province, country; everywhere where empty;
        for a site the most exact place holds with all its rows), ``occupation``, ``share`` (adding up to 1 in a place;
        1 where left out), ``currency`` (USD), ``year`` (of the wage; the study's price year where left out), ``burden``
        (the employer's cost on top, as a fraction), ``source`` (id).

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`: fills ``wage_usd_per_h`` and, with ``burden``, ``payroll_burden``. Sites that
        no row names keep what they have.

    Raises
    ------
    InputError
        If shares do not add up, a wage is missing or not above zero, or there is no exchange rate for a year.

    Examples
    --------
    >>> import evsiting as ev, pandas as pd
    >>> table = pd.DataFrame(
    ...     {
    ...         "place": ["CA-ON", "CA-ON"],
    ...         "occupation": ["assembler", "technician"],
    ...         "share": [0.8, 0.2],
    ...         "wage": [30.0, 42.0],
    ...         "currency": "CAD",
    ...         "year": 2025,
    ...     }
    ... )
    >>> study = ev.apply_layers(ev.example("starter"), ev.wages(table))
    >>> study.sites.set_index("site").loc["CA-ON-windsor", "wage_usd_per_h"].round(2)
    np.float64(23.17)
    """
    made = by_place.read(occupations, _WHERE, numbers=("wage",), gaps=("share", "burden", "year"))
    problems = Problems()
    high = (made["wage"] > _MOST) & _currency(made).isin(["USD", "CAD", "MXN"])
    if high.any():
        rows = made.loc[high, "wage"]
        seen = shown([f"row {i}: {w:g} {c}" for (i, w), c in zip(rows.items(), _currency(made)[high], strict=True)], 3)
        fix = "Give the wage of an hour: pay of a year over some 2,000 hours, of a month over 170"
        problems.add(
            f"{_WHERE}, column 'wage'", f"{int(high.sum())} of {len(high)} are too high for an hour", seen, fix
        )
    low = made["wage"] <= 0.0
    if low.any():
        problems.add(
            f"{_WHERE}, column 'wage'",
            f"{int(low.sum())} of {len(low)} are not above zero",
            shown(made.index[low]),
            "Give the straight wage",
        )
    made["currency"] = _currency(made)
    made["occupation"] = made["occupation"].fillna("").astype(str) if "occupation" in made else ""
    if "share" not in made:
        made["share"] = 1.0
    sums = made.groupby("place")["share"].sum(min_count=1)
    off = sums[~((sums - 1.0).abs() <= 1e-6) | made.groupby("place")["share"].apply(lambda s: s.isna().any())]
    if len(off):
        seen = shown([f"{str(place) or 'everywhere'}: {total:g}" for place, total in off.items()], 3)
        problems.add(
            f"{_WHERE}, column 'share'",
            f"the shares of {len(off)} places do not add up to 1",
            seen,
            "Give the part of the staff in each occupation",
        )
    if "burden" in made:  # a cell left out would count as nothing on top
        half = made.groupby("place")["burden"].apply(lambda b: bool(b.isna().any() and b.notna().any()))
        if half.any():
            seen = shown([str(place) or "everywhere" for place in half.index[half]])
            fix = "Give it for every occupation of a place, or for none"
            problems.add(
                f"{_WHERE}, column 'burden'", f"{int(half.sum())} places have it for some rows only", seen, fix
            )
    if "year" in made and (made["year"].dropna() % 1.0 != 0.0).any():
        bad = made["year"].notna() & (made["year"] % 1.0 != 0.0)
        seen = shown([f"row {i}: {y:g}" for i, y in made.loc[bad, "year"].items()], 3)
        problems.add(f"{_WHERE}, column 'year'", f"{int(bad.sum())} are no years", seen, "Give whole calendar years")
    problems.raise_if_any()
    return WagesLayer(made)


def _currency(table: pd.DataFrame) -> pd.Series[str]:
    """Return the currency of each row, dollars where none is named."""
    if "currency" not in table:
        return pd.Series("USD", index=table.index, dtype=object)
    return table["currency"].fillna("USD").astype(str).str.strip().str.upper()


def _mix(table: pd.DataFrame) -> pd.Series[float]:
    """Return the mean share of each occupation, for a note."""
    named = table[table["occupation"] != ""]
    mean: pd.Series[float] = named.groupby("occupation", sort=False)["share"].mean()
    return mean


@cache
def _index() -> dict[int, float]:
    """Return the consumer price index of the United States by year."""
    rows = reference.parameters().query("key == @PRICE_INDEX", local_dict={"PRICE_INDEX": PRICE_INDEX})
    return {int(str(day)[:4]): float(value) for day, value in zip(rows["valid_from"], rows["value"], strict=True)}


def _rates(money: Money) -> Rates:
    """Return what money is worth: the study's rates and index before those of the package."""
    index = money.price_index if "USD" in money.price_index else {**money.price_index, "USD": _index()}
    return Rates(money.price_year, money.usd_per, index, reference_rate)


def _usd(rates: Rates, currency: str, year: int) -> float:
    """Return dollars of the study's price year in one unit of a currency of a year."""
    try:
        return rates.factor(currency, year)
    except UnitError as error:
        raise InputError([Problem(_WHERE, error.what, f"{currency} of {year}", error.fix)]) from error
