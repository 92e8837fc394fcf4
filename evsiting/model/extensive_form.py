"""The extensive form: the programs of all scenarios joined by what is decided before the future is known.

References
----------
.. [1] J. R. Birge, F. Louveaux, "Introduction to Stochastic Programming," 2nd ed., Springer, 2011: chapter 2 on
   programs with recourse and their extensive form.
.. [2] R. T. Rockafellar, S. Uryasev, "Optimization of conditional value-at-risk," Journal of Risk 2(3), 21-41, 2000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.build import Program
from evsiting.model.constraints.programs.programs import Claimed
from evsiting.model.milp import Block, FloatArray, IntArray, Label, Milp, Objective
from evsiting.model.plan_columns import Decision

__all__ = [
    "FIRST_STAGE",
    "Extensive",
    "Scenario",
    "join",
    "put_regret",
    "put_tail",
    "with_first_stage",
    "with_regret",
    "with_risk",
]

#: Families of columns that are decided before it is known which scenario comes true, and their tables of a plan.
FIRST_STAGE: Mapping[str, str] = MappingProxyType(
    {
        "build": "openings",
        "close": "closings",
        "resume": "resumptions",
        "retire": "retirements",
        "claims": "claims",
        "upgrades": "upgrades",
    }
)
_CLAIM = ("program", "site", "plant_type")


@dataclass(frozen=True)
class Scenario:
    """One future as a program of its own.

    Parameters
    ----------
    name : str
        Its name.
    probability : float
        Its weight. [1]
    program : Program
        Built from the scenario's study like any other.
    offered : frozenset of (str, str, str)
        Program, site and plant type of all that programs with rules offer in it.
    """

    name: str
    probability: float
    program: Program
    offered: frozenset[tuple[str, ...]] = frozenset()

    def aim(self, weights: Mapping[str, float]) -> Objective:
        """Return the weighted objective of this scenario; what it does not count, such as ``late``, weighs nothing."""
        milp = self.program.milp
        return milp.combined({name: weight for name, weight in weights.items() if name in milp.objectives})


@dataclass(frozen=True)
class Extensive:
    r"""All scenarios as one program: first-stage columns once, all others and all constraints once a scenario.

    .. math:: \min \sum_\omega \pi_\omega\,c_\omega^\top (x, y_\omega) \quad \text{s.t.} \quad
       (x, y_\omega) \in P_\omega \ \forall \omega

    with the probability :math:`\pi` of a scenario, the first stage x of the families :data:`FIRST_STAGE` in all
    periods, and :math:`P_\omega`, the program of the scenario's study.

    Parameters
    ----------
    milp : Milp
        Names of recourse columns and of constraints begin with the scenario.
    scenarios : tuple of Scenario
        In order.
    columns : tuple of numpy.ndarray of int, each shape (N_s,)
        Where the columns of each scenario's program stand.
    """

    milp: Milp
    scenarios: tuple[Scenario, ...]
    columns: tuple[IntArray, ...]

    def points(self, values: FloatArray) -> dict[str, FloatArray]:
        """Return the part of a point that each scenario's program sees."""
        return {s.name: values[c] for s, c in zip(self.scenarios, self.columns, strict=True)}

    def point(self, tables: Mapping[str, Mapping[str, pd.DataFrame]]) -> FloatArray:
        """Return the point that a plan for each scenario is; what no table names is zero.

        Parameters
        ----------
        tables : mapping of str to mapping of str to pandas.DataFrame
            Tables of a plan, by scenario.
        """
        values = np.zeros(self.milp.shape[1])
        for s, at in zip(self.scenarios, self.columns, strict=True):
            if s.name in tables:
                values[at] = s.program.point(tables[s.name])
        return values

    def tables(self, values: FloatArray) -> dict[str, dict[str, pd.DataFrame]]:
        """Return a point as the tables of a plan for each scenario.

        What a plant claims and is paid for in one scenario it claims in all in which the program is offered there.
        """
        points = self.points(values)
        paid: set[tuple[str, ...]] = set()
        for s in self.scenarios:
            for decision in (d for d in s.program.decisions if d.table == "claims"):
                paid |= _keys(decision.frame(points[s.name]))
        return {s.name: _frames(s.program, points[s.name], paid) for s in self.scenarios}


