"""The HTML report: one file, no network, the plan's own figures, nothing that breaks out."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from evsiting.errors import InputError
from evsiting.report.html.page import write_report
from evsiting.results.certificate import certify
from evsiting.results.plan import Front, Plan
from evsiting.study.constraint_families import CONSTRAINT_FAMILIES, families_in_use
from evsiting.study.study import Study
from tests.exports import chromium
from tests.exports.conftest import HOSTILE
from tests.plans import tiny_plan

Answer = tuple[Study, Plan]


class Page(HTMLParser):
    """Elements of a page with their attributes, and the text of its scripts and tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, str] = {}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        if tag == "script":
            self._open = dict(attrs).get("id") or "code"

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.text[self._open] = self.text.get(self._open, "") + data

    def tiles(self) -> dict[str, float]:
        """Return the exact values of the tiles that the page shows, before any template."""
        found: dict[str, float] = {}
        for tag, attributes in self.elements:
            if tag == "template":
                break
            if attributes.get("class") == "tile" and attributes["data-value"]:
                found[attributes["data-name"]] = float(attributes["data-value"])
        return found

    def totals(self) -> dict[str, object]:
        return json.loads(self.text["evsiting-totals"])


@pytest.fixture(scope="module")
def page(answer: Answer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    study, plan = answer
    folder = tmp_path_factory.mktemp("report")
    return write_report(folder / "siting.html", study, plan, certificate=certify(study, plan))


def addresses(text: str) -> list[str]:
    """Return everything in a page that a browser would fetch from somewhere."""
    found = re.findall(r"url\(([^)]*)\)|@import\s+(\S+)", text)
    css = [a or b for a, b in found]
    marks = [
        value
        for tag, attributes in Page(text).elements
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "data", "action", "poster", "xlink:href") and not value.startswith("#")
    ]
    return css + marks


def test_the_file_needs_nothing_from_outside(page: Path) -> None:
    text = page.read_text("utf-8")
    assert addresses(text) == []
    assert not re.search(r"https?://", text)
    assert "default-src 'none'" in text
    assert page.stat().st_size < 1_000_000
    assert [p.name for p in page.parent.iterdir()] == ["siting.html"]


def test_tiles_and_totals_are_the_plans_own(page: Path, answer: Answer) -> None:
    _, plan = answer
    found = Page(page.read_text("utf-8"))
    tiles, told = found.tiles(), found.totals()["plans"][0]
    assert set(tiles) == {"cost", "landed_usd", "emissions", "freight_emissions", "jobs", "import_share"}
    for name, value in plan.totals.items():
        assert tiles[name] == pytest.approx(value, rel=1e-12)
        assert told["totals"][name] == pytest.approx(value, rel=1e-12)
    assert told["gap"] == pytest.approx(plan.gap)
    assert tiles["landed_usd"] == pytest.approx(plan.totals["cost"] / (10 * 100e3))
    assert tiles["import_share"] == 0.0


def test_ledgers_on_the_page_add_up_to_the_totals(page: Path, answer: Answer) -> None:
    _, plan = answer
    data = json.loads(Page(page.read_text("utf-8")).text["evsiting-data"])
    for name, value in plan.totals.items():
        lines = data["plans"][0]["ledgers"][name]
        assert sum(sum(line[4:]) for line in lines) == pytest.approx(value, rel=1e-9, abs=0.1)


def test_the_program_on_the_page_has_the_names_of_the_model(page: Path) -> None:
    told = set(re.findall(r"<code>(\w+)</code>", page.read_text("utf-8")))
    core = {name for name, family in CONSTRAINT_FAMILIES.items() if family.use is None}
    assert told >= core
    assert not told & (set(CONSTRAINT_FAMILIES) - core), "the two-plant study has no use for these"


def test_a_page_names_the_rows_that_its_study_has_a_use_for() -> None:
    study, _ = tiny_plan()
    assert families_in_use(study) == []
    limits = pd.DataFrame({"limit": ["money"], "kind": ["capex"], "at_most": [2e9]})
    assert [family.name for family in families_in_use(study.with_table("limits", limits))] == ["budget"]


