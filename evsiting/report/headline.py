"""What a plan means: the figures of the first screen and the cost of one unit delivered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evsiting.report.ledger_items import item_order
from evsiting.report.number_format import at_most, digits, format_objective, format_percent, format_units, format_usd
from evsiting.results.analysis.key_figures import arrivals, bought_shares, import_unit_cost, unit_costs
from evsiting.results.analysis.timeline import plant_moves
from evsiting.results.ledgers.ledgers import demand_by_period
from evsiting.results.plan import PENALTIES, RESOLVED, Plan
from evsiting.results.record.solve import ALL_SCENARIOS, verified_words
from evsiting.study.horizon import Horizon
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study

#: Periods that find room side by side in a table.
MOST_PERIODS = 8


@dataclass(frozen=True)
class Headline:
    """Figures derived from one plan.

    Parameters
    ----------
    unit : str
        What one delivered unit is, if all demanded products share it (``vehicle``); otherwise empty.
    delivered : float
        Units delivered to markets over the horizon; ``nan`` where the unit is not one.
    delivered_last : float
        Units a year delivered in the last period.
    wanted_last : float
        Units a year wanted in the last period.
    landed_usd : float
        Cost of the plan, penalties for unmet demand left out, per unit delivered, both discounted. [USD/unit]
    import_usd : float
        The same units from the cheapest supplier abroad of each market: price, freight, duty; ``nan`` where a
        market has none. [USD/unit]
    import_share : float
        Delivered units that come from outside the three countries. [fraction]
    bought : mapping of str to float
        For each input: the part of what is used that comes from suppliers. [fraction]
    steps : tuple of (str, float)
        Ledger items per unit delivered, which add up to ``landed_usd``. [USD/unit]
    fte_last : float
        Full-time positions in the last period.
    kg_per_unit : float
        Emissions per unit delivered. [kg CO2e/unit]
    served : float
        Delivered over wanted, over the horizon. [fraction]
    """

    unit: str
    delivered: float
    delivered_last: float
    wanted_last: float
    landed_usd: float
    import_usd: float
    import_share: float
    bought: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[tuple[str, float], ...] = ()
    fte_last: float = math.nan
    kg_per_unit: float = math.nan
    served: float = math.nan


def period_labels(study: Study) -> dict[str, str]:
    """Return the years of each period by its name, such as ``2027–2029``."""
    frame = study.periods.sort_values("start_year")
    return {
        str(p): f"{s}–{s + n - 1}" if n > 1 else f"{s}"
        for p, s, n in zip(frame["period"], frame["start_year"], frame["years"], strict=True)
    }


def shown_periods(study: Study) -> dict[str, str]:
    """Return the periods that have a column of their own in a table, with their years: all, or some of very many.

    The first and the last are among them.
    """
    every = list(period_labels(study).items())
    if len(every) <= MOST_PERIODS:
        return dict(every)
    step = (len(every) - 1) / (MOST_PERIODS - 1)
    return dict(every[round(n * step)] for n in range(MOST_PERIODS))


def period_note(study: Study) -> str:
    """Return a sentence on periods without a column of their own; empty where all have one."""
    count = len(study.periods)
    return f" Of {count} periods {MOST_PERIODS} are shown; the workbook has all." if count > MOST_PERIODS else ""


def period_spans(study: Study) -> dict[str, list[str]]:
    """Return what sums over time have columns for: years as text, and the periods that are added up."""
    every = list(period_labels(study).items())
    count = min(len(every), MOST_PERIODS)
    edges = [round(n * len(every) / count) for n in range(count + 1)]
    spans = {}
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        part = every[low:high]
        label = part[0][1] if len(part) == 1 else f"{part[0][1][:4]}–{part[-1][1][-4:]}"
        spans[label] = [period for period, _ in part]
    return spans


def names(study: Study, table: str) -> dict[str, str]:
    """Return the printed name of each row of a table by its code."""
    frame = study.table(table)
    if not len(frame):
        return {}
    code = frame[TABLES[table].key[0]].astype(str)
    if "name" not in frame:
        return dict(zip(code, code, strict=True))
    shown = frame["name"].fillna("").astype(str)
    return {c: n or c for c, n in zip(code, shown, strict=True)}


def kind_names(study: Study) -> dict[str, str]:
    """Return the printed name of each plant type: its code with spaces."""
    return {str(k): str(k).replace("_", " ") for k in study.processes["plant_type"].unique()}


def capacity_units(study: Study) -> dict[str, str]:
    """Return the unit in which each plant type's capacity is counted: that of what it makes."""
    joined = study.processes.merge(study.products[["product", "unit"]], on="product")
    by = joined.groupby("plant_type")["unit"].unique()
    return {str(k): f"{u[0]}/yr" if len(u) == 1 else "units/yr" for k, u in by.items()}


