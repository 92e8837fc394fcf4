"""What a product must keep to qualify: worked rows, shared inputs, and rules that nothing can break."""

from __future__ import annotations

import pandas as pd

from evsiting.model.build import build
from tests.studies import unchecked
from tests.trade_studies import trade_study


def lines(family: str, **rules: object) -> list[str]:
    """Return the constraints of a family under other rules of origin."""
    study = trade_study()
    return list(build(unchecked(study, origin_rules=study.origin_rules.assign(**rules))).milp.lines(family))


def test_a_rule_that_nothing_can_break_is_not_written(trading) -> None:
    # no foreign material is allowed to be all of it: 100 % of the net cost, and no other
    free = lines("origin", rvc=[0.0, 0.0], other_foreign_usd_per_unit=[0.0, 0.0])
    assert [r.split("]")[0] for r in free] == []
    assert len(list(trading.milp.lines("origin"))) == 3


def test_foreign_material_beside_the_inputs_counts_for_each_unit(trading) -> None:
    row = next(r for r in trading.milp.lines("origin") if r.startswith("origin[memphis,pack"))
    # worst: 75 kWh at 90 and 500 of 3,600 allowed: 3,650 too much of each that does not qualify
    assert "0.9 ship[cell,busan,memphis,sea,p1]" in row
    assert "+ 3.65 good[memphis,pack,p1] <= 0" in row
    assert "- 6.75 make[memphis,pack,pack,p1]" in row  # (500 - 3,600) - 3,650


def test_without_a_labor_value_there_is_no_such_rule() -> None:
    assert lines("labor_value", lvc=None) == []


def test_work_at_home_counts_where_the_wage_is_high_enough() -> None:
    (row,) = lines("labor_value", high_wage_usd_per_h=[6.0, 6.0])
    # of 14,400 needed 6,000 is other work and 20 h at USD 9 are 180 more
    assert "8.22 good[monterrey,vehicle,p1]" in row


def test_core_parts_are_named_and_one_that_the_product_does_not_use_is_none(trading) -> None:
    (row,) = trading.milp.lines("core_parts")
    assert row.startswith("core_parts[monterrey,vehicle,pack,p1]")
    assert lines("core_parts", core_parts=None) == []
    assert lines("core_parts", core_parts=[None, "cell"]) == []  # cells go into packs


def test_all_units_qualify_or_none(trading) -> None:
    rows = [r for r in trading.milp.lines("qualified") if r.startswith("qualified[memphis,pack")]
    assert rows == [
        "qualified[memphis,pack,made,p1]: - make[memphis,pack,pack,p1] + good[memphis,pack,p1] <= 0",
        "qualified[memphis,pack,none,p1]: - 120 qualified[memphis,pack,p1] + good[memphis,pack,p1] <= 0",
        "qualified[memphis,pack,all,p1]: make[memphis,pack,pack,p1] + 120 qualified[memphis,pack,p1] "
        "- good[memphis,pack,p1] <= 120",
    ]


def test_an_input_that_two_products_take_counts_for_one_of_them() -> None:
    study = trade_study()
    bill = pd.concat(
        [study.bill_of_materials, study.bill_of_materials.iloc[:1].assign(product="vehicle", units_per_unit=1.0)]
    )
    rules = study.origin_rules.assign(lvc=[0.1, 0.4])
    milp = build(unchecked(study, bill_of_materials=bill, origin_rules=rules)).milp
    rows = list(milp.lines("labor_value"))
    paid = [n for n in milp.column_names() if n.startswith("paid[monterrey")]
    assert paid  # cells of Memphis, for packs and for vehicles
    bought = next(r for r in rows if r.startswith("labor_value[monterrey,cell,memphis,p1,bought]"))
    assert bought.count("paid[monterrey") == 2
    takes = next(r for r in rows if r.startswith("labor_value[monterrey,pack,cell,p1,takes]"))
    assert "- 7.5 make[monterrey,pack,pack,p1]" in takes
