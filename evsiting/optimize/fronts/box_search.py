r"""Fronts of two objectives or more, box by box: all points of a finite front, or the next where most is left open.

What is not searched yet is a set of boxes below corners :math:`u` (:mod:`evsiting.optimize.fronts.search_region`). One
of them is searched by

.. math:: \min f_1(x) \quad \text{s.t.} \quad f_j(x) < u_j \;\; (j \ge 2)

and then, lexicographically, by the least of the others among the plans that reach it, so that no plan is better than
the point in one objective and as good in all [1]_. Where every objective takes values on a lattice alone
(:mod:`evsiting.optimize.fronts.integer_objectives`), "below" is half a step, and every box is emptied: the points are
all that there are [2]_. Much of it takes no solve [3]_ [4]_: a box is empty by an earlier solve under looser ceilings
that found no plan or none below :math:`u_1` (bypass), or by the least of one objective alone (early exit).

References
----------
.. [1] G. Mavrotas, K. Florios, "An improved version of the augmented ε-constraint method (AUGMECON2) for finding the
   exact pareto set in multi-objective integer programming problems," Appl. Math. Comput. 219 (2013) 9652-9669,
   doi:10.1016/j.amc.2013.03.002.
.. [2] G. Kirlik, S. Sayın, "A new algorithm for generating all nondominated solutions of multiobjective discrete
   optimization problems," European Journal of Operational Research 232 (2014) 479-488,
   doi:10.1016/j.ejor.2013.08.001.
.. [3] A. Nikas, A. Fountoulakis, A. Forouli, H. Doukas, "A robust augmented ε-constraint method (AUGMECON-R) for
   finding exact solutions of multi-objective linear programming problems," Operational Research 22 (2022) 1291-1332,
   doi:10.1007/s12351-020-00574-6.
.. [4] M. Özlen, B. A. Burton, C. A. G. MacRae, "Multi-objective integer programming: an improved recursive algorithm,"
   J. Optim. Theory Appl. 160 (2014) 470-482, doi:10.1007/s10957-013-0364-y.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evsiting.errors import InfeasibleError, NoSolutionError
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.fronts.integer_objectives import Lattice
from evsiting.optimize.fronts.points import TIE, value, with_status
from evsiting.optimize.fronts.search_region import Corner, SearchRegion
from evsiting.optimize.fronts.solving import FrontSolver
from evsiting.results.plan import Plan, Status

__all__ = ["BoxSearch"]

logger = logging.getLogger(__name__)

#: Part of a step of the lattice that is rounding alone.
ROUNDING = 1e-3
#: How often a box is tried again, each time nearer to its corner, where nothing was found in it.
TRIES = 3
#: Part of the box of all points below which a box is not worth a solve.
SMALL = 1e-6


@dataclass
class BoxSearch(FrontSolver):
    """Points of a front, box by box.

    ``complete`` says afterwards whether nothing is left, and ``left_open`` why not.
    """

    complete: bool = False
    left_open: str = ""
    #: What earlier solves prove: under ceilings below a corner of the other objectives, nothing is below a value.
    _empty: list[tuple[Corner, float]] = field(default_factory=list, repr=False)

    def every_point(self, lattices: Mapping[str, Lattice], most: int | None = None) -> None:
        """Find all points where objectives lie on lattices; with ``most``, no more than so many."""
        try:
            self._empty_all(lattices, most)
        except KeyboardInterrupt:
            if not self.plans:
                raise
            self.left_open = "it was interrupted"
        self.complete = not self.left_open

    def widest_boxes(self, most: int) -> None:
        """Find up to ``most`` points: the ends, then one in the largest box that is left, again and again."""
        self.left_open = f"it holds {most} points at most, spread where most was left open"
        try:
            self._spread(most)
        except KeyboardInterrupt:
            if not self.plans:
                raise
            self.left_open = "it was interrupted"

    # ------------------------------------------------------------------------------------------ all points

    def _empty_all(self, lattices: Mapping[str, Lattice], most: int | None) -> None:
        scales = [lattices[name] for name in self.names]
        lowest: list[float] = [-math.inf]
        for name, scale in zip(self.names[1:], scales[1:], strict=True):
            plan = self.least(name, {})  # type: ignore[arg-type]
            self.ideal[name] = plan.solve.bound
            lowest.append(_least_number(plan, scale))
        region = SearchRegion(len(self.names))
        while corners := region.corners:
            corner = max(corners, key=lambda u: (u[1:], u[0]))
            if any(u <= low for u, low in zip(corner, lowest, strict=True)) or self._is_empty(corner):
                region.close(corner)
                continue
            if most is not None and len(self.plans) >= most:
                self.left_open = f"{most} points were asked for"
                return
            point = self._in_box(corner, scales)
            if self.left_open == "it was interrupted":
                return
            if point is None:
                region.close(corner)
            else:
                region.add(point)

    def _is_empty(self, corner: Corner) -> bool:
        """Whether an earlier solve, under ceilings as loose, found nothing below the corner."""
        return any(
            all(a >= b for a, b in zip(under, corner[1:], strict=True)) and least >= corner[0]
            for under, least in self._empty
        )

    def _in_box(self, corner: Corner, scales: Sequence[Lattice]) -> Corner | None:
        """Return a new point below a corner, kept; None where there is none."""
        caps = {n: s.below(int(u)) for n, s, u in zip(self.names, scales, corner, strict=True) if math.isfinite(u)}
        caps.pop(self.names[0], None)
        try:
            plan = self.least(self.names[0], dict(caps), explain=not self.plans)  # type: ignore[arg-type]
        except InfeasibleError:
            if not self.plans:
                raise
            self._empty.append((corner[1:], math.inf))
            return None
        except NoSolutionError as error:
            if not self.plans:
                raise
            self._unproven(error.limit)
            self._empty.append((corner[1:], math.inf))
            return None
        if not caps:
            self.ideal[self.names[0]] = plan.solve.bound
        reached = scales[0].number(value(plan, self.names[0]))
        if _least_number(plan, scales[0]) < reached:
            self._unproven(plan.solve.limit)
        self._empty.append((corner[1:], float(reached)))
        if reached >= corner[0]:
            return None
        room = {self.names[0]: scales[0].below(reached + 1)}
        sizes = {n: 1.0 / s.step for n, s in zip(self.names[1:], scales[1:], strict=True)}
        end = self._best_of_rest(plan, caps, room, sizes)
        point = tuple(float(s.number(value(end, n))) for n, s in zip(self.names, scales, strict=True))
        if point[0] != reached or any(z >= u for z, u in zip(point, corner, strict=True)):
            self._unproven("a ceiling was not kept")
            return None
        self._keep(end)
        return point

    def _unproven(self, limit: str) -> None:
        """Note that something was not proven."""
        reasons = {"interrupt": "it was interrupted", "time": "the time limit ended a proof"}
        self.left_open = reasons.get(limit, limit or "a proof was not reached")

    # ------------------------------------------------------------------------------------------ some points

    def _spread(self, most: int) -> None:
        """Solve the ends, then in the largest box, until there are enough points or no box is worth it."""
        first = self.names[0]
        for name in (first, *self.names[1:]):
            caps: dict[str, float] = {}
            if name != first:
                least = self.least(name, {})  # type: ignore[arg-type]
                self.ideal[name] = least.solve.bound
                caps = {name: value(least, name) + self.slack * abs(value(least, name))}
            plan = self._point(caps)
            if name == first:
                self.ideal[first] = plan.solve.bound
            self._keep(plan)
            if self.interrupted or len(self.plans) >= most:
                return
        region, tries = SearchRegion(len(self.names)), dict[Corner, int]()
        for plan in self.plans:
            region.add(self._values(plan))
        for _ in range((TRIES + 1) * most):
            box = self._largest(region, tries)
            if box is None or len(self.plans) >= most or self.interrupted:
                return
            self._try(box, region, tries)

    def _try(self, corner: Corner, region: SearchRegion, tries: dict[Corner, int]) -> None:
        """Look for a point in a box, well below its corner; nearer to it each time that nothing is there."""
        tries[corner] = tries.get(corner, 0) + 1
        low, high = self._box(corner)
        part = 0.5 ** tries[corner]
        caps = {n: high[j] - part * (high[j] - low[j]) for j, n in enumerate(self.names) if j}
        try:
            plan = self._point(caps, below=high[0])
        except (InfeasibleError, NoSolutionError) as error:
            logger.info("no point below %s: %s", caps, error)
            if isinstance(error, NoSolutionError) and error.limit == "interrupt":
                raise KeyboardInterrupt from error
            return
        if plan is None:
            return
        point = self._values(plan)
        for known in self.plans:
            other = self._values(known)
            if all(a >= b - TIE * max(1.0, abs(b)) for a, b in zip(point, other, strict=True)):
                return  # nothing new
        self._keep(plan)
        region.add(point)

    def _point(self, caps: dict[str, float], below: float = math.inf) -> Plan:
        """Return the least of the first objective under ceilings, and of the others among the plans that reach it."""
        plan = self.least(self.names[0], dict(caps), explain=not self.plans)  # type: ignore[arg-type]
        if self.large or plan.solve.limit == "interrupt" or value(plan, self.names[0]) >= below:
            return plan
        reached = value(plan, self.names[0])
        objectives = self.ready.program.milp.objectives
        sizes = {n: 1.0 / objectives[n].unit for n in self.names[1:]}
        return self._best_of_rest(plan, caps, {self.names[0]: reached + self.slack * abs(reached)}, sizes)

    def _largest(self, region: SearchRegion, tries: Mapping[Corner, int]) -> Corner | None:
        """Return the corner of the largest box that is worth another try."""
        spans = [max(v) - min(v) for v in zip(*map(self._values, self.plans), strict=True)]
        if min(spans) <= 0.0:
            return None

        def size(corner: Corner) -> float:
            low, high = self._box(corner)
            sides = [max(0.0, b - a) / span for a, b, span in zip(low, high, spans, strict=True)]
            return float(math.prod(sides)) * 0.5 ** ((len(sides) - 1) * tries.get(corner, 0))

        worth = [u for u in region.corners if tries.get(u, 0) < TRIES and size(u) > SMALL]
        return max(worth, key=size, default=None)

    def _box(self, corner: Corner) -> tuple[list[float], list[float]]:
        """Return the least and the most that a point below a corner may come to, from what the points found say."""
        points = [self._values(plan) for plan in self.plans]
        high = [min(u, max(p[j] for p in points)) for j, u in enumerate(corner)]
        low = [min(p[j] for p in points) for j in range(len(corner))]
        if len(corner) == 2:  # else a point would beat the neighbour that is the corner's other side
            for j in (0, 1):
                beside = [p[j] for p in points if p[1 - j] >= corner[1 - j] and p[j] < corner[j]]
                low[j] = max([low[j], *beside])
        return low, high

    # ------------------------------------------------------------------------------------------ both

    def _values(self, plan: Plan) -> Corner:
        return tuple(value(plan, name) for name in self.names)

    def _best_of_rest(
        self, plan: Plan, caps: Mapping[str, float], room: Mapping[str, float], sizes: Mapping[str, float]
    ) -> Plan:
        """Return the plan that is best in the other objectives among those as good in the first.

        Its record is that of the first objective.
        """
        rest: ObjectiveLike = self.names[1] if len(sizes) == 1 else dict(sizes)  # type: ignore[assignment]
        end = self.least(rest, {**caps, **room}, explain=False)
        if end.status is not Status.OPTIMAL:
            self._unproven(end.solve.limit)
        solve = replace(
            plan.solve,
            seconds=plan.solve.seconds + end.solve.seconds,
            objective=value(end, self.names[0]),
            limit=end.solve.limit if end.solve.limit == "interrupt" else plan.solve.limit,
        )
        return with_status(replace(end, solve=solve))

    def _keep(self, plan: Plan) -> None:
        self.plans.append(plan)
        self.on_point(len(self.plans), len(self.plans), plan)


def _least_number(plan: Plan, scale: Lattice) -> int | float:
    """Return the least point of a lattice that the bound of a plan leaves possible."""
    bound = plan.solve.bound
    return math.ceil((bound - scale.offset) / scale.step - ROUNDING) if math.isfinite(bound) else -math.inf
