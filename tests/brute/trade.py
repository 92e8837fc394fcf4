"""Relief from duties: preferences, rules of origin, quotas, offsets; gateways and commitments."""

from __future__ import annotations

from tests.brute.figures import HOME, given, in_force, listed, text
from tests.brute.lines import Line, total
from tests.brute.making import Making


def add(case: Making) -> None:
    """Add the columns and rows of trade."""
    _qualify(case)
    preferred = _prefer(case)
    _once(case, "held once", case.held)
    for (place, product, t), columns in case.entering.items():
        line = Line().add(case.make[place, product, t], -1.0)
        for v in columns:
            line.add(v, 1.0)
        case.program.most(("entering of", place, product, t), line)
    _quotas(case, preferred)
    _offsets(case)
    _gateways(case)
    _commitments(case)


def _rules(case: Making) -> dict[str, dict[str, object]]:
    return {r["product"]: r for r in case.figures.records("origin_rules")}


def _qualify(case: Making) -> None:
    """Whether a product of a site qualifies, and which inputs count as originating."""
    f, p = case.figures, case.program
    rules = _rules(case)
    case.qualified = {
        (site, product, t): p.choice("qualified", site, product, t)
        for product in rules
        for site in f.sites
        for t in f.T
        if p.ceiling(case.made(site, product, t)) > 0
    }
    case.originating = {}
    case.paid = {}
    for (seller, part, t), z in case.qualified.items():
        for buyer in f.sites:
            sent = case.flow(t, product=part, start=seller, end=buyer)
            most = p.ceiling(sent)
            if not sent or most <= 0 or not any(part in f.parts(product) for product in rules):
                continue
            v = p.amount("originating", part, seller, buyer, t, high=most, size=most)
            case.originating[part, seller, buyer, t] = v
            p.most(("originating", part, seller, buyer, t), Line().add(v, 1.0).minus(sent))
            p.most(("originating if", part, seller, buyer, t), Line().add(v, 1.0).add(z, -most))
    for (site, product, t), z in case.qualified.items():
        _origin(case, rules, site, product, t, z)
    _once(case, "paid once", case.paid)


def _foreign_units(case: Making, rules: dict, site: str, part: str, t: int) -> list[tuple[Line, float]]:
    """Return the units of an input that do not originate, each with its value."""
    f, out = case.figures, []
    worth = f.products[part]["value_usd_per_unit"]
    for origin in dict.fromkeys(o for o, _ in case.arrivals(site, part, t)):
        units = case.flow(t, product=part, start=origin, end=site)
        if case.foreign(origin):
            out.append((units, f.price(origin, t)))
        elif origin in f.sites and part in rules:
            counted = case.originating.get((part, origin, site, t))
            out.append((units.add(counted, -1.0) if counted is not None else units, worth))
    return out


def _origin(case: Making, rules: dict, site: str, product: str, t: int, z: int) -> None:
    f, p, rule = case.figures, case.program, rules[product]
    made = case.made(site, product, t)
    net = rule["net_cost_usd_per_unit"]
    net = float(net) if given(net) else float(f.products[product]["value_usd_per_unit"])
    foreign = made.times(rule["other_foreign_usd_per_unit"])
    core = Line()
    for part in case.parts_at(site, product, t):
        for units, value in _foreign_units(case, rules, site, part, t):
            foreign.plus(units, value)
            if part in listed(rule["core_parts"]):
                core.plus(units)
    p.most_if(("rvc", site, product, t), z, foreign.minus(made, net - rule["rvc"] * net))
    p.most_if(("core", site, product, t), z, core)
    if given(rule["lvc"]):
        high = made.times(rule["other_high_wage_usd_per_unit"])
        least = rule["high_wage_usd_per_h"]
        for part in case.parts_at(site, product, t):
            taken = Line()
            for n, lane in enumerate(f.lanes):
                if (lane["product"], lane["destination"]) != (part, site):
                    continue
                origin, most = lane["origin"], p.high[case.ship[n, t]]
                v = p.amount("paid", product, n, t, high=most, size=max(1.0, most))
                case.paid.setdefault((n, t), []).append(v)
                taken.add(v, 1.0)
                if origin in f.sites and f.at_site("wage_usd_per_h", origin, t) >= least:
                    high.add(v, f.products[part]["value_usd_per_unit"])
                elif origin in f.suppliers and f.suppliers[origin]["country"] in ("US", "CA"):
                    high.add(v, f.price(origin, t))
            p.most(("paid of", site, product, part, t), taken.minus(case.takes(site, product, part, t)))
        if f.at_site("wage_usd_per_h", site, t) >= least:
            for place in case.places_at[site]:
                if product in case.products_of(place):
                    labor = f.processes[place[1], product]["labor_h_per_unit"]
                    high.add(case.make[place, product, t], f.hourly(site, t) * labor)
        p.most_if(("lvc", site, product, t), z, made.times(rule["lvc"] * net).minus(high))


