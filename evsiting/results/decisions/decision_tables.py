"""What was asked about a plan as tables beside it: other sets of sites, forced decisions, where the answer flips."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from evsiting.errors import DataWarning, InputError, Problem
from evsiting.results.analysis.comparison import Comparison
from evsiting.results.case_plans import CasePlans
from evsiting.results.decisions.alternatives import Alternatives
from evsiting.results.decisions.comparison_tables import COMPARED, comparison_tables
from evsiting.results.decisions.futures_table import futures_table
from evsiting.results.decisions.moved_tables import selection_table, spread_table, tornado_table
from evsiting.results.decisions.why_not import BreakEven, WhyNot
from evsiting.results.plan import Plan
from evsiting.results.plan_file import write_json
from evsiting.results.result_folders import DECISIONS_FILE, deliverable, json_dict
from evsiting.results.scenario_plans import ScenarioPlans

__all__ = ["DecisionTables", "read_decisions", "write_decisions"]

#: What names a question in tables that several questions fill, and the table that has a row for each.
_KEYS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "why_not": ("why_not", ("question",)),
        "why_not_ledger": ("why_not", ("question",)),
        "futures": ("futures", ("strategy",)),
        "break_even": ("break_even", ("site", "plant_type", "what", "decision")),
        **{name: ("compared", ("beside",)) for name in COMPARED},
    }
)
#: Version of the file.
SCHEMA = 1


@dataclass(frozen=True, eq=False)
class DecisionTables:
    """Tables about one plan.

    Parameters
    ----------
    study_digest, objective_name : str
        What the plan answers, and what it minimises.
    objective : float
        Of the plan.
    bound : float
        What no plan of the study costs less than.
    slack : float
        Of the alternatives. [fraction]
    complete : bool
        Whether every set of sites within the slack is among them.
    tables : mapping of str to pandas.DataFrame
        By name: ``alternatives``, ``alternative_sites``, ``why_not``, ``why_not_ledger``, ``break_even``,
        ``entry_costs``, ``tornado``, ``selection``, ``spread``, ``futures``, ``compared`` and the tables of a
        comparison; those that were asked for.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> plan = ev.solve(study)
    >>> told = DecisionTables.of(plan=plan, entry_costs=ev.entry_costs(study, plan))
    >>> list(told.tables), told.is_of(plan)
    (['entry_costs'], True)
    """

    study_digest: str
    objective_name: str
    objective: float
    bound: float
    slack: float
    complete: bool
    tables: Mapping[str, pd.DataFrame]

    @classmethod
    def of(
        cls,
        alternatives: Alternatives | None = None,
        *,
        plan: Plan | None = None,
        why_not: Sequence[WhyNot] = (),
        break_even: Sequence[BreakEven] = (),
        entry_costs: pd.DataFrame | None = None,
        tornado: CasePlans | None = None,
        ranges: pd.DataFrame | None = None,
        draws: CasePlans | None = None,
        beside: Comparison | None = None,
        futures: Sequence[ScenarioPlans] = (),
    ) -> DecisionTables:
        """Return what was asked about one plan as tables.

        Parameters
        ----------
        alternatives : Alternatives, optional
            Other sets of sites.
        plan : Plan, optional
            What was asked about; needed where there are no alternatives and no forced decisions.
        why_not : sequence of WhyNot
            Forced decisions.
        break_even : sequence of BreakEven
            Values at which the answer flips.
        entry_costs : pandas.DataFrame, optional
            From :func:`evsiting.entry_costs`, of every candidate.
        tornado : CasePlans, optional
            A sweep over :func:`evsiting.tornado_cases`, and ``ranges``, the table that it was made of.
        draws : CasePlans, optional
            A sweep over :func:`evsiting.monte_carlo_cases`.
        beside : Comparison, optional
            Other plans beside this one, which is the first of them.
        futures : sequence of ScenarioPlans, optional
            Plans for all scenarios of its study: for least expectation, less risk or least regret.

        Raises
        ------
        InputError
            If there is no plan to tell of, or what is given is about another one.

        Examples
        --------
        >>> import evsiting as ev
        >>> found = ev.alternatives(ev.example("starter"), count=1, each_site="none")
        >>> sorted(DecisionTables.of(found).tables)
        ['alternative_sites', 'alternatives']
        """
        bases = [plan, None if alternatives is None else alternatives.base.plan, *(one.base for one in why_not)]
        base = next((one for one in bases if one is not None), None)
        if base is None:
            raise InputError([Problem("DecisionTables.of", "has no plan to tell of", "", "Give plan=")])
        tables: dict[str, pd.DataFrame] = {}
        if alternatives is not None:
            tables |= {"alternatives": alternatives.table, "alternative_sites": alternatives.sites}
        if why_not:
            tables |= {"why_not": _forced(why_not), "why_not_ledger": _ledgers(why_not)}
        if break_even:
            tables["break_even"] = _flips(break_even)
        if entry_costs is not None:
            tables["entry_costs"] = entry_costs
        if tornado is not None:
            tables["tornado"] = tornado_table(tornado, base, ranges)
        if draws is not None:
            tables |= {"selection": selection_table(draws, base), "spread": spread_table(draws, base)}
        if beside is not None:
            tables |= comparison_tables(beside, base)
        if futures:
            tables["futures"] = futures_table(futures, base)
        slack, complete = (alternatives.slack, alternatives.complete) if alternatives is not None else (0.0, False)
        solve = base.solve
        return cls(base.study_digest, solve.objective_name, solve.objective, solve.bound, slack, complete, tables)

    def is_of(self, plan: Plan) -> bool:
        """Whether the tables are about a plan."""
        same = abs(self.objective - plan.solve.objective) <= 1e-9 * max(1.0, abs(plan.solve.objective))
        return self.study_digest == plan.study_digest and self.objective_name == plan.solve.objective_name and same

    def require_about(self, call: str, plans: Sequence[Plan]) -> None:
        """Refuse to be shown beside plans none of which they are about.

        Raises
        ------
        InputError
            Naming the call.
        """
        if not any(self.is_of(plan) for plan in plans):
            subject = f"{self.objective_name} {self.objective:,.9g} of study {self.study_digest[:12]}"
            seen = (
                f"they tell of {subject}, the plan has {plans[0].solve.objective:,.9g} of {plans[0].study_digest[:12]}"
            )
            fix = "Ask again about this plan; beside a run, remove decisions.json"
            raise InputError([Problem(f"{call}, decisions", "are about another plan", seen, fix)])

    def joined(self, older: DecisionTables | None) -> DecisionTables:
        """Return them with those that were known of the same plan before and are not among them."""
        if older is None or older.study_digest != self.study_digest or older.objective != self.objective:
            return self
        tables = {**older.tables, **self.tables}
        for name, (head, key) in _KEYS.items():
            if name in self.tables and name in older.tables:  # other questions stay, the same one is answered anew
                old, new = older.tables[name], self.tables[name]
                old = old.assign(**{c: "" for c in key if c not in old and c in new})
                asked = set(zip(*(self.tables[head][c].astype(str) for c in key), strict=True))
                others = [row not in asked for row in zip(*(old[c].astype(str) for c in key), strict=True)]
                tables[name] = pd.concat([old[others], new], ignore_index=True) if any(others) else new
        mine = "alternatives" in self.tables or "alternatives" not in older.tables
        slack, complete = (self.slack, self.complete) if mine else (older.slack, older.complete)
        return DecisionTables(
            self.study_digest, self.objective_name, self.objective, self.bound, slack, complete,
            tables,
        )  # fmt: skip


def _forced(why_not: Sequence[WhyNot]) -> pd.DataFrame:
    rows = [
        {
            "question": one.question,
            "place": one.place,
            "rival": one.rival,
            "objective": math.nan if one.plan is None else one.plan.solve.objective,
            "bound": one.bound,
            "low": one.difference.low,
            "high": one.difference.high,
            "proven": one.difference.sure,
            "message": one.message,
        }
        for one in why_not
    ]
    return pd.DataFrame(rows)


def _ledgers(why_not: Sequence[WhyNot]) -> pd.DataFrame:
    parts = [one.ledger.assign(question=one.question) for one in why_not]
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return table[["question", *(c for c in table if c != "question")]]


def _flips(break_even: Sequence[BreakEven]) -> pd.DataFrame:
    columns = ("site", "plant_type", "decision", "what", "unit", "today", "out_at", "in_at", "note")
    return pd.DataFrame([{c: getattr(one, c) for c in columns} for one in break_even])


def write_decisions(folder: str | Path, decisions: DecisionTables) -> Path:
    """Write tables about a plan into its run folder, one CSV file each; they go when the plan is replaced.

    Parameters
    ----------
    folder : path
        Of the run.
    decisions : DecisionTables
        What was asked; tables of the same plan that are there stay.

    Returns
    -------
    pathlib.Path
        ``decisions.json`` in the folder, from which the report reads them.

    Examples
    --------
    >>> import tempfile
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> plan = ev.solve(study)
    >>> told = DecisionTables.of(plan=plan, entry_costs=ev.entry_costs(study, plan))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     run = ev.write_run(Path(place) / "run", study, plan)
    ...     write_decisions(run, told).name
    ...     list(read_decisions(run).tables)
    'decisions.json'
    ['entry_costs']
    """
    place = Path(folder)
    made = decisions.joined(read_decisions(place))
    for name, table in made.tables.items():
        with deliverable(place / f"{name}.csv") as fresh:
            table.to_csv(fresh, index=False, lineterminator="\n")
    content = {
        "schema": SCHEMA,
        **{k: _finite(v) for k, v in vars(made).items() if k != "tables"},
        "tables": {name: table.to_csv(index=False, lineterminator="\n") for name, table in made.tables.items()},
    }
    with deliverable(place / DECISIONS_FILE) as fresh:
        write_json(fresh, content)
    return place / DECISIONS_FILE


def _finite(value: object) -> object:
    """Return a figure as JSON can hold it: none where it has no end."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_decisions(folder: str | Path) -> DecisionTables | None:
    """Return the tables about the plan of a run folder; None where there are none.

    A damaged file is told by a :class:`~evsiting.DataWarning`, and as good as none.

    Parameters
    ----------
    folder : path
        As :func:`write_decisions` filled it; :meth:`DecisionTables.is_of` says whether they are about a plan.

    Examples
    --------
    >>> read_decisions("no such folder") is None
    True
    """
    file = Path(folder) / DECISIONS_FILE
    content = json_dict(file)
    try:
        tables = {str(n): pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""]) for n, text in
                  content["tables"].items()}  # fmt: skip
        texts = {n: frame.fillna(dict.fromkeys(frame.select_dtypes(["object", "str"]).columns, "")) for n, frame in
                 tables.items()}  # fmt: skip
        return DecisionTables(
            str(content["study_digest"]), str(content["objective_name"]), float(content["objective"]),
            -math.inf if content["bound"] is None else float(content["bound"]),
            float(content["slack"]), bool(content["complete"]), texts,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        if file.exists():
            text = f"{file} is damaged, so that its tables are left out. Ask the questions again: they are kept anew"
            warnings.warn(text, DataWarning, stacklevel=2)
        return None
