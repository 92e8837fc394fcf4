"""Figures that cap what a plan may do, drawn from a plan found at random so that it keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tests import random_plants
from tests.brute import counting, limits
from tests.brute.figures import listed
from tests.brute.lines import Line, total
from tests.brute.making import Making
from tests.brute.trade import through
from tests.random_mix import Mix

__all__ = ["FEATURES", "Caps", "prepare"]
PORTS = ("laredo", "detroit_bridge", "long_beach")


@dataclass(frozen=True)
class Caps:
    """The study so far, its rules, and two plans: the witness, which must keep what is added, and a cheap one."""

    mix: Mix
    case: Making
    witness: list[float]
    cheap: list[float]

    def ceiling(self, *lines: Line) -> float:
        """Return a number that none of some expressions exceeds in the witness, and one in the cheap plan may."""
        return self.over(*([line.value(point) for line in lines] for point in (self.witness, self.cheap)))

    def over(self, kept: list[float], met: list[float]) -> float:
        """Return a number above all that are kept, and below some that are met if any is larger."""
        value, other = max(kept), max(met, default=max(kept))
        if other > value * (1 + 1e-6) + 1e-9 and self.mix.chance(0.85):
            return value + self.mix.some(0.01, 0.7) * (other - value)
        return value + abs(value) * self.mix.some(0.01, 0.3) + 1e-9

    def under(self, kept: list[float], met: list[float]) -> float:
        """Return a number below all that are kept, and above some that are met if any is smaller."""
        return -self.over([-v for v in kept], [-v for v in met])

    def used(self, line: Line) -> float:
        """Return what an expression comes to in the witness."""
        return line.value(self.witness)


def prepare(mix: Mix, wanted: list[str]) -> None:
    """Add what some of the capped features need before there is a witness."""
    if {"gateways", "concentration_gateway", "survive_share", "throughput"} & set(wanted):
        lanes = mix.tables["lanes"]
        routes = [
            None if mode == "on_site" or mix.chance(0.4) else ";".join(p for p in PORTS if mix.chance(0.5)) or None
            for mode in lanes["mode"]
        ]
        mix.set("lanes", "route", routes)
    if {"concentration_supplier", "concentration_company", "import_share"} & set(wanted):
        mix.sell(mix.draw.products[:2], ("KR", "CN", "US"))
    if "concentration_company" in wanted and "suppliers" in mix.tables:
        names = [mix.pick(["Acme", "Borealis", None]) for _ in range(len(mix.tables["suppliers"]))]
        mix.set("suppliers", "company", names)
    if "on_time_share" in wanted and "promise_h" not in mix.tables["demand"]:
        random_plants.FEATURES["promise"](mix)
    if "renewable_share" in wanted and "clean_premium_usd_per_mwh" not in mix.tables["sites"]:
        mix.set(
            "sites", "clean_premium_usd_per_mwh", [mix.some(0, 25) if mix.chance(0.7) else np.nan for _ in mix.sites]
        )


def _gateways(caps: Caps) -> None:
    case, rows = caps.case, []
    for port in PORTS:
        if any(port in listed(lane["route"]) for lane in case.figures.lanes):
            rows.append({"gateway": port, "capacity_t_per_yr": caps.ceiling(*(through(case, port, t) for t in case.T))})
    caps.mix.append("gateways", rows)


def _commitments(caps: Caps) -> None:
    case, mix, rows = caps.case, caps.mix, []
    flows = sorted({(r["product"], r["origin"], r["destination"]) for r in case.figures.lanes})
    for product, start, end in [flows[k] for k in mix.rng.permutation(len(flows))]:
        to = end if mix.chance(0.5) else None
        now = mix.pick([None, *mix.draw.periods])
        lines = [
            case.flow(t, product=product, start=start, end=to) for t in case.T if now in (None, mix.draw.periods[t])
        ]
        kept, met = ([line.value(point) for line in lines] for point in (caps.witness, caps.cheap))
        if max(np.abs(np.subtract(kept, met))) < 1.0 and mix.chance(0.9):
            continue
        floor = min(kept) > min(met) or (min(kept) > 1.0 and mix.chance(0.3))
        rows.append(
            {
                "commitment": f"commitment {len(rows) + 1}",
                "origin": start,
                "destination": to,
                "product": product,
                "period": now,
                "at_least": max(0.0, caps.under(kept, met)) if floor else np.nan,
                "at_most": np.nan if floor and mix.chance(0.6) else caps.over(kept, met),
            }
        )
        if len(rows) == 2:
            break
    mix.append("commitments", rows)


def _labor_pools(caps: Caps) -> None:
    case, mix = caps.case, caps.mix
    pools = [f"pool {k + 1}" for k in range(min(len(mix.sites), int(mix.rng.integers(1, 3))))]
    member = [str(mix.pick(pools)) if mix.chance(0.8) else None for _ in mix.sites]
    member[: len(pools)] = pools
    rows = []
    for pool in pools:
        places = [q for q in case.figures.places if q[0] in mix.sites and member[mix.sites.index(q[0])] == pool]
        staff = caps.ceiling(*(total(case.fte[q, t] for q in places) for t in case.T))
        rows.append({"pool": pool, "available_fte": staff})
    mix.set("sites", "labor_pool", member)
    mix.append("labor_pools", rows)


def _grid(caps: Caps) -> None:
    """Cap the load of sites, at times below what the witness needs, which then takes an upgrade."""
    case, mix = caps.case, caps.mix
    per_mw = 8760.0 * 1000.0 * case.figures.load_factor
    upgrades, limit = [], []
    for site in mix.sites:
        loads = [case.kwh[site, t].times(1 / per_mw) for t in case.T]
        most = max(map(caps.used, loads))
        if not mix.chance(0.85):
            limit.append(np.nan)
            continue
        limit.append(max(0.0, most * mix.some(0.3, 0.95)) if mix.chance(0.5) else caps.ceiling(*loads))
        if mix.chance(0.4) or limit[-1] < most:
            size = max(most - limit[-1], 5.0) * mix.some(1.01, 1.4)
            parts = 2 if mix.chance(0.3) else 1
            for k in range(parts):
                cost = mix.some(1e5, 2e7, 0)
                upgrades.append(
                    {"site": site, "upgrade": f"step {k + 1}", "capacity_mw": size / parts, "capex_usd": cost}
                )
    if mix.chance(0.3) and any(v == v for v in limit):
        size = mix.some(5, 40)
        upgrades.append({"site": None, "upgrade": "anywhere", "capacity_mw": size, "capex_usd": 2e6})
    mix.set("sites", "connectable_mw", limit)
    mix.append("grid_upgrades", upgrades)


# -------------------------------------------------------------------------------------------------------- limits


def _limit(caps: Caps, kind: str, sides: tuple[str, ...], **fields: object) -> None:
    """Add a limit with a value that the witness keeps and, if it can be, the cheap plan does not."""
    mix = caps.mix
    row = {"place": None, "product": None, "plant_type": None, "per": None, "period": None, **fields, "kind": kind}
    pairs = list(limits.measures(caps.case, row))
    kept, met = (
        [part.value(point) / whole.value(point) for part, whole in pairs if whole.value(point) > 1e-6]
        for point in (caps.witness, caps.cheap)
    )
    if not kept:
        return
    side = sides[0]
    if len(set(sides)) > 1:
        side = "at_least" if min(kept) > min(met, default=min(kept)) else "at_most"
    value = caps.over(kept, met) if side == "at_most" else caps.under(kept, met)
    if kind not in limits.TOTALS:
        value = min(value, 1.0)
        if value < 0 or (side == "at_least" and value <= 0):
            return
    elif kind != "cost":
        value = max(value, 0.0)
    row.update(limit=f"limit {len(mix.tables.get('limits', ())) + 1}", at_least=np.nan, at_most=np.nan)
    row[side] = value
    mix.append("limits", [row])


def _place(mix: Mix) -> object:
    return mix.pick([p[k] for p in mix.draw.places for k in range(3)])


def _maybe(mix: Mix, choices: list[str], share: float = 0.5) -> object:
    return mix.pick(choices) if mix.chance(share) else None


def _cost(caps: Caps) -> None:
    _limit(caps, "cost", ("at_most",))


def _emissions(caps: Caps) -> None:
    for kind in ("emissions", "freight_emissions"):
        _limit(caps, kind, ("at_most",), period=_maybe(caps.mix, caps.mix.draw.periods))


def _totals(kind: str, sides: tuple[str, ...]) -> Callable[[Caps], None]:
    def add(caps: Caps) -> None:
        mix = caps.mix
        for _ in range(2):
            _limit(
                caps,
                kind,
                sides,
                place=_place(mix) if mix.chance(0.5) else None,
                plant_type=_maybe(mix, mix.draw.types, 0.4),
                period=_maybe(mix, mix.draw.periods),
            )

    return add


def _share(kind: str, *, product: bool) -> Callable[[Caps], None]:
    def add(caps: Caps) -> None:
        mix = caps.mix
        for _ in range(2):
            what = mix.pick(mix.draw.products) if product else None
            kind_of = _maybe(mix, mix.draw.types, 0.3) if not product else None
            fields = {"place": _place(mix), "product": what, "plant_type": kind_of}
            fields["period"] = _maybe(mix, mix.draw.periods, 0.3)
            _limit(caps, kind, ("at_least", "at_most"), **fields)

    return add


def _import_share(caps: Caps) -> None:
    mix = caps.mix
    for product in mix.draw.products:
        place = mix.pick([*(t[k] for t in mix.draw.towns for k in (0, 1)), _place(mix)]) if mix.chance(0.5) else None
        _limit(caps, "import_share", ("at_most",), place=place, product=product)


def _concentration(per: str) -> Callable[[Caps], None]:
    def add(caps: Caps) -> None:
        mix = caps.mix
        for product in mix.draw.products:
            period = _maybe(mix, mix.draw.periods, 0.2)
            _limit(caps, "concentration", ("at_most",), product=product, per=per, period=period)

    return add


def _on_time_share(caps: Caps) -> None:
    mix = caps.mix
    place = mix.pick([t[k] for t in mix.draw.towns for k in range(3)]) if mix.chance(0.5) else None
    _limit(caps, "on_time_share", ("at_least",), place=place, product=_maybe(mix, mix.draw.finals))


def _renewable_share(caps: Caps) -> None:
    mix = caps.mix
    for _ in range(2):
        _limit(caps, "renewable_share", ("at_least",), place=_place(mix) if mix.chance(0.6) else None)


def _survive_share(caps: Caps) -> None:
    for product in caps.mix.draw.products:
        _limit(caps, "survive_share", ("at_least",), product=product)


def _number(caps: Caps, kind: str, sides: tuple[str, ...] = ("at_least", "at_most"), **fields: object) -> None:
    """Add a limit on a number that the witness keeps and, if it can be, the cheap plan does not."""
    mix = caps.mix
    row = {"limit": f"limit {len(mix.tables.get('limits', ())) + 1}", "kind": kind, **fields}
    row |= {"at_least": np.nan, "at_most": np.nan}
    kept, met = (counting.reached(caps.case, row, point) for point in (caps.witness, caps.cheap))
    if not kept:
        return
    whole = kind in ("plants_open", "plants_built", "members_open", "sources")
    side = sides[0] if len(sides) == 1 or min(kept) > min(met, default=min(kept)) else "at_most"
    if whole:
        row[side] = float(round(min(kept) if side == "at_least" else max(kept)))
        if kind == "sources":
            row[side] = max(row[side], 1.0)
    else:
        row[side] = max(0.0, caps.over(kept, met) if side == "at_most" else caps.under(kept, met))
    mix.append("limits", [row])


def _when(mix: Mix) -> dict[str, object]:
    """Return nothing, or a period, or a year from which a limit holds."""
    begin = sorted(mix.tables["periods"]["start_year"])
    if mix.chance(0.5):
        return {}
    return {"period": mix.pick(mix.draw.periods)} if mix.chance(0.5) else {"first_year": float(mix.pick(begin))}


def _member(mix: Mix) -> str:
    site, kind = mix.pick(list(mix.sites)), mix.pick(mix.draw.types)
    return str(mix.pick([site, f"{site}/{kind}", f"{site}/{kind}", f"*/{kind}"]))


def _plants_open(caps: Caps) -> None:
    mix = caps.mix
    for kind in ("plants_open", "plants_open", "plants_built"):
        fields: dict[str, object] = {"place": _place(mix) if mix.chance(0.5) else None}
        if mix.chance(0.6):
            fields["plant_type"] = mix.pick(mix.draw.types)
            options = mix.tables["options"]
            names = options.loc[options["plant_type"] == fields["plant_type"], "option"].tolist()
            fields["option"] = mix.pick(names) if names and mix.chance(0.4) else None
        if kind == "plants_built":
            fields["period"] = _maybe(mix, mix.draw.periods)
        else:
            fields |= _when(mix)
        _number(caps, kind, **fields)


def _members_open(caps: Caps) -> None:
    mix = caps.mix
    for _ in range(2):
        members = "; ".join(dict.fromkeys(_member(mix) for _ in range(int(mix.rng.integers(1, 4)))))
        _number(caps, "members_open", members=members, **_when(mix))
    for side in ("at_least", "at_most"):  # what depends on another plant: a number that the witness keeps anyway
        _number(caps, "members_open", (side,), members=f"{_member(mix)}; {_member(mix)}", if_open=_member(mix))
    _number(caps, "plants_open", place=_place(mix), if_open=_member(mix), **_when(mix))


def _throughput(caps: Caps) -> None:
    mix, lanes = caps.mix, caps.mix.tables["lanes"]
    ends = {"origin": [*lanes["origin"].unique(), "US", "MX"], "destination": [*lanes["destination"].unique(), "US"]}
    for kind in ("throughput", "throughput_mass"):
        fields: dict[str, object] = {c: mix.pick(codes) for c, codes in ends.items() if mix.chance(0.4)}
        fields |= {"mode": mix.pick(sorted(lanes["mode"].unique()))} if mix.chance(0.5) else {}
        named = sorted({g for route in lanes["route"] for g in listed(route)})
        fields |= {"gateway": mix.pick(named)} if named and mix.chance(0.5) else {}
        fields |= {"product": mix.pick(mix.draw.products)} if kind == "throughput" or mix.chance(0.5) else {}
        _number(caps, kind, **fields, **_when(mix))


def _sources(caps: Caps) -> None:
    mix = caps.mix
    place = mix.pick([t[k] for t in mix.draw.towns for k in range(3)]) if mix.chance(0.6) else None
    product = {"product": mix.pick(mix.draw.finals)} if mix.chance(0.7) else {}
    _number(caps, "sources", ("at_most",), place=place, **product, **_when(mix))


def _soft(caps: Caps) -> None:
    """Make limits soft that the study has, and add one that no plan is likely to keep."""
    mix = caps.mix
    row = {"limit": "far", "kind": mix.pick(["jobs_fte", "plants_open"]), "at_least": float(mix.pick([4.0, 9e4]))}
    mix.append("limits", [{**row, "at_most": np.nan}])
    frame = mix.tables["limits"]
    prices = [
        mix.some(0.0, 3.0, 3) if kind in ("cost", "capex", "capex_share") else mix.some(0.0, 3e4)
        for kind in frame["kind"]
    ]
    soft = [name == "far" or mix.chance(0.6) for name in frame["limit"]]
    mix.set("limits", "penalty_usd_per_unit", np.where(soft, prices, np.nan))


def _jobs_fte(caps: Caps) -> None:
    mix = caps.mix
    for _ in range(2):
        place = _place(mix) if mix.chance(0.5) else None
        _number(caps, "jobs_fte", place=place, plant_type=_maybe(mix, mix.draw.types, 0.4), **_when(mix))


FEATURES: Mapping[str, Callable[[Caps], None]] = {
    "gateways": _gateways,
    "commitments": _commitments,
    "labor_pools": _labor_pools,
    "grid": _grid,
    "cost": _cost,
    "emissions": _emissions,
    "jobs": _totals("jobs", ("at_least", "at_most")),
    "capex": _totals("capex", ("at_least", "at_most")),
    "output_share": _share("output_share", product=True),
    "capex_share": _share("capex_share", product=False),
    "jobs_share": _share("jobs_share", product=False),
    "import_share": _import_share,
    "concentration_site": _concentration("site"),
    "concentration_region": _concentration("region"),
    "concentration_country": _concentration("country"),
    "concentration_company": _concentration("company"),
    "concentration_supplier": _concentration("supplier"),
    "concentration_gateway": _concentration("gateway"),
    "on_time_share": _on_time_share,
    "renewable_share": _renewable_share,
    "survive_share": _survive_share,
    "plants_open": _plants_open,
    "members_open": _members_open,
    "throughput": _throughput,
    "sources": _sources,
    "jobs_fte": _jobs_fte,
    "soft": _soft,
}
