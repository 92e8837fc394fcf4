"""The solver's settings as they are typed."""

from __future__ import annotations

from evsiting.cli.options import solver_settings


def test_what_is_left_out_is_left_to_the_study() -> None:
    assert solver_settings(None, None, None, None, None, None) == {}
    assert solver_settings("0.5%", 7.0, None, 2, None, False) == {
        "gap": 0.005,
        "time_limit_s": 7.0,
        "threads": 2,
        "verify": False,
    }
