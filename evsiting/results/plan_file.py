"""A plan as files: ``plan.json`` for any tool, and its tables as CSV beside it."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evsiting.errors import Problems, shown
from evsiting.results.assemble import SITE_COLUMNS
from evsiting.results.certificate import Certificate
from evsiting.results.ledgers.ledgers import LEDGER_COLUMNS
from evsiting.results.ledgers.plan_rows import all_tables
from evsiting.results.plan import Plan, Solve, Status
from evsiting.results.record.bound_prices import PRICES_FILE, read_prices, write_prices
from evsiting.results.record.relaxation_basis import BASIS_FILE, basis_in, pack_bases
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.plan_tables import DECISIONS, FLOWS
from evsiting.study.study import CRS

#: What makes a folder a plan.
PLAN_FILE = "plan.json"
#: Version of the files; a change that old readers cannot read makes it larger.
SCHEMA = 2
_DECIDED = {name: what.columns for name, what in DECISIONS.items()}
_LEDGERS = {f"ledger_{name}": LEDGER_COLUMNS for name in OBJECTIVES}
#: Tables of a plan with their columns; ``sites`` has ``lat`` and ``lon`` where the plan has points.
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"sites": (*SITE_COLUMNS, "lat", "lon"), **_DECIDED, **_LEDGERS}
)
#: Tables that every plan has; others are written where something is decided.
ALWAYS = ("sites", "openings", *FLOWS, *(f"ledger_{name}" for name, kind in OBJECTIVES.items() if kind.need is None))
#: Ledgers that runs of earlier versions lack, each the lines of some items of another ledger.
PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType({"freight_emissions": ("emissions", ("freight",))})
_NUMBERS = frozenset(
    {"capacity_units_per_yr", "capex_usd", "jobs_fte", "used", "lat", "lon", "value"}
    | {what.value for what in DECISIONS.values() if what.value}
)
#: Names of every file that a plan may consist of.
FILES = (PLAN_FILE, PRICES_FILE, BASIS_FILE, *(f"{name}.csv" for name in TABLES))


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class CertificateFile(_Part):
    """Summary of a certificate."""

    passed: bool
    failed: list[str]
    checks: dict[str, float | None]
    """Worst relative violation by check; null where it has no limit."""


class PlanFile(_Part):
    """What ``plan.json`` holds. Numbers that are not known are null."""

    schema_version: int = Field(alias="schema", ge=SCHEMA, le=SCHEMA)
    study: str
    study_digest: str
    status: Status
    objective_name: str
    objective: float
    """In USD, tCO2e, or job-years with a minus sign."""
    bound: float | None
    gap: float | None
    gap_asked: float
    limit: str
    seconds: float
    solver: str
    solver_version: str
    versions: dict[str, str]
    seed: int
    threads: int
    columns: int
    rows: int
    entries: int
    caps: dict[str, float]
    totals: dict[str, float]
    units: dict[str, str]
    counts: dict[str, int]
    certificate: CertificateFile | None = None
    seal: str = ""
    verified: str = ""
    verified_by: str = ""
    constant: float = 0.0
    price_bound: float | None = None
    """What the prices in ``bound_prices.npz`` prove of the bound; null where there are none."""
    bound_by: str = "solver"
    """Who proves the bound: ``prices``, the ``solver`` by its own tree, or ``aggregation`` over groups of places."""
    aggregated: str = ""
    """Over how many groups of places the bound was proven; empty where it is that of the study's own program."""
    own_rules: bool = False
    """Whether the program had rules of the user's own, under which alone the bound holds."""
    net_gap: float | None = None
    """Gap relative to the objective without penalties and without what no decision changes."""
    absolute_gap: float | None = None
    """How much better the best possible plan may be, in the objective's unit."""
    goods: dict[str, float] = Field(default_factory=dict)
    """What goods alone add to cost and to emissions in every plan of the study; empty in runs of earlier versions."""
    unavoidable: float | None = None
    """Part of the objective that every plan of the study has, in its unit."""
    siting_gap: float | None = None
    """Gap relative to the objective without penalties and without the unavoidable part: of what siting can change."""