def test_honesty_is_said_as_it_is(answer: Answer, tmp_path: Path) -> None:
    study, plan = answer
    text = write_report(tmp_path / "a.html", study, plan).read_text("utf-8")
    assert "Optimal: no plan can be more than" in text
    assert "No certificate was made" in text
    spoiled = plan.shipments.assign(units_per_yr=plan.shipments["units_per_yr"] * 1.5)
    wrong = Plan(**{**vars(plan), "shipments": spoiled})
    text = write_report(tmp_path / "b.html", study, wrong, certificate=certify(study, wrong)).read_text("utf-8")
    assert "Certificate failed" in text
    assert "Do not rely on this plan" in text


def test_a_plan_without_plants_or_flows_can_be_reported(answer: Answer, no_flows: Plan, tmp_path: Path) -> None:
    text = write_report(tmp_path / "none.html", answer[0], no_flows).read_text("utf-8")
    assert "Build nothing new" in text
    assert "nan" not in re.sub(r"<script.*?</script>", "", text, flags=re.S).lower().replace("windsor", "")


def test_certificates_must_match_the_front(answer: Answer, front: Front, tmp_path: Path) -> None:
    study, plan = answer
    with pytest.raises(InputError, match="not one for each plan"):
        write_report(tmp_path / "a.html", study, plan, front=front, front_certificates=[certify(study, plan)])


def test_every_plan_of_the_front_is_in_the_file(answer: Answer, front: Front, tmp_path: Path) -> None:
    study, plan = answer
    found = Page(write_report(tmp_path / "f.html", study, plan, front=front).read_text("utf-8"))
    told = found.totals()
    assert len(told["plans"]) == len(front)
    assert told["plans"][told["chosen"]]["totals"]["cost"] == pytest.approx(plan.totals["cost"])
    shown = [a["data-value"] for t, a in found.elements if a.get("data-name") == "emissions"]
    assert [float(v) for v in shown[1:]] == pytest.approx([p.totals["emissions"] for p in front.plans])


def test_a_browser_without_network_shows_the_totals(answer: Answer, front: Front, tmp_path: Path) -> None:
    study, plan = answer
    page = write_report(tmp_path / "f.html", study, plan, front=front, certificate=certify(study, plan))
    found = Page(chromium.dom(page, tmp_path / "profile"))
    assert {n: found.tiles()[n] for n in plan.totals} == pytest.approx(plan.totals)
    kinds = [a.get("class", "") for _, a in found.elements]
    assert kinds.count("flow") == 3  # cells from Windsor, vehicles to both markets
    assert sum(k.startswith("point") for k in kinds) == len(front)
    assert sum(k.startswith("plant ") for k in kinds) > 4


def test_choosing_a_plan_changes_the_page(answer: Answer, front: Front, tmp_path: Path) -> None:
    study, plan = answer
    page = write_report(tmp_path / "f.html", study, plan, front=front)
    words = ("--window-size=1366,900", "--dump-dom", page.as_uri() + "#plan-2")
    found = Page(chromium.run(tmp_path / "profile", *words))
    assert {n: found.tiles()[n] for n in plan.totals} == pytest.approx(front.plans[1].totals)
    assert [a["data-plan"] for t, a in found.elements if t == "tr" and "sel" in a.get("class", "")] == ["1"]


def test_a_browser_paints_the_page(page: Path, tmp_path: Path) -> None:
    with Image.open(chromium.picture(page, tmp_path / "profile", tmp_path / "page.png")) as shot:
        colours = shot.convert("RGB").getcolors(1 << 24)
    assert len(colours) > 200


def test_hostile_names_stay_text(hostile: Answer, tmp_path: Path) -> None:
    study, plan = hostile
    page = write_report(tmp_path / "h.html", study, plan, certificate=certify(study, plan))
    found = Page(page.read_text("utf-8"))
    assert sum(tag == "script" for tag, _ in found.elements) == 3
    assert not [a for tag, a in found.elements if tag in ("img", "iframe", "object", "embed", "link", "base")]
    assert not [n for _, a in found.elements for n in a if n.startswith("on")]
    assert HOSTILE[0] in {site[1] for site in json.loads(found.text["evsiting-data"])["places"]}
    shown = Page(chromium.dom(page, tmp_path / "profile"))
    assert sum(tag == "script" for tag, _ in shown.elements) == 3
    assert not [1 for tag, _ in shown.elements if tag == "img"]
    assert shown.tiles()["cost"] == pytest.approx(plan.totals["cost"])
