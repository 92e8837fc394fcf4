"""What a random study may hold beside plants and flows: features, each drawn by itself.

A feature either adds to the tables of a study (:data:`ADDED`), or caps what a plan of it does (:data:`CAPPED`): such
figures are drawn from a plan found at random, the witness, so that there is always a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from evsiting.errors import InputError
from evsiting.study.settings import Settings
from evsiting.study.study import Study
from tests import random_caps, random_plants, random_policy, random_recycling, random_trade
from tests.brute.making import Making
from tests.brute_force import two_plans
from tests.frames import TOWNS
from tests.random_mix import Mix

if TYPE_CHECKING:
    from tests.random_studies import Draw

__all__ = ["ADDED", "CAPPED", "FEATURES", "drawn", "shape", "study_with"]

ADDED: Mapping[str, Callable[[Mix], None]] = {
    "recipes": random_plants.RECIPES["recipes"],
    **random_plants.FEATURES,
    **random_trade.FEATURES,
    **random_policy.FEATURES,
    "by_products": random_recycling.by_products,
    **random_plants.CHANGES,
    "centers": random_plants.RECIPES["centers"],
}
CAPPED: Mapping[str, Callable[[random_caps.Caps], None]] = random_caps.FEATURES
#: Features that seeds do not draw by themselves.
ASKED = {*random_plants.RECIPES, *random_plants.CHANGES, "by_products"}
FEATURES = (*(name for name in ADDED if name not in ASKED), *CAPPED)
#: Features that need places in more than one country.
ABROAD = {"duties", "relief", "origin", "quota", "offsets"}
#: Features of what goes into a product.
INPUTS = {"origin", "offsets", "foreign_ratio", "second_maker", "spare_parts"}
#: What a plan must be good for to keep a limit of some kind.
AIMS = {"renewable_share": "emissions", "emissions": "emissions", "jobs": "jobs", "on_time_share": "late"}
#: Features that need time to pass.
OVER_TIME = {"expansion", "ramp", "closing", "resume", "plant_years", "trajectories", "retiring"}


def drawn(seed: int) -> list[str]:
    """Return features drawn at random: mostly two to five, at times one or many; each in turn is among them."""
    dice = np.random.default_rng([seed, 2])
    count = int(dice.choice([1, 2, 3, 4, 5, 9], p=[0.08, 0.22, 0.26, 0.22, 0.14, 0.08]))
    others = dice.permutation(FEATURES)[: count - 1].tolist()
    return sorted({FEATURES[seed % len(FEATURES)], *others})


def shape(draw: Draw, wanted: Collection[str], dice: np.random.Generator, *, sites: bool, periods: bool) -> None:
    """Draw how many sites and periods a study with these features has, where nobody asked for a number."""
    if periods:
        draw.n_periods = int(dice.choice([2, 3])) if OVER_TIME & set(wanted) else int(dice.choice([1, 1, 2, 2, 3]))
    if sites and ABROAD & set(wanted):
        draw.n_sites = int(dice.integers(3, 6))
    if (INPUTS | ASKED - {*random_plants.CHANGES}) & set(wanted):
        draw.shapes = ("pair", "chain", "tree", "family")
    draw.known_towns = tuple(TOWNS[k] for k in dice.permutation(len(TOWNS)))


def _other_settings(settings: Settings, dice: np.random.Generator) -> Settings:
    """Return settings with some of them changed: plants that outlive the horizon or not, few or many strong rows."""
    money = settings.money.model_copy(update={"plant_life_years": float(dice.choice([4.0, 12.0, 20.0]))})
    changed = {
        "load_factor": float(dice.choice([1.0, 0.7])),
        "hours_per_fte_year": float(dice.choice([2080.0, 1800.0])),
        "links_per_market": int(dice.choice([0, 1, 25])),
    }
    return settings.model_copy(update={"money": money, "model": settings.model.model_copy(update=changed)})


def study_with(draw: Draw, name: str, wanted: Collection[str], dice: np.random.Generator) -> Study:
    """Return a study with these features that has a plan."""
    unknown = sorted(set(wanted) - {*ADDED, *CAPPED})
    if unknown:
        raise ValueError(f"no feature {unknown}; choose from {FEATURES}")
    settings, tables = draw.tables(name)
    draw.rng = dice
    settings = _other_settings(settings, dice)
    mix = Mix(draw, settings, tables, dice)
    for feature, add in ADDED.items():
        if feature in wanted:
            add(mix)
    caps = [feature for feature in CAPPED if feature in wanted]
    random_caps.prepare(mix, caps)
    aims = [AIMS[feature] for feature in caps if feature in AIMS]
    study, plans = _with_plans(mix, aims)
    if plans is None:
        mix.soften()
        study, plans = _with_plans(mix, aims)
    assert study is not None, name
    assert plans is not None, name
    for feature in caps:
        CAPPED[feature](random_caps.Caps(mix, *plans))
    return mix.study() if caps else study


def _with_plans(mix: Mix, aims: list[str]) -> tuple[Study | None, tuple[Making, list[float], list[float]] | None]:
    """Return the study so far with two plans; nothing where it has none."""
    try:
        study = mix.study()
    except InputError as error:
        if not any(words in str(error) for words in ("no plan can serve", "nothing makes or sells")):
            raise
        return None, None
    return study, two_plans(study, mix.rng, aims or ["cost", "cost", "cost", "emissions", "jobs"])
