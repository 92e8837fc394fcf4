"""Why there is no plan: what contradicts each other, and the smallest changes that would do, ranked."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

import numpy as np
import pandas as pd
from scipy import sparse

from evsiting.errors import EvsitingError, InputError, Problem, expect
from evsiting.layers import complete
from evsiting.model.build import build
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.arguments import cap_problems, resolved_settings
from evsiting.optimize.engines.iis import conflicting_rows
from evsiting.optimize.explanation.table_changes import COLUMNS, changes_for, with_table_changes
from evsiting.optimize.infeasibility import Demand, Relaxed, Trial, demands_of
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.session import Session, session_from_settings
from evsiting.results.plan import Status
from evsiting.study.constraint_families import is_implied
from evsiting.study.study import Study

__all__ = ["Explanation", "Repair", "explain"]

logger = logging.getLogger(__name__)

#: Longest that the set of conflicting constraints is sought, and that a change is tried. [s]
CONFLICT_S, TRIED_S = 10.0, 20.0
#: What comes from no table: it can be named, and not be changed there.
OWN = ("extra", "bounds")


@dataclass(frozen=True)
class Repair:
    """One way to a plan.

    Parameters
    ----------
    things : tuple of str
        What gives way: limits, own rules, and what else the study asks for.
    words : str
        Where and by how much, in the units of the study.
    size : float
        By how much they give way together, each relative to its own size. [fraction]
    changes : pandas.DataFrame
        The change as rows of tables, as :func:`evsiting.sweep` takes cases; empty where something that is in no table
        has to give way.
    works : bool
        Whether a plan was found with these changes.

    Examples
    --------
    >>> Repair(("limit 'purse'",), "USD 2 are invested, at most 1", 1.0, pd.DataFrame(), False).things
    ("limit 'purse'",)
    """

    things: tuple[str, ...]
    words: str
    size: float
    changes: pd.DataFrame = field(repr=False)
    works: bool


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a study has no plan.

    Parameters
    ----------
    study_name : str
        Name of the study.
    feasible : bool
        Whether it has a plan after all; then nothing else is said.
    conflict : tuple of str
        What contradicts each other, none of it needlessly; empty where it was not found.
    repairs : tuple of Repair
        The smallest change of each kind: first those that work, of these the smallest, and last what serves less.

    Examples
    --------
    >>> import evsiting as ev
    >>> ev.explain(ev.example("starter")).feasible
    True
    """

    study_name: str
    feasible: bool
    conflict: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def changes(self) -> pd.DataFrame:
        """The smallest change of tables after which a plan was found, as rows of a table of cases; empty for none."""
        best = next((r for r in self.repairs if r.works and len(r.changes)), None)
        return pd.DataFrame(columns=list(COLUMNS)) if best is None else best.changes.copy()

    def apply(self, study: Study, repair: int | None = None) -> Study:
        """Return the study with a change made.

        Parameters
        ----------
        study : Study
            The one that was explained.
        repair : int, optional
            Which of :attr:`repairs`, from 0; the smallest that works where it is left out.

        Raises
        ------
        InputError
            If there is no such change of tables.
        """
        if repair is not None and not 0 <= repair < len(self.repairs):
            seen, fix = f"{repair}, there are {len(self.repairs)}", "Give the place of one of them, from 0"
            raise InputError([Problem("explanation", "has no such repair", seen, fix)])
        changes = self.changes if repair is None else self.repairs[repair].changes
        if not len(changes):
            seen = "; ".join(t for r in self.repairs for t in r.things) or "nothing was found"
            fix = "Change what is named by hand"
            raise InputError([Problem("explanation", "holds no change of tables that can be made", seen, fix)])
        return with_table_changes(study, changes)

    @property
    def table(self) -> pd.DataFrame:
        """One row a repair: what gives way, how far, and whether a plan was found with the changes."""
        rows = [("; ".join(r.things), r.words, r.size, len(r.changes), r.works) for r in self.repairs]
        return pd.DataFrame(rows, columns=["gives_way", "words", "size", "changes", "works"])

    def __repr__(self) -> str:
        """Return it in sentences."""
        if self.feasible:
            return f"Study {self.study_name!r} has a plan."
        lines = [f"Study {self.study_name!r} has no plan that keeps to everything that is asked."]
        if self.conflict:
            sentence = "These contradict each other" if len(self.conflict) > 1 else "This cannot be kept"
            lines.append(f"{sentence}: {'; '.join(self.conflict)}.")
        for number, repair in enumerate(self.repairs, 1):
            tried = "a plan was found with it" if repair.works else "no plan was found with it in time"
            where = tried if len(repair.changes) else "in no table: change it by hand"
            lines.append(f"{number}. {repair.words} ({where})")
        if not self.repairs:
            lines.append("What would have to give way was not found in time.")
        return "\n".join(lines)


