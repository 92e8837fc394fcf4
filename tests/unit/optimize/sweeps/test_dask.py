"""A sweep on dask's executor; skipped where dask.distributed is not installed."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings

import pytest

import evsiting as ev
from evsiting.optimize.sweeps.pools import Foreign
from evsiting.optimize.sweeps.tasks import Outcome, Task, run_tasks
from tests import sweep_tasks
from tests.studies import two_plant_study
from tests.sweep_tasks import cases_table

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
        with cluster, distributed.Client(cluster) as client:
            yield client


def test_the_plans_are_those_of_this_process(client) -> None:
    here = ev.sweep(two_plant_study(), cases_table(4), workers=1, verify=False, gap=0.0)
    there = ev.sweep(two_plant_study(), cases_table(4), executor=client.get_executor(), verify=False, gap=0.0)
    assert here.table.equals(there.table)


def test_a_worker_that_is_killed_in_flight_loses_nothing(client, tmp_path) -> None:
    mark = tmp_path / "pid"
    found: list[Outcome] = []
    tasks = [Task(f"n{k}", sweep_tasks.square, lambda k=k: (k,)) for k in range(4)]
    tasks.insert(0, Task("slow", sweep_tasks.sleep_once, lambda: (str(mark), 5)))

    def kill() -> None:
        while not mark.exists() or not mark.read_text(encoding="utf-8"):
            time.sleep(0.02)
        os.kill(int(mark.read_text(encoding="utf-8")), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    run_tasks(tasks, Foreign(client.get_executor()), found.append)
    killer.join()
    assert {outcome.name: outcome.value for outcome in found} == {"slow": 25, "n0": 0, "n1": 1, "n2": 4, "n3": 9}
