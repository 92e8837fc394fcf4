"""Texts that are no numbers: what a reader takes them for, and how to write them."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from evsiting.study.schema.columns import Column
from evsiting.units import CURRENCIES

__all__ = ["looks_rounded", "thousands_by_point", "way_to_write"]

_ERRORS = """
#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #N/A! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN!
#GETTING_DATA #¡DIV/0! #¡VALOR! #¡REF! #¿NOMBRE? #¡NUM! #¡NULO! #N/D #VALEUR! #NOM? #NOMBRE! #NUL! #NV #WERT!
#BEZUG! #ZAHL! Err:502 Err:504 Err:508 Err:509 Err:522
"""
_NOT_KNOWN = """
na n/a n.a. n.a nan null nil none - -- --- – — ? ?? #n/a tbd tba tbc unknown missing x . .. s/d n/d nd k.a.
desconocido inconnu
"""
_YES_AND_NO = "yes no y n true false sí si oui non vrai faux verdadero falso x ✓ ✔ ✗ ☑ ☐"
#: What spreadsheet programs show for an error, in the languages of North America and some others.
_ERROR_TEXTS = frozenset(_ERRORS.split())
_YES_OR_NO = frozenset(_YES_AND_NO.split())
_UNKNOWN = frozenset(_NOT_KNOWN.split())
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(?:[. ]\d{3})*,\d+|[+-]?\d+,\d+")
_THOUSANDS = re.compile(
    r"[+-]?\d{1,3}(?:[\s'’_]\d{3})+(?:[.,]\d+)?|[+-]?\d{1,3}(?:,\d{2,3})+(?:\.\d*)?|[+-]?\d{1,3}(?:\.\d{3}){2,}(?:,\d*)?"
)
_COMMAS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?|[+-]?[\d.]*\d,\d+")
_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_MONEY = re.compile(r"[$€£¥₩]|(?:^|(?<=[\d\s]))(?:" + "|".join(sorted(CURRENCIES)) + r")(?=$|[\d\s])")
_SHORT = re.compile(r"[+-]?[\d.,]+\s*(?:k|K|M|MM|mn|mio|bn|B|thousand|million|billion|mil|millones)\.?")
_NEGATIVE = re.compile(r"\(\s*[$€£]?\s*[\d.,\s]+\)|[\d.,]+\s*[-−–]")
_PART = re.compile(r"(?:\d+\s+)?\d+\s*[/⁄]\s*\d+|\d*\s*[¼-¾⅐-⅞]")
_RANGE = re.compile(r"[\d.,]+\s*(?:-|–|to|bis|a|à)\s*[\d.,]+")
_ABOUT = re.compile(r"(?:~|≈|<|>|≤|≥|ca\.?|approx\.?|about)\s*[\d.,]+", re.IGNORECASE)
_ROUNDED = re.compile(r"[1-9](?:[.,]\d+)?[eE]\+\d{2,}")
#: A point before three digits is doubted where the others in the column are at least this large.
_LARGE = 1_000.0
_APART = 30.0


def way_to_write(column: Column, cells: Sequence[str], header: str = "") -> str:
    """Return how texts that are no numbers are to be written, kind by kind.

    Parameters
    ----------
    column : Column
        The dictionary's entry of their column.
    cells : sequence of str
        The texts.
    header : str
        The header as written.
    """
    unit = f" in {column.unit}" if len(column.unit) > 1 else ""
    ways = list(dict.fromkeys(_way(column, cell.strip(), unit, header) for cell in cells)) or [f"Give a number{unit}"]
    return ". ".join(ways[:4])


def _way(column: Column, text: str, unit: str, header: str) -> str:
    plain = text.replace("−", "-")
    if word := _way_for_word(column, text, unit):
        return word
    if _DECIMAL_COMMA.fullmatch(plain) or _THOUSANDS.fullmatch(plain):
        return "Write a point for decimals and nothing between thousands: 1234.5"
    if plain.endswith("%") and "%" in header:
        return "Write the number alone: the header has the percent sign"
    if plain.endswith("%"):
        return f"Write the percent sign in the header instead: '{column.label} [%]'"
    if _NEGATIVE.fullmatch(plain):
        return "Write a minus before a negative number: -5"
    if any(c.isdigit() for c in plain) and _MONEY.search(plain):
        example = f"'{column.label} [{column.unit}]'" if column.unit else "[USD]"
        return f"Write the currency into the header, as in {example}, and the number alone"
    if _PART.fullmatch(plain):
        return "Write a fraction with a point: 0.5"
    if _SHORT.fullmatch(plain):
        return "Write the number in full: 5000 for 5k"
    if _RANGE.fullmatch(plain) or _ABOUT.fullmatch(plain):
        return "Write one number"
    return f"Give a number{unit}; units belong in the header"


def thousands_by_point(cells: Sequence[object]) -> tuple[list[int], bool]:
    """Return which cells hold a point before three digits that may part thousands, and whether that is contradicted.

    ``150.000`` beside ``120,000`` or ``120000`` may be a hundred and fifty, or a hundred and fifty thousand.

    Parameters
    ----------
    cells : sequence
        Cells of a column of numbers: texts and numbers.

    Returns
    -------
    list of int
        Positions of the doubtful cells.
    bool
        Whether other cells of the column speak against decimals; False where every cell is written so, and only the
        zeros at the ends raise the doubt.

    Examples
    --------
    >>> thousands_by_point(["150.000", "120,000"]), thousands_by_point(["150.000", "120000", ""])
    (([0], True), ([0], True))
    >>> (
    ...     thousands_by_point(["31.250", "28.500"]),
    ...     thousands_by_point(["31.255", "28"]),
    ...     thousands_by_point(["0.250"]),
    ... )
    (([0, 1], False), ([], False), ([], False))
    """
    if not any(issubclass(kind, str) for kind in set(map(type, cells))):
        return [], False
    texts = [(k, v.strip()) for k, v in enumerate(cells) if isinstance(v, str) and v.strip()]
    if any("." in v and not _POINT.fullmatch(v) and not _COMMAS.fullmatch(v) for _, v in texts[:50]):
        return [], False  # figures with decimals of other lengths
    doubtful = [k for k, v in texts if _POINT.fullmatch(v)]
    if not doubtful:
        return [], False
    if any(_COMMAS.fullmatch(v) for _, v in texts):
        return doubtful, True
    ambiguous = set(doubtful)
    others = [v for k, v in texts if k not in ambiguous]
    sizes = [abs(v) for v in cells if isinstance(v, int | float) and not isinstance(v, bool) and v == v and v]
    if any(not re.fullmatch(r"[+-]?\d+", v) for v in others) or any(not float(v).is_integer() for v in sizes):
        return [], False
    figures = sizes + [abs(float(v)) for v in others if float(v)]
    pointed = statistics.median(abs(float(str(cells[k]))) for k in doubtful)
    if not figures:
        return (doubtful, False) if all(str(cells[k]).strip().endswith("0") for k in doubtful) else ([], False)
    middle = statistics.median(figures)
    apart = middle >= _LARGE and pointed * _APART < middle
    return (doubtful, True) if apart and 1 / _APART <= pointed * 1e3 / middle <= _APART else ([], False)


def looks_rounded(text: str) -> bool:
    """Whether a name is a number of which a spreadsheet program has dropped digits.

    Examples
    --------
    >>> looks_rounded("3.52E+06"), looks_rounded("2E10")
    (True, False)
    """
    return bool(_ROUNDED.fullmatch(text))


def _way_for_word(column: Column, text: str, unit: str) -> str:
    """Return how to write what is an error, an answer or a word for nothing; empty for everything else."""
    plain = text.replace("−", "-").lower()
    if text in _ERROR_TEXTS and text != "#N/A":
        return "Mend the formula that gave the error"
    if plain in _YES_OR_NO and (column.low, column.high) == (">= 0", "<= 1"):
        return "Write 1 for yes and 0 for no"
    if text in ("True", "False"):
        return f"Give a number{unit}"
    if plain in _UNKNOWN:
        empty = column.nullable or column.default is not None
        return "Leave the cell empty where the value is unknown" if empty else f"Give a number{unit}"
    return ""