@report_out_of_memory
@with_options
def explain(
    study: Study, *, caps: Mapping[str, float] | None = None, extra: Any = None, **options: Unpack[SolveOptions]
) -> Explanation:
    """Say why a study has no plan, and which smallest changes of its tables would give it one.

    What contradicts each other is an irreducible set of constraints [1]_, told as the limits, tables and rules of your
    own that they come from. Then each of these is made elastic by itself [2]_, and where none is enough, all of them
    together; what gives way least is read off as changes of tables, and every change is tried.

    Parameters
    ----------
    study : Study
        What is known.
    caps : mapping of str to float, optional
        Ceilings on objectives, as in :func:`evsiting.solve`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        Rules of your own, as in :func:`evsiting.solve`.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`. The time limit is that of all of it.

    Returns
    -------
    Explanation
        ``conflict``, ``repairs`` (ranked) and ``changes``; ``apply(study)`` makes the smallest change.

    Raises
    ------
    InputError
        If the study or the arguments do not hold.

    References
    ----------
    .. [1] J. W. Chinneck, E. W. Dravnieks, "Locating minimal infeasible constraint sets in linear programs," ORSA
       Journal on Computing 3 (1991) 157-168, doi:10.1287/ijoc.3.2.157.
    .. [2] J. W. Chinneck, "Feasibility and Infeasibility in Optimization," Springer, 2008, chapter 6: elastic programs.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> asked = pd.DataFrame([{"limit": "purse", "kind": "capex", "at_most": 1e6}])
    >>> found = ev.explain(study.with_table("limits", asked))
    >>> found.feasible, found.changes["rows"].tolist()
    (False, ['limit=purse'])
    """
    expect("explain", study=(study, Study))
    settings, problems = resolved_settings(study.settings.solve, options)
    problems += cap_problems(caps, study)
    if problems:
        raise InputError(problems)
    ready = session_from_settings(study, settings, extra)
    return _Search(study, ready, caps or {}).explained()


