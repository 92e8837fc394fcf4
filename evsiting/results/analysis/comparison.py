"""Plans side by side: what differs in the answers, and which cells of the input differ."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.results.consistency import require_same_study
from evsiting.results.plan import Plan
from evsiting.results.record.differences import difference, told_difference
from evsiting.results.record.solve import Packed
from evsiting.results.store import read_run
from evsiting.study.derived.differences import DIFFERENCE_COLUMNS, study_differences
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study

__all__ = ["Answer", "Comparison", "compare"]

#: A plan alone, with its study, or the run folder that holds both.
Answer = Plan | tuple[Study, Plan] | str | Path
#: Key of a plant and of a flow.
_PLANT = ["site", "plant_type", "plant"]
_FLOW = ["product", "origin", "destination"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Packed):
    """What some plans decide, cost and prove, the first of them beside each of the others.

    Tables have a column for each plan by its name, and ``NAME less FIRST`` for each but the first.

    Parameters
    ----------
    plans : mapping of str to Plan
        By name.
    studies : mapping of str to Study
        Those that are known, with their layers.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> front = ev.pareto(study, "cost", "emissions", points=2)
    >>> found = ev.compare({"cheapest": (study, front.plans[0]), "cleanest": (study, front.plans[-1])})
    >>> found.totals.columns.tolist()
    ['total', 'unit', 'cheapest', 'cleanest', 'cleanest less cheapest']
    >>> len(found.inputs)
    0
    """

    plans: Mapping[str, Plan]
    studies: Mapping[str, Study]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the plans."""
        return tuple(self.plans)

    @property
    def totals(self) -> pd.DataFrame:
        """One row a total: ``total``, ``unit``, its value in each plan and the differences."""
        names = [n for n in OBJECTIVES if any(n in plan.ledgers for plan in self.plans.values())]
        rows: dict[tuple[str, ...], dict[str, float]] = {
            (n, OBJECTIVES[n].unit): {a: p.totals.get(n, 0.0) for a, p in self.plans.items()} for n in names
        }
        return self._side_by_side(rows, ["total", "unit"])

    @property
    def proven(self) -> pd.DataFrame:
        """What is proven of the difference between the best plans of each question and of the first one.

        Returns
        -------
        pandas.DataFrame
            One row for each plan but the first, where both minimised the same: ``plan``, ``objective``,
            ``difference`` of the plans, and ``least`` and ``most``, between which the difference of the best possible
            plans lies whatever the gaps; ``told``: ``more``, ``less``, or ``within the gaps`` where zero lies between
            them. Objectives of which more is better count with a minus sign.
        """
        base, *others = self.plans.items()
        solve, rows = base[1].solve, []
        for name, plan in others:
            if plan.solve.objective_name == solve.objective_name:
                least, most = plan.solve.difference_from(solve)
                apart = difference(plan.solve.objective, solve.objective)
                rows.append((name, solve.objective_name, apart, least, most, told_difference(least, most)))
        return pd.DataFrame(rows, columns=["plan", "objective", "difference", "least", "most", "told"])

    @property
    def plants(self) -> pd.DataFrame:
        """Plants that some plan opens, closes or resumes: ``site``, ``name``, ``country``, ``plant_type``, ``plant``.

        The cell of a plan says what it does there (``new 50 GWh in 2027-2029``), and is empty where it does nothing.
        ``differs`` says whether the plans do not all do the same. Those that differ come first.
        """
        cells: dict[tuple[str, ...], dict[str, str]] = {}
        places: dict[str, tuple[str, str]] = {}
        for name, plan in self.plans.items():
            moved = plan.sites[plan.sites["status"].isin(["new", "closed", "resumed"])]
            columns = [*_PLANT, "name", "country", "option", "status", "period", "closes"]
            for row in moved[columns].astype(str).to_dict("records"):
                built = row["option"] not in ("", "nan")
                mine = cells.setdefault((row["site"], row["plant_type"], "" if built else row["plant"]), {})
                event = f"{f'new {row["option"]}' if built else row['status']} in {row['period']}"
                event += f", closed in {row['closes']}" if built and row["status"] == "closed" else ""
                mine[name] = f"{mine[name]}; {event}" if name in mine else event
                places[row["site"]] = (row["name"], row["country"])
        rows = [
            {
                "site": site,
                "name": places[site][0],
                "country": places[site][1],
                "plant_type": kind,
                "plant": plant,
                **{name: mine.get(name, "") for name in self.plans},
                "differs": len({mine.get(name, "") for name in self.plans}) > 1,
            }
            for (site, kind, plant), mine in cells.items()
        ]
        columns = ["site", "name", "country", "plant_type", "plant", *self.plans, "differs"]
        made = pd.DataFrame(rows, columns=columns)
        order = ["differs", "plant_type", "site", "plant"]
        return made.sort_values(order, ascending=[False, True, True, True], kind="stable", ignore_index=True)

    @property
    def flows(self) -> pd.DataFrame:
        """What is shipped where over the horizon [unit], all modes together; the largest differences first.

        Of a plan that is given without its study, yearly units are added up: the years of its periods are not known.
        """
        rows: dict[tuple[str, ...], dict[str, float]] = {}
        for name, plan in self.plans.items():
            years = self._years(name, plan)
            sent = plan.shipments.assign(units=plan.shipments["units_per_yr"] * plan.shipments["period"].map(years))
            _add(rows, name, sent.groupby(_FLOW, as_index=False)[["units"]].sum())
        made = self._side_by_side(rows, _FLOW)
        others = [f"{name} less {self.names[0]}" for name in self.names[1:]]
        size = made[others].abs().max(axis=1).sort_values(ascending=False, kind="stable")
        return made.loc[size.index].reset_index(drop=True)

    @property
    def ledgers(self) -> pd.DataFrame:
        """Every ledger by item: ``ledger``, ``item``, its value in each plan and the differences."""
        return self.by("item")

    def by(self, *columns: str) -> pd.DataFrame:
        """Return the ledgers added up by columns of theirs, such as ``item``, ``country``, ``site`` or ``period``.

        Raises
        ------
        InputError
            If a ledger has no such column.
        """
        known = list(next(iter(self.plans.values())).ledgers["cost"].columns[:-1])
        unknown = [c for c in columns if c not in known]
        if unknown or not columns:
            seen = ", ".join(unknown) or "none given"
            raise InputError([Problem("by", "names no column of a ledger", seen, f"Choose from {', '.join(known)}")])
        rows: dict[tuple[str, ...], dict[str, float]] = {}
        for ledger in OBJECTIVES:
            for name, plan in self.plans.items():
                if ledger in plan.ledgers:
                    lines = plan.ledgers[ledger].groupby(list(columns), sort=False, as_index=False)[["value"]].sum()
                    _add(rows, name, lines, ledger)
        return self._side_by_side(rows, ["ledger", *columns])

    @property
    def inputs(self) -> pd.DataFrame:
        """Every cell of the input in which a study differs from the first one.

        Returns
        -------
        pandas.DataFrame
            ``plan``, and the columns of :func:`evsiting.study.derived.differences.study_differences`, where ``first``
            is the study of the first plan. Only of plans that are given with their studies.
        """
        base = self.names[0]
        parts = [
            study_differences(self.studies[base], self.studies[name]).assign(plan=name)
            for name in self.names[1:]
            if base in self.studies and name in self.studies and self.studies[base] != self.studies[name]
        ]
        columns = ["plan", *DIFFERENCE_COLUMNS]
        return (
            pd.concat([part[columns] for part in parts], ignore_index=True) if parts else pd.DataFrame(columns=columns)
        )

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name: ``totals``, ``proven``, ``plants``, ``flows``, ``ledgers``, ``inputs``."""
        return {name: getattr(self, name) for name in ("totals", "proven", "plants", "flows", "ledgers", "inputs")}

    def _side_by_side(self, rows: Mapping[tuple[str, ...], Mapping[str, float]], key: Sequence[str]) -> pd.DataFrame:
        """Return values by key and plan as a table with the differences; what is the same but for arithmetic is 0."""
        names, base = self.names, self.names[0]
        made = pd.DataFrame(list(rows), columns=list(key)) if rows else pd.DataFrame(columns=list(key))
        value = np.array([[mine.get(name, 0.0) for name in names] for mine in rows.values()]).reshape(-1, len(names))
        for number, name in enumerate(names):
            made[name] = value[:, number]
        for number, name in enumerate(names[1:], 1):
            made[f"{name} less {base}"] = difference(value[:, number], value[:, 0])
        return made

    def _years(self, name: str, plan: Plan) -> dict[str, float]:
        """Return the years of each period; one each where the study of the plan is not known."""
        if name in self.studies:
            periods = self.studies[name].periods
            return dict(zip(periods["period"], periods["years"].astype(float), strict=True))
        return dict.fromkeys(plan.shipments["period"], 1.0)

    def __repr__(self) -> str:
        return "\n\n".join((self._headline(), self.totals.to_string(index=False), *self._sentences()))

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._headline())}</p>{self.totals.to_html(index=False)}"

    def _headline(self) -> str:
        plants = self.plants
        differ = int(plants["differs"].sum())
        return f"{' beside '.join(self.names)}: {differ} of {len(plants)} decisions on plants differ"

    def _sentences(self) -> list[str]:
        return [sentence(row, self.names[0]) for row in self.proven.to_dict("records")]


def _add(rows: dict[tuple[str, ...], dict[str, float]], name: str, sums: pd.DataFrame, *first: str) -> None:
    """Add the sums of a plan, whose last column is the value and whose others are the key, to those of other plans."""
    for *key, value in sums.itertuples(index=False, name=None):
        rows.setdefault((*first, *map(str, key)), {})[name] = float(value)


def sentence(row: Mapping[Hashable, object], base: str) -> str:
    """Return what is proven of a difference as a sentence.

    Parameters
    ----------
    row : mapping
        A row of :attr:`Comparison.proven`.
    base : str
        Name of the first plan.
    """
    least, most = (float(str(row[c])) for c in ("least", "most"))
    what = f"{row['objective']} of the best plan like {row['plan']!r} less that of the best like {base!r}"
    doubt = "; which of them has less is not proven" if row["told"] == "within the gaps" else ""
    return f"{what}: between {least:,.6g} and {most:,.6g} by proof{doubt}."


def compare(answers: Mapping[str, Answer] | Sequence[Answer]) -> Comparison:
    """Lay plans side by side: plants, flows, ledgers, totals, proof, and which cells of their inputs differ.

    Parameters
    ----------
    answers : mapping of str to answer, or sequence of answers
        Two or more, the first of which the others are compared with. An answer is a run folder, a plan, or a pair of
        study and plan. Names are those of the folders, or ``A``, ``B``, ... where none are given. ``front.plans`` and
        the ``plans`` of what-if cases are taken as they are.

    Returns
    -------
    Comparison
        Tables ``totals``, ``proven``, ``plants``, ``flows``, ``ledgers`` and ``inputs``.

    Raises
    ------
    InputError
        If there are less than two, a name comes twice, a folder holds no run, or a plan does not answer its study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> more = study.with_table(
    ...     "demand", study.demand.assign(units_per_yr=study.demand["units_per_yr"] * 1.1)
    ... )
    >>> found = ev.compare({"as planned": (study, ev.solve(study)), "10 % more": (more, ev.solve(more))})
    >>> found.inputs[["table", "column"]].drop_duplicates().values.tolist()
    [['demand', 'units_per_yr']]
    """
    named = _answers_by_name(answers)
    plans, studies = {}, {}
    for name, answer in named.items():
        if isinstance(answer, str | Path):
            studies[name], plans[name] = read_run(answer)
        elif isinstance(answer, Plan):
            plans[name] = answer
        else:
            studies[name], plans[name] = require_same_study(f"compare, {name}", *answer).whole, answer[1]
    return Comparison(MappingProxyType(plans), MappingProxyType(studies))


def _answers_by_name(answers: object) -> dict[str, Answer]:
    """Return answers by name; all that is wrong with them is told at once."""
    problems = []
    if isinstance(answers, Mapping):
        pairs = [(str(name), answer) for name, answer in answers.items()]
    elif isinstance(answers, Sequence) and not isinstance(answers, str):
        names = [_name(answer, number, answers) for number, answer in enumerate(answers)]
        again = [names[:number].count(name) for number, name in enumerate(names)]  # one folder may be given twice
        pairs = [(f"{n} ({k + 1})" if k else n, a) for n, k, a in zip(names, again, answers, strict=True)]
    else:
        pairs = []
    if len(pairs) < 2:
        fix = "Give two run folders, plans, or pairs of study and plan"
        problems.append(Problem("compare", "needs two answers or more", f"{len(pairs)} given", fix))
    for name, answer in pairs:
        pair = isinstance(answer, tuple) and [type(part) for part in answer] == [Study, Plan]
        if not (pair or isinstance(answer, Plan | str | Path)):
            fix = "Give a run folder, a plan, or a pair of study and plan"
            problems.append(Problem(f"compare, {name}", "is no answer", type(answer).__name__, fix))
    if problems:
        raise InputError(problems)
    return dict(pairs)


def _name(answer: object, number: int, answers: Sequence[object]) -> str:
    """Return the name of an answer that was given none: that of its folder where no other has it, else a letter."""
    letter = chr(ord("A") + number) if number < 26 else f"plan {number + 1}"
    if not isinstance(answer, str | Path):
        return letter
    mine = Path(answer).name
    others = [Path(one).name for one in answers if isinstance(one, str | Path)]
    return mine if mine and others.count(mine) == 1 else str(answer)
