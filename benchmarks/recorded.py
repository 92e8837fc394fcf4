"""Figures of a benchmark in a file, with the day, the machine and the versions that they were measured with."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

#: Whether a short form is asked for, whose figures are not kept, and whether peers that take minutes are.
QUICK, PEERS = bool(os.environ.get("BENCH_QUICK")), bool(os.environ.get("BENCH_PEERS"))
LIBRARIES = ("evsiting", "highspy", "pulp", "numpy", "scipy", "numba")


def setting() -> dict[str, Any]:
    """Return when, where and with what is measured."""
    installed = {d.name.lower(): d.version for d in importlib.metadata.distributions() if d.name}
    versions = {name: installed[name] for name in LIBRARIES if name in installed}
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.system()} {platform.machine()}, {_processor()}",
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "versions": {"python": platform.python_version()} | versions,
    }


def keep(file: Path, figures: dict[str, Any]) -> None:
    """Write figures with their setting; not those of a short form.

    Parameters
    ----------
    file : pathlib.Path
        In ``benchmarks/results``.
    figures : dict
        What was measured.
    """
    if QUICK:
        return
    file.parent.mkdir(exist_ok=True)
    text = json.dumps({"measured": setting()} | figures, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _processor() -> str:
    """Return the name of the processor, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((x.partition(":")[2].strip() for x in lines if x.startswith("model name")), "unknown processor")