def _final_unit(study: Study) -> str:
    """Return the unit of what markets want, if there is only one."""
    wanted = study.demand.loc[study.demand["units_per_yr"] > 0, "product"].unique()
    units = study.products.set_index("product").loc[list(wanted), "unit"].unique()
    return str(units[0]) if len(units) == 1 else ""


def facts(study: Study, plan: Plan) -> Headline:
    """Return the derived figures of a plan.

    Parameters
    ----------
    study : Study
        The study that the plan answers.
    plan : Plan
        The plan.

    Returns
    -------
    Facts
        ``nan`` where a figure has no meaning, such as a cost per unit when markets want kWh and vehicles.
    """
    horizon = Horizon.of(study.periods, study.settings.money)
    years = dict(zip(horizon.periods, horizon.years.tolist(), strict=True))
    last = horizon.periods[-1]
    arrived, demand = arrivals(study, plan), demand_by_period(study)
    wanted = float((demand["units_per_yr"] * demand["period"].map(years).astype("float64")).sum())
    unit = _final_unit(study)
    suppliers = study.suppliers.set_index("supplier")
    abroad = suppliers.index[~suppliers["country"].isin(COUNTRIES)]
    delivered = float(arrived["units"].sum())
    cost = unit_costs(study, plan).set_index("item")["usd_per_unit"]
    steps = [(i, float(cost[i])) for i in item_order(list(cost.index)) if i not in PENALTIES]
    foreign = float(arrived.loc[arrived["origin"].isin(abroad), "units"].sum())
    one = bool(unit) and delivered > 0
    return Headline(
        unit=unit,
        delivered=delivered if unit else math.nan,
        delivered_last=float(arrived.loc[arrived["period"] == last, "units_per_yr"].sum()),
        wanted_last=float(demand.loc[demand["period"] == last, "units_per_yr"].sum()),
        landed_usd=sum(v for _, v in steps) if one else math.nan,
        import_usd=import_unit_cost(study, plan) if one else math.nan,
        import_share=foreign / delivered if delivered else math.nan,
        bought={str(p): float(v) for p, v in bought_shares(study, plan).items() if p in set(suppliers["product"])},
        steps=tuple(s for s in steps if s[1]) if one else (),
        fte_last=float(plan.sites["jobs_fte"].sum()) if len(plan.sites) else 0.0,
        kg_per_unit=1e3 * plan.totals["emissions"] / delivered if one else math.nan,
        served=delivered / wanted if wanted else math.nan,
    )


def join_words(items: Sequence[str], most: int) -> str:
    """Return ``a, b and c`` or ``a, b and 5 more``."""
    items = items if len(items) <= most else [*items[: most - 1], f"{len(items) - most + 1} more"]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def answer(study: Study, plan: Plan) -> str:
    """Return the answer in a sentence or two: how many plants of which kind, where, and what else moves.

    Examples
    --------
    ``Build 3 plants: 1 cell plant (Memphis); 2 pack plants (Memphis and Monterrey). Expand 1 of them later.``
    """
    return " ".join([_openings_sentence(study, plan), *_moves_sentences(study, plan)])


def _moves_sentences(study: Study, plan: Plan) -> list[str]:
    """Return what is expanded, resumed and closed, in sentences."""
    moves = plant_moves(study, plan)
    named = names(study, "plants")
    parts = []
    own = moves["option"] != ""  # what the plan builds itself
    begun = moves["plant"].map(moves[moves["move"] == "opens"].set_index("plant")["period"])
    for move, word, part in (("expands", "Expand", ""), ("shrinks", "Close", "part of "), ("closes", "Close", "")):
        count = moves.loc[(moves["move"] == move) & own & (moves["period"] != begun), "plant"].nunique()
        every = "all" if count == len(plan.opened) > 1 else str(count)
        if count:
            parts.append(f"{word} {part}{'it' if len(plan.opened) == 1 else f'{every} of them'} later.")
    for move, word in (("resumes", "Resume"), ("closes", "Close")):
        plants = [named.get(str(p), str(p)) for p in moves.loc[(moves["move"] == move) & ~own, "plant"]]
        if plants:
            parts.append(f"{word} {join_words(plants, 3) if len(plants) <= 3 else f'{len(plants)} standing plants'}.")
    return parts


