"""Plans to be handed on: a small one, a trade-off, and one whose names try to break out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from evsiting.results.plan import Front, Plan
from evsiting.study.study import Study
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan


@pytest.fixture(autouse=True)
def _figures_closed() -> Iterator[None]:
    """Close the figures that a test has opened: matplotlib keeps them, and warns of many."""
    yield
    plt.close("all")


#: Names that would do harm in a page, in a script, in an attribute, in a spreadsheet.
HOSTILE = (
    "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">",
    "=cmd|' /C calc'!A0",
    '"><svg onload=document.title=1>{{ 7*7 }}',
)


@pytest.fixture(scope="session")
def answer() -> tuple[Study, Plan]:
    """Return the two-plant study and its best plan."""
    return tiny_plan()


@pytest.fixture(scope="session")
def front(answer: tuple[Study, Plan]) -> Front:
    """Return a trade-off of cost against emissions: the best plan, and two that carry all vehicles farther by rail."""
    study, best = answer
    plans = [best]
    for part in (0.5, 0.0):
        road = [("vehicle", "memphis", "east", "road", "p1", 60e3 * (1 - part))] if part < 1 else []
        rail = [("vehicle", "memphis", "east", "rail", "p1", 60e3 * part)] if part > 0 else []
        ships = [s for s in SHIPMENTS if s[2] != "east"] + road + rail
        plans.append(plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=ships))
    capped = [
        replace(p, solve=replace(p.solve, caps={} if n == 0 else {"emissions": p.totals["emissions"]}))
        for n, p in enumerate(reversed(plans))
    ]
    return Front(("cost", "emissions"), tuple(capped))


@pytest.fixture(scope="session")
def hostile() -> tuple[Study, Plan]:
    """Return the same question with names that try to break out of their place."""
    study, _ = tiny_plan()
    sites, markets, products = study.sites, study.markets, study.products
    sites["name"] = HOSTILE
    markets["name"] = HOSTILE[:2]
    products["name"] = HOSTILE
    spoiled = study.with_table("sites", sites).with_table("markets", markets).with_table("products", products)
    spoiled = spoiled.with_settings(study={"name": HOSTILE[0], "question": HOSTILE[1], "author": HOSTILE[2]})
    return spoiled, plan_of(spoiled, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)


@pytest.fixture
def no_flows(answer: tuple[Study, Plan]) -> Plan:
    """Return a plan that builds and ships nothing."""
    study, _ = answer
    unmet = [(r.market, r.product, "p1", r.units_per_yr) for r in study.demand.itertuples()]
    return plan_of(
        study,
        openings=[],
        production=[],
        shipments=[],
        unmet=pd.DataFrame(unmet, columns=["market", "product", "period", "units_per_yr"]),
    )
