"""The section of jobs: places with their sums, ranges apart, and names that are no words of ours."""

from __future__ import annotations

from evsiting.report.html.section_jobs import _source, jobs
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan
from tests.studies import unchecked


def test_direct_jobs_stand_by_country_and_state_and_add_up(grids, texts) -> None:
    table = grids(jobs(*tiny_plan()))["Direct jobs"]
    memphis = 500 + 100 + 1_000 + (6e6 * 0.05 + 1e5 * 4 + 1e5 * 20) / 2000
    windsor = 300 + 1.5e6 * 0.05 / 2000
    values = {row[0].text: row[1].value for row in table.rows}
    assert values == {"United States": memphis, "Tennessee": memphis, "Canada": windsor, "Ontario": windsor}
    assert table.total[1].value == memphis + windsor


def test_a_plan_without_new_plants_has_the_standing_ones(grids, nothing) -> None:
    table = grids(jobs(*nothing))["Direct jobs"]
    assert [row[0].text for row in table.rows] == ["Canada", "Ontario"]
    assert table.total[1].value == 300.0


def test_a_study_without_any_job_has_an_empty_table(grids) -> None:
    study, _ = tiny_plan()
    bare = unchecked(study, plants=study.plants.iloc[:0])
    section = jobs(bare, plan_of(bare, openings=[], production=[], shipments=[]))
    table = grids(section)["Direct jobs"]
    assert table.rows == []
    assert [cell.text for cell in table.total] == ["All", "–"]


def test_a_region_that_the_outlines_lack_keeps_its_code(grids) -> None:
    study, _ = tiny_plan()
    odd = unchecked(study, sites=study.sites.assign(region=["US-<b>", "MX-NLE", "CA-ON"]))
    plan = plan_of(odd, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)
    assert "US-<b>" in [row[0].text for row in grids(jobs(odd, plan))["Direct jobs"].rows]


def test_ranges_are_apart_with_their_sources_and_sum_to_nothing(grids, texts) -> None:
    (title,) = (t for t in grids(jobs(*tiny_plan())) if t != "Direct jobs")
    table = grids(jobs(*tiny_plan()))[title]
    assert title == "Indirect and induced jobs, 2027–2036: ranges"
    assert table.total == []
    assert all(row["Source"] for row in texts(table))
    countries = list(dict.fromkeys(row["Country"] for row in texts(table)))
    assert countries == ["United States", "Canada"]


def test_a_source_is_told_apart_by_the_name_of_its_multiplier() -> None:
    assert _source("A study", "jobs.us.cell_plants") == "A study (cell plants)"
    assert _source("", "jobs.us.cell_plants") == "cell plants"
    assert _source("A study", "plain") == "A study (plain)"
