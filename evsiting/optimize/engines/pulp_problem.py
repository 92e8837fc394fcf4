"""A program on arrays as a ``pulp.LpProblem`` with readable names, and a user's own rules back as arrays.

Beside the engines of HiGHS, CBC and SCIP the only file that knows PuLP.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pulp
from scipy import sparse

from evsiting.errors import Problems, shown
from evsiting.model.milp import Block, FloatArray, IntArray, Milp, Objective

#: Characters that PuLP and the LP format do not take in names.
_NOT_IN_NAMES = re.compile(r"[^\w.]")
_START = "Start from evsiting.to_pulp(study) and add to it"
_TABLES = "Change the study's tables, so that ledgers and certificate know of it, and make the problem anew"


#: The longest name that LP files take, and how much of the beginning of a longer one is kept. [characters]
LONGEST_NAME, _HEAD = 255, 120


def legal_names(names: Iterable[str]) -> list[str]:
    """Return names that PuLP and LP files accept, still readable and without doubles.

    Names longer than LP files take lose their middle; the end, which tells the period, stays.

    Examples
    --------
    >>> legal_names(["ship[cell,US-TN]", "ship[cell,US_TN]"])
    ['ship_cell_US_TN_', 'ship_cell_US_TN__1']
    """
    taken: set[str] = set()
    count: dict[str, int] = {}
    out = []
    for name in names:
        legal = first = _shorten(_NOT_IN_NAMES.sub("_", name))
        while legal in taken:
            count[first] = count.get(first, 0) + 1
            legal = f"{first}_{count[first]}"
        taken.add(legal)
        out.append(legal)
    return out


def _shorten(name: str) -> str:
    """Return a name without its middle where it is too long, with room for a number that tells doubles apart."""
    tail = LONGEST_NAME - _HEAD - len("__") - len("_12345678")
    return name if len(name) <= LONGEST_NAME else f"{name[:_HEAD]}__{name[-tail:]}"


def to_problem(milp: Milp, objective: Objective) -> pulp.LpProblem:
    """Return the program as a ``pulp.LpProblem``, columns and rows named and in order; column k is variable id k.

    Parameters
    ----------
    milp : Milp
        The arrays. A row with two limits becomes two rules.
    objective : Objective
        What to minimise; its constant is left out.
    """
    problem = pulp.LpProblem("evsiting", pulp.LpMinimize)
    columns = _add_variables(problem, milp)
    matrix = milp.matrix
    which, senses, right = _sides(milp)
    rows = zip(which.tolist(), senses.tolist(), right.tolist(), _rule_names(milp), strict=True)
    for k, sense, limit, name in rows:
        span = slice(matrix.indptr[k], matrix.indptr[k + 1])
        entries = zip(matrix.indices[span].tolist(), matrix.data[span].tolist(), strict=True)
        expression = pulp.LpAffineExpression.from_dict({columns[j]: v for j, v in entries})
        problem.addConstraint(_COMPARED[sense](expression, limit), name)
    used = np.flatnonzero(objective.coefficients)
    problem.objective = pulp.LpAffineExpression.from_dict(
        dict(zip((columns[j] for j in used.tolist()), objective.coefficients[used].tolist(), strict=True))
    )
    return problem


_COMPARED: dict[int, Callable[[pulp.LpAffineExpression, float], pulp.LpAffineExpression]] = {
    pulp.LpConstraintLE: lambda expression, limit: expression <= limit,
    pulp.LpConstraintGE: lambda expression, limit: expression >= limit,
    pulp.LpConstraintEQ: lambda expression, limit: expression == limit,
}


def _sides(milp: Milp) -> tuple[IntArray, IntArray, FloatArray]:
    """Return (row, sense, limit) of every constraint of PuLP that the rows become: upper limit before lower one."""
    lower, upper = milp.row_lower, milp.row_upper
    equal = lower == upper
    kinds = (
        (pulp.LpConstraintEQ, equal, upper),
        (pulp.LpConstraintLE, np.isfinite(upper) & ~equal, upper),
        (pulp.LpConstraintGE, np.isfinite(lower) & ~equal, lower),
    )
    rows = np.concatenate([np.flatnonzero(mask) for _, mask, _ in kinds])
    senses = np.concatenate([np.full(int(mask.sum()), sense, np.int64) for sense, mask, _ in kinds])
    limits = np.concatenate([limit[mask] for _, mask, limit in kinds])
    order = np.argsort(rows, kind="stable")
    return rows[order], senses[order], limits[order]


def _rule_names(milp: Milp) -> list[str]:
    """Return the name of every constraint of PuLP that the program's rows become."""
    names, (which, senses, _) = milp.row_names(), _sides(milp)
    double = np.bincount(which, minlength=len(names)) > 1
    return legal_names(
        names[k] + ("_low" if double[k] and sense == pulp.LpConstraintGE else "")
        for k, sense in zip(which.tolist(), senses.tolist(), strict=True)
    )


