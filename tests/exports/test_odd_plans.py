"""Every deliverable of plans at the edges: nothing built, one place, a hundred periods, names that do harm."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio
import pytest

from evsiting.report.charts import plot_front, plot_waterfall
from evsiting.report.exports.geopackage import write_geopackage
from evsiting.report.exports.workbook import write_workbook
from evsiting.report.headline import facts, period_spans, shown_periods
from evsiting.report.html.page import write_report
from evsiting.report.html.tables import ledger, waterfall
from evsiting.report.maps.map import plot_map
from evsiting.results.analysis.trade import regional_value
from evsiting.results.plan import Front, Status
from tests.exports.odd_plans import ODD, best, hundred_periods, nothing_built, paid_to_build, stopped, unserved
from tests.studies import two_plant_study

#: Plans whose pictures are those of the best plan: only what is told of their proof differs.
LIKE_THE_BEST = ("time without bound", "interrupted")
#: What no reader should see.
BAD = re.compile(r"\b(nan|NaN|NaT|inf|Infinity|None|undefined)\b|<NA>")


def visible(text: str) -> str:
    """Return what a page shows: without scripts, styles and marks."""
    text = re.sub(r"<(script|style|template)\b.*?</\1>", " ", text, flags=re.S)
    return re.sub(r"<[^>]*>", " ", text)


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # figures at the edges are told as what they are
@pytest.mark.parametrize("name", ODD)
def test_every_deliverable_of_an_odd_plan_is_written(name: str, tmp_path: Path) -> None:
    study, plan = ODD[name]()
    page = write_report(tmp_path / "a.html", study, plan).read_text("utf-8")
    assert not BAD.search(visible(page))
    assert page.count("<script") == 3
    book = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", study, plan), read_only=True)
    assert book.sheetnames[0] == "About"
    layers = pyogrio.list_layers(write_geopackage(tmp_path / "a.gpkg", study, plan))
    assert {"sites", "markets", "about"} <= set(layers[:, 0])
    for plot in (plot_map, plot_waterfall) if name not in LIKE_THE_BEST else ():
        plot(study, plan).figure.savefig(tmp_path / "a.png")
        assert (tmp_path / "a.png").stat().st_size > 5_000


def test_a_plan_that_makes_nothing_has_no_regional_value() -> None:
    assert regional_value(*nothing_built()).empty


def test_bars_of_a_unit_that_pays_stay_on_the_page() -> None:
    bars = waterfall(facts(*paid_to_build()))
    assert any(b["cell"].value < 0 for b in bars if b["kind"] == "total")
    assert min(b["left"] for b in bars) == pytest.approx(0.0, abs=1e-9)
    assert max(b["left"] + b["width"] for b in bars) == pytest.approx(100.0)


@pytest.mark.slow
def test_fronts_of_one_point_and_of_plans_without_a_bound_are_drawn(tmp_path: Path) -> None:
    study = two_plant_study()
    plan, idle = best(study), unserved(study)
    open_end = stopped(Status.FEASIBLE, "interrupt")()[1]
    capped = replace(idle.solve, caps={"emissions": idle.totals["emissions"]}, bound=-np.inf, status=Status.FEASIBLE)
    for plans in ((plan,), (open_end, replace(idle, solve=capped)), (idle, idle, idle)):
        front = Front(("cost", "emissions"), plans)
        page = write_report(tmp_path / "a.html", study, plans[0], front=front).read_text("utf-8")
        assert not BAD.search(visible(page))
        plot_front(front).figure.savefig(tmp_path / "a.png")
        write_workbook(tmp_path / "a.xlsx", study, plans[0], front=front)


def test_very_many_periods_are_told_in_few_columns(tmp_path: Path) -> None:
    study, plan = hundred_periods()
    spans, shown = period_spans(study), shown_periods(study)
    assert [p for part in spans.values() for p in part] == list(study.periods["period"])
    assert list(spans)[0] == "2027–2038"
    assert list(spans)[-1][-4:] == "2126"
    assert (list(shown)[0], list(shown)[-1], len(shown)) == ("y000", "y099", 8)
    page = write_report(tmp_path / "a.html", study, plan).read_text("utf-8")
    assert max(row.count("<th") for row in re.findall(r"<thead>.*?</thead>", page, flags=re.S)) <= 16
    for name in plan.ledgers:
        told = ledger(study, plan, name)
        cells = [float(cell.value) for cell in told["total"]]
        assert sum(cells[:-1]) == pytest.approx(cells[-1])
        assert cells[-1] == pytest.approx(plan.totals[name])
    assert list(period_spans(two_plant_study(periods=2))) == ["2027–2031", "2032–2036"]
