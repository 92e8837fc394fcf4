"""Limits on totals and shares: constraints ``cost_cap``, ``carbon_cap``, ``jobs_floor``, ``budget``, ``country_share``.

And ``staffing``, ``import_share``; limits on who carries how much, on delivery, power and outages are in
:mod:`evsiting.model.constraints.limits.targets`, those on numbers of plants and on ways in the modules ``counts`` and
``ways`` beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evsiting.model.columns import Columns
from evsiting.model.constraints.limits import counts, targets, ways
from evsiting.model.constraints.limits.program_use import add_programs_used
from evsiting.model.constraints.limits.scope import (
    HORIZON,
    Limit,
    Line,
    add_share,
    add_sum,
    at_period,
    flows,
    limits_of,
    markets_at,
    outputs,
    sites_at,
    slots,
)
from evsiting.model.constraints.limits.site_sets import SiteSets, add_sites_changed
from evsiting.model.expressions import Terms, capex, staff
from evsiting.model.milp import FloatArray, MilpBuilder
from evsiting.model.plan_columns import Decision, Indicator, Totals
from evsiting.model.sets import BoolArray, Sets
from evsiting.study.derived.program_rules import rules
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.limits import ON_TOTALS
from evsiting.study.study import Study

#: Sizes of the units of the rows: million USD, thousand tonnes; jobs of one plant are few, so that ten make a unit.
USD, TONNES, JOBS = OBJECTIVES["cost"].scale, OBJECTIVES["emissions"].scale, 10.0


def add(
    milp: MilpBuilder,
    study: Study,
    sets: Sets,
    columns: Columns,
    totals: Totals,
    before: Sequence[Decision | Indicator] = (),
) -> list[Decision | Indicator]:
    """Add the rows of table ``limits``, after all other rooms, whose part in the totals and columns they read."""
    hours = study.settings.model.hours_per_fte_year
    added: list[Decision | Indicator] = []
    site_sets, rule_of = SiteSets(milp, sets, columns), rules(study)
    most = {name: min(rule.most, rule.pool) for name, rule in rule_of.items()}
    adders: dict[str, Callable[[Limit], object]] = {
        "cost": lambda limit: add_cost_cap(milp, totals, limit),
        "emissions": lambda limit: add_carbon_cap(milp, totals, sets, limit),
        "freight_emissions": lambda limit: add_freight_carbon_cap(milp, totals, sets, limit),
        "jobs": lambda limit: add_jobs_floor(milp, sets, columns, limit, hours),
        "jobs_fte": lambda limit: add_staffing(milp, sets, columns, limit, hours),
        "capex": lambda limit: add_budget(milp, sets, columns, limit),
        **dict.fromkeys(
            ("output_share", "capex_share", "jobs_share"),
            lambda limit: add_country_share(milp, sets, columns, limit, hours),
        ),
        "import_share": lambda limit: add_import_share(milp, sets, columns, limit),
        "concentration": lambda limit: targets.add_concentration(milp, study, sets, columns, limit),
        "on_time_share": lambda limit: targets.add_service(milp, sets, columns, limit),
        "renewable_share": lambda limit: targets.add_renewable(milp, study, sets, columns, limit),
        "survive_share": lambda limit: targets.add_survive(milp, sets, columns, limit),
        **dict.fromkeys(
            ("plants_open", "plants_built"), lambda limit: counts.add_count(milp, study, sets, columns, limit)
        ),
        "members_open": lambda limit: counts.add_logic(milp, study, sets, columns, limit),
        **dict.fromkeys(
            ("throughput", "throughput_mass"), lambda limit: ways.add_throughput(milp, sets, columns, limit)
        ),
        "sites_changed": lambda limit: add_sites_changed(site_sets, limit),
        "programs_used": lambda limit: add_programs_used(milp, sets, before, limit, most),
        "sources": lambda limit: added.extend(ways.add_sources(milp, sets, columns, limit)),
    }
    limits = limits_of(study, sets)
    for limit in limits:
        adders[limit.kind](limit)
    return [*added, *site_sets.indicators, *add_penalties(sets, totals, limits)]


def add_penalties(sets: Sets, totals: Totals, limits: Sequence[Limit]) -> list[Decision]:
    """Add what breaking soft limits costs, after all constraints of limits, and return the decision ``violations``.

    A limit on cost does not count it, so that it cannot be broken by its own price.
    """
    soft = [limit for limit in limits if limit.violations]
    if not soft:
        return []
    periods, present = sets.horizon.periods, sets.horizon.present
    column = np.full((len(soft), len(periods)), -1, dtype=np.int64)
    scale = np.ones(len(soft))
    for k, limit in enumerate(soft):
        for slot, (one, unit) in limit.violations.items():
            t = len(periods) - 1 if slot == HORIZON else periods.index(slot)
            column[k, t], scale[k] = one, unit
            weight = 1.0 if limit.kind in ON_TOTALS else float(present[t])
            totals.cost([one], [limit.penalty * unit * weight])
    names = np.array([limit.name for limit in soft], dtype=object)
    return [Decision("violations", {"limit": names}, column, periods, scale)]


def add_cost_cap(milp: MilpBuilder, totals: Totals, limit: Limit) -> None:
    r"""The cost of the whole plan stays below a ceiling (or above a floor).

    .. math:: \underline{c} \le cost \le \bar c \quad [\mathrm{USD, present\ value}] \tag{cost\_cap}
    """
    (cost,) = (o for o in totals.objectives(milp.width) if o.name == "cost")
    column = np.flatnonzero(cost.coefficients)
    line = Line(np.zeros_like(column), column, cost.coefficients[column], np.array([cost.constant]))
    add_sum(milp, "cost_cap", limit, line * cost.unit, USD, [HORIZON])


def add_carbon_cap(milp: MilpBuilder, totals: Totals, sets: Sets, limit: Limit) -> None:
    r"""Emissions of the whole plan stay below a ceiling (or above a floor), over the horizon or in one period.

    .. math:: \underline{e} \le \sum_{t \in T_k} n_t\,e_t \le \bar e \quad [\mathrm{t\,CO_2e}] \tag{carbon\_cap}

    with the years n of a period; :math:`T_k` is the period of the limit, or all.
    """
    add_sum(milp, "carbon_cap", limit, _tonnes(totals, sets, limit), TONNES, [_slot(sets, limit)])


def add_freight_carbon_cap(milp: MilpBuilder, totals: Totals, sets: Sets, limit: Limit) -> None:
    r"""Emissions of transport stay below a ceiling (or above a floor), over the horizon or in one period.

    .. math:: \underline{e} \le \sum_{t \in T_k} n_t \sum_l e_l\,ship_{lt} / 1000 \le \bar e
       \quad [\mathrm{t\,CO_2e}] \tag{freight\_carbon\_cap}
    """
    add_sum(milp, "freight_carbon_cap", limit, _tonnes(totals, sets, limit), TONNES, [_slot(sets, limit)])


def add_jobs_floor(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit, hours: float) -> None:
    r"""Direct jobs at a place, of a plant type or in all reach a floor (or stay below a ceiling).

    .. math:: \underline{s} \le \sum_{t \in T_k} n_t \sum_{q \in Q_k} s_{qt} \le \bar s
       \quad [\mathrm{job\text{-}years}] \tag{jobs\_floor}

    over the horizon or in one period; :math:`Q_k` are the places of the limit's country, state, site and plant type.
    """
    years = sets.horizon.years.astype(np.float64)
    terms, standing = _here(sets, limit, *staff(sets, columns, hours))
    line = _total(limit, Terms(terms.row, terms.column, terms.value * years[terms.row]), standing * years)
    add_sum(milp, "jobs_floor", limit, line, JOBS, [_slot(sets, limit)])


def add_staffing(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit, hours: float) -> None:
    r"""Direct staff at a place, of a plant type or in all reaches a floor (or stays below a ceiling) in each period.

    .. math:: \underline{s} \le \sum_{q \in Q_k} s_{qt} \le \bar s \quad [\mathrm{FTE}]
       \quad \forall t \in T_k \tag{staffing}

    The mean over the years of a period, of which ``jobs_floor`` counts every year.
    """
    line = _yearly(limit, *_here(sets, limit, *staff(sets, columns, hours)))
    add_sum(milp, "staffing", limit, line, JOBS, slots(sets, limit))


def add_budget(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""Own investment at a place, in a plant type or in all stays within a budget (or reaches a floor).

    .. math:: \underline{I} \le \sum_{t \in T_k} \sum_{q \in Q_k} \sum_{c \in q} I_{ct}\,build_{ct} \le \bar I
       \quad [\mathrm{USD}] \tag{budget}

    Undiscounted, over the horizon or in one period. New options, expansions and resumed plants count with the own part
    of their investment, before any credit; grid upgrades do not count.
    """
    terms, nothing = _here(sets, limit, capex(sets, columns), np.zeros(sets.places.capacity.shape))
    add_sum(milp, "budget", limit, _total(limit, terms, nothing), USD, [_slot(sets, limit)])


