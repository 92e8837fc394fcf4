"""Sections on ranges and draws: the widest range first, both ends in words, shares of sites with their interval."""

from __future__ import annotations

from dataclasses import replace

from evsiting.report.html.section_moved import robustness, what_moves
from tests.asked_studies import asked, gap_alone


def test_the_widest_range_is_first_and_both_ends_are_told() -> None:
    study, _, told = asked()
    section = what_moves(study, told)
    assert section is not None
    chart, table = section.blocks
    assert [bar.label for bar in chart.bars] == ["demand", "wages"]
    assert chart.bars[0].note == "× 0.5 to 1.2"
    assert [part.group for part in chart.bars[1].segments] == ["high", "low"]  # the wider one behind
    texts = {row[0].text: [cell.text for cell in row] for row in table.rows}
    assert texts["demand"][5:7] == ["no plan", "–"]
    proven = "proven: −USD 101 mn to −USD 100 mn"
    assert texts["wages"][2:6] == ["−USD 100 mn", proven, "the same", "+USD 300 mn"]
    assert texts["wages"][7] == "+ Monterrey; − Memphis"
    assert table.rows[1][7].tip == "with Monterrey; without Memphis"


def test_ends_that_are_only_gap_are_pale_and_said_to_be_unproven() -> None:
    study, plan, _ = asked()
    section = what_moves(study, gap_alone(plan))
    assert section is not None
    assert section.lead.endswith("1 of 3 ends are within the gaps: that they change anything is not proven.")
    chart, table = section.blocks
    groups = {bar.label: {part.group for part in bar.segments} for bar in chart.bars}
    assert groups == {"fees": {"low doubt", "high"}, "rents": {"high"}}  # a low end without a plan has no bar
    assert ("high doubt", "pale: within the gaps") in chart.legend
    (row,) = [row for row in table.rows if row[0].text == "fees"]
    assert row[3].text == "within the gaps: −USD 500,000 to +USD 500,000"
    assert row[6].text.startswith("proven: +USD ")


def test_fewer_jobs_are_told_with_a_minus_though_less_is_better_in_the_table() -> None:
    study, _, told = asked()
    section = what_moves(study, replace(told, objective_name="jobs"))
    assert section is not None
    chart, table = section.blocks
    texts = {row[0].text: [cell.text for cell in row] for row in table.rows}
    assert texts["wages"][2:6:3] == ["+100,000,000 job-years", "−300,000,000 job-years"]
    assert texts["wages"][3] == "proven: +100,000,000 job-years to +101,000,000 job-years"
    assert table.rows[1][5].value == -3e8
    assert [(part.group, part.tip.partition(": ")[2].partition(" (")[0]) for part in chart.bars[1].segments] == [
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
