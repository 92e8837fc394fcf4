"""A study ready to be solved many times: one relaxation kept with its basis, and the plans found so far."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Unpack

import pandas as pd

from evsiting.errors import InputError, Problem, expect
from evsiting.layers.completion import as_complete_as, complete
from evsiting.layers.data_warnings import warn_of_lanes_of_a_plan
from evsiting.layers.freight.lane_count import check_program_size
from evsiting.model.build import Program, build
from evsiting.optimize.arguments import (
    ObjectiveLike,
    cap_problems,
    objective_problems,
    resolved_settings,
    wants_verification,
    weights,
)
from evsiting.optimize.engines.base import Limits, Watch
from evsiting.optimize.engines.pulp_problem import with_extra
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.large.large import is_large
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.basis_file import read_bases, write_bases
from evsiting.optimize.sessions.entry_bounds import entry_bounds
from evsiting.optimize.sessions.failure import failure
from evsiting.optimize.sessions.prepared import Prepared
from evsiting.optimize.sessions.relaxations import RelaxationBound, Relaxations, relaxation_bound
from evsiting.results.plan import Plan
from evsiting.results.seal import seal_plan
from evsiting.study.objectives import least_is_best
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["LimitRows", "Session", "open_session", "session_from_settings"]

logger = logging.getLogger(__name__)

#: Rows of table ``limits``.
LimitRows = pd.DataFrame | Sequence[Mapping[str, object]]

#: Most plans that a session keeps to start from.
PLANS = 50


@dataclass(frozen=True, eq=False)
class Session(Prepared):
    """A complete study, its program and its engine, ready for one solve or many: made by :func:`open_session`.

    What one solve finds, the next ones start from: the linear relaxation is solved once from nothing, then from the
    basis of its nearest neighbour, and plans start from plans. Answers are as those of :func:`evsiting.solve`: every
    plan is certified, every bound proven for the program that was asked for.

    Parameters
    ----------
    study : Study
        Complete: with its layers. The others are of use to this package alone.
    program, engine, limits, relaxed, verify, plain
        See :class:`evsiting.optimize.sessions.prepared.Prepared`.
    settings : Solving
        The way of solving that engine and limits follow from.
    plans : list of Plan
        Found so far.

    Examples
    --------
    >>> import evsiting as ev
    >>> session = ev.open_session(ev.example("starter"))
    >>> plan = session.solve()
    >>> rows = [{"limit": "two plants", "kind": "plants_built", "at_most": 2}]
    >>> session.bound(limits=rows).value >= session.bound().value
    True
    """

    settings: Solving = field(default_factory=Solving, repr=False)
    plans: list[Plan] = field(default_factory=list, repr=False)

    @report_out_of_memory
    def solve(
        self,
        objective: ObjectiveLike | None = None,
        *,
        caps: Mapping[str, float] | None = None,
        start: Plan | None = None,
        watch: Watch | None = None,
    ) -> Plan:
        """Return the plan that is least in an objective under ceilings; see :func:`evsiting.solve`.

        Parameters
        ----------
        objective, caps, watch
            As for :func:`evsiting.solve`.
        start : Plan, optional
            A plan to start from; by default the best that the session knows.

        Returns
        -------
        Plan
            It has passed its certificate.

        Raises
        ------
        InputError, InfeasibleError, UnboundedError, NoSolutionError, UncertifiedError
            As for :func:`evsiting.solve`.

        Examples
        --------
        >>> import evsiting as ev
        >>> session = ev.open_session(ev.example("starter"))
        >>> plan = session.solve()
        >>> cleaner = session.solve(caps={"emissions": 0.9 * plan.totals["emissions"]})
        >>> cleaner.totals["cost"] >= plan.solve.bound
        True
        """
        expect("Session.solve", **({} if start is None else {"start": (start, Plan)}))
        wanted = self._checked(objective, caps)
        near = self._known(weights(wanted, self.study), dict(caps or {})) if start is None else start
        plan, _ = self.minimise(wanted, caps=caps, start=self.starting_point(near), watch=watch)
        warn_of_gaps([plan])
        self.remember(plan)
        return seal_plan(plan)

    @report_out_of_memory
    def bound(
        self,
        objective: ObjectiveLike | None = None,
        *,
        caps: Mapping[str, float] | None = None,
        limits: LimitRows | None = None,
        watch: Watch | None = None,
    ) -> RelaxationBound:
        """Return what no plan is below, by the linear relaxation alone: seconds where a plan takes minutes.

        Parameters
        ----------
        objective, caps, watch
            As for :func:`evsiting.solve`.
        limits : pandas.DataFrame or sequence of mapping, optional
            Further rows of table ``limits``, as for :meth:`with_limits`.

        Returns
        -------
        RelaxationBound
            Recomputed from the prices of the relaxation; infinite where they prove that there is no plan.

        Raises
        ------
        InputError
            If an argument does not hold.

        Examples
        --------
        >>> import evsiting as ev
        >>> session = ev.open_session(ev.example("starter"))
        >>> rows = [
        ...     {"limit": "packs at Memphis", "kind": "plants_built", "place": "US-TN-memphis", "at_least": 1}
        ... ]
        >>> dearer = session.bound(limits=rows).value - session.bound().value
        >>> dearer >= -1.0
        True
        """
        if limits is not None:
            return self.with_limits(limits).bound(objective, caps=caps, watch=watch)
        weighed = weights(self._checked(objective, caps), self.study)
        program = self.capped(caps)
        aim = program.milp.combined(weighed)
        relaxed, warm = self.relaxation(program, weighed, dict(caps or {}), self.limits, watch)
        return relaxation_bound(program.milp, aim, relaxed, warm=warm)

    def entry_bounds(
        self, objective: ObjectiveLike | None = None, *, caps: Mapping[str, float] | None = None
    ) -> pd.DataFrame:
        r"""Return by how much the bound rises at least where a candidate plant must be built: of all of them at once.

        Of every plant that could be built the reduced costs of one relaxation tell it: where
        :math:`\sum_t build_{ct} \ge 1`, the bound by prices rises by :math:`\min_t d_{ct}` at least, the least reduced
        cost over the periods. No plan with the plant is below ``bound``; how much dearer it is, :meth:`bound` with a
        limit, and a plan, tell nearer.

        Parameters
        ----------
        objective, caps
            As for :func:`evsiting.solve`.

        Returns
        -------
        pandas.DataFrame
            ``site``, ``plant_type``, ``option``, ``period`` (the one of least reduced cost), ``rises_by`` (zero or
            more) and ``bound``, both in the objective's real unit; the dearest first.

        Raises
        ------
        InputError
            If an argument does not hold.
        NoSolutionError
            If the relaxation has no point, or was not solved in time.

        Examples
        --------
        >>> import evsiting as ev
        >>> session = ev.open_session(ev.example("starter"))
        >>> found = session.entry_bounds()
        >>> bool((found["rises_by"] >= 0.0).all())
        True
        """
        weighed = weights(self._checked(objective, caps), self.study)
        program = self.capped(caps)
        aim = program.milp.combined(weighed)
        relaxed, warm = self.relaxation(program, weighed, dict(caps or {}), self.limits, None)
        proven = relaxation_bound(program.milp, aim, relaxed, warm=warm)
        if proven.prices is None or not math.isfinite(proven.value):
            raise failure(relaxed, self.limits, self.study, caps)
        return entry_bounds(program, aim, relaxed.prices, proven.value)

    def with_limits(self, rows: LimitRows) -> Session:
        """Return the session of the study with further rows of table ``limits``, which starts from what this one knows.

        Parameters
        ----------
        rows : pandas.DataFrame or sequence of mapping
            Rows of table ``limits``, with names of their own; columns that are left out are empty.

        Returns
        -------
        Session
            Its ``study`` has the rows, so that certificate, digest and the proof of a bound know of them.

        Raises
        ------
        InputError
            If the rows do not hold, or this session has rules of the user's own.

        Examples
        --------
        >>> import evsiting as ev
        >>> session = ev.open_session(ev.example("starter"))
        >>> few = session.with_limits([{"limit": "few", "kind": "plants_built", "at_most": 6}])
        >>> plan = few.solve()
        >>> ev.certify(few.study, plan).passed
        True
        """
        if self.has_own_rules:
            fix = "Write the rules as rows of table limits, or solve each study by itself with extra=..."
            raise InputError([Problem("with_limits", "rules of your own hold for one program alone", "", fix)])
        frame = rows.copy() if isinstance(rows, pd.DataFrame) else pd.DataFrame([dict(row) for row in rows])
        if not len(frame):
            return self
        known = self.study.table("limits")
        table = pd.concat([known, frame], ignore_index=True) if len(known) else frame
        study = as_complete_as(self.study, self.study.with_table("limits", table))
        program = self.program.with_limits_of(study)
        return replace(self._neighbour(study, program), trees=dict(self.trees))

    def with_study(self, study: Study) -> Session:
        """Return the session of another study, which starts from what this one knows where the two have much in common.

        Columns and rows of one name are taken for the same: figures, limits and rows may differ, and a program that
        shares too few of them is solved from nothing (:attr:`RelaxationBound.warm` tells which). Branches are not kept:
        with other costs the prices of their leaves prove little, and each would be solved anew before any is parted.

        Parameters
        ----------
        study : Study
            Such as this one with other demand, duties or costs; missing layers are completed first.

        Raises
        ------
        InputError
            If the study does not hold, or this session has rules of the user's own.

        Examples
        --------
        >>> import evsiting as ev
        >>> session = ev.open_session(ev.example("starter"))
        >>> before = session.bound()
        >>> less = session.study.demand.assign(units_per_yr=lambda d: 0.9 * d["units_per_yr"])
        >>> after = session.with_study(session.study.with_table("demand", less)).bound()
        >>> after.warm, after.value < before.value
        (True, True)
        """
        expect("Session.with_study", study=(study, Study))
        if self.has_own_rules:
            fix = "Open a session of the other study with open_session(study, extra=...)"
            raise InputError([Problem("with_study", "rules of your own hold for one program alone", "", fix)])
        ready = complete(study)
        return self._neighbour(ready, build(ready))

    def save_bases(self, path: str | Path) -> None:
        """Write the bases of the relaxations solved so far into a file, for :func:`open_session` of a later process.

        Parameters
        ----------
        path : str or pathlib.Path
            A file ``.npz``; one that is there is replaced.

        Raises
        ------
        WriteError
            If it cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import evsiting as ev
        >>> session = ev.open_session(ev.example("starter"))
        >>> before = session.bound()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     session.save_bases(folder + "/bases.npz")
        ...     again = ev.open_session(ev.example("starter"), bases=folder + "/bases.npz").bound()
        >>> again.warm, abs(again.value / before.value - 1.0) < 1e-9
        (True, True)
        """
        write_bases(path, self.relaxed.known, self.relaxed.from_nothing_s)

    def fresh(self) -> Session:
        """Return the same session without what was solved in it."""
        return replace(self.of_program(self.program), relaxed=Relaxations(), plans=[])

    def _neighbour(self, study: Study, program: Program) -> Session:
        """Return the session of another program that starts from what this one knows, and leaves it as it is."""
        other = self.of_program(program, study)
        return replace(other, plain=program, relaxed=Relaxations(self.relaxed), plans=list(self.plans))

    def remember(self, plan: Plan) -> None:
        """Keep a plan to start from; of too many, the oldest goes."""
        self.plans.append(plan)
        del self.plans[:-PLANS]

    def _checked(self, objective: ObjectiveLike | None, caps: Mapping[str, float] | None) -> ObjectiveLike:
        """Return the objective, the study's own where none is given."""
        wanted = self.study.settings.solve.objective if objective is None else objective
        if problems := [*objective_problems(wanted, self.study), *cap_problems(caps, self.study)]:
            raise InputError(problems)
        return wanted

    def _known(self, weighed: Mapping[str, float], caps: dict[str, float]) -> Plan | None:
        """Return the best known plan that keeps the ceilings; a large program starts from one that breaks them, too."""

        def worth(plan: Plan) -> float:
            return sum(w * least_is_best(n, plan.totals[n]) for n, w in weighed.items())

        keeping = [p for p in self.plans if all(least_is_best(n, p.totals[n]) <= c for n, c in caps.items())]
        if not keeping and is_large(self.program):
            return min(self.plans, key=lambda p: _excess(p, caps), default=None)
        return min(keeping, key=worth, default=None)


