"""How much memory a study takes that is solved over groups of places: told before it is used."""

from __future__ import annotations

import math
from pathlib import Path

from evsiting.layers.freight.lane_count import MODES_KEPT, PROGRAM_BYTES
from evsiting.study.study import Study

__all__ = ["available_bytes", "detail_lanes", "memory_words", "needed_bytes"]

#: Memory of the libraries, of the tables of a large study and of the lanes that are priced at once. [byte]
BASE_BYTES = 700_000_000
#: What the kernel says of memory that a new process can have, and of the limit of a container. [file]
MEMORY_FILE, LIMIT_FILES = (
    Path("/proc/meminfo"),
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
)


def detail_lanes(study: Study) -> int:
    """Return about how many lanes lead from the plants of a plan to all markets: most of the largest program.

    As many plants as stand, and as many new ones of the largest size as the demand of the highest period fills.

    Parameters
    ----------
    study : Study
        Complete but for its lanes.

    Examples
    --------
    >>> import evsiting as ev
    >>> 150_000 < detail_lanes(ev.example("north-america-cities")) < 600_000
    True
    """
    demand = study.demand[study.demand["units_per_yr"] > 0.0]
    peak = demand.groupby(["product", "period"])["units_per_yr"].sum().groupby("product").max()
    markets = demand.groupby("product")["market"].nunique()
    recipes = study.processes[["plant_type", "product", "capacity_use"]]
    sizes = study.options.groupby("plant_type")["capacity_units_per_yr"].max()
    standing = study.plants["plant_type"].value_counts()
    sold = study.suppliers["product"].value_counts()
    lanes = 0.0
    for product, units in peak.items():
        mine = recipes[recipes["product"] == product]
        most = (mine["plant_type"].map(sizes) / mine["capacity_use"]).max()
        new = math.ceil(units / most) if most > 0.0 else 0
        old = int(mine["plant_type"].map(standing).fillna(0).sum())
        lanes += MODES_KEPT * (new + old + int(sold.get(product, 0))) * int(markets[product])
    return round(lanes)


def needed_bytes(study: Study) -> int:
    """Return about how much memory it takes to solve a study over groups of places. [byte]

    Parameters
    ----------
    study : Study
        Complete but for its lanes.
    """
    return BASE_BYTES + detail_lanes(study) * len(study.periods) * PROGRAM_BYTES


def available_bytes() -> int | None:
    """Return how much memory is free, within the limit of a container; None where the system does not say. [byte]"""
    try:
        line = next(x for x in MEMORY_FILE.read_text(encoding="ascii").splitlines() if x.startswith("MemAvailable:"))
        free = 1024 * int(line.split()[1])
    except (OSError, ValueError, StopIteration, IndexError):
        return None
    try:
        most, used = (int(file.read_text(encoding="ascii")) for file in LIMIT_FILES)
    except (OSError, ValueError):  # no container, or one without a limit
        return free
    return min(free, max(0, most - used))


def memory_words(study: Study) -> str:
    """Return how much memory it will take, and that it is short where less is free.

    Parameters
    ----------
    study : Study
        Complete but for its lanes.
    """
    need, free = needed_bytes(study), available_bytes()
    text = f"about {need / 1e9:.1f} GB of memory"
    if free is None or free >= need:
        return text
    return (
        f"{text}, and {free / 1e9:.1f} GB are free: it may be ended by the system; fewer markets or periods take less"
    )
