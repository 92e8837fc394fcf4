"""Draws of uncertain figures: within their ranges, each part of a range once, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev

RANGES = pd.DataFrame(
    {
        "name": ["demand", "wages", "fixed"],
        "table": ["demand", "sites", "options"],
        "column": ["units_per_yr", "wage_usd_per_h", "capex_usd"],
        "low": [0.8, 1.1, 1.0],
        "high": [1.3, 1.5, 1.0],
    }
)


def test_each_part_of_a_range_is_drawn_from_once_and_the_mode_is_the_figure_as_it_stands() -> None:
    cases = ev.monte_carlo_cases(RANGES, draws=40, seed=3)
    assert cases["case"].nunique() == 40
    assert len(cases) == 3 * 40
    demand = np.sort(cases.loc[cases["table"] == "demand", "value"].to_numpy(float))
    low, mode, high = 0.8, 1.0, 1.3
    below = np.where(
        demand < mode,
        (demand - low) ** 2 / ((high - low) * (mode - low)),
        1.0 - (high - demand) ** 2 / ((high - low) * (high - mode)),
    )
    assert np.floor(40 * below).astype(int).tolist() == list(range(40))
    wages = cases.loc[cases["table"] == "sites", "value"].astype(float)
    assert wages.between(1.1, 1.5).all()
    assert wages.median() < 1.3  # the mode is the nearer end
    assert set(cases.loc[cases["table"] == "options", "value"]) == {1.0}


def test_seeds_tell_draws_apart_and_repeat_them() -> None:
    one, same, other = (ev.monte_carlo_cases(RANGES, draws=5, seed=s) for s in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


def test_what_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ev.InputError, match=r"(?s)draws.*seed"):
        ev.monte_carlo_cases(RANGES, draws=0, seed=-1)
    with pytest.raises(ev.InputError, match="monte_carlo_cases, range 'demand'"):
        ev.monte_carlo_cases(RANGES.assign(low=2.0))
