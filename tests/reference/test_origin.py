"""Rules of origin by hand: six parts of a vehicle, each from home or from abroad, in all 64 ways.

A calculator in plain Python says what qualifies, from the text of the agreement; the program must decide the same where
everything but origin is fixed, and the certificate must accept what the calculator accepts and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import product as cross

import numpy as np
import pandas as pd
import pytest

from evsiting.model.build import Program, build
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.results.assemble import plan_from_tables, tidy
from evsiting.results.plan import Solve, Status
from evsiting.results.rules.case import Examination
from evsiting.results.rules.trade import RULES
from evsiting.study.schema.plan_tables import DECISIONS, FLOWS
from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, PLACES, SUPPLIERS, points, sites_frame

VEHICLES = 20_000.0
#: Net cost of a vehicle and of a pack, and what else goes into them. [USD]
NET_COST, PACK = 36_000.0, 8_000.0
OTHER_FOREIGN, OTHER_HIGH_WAGE, PACK_FOREIGN = 4_500.0, 1_800.0, 300.0
CELLS = 60.0
WORK_H = 20.0
#: Parts: country at home, price at home, price abroad, units in a vehicle. Cells go into packs, which Memphis makes.
PARTS = {
    "cell": ("CA", 50.0, 40.0, CELLS),
    "motor": ("MX", 2_400.0, 1_800.0, 1.0),
    "body": ("US", 4_500.0, 3_900.0, 1.0),
    "chassis": ("MX", 3_000.0, 2_600.0, 1.0),
    "electronics": ("US", 3_600.0, 3_000.0, 1.0),
    "seats": ("CA", 1_500.0, 1_300.0, 1.0),
}
#: Parts of table A.2 that are here: the advanced battery, the body and the chassis.
CORE = ("pack", "body", "chassis")


@dataclass(frozen=True)
class Answer:
    """What the calculator says of one way of buying."""

    pack: bool
    regional_value: float
    labor_value: float
    core: bool

    @property
    def vehicle(self) -> bool:
        """Whether the vehicle originates: 75 % of regional value, 40 % of labor value, all core parts."""
        return self.regional_value >= 0.75 and self.labor_value >= 0.40 and self.core


def calculator(home: dict[str, bool]) -> Answer:
    """Return whether a vehicle originates, by the net-cost method of USMCA.

    Regional value content is (NC - VNM) / NC, with net cost NC and value VNM of non-originating material (article
    4.5.3); a vehicle needs 75 %, and so does its battery as a core part (appendix to annex 4-B, article 3); a part
    that originates counts in full (article 4.6). Labor value content is high-wage material and work over
    net cost, 40 % of a car, with a wage of USD 16 an hour (appendix, article 7). Core parts are those of table A.2
    (appendix, article 3.7).
    """
    price = {part: at_home if home[part] else abroad for part, (_, at_home, abroad, _) in PARTS.items()}
    pack_foreign = PACK_FOREIGN + (0.0 if home["cell"] else CELLS * price["cell"])
    pack = (PACK - pack_foreign) / PACK >= 0.75
    foreign = OTHER_FOREIGN + (0.0 if pack else PACK)
    high = OTHER_HIGH_WAGE + PACK  # packs of Memphis are made at USD 24 an hour; Monterrey pays USD 6
    for part, (country, *_) in PARTS.items():
        if part == "cell":
            continue
        if not home[part]:
            foreign += price[part]
        elif country in ("US", "CA"):
            high += price[part]
    core = pack and home["body"] and home["chassis"]
    return Answer(pack, (NET_COST - foreign) / NET_COST, high / NET_COST, core)


def ways() -> list[dict[str, bool]]:
    """Return every way of buying: whether each part comes from home."""
    return [dict(zip(PARTS, choice, strict=True)) for choice in cross((True, False), repeat=len(PARTS))]


@cache
def study() -> Study:
    """Return a pack plant in Memphis, a vehicle plant in Monterrey that sells to New York, and two sellers a part."""
    sites = sites_frame(list(PLACES[:2]), role=["existing"] * 2, wage_usd_per_h=[24.0, 6.0])
    sellers = [
        (f"{part}_{where}", part, country, part, None, price, None, 0.0)
        for part, (own, at_home, abroad, _) in PARTS.items()
        for where, country, price in (("home", own, at_home), ("abroad", "CN", abroad))
    ]
    suppliers = pd.DataFrame(sellers, columns=SUPPLIERS).astype({"port": "str", "capacity_units_per_yr": "float64"})
    spots = [
        {"US": (-90.0, 36.0), "CA": (-81.0, 43.0), "MX": (-100.0, 25.5), "CN": (121.47, 31.23)}[s[2]] for s in sellers
    ]
    goods = [(p, p, p, 100.0, 1_000.0, None) for p in PARTS]
    goods += [("pack", "pack", "pack", 400.0, PACK, None), ("vehicle", "vehicle", "vehicle", 2_000.0, 40_000.0, None)]
    uses = [("vehicle", "pack", 1.0), *(("vehicle", p, 1.0) for p in PARTS if p != "cell"), ("pack", "cell", CELLS)]
    lanes = [
        (s[3], s[0], "memphis" if s[3] == "cell" else "monterrey", "road", 1.0, 1.0, 1.0, 0.0, 0.0, None)
        for s in sellers
    ]
    lanes += [
        ("pack", "memphis", "monterrey", "road", 1.0, 1.0, 1.0, 0.0, 0.0, None),
        ("vehicle", "monterrey", "new_york", "road", 1.0, 1.0, 1.0, 0.0, 0.0, None),
    ]
    rows = {
        "periods": [("t1", 2027, 1)],
        "products": goods,
        "bill_of_materials": uses,
        "processes": [("pack", "pack", 1.0, 0.0, 1.0, 0.0), ("assembly", "vehicle", 1.0, 0.0, WORK_H, 0.0)],
        "options": [("pack", "line", 1e5, 1e6, 0.0, 0.0, 0.0), ("assembly", "works", 1e5, 1e6, 0.0, 0.0, 0.0)],
        "plants": [
            (f"{site}_{kind}", site, kind, None, None, "existing", 3e4, 0.0, 0.0)
            for site, kind in (("memphis", "pack"), ("monterrey", "assembly"))
        ],
        "demand": [("new_york", "vehicle", "t1", VEHICLES, None)],
        "lanes": lanes,
    }
    tables = {name: pd.DataFrame(found, columns=COLUMNS[name]) for name, found in rows.items()}
    for name in ("name", "company"):
        tables["plants"][name] = tables["plants"][name].astype("str")
    law = {"product": ["vehicle"], "origin": ["MX"], "destination": ["US"], "measure": ["MFN"], "rate": [0.025]}
    tables["duties"] = pd.DataFrame({**law, "relief": ["free"]})
    tables["origin_rules"] = pd.DataFrame(
        {
            "product": ["pack", "vehicle"],
            "rvc": [0.75, 0.75],
            "net_cost_usd_per_unit": [PACK, NET_COST],
            "other_foreign_usd_per_unit": [PACK_FOREIGN, OTHER_FOREIGN],
            "lvc": [None, 0.40],
            "high_wage_usd_per_h": [16.0, 16.0],
            "other_high_wage_usd_per_unit": [0.0, OTHER_HIGH_WAGE],
            "core_parts": [None, ";".join(CORE)],
        }
    )
    tables["sites"], tables["suppliers"] = (sites, points(suppliers, [at[0] for at in spots], [at[1] for at in spots]))
    town = pd.DataFrame({"market": ["new_york"], "country": ["US"], "region": ["US-NY"]})
    tables["markets"] = points(town, [-73.95], [40.70])
    return Study.from_tables(Settings(study=About(name="Origin"), money=Money(discount_rate=0.0)), tables)


def bought(program: Program, home: dict[str, bool]) -> Program:
    """Return the program in which each part comes from home, or from abroad."""
    shipped = next(block for block in program.milp.column_blocks if block.family == "ship")
    upper = program.milp.column_upper.copy()
    for k, origin in enumerate(program.sets.lanes.frame["origin"]):
        part, _, where = str(origin).partition("_")
        if where and home[part] != (where == "home"):
            upper[shipped.start + k] = 0.0
    return replace(program, milp=replace(program.milp, column_upper=upper))


@cache
def decided() -> list[tuple[dict[str, bool], dict[str, pd.DataFrame]]]:
    """Return every way of buying with the tables of the least cost."""
    program, limits = build(study()), Limits(time_s=60.0, gap=0.0)
    found = []
    for home in ways():
        case = bought(program, home)
        result = find_engine("highs").run(case.milp, case.milp.objectives["cost"], limits)
        assert result.status is Status.OPTIMAL
        found.append((home, tidy(case.tables(result.columns))))
    return found


def test_the_ways_of_buying_fail_by_each_rule_alone_and_pass() -> None:
    found = [calculator(home) for home in ways()]
    assert sum(a.vehicle for a in found) == 5
    alone = {
        "regional": [a for a in found if a.regional_value < 0.75 and a.labor_value >= 0.40 and a.core],
        "labor": [a for a in found if a.regional_value >= 0.75 and a.labor_value < 0.40 and a.core],
        "core": [a for a in found if a.regional_value >= 0.75 and a.labor_value >= 0.40 and not a.core],
    }
    assert all(alone.values())
    assert {a.pack for a in found} == {True, False}


def test_the_program_decides_as_the_calculator_says() -> None:
    for home, tables in decided():
        says = calculator(home)
        assert ("monterrey" in set(tables["qualified"]["site"])) == says.vehicle, home
        spared = tables["preferences"]["units_per_yr"].sum()
        assert spared == pytest.approx(VEHICLES if says.vehicle else 0.0), home


@pytest.mark.slow
def test_the_certificate_accepts_what_the_calculator_says_and_nothing_else() -> None:
    # Both products are called qualified, and the packs count as originating: the rules say which of it is not so.
    claims = [("memphis", "pack", "t1"), ("monterrey", "vehicle", "t1")]
    sent = [("pack", "memphis", "monterrey", "t1", VEHICLES)]
    called = {
        "qualified": pd.DataFrame(claims, columns=list(DECISIONS["qualified"].columns)),
        "originating": pd.DataFrame(sent, columns=list(DECISIONS["originating"].columns)),
    }
    plan = plan_from_tables(study(), decided()[0][1], Solve(Status.OPTIMAL, "cost", 0.0, 0.0))
    for home, tables in decided():
        says = calculator(home)
        flows = {name: tables[name] for name in FLOWS}
        case = Examination(study(), replace(plan, **flows, decisions={**plan.decisions, **called}))
        broken = {
            name: any(float(part.broken.max(initial=0.0)) > 1e-6 for part in RULES[name](case))
            for name in ("origin", "labor_value", "core_parts")
        }
        assert broken == {
            "origin": not says.pack or _foreign(home) > 0.25 * NET_COST,
            "labor_value": says.labor_value < 0.40,
            "core_parts": not (home["body"] and home["chassis"]),
        }, home


def _foreign(home: dict[str, bool]) -> float:
    """Return the foreign material of a vehicle whose pack counts as originating. [USD]"""
    return OTHER_FOREIGN + sum(PARTS[p][2] for p in PARTS if p != "cell" and not home[p])


def test_the_calculator_by_hand() -> None:
    # All from home: 36,000 - 4,500 is 87.5 %; 8,000 + 1,800 + 4,500 + 3,600 + 1,500 is 53.9 %.
    best = calculator(dict.fromkeys(PARTS, True))
    assert (best.pack, best.vehicle) == (True, True)
    assert np.round([best.regional_value, best.labor_value], 4).tolist() == [0.875, 0.5389]
    # All from abroad: the pack holds 300 + 60 x 40 = 2,700 of 8,000, so it counts in full with 12,600 of parts.
    worst = calculator(dict.fromkeys(PARTS, False))
    assert (worst.pack, worst.core, worst.vehicle) == (False, False, False)
    assert np.round([worst.regional_value, worst.labor_value], 4).tolist() == [0.3028, 0.2722]