def add_country_share(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit, hours: float) -> None:
    r"""A country, state or site has at least, or at most, a share of the output of a product, of investment or of jobs.

    .. math:: \sum_{q \in here} x_{qt} \;\substack{\ge \\ \le}\; \sigma \sum_q x_{qt}, \qquad
       x_{qt} = out_{qpt}, \quad \sum_{c \in q} I_{ct}\,build_{ct} \quad \text{or} \quad s_{qt}
       \quad \forall t \in T_k \tag{country\_share}

    The output :math:`out_{qpt}` is what a plant makes, and what comes beside of another product less what is disposed
    of. A plant type named by the limit narrows both sides. Shares of investment hold over the horizon where the limit
    names no period, the others in every period. Where the whole is nothing, the share holds.
    """
    inside = sites_at(sets, limit.place)[sets.places.site]
    if limit.kind == "capex_share":
        every, _ = _here(sets, limit, capex(sets, columns), np.zeros(sets.places.capacity.shape), place=False)
        part, _ = _here(sets, limit, capex(sets, columns), np.zeros(sets.places.capacity.shape))
        zero = np.zeros(len(sets.horizon))
        inner, outer = (_total(limit, terms, zero) * (1.0 / USD) for terms in (part, every))
        add_share(milp, "country_share", limit, inner, outer, USD, [_slot(sets, limit)])
        return
    unit = 1.0 if limit.kind == "jobs_share" else float(sets.scale[limit.product])
    if limit.kind == "jobs_share":
        jobs = staff(sets, columns, hours)
        inner, outer = (_yearly(limit, *_here(sets, limit, *jobs, place=p)) for p in (True, False))
    else:
        mine: BoolArray = (limit.plant_type < 0) | (sets.places.plant_type == limit.plant_type)
        inner, outer = (outputs(limit, sets, columns, mask) for mask in (mine & inside, mine))
    add_share(milp, "country_share", limit, inner, outer, unit, slots(sets, limit))


