"""The value of a figure at which a site, program or supplier enters the best plan or leaves it, proven both ways."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Unpack

import pandas as pd

from evsiting.errors import DataWarning, InputError, Problem, expect
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.decisions.changed_figures import FIGURES, figure_today, with_figure
from evsiting.optimize.decisions.forced import ForcedDecision, Row, sold_by
from evsiting.optimize.decisions.site_ranges import open_candidates
from evsiting.optimize.decisions.solver import Answer, DecisionSolver, base_of
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.given import StudyOrSession, study_of
from evsiting.optimize.sessions.session import Session
from evsiting.results.decisions.intervals import Interval
from evsiting.results.decisions.why_not import BreakEven
from evsiting.results.plan import Plan
from evsiting.study.study import Study
from evsiting.units.percent import percent_fix

__all__ = ["break_even"]

#: Most values that are tried; each takes one solve or two.
MOST = 40
#: What is said of a value at which the gap leaves open whether it is in the best plan.
UNPROVEN = "not proven"
#: Factors on today's value between which a flip is sought where it is not known which way it lies.
SCAN = (1.25, 0.8, 1.6, 0.6, 2.0, 0.4, 4.0, 0.2, 0.0)


@with_options
def break_even(
    study: StudyOrSession,
    site: str | None = None,
    what: str = "grant",
    *,
    plant_type: str | None = None,
    program: str | None = None,
    supplier: str | None = None,
    amount: float | None = None,
    within: float = 0.01,
    plan: Plan | None = None,
    objective: ObjectiveLike | None = None,
    **options: Unpack[SolveOptions],
) -> BreakEven:
    """Find the value of a figure at which the answer flips: a site enters the best plan, or leaves it.

    At each value that is tried, the best plan with a new plant at the site and the best one without it are solved for;
    what is told is proven by both. The same for a program that a plant there claims, and for a supplier. At a gap of
    zero the two ends lie together as near as asked for; else at least as far apart as the gap leaves open.

    Parameters
    ----------
    study : Study or Session
        Missing layers are completed first. A session (:func:`evsiting.open_session`) starts from what was solved in it
        before; options left out are its own.
    site : str, optional
        A site at which something may be built; none where a supplier is asked about.
    what : {"grant", "wage", "power_price", "duty", "demand", "capex", "offer", "price"}
        ``grant``: USD paid once for the new plant at the site, in the period of building. ``wage`` [USD/h] and
        ``power_price`` [USD/MWh]: those of the site. ``duty``, ``demand``, ``capex``: a factor on all duties of lanes,
        all demand, or the investment of all options. ``offer``: a factor on what the program offers anywhere.
        ``price``: that of the supplier [USD/unit].
    plant_type : str, optional
        Which new plant is asked about; any where left out, for a grant the one with the largest investment.
    program : str, optional
        Ask whether a plant at the site claims this program of table ``program_rules``, not whether there is one.
    supplier : str, optional
        Ask, instead of a site, whether so much or nothing at all is bought from this supplier.
    amount : float, optional
        How much that is at least. [unit/yr]
    within : float
        How near the two ends shall lie, as a part of the value. [fraction]
    plan : Plan, optional
        That of the study as it stands, so that it is not solved again.
    objective : str or mapping, optional
        As in :func:`evsiting.solve`; that of the plan where one is given.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    BreakEven
        The nearest flip that was found. Factors may flip the answer more than once; others are not looked for.

    Raises
    ------
    InputError
        If the arguments do not hold, or the plan answers another study.
    InfeasibleError, NoSolutionError
        If the study itself has no plan.

    Examples
    --------
    >>> import evsiting as ev
    >>> found = ev.break_even(ev.example("starter"), "US-MI-lansing", "wage", within=0.3)
    >>> found.unit, found.today > 0.0
    ('USD/h', True)
    """
    expect("break_even", study=(study, (Study, Session)), **({} if plan is None else {"plan": (plan, Plan)}))
    source, study = study, study_of(study)
    asked = ForcedDecision(site, plant_type, None, program, supplier, amount)
    problems = _problems(study, asked, what, within)
    with ExitStack() as stack:
        solver, base = base_of("break_even", source, plan, objective, options, stack, problems=problems)
    search = _Search(solver, asked, what, plant_type or "", within)
    if what == "grant" and not search.type:
        search.type = search.dearest_type()
    low, high = search.bracket(base)
    if low is not None and high is not None:
        low, high = search.narrowed(low, high)
    return search.result(low, high)


def _problems(study: Study, asked: ForcedDecision, what: object, within: object) -> list[Problem]:
    """Return what is wrong with the arguments."""
    problems = asked.problems("break_even", study, None if asked.supplier is None else "in")
    about = "supplier" if asked.supplier is not None else "program" if asked.program is not None else "plant"
    known = [name for name, figure in FIGURES.items() if about in figure.of]
    if what not in known:
        words = "is no figure that can be varied" if what not in FIGURES else f"says nothing of a {about}"
        problems.append(Problem("what", words, repr(what), f"Give one of {', '.join(known)}"))
    kinds, plant_type = sorted(set(study.options["plant_type"])), asked.plant_type
    if plant_type is not None and plant_type not in kinds:
        problems.append(
            Problem("plant_type", "is none that can be built", repr(plant_type), f"Give {', '.join(kinds)}")
        )
    elif asked.supplier is not None and asked.place is not None:
        problems.append(Problem("site", "stands beside a supplier", repr(asked.place), "Give one of them"))
    elif asked.supplier is None and asked.place not in open_candidates(study, str(plant_type or "")):
        fix = "Give the code of a candidate in table sites that allows the plant type"
        problems.append(Problem("site", "is none at which such a plant may be built", repr(asked.place), fix))
    if isinstance(within, bool) or not isinstance(within, int | float) or not 1e-6 <= within < 1.0:
        fix = percent_fix("Give 0.01 for one percent", within)
        problems.append(Problem("within", "is no part of the value", repr(within), fix))
    return problems


@dataclass(frozen=True)
class _Point:
    """A value that was solved, and what building there costs at it, of the best plans."""

    value: float
    ends: Interval
    study: Study
    #: What it costs by the plans that were found, where these are known; infinite where none builds there.
    apart: float | None = None

    @property
    def builds(self) -> str:
        return UNPROVEN if not self.ends.sure else "yes" if self.ends.high < 0.0 else "no"

    @property
    def middle(self) -> float:
        """About what it costs; infinite where no plan builds there."""
        return 0.5 * (self.ends.low + self.ends.high) if self.apart is None else self.apart


@dataclass
class _Search:
    """Values tried so far."""

    solver: DecisionSolver
    asked: ForcedDecision
    what: str
    type: str
    within: float
    points: list[_Point] = field(default_factory=list)
    note: str = ""
    _without: Answer | None = None

    @property
    def site(self) -> str:
        """The site or the supplier."""
        return str(self.asked.place or self.asked.supplier)

    def rows(self, *, builds: bool) -> list[Row]:
        """Return the row that forces what is asked about, or forbids it."""
        asked = replace(self.asked, plant_type=self.type or None)
        return [asked.row("in" if builds else "out", sold_by(self.solver.study, asked.supplier))]

    def dearest_type(self) -> str:
        """Return the plant type with the largest investment of those that a plan with the site builds there."""
        answer = self.solver.solve(f"any plant at {self.site}", self.rows(builds=True), like="with")
        if answer.plan is None:
            return str(min(self.solver.study.options["plant_type"]))
        here = answer.plan.opened
        here = here[here["site"] == self.site]
        kind = str(here.sort_values("capex_usd", kind="stable")["plant_type"].iloc[-1])
        self.note = f"The grant is for the new {kind} plant."
        return kind

    def at(self, value: float) -> _Point:
        """Solve with and without the plant at a value; what was solved before is known."""
        known = next((p for p in self.points if p.value == value), None)
        if known is not None:
            return known
        try:
            study = with_figure(self.solver.study, self.site, self.what, value, self.type, self.asked.program or "")
        except InputError as error:
            if not all(problem.infeasible for problem in error.problems):
                raise
            return self._remember(_Point(value, Interval(-math.inf, math.inf), self.solver.study))
        solver = DecisionSolver(
            self.solver.session.with_study(study) if study is not self.solver.study else self.solver.session,
            self.solver.objective, self.solver.settings, near=self.solver.near, left=self.solver.left,
        )  # fmt: skip
        with warnings.catch_warnings():  # the value is tried by the search, not written by anybody
            warnings.simplefilter("ignore", DataWarning)
            lacking = self._without or solver.solve(f"without, at {value:g}", self.rows(builds=False), like="without")
            having = solver.solve(
                f"with, at {value:g}", self.rows(builds=True), like="with", is_enough=lambda cost: cost < lacking.bound
            )
        if self._without is None:
            local = self.what == "price" or (
                FIGURES[self.what].local
                and self.asked.program is None
                and self.site not in set(self.solver.study.plants["site"])
            )
            self._without = lacking if local else None  # such plans do not know of the figure
        low = _less(having.bound, lacking.objective, otherwise=-math.inf)
        high = _less(having.objective, lacking.bound, otherwise=math.inf)
        seen = _less(having.objective, lacking.objective, otherwise=math.nan)
        return self._remember(_Point(value, Interval(low, high), study, seen))

    def _remember(self, point: _Point) -> _Point:
        self.points.append(point)
        return point

    def values(self, today: _Point) -> Iterator[float]:
        """Yield values further and further from today's, the likelier way first."""
        if self.what == "grant":
            first = max(today.ends.high, 1.0)
            yield from (first * f for f in (1.5, 3.0, 6.0, 20.0, 100.0) if math.isfinite(first))
        elif FIGURES[self.what].local:
            dearer, cheaper = (1.25, 1.6, 2.5, 5.0, 20.0), (0.8, 0.6, 0.3, 0.1, 0.01)
            ways = {
                "yes": (dearer,),
                "no": (cheaper,),
            }  # to drive it out, or to draw it in; both where neither is proven
            for step in zip(*ways.get(today.builds, (cheaper, dearer)), strict=True):
                yield from (today.value * factor for factor in step)
        else:
            yield from (today.value * f for f in SCAN)

    def bracket(self, base: Plan) -> tuple[_Point | None, _Point | None]:
        """Return the nearest values found between which the answer flips: not built, and built.

        Where nothing is proven today, one of them alone may be found.
        """
        del base
        today = self.at(figure_today(self.solver.study, self.site, self.what))
        if self.what == "grant" and today.builds == "yes":
            self.note = "It is built without any grant."
            return None, today
        for value in self.values(today):
            point = self.at(value)
            sides = {p.builds: p for p in sorted(self.points, key=lambda p: -abs(p.value - today.value))}
            if "yes" in sides and "no" in sides:
                return self._nearest(point)
            if self.what == "grant" and sides.keys() >= {"yes", UNPROVEN}:
                break  # no grant is below none
        if today.builds == UNPROVEN:
            self.note = f"{self.note} Of today's value the gap leaves it open: ask with a smaller one.".strip()
            return sides.get("no"), sides.get("yes")
        missing = "out" if today.builds == "yes" else "in"
        self.note = f"{self.note} No value that was tried drives it {missing}.".strip()
        return None, None

    def _nearest(self, last: _Point) -> tuple[_Point, _Point]:
        """Return the pair of opposite points that lies nearest together, one of them the last."""
        other = "no" if last.builds == "yes" else "yes"
        near = min((p for p in self.points if p.builds == other), key=lambda p: abs(p.value - last.value))
        return (near, last) if last.builds == "yes" else (last, near)

    def narrowed(self, out: _Point, into: _Point) -> tuple[_Point, _Point]:
        """Return the two ends, as near together as asked for or as the gap allows.

        Costs are nearly straight in each figure, so that a line between the ends meets zero near the flip; a point on
        either side of it, half as far off as asked for, mostly ends the search.
        """
        while len(self.points) < MOST:
            size = max(abs(out.value), abs(into.value))
            if abs(into.value - out.value) <= self.within * size:
                break
            before = out.value, into.value
            for value in self._tries(out, into):
                point = self.at(value)
                if not min(out.value, into.value) < value < max(out.value, into.value):
                    continue
                if point.builds == "no":
                    out = point
                elif point.builds == "yes":
                    into = point
            if (out.value, into.value) == before:
                self.note = f"{self.note} The gap leaves open where between the ends it flips.".strip()
                break
        return out, into

    def _tries(self, out: _Point, into: _Point) -> list[float]:
        """Return the next values to try, between the two ends."""
        a, b = out.middle, into.middle
        span = into.value - out.value
        guess = out.value + span * a / (a - b) if math.isfinite(a) and math.isfinite(b) else out.value + 0.5 * span
        step = 0.4 * self.within * abs(guess) * math.copysign(1.0, span)
        inner = sorted((out.value, into.value))
        near = [v for v in (guess - step, guess + step) if inner[0] < v < inner[1]]
        unclear = [p.value for p in self.points if p.builds == UNPROVEN and inner[0] < p.value < inner[1]]
        if unclear:  # what lies between them is left open by the gap: go nearer to it from both ends
            ends = sorted(unclear, key=lambda v: abs(v - out.value))
            near = [0.5 * (out.value + ends[0]), 0.5 * (into.value + ends[-1])]
            near = [v for v in near if min(abs(v - u) for u in unclear) > 0.25 * self.within * abs(guess)]
        return near or ([] if unclear else [out.value + 0.5 * span])

    def result(self, out: _Point | None, into: _Point | None) -> BreakEven:
        """Return what was found."""
        rows = [(p.value, p.ends.low, p.ends.high, p.builds) for p in sorted(self.points, key=lambda p: p.value)]
        none = math.nan
        return BreakEven(
            self.site, self.type, self.what, FIGURES[self.what].unit,
            figure_today(self.solver.study, self.site, self.what),
            none if out is None else out.value, none if into is None else into.value,
            pd.DataFrame(rows, columns=["value", "low", "high", "builds"]),
            None if out is None else out.study, None if into is None else into.study, self.note,
            "" if self.asked.program is None and self.asked.supplier is None else self.asked.words,
        )  # fmt: skip


def _less(one: float, other: float, *, otherwise: float) -> float:
    """Return a difference; something else where both are without end, so that nothing is known of it."""
    return otherwise if one == other == math.inf else one - other
