"""Sections on ranges and draws: the widest range first, both ends in words, shares of sites with their interval."""

from __future__ import annotations

from dataclasses import replace

from evsiting.report.html.section_moved import robustness, what_moves
from tests.asked_studies import asked


def test_the_widest_range_is_first_and_both_ends_are_told() -> None:
    study, _, told = asked()
    section = what_moves(study, told)
    assert section is not None
    chart, table = section.blocks
    assert [bar.label for bar in chart.bars] == ["demand", "wages"]
    assert chart.bars[0].note == "× 0.5 to 1.2"
    assert [part.group for part in chart.bars[1].segments] == ["high", "low"]  # the wider one behind
    texts = {row[0].text: [cell.text for cell in row] for row in table.rows}
    assert texts["demand"][4] == "no plan"
    assert texts["wages"][2:5] == ["−USD 100 mn", "the same", "+USD 300 mn"]
    assert texts["wages"][5] == "+ Monterrey; − Memphis"
    assert table.rows[1][5].tip == "with Monterrey; without Memphis"


def test_fewer_jobs_are_told_with_a_minus_though_less_is_better_in_the_table() -> None:
    study, _, told = asked()
    section = what_moves(study, replace(told, objective_name="jobs"))
    assert section is not None
    chart, table = section.blocks
    texts = {row[0].text: [cell.text for cell in row] for row in table.rows}
    assert texts["wages"][2:5] == ["+100,000,000 job-years", "the same", "−300,000,000 job-years"]
    assert table.rows[1][4].value == -3e8
    assert [(part.group, part.tip.rpartition(": ")[2]) for part in chart.bars[1].segments] == [
        ("high", "−300,000,000 job-years"),
        ("low", "+100,000,000 job-years"),
    ]


def test_shares_of_sites_and_the_totals_of_draws_are_told() -> None:
    study, _, told = asked()
    section = robustness(study, told)
    assert section is not None
    sites, totals = section.blocks
    assert "2 times" in section.lead
    assert {row[3].text for row in sites.rows} == {"100 %"}
    assert sites.rows[0][3].tip == "2 of 2"
    assert {row[2].text for row in sites.rows} == {"built"}
    assert totals.rows[0][0].text == "Cost"
    assert totals.rows[0][1].text == totals.rows[0][2].text  # every draw is the plan itself


def test_what_was_not_asked_has_no_section() -> None:
    study, _, told = asked()
    bare = replace(told, tables={})
    assert what_moves(study, bare) is None
    assert robustness(study, bare) is None
