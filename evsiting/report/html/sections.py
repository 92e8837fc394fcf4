"""The sections of the page beside those of every study: each is there only where the study has what it tells of."""

from __future__ import annotations

from evsiting.report.html import (
    section_cost,
    section_jobs,
    section_operations,
    section_programs,
    section_timeline,
    section_trade,
)
from evsiting.report.html.blocks import Section
from evsiting.results.plan import Plan
from evsiting.study.study import Study

#: Sections by their place on the page: before the plants, behind the unit cost, and before the ledgers.
EARLY = (section_timeline.when,)
LATE = (
    section_cost.landed,
    section_trade.trade,
    section_programs.programs,
    section_operations.power,
    section_operations.limits,
    section_jobs.jobs,
    section_cost.cash,
)


def sections(study: Study, plan: Plan) -> tuple[list[Section], list[Section]]:
    """Return the sections before the plants and those behind the unit cost; which there are depends on the study alone.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.
    """
    early, late = ([make(study, plan) for make in group] for group in (EARLY, LATE))
    return [s for s in early if s is not None], [s for s in late if s is not None]
