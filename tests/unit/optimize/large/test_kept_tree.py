"""A tree rebuilt from the prices of a plan: it proves as much as they do, and none that is open or odd is taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.optimize.large.count_branching import CountTree, GrownTree
from evsiting.optimize.large.kept_tree import tree_of_prices
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.sessions.session import Session
from evsiting.results.record.bound_prices import BoundPrices
from tests.random_studies import random_study


def tree_of(session: Session, grown: GrownTree | None = None) -> CountTree:
    milp, cost = session.program.milp, session.program.milp.objectives["cost"]
    relaxed = session.relaxation(session.program, {"cost": 1.0}, {}, session.limits, None)[0]
    return CountTree(session.program, milp, cost, relaxed.warm, grown=grown)


@pytest.mark.parametrize(("seed", "nodes"), [(21, 2), (27, 2), (27, 4)])
def test_the_tree_proves_what_its_prices_do_and_goes_on(seed: int, nodes: int) -> None:
    session = ev.open_session(random_study(seed), gap=0.0)
    first = tree_of(session)
    plain = first.bound
    first.grow(lambda _: False, 20.0, nodes=nodes)
    prices, milp, cost = first.proof(), first.milp, first.objective
    kept = tree_of_prices(prices, milp.shape[1])
    assert kept is not None
    tree = tree_of(session, kept)
    assert tree.bound == pytest.approx(first.bound, rel=1e-9)
    assert tree.bound > plain * (1 + 1e-4)
    for one in (first, tree):
        one.grow(lambda _: False, 20.0)
    assert tree.bound == pytest.approx(first.bound, rel=1e-9)
    again, fault = price_bound(session.program.milp, cost, tree.proof())
    assert again == pytest.approx(tree.bound, rel=1e-8)
    assert not fault


def test_a_tree_that_leaves_something_out_is_not_taken() -> None:
    first = tree_of(ev.open_session(random_study(21), gap=0.0))
    first.grow(lambda _: False, 20.0)
    prices, columns = first.proof(), first.milp.shape[1]
    last = len(prices.leaf) - 1
    start = int(prices.start[last])
    short = replace(prices, leaf=prices.leaf[:last], empty=prices.empty[:last], start=prices.start[: last + 1],
                    index=prices.index[:start], value=prices.value[:start])  # fmt: skip
    assert last >= 1
    assert tree_of_prices(prices, columns) is not None
    assert tree_of_prices(short, columns) is None
    assert tree_of_prices(replace(prices, index=np.full_like(prices.index, len(prices.base))), columns) is None
    assert tree_of_prices(BoundPrices.of_relaxation(np.ones(3)), columns) is None


def test_a_tree_of_another_program_is_passed_over() -> None:
    first = tree_of(ev.open_session(random_study(21), gap=0.0))
    first.grow(lambda _: False, 20.0)
    session = ev.open_session(random_study(3), gap=0.0)
    kept = tree_of_prices(first.proof(), first.milp.shape[1])
    assert tree_of(session, kept).bound == tree_of(session).bound