def add_import_share(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""Of what arrives of a product at sites and markets of a place, at most a share comes from overseas.

    .. math:: \sum_{l \in in(k),\,s(l)\ \text{abroad}} ship_{lt} \;\substack{\le \\ \ge}\;
       \sigma \sum_{l \in in(k)} ship_{lt} \quad \forall t \in T_k \tag{import\_share}

    Suppliers outside the United States, Canada and Mexico are abroad. What a site makes and uses itself arrives, too.
    What a center passes on has arrived at the center, and does not arrive again where it goes.
    """
    lanes = sets.lanes
    passes = np.zeros((len(sets.sites) + 1, len(sets.products)), dtype=np.bool_)
    on = sets.makes.step > 0
    passes[sets.places.site[sets.makes.place[on]], sets.makes.product[on]] = True
    arrives = np.append(sites_at(sets, limit.place), False)[lanes.to_site]
    arrives |= np.append(markets_at(sets, limit.place), False)[lanes.to_market]
    arrives &= (lanes.product == limit.product) & ~passes[lanes.site, lanes.product]
    abroad = ~np.isin(np.append(sets.supplier_values.country, COUNTRIES[0]), COUNTRIES)[lanes.supplier]
    part, whole = (flows(limit, columns.ship[mask]) for mask in (arrives & abroad, arrives))
    add_share(milp, "import_share", limit, part, whole, float(sets.scale[limit.product]), slots(sets, limit))


def _tonnes(totals: Totals, sets: Sets, limit: Limit) -> Line:
    """Return the emissions that a limit bounds, by its kind. [t]"""
    column, period, value, constant = totals.yearly(limit.kind)
    years = sets.horizon.years.astype(np.float64)
    return _total(limit, Terms(period, column, value * years[period]), constant * years)


def _slot(sets: Sets, limit: Limit) -> str:
    """Return the name of the one slot of a limit on a total."""
    return HORIZON if limit.whole else sets.horizon.periods[limit.periods[0]]


def _here(
    sets: Sets, limit: Limit, terms: Terms, constant: FloatArray, *, place: bool = True
) -> tuple[Terms, FloatArray]:
    """Return what belongs to a limit's place and plant type, by period: entries with row t, constants of shape (T,)."""
    steps, places = len(sets.horizon), sets.places
    counted: BoolArray = (limit.plant_type < 0) | (places.plant_type == limit.plant_type)
    if place:
        counted = counted & sites_at(sets, limit.place)[places.site]
    mine = counted[terms.row // steps]
    inside = Terms(terms.row[mine] % steps, terms.column[mine], terms.value[mine])
    return inside, np.asarray(constant[counted].reshape(-1, steps).sum(axis=0))


def _total(limit: Limit, terms: Terms, constant: FloatArray) -> Line:
    """Return the sum over the periods of a limit as one slot; ``terms.row`` is the period."""
    mine = np.isin(terms.row, limit.periods)
    column, value = terms.column[mine], terms.value[mine]
    return Line(np.zeros_like(column), column, value, np.array([constant[list(limit.periods)].sum()]))


def _yearly(limit: Limit, terms: Terms, constant: FloatArray) -> Line:
    """Return a slot for each period of a limit; ``terms.row`` is the period."""
    slot = at_period(limit, terms.row)
    mine = slot >= 0
    return Line(slot[mine], terms.column[mine], terms.value[mine], constant[list(limit.periods)])
