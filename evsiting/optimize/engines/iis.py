"""An irreducible set of constraints that no point keeps together, found by HiGHS in the linear relaxation."""

from __future__ import annotations

import highspy
import numpy as np

from evsiting.model.milp import IntArray, Milp
from evsiting.optimize.engines.console import without_c_output
from evsiting.optimize.engines.highs import linear_program

__all__ = ["conflicting_rows"]

#: What HiGHS is asked for: a set that is found from the linear program, made irreducible.
FROM_LP, IRREDUCIBLE = 2, 4


def conflicting_rows(milp: Milp, time_s: float) -> IntArray:
    """Return constraints that contradict each other, none of them needlessly; none where the relaxation has a point.

    Parameters
    ----------
    milp : Milp
        Its integers are taken as continuous.
    time_s : float
        Most time. [s]

    References
    ----------
    .. [1] J. W. Chinneck, "Feasibility and Infeasibility in Optimization," Springer, 2008, chapter 6.
    """
    program = linear_program(milp, np.zeros(milp.shape[1]))
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    with without_c_output():
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("time_limit", float(time_s))
        solver.setOptionValue("iis_time_limit", float(time_s))
        solver.setOptionValue("iis_strategy", FROM_LP + IRREDUCIBLE)
        solver.passModel(program)
        status, iis = solver.getIis()
    if status == highspy.HighsStatus.kError or not iis.valid_:
        return np.zeros(0, dtype=np.int64)
    return np.array(sorted(iis.row_index_), dtype=np.int64)
