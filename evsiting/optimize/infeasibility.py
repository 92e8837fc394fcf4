r"""Explain infeasibility: which constraints would have to give way, and by how much.

Of everything that a study asks for, one thing after the other is made elastic: its rows may be broken, at a price
relative to their size [1]_,

.. math:: \min \sum_i \frac{s^-_i + s^+_i}{\max(|l_i|, |u_i|)} \quad \text{s.t.} \quad
   l_i - s^-_i \le a_i x \le u_i + s^+_i, \qquad s \ge 0

and everything else stands. Where that has an answer, loosening this one thing is enough, and the answer says where and
how far; where nothing alone is enough, all are elastic together. Rules of the user's own come first, demand last.

References
----------
.. [1] J. W. Chinneck, "Feasibility and Infeasibility in Optimization," Springer, 2008, chapter 6: elastic programs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.errors import EvsitingError
from evsiting.model.build import Program
from evsiting.model.milp import Block, FloatArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, Limits
from evsiting.results.assemble import plan_from_tables
from evsiting.results.broken import broken_rows
from evsiting.results.plan import Plan, Solve, Status
from evsiting.study.constraint_families import is_implied, ways_to_give
from evsiting.study.objectives import OBJECTIVES, bound_words, least_is_best
from evsiting.study.study import Study, promised

__all__ = ["Demand", "Relaxed", "Trial", "demands_of", "evidence", "all_that_is_asked"]

logger = logging.getLogger(__name__)

#: Second part of the names of rows of a limit that only say what a column is.
MEANINGS = ("had", "any", "each", "link")
#: Most time for all of it, and for one program of it. [s]
MOST_S, ONE_S = 60.0, 10.0
#: Gap of the programs: how far something must give way is known to this part.
GAP = 0.001
#: Sum of what gives way, relative to sizes, below which nothing gave way.
NOTHING = 1e-7
#: Rows told of one demand, and other ways told beside the first.
ROWS, WAYS = 3, 4


@dataclass(frozen=True)
class Demand:
    """One thing that a study, or a call, asks of every plan.

    Parameters
    ----------
    name : str
        As it is told.
    family : str
        Row family, for the words of the certificate.
    rows : numpy.ndarray of bool, shape (M,)
        Its rows.
    """

    name: str
    family: str
    rows: NDArray[np.bool_]


def evidence(
    study: Study,
    program: Program,
    plain: Program,
    engine: Engine,
    limits: Limits,
    caps: Mapping[str, float] | None = None,
) -> str:
    """Return in sentences what would have to give way so that there is a plan; empty where that was not found.

    Parameters
    ----------
    study : Study
        With its layers.
    program : Program
        What has no plan, with ceilings and own rules.
    plain : Program
        The study's own program.
    engine, limits
        Who solves, and for how long at most.
    caps : mapping of str to float, optional
        Ceilings on objectives.
    """
    until = time.perf_counter() + min(MOST_S, limits.time_s)
    asked = list(demands_of(program.milp, plain.milp, caps or {}))
    ways: list[str] = []
    trial = Trial(study, program, plain.milp, engine, limits, until)
    for demand in asked:
        if way := trial.sentence_of_relaxation([demand]):
            ways.append(way)
    if not ways and (way := trial.sentence_of_relaxation(asked)):
        return f"No single thing that it asks for is at fault: these would have to give way together: {way}."
    if not ways:
        return ""
    whole = " Parts of plants would do: it is their whole sizes that leave none." if trial.parts_would_do() else ""
    first, others = ways[0], ways[1 : 1 + WAYS]
    also = f" So would, each by itself: {'; or '.join(others)}." if others else ""
    return f"By the evidence this would have to give way: {first}.{also}{whole}"


def all_that_is_asked(study: Study, caps: Mapping[str, float] | None = None) -> str:
    """Return what a study asks for, where it is not known what is at fault."""
    names = ("limits", "labor_pools", "gateways", "commitments", "trajectories")
    tables = [f"table {name}" for name in names if study.has(name)]
    power = ["connectable_mw"] if study.sites["connectable_mw"].notna().any() else []
    own = [*(["the caps"] if caps else []), *tables, *power, "min_load", "plant_types", "supplier capacity"]
    return (
        "Which part of it is at fault is not known. An unmet_penalty in table demand shows whether and where demand "
        f"cannot be served. What can be loosened: {', '.join(own)}"
    )


def demands_of(milp: Milp, plain: Milp, caps: Mapping[str, float]) -> Iterator[Demand]:
    """Yield what is asked of every plan, the user's own rules first and demand last.

    Parameters
    ----------
    milp, plain : Milp
        With ceilings and own rules, and without.
    caps : mapping of str to float
        The ceilings.
    """
    added = milp.row_blocks[len(plain.row_blocks) :]
    for block in (b for b in added if b.family == "extra"):
        for k in range(block.stop - block.start):
            row = np.zeros(milp.shape[0], dtype=np.bool_)
            row[block.start + k] = True
            yield Demand(f"your own rule {block.label(k)[0]!r}", "extra", row)
    if _has_tighter_bounds(milp, plain).any():
        yield Demand("your own bounds on variables", "bounds", np.zeros(milp.shape[0], dtype=np.bool_))
    for name, ceiling in caps.items():
        mine = [b for b in added if b.family == OBJECTIVES[name].cap_family]
        yield Demand(f"cap {bound_words(name, ceiling)}", name, _rows(milp, mine))
    for family in ways_to_give():
        blocks = [b for b in plain.row_blocks if b.family == family.name]
        if family.source:
            yield from [Demand(family.source, family.name, _rows(milp, blocks))] if blocks else []
            continue
        rows_of: dict[str, NDArray[np.bool_]] = {}
        for block in blocks:
            for k in range(block.stop - block.start):
                rows = rows_of.setdefault(block.label(k)[0], np.zeros(milp.shape[0], dtype=np.bool_))
                rows[block.start + k] = block.label(k)[1] not in MEANINGS
        yield from (Demand(f"limit {name!r}", family.name, rows) for name, rows in rows_of.items())


def _rows(milp: Milp, blocks: Sequence[Block]) -> NDArray[np.bool_]:
    """Return which constraints some blocks hold. shape (M,)"""
    out = np.zeros(milp.shape[0], dtype=np.bool_)
    for block in blocks:
        out[block.start : block.stop] = True
    return out


def _has_tighter_bounds(milp: Milp, plain: Milp) -> NDArray[np.bool_]:
    """Return which columns of the study have tighter bounds than the study gave them. shape (N,)"""
    width = plain.shape[1]
    out = np.zeros(milp.shape[1], dtype=np.bool_)
    out[:width] = (milp.column_lower[:width] > plain.column_lower) | (milp.column_upper[:width] < plain.column_upper)
    out[:width] |= milp.integer[:width] & ~plain.integer
    return out


@dataclass(frozen=True)
class Relaxed:
    """A plan that breaks what is elastic as little as possible.

    Parameters
    ----------
    point : numpy.ndarray, shape (N,)
        Columns of the program.
    gave : mapping of int to float
        By how much rows give way, below zero for a lower limit.
    size : float
        Sum of what gives way, relative to sizes. [fraction]
    """

    point: FloatArray
    gave: Mapping[int, float]
    size: float


class Trial:
    """Programs in which something is elastic, within the time for all of them."""

    def __init__(
        self, study: Study, program: Program, plain: Milp, engine: Engine, limits: Limits, until: float
    ) -> None:
        self.study, self.program, self.plain = study, program, plain
        self.engine, self.limits, self.until = engine, limits, until

    def sentence_of_relaxation(self, demands: list[Demand]) -> str:
        """Return what gives way where these are elastic; empty where that is not enough, or not found in time."""
        relaxed = self.relaxed(demands)
        if relaxed is None:
            return ""
        return "; ".join(t for t in (self.demand_words(d, relaxed) for d in demands) if t)

    def relaxed(self, demands: Sequence[Demand]) -> Relaxed | None:
        """Return the plan that breaks some demands least where these are elastic; None where there is none in time."""
        left = min(ONE_S, self.until - time.perf_counter())
        if left <= 0.0 or not demands:
            return None
        bounds = any(d.family == "bounds" for d in demands)
        elastic, objective, rows, sign = _elastic(
            self.program.milp, self.plain, np.any([d.rows for d in demands], axis=0), bounds=bounds
        )
        try:
            result = self.engine.run(elastic, objective, replace(self.limits, gap=GAP, time_s=left, target=-np.inf))
        except EvsitingError as error:  # what there is to say must not hide that there is no plan
            logger.info("not tried: %s", error)
            return None
        if result.limit == "interrupt":
            self.until = 0.0
        if not len(result.columns):
            return None
        width = self.program.milp.shape[1]
        point, slack = result.columns[:width], result.columns[width:]
        scale = objective.coefficients[width:]
        gave = {
            int(row): float(s * side)
            for row, s, side, part in zip(rows, slack, sign, slack * scale, strict=True)
            if part > NOTHING
        }
        moved = _has_tighter_bounds(self.program.milp, self.plain) & bounds
        if not gave and not moved.any():
            return None
        return Relaxed(point, gave, float(np.sum(slack * scale)))

    def parts_would_do(self) -> bool:
        """Whether the program has a plan where decisions may be taken in part."""
        left = min(ONE_S, self.until - time.perf_counter())
        milp = self.program.milp
        if left <= 0.0 or not milp.integer.any():
            return False
        nothing = Objective("feasibility", np.zeros(milp.shape[1]), 0.0, 1.0)
        loose = _elastic(milp, self.plain, np.zeros(milp.shape[0], dtype=np.bool_), bounds=False)[0]
        relaxed = replace(loose, integer=np.zeros_like(milp.integer))
        return len(self.engine.run(relaxed, nothing, replace(self.limits, time_s=left)).columns) > 0

    def demand_words(self, demand: Demand, relaxed: Relaxed) -> str:
        """Return where a demand gives way, in the words of the certificate where it has some."""
        milp, point, gave = self.program.milp, relaxed.point, relaxed.gave
        if demand.family == "bounds":
            low, high = milp.column_lower, milp.column_upper
            out = np.flatnonzero(
                _has_tighter_bounds(milp, self.plain) & ((point < low - NOTHING) | (point > high + NOTHING))
            ).tolist()
            names = milp.column_names() if out else []
            places = [f"{names[k]} would be {point[k]:.6g}" for k in out]
            return f"{demand.name} ({_few(places)})" if places else ""
        mine = [row for row in np.flatnonzero(demand.rows).tolist() if row in gave]
        if not mine:
            return ""
        if demand.family in milp.objectives and demand.name.startswith("cap "):
            reached = milp.objectives[demand.family].value(point)
            return f"{demand.name} ({_least(demand.family, reached)})"
        words = self.certified(demand, point) or [_row_words(milp, row, gave[row], point) for row in mine]
        late = self._too_slow() if demand.family == "service" else ""
        return f"{demand.name} ({_few(words)}{late})"

    def plan(self, point: FloatArray) -> Plan:
        """Return a point as a plan, which breaks what is elastic."""
        record = Solve(Status.FEASIBLE, "cost", 0.0, -np.inf)
        return plan_from_tables(self.study, self.program.tables(point), record)

    def certified(self, demand: Demand, point: FloatArray) -> list[str]:
        """Return what the certificate says of a point in which the demand is broken, in the study's units."""
        try:
            return broken_rows(self.study, self.plan(point), demand.family)
        except EvsitingError as error:  # words are not worth an error of their own
            logger.info("no words of the certificate for %s: %s", demand.name, error)
            return []

    def _too_slow(self) -> str:
        """Return the markets that no lane reaches within what is promised there."""
        if not promised(self.study):
            return ""
        lanes, wanted = self.study.lanes, self.study.demand
        fastest = lanes.groupby(["destination", "product"])["time_h"].min()
        slow = []
        for row in wanted[wanted["promise_h"].notna()].drop_duplicates(["market", "product"]).itertuples():
            hours = fastest.get((row.market, row.product), np.inf)
            if hours > row.promise_h:
                slow.append(f"{row.market}, {row.product}: promised in {row.promise_h:g} h, fastest lane {hours:.3g} h")
        return f"; too far for any lane: {_few(slow)}" if slow else ""


