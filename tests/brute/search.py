"""Branch and bound as it stands in textbooks: a linear program at each node, and a yes or no at each branch."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import inf

import highspy
import numpy as np

from tests.brute.lines import Line, Program

#: A yes or no is decided when it is this close to 0 or 1.
WHOLE = 1e-6
#: A node is left when it cannot be better by this part of the best value.
GAIN = 1e-8


class TooLarge(RuntimeError):
    """The study takes more nodes than allowed."""


@dataclass(frozen=True)
class Point:
    """A point of the program in real units, with its value."""

    value: float
    point: list[float]
    nodes: int


def solve(
    program: Program, objective: Line, *, first: bool = False, patience: int | None = None, nodes: int = 20_000
) -> Point | None:
    """Return a point of least value; None where there is none.

    Parameters
    ----------
    program, objective : Program, Line
        What to minimise, subject to what.
    first : bool
        Stop at the first point that is found.
    patience : int, optional
        Stop after as many linear programs with the best point found so far; None where there is none yet.
    nodes : int
        Most linear programs to be solved; more raise TooLarge.
    """
    return _Search(program, objective).run(first=first, patience=patience or nodes + 1, most=nodes)


class _Search:
    def __init__(self, program: Program, objective: Line) -> None:
        self.program, self.objective = program, objective
        self.size = np.array(program.size)
        self.choices = np.flatnonzero(program.whole).astype(np.int32)
        price = np.zeros(len(self.size))
        for k, c in objective.items():
            price[k] = c * self.size[k]
        # Prices of about one make the solver's tolerances mean the same in every study.
        self.unit = max(1e-12, float(np.abs(price).max(initial=0.0))) / 1e3
        self.engine = self._engine(price / self.unit)

    def _engine(self, price: np.ndarray) -> highspy.Highs:
        program = self.program
        starts, index, values, low, high = [0], [], [], [], []
        self.impossible = False
        for _, line, a, b in program.rows:
            entries = [(k, c * self.size[k]) for k, c in line.items() if c]
            a, b = a - line.constant, b - line.constant
            scale = max((abs(c) for _, c in entries), default=0.0)
            if not entries or scale == 0.0:
                self.impossible |= a > 1e-6 * max(1.0, abs(line.constant)) or b < -1e-6 * max(1.0, abs(line.constant))
                continue
            index += [k for k, _ in entries]
            values += [c / scale for _, c in entries]
            starts.append(len(index))
            low.append(a / scale)
            high.append(b / scale)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.size), len(low)
        model.col_cost_, model.col_lower_ = price, np.array(program.low) / self.size
        model.col_upper_ = np.array(program.high) / self.size
        model.row_lower_, model.row_upper_ = np.array(low), np.array(high)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        model.a_matrix_.index_ = np.array(index, dtype=np.int32)
        model.a_matrix_.value_ = np.array(values, dtype=float)
        engine = highspy.Highs()
        for name, value in (
            ("output_flag", False),
            ("presolve", "off"),
            ("solver", "simplex"),
            ("threads", 1),
            ("primal_feasibility_tolerance", 1e-9),
            ("dual_feasibility_tolerance", 1e-9),
        ):
            engine.setOptionValue(name, value)
        engine.passModel(model)
        return engine

    def _relaxed(self, low: np.ndarray, high: np.ndarray, cutoff: float) -> tuple[float, np.ndarray] | None:
        """Return value and point of the linear program with the choices between bounds; None if none below a cutoff."""
        if len(self.choices):
            self.engine.changeColsBounds(len(self.choices), self.choices, low, high)
        self.engine.setOptionValue("objective_bound", cutoff if cutoff < inf else 1e300)
        self.engine.run()
        status = self.engine.getModelStatus()
        kinds = highspy.HighsModelStatus
        if status in (kinds.kUnknown, kinds.kSolveError):
            self.engine.clearSolver()
            self.engine.run()
            status = self.engine.getModelStatus()
        if status in (kinds.kInfeasible, kinds.kObjectiveBound):
            return None
        assert status in (kinds.kOptimal, kinds.kModelEmpty), status
        return self.engine.getInfo().objective_function_value, np.array(self.engine.getSolution().col_value)

    def run(self, *, first: bool, patience: int, most: int) -> Point | None:
        if self.impossible:
            return None
        best, cutoff, solved, order = None, inf, 0, count()
        ready = [(-inf, next(order), np.zeros(len(self.choices)), np.ones(len(self.choices)))]
        dive: list[tuple[float, int, np.ndarray, np.ndarray]] = []
        while ready or dive:
            bound, _, low, high = dive.pop() if dive else heappop(ready)
            if bound >= cutoff:
                continue
            if solved >= patience:
                break
            solved += 1
            if solved > most:
                raise TooLarge(f"more than {most} nodes")
            found = self._relaxed(low, high, cutoff)
            if found is None or found[0] >= cutoff:
                continue
            value, point = found
            part = point[self.choices]
            away = np.abs(part - np.round(part))
            if not len(away) or away.max() <= WHOLE:
                exact = np.round(part)
                found = self._relaxed(exact, exact, inf) if len(part) else found
                if found is not None and found[0] < cutoff:
                    best, cutoff = found, found[0] - GAIN * max(1.0, abs(found[0]))
                    if first:
                        break
                    continue
                if away.max(initial=0.0) == 0.0:
                    continue
                away = np.where(low < high, np.maximum(away, 1e-12), 0.0)  # rounding breaks a row: branch on
                if not away.any():
                    continue
            pick = int(np.argmax(away))
            no, yes = high.copy(), low.copy()
            no[pick], yes[pick] = 0.0, 1.0
            up, down = (value, next(order), yes, high), (value, next(order), low, no)
            if part[pick] >= 0.3:
                heappush(ready, down)
                dive.append(up)
            else:
                heappush(ready, up)
                dive.append(down)
        if best is None:
            return None
        point = [float(v) for v in best[1] * self.size]
        return Point(self.objective.value(point), point, solved)
