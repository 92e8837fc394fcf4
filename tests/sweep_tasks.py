"""What the tests have carried out in worker processes, which know functions of modules only."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # workers that only square numbers need not load all this
    import pandas as pd

    from evsiting.results.case_plans import CasePlans


def square(number: float) -> float:
    return number * number


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(mark: str, number: float) -> float:
    """Return the square, but end the process by a kill when it is asked for the first time."""
    try:
        with Path(mark).open("x"):
            pass
    except FileExistsError:
        return number * number
    os.kill(os.getpid(), signal.SIGKILL)
    return 0.0


def fail(text: str) -> None:
    raise ValueError(text)


class _Stubborn(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def unsendable() -> None:
    raise _Stubborn(1, 2)


def threads_of() -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


def wait_long(mark: str) -> None:
    """Write the number of the process, and sleep."""
    Path(mark).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600.0)


def sleep_once(mark: str, number: float) -> float:
    """Return the square; when it is asked for the first time, write the number of the process and sleep."""
    try:
        with Path(mark).open("x", encoding="utf-8") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return number * number
    time.sleep(600.0)
    return 0.0


def cases_table(count: int) -> pd.DataFrame:
    """Return so many what-if cases of the two-plant study, one of them without a plan."""
    import pandas as pd

    change = {"table": "demand", "column": "units_per_yr", "action": "multiply"}
    rows = [change | {"case": f"demand {k:02d}", "value": 0.5 + 0.5 * k / count} for k in range(count - 1)]
    return pd.DataFrame([*rows, change | {"case": "too much", "value": 1e6}])


def run_sweep(folder: str, count: int, workers: int) -> CasePlans:
    import evsiting as ev
    from tests.studies import two_plant_study

    return ev.sweep(two_plant_study(), cases_table(count), folder=folder, workers=workers, verify=False, gap=0.0)


def looked(folder: Path) -> dict[str, object]:
    """Return what a sweep left on disk, file by file, but for the times that it took."""
    found: dict[str, object] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            name = file.relative_to(folder).as_posix()
            found[name] = json.loads(text) | {"seconds": 0.0} if file.name == "plan.json" else text
    return found


if __name__ == "__main__":
    run_sweep(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
