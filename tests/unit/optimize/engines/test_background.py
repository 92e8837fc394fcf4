"""A call in a thread: its end, its exceptions, and that waiting for it may be cut short."""

from __future__ import annotations

import threading

import pytest

from evsiting.optimize.engines.background import Background


def test_a_call_runs_until_it_ends() -> None:
    go = threading.Event()
    call = Background(go.wait)
    assert call.is_running()
    assert call.is_running(0.001)
    go.set()
    call.join()
    assert not call.is_running()
    call.raise_failure()  # nothing to raise


@pytest.mark.parametrize("error", [ValueError("seven"), MemoryError(), SystemExit(3), KeyboardInterrupt()])
def test_what_the_call_raises_is_raised_where_it_is_asked_for(error: BaseException) -> None:
    def work() -> None:
        raise error

    call = Background(work)
    call.join()
    assert not call.is_running()
    for _ in range(2):  # each time
        with pytest.raises(type(error)) as caught:
            call.raise_failure()
        assert caught.value is error


def test_the_thread_does_not_hold_the_process() -> None:
    go = threading.Event()
    call = Background(go.wait)
    assert call._thread.daemon
    go.set()
    call.join()
