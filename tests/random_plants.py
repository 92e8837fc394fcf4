"""Features of plants and making, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.study.schema.trajectories import VARIABLE
from tests.frames import MORE_PLACES
from tests.random_mix import PRICE, Mix

__all__ = ["CHANGES", "FEATURES", "RECIPES"]


def _ramp(mix: Mix) -> None:
    def curve() -> str | None:
        parts = sorted(mix.some(0.2, 1.0) for _ in range(int(mix.rng.integers(1, 5))))
        return ";".join(map(str, parts)) if mix.chance(0.8) else None

    mix.set("options", "ramp_up", [curve() for _ in range(len(mix.tables["options"]))])


def _expansion(mix: Mix) -> None:
    """Add options that grow out of others, at times in two steps."""
    frame = mix.tables["options"]
    rows = []
    for option in frame.to_dict("records"):
        if rows and mix.chance(0.5):
            continue
        step = option
        for number in range(2 if mix.chance(0.3) and mix.draw.n_periods > 2 else 1):
            factor = mix.some(1.1, 2.0)
            step = {
                **step,
                "option": f"{option['option']}+{number + 1}",
                "expands": step["option"],
                "capacity_units_per_yr": float(np.ceil(step["capacity_units_per_yr"] * factor)),
                "capex_usd": np.round(step["capex_usd"] * (factor - 1) * mix.some(0.3, 1.0)),
                "fixed_usd_per_yr": np.round(step["fixed_usd_per_yr"] * mix.some(0.9, 2.0)),
                "staff_fte": float(np.round(step["staff_fte"] * mix.some(0.9, 1.8))),
                "min_load": mix.some(0.0, 0.5) if mix.chance(0.6) else 0.0,
            }
            rows.append(step)
    # What grows must have been too small at first: the roots shrink.
    if mix.chance(0.8):
        mix.set("options", "capacity_units_per_yr", np.ceil(frame["capacity_units_per_yr"] * mix.some(0.4, 0.9)))
    mix.append("options", rows)
    _grow_demand(mix)


def _grow_demand(mix: Mix) -> None:
    frame = mix.tables["demand"]
    order = {period: k for k, period in enumerate(mix.draw.periods)}  # comes before any demand without a period
    growth = mix.some(1.1, 2.4)
    units = [u * growth ** order[p] for u, p in zip(frame["units_per_yr"], frame["period"], strict=True)]
    mix.set("demand", "units_per_yr", np.round(units))


def _standing(mix: Mix, status: str, share: float) -> list[int]:
    """Make sure that there are plants of a status, and return their rows."""
    draw = mix.draw
    rows = []
    for site in mix.sites:
        for kind in draw.types:
            if (not rows or mix.chance(share)) and mix.chance(0.6):
                products = [p for p in draw.products if draw.makers[p] == kind]
                load = max(draw.need[p].max() * draw.capacity_use[p] for p in products)
                code = f"{site}_{kind}_{status}"
                rows.append(
                    {
                        "plant": code,
                        "site": site,
                        "plant_type": kind,
                        "name": code,
                        "company": mix.pick(["Acme", "Borealis"]) if mix.chance(0.5) else None,
                        "status": status,
                        "capacity_units_per_yr": float(np.round(load * mix.some(0.2, 0.8))) + 1,
                        "fixed_usd_per_yr": mix.some(0, 4e7),
                        "staff_fte": float(mix.rng.integers(0, 900)),
                    }
                )
    mix.append("plants", rows[:4])
    frame = mix.tables.get("plants", pd.DataFrame({"status": []}))
    return [k for k, s in enumerate(frame["status"]) if s == status]


def _closing(mix: Mix) -> None:
    here = _standing(mix, str(mix.pick(["existing", "existing", "committed"])), 0.2)
    count = len(mix.tables["plants"]) if "plants" in mix.tables else 0
    if count:
        costs = [mix.some(0, 6e7) if k in here and mix.chance(0.8) else np.nan for k in range(count)]
        mix.set("plants", "closing_usd", costs)


def _resume(mix: Mix) -> None:
    here = _standing(mix, "paused", 0.2)
    count = len(mix.tables["plants"]) if "plants" in mix.tables else 0
    if count:
        costs = [mix.some(1e6, 3e8) if k in here and mix.chance(0.8) else np.nan for k in range(count)]
        mix.set("plants", "resume_usd", costs)


def _plant_years(mix: Mix) -> None:
    if "plants" not in mix.tables or not len(mix.tables["plants"]):
        _standing(mix, str(mix.pick(["existing", "committed"])), 0.3)
    if "plants" not in mix.tables:
        return
    spans = [mix.span() for _ in range(len(mix.tables["plants"]))]
    paused = (mix.tables["plants"]["status"] == "paused").tolist()
    mix.set("plants", "first_year", [np.nan if p else a for (a, _), p in zip(spans, paused, strict=True)])
    mix.set("plants", "last_year", [b for _, b in spans])


def _partner(mix: Mix) -> None:
    names = ("capex", "output", "credit")
    frame = mix.tables["options"]
    mine = [mix.chance(0.6) or not k for k in range(len(frame))]
    mix.set("options", "partner", ["Partner" if yes else None for yes in mine])
    for name in names:
        most = 0.3 if name == "output" else 0.7
        mix.set("options", f"partner_{name}_share", [mix.some(0, most) if yes else 0.0 for yes in mine])
    # A step must add to what is one's own: where it would not, the shares stay as they were.
    rows = {(r["plant_type"], r["option"]): r for r in mix.tables["options"].to_dict("records")}
    for row in rows.values():
        before = rows.get((row["plant_type"], row.get("expands")))
        if before is not None and _own(row) <= _own(before):
            row.update({c: before[c] for c in ("partner", "partner_output_share")})
    mix.tables["options"] = pd.DataFrame(list(rows.values()))


def _own(option: dict[str, object]) -> float:
    return option["capacity_units_per_yr"] * (1.0 - option["partner_output_share"])


def _option_sites(mix: Mix) -> None:
    chosen: dict[tuple[object, object], list[str]] = {}
    for row in mix.tables["options"].to_dict("records"):
        room = chosen.get((row["plant_type"], row.get("expands")), mix.sites)  # no wider than what it expands
        some = [s for s in room if mix.chance(0.7)] or room[:1]
        chosen[row["plant_type"], row["option"]] = some
    mix.set("options", "sites", [";".join(names) for names in chosen.values()])


def _yield(mix: Mix) -> None:
    frame = mix.tables["processes"]
    mix.set("processes", "good_share", [mix.some(0.8, 1.0) for _ in range(len(frame))])
    for table in ("options", "plants"):
        if table in mix.tables:
            mix.set(table, "capacity_units_per_yr", np.ceil(mix.tables[table]["capacity_units_per_yr"] * 1.3))


def _heat(mix: Mix) -> None:
    per_unit = {"cell": 30.0, "pack": 80.0, "motor": 50.0, "vehicle": 700.0, "van": 900.0}
    frame = mix.tables["processes"]
    mix.set("processes", "heat_kwh_per_unit", [per_unit[p] * mix.some(0.5, 4.0) for p in frame["product"]])
    count = len(mix.sites)
    mix.set("sites", "heat_price_usd_per_mwh", [mix.some(15, 120) for _ in range(count)])
    mix.set("sites", "heat_factor_kg_per_kwh", [mix.some(0.0, 0.4) for _ in range(count)])


def _property_tax(mix: Mix) -> None:
    mix.set("sites", "property_tax_rate", [mix.some(0.0, 0.04, 4) for _ in mix.sites])


def _trajectories(mix: Mix) -> None:
    """Draw factors by period at sites, states, countries and everywhere."""
    sites = mix.draw.places
    anywhere = [None, *(p[0] for p in sites), *(p[1] for p in sites), *(p[2] for p in sites)]
    sold = mix.tables.get("suppliers")
    sellers = [None] if sold is None else [None, *sold["supplier"], *sold["country"]]
    places = dict.fromkeys(VARIABLE, anywhere)
    places.update(price_usd_per_unit=sellers, freight_usd_per_unit=[None], carbon_price_usd_per_t=[None])
    rows = {}
    for _ in range(int(mix.rng.integers(6, 24))):
        column = str(mix.pick(VARIABLE))
        place, period = mix.pick(places[column]), str(mix.pick(mix.draw.periods))
        factor = mix.some(0.4, 1.0) if column == "renewable_share" else mix.some(0.4, 1.9)
        rows[column, place, period] = {"column": column, "place": place, "period": period, "factor": factor}
    mix.append("trajectories", list(rows.values()))


def _promise(mix: Mix) -> None:
    times = mix.tables["lanes"]["time_h"].to_numpy()
    count = len(mix.tables["demand"])
    hours = [float(np.round(mix.rng.choice(times) * mix.some(0.5, 1.5) + 1)) for _ in range(count)]
    mix.set("demand", "promise_h", [h if mix.chance(0.8) else np.nan for h in hours])
    mix.set("demand", "late_usd_per_unit", [mix.some(0, 4_000) if mix.chance(0.7) else 0.0 for _ in range(count)])


def _clean(mix: Mix) -> None:
    mix.set("sites", "clean_premium_usd_per_mwh", [mix.some(0, 25) if mix.chance(0.7) else np.nan for _ in mix.sites])


def _second_maker(mix: Mix) -> None:
    """Let a second kind of plant make a product, beside what it makes itself."""
    kinds = mix.draw.types
    if len(kinds) > 1:
        product = str(mix.pick(mix.inputs))
        kind = mix.pick([k for k in kinds if k != mix.draw.makers[product]])
        row = next(r for r in mix.tables["processes"].to_dict("records") if r["product"] == product)
        load = max(mix.draw.need[p].max() for p in mix.draw.products if mix.draw.makers[p] == kind)
        use = float(np.round(load / mix.draw.need[product].max() * mix.some(0.3, 1.5), 6))
        changed = {c: row[c] * mix.some(0.6, 1.4) for c in ("electricity_kwh_per_unit", "labor_h_per_unit")}
        mix.append("processes", [{**row, **changed, "plant_type": kind, "capacity_use": max(use, 1e-6)}])


def _recipes(mix: Mix) -> None:
    """Let a second kind of plant make a product by a recipe of its own: more of an input, or something else instead."""
    draw, tables = mix.draw, mix.tables
    product = str(mix.pick([whole for whole, _, _ in draw.uses]))
    kind, other = draw.makers[product], f"{draw.makers[product]}_2"
    row = next(r for r in tables["processes"].to_dict("records") if r["product"] == product)
    changed = {
        c: float(np.round(row[c] * mix.some(0.4, 1.6), 4))
        for c in ("electricity_kwh_per_unit", "labor_h_per_unit", "material_usd_per_unit")
    }
    mix.append("processes", [{**row, **changed, "plant_type": other}])
    options = [o for o in tables["options"].to_dict("records") if o["plant_type"] == kind]
    mix.append(
        "options", [{**o, "plant_type": other, "capex_usd": o["capex_usd"] * mix.some(0.5, 1.3)} for o in options]
    )
    allowed = [
        (f"{cell};{other}" if kind in cell.split(";") else cell) if isinstance(cell, str) else cell
        for cell in tables["sites"]["plant_types"]
    ]
    mix.set("sites", "plant_types", allowed)
    rows = []
    for line in tables["bill_of_materials"].to_dict("records"):
        if line["product"] != product or mix.chance(0.2):
            rows.append({**line, "plant_type": None})
            continue
        rows.append({**line, "plant_type": kind})
        if mix.chance(0.7):  # the other one does without it
            units = float(np.round(line["units_per_unit"] * mix.some(0.5, 1.5), 3))
            rows.append({**line, "plant_type": other, "units_per_unit": units})
    tables["bill_of_materials"] = pd.DataFrame(rows)


def _spare_parts(mix: Mix) -> None:
    """Let markets want a product that also goes into others."""
    draw = mix.draw
    if not mix.inputs:
        return
    product = str(mix.pick(mix.inputs))
    rows = [
        {
            "market": town[0],
            "product": product,
            "period": period,
            "units_per_yr": float(np.round(draw.need[product].max() * mix.some(0.02, 0.3))),
            "unmet_penalty_usd_per_unit": PRICE[product] * mix.some(0.5, 3.0),
        }
        for town in draw.towns
        for period in draw.periods
    ]
    mix.append("demand", rows)
    sold = mix.tables.get("suppliers")
    origins = list(draw.places)
    if sold is not None:
        mine = sold[sold["product"] == product]
        origins += [(s.supplier, s.country, "", s.geometry.x, s.geometry.y) for s in mine.itertuples()]
    columns = list(mix.tables["lanes"].columns[:10])
    ways = [way for a in origins for b in draw.towns if mix.chance(0.8) for way in draw.ways(product, a, b)]
    mix.append("lanes", [dict(zip(columns, way, strict=True)) for way in ways])


def _always(mix: Mix) -> None:
    """Give demand once for all periods."""
    frame = mix.tables["demand"]
    first = frame[frame["period"] == mix.draw.periods[0]]
    mix.tables["demand"] = first.assign(period=pd.Series([None] * len(first), index=first.index, dtype="str"))


def _centers(mix: Mix) -> None:
    """Let one or two sites pass on what markets want, in one step or two, and be nothing else."""
    draw, tables = mix.draw, mix.tables
    final = draw.finals[0]
    frame = tables["sites"]
    kinds = sorted(set(tables["processes"]["plant_type"]))
    steps = [1, int(mix.pick([1, 2]))][: int(mix.pick([1, 2]))]
    used = {str(site) for site in tables["plants"]["site"]} if "plants" in tables and len(tables["plants"]) else set()
    places = [p for p in MORE_PLACES if p[0] not in set(frame["site"]) | used][: len(steps)]
    blank = frame.iloc[:1].assign(role="candidate", fixed_usd_per_yr=0.0)
    rows = []
    for place, step in zip(places, steps, strict=True):
        new = blank.assign(site=place[0], country=place[1], region=place[2], plant_types=f"center {step}")
        rows.append(gpd.GeoDataFrame(new, geometry=gpd.points_from_xy([place[3]], [place[4]]), crs=frame.crs))
    fenced = frame.assign(
        plant_types=[c if isinstance(c, str) and c else ";".join(kinds) for c in frame["plant_types"]]
    )
    tables["sites"] = gpd.GeoDataFrame(pd.concat([fenced, *rows], ignore_index=True), crs=frame.crs)
    row = next(r for r in tables["processes"].to_dict("records") if r["product"] == final)
    own = {
        "electricity_kwh_per_unit": mix.some(0, 20),
        "labor_h_per_unit": mix.some(0, 1),
        "material_usd_per_unit": 2.0,
    }
    mix.append(
        "processes",
        [
            {
                **row,
                **own,
                "plant_type": f"center {s}",
                "capacity_use": 1.0,
                "good_share": 1.0,
                "pass_through_step": float(s),
            }
            for s in sorted(set(steps))
        ],
    )
    option = tables["options"].to_dict("records")[0]
    size = float(np.ceil(draw.need[final].max() * mix.some(0.3, 1.2)))
    fresh = {
        "capacity_units_per_yr": size,
        "capex_usd": mix.some(1e5, 5e6),
        "fixed_usd_per_yr": 1e5,
        "staff_fte": 5.0,
        "min_load": mix.some(0, 0.4),
        "option": "hall",
        "expands": None,
    }
    mix.append("options", [{**option, **fresh, "plant_type": f"center {s}"} for s in sorted(set(steps))])
    lanes = tables["lanes"]
    columns = list(lanes.columns[:10])
    makers = [p for p in draw.places]
    ways = [way for a in makers for b in places for way in draw.ways(final, a, b)]
    ways += [way for a in places for b in draw.towns for way in draw.ways(final, a, b) if not mix.abroad(a, b)]
    if len(places) == 2 and steps[1] > steps[0] and not mix.abroad(*places):
        ways += draw.ways(final, places[0], places[1])
    cheap = [dict(zip(columns, way, strict=True)) for way in ways]
    for lane in cheap:
        lane["freight_usd_per_unit"] *= mix.some(0.1, 0.6)
    mix.append("lanes", cheap)


def _at_once(mix: Mix) -> None:
    """Let some expansions be made in the period in which what they expand is built."""
    rows = mix.tables["options"].to_dict("records")
    if any(isinstance(row.get("expands"), str) for row in rows):
        grows = [isinstance(row.get("expands"), str) and mix.chance(0.7) for row in rows]
        mix.set("options", "at_once", [1.0 if yes else np.nan for yes in grows])


def _retiring(mix: Mix) -> None:
    """Let what is built be closed again, for demand that falls and at a fixed cost that is felt."""
    rows = mix.tables["options"].to_dict("records")
    mix.set("options", "closing_usd", [mix.some(0, 3e7) if mix.chance(0.8) else np.nan for _ in rows])
    mix.set("options", "fixed_usd_per_yr", [row["fixed_usd_per_yr"] * mix.some(1.0, 6.0) for row in rows])
    frame = mix.tables["demand"]
    last = frame["period"].isin(mix.draw.periods[1:])
    falls = mix.some(0.1, 0.7) if mix.chance(0.7) else 1.0
    mix.set("demand", "units_per_yr", np.round(frame["units_per_yr"].where(~last, frame["units_per_yr"] * falls)))
    mix.set("options", "min_load", [row["min_load"] * min(falls, 1.0) for row in rows])


#: Features of plants that come and go; seeds draw none of them by themselves.
CHANGES: Mapping[str, Callable[[Mix], None]] = {"at_once": _at_once, "retiring": _retiring}
#: Features of recipes; seeds draw none of them by themselves.
RECIPES: Mapping[str, Callable[[Mix], None]] = {"recipes": _recipes, "centers": _centers}

FEATURES: Mapping[str, Callable[[Mix], None]] = {
    "second_maker": _second_maker,
    "spare_parts": _spare_parts,
    "ramp": _ramp,
    "expansion": _expansion,
    "closing": _closing,
    "resume": _resume,
    "plant_years": _plant_years,
    "partner": _partner,
    "option_sites": _option_sites,
    "yield": _yield,
    "heat": _heat,
    "property_tax": _property_tax,
    "trajectories": _trajectories,
    "promise": _promise,
    "clean": _clean,
    "always": _always,
}
