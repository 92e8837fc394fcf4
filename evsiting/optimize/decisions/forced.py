"""Decisions that are forced or forbidden, as rows of table ``limits``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from evsiting.errors import Problem
from evsiting.layers.arguments import is_finite
from evsiting.results.plan import Plan
from evsiting.study.derived.limit_rows import limit_rows
from evsiting.study.derived.program_rules import rules
from evsiting.study.study import Study

__all__ = ["ForcedDecision", "opened_sites", "other_sites", "plants_built", "sold_by", "with_limit_rows"]

#: A row of table ``limits``, without the columns that are empty.
Row = dict[str, object]


@dataclass(frozen=True)
class ForcedDecision:
    """What is forced or forbidden: a new plant, a claim of a program, or purchases from a supplier.

    Parameters
    ----------
    place : str, optional
        Site, state, province or country; everywhere where left out.
    plant_type, option : str, optional
        Which plants; all where left out.
    program : str, optional
        Program of table ``program_rules`` that such a plant claims.
    supplier : str, optional
        From whom something is bought.
    amount : float, optional
        How much is bought at least where that is forced. [unit/yr]

    Examples
    --------
    >>> ForcedDecision("US-TN", program="48C").row("out")["limit"]
    'without 48C at US-TN'
    """

    place: str | None = None
    plant_type: str | None = None
    option: str | None = None
    program: str | None = None
    supplier: str | None = None
    amount: float | None = None

    @property
    def words(self) -> str:
        """What it is about, in few words."""
        plants = "/".join(name for name in (self.place, self.plant_type, self.option) if name)
        if self.supplier is not None:
            return self.supplier if self.amount is None else f"{self.amount:,.10g} a year from {self.supplier}"
        if self.program is not None:
            return f"{self.program} at {plants}" if plants else self.program
        return plants

    def row(self, force: str, product: str = "") -> Row:
        """Return the row of table ``limits`` that forces it in or out.

        Parameters
        ----------
        force : {"in", "out"}
            Whether at least one such decision is taken, or none is.
        product : str
            What the supplier sells.
        """
        head: Row = {"limit": f"{'with' if force == 'in' else 'without'} {self.words}"}
        if self.supplier is not None and force == "out":
            return {"limit": f"without {self.supplier}", "kind": "throughput_mass", "origin": self.supplier,
                    "at_most": 0.0}  # fmt: skip
        if self.supplier is not None:
            return head | {"kind": "throughput", "product": product, "origin": self.supplier, "at_least": self.amount}
        ends: Row = {"at_least": 1} if force == "in" else {"at_most": 0}
        if self.program is not None:
            places = {"place": self.place, "plant_type": self.plant_type}
            return head | {"kind": "programs_used", "members": self.program, **places, **ends}
        row = plants_built(self.place, plant_type=self.plant_type or "", option=self.option or "")
        return head | row | ends

    def problems(self, call: str, study: Study, force: object) -> list[Problem]:
        """Return what of it does not hold; places and plants are looked up where the row is checked."""
        named = {n: getattr(self, n) for n in ("place", "plant_type", "option", "program", "supplier")}
        problems = [
            Problem(f"{call}, {name}", "is no text", repr(code), "Give the code as in the study's tables, in quotes")
            for name, code in named.items()
            if code is not None and not isinstance(code, str)
        ]
        if force not in (None, "in", "out"):
            problems.append(Problem(f"{call}, force", "is unknown", repr(force), "Give 'in' or 'out'"))
        if self.program is not None:
            problems += self._program_problems(call, study)
        if self.supplier is not None:
            problems += self._supplier_problems(call, study, force)
        elif self.amount is not None:
            fix = "Leave it out; a plant is one, and its size is its option"
            problems.append(Problem(f"{call}, amount", "is what a supplier sells", repr(self.amount), fix))
        return problems

    def _program_problems(self, call: str, study: Study) -> list[Problem]:
        where, ruled = f"{call}, program", sorted(rules(study))
        if self.option is not None:
            fix = "Leave out the option, or write rows of both kinds into table limits"
            return [Problem(f"{call}, option", "means nothing for a program", repr(self.option), fix)]
        if self.program in ruled:
            return []
        if self.program in {*study.programs["program"], *study.incentives["program"]}:
            fix = (
                "Give it a row in table program_rules, with nothing but its name where it has no conditions: then a "
                "plant may do without it"
            )
            return [Problem(where, "is paid to every plant without a choice", repr(self.program), fix)]
        fix = f"Give one of {', '.join(ruled)}" if ruled else "The study has no table program_rules"
        return [Problem(where, "is none of the study", repr(self.program), fix)]

    def _supplier_problems(self, call: str, study: Study, force: object) -> list[Problem]:
        stated = [n for n in ("plant_type", "option") if getattr(self, n) is not None]
        problems = [
            Problem(f"{call}, {name}", "means nothing for a supplier", repr(getattr(self, name)), "Leave it out")
            for name in stated
        ]
        sells = study.suppliers.set_index("supplier")
        if self.supplier not in sells.index:
            fix = "Give a code of table suppliers"
            return [*problems, Problem(f"{call}, supplier", "is none of the study", repr(self.supplier), fix)]
        most, amount = float(sells.at[self.supplier, "capacity_units_per_yr"]), self.amount
        can = "as much as is wanted" if most != most else f"up to {most:,.10g} a year"
        if amount is None:
            if force == "in":
                fix = f"Give amount, in units a year: it can sell {can}"
                problems.append(
                    Problem(f"{call}, supplier", "is forced in without an amount", repr(self.supplier), fix)
                )
        elif not is_finite(amount) or amount <= 0.0:
            problems.append(
                Problem(f"{call}, amount", "is no amount", repr(amount), f"Give units a year: it can sell {can}")
            )
        elif amount > most:
            fix = f"Give less, or raise its capacity in table suppliers: it can sell {can}"
            problems.append(Problem(f"{call}, amount", "is more than the supplier can sell", f"{amount:,.10g}", fix))
        return problems


def opened_sites(plan: Plan, plant_type: str = "") -> tuple[str, ...]:
    """Return the sites at which a plan builds at least one new plant, sorted; of one plant type where one is named.

    Examples
    --------
    >>> import evsiting as ev
    >>> len(opened_sites(ev.solve(ev.example("starter")))) > 0
    True
    """
    rows = plan.decisions["openings"]
    if plant_type:
        rows = rows[rows["plant_type"] == plant_type]
    return tuple(sorted(set(rows["site"].astype(str))))


def other_sites(
    sites: Collection[str], at_least: int | None = 1, *, at_most: int | None = None, plant_type: str = ""
) -> Row:
    """Return the row that asks for so many sites at least, or at most, that open otherwise than in a set.

    Examples
    --------
    >>> other_sites(["memphis", "windsor"])["members"]
    'memphis; windsor'
    """
    row: Row = {"kind": "sites_changed", "members": "; ".join(sites) or None, "plant_type": plant_type or None}
    return row | {"at_least": at_least, "at_most": at_most}


def plants_built(
    place: str | None,
    at_least: int | None = None,
    *,
    at_most: int | None = None,
    plant_type: str = "",
    option: str = "",
) -> Row:
    """Return the row that asks for so many new plants at a place at least, or at most.

    Examples
    --------
    >>> plants_built("US-TN", at_most=0)["at_most"]
    0
    """
    row: Row = {"kind": "plants_built", "place": place, "plant_type": plant_type or None, "option": option or None}
    return row | {"at_least": at_least, "at_most": at_most}


def sold_by(study: Study, supplier: str | None) -> str:
    """Return the product that a supplier sells; an empty text where none is named.

    Examples
    --------
    >>> import evsiting as ev
    >>> sold_by(ev.example("starter"), "S-busan")
    'cell'
    """
    rows = study.suppliers
    return "" if supplier is None else str(rows.loc[rows["supplier"] == supplier, "product"].iloc[0])


def with_limit_rows(study: Study, rows: Sequence[Row]) -> Study:
    """Return a study with more rows in its table ``limits``.

    Parameters
    ----------
    study : Study
        What is asked for so far.
    rows : sequence of dict
        Each a row; one without a name in ``limit`` gets one that no other row has.

    Raises
    ------
    InputError
        If a row does not hold in this study.

    Examples
    --------
    >>> import evsiting as ev
    >>> few = with_limit_rows(ev.example("starter"), [plants_built(None, at_most=3)])
    >>> few.limits["limit"].tolist()
    ['asked 1']
    """
    if not rows:
        return study
    old = limit_rows(study)
    taken = set(old["limit"].astype(str))
    made: list[Row] = []
    for row in rows:
        name = str(row.get("limit") or "")
        if not name:
            name = next(n for k in range(1, len(taken) + 2) if (n := f"asked {k}") not in taken)
        taken.add(name)
        made.append({**row, "limit": name})
    new = pd.DataFrame(made).reindex(columns=old.columns)
    new = new.astype({c: old[c].dtype for c in old.columns})
    columns = [c for c in old.columns if c in study.limits.columns or new[c].notna().any()]
    every = pd.concat([old, new], ignore_index=True) if len(old) else new
    return study.with_table("limits", every[columns])
