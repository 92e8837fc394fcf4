"""Rows of customs, spelled out; and that a study has them only where something can be saved."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES
from tests.studies import two_plant_study
from tests.trade_studies import DUTIES, trade_study

FAMILY = ("qualified", "origin", "labor_value", "core_parts", "originating", "preference", "content", "quota", "offset")
DECIDED = ("qualified", "good", "originating", "preferences", "contents", "in_quota", "offsets", "dutiable", "held")


def expected() -> dict[str, set[str]]:
    """Return the lines of the file by row family."""
    text = Path(__file__).with_name("two_plants_trade.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {family: {line for line in lines if line.startswith(f"{family}[")} for family in FAMILY}


def counts(*, periods: int = 1, **tables: pd.DataFrame) -> dict[str, int]:
    """Return how many columns and rows customs have, where there are any."""
    milp = build(trade_study(periods=periods, **tables)).milp
    rows = {block.family for block in milp.row_blocks}
    sizes = {name: milp.count(name) for name in DECIDED}
    for name in FAMILY:  # a decision and its rows may share a name
        sizes[f"{name} rows"] = (
            sum(b.stop - b.start for b in milp.row_blocks if b.family == name) if name in rows else 0
        )
    sizes["qualified"] -= sizes["qualified rows"]
    sizes["originating"] -= sizes["originating rows"]
    return {name: size for name, size in sizes.items() if size}


def duties(**changes: object) -> pd.DataFrame:
    """Return the duties of the study with columns changed."""
    rows = pd.DataFrame(DUTIES, columns=["product", "origin", "destination", "measure", "rate", "relief"])
    return rows.assign(**changes)


def nothing(name: str) -> pd.DataFrame:
    """Return an empty table."""
    return trade_study().table(name).iloc[:0]


@pytest.mark.parametrize("family", FAMILY)
def test_rows_are_as_written(family: str) -> None:
    assert set(build(trade_study()).milp.lines(family)) == expected()[family]
    assert f"\\tag{{{family.replace('_', chr(92) + '_')}}}" in (FAMILIES[family].__doc__ or "")


def test_every_lane_pays_its_stack_whatever_is_spared() -> None:
    program = build(trade_study())
    bare = build(two_plant_study())
    lanes = program.sets.lanes.frame
    ship = program.milp.column_names().index(next(n for n in program.milp.column_names() if n.startswith("ship[")))
    extra = program.milp.objectives["cost"].coefficients[ship : ship + len(lanes)]
    extra = extra - bare.milp.objectives["cost"].coefficients[ship : ship + len(lanes)]
    ends = zip(lanes["origin"], lanes["destination"], lanes["mode"], strict=True)
    paid = {" ".join(end): usd for end, usd in zip(ends, extra, strict=True) if usd}
    # Ten years of 1,000 vehicles at 38,000 x 27.5 %, 1,000 packs at 9,000 x 25 %, 10,000 kWh at 90 x 10 % and 5 %.
    assert paid == pytest.approx(
        {
            "monterrey east rail": 104.5,
            "monterrey west rail": 104.5,
            "monterrey memphis road": 22.5,
            "busan memphis sea": 0.9,
            "busan monterrey sea": 0.45,
        }
    )


def test_a_study_without_duties_has_neither_rows_nor_columns() -> None:
    milp = build(two_plant_study()).milp
    assert [milp.count(name) for name in (*FAMILY, *DECIDED)] == [0] * 18


def test_duties_without_relief_cost_money_and_nothing_else() -> None:
    assert counts(duties=duties(relief="none"), quotas=nothing("quotas"), duty_offsets=nothing("duty_offsets")) == {}


def test_a_relief_without_a_rule_is_free_to_all_that_is_sent() -> None:
    tables = {name: nothing(name) for name in ("origin_rules", "quotas", "duty_offsets")}
    found = counts(**tables)
    assert found == {"preferences": 2, "preference rows": 2, "contents": 1, "content rows": 3, "held": 1}


def test_where_only_packs_are_spared_vehicles_are_not_asked() -> None:
    law = duties()
    law.loc[law["product"] == "vehicle", "relief"] = "none"
    quotas = trade_study().quotas.query("product == 'cell'")
    found = counts(duties=law, quotas=quotas, duty_offsets=nothing("duty_offsets"))
    assert found == {
        "qualified": 1,
        "good": 1,
        "preferences": 1,
        "in_quota": 1,
        "qualified rows": 3,
        "origin rows": 1,
        "preference rows": 2,
        "quota rows": 2,
    }


def test_what_can_never_qualify_is_not_asked() -> None:
    lanes = two_plant_study().lanes
    foreign = lanes[(lanes["product"] != "cell") | (lanes["origin"] == "busan")]  # no cell but from abroad
    assert counts(lanes=foreign, quotas=nothing("quotas"), duty_offsets=nothing("duty_offsets")) == {}


def test_labor_value_out_of_reach_is_not_asked_either() -> None:
    rules = trade_study().origin_rules
    rules["other_high_wage_usd_per_unit"] = [0.0, 5_000.0]  # 9,000 + 5,000 of 14,400
    found = counts(origin_rules=rules, quotas=nothing("quotas"), duty_offsets=nothing("duty_offsets"))
    assert found == {
        "qualified": 1,
        "good": 1,
        "preferences": 1,
        "qualified rows": 3,
        "origin rows": 1,
        "preference rows": 2,
    }


def test_a_measure_that_ends_leaves_nothing_in_the_periods_after_it() -> None:
    whole, ending = counts(), duties(last_year=2031.0)
    assert counts(periods=2, duties=ending) == whole
    assert counts(periods=2) == {name: 2 * size for name, size in whole.items()}


def test_two_quotas_of_one_duty_share_what_is_sent() -> None:
    quotas = pd.concat([trade_study().quotas, trade_study().quotas.assign(quota=["More cells", "More vehicles"])])
    lines = set(build(trade_study(quotas=quotas)).milp.lines("quota"))
    assert (
        "quota[busan,cell,US,parts,p1]: - ship[cell,busan,memphis,sea,p1] + in_quota[Korean cells,busan,p1] + "
        "in_quota[More cells,busan,p1] <= 0" in lines
    )
