"""The certificate names the limit, gateway, commitment or late unit that is wrong, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from evsiting.results.assemble import plan_from_tables
from evsiting.results.certificate import certify
from evsiting.results.plan import Plan, Solve, Status
from evsiting.results.rules import limits as rules_limits
from evsiting.results.rules import partners, service
from evsiting.results.rules.case import Examination
from evsiting.study.schema.plan_tables import DECISIONS
from evsiting.study.study import Study
from tests.limit_studies import promising_study, with_commitments, with_gateways, with_limits
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS

Rows = list[tuple[object, ...]]
RIGHT: dict[str, Rows] = {"openings": [*OPENINGS], "production": [*PRODUCTION], "shipments": [*SHIPMENTS]}


@cache
def promising(periods: int = 1) -> Study:
    """Return the two-plant study with promised times, made once; clean power is offered in Memphis."""
    study = promising_study(periods=periods)
    return study.with_table("sites", study.sites.assign(clean_premium_usd_per_mwh=[10.0, np.nan, np.nan]))


def plan_of(study: Study, **changes: Rows) -> Plan:
    """Return the right plan of one period with some tables changed; ledgers and objective agree with them."""
    tables = {
        name: pd.DataFrame(rows, columns=list(DECISIONS[name].columns)) for name, rows in {**RIGHT, **changes}.items()
    }
    plan = plan_from_tables(study, tables, Solve(Status.OPTIMAL, "cost", 0.0, 0.0, gap_asked=0.001))
    value = plan.totals["cost"]
    return replace(plan, solve=replace(plan.solve, objective=value, bound=value))


def broken(study: Study, **changes: Rows) -> set[str]:
    """Return the rows of limits, gateways and commitments that the changed plan breaks, as the rules name them."""
    case = Examination(study, plan_of(study, **changes))
    return {
        f"{family}: {part.tell(row)[0]}"
        for family, rule in {**rules_limits.RULES, **service.RULES, **partners.RULES}.items()
        for part in rule(case)
        for row in np.flatnonzero(part.broken > 1e-6).tolist()
    }


# What the right plan reaches exactly: 6 GWh of cells from Memphis and 1.5 from Windsor through Detroit, all packs and
# vehicles from Memphis, 60,000 of 100,000 vehicles in time. The bound that it just keeps, and one that it breaks.
CASES = [
    ("cost_cap", {"kind": "cost"}, "at_most", 25_312.75e6),
    ("carbon_cap", {"kind": "emissions"}, "at_most", 1.459e6),
    ("carbon_cap", {"kind": "emissions", "period": "p1"}, "at_most", 1.459e6),
    # 1.5 GWh of cells at 0.2 kg, 60,000 vehicles at 70 kg and 40,000 at 110 kg a year, ten years.
    ("freight_carbon_cap", {"kind": "freight_emissions"}, "at_most", 89e3),
    ("freight_carbon_cap", {"kind": "freight_emissions", "period": "p1"}, "at_least", 89e3),
    ("jobs_floor", {"kind": "jobs"}, "at_least", 32_875.0),
    ("jobs_floor", {"kind": "jobs", "place": "US", "period": "p1"}, "at_least", 29_500.0),
    ("jobs_floor", {"kind": "jobs", "place": "windsor"}, "at_most", 3_375.0),
    ("jobs_floor", {"kind": "jobs", "place": "US-TN", "plant_type": "pack"}, "at_least", 3_000.0),
    ("budget", {"kind": "capex"}, "at_most", 1_700e6),
    ("budget", {"kind": "capex", "place": "US-TN", "plant_type": "assembly", "period": "p1"}, "at_least", 1_000e6),
    ("country_share", {"kind": "output_share", "product": "cell", "place": "US"}, "at_most", 0.8),
    ("country_share", {"kind": "output_share", "product": "cell", "place": "CA"}, "at_least", 0.2),
    ("country_share", {"kind": "jobs_share", "place": "CA-ON"}, "at_most", 3_375.0 / 32_875.0),
    ("country_share", {"kind": "jobs_share", "place": "CA", "plant_type": "cell"}, "at_most", 3_375.0 / 9_875.0),
    ("country_share", {"kind": "capex_share", "place": "memphis"}, "at_most", 1.0),
    ("concentration", {"kind": "concentration", "product": "cell", "per": "site"}, "at_most", 0.8),
    ("concentration", {"kind": "concentration", "product": "cell", "per": "region"}, "at_most", 0.8),
    ("concentration", {"kind": "concentration", "product": "cell", "per": "country"}, "at_most", 0.8),
    ("concentration", {"kind": "concentration", "product": "cell", "per": "company"}, "at_most", 0.2),
    ("concentration", {"kind": "concentration", "product": "cell", "per": "gateway", "period": "p1"}, "at_most", 0.2),
    ("service", {"kind": "on_time_share"}, "at_least", 0.6),
    ("service", {"kind": "on_time_share", "product": "vehicle", "place": "US"}, "at_most", 0.6),
    ("service", {"kind": "on_time_share", "place": "east"}, "at_least", 1.0),
    ("renewable", {"kind": "renewable_share", "place": "memphis"}, "at_most", 0.2),
    ("survive", {"kind": "survive_share", "product": "cell"}, "at_least", 0.8),  # Detroit carries a fifth
]  # fmt: skip


def cases(factor: float) -> list[dict[str, object]]:
    """Return the limits with bounds that are tighter by a factor, where a share can be tighter."""
    found = []
    for family, limit, side, value in CASES:
        bound = value * (1.0 + factor if side == "at_least" else 1.0 - factor)
        if bound <= 1.0 or value > 1.0:
            found.append({**limit, "limit": f"{family} {len(found)}", side: bound})
    return found


def test_limits_that_are_just_kept() -> None:
    study = with_limits(promising(), *cases(0.0))
    certify(study, plan_of(study)).raise_if_failed()


def test_limits_that_are_just_broken() -> None:
    """Every one is named by the rule of its family, and the certificate fails for no other reason."""
    limits = cases(0.001)
    study = with_limits(promising(), *limits, checked=False)
    found = broken(study)
    assert {row.split(": ")[0] for row in found} == {family for family, *_ in CASES}
    for limit in limits:
        name = str(limit["limit"])
        assert any(row.startswith(f"{name.split()[0]}: {name}/") for row in found), limit
    assert set(certify(study, plan_of(study)).failed) == {family for family, *_ in CASES}


def test_imports_count_where_they_arrive() -> None:
    shipments = [
        *(row for row in SHIPMENTS if row[1] != "windsor"),
        ("cell", "windsor", "memphis", "rail", "p1", 0.75e6),
        ("cell", "busan", "memphis", "sea", "p1", 0.75e6),
    ]
    production = [row if row[0] != "windsor" else (*row[:4], 0.75e6) for row in PRODUCTION]
    imports = {"kind": "import_share", "product": "cell"}
    sellers = {"kind": "concentration", "product": "cell", "per": "supplier"}
    study = with_limits(
        promising(),
        {**imports, "at_most": 0.1},
        {**imports, "limit": "everywhere", "at_most": 0.099},
        {**imports, "limit": "Tennessee", "place": "US-TN", "at_least": 0.101},
        {**imports, "place": "MX", "at_least": 0.5},
        {**sellers, "at_most": 0.1},
        {**sellers, "limit": "sellers", "at_most": 0.099},
    )
    assert broken(study, shipments=shipments, production=production) == {
        "import_share: everywhere/p1",
        "import_share: Tennessee/p1",
        "concentration: sellers/busan/p1",
    }


def test_a_company_carries_what_it_sells_and_what_is_made_at_its_plants() -> None:
    study = promising()
    study = study.with_table("suppliers", study.suppliers.assign(company="Great Lakes"))
    shipments = [
        ("cell", "memphis", "memphis", "on_site", "p1", 5.25e6),
        ("cell", "busan", "memphis", "sea", "p1", 0.75e6),
        *SHIPMENTS[1:],
    ]
    production = [("memphis", "cell", "cell", "p1", 5.25e6), *PRODUCTION[1:]]
    makers = {"kind": "concentration", "product": "cell", "per": "company"}
    study = with_limits(study, {**makers, "at_most": 0.3}, {**makers, "limit": "makers", "at_most": 0.299})
    assert broken(study, shipments=shipments, production=production) == {"concentration: makers/Great Lakes/p1"}


def test_contracted_power_is_renewable() -> None:
    power = 6e6 * 40.0 + 100e3 * 150.0 + 100e3 * 800.0  # kWh a year in Memphis
    study = with_limits(promising(), {"limit": "green", "kind": "renewable_share", "place": "US", "at_least": 0.4})
    assert broken(study, clean=[("memphis", "p1", 0.25 * power / 1e3)]) == set()  # a quarter, and a fifth of the rest
    assert broken(study, clean=[("memphis", "p1", 0.249 * power / 1e3)]) == {"renewable: green/p1"}
    assert broken(study) == {"renewable: green/p1"}


def test_the_largest_plant_is_out() -> None:
    """Without Memphis 3 GWh of Windsor and 4 GWh of Busan are left for 7.5 GWh: more than nine tenths."""
    study = promising().with_table("lanes", promising().lanes.assign(route=None))
    cells = {"kind": "survive_share", "product": "cell"}
    study = with_limits(
        study,
        {**cells, "at_least": 0.933},
        {**cells, "limit": "cells", "at_least": 0.934},
        {"limit": "packs", "kind": "survive_share", "product": "pack", "at_least": 0.1},
    )
    assert broken(study) == {"survive: cells/p1", "survive: packs/p1"}


def test_limits_of_one_period_look_at_that_period() -> None:
    both = {name: [row for t in ("p1", "p2") for row in _moved(rows, t)] for name, rows in RIGHT.items()}
    both["openings"] = RIGHT["openings"]
    study = with_limits(
        promising(2),
        {"kind": "emissions", "period": "p2", "at_most": 0.73e6},
        {"limit": "carbon", "kind": "emissions", "at_most": 0.73e6},
        {"kind": "jobs", "period": "p2", "at_least": 16_400.0},
        {"limit": "jobs", "kind": "jobs", "period": "p2", "at_least": 16_500.0},
        {"limit": "cells", "kind": "output_share", "product": "cell", "place": "US", "period": "p2", "at_most": 0.7},
        {"limit": "in time", "kind": "on_time_share", "at_least": 0.7},
        {"kind": "capex", "period": "p2", "at_most": 0.0},
        {"limit": "spent", "kind": "capex", "period": "p1", "at_most": 0.0},
        checked=False,
    )
    assert broken(study, **both) == {
        "carbon_cap: carbon/horizon",
        "jobs_floor: jobs/p2",
        "country_share: cells/p2",
        "service: in time/p1",
        "service: in time/p2",
        "budget: spent/p1",
    }


def _moved(rows: Rows, period: str) -> Rows:
    return [tuple(period if cell == "p1" else cell for cell in row) for row in rows]


def test_nothing_is_made() -> None:
    """No share divides by zero: every share of nothing holds; of demand nothing arrives in time."""
    study = promising()
    study = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=60_000.0))
    study = with_gateways(study.with_table("plants", study.plants.iloc[:0]), detroit=0.0)
    nothing: dict[str, Rows] = {
        "openings": [],
        "production": [],
        "shipments": [],
        "unmet": [("east", "vehicle", "p1", 60e3), ("west", "vehicle", "p1", 40e3)],
    }
    study = with_limits(
        study,
        {"kind": "output_share", "product": "vehicle", "place": "US", "at_least": 0.5},
        {"kind": "capex_share", "place": "US", "at_least": 0.5},
        {"kind": "jobs_share", "place": "US", "at_least": 0.5},
        {"kind": "import_share", "product": "cell", "at_least": 0.5},
        {"kind": "concentration", "product": "cell", "per": "site", "at_most": 0.1},
        {"kind": "concentration", "product": "cell", "per": "gateway", "at_most": 0.1},
        {"kind": "renewable_share", "at_least": 0.5},
        {"kind": "emissions", "at_most": 0.0},
        {"kind": "capex", "at_most": 0.0},
        {"limit": "in time", "kind": "on_time_share", "at_least": 0.1},
        {"limit": "jobs", "kind": "jobs", "at_least": 1.0},
        {"limit": "one out", "kind": "survive_share", "product": "cell", "at_least": 0.6},
    )
    assert broken(study, **nothing) == {"service: in time/p1", "jobs_floor: jobs/horizon", "survive: one out/p1"}


def test_more_passes_a_crossing_than_it_can_carry() -> None:
    assert broken(with_gateways(promising(), detroit=9_000.0, laredo=0.0)) == set()  # 1.5 GWh of cells of 6 kg
    study = with_gateways(promising(), detroit=8_999.0)
    assert broken(study) == {"gateway: detroit/p1"}
    assert certify(study, plan_of(study)).failed == ("gateway",)


def test_promises_to_partners() -> None:
    promises = (
        {"origin": "windsor", "product": "cell", "at_least": 1.5e6, "at_most": 1.5e6},
        {"commitment": "too little", "origin": "windsor", "destination": "memphis", "product": "cell", "at_least": 2e6},
        {"commitment": "too much", "origin": "windsor", "product": "cell", "period": "p1", "at_most": 1.4e6},
        {"origin": "memphis", "destination": "east", "product": "vehicle", "at_most": 60e3},
        {"commitment": "west", "origin": "memphis", "destination": "west", "product": "vehicle", "at_most": 39_999.0},
        {"commitment": "nothing", "origin": "busan", "product": "cell", "at_least": 1.0},
    )
    study = with_commitments(promising(), *promises, checked=False)
    names = ("too little", "too much", "west", "nothing")
    assert broken(study) == {f"partner: {name}/p1" for name in names}
    assert certify(study, plan_of(study)).failed == ("partner",)


@pytest.mark.parametrize("change", ["value", "site", "delete"])
def test_late_units_are_misstated(change: str) -> None:
    plan = plan_of(promising())
    ledger = plan.ledgers["late"]
    assert ledger["value"].tolist() == [400e3]
    wrong = {"value": ledger.assign(value=300e3), "site": ledger.assign(site="monterrey"), "delete": ledger.iloc[:0]}[
        change
    ]
    spoiled = replace(plan, ledgers={**plan.ledgers, "late": wrong})
    assert certify(promising(), spoiled).failed == ("total_late", "ledger_late")


@pytest.mark.parametrize(
    ("column", "checks"), [("promise_h", {"ledger_late", "total_late"}), ("late_usd_per_unit", set())]
)
def test_the_promise_is_changed_after_the_solve(column: str, checks: set[str]) -> None:
    study = promising().with_table("demand", promising().demand.assign(**{column: 120.0}))
    assert set(certify(study, plan_of(promising())).failed) == {
        "digest",
        "ledger_cost",
        "total_cost",
        "objective",
        *checks,
    }
