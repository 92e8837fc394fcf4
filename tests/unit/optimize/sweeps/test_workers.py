"""What a worker does first: one thread for libraries, no Ctrl-C, and an end with its parent."""

from __future__ import annotations

import os
import signal
from multiprocessing import Pipe

import pytest

from evsiting.optimize.sweeps import workers


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the exit codes with which the process would have ended."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    return codes


def test_the_process_ends_when_the_other_end_is_closed(ended: list[int]) -> None:
    here, there = Pipe(duplex=False)
    there.close()
    workers._end_with(here)
    assert ended == [1]


def test_it_ends_where_its_own_end_is_closed_already(ended: list[int]) -> None:
    here, there = Pipe(duplex=False)
    here.close()
    workers._end_with(here)
    there.close()
    assert ended == [1]


def test_libraries_get_one_thread_and_what_the_user_has_set_stays(
    monkeypatch: pytest.MonkeyPatch, ended: list[int]
) -> None:
    for name in workers.THREADS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    started: list[tuple[object, ...]] = []

    class Thread:
        """A thread that is only recorded."""

        def __init__(self, *, target: object, args: tuple[object, ...], name: str, daemon: bool) -> None:
            started.append((target, args, name, daemon))

        def start(self) -> None:
            """Record the start."""
            started.append(("started",))

    monkeypatch.setattr(workers.threading, "Thread", Thread)
    before = signal.getsignal(signal.SIGINT)
    here, there = Pipe(duplex=False)
    try:
        workers.begin(here)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert [os.environ[name] for name in workers.THREADS] == ["3", "1", "1", "1"]
    assert started == [(workers._end_with, (here,), "lifeline", True), ("started",)]
    there.close()
    assert ended == []
