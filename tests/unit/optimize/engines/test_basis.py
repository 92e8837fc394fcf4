"""A basis for another program: what has the same name keeps its state, new columns are low, new rows are in."""

from __future__ import annotations

import numpy as np

from evsiting.model.milp import Milp, MilpBuilder, Objective
from evsiting.optimize.engines.basis import BASIC, LOWER, Basis, Layout


def _program(makes: list[str], rows: list[str]) -> Milp:
    """Return a program with a column ``make`` a name and a row ``capacity`` a name."""
    milp = MilpBuilder()
    columns = milp.add_columns("make", (len(makes),), lambda k: (makes[k],))
    each = np.arange(len(rows))
    milp.add_rows(
        "capacity", len(rows), lambda k: (rows[k],), (each, columns[each % len(makes)], 1.0), upper=np.ones(len(rows))
    )
    cost = Objective("cost", np.zeros(len(makes)), 0.0, 1.0)
    return milp.finish([cost])


def _layout(makes: str, rows: str) -> Layout:
    return Layout.of(_program(list(makes), list(rows)))


def test_states_follow_their_names_into_another_order() -> None:
    basis = Basis(np.array([BASIC, 2], dtype=np.int8), np.array([LOWER], dtype=np.int8))
    moved = basis.moved(_layout("ab", "r"), _layout("cba", "r"))
    assert moved.columns.tolist() == [LOWER, 2, BASIC]  # c is new
    assert moved.rows.tolist() == [LOWER]
    assert moved.square


def test_new_rows_are_in_the_basis_so_that_it_stays_square() -> None:
    basis = Basis(np.array([BASIC], dtype=np.int8), np.array([LOWER], dtype=np.int8))
    moved = basis.moved(_layout("a", "r"), _layout("a", "rst"), primal=True)
    assert moved.rows.tolist() == [LOWER, BASIC, BASIC]
    assert moved.square
    assert moved.primal


def test_a_column_of_the_basis_that_is_gone_leaves_it_short() -> None:
    basis = Basis(np.array([BASIC, LOWER], dtype=np.int8), np.array([LOWER], dtype=np.int8))
    assert not basis.moved(_layout("ab", "r"), _layout("bcd", "r")).square
