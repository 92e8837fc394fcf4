"""The search for a flip: what is proven is told, and what the gap leaves open is called so."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from evsiting.optimize.decisions.break_even import _Point, _Search
from evsiting.optimize.decisions.forced import ForcedDecision
from evsiting.results.decisions.intervals import Interval
from tests.studies import two_plant_study


def search(monkeypatch: pytest.MonkeyPatch, what: str, gap: float, site: str = "windsor") -> _Search:
    """Return a search in which a plant costs 5 at today's value more than to do without it, but for a gap."""
    made = _Search(SimpleNamespace(study=two_plant_study()), ForcedDecision(site, "pack"), what, "pack", 0.01)  # type: ignore[arg-type]
    today = made.solver.study.sites.set_index("site")["wage_usd_per_h"].get(site, 0.0)

    def at(self: _Search, value: float) -> _Point:
        costs = 5.0 - value if what == "grant" else 5.0 + 20.0 * (value - today)
        return self._remember(_Point(value, Interval(costs - gap, costs + gap), self.solver.study))

    monkeypatch.setattr(_Search, "at", at)
    return made


def test_a_grant_that_draws_it_in_is_told_though_nothing_is_proven_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = search(monkeypatch, "grant", gap=50.0)
    found = found.result(*found.bracket(None))  # type: ignore[arg-type]
    assert math.isnan(found.out_at)
    assert found.in_at == 82.5  # the first that is tried: half more than what it may cost at most
    assert len(found.tried) == 2  # a larger one tells no more
    assert str(found).startswith("windsor/pack is built at a grant of 82.5 USD (today 0); that it is not was proven at")
    assert "Of today's value the gap leaves it open" in str(found)


def test_a_figure_is_moved_both_ways_where_nothing_is_proven_today(monkeypatch: pytest.MonkeyPatch) -> None:
    found = search(monkeypatch, "wage", gap=50.0)
    low, high = found.bracket(None)  # type: ignore[arg-type]
    assert low is not None
    assert high is not None
    assert low.value > 28.0 > high.value


def test_where_nothing_is_proven_at_any_value_the_gap_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = search(monkeypatch, "wage", gap=1e9)
    told = str(found.result(*found.bracket(None)))  # type: ignore[arg-type]
    assert "no value was found at which the answer flips" in told
    assert "the gap leaves it open" in told
    assert "drives it" not in told
