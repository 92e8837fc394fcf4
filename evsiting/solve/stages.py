"""A first plan of a large program, its decisions taken in stages (relax-and-fix).

Each stage is an exact program over the core, with the decisions before it kept and those after it relaxed: first where
final products are made and what becomes of standing plants, then where their parts are made, then the rest. The last
stage is a plan of the whole program.

References
----------
.. [1] Y. Pochet, L. A. Wolsey, "Production Planning by Mixed Integer Programming," Springer, 2006, section 3.6:
   relax-and-fix.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evsiting.model.build import Program
from evsiting.model.milp import Milp
from evsiting.results.plan import Status
from evsiting.solve.core import Core
from evsiting.solve.engine import EngineResult

#: Multiple of the gap asked for at which the first stage ends: what it leaves undone the search near its plan does in
#: a tenth of the time.
FIRST = 2.0


def staged(core: Core) -> EngineResult:
    """Return a plan, or none and why.

    Parameters
    ----------
    core : Core
        The program with its relaxation. A stage that has no plan over its first width is tried over the next.
    """
    milp, stages, wider = core.milp, stages_of(core.program, core.milp), iter(core.widths)
    near, found = next(wider), EngineResult(Status.NO_SOLUTION)
    for number, stage in enumerate(stages, 1):
        first, last = number == 1, number == len(stages)
        name = f"stage {number}, {int(stage.sum())} decisions"
        while True:
            part = replace(milp, integer=milp.integer & stage)
            found = core.run(part, near, target=core.target(FIRST) if first else -math.inf, plans=last, name=name)
            more = next(wider, None) if found.status is Status.INFEASIBLE else None
            if more is None:
                break
            near = more
        if not len(found.columns) or (found.limit == "interrupt" and not last):
            return EngineResult(Status.NO_SOLUTION, bound=core.bound, limit=found.limit, version=found.version)
        taken = np.round(found.columns)
        lower, upper = (np.where(stage, taken, b) for b in (milp.column_lower, milp.column_upper))
        milp = replace(milp, column_lower=lower, column_upper=upper)
    return core.answer(found)


def stages_of(program: Program, milp: Milp) -> list[NDArray[np.bool_]]:
    """Return which decisions have been taken after each stage, the last of which takes all."""
    sets, columns = program.sets, {d.table: d.column for d in program.decisions}
    final = sets.makes.place[np.isin(sets.makes.product, sets.wants.product)]
    ends = np.isin(sets.changes.place[sets.changes.kind == "build"], final)
    first = np.zeros(milp.shape[1], dtype=np.bool_)
    first[columns["openings"][ends].ravel()] = True
    for table in ("closings", "resumptions"):
        if table in columns:
            first[columns[table].ravel()] = True
    plants = first.copy()
    plants[columns["openings"].ravel()] = True
    stages = [milp.integer & first, milp.integer & plants, milp.integer]
    counts = [int(stage.sum()) for stage in stages]
    return [s for s, count, after in zip(stages, counts, [*counts[1:], math.inf], strict=True) if 0 < count < after]
