"""The manual page on what a plan amounts to, from the docstrings of what reckons it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from evsiting.results.analysis import cost_allocation
from evsiting.results.analysis.cash_flow import cash_flow
from evsiting.results.analysis.job_ranges import job_ranges
from evsiting.results.analysis.key_figures import import_shares, jobs_by_place
from evsiting.results.analysis.landed_cost import landed_cost

__all__ = ["results_markdown"]

#: Sections of the page beside answer, map, trade-off, plants, unit cost, ledgers and sources: what they show, and when.
SECTIONS = (
    (
        "When",
        "what opens, expands, resumes and closes in each period; capacity and its use",
        "several periods, or plants that may be closed or resumed",
    ),
    (
        "Landed cost",
        "what a unit from the plan's plants costs at its market, against the cheapest import; its cost at each gate",
        "always; the import where one is sold",
    ),
    (
        "Trade",
        "duty by measure and pair of countries with its relief; regional value of plants; imported shares",
        "duties, rules of origin, or suppliers overseas",
    ),
    ("Programs", "what each program pays, pools used, claims with their pledges", "incentives"),
    (
        "Power and staff",
        "load, connection, upgrades, clean and renewable power; staff by commuting area",
        "a connectable load, a premium of clean power, or labor pools",
    ),
    (
        "Limits",
        "every target with use and slack, and what else is used up",
        "limits, gateways, commitments, pools, or suppliers with a capacity",
    ),
    ("Jobs", "direct jobs by state and period; indirect and induced ones as ranges, apart", "always"),
    ("Cash flow", "cost year by year, with its present value", "always"),
)


def results_markdown() -> str:
    """Return the page as Markdown.

    Examples
    --------
    >>> "## Landed cost" in results_markdown()
    True
    """
    rows = "\n".join(f"| {name} | {what} | {where} |" for name, what, where in SECTIONS)
    parts = [
        "# What a plan amounts to",
        "The report (`write_report`), the workbook (`write_workbook`), the GeoPackage (`write_geopackage`) and the "
        "terminal show the same figures. A section or a sheet is there only where the study has what it tells of.",
        f"| section | shows | where the study has |\n|---|---|---|\n{rows}",
        "The map and its flows show one period at a time, the last one first. Plants are drawn by what becomes of "
        "them: new ones filled, existing ones hollow, committed ones with a broken edge, resumed ones in half tone, "
        "closed ones crossed out. Bars draw what lowers a cost (residual value, credits, relief) to the left of zero; "
        "a mark shows the sum. Duty on a lane is the whole stack of its period before any relief.",
        "On a phone tables become cards; on paper the page has title, date and page numbers in its margins, and "
        "sources take one row for each table and quality of figures (the sheet `sources` holds them one by one). With "
        "more than eight periods tables show some of them, sums are added up over several, and the workbook has all.",
        "## The trade-off",
        "A step between two neighbouring plans of a front is *proven* where their ranges, from what is proven possible "
        "within the ceiling of a plan to what the plan reaches, do not overlap; otherwise it is *within the gaps*. The "
        "knee is the plan farthest from the line between the ends. It is named only where both steps beside it are "
        "proven and it stays the farthest even if every other plan were as good as its bound allows.",
        "## Landed cost",
        _text(landed_cost),
        "### Who bears a cost",
        _text(cost_allocation),
        "What no unit bears is left over and told: demand that is not served, and places that never make anything. "
        "What units bear and what is left add up to the total of the cost ledger.",
        "## Cash flow",
        _text(cash_flow),
        "## Imported shares",
        _text(import_shares),
        "## Jobs",
        _text(jobs_by_place),
        _text(job_ranges),
    ]
    return "\n\n".join(parts) + "\n"


def _text(thing: Callable[..., Any] | ModuleType) -> str:
    """Return the prose and the formulas of a docstring as Markdown, up to its parameters."""
    text = re.split(r"\n\w[\w ]*\n-{3,}\n", inspect.getdoc(thing) or "")[0]
    text = re.sub(r"\.\. math:: (.+?)(?=\n\n|\Z)", _formula, text, flags=re.DOTALL)
    text = re.sub(r":math:`([^`]+)`", r"$\1$", text)
    text = re.sub(r":\w+:`[\w.]*?(\w+)`", r"`\1`", text)
    return text.replace("``", "`").strip()


def _formula(found: re.Match[str]) -> str:
    return f"$$ {' '.join(found.group(1).split())} $$"
