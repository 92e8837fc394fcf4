"""The manual page on incentives, from the docstrings of what reckons them."""

from __future__ import annotations

import inspect
import re

from evsiting.layers.incentives.present_value import abatement_worth, depreciation_worth, loan_worth
from evsiting.layers.incentives.programs import IncentivesLayer
from evsiting.model.constraints.programs.programs import pay_everyone
from evsiting.model.formulation import FAMILIES, _entry, _markdown

__all__ = ["programs_markdown"]

#: Row families of programs with rules, in the order in which a reader meets them.
ROWS = (
    "credit", "claim", "cap", "pool", "stacking", "threshold", "clawback", "exclusive", "requires", "foreign_ratio",
)  # fmt: skip

_PROGRAMS = """```csv
program,country,region,plant_type,product,kind,value,first_year,last_year,share,term_years
45X,US,,cell,cell,production,35,2026,2029,,
45X,US,,cell,cell,production,26.25,2030,2030,,
48C,US,,cell,,investment,0.3,2027,2029,,
CTM ITC,CA,,cell,,investment,0.3,2024,2031,0.6,
Plan Mexico,MX,,assembly,,depreciation,0.86,2025,2030,,10
federal loan,US,,cell,,loan,0.015,2026,2035,0.5,15
tax holiday,US,US-TX,assembly,,abatement,0.5,2026,2035,,10
state deal,US,US-TN,assembly,,grant,500000000,2026,2030,,
job credit,US,US-GA,assembly,,job,3000,2026,2035,,
```"""
_RULES = """```csv
program,pool_usd,most_usd,min_capex_usd,min_jobs_fte,clawback_usd_per_job,excludes,requires,max_foreign_share
45X,,,,,,48C,,0.2
48C,1000000000,,,,,,,
state deal,,,1000000000,2000,50000,,,
```"""


def programs_markdown() -> str:
    """Return the page as Markdown.

    Examples
    --------
    >>> "### `foreign_ratio`" in programs_markdown()
    True
    """
    parts = [
        "# Incentives",
        "Table `programs` says what is offered where, for what and when. The layer of incentives works out what that "
        "comes to at each site in each period: table `incentives`, which a study may also give itself. A program "
        "without a row in table `program_rules` is paid to every plant for which it holds. A program with one is a "
        "choice: each plant claims it or does not, and keeps its conditions where it does. The rows below show the "
        "form; their figures are examples.",
        _PROGRAMS,
        _RULES,
        "## What a program comes to",
        _text(IncentivesLayer),
        "### A faster write-off",
        _text(depreciation_worth),
        "### A cheap loan",
        _text(loan_worth),
        "### A waived tax",
        _text(abatement_worth),
        "## What is paid to everyone",
        _text(pay_everyone),
        "## What is a choice",
        "Where a program does not hold, or can never pay, it cannot be claimed: there is no decision. A program with "
        "rules pays either on building (`investment`, `grant` and what comes to a part of the investment) or year by "
        "year (`production`, `job`), since the two are discounted differently; give its parts names of their own where "
        "it does both. A pair excludes each other as soon as one of them says so, and both must have rules.",
        *(_entry(family, FAMILIES[family]) for family in ROWS),
    ]
    return "\n\n".join(parts) + "\n"


def _text(what: object) -> str:
    """Return a docstring up to its parameters, without the marks of its references."""
    text = (inspect.getdoc(what) or "").split("\nParameters\n")[0].strip()
    return _markdown(re.sub(r" \[\d+\]_", "", text))
