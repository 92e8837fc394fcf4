"""What money is worth: exchange rates and price indices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evsiting.units.parsing import UnitError


@dataclass
class Rates:
    """What money is worth: exchange rates, price indices and the year whose prices are wanted.

    Parameters
    ----------
    price_year : int
        Year whose prices every figure is to be in. [yr]
    usd_per : mapping
        USD for one unit of a currency, by currency and year. [USD/currency]
    price_index : mapping
        Price index by currency and year, any base; only ``USD`` is used.
    fallback : callable, optional
        Currency and year to USD per unit, or None where it knows none; asked only where ``usd_per`` has no entry.

    Attributes
    ----------
    borrowed : dict
        Rates that came from ``fallback``: (currency, year) to USD per unit.

    Examples
    --------
    >>> Rates(2025, {"CAD": {2025: 0.72}}, {}).factor("CAD", None)
    0.72
    """

    price_year: int
    usd_per: Mapping[str, Mapping[int, float]]
    price_index: Mapping[str, Mapping[int, float]]
    fallback: Callable[[str, int], float | None] | None = None
    borrowed: dict[tuple[str, int], float] = field(default_factory=dict)

    def factor(self, currency: str, year: int | None) -> float:
        """Return USD of the price year in one unit of ``currency`` of ``year`` (of the price year where None).

        Raises
        ------
        UnitError
            If a rate or an index is missing; it says what to add to study.toml.
        """
        then = self.price_year if year is None else year
        return self._rate(currency, then) * self._index(then)

    def _rate(self, currency: str, year: int) -> float:
        if currency == "USD":
            return 1.0
        rate = self.usd_per.get(currency, {}).get(year)
        if rate is not None:
            return float(rate)
        lent = self.fallback(currency, year) if self.fallback else None
        if lent is not None:
            self.borrowed[currency, year] = lent
            return lent
        known = ", ".join(str(y) for y in sorted(self.usd_per.get(currency, {})))
        has = f"the rates of {currency} are for {known}" if known else f"money.usd_per has no {currency}"
        msg = f"no exchange rate for {currency} in {year}: {has}"
        raise UnitError(
            msg,
            f"Add under [money] in study.toml: usd_per.{currency}.{year} = <USD for one {currency}, mean of {year}>, "
            "and say in money.source where it is from",
        )

    def _index(self, year: int) -> float:
        if year == self.price_year:
            return 1.0
        index = self.price_index.get("USD", {})
        missing = [y for y in (year, self.price_year) if y not in index]
        if missing:
            msg = f"no price index to move money of {year} to prices of {self.price_year}"
            raise UnitError(
                msg,
                "Add under [money] in study.toml: "
                + ", ".join(f"price_index.USD.{y} = <US price index of {y}>" for y in missing)
                + ", and say in money.source where it is from",
            )
        return float(index[self.price_year]) / float(index[year])
