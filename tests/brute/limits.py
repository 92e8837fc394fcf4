"""Limits of every kind, as expressions whose ratio or value a limit bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.brute import counting
from tests.brute.figures import Place, given, listed, text
from tests.brute.lines import Line, total
from tests.brute.making import Making
from tests.brute.trade import through

Row = dict[str, object]
TOTALS = ("cost", "emissions", "freight_emissions", "jobs", "capex")


def add(case: Making) -> None:
    """Add the rows of table ``limits``; costs and emissions must be complete."""
    fines = Line()  # no limit on cost counts them
    for row in case.figures.records("limits"):
        if row["kind"] in counting.KINDS:
            _add_counted(case, row, fines)
            continue
        times = counting.when(case, row)
        every = list(measures(case, row))
        for number, (part, whole) in enumerate(every):
            at = times[number * len(times) // len(every)] if len(every) >= len(times) else None
            over = _broken(case, row, at, fines)
            key = ("limit", row["limit"], number)
            if given(row["at_least"]):
                case.program.least(key, part.minus(whole, float(row["at_least"])).plus(over))
            if given(row["at_most"]):
                case.program.most((*key, "most"), part.minus(whole, float(row["at_most"])).minus(over))
    case.cost.plus(fines)


def _broken(case: Making, row: Row, t: int | None, fines: Line, *also: object) -> Line:
    """Return by how much a soft limit may be broken, with its price among the fines; nothing for a hard one."""
    price, key = row.get("penalty_usd_per_unit"), ("violation", row["limit"], t, *also)
    if not given(price):
        return Line()
    if key not in case.program.column:
        once = row["kind"] in (*TOTALS, "capex_share", "plants_built", "sites_changed", "programs_used")
        v = case.program.amount(*key, size=1e3)
        fines.add(v, float(price) * (1.0 if once or t is None else case.figures.present[t]))
    return Line().add(case.program.column[key], 1.0)


def _add_counted(case: Making, row: Row, fines: Line) -> None:
    """Add a limit on numbers of plants, on logic, ways, sources or staff."""
    times, every = counting.when(case, row), list(counting.parts(case, row))
    for number, part in enumerate(every):
        t = times[number * len(times) // len(every)]
        over = _broken(case, row, t, fines, *([number] if row["kind"] == "sources" else []))
        key, wanted = ("limit", row["limit"], number), listed(text(row.get("if_open")))
        if not wanted:
            if given(row["at_least"]):
                case.program.least(key, part.times(1.0).plus(over), float(row["at_least"]))
            if given(row["at_most"]):
                case.program.most((*key, "most"), part.minus(over), float(row["at_most"]))
            continue
        z = counting.some(case, row["limit"], "if", wanted, t)
        if given(row["at_least"]):
            case.program.least(key, part.minus(Line().add(z, float(row["at_least"]))).plus(over))
        if given(row["at_most"]):
            room = max(case.program.ceiling(part) - float(row["at_most"]), 0.0)
            case.program.most((*key, "most"), part.minus(Line(room).add(z, -room)).minus(over), float(row["at_most"]))


def measures(case: Making, row: Row) -> Iterator[tuple[Line, Line]]:
    """Return what a limit bounds: parts and wholes, each part at least or at most a multiple of its whole."""
    kind, times = row["kind"], counting.when(case, row)
    if kind == "cost":
        yield case.cost.times(1.0), Line(1.0)
    elif kind == "emissions":
        yield total(case.emissions[t] for t in times), Line(1.0)
    elif kind == "freight_emissions":
        yield total(case.freight_emissions[t] for t in times), Line(1.0)
    elif kind in ("jobs", "capex"):
        yield _sum(case, kind, row, times, row["place"]), Line(1.0)
    elif kind == "capex_share":
        yield _sum(case, "capex", row, times, row["place"]), _sum(case, "capex", row, times, None)
    else:
        for t in times:
            if kind == "jobs_share":
                yield _sum(case, "jobs", row, [t], row["place"]), _sum(case, "jobs", row, [t], None)
            else:
                yield from _SHARES[kind](case, row, t)


def inside(case: Making, code: str, place: object) -> bool:
    """Whether a site or market is, or lies in, a place."""
    row = case.figures.sites.get(code) or case.figures.markets[code]
    return not isinstance(place, str) or place in (code, row["region"], row["country"])


def _sum(case: Making, what: str, row: Row, times: list[int], place: object) -> Line:
    f, out = case.figures, Line()
    for q in f.places:
        if inside(case, q[0], place) and _typed(row, q):
            for t in times:
                if what == "jobs":
                    out.plus(case.fte[q, t], f.years[t])
                else:
                    out.plus(case.built(q, t)).plus(case.resumed_capex(q, t))
    return out


def _typed(row: Row, place: Place) -> bool:
    """Whether a place is of the plant type of a limit."""
    return not isinstance(row["plant_type"], str) or row["plant_type"] == place[1]


def _output_share(case: Making, row: Row, t: int) -> Iterator[tuple[Line, Line]]:
    here, every = Line(), Line()
    for place in case.figures.places:
        if _typed(row, place):
            out = _put_out(case, place, str(row["product"]), t)
            every.plus(out)
            here.plus(out, float(inside(case, place[0], row["place"])))
    yield here, every


def _import_share(case: Making, row: Row, t: int) -> Iterator[tuple[Line, Line]]:
    f, abroad, every = case.figures, Line(), Line()
    for end in [*f.sites, *f.markets]:
        if inside(case, end, row["place"]):
            for origin, v in case.arrivals(end, row["product"], t):
                if f.passes(origin, row["product"]):
                    continue
                every.add(v, 1.0)
                abroad.add(v, float(case.foreign(origin)))
    yield abroad, every


def _bought(case: Making, product: str, supplier: str, t: int) -> Line:
    return case.flow(t, product=product, start=supplier)


def _gateways(case: Making) -> list[str]:
    """Return every port and crossing that a lane names."""
    return sorted({code for lane in case.figures.lanes for code in listed(lane["route"])})


def _put_out(case: Making, place: Place, product: str, t: int) -> Line:
    """Return what a plant makes of a product, or what comes of it and is not disposed of; nothing passed on."""
    out = case.comes(place, product, t)
    if (place, product, t) in case.dispose:
        out.add(case.dispose[place, product, t], -1.0)
    if (place, product, t) in case.make and not case.figures.passes(place[0], product):
        out.add(case.make[place, product, t], 1.0)
    return out


def _own(case: Making, site: str, product: str, t: int) -> Line:
    """Return what a site puts out of a product; what a center passes on is made elsewhere."""
    return total(_put_out(case, q, product, t) for q in case.figures.places if q[0] == site)


def _concentration(case: Making, row: Row, t: int) -> Iterator[tuple[Line, Line]]:
    f, product, per = case.figures, str(row["product"]), row["per"]
    sellers = [s for s, r in f.suppliers.items() if r["product"] == product]
    every = total(_own(case, s, product, t) for s in f.sites)
    every.plus(total(_bought(case, product, s, t) for s in sellers))
    parts: dict[object, Line] = defaultdict(Line)
    if per in ("site", "region", "country"):
        for site, r in f.sites.items():
            parts[r[per]].plus(_own(case, site, product, t))
    elif per in ("supplier", "company"):
        for s in sellers:
            name = s if per == "supplier" else f.suppliers[s]["company"]
            if isinstance(name, str):
                parts[name].plus(_bought(case, product, s, t))
        if per == "company":
            held = {
                (plant["company"], plant["site"])
                for plant in f.records("plants")
                if plant["status"] in ("existing", "committed", "paused")
                and isinstance(plant["company"], str)
                and any(k == plant["plant_type"] and product in (p, *f.beside[k, p]) for k, p in f.processes)
            }
            for company, site in sorted(held):
                parts[company].plus(_own(case, site, product, t))
    else:
        for gateway in _gateways(case):
            parts[gateway].plus(through(case, gateway, t, product))
    for part in parts.values():
        yield part, every


def _on_time_share(case: Making, row: Row, t: int) -> Iterator[tuple[Line, Line]]:
    f, good, promised = case.figures, Line(), Line()
    for (market, product, when), want in case.wants.items():
        wanted = not isinstance(row["product"], str) or row["product"] == product
        if when != t or not wanted or not given(want["promise_h"]) or not inside(case, market, row["place"]):
            continue
        promised.plus(float(want["units_per_yr"]))
        for number, lane in enumerate(f.lanes):
            if lane["destination"] == market and lane["product"] == product and not case.is_late(lane, t):
                good.add(case.ship[number, t], 1.0)
    yield good, promised


def _renewable_share(case: Making, row: Row, t: int) -> Iterator[tuple[Line, Line]]:
    f, green, every = case.figures, Line(), Line()
    for site in f.sites:
        if inside(case, site, row["place"]):
            share, load = min(1.0, f.at_site("renewable_share", site, t)), case.kwh[site, t].times(1 / 1000)
            green.plus(load, share)
            if (site, t) in case.clean:
                green.add(case.clean[site, t], 1.0 - share)
            every.plus(load)
    yield green, every


def _survive_share(case: Making, row: Row, t: int) -> Iterator[tuple[Line, Line]]:
    """Open capacity less each plant in turn, with all that suppliers sell; and all but what one gateway carries."""
    f, product = case.figures, str(row["product"])
    sells = [r["capacity_units_per_yr"] for r in f.suppliers.values() if r["product"] == product]
    need = Line(_needed(case, product, t))
    makers = [q for q in f.places if q[1] in f.makers(product)]
    if all(given(v) for v in sells):
        for out in makers:
            left = Line(float(sum(sells)))
            for q in makers:
                if q != out:
                    left.plus(case.capacity(q, t), 1.0 / f.processes[q[1], product]["capacity_use"])
            yield left, need
    every = total(_own(case, s, product, t) for s in f.sites)
    every.plus(total(_bought(case, product, s, t) for s, r in f.suppliers.items() if r["product"] == product))
    for gateway in _gateways(case):
        yield every.minus(through(case, gateway, t, product)), every


def _needed(case: Making, product: str, t: int) -> float:
    """Return what demand needs of a product, the parts of what is wanted with it. [unit/yr]"""
    f = case.figures
    wanted = sum(float(r["units_per_yr"]) for (_, p, when), r in case.wants.items() if p == product and when == t)
    extra = {p for beside in f.beside.values() for p in beside}
    for whole in f.products:
        if whole in extra:  # may come with something else
            continue
        each = min(f.each(whole, product), default=0.0)
        if each:
            wanted += each * _needed(case, whole, t)
    return wanted


_SHARES = {
    "output_share": _output_share,
    "import_share": _import_share,
    "concentration": _concentration,
    "on_time_share": _on_time_share,
    "renewable_share": _renewable_share,
    "survive_share": _survive_share,
}

__all__ = ["TOTALS", "add", "inside", "measures"]
