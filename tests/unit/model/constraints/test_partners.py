"""Gateways and commitments: which lanes pass, in which unit, and in which period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.model.constraints.partners import add_gateway, add_partner, through
from evsiting.study.schema.tables import TABLES
from tests.studies import two_plant_study, unchecked


def gateways(*rows: tuple[str, float]) -> pd.DataFrame:
    """Return a table of gateways."""
    return pd.DataFrame(list(rows), columns=["gateway", "capacity_t_per_yr"])


def promised(**row: object) -> pd.DataFrame:
    """Return a table of one commitment."""
    columns = [c.name for c in TABLES["commitments"].columns]
    return pd.DataFrame([{"commitment": "deal", "origin": "windsor", "product": "cell", **row}]).reindex(
        columns=columns
    )


def lines(parts, family: str) -> list[str]:
    """Return the constraints of a family in words."""
    return list(parts.milp.finish([]).lines(family))


def test_a_lane_passes_every_gateway_that_its_route_names_once(make_parts) -> None:
    study = two_plant_study()
    route = study.lanes["route"].where(study.lanes["route"] != "detroit;laredo", "laredo; detroit ;laredo")
    sets = make_parts(unchecked(study, lanes=study.lanes.assign(route=route))).sets
    passing = through(sets)
    assert list(passing) == sorted(passing)
    assert len(passing["detroit"]) == 2
    assert len(set(passing["laredo"])) == len(passing["laredo"]) == 5
    ends = sets.lanes.frame.iloc[passing["detroit"]]["origin"].tolist()
    assert ends == ["windsor", "windsor"]


def test_a_gateway_is_limited_by_mass(one_period) -> None:
    parts = one_period.copy()
    add_gateway(parts.milp, parts.sets, parts.columns, gateways(("nogales", 5_000.0)), np.ones((1, 1)))
    # a thousand vehicles of 1,900 kg are 1.9 thousand tonnes
    assert lines(parts, "gateway") == ["gateway[nogales,p1]: 1.9 ship[vehicle,monterrey,west,rail,p1] <= 5"]


def test_a_gateway_that_nothing_passes_has_no_constraint_and_a_closed_one_has(one_period) -> None:
    parts = one_period.copy()
    add_gateway(parts.milp, parts.sets, parts.columns, gateways(("nowhere", 1.0), ("nogales", 0.0)), np.ones((2, 1)))
    (row,) = lines(parts, "gateway")
    assert row.endswith("ship[vehicle,monterrey,west,rail,p1] <= 0")
    parts = one_period.copy()
    add_gateway(parts.milp, parts.sets, parts.columns, gateways(("nowhere", 1.0)), np.ones((1, 1)))
    assert lines(parts, "gateway") == []


def test_a_part_of_the_capacity_may_be_away_in_one_period(two_periods) -> None:
    parts = two_periods.copy()
    add_gateway(parts.milp, parts.sets, parts.columns, gateways(("nogales", 5_000.0)), np.array([[1.0, 0.2]]))
    assert [x.rsplit(" ", 1)[1] for x in lines(parts, "gateway")] == ["5", "1"]


def test_a_commitment_binds_all_modes_to_all_destinations_in_every_period(two_periods) -> None:
    parts = two_periods.copy()
    add_partner(parts.milp, parts.sets, parts.columns, promised(at_least=1e6, at_most=2e6))
    first, second = lines(parts, "partner")
    assert first == (
        "partner[deal,p1]: 100 <= ship[cell,windsor,memphis,rail,p1] + ship[cell,windsor,monterrey,rail,p1] <= 200"
    )
    assert second.startswith("partner[deal,p2]: 100 <=")


def test_a_commitment_of_one_destination_and_period_binds_there_alone(two_periods) -> None:
    parts = two_periods.copy()
    add_partner(parts.milp, parts.sets, parts.columns, promised(at_most=0.0, destination="memphis", period="p2"))
    assert lines(parts, "partner") == ["partner[deal,p2]: ship[cell,windsor,memphis,rail,p2] <= 0"]


@pytest.mark.parametrize("origin", ["memphis", "nobody"])
def test_a_commitment_that_no_lane_can_keep_stays_a_constraint(one_period, origin: str) -> None:
    parts = one_period.copy()
    add_partner(parts.milp, parts.sets, parts.columns, promised(origin=origin, destination="busan", at_least=1e6))
    (row,) = lines(parts, "partner")
    assert row.endswith(">= 100")  # nothing on the left: no plan can keep it, and the solver says so
