"""Limits on how far the sites that open are from named ones, against brute force over every set of buildings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InfeasibleError, InputError
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.limit_studies import limits_frame
from tests.random_studies import random_study
from tests.reference.test_brute_force import least, near

SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= 8 else ()) for seed in range(80)]


def drawn_rows(study: Study, seed: int) -> list[dict[str, object]]:
    """Return one to three rows: other sites than a random set, or few others, of all or one plant type."""
    dice = np.random.default_rng([seed, 31])
    sites, kinds = study.sites["site"].tolist(), sorted(set(study.options["plant_type"]))
    rows: list[dict[str, object]] = []
    for _ in range(int(dice.integers(1, 4))):
        named = [s for s in sites if dice.random() < 0.5] or [sites[0]]
        row: dict[str, object] = {"kind": "sites_changed", "members": "; ".join(named)}
        row |= {"plant_type": str(dice.choice(kinds))} if dice.random() < 0.3 else {}
        far = int(dice.integers(1, len(sites)))
        row |= {"at_least": 1.0} if dice.random() < 0.5 else {"at_most": float(far)}
        if dice.random() < 0.2:
            row["penalty_usd_per_unit"] = float(dice.choice([1e5, 1e7]))
        rows.append(row)
    return rows


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # random studies hold what is odd but legal
@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_plan_under_them_is_what_brute_force_finds(seed: int) -> None:
    study = random_study(seed, features=None if seed % 2 else ())
    rows = limits_frame(*drawn_rows(study, seed)).assign(limit=lambda t: "far " + t["limit"])
    limits = pd.concat([study.limits, rows], ignore_index=True) if study.has("limits") else rows
    try:
        limited = study.with_table("limits", limits)
    except InputError:  # more other sites than there are: the program says so, too
        limited = Study(study.settings, {**study.tables, "limits": limits})
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
