"""How long the distances of 1,360 candidate cities to 4,557 cities take over the shipped rail graph, and in all.

The same shortest paths between the stations of all places, by several libraries, each in a process of its own:

- ``scipy``: ``scipy.sparse.csgraph.dijkstra``, which evsiting uses,
- ``routingkit-cch``: customizable contraction hierarchies, its preparation within the time,
- ``igraph``, ``networkit``, ``rustworkx``: what they offer for many to many.

Beside them what evsiting makes of it: ``rail`` (lengths, gaps and border crossings of every pair of places), ``road``
(great circle x circuity through truck crossings), and ``lanes``, the whole study ``north-america-cities`` priced by
product and mode. Libraries that are not installed are left out and named. Run
``python -m benchmarks.bench_distances``;
figures go to ``benchmarks/results/distances.json``. The ratios are what counts.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.recorded import QUICK, keep
from evsiting import reference
from evsiting.layers.freight.network import rail_graph
from evsiting.layers.freight.routing.road import Roads
from evsiting.layers.geo.geodesic import Points

RESULTS = Path(__file__).parent / "results" / "distances.json"
#: Arcs as integers, for those that need them: metres.
METRE = 1000.0

type Task = tuple[NDArray[np.int64], NDArray[np.int64], Any]


def places() -> tuple[Points, Points]:
    """Return candidate cities and all cities."""
    cities = reference.cities().rename(columns={"iso": "region"})
    step = 10 if QUICK else 1
    return Points.of(cities[cities["candidate"]].iloc[::step], "name"), Points.of(cities.iloc[::step], "name")


def task() -> Task:
    """Return the stations at both ends, each once, and the graph."""
    origins, destinations = places()
    rails = rail_graph()
    return np.unique(rails.snap(origins)[0]), np.unique(rails.snap(destinations)[0]), rails.graph


def scipy(job: Task) -> NDArray[np.float64]:
    """Dijkstra from every start."""
    from scipy.sparse.csgraph import dijkstra

    starts, ends, graph = job
    return np.vstack([dijkstra(graph, indices=starts[k : k + 128])[:, ends] for k in range(0, len(starts), 128)])


def routingkit_cch(job: Task) -> NDArray[np.float64]:
    """Prepare once, then sweep from every start to all ends."""
    import routingkit_cch as kit

    starts, ends, graph = job
    arcs = graph.tocoo()
    tail, head = arcs.row.tolist(), arcs.col.tolist()
    order = kit.compute_order_degree(graph.shape[0], tail, head)
    metric = kit.CCHMetric(kit.CCH(order, tail, head, False), np.rint(arcs.data * METRE).astype(int).tolist())
    sweep = kit.CCHOneToMany(metric, ends.tolist())
    rows = [sweep.distances_from(s) for s in starts.tolist()]
    return np.array([[np.inf if d is None else d for d in row] for row in rows], dtype=np.float64) / METRE


def igraph(job: Task) -> NDArray[np.float64]:
    """Graph.distances."""
    import igraph as ig

    starts, ends, graph = job
    arcs = graph.tocoo()
    net = ig.Graph(n=graph.shape[0], edges=np.column_stack([arcs.row, arcs.col]), directed=True)
    return np.array(net.distances(starts.tolist(), ends.tolist(), weights=arcs.data, algorithm="dijkstra"))


def networkit(job: Task) -> NDArray[np.float64]:
    """Some-pairs shortest paths."""
    import networkit as nk

    nk.setNumberOfThreads(1)
    starts, ends, graph = job
    arcs = graph.tocoo()
    net = nk.GraphFromCoo((arcs.data, (arcs.row, arcs.col)), n=graph.shape[0], weighted=True, directed=True)
    run = nk.distance.SPSP(net, starts.tolist())
    run.run()
    return np.asarray(run.getDistances())[:, ends]


def rustworkx(job: Task) -> NDArray[np.float64]:
    """Dijkstra from every start."""
    import rustworkx as rx

    starts, ends, graph = job
    arcs = graph.tocoo()
    net = rx.PyDiGraph(multigraph=False)
    net.add_nodes_from(range(graph.shape[0]))
    net.add_edges_from(list(zip(arcs.row.tolist(), arcs.col.tolist(), arcs.data.tolist(), strict=True)))
    out = np.full((len(starts), graph.shape[0]), np.inf)
    for k, s in enumerate(starts.tolist()):
        found = rx.dijkstra_shortest_path_lengths(net, s, float)
        out[k, list(found.keys())] = list(found.values())
        out[k, s] = 0.0
    return out[:, ends]


LIBRARIES: dict[str, tuple[Callable[[Task], NDArray[np.float64]], str]] = {
    "scipy": (scipy, "scipy"),
    "routingkit-cch": (routingkit_cch, "routingkit_cch"),
    "igraph": (igraph, "igraph"),
    "networkit": (networkit, "networkit"),
    "rustworkx": (rustworkx, "rustworkx"),
}


def rail() -> int:
    """Return the number of pairs that have a way by rail, of all pairs of places, with gaps and crossings."""
    origins, destinations = places()
    return int(np.isfinite(rail_graph().matrix(origins, destinations, reach_km=100.0).km).sum())


def road() -> int:
    """Return the number of pairs that have a way by road, with crossings and waits."""
    origins, destinations = places()
    roads = Roads.of(reference.borders(), 1.3, {"CA": 0.16, "MX": 0.3})
    return int(np.isfinite(roads.matrix(origins, destinations).km).sum())


def both() -> int:
    """Return the number of ways by rail and by road."""
    return rail() + road()


def lanes() -> int:
    """Return the number of lanes of the study by city: every product priced by every mode, dominated ones left out."""
    import evsiting as ev

    study = ev.example("ten-cities" if QUICK else "north-america-cities")
    began = time.perf_counter()
    made = len(ev.freight_matrices(study))
    STUDY_S.append(time.perf_counter() - began)
    return made


#: Seconds of the lanes alone, without the study that they are of.
STUDY_S: list[float] = []
OWN: dict[str, Callable[[], int]] = {"rail": rail, "road": road, "rail + road": both, "lanes": lanes}


def measured(name: str) -> dict[str, Any]:
    """Return seconds and memory of one way, in this process."""
    if name in OWN:
        rail_graph()
        base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        found: dict[str, Any] = {"ways": OWN[name]()}
        seconds = STUDY_S[0] if STUDY_S else time.perf_counter() - began
    else:
        job, (run, module) = task(), LIBRARIES[name]
        __import__(module)
        base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        km = run(job)
        seconds = time.perf_counter() - began
        reached = np.isfinite(km) & (km < 1e6)
        found = {"pairs": km.size, "mean_km": float(km[reached].mean()), "version": importlib.metadata.version(name)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "peak_mb": peak / 1024, "before_mb": base / 1024, **found}


def main() -> None:
    """Measure every way in a process of its own and print the ratios."""
    if len(sys.argv) == 2:
        print(json.dumps(measured(sys.argv[1])))
        return
    ready = [n for n, (_, module) in LIBRARIES.items() if importlib.util.find_spec(module)]
    for name in LIBRARIES.keys() - set(ready):
        print(f"{name} is not installed: left out")
    found = {}
    for name in (*ready, *OWN):
        command = [sys.executable, "-m", "benchmarks.bench_distances", name]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(1 if QUICK or name == "lanes" else 3)
        ]
        found[name] = sorted(runs, key=lambda r: r["seconds"])[len(runs) // 2]
    fastest = min(found[n]["seconds"] for n in ready)
    mean = found["scipy"]["mean_km"]
    for name in ready:  # metres are whole numbers: paths of some hundred arcs agree to a part in ten thousand
        if abs(found[name]["mean_km"] / mean - 1.0) > 1e-4:
            msg = f"{name} finds other lengths than scipy: mean {found[name]['mean_km']:.3f} against {mean:.3f} km"
            raise SystemExit(msg)
    print(f"{found['scipy']['pairs']:,} pairs of stations, mean {mean:,.0f} km; ratio to the fastest library")
    print(f"{'way':<16}{'seconds':>9}{'peak MB':>10}{'ratio':>8}{'ways':>14}")
    for name, figure in found.items():
        figure["ratio"] = figure["seconds"] / fastest
        ways = f"{figure['ways']:,}" if "ways" in figure else ""
        print(f"{name:<16}{figure['seconds']:>9.2f}{figure['peak_mb']:>10.0f}{figure['ratio']:>8.1f}{ways:>14}")
    keep(RESULTS, found)


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        sys.exit()
    main()
