"""The two-plant study with customs, as a program and as parts, made once."""

from __future__ import annotations

import pytest

from evsiting.model.build import Program, build
from tests.trade_studies import trade_study


@pytest.fixture(scope="session")
def trading() -> Program:
    """Return the program of the two-plant study with duties and all that spares them."""
    return build(trade_study())


@pytest.fixture(scope="session")
def trading_parts(make_parts):
    """Return its decisions without constraints."""
    return make_parts(trade_study())
