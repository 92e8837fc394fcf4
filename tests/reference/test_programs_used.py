"""Limits on claims of programs, against brute force over every set of buildings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InfeasibleError, InputError
from evsiting.study.derived.program_rules import offered_claims
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.limit_studies import limits_frame
from tests.random_studies import random_study
from tests.reference.test_brute_force import least, near

FEATURES = ("ruled", "pool", "cap", "pledge", "clawback", "excludes", "requires")
SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= 3 else ()) for seed in (*range(40), 96, 106)]


def drawn_rows(study: Study, seed: int) -> list[dict[str, object]]:
    """Return one or two rows: so many claims of some programs at least, or at most, somewhere or in all."""
    dice = np.random.default_rng([seed, 37])
    offers = sorted(offered_claims(study))
    rows: list[dict[str, object]] = []
    for _ in range(int(dice.integers(1, 3))):
        program, site, kind = offers[int(dice.integers(len(offers)))]
        named = sorted({program, *(p for p, _, _ in offers if dice.random() < 0.3)})
        row: dict[str, object] = {"kind": "programs_used", "members": "; ".join(named)}
        row |= {"place": site} if dice.random() < 0.5 else {}
        row |= {"plant_type": kind} if dice.random() < 0.3 else {}
        row |= {"at_least": 1.0} if dice.random() < 0.6 else {"at_most": float(dice.integers(0, 2))}
        if dice.random() < 0.2:
            row["penalty_usd_per_unit"] = float(dice.choice([1e5, 1e8]))
        rows.append(row)
    return rows


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # random studies hold what is odd but legal
@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_plan_under_them_is_what_brute_force_finds(seed: int) -> None:
    study = random_study(seed, features=(FEATURES[seed % len(FEATURES)], "ruled"))
    if not study.has("program_rules") or not offered_claims(study):
        assert not study.has("program_rules") or not len(study.incentives[study.incentives["value"] > 0])
        return
    rows = limits_frame(*drawn_rows(study, seed)).assign(limit=lambda t: "claims " + t["limit"])
    limits = pd.concat([study.limits, rows], ignore_index=True) if study.has("limits") else rows
    try:
        limited = study.with_table("limits", limits)
    except InputError:  # a floor above a ceiling on the same
        return
    best = best_plan(limited, "cost")
    if best is None:
        with pytest.raises(InfeasibleError):
            ev.solve(limited, objective="cost", gap=0.0, threads=1)
        return
    if seed // 2 % 2:  # the whole way, with plan and certificate, takes three times as long
        assert least(limited, "cost") == near(best.value)
        return
    plan = ev.solve(limited, objective="cost", gap=0.0, threads=1)
    assert plan.totals["cost"] == near(best.value)
    ev.certify(limited, plan).raise_if_failed()
