"""What-if cases beside a plan: only those of its study and objective, with the sites that change at each end."""

from __future__ import annotations

from dataclasses import replace

import pytest

import evsiting as ev
from evsiting.results.decisions.moved_tables import selection_table, spread_table, tornado_table
from tests.asked_studies import RANGES, asked, gap_alone, moved


def cases(plan: ev.Plan, **plans: ev.Plan) -> ev.CasePlans:
    held = {"base": plan, **{name.replace("_", " "): one for name, one in plans.items()}}
    return ev.CasePlans("two", plan.study_digest, tuple(held), held)


def test_a_range_tells_its_factors_and_the_sites_that_change() -> None:
    _, plan, told = asked()
    table = told.tables["tornado"].set_index("name")
    assert table.loc["wages", ["low_factor", "high_factor"]].tolist() == [0.9, 1.3]
    assert table.loc["wages", "high_opens"] == "monterrey"
    assert table.loc["wages", "high_drops"] == "memphis"
    assert table.loc["demand", "low_opens"] == ""
    with pytest.raises(ev.InputError, match="no ends of ranges"):
        tornado_table(cases(plan), plan, RANGES)


def test_an_end_is_told_to_move_the_answer_only_where_the_gaps_prove_it() -> None:
    _, plan, _ = asked()
    table = gap_alone(plan).tables["tornado"].set_index("name")
    ends = table.loc["fees", ["low_least", "low_most", "high_least", "high_most"]].tolist()
    assert ends == pytest.approx([-5e5, 5e5, 2.99e8, 3e8], abs=1.0)
    assert table["low_told"].to_dict() == {"fees": "within the gaps", "rents": ""}
    assert table["high_told"].to_dict() == {"fees": "more", "rents": "less"}
    loose = replace(plan, solve=replace(plan.solve, bound=plan.solve.objective - 1e9))  # the plan's own gap counts, too
    again = gap_alone(loose).tables["tornado"].set_index("name")
    assert again["high_told"].to_dict() == {"fees": "more", "rents": "within the gaps"}


def test_a_plant_of_the_plan_that_no_draw_has_is_listed_with_none() -> None:
    _, plan, _ = asked()
    new = plan.sites.assign(site="monterrey")
    drawn = replace(plan, sites=new)
    table = selection_table(cases(plan, draw_1=drawn, draw_2=drawn), plan).set_index(["site", "plant_type"])
    row = table.loc[("memphis", "pack")]
    assert (row["built"], row["of"], bool(row["in_plan"])) == (0, 2, True)
    assert row["most"] == pytest.approx(1.959964**2 / (2 + 1.959964**2))
    assert not table.loc[("monterrey", "pack"), "in_plan"]


def test_cases_of_another_study_objective_or_question_are_refused_all_at_once() -> None:
    _, plan, _ = asked()
    other = replace(plan, solve=replace(plan.solve, objective_name="jobs", caps={"cost": 1.0}), study_digest="f" * 64)
    with pytest.raises(ev.InputError) as told:
        spread_table(cases(plan, draw_1=moved(plan, 1.0)), other)
    words = [problem.what for problem in told.value.problems]
    assert len(words) == 3
    assert words[0] == "the cases are of another study than the plan"
    lost = replace(cases(plan), plans={"draw 1": plan})
    with pytest.raises(ev.InputError, match="as it stands has no plan"):
        selection_table(lost, plan)