def _add_variables(problem: pulp.LpProblem, milp: Milp) -> list[pulp.LpVariable]:
    """Add the columns in batches of equal bounds and kind, in order."""
    names = legal_names(milp.column_names())
    kind = np.column_stack([milp.column_lower, milp.column_upper, milp.integer.astype(np.float64)])
    change = np.flatnonzero(np.any(kind[1:] != kind[:-1], axis=1)) + 1
    edges = [0, *change.tolist(), len(names)] if names else [0]
    out: list[pulp.LpVariable] = []
    for first, last in zip(edges[:-1], edges[1:], strict=True):
        low, high = float(milp.column_lower[first]), float(milp.column_upper[first])
        made = problem.add_variable_matrix(
            "%s",
            names[first:last],
            lowBound=low if math.isfinite(low) else None,
            upBound=high if math.isfinite(high) else None,
            cat="Integer" if milp.integer[first] else "Continuous",
        )
        out.extend(made)
    return out


def with_extra(milp: Milp, extra: pulp.LpProblem | Sequence[pulp.LpAffineExpression]) -> Milp:
    """Return the program with a user's own rules.

    Parameters
    ----------
    milp : Milp
        The program that the rules were written for.
    extra : pulp.LpProblem or sequence of pulp.LpAffineExpression
        The problem of :func:`evsiting.to_pulp` after rules and variables were added to it or bounds of its variables
        were tightened, or rules on its variables by themselves.

    Raises
    ------
    InputError
        If the problem or a rule does not come from the same study, or what the study says was changed.
    """
    if isinstance(extra, pulp.LpProblem):
        _check_problem(milp, extra)
        variables = extra.variables()
        rules: Sequence[Any] = extra.constraints()[len(_sides(milp)[0]) :]
        milp = _with_user_columns(_with_tighter_bounds(milp, variables[: milp.shape[1]]), variables[milp.shape[1] :])
    else:
        rules = list(extra)
        _check_rules(milp, rules)
    if not rules:
        return milp
    matrix, lower, upper = _arrays(rules, milp.shape[1])
    return milp.with_rows(
        "extra", matrix, lower, upper, [(rule.name or f"rule_{number}",) for number, rule in enumerate(rules)]
    )


def _arrays(rules: Sequence[Any], width: int) -> tuple[sparse.csr_array, FloatArray, FloatArray]:
    """Return the matrix and the limits of pulp rules over the first ``width`` variables."""
    entries = [{v.id: c for v, c in rule.items()} for rule in rules]
    right = np.array([-rule.constant for rule in rules], dtype=np.float64)
    sense = np.array([rule.sense for rule in rules], dtype=np.int64)
    row = np.repeat(np.arange(len(entries)), [len(e) for e in entries])
    column = np.array([j for e in entries for j in e], dtype=np.int64)
    value = np.array([v for e in entries for v in e.values()], dtype=np.float64)
    matrix = sparse.coo_array((value, (row, column)), shape=(len(entries), width)).tocsr()
    return (
        matrix,
        np.where(sense == pulp.LpConstraintLE, -np.inf, right),
        np.where(sense == pulp.LpConstraintGE, np.inf, right),
    )


def _check_problem(milp: Milp, problem: pulp.LpProblem) -> None:
    """Refuse a problem that is not the program's own with something added."""
    problems = Problems()
    columns, rows = legal_names(milp.column_names()), _rule_names(milp)
    variables, rules = problem.variables()[: len(columns)], problem.constraints()[: len(rows)]
    strange = [n for n, v in zip(columns, variables, strict=False) if n != v.name]
    strange += [n for n, c in zip(rows, rules, strict=False) if n != c.name]
    if strange or (len(variables), len(rules)) != (len(columns), len(rows)):
        seen = f"{problem.numVariables()} variables, {problem.numConstraints()} rows; the study has "
        seen += f"{len(columns)} and {len(rows)}"
        seen += f"; not found in their place: {shown(strange)}" if strange else ""
        problems.add("extra", "the problem is not the one of this study", seen, _START)
        problems.raise_if_any()
    if changed := _changed_rows(milp, rules, rows):
        problems.add("extra", "rows of the study were changed", shown(changed), _TABLES)
    if loose := _loosened(milp, variables):
        problems.add("extra", "bounds or kinds of the study's variables were loosened", shown(loose), _TABLES)
    if problem.sense != pulp.LpMinimize or not _is_weighting(milp, problem):
        problems.add(
            "extra",
            "the objective of the problem was changed",
            "it is no weighting of cost, emissions and jobs to be minimised",
            "Choose the objective with evsiting.solve(objective=...); what a rule costs belongs in the study's tables, "
            "so that ledgers and certificate know of it",
        )
    if problem.has_sos():
        problems.add("extra", "special ordered sets are not taken", "", "Write them as rules on integer variables")
    problems.raise_if_any()