def _prefer(case: Making) -> dict[tuple[str, str, str, int], int]:
    """Units that enter as originating, and the content of the destination declared in them."""
    f, p, rules = case.figures, case.program, _rules(case)
    out = {}
    case.held, case.entering = {}, {}
    for product in f.products:
        for site in f.sites:
            for country in HOME:
                home = f.origin_country(site)
                for t in f.T:
                    free = f.duty(product, home, country, t, relief="free")
                    part = f.duty(product, home, country, t, relief="content")
                    sent = case.flow(t, product=product, start=site, ends=country)
                    most = min(p.ceiling(sent), p.ceiling(case.made(site, product, t)))
                    if free + part <= 0 or most <= 0:
                        continue
                    key = (site, product, country, t)
                    v = out[key] = p.amount("preferences", *key, high=most, size=most)
                    p.most(("preferences", *key), Line().add(v, 1.0).minus(sent))
                    if product in rules:
                        p.most(
                            ("preferences if", *key), Line().add(v, 1.0).add(case.qualified[site, product, t], -most)
                        )
                    worth = float(f.products[product]["value_usd_per_unit"])
                    case.pay(t, Line().add(v, -free * worth))
                    if part > 0:
                        _content(case, key, v, part, worth, rules.get(product))
    return out


def _content(case: Making, key: tuple, units: int, rate: float, worth: float, rule: dict | None) -> None:
    """Content of a country in the units that enter it: each holds its bill of materials, bought lane by lane."""
    f, p = case.figures, case.program
    site, product, country, t = key
    inside = Line().add(units, rule["other_content_usd_per_unit"] if rule else 0.0)
    entering = _entering(case, key, units)
    for part in case.parts_at(site, product, t):
        held = Line()
        for n, lane in enumerate(f.lanes):
            if (lane["product"], lane["destination"]) != (part, site) or f.origin_country(lane["origin"]) != country:
                continue
            most = p.high[case.ship[n, t]]
            v = p.amount("held", product, n, t, high=most, size=max(1.0, most))
            case.held.setdefault((n, t), []).append(v)
            held.add(v, 1.0)
            inside.add(v, f.value(part, lane["origin"], t))
        p.most(
            ("held of", *key, part),
            held.minus(total(Line().add(v, f.recipe[k, product].get(part, 0.0)) for k, v in entering.items())),
        )
    high = worth * p.high[units]
    v = p.amount("contents", *key, high=high, size=high)
    p.most(("contents", *key), Line().add(v, 1.0).minus(inside))
    p.most(("contents of", *key), Line().add(v, 1.0).add(units, -worth))
    case.pay(t, Line().add(v, -rate))


def _entering(case: Making, key: tuple, units: int) -> dict[str, int]:
    """By plant type that made them, the units that enter a country; what enters one does not enter another."""
    site, product, _, t = key
    found = {
        k: case.program.amount("entering", *key, k, high=most, size=max(1.0, most))
        for k in case.figures.makers(product)
        if (most := case.program.high[case.make[(site, k), product, t]]) > 0
    }
    case.program.equal(("entering", *key), total(Line().add(v, 1.0) for v in found.values()).add(units, -1.0))
    for k, v in found.items():
        case.entering.setdefault(((site, k), product, t), []).append(v)
    return found


