"""The data of the HTML page: what its script draws and opens: map, trade-off, ledgers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from evsiting.report.headline import capacity_units, kind_names, names, period_labels, period_spans
from evsiting.report.html.tables import STATUSES, lives, own_names
from evsiting.report.ledger_items import item_name
from evsiting.report.maps.flows import LANE, lane_money
from evsiting.report.maps.geometry import REMOTE, bow, first_view, flow_ends, outlines, places
from evsiting.report.number_format import rows
from evsiting.report.palette import palette
from evsiting.report.tradeoff import corners, knee, pairs, proven_points
from evsiting.results.analysis.timeline import sizes_by_period
from evsiting.results.decisions.decision_tables import DecisionTables
from evsiting.results.ledgers.ledgers import demand_by_period
from evsiting.results.plan import Front, Plan
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.study import Study, offered_objectives

#: Shipments of one plan beyond this number stay off the page's map, smallest first.
MOST_FLOWS = 6000


def plain(value: object, places: int = 6) -> float | str | None:
    """Return a number or text as JSON may hold it: rounded, without ``nan``."""
    if value is None or (isinstance(value, float | np.floating) and not math.isfinite(value)):
        return None
    if isinstance(value, float | np.floating):
        number = round(float(value), places)
        return int(number) if number.is_integer() else number
    if isinstance(value, int | np.integer):
        return int(value)
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def script_safe_json(data: object) -> str:
    r"""Return JSON that is safe inside a ``script`` element, whatever text it holds.

    Examples
    --------
    >>> script_safe_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def land() -> dict[str, list[str]]:
    """Return the outlines of states and countries as SVG paths in whole kilometres, north up."""
    frame = outlines()
    return {
        "states": [_path(g) for g in frame.geometry],
        "nations": [_path(g) for g in frame.dissolve("country").geometry],
    }


def _path(geometry: shapely.Geometry) -> str:
    """Return a polygon as an SVG path with relative steps."""
    parts = []
    for polygon in getattr(geometry, "geoms", [geometry]):
        for ring in (polygon.exterior, *polygon.interiors):
            points = np.round(np.asarray(ring.coords)[:, :2] * (1, -1)).astype(int)
            steps = np.diff(points, axis=0)
            steps = steps[np.any(steps != 0, axis=1)][:-1]
            if len(steps) > 1:
                line = " ".join(f"{x},{y}" for x, y in steps.tolist()).replace(",-", "-").replace(" -", "-")
                parts.append(f"M{points[0][0]},{points[0][1]}l{line}z")
    return "".join(parts)