@report_out_of_memory
@with_options
def open_session(
    study: Study, *, extra: Any = None, bases: str | Path | None = None, **options: Unpack[SolveOptions]
) -> Session:
    """Return a study ready to be solved many times; arguments left out come from its settings.

    Parameters
    ----------
    study : Study
        Layers are completed where they are missing.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        The user's own rules; see :func:`evsiting.solve`.
    bases : str or pathlib.Path, optional
        A file of :meth:`Session.save_bases`, of this study or one like it, to start from. It changes how long the first
        relaxation takes, not what it proves.

    Returns
    -------
    Session
        With the program, and nothing solved yet.

    Raises
    ------
    InputError, EngineNotAvailable
        If the study or the arguments do not hold, or the file of bases is damaged.

    Examples
    --------
    >>> import evsiting as ev
    >>> session = ev.open_session(ev.example("starter"), gap=0.001)
    >>> plan, again = session.solve(), session.solve()
    >>> abs(plan.totals["cost"] - again.totals["cost"]) <= 0.001 * plan.totals["cost"]
    True
    """
    expect("open_session", study=(study, Study))
    settings, problems = resolved_settings(study.settings.solve, options)
    if problems:
        raise InputError(problems)
    known, seconds = ([], 0.0) if bases is None else read_bases(bases)
    session = session_from_settings(study, settings, extra)
    session.relaxed.learn(known, seconds)
    return session


def session_from_settings(study: Study, settings: Solving, extra: Any = None) -> Session:
    """Return a session of checked settings; see :func:`open_session`."""
    engine = find_engine(settings.engine)
    check_program_size(study)
    ready = complete(study)
    warn_of_lanes_of_a_plan(ready)
    plain = build(ready)
    program = plain if extra is None else replace(plain, milp=with_extra(plain.milp, extra))
    limits, verify = Limits.of(settings), wants_verification(settings)
    return Session(ready, program, engine, limits, verify=verify, plain=plain, settings=settings)


def _excess(plan: Plan, caps: Mapping[str, float]) -> float:
    """Return by how much a plan breaks ceilings, relative to each."""
    over = ((least_is_best(n, plan.totals[n]) - c, c) for n, c in caps.items())
    return sum(max(0.0, o) / max(1.0, abs(c)) for o, c in over)