def join(scenarios: Sequence[Scenario]) -> Extensive:
    """Return the extensive form of some scenarios.

    First-stage columns agree where family and label do. What cannot be decided in one scenario is not decided at all,
    but for claims of a program that is not offered there: such a claim says nothing in that scenario.

    Parameters
    ----------
    scenarios : sequence of Scenario
        At least one.
    """
    first, lower, upper, blocks = _first_stage(scenarios)
    start, height = len(first), 0
    columns: list[IntArray] = []
    low, high, whole = [lower], [upper], [np.ones(len(first), dtype=np.bool_)]
    entries: list[tuple[FloatArray, IntArray, IntArray]] = []
    row_blocks: list[Block] = []
    for s in scenarios:
        milp = s.program.milp
        at = np.full(milp.shape[1], -1, dtype=np.int64)
        for block in milp.column_blocks:
            span = slice(block.start, block.stop)
            if block.family in FIRST_STAGE:
                at[span] = [first[block.family, *block.label(k)] for k in range(block.stop - block.start)]
                continue
            at[span] = np.arange(start, start + block.stop - block.start)
            blocks.append(
                Block(block.family, start, start + block.stop - block.start, _in_scenario(s.name, block.label))
            )
            start += block.stop - block.start
            for parts, own in ((low, milp.column_lower), (high, milp.column_upper)):
                parts.append(own[span])
            whole.append(milp.integer[span])
        matrix = milp.matrix.tocoo()
        entries.append((matrix.data, matrix.row.astype(np.int64) + height, at[matrix.col]))
        row_blocks += [
            Block(b.family, b.start + height, b.stop + height, _in_scenario(s.name, b.label)) for b in milp.row_blocks
        ]
        height += milp.shape[0]
        columns.append(at)
    data, row, column = (np.concatenate([e[k] for e in entries]) for k in range(3))
    joined = Milp(
        np.concatenate(low),
        np.concatenate(high),
        np.concatenate(whole),
        sparse.csr_array(sparse.coo_array((data, (row, column)), shape=(height, start)).tocsr()),
        np.concatenate([s.program.milp.row_lower for s in scenarios]),
        np.concatenate([s.program.milp.row_upper for s in scenarios]),
        tuple(blocks),
        tuple(row_blocks),
        MappingProxyType(_mean_objectives(scenarios, columns, start)),
    )
    return Extensive(joined, tuple(scenarios), tuple(columns))


def _in_scenario(name: str, label: Label) -> Label:
    """Return the labels of a block with the scenario before them."""
    return lambda k: (name, *label(k))


def _first_stage(
    scenarios: Sequence[Scenario],
) -> tuple[dict[tuple[str, ...], int], FloatArray, FloatArray, list[Block]]:
    """Return the position of each first-stage column by family and label, its bounds, and the blocks of names."""
    bounds: dict[str, dict[tuple[str, ...], list[tuple[float, float]]]] = {family: {} for family in FIRST_STAGE}
    for s in scenarios:
        milp = s.program.milp
        for block in (b for b in milp.column_blocks if b.family in FIRST_STAGE):
            for k in range(block.stop - block.start):
                pair = float(milp.column_lower[block.start + k]), float(milp.column_upper[block.start + k])
                bounds[block.family].setdefault(block.label(k), []).append(pair)
    first: dict[tuple[str, ...], int] = {}
    low: list[float] = []
    high: list[float] = []
    blocks: list[Block] = []
    for family, bounds_of in bounds.items():
        begin, labels = len(first), list(bounds_of)
        for label, pairs in bounds_of.items():
            able = len(scenarios)
            if family == "claims":
                able = sum(label in s.offered for s in scenarios)
            first[family, *label] = len(first)
            low.append(max(pair[0] for pair in pairs))
            high.append(min(pair[1] for pair in pairs) if len(pairs) >= able else low[-1])
        if labels:
            blocks.append(Block(family, begin, len(first), lambda k, labels=labels: labels[k]))  # type: ignore[misc]
    return first, np.array(low, dtype=np.float64), np.array(high, dtype=np.float64), blocks


def _mean_objectives(scenarios: Sequence[Scenario], columns: Sequence[IntArray], width: int) -> dict[str, Objective]:
    """Return the objectives weighted by probability; what a scenario does not count is nothing there."""
    objectives: dict[str, Objective] = {}
    for s, at in zip(scenarios, columns, strict=True):
        for name, mine in s.program.milp.objectives.items():
            old = objectives.get(name, Objective(name, np.zeros(width), 0.0, mine.unit))
            coefficients = old.coefficients.copy()
            coefficients[at] += s.probability * mine.coefficients  # one column of a scenario stands at one place
            objectives[name] = replace(
                old, coefficients=coefficients, constant=old.constant + s.probability * mine.constant
            )
    return objectives


