"""Expansions at once and closing of what was built against brute force, the certificate and a second engine."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.study.study import Study
from tests.agreement import assert_all_agree
from tests.random_features import FEATURES
from tests.random_studies import random_study

STUDIES, QUICK = 70, 3
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= QUICK else ()) for seed in range(STUDIES)]
#: What depends on which plants stand, so that it is drawn more often than the rest.
NEAR = (
    "expansion",
    "ramp",
    "property_tax",
    "plants_open",
    "members_open",
    "ruled",
    "clawback",
    "jobs_fte",
    "survive_share",
)


def study_of(seed: int) -> Study:
    """Return the random study of a seed: expansions at once or plants that may be closed, and features near them."""
    dice = np.random.default_rng([seed, 5])
    own = [("at_once", "expansion"), ("retiring",), ("at_once", "expansion", "retiring")][seed % 3]
    near = [name for name in NEAR if name not in own and dice.random() < 0.25]
    others = dice.permutation([n for n in FEATURES if n not in {*near, *own}])[: int(dice.integers(0, 2))].tolist()
    return random_study(seed, features=[*own, *near, *others], combinations=40)


@pytest.mark.parametrize("seed", SEEDS)
def test_brute_force_certificate_and_two_engines_agree(seed: int) -> None:
    assert_all_agree(study_of(seed), plan_too=seed < QUICK or seed // 2 % 2 == 0, also_its_plan=seed < QUICK)
