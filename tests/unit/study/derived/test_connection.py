"""Connected load: what a process states, else its mean load over the load factor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.study.derived.connection import connected_kw


def test_mean_load_over_the_load_factor() -> None:
    """8,760 kWh a unit are 1 kW all year; at a load factor of 0.8 the peak is a quarter more."""
    frame = pd.DataFrame({"electricity_kwh_per_unit": [8760.0, 0.0]})
    np.testing.assert_allclose(connected_kw(frame, 0.8), [1.25, 0.0])


def test_what_is_stated_holds_even_where_it_is_nothing() -> None:
    frame = pd.DataFrame(
        {"electricity_kwh_per_unit": [8760.0, 8760.0, 8760.0], "connection_kw_per_unit": [0.0, np.nan, 7.0]}
    )
    np.testing.assert_allclose(connected_kw(frame, 1.0), [0.0, 1.0, 7.0])
