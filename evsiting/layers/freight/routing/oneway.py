"""One-way roads of a road network: attribute values of its makers mapped to directions; unknown ones are reported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import shown
from evsiting.study.canonical.identifiers import identifiers

#: Directions in which a road may be driven, seen along the order of its vertices.
BOTH, ALONG, AGAINST, CLOSED = "both ways", "along the line", "against the line", "closed"

#: Words that mean the same whoever wrote them: OpenStreetMap, Geofabrik, TomTom and ArcGIS, FHWA, NRN, INEGI.
_WORDS: dict[str, tuple[str, ...]] = {
    BOTH: (
        *("", "no", "false", "0", "b", "both", "none", "null", "nan", "two-way", "twoway", "two way", "bidirectional"),
        *("both directions", "reversible", "alternating", "dos sentidos", "doble sentido", "ambos sentidos"),
    ),
    ALONG: (
        *("yes", "y", "true", "1", "+1", "ft", "forward", "along", "with", "positive", "one-way", "oneway", "one way"),
        *("same direction", "un sentido"),
    ),
    AGAINST: ("-1", "reverse", "reversed", "tf", "backward", "against", "negative", "opposite direction"),
    CLOSED: ("closed", "cerrada en ambos sentidos"),
}
_MEANING = {word: way for way, words in _WORDS.items() for word in words}
#: Other names of the column, in small letters without anything between them.
_NAMES = (
    *(
        "oneway",
        "onewaytag",
        "osmoneway",
        "dirtravel",
        "traveldir",
        "direction",
        "dir",
        "trafficdir",
        "trafficdirection",
    ),
    *("dirofflow", "flowdir", "circula", "sentido", "travdir", "drivingdirection"),
)
#: Columns of costs against the line, in which nets made for pgRouting say what is closed.
_REVERSE = ("reversecost", "reverselength", "rcost", "costreverse", "revcost")
#: Costs from which they mean "no way".
_NO_WAY = 1e5


@dataclass(frozen=True)
class OneWay:
    """Which roads of a net may be driven along their line, and which against it.

    Parameters
    ----------
    along, against : numpy.ndarray of bool, shape (lines,)
        Whether each line may be driven in the order of its vertices, and the other way.
    words : mapping of str to (int, str)
        Every word of the column, with how many lines have it and what it was read as.
    odd : tuple of str
        What is not sure: words that are unknown or mean two things, a column that was not read.
    """

    along: NDArray[np.bool_]
    against: NDArray[np.bool_]
    words: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    odd: tuple[str, ...] = ()


def read_oneway(lines: pd.DataFrame, column: str | None) -> OneWay:
    """Return the directions of lines.

    Parameters
    ----------
    lines : pandas.DataFrame
        A row for each line, with the user's columns.
    column : str, optional
        Column to read; one written much like it, or none, where it is missing; all lines both ways where None.
    """
    free = np.ones(len(lines), dtype=bool)
    if column is None:
        return OneWay(free, free.copy())
    odd: list[str] = []
    if column not in lines:
        column, remarks = _similar_column(lines)
        odd += remarks
    if column is None:
        return OneWay(free, free.copy(), {}, (*odd, *_implied_oneway(lines, np.ones(len(lines), dtype=bool))))
    cells = identifiers(lines[column])
    meaning, doubts = _meanings(cells.unique().tolist())
    ways = np.array([meaning.get(v, BOTH) for v in cells.tolist()], dtype=object)
    counts = cells.value_counts()
    words = {w: (int(n), meaning.get(w, "unknown")) for w, n in zip(map(str, counts.index), counts, strict=True)}
    strange = {w: n for w, (n, read) in words.items() if read == "unknown"}
    if strange:
        seen = shown(f"{w!r}: {n:,}" for w, n in strange.items())
        odd.append(f"column {column!r} has words that are not known, read as {BOTH} ({seen})")
    odd += [f"column {column!r}: {doubt}" for doubt in doubts]
    odd += _implied_oneway(lines, (cells == "").to_numpy())
    return OneWay((ways == BOTH) | (ways == ALONG), (ways == BOTH) | (ways == AGAINST), words, tuple(odd))


def _meanings(cells: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return what each word means among the others of its column, and which of them may mean something else."""
    low = {cell: " ".join(cell.lower().split()) for cell in cells}
    made = {cell: _MEANING[word] for cell, word in low.items() if word in _MEANING}
    known, doubts = set(low.values()), []
    here, to_from = "b" in known, bool({"ft", "tf"} & known)
    letters = [cell for cell, word in low.items() if word in ("f", "t")]
    for cell in letters:
        truth = not here and not to_from and cell in "ft"  # as PostgreSQL writes true and false
        made[cell] = (ALONG if cell == "t" else BOTH) if truth else (ALONG if low[cell] == "f" else AGAINST)
    if letters and not here:
        read = ", ".join(f"{cell!r} {made[cell]}" for cell in sorted(letters))
        doubts.append(f"the letters F and T stand without a B: read as {read}; write yes, no and -1 if they mean else")
    barred = [cell for cell, word in low.items() if word == "n"]
    for cell in barred:
        made[cell] = CLOSED if here or to_from else BOTH
        if not here and not to_from and known - {"n"} and not {"y", "yes"} & known:
            text = f"{cell!r} stands for 'no' in some nets and for 'closed both ways' in others; read as {BOTH}"
            doubts.append(f"{text}; write no or closed")
    return made, doubts