def with_risk(form: Extensive, weights: Mapping[str, float], aversion: float, level: float) -> tuple[Milp, Objective]:
    r"""Return the program and the objective that weighs the expected value against its worst tail.

    .. math:: \min\ (1 - \lambda) \sum_\omega \pi_\omega z_\omega
       + \lambda \Big(v + \frac{1}{1 - \alpha} \sum_\omega \pi_\omega e_\omega\Big), \qquad
       e_\omega \ge z_\omega - v, \quad e_\omega \ge 0 \quad \forall \omega \tag{tail}

    At the optimum the bracket is the conditional value-at-risk at level α of the objective z [2]_: its mean over the
    worst part 1 − α of the probability. Columns ``value_at_risk`` and ``excess``, constraints ``tail``.

    Parameters
    ----------
    form : Extensive
        As :func:`join` returns it.
    weights : mapping of str to float
        The objective z, as for :meth:`evsiting.model.milp.Milp.combined`.
    aversion : float
        λ, 0 to below 1. [1]
    level : float
        α, 0 to below 1. [1]
    """
    milp, mean = form.milp, form.milp.combined(weights)
    if aversion == 0.0:
        return milp, mean
    rows, width = milp.shape[:2]
    names, count = [s.name for s in form.scenarios], len(form.scenarios)
    tails = sparse.lil_array((count, width + 1 + count))
    constant = np.zeros(count)
    for k, (s, at) in enumerate(zip(form.scenarios, form.columns, strict=True)):
        mine = s.aim(weights)
        used = np.flatnonzero(mine.coefficients)
        tails[k, at[used]] = mine.coefficients[used] * (mine.unit / mean.unit)
        tails[k, [width, width + 1 + k]] = -1.0
        constant[k] = mine.constant * mine.unit / mean.unit
    wide = sparse.csr_array(sparse.hstack([milp.matrix, sparse.csr_array((rows, 1 + count))], format="csr"))
    grown = replace(
        milp,
        column_lower=np.concatenate([milp.column_lower, [-np.inf], np.zeros(count)]),
        column_upper=np.concatenate([milp.column_upper, np.full(1 + count, np.inf)]),
        integer=np.concatenate([milp.integer, np.zeros(1 + count, dtype=np.bool_)]),
        matrix=wide,
        column_blocks=(
            *milp.column_blocks,
            Block("value_at_risk", width, width + 1, lambda k: ()),
            Block("excess", width + 1, width + 1 + count, lambda k: (names[k],)),
        ),
        objectives=MappingProxyType({}),
    )
    grown = grown.with_rows("tail", tails.tocsr(), np.full(count, -np.inf), -constant, [(name,) for name in names])
    chances = np.array([s.probability for s in form.scenarios])
    tail = np.concatenate([[aversion], aversion / (1.0 - level) * chances])
    coefficients = np.concatenate([(1.0 - aversion) * mean.coefficients, tail])
    return grown, replace(mean, coefficients=coefficients, constant=(1.0 - aversion) * mean.constant)


def put_tail(form: Extensive, weights: Mapping[str, float], unit: float, level: float, values: FloatArray) -> None:
    """Set the columns that :func:`with_risk` adds to their best for the other columns; nothing where it adds none.

    Parameters
    ----------
    form, weights, level
        As for :func:`with_risk`.
    unit : float
        Of the objective, in its real unit.
    values : numpy.ndarray, shape (N,)
        A point of the program with risk; it is changed.
    """
    width = form.milp.shape[1]
    if width == len(values):
        return
    loss = _losses(form, weights, values) / unit
    chance = np.array([s.probability for s in form.scenarios])
    excess = np.maximum(loss[None, :] - loss[:, None], 0.0)
    at_risk = int(np.argmin(loss + excess @ chance / (1.0 - level)))
    values[width], values[width + 1 :] = loss[at_risk], excess[at_risk]


def put_regret(
    form: Extensive, weights: Mapping[str, float], unit: float, best: Mapping[str, float], values: FloatArray
) -> None:
    """Set the column of the largest regret of a point of :func:`with_regret`; arguments as for :func:`put_tail`."""
    alone = np.array([best[s.name] for s in form.scenarios])
    values[form.milp.shape[1]] = np.max(_losses(form, weights, values) - alone) / unit


def _losses(form: Extensive, weights: Mapping[str, float], values: FloatArray) -> FloatArray:
    """Return the objective of each scenario at a point, in its real unit."""
    pairs = zip(form.scenarios, form.columns, strict=True)
    return np.array([s.aim(weights).value(values[at]) for s, at in pairs])


