"""A right plan passes every check, whatever the study."""

from dataclasses import FrozenInstanceError, replace

import pytest

from evsiting.errors import CertificateError, InputError
from evsiting.model.build import build
from evsiting.results.certificate import RULES, certify
from evsiting.results.plan import Status
from tests.plans import random_plan, tiny_plan
from tests.studies import random_study

CHECKS = {
    *RULES,
    "digest",
    "sites",
    "ledger_cost",
    "ledger_emissions",
    "ledger_freight_emissions",
    "ledger_jobs",
    "objective",
    "caps",
    "bound",
    "gap",
    "record",
}


def test_the_plan_made_by_hand_passes():
    certificate = certify(*tiny_plan())
    assert certificate.passed
    assert certificate.failed == ()
    assert set(certificate.checks["check"]) == CHECKS
    certificate.raise_if_failed()


@pytest.mark.parametrize(
    ("seed", "objective"),
    [*((seed, "cost") for seed in range(6)), (0, "emissions"), (3, "jobs"), (82, "jobs"), (91, "emissions")],
)
def test_the_best_plan_of_a_random_study_passes(seed, objective):
    study, plan = random_plan(seed, objective)
    certify(study, plan).raise_if_failed()


def test_every_row_family_of_the_program_that_is_a_rule_of_the_study_has_a_check():
    redundant = {"total_capacity", "min_plants", "link"}  # they follow from the others
    families = {block.family for block in build(random_study(2)).milp.row_blocks}
    assert families - redundant <= CHECKS


def test_a_plan_under_caps_and_with_weights_passes():
    study, plan = tiny_plan()
    weighed = replace(plan.solve, objective_name="2 cost + 100 emissions + 5 jobs")
    value = weighed.value_of(plan.totals)
    solve = replace(weighed, objective=value, bound=value, caps={"jobs": -32_000.0, "emissions": 1.5e6})
    certify(study, replace(plan, solve=solve)).raise_if_failed()


def test_a_run_that_was_stopped_early_passes_without_a_bound():
    study, plan = tiny_plan()
    solve = replace(plan.solve, status=Status.FEASIBLE, bound=float("-inf"), limit="time")
    certify(study, replace(plan, solve=solve)).raise_if_failed()


def test_it_prints_itself_and_cannot_be_changed():
    certificate = certify(*tiny_plan())
    assert "passed" in repr(certificate)
    *lines, last = repr(certificate).splitlines()
    assert len(lines) == 2 + len(CHECKS)
    assert "the bound is unproven" in last  # a plan made by hand
    assert "<table>" in certificate._repr_html_()
    with pytest.raises(FrozenInstanceError):
        certificate.study_name = "other"


def test_a_failure_is_told_with_its_evidence():
    study, plan = tiny_plan()
    shipments = plan.shipments.assign(units_per_yr=plan.shipments["units_per_yr"] * 1.01)
    certificate = certify(study, replace(plan, shipments=shipments))
    assert "demand" in certificate.failed
    assert "FAILED" in repr(certificate)
    with pytest.raises(CertificateError, match=r"demand: off by 0\.01.*east/vehicle/p1.*60,600.*60,000"):
        certificate.raise_if_failed()


def test_a_plan_without_a_column_is_refused():
    study, plan = tiny_plan()
    with pytest.raises(InputError, match=r"plan, production: columns are missing \(units_per_yr\)"):
        certify(study, replace(plan, production=plan.production.drop(columns="units_per_yr")))