def _finite_or_none(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _frames(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables of a plan that are written, by name."""
    frames = {"sites": _flat(plan.sites), **plan.tables}
    frames |= {f"ledger_{name}": ledger for name, ledger in plan.ledgers.items()}
    return {name: frame for name, frame in frames.items() if name in ALWAYS or len(frame) or name.startswith("ledger_")}


def plan_file(plan: Plan, certificate: Certificate | None = None) -> PlanFile:
    """Return what ``plan.json`` states of a plan.

    Parameters
    ----------
    plan : Plan
        What was decided.
    certificate : Certificate, optional
        Its certificate, of which the summary is stated.
    """
    solve, certificate_file = plan.solve, None
    if certificate is not None:
        checks = {check.name: _finite_or_none(check.worst) for check in certificate.results}
        certificate_file = CertificateFile(passed=certificate.passed, failed=list(certificate.failed), checks=checks)
    return PlanFile(
        schema=SCHEMA,
        study=plan.study_name,
        study_digest=plan.study_digest,
        status=solve.status,
        objective_name=solve.objective_name,
        objective=solve.objective,
        bound=_finite_or_none(solve.bound),
        gap=_finite_or_none(solve.gap),
        gap_asked=solve.gap_asked,
        limit=solve.limit,
        seconds=solve.seconds,
        solver=solve.engine,
        solver_version=solve.engine_version,
        versions=dict(plan.versions),
        seed=solve.seed,
        threads=solve.threads,
        columns=solve.columns,
        rows=solve.rows,
        entries=solve.entries,
        caps=dict(solve.caps),
        totals=plan.totals,
        units={name: OBJECTIVES[name].unit for name in plan.ledgers},
        counts={"new_plants": len(plan.opened), **{name: len(frame) for name, frame in _frames(plan).items()}},
        certificate=certificate_file,
        seal=solve.seal,
        verified=solve.verified,
        verified_by=solve.verified_by,
        constant=solve.constant,
        price_bound=_finite_or_none(solve.price_bound),
        bound_by=solve.bound_by,
        aggregated=solve.aggregated,
        own_rules=solve.own_rules,
        net_gap=_finite_or_none(plan.net_gap),
        absolute_gap=_finite_or_none(solve.absolute_gap),
        goods=dict(solve.goods),
        unavoidable=solve.unavoidable,
        siting_gap=_finite_or_none(plan.siting_gap),
    )


def write_plan(folder: Path, plan: Plan, certificate: Certificate | None = None) -> None:
    """Write the files of a plan into a folder that is there; nothing is removed.

    Parameters
    ----------
    folder : pathlib.Path
        An existing folder.
    plan : Plan
        What to write.
    certificate : Certificate, optional
        Its certificate; ``plan.json`` holds the summary.
    """
    frames = _frames(plan)
    file = plan_file(plan, certificate)
    for name, frame in frames.items():
        _write_csv(folder / f"{name}.csv", frame[list(TABLES[name])])
    if plan.prices is not None:
        write_prices(folder, plan.prices)
    if plan.solve.basis is not None:
        pack_bases(folder / BASIS_FILE, [plan.solve.basis])
    write_json(folder / PLAN_FILE, file.model_dump(mode="json", by_alias=True))


def missing_ledgers(counts: Mapping[str, int]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the ledgers that a run of an earlier version lacks, by the name of the table: of what they are a part.

    Parameters
    ----------
    counts : mapping of str to int
        Rows of the tables of the plan, as ``plan.json`` states them.
    """
    return {f"ledger_{name}": part for name, part in PARTS.items() if f"ledger_{name}" not in counts}


def read_plan(folder: Path) -> Plan:
    """Read the plan in a folder.

    Raises
    ------
    InputError
        Listing every file that is missing or damaged.
    """
    problems, file = Problems(), read_plan_file(folder)
    lacking = missing_ledgers(file.counts)
    names = [name for name in TABLES if name in file.counts or (name in ALWAYS and name not in lacking)]
    missing = [f"{name}.csv" for name in names if not (folder / f"{name}.csv").is_file()]
    if missing:
        fix = "Solve the study again with --out, or restore the files"
        problems.add(str(folder), "files of the plan are missing", shown(missing), fix)
        problems.raise_if_any()
    frames = {name: _read_csv(folder / f"{name}.csv", name, problems) for name in names}
    problems.raise_if_any()
    for name, (whole, items) in lacking.items():
        lines = frames[f"ledger_{whole}"]
        frames[name] = lines[lines["item"].isin(items)].reset_index(drop=True)
    sites, decided = frames["sites"], all_tables({name: frames[name] for name in DECISIONS if name in frames})
    points = gpd.points_from_xy(sites["lon"], sites["lat"], crs=CRS)
    return Plan(
        study_name=file.study,
        study_digest=file.study_digest,
        solve=Solve(
            status=file.status,
            objective_name=file.objective_name,
            objective=file.objective,
            bound=-math.inf if file.bound is None else file.bound,
            limit=file.limit,
            seconds=file.seconds,
            engine=file.solver,
            engine_version=file.solver_version,
            gap_asked=file.gap_asked,
            seed=file.seed,
            threads=file.threads,
            columns=file.columns,
            rows=file.rows,
            entries=file.entries,
            caps=MappingProxyType(file.caps),
            seal=file.seal,
            verified=file.verified,
            verified_by=file.verified_by,
            constant=file.constant,
            aggregated=file.aggregated,
            own_rules=file.own_rules,
            goods=MappingProxyType(file.goods),
            price_bound=-math.inf if file.price_bound is None else file.price_bound,
            prices=read_prices(folder),
            basis=basis_in(folder, file.study_digest),
        ),
        sites=gpd.GeoDataFrame(sites[list(SITE_COLUMNS)], geometry=points, crs=CRS),
        **{name: frames[name] for name in FLOWS},
        decisions=MappingProxyType({name: decided[name] for name in DECISIONS if name not in FLOWS}),
        ledgers=MappingProxyType({name: frames[f"ledger_{name}"] for name in OBJECTIVES if f"ledger_{name}" in frames}),
        versions=MappingProxyType(file.versions),
    )


_NO_RUN = "Give a folder that `evsiting solve --out` or write_run has written"


def _flat(sites: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the plants with their points as ``lat`` and ``lon``."""
    return pd.DataFrame(sites[list(SITE_COLUMNS)]).assign(lat=sites.geometry.y, lon=sites.geometry.x)


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        frame.to_csv(file, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write what a result states, in a file that is the same on every system."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_plan_file(folder: Path) -> PlanFile:
    """Return what ``plan.json`` in a folder states.

    Raises
    ------
    InputError
        If there is none, or it is damaged.
    """
    problems = Problems()
    if not (folder / PLAN_FILE).is_file():
        problems.add(str(folder), "files of the plan are missing", PLAN_FILE, _NO_RUN)
    file = None if problems else _read_json(folder / PLAN_FILE, problems)
    problems.raise_if_any()
    assert file is not None
    return file


def _read_json(path: Path, problems: Problems) -> PlanFile | None:
    try:
        return PlanFile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        seen = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors(include_url=False)]
        fix = "Restore the file, or read it with the version of evsiting that wrote it"
        problems.add(str(path), "is no plan that this version can read", shown(seen), fix)
        return None


def _read_csv(path: Path, name: str, problems: Problems) -> pd.DataFrame:
    """Return a table with its text as text and its numbers exactly as they were written."""
    columns = TABLES[name]
    try:
        raw = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    except (ValueError, OSError) as error:
        problems.add(str(path), "cannot be read as a table", str(error).splitlines()[0], "Restore the file")
        return pd.DataFrame(columns=list(columns))
    if name == "sites" and "closes" not in raw and {"status", "period"} <= {*raw}:  # earlier versions
        raw["closes"] = raw["period"].where(raw["status"] == "closed", "")
    missing = [c for c in columns if c not in raw]
    if missing:
        problems.add(str(path), "columns are missing", shown(missing), f"It must have {', '.join(columns)}")
        return pd.DataFrame(columns=list(columns))
    frame = raw[list(columns)].copy()
    for column in columns:
        if column in _NUMBERS:
            frame[column] = _numbers(frame[column], f"{path}, column {column!r}", problems)
    return frame


def _numbers(cells: pd.Series, where: str, problems: Problems) -> np.ndarray:
    """Return text as numbers; what is none is noted with its row."""
    out, wrong = np.full(len(cells), np.nan), []
    for row, cell in enumerate(cells):
        try:
            out[row] = float(cell)
        except ValueError:
            wrong.append(f"row {row + 2}: {cell!r}")
    if wrong:
        problems.add(where, f"{len(wrong)} of {len(cells)} values are no numbers", shown(wrong), "Restore the file")
    return out
