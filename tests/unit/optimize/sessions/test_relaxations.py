"""Bases: carried to the program that is asked for, by the method that suits, and kept in a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.model.milp import Block
from evsiting.optimize.engines.basis import BASIC, LOWER, Basis, Layout
from evsiting.optimize.engines.warm_lp import DUAL
from evsiting.optimize.large.count_branching import CountTree
from evsiting.optimize.sessions import relaxations
from evsiting.optimize.sessions.basis_file import read_bases
from evsiting.optimize.sessions.relaxations import KnownBasis
from evsiting.optimize.sessions.session import Session
from tests.studies import two_plant_study

WEIGHTS = {"cost": 1.0, "emissions": 50.0}


@pytest.fixture
def session() -> Session:
    return ev.open_session(two_plant_study(), gap=0.0)


def block(family: str, start: int, names: str) -> Block:
    return Block(family, start, start + len(names), lambda k: (names[k],))


def test_a_basis_follows_the_names() -> None:
    old = Layout((block("build", 0, "ab"), block("ship", 2, "xyz")), (block("demand", 0, "mn"),), (2, 5))
    new = Layout(
        (block("build", 0, "ab"), block("ship", 2, "zx")), (block("count", 0, "q"), block("demand", 1, "mn")), (3, 4)
    )
    basis = Basis(np.array([2, BASIC, 3, LOWER, BASIC], dtype=np.int8), np.array([0, 2], dtype=np.int8))
    moved = basis.moved(old, new, primal=True)
    assert moved.columns.tolist() == [2, BASIC, BASIC, 3]
    assert moved.rows.tolist() == [BASIC, 0, 2]
    assert (moved.square, moved.primal) == (True, True)
    assert not basis.moved(old, replace(new, rows=(), shape=(0, 4))).square


def test_branches_are_solved_by_the_dual_method_whichever_reached_the_relaxation(session: Session) -> None:
    session.bound()
    program, aim = session.program, session.program.milp.combined(WEIGHTS)
    found, warm = session.relaxation(program, WEIGHTS, {}, session.limits, None)
    assert warm
    assert found.warm.model.getOptionValue("simplex_strategy")[1] == 4  # only the objective has changed
    tree = CountTree(program, program.milp, aim, found.warm)
    assert tree.lp.model.getOptionValue("simplex_strategy")[1] == DUAL


def test_of_too_many_bases_the_first_and_the_newest_stay(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaxations, "MOST", 2)
    for cap in (None, 4e12, 3e12, 2e12, 2e12):
        session.bound(caps={} if cap is None else {"emissions": cap})
    assert [k.caps.get("emissions") for k in session.relaxed.known] == [None, 3e12, 2e12]


def test_a_basis_of_quite_another_objective_or_program_is_no_start(session: Session) -> None:
    session.bound("cost")
    assert not session.bound("emissions").warm
    first = session.relaxed.known[0]
    small = Layout((block("build", 0, "a"),), (block("demand", 0, "m"),), (1, 1))
    one = KnownBasis(first.weights, {}, small, Basis(np.zeros(1, np.int8), np.ones(1, np.int8)))
    other = session.fresh()
    other.relaxed.learn([one])
    assert not other.bound("cost").warm


def test_bases_in_a_file_are_a_start(session: Session, tmp_path: Path) -> None:
    before = [session.bound(), session.bound(caps={"emissions": 1e12}), session.bound(WEIGHTS)]
    session.save_bases(tmp_path / "bases.npz")
    again = ev.open_session(two_plant_study(), gap=0.0, bases=tmp_path / "bases.npz")
    after = [again.bound(), again.bound(caps={"emissions": 1e12}), again.bound(WEIGHTS)]
    assert all(found.warm for found in after)
    assert [a.value for a in after] == pytest.approx([b.value for b in before], rel=1e-9)
    limited = again.with_limits([{"limit": "few", "kind": "plants_built", "at_most": 9.0}])
    assert limited.bound().warm
    known, seconds = read_bases(tmp_path / "bases.npz")
    assert [k.basis.columns.tolist() for k in known] == [k.basis.columns.tolist() for k in session.relaxed.known]
    assert again.relaxed.from_nothing_s == seconds == session.relaxed.from_nothing_s > 0.0


def test_a_damaged_file_of_bases_is_told(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "bases.npz"
    with pytest.raises(InputError, match="is not there"):
        ev.open_session(two_plant_study(), bases=file)
    session.bound()
    session.save_bases(file)
    whole = file.read_bytes()
    with np.load(file) as held:
        arrays = dict(held)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="is damaged"):
        read_bases(file)
    for name, wrong in (("columns_0", arrays["columns_0"][1:]), ("rows_0", arrays["rows_0"] + np.int8(9))):
        np.savez(file, **(arrays | {name: wrong}))
        with pytest.raises(InputError, match="is damaged"):
            read_bases(file)
    head = json.loads(bytes(arrays["head"]).decode()) | {"version": 99}
    np.savez(file, **(arrays | {"head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)}))
    with pytest.raises(InputError, match="another version"):
        read_bases(file)


def test_what_no_ray_proves_is_solved_from_nothing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.bound()
    monkeypatch.setattr(relaxations, "_is_proven_empty", lambda *given: False)
    found = session.bound(limits=[{"limit": "many", "kind": "jobs", "at_least": 5e6}])
    assert (found.feasible, found.warm) == (False, False)