def _changed_rows(milp: Milp, rules: Sequence[Any], names: Sequence[str]) -> list[str]:
    """Return the names of the study's own constraints that no longer say what they said."""
    width = max((v.id + 1 for rule in rules for v in rule), default=0)
    matrix, lower, upper = _arrays(rules, max(width, milp.shape[1]))
    which, sense, right = _sides(milp)
    want = sparse.csr_array(milp.matrix[which])
    want.resize(matrix.shape)
    differs = abs(matrix - want).sum(axis=1) > 0
    differs |= lower != np.where(sense == pulp.LpConstraintLE, -np.inf, right)
    differs |= upper != np.where(sense == pulp.LpConstraintGE, np.inf, right)
    return [names[k] for k in np.flatnonzero(differs).tolist()]


def _bounds(variables: Sequence[pulp.LpVariable]) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """Return lower bounds, upper bounds and whether they must be integers."""
    return (
        np.array([v.lowBound for v in variables], dtype=np.float64),
        np.array([v.upBound for v in variables], dtype=np.float64),
        np.array([v.cat == pulp.LpInteger for v in variables], dtype=np.bool_),
    )


def _loosened(milp: Milp, variables: Sequence[pulp.LpVariable]) -> list[str]:
    low, high, integer = _bounds(variables)
    loose = (low < milp.column_lower) | (high > milp.column_upper) | (milp.integer & ~integer)
    return [variables[k].name for k in np.flatnonzero(loose).tolist()]


def _with_tighter_bounds(milp: Milp, variables: Sequence[pulp.LpVariable]) -> Milp:
    """Return the program with the bounds that its variables have by now."""
    low, high, integer = _bounds(variables)
    return replace(milp, column_lower=low, column_upper=high, integer=integer)


def _is_weighting(milp: Milp, problem: pulp.LpProblem) -> bool:
    """Whether the objective of a problem is made of the program's objectives and nothing else."""
    if not milp.objectives:
        return True
    cost = np.zeros(problem.numVariables())
    for variable, coefficient in problem.objective.items() if problem.objective is not None else ():
        cost[variable.id] += coefficient
    own, rest = cost[: milp.shape[1]], cost[milp.shape[1] :]
    totals = np.column_stack([o.coefficients for o in milp.objectives.values()])
    size = np.abs(totals).max(axis=0, initial=0.0)
    totals = totals / np.where(size > 0, size, 1.0)
    weights = np.linalg.lstsq(totals, own)[0]
    off = np.abs(totals @ weights - own).max(initial=0.0)
    return not rest.any() and bool(off <= 1e-9 * np.abs(own).max(initial=0.0))


def _check_rules(milp: Milp, rules: Sequence[Any]) -> None:
    """Refuse what is no rule, or a rule on variables that the program does not have."""
    problems, names = Problems(), legal_names(milp.column_names())
    for number, rule in enumerate(rules):
        where = f"extra, rule {number + 1}"
        if not isinstance(rule, pulp.LpAffineExpression | pulp.LpConstraint) or rule.sense is None:
            problems.add(where, "not a rule", repr(rule)[:80], "Compare an expression with <=, >= or == a number")
            continue
        strange = [v.name for v in rule if v.id >= len(names) or v.name != names[v.id]]
        if strange:
            problems.add(
                where,
                "variables that are not the study's",
                shown(strange),
                f"{_START}; hand back the whole problem if you added variables",
            )
    problems.raise_if_any()


def _with_user_columns(milp: Milp, variables: Sequence[pulp.LpVariable]) -> Milp:
    """Return the program with a user's own variables behind its columns."""
    if not variables:
        return milp
    names = tuple(v.name for v in variables)
    rows, width, _ = milp.shape
    more = len(variables)
    low, high, integer = _bounds(variables)
    return replace(
        milp,
        column_lower=np.concatenate([milp.column_lower, low]),
        column_upper=np.concatenate([milp.column_upper, high]),
        integer=np.concatenate([milp.integer, integer]),
        matrix=sparse.csr_array(sparse.hstack([milp.matrix, sparse.csr_array((rows, more))], format="csr")),
        column_blocks=(*milp.column_blocks, Block("extra", width, width + more, lambda k: (names[k],))),
        objectives=MappingProxyType(
            {
                name: replace(o, coefficients=np.concatenate([o.coefficients, np.zeros(more)]))
                for name, o in milp.objectives.items()
            }
        ),
    )


def available(solver: Any) -> bool:
    """Whether PuLP finds a solver; its own check is not typed."""
    return bool(solver.available())