def _similar_column(lines: pd.DataFrame) -> tuple[str | None, list[str]]:
    """Return the column that is ``oneway`` but for the way it is written, and what to tell of columns like it."""
    plain = {str(c): re.sub(r"[^a-z]", "", str(c).lower()) for c in lines.columns}
    same = [c for c, p in plain.items() if p == "oneway"]
    if len(same) == 1:
        return same[0], [f"there is no column 'oneway', so {same[0]!r} was read; name it with oneway={same[0]!r}"]
    odd = []
    for column, name in plain.items():
        if name in _NAMES and _looks_like_oneway(lines[column]):
            seen = shown(repr(v) for v in identifiers(lines[column]).unique())
            text = f"column {column!r} seems to say which roads are one-way ({seen}) and was not read"
            odd.append(f"{text}; name it with oneway={column!r}")
        if name in _REVERSE:
            cost = pd.to_numeric(lines[column], errors="coerce")
            closed = int(((cost < 0.0) | (cost >= _NO_WAY)).sum())
            if closed:
                text = f"column {column!r} seems to close {closed:,} of {len(lines):,} roads against their line"
                odd.append(f"{text} and was not read; make a column oneway of it, with yes where it does")
    return None, odd


def _looks_like_oneway(cells: pd.Series) -> bool:
    """Whether half of a column or more are words of one-way roads, and one of them means one way only."""
    text = identifiers(cells)
    text = text[text != ""]
    known = {**_MEANING, "f": ALONG, "t": AGAINST, "n": CLOSED}
    read = text.str.lower().map(known)
    return bool(len(text) and read.notna().mean() >= 0.5 and read.isin([ALONG, AGAINST]).any())


def _implied_oneway(lines: pd.DataFrame, silent: NDArray[np.bool_]) -> list[str]:
    """Return what to tell of motorways and roundabouts of OpenStreetMap that do not say that they are one-way."""
    lost = np.zeros(len(lines), dtype=bool)
    for column, words in (("highway", ("motorway",)), ("junction", ("roundabout", "circular"))):
        if column in lines:
            lost |= silent & lines[column].astype(object).isin(words).to_numpy()
    if not lost.any():
        return []
    text = (
        f"motorways or roundabouts without a word on one-way ({int(lost.sum()):,} of {len(lines):,}) are read as {BOTH}"
    )
    return [f"{text}; in OpenStreetMap that means one-way: write yes in their column oneway"]
