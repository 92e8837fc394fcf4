"""By-products and recycling against brute force, the certificate and a second engine, on random studies."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.study.study import Study
from tests.agreement import assert_all_agree
from tests.random_features import FEATURES
from tests.random_studies import random_study

STUDIES, QUICK = 80, 2
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= QUICK else ()) for seed in range(STUDIES)]
#: What depends on recipes and flows, so that it is drawn more often than the rest.
NEAR = (
    "recipes", "centers", "duties", "relief", "yield", "second_maker", "survive_share", "gateways",
    "output_share", "concentration_site", "concentration_company",
)  # fmt: skip


def study_of(seed: int) -> Study:
    """Return the random study of a seed: by-products, some features near them and up to two others."""
    dice = np.random.default_rng([seed, 4])
    near = [name for name in NEAR if dice.random() < 0.2]
    others = dice.permutation([n for n in FEATURES if n not in near])[: int(dice.integers(0, 3))].tolist()
    return random_study(seed, features=["by_products", *near, *others], combinations=60)


@pytest.mark.parametrize("seed", SEEDS)
def test_brute_force_certificate_and_two_engines_agree(seed: int) -> None:
    assert_all_agree(study_of(seed), plan_too=seed < QUICK or seed // 2 % 2 == 0, also_its_plan=seed < QUICK)
