"""Tasks in this process, in processes of our own and in an executor that is given: the same answers everywhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from evsiting.optimize.sweeps import tasks as tasks_module
from evsiting.optimize.sweeps.pools import Foreign, Here, Pool, Processes
from evsiting.optimize.sweeps.tasks import RETRIES, Outcome, Task, run_tasks
from tests import sweep_tasks

ROOT = Path(__file__).parents[4]


def task(name: str, call: Callable[..., Any], *arguments: object) -> Task:
    return Task(name, call, lambda: arguments)


def outcomes(tasks: list[Task], pool: Pool) -> dict[str, Outcome]:
    found: list[Outcome] = []
    run_tasks(tasks, pool, found.append)
    assert len(found) == len({outcome.name for outcome in found}) == len(tasks)  # each is told once
    return {outcome.name: outcome for outcome in found}


def test_one_that_fails_leaves_the_others_alone() -> None:
    found = outcomes([task("two", sweep_tasks.square, 2), task("bad", sweep_tasks.fail, "no"),
                      task("three", sweep_tasks.square, 3)], Here())  # fmt: skip
    assert (found["two"].value, found["three"].value) == (4, 9)
    assert isinstance(found["bad"].error, ValueError)


def test_a_worker_that_is_killed_loses_nothing_and_one_that_always_dies_is_told(tmp_path: Path) -> None:
    tasks = [task(f"n{k}", sweep_tasks.square, k) for k in range(4)]
    tasks.insert(1, task("once", sweep_tasks.die_once, str(tmp_path / "mark"), 5))
    tasks.insert(3, task("always", sweep_tasks.die))
    tasks.append(task("threads", sweep_tasks.threads_of))
    tasks.append(task("stubborn", sweep_tasks.unsendable))
    found = outcomes(tasks, Processes(2))
    assert [found[f"n{k}"].value for k in range(4)] == [0, 1, 4, 9]
    assert found["once"].value == 25
    assert f"lost {RETRIES + 1} times" in str(found["always"].error)
    assert found["threads"].value == os.environ.get("OMP_NUM_THREADS", "1")
    assert "1 and 2" in str(found["stubborn"].error)  # an exception that cannot be sent is told by its words


class Odd(Executor):
    """An executor that keeps the protocol over another one, hides what it is, and loses some answers."""

    def __init__(self, inner: Executor, losses: int) -> None:
        self._inner, self._losses, self.submitted = inner, losses, 0

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **more: Any) -> Future[Any]:
        self.submitted += 1
        if self._losses:
            self._losses -= 1
            lost: Future[Any] = Future()
            lost.set_exception(ConnectionError("the worker went away"))
            return lost
        return self._inner.submit(call, *arguments, **more)


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_does(kind: type[Executor]) -> None:
    import multiprocessing

    how = {} if kind is ThreadPoolExecutor else {"mp_context": multiprocessing.get_context("spawn")}
    with kind(2, **how) as inner:
        odd = Odd(inner, losses=RETRIES)
        found = outcomes([task(str(k), sweep_tasks.square, k) for k in range(5)], Foreign(odd, 2))
        assert [found[str(k)].value for k in range(5)] == [0, 1, 4, 9, 16]
        assert odd.submitted == 5 + RETRIES
        assert inner.submit(sweep_tasks.square, 7).result() == 49  # what was given stays open


def test_a_broken_executor_that_was_given_is_told_for_each_that_is_left() -> None:
    import multiprocessing

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as inner:
        found = outcomes([task("dies", sweep_tasks.die), task("late", sweep_tasks.square, 2)], Foreign(inner, 1))
    assert all("is broken" in str(outcome.error) for outcome in found.values())


def test_an_interrupt_ends_the_workers_at_once(tmp_path: Path) -> None:
    mark = tmp_path / "pid"

    def stop(_: Outcome) -> None:
        while not mark.exists() or not mark.read_text(encoding="utf-8"):
            time.sleep(0.02)
        raise KeyboardInterrupt

    long = task("long", sweep_tasks.wait_long, str(mark))
    with pytest.raises(KeyboardInterrupt):
        run_tasks([long, task("short", sweep_tasks.square, 2)], Processes(2), stop)
    assert not _alive(int(mark.read_text(encoding="utf-8")))


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc")
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    mark, script = tmp_path / "pid", tmp_path / "script.py"
    script.write_text(
        "from evsiting.optimize.sweeps.pools import Processes\n"
        "from evsiting.optimize.sweeps.tasks import Task, run_tasks\n"
        "from tests.sweep_tasks import wait_long\n"  # no `if __name__ == '__main__'`: the script is run once
        f"run_tasks([Task('a', wait_long, lambda: ({str(mark)!r},))], Processes(2), print)\n",
        encoding="utf-8",
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], env=env) as parent:
        _until(lambda: mark.exists() and bool(mark.read_text(encoding="utf-8")))
        parent.send_signal(signal.SIGKILL)
    worker = int(mark.read_text(encoding="utf-8"))
    _until(lambda: not _alive(worker))


def _until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 120.0
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_is_odd_about_data_is_not_told_by_workers_again() -> None:
    assert tasks_module.carry_out(sweep_tasks.square, 3)[:3] == (9, None, ())
