"""Ways in which files are damaged at random, and what is tried with them."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: What people, programs and attackers write into cells, headers and keys.
ODD = [
    *("", " ", "nan", "-inf", "Infinity", "1e308", "1e-320", "9" * 400, "-1", "0", "1,5", "1.000,5", "12%", "=1+1"),
    *("#N/A", "NULL", "TRUE", "2024-13-45", "2024/03/01", "\x00", "\x1b[31m", "\u202eabc", "\ud800", "\ufffe", "[/]"),
    *(
        "<script>",
        "a|b",
        ";",
        "\t",
        '"',
        "''",
        "x" * 70_000,
        "lat",
        "geometry",
        "site",
        "wage [CAD/h]",
        "wage [mUSD/h]",
    ),
    *("wage []", "[USD]", "fid", "0x10", "1_000", "١٢", "½", "𝟙", "null", "[]", "{}", "[[1,2],[3]]", '{"a":{"a":1}}'),
    *("EPSG:4326", "EPSG:99999", "urn:ogc:def:crs:OGC::CRS84", "LOCAL_CS[]", "-180.0001", "1e5", "US-ZZ", "Ünited"),
]


@dataclass
class Target:
    """A sound file, how it is damaged, and what reads it.

    ``share`` says how often it is tried beside the others: what is read in a moment is tried more often.
    """

    name: str
    content: bytes
    damaged: Callable[[random.Random, bytes], bytes]
    read: Callable[[Path], object]
    share: int


def bytes_changed(chance: random.Random, content: bytes) -> bytes:
    """Return bytes with some flipped, taken out, doubled or cut off."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(made) + 1)
        size = chance.choice((1, 2, 4, 16, 200))
        kind = chance.randrange(6)
        if kind == 0 and at < len(made):
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del made[at : at + size]
        elif kind == 2:
            made[at:at] = made[at : at + size]
        elif kind == 3:
            made[at : at + size] = chance.randbytes(size)
        elif kind == 4 and chance.random() < 0.2:
            del made[at:]
        else:
            made[at:at] = chance.choice(ODD).encode("utf-8", "surrogatepass")
    return bytes(made)


def words_changed(chance: random.Random, content: bytes) -> bytes:
    """Return text with some of its words, numbers and signs put in another's place."""
    if chance.random() < 0.25:
        return bytes_changed(chance, content)
    text = content.decode("utf-8", "surrogateescape")
    for _ in range(chance.choice((1, 1, 2, 4))):
        starts = [k for k in range(1, len(text)) if (text[k - 1] in ',;:<>"= \n[{') != (text[k] in ',;:<>"= \n[{')]
        if len(starts) < 2:
            break
        k = chance.randrange(len(starts) - 1)
        word = text[starts[k] : starts[k + 1]]
        other = chance.choice((chance.choice(ODD), word * 2, "", word.swapcase(), word[::-1], word[:-1]))
        text = text[: starts[k]] + other + text[starts[k + 1] :]
    return text.encode("utf-8", "surrogatepass" if chance.random() < 0.5 else "surrogateescape") if _fits(text) else b""


def _fits(text: str) -> bool:
    for errors in ("surrogatepass", "surrogateescape"):
        with suppress(UnicodeEncodeError):
            text.encode("utf-8", errors)
            continue
        return False
    return True
