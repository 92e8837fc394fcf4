"""Every script in examples/ runs as it stands, from a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
#: What a script is given so that it takes seconds.
QUICK = {"quickstart.py": ["--points", "3"]}
#: Solve a study many times.
LONG = {"policy.py", "quickstart.py", "what_if.py"}


@pytest.mark.parametrize(
    "script", [pytest.param(s, id=s.name, marks=[pytest.mark.slow] if s.name in LONG else []) for s in SCRIPTS]
)
def test_the_script_runs(script: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), *QUICK.get(script.name, [])],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if script.name == "quickstart.py":
        written = {path.name for path in (tmp_path / "out" / "quickstart").iterdir()}
        assert written == {"siting.html", "siting.xlsx", "siting.gpkg", "map.png", "front.png"}
