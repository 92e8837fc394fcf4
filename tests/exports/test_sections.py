"""What a study with everything shows, and what a study without it does not."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pytest

import evsiting as ev
from evsiting.report.headline import answer
from evsiting.report.html.blocks import Grid, Section, Stack, stack
from evsiting.report.html.page import write_report
from evsiting.report.html.section_cost import cash
from evsiting.report.html.section_timeline import when
from evsiting.report.html.sections import sections
from evsiting.report.html.tables import STATUSES, lives, plants
from evsiting.report.ledger_items import COST_ITEMS, GROUPS, group_of, item_name
from evsiting.results.plan import Plan
from evsiting.study.study import Study
from tests.exports import chromium
from tests.exports.conftest import HOSTILE
from tests.full_study import PERIODS, full_plan
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan

Answer = tuple[Study, Plan]


@pytest.fixture(scope="module")
def told() -> dict[str, Section]:
    """Return the sections of the plan with everything, by name."""
    early, late = sections(*full_plan())
    return {s.name: s for s in (*early, *late)}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study, plan = full_plan()
    return write_report(tmp_path_factory.mktemp("full") / "full.html", study, plan, certificate=ev.certify(study, plan))


def grids(section: Section) -> dict[str, Grid]:
    return {block.title: block for block in section.blocks if isinstance(block, Grid)}


def column(grid: Grid, title: str) -> list[float | str]:
    at = [c.title for c in grid.columns].index(title)
    return [row[at].value for row in grid.rows]


def test_sections_are_there_only_where_the_study_has_what_they_tell_of(told: dict[str, Section]) -> None:
    assert set(told) == {"when", "landed", "trade", "programs", "power", "limits", "jobs", "cash"}
    early, late = sections(*tiny_plan())
    assert early == []
    assert {s.name for s in late} == {"landed", "trade", "programs", "jobs", "cash"}
    assert "Duties by measure" not in grids(next(s for s in late if s.name == "trade"))


def test_no_table_is_empty(told: dict[str, Section]) -> None:
    for section in told.values():
        assert section.blocks
        for block in section.blocks:
            assert not isinstance(block, Grid) or block.rows, f"{section.name}: {block.title}"
            assert not isinstance(block, Grid) or all(len(row) == len(block.columns) for row in block.rows)
            assert not isinstance(block, Grid) or len(block.total) in (0, len(block.columns))
            assert not isinstance(block, Stack) or block.bars


def test_totals_of_sections_are_those_of_the_plan(told: dict[str, Section]) -> None:
    study, plan = full_plan()
    ledger = plan.ledgers["cost"].groupby("item")["value"].sum()
    assert grids(told["cash"])[""].total[-1].value == pytest.approx(plan.totals["cost"])
    duties = grids(told["trade"])["Duties by measure"].total
    paid = [duties[n].value for n in (3, 4, 5)]
    assert paid == pytest.approx([ledger["duty"], ledger["duty relief"], ledger["duty"] + ledger["duty relief"]])
    programs = grids(told["programs"])[""]
    at = [c.title for c in programs.columns].index("Present value")
    assert programs.total[at].value == pytest.approx(-ledger["credits"])
    spent = grids(told["when"])[""].total[-1].value
    assert spent == pytest.approx(plan.sites["capex_usd"].sum() + 120e6), "investment, and what closing costs"
    jobs = grids(told["jobs"])["Direct jobs"].total[-1].value
    assert jobs == pytest.approx(plan.sites["jobs_fte"].sum(), rel=1e-6)


def test_plants_are_listed_by_what_becomes_of_them() -> None:
    study, plan = full_plan()
    listed = dict(plants(study, plan))
    assert list(listed) == [status for status in STATUSES if status in set(plan.sites["status"])]
    assert {"new", "resumed", "committed", "existing", "closed"} == set(listed)
    by = dict(zip(plan.sites["plant"], lives(study, plan), strict=True))
    assert by["P-windsor"] == "from 2029"
    assert by["P-monterrey"] == "until 2031"
    assert by["P-lansing"] == "closes 2027"
    assert by["P-savannah"].startswith("resumes 20")
    assert [row["name"] for row in listed["closed"]] == ["Lansing Works"]
    assert listed["closed"][0]["programs"] == ""
    assert sum(float(row["credits"].value or 0) for rows in listed.values() for row in rows) == pytest.approx(
        -plan.ledgers["cost"].query("item == 'credits'")["value"].sum()
    )


def test_money_that_cancels_out_is_not_shown_as_a_trifle(monkeypatch: pytest.MonkeyPatch) -> None:
    study, plan = full_plan()
    flow = ev.cash_flow(study, plan).assign(**{"duty": 50.0, "duty relief": -50.0 - 1e-9})
    monkeypatch.setattr("evsiting.report.html.section_cost.yearly_cash_flow", lambda *_: flow)
    (table,) = grids(cash(study, plan)).values()
    assert "Duty" not in [c.title for c in table.columns]
    flow["duty relief"] = -49.0
    (table,) = grids(cash(study, plan)).values()
    assert column(table, "Duty")[0] == 1.0


def test_the_answer_says_what_moves() -> None:
    study, plan = full_plan()
    text = answer(study, plan)
    assert "Resume Savannah Packs." in text
    assert "Close Lansing Works." in text


def test_bars_with_negative_parts_start_left_of_zero() -> None:
    rows = [
        ("a", {"material": 80.0, "capital": 30.0, "credits": -10.0}, "", "plan"),
        ("b", {"material": 50.0}, "", "plan"),
    ]
    made = stack("", rows, text={g: g for g in GROUPS}, unit="USD")
    assert made.zero == pytest.approx(100 * 10 / 120)
    first = made.bars[0]
    left = {s.group: (s.left, s.left + s.width) for s in first.segments}
    assert left["credits"] == pytest.approx((0.0, made.zero))
    assert left["material"][0] == pytest.approx(made.zero)
    assert left["capital"] == pytest.approx((left["material"][1], 100.0))
    assert first.net == pytest.approx(100 * (10 + 100) / 120)
    assert first.cell.value == 100.0


def test_every_item_of_cost_has_a_name_and_a_group() -> None:
    grouped = {item for _, _, items in GROUPS.values() for item in items}
    assert set(COST_ITEMS) == grouped
    assert {group_of(item) for item in COST_ITEMS} == set(GROUPS)
    assert set(full_plan()[1].ledgers["cost"]["item"]) <= set(COST_ITEMS)
    assert item_name("duty relief") == "Duty relief"


def test_a_study_without_standing_plants_can_be_shown(tmp_path: Path) -> None:
    study = ev.complete(ev.example("starter"))
    plan = ev.solve(study, gap=0.05)
    section = when(study, plan)
    assert section is not None
    assert {row[1].text for row in grids(section)[""].rows} == {"opens"}
    text = write_report(tmp_path / "s.html", study, plan).read_text("utf-8")
    assert "Against the import" not in text, "nobody overseas sells vehicles"
    assert {"moves", "landed cost"} <= set(
        openpyxl.load_workbook(ev.write_workbook(tmp_path / "s.xlsx", study, plan)).sheetnames
    )
    ev.write_geopackage(tmp_path / "s.gpkg", study, plan)
    ev.plot_map(study, plan)


def test_one_period_without_moves_needs_no_section_of_time() -> None:
    assert when(*tiny_plan()) is None


def test_the_page_shows_each_section_once_and_its_figures(page: Path, told: dict[str, Section]) -> None:
    text = page.read_text("utf-8")
    for name, section in told.items():
        assert text.count(f'<section id="{name}">') == 1
        assert f'<a href="#{name}">{section.nav}</a>' in text
    for word in ("Break-even duty", "regional value", "Bajío grant", "Lansing Works", "Great Lakes", "On time"):
        assert word in text
    assert not re.search(r"\bnan\b|\binf\b", re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))


def test_a_browser_draws_every_status_and_period(page: Path, tmp_path: Path) -> None:
    text = chromium.dom(page, tmp_path / "profile")
    if not text:
        pytest.skip("the browser printed nothing")
    for words in ("crossed out: closed", "half tone: resumed", "dashed: committed"):
        assert words in text
    for years in ("2027–2029", "2030–2033", "2034–2036"):
        assert f">{years}</button>" in text


def test_hostile_names_of_limits_stay_text(tmp_path: Path) -> None:
    study, _ = tiny_plan()
    limits = pd.DataFrame(
        [(HOSTILE[0], "capex", 2e9), (HOSTILE[2], "capex", 3e9)], columns=["limit", "kind", "at_most"]
    )
    study = study.with_table("limits", limits)
    plan = plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)
    text = write_report(tmp_path / "h.html", study, plan).read_text("utf-8")
    assert "<img src=x" not in text
    assert "<svg onload" not in text
    assert "&lt;img src=x" in text


def test_sheets_and_layers_hold_what_the_sections_show(tmp_path: Path) -> None:
    study, plan = full_plan()
    book = openpyxl.load_workbook(ev.write_workbook(tmp_path / "full.xlsx", study, plan))
    wanted = {
        *("moves", "capacity", "landed cost", "landed parts", "gate cost", "cash flow", "duty paid", "regional value"),
        *("import shares", "payments", "claims", "power", "limits used", "jobs by place", "job ranges"),
        *("openings", "closings", "resumptions", "preferences"),
    }
    assert wanted <= set(book.sheetnames)
    for name in wanted:
        heads = [c.value for c in book[name][1]]
        assert len(set(heads)) == len(heads)
        assert not [h for h in heads if re.search(r"_(usd|fte|mwh|mw|per_yr)\b", h)], name
    flow = pd.read_excel(tmp_path / "full.xlsx", sheet_name="cash flow")
    assert flow["present value [USD]"].sum() == pytest.approx(plan.totals["cost"])
    path = ev.write_geopackage(tmp_path / "full.gpkg", study, plan)
    layer = pyogrio.read_dataframe(path, layer="plants_by_period")
    assert set(layer["period"]) == set(PERIODS)
    assert "closed" not in set(layer["status"])
    markets = pyogrio.read_dataframe(path, layer="markets")
    assert markets["break_even_duty"].notna().all()


def test_sheets_without_rows_are_left_out(tmp_path: Path) -> None:
    study, plan = tiny_plan()
    book = openpyxl.load_workbook(ev.write_workbook(tmp_path / "tiny.xlsx", study, plan))
    gone = {"duty paid", "regional value", "claims", "closings", "resumptions", "clean", "preferences", "labor pools"}
    assert not gone & set(book.sheetnames)