def _once(case: Making, name: str, parts: dict[tuple[int, int], list[int]]) -> None:
    """What comes by a lane and counts for one product of a site does not count for another."""
    for (n, t), columns in parts.items():
        line = Line().add(case.ship[n, t], -1.0)
        for v in columns:
            line.add(v, 1.0)
        case.program.most((name, n, t), line)


def _quotas(case: Making, preferred: dict[tuple[str, str, str, int], int]) -> None:
    f, p = case.figures, case.program
    entering: dict[tuple, list[tuple[dict, int, float]]] = {}
    for quota in f.records("quotas"):
        product, home, country = quota["product"], quota["origin"], quota["destination"]
        share = f.held(quota["first_year"], quota["last_year"])
        for t in f.T:
            sellers = [s for s in f.sites if f.origin_country(s) == home]
            sellers += [s for s, r in f.suppliers.items() if r["country"] == home and r["product"] == product]
            within = Line()
            for seller in sellers:
                sent = case.flow(t, product=product, start=seller, ends=country)
                if share[t] <= 0 or not sent or p.ceiling(sent) <= 0:
                    continue
                saved = f.quota_saving(quota, t) * f.dutiable(product, seller, t)
                v = p.amount("in_quota", quota["quota"], seller, t, high=p.ceiling(sent), size=p.ceiling(sent))
                within.add(v, 1.0)
                case.pay(t, Line().add(v, -saved))
                entering.setdefault((seller, product, home, country, quota["measure"], t), []).append(
                    (quota, v, share[t])
                )
                p.most(("in_quota while", quota["quota"], seller, t), Line().add(v, 1.0).minus(sent, share[t]))
            if within:
                p.most(("quota", quota["quota"], t), within, float(quota["units_per_yr"]) * share[t])
    for (seller, product, home, country, measure, t), found in entering.items():
        sent = case.flow(t, product=product, start=seller, ends=country)
        law = [
            d
            for d in f.records("duties")
            if (d["product"], d["origin"], d["destination"], d["measure"]) == (product, home, country, measure)
        ]
        for year, _ in f.weights[t]:
            here = Line()
            for quota, v, share in found:
                if in_force(quota, year):
                    here.add(v, 1.0 / share)
            twin = preferred.get((seller, product, country, t))
            spared = any(in_force(d, year) and d["rate"] > 0 and text(d["relief"]) not in ("", "none") for d in law)
            if here and twin is not None and spared:
                here.add(twin, 1.0)
            if here:
                p.most(("spared once", seller, product, country, measure, year), here.minus(sent))


def _offsets(case: Making) -> None:
    """Duties of a measure on what is in the products of a site, offset by making them."""
    f, p = case.figures, case.program
    rows = f.records("duty_offsets")
    arrived: dict[tuple[int, int], list[int]] = {}
    for site in f.sites:
        country = f.origin_country(site)
        earns = {(r["product"], r["measure"]) for r in rows if r["destination"] == country}
        for product in dict.fromkeys(r["product"] for r in rows):
            for t in f.T if any(q == product for q, _ in earns) else ():
                inside = _inside(case, site, product, t, arrived)
                for measure in sorted({m for q, m in earns if q == product}):
                    mine = [
                        r for r in rows if (r["destination"], r["measure"], r["product"]) == (country, measure, product)
                    ]
                    worth = sum(
                        f.held(r["first_year"], r["last_year"])[t] * r["share"] * r["value_usd_per_unit"] for r in mine
                    )
                    room, paid = case.made(site, product, t).times(worth), Line()
                    for n, v in inside:
                        _owed(case, paid, product, measure, n, t, v)
                    most = p.ceiling(room)
                    if most <= 0 or not paid:
                        continue
                    v = p.amount("offsets", site, product, measure, t, high=most, size=most)
                    p.most(("offset", site, product, measure, t), Line().add(v, 1.0).minus(room))
                    p.most(("offset of", site, product, measure, t), Line().add(v, 1.0).minus(paid))
                    case.pay(t, Line().add(v, -1.0))
    _once(case, "borne once", arrived)


