"""Indirect and induced jobs: ranges by published multipliers, beside direct jobs and never added to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem
from evsiting.results.consistency import require_same_study
from evsiting.results.plan import Plan
from evsiting.study.lists import split_list
from evsiting.study.study import Study

__all__ = ["JOB_RANGE_COLUMNS", "Multiplier", "job_ranges", "multipliers"]

#: What the keys of multipliers begin with, in the reference parameters and in table ``parameters`` of a study.
PREFIX = "jobs.multiplier."
#: Columns of :func:`job_ranges`.
JOB_RANGE_COLUMNS = (
    "scope", "country", "region", "period", "direct_fte", "low_fte", "central_fte", "high_fte",
    "key", "low", "central", "high", "quality", "source", "title", "gross", "note",
)  # fmt: skip
_NONE_KNOWN = (
    "no multiplier of this country is known, neither with a source nor as an assumption; none is put in its place"
)


@dataclass(frozen=True)
class Multiplier:
    """Indirect and induced jobs for each direct one, as somebody states them.

    Parameters
    ----------
    key : str
        Name in the reference parameters.
    low, central, high : float
        Range of the figure; the three are equal where a single figure is published. [added jobs per direct job]
    country : str
        The nation over which the added jobs are counted; empty: the state or province of the plant.
    quality : str
        ``assumption`` where no source states the figure.
    source, title : str
        Ids in the table of sources, parted by ``;``; their titles.
    note : str
        What a reader must know.
    """

    key: str
    low: float
    central: float
    high: float
    country: str
    quality: str
    source: str
    title: str
    note: str

    @property
    def scope(self) -> str:
        """Where the added jobs are counted: ``region`` or ``country``."""
        return "country" if self.country else "region"


def job_ranges(study: Study, plan: Plan) -> pd.DataFrame:
    r"""Return indirect and induced jobs of a plan as ranges, each with its source, apart from the direct ones.

    .. math:: \text{added} = m\,\frac{\text{direct job-years of the period}}{n_t}, \qquad m \in [m_{low}, m_{high}]

    A multiplier turns direct jobs into those at suppliers (indirect) and those that live on the wages (induced). It
    is no decision of a plan, so the jobs ledger, the total of jobs and every floor on jobs hold direct jobs only. Rows
    of different multipliers are different answers to the same question: compare them, never add them up.

    All figures are **gross**: what the same people and money would have done otherwise is not taken off. Published
    multipliers count a whole nation; ``jobs.multiplier.region``, the only one for a state or province, has no source
    and is an **assumption**, and so is ``jobs.multiplier.us_durable_manufacturing_epi``, whose report exists but was
    not read. Those of the United States are not lent to Canada or Mexico.

    Parameters
    ----------
    study : Study
        The study. A row of its table ``parameters`` with a multiplier's key replaces that multiplier by one figure,
        and further rows with ``.low`` and ``.high`` behind the key make a range of it.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        One row a place, period and multiplier. ``scope``: ``region`` (jobs added in the state or province, by plants
        there) or ``country`` (jobs added in the whole nation); ``country``, ``region``, ``period``; ``direct_fte``:
        mean direct jobs from the jobs ledger [FTE]; ``low_fte``, ``central_fte``, ``high_fte``: added jobs [FTE];
        ``key``, ``low``, ``central``, ``high``: the multiplier [added jobs per direct job]; ``quality``
        (``assumption``: unsourced), ``source``, ``title``, ``note``; ``gross``: True. A country without any multiplier
        has one row without figures.

    Raises
    ------
    InputError
        If the plan answers another study, or the study gives a multiplier in another unit or out of order.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> found = ev.job_ranges(study, ev.solve(study))
    >>> sorted(found.loc[found["quality"] == "assumption", "key"].unique())
    ['jobs.multiplier.region', 'jobs.multiplier.us_durable_manufacturing_epi']
    """
    return jobs_by_multiplier(require_same_study("job_ranges", study, plan), plan)


def jobs_by_multiplier(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the table of :func:`job_ranges` for a study and a plan that are known to belong together."""
    direct, known = _direct(study, plan), multipliers(study)
    rows = [
        (m.scope, *place, fte, fte * m.low, fte * m.central, fte * m.high, *_multiplier_row(m))
        for scope, key in (("region", ["country", "region", "period"]), ("country", ["country", "period"]))
        for *place, fte in _places(direct, key)
        for m in _of(known, scope, place[0])
    ]
    return pd.DataFrame(rows, columns=list(JOB_RANGE_COLUMNS)).astype({c: "float64" for c in _figures()})