class Payload:
    """Everything the script is told, for one study and its plans.

    Parameters
    ----------
    study : Study
        The study.
    plans : sequence of Plan
        The plans between which the page can switch.
    decisions : DecisionTables, optional
        What was asked about one of them.
    """

    def __init__(self, study: Study, plans: Sequence[Plan], decisions: DecisionTables | None = None) -> None:
        self.study, self.plans, self.decisions = study, list(plans), decisions
        self.places = places(study)
        self.code = {str(c): n for n, c in enumerate(self.places.index)}
        self.periods = {p: n for n, p in enumerate(period_labels(study))}
        self.products = {str(p): n for n, p in enumerate(study.products["product"])}
        self.kinds = {k: n for n, k in enumerate(kind_names(study))}
        self.box = first_view(study, {str(s) for p in plans for s in p.sites["site"]})
        self.programs: dict[str, int] = {}
        self.items: dict[str, int] = {}

    def data(self, front: Front | None, chosen: int) -> dict[str, Any]:
        """Return the whole of it; ``chosen`` is the number of the plan that shows first."""
        box = self.box
        lanes = self._lanes()
        plans = [self._plan(p, lanes) for p in self.plans]
        return {
            "box": [round(box.west), round(-box.north), round(box.width), round(box.height)],
            "periods": list(period_labels(self.study).values()),
            "spans": [[self.periods[p] for p in part] for part in period_spans(self.study).values()],
            "products": [{"name": name, "unit": unit, "kg": plain(mass)} for name, unit, mass in self._products()],
            "kinds": self._kinds(),
            "statuses": list(STATUSES),
            "places": self._places(),
            "sites": self._sites(),
            "demand": self._demand(),
            "lanes": self._lane_rows(lanes),
            "plans": plans,
            "programs": list(self.programs),
            "items": [item_name(i) for i in self.items],
            "itemCodes": list(self.items),
            "entry": self._entry(),
            "front": None if front is None else self._front(front),
            "chosen": chosen,
        }

    def _products(self) -> Iterable[tuple[str, str, float]]:
        frame = self.study.products
        shown = names(self.study, "products")
        return ((shown[str(p)], str(u), float(m)) for p, u, m in rows(frame, "product", "unit", "mass_kg_per_unit"))

    def _kinds(self) -> list[dict[str, str]]:
        looks, shown = palette(self.study), kind_names(self.study)
        units = capacity_units(self.study)
        return [
            {"name": shown[k], "path": looks.plant_type(k).path, "unit": units[k].removesuffix("/yr")}
            for k in self.kinds
        ]

    def _places(self) -> list[list[Any]]:
        frame = self.places
        return [
            [{"site": 0, "market": 1, "supplier": 2}[kind], name, region or country, round(x), round(-y)]
            for kind, name, region, country, x, y in rows(frame, "kind", "name", "region", "country", "x", "y")
        ]

    def _sites(self) -> dict[int, list[Any]]:
        """Return wage, power price, grid factor and role of each site by its place."""
        columns = ["wage_usd_per_h", "power_price_usd_per_mwh", "grid_factor_kg_per_kwh"]
        frame = self.study.sites.reindex(columns=["site", *columns, "role"])
        return {
            self.code[str(r[0])]: [*(plain(float(v), 4) for v in r[1:4]), plain(r[4])]
            for r in rows(frame, "site", *columns, "role")
        }

    def _demand(self) -> list[list[Any]]:
        frame = demand_by_period(self.study)
        frame = frame[frame["units_per_yr"] > 0]
        return [
            [self.code[str(m)], self.products[str(p)], self.periods[str(t)], plain(float(u), 2)]
            for m, p, t, u in rows(frame, "market", "product", "period", "units_per_yr")
        ]

    def _lanes(self) -> pd.DataFrame:
        """Return the lanes that any plan uses, numbered, with their facts and ends."""
        used = pd.concat([p.shipments[LANE] for p in self.plans]).drop_duplicates()
        known = self.study.lanes.drop_duplicates(LANE)
        lanes = used.merge(known, on=LANE, how="left").reset_index(drop=True)
        if not len(lanes):
            return lanes
        ends = flow_ends(self.study, lanes, self.box)
        bends = bow(ends)
        return lanes.assign(**{c: ends[c] for c in ends.columns}, cx=bends[:, 0], cy=bends[:, 1])

    def _lane_rows(self, lanes: pd.DataFrame) -> list[list[Any]]:
        """Return product, ends, mode, facts, curve, port and route of each lane; freight and duty by period."""
        if not len(lanes):
            return []
        duty, freight = lane_money(self.study, lanes)
        rows = []
        for row, due, way in zip(lanes.to_dict("records"), duty.tolist(), freight.tolist(), strict=True):
            ends = [round(row["x0"]), round(-row["y0"]), round(row["x1"]), round(-row["y1"])]
            rows.append(
                [
                    self.products[str(row["product"])],
                    self.code[str(row["origin"])],
                    self.code[str(row["destination"])],
                    str(row["mode"]).replace("_", " "),
                    plain(float(row["distance_km"]), 1),
                    plain(float(row["time_h"]), 1),
                    [plain(v, 4) for v in way],
                    [plain(v, 4) for v in due],
                    plain(float(row["emissions_kg_per_unit"]), 4),
                    *ends,
                    round(row["cx"]),
                    round(-row["cy"]),
                    plain(row["gateway_name"]),
                    plain(row["route"]),
                ]
            )
        return rows

    def _plan(self, plan: Plan, lanes: pd.DataFrame) -> dict[str, Any]:
        number = {key: n for n, key in enumerate(rows(lanes, *LANE))}
        ships = plan.shipments[plan.shipments["units_per_yr"] > 0]
        mass = self.study.products.set_index("product")["mass_kg_per_unit"]
        weight = ships["units_per_yr"] * ships["product"].map(mass).astype("float64")
        largest = ships.loc[weight.sort_values(ascending=False).index[:MOST_FLOWS]]
        keys = zip(*(largest[c].tolist() for c in LANE), strict=True)
        return {
            "plants": self._plants(plan),
            "flows": [
                [number[key], self.periods[str(t)], plain(float(u), 2)]
                for key, t, u in zip(keys, largest["period"], largest["units_per_yr"], strict=True)
            ],
            "left": max(0, len(ships) - len(largest)),
            "made": [
                [self.code[str(s)], self.kinds[str(k)], self.products[str(p)], self.periods[str(t)], plain(float(u), 2)]
                for s, k, p, t, u in rows(plan.production, "site", "plant_type", "product", "period", "units_per_yr")
            ],
            "ledgers": {name: self._ledger(frame) for name, frame in plan.ledgers.items()},
            "totals": {name: float(plan.totals[name]) for name in offered_objectives(self.study)},
        }

    def _plants(self, plan: Plan) -> list[list[Any]]:
        """Return site, kind, option, status, size by period, figures, programs, name and life of each plant."""
        frame = pd.DataFrame(plan.sites.drop(columns="geometry", errors="ignore"))
        sizes = sizes_by_period(self.study, plan).reindex(columns=list(self.periods)).fillna(0.0)
        own = own_names(self.study)
        return [
            [
                self.code[str(r["site"])],
                self.kinds[str(r["plant_type"])],
                plain(r["option"]),
                STATUSES.index(str(r["status"])),
                [plain(float(v), 2) for v in sizes.loc[r["plant"]]],
                plain(float(r["capacity_units_per_yr"]), 2),
                plain(float(r["capex_usd"]), 2),
                plain(float(r["jobs_fte"]), 2),
                plain(float(r["used"])),
                plain(r["programs"]),
                own.get(str(r["plant"]), plain(r["name"])),
                life,
            ]
            for r, life in zip(frame.to_dict("records"), lives(self.study, plan), strict=True)
        ]

    def _ledger(self, frame: pd.DataFrame) -> list[list[Any]]:
        """Return item, place, kind, program and a value for each period, and for none, of each group."""
        keys = ["item", "site", "plant_type", "program"]
        text = frame.reindex(columns=[*keys, "period"]).astype(object)
        text = text.where(text.notna(), "").astype(str).assign(value=frame["value"].to_numpy())
        text["period"] = text["period"].where(text["period"].isin(list(self.periods)), "")
        by = text.groupby([*keys, "period"], sort=False)["value"].sum().unstack("period", fill_value=0)
        by = by.reindex(columns=[*self.periods, ""], fill_value=0.0).round(2)
        rows = []
        for (item, site, kind, program), values in zip(by.index, by.to_numpy().tolist(), strict=True):
            rows.append(
                [
                    self.items.setdefault(item, len(self.items)),
                    self.code.get(site, -1),
                    self.kinds.get(kind, -1),
                    self.programs.setdefault(program, len(self.programs)) if program else -1,
                    *(plain(v) for v in (values if values[-1] else values[:-1])),
                ]
            )
        return rows

    def _entry(self) -> dict[str, Any] | None:
        """Return what it costs at least to force a plant in, by its site, and for which plan; None where unasked."""
        asked = self.decisions
        if asked is None or "entry_costs" not in asked.tables:
            return None
        name = asked.objective_name
        sites: dict[int, list[list[Any]]] = {}
        for row in asked.tables["entry_costs"].to_dict("records"):
            if str(row["in_plan"]) != "True" and row["site"] in self.code and row["plant_type"] in self.kinds:
                cell = [self.kinds[str(row["plant_type"])], plain(float(row["at_least"]), 2)]
                sites.setdefault(self.code[str(row["site"])], []).append(cell)
        money = name in OBJECTIVES and OBJECTIVES[name].quantity == "money"
        return {
            "plan": next((n for n, plan in enumerate(self.plans) if asked.is_of(plan)), -1),
            "money": money,
            "unit": OBJECTIVES[name].unit_words if name in OBJECTIVES and not money else "",
            "sites": sites,
        }

    def _front(self, front: Front) -> dict[str, Any]:
        """Return the trade-off: objectives, the knee and what is proven; infinite coordinates are null."""
        first = len(self.plans) - len(front)
        return {
            "axes": {
                name: {
                    "title": kind.title,
                    "word": kind.spoken,
                    "sense": kind.sense,
                    "steps": kind.axis,
                    "unit": kind.shown_unit if kind.quantity == "count" else "",
                }
                for name, kind in OBJECTIVES.items()
                if name in offered_objectives(self.study)
            },
            "first": first,
            "pairs": [self._pair(front, pair, first) for pair in pairs(front)],
        }

    @staticmethod
    def _pair(front: Front, pair: Front, first: int) -> dict[str, Any]:
        """Return one trade-off of two objectives; plans by their number on the page."""
        number = {id(plan): first + n for n, plan in enumerate(front.plans)}
        own = [number[id(plan)] for plan in pair.plans]
        bend = knee(pair)
        return {
            "objectives": list(pair.objectives),
            "points": own,
            "knee": None if bend is None else own[bend],
            "proven": [[own[n], plain(b), plain(c)] for n, b, c in proven_points(pair)],
            "corners": [[plain(b), plain(c)] for b, c in corners(pair)],
        }


def remote_note(study: Study) -> str:
    """Return which markets the first view of the map leaves out."""
    markets = places(study).query("kind == 'market'")
    far = markets[markets["region"].isin(REMOTE)]["name"]
    return ", ".join(sorted(set(far)))


def overseas(study: Study) -> bool:
    """Return whether any supplier stands outside the three countries."""
    suppliers = study.suppliers
    return bool(len(suppliers)) and bool((~suppliers["country"].isin(COUNTRIES)).any())
