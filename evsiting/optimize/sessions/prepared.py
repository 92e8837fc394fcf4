"""A complete study with its program and its engine, to be minimised in one objective after the other."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray
from evsiting.optimize.arguments import ObjectiveLike, weights
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch, relayed_watch
from evsiting.optimize.engines.best_so_far import best_so_far
from evsiting.optimize.incumbent import with_bound, with_prices, with_start
from evsiting.optimize.infeasibility import evidence
from evsiting.optimize.large.count_branching import GrownTree
from evsiting.optimize.large.kept_tree import tree_of_prices
from evsiting.optimize.large.large import is_large, solve_large
from evsiting.optimize.large.price_tree import proven_by_prices
from evsiting.optimize.proof import faults, first_certified, own_rules_broken
from evsiting.optimize.sessions.basis_file import known_basis, recorded_basis
from evsiting.optimize.sessions.failure import failure
from evsiting.optimize.sessions.known_proofs import is_proof_of, with_known_proofs
from evsiting.optimize.sessions.relaxations import Relaxations
from evsiting.optimize.sessions.warm_start import warm_start
from evsiting.optimize.verification import verified
from evsiting.results.assemble import plan_from_rows, tidy_rows
from evsiting.results.plan import Plan, Status
from evsiting.results.record.relaxation_basis import RelaxationBasis
from evsiting.results.record.solve import Solve
from evsiting.study.study import Study

__all__ = ["Prepared"]

logger = logging.getLogger(__name__)

#: Part of the time that a large program under ceilings, or with weights, gives to the plan from which it starts.
PART_FREE = 0.5
#: Least time for a second run that is to check the first. [s]
MIN_S = 0.1


@dataclass(frozen=True, eq=False)
class Prepared:
    """A complete study, its program and its engine, ready for one solve or many.

    Parameters
    ----------
    study : Study
        With its layers.
    program : Program
        Built once.
    engine : Engine
        Who solves it.
    limits : Limits
        How hard to try.
    relaxed : Relaxations
        Bases of the linear relaxations solved so far.
    verify : bool, optional
        Whether a second run checks what the first one proved; by default where the program is small.
    plain : Program, optional
        The program without the user's own rules, where there are any.
    trees : dict
        By the name of the objective: branches on numbers of plants of the program or of a neighbour, as they were left.
    proven : list of Solve
        Records of earlier solves of this study and no other, whose bounds hold.
    is_enough : callable, optional
        Told the objective of a plan: whether no better bound than the known one is of use beside it.
    """

    study: Study
    program: Program
    engine: Engine
    limits: Limits
    relaxed: Relaxations = field(default_factory=Relaxations, repr=False)
    verify: bool | None = None
    plain: Program | None = None
    trees: dict[str, GrownTree] = field(default_factory=dict, repr=False)
    proven: list[Solve] = field(default_factory=list, repr=False)
    is_enough: Callable[[float], bool] | None = field(default=None, repr=False)

    @property
    def has_own_rules(self) -> bool:
        """Whether the program has rules of the user's own, which are in no table."""
        return self.plain is not None and self.plain is not self.program

    def of_program(self, program: Program, study: Study | None = None) -> Self:
        """Return the same way of solving another program, of which no bound and no branch is known yet.

        What is proven of one program must never stand for another: whatever changes the program goes through here.
        """
        return replace(self, study=study or self.study, program=program, trees={}, proven=[])

    def capped(self, caps: Mapping[str, float] | None) -> Program:
        """Return the program with ceilings on objectives."""
        program = self.program
        for name, ceiling in (caps or {}).items():
            program = program.capped(name, ceiling)
        return program

    def relaxation(
        self,
        program: Program,
        weighed: Mapping[str, float],
        caps: Mapping[str, float],
        limits: Limits,
        watch: Watch | None,
    ) -> tuple[EngineResult, bool]:
        """Return the linear relaxation of the program under ceilings, and whether it started from a known basis."""
        return self.relaxed.solve(
            program.milp, program.milp.combined(weighed), self.engine, limits, weights=weighed, caps=caps, watch=watch
        )

    def minimise(
        self,
        objective: ObjectiveLike,
        *,
        caps: Mapping[str, float] | None = None,
        start: FloatArray | None = None,
        watch: Watch | None = None,
        explain: bool = True,
    ) -> tuple[Plan, FloatArray]:
        """Return the plan that is least in ``objective`` under ``caps``, and its column values.

        ``explain`` says whether it is looked into what is at fault where there is no plan.

        Raises
        ------
        SolveError
            If no plan comes back; the class and the message say why.
        """
        began = time.perf_counter()
        program = self.capped(caps)
        weighed = weights(objective, self.study)
        milp, chosen = program.milp, program.milp.combined(weighed)
        watch = best_so_far(watch, chosen.name)
        if is_large(program):
            result = self._large(program, weighed, dict(caps or {}), start, watch)
        elif start is not None and chosen.name in self.trees:
            result = self._near(program, weighed, dict(caps or {}), start, watch)
        else:
            result = with_prices(milp, chosen, self.engine.run(milp, chosen, self.limits, start=start, watch=watch))
        if self.verify is not False:
            result = proven_by_prices(program, milp, chosen, result)
        if self.has_own_rules:  # rules of the user's own are in no folder
            result = replace(result, proof=None, price_bound=-math.inf)
        result = with_start(milp, chosen, result, start, self.limits.gap)
        result = with_known_proofs(self.proven, program, chosen, result, weighed, caps or {}, self.limits.gap)
        left = replace(self.limits, time_s=max(MIN_S, self.limits.time_s - (time.perf_counter() - began)))
        name = self.study.settings.study.name
        again = False if result.verified and not self.verify else self.verify
        result = verified(milp, chosen, self.engine, left, result, verify=again, study=name)
        if not len(result.columns):
            raise failure(
                result, self.limits, self.study, caps, self._evidence(program, result, caps) if explain else ""
            )

        def made(result: EngineResult) -> tuple[Plan, list[str]]:
            seconds = time.perf_counter() - began
            record = result.record(milp, chosen, self.limits, self.engine.name, seconds, caps)
            basis = self._recorded(weighed, dict(caps or {}))
            record = replace(record, basis=basis, own_rules=self.has_own_rules)
            rows = tidy_rows(self.study, self.program.tables(result.columns))
            plan = plan_from_rows(self.study, rows, record)
            return plan, faults(self.study, plan, rows) + own_rules_broken(milp, result.columns)

        plan, result = first_certified(milp, chosen, self.engine, self.limits, result, made, name)
        log = chosen.name, result.status, result.objective, result.bound, plan.solve.seconds
        logger.info("%s: %s %.6g, bound %.6g, %.1f s", *log)
        return plan, result.columns

    def learn(self, plan: Plan, *, branches: bool = False) -> None:
        """Start from what an earlier solve left with its plan: what it has proven, a basis, and its branches.

        Proofs and branches are those of the same study alone; what prices prove is recomputed here. A basis may be one
        of another study with much in common. Branches are those of a large program, of any other where asked for.
        """
        if is_proof_of(plan, self.study.digest, self.program):
            self.proven.append(plan.solve)
        basis, proof = plan.solve.basis, plan.prices
        if basis is not None:
            self.learn_basis(basis)
        wanted = branches or is_large(self.program)
        if proof is not None and plan.study_digest == self.study.digest and wanted:
            tree = tree_of_prices(proof, self.program.milp.shape[1])
            if tree is not None:
                self.trees.setdefault(plan.solve.objective_name, tree)

    def learn_basis(self, basis: RelaxationBasis) -> None:
        """Start relaxations from a basis of this study or of one with much in common, unless there is one already."""
        if self.relaxed.of(basis.weights, basis.caps) is None:
            self.relaxed.learn([known_basis(basis)], basis.from_nothing_s)

    def starting_point(self, plan: Plan | None) -> FloatArray | None:
        """Return the columns of a plan to start from, and start from what its solve left; None where there is none."""
        if plan is None:
            return None
        self.learn(plan)
        return self.program.point(plan.tables)

    def _recorded(self, weighed: Mapping[str, float], caps: Mapping[str, float]) -> RelaxationBasis | None:
        """Return the basis that a plan keeps: of a large program, whose relaxation takes long from nothing."""
        known = self.relaxed.of(weighed, caps) if is_large(self.program) and not self.has_own_rules else None
        return None if known is None else recorded_basis(known, self.relaxed.from_nothing_s, self.study.digest)

    def _evidence(self, program: Program, result: EngineResult, caps: Mapping[str, float] | None) -> str:
        """Return what is at fault where there is no plan."""
        if result.status is not Status.INFEASIBLE:
            return ""
        return evidence(self.study, program, self.plain or self.program, self.engine, self.limits, caps)

    def _near(
        self,
        program: Program,
        weighed: dict[str, float],
        caps: dict[str, float],
        start: FloatArray,
        watch: Watch | None,
    ) -> EngineResult:
        """Return the answer to a program beside one whose plan and branches are known; from nothing where they fail."""
        chosen, limits, began = program.milp.combined(weighed), self.limits, time.perf_counter()
        relaxed, _ = self.relaxation(program, weighed, caps, limits, None)
        near = warm_start(
            program, program.milp, chosen, self.engine, limits,
            relaxed=relaxed, start=start, grown=self.trees[chosen.name], is_enough=self.is_enough, watch=watch,
        )  # fmt: skip
        if near.tree is not None:
            self.trees[chosen.name] = near.tree
        if near.status is Status.OPTIMAL or near.limit == "interrupt":
            return near
        if len(near.columns) and self.is_enough is not None and self.is_enough(near.objective):
            return near
        gone = time.perf_counter() - began
        left = replace(limits, time_s=max(MIN_S, limits.time_s - gone))
        point = near.columns if len(near.columns) else None
        seen = relayed_watch(watch, near.bound, gone, proves=True)
        whole = self.engine.run(program.milp, chosen, left, start=point, watch=seen)
        whole = with_start(program.milp, chosen, whole, point, limits.gap)
        return with_bound(with_prices(program.milp, chosen, whole), near.bound, limits.gap)

    def _large(
        self,
        program: Program,
        weighed: dict[str, float],
        caps: dict[str, float],
        start: FloatArray | None,
        watch: Watch | None,
    ) -> EngineResult:
        """Return the answer to a large program; under ceilings and with weights it starts from a plan without them.

        They spread the relaxation over so many plants that rounding it finds no plan, or a poor one late.
        """
        limits, began, chosen = self.limits, time.perf_counter(), program.milp.combined(weighed)
        near = EngineResult(Status.NO_SOLUTION)
        proven = -math.inf
        if start is None and (caps or len(weighed) > 1):
            same = len(weighed) == 1  # then what is proven without ceilings holds under them
            plain = (
                weighed if same else {"cost" if weighed.get("cost") else next(n for n, w in weighed.items() if w): 1.0}
            )
            first = replace(self, limits=replace(limits, time_s=PART_FREE * limits.time_s))
            near = first._large(
                self.program, plain, {}, None, relayed_watch(watch, -math.inf, 0.0, proves=same, plans=False)
            )
            if near.status is Status.INFEASIBLE:
                return near
            proven = near.bound if same else -math.inf
            if near.limit == "interrupt":
                none = EngineResult(Status.NO_SOLUTION, bound=proven, limit=near.limit, version=near.version)
                return with_start(program.milp, chosen, none, near.columns if len(near.columns) else start, limits.gap)
            gone = time.perf_counter() - began
            start = near.columns if len(near.columns) else None
            limits = replace(limits, time_s=max(1.0, limits.time_s - gone))
            watch = relayed_watch(watch, proven, gone, proves=True)
        result = solve_large(
            program,
            program.milp,
            chosen,
            self.engine,
            limits,
            watch,
            start=start,
            relax=lambda within, watch: self.relaxation(program, weighed, caps, within, watch)[0],
            grown=self.trees.get(chosen.name),
            lp_seconds=self.relaxed.from_nothing_s,
        )
        if result.tree is not None:
            self.trees[chosen.name] = result.tree
        result = with_bound(result, proven, limits.gap)
        if math.isfinite(proven) and near.proof is not None and near.price_bound > result.price_bound:
            proof = near.proof.with_constraints(len(caps))  # what holds without ceilings holds under them
            result = replace(result, proof=proof, price_bound=near.price_bound)
        return with_start(program.milp, chosen, result, start, limits.gap)
