"""Sheets of the workbook on what a plan amounts to: the frames behind the sections of the page, in full."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from evsiting.report.ledger_items import item_name
from evsiting.results.analysis.cash_flow import yearly_cash_flow
from evsiting.results.analysis.job_ranges import jobs_by_multiplier
from evsiting.results.analysis.key_figures import imports_by_country, jobs_by_region
from evsiting.results.analysis.landed_cost import Landing
from evsiting.results.analysis.limit_use import limit_use
from evsiting.results.analysis.power import power_by_site
from evsiting.results.analysis.programs import claims_kept, program_payments
from evsiting.results.analysis.timeline import capacity_by_period, plant_moves
from evsiting.results.analysis.trade import duties_paid, regional_value
from evsiting.results.plan import Plan
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.plan_tables import DECISIONS
from evsiting.study.study import Study

#: Decisions that have a sheet of their own where there are any; the others stand in other sheets.
_DECIDED = (
    "openings", "closings", "resumptions", "retirements", "disposals", "clean", "upgrades", "qualified",
    "originating", "preferences", "contents", "in_quota", "offsets", "missing_jobs",
)  # fmt: skip

Sheet = tuple[str, tuple[str, pd.DataFrame]]


def amounts(study: Study, plan: Plan) -> Iterable[Sheet]:
    """Return name, meaning and frame of every sheet on what a plan amounts to; sheets without rows are left out.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.
    """
    for name, (meaning, frame) in _every(study, plan):
        if len(frame):
            yield name, (meaning, frame)


def _every(study: Study, plan: Plan) -> Iterable[Sheet]:
    yield "moves", ("What opens, expands, resumes and closes, period by period", plant_moves(study, plan))
    yield "capacity", ("Usable capacity of each place, and what is made of it", capacity_by_period(study, plan))
    landing = Landing(study, plan)
    meaning = "What a unit from the plan's plants costs at its market, against the cheapest import"
    yield "landed cost", (meaning, landing.cost())
    yield "landed parts", ("The whole cost ledger as borne by what reaches markets, by item", landing.parts)
    gate = landing.gate().rename(columns={"usd_per_unit": "cost at the gate [USD/unit]"})
    yield "gate cost", ("What a unit costs where it is made, by item, inputs included", gate)
    flow = yearly_cash_flow(study, plan)
    named = {c: f"{item_name(str(c)).lower()} [USD]" for c in flow.columns if c not in ("factor", "present")}
    named |= {"factor": "discount factor [1]", "present": "present value [USD]"}
    meaning = "Cost year by year, undiscounted; its present values add up to the cost of the plan"
    yield "cash flow", (meaning, flow.rename(columns=named).reset_index())
    yield from _trade(study, plan)
    if study.has("incentives"):
        yield "payments", ("What programs pay each plant", program_payments(study, plan))
        claims = claims_kept(study, plan).rename(columns={"jobs_fte": "jobs in the last period [FTE]"})
        yield "claims", ("Programs that plants claim, with their pledges", claims)
    power = power_by_site(study, plan).rename(columns={"t_per_yr": "emissions [t CO2e/yr]"})
    yield "power", ("Power of each site: load, connection, clean power", power)
    limits = limit_use(study, plan).rename(
        columns={"used": "reached [unit]", "slack": "slack [unit]", "use": "used [1]"}
    )
    limits = limits.rename(columns={"at_least": "at least [unit]", "at_most": "at most [unit]"})
    yield "limits used", ("Limits with what is used of them, each in its unit", limits)
    yield "jobs by place", ("Direct jobs by state or province", jobs_by_region(study, plan))
    meaning = "Indirect and induced jobs by published multipliers: ranges, gross, never added to direct jobs"
    yield "job ranges", (meaning, jobs_by_multiplier(study, plan))
    for name in _DECIDED:
        frame = plan.decisions[name].rename(columns={"jobs_fte": "missing jobs [FTE]"})
        yield name.replace("_", " "), (DECISIONS[name].meaning, frame)


def _trade(study: Study, plan: Plan) -> Iterable[Sheet]:
    if study.has("duties"):
        yield "duty paid", ("Duty by measure and pair of countries, with its relief", duties_paid(study, plan))
    if study.has("origin_rules"):
        yield "regional value", ("Regional value content of plants under a rule of origin", regional_value(study, plan))
    if (~study.suppliers["country"].isin(COUNTRIES)).any():
        yield "import shares", ("Imported part of what arrives, by country", imports_by_country(study, plan))
