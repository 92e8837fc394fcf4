"""Names that differ and look the same, and text that was read in another encoding than it was written in."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

__all__ = ["names_alike", "wrongly_decoded"]

#: Cyrillic and Greek letters that are drawn as Latin ones are.
_DRAWN_ALIKE = str.maketrans("асеорхуіјѕАВСЕНІЈКМОРЅТХУαοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aceopxyijsABCEHIJKMOPSTXYaoABEZHIKMNOPTYX")
_DASHES = re.compile("[\u2010-\u2015\u2212\uff0d]")
#: Two-byte characters of UTF-8 as a program shows them that takes them for text of Windows.
_SEEN_WRONG = re.compile("[ÂÃâÅÄ].")


def names_alike(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return groups of different names that a reader takes for the same: but for case, dashes, blanks and alphabets.

    Parameters
    ----------
    names : iterable of str
        Different names.

    Examples
    --------
    >>> names_alike(["M-Dallas", "M-dallas", "M-austin"]), names_alike(["S-1", "S-2"])
    ([('M-Dallas', 'M-dallas')], [])
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[_as_seen(name)].append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _as_seen(name: str) -> str:
    plain = name
    if not name.isascii():
        plain = _DASHES.sub("-", unicodedata.normalize("NFKC", name).translate(_DRAWN_ALIKE))
    return " ".join(plain.casefold().split())


def wrongly_decoded(text: str) -> str:
    """Return what a text was before UTF-8 was taken for an encoding of Windows; empty where it was not.

    Examples
    --------
    >>> wrongly_decoded("MontrÃ©al"), wrongly_decoded("Montréal"), wrongly_decoded("São Paulo")
    ('Montréal', '', '')
    """
    if text.isascii() or not _SEEN_WRONG.search(text):
        return ""
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return ""
