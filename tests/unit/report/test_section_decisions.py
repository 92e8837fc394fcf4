"""The box and the sections of what was asked about a plan: only beside that plan, with names and proofs in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

import evsiting as ev
from evsiting.report.html.section_decisions import decision_sections, nearly_as_good
from evsiting.results.decisions.decision_tables import DecisionTables
from evsiting.results.decisions.why_not import BreakEven
from tests.plans import tiny_plan


def asked_about(plan: ev.Plan) -> DecisionTables:
    """Return tables of a plan with a worse set of sites that is proven to be so, and one that is not."""
    base = plan.solve.objective
    rows = [
        {"name": "alternative 1", "opens": "monterrey", "drops": "memphis", "difference": 2e6, "least_difference": 1e6,
         "against_base": "dearer", "within": "yes"},
        {"name": "alternative 2", "opens": "monterrey", "drops": "", "difference": 3e6, "least_difference": -1e6,
         "against_base": "within the gap", "within": "not proven"},
        {"name": "alternative 3", "opens": "", "drops": "memphis", "difference": -3e6, "least_difference": -4e6,
         "against_base": "cheaper", "within": "yes"},
    ]  # fmt: skip
    sites = [{"site": "monterrey", "in_base": False, "within": "may", "slack_low": 0.001, "slack_high": 0.002}]
    flip = BreakEven("monterrey", "pack", "grant", "USD", 0.0, 1.0e6, 1.01e6, pd.DataFrame())
    told = DecisionTables.of(plan=plan, break_even=[flip])
    tables = {**told.tables, "alternatives": pd.DataFrame(rows), "alternative_sites": pd.DataFrame(sites)}
    return DecisionTables(plan.study_digest, "cost", base, plan.solve.bound, 0.01, True, tables)


def test_the_box_says_what_changes_by_how_much_and_how_sure_that_is(tmp_path: Path) -> None:
    study, plan = tiny_plan()
    told = asked_about(plan)
    near = nearly_as_good(study, plan, told)
    assert [row["proof"].partition(":")[0] for row in near] == [
        "proven",
        "within the gap",
        "better than the plan of this page",
    ]
    assert near[0]["by"].startswith("USD 2 mn dearer (")
    assert " instead of " in near[0]["sites"]
    assert near[1]["sites"].startswith("with ")
    assert near[2]["sites"].startswith("without ")
    page = ev.write_report(tmp_path / "report.html", study, plan, decisions=told).read_text(encoding="utf-8")
    assert "Nearly as good" in page
    assert 'id="alternatives"' in page
    assert "It is proven that no other set of sites is within it." in page
    assert "Where the answer flips" in page
    bare = ev.write_report(tmp_path / "bare.html", study, plan).read_text(encoding="utf-8")
    assert "Nearly as good" not in bare
    assert 'id="why-not"' not in bare


def test_another_plan_is_not_told_what_was_asked_about_this_one() -> None:
    study, plan = tiny_plan()
    told = asked_about(plan)
    other = DecisionTables(told.study_digest, "cost", told.objective + 1e6, told.bound, 0.01, True, told.tables)
    assert nearly_as_good(study, plan, other) == []
    assert [section.blocks for section in decision_sections(study, plan, other)] == [[], []]
    assert decision_sections(study, plan, None) == []


def test_a_better_set_of_sites_has_a_minus_whatever_is_asked_for() -> None:
    study, plan = tiny_plan()
    told = asked_about(plan)
    for name, better, words in (
        ("cost", "−USD 3 mn", {"dearer", "within the gap", "cheaper"}),
        ("jobs", "−3,000,000 job-years", {"worse", "within the gap", "better"}),
    ):
        solve = replace(plan.solve, objective_name=name)
        tables = DecisionTables(told.study_digest, name, told.objective, told.bound, 0.01, True, told.tables)
        (others, *_), *_ = (s.blocks for s in decision_sections(study, replace(plan, solve=solve), tables))
        assert [row[3].text for row in others.rows][2] == better
        assert not others.rows[0][3].text.startswith("−")
        assert {row[6].text for row in others.rows} == words


def test_flips_of_programs_and_suppliers_say_what_is_in_the_plan_and_join_older_tables() -> None:
    study, plan = tiny_plan()
    words = ("48C at monterrey/pack", "1,000 a year from busan")
    flips = [
        BreakEven(site, "", what, "1", 1.0, 0.9, 0.8, pd.DataFrame(), decision=decision)
        for site, what, decision in (("monterrey", "offer", words[0]), ("busan", "price", words[1]))
    ]
    told = DecisionTables.of(plan=plan, break_even=flips)
    old = asked_about(plan)
    older = old.tables["break_even"].drop(columns="decision")  # written before there were such questions
    joined = told.joined(DecisionTables(old.study_digest, "cost", old.objective, old.bound, 0.0, False,
                                        {"break_even": older}))  # fmt: skip
    assert joined.tables["break_even"]["decision"].tolist() == ["", *words]
    (section,) = decision_sections(study, plan, joined)
    cells = str(section.blocks)
    assert "48C at Monterrey" in cells
    assert words[1] in cells
