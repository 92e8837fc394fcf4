"""The starter study is the same however it is got, and is checked once."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study, read_starter
from evsiting.study.validation import tables


def test_the_starter_read_at_once_is_the_one_that_a_new_folder_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = read_study(new_study(tmp_path / "Starter"))
    checks: list[object] = []
    check = tables.check_across
    monkeypatch.setattr(tables, "check_across", lambda *args, **named: (checks.append(args), check(*args, **named)))
    assert read_starter("Starter") == written
    assert len(checks) == 1
