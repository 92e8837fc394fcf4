"""Sums by key are those of pandas, to the last digit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.results.ledgers.sums import sums_by_key
from evsiting.results.rules.case import sums


def rows(seed: int) -> pd.DataFrame:
    """Return rows whose sums depend on the order, with what is no number and what has no end."""
    dice = np.random.default_rng(seed)
    size = 10.0 ** dice.integers(-9, 17, 60) * dice.choice([-1.0, 1.0], 60)
    value = np.where(dice.random(60) < 0.1, dice.choice([np.nan, np.inf, -np.inf], 60), size)
    text = {
        name: pd.Series(dice.choice(list(letters), 60), dtype="str") for name, letters in (("a", "xy"), ("b", "pqr"))
    }
    return pd.DataFrame({**text, "value": value}).set_index(dice.permutation(60))


@pytest.mark.parametrize("seed", range(5))
def test_they_are_those_of_pandas(seed: int) -> None:
    frame = rows(seed)
    wanted = frame.groupby(["a", "b"])["value"].sum()
    found = sums_by_key(zip(frame["a"], frame["b"], strict=True), frame["value"].tolist())
    assert {k: repr(v) for k, v in found.items()} == {k: repr(v) for k, v in wanted.to_dict().items()}


@pytest.mark.parametrize("seed", range(5))
def test_sums_of_a_rule_are_those_of_pandas(seed: int) -> None:
    frame, key = rows(seed), ["b", "a"]
    pd.testing.assert_frame_equal(
        sums(frame, key, "value"), frame.groupby(key, as_index=False)[["value"]].sum(), check_exact=True
    )


def test_rows_without_a_key_are_left_out() -> None:
    frame = rows(0)
    frame["a"] = frame["a"].where(frame["a"] == "x")
    assert set(sums(frame, ["a"], "value")["a"]) == {"x"}