def _openings_sentence(study: Study, plan: Plan) -> str:
    opened = plan.opened
    if not len(opened):
        units = plan.shipments.loc[plan.shipments["destination"].isin(study.markets["market"]), "units_per_yr"]
        if not (units > 0).any():
            return "Build nothing new. No market is served."
        part = " a part of" if len(plan.unmet) and (plan.unmet["units_per_yr"] > 0).any() else ""
        return f"Build nothing new: what stands and what can be bought serves{part} the demand."
    shown = kind_names(study)
    kinds = [k for k in study.processes["plant_type"].astype(str).unique() if (opened["plant_type"] == k).any()]
    room = max(1, 9 // len(kinds))
    parts = []
    for kind in kinds:
        mine = opened[opened["plant_type"] == kind].sort_values("capacity_units_per_yr", ascending=False)
        count = len(mine)
        noun = f"{count} {shown.get(kind, kind)} plant{'s' if count > 1 else ''}"
        parts.append(f"{noun} ({join_words([str(n) for n in mine['name']], room)})" if len(opened) <= 24 else noun)
    total = f"Build {len(opened)} plant{'s' if len(opened) > 1 else ''}"
    if len(opened) <= 24:
        return f"{total}: {'; '.join(parts)}."
    by = opened.groupby("region").size().sort_values(ascending=False)
    return f"{total} at {opened['site'].nunique()} sites in {len(by)} states and provinces: {join_words(parts, 9)}."


def consequence(study: Study, plan: Plan, head: Headline) -> str:
    """Return what the plan achieves, in one or two sentences."""
    years = list(period_labels(study).values())
    parts = []
    if head.unit and not head.delivered:
        parts.append(f"Of {format_units(head.wanted_last, f'{head.unit}/yr')} wanted in {years[-1]}, none arrive.")
    elif head.unit:
        units = format_units(head.delivered_last, f"{head.unit}/yr")
        text = f"Markets receive {units} in {years[-1]}"
        if math.isfinite(head.served):
            part = "all" if head.served > 0.99995 else f"{format_percent(head.served)} of what"
            span = f" over {years[0][:4]}–{years[-1][-4:]}" if len(years) > 1 else ""
            text += f", {part} they want{span}"
        if math.isfinite(head.landed_usd):
            text += f", at {format_usd(head.landed_usd)} a {head.unit}"
        if math.isfinite(head.import_usd) and head.import_usd:
            change = head.landed_usd / head.import_usd - 1.0
            text += f", {format_percent(abs(change), 2)} {'below' if change < 0 else 'above'} the cheapest import"
        parts.append(f"{text}.")
    cost = plan.ledgers["cost"]
    credits = float(cost.loc[cost["item"] == "credits", "value"].sum())
    if credits:
        parts.append(f"Programs pay {format_usd(-credits)}, present value.")
    return " ".join(parts)


def solver_words(plan: Plan) -> str:
    """Return how the answer was reached, in a line."""
    solve = plan.solve
    name = f"{solve.engine} {solve.engine_version}".strip() or "unknown solver"
    line = f"{name}, {digits(solve.seconds)} s, {solve.columns:,} columns × {solve.rows:,} rows"
    if solve.bound_by == "prices":
        line += "; the bound can be recomputed from its prices without a solver (evsiting certify)"
    if solve.aggregated:
        line += f"; bound over {solve.aggregated}, for all sites and all lanes that could be made"
    return f"{line}; {verified_words(solve)}" if solve.verified else line


def status_words(plan: Plan) -> tuple[str, str]:
    """Return the status for people, and ``good``, ``fair`` or ``poor``."""
    gap = at_most(plan.gap)
    if plan.is_dominated_by_fixed and plan.status in ("optimal", "feasible"):
        whole = (
            f"Most of the objective is {plan.fixed_words.removeprefix('the ')}: the proven gap is {gap} of the whole,"
        )
        return f"{whole} yet {at_most(plan.net_gap)} of the rest.", "fair"
    if plan.status == "optimal":
        return f"Optimal: no plan can be more than {gap} better, by proof{_in_units(plan)}.", "good"
    if plan.solve.limit == ALL_SCENARIOS:
        return (
            "One of the plans for all scenarios: what is built is chosen for all of them together, not for this one "
            "alone. What is proven is proven of all together.",
            "fair",
        )
    why = {
        "time": "the time limit",
        "interrupt": "an interrupt",
        "nodes": "the node limit",
        "aggregation": "what groups of places leave open",
    }.get(plan.solve.limit, plan.solve.limit or "a limit")
    if plan.status == "feasible" and math.isfinite(plan.gap):
        return f"Stopped by {why}: a better plan may exist, by at most {gap}{_in_units(plan)}.", "fair"
    return f"Status {plan.status}: how far this plan is from the best one is not known.", "poor"


def _in_units(plan: Plan) -> str:
    """Return the gap in units of what was minimised, and as a part of what siting can change; nothing for no gap."""
    solve = plan.solve
    if not RESOLVED < plan.gap < math.inf:
        return ""
    words = (
        f" ({format_objective(solve.objective_name, solve.absolute_gap)}" if solve.objective_name in OBJECTIVES else ""
    )
    if solve.unavoidable > solve.constant and math.isfinite(plan.siting_gap):
        words += f"{', ' if words else ' ('}{at_most(plan.siting_gap)} of what siting can change"
    return f"{words})" if words else ""


def bought_words(study: Study, headline: Headline) -> str:
    """Return the bought part of each input that plants can make, such as ``cells 12 %``."""
    shown = names(study, "products")
    made = set(study.processes["product"])  # of what nobody can make, all is bought
    return ", ".join(f"{shown.get(p, p)} {format_percent(v, 2)}" for p, v in headline.bought.items() if p in made)