def _inside(
    case: Making, site: str, product: str, t: int, arrived: dict[tuple[int, int], list[int]]
) -> list[tuple[int, int]]:
    """Return the units of inputs that are in a product, by lane: taken for it, or for what the site makes for it."""
    f, p, out = case.figures, case.program, []

    def add(taker: str, path: tuple[str, ...], room: dict[str, Line]) -> None:
        for part in case.parts_at(site, taker, t):
            total = Line()
            for n, lane in enumerate(f.lanes):
                if (lane["product"], lane["destination"]) != (part, site):
                    continue
                most = p.high[case.ship[n, t]]
                v = p.amount("borne", site, product, *path, n, t, high=most, size=max(1.0, most))
                arrived.setdefault((n, t), []).append(v)
                total.add(v, 1.0)
                if lane["origin"] != site:
                    out.append((n, v))
                    continue
                held = {inner: Line().add(v, max(f.each(part, inner))) for inner in case.parts_at(site, part, t)}
                add(part, (*path, part, str(n)), held)
            p.most(("borne of", site, product, *path, part, t), total.minus(room[part]))

    add(product, (), {part: case.takes(site, product, part, t) for part in case.parts_at(site, product, t)})
    return out


def _owed(case: Making, paid: Line, product: str, measure: str, n: int, t: int, units: int) -> None:
    """Add the duty of a measure on units that come by a lane, where it is spared in no other way. [USD/yr]"""
    f, p, lane = case.figures, case.program, case.figures.lanes[n]
    part, origin = lane["product"], lane["origin"]
    home, country = f.origin_country(origin), f.end_country(lane["destination"])
    rate = f.offset_rate(part, home, country, measure, product, t) * f.dutiable(part, origin, t)
    free = any(m == measure and r != "none" for m, r, _ in f.measures.get((part, home, country), []))
    if rate <= 0:
        return
    if origin in f.suppliers or not free:
        paid.add(units, rate)
    elif part in _rules(case) and (origin, part, t) in case.qualified:
        most = p.high[units]
        v = p.amount("owed", measure, units, high=most, size=max(1.0, most))
        p.most(("owed", measure, units), Line().add(v, 1.0).add(units, -1.0))
        p.most(("owed if", measure, units), Line(-most).add(v, 1.0).add(case.qualified[origin, part, t], most))
        paid.add(v, rate)


def _gateways(case: Making) -> None:
    for row in case.figures.records("gateways"):
        for t in case.T:
            load = through(case, row["gateway"], t)
            if load:
                case.program.most(("gateway", row["gateway"], t), load, float(row["capacity_t_per_yr"]))


def through(case: Making, gateway: str, t: int, product: str = "") -> Line:
    """Return what goes through a gateway: tonnes of everything, or units of one product. [t/yr, unit/yr]"""
    f, out = case.figures, Line()
    for number, lane in enumerate(f.lanes):
        if gateway in listed(lane["route"]) and product in ("", lane["product"]):
            tonnes = float(f.products[lane["product"]]["mass_kg_per_unit"]) / 1000
            out.add(case.ship[number, t], 1.0 if product else tonnes)
    return out


def _commitments(case: Making) -> None:
    f = case.figures
    for row in f.records("commitments"):
        for t in f.T:
            if isinstance(row["period"], str) and row["period"] != f.periods[t]:
                continue
            end = row["destination"] if isinstance(row["destination"], str) else None
            flow = case.flow(t, product=row["product"], start=row["origin"], end=end)
            if given(row["at_least"]):
                case.program.least(("partner", row["commitment"], t), flow, float(row["at_least"]))
            if given(row["at_most"]):
                case.program.most(("partner", row["commitment"], t), flow, float(row["at_most"]))
