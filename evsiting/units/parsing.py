"""Parse written units; ambiguous ones are refused."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pint

from evsiting.units.definitions import CURRENCIES, MEANT, PREFIXES, SIZES, registry

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
    plain = _ENERGY.sub(lambda match: f"{match.lastgroup}Wh", _CO2.sub("", text.strip()))
    for old, new in (("%", " percent "), ("‰", " permille "), ("·", "*"), ("⋅", "*"), ("−", "-"), (" per ", " / ")):
        plain = plain.replace(old, new)
    return plain.strip()


def _money_words(plain: str) -> Iterator[re.Match[str]]:
    matches = [m for m in _MONEY.finditer(plain) if m["code"] in CURRENCIES]
    return reversed(matches)


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
            if prefix and prefix not in PREFIXES.get(unit, ()):
                msg = (
                    f"unit {text!r} reads as {prefix}-{unit.replace('_', ' ')} ({SIZES[prefix]}), hardly what is meant"
                )
                raise UnitError(msg, MEANT.get(unit, f"Write {unit.replace('_', ' ')} without a prefix"))


_COMMON = ("kWh", "MWh", "GWh", "km", "kg", "mi", "lb", "yr", "h", "FTE", "unit", "short_ton")


def _near(word: str) -> str:
    known = [*(n for n in dir(registry()) if not n.startswith("_")), *_COMMON, *CURRENCIES]
    folded = {k.lower(): k for k in known}
    near = [folded[n] for n in difflib.get_close_matches(word.lower(), list(folded), n=3, cutoff=0.6)]
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{hint}Units are written like USD/h, MCAD, lb/MWh, short_ton/unit, person, FTE, %"