def multipliers(study: Study) -> list[Multiplier]:
    """Return every multiplier by key: those of the package, unless the study gives its own figure.

    Parameters
    ----------
    study : Study
        Its own tables ``parameters``, ``provenance`` and ``sources`` go first.

    Raises
    ------
    InputError
        If the study gives one in another unit, or a range that does not hold its figure.
    """
    table = reference.parameters()
    shipped = table[table["key"].str.startswith(PREFIX)]
    pairs = shipped[["key", "country"]].drop_duplicates().astype(object)
    titles = _titles(study)
    entries = []
    for key, country in pairs.where(pairs.notna(), None).itertuples(index=False):
        it = reference.parameter(key, country=country)
        own = _own(study, key, it.unit)
        low, high = (it.value if bound is None else bound for bound in (it.low, it.high))
        quality, source, note = "assumption" if it.assumed else it.quality, it.source, it.note
        if own:
            low, high = own.get(".low", own[""]), own.get(".high", own[""])
            quality, source, note = _provenance(study, key)
        if source == "unsourced":
            source = ""
        title = "; ".join(titles[s] for s in split_list(source) if s in titles)
        central = own[""] if own else it.value
        entries.append(Multiplier(key, low, central, high, country or "", quality, source, title, note))
    return entries


def _direct(study: Study, plan: Plan) -> pd.DataFrame:
    """Return mean direct jobs by country, region and period, in order of time: ``fte``. [FTE]."""
    ledger = plan.ledgers["jobs"]
    order = study.periods.sort_values("start_year", ignore_index=True)[["period", "years"]]
    order["rank"] = np.arange(len(order))
    rows = ledger.drop(columns="country").merge(study.sites[["site", "country", "region"]], on="site", how="left")
    rows[["country", "region"]] = rows[["country", "region"]].astype("str").fillna("")
    rows = rows.merge(order, on="period", how="left")
    rows["fte"] = rows["value"] / rows["years"]
    key = ["country", "region", "rank", "period"]
    if rows.empty:
        return pd.DataFrame(rows[[*key, "fte"]])
    summed: pd.DataFrame = rows.groupby(key, as_index=False)[["fte"]].sum()
    return summed


def _places(direct: pd.DataFrame, key: list[str]) -> Iterator[tuple[str, str, str, float]]:
    """Yield (country, region, period, direct jobs); the region is empty where it is not part of the key."""
    if direct.empty:
        return
    by = [*(c for c in key if c != "period"), "rank", "period"]
    for row in direct.groupby(by, as_index=False)[["fte"]].sum().to_dict("records"):
        yield str(row["country"]), str(row.get("region", "")), str(row["period"]), float(row["fte"])


def _of(known: list[Multiplier], scope: str, country: str) -> list[Multiplier]:
    """Return the multipliers that hold at a place; for a nation that has none, one that says so."""
    mine = [m for m in known if m.scope == scope and m.country in ("", country)]
    nan = float("nan")
    return mine if mine or scope == "region" else [Multiplier("", nan, nan, nan, country, "", "", "", _NONE_KNOWN)]


def _multiplier_row(m: Multiplier) -> tuple[str, float, float, float, str, str, str, bool, str]:
    return (m.key, m.low, m.central, m.high, m.quality, m.source, m.title, True, m.note)


def _figures() -> tuple[str, ...]:
    return ("direct_fte", "low_fte", "central_fte", "high_fte", "low", "central", "high")


def _own(study: Study, key: str, unit: str) -> dict[str, float]:
    """Return what the study says itself of a multiplier: the figure under ``""``, its range under .low and .high."""
    table = study.parameters
    rows = table[table["key"].isin([key, f"{key}.low", f"{key}.high"])]
    figures = {}
    for row in rows.to_dict("records"):
        if row["unit"] != unit:
            where = f"parameters, key {row['key']!r}"
            raise InputError([Problem(where, f"the unit is not {unit!r}", row["unit"], f"Give the value in {unit}")])
        figures[str(row["key"]).removeprefix(key)] = float(row["value"])
    if not figures:
        return {}
    where, seen = f"parameters, key {key!r}", ", ".join(f"{key}{part} = {v:g}" for part, v in sorted(figures.items()))
    if "" not in figures:
        raise InputError([Problem(where, "a range without its figure", seen, f"Give the key {key} too")])
    if not 0.0 <= figures.get(".low", figures[""]) <= figures[""] <= figures.get(".high", figures[""]):
        raise InputError([Problem(where, "is no range", seen, "Give 0 <= low <= figure <= high")])
    return figures


def _provenance(study: Study, key: str) -> tuple[str, str, str]:
    """Return quality, source and note of a figure of the study, by the most exact entry."""
    entries = study.provenance
    mine = entries[entries["table"].isin(["parameters", "*"]) & entries["column"].isin(["value", "*"])]
    for row in (key, "*"):
        described = mine[mine["row"] == row].astype(object)
        if len(described):
            last = described.where(described.notna(), "").iloc[-1]
            return str(last["quality"]), str(last["source"]), str(last["note"])
    return "assumption", "", "the study's own figure"


def _titles(study: Study) -> dict[str, str]:
    """Return the title of each source: the study's own before those of the package."""
    both = pd.concat([reference.sources()[["id", "title"]], study.table("sources")[["id", "title"]]])
    return dict(zip(both["id"].astype(str), both["title"].astype(str), strict=True))
