"""Every notebook runs from top to bottom, and none carries outputs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# In a process of its own: what a kernel's machinery warns of is not this package's doing.
RUN = """
import sys, nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], as_version=4)
place = {"metadata": {"path": sys.argv[2]}}
NotebookClient(book, timeout=240, kernel_name="python3", resources=place).execute()
said = [o for cell in book.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]
sys.exit("".join(o["text"] for o in said) or 0)
"""


#: Too long to run beside the pages of the manual, which show the same steps.
LONG = {"01_first_study", "05_decisions"}


@pytest.mark.parametrize(
    "notebook", [pytest.param(n, id=n.stem, marks=[pytest.mark.slow] if n.stem in LONG else []) for n in NOTEBOOKS]
)
def test_the_notebook_runs(notebook: Path, tmp_path: Path) -> None:
    env = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), "PYTHONWARNINGS": "default"}
    env["IPYTHONDIR"] = str(tmp_path / "ipython")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN, str(notebook), str(tmp_path)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_carries_no_outputs(notebook: Path) -> None:
    book = nbformat.read(notebook, as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert code
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
