"""Number formats of a workbook: what a cell shows where that is not what it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from openpyxl.styles.numbers import is_date_format

from evsiting.units import CURRENCIES

__all__ = ["Shown", "as_code", "is_plain", "shown_by"]

_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]\-]*)(?:-[^\]]*)?\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<exponent>E[+-])|(?P<general>General|Standard)|(?P<percent>%)|(?P<digits>[0#?.,/]+)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
#: By how much a word behind the number multiplies it, for a reader.
_WORDS: dict[str, float] = {
    **dict.fromkeys(("k", "th", "tsd", "tsd.", "thousand", "thousands", "thou", "mil", "miles", "milliers"), 1e3),
    **dict.fromkeys(("m", "mm", "mn", "mio", "mio.", "mill", "mill.", "million", "millions", "millones"), 1e6),
    **dict.fromkeys(("mdd", "mdp"), 1e6),
    **dict.fromkeys(("b", "bn", "bill", "billion", "billions", "mrd", "mrd.", "mds", "milliard", "milliards"), 1e9),
}
#: Codes of the currencies that a sign stands for; the dollar sign and others stand for several.
_SIGNS = {
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₩": ("KRW",),
    "₹": ("INR",),
    "US$": ("USD",),
    "C$": ("CAD",),
    "CA$": ("CAD",),
    "MX$": ("MXN",),
}


@dataclass(frozen=True)
class Shown:
    """What a section of a number format makes of a number.

    Parameters
    ----------
    percent : bool
        Whether the number is multiplied by 100 and shown with a percent sign.
    percent_sign : bool
        Whether a percent sign is shown behind the number as it is: 3.4 as 3.4%.
    divided : float
        By what the number is divided: 1000 for each comma at the end of the digits.
    multiplied : float
        By what a word such as k, M or bn says that it is to be multiplied; 1 where there is none.
    word : str
        Other text beside the number, such as a unit; ``m``, which may be metres or millions, also where it is read as
        millions.
    currencies : tuple of str
        Codes of the currencies that a sign may stand for; empty where there is none, or it may be any dollar or peso.
    date : bool
        Whether it is shown as a date or a time.
    digits : bool
        Whether the number is shown at all.
    """

    percent: bool = False
    percent_sign: bool = False
    divided: float = 1.0
    multiplied: float = 1.0
    word: str = ""
    currencies: tuple[str, ...] = ()
    date: bool = False
    digits: bool = True

    @property
    def plain(self) -> bool:
        """Whether the cell shows what it holds."""
        return self == _PLAIN


_PLAIN = Shown()


@cache
def is_plain(code: str) -> bool:
    """Whether every number that has a format is shown as it is, but for signs, separators and decimals.

    Examples
    --------
    >>> is_plain("#,##0.00_);[Red](#,##0.00)"), is_plain('0.0"%"'), is_plain("00000")
    (True, False, False)
    """
    every = [_section(text) for _, text in _sections(code)[:3]]
    return all(made.plain for made in every) and not _is_padded(code)


def shown_by(code: str, value: float) -> Shown:
    """Return what a number format makes of a number.

    Parameters
    ----------
    code : str
        As the file stores it: ``0.0,,"M"``.
    value : float
        The number: positive, negative and zero may be shown in different ways.

    Notes
    -----
    ECMA-376-1:2016, 18.8.31.

    Examples
    --------
    >>> shown_by('0.0"%"', 3.4).percent_sign, shown_by("[>=1000000]0.0,,;0", 5e6).divided
    (True, 1000000.0)
    """
    sections = _sections(code)
    if len(sections) > 1 and any(condition for condition, _ in sections):
        for condition, text in sections:
            if condition is None or _holds(condition, value):
                return _section(text)
        return _section(sections[-1][1])
    numbers = sections[:3]
    if value < 0 and len(numbers) > 1:
        return _section(numbers[1][1])
    if value == 0 and len(numbers) > 2:
        return _section(numbers[2][1])
    return _section(numbers[0][1])


def as_code(code: str, value: int) -> str | None:
    """Return a whole number as a format of zeros and text shows it; None where the format is none of these.

    Examples
    --------
    >>> as_code("00000", 501), as_code('"S-"000', 7), as_code("General", 7)
    ('00501', 'S-007', None)
    """
    if value < 0 or not _is_padded(code):
        return None
    text = ""
    for token in _TOKEN.finditer(_sections(code)[0][1]):
        if token["digits"] is not None:
            text += str(value).zfill(token["digits"].count("0"))
        else:
            text += token["quoted"] or token["escaped"] or token["other"] or ""
    return text.strip()


@cache
def _is_padded(code: str) -> bool:
    """Whether a format shows whole numbers with leading zeros or between text, as codes are."""
    text = _sections(code)[0][1]
    tokens = list(_TOKEN.finditer(text))
    digits = [t["digits"] for t in tokens if t["digits"] is not None]
    known = all(t["digits"] or t["quoted"] or t["escaped"] or t["other"] for t in tokens)
    if not known or len(digits) != 1 or not re.fullmatch(r"#*0+", digits[0]):
        return False
    words = "".join(t["quoted"] or t["escaped"] or t["other"] or "" for t in tokens if not t["digits"])
    return (digits[0].count("0") > 1 or bool(words.strip(" ()-+"))) and not is_date_format(code)


@cache
def _sections(code: str) -> tuple[tuple[tuple[str, float] | None, str], ...]:
    """Return the sections of a format, each with its condition if it has one; an empty format is General."""
    parts = [""]
    for token in _TOKEN.finditer(code if code.strip() else "General"):
        if token["other"] == ";":
            parts.append("")
        else:
            parts[-1] += token[0]
    made = []
    for part in parts:
        condition = next((m for t in _TOKEN.finditer(part) if (m := _CONDITION.fullmatch(t["bracket"] or ""))), None)
        made.append(((condition[1], float(condition[2])) if condition else None, part))
    return tuple(made)


def _holds(condition: tuple[str, float], value: float) -> bool:
    sign, bound = condition
    return {
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[sign]


@cache
def _section(text: str) -> Shown:
    if is_date_format(text):
        return Shown(date=True)
    digits = literal = ""
    percent = False
    signs: list[str] = []
    for token in _TOKEN.finditer(text):
        if token["digits"] is not None:
            digits += token["digits"] if token["digits"] != "/" else ""
            literal += " " if literal else ""
        elif token["percent"]:
            percent = True
        elif token["currency"] is not None:
            literal += f" {token['currency']} "
        elif token["general"] or token["exponent"]:
            digits += "0"
        else:
            literal += token["quoted"] or token["escaped"] or token["other"] or ""
    scaling = re.fullmatch(r"[^.]*?(?P<whole>,*)(?:\.[^,]*(?P<part>,*).*)?", digits.rstrip("/"))
    commas = len(scaling["whole"]) + len(scaling["part"] or "") if scaling and digits.strip(",.") else 0
    word = _strip_section(literal, signs)
    sign = "%" in word
    word = word.replace("%", "").strip()
    zeros = re.fullmatch(r"(?:[ ,.'’]?000)+", word)
    factor = 1000.0 ** word.count("000") if zeros else _WORDS.get(word.lower(), 1.0)
    return Shown(
        percent=percent,
        percent_sign=sign,
        divided=1000.0**commas,
        multiplied=factor,
        word="" if factor != 1.0 and word != "m" else word,
        currencies=_currencies(signs),
        digits=bool(digits) or "@" in text,
    )


def _strip_section(literal: str, signs: list[str]) -> str:
    """Return the words of a section, its signs of currency taken out and noted."""
    word = literal.strip(" ()-+:\xa0\u202f\u2009@")
    for sign in sorted({*_SIGNS, "$"}, key=len, reverse=True):
        if sign in word:
            word = word.replace(sign, " ")
            signs.append(sign)
    codes = [part for part in word.split() if part in CURRENCIES]
    signs += codes
    return " ".join(part for part in word.split() if part not in codes)


def _currencies(signs: list[str]) -> tuple[str, ...]:
    for sign in signs:
        if sign in _SIGNS:
            return _SIGNS[sign]
        if sign in CURRENCIES:
            return (sign,)
    return ()
