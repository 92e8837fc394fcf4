"""Programs: what is paid to everyone, and what is a choice with conditions."""

from __future__ import annotations

from collections import defaultdict

from tests.brute.figures import Place, given, listed
from tests.brute.lines import Line, total
from tests.brute.making import Making

Row = dict[str, object]
#: Kinds that are paid on building, and so count like the investment; the others are paid each year.
ON_BUILDING = ("investment", "grant")


def add(case: Making) -> None:
    """Add what programs pay, and the columns and rows of those that are a choice."""
    rules = {r["program"]: r for r in case.figures.records("program_rules")}
    named = {r["program"] for r in case.figures.records("programs")}
    offers: dict[str, dict[Place, dict[int, list[Row]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    automatic: dict[tuple[Place, int], tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for row in case.figures.records("incentives"):
        place, t = (row["site"], row["plant_type"]), case.figures.periods.index(row["period"])
        if row["program"] in rules:
            offers[row["program"]][place][t].append(row)
        elif row["kind"] == "grant" and row["program"] not in named:  # a figure of the user's own
            case.cost.plus(_granted(case, place, t), -row["value"] * case.figures.capital[t])
        elif row["kind"] in ON_BUILDING:
            share, grant = automatic[place, t]
            more = row["value"]
            automatic[place, t] = (share + more, grant) if row["kind"] == "investment" else (share, grant + more)
        else:
            _automatic(case, row, place, t)
    f = case.figures
    for (place, t), both in automatic.items():
        case.cost.plus(_covered(case, place, t, *both, kept=True), -f.capital[t])
    _claims(case, rules, offers)
    _stacking(case, offers, automatic)


def _covered(case: Making, place: Place, t: int, share: float, grant: float, *, kept: bool) -> Line:
    """Return what automatic programs pay of what is built in a period: a share and a grant, no more than it costs."""
    out = Line()
    for z, way in case.ways[place]:
        for s in way.steps:
            if s.period == t:
                paid = min(s.capex, share * s.capex + (grant if s is way.steps[0] else 0.0))
                out.add(z, paid * (s.kept if kept else 1.0))
    return out


def _invested(case: Making, place: Place, t: int) -> Line:
    """Return the own investment on which credits are paid, less the part of them that a partner takes. [USD]"""
    out = Line()
    for z, way in case.ways[place]:
        out.add(z, sum(s.capex * s.kept for s in way.steps if s.period == t))
    return out


def _granted(case: Making, place: Place, t: int) -> Line:
    """Return how many plants are new in a period, expansions not counted, less a partner's part of credits."""
    out = Line()
    for z, way in case.ways[place]:
        if way.steps[0].period == t:
            out.add(z, way.steps[0].kept)
    return out


def _automatic(case: Making, row: Row, place: Place, t: int) -> None:
    if row["kind"] == "production":
        case.pay(t, Line().add(case.make[place, row["product"], t], -row["value"]))
    else:
        case.pay(t, case.fte[place, t], -row["value"])


def _offered(case: Making, row: Row, place: Place, t: int) -> Line:
    """Return the most that one row of a program pays in a period, all its years, undiscounted. [USD]"""
    years = case.figures.years[t]
    if row["kind"] == "investment":
        return _invested(case, place, t).times(row["value"])
    if row["kind"] == "grant":
        return _granted(case, place, t).times(row["value"])
    if row["kind"] == "production":
        return Line().add(case.make[place, row["product"], t], row["value"] * years)
    return case.fte[place, t].times(row["value"] * years)


def _claims(case: Making, rules: dict[str, Row], offers: dict) -> None:
    f, p = case.figures, case.program
    case.claims, case.credits, case.most_paid = {}, {}, {}
    for program, places in offers.items():
        rule, paid = rules[program], Line()
        for place, periods in places.items():
            z = case.claims[program, place] = p.choice("claims", program, *place)
            here, most_once = Line(), 0.0
            for t, rows in periods.items():
                most = total(_offered(case, row, place, t) for row in rows)
                high = p.ceiling(most)
                most_once = max(most_once, high)
                v = case.credits[program, place, t] = p.amount("credits", program, *place, t, high=high, size=high)
                p.most(("credits", program, *place, t), Line().add(v, 1.0).minus(most))
                p.most(("eligible", program, *place, t), Line().add(v, 1.0).add(z, -high))
                on_building = any(row["kind"] in ON_BUILDING for row in rows)
                case.cost.add(v, -(f.capital[t] if on_building else f.present[t] / f.years[t]))
                here.add(v, 1.0)
            ends = [float(rule[name]) for name in ("most_usd", "pool_usd") if given(rule[name])]
            case.most_paid[program, place] = min(most_once, *ends) if ends else most_once
            if given(rule["most_usd"]):
                p.most(("cap", program, *place), here, rule["most_usd"])
            paid.plus(here)
            _pledges(case, rule, place, z)
            _requires(case, rule, place, z)
            for t, rows in periods.items():
                share = _foreign_share(case, rule, t)
                if share is not None and any(row["value"] > 0 for row in rows):
                    foreign, every = inputs_bought(case, place, t)
                    p.most_if(("foreign_ratio", program, *place, t), z, foreign.minus(every, share))
        if given(rule["pool_usd"]):
            p.most(("pool", program), paid, rule["pool_usd"])
    pairs = {tuple(sorted((name, other))) for name, rule in rules.items() for other in listed(rule["excludes"])}
    for one, other in sorted(pairs):
        for place in f.places:
            if (one, place) in case.claims and (other, place) in case.claims and one != other:
                both = Line().add(case.claims[one, place], 1.0).add(case.claims[other, place], 1.0)
                p.most(("exclusive", one, other, *place), both, 1.0)


def _pledges(case: Making, rule: Row, place: Place, z: int) -> None:
    f, p, name = case.figures, case.program, rule["program"]
    if given(rule["min_capex_usd"]):
        capex = total(case.built(place, t).plus(case.resumed_capex(place, t)) for t in f.T)
        p.least(("threshold capex", name, *place), capex.minus(Line().add(z, rule["min_capex_usd"])))
    if given(rule["min_jobs_fte"]):
        jobs = case.fte[place, f.T[-1]].minus(Line().add(z, rule["min_jobs_fte"]))
        if given(rule["clawback_usd_per_job"]):
            pledged = rule["min_jobs_fte"]
            v = p.amount("missing_jobs", name, *place, high=pledged, size=pledged)
            jobs.add(v, 1.0)
            case.cost.add(v, rule["clawback_usd_per_job"] * (1 + f.rate) ** (f.base - f.last_year))
        p.least(("threshold jobs", name, *place), jobs)


def _requires(case: Making, rule: Row, place: Place, z: int) -> None:
    f = case.figures
    for kind in listed(rule["requires"]):
        new = Line()
        for other in f.places:
            if other[1] == kind and f.origin_country(other[0]) == f.origin_country(place[0]):
                for way, _ in case.ways[other]:
                    new.add(way, 1.0)
        case.program.least(("requires", rule["program"], *place, kind), new.add(z, -1.0))


def _foreign_share(case: Making, rule: Row, t: int) -> float | None:
    """Return the most that foreign material may be in a period: the least that a row in force states, or the rule's."""
    start = case.figures.records("periods")
    row = sorted(start, key=lambda r: r["start_year"])[t]
    end = row["start_year"] + row["years"]
    stated = [
        float(p["max_foreign_share"])
        for p in case.figures.records("programs")
        if p["program"] == rule["program"]
        and given(p.get("max_foreign_share"))
        and p["first_year"] < end
        and p["last_year"] >= row["start_year"]
    ]
    if stated:
        return min(stated)
    return float(rule["max_foreign_share"]) if given(rule["max_foreign_share"]) else None


def inputs_bought(case: Making, place: Place, t: int) -> tuple[Line, Line]:
    """Return the value of the inputs of a place's products: from foreign entities, and of all with bought material."""
    f, foreign, every = case.figures, Line(), Line()
    parts = dict.fromkeys(part for product in case.products_of(place) for part in f.recipe[place[1], product])
    for part in parts:
        for origin, v in case.arrivals(place[0], part, t):
            worth = f.value(part, origin, t)
            every.add(v, worth)
            if origin in f.suppliers and f.suppliers[origin]["foreign_entity"]:
                foreign.add(v, worth * f.suppliers[origin]["foreign_entity"])
    for product in case.products_of(place):
        every.add(case.make[place, product, t], f.material(place, product, t))
    return foreign, every


def _stacking(case: Making, offers: dict, automatic: dict[tuple[Place, int], tuple[float, float]]) -> None:
    f = case.figures
    for place in f.places:
        ruled = Line()
        for (program, where, t), v in case.credits.items():
            if where == place and any(row["kind"] in ON_BUILDING for row in offers[program][place][t]):
                ruled.add(v, 1.0)
        if ruled:
            covered = (_covered(case, place, t, *automatic.get((place, t), (0.0, 0.0)), kept=False) for t in f.T)
            left = total(case.built(place, t) for t in f.T).minus(total(covered))
            case.program.most(("stacking", *place), ruled.minus(left))
