"""The conditions of programs, as table ``program_rules`` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evsiting.study.lists import split_list
from evsiting.study.study import Study

__all__ = ["ON_INVESTMENT", "Rule", "exclusive_pairs", "foreign_shares", "offered_claims", "rules"]

#: Kinds of table ``incentives`` that are paid on what is built; the others are paid year by year.
ON_INVESTMENT = ("investment", "grant")


@dataclass(frozen=True)
class Rule:
    """The conditions under which a program pays.

    Parameters
    ----------
    program : str
        Its name.
    pool, most : float
        Most that it pays in all and to one plant; infinite where there is no limit. [USD]
    min_capex, min_jobs : float
        Pledges of a plant that claims it; zero where there is none. [USD, FTE]
    clawback : float
        Paid back for a pledged job that is missing at the end; infinite where none may be missing. [USD/FTE]
    excludes : tuple of str
        Programs that a plant may not claim beside it.
    requires : tuple of str
        Plant types of which something new must be built in the same country.
    max_foreign : float
        Most that material from prohibited foreign entities may be of all material, by value; 1 where there is no limit.
    """

    program: str
    pool: float
    most: float
    min_capex: float
    min_jobs: float
    clawback: float
    excludes: tuple[str, ...]
    requires: tuple[str, ...]
    max_foreign: float


def rules(study: Study) -> dict[str, Rule]:
    """Return the rule of every program that has one, by name; the others are paid without a choice."""
    if not study.has("program_rules"):
        return {}
    return {rule.program: rule for rule in map(_rule, study.program_rules.sort_values("program").to_dict("records"))}


def _rule(row: Mapping[str, Any]) -> Rule:
    def number(column: str, otherwise: float) -> float:
        return otherwise if pd.isna(row[column]) else float(row[column])

    return Rule(
        str(row["program"]),
        number("pool_usd", np.inf),
        number("most_usd", np.inf),
        number("min_capex_usd", 0.0),
        number("min_jobs_fte", 0.0),
        number("clawback_usd_per_job", np.inf),
        split_list(row["excludes"]),
        split_list(row["requires"]),
        number("max_foreign_share", 1.0),
    )


def offered_claims(study: Study) -> frozenset[tuple[str, str, str]]:
    """Return (program, site, plant type) of every claim that is offered: some program with a rule pays something."""
    offers = study.incentives
    paying = offers[offers["program"].isin(rules(study)) & (offers["value"] > 0)]
    names = paying[["program", "site", "plant_type"]].astype(str)
    return frozenset(names.itertuples(index=False, name=None))


def foreign_shares(study: Study) -> dict[tuple[str, str], float]:
    """Return the most that foreign material may be, by program with a rule and period.

    A period in which rows of ``programs`` that state a share are in force has the strictest of them; the others have
    the share of the rule.
    """
    stated = study.programs if study.has("programs") else pd.DataFrame()
    stated = stated.dropna(subset=["max_foreign_share"]) if "max_foreign_share" in stated else stated.iloc[:0]
    ceilings: dict[tuple[str, str], float] = {}
    for name, rule in rules(study).items():
        mine = stated[stated["program"] == name] if len(stated) else stated
        for period, start, years in study.periods[["period", "start_year", "years"]].itertuples(index=False, name=None):
            share = rule.max_foreign
            if len(mine):
                here = mine[(mine["first_year"] < start + years) & (mine["last_year"] >= start)]
                share = float(here["max_foreign_share"].min()) if len(here) else share
            ceilings[name, str(period)] = share
    return ceilings


def exclusive_pairs(by_program: Mapping[str, Rule]) -> list[tuple[str, str]]:
    """Return the pairs of programs that one plant may not claim together; it is enough that one of them says so.

    Examples
    --------
    >>> none = Rule("48C", np.inf, np.inf, 0.0, 0.0, np.inf, ("45X",), (), 1.0)
    >>> exclusive_pairs({"48C": none, "45X": Rule("45X", np.inf, np.inf, 0.0, 0.0, np.inf, (), (), 1.0)})
    [('45X', '48C')]
    """
    pairs = {(min(a, b), max(a, b)) for a, rule in by_program.items() for b in rule.excludes if b in by_program}
    return sorted(pairs)
