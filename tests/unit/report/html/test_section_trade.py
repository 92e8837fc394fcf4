"""The section on trade: duties with their relief, origin, imports, and what is left out where there is none."""

from __future__ import annotations

import pytest

from evsiting.report.html.blocks import Words
from evsiting.report.html.section_trade import _duty_cells, trade
from tests.plans import OPENINGS, plan_of, tiny_plan
from tests.studies import unchecked
from tests.trade_studies import trade_study

#: Half of the vehicles of the west from Monterrey, of packs that it makes of Korean cells.
PRODUCTION = [
    ("memphis", "cell", "cell", "p1", 6e6),
    ("memphis", "pack", "pack", "p1", 80e3),
    ("memphis", "assembly", "vehicle", "p1", 80e3),
    ("monterrey", "pack", "pack", "p1", 20e3),
    ("monterrey", "assembly", "vehicle", "p1", 20e3),
]
SHIPMENTS = [
    ("cell", "memphis", "memphis", "on_site", "p1", 6e6),
    ("cell", "busan", "monterrey", "sea", "p1", 1.5e6),
    ("pack", "memphis", "memphis", "on_site", "p1", 80e3),
    ("pack", "monterrey", "monterrey", "on_site", "p1", 20e3),
    ("vehicle", "memphis", "east", "rail", "p1", 60e3),
    ("vehicle", "memphis", "west", "rail", "p1", 20e3),
    ("vehicle", "monterrey", "west", "rail", "p1", 20e3),
]
MORE = [("monterrey", "pack", "line", "p1"), ("monterrey", "assembly", "small", "p1")]


@pytest.fixture(scope="module")
def crossing():
    """Return a study with customs and a plan that crosses borders and declares nothing."""
    study = trade_study()
    return study, plan_of(study, openings=[*OPENINGS, *MORE], production=PRODUCTION, shipments=SHIPMENTS)


def test_duties_stand_by_measure_and_add_up(crossing, grids, texts) -> None:
    table = grids(trade(*crossing))["Duties by measure"]
    rows = {(row["Measure"], row["Product"]): row for row in texts(table)}
    assert rows["232", "Vehicle"]["Duty before relief"] == "1,900"  # 20,000 of USD 38,000 at 25 % for ten years
    assert rows["MFN", "Vehicle"]["Duty before relief"] == "190"
    assert rows["MFN", "Cell"]["Duty before relief"] == "67.5"  # 1.5 million kWh of USD 90 at 5 %
    assert rows["232", "Vehicle"]["From, to"] == "MX → US"
    assert rows["232", "Vehicle"]["Relieved"] == "–"
    due, spared, paid = (sum(float(row[k].value or 0.0) for row in table.rows) for k in (3, 4, 5))
    assert [cell.value or 0.0 for cell in table.total[3:6]] == pytest.approx([due, spared, paid])
    assert paid == pytest.approx(due + spared)


def test_origin_shows_what_is_not_declared(crossing, grids, texts) -> None:
    table = grids(trade(*crossing))["Origin"]
    rows = {(row["Made in"], row["Product"]): row for row in texts(table)}
    assert set(rows) == {(s, p) for s in ("Memphis", "Monterrey") for p in ("Pack", "Vehicle")}
    assert rows["Monterrey", "Vehicle"]["Enters as originating"] == "–"
    marks = {row[2].mark for row in table.rows}
    assert marks == {"muted"}


def test_imports_are_a_part_of_all_that_arrives(crossing, grids, texts) -> None:
    table = grids(trade(*crossing))["Imported shares"]
    by = {row["Arrives in"]: row for row in texts(table)}
    assert by["all three countries"]["2027–2036"].startswith("20")
    assert by["Mexico"]["2027–2036"].startswith("100")
    assert by["United States"]["2027–2036"].startswith("0")
    assert [row[0].text for row in table.rows] == ["Cell", "", ""]


def test_a_plan_that_ships_nothing_pays_no_duty_and_makes_nothing() -> None:
    study = trade_study()
    section = trade(study, plan_of(study, openings=[], production=[], shipments=[]))
    assert [b.text for b in section.blocks if isinstance(b, Words)] == [
        "No duty is due on what this plan ships.",
        "This plan makes nothing that a rule of origin is for.",
    ]


def test_no_section_where_nothing_is_traded_and_imports_alone_where_only_suppliers_are_abroad(grids) -> None:
    study, plan = tiny_plan()
    assert list(grids(trade(study, plan))) == ["Imported shares"]
    home = unchecked(study, suppliers=study.suppliers.assign(country="CA"))
    assert trade(home, plan) is None
    none = unchecked(study, suppliers=study.suppliers.iloc[:0])
    assert trade(none, plan) is None


@pytest.mark.parametrize(
    ("due", "spared", "texts"),
    [
        (0.0, 0.0, ["–", "–", "0", "–"]),
        (2e6, -2e6, ["2", "-2", "0", "100%"]),
        (2e6, -2e6 + 1e-4, ["2", "-2", "0", "100%"]),  # dust of arithmetic is no duty
        (0.0, -1e6, ["–", "-1", "-1", "–"]),  # offsets stand in rows without a duty of their own
    ],
)
def test_cells_of_a_duty(due: float, spared: float, texts: list[str]) -> None:
    found = [cell.text.replace("−", "-") for cell in _duty_cells(due, spared)]
    assert found[:3] == texts[:3]
    assert found[3].startswith(texts[3].rstrip("%")[:3])


def test_names_with_markup_stay_text(crossing, grids, texts) -> None:
    study, plan = crossing
    odd = unchecked(study, products=study.products.assign(name=["<i>Cell</i>", "Pack", "Vehicle"]))
    assert "<i>Cell</i>" in {row["Product"] for row in texts(grids(trade(odd, plan))["Duties by measure"])}
