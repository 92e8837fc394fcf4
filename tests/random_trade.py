"""Features of trade, drawn at random: duties and every relief from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tests.random_mix import Mix

__all__ = ["FEATURES"]
HOME = ("US", "CA", "MX")


def _flows(mix: Mix, *, home_only: bool = False) -> list[tuple[str, str, str]]:
    """Return product, country of origin and of destination of the lanes that cross a border."""
    draw = mix.draw
    country = {p[0]: p[1] for p in draw.places} | {t[0]: t[1] for t in draw.towns}
    made_at = set(country)
    sold = mix.tables.get("suppliers")
    if sold is not None and not home_only:
        country |= dict(zip(sold["supplier"], sold["country"], strict=True))
    lanes = mix.tables["lanes"]
    found = {
        (p, country[a], country[b])
        for p, a, b in zip(lanes["product"], lanes["origin"], lanes["destination"], strict=True)
        if a in country and country[a] != country[b] and (not home_only or a in made_at)
    }
    return sorted(found)


def _levy(mix: Mix, flows: list[tuple[str, str, str]], measures: tuple[str, ...], reliefs: tuple[str, ...]) -> None:
    """Add duties on flows; a measure may have rows for parts of the horizon that follow each other."""
    have = {(r["product"], r["origin"], r["destination"], r["measure"]) for r in _rows(mix, "duties")}
    rows = []
    for product, start, end in flows:
        for measure in measures:
            if (product, start, end, measure) in have or not mix.chance(0.8):
                continue
            first, last = mix.span() if mix.chance(0.4) else (np.nan, np.nan)
            row = {
                "product": product,
                "origin": start,
                "destination": end,
                "measure": measure,
                "rate": mix.some(0.01, 0.3, 4),
                "dutiable_share": mix.some(0.4, 1.0) if mix.chance(0.3) else 1.0,
                "relief": mix.pick(reliefs),
                "first_year": first,
                "last_year": last,
            }
            if first == first and last == last and first > last:
                row["first_year"], row["last_year"] = last, first
            rows.append(row)
            if row["last_year"] == row["last_year"] and mix.chance(0.5):
                later = {**row, "first_year": row["last_year"] + 1, "last_year": np.nan, "rate": mix.some(0.01, 0.3, 4)}
                rows.append(later)
    mix.append("duties", rows)


def _rows(mix: Mix, table: str) -> list[dict[str, object]]:
    return mix.tables[table].to_dict("records") if table in mix.tables else []


def _duties(mix: Mix) -> None:
    if mix.inputs and mix.chance(0.6):
        mix.sell(mix.inputs, ("KR", "CN"))
    flows = [f for f in _flows(mix) if mix.chance(0.7)]
    _levy(mix, flows, ("MFN", "Section 232") if mix.chance(0.5) else ("MFN",), ("none",))
    sold = mix.tables.get("suppliers")
    if sold is not None and len(sold) and mix.chance(0.4):  # customs values some of it higher or lower than the price
        stated = [price * mix.some(0.6, 1.8) if mix.chance(0.7) else np.nan for price in sold["price_usd_per_unit"]]
        mix.set("suppliers", "customs_value_usd_per_unit", stated)


def _relief(mix: Mix) -> None:
    """Add duties within the three countries that originating goods are spared."""
    if mix.inputs and mix.chance(0.5):
        mix.sell(mix.inputs, ("US", "MX", "CA") if mix.chance(0.5) else ("US",))
    flows = [f for f in _flows(mix, home_only=True) if mix.chance(0.8)]
    _levy(mix, flows, ("MFN",), ("free",))
    _levy(mix, flows, ("Section 232",), ("content", "content", "free", "none"))


def _origin(mix: Mix) -> None:
    """Add rules of origin for one or two products, near what plants can keep."""
    if mix.inputs:
        mix.sell(mix.inputs, ("KR", "US", *(c for c in ("MX", "CA") if mix.chance(0.4))))
        # What does not originate is cheaper, lest the rules be kept for nothing.
        sold = mix.tables["suppliers"]
        factor = [mix.some(0.9, 1.2) if c in HOME else mix.some(0.5, 0.9) for c in sold["country"]]
        mix.set("suppliers", "price_usd_per_unit", sold["price_usd_per_unit"] * factor)
    _relief(mix)
    draw = mix.draw
    value = dict(mix.tables["products"][["product", "value_usd_per_unit"]].itertuples(index=False, name=None))
    whole = list(dict.fromkeys(w for w, _, _ in draw.uses))
    rows = []
    for product in draw.products:
        if not (product == (whole or draw.products)[-1] or (mix.chance(0.6) and len(rows) < 1)):
            continue
        parts = {part: units for w, part, units in draw.uses if w == product}
        # The inputs abroad may take up about the whole room that the rule leaves.
        inputs = sum(units * value[part] for part, units in parts.items()) / value[product]
        rvc = float(np.clip(np.round(1.0 - inputs * mix.some(0.1, 1.3), 2), 0.05, 0.9))
        rows.append(
            {
                "product": product,
                "rvc": rvc,
                "net_cost_usd_per_unit": np.round(value[product] * mix.some(0.8, 1.1)) if mix.chance(0.6) else np.nan,
                "other_foreign_usd_per_unit": np.round(value[product] * mix.some(0, 0.15), 2),
                "lvc": mix.some(0.02, 0.4) if mix.chance(0.7) else np.nan,
                "high_wage_usd_per_h": mix.pick([7.0, 16.0, 25.0]),
                "other_high_wage_usd_per_unit": np.round(value[product] * mix.some(0, 0.05), 2),
                "core_parts": ";".join(p for p in parts if mix.chance(0.5)) or None,
                "other_content_usd_per_unit": np.round(value[product] * mix.some(0, 0.2), 2),
            }
        )
    mix.append("origin_rules", rows)


def _quota(mix: Mix) -> None:
    if mix.chance(0.5):
        mix.sell(mix.draw.finals if mix.chance(0.5) else mix.draw.products[:1], ("KR",))
    if not _rows(mix, "duties"):
        _duties(mix)
    seen: set[tuple[str, str, str]] = set()
    rows = []
    for duty in _rows(mix, "duties"):
        flow = (str(duty["product"]), str(duty["origin"]), str(duty["destination"]))
        if flow in seen or not mix.chance(0.5):
            continue
        seen.add(flow)
        first, last = mix.span(open_ended=False) if mix.chance(0.4) else (np.nan, np.nan)
        rows.append(
            {
                "quota": f"quota {len(rows) + 1}",
                "product": flow[0],
                "origin": flow[1],
                "destination": flow[2],
                "measure": duty["measure"],
                "units_per_yr": np.round(mix.draw.need[flow[0]].max() * mix.some(0.05, 0.9)),
                "rate": np.round(duty["rate"] * mix.some(0.0, 0.9), 4),
                "first_year": first,
                "last_year": last,
            }
        )
    mix.append("quotas", rows)


def _offsets(mix: Mix) -> None:
    if mix.inputs:
        mix.sell(mix.inputs, ("KR", "CN"))
    draw = mix.draw
    flows = [f for f in _flows(mix) if f[0] in mix.inputs]
    home = set(_flows(mix, home_only=True))
    _levy(mix, [f for f in flows if f not in home], ("parts",), ("none",))
    _levy(mix, [f for f in flows if f in home], ("parts",), ("none", "none", "free", "content"))
    retail = {"cell": 150.0, "pack": 12_000.0, "motor": 2_000.0, "vehicle": 45_000.0, "van": 60_000.0}
    rows = []
    for country in sorted({p[1] for p in draw.places}):
        for product in draw.products:
            parts = {part for whole, part, _ in draw.uses if whole == product}
            paid = {
                r["product"] for r in _rows(mix, "duties") if (r["destination"], r["measure"]) == (country, "parts")
            }
            if parts & paid and mix.chance(0.8):
                first, last = mix.span(open_ended=False) if mix.chance(0.4) else mix.years()
                rows.append(
                    {
                        "destination": country,
                        "product": product,
                        "measure": "parts",
                        "share": mix.some(0.005, 0.06, 4),
                        "value_usd_per_unit": retail[product],
                        "first_year": first,
                        "last_year": last,
                    }
                )
    mix.append("duty_offsets", rows)


FEATURES: Mapping[str, Callable[[Mix], None]] = {
    "duties": _duties,
    "relief": _relief,
    "origin": _origin,
    "quota": _quota,
    "offsets": _offsets,
}
