"""``python -m evsiting`` is the command line, and nothing runs on import."""

from __future__ import annotations

import importlib
import runpy
import sys

import pytest

import evsiting.cli


def test_it_runs_the_command_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(evsiting.cli, "main", lambda: calls.append("run"))
    importlib.import_module("evsiting.__main__")
    assert calls == []
    monkeypatch.delitem(sys.modules, "evsiting.__main__")
    runpy.run_module("evsiting", run_name="__main__", alter_sys=True)
    assert calls == ["run"]
