"""Recipes by plant type against brute force, the certificate and a second engine, on random studies."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.study.study import Study
from tests.agreement import assert_all_agree
from tests.random_features import FEATURES
from tests.random_plants import RECIPES
from tests.random_studies import random_study

STUDIES, QUICK = 80, 10
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= QUICK else ()) for seed in range(STUDIES)]
#: What depends on recipes, so that it is drawn more often than the rest.
NEAR = ("duties", "relief", "origin", "offsets", "foreign_ratio", "yield", "second_maker")


def wanted(seed: int) -> list[str]:
    """Return some features of recipes and up to four others."""
    dice = np.random.default_rng([seed, 3])
    own = [name for k, name in enumerate(RECIPES) if k == seed % len(RECIPES) or dice.random() < 0.3]
    near = [name for name in NEAR if dice.random() < 0.25]
    return [*own, *near, *dice.permutation([n for n in FEATURES if n not in near])[: int(dice.integers(0, 3))].tolist()]


def study_of(seed: int) -> Study:
    """Return the random study of a seed."""
    return random_study(seed, features=wanted(seed), combinations=60)


@pytest.mark.parametrize("seed", SEEDS)
def test_brute_force_certificate_and_two_engines_agree(seed: int) -> None:
    assert_all_agree(study_of(seed), plan_too=seed < QUICK or seed // 2 % 2 == 0, also_its_plan=seed < QUICK)
