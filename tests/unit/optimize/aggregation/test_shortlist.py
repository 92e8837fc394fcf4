"""A shortlist: sites of a plan and candidates that come near, in a study that every question can be asked of."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.optimize.aggregation.shortlist import ASKED, NEAR, OF_PLAN, STANDS
from evsiting.study.study import Study
from tests.limit_studies import with_limits
from tests.twin_studies import TWINS, twin_study


@pytest.fixture(scope="module")
def twins() -> Study:
    return twin_study()


@pytest.fixture(scope="module")
def found(twins: Study) -> ev.AggregatedSolve:
    return ev.solve_by_aggregation(twins, gap=0.05)


@pytest.fixture(scope="module")
def short(found: ev.AggregatedSolve) -> ev.Shortlist:
    return ev.shortlist(found.study, found.plan, sites=1, also=[f"{TWINS[1]}-2"])


def test_it_holds_the_sites_of_the_plan_what_stands_and_those_asked_for(
    twins: Study, found: ev.AggregatedSolve, short: ev.Shortlist
) -> None:
    why = short.sites.set_index("site")["why"]
    built = set(found.plan.opened["site"])
    assert built <= set(why[why == OF_PLAN].index) | {f"{TWINS[1]}-2"}
    assert (why == NEAR).sum() == 1
    assert f"{TWINS[1]}-2" in why[why.isin([ASKED, OF_PLAN])].index
    standing = twins.sites.loc[twins.sites["role"] == "existing", "site"]
    assert set(why[why == STANDS].index) >= set(standing) - built
    assert set(short.study.sites["site"]) == set(why.index)
    assert (short.of_sites, short.of_markets) == (9, 10)


def test_markets_of_a_group_are_one_and_its_demand_is_all_of_theirs(twins: Study, short: ev.Shortlist) -> None:
    small = short.study
    assert len(small.markets) == 5
    assert small.demand["units_per_yr"].sum() == pytest.approx(twins.demand["units_per_yr"].sum())
    assert small.markets["name"].str.fullmatch(r"2 markets of \S+").all()
    ends = set(small.lanes["destination"])
    assert set(small.markets["market"]) <= ends
    for site in small.sites["site"]:
        assert site in set(small.lanes["origin"]) | ends


def test_what_answers_hold_for_is_said_in_the_study_itself(short: ev.Shortlist) -> None:
    about = short.study.settings.study
    assert f"{len(short.sites)} of 9 sites" in about.name
    assert "another one is not looked at; 10 markets are 5" in about.question
    assert str(short) in about.question


def test_the_study_reads_back(short: ev.Shortlist, tmp_path: Path) -> None:
    assert ev.read_study(ev.write_study(short.study, tmp_path / "short")).digest == short.study.digest


@pytest.mark.slow
def test_the_study_can_be_asked(short: ev.Shortlist) -> None:
    again = short.study
    plan = ev.solve(again, gap=0.01)
    assert not plan.solve.aggregated
    outside = sorted(set(again.sites["site"]) - set(plan.opened["site"]))[0]
    answer = ev.why_not(again, outside, plan=plan, gap=0.01)
    assert answer.plan is None or ev.certify(answer.study, answer.plan).passed


@pytest.mark.slow
def test_no_plan_with_a_site_is_below_what_the_list_says_of_it(twins: Study, found: ev.AggregatedSolve) -> None:
    whole = ev.complete(twins)
    every = ev.shortlist(found.study, found.plan, sites=9)
    assert len(every.sites) == 9
    for row in every.sites.dropna(subset=["rises_by"]).to_dict("records"):
        assert row["rises_by"] >= 0.0
        limit = {"limit": "there", "kind": "plants_built", "place": row["site"], "at_least": 1}
        try:
            best = ev.solve(with_limits(whole, limit), gap=1e-3).totals["cost"]
        except ev.InfeasibleError:
            best = math.inf
        assert row["bound"] <= best * (1.0 + 1e-9)


@pytest.mark.slow
def test_the_study_that_was_solved_will_do_as_well(
    twins: Study, found: ev.AggregatedSolve, short: ev.Shortlist
) -> None:
    same = ev.shortlist(twins, found.plan, sites=1, also=[f"{TWINS[1]}-2"])
    assert list(same.sites["site"]) == list(short.sites["site"])
    pd.testing.assert_frame_equal(
        pd.DataFrame(same.study.lanes), pd.DataFrame(short.study.lanes), check_exact=False, rtol=1e-9
    )


@pytest.mark.slow
def test_a_plan_of_the_list_is_taken_to_all_markets(
    twins: Study, found: ev.AggregatedSolve, short: ev.Shortlist
) -> None:
    near = ev.solve(short.study, gap=0.01)
    taken = ev.solve_by_aggregation(twins, start=near, gap=0.2)
    assert taken.members is near
    assert set(taken.plan.opened["site"]) == set(near.opened["site"])
    assert ev.certify(taken.study, taken.plan).passed
    assert taken.bound.value == pytest.approx(found.bound.value, rel=1e-9)
    stages: list[str] = []
    both = ev.solve_by_aggregation(twins, start=near, gap=0.0, stage=stages.append)
    assert any("one or more of each group" in what for what in stages)
    assert both.plan.totals["cost"] <= taken.plan.totals["cost"] * (1.0 + 1e-9)


@pytest.mark.slow
def test_a_start_that_cannot_serve_all_is_left(twins: Study, found: ev.AggregatedSolve) -> None:
    openings = found.members.decisions["openings"].head(1)
    few = replace(found.members, decisions={**found.members.decisions, "openings": openings})
    stages: list[str] = []
    other = ev.solve_by_aggregation(twins, start=few, gap=0.05, stage=stages.append)
    assert "the plants of the plan to start from cannot serve every market" in stages
    assert other.plan.totals["cost"] == pytest.approx(found.plan.totals["cost"], rel=0.05)


def test_all_that_is_wrong_is_told_at_once(twins: Study, found: ev.AggregatedSolve) -> None:
    with pytest.raises(ev.InputError) as told:
        ev.shortlist(found.study, found.plan, sites=-1, also=["Atlantis"])
    assert "is no number of sites" in str(told.value)
    assert "Atlantis" in str(told.value)
    own = replace(found.plan, solve=replace(found.plan.solve, aggregated=""))
    with pytest.raises(ev.InputError, match="not found over groups of places"):
        ev.shortlist(found.study, own)
    bare = replace(found.plan, solve=replace(found.plan.solve, prices=None, price_bound=-math.inf))
    with pytest.raises(ev.InputError, match="carries no prices"):
        ev.shortlist(found.study, bare)
    more = twins.with_table("demand", twins.demand.assign(units_per_yr=2.0 * twins.demand["units_per_yr"]))
    with pytest.raises(ev.InputError, match="is not the one that the plan answers"):
        ev.shortlist(more, found.plan)


def test_a_start_at_other_sites_is_refused(twins: Study, found: ev.AggregatedSolve) -> None:
    openings = found.members.decisions["openings"]
    there = openings.assign(site="Atlantis")
    for frame, words in ((there, "Atlantis"), (openings.head(0), "none stands")):
        odd = replace(found.members, decisions={**found.members.decisions, "openings": frame})
        with pytest.raises(ev.InputError, match=words):
            ev.solve_by_aggregation(twins, start=odd)


def test_the_words_of_a_refused_question_name_the_way(found: ev.AggregatedSolve) -> None:
    site = str(found.study.sites["site"].iloc[0])
    with pytest.raises(ev.InputError, match="evsiting shortlist RUN FOLDER"):
        ev.why_not(found.study, site, plan=found.plan)
