"""An irreducible set of constraints that no point keeps together, found by HiGHS in the linear relaxation."""

from __future__ import annotations

import highspy
import numpy as np

from evsiting.model.milp import IntArray, Milp
from evsiting.optimize.engines.console import unprinted

__all__ = ["conflicting_rows"]

#: What HiGHS is asked for: a set that is found from the linear program, made irreducible.
FROM_LP, IRREDUCIBLE = 2, 4


def conflicting_rows(milp: Milp, time_s: float) -> IntArray:
    """Return rows that contradict each other, none of them needlessly; none where the relaxation has a point.

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
    rows, columns, _ = milp.shape
    program, solver = highspy.HighsLp(), highspy.Highs()  # type: ignore[no-untyped-call]
    program.num_col_, program.num_row_ = columns, rows
    program.col_cost_ = np.zeros(columns)
    program.col_lower_, program.col_upper_ = milp.column_lower, milp.column_upper
    program.row_lower_, program.row_upper_ = milp.row_lower, milp.row_upper
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = milp.matrix.indptr.astype(np.int32)
    program.a_matrix_.index_ = milp.matrix.indices.astype(np.int32)
    program.a_matrix_.value_ = milp.matrix.data
    with unprinted():
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("time_limit", float(time_s))
        solver.setOptionValue("iis_time_limit", float(time_s))
        solver.setOptionValue("iis_strategy", FROM_LP + IRREDUCIBLE)
        solver.passModel(program)
        status, found = solver.getIis()
    if status == highspy.HighsStatus.kError or not found.valid_:
        return np.zeros(0, dtype=np.int64)
    return np.array(sorted(found.row_index_), dtype=np.int64)
