"""Dutiable inputs in products that earn an offset: all that arrives, or a split where others take them too."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.model.build import build
from tests.studies import unchecked
from tests.trade_studies import trade_study


def lines(**tables: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the constraints of offsets and the names of their columns."""
    milp = build(unchecked(trade_study(), **tables)).milp
    families = ("borne", "owed", "dutiable", "offsets")
    return list(milp.lines("offset")), [n for n in milp.column_names() if n.split("[")[0] in families]


def test_an_input_that_one_product_takes_is_all_in_it() -> None:
    rows, names = lines()
    assert not any(n.startswith(("borne", "owed")) for n in names)
    assert rows[-1] == (
        "offset[memphis,vehicle,parts,p1,paid]: offsets[memphis,vehicle,parts,p1] "
        "- 2.25 dutiable[pack,monterrey,memphis,p1] <= 0"
    )


def test_a_part_of_a_part_counts_through_what_the_site_makes_and_uses() -> None:
    rows, names = lines(quotas=trade_study().quotas.iloc[1:])
    assert "borne[memphis,vehicle,pack,cell,busan,p1]" in names
    assert "borne[memphis,vehicle,vehicle,pack,memphis,p1]" in names
    text = "\n".join(rows)
    # no more cells than 75 a pack of those packs that are in vehicles, and no more of these than the site uses
    assert "- 7.5 borne[memphis,vehicle,vehicle,pack,memphis,p1]" in text
    assert "- make[memphis,assembly,vehicle,p1]" in text
    paid = next(r for r in rows if r.startswith("offset[memphis,vehicle,parts,p1,paid]"))
    assert "- 0.09 borne[memphis,vehicle,pack,cell,busan,p1]" in paid  # ten thousand kWh of USD 9


def test_scrap_of_the_site_lets_more_into_a_good_unit() -> None:
    study = trade_study()
    processes = study.processes.assign(good_share=[1.0, 0.75, 1.0])
    rows, _ = lines(quotas=study.quotas.iloc[1:], processes=processes)
    assert "- 10 borne[memphis,vehicle,vehicle,pack,memphis,p1]" in "\n".join(rows)


def test_without_a_lane_on_the_site_its_own_packs_hold_nothing() -> None:
    study = trade_study()
    lanes = study.lanes[~((study.lanes["product"] == "pack") & (study.lanes["mode"] == "on_site"))]
    _, names = lines(quotas=study.quotas.iloc[1:], lanes=lanes)
    assert not any(",cell," in n for n in names if n.startswith("borne"))


@pytest.mark.parametrize("kept", [0, 1])
def test_an_input_that_pays_no_duty_leaves_nothing_to_split(kept: int) -> None:
    study = trade_study()
    duties = study.duties[study.duties["measure"] != "parts"].iloc[: 3 - kept]
    assert lines(duties=duties) == ([], [])
