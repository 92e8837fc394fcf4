"""The commands report and export: runs and studies in the forms that others read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from evsiting.cli.arguments import RUN_FILE, file_to_write, load_study
from evsiting.cli.runs import read
from evsiting.cli.terminal import Voice
from evsiting.errors import InputError, Problem
from evsiting.files import replace_file
from evsiting.optimize.solve import to_pulp
from evsiting.results.certificate import certify as certified
from evsiting.results.decisions.decision_tables import DecisionTables, read_decisions
from evsiting.results.plan import Front, Plan
from evsiting.results.result_folders import FRONT_FILE, deliverable
from evsiting.study.files.write import write_study
from evsiting.study.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: What `report` writes into the run folder where no file is named, and how each kind may end.
REPORTS = MappingProxyType({"html": "report.html", "xlsx": "plan.xlsx", "gpkg": "plan.gpkg", "png": "map.png"})
ENDINGS = MappingProxyType(
    {"html": (".html", ".htm"), "xlsx": (".xlsx",), "gpkg": (".gpkg",), "png": (".png", ".svg", ".pdf")}
)


def report(voice: Voice, run: Path, targets: Mapping[str, Path | None]) -> None:
    """Write a run for readers."""
    study, plan, front = read(run)
    wanted = {kind: path for kind, path in targets.items() if path is not None}
    wanted = wanted or {kind: run / name for kind, name in REPORTS.items()}
    files = {kind: file_to_write(path, f"--{kind}", ENDINGS[kind]) for kind, path in wanted.items()}
    written = write_reports(study, plan, front, files, read_decisions(run))
    voice.say(*(f"Wrote {path} ({size(path)})" for path in written))
    voice.data({"run": str(run), "files": [str(path) for path in written]})


def write_reports(
    study: Study, plan: Plan, front: Front | None, files: Mapping[str, Path], decisions: DecisionTables | None = None
) -> list[Path]:
    """Write the files asked for, by kind: html, xlsx, gpkg, png, front."""
    proof = certified(study, plan) if {"html", "xlsx", "gpkg"} & set(files) else None
    for kind, path in files.items():
        if kind == "html":
            from evsiting.report.html.page import write_report

            points = [certified(study, point) for point in (front.plans if front else ())]
            write_report(
                path, study, plan, front=front, certificate=proof, front_certificates=points, decisions=decisions
            )
        elif kind == "xlsx":
            from evsiting.report.exports.workbook import write_workbook

            write_workbook(path, study, plan, front=front, certificate=proof, decisions=decisions)
        elif kind == "gpkg":
            from evsiting.report.exports.geopackage import write_geopackage

            write_geopackage(path, study, plan, certificate=proof)
        else:
            from evsiting.report.charts import draw_pairs
            from evsiting.report.maps.map import plot_map

            drawn = draw_pairs(front) if kind == "front" and front is not None else _figure(plot_map(study, plan))
            with deliverable(path) as temporary:
                drawn.savefig(temporary)
    return list(files.values())


def _figure(ax: Axes) -> Figure:
    return cast("Figure", ax.get_figure(root=True))


def export(voice: Voice, source: str, target: Path, *, force: bool) -> None:
    """Write a study or a run in another form; what is there may be somebody's study and is kept unless forced."""
    if not force and (target.is_file() or (target.is_dir() and any(target.iterdir()))):
        fix = "Give another name, or --force to write over it"
        raise InputError([Problem(f"FILE {target}", "something is there", target.name, fix)])
    kind = target.suffix.lower()
    is_run = any((Path(source) / name).is_file() for name in (RUN_FILE, FRONT_FILE))
    study, plan, front = read(Path(source)) if is_run else (load_study(source), None, None)
    if kind in ("", ".xlsx") and plan is None:
        written = write_study(study, target)
    else:
        written = file_to_write(target, "FILE", (".xlsx", ".gpkg", ".lp", ".mps"))
        if kind in (".lp", ".mps"):
            _write_program(written, study)
        elif plan is not None:
            write_reports(study, plan, front, {kind.removeprefix("."): written})
        else:
            fix = "Give a run, or a FILE that ends in .xlsx, .lp or .mps"
            raise InputError([Problem(f"FILE {target}", "a GeoPackage holds a plan", f"{source} is a study", fix)])
    voice.say(f"Wrote {written} ({size(written)})")
    voice.data({"source": source, "files": [str(written)]})


def _write_program(path: Path, study: Study) -> None:
    """Write the study's program in the format of the file's ending."""
    problem = to_pulp(study)
    with replace_file(path) as temporary:
        if path.suffix.lower() == ".lp":
            problem.writeLP(str(temporary), max_length=255)
        else:
            problem.writeMPS(str(temporary))


def size(path: Path) -> str:
    """Return the size of a file for people."""
    total = sum(p.stat().st_size for p in path.iterdir() if p.is_file()) if path.is_dir() else path.stat().st_size
    return f"{total / 1e6:.1f} MB" if total >= 1e5 else f"{max(1, total // 1000)} kB"
