"""Output from C is dropped meanwhile, and everything else is as it was afterwards."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from evsiting.optimize.engines.console import without_c_output


def open_files() -> int:
    """Return how many file descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_what_is_written_below_python_is_dropped_and_the_rest_is_not(capfd: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write("before\n")
    with without_c_output():
        os.write(1, b"banner\n")
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "before\nafter\n"


def test_output_comes_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        with without_c_output():
            os.write(1, b"banner\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"


@pytest.mark.parametrize("stream", [None, "closed"])
def test_without_a_standard_output_the_work_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path, stream: str | None
) -> None:
    if stream == "closed":
        closed = (tmp_path / "out").open("w")
        closed.close()
    monkeypatch.setattr(sys, "stdout", None if stream is None else closed)
    done = []
    with without_c_output():
        done.append(1)
    assert done == [1]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list open files")
@pytest.mark.parametrize("fails", ["", "dup", "open"])
def test_no_file_stays_open(monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    def refuse(*_: object) -> int:
        raise OSError

    if fails:
        monkeypatch.setattr(os, fails, refuse)
    before = open_files()
    done = []
    for _ in range(3):
        with without_c_output():
            done.append(1)
    assert done == [1, 1, 1]
    assert open_files() == before
