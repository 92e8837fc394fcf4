"""Writers that are killed before each change of the file system, and what stands afterwards.

``python -m tests.torture.killed [--sample N] [SCENE ...]`` writes a JSON object for each scene: how many changes its
writer makes, how many states were tried, and what was wrong with them. For each state a child process writes over a
copy of what was there before, and an audit hook ends it with SIGKILL before the k-th change; then what is left is read,
and the same is written once more. What a writer works out beside that is the same each time and worked out once.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from evsiting.cli import futures, runs, writing
from evsiting.cli.futures import _write as write_scenarios
from evsiting.cli.runs import Points, read
from evsiting.cli.writing import REPORTS, write_reports
from evsiting.files import recover
from evsiting.layers.completion import complete
from evsiting.layers.scenarios import in_scenario
from evsiting.results.case_store import CaseStore, read_cases
from evsiting.results.certificate import certify
from evsiting.results.plan import Front, Plan
from evsiting.results.result_folders import UNFINISHED_FOLDER, kind_of_results, made_files
from evsiting.results.scenario_plans import ScenarioPlans
from evsiting.results.store import read_front, read_run, write_front, write_run
from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study
from evsiting.study.files.write import write_study
from evsiting.study.study import Study
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of
from tests.scenario_studies import two_futures
from tests.studies import two_plant_study

#: Flags of ``open`` that change a file or make one.
_CHANGING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod"}
#: What may stand in a folder between its old state and its new one.
State = dict[str, str]
_MARKS = ("plan.json", "front.json", "cases.json", "study.toml")
_RUN: Mapping[str, Callable[[Path], object]] = MappingProxyType({"run": read})
_STUDY: Mapping[str, Callable[[Path], object]] = MappingProxyType({"study": read_study})


@dataclass(frozen=True)
class Scene:
    """A writer, what it writes over, how it is read, and what counts of it.

    ``old`` fills a folder, ``write`` writes into it, ``readers`` read parts of the old and the new state. ``look``
    returns what a state is compared by, after its parts have been recovered; ``between`` says of a state that is
    neither old nor new what is wrong with it.
    """

    name: str
    old: Callable[[Path], object]
    write: Callable[[Path], object]
    readers: Mapping[str, Callable[[Path], object]]
    look: Callable[[Path], object]
    between: Callable[[Path], str] = lambda folder: "is neither the old state nor the new one"

    def state(self, folder: Path, *, thorough: bool) -> object:
        """Return what counts of a state; one that is byte for byte a state that can be read need not be read."""
        for part, reader in self.readers.items():
            recover(folder / part)
            if thorough and any((folder / part / mark).is_file() for mark in ("", *_MARKS)):
                reader(folder / part)
        return self.look(folder)


# ------------------------------------------------------------------------------------------------- plans


@cache
def study_of(number: int = 0) -> Study:
    return complete(two_plant_study().with_settings(study={"name": f"Two plants {number}"}))


def a_plan(left: float = 0.0, *, study: Study | None = None, objective: str = "cost") -> Plan:
    """Return a plan that leaves out a part of what is asked: cheaper, with fewer jobs; a writer does not mind."""
    served = 1.0 - left
    return plan_of(
        study or study_of(),
        openings=OPENINGS,
        production=[(*row[:-1], row[-1] * served) for row in PRODUCTION],
        shipments=[(*row[:-1], row[-1] * served) for row in SHIPMENTS],
        unmet=[],
        objective=objective,
    )


@cache
def plans() -> tuple[Plan, ...]:
    return tuple(a_plan(left) for left in (0.2, 0.1, 0.0))


@cache
def scenarios(left: float, chances: tuple[float, float] = (0.6, 0.4)) -> tuple[Study, ScenarioPlans]:
    study = complete(two_futures())
    names = ("base", "boom")
    own = {name: a_plan(left, study=in_scenario(study, name)) for name in names}
    solve = replace(own["base"].solve, objective=1.0, bound=1.0)
    made = ScenarioPlans(
        "Two plants", study.digest, solve, dict(zip(names, chances, strict=True)), MappingProxyType(own)
    )
    return study, made


# --------------------------------------------------------------------------------------------- snapshots


def snapshot(folder: Path) -> State:
    """Return every file in a folder with a hash of what it holds, leftovers of writers included."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def whole(folder: Path) -> State:
    """Return a snapshot without what a stopped writer may leave."""
    return {name: mark for name, mark in snapshot(folder).items() if ".evsiting-" not in name}


def leftovers(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob(".*") if ".evsiting" in path.name]


# ------------------------------------------------------------------------------------------------ scenes


def _run_with_reports(folder: Path) -> None:
    write_run(folder / "run", study_of(), plans()[0], front=Front(("cost", "jobs"), plans()[:2]))
    write_reports(study_of(), plans()[0], None, {"xlsx": folder / "run" / "plan.xlsx"})
    (folder / "run" / "thesis.txt").write_text("years", encoding="utf-8")
    (folder / "run" / "study" / "notes.txt").write_text("why", encoding="utf-8")


