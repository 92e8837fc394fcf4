"""Readers meet files damaged at random: a few in every run of the tests, many thousand in ``make torture``.

``EVSITING_FUZZ`` says how many, ``EVSITING_FUZZ_SEED`` which.
"""

from __future__ import annotations

import os
import time

import pytest

from tests.torture.fuzzing import faults

SEED = int(os.environ.get("EVSITING_FUZZ_SEED", "2026"))


def told(folder, seed, executions):
    began = time.perf_counter()
    found = list(faults(folder, seed, executions))
    seconds = time.perf_counter() - began
    print(f"{executions:,} executions in {seconds:,.0f} s, {executions / seconds:,.0f} a second")  # noqa: T201
    return found


def test_damaged_files_are_told_in_our_own_words(tmp_path):
    assert told(tmp_path, SEED, 500) == []


@pytest.mark.torture
@pytest.mark.parametrize("part", range(4))
def test_many_damaged_files_are_told_in_our_own_words(tmp_path, part):
    executions = int(os.environ.get("EVSITING_FUZZ", "24000")) // 4
    assert told(tmp_path, SEED + 1 + part, executions) == []
