"""The best other sets of sites of a study, plans that differ most, and what every good plan has in common."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Unpack

from evsiting.errors import DataWarning, Problem, expect
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.decisions.forced import Row, opened_sites, other_sites
from evsiting.optimize.decisions.site_ranges import open_candidates, site_ranges
from evsiting.optimize.decisions.solver import Answer, DecisionSolver, DecisionWatch, base_of
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.given import StudyOrSession, study_of
from evsiting.optimize.sessions.session import Session
from evsiting.results.decisions.alternatives import Alternative, Alternatives
from evsiting.results.decisions.intervals import is_within
from evsiting.results.plan import Plan
from evsiting.study.study import Study
from evsiting.units.percent import in_percent, percent_fix

__all__ = ["alternatives"]


@with_options
def alternatives(
    study: StudyOrSession,
    plan: Plan | None = None,
    *,
    count: int | None = 5,
    slack: float = 0.01,
    different: int = 0,
    plant_type: str | None = None,
    each_site: str = "settled",
    folder: str | Path | None = None,
    watch: DecisionWatch | None = None,
    objective: ObjectiveLike | None = None,
    **options: Unpack[SolveOptions],
) -> Alternatives:
    """Find the best other sets of sites of a study, and which sites every plan within a slack has.

    A set of sites is where a plan builds new plants. Each set is the best that is left: its plan answers the study
    with one row more in table ``limits`` (kind ``sites_changed``) for every set that was found before, so that it has a
    digest and a certificate of its own, and its bound is one on all sets that come after it.

    Parameters
    ----------
    study : Study or Session
        Missing layers are completed first. A session (:func:`evsiting.open_session`) starts from what was solved in it
        before; options left out are its own.
    plan : Plan, optional
        What the others are compared with; the study is solved first where it is left out.
    count : int, optional
        How many sets to find at most; None for all within the slack. The search ends with the first set that is proven
        to be beyond the slack, which is told as well.
    slack : float
        Part of the plan's objective by which another plan may be worse and still be as good. [fraction]
    different : int
        How many plans within the slack to find that differ from the base plan and from each other by as many sites as
        can be.
    plant_type : str, optional
        Compare only the sites of new plants of this type.
    each_site : {"settled", "solved", "none"}
        What is found out about each site: whether it must, may or can never open within the slack, with no more
        solves than that takes; or also, by a solve for each, the slack from which on it opens or is left out.
    folder : path, optional
        A new folder, or that of an earlier search: each plan is written there as soon as it is found, as a run folder,
        and a search that was stopped goes on from there.
    watch : callable, optional
        Called after each solve with its name and :class:`evsiting.optimize.decisions.solver.Answer`.
    objective : str or mapping, optional
        As in :func:`evsiting.solve`; that of the plan where one is given.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    Alternatives
        After Ctrl-C or a time limit, those found so far; ``stopped`` says why.

    Raises
    ------
    InputError
        If the arguments do not hold, or the plan answers another study.
    InfeasibleError, NoSolutionError
        If the study has no plan.

    Examples
    --------
    >>> import evsiting as ev
    >>> found = ev.alternatives(ev.example("starter"), count=1, gap=0.0)
    >>> found.table["against_base"].tolist()
    ['', 'dearer']
    """
    expect("alternatives", study=(study, (Study, Session)), **({} if plan is None else {"plan": (plan, Plan)}))
    source, study = study, study_of(study)
    problems = _problems(study, count, slack, different, plant_type, each_site)
    with ExitStack() as stack:
        solver, base = base_of(
            "alternatives", source, plan, objective, options, stack, folder=folder, watch=watch, problems=problems
        )
        search = _Search(solver, base, slack, plant_type or "")
        try:
            search.nearest(count)
            search.farthest(different)
        except KeyboardInterrupt:
            search.stopped = "it was interrupted"
        sites = site_ranges(solver, search.known, search.ceiling, search.type, "none" if search.stopped else each_site,
                            search.beyond)  # fmt: skip
        if solver.store is not None:
            solver.store.finish()
    return search.result(sites)


def _problems(
    study: Study, count: object, slack: object, different: object, plant_type: object, each_site: object
) -> list[Problem]:
    """Return what is wrong with the arguments."""
    problems = []
    whole = isinstance(count, int) and not isinstance(count, bool)
    if count is not None and (not whole or count < 0):  # type: ignore[operator]
        problems.append(
            Problem("count", "is no number of sets of sites", repr(count), "Give 0, 1, 2, ... or None for all")
        )
    if isinstance(slack, bool) or not isinstance(slack, int | float) or not 0.0 <= slack < math.inf:
        problems.append(Problem("slack", "is no fraction of the objective", repr(slack), "Give 0.01 for one percent"))
    elif in_percent(slack) and slack > 1.0:
        what = f"alternatives, slack: {percent_fix('', slack)}. It is taken as it stands"
        warnings.warn(what, DataWarning, stacklevel=4)
    if isinstance(different, bool) or not isinstance(different, int) or different < 0:
        problems.append(Problem("different", "is no number of plans", repr(different), "Give 0, 1, 2, ..."))
    if plant_type is not None and plant_type not in set(study.options["plant_type"]):
        kinds = ", ".join(sorted(set(study.options["plant_type"])))
        problems.append(Problem("plant_type", "is none that can be built", repr(plant_type), f"Give one of {kinds}"))
    if each_site not in ("settled", "solved", "none"):
        problems.append(Problem("each_site", "is unknown", repr(each_site), "Give 'settled', 'solved' or 'none'"))
    return problems


@dataclass
class _Search:
    """Sets of sites that were found so far, and what is proven of those that were not."""

    solver: DecisionSolver
    base_plan: Plan
    slack: float
    type: str
    others: list[Alternative] = field(default_factory=list)
    different: list[Alternative] = field(default_factory=list)
    beyond: float = -math.inf
    stopped: str = ""
    able: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        plan = self.base_plan
        sites = opened_sites(plan, self.type)
        self.base = Alternative("base", self.solver.study, plan, sites, plan.solve.bound, 0)
        self.beyond = plan.solve.bound
        self.able = len(open_candidates(self.solver.study, self.type))
        if not self.able:  # nothing may be built: there is one set of sites, the empty one
            self.beyond = math.inf

    @property
    def known(self) -> list[Alternative]:
        """Every plan so far, the base plan first."""
        return [self.base, *self.others, *self.different]

    @property
    def ceiling(self) -> float:
        """Most objective within the slack."""
        return self.base.objective + self.slack * abs(self.base.objective)

    @property
    def complete(self) -> bool:
        """Whether every set of sites within the slack is proven to be found."""
        return is_within(self.ceiling, math.inf, self.beyond) == "no"

    def nearest(self, count: int | None) -> None:
        """Find the best set of sites that is left, again and again."""
        while not self.complete and (count is None or len(self.others) < count):
            name = f"alternative {len(self.others) + 1}"
            answer = self.solver.solve(name, [self._other(one) for one in (self.base, *self.others)])
            self.beyond = max(self.beyond, answer.bound)
            if answer.plan is None:
                self.stopped = "" if answer.bound == math.inf else answer.message
                return
            self.others.append(self._alternative(name, answer, answer.plan, self.beyond))

    def _other(self, one: Alternative, at_least: int = 1) -> Row:
        words = f"other sites than in {one.name}" if at_least == 1 else f"{at_least} other sites than in {one.name}"
        return {"limit": words, **other_sites(one.sites, at_least, plant_type=self.type)}

    def _alternative(
        self, name: str, answer: Answer, plan: Plan, bound: float, against: Sequence[Alternative] = ()
    ) -> Alternative:
        sites = opened_sites(plan, self.type)
        far = min(len(set(sites) ^ set(one.sites)) for one in against or (self.base,))
        return Alternative(name, answer.study, plan, sites, min(bound, answer.objective), far)

    def farthest(self, number: int) -> None:
        """Find plans within the slack, each as far from the base plan and from each other as can be."""
        for k in range(1, number + 1):
            before = (self.base, *self.different)
            best: Alternative | None = None
            proven, distance = True, 1
            while distance <= self.able:  # each plan may differ by more than was asked for
                name = f"different {k}, by {distance}"
                answer = self.solver.solve(name, [self._other(one, distance) for one in before])
                inside = is_within(self.ceiling, answer.objective, answer.bound)
                if inside == "yes" and answer.plan is not None:
                    bound = max(answer.bound, self.base.bound)
                    best = self._alternative(f"different {k}", answer, answer.plan, bound, before)
                    distance = best.distance + 1
                    continue
                if inside == "not proven":
                    self.stopped = self.stopped or f"{name}: it is not proven that there is none within the slack"
                    proven = False
                break
            if best is None:
                proven_words = "none more differs from all before it" if proven else "no further one was found"
                self.note = (
                    f"{number} plans that differ were asked for and {k - 1} found: within the slack {proven_words}."
                )
                return
            known = best.distance if proven else None
            self.different.append(
                Alternative(best.name, best.study, best.plan, best.sites, best.bound, best.distance, known)
            )

    def result(self, sites: object) -> Alternatives:
        """Return what was found."""
        ordered = sorted(self.others, key=lambda one: one.objective)
        return Alternatives(
            self.base, tuple(ordered), tuple(self.different), self.slack, self.type, self.complete, self.beyond, sites,  # type: ignore[arg-type]
            self.stopped, self.note,
        )  # fmt: skip