def _least(name: str, value: float) -> str:
    """Return what an objective comes to, as people count it."""
    begin = "every plan has at least" if OBJECTIVES[name].sense > 0 else "no plan has more than"
    return f"{begin} about {least_is_best(name, value):,.6g}"


def _few(words: list[str]) -> str:
    return "; ".join(words[:ROWS]) + (f"; and {len(words) - ROWS} more" if len(words) > ROWS else "")


def _row_words(milp: Milp, row: int, gave: float, point: FloatArray) -> str:
    """Return by how much a constraint gives way, relative to its limit; in its own unit where that is zero."""
    block = next(b for b in milp.row_blocks if b.start <= row < b.stop)
    reached = float((milp.matrix[[row]] @ point)[0])
    limit = milp.row_lower[row] if gave < 0 else milp.row_upper[row]
    by = f", {abs(gave / limit):.2%}" if limit else ""
    side = ">=" if gave < 0 else "<="
    return f"{','.join(block.label(row - block.start))}: {reached:,.6g} where {side} {limit + 0.0:,.6g} is asked{by}"


def _elastic(
    milp: Milp, plain: Milp, loose: NDArray[np.bool_], *, bounds: bool
) -> tuple[Milp, Objective, NDArray[np.int64], FloatArray]:
    """Return the program with some constraints elastic; its objective, and row and side of every column of slack.

    Side −1 is below a lower limit, 1 above an upper one.
    """
    implied = np.zeros(milp.shape[0], dtype=np.bool_)
    for block in milp.row_blocks:
        implied[block.start : block.stop] = is_implied(block.family)
    lower = np.where(implied, -np.inf, milp.row_lower)
    upper = np.where(implied, np.inf, milp.row_upper)
    below, above = np.flatnonzero(loose & np.isfinite(lower)), np.flatnonzero(loose & np.isfinite(upper))
    is_demand = [b for b in milp.row_blocks if b.family == "demand"]
    for block in is_demand:  # to serve more than all is no way out
        above = above[(above < block.start) | (above >= block.stop)]
    rows = np.concatenate([below, above])
    sign = np.concatenate([np.full(len(below), -1.0), np.ones(len(above))])
    count, width = len(rows), milp.shape[1]
    slack = sparse.coo_array((-sign, (rows, np.arange(count))), shape=(milp.shape[0], count))
    size = np.maximum(np.where(np.isfinite(lower), np.abs(lower), 0.0), np.where(np.isfinite(upper), np.abs(upper), 0))
    largest = abs(milp.matrix).max(axis=1).toarray().ravel() if milp.shape[0] else size
    size = np.where(size > 0, size, np.where(largest > 0, largest, 1.0))
    low, high, integer = milp.column_lower.copy(), milp.column_upper.copy(), milp.integer.copy()
    cost = np.zeros(width)
    if bounds:
        own = plain.shape[1]
        low[:own], high[:own], integer[:own] = plain.column_lower, plain.column_upper, plain.integer
    elastic = replace(
        milp,
        column_lower=np.concatenate([low, np.zeros(count)]),
        column_upper=np.concatenate([high, np.full(count, np.inf)]),
        integer=np.concatenate([integer, np.zeros(count, dtype=np.bool_)]),
        matrix=sparse.csr_array(sparse.hstack([milp.matrix, slack], format="csr")),
        row_lower=lower,
        row_upper=upper,
        column_blocks=(*milp.column_blocks, Block("slack", width, width + count, lambda k: (str(rows[k]),))),
        objectives={},
    )
    return elastic, Objective("slack", np.concatenate([cost, 1.0 / size[rows]]), 0.0, 1.0), rows, sign