def _case(folder: Path, number: int) -> None:
    study = study_of(number)
    store = CaseStore(folder, study.settings.study.name, study.digest, {"base": f"key {number}"})
    plan = a_plan(study=study)
    store.keep("base", study, plan, certify(study, plan))


def _new_run(folder: Path) -> None:
    other = study_of(1)
    write_run(folder / "run", other, a_plan(0.1, study=other))


def _sweep(folder: Path) -> None:
    store = Points(folder / "run", study_of(), ("cost", "jobs"))
    known = store.begin()
    for plan in plans():
        at = [p for p in (known.plans if known else ()) if p.totals == plan.totals]
        store.keep(at[0] if at else plan)
    store.finish(Front(("cost", "jobs"), plans()))


def _without_growing(folder: Path) -> State:
    """Return what stands beside a front that grows, which is neither old nor new until it is finished."""
    recover(folder / "run" / UNFINISHED_FOLDER)
    return {n: m for n, m in whole(folder).items() if f"/{UNFINISHED_FOLDER}/" not in n}


def _only_known_points(folder: Path) -> str:
    """Say what is wrong with a front that grows: its points are those of the sweep, and a run goes on from them."""
    home = folder / "run"
    if not (home / "front.json").is_file():
        return "" if not (home / "plan.json").is_file() else "a plan without the front that it is of"
    found = {round(plan.totals["cost"], 3) for plan in read_front(home).plans}
    wanted = {round(plan.totals["cost"], 3) for plan in plans()}
    return "" if found <= wanted else f"points of {found - wanted}"


def _study(folder: Path, number: int, form: str, points: Any = "csv") -> None:
    write_study(study_of(number), folder / form, points=points)


def _old_study(folder: Path) -> None:
    new_study(folder / "study")
    (folder / "study" / "thesis.txt").write_text("years", encoding="utf-8")


def _new(folder: Path) -> None:
    recover(folder / "study")
    if not (folder / "study" / "study.toml").exists():  # a study that is there is not written over
        new_study(folder / "study")


def _reports(folder: Path, kinds: tuple[str, ...]) -> None:
    write_reports(study_of(), plans()[0], None, {kind: folder / "run" / REPORTS[kind] for kind in kinds})


def _old_reports(folder: Path, kinds: tuple[str, ...]) -> None:
    write_run(folder / "run", study_of(), plans()[0])
    _reports(folder, kinds)


def _look_at_reports(folder: Path, kinds: tuple[str, ...]) -> object:
    """Return which files are whole: each is as it was recorded, by an older writer or by this one."""
    made = made_files(folder / "run")
    return [kind for kind in kinds if REPORTS[kind] in made], kind_of_results(folder / "run")


def _scenes() -> list[Scene]:
    pair = ("cost", "jobs")
    found = [
        Scene("a run over another with front and report", _run_with_reports, _new_run, _RUN, whole),
        Scene("a run into a new folder", lambda folder: None, _new_run, _RUN, whole),
        Scene(
            "a front over another",
            lambda f: write_front(f / "run", Front(pair, plans()[:2]), study=study_of()),
            lambda f: write_front(f / "run", Front(pair, plans()[1:]), study=study_of()),
            _RUN,
            whole,
        ),
        Scene(
            "a sweep over a finished front",
            lambda f: write_run(f / "run", study_of(), plans()[1], front=Front(pair, plans()[1:])),
            _sweep,
            _RUN,
            _without_growing,
        ),
        Scene(
            "a sweep over another study's run",
            lambda f: write_run(f / "run", study_of(1), a_plan(0.1, study=study_of(1))),
            _sweep,
            _RUN,
            _without_growing,
        ),
        Scene("a sweep into a new folder", lambda folder: None, _sweep, _RUN, _without_growing, _only_known_points),
        Scene(
            "scenarios over others",
            lambda f: write_scenarios(f / "all", *scenarios(0.0), None),
            lambda f: write_scenarios(f / "all", *scenarios(0.1), None),
            {"all/base": read_run, "all/boom": read_run},
            whole,
        ),
        Scene(
            "scenarios into a new folder",
            lambda folder: None,
            lambda f: write_scenarios(f / "all", *scenarios(0.1), None),
            {"all/base": read_run, "all/boom": read_run},
            whole,
        ),
        Scene(
            "cases over others",
            lambda f: _case(f / "all", 0),
            lambda f: _case(f / "all", 1),
            {"all": read_cases, "all/base": read_run},
            whole,
        ),
        Scene(
            "a study over another in another format",
            lambda f: _study(f, 0, "study"),
            lambda f: _study(f, 1, "study", "geoparquet"),
            _STUDY,
            whole,
        ),
        Scene("a study over the starter", _old_study, lambda f: _study(f, 1, "study"), _STUDY, whole),
        Scene(
            "a workbook over another",
            lambda f: _study(f, 0, "study.xlsx"),
            lambda f: _study(f, 1, "study.xlsx"),
            {"study.xlsx": read_study},
            lambda f: read_study(f / "study.xlsx").digest,
        ),
        Scene("a new study", lambda f: None, _new, _STUDY, whole),
    ]
    for kinds in (("html",), ("xlsx",), ("gpkg",), ("png",)):
        found.append(
            Scene(
                f"a report as {kinds[0]} over another",
                lambda f, k=kinds: _old_reports(f, k),
                lambda f, k=kinds: _reports(f, k),
                _RUN,
                lambda f, k=kinds: _look_at_reports(f, k),
            )
        )
    return found


