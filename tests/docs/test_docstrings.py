"""Every example in a docstring runs and says what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import evsiting

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = sorted(
    m.name for m in pkgutil.walk_packages(evsiting.__path__, "evsiting.") if not m.name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["evsiting", *MODULES])
def test_the_examples_of_every_docstring_hold(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    parser = doctest.DocTestFinder(exclude_empty=True)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    for example in parser.find(module, module=module):
        runner.run(example, out=told.append)
    assert not told, "".join(told)
