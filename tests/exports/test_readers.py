"""What a reader sees: figures told alike in page and script, years as years, credits in use, a phone, paper."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evsiting import reference
from evsiting.report.canvas import axes
from evsiting.report.html.credits import CREDITS, credit_lines, vintage
from evsiting.report.html.page import write_report
from evsiting.report.html.sources import sources
from evsiting.report.maps.geometry import Box
from evsiting.report.maps.labels import labels
from evsiting.report.maps.map import plot_map
from evsiting.report.number_format import digits, exact, format_units, format_usd, plural
from evsiting.report.tradeoff import bend, doubt, knee, least_proven, told_apart
from evsiting.results.plan import Front, Plan
from evsiting.study.study import Study
from tests.asked_studies import asked
from tests.exports import chromium
from tests.exports.odd_plans import hundred_periods, one_place, strange_names, unserved
from tests.exports.test_html import Page

Answer = tuple[Study, Plan]


def front_of(front: Front, points: list[tuple[float, float, float]], *, caps: bool = True) -> Front:
    """Return a front of these costs, emissions and bounds on the cost."""
    plans = []
    for n, (cost, emissions, bound) in enumerate(points):
        base = front.plans[0]
        told = (("cost", cost), ("emissions", emissions), ("jobs", 1.0))
        ledgers = {name: base.ledgers[name].iloc[:1].assign(value=value) for name, value in told}
        ceiling = {"emissions": emissions} if caps and n else {}
        plans.append(
            replace(base, ledgers=ledgers, solve=replace(base.solve, objective=cost, bound=bound, caps=ceiling))
        )
    return Front(("cost", "emissions"), tuple(plans))


def test_a_knee_is_named_where_the_gaps_leave_no_doubt(front: Front) -> None:
    sure = front_of(front, [(100.0, 9.0, 99.0), (110.0, 3.0, 105.0), (190.0, 1.0, 170.0)])
    assert told_apart(sure) == [True, True]
    assert knee(sure) == 1
    assert doubt(sure) == ""


@pytest.mark.parametrize(
    "bounds",
    [(99.0, 99.0, 170.0), (99.0, 105.0, 108.0), (60.0, 60.0, 60.0), (-np.inf, -np.inf, -np.inf)],
    ids=["as the first", "as the last", "all alike", "no bound"],
)
def test_no_knee_is_named_among_plans_that_gaps_do_not_tell_apart(front: Front, bounds: tuple[float, ...]) -> None:
    found = front_of(front, [(c, e, b) for (c, e), b in zip([(100, 9.0), (110, 3.0), (190, 1.0)], bounds, strict=True)])
    assert bend(found) == 1
    assert knee(found) is None
    assert "No knee is named" in doubt(found)


def test_what_weights_prove_tells_plans_apart(front: Front) -> None:
    found = front_of(front, [(100.0, 9.0, 100.0), (110.0, 3.0, 0.0)], caps=False)
    weighed = replace(found.plans[1].solve, objective_name="1 cost + 2 emissions", objective=116.0, bound=115.0)
    found = Front(found.objectives, (found.plans[0], replace(found.plans[1], solve=weighed)))
    assert least_proven(found).tolist() == [100.0, 109.0]
    assert told_apart(found) == [True]


def test_the_page_says_which_steps_are_proven(answer: Answer, front: Front, tmp_path: Path) -> None:
    study, plan = answer
    text = write_report(tmp_path / "f.html", study, plan, front=front).read_text("utf-8")
    assert len(re.findall(r'<td class="text">(proven|within the gaps)</td>', text)) == len(front) - 1


def test_credits_are_those_of_data_in_use(answer: Answer) -> None:
    study, _ = answer
    lines = credit_lines(study, study.sources)
    assert len(lines) == 1
    assert "Natural Earth" in lines[0]
    books = pd.DataFrame(
        [("ecb_fx", "Rates", "ECB ask"), ("mine", "Our survey", "CC BY 4.0"), ("free", "A law", "public domain")],
        columns=["id", "title", "licence"],
    )
    lines = credit_lines(study.with_table("sources", books), study.sources)
    assert len(lines) == 3
    assert "European Central Bank" in lines[0]
    assert lines[1] == "Our survey: CC BY 4.0."


def test_whoever_asks_for_a_word_gets_it() -> None:
    books = reference.sources()
    words = "CC BY|Open Licence|Open Government|Apache|ECB|Good Jobs|S&P Global|INEGI"
    licence = books["licence"].fillna("")
    asks = licence.str.contains(words) & ~licence.str.contains("not copied")  # facts alone owe nobody a word
    starts = tuple(start for starts, _ in CREDITS for start in starts)
    assert asks.sum() > 8
    assert [one for one in books.loc[asks, "id"] if not one.startswith(starts)] == []


def test_old_data_are_not_called_recent() -> None:
    years = pd.DataFrame({"source": list("abcdef"), "year": ["1999", "2004-2005", "2024", "2025", "2025", None]})
    assert vintage(years, 2026) == "Half of the dated sources are of 2024 or later, the oldest of 1999."
    assert vintage(years.assign(year="2031"), 2026) == "The years of the data are not given."
    assert vintage(years.assign(year="2024"), 2026) == "All dated sources are of 2024."


def test_years_are_years_and_sources_one_row_a_group(answer: Answer) -> None:
    study, _ = answer
    programs = pd.DataFrame(
        {"program": ["credit"], "country": ["US"], "kind": ["production"], "plant_type": ["cell"], "value": [35.0]}
    )
    study = study.with_table("programs", programs.assign(first_year=2027, last_year=2030))
    groups, counts = sources(study, study.sources)
    shown = {entry["column"]: entry["figures"] for group in groups for entry in group.entries}
    assert (shown["first_year"], shown["last_year"]) == ("2027", "2030")
    assert len(groups) == len({(group.table, group.quality) for group in groups})
    assert sum(count for _, count in counts) == sum(int(e["values"]) for g in groups for e in g.entries)


VALUES = [
    0.0,
    1e-7,
    0.00123456,
    0.999,
    1.0,
    4.0999,
    9.996,
    12.345,
    99.96,
    412_345.0,
    999_499.0,
    999_500.0,
    1.0e6,
    4.13e9,
]
VALUES += [-2.5e6, -0.5, 1234.5678, 3.05e12, 1e15, 7.25e15]
UNITS = ["kWh", "MWh", "MW", "kg", "t", "vehicle", "pack", "battery", "job-year", "box", "FTE", "Stück"]


def test_the_script_writes_numbers_as_the_page_does(answer: Answer, tmp_path: Path) -> None:
    page = write_report(tmp_path / "a.html", *answer).read_text("utf-8")
    ask = f"""
