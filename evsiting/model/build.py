"""Build the Milp of a study, and turn column values back into tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from evsiting.model import objectives
from evsiting.model.columns import Columns, add_decisions
from evsiting.model.constraints import energy, flows, labor, partners, service, siting, strengthening
from evsiting.model.constraints.limits import totals as limit_totals
from evsiting.model.constraints.programs import programs
from evsiting.model.constraints.trade import duties
from evsiting.model.milp import FloatArray, IntArray, Milp, MilpBuilder
from evsiting.model.numeric_range import check_spans
from evsiting.model.plan_columns import Decision, Indicator, Totals, texts
from evsiting.model.sets import Sets
from evsiting.model.sets_from_study import make_sets
from evsiting.study.derived.trajectories import trajectory_factors
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study

#: A room of the house of rows: adds its columns and rows, and what they do to the totals.
Room = Callable[[MilpBuilder, Study, Sets, Columns, Totals], Sequence[Decision | Indicator]]

#: The rooms in order; limits come after them, because they read the totals of all others.
MODULES: tuple[Room, ...] = (duties.add, programs.add, labor.add, energy.add, service.add, partners.add)


@dataclass(frozen=True)
class Unlimited:
    """A program that the rows of table ``limits`` are still to be added to.

    Parameters
    ----------
    milp : MilpBuilder
        Columns and constraints so far.
    columns : Columns
        Of the decisions.
    totals : Totals
        What they add to the objectives.
    added : tuple of Decision or Indicator
        Tables of a plan, and what follows from them.
    """

    milp: MilpBuilder
    columns: Columns
    totals: Totals
    added: tuple[Decision | Indicator, ...]

    def limited(self, study: Study, sets: Sets) -> Program:
        """Return the program with the limits of a study; this stays as it is."""
        milp, totals = self.milp.copy(), self.totals.copy()
        added = [*self.added, *limit_totals.add(milp, study, sets, self.columns, totals, self.added)]
        decisions = tuple(d for d in added if isinstance(d, Decision))
        indicators = tuple(i for i in added if isinstance(i, Indicator))
        return Program(milp.finish(totals.objectives(milp.width)), sets, decisions, indicators, self)


@dataclass(frozen=True)
class Program:
    """A study as a mathematical program.

    Parameters
    ----------
    milp : Milp
        The arrays.
    sets : Sets
        What the indices mean.
    decisions : tuple of Decision
        Which columns are which table of a plan.
    indicators : tuple of Indicator
        Columns that follow from those.
    unlimited : Unlimited or None
        The program before its limits.
    """

    milp: Milp
    sets: Sets
    decisions: tuple[Decision, ...]
    indicators: tuple[Indicator, ...] = ()
    unlimited: Unlimited | None = field(default=None, repr=False, compare=False)

    def column_of(self, table: str) -> IntArray:
        """Return the columns of the decisions that are one table of a plan; -1 where there is none. shape (K, T)

        Parameters
        ----------
        table : str
            By names of :data:`evsiting.study.schema.plan_tables.DECISIONS`; no rows where the study has no use for it.
        """
        none = np.empty((0, len(self.sets.horizon)), dtype=np.int64)
        return next((d.column for d in self.decisions if d.table == table), none)

    def tables(self, values: FloatArray) -> dict[str, pd.DataFrame]:
        """Return a point as the tables of a plan, in the study's units.

        Parameters
        ----------
        values : numpy.ndarray, shape (N,)
            A point of the Milp.

        Returns
        -------
        dict of str to pandas.DataFrame
            By names of :data:`evsiting.study.schema.plan_tables.DECISIONS`; what the study has no use for is left out.
        """
        return {decision.table: decision.frame(values) for decision in self.decisions}

    def point(self, tables: Mapping[str, pd.DataFrame]) -> FloatArray:
        """Return tables such as those of :meth:`tables` as column values.

        Rows that the program does not know are left out.

        Parameters
        ----------
        tables : mapping of str to pandas.DataFrame
            By names of :data:`evsiting.study.schema.plan_tables.DECISIONS`.
        """
        values = np.zeros(self.milp.shape[1])
        for decision in self.decisions:
            if decision.table in tables:
                decision.put(tables[decision.table], values)
        for indicator in self.indicators:
            indicator.put(values)
        return values

    def capped(self, name: str, ceiling: float) -> Program:
        """Return a copy with a ceiling on an objective (a floor on jobs), as in an ε-constraint.

        Parameters
        ----------
        name : str
            Which objective, by names of :data:`evsiting.study.objectives.OBJECTIVES`.
        ceiling : float
            Most it may be, in the sense in which less is better. [USD, tCO2e, −job-years, units]
        """
        objective = self.milp.objectives[name]
        upper = ceiling / objective.unit - objective.constant
        milp = self.milp.with_rows(OBJECTIVES[name].cap_family, objective.coefficients, -np.inf, upper, [(name,)])
        return replace(self, milp=milp)

    def with_limits_of(self, study: Study) -> Program:
        """Return the program of a study that has other rows in table ``limits``, and is the same otherwise.

        What limits do not change is not made again; ceilings on objectives are left out.

        Parameters
        ----------
        study : Study
            Complete; every other table and all settings as in the program's own.

        Raises
        ------
        InputError
            If figures are too large to be multiplied out.
        """
        if self.unlimited is None:
            return build(study)
        study = study.plain
        with np.errstate(over="ignore", invalid="ignore"):
            program = self.unlimited.limited(study, self.sets)
        check_spans(study, program.milp)
        return program


def build(study: Study) -> Program:
    """Return the mathematical program of a complete study.

    Row families of every study, in order: ``one_option``, ``expand``, ``retire``, ``move_once``, ``capacity``,
    ``min_load``, ``output``, ``disposal``, ``balance``, ``demand``, ``supplier``, ``total_capacity``, ``min_plants``,
    ``link``. Then each of :data:`MODULES` adds what the study's tables ask for, and table ``limits`` comes last. Each
    family is defined where it is added.

    Parameters
    ----------
    study : Study
        With its layers (see :func:`evsiting.layers.complete`).

    Raises
    ------
    StudyError
        If layers are missing.
    InputError
        If figures are too large to be multiplied out.
    """
    study = study.plain
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is told by the table it comes from
        program = _unchecked_program(study)
    check_spans(study, program.milp)
    return program


def _unchecked_program(study: Study) -> Program:
    """Return the program of a study, whatever its figures come to."""
    sets, model = make_sets(study), study.settings.model
    milp = MilpBuilder()
    columns = add_decisions(milp, sets)
    siting.add_one_option(milp, sets, columns)
    siting.add_expand(milp, sets, columns)
    siting.add_retire(milp, sets, columns)
    siting.add_move_once(milp, sets, columns)
    siting.add_capacity(milp, sets, columns)
    siting.add_min_load(milp, sets, columns)
    flows.add_output(milp, sets, columns)
    flows.add_disposal(milp, sets, columns)
    flows.add_balance(milp, sets, columns)
    flows.add_demand(milp, sets, columns)
    flows.add_supplier(milp, sets, columns)
    strengthening.add_total_capacity(milp, sets, columns)
    strengthening.add_min_plants(milp, sets, columns)
    asked = model.links_per_market
    links = strengthening.links_per_market(sets, len(sets.horizon)) if asked == "auto" else asked
    flows.add_link(milp, sets, columns, links)
    totals = Totals(sets.horizon, model.carbon_price_usd_per_t * trajectory_factors(study, "carbon_price_usd_per_t")[0])
    objectives.cost(sets, columns, totals, model.hours_per_fte_year)
    objectives.emissions(sets, columns, totals)
    objectives.freight_emissions(sets, columns, totals)
    objectives.jobs(sets, columns, totals, model.hours_per_fte_year)
    added = [made for room in MODULES for made in room(milp, study, sets, columns, totals)]
    return Unlimited(milp, columns, totals, (*_decisions(sets, columns), *added)).limited(study, sets)


def _decisions(sets: Sets, columns: Columns) -> list[Decision]:
    """Return the decisions that every study has as tables of a plan."""
    periods, changes, makes, lanes, wants = sets.horizon.periods, sets.changes, sets.makes, sets.lanes, sets.wants

    def at(place: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "site": texts(sets.sites, sets.places.site[place]),
            "plant_type": texts(sets.plant_types, sets.places.plant_type[place]),
        }

    kinds = {kind: np.flatnonzero(changes.kind == kind) for kind in ("build", "close", "resume", "retire")}
    built = kinds["build"]
    decisions = [
        Decision(
            "openings",
            {**at(changes.place[built]), "option": changes.name[built]},
            columns.change[built],
            periods,
            np.ones(len(built)),
        ),
        Decision(
            "production",
            {**at(makes.place), "product": texts(sets.products, makes.product)},
            columns.make,
            periods,
            sets.scale[makes.product],
        ),
        Decision(
            "shipments",
            {str(c): lanes.frame[c].to_numpy(object) for c in lanes.frame},
            columns.ship,
            periods,
            sets.scale[lanes.product],
        ),
        Decision(
            "unmet",
            {"market": texts(sets.markets, wants.market), "product": texts(sets.products, wants.product)},
            columns.unmet,
            periods,
            sets.scale[wants.product],
        ),
    ]
    gone = kinds["retire"]
    if len(gone):
        names = {**at(changes.place[gone]), "option": changes.name[gone]}
        names["built"] = np.array(periods, dtype=object)[changes.built[gone]]
        decisions.append(Decision("retirements", names, columns.change[gone], periods, np.ones(len(gone))))
    extra = sets.by_products
    if (columns.dispose >= 0).any():
        keys = {**at(extra.place), "product": texts(sets.products, extra.product)}
        decisions.append(Decision("disposals", keys, columns.dispose, periods, sets.scale[extra.product]))
    for table, kind in (("closings", "close"), ("resumptions", "resume")):
        mine = kinds[kind]
        if len(mine):
            names = {"plant": changes.name[mine]}
            decisions.append(Decision(table, names, columns.change[mine], periods, np.ones(len(mine))))
    return decisions
