"""Scale rows, columns and objective for the solver, whatever units the study counts in.

Solvers keep rows to an absolute millionth and prices to an absolute ten-millionth. A study in millions of USD suits
that; one of three dollars, or one in Wh, does not: two plants of 2 USD keep "a budget of 0.000003" to a millionth.
So every row is handed over in a unit in which what it resolves (:mod:`evsiting.model.magnitudes`) is about one or
more, every continuous column and the objective likewise. The factors are powers of two, so that nothing is rounded,
and one where the study's own units do: programs of ordinary size reach the solver as they are. Integer columns keep
their unit.

What is small in one place of an ordinary study stays as it is, and no row whose columns and coefficients are ordinary
is made larger: dust beside large coefficients misleads solvers (with a share of a billionth HiGHS 1.15.1 called a
program infeasible that is not, and a plan optimal that is not). Where a program with factors has no plan, it is tried
without.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.milp import Block, FloatArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch
from evsiting.optimize.engines.basis import Basis
from evsiting.optimize.engines.warm_lp import WarmLp
from evsiting.results.plan import Status

#: What rows, columns and the typical term of an objective may be (from, to) without a factor, and what they become with
#: one; in powers of two.
ROW, COLUMN, OBJECTIVE = (-1, 20, 6), (-12, 22, 6), (-3, 13, 7)
#: Smallest part of what a row resolves that one unit of a column may be, in powers of two: solvers drop coefficients
#: below 1e-9.
LEAST = -26
#: Largest coefficient that a factor may make, in powers of two: solvers refuse those above 1e15.
MOST = 40
#: Largest violation, relative to what a row resolves, of a plan that disproves that there is none.
KEPT = 1e-6
#: A value below this, in the objective's scaled unit and for each part of the gap asked for, was not resolved by the
#: solver's absolute tolerance of a millionth: the run is made again in a unit that suits the value.
RESOLVED = 1e-5


@dataclass(frozen=True)
class Scaling:
    """Factors between a program and the one that is handed over, all powers of two.

    Parameters
    ----------
    column : numpy.ndarray, shape (N,)
        Unit of each column: its value is this times the scaled one; 1 for integers.
    row : numpy.ndarray, shape (M,)
        By what each row is multiplied.
    objective : float
        Unit of the objective: its value is this times the scaled one.
    """

    column: FloatArray
    row: FloatArray
    objective: float

    @classmethod
    def of(cls, milp: Milp, objective: Objective) -> Scaling:
        """Return the factors that suit a program."""
        sizes = milp.sizes
        column = _unit(_ordinary(milp.column_blocks, sizes.column), COLUMN)
        column = np.where(milp.integer, 1.0, column)
        changed = np.flatnonzero(column != 1.0)
        if len(changed):
            part = milp.matrix[:, changed].tocoo()
            least = np.zeros(milp.shape[1])
            np.maximum.at(least, changed[part.col], sizes.row[part.row] / np.abs(part.data))
            column[changed] = np.maximum(column[changed], _power(least[changed] * 2.0**LEAST))
        part = abs(milp.matrix)
        part.data *= column[part.indices]
        largest = part.max(axis=1).toarray().ravel() if part.nnz else np.zeros(milp.shape[0])
        finer = (milp.matrix != 0.0).astype(np.float64) @ (column < 1.0).astype(np.float64) > 0.0
        ordinary = np.maximum(sizes.row, np.minimum(largest, math.ldexp(1.0, ROW[0])))
        row = 1.0 / _unit(np.where(finer, sizes.row, ordinary), ROW)
        room = _power(math.ldexp(1.0, MOST) / np.where(largest > 0.0, largest, 1.0))
        row = np.where(row > 1.0, np.minimum(row, np.maximum(room, 1.0)), row)
        return cls(column, row, _money(milp, objective))

    @property
    def changes(self) -> bool:
        """Whether anything has a factor."""
        return self.objective != 1.0 or bool((self.column != 1.0).any() or (self.row != 1.0).any())

    def program(self, milp: Milp) -> Milp:
        """Return the program with its factors."""
        matrix: sparse.csr_array = milp.matrix.copy()
        matrix.data = matrix.data * np.repeat(self.row, np.diff(matrix.indptr)) * self.column[matrix.indices]
        return replace(
            milp,
            matrix=matrix,
            row_lower=milp.row_lower * self.row,
            row_upper=milp.row_upper * self.row,
            column_lower=milp.column_lower / self.column,
            column_upper=milp.column_upper / self.column,
        )

    def aim(self, objective: Objective) -> Objective:
        """Return the objective with its factors; its real value stays."""
        return replace(
            objective,
            coefficients=objective.coefficients * self.column / self.objective,
            constant=objective.constant / self.objective,
            unit=objective.unit * self.objective,
        )

    def undone(self, result: EngineResult) -> EngineResult:
        """Return an answer to the scaled program as one to the program itself."""
        columns = result.columns * self.column if len(result.columns) else result.columns
        prices = result.prices * (self.row * self.objective) if len(result.prices) else result.prices
        warm = result.warm
        if warm is not None:
            warm = WarmLp(warm.solver, warm.objective, self.row * self.objective, self.objective)
        return replace(result, columns=columns, prices=prices, warm=warm)


@dataclass(frozen=True)
class ScaledEngine:
    """An engine that gets every program in units that suit it.

    Parameters
    ----------
    engine : Engine
        Who solves.
    """

    engine: Engine

    @property
    def name(self) -> str:
        """Name of the solver."""
        return self.engine.name

    @property
    def tells_prices(self) -> bool:
        """Whether it tells prices of a linear program."""
        return self.engine.tells_prices

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        return self.engine.missing()

    def run(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
        basis: Basis | None = None,
    ) -> EngineResult:
        """Minimise ``objective``; see :class:`evsiting.optimize.engines.base.Engine`."""
        began = time.perf_counter()
        scaling = Scaling.of(milp, objective)
        scaled_result = self._run(scaling, milp, objective, limits, start, watch, basis)
        left = limits.time_s - (time.perf_counter() - began)
        if (
            scaling.changes and _no_plan(scaled_result, limits) and left > 0.0
        ):  # perhaps by the factors: the program as it is may tell
            plain = self.engine.run(milp, objective, replace(limits, time_s=left), start=start, watch=watch)
            feasible = len(plain.columns) > 0 and max(milp.violation(plain.columns).values()) <= KEPT
            chosen = plain if feasible or scaled_result.status is Status.UNCLEAR else scaled_result
            return replace(chosen, seconds=time.perf_counter() - began)
        again = _finer(scaling, objective, scaled_result, limits)
        if again is None or left <= 0.0:
            return scaled_result
        better = self._run(again, milp, objective, replace(limits, time_s=left), scaled_result.columns, watch)
        if not len(better.columns):  # cut short: what was found before stands, as proven as it was
            return scaled_result
        return replace(better, seconds=time.perf_counter() - began)

    def _run(
        self,
        scaling: Scaling,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        start: FloatArray | None,
        watch: Watch | None,
        basis: Basis | None = None,
    ) -> EngineResult:
        warm = {} if basis is None else {"basis": basis}  # factors leave the states of columns and rows as they are
        if not scaling.changes:
            return self.engine.run(milp, objective, limits, start=start, watch=watch, **warm)
        own = None if start is None else start / scaling.column
        aim = scaling.aim(objective)
        return scaling.undone(self.engine.run(scaling.program(milp), aim, limits, start=own, watch=watch, **warm))


def _no_plan(result: EngineResult, limits: Limits) -> bool:
    """Whether a run ended by itself without a plan, which another run may disprove."""
    doubted = (Status.INFEASIBLE, Status.UNCLEAR) if limits.doubt else (Status.UNCLEAR,)
    return result.status in doubted and not result.limit


def _finer(scaling: Scaling, objective: Objective, result: EngineResult, limits: Limits) -> Scaling | None:
    """Return the factors with a unit of the objective that suits the value found; None where it suits already."""
    if not len(result.columns) or result.limit:
        return None
    size = abs(float(objective.coefficients @ result.columns))  # in the objective's unit, without the constant
    if size == 0.0 or size / scaling.objective * max(limits.gap, 1e-6) >= RESOLVED:
        return None
    finer = float(_power(np.array([size * 2.0 ** -OBJECTIVE[2]]))[0])
    if not np.isfinite(objective.coefficients / finer).all():
        return None
    return replace(scaling, objective=finer)


def _money(milp: Milp, objective: Objective) -> float:
    """Return the unit of the objective that suits its typical term."""
    with np.errstate(over="ignore", invalid="ignore"):
        terms = np.abs(objective.coefficients) * milp.sizes.column
    terms = np.where(np.isfinite(terms), terms, 0.0)
    if not terms.any():
        return 1.0
    typical = float(np.median(terms[terms > 0.0]))
    if typical < math.ldexp(1.0, OBJECTIVE[0]):  # of every family the largest: many small columns make no small study
        largest = _largest_of_family(milp.column_blocks, terms).values()
        typical = max(typical, float(np.median([m for m in largest if m > 0.0] or [typical])))
    return float(_unit(np.array([typical]), OBJECTIVE)[0])


def _ordinary(blocks: tuple[Block, ...], size: FloatArray) -> FloatArray:
    """Return sizes of columns, those below the band as large as the largest of their family, up to the band."""
    out, least = size.copy(), math.ldexp(1.0, COLUMN[0])
    largest = _largest_of_family(blocks, size)
    for block in blocks:
        mine = slice(block.start, block.stop)
        out[mine] = np.maximum(size[mine], min(largest[block.family], least))
    return out


def _largest_of_family(blocks: tuple[Block, ...], size: FloatArray) -> dict[str, float]:
    """Return the largest finite size in every family of columns or rows."""
    known = np.where(np.isfinite(size), size, 0.0)
    largest: dict[str, float] = {}
    for block in blocks:
        largest[block.family] = max(
            largest.get(block.family, 0.0), float(known[block.start : block.stop].max(initial=0.0))
        )
    return largest


def _unit(size: FloatArray, band: tuple[int, int, int]) -> FloatArray:
    """Return a power of two for every size outside a band, by which it is divided; else 1."""
    low, high, middle = band
    known = np.isfinite(size) & (size > 0.0)
    out = known & ((size < math.ldexp(1.0, low)) | (size > math.ldexp(1.0, high)))
    return np.where(out, _power(np.where(out, size, 1.0)) * math.ldexp(1.0, -middle), 1.0)


def _power(size: FloatArray) -> NDArray[np.float64]:
    """Return the largest power of two that is no more than each size; 0 for 0."""
    mantissa, exponent = np.frexp(size)
    return np.asarray(np.where(mantissa > 0.0, np.ldexp(1.0, exponent - 1), 0.0))