const values = {json.dumps(VALUES)}, units = {json.dumps(UNITS)};
document.title = JSON.stringify([values.map((v) => [digits(v), digits(v, 2), exact(v), usd(v)]),
  units.map((u) => [plural(u), ...values.map((v) => quantity(v, u, "/yr"))])]);
"""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    (tmp_path / "b.html").write_text(page.replace("</body>", f"<script>{ask}</script></body>"), "utf-8")
    found = re.search(r"<title>(\[.*?)</title>", chromium.dom(tmp_path / "b.html", tmp_path / "profile"), re.S)
    assert found is not None
    numbers, quantities = json.loads(found.group(1))
    assert numbers == [[digits(v), digits(v, 2), exact(v), format_usd(v)] for v in VALUES]
    assert quantities == [[plural(u, 2), *(format_units(v, f"{u}/yr") for v in VALUES)] for u in UNITS]


def test_a_phone_scrolls_no_page_sideways(answer: Answer, front: Front, tmp_path: Path) -> None:
    study, plan = answer
    pages = {"front": (study, plan, front), "strange": (*strange_names(), None), "long": (*hundred_periods(), None)}
    for name, (of, best, trade) in pages.items():
        write_report(tmp_path / f"{name}.html", of, best, front=trade)
    about, base, told = asked()
    pages["asked"] = (about, base, None)
    write_report(tmp_path / "asked.html", about, base, decisions=told)
    frames = "".join(f'<iframe id="{n}" src="{n}.html" style="width:360px;height:900px"></iframe>' for n in pages)
    ask = """<script>addEventListener("load", () => setTimeout(() => {
      const over = (root) => root.scrollWidth - root.clientWidth;
      const beyond = (e) => e.getBoundingClientRect().right > 361;
      const scrolls = (e) => e.closest(".scroll") && !beyond(e.closest(".scroll"));
      const wide = (page) => [...page.querySelectorAll(".tile, nav, h1, main table, .stacks, .bars")]
        .filter((e) => beyond(e) && !scrolls(e));
      document.title = JSON.stringify([...document.querySelectorAll("iframe")].map(
        (f) => [f.id, over(f.contentDocument.documentElement), wide(f.contentDocument).length]));
    }, 500));</script>"""
    (tmp_path / "all.html").write_text(f"<!doctype html><title>-</title><body>{frames}{ask}</body>", "utf-8")
    words = ("--allow-file-access-from-files", "--dump-dom", (tmp_path / "all.html").as_uri())
    found = re.search(r"<title>(\[.*?)</title>", chromium.run(tmp_path / "profile", *words), re.S)
    assert found is not None
    assert json.loads(found.group(1)) == [[name, 0, 0] for name in pages]


def test_paper_has_title_date_and_page_numbers(answer: Answer, tmp_path: Path) -> None:
    study, plan = answer
    named = study.with_settings(study={"name": 'A "title"; }</style><b>\\ n'})
    page = write_report(tmp_path / "a.html", named, replace(plan, study_digest=named.digest)).read_text("utf-8")
    rule = re.search(r"@page\{(@top-left.*?)\n", page)
    assert rule is not None
    assert 'content:"A \\22 title\\22 \\3b  \\7d \\3c \\2f style\\3e \\3c b\\3e \\5c  n"' in rule.group(1)
    assert "counter(page)" in rule.group(1)
    assert "counter(pages)" in rule.group(1)
    assert page.count("</style>") == 1


def test_a_card_without_content_is_not_drawn(answer: Answer, tmp_path: Path) -> None:
    study, _ = answer
    bare = study.with_table("plants", study.plants.iloc[:0])
    text = write_report(tmp_path / "a.html", bare, unserved(bare)).read_text("utf-8")
    found = Page(text)
    sections = [a["id"] for tag, a in found.elements if tag == "section"]
    linked = [a["href"][1:] for tag, a in found.elements if tag == "a" and a.get("href", "").startswith("#")]
    assert sections == linked
    assert not {"plants", "unit", "when"} & set(sections)
    assert {"landed_usd", "import_share"}.isdisjoint(found.tiles())
    assert all(a["data-value"] for _, a in found.elements if a.get("class") == "tile")
    assert not re.search(r"<tbody>\s*</tbody>", text)
    assert not re.search(r"</h[23]>\s*(</section>|<h[123])", text)


def test_where_places_are_few_all_are_named_on_the_picture(answer: Answer) -> None:
    study, plan = answer
    drawn = [text.get_text() for text in plot_map(study, plan).texts]
    assert {"Memphis", "Monterrey", "Windsor", "East", "West"} <= {text.title() for text in drawn}


def test_names_on_the_picture_do_not_hide_each_other() -> None:
    study, _ = one_place()
    count = 90
    ring = np.linspace(0.0, 2 * np.pi, count, endpoint=False)
    crowd = pd.DataFrame(
        {
            "name": [f"Candidate {n}" for n in range(count)],
            "x": 150.0 * np.cos(ring),
            "y": 150.0 * np.sin(ring),
            "site": [f"s{n}" for n in range(count)],
            "size": 1.0,
            "status": "new",
        }
    )
    ax = axes(None, (6.0, 6.0))
    box = Box(-200.0, -200.0, 200.0, 200.0)
    ax.set_xlim(box.west, box.east)
    ax.set_ylim(box.south, box.north)
    ax.set_aspect("equal")
    nothing = crowd.iloc[:0].assign(part=[], radius=[])
    labels(ax, study, crowd, nothing, crowd.iloc[:0], box)
    ax.figure.draw_without_rendering()
    frames = [text.get_window_extent() for text in ax.texts]
    assert 5 < len(frames) <= 30
    assert not [1 for n, a in enumerate(frames) for b in frames[:n] if a.overlaps(b)]


def test_what_points_at_a_place_speaks_as_the_page_does(answer: Answer, tmp_path: Path) -> None:
    page = write_report(tmp_path / "a.html", *answer).read_text("utf-8")
    ask = """const all = (what) => [...document.querySelectorAll(what)];
      const told = all("#nodes .plant, #flows .hit, #nodes .markets").map((e) => e.told?.() ?? e.parentNode.told());
      const named = all("#nodes text").filter((t) => t.getAttribute("visibility") !== "hidden");
      document.title = JSON.stringify(told.map((t) => [t.title, Object.fromEntries(t.rows)])) +
        JSON.stringify(named.map((t) => t.textContent).sort()) + document.getElementById("legend").textContent"""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    (tmp_path / "b.html").write_text(page.replace("</body>", f"<script>{{{ask}}}</script></body>"), "utf-8")
    found = re.search(r"<title>(.*?)</title>", chromium.dom(tmp_path / "b.html", tmp_path / "profile"), re.S)
    assert found is not None
    told = html.unescape(found.group(1))
    for figure in ("6 GWh/yr", "USD 600 mn", "120,000 packs/yr", "60,000 vehicles/yr", "114 kt/yr"):
        assert figure in told
    assert "000,000" not in told
    assert '["East","Memphis","Monterrey","West","Windsor"]' in told
    assert "port of entry" not in told, "nothing comes from overseas"
