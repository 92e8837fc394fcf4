"""Units of the field: one registry, with items, staff and money, and the factor from a written unit to the one needed.

Money is one dimension. A currency and a price year are read from the unit itself (``CAD/h``, ``MUSD2023``) and
turned into US dollars of the study's price year with :class:`Rates`; no rate is ever guessed.

Calendar years are not a number of hours here: a wage a year is refused where a wage an hour is needed, because
paid hours, not the 8,766 hours of a year, lie between them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import pint

__all__ = [
    "CURRENCIES",
    "Rates",
    "Unit",
    "UnitError",
    "examples",
    "factor",
    "parse_unit",
    "same_dimension",
    "split_header",
]

_CODES = (
    "AED ARS AUD BDT BGN BHD BOB BRL CAD CHF CLP CNH CNY COP CRC CZK DKK DOP EGP EUR GBP GTQ HKD HNL HUF IDR ILS "
    "INR ISK JMD JOD JPY KES KRW KWD KZT LKR MAD MXN MYR NAD NGN NIO NOK NZD OMR PAB PEN PHP PKR PLN PYG QAR RON "
    "RSD RUB SAR SEK SGD THB TND TRY TTD TWD TZS UAH USD UYU VND XAF XOF ZAR ZMW"
)

#: Codes of ISO 4217 that may stand in a unit.
CURRENCIES = frozenset(re.findall(r"[A-Z]{3}", _CODES))

_DEFINITIONS = """
nano- = 1e-9 = n-
micro- = 1e-6 = u- = µ- = μ-
milli- = 1e-3 = m-
centi- = 1e-2 = c-
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
peta- = 1e15 = P-

meter = [length] = m = metre
second = [time] = s = sec
gram = [mass] = g
calendar_year = [calendar] = yr = year = a = annum
item = [item] = unit = units = items = pc
@alias item = cell = cells = module = modules = pack = packs = vehicle = vehicles = car = cars
person = [person] = persons = people = head
FTE = [position] = fte = position = positions
USD = [money]

percent = 0.01 = pct
permille = 0.001
ppm = 1e-6
thousand = 1e3
million = 1e6 = mn = mio
billion = 1e9 = bn

