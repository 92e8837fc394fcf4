"""The one table of objectives: what the other rooms attach to it is there for every objective."""

from __future__ import annotations

from typing import get_args

import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.model.formulation import FORMULAS
from evsiting.results.rules.ledger_totals import RULES
from evsiting.study.objectives import OBJECTIVES, ObjectiveName, bound_words, total_words
from evsiting.study.schema.tables import TABLES
from tests.limit_studies import promising_study


def test_every_objective_has_a_formula_a_ledger_and_a_second_sum():
    assert tuple(OBJECTIVES) == get_args(ObjectiveName) == tuple(FORMULAS)
    assert {f"total_{name}" for name in OBJECTIVES} == {name for name in RULES if name.startswith("total_")}
    study = promising_study()
    plan = ev.solve(study, gap=0.05)
    assert list(plan.ledgers) == list(OBJECTIVES)
    assert list(build(ev.complete(study)).milp.objectives) == list(OBJECTIVES)


@pytest.mark.parametrize("kind", OBJECTIVES.values(), ids=list(OBJECTIVES))
def test_an_entry_can_be_shown(kind):
    assert kind.axis[-1][0] == 1.0
    assert kind.steps[-1][0] == 1.0
    assert [factor for factor, _ in kind.axis] == sorted((factor for factor, _ in kind.axis), reverse=True)
    assert total_words(kind.name, 5.0)
    assert kind.need is None or kind.need.column in {c.name for c in TABLES[kind.need.table].columns}


def test_ceilings_have_families_of_their_own():
    families = [kind.cap_family for kind in OBJECTIVES.values()]
    assert len(set(families)) == len(families)


def test_a_ceiling_where_more_is_better_is_a_floor():
    assert bound_words("jobs", -5.0) == "jobs >= 5"
    assert bound_words("cost", 5.0) == "cost <= 5"