def with_regret(form: Extensive, weights: Mapping[str, float], best: Mapping[str, float]) -> tuple[Milp, Objective]:
    r"""Return the program and the objective that makes the largest regret of any scenario least (Savage [3]_).

    .. math:: \min\ \sum_\omega \pi_\omega z^*_\omega + r, \qquad
       z_\omega - r \le z^*_\omega \quad \forall \omega \tag{regret}

    with the objective :math:`z^*` of the best plan of each scenario by itself. Its mean is a constant that makes a
    relative gap one of cost rather than of regret. Column ``largest_regret``, constraints ``regret``.

    Parameters
    ----------
    form : Extensive
        As :func:`join` returns it.
    weights : mapping of str to float
        The objective z, as for :meth:`evsiting.model.milp.Milp.combined`.
    best : mapping of str to float
        :math:`z^*` by scenario, in the unit of the objective.

    References
    ----------
    .. [3] L. J. Savage, "The theory of statistical decision," Journal of the American Statistical Association 46 (1951)
       55-67; for discrete decisions P. Kouvelis, G. Yu, "Robust Discrete Optimization and Its Applications," Kluwer,
       1997.
    """
    milp, mean = form.milp, form.milp.combined(weights)
    width, count = milp.shape[1], len(form.scenarios)
    rows = sparse.lil_array((count, width + 1))
    upper = np.zeros(count)
    for k, (s, at) in enumerate(zip(form.scenarios, form.columns, strict=True)):
        mine = s.aim(weights)
        used = np.flatnonzero(mine.coefficients)
        rows[k, at[used]] = mine.coefficients[used] * (mine.unit / mean.unit)
        rows[k, width] = -1.0
        upper[k] = (best[s.name] - mine.unit * mine.constant) / mean.unit
    grown = replace(
        milp,
        column_lower=np.append(milp.column_lower, -np.inf),
        column_upper=np.append(milp.column_upper, np.inf),
        integer=np.append(milp.integer, np.False_),
        matrix=sparse.csr_array(sparse.hstack([milp.matrix, sparse.csr_array((milp.shape[0], 1))], format="csr")),
        column_blocks=(*milp.column_blocks, Block("largest_regret", width, width + 1, lambda k: ())),
        objectives=MappingProxyType({}),
    )
    names = [(s.name,) for s in form.scenarios]
    grown = grown.with_rows("regret", rows.tocsr(), np.full(count, -np.inf), upper, names)
    constant = sum(s.probability * best[s.name] for s in form.scenarios) / mean.unit
    return grown, replace(mean, coefficients=np.append(np.zeros(width), 1.0), constant=constant)


def with_first_stage(scenario: Scenario, tables: Mapping[str, pd.DataFrame]) -> Milp | None:
    """Return a scenario's program with the first stage of a plan; None where the scenario does not allow it.

    Parameters
    ----------
    scenario : Scenario
        In which the plan's first stage is to be tried.
    tables : mapping of str to pandas.DataFrame
        Tables of a plan.
    """
    milp, values = scenario.program.milp, scenario.program.point(tables)
    mask: NDArray[np.bool_] = np.zeros(milp.shape[1], dtype=np.bool_)
    for family, table in FIRST_STAGE.items():
        mine = np.zeros_like(mask)
        for block in (b for b in milp.column_blocks if b.family == family):
            mine[block.start : block.stop] = True
        rows = tables.get(table, pd.DataFrame())
        wanted = len(rows) if family != "claims" else len(_keys(rows) & scenario.offered)
        if round(float(values[mine].sum())) != wanted or (values[mine] > milp.column_upper[mine]).any():
            return None
        mask |= mine
    low, high = (np.where(mask, values, b) for b in (milp.column_lower, milp.column_upper))
    return replace(milp, column_lower=low, column_upper=high)


def _keys(claims: pd.DataFrame) -> set[tuple[str, ...]]:
    if not len(claims):
        return set()
    return set(claims[list(_CLAIM)].astype(str).itertuples(index=False, name=None))


def _frames(program: Program, values: FloatArray, paid: set[tuple[str, ...]]) -> dict[str, pd.DataFrame]:
    """Return the tables of a scenario; a claim counts where it is paid in some scenario."""
    frames = {}
    for decision in program.decisions:
        frame = decision.frame(values)
        if isinstance(decision, Claimed):
            frame = Decision.frame(decision, values)
            is_paid = [key in paid for key in frame[list(_CLAIM)].astype(str).itertuples(index=False, name=None)]
            frame = frame[np.array(is_paid, dtype=np.bool_)].reset_index(drop=True)
        frames[decision.table] = frame
    return frames