class _Search:
    """The search for what is at fault, and for changes that help."""

    def __init__(self, study: Study, ready: Session, caps: Mapping[str, float]) -> None:
        self.study, self.ready, self.caps = study, ready, caps
        self.program = ready.capped(caps)
        self.plain = ready.plain or ready.program
        self.until = time.perf_counter() + ready.limits.time_s
        self.trial = Trial(ready.study, self.program, self.plain.milp, ready.engine, ready.limits, self.until)

    def explained(self) -> Explanation:
        """Return what was found."""
        name = self.study.settings.study.name
        if self._has_plan(self.program.milp):
            return Explanation(name, True)
        asked = list(demands_of(self.program.milp, self.plain.milp, self.caps))
        repairs = [r for d in asked if (r := self._repair([d])) is not None]
        alone = tuple(r.things[0] for r in repairs)
        if not any(len(r.changes) for r in repairs):
            repairs += [r for r in (self._together(d for d in asked if d.family not in OWN),) if r is not None]
        if not repairs:
            repairs += [r for r in (self._together(asked),) if r is not None]
        conflict = self._conflict(asked)
        if not conflict:  # what is enough by itself is in every conflict
            conflict = alone or tuple(t for r in repairs for t in r.things)
        ranked = sorted(repairs, key=lambda r: (not r.works, "demand" in r.things, len(r.things), r.size))
        return Explanation(name, False, conflict, tuple(ranked))

    def _has_plan(self, milp: Milp) -> bool:
        """Whether some point keeps to everything."""
        limits = self.ready.limits
        left = min(limits.time_s, max(0.1, self.until - time.perf_counter()))
        nothing = Objective("feasibility", np.zeros(milp.shape[1]), 0.0, 1.0)
        return len(self.ready.engine.run(milp, nothing, replace(limits, time_s=left)).columns) > 0

    def _conflict(self, asked: Sequence[Demand]) -> tuple[str, ...]:
        """Return what the constraints of an irreducible set come from; none where only whole plants leave none."""
        milp = self.program.milp
        implied = np.zeros(milp.shape[0], dtype=np.bool_)
        for block in milp.row_blocks:
            implied[block.start : block.stop] = is_implied(block.family)
        own = replace(
            milp,
            row_lower=np.where(implied, -np.inf, milp.row_lower),
            row_upper=np.where(implied, np.inf, milp.row_upper),
        )
        rows = conflicting_rows(own, min(CONFLICT_S, max(0.1, self.until - time.perf_counter())))
        inside = np.zeros(milp.shape[0], dtype=np.bool_)
        inside[rows] = True
        return tuple(d.name for d in asked if len(d.rows) and (d.rows & inside).any())

    def _together(self, demands: Any) -> Repair | None:
        """Return the smallest change of several things, without those that need not give way."""
        asked = list(demands)
        relaxed = self.trial.relaxed(asked)
        if relaxed is None:
            return None
        needed = [d for d in asked if self.trial.demand_words(d, relaxed)]
        return self._repair(needed) if needed else None

    def _repair(self, demands: list[Demand]) -> Repair | None:
        """Return what gives way where some things are elastic, and the change of tables that it comes to."""
        relaxed = self.trial.relaxed(demands)
        if relaxed is None:
            return None
        words = "; ".join(t for d in demands if (t := self.trial.demand_words(d, relaxed)))
        if not words:
            return None
        things = tuple(d.name for d in demands)
        in_tables = not any(d.family in OWN or d.name.startswith("cap ") for d in demands)
        changes = (
            self._changes(demands, relaxed, "; ".join(things)) if in_tables else pd.DataFrame(columns=list(COLUMNS))
        )
        return Repair(things, words, relaxed.size, changes, bool(len(changes)) and self._works(changes))

    def _changes(self, demands: Sequence[Demand], relaxed: Relaxed, name: str) -> pd.DataFrame:
        """Return the changes of tables that a plan which breaks some things needs."""
        try:
            plan = self.trial.plan(relaxed.point)
            return changes_for(self.ready.study, plan, {d.family for d in demands}, f"repair: {name}"[:100])
        except EvsitingError as error:
            logger.info("no changes of tables for %s: %s", name, error)
            return pd.DataFrame(columns=list(COLUMNS))

    def _with_own(self, made: Milp) -> Milp | None:
        """Return the program of changed tables with the caps and rules of one's own that the first one has.

        None where it has other decisions or constraints, so that these cannot be carried over.
        """
        old, full = self.plain.milp, self.program.milp
        rows, columns, _ = old.shape
        if made.shape[:2] != (rows, columns):
            return None if full.shape[:2] != (rows, columns) else made
        more = sparse.csr_array((rows, full.shape[1] - columns))
        low, high = full.column_lower.copy(), full.column_upper.copy()
        mine = low[:columns] > old.column_lower
        low[:columns] = np.where(mine, np.maximum(low[:columns], made.column_lower), made.column_lower)
        mine = high[:columns] < old.column_upper
        high[:columns] = np.where(mine, np.minimum(high[:columns], made.column_upper), made.column_upper)
        matrix = sparse.vstack([sparse.hstack([made.matrix, more]), full.matrix[rows:]], format="csr")
        return replace(
            full,
            column_lower=low,
            column_upper=high,
            matrix=sparse.csr_array(matrix),
            row_lower=np.concatenate([made.row_lower, full.row_lower[rows:]]),
            row_upper=np.concatenate([made.row_upper, full.row_upper[rows:]]),
        )

    def _works(self, changes: pd.DataFrame) -> bool:
        """Whether a plan is found with the changes made."""
        if self.until - time.perf_counter() <= 0.0:
            return False
        try:
            milp = self._with_own(build(complete(with_table_changes(self.study, changes))).milp)
            if milp is None:
                return False
            limits = replace(self.ready.limits, time_s=min(TRIED_S, self.until - time.perf_counter()))
            nothing = Objective("feasibility", np.zeros(milp.shape[1]), 0.0, 1.0)
            result = self.ready.engine.run(milp, nothing, limits)
        except EvsitingError as error:
            logger.info("the changes cannot be made: %s", error)
            return False
        return len(result.columns) > 0 and result.status is not Status.INFEASIBLE
