"""Offsets that domestic makers earn: how much a unit, and duty that stays to be offset."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.build import build
from tests.studies import unchecked
from tests.trade_studies import trade_study


def test_an_offset_is_so_much_of_each_unit_made(trading) -> None:
    rows = list(trading.milp.lines("offset"))
    assert rows[0] == (  # 3.75 % of USD 40,000
        "offset[memphis,vehicle,parts,p1]: - 1.5 make[memphis,assembly,vehicle,p1] "
        "+ offsets[memphis,vehicle,parts,p1] <= 0"
    )
    cost = trading.milp.objectives["cost"]
    at = trading.milp.column_names().index("offsets[memphis,vehicle,parts,p1]")
    assert cost.coefficients[at] * cost.unit == pytest.approx(-10 * 1e6)


def test_units_of_a_plant_that_qualifies_pay_no_duty_to_offset(trading) -> None:
    rows = list(trading.milp.lines("offset"))
    assert (
        "offset[pack,monterrey,p1]: - make[monterrey,pack,pack,p1] + good[monterrey,pack,p1] "
        "+ dutiable[pack,monterrey,memphis,p1] <= 0"
    ) in rows


def test_an_offset_of_some_years_is_worth_its_share_of_them() -> None:
    study = trade_study()
    law = study.duty_offsets.assign(first_year=2027, last_year=2028)
    first, *_ = build(study.with_table("duty_offsets", law)).milp.lines("offset")
    assert "- 0.3 make[memphis,assembly,vehicle,p1]" in first  # two of ten years


@pytest.mark.parametrize("law", [{"share": 0.0}, {"destination": "CA"}, {"measure": "other"}])
def test_where_no_duty_can_be_offset_there_is_no_column(law: dict[str, object]) -> None:
    study = trade_study()
    found = build(unchecked(study, duty_offsets=study.duty_offsets.assign(**law)))
    assert (found.milp.count("offsets"), found.milp.count("offset"), found.milp.count("dutiable")) == (0, 0, 0)
    assert "offsets" not in {d.table for d in found.decisions}


def test_the_table_is_in_dollars(trading) -> None:
    (decision,) = (d for d in trading.decisions if d.table == "offsets")
    values = np.zeros(trading.milp.shape[1])
    values[decision.column[0, 0]] = 2.5
    (row,) = decision.frame(values).to_dict("records")
    assert (row["site"], row["product"], row["measure"], row["usd_per_yr"]) == ("memphis", "vehicle", "parts", 2.5e6)
