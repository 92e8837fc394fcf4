"""Numbers of plants, logic among named ones, throughput and sources, as the tables say it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.brute.figures import Place, given, listed, text
from tests.brute.lines import Line, total
from tests.brute.making import Making

Row = dict[str, object]
KINDS = (
    "plants_open", "plants_built", "members_open", "sites_changed", "programs_used", "throughput",
    "throughput_mass", "sources", "jobs_fte",
)  # fmt: skip


def when(case: Making, row: Row) -> list[int]:
    """Return the periods in which a limit holds."""
    f = case.figures
    if isinstance(row.get("period"), str):
        return [t for t in f.T if f.periods[t] == row["period"]]
    first = row.get("first_year")
    return [t for t in f.T if not given(first) or f.start[t] >= float(first)]


def stands(case: Making, t: int) -> Iterator[tuple[tuple[str, str, str], Line]]:
    """Yield site, plant type and option of every plant that may stand in a period, with 1 where it does."""
    for place, ways in case.ways.items():
        by_option: dict[str, Line] = {}
        for z, way in ways:
            done = [s.option for s in way.steps if s.period <= t and (s.end is None or t < s.end)]
            if done:
                by_option.setdefault(done[-1], Line()).add(z, 1.0)
        for option, line in by_option.items():
            yield (*place, option), line
    for plant, open_ in case.standing:
        part = max((abs(v) for v in (open_[t].constant, *open_[t].values())), default=0.0)
        if part > 0:
            yield (str(plant["site"]), str(plant["plant_type"]), ""), open_[t].times(1.0 / part)


def fits(case: Making, plant: tuple[str, str, str], member: str) -> bool:
    """Whether a plant is what a member names."""
    wanted = [part.strip() for part in member.split("/")]
    return all(w in ("*", mine) for mine, w in zip(plant, wanted, strict=False))


def groups(case: Making, t: int, members: list[str]) -> list[Line]:
    """Return the plants of some members, those of one place of which only one can stand together."""
    found: dict[object, Line] = {}
    for number, (plant, line) in enumerate(stands(case, t)):
        if any(fits(case, plant, member) for member in members):
            key = plant[:2] if plant[2] else number
            found.setdefault(key, Line()).plus(line)
    return list(found.values())


def counted(case: Making, row: Row, t: int) -> Line:
    """Return how many plants stand that a limit counts."""
    out = Line()
    for (site, kind, option), line in stands(case, t):
        where = case.figures.sites[site]
        if (
            text(row.get("place")) in ("", site, where["region"], where["country"])
            and text(row.get("plant_type")) in ("", kind)
            and text(row.get("option")) in ("", option)
        ):
            out.plus(line)
    return out


def built(case: Making, row: Row, times: list[int]) -> Line:
    """Return how many plants are built that a limit counts."""
    out = Line()
    for (site, kind), ways in case.ways.items():
        where = case.figures.sites[site]
        if text(row.get("place")) in ("", site, where["region"], where["country"]) and text(row.get("plant_type")) in (
            "",
            kind,
        ):
            for z, way in ways:
                steps = (
                    [s for s in way.steps if s.option == row["option"]] if text(row.get("option")) else way.steps[:1]
                )
                out.add(z, float(sum(s.period in times for s in steps)))
    return out


def opening(case: Making, row: Row) -> dict[str, list[int]]:
    """Return by site the choices of ways of building there that make it one that opens, as a limit counts them."""
    found: dict[str, list[int]] = {}
    for (site, kind), ways in case.ways.items():
        if text(row.get("plant_type")) in ("", kind):
            found.setdefault(site, []).extend(z for z, way in ways if way.steps)
    return found


def changed(case: Making, row: Row, point: list[float]) -> float:
    """Return how many sites a plan opens that are not named, and named ones that it does not."""
    opens = {site for site, ways in opening(case, row).items() if any(point[z] > 0.5 for z in ways)}
    return float(len(opens ^ set(listed(row["members"]))))


def differing(case: Making, row: Row) -> Line:
    """Return the same as a line, with a choice for each site: yes where any of its ways of building is chosen."""
    out, named = Line(), set(listed(row["members"]))
    for site, ways in opening(case, row).items():
        y = case.program.choice("open", row["limit"], site)
        for z in ways:
            case.program.most(("open", row["limit"], site, z), Line().add(z, 1.0).add(y, -1.0))
        case.program.least(
            ("open", row["limit"], site), total(Line().add(z, 1.0) for z in ways).minus(Line().add(y, 1.0))
        )
        out.plus(Line(1.0).add(y, -1.0) if site in named else Line().add(y, 1.0))
    out.plus(Line(float(len(named - set(opening(case, row))))))
    return out


def claimed(case: Making, row: Row) -> Iterator[tuple[tuple[str, Place], int, Line]]:
    """Yield each claim that a limit counts, its choice, and what it is paid over the horizon."""
    for (program, place), z in case.claims.items():
        where = case.figures.sites[place[0]]
        if (
            program in listed(row["members"])
            and text(row.get("place")) in ("", place[0], where["region"], where["country"])
            and text(row.get("plant_type")) in ("", place[1])
        ):
            paid = Line()
            for (name, at, _), v in case.credits.items():
                if (name, at) == (program, place):
                    paid.add(v, 1.0)
            yield (program, place), z, paid


def using(case: Making, row: Row) -> Line:
    """Return how many claims are made, each of which must be paid something: a thousandth of the most that it can.

    That is the largest offer of one period, and no more than its cap and its pool.
    """
    out = Line()
    for (program, place), z, paid in claimed(case, row):
        least = Line().add(z, 1e-3 * case.most_paid[program, place])
        case.program.least(("paid", row["limit"], program, *place), paid.minus(least))
        out.add(z, 1.0)
    return out


def carried(case: Making, row: Row, t: int) -> Line:
    """Return what the lanes of a limit carry. [unit/yr or t/yr]"""
    f, out = case.figures, Line()
    for number, lane in enumerate(f.lanes):
        start = f.sites.get(lane["origin"]) or f.suppliers[lane["origin"]]
        end = f.sites.get(lane["destination"]) or f.markets[lane["destination"]]
        if (
            text(row.get("product")) in ("", lane["product"])
            and text(row.get("mode")) in ("", lane["mode"])
            and text(row.get("origin")) in ("", lane["origin"], start["country"], start.get("region"))
            and text(row.get("destination")) in ("", lane["destination"], end["country"], end.get("region"))
            and (not text(row.get("gateway")) or row["gateway"] in listed(lane["route"]))
        ):
            mass = float(f.products[lane["product"]]["mass_kg_per_unit"]) / 1000
            out.add(case.ship[number, t], 1.0 if row["kind"] == "throughput" else mass)
    return out


def staff(case: Making, row: Row, t: int) -> Line:
    """Return the staff of a limit. [FTE]"""
    f = case.figures
    return total(
        case.fte[q, t]
        for q in f.places
        if text(row.get("place")) in ("", q[0], f.sites[q[0]]["region"], f.sites[q[0]]["country"])
        and text(row.get("plant_type")) in ("", q[1])
    )


def suppliers_of(case: Making, row: Row, market: str, t: int) -> dict[str, list[Line]]:
    """Return the shipments to a market by origin that a limit on sources looks at."""
    f = case.figures
    found: dict[str, list[Line]] = {}
    for number, lane in enumerate(f.lanes):
        if lane["destination"] == market and text(row.get("product")) in ("", lane["product"]):
            found.setdefault(str(lane["origin"]), []).append(Line().add(case.ship[number, t], 1.0))
    return found


def markets_of(case: Making, row: Row) -> list[str]:
    """Return the markets of a limit on sources."""
    return [m for m, r in case.figures.markets.items() if text(row.get("place")) in ("", m, r["region"], r["country"])]


def parts(case: Making, row: Row) -> Iterator[Line]:
    """Yield what a limit of one of these kinds bounds, in each of its periods; rows and choices come with it."""
    kind, program, name = row["kind"], case.program, row["limit"]
    if kind == "plants_built":
        yield built(case, row, when(case, row))
        return
    if kind == "sites_changed":
        yield differing(case, row)
        return
    if kind == "programs_used":
        yield using(case, row)
        return
    for t in when(case, row):
        if kind == "plants_open":
            yield counted(case, row, t)
        elif kind == "jobs_fte":
            yield staff(case, row, t)
        elif kind in ("throughput", "throughput_mass"):
            yield carried(case, row, t)
        elif kind == "members_open":
            out = Line()
            for member in dict.fromkeys(listed(row["members"])):
                out.add(some(case, name, member, [member], t), 1.0)
            yield out
        else:
            for market in markets_of(case, row):
                out = Line()
                for origin, lines in suppliers_of(case, row, market, t).items():
                    z = program.choice("source", name, market, origin, t)
                    for number, line in enumerate(lines):
                        room = program.ceiling(line)
                        program.most(("source", name, market, origin, t, number), line.minus(Line().add(z, room)))
                    out.add(z, 1.0)
                yield out


def some(case: Making, name: object, label: str, members: list[str], t: int) -> int:
    """Return a choice that is yes where one of some members stands, and no where none does."""
    program, every = case.program, groups(case, t, members)
    y = program.choice("open", name, label, t)
    for number, line in enumerate(every):
        program.most(("open", name, label, t, number), line.minus(Line().add(y, 1.0)))
    program.least(("open", name, label, t), total(every).minus(Line().add(y, 1.0)))
    return y


def reached(case: Making, row: Row, point: list[float]) -> list[float]:
    """Return what a plan comes to of what a limit bounds, in each of its periods (and for each market)."""
    if row["kind"] == "sites_changed":
        return [changed(case, row, point)]
    if row["kind"] == "members_open":
        return [
            float(
                sum(
                    any(g.value(point) > 0.5 for g in groups(case, t, [m]))
                    for m in dict.fromkeys(listed(row["members"]))
                )
            )
            for t in when(case, row)
        ]
    if row["kind"] == "sources":
        return [
            float(
                sum(sum(line.value(point) for line in lines) > 1e-6 for lines in suppliers_of(case, row, m, t).values())
            )
            for t in when(case, row)
            for m in markets_of(case, row)
        ]
    return [line.value(point) for line in parts(case, row)]


__all__ = ["KINDS", "groups", "parts", "reached", "some", "when"]
