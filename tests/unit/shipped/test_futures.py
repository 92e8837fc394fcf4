"""Futures of policy and demand: what each changes in the North American study, and that they can be solved."""

from __future__ import annotations

import pytest

import evsiting as ev
from evsiting.layers.scenarios import in_scenario
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.scenarios import policy_futures
from evsiting.study.study import Study

LAW = "law of November 2026"


@pytest.fixture(scope="module")
def study() -> Study:
    return ev.example("north-america")


def test_chances_add_up_and_are_assumptions(study: Study) -> None:
    futures = study.scenarios.set_index("scenario")["probability"]
    assert len(futures) == 8
    assert futures.sum() == pytest.approx(1.0)
    told = study.provenance.query("table in ['scenarios', 'scenario_changes']")
    assert set(told["quality"]) == {"assumption"}
    assert set(study.scenario_changes["scenario"]) == set(futures.index) - {LAW}


def test_without_the_agreement_nothing_between_its_countries_is_spared(study: Study) -> None:
    duties = in_scenario(study, "USMCA lapses").duties
    inner = duties[duties["origin"].isin(["CA", "MX"]) & (duties["destination"] == "US")]
    later = inner[inner["first_year"].between(2030, 2041)]
    assert set(later["relief"]) == {"none"}
    assert set(inner.loc[inner["last_year"] < 2030, "relief"]) == {"free", "content"}
    car = later.query("product == 'vehicle' and origin == 'MX'").groupby("first_year")["rate"].sum()
    assert car.tolist() == pytest.approx([0.275, 0.275])


@pytest.mark.slow
def test_each_future_changes_what_it_says(study: Study) -> None:
    rule = in_scenario(study, "USMCA renegotiated").origin_rules.set_index("product")
    assert rule.loc["vehicle", "rvc"] == 0.85
    deal = in_scenario(study, "tariffs as negotiated").duties
    assert set(deal.loc[(deal["measure"] == "Section 232") & (deal["origin"] == "MX"), "rate"]) == {0.15}
    assert not (deal["measure"] == "counter-tariff").any()
    added = in_scenario(study, "Section 301 on cars and batteries").duties.query("measure == 'Section 301, capacity'")
    assert "CA" not in set(added["origin"])
    offered = in_scenario(study, "45X ended early").incentives.query("program == '45X cells' and value > 0")
    assert set(offered["period"]) == {"2027-2029"}
    wanted = study.demand.groupby("period")["units_per_yr"].sum()
    for name, part in (("demand low", 0.75), ("demand high", 1.25)):
        now = in_scenario(study, name).demand.groupby("period")["units_per_yr"].sum() / wanted
        assert now.tolist() == pytest.approx([1.0, part, part])


@pytest.mark.slow
def test_all_futures_of_policy_together_can_be_decided_over_ten_cities() -> None:
    ten = ev.example("ten-cities")
    tables = policy_futures(ProvenanceLog(2025), ten.tables)
    futures = Study.from_tables(ten.settings, {**ten.tables, **tables})
    plans = ev.solve_scenarios(futures, gap=0.05, time_limit_s=600)
    ev.certify_scenarios(futures, plans).raise_if_failed()
    assert len(plans.plans) == 8
