"""Duties, quotas and offsets of a study, year by year from its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from evsiting.results.rules.audit.records import number, parts, records, text
from evsiting.results.rules.audit.timing import Timing
from evsiting.study.study import Study

__all__ = ["CustomsLaw"]

#: Product, country of origin, country of destination.
Way = tuple[str, str, str]


@dataclass(frozen=True)
class _Duty:
    measure: str
    relief: str
    rate: float
    first: float
    last: float


@dataclass(frozen=True)
class _Quota:
    quota: str
    way: Way
    measure: str
    most: float
    rate: float
    first: float
    last: float


class CustomsLaw:
    """What is levied on a unit and what it may be spared, by the tables ``duties``, ``quotas`` and ``duty_offsets``.

    A rate of a period is the mean over its years, each weighted by its discount factor. All measures that are in force
    on a way between two countries add up.

    Parameters
    ----------
    study : Study
        With countries at all places.
    timing : Timing
        Years and trajectories of the same study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> law, first = CustomsLaw(study, timing := Timing(study)), timing.periods[0]
    >>> law.levied("cell", "KR", "US", first)
    {('example duty', 'none'): 0.034}
    """

    def __init__(self, study: Study, timing: Timing) -> None:
        self.study, self.timing = study, timing
        self._known: dict[tuple[Way, str], dict[tuple[str, str], float]] = {}

    @cached_property
    def _duties(self) -> dict[Way, list[_Duty]]:
        duties: dict[Way, list[_Duty]] = defaultdict(list)
        cells = ("product", "origin", "destination", "measure", "relief", "rate", "dutiable_share")
        for product, start, end, measure, relief, rate, share, first, last in records(
            self.study.duties, *cells, "first_year", "last_year"
        ):
            span = number(first, -1e9), number(last, 1e9)
            whole = number(rate) * number(share, 1.0)
            duties[product, start, end].append(_Duty(measure, text(relief, "none"), whole, *span))
        return dict(duties)

    @cached_property
    def _quotas(self) -> list[_Quota]:
        cells = ("quota", "product", "origin", "destination", "measure", "units_per_yr", "rate")
        return [
            _Quota(quota, (product, start, end), measure, most, rate, number(first, -1e9), number(last, 1e9))
            for quota, product, start, end, measure, most, rate, first, last in records(
                self.study.quotas, *cells, "first_year", "last_year"
            )
        ]

    def _years_in_force(self, law: _Duty | _Quota, period: str) -> Iterator[tuple[int, float]]:
        """Yield the years of a period in which a law is in force, each with its weight."""
        return ((y, w) for y, w in self.timing.weight[period].items() if law.first <= y <= law.last)

    def levied(self, product: str, start: str, end: str, period: str) -> dict[tuple[str, str], float]:
        """Return the part of a unit's value that each measure takes, by measure and relief; those above zero. [1]"""
        key = (product, start, end), period
        if key not in self._known:
            sums: dict[tuple[str, str], float] = defaultdict(float)
            for duty in self._duties.get(key[0], ()):
                sums[duty.measure, duty.relief] += duty.rate * sum(w for _, w in self._years_in_force(duty, period))
            self._known[key] = {law: rate for law, rate in sums.items() if rate > 0.0}
        return self._known[key]

    def spared(self, product: str, start: str, end: str, period: str, relief: str) -> dict[str, float]:
        """Return what each measure spares a good that originates, or its content, by measure. [1]"""
        duties = self.levied(product, start, end, period)
        return {measure: rate for (measure, kind), rate in duties.items() if kind == relief}

    @cached_property
    def _countries(self) -> tuple[dict[str, str], dict[str, str]]:
        """Countries of what sends and of what receives, by code."""
        sites = dict(records(self.study.sites, "site", "country"))
        sends = {**dict(records(self.study.suppliers, "supplier", "country")), **sites}
        return sends, {**dict(records(self.study.markets, "market", "country")), **sites}

    def ends(self, origin: str, destination: str) -> tuple[str, str]:
        """Return the country that a unit comes from and the one that it enters."""
        sends, receives = self._countries
        return sends[origin], receives[destination]

    @cached_property
    def _worth(self) -> dict[str, float]:
        return {p: number(usd) for p, usd in records(self.study.products, "product", "value_usd_per_unit")}

    @cached_property
    def _sellers(self) -> dict[str, tuple[str, float, float]]:
        """Country, price and customs value of suppliers, as the table gives them. [USD/unit]"""
        table = self.study.suppliers
        if "customs_value_usd_per_unit" not in table:
            table = table.assign(customs_value_usd_per_unit=float("nan"))
        cells = ("supplier", "country", "price_usd_per_unit", "customs_value_usd_per_unit")
        return {code: (country, price, number(value, price)) for code, country, price, value in records(table, *cells)}

    def value(self, product: str, origin: str, period: str) -> float:
        """Return what duty is levied on: the customs value of a supplier, or what a product is worth. [USD/unit]"""
        if origin not in self._sellers:
            return self._worth.get(product, 0.0)
        return self._sellers[origin][2] * self._growth(origin, period)

    def price(self, origin: str, period: str) -> float | None:
        """Return the price of a supplier in a period; None of a site. [USD/unit]"""
        return self._sellers[origin][1] * self._growth(origin, period) if origin in self._sellers else None

    def worth(self, product: str, origin: str, period: str) -> float:
        """Return the price of a supplier, or what a product of a site is worth. [USD/unit]"""
        price = self.price(origin, period)
        return self._worth.get(product, 0.0) if price is None else price

    def _growth(self, origin: str, period: str) -> float:
        """Return the factor of a supplier's price in a period; its customs value moves with it. [1]"""
        return self.timing.factor("price_usd_per_unit", period, origin, self._sellers[origin][0])

    def quotas(self) -> pd.DataFrame:
        """Return quotas by period in which they are in force.

        Returns
        -------
        pandas.DataFrame
            ``quota``, ``product``, ``origin``, ``destination``, ``measure``, ``period``; ``share``: weight of the years
            in which it is in force [1]; ``units_per_yr``: what it lets in, times that share [unit/yr]; ``rate``: what a
            unit within it saves, as a part of its value [1].
        """
        rows = []
        for quota in self._quotas:
            duties = [duty for duty in self._duties.get(quota.way, ()) if duty.measure == quota.measure]
            for period in self.timing.periods:
                share = saved = 0.0
                for year, weight in self._years_in_force(quota, period):
                    levied = sum(duty.rate for duty in duties if duty.first <= year <= duty.last)
                    share, saved = share + weight, saved + weight * max(0.0, levied - quota.rate)
                if share:
                    figures = share, quota.most * share, saved / share
                    rows.append((quota.quota, *quota.way, quota.measure, period, *figures))
        names = ["quota", "product", "origin", "destination", "measure", "period"]
        return _typed_table(rows, names, ["share", "units_per_yr", "rate"])

    def quota_years(self) -> pd.DataFrame:
        """Return every year of every quota.

        Returns
        -------
        pandas.DataFrame
            ``quota``, ``period``, ``year`` and ``relieved``: whether an originating good is spared the quota's measure
            in that year too.
        """
        rows = []
        for quota in self._quotas:
            duties = [d for d in self._duties.get(quota.way, ()) if d.measure == quota.measure]
            for period in self.timing.periods:
                for year, _ in self._years_in_force(quota, period):
                    free = [d for d in duties if d.relief != "none" and d.rate > 0.0 and d.first <= year <= d.last]
                    rows.append((quota.quota, period, year, bool(free)))
        table = pd.DataFrame(rows, columns=["quota", "period", "year", "relieved"])
        return table.astype({"quota": "str", "period": "str", "year": "int64", "relieved": "bool"})

    @cached_property
    def _earners(self) -> list[tuple[str, str, str, float, float, float]]:
        """Rows of ``duty_offsets``: destination, measure, product, USD a unit, first and last year."""
        cells = ("destination", "measure", "product", "share", "value_usd_per_unit", "first_year", "last_year")
        return [(d, m, p, share * usd, a, b) for d, m, p, share, usd, a, b in records(self.study.duty_offsets, *cells)]

    def offsets(self) -> pd.DataFrame:
        """Return the duty that making a unit offsets.

        Returns
        -------
        pandas.DataFrame
            ``destination``, ``product``, ``measure``, ``period``, ``usd_per_unit`` above zero.
        """
        sums: dict[tuple[str, str, str, str], float] = defaultdict(float)
        for country, measure, product, usd, first, last in self._earners:
            for period in self.timing.periods:
                share = sum(w for y, w in self.timing.weight[period].items() if first <= y <= last)
                sums[country, product, measure, period] += usd * share
        rows = [(*key, usd) for key, usd in sums.items() if usd > 0.0]
        return _typed_table(rows, ["destination", "product", "measure", "period"], ["usd_per_unit"])

    def offset_duties(self) -> pd.DataFrame:
        """Return the duties on inputs that may be offset: those of the years in which the maker's offset is in force.

        Returns
        -------
        pandas.DataFrame
            ``product``, ``origin``, ``destination``, ``measure``, ``relief``, ``period``, ``made`` (the product that
            earns the offset) and ``rate`` above zero. Duties for which a quota is in force in the period are left out.
        """
        limited = {
            (q.way, q.measure, t) for q in self._quotas for t in self.timing.periods if any(self._years_in_force(q, t))
        }
        makers: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
        for country, measure, product, _, first, last in self._earners:
            makers[country, measure][product].append((first, last))
        sums: dict[tuple[str, ...], float] = defaultdict(float)
        for way, duties in self._duties.items():
            for duty in duties:
                for made, spans in makers.get((way[2], duty.measure), {}).items():
                    for period in self.timing.periods:
                        share = sum(
                            w for y, w in self._years_in_force(duty, period) if any(a <= y <= b for a, b in spans)
                        )
                        if (way, duty.measure, period) not in limited:
                            sums[*way, duty.measure, duty.relief, period, made] += duty.rate * share
        rows = [(*key, rate) for key, rate in sums.items() if rate > 0.0]
        names = ["product", "origin", "destination", "measure", "relief", "period", "made"]
        return _typed_table(rows, names, ["rate"])

    def origin_rules(self) -> pd.DataFrame:
        """Return the rules of origin with every figure that a row may leave empty, by product.

        Returns
        -------
        pandas.DataFrame
            Index ``product``; ``rvc``, ``lvc`` (NaN: no rule) [1], ``net_cost``, ``other_foreign``,
            ``other_high_wage``, ``other_content`` [USD/unit], ``high_wage`` [USD/h], ``core_parts`` (tuple of str).
        """
        cells = (
            "product", "rvc", "lvc", "net_cost_usd_per_unit", "other_foreign_usd_per_unit",
            "other_high_wage_usd_per_unit", "other_content_usd_per_unit", "high_wage_usd_per_h",
        )  # fmt: skip
        rows = [
            (p, rvc, number(lvc, float("nan")), number(net, self._worth[p]), *map(number, rest))
            for p, rvc, lvc, net, *rest in records(self.study.origin_rules, *cells)
        ]
        names = ["rvc", "lvc", "net_cost", "other_foreign", "other_high_wage", "other_content", "high_wage"]
        rules = _typed_table(rows, ["product"], names)
        rules["core_parts"] = [parts(cell) for cell in self.study.origin_rules["core_parts"].tolist()]
        return rules.set_index("product").sort_index()


def _typed_table(rows: Sequence[tuple[object, ...]], text_columns: list[str], numbers: list[str]) -> pd.DataFrame:
    """Return rows as a table whose columns have their types even where there is no row."""
    frame = pd.DataFrame(rows, columns=[*text_columns, *numbers])
    return frame.astype({**dict.fromkeys(text_columns, "str"), **dict.fromkeys(numbers, "float64")})