minute = 60 * second = min
hour = 60 * minute = h = hr = hours
day = 24 * hour = d = days
week = 7 * day = weeks = wk
month = calendar_year / 12 = months = mo
quarter = calendar_year / 4 = quarters
inch = 0.0254 * meter = in
foot = 0.3048 * meter = ft = feet
yard = 0.9144 * meter = yd
mile = 1609.344 * meter = mi = miles
nautical_mile = 1852 * meter = nmi
pound = 453.59237 * gram = lb = lbs
ounce = 28.349523125 * gram = oz
tonne = 1e6 * gram = t = metric_ton = tonnes = mt
short_ton = 907184.74 * gram = short_tons = ust
long_ton = 1016046.9088 * gram = long_tons
joule = 1000 * gram * meter ** 2 / second ** 2 = J
watt = joule / second = W
watt_hour = watt * hour = Wh
british_thermal_unit = 1055.05585262 * joule = Btu = BTU
therm = 1e5 * british_thermal_unit = therms
dekatherm = 10 * therm = Dth = dth = DTH
million_british_thermal_unit = 1e6 * british_thermal_unit = MMBtu = MMBTU = MMbtu = mmBtu = mmBTU = mmbtu
"""

#: Prefixes that are meant where they stand before a unit. Any other is a slip: mWh for MWh, TUSD for thousands.
_PREFIXES = {
    "gram": ("milli", "kilo", "mega", "giga", "tera"),
    "tonne": ("kilo", "mega", "giga"),
    "pound": ("kilo",),
    "meter": ("kilo",),
    "joule": ("kilo", "mega", "giga", "tera", "peta"),
    "watt": ("kilo", "mega", "giga", "tera"),
    "watt_hour": ("kilo", "mega", "giga", "tera"),
    "british_thermal_unit": ("kilo",),
    "item": ("kilo", "mega"),
    "person": ("kilo", "mega"),
    "FTE": ("kilo", "mega"),
}
#: What somebody may have meant by a unit with a prefix that is not meant there.
_MEANT = {
    "USD": "Write MUSD for millions, kUSD for thousands, bnUSD for billions",
    "british_thermal_unit": "MBtu is a thousand Btu to some, a million to others: write MMBtu for a million, kBtu "
    "for a thousand",
    "meter": "Write km or mi",
    "watt": "Write kW, MW or GW: a capital M is a million",
    "watt_hour": "Write kWh, MWh or GWh: a capital M is a million",
    "joule": "Write MJ, GJ or TJ: a capital M is a million",
    "gram": "Write kg, t or kt",
    "tonne": "Write t, kt or Mt",
    "item": "Write thousand unit or million unit",
    "person": "Write thousand person or million person",
    "FTE": "Write FTE or thousand FTE",
}
#: Energy as people type it, with the spelling that the registry knows; mwh is left out, which may be either.
_ENERGY = re.compile(r"(?<![A-Za-z_])(?:(?P<k>[kK])|(?P<M>M)|(?P<G>G)|(?P<T>T))(?:[wW][hH][rR]?)(?![A-Za-z_])")
_CENTS = re.compile(r"(?<![A-Za-z_])(?:c|ct|cts|cent|cents|¢|US ?c|US ?cents?)(?![A-Za-z_])|¢")

_MONEY = re.compile(
    r"(?<![A-Za-z_])(?P<scale>k|K|M|MM|mn|bn|B|G)?(?P<code>[A-Z]{3})"
    r"(?:[ _]?(?P<year>(?:19|20|21)\d\d))?(?![A-Za-z0-9_])"
)
_SCALES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "MM": 1e6, "mn": 1e6, "bn": 1e9, "B": 1e9, "G": 1e9}
_HEADER = re.compile(r"^\s*(?P<label>[^\[\]]+?)\s*\[\s*(?P<unit>[^\[\]]+?)\s*\]\s*$", re.DOTALL)
_CO2 = re.compile(
    r"(?<=[a-z_ ])[ _-]?(?:of )?CO2(?:-?eq?)?(?![A-Za-z0-9])|(?<=[a-z_ ])[ _-]?CO₂(?:-?eq?)?(?![A-Za-z0-9])"
)
_NO_UNIT = {"1", "-", "fraction", "ratio", "dimensionless", "none"}


class UnitError(ValueError):
    """A unit cannot be read or does not fit.

    Parameters
    ----------
    what : str
        What is wrong with it.
    fix : str
        The way out.
    """

    def __init__(self, what: str, fix: str) -> None:
        self.what, self.fix = what, fix
        super().__init__(f"{what}. {fix.rstrip('.')}.")


@dataclass(frozen=True)
class Unit:
    """A unit as written, understood.

    Parameters
    ----------
    text : str
        As written.
    scale : float
        Canonical base units (g, m, s, calendar year, item, person, FTE, currency) in one of it.
    powers : tuple of (str, float)
        Exponents of its dimensions, sorted.
    currency : str
        Code of the currency in it; empty where there is none.
    price_year : int or None
        Price year written behind the currency.
    words : tuple of str
        The unit names in it, as the registry knows them.

    Examples
    --------
    >>> parse_unit("MCAD2023/yr").currency, parse_unit("MCAD2023/yr").price_year
    ('CAD', 2023)
    """

    text: str
    scale: float
    powers: tuple[tuple[str, float], ...]
    currency: str = ""
    price_year: int | None = None
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


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
        given = self.usd_per.get(currency, {}).get(year)
        if given is not None:
            return float(given)
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


@cache
def registry() -> pint.UnitRegistry:
    """Return the one registry of the package: the units that a siting study needs, and no others."""
    made = pint.UnitRegistry(None)
    made.load_definitions([line for line in _DEFINITIONS.splitlines() if line.strip()])
    return made


def split_header(header: str) -> tuple[str, str]:
    """Split a column header into its label and its bracketed unit (empty where it has none).

    Examples
    --------
    >>> split_header("wage [CAD/h]")
    ('wage', 'CAD/h')
    >>> split_header("site")
    ('site', '')
    """
    match = _HEADER.match(header)
    return (match["label"], match["unit"]) if match else (header.strip(), "")


@cache
def parse_unit(text: str) -> Unit:
    """Read a unit.

    Parameters
    ----------
    text : str
        Such as ``USD/h``, ``MCAD2023``, ``lb/MWh``, ``short_ton/unit``, ``%`` or ``1``.

    Returns
    -------
    Unit
        Scale, dimensions, currency and price year.

    Raises
    ------
    UnitError
        If a word in it is unknown or ambiguous.

    Examples
    --------
    >>> parse_unit("short_ton/unit").scale
    907184.74
    """
    plain = _plain(text)
    currency, year, scale = "", None, 1.0
    for match in _money_words(plain):
        if currency:
            msg = f"unit {text!r} names two currencies"
            raise UnitError(msg, "Write one currency, such as USD/unit")
        currency, year = match["code"], int(match["year"]) if match["year"] else None
        scale = _SCALES[match["scale"] or ""]
        plain = f"{plain[: match.start()]} USD {plain[match.end() :]}"
    if plain.strip().lower() in _NO_UNIT:
        return Unit(text, 1.0, ())
    _refuse_ambiguous(text, plain)
    try:
        unit = registry().parse_units(plain, as_delta=False)
        base = float(str(registry().get_base_units(unit)[0]))
        powers = tuple(sorted((str(k), float(str(v))) for k, v in unit.dimensionality.items()))
    except pint.UndefinedUnitError as error:
        word = next(iter(error.unit_names))
        msg = f"unit {text!r} holds the unknown word {word!r}"
        raise UnitError(msg, _near(word)) from error
    except Exception as error:  # whatever the tokenizer of pint raises: ValueError, SyntaxError, TypeError
        msg = f"{text!r} cannot be read as a unit"
        raise UnitError(msg, "Write it like USD/h, MUSD, lb/MWh or kg/unit") from error
    words = tuple(unit._units)
    _refuse_prefixes(text, words)
    return Unit(text, base * scale, powers, currency, year, words)


def _plain(text: str) -> str:
    """Rewrite spellings that people use into what the registry reads."""
    plain = _ENERGY.sub(lambda found: f"{found.lastgroup}Wh", _CO2.sub("", text.strip()))
    for old, new in (("%", " percent "), ("‰", " permille "), ("·", "*"), ("⋅", "*"), ("−", "-"), (" per ", " / ")):
        plain = plain.replace(old, new)
    return plain.strip()


def _money_words(plain: str) -> Iterator[re.Match[str]]:
    found = [m for m in _MONEY.finditer(plain) if m["code"] in CURRENCIES]
    return reversed(found)


def _refuse_ambiguous(text: str, plain: str) -> None:
    words = set(re.findall(r"[^\W\d]+", plain))
    if "$" in plain or "€" in plain or "¥" in plain or "£" in plain:
        msg = f"unit {text!r} has a currency sign"
        raise UnitError(msg, "Write the currency's code: USD, CAD, MXN, EUR")
    if _CENTS.search(plain):
        msg = f"unit {text!r} counts in cents"
        raise UnitError(msg, "Write the currency: 7.5 c/kWh in the United States is 75 USD/MWh, or 0.075 USD/kWh")
    if loose := _LOOSE_SCALE.search(text):
        code = loose["before"] or loose["behind"]
        msg = f"unit {text!r} has a word of its own for thousands or millions"
        raise UnitError(msg, f"Write it before the currency, without a blank: k{code}, M{code} or bn{code}")
    if words & {"ton", "tons", "Ton"}:
        msg = f"unit {text!r}: 'ton' may be 1,000 kg or 2,000 lb"
        raise UnitError(msg, "Write t for 1,000 kg or short_ton for 2,000 lb")
    if re.match(r"^\d{4}\s*[A-Za-z]", plain) and "USD" in words:
        msg = f"unit {text!r} has a number before it"
        raise UnitError(msg, "Write a price year behind the currency: USD2023")
    if re.match(r"^\d+(\.\d+)?[\s*]*[A-Za-z]", plain):
        msg = f"unit {text!r} has a number before it"
        raise UnitError(msg, "Write a prefix or a word: kUSD, thousand person, MUSD")


#: ``m USD``, ``USDm``, ``mmUSD``, ``USD k``: thousands or millions beside a currency, not as this package reads them.
_LOOSE_SCALE = re.compile(
    rf"(?<![A-Za-z_])(?:(?:[kKmMbB]|mm|MM|mil|Mio?)\s+|mm|m\.\s*)(?P<before>{'|'.join(sorted(CURRENCIES))})(?![A-Za-z])"
    rf"|(?<![A-Za-z])(?P<behind>{'|'.join(sorted(CURRENCIES))})(?:\s*(?:mm|MM|[kKmMbB])|\s+(?:mil|Mio?))(?![A-Za-z])"
)


def _refuse_prefixes(text: str, words: tuple[str, ...]) -> None:
    """Refuse a prefix that nobody means before its unit, such as milli before dollars.

    Raises
    ------
    UnitError
        With the likely meaning.
    """
    for word in words:
        for prefix, unit, _ in registry().parse_unit_name(word)[:1]:
            if prefix and prefix not in _PREFIXES.get(unit, ()):
                msg = (
                    f"unit {text!r} reads as {prefix}-{unit.replace('_', ' ')} ({_SIZES[prefix]}), hardly what is meant"
                )
                raise UnitError(msg, _MEANT.get(unit, f"Write {unit.replace('_', ' ')} without a prefix"))


_SIZES = {
    "nano": "a billionth",
    "micro": "a millionth",
    "milli": "a thousandth",
    "centi": "a hundredth",
    "kilo": "a thousand",
    "mega": "a million",
    "giga": "a billion",
    "tera": "a million million",
    "peta": "a thousand million million",
}

_COMMON = ("kWh", "MWh", "GWh", "km", "kg", "mi", "lb", "yr", "h", "FTE", "unit", "short_ton")


def _near(word: str) -> str:
    known = [*(n for n in dir(registry()) if not n.startswith("_")), *_COMMON, *CURRENCIES]
    folded = {k.lower(): k for k in known}
    near = [folded[n] for n in difflib.get_close_matches(word.lower(), list(folded), n=3, cutoff=0.6)]
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{hint}Units are written like USD/h, MCAD, lb/MWh, short_ton/unit, person, FTE, %"


def same_dimension(seen: Unit, needed: Unit) -> bool:
    """Whether one unit can be turned into the other.

    Examples
    --------
    >>> (
    ...     same_dimension(parse_unit("CAD/h"), parse_unit("USD/h")),
    ...     same_dimension(parse_unit("CAD/yr"), parse_unit("USD/h")),
    ... )
    (True, False)
    """
    if seen.powers != needed.powers:
        return False
    workdays = {"day", "week"} & set(seen.words)
    return not (workdays and len(needed.powers) > 1 and "hour" in needed.words)


def factor(seen: str, needed: str, *, rates: Rates | None = None, item: str = "") -> float:
    """Return by what a value in ``seen`` is multiplied to stand in ``needed``.

    Parameters
    ----------
    seen : str
        Unit as written.
    needed : str
        Unit of the data dictionary; money in it is USD of the price year.
    rates : Rates, optional
        Exchange rates and indices; needed only where ``seen`` is not in USD of the price year.
    item : str, optional
        What one unit of the product is (``kWh``, ``pack``): lets ``kg/kWh`` stand for ``kg/unit``.

    Raises
    ------
    UnitError
        If a unit is unknown, does not fit, or a rate is missing.

    Examples
    --------
    >>> factor("mi", "km")
    1.609344
    >>> factor("GWh/yr", "unit/yr", item="kWh")
    1000000.0
    """
    have, want = parse_unit(seen), parse_unit(needed)
    if not same_dimension(have, want):
        scale = _by_item(have, want, item)
        if scale is None:
            msg = f"unit {seen!r} does not fit: {needed!r} is needed"
            raise UnitError(msg, f"Write it in {needed}, {examples(needed)}")
    else:
        scale = have.scale / want.scale
    if have.currency in ("", "USD") and have.price_year is None:
        return scale
    if rates is None:
        msg = f"unit {seen!r} needs an exchange rate or a price index"
        raise UnitError(msg, f"Write it in {needed}")
    return scale * rates.factor(have.currency, have.price_year)


def _by_item(have: Unit, want: Unit, item: str) -> float | None:
    """Return the factor when the product's own unit stands for ``unit``, None where that does not fit either."""
    power = dict(want.powers).get("[item]", 0.0)
    if not item or not power or "[item]" in dict(have.powers):
        return None
    try:
        one = parse_unit(item)
    except UnitError:
        return None
    powers = {k: v for k, v in want.powers if k != "[item]"}
    for name, value in one.powers:
        powers[name] = powers.get(name, 0.0) + value * power
    if tuple(sorted((k, v) for k, v in powers.items() if v)) != have.powers:
        return None
    return float(have.scale / (want.scale * one.scale**power))


def examples(needed: str) -> str:
    """Return what else may be written for a unit of the dictionary, for messages.

    Examples
    --------
    >>> examples("USD/h")
    'or such as CAD/h, MXN/h, USD2023/h'
    """
    near = {
        "USD": ("kUSD", "MCAD", "MUSD2023"),
        "1": ("%",),
        "km": ("mi", "m"),
        "h": ("min", "day"),
        "kg/unit": ("lb/unit", "t/unit", "short_ton/unit"),
        "kg/kWh": ("lb/MWh", "g/kWh", "t/MWh"),
        "kWh/unit": ("MWh/unit", "kWh/pack"),
        "unit/yr": ("thousand unit/yr", "vehicle/yr", "unit/month"),
        "person": ("thousand person",),
    }.get(needed)
    if near is None and needed.startswith("USD/"):
        rest = needed.removeprefix("USD/")
        near = (f"CAD/{rest}", f"MXN/{rest}", f"USD2023/{rest}")
    return f"or such as {', '.join(near)}" if near else "as the data dictionary has it"
