"""Colours and shapes: one place, so that a plant type or a product looks the same in every picture and file.

The colours keep their distance for the three kinds of colour-blindness; without colour they differ in
lightness, and every plant type has a shape of its own. A product wears the colour of the plant type that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evsiting.study.study import Study


@dataclass(frozen=True)
class Look:
    """How one plant type or product is drawn.

    Parameters
    ----------
    light, dark : str
        Colour on a light and on a dark page, ``#rrggbb``.
    marker : str
        Marker code of matplotlib.
    path : str
        The same shape as an SVG path of area pi around the origin (a circle of radius 1 has that area).
    """

    light: str
    dark: str
    marker: str
    path: str


def _polygon(corners: int, turn: float) -> str:
    """Return a regular polygon of area pi as an SVG path."""
    radius = np.sqrt(2.0 * np.pi / (corners * np.sin(2.0 * np.pi / corners)))
    angles = np.radians(turn) + np.arange(corners) * 2.0 * np.pi / corners
    points = " ".join(f"{radius * np.cos(a):.3f},{radius * np.sin(a):.3f}" for a in angles)
    return f"M{points}Z"


_CIRCLE = "M-1,0A1,1 0 1 1 1,0A1,1 0 1 1 -1,0Z"
_SQUARE, _DIAMOND, _UP, _DOWN = _polygon(4, 45), _polygon(4, 0), _polygon(3, -90), _polygon(3, 90)
_PENTAGON, _HEXAGON, _OCTAGON = _polygon(5, -90), _polygon(6, 0), _polygon(8, 22.5)

#: Looks of the stages of the usual chain, by a word that their name holds.
KNOWN: Mapping[str, Look] = {
    "cell": Look("#123f7a", "#6ea8f5", "s", _SQUARE),
    "module": Look("#2f9e8f", "#4fdcae", "^", _UP),
    "pack": Look("#e9a21c", "#f5be55", "D", _DIAMOND),
    "assembly": Look("#c0392b", "#f0705a", "o", _CIRCLE),
}
#: Looks of everything else, in the order of the study.
OTHERS: tuple[Look, ...] = (
    Look("#8f2fd0", "#b06ef2", "v", _DOWN),
    Look("#b9a3ee", "#a6e1ff", "p", _PENTAGON),
    Look("#66333c", "#ff9ecb", "H", _HEXAGON),
    Look("#9ccc85", "#e6e06b", "8", _OCTAGON),
)

#: Colours that are not of a plant type, for pages with white paper.
PAPER: Mapping[str, str] = {
    "sea": "#f8fafb",
    "land": "#eeede8",
    "border": "#c6c4bc",
    "coast": "#a9a79f",
    "market": "#7d8da1",
    "candidate": "#8a8a86",
    "ink": "#1c2530",
    "muted": "#5b6672",
    "grid": "#e3e6ea",
    "accent": "#1d6fa5",
    "cost": "#5c7896",
    "credit": "#3c8f6a",
    "total": "#26364a",
    "import": "#b7a37c",
    "proven": "#d9dde3",
}


@dataclass(frozen=True)
class Palette:
    """Looks of one study's plant types and products, in the order of its tables."""

    plant_types: Mapping[str, Look]
    products: Mapping[str, Look]

    def plant_type(self, name: str) -> Look:
        """Return the look of a plant type; a neutral one for a name that the study does not know."""
        return self.plant_types.get(name, OTHERS[-1])

    def product(self, name: str) -> Look:
        """Return the look of a product; a neutral one for a name that the study does not know."""
        return self.products.get(name, OTHERS[-1])


def _assign(names: list[str], taken: dict[str, Look]) -> dict[str, Look]:
    """Give each name a look: a known one by its words, or the first that is free, or turn by turn."""
    looks = dict(taken)
    for name in names:
        if name in looks:
            continue
        words = name.lower().replace("vehicle", "assembly")
        fits = [look for word, look in KNOWN.items() if word in words and look not in looks.values()]
        free = [look for look in (*OTHERS, *KNOWN.values()) if look not in looks.values()]
        looks[name] = (fits or free or [OTHERS[len(looks) % len(OTHERS)]])[0]
    return looks


def palette(study: Study) -> Palette:
    """Return the looks of a study's plant types and products.

    Parameters
    ----------
    study : Study
        Its tables ``processes`` and ``products`` say what there is and who makes what.

    Returns
    -------
    Palette
        The same for every picture of the study.
    """
    processes = study.processes
    kinds = list(dict.fromkeys(processes["plant_type"].astype(str)))
    looks = _assign(kinds, {})
    products: dict[str, Look] = {}
    for kind, product in zip(processes["plant_type"], processes["product"], strict=True):
        if looks[str(kind)] not in products.values():
            products.setdefault(str(product), looks[str(kind)])
    rest = _assign(
        [str(p) for p in study.products["product"]], {**{f"\0{kind}": look for kind, look in looks.items()}, **products}
    )
    names = [str(p) for p in study.products["product"]]
    return Palette(looks, {name: rest[name] for name in names})