# ----------------------------------------------------------------------------------------------- killing


def _once(work_out: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that works out the same only once; by identity, as the scenes keep what they give."""
    known: dict[tuple[object, ...], tuple[object, Any]] = {}

    def told(*given: object) -> Any:
        key = tuple(v if isinstance(v, str) else id(v) for v in given)
        if key not in known:
            known[key] = given, work_out(*given)
        return known[key][1]

    return told


@contextmanager
def nothing_worked_out_twice() -> Iterator[None]:
    """Keep certificates and studies of scenarios; and leave data to the system, which a kill takes nothing from."""
    places = ((runs, "certify"), (futures, "certify"), (futures, "in_scenario"), (writing, "certified"))
    with ExitStack() as stack:
        for module, name in places:
            stack.enter_context(patch.object(module, name, _once(getattr(module, name))))
        stack.enter_context(patch.object(os, "fsync", lambda handle: None))
        yield


def killed_before(number: int, write: Callable[[Path], object], folder: Path) -> int:
    """Write in a child process that is killed before a change; return how many changes there were, or 0 if killed.

    With ``number`` 0 it is not killed.
    """
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        made = 0

        def hook(event: str, args: tuple[Any, ...]) -> None:
            nonlocal made
            if event == "open":
                path, mode, flags = args
                changes = bool(set(mode) & set("wax+")) if isinstance(mode, str) else bool(flags & _CHANGING)
                if not changes or not str(path).startswith(str(folder)):
                    return
            elif event not in _EVENTS:
                return
            made += 1
            if made == number:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(hook)
            write(folder)
            os.write(into, str(made).encode())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(into)
    told = os.read(out, 100).decode()
    os.close(out)
    _, code = os.waitpid(child, 0)
    if code and os.WTERMSIG(code) != signal.SIGKILL:
        raise RuntimeError(f"the writer ended with {code}")
    return int(told or 0)


def tortured(scene: Scene, numbers: Callable[[int], list[int]]) -> dict[str, Any]:
    """Kill the writer of a scene before some of its changes; return what was tried and what was wrong."""
    wrong: list[str] = []
    seen = {"old": 0, "new": 0, "between": 0}
    with tempfile.TemporaryDirectory() as place, nothing_worked_out_twice():
        room = Path(place)
        for name in ("old", "warm"):
            (room / name).mkdir()
            scene.old(room / name)
        scene.write(room / "warm")
        shutil.copytree(room / "old", room / "new")
        changes = killed_before(0, scene.write, room / "new")
        old, new = (scene.state(room / name, thorough=True) for name in ("old", "new"))
        foreign = {n: m for n, m in snapshot(room / "old").items() if n.endswith(".txt")}
        chosen = numbers(changes)
        for number in chosen:
            shutil.rmtree(room / "now", ignore_errors=True)
            shutil.copytree(room / "old", room / "now")
            killed_before(number, scene.write, room / "now")
            try:
                told = scene.state(room / "now", thorough=number % 10 == 0)
                state = "old" if told == old else "new" if told == new else "between"
                seen[state] += 1
                if state == "between" and (why := scene.between(room / "now")):
                    wrong.append(f"before change {number}: {why}")
                scene.write(room / "now")
                if scene.state(room / "now", thorough=False) != new:
                    wrong.append(f"before change {number}: written again, it is not the new state")
                if left := leftovers(room / "now"):
                    wrong.append(f"before change {number}: left over: {', '.join(left)}")
                if {n: m for n, m in snapshot(room / "now").items() if n in foreign} != foreign:
                    wrong.append(f"before change {number}: files of others are gone")
            except Exception as error:
                wrong.append(f"before change {number}: {type(error).__name__}: {' '.join(str(error).split())}")
    return {"scene": scene.name, "changes": changes, "states": len(chosen), **seen, "wrong": wrong}


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes", nargs="*", help="parts of names; all where none is given")
    parser.add_argument("--sample", type=int, default=0, help="states of each scene, spread; all where 0")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")

    def numbers(changes: int) -> list[int]:
        if not asked.sample or asked.sample >= changes:
            return list(range(1, changes + 1))
        return sorted({max(1, round(changes * k / (asked.sample + 1))) for k in range(1, asked.sample + 1)})

    for scene in _scenes():
        if not asked.scenes or any(part in scene.name for part in asked.scenes):
            sys.stdout.write(json.dumps(tortured(scene, numbers)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    _main()
