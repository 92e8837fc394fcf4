"""Places as players: coalitions are those studies, payoffs add up, an equilibrium is one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import evsiting as ev
from evsiting.optimize.decisions.players import BID
from tests.studies import two_plant_study

HOW: dict[str, Any] = {"gap": 0.0, "verify": False}


def study_with_penalty() -> ev.Study:
    study = two_plant_study()
    return ev.complete(study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=60_000.0)))


@pytest.mark.slow
def test_coalitions_are_studies_in_which_the_others_build_nothing() -> None:
    study = study_with_penalty()
    found = ev.shapley_shares(study, ["MX", "US"], **HOW)
    sites = study.sites
    for some, (cost, _) in found.costs.items():
        out = ~sites["country"].isin(some)
        closed = study.with_table("sites", sites.assign(plant_types=sites["plant_types"].mask(out)))
        role = closed.sites.assign(role=closed.sites["role"].mask(out, "existing"))
        alone = ev.solve(closed.with_table("sites", role), **HOW)
        assert cost == pytest.approx(alone.solve.objective, rel=1e-9), some
    assert found.table["share"].sum() == pytest.approx(found.saving, rel=1e-9)


def test_bids_end_where_no_player_gains_by_another_one() -> None:
    study, ladder = study_with_penalty(), (0.0, 0.15, 0.3)
    found = ev.bidding(study, ["MX", "US"], worth_usd_per_job_year=30_000.0, grants=ladder, **HOW)
    assert found.ended == "equilibrium"
    end = tuple(found.bids.values())
    for k, player in enumerate(found.players):
        for grant in ladder:
            other = (*end[:k], grant, *end[k + 1 :])
            assert found.profiles[other][player] <= found.profiles[end][player] + 1.0
    assert found.costs[end] <= found.costs[0.0, 0.0] + 1.0  # grants make nothing dearer for the network
    assert found.lost_by_bidding == pytest.approx(
        sum(found.profiles[0.0, 0.0].values()) - sum(found.profiles[end].values())
    )


def test_a_payoff_is_what_jobs_are_worth_less_what_is_paid() -> None:
    study = study_with_penalty()
    found = ev.bidding(study, ["US"], worth_usd_per_job_year=1e4, grants=(0.0, 0.2), rounds=1, **HOW)
    rows = [
        {
            "site": "memphis",
            "plant_type": kind,
            "period": "p1",
            "program": f"{BID}US",
            "kind": "investment",
            "value": 0.2,
        }
        for kind in ("assembly", "cell", "pack")
    ]
    more = study.with_table("incentives", pd.concat([study.incentives, pd.DataFrame(rows)], ignore_index=True))
    plan = ev.solve(more, **HOW)
    jobs = plan.ledgers["jobs"].query("site == 'memphis'")["value"].sum()
    invested = plan.opened.query("site == 'memphis'")["capex_usd"].sum()
    # ten years undiscounted of a life of twenty: half of the grant counts, as half of the investment does
    assert found.profiles[(0.2,)]["US"] == pytest.approx(1e4 * jobs - 0.2 * 0.5 * invested, rel=1e-6)


def test_what_is_wrong_is_told_at_once() -> None:
    study = two_plant_study()
    with pytest.raises(ev.InputError, match=r"(?s)hold no site.*hold the same sites") as told:
        ev.shapley_shares(study, ["US", "memphis", "nowhere"])
    assert "nowhere" in str(told.value)
    with pytest.raises(ev.InputError, match=r"(?s)is no amount.*are no ladder.*no number of rounds"):
        ev.bidding(study, worth_usd_per_job_year=-1.0, grants=(0.1, 2.0), rounds=0)


def test_a_coalition_without_a_plan_is_named() -> None:
    with pytest.raises(ev.NoSolutionError, match="unmet_penalty_usd_per_unit"):
        ev.shapley_shares(two_plant_study(), ["MX", "US"], **HOW)
