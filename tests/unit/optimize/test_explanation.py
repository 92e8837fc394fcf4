"""Planted conflicts are named in the words of the study, and the change that is proposed leaves a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pulp
import pytest

import evsiting as ev
from evsiting.errors import InputError, StudyError
from evsiting.optimize.engines.iis import conflicting_rows
from evsiting.optimize.explanation.table_changes import COLUMNS
from evsiting.study.study import Study
from tests.limit_studies import with_limits
from tests.program_studies import claims_study
from tests.studies import two_plant_study

QUICK = {"verify": False, "threads": 1, "time_limit_s": 120.0}


def must_serve() -> Study:
    study = two_plant_study()
    return study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=np.nan))


def limited(*rows: dict[str, object]) -> Study:
    return with_limits(must_serve(), *rows)


def connected(mw: float) -> Study:
    study = must_serve()
    return study.with_table("sites", study.sites.assign(connectable_mw=mw))


def promised(hours: float) -> Study:
    study = must_serve()
    study = study.with_table("demand", study.demand.assign(promise_h=hours, late_usd_per_unit=1.0))
    return with_limits(study, {"limit": "in a day", "kind": "on_time_share", "at_least": 1.0})


def pooled(fte: float) -> Study:
    """Return the study whose sites share one pool of workers."""
    study = must_serve()
    pools = pd.DataFrame({"pool": ["delta"], "available_fte": [fte]})
    tables = {**study.tables, "sites": study.sites.assign(labor_pool="delta"), "labor_pools": pools}
    return Study.from_tables(study.settings, tables)


def without_credit() -> Study:
    """Return a study that must be as cheap as with a credit, and may not claim it."""
    study = claims_study()
    least = ev.solve(study, gap=0.0, **QUICK).totals["cost"]
    credit = {"limit": "no credit", "kind": "programs_used", "members": "45X", "at_most": 0.0}
    return with_limits(study, credit, {"limit": "as cheap", "kind": "cost", "at_most": 1.0001 * least})


def at_least_built(study: Study, count: int, where: str = "") -> pulp.LpProblem:
    """Return a rule of one's own: so many plants are built."""
    problem = ev.to_pulp(study)
    builds = [v for v in problem.variables() if v.name.startswith("build") and where in v.name]
    assert builds
    problem += pulp.lpSum(builds) >= count, "my_own_rule"
    return problem


SINGLE: dict[str, tuple[Callable[[], Study], str]] = {
    "investment": (lambda: limited({"limit": "purse", "kind": "capex", "at_most": 1e8}), "purse"),
    "jobs": (lambda: limited({"limit": "many", "kind": "jobs", "at_least": 5e6}), "many"),
    "emissions": (lambda: limited({"limit": "clean air", "kind": "emissions", "at_most": 10.0}), "clean air"),
    "cost": (lambda: limited({"limit": "cheap", "kind": "cost", "at_most": 1e9}), "cheap"),
    "transport": (lambda: limited({"limit": "near", "kind": "freight_emissions", "at_most": 1.0}), "near"),
    "plants": (lambda: limited({"limit": "one only", "kind": "plants_built", "at_most": 1.0}), "one only"),
    "connection": (lambda: connected(0.5), "connectable_mw"),
    "labor": (lambda: pooled(100.0), "labor_pools"),
    "supplier": (
        lambda: limited({"limit": "buy cells", "kind": "plants_built", "plant_type": "cell", "at_most": 0.0}),
        "capacity of suppliers",
    ),
    "nowhere": (
        lambda: limited(
            {"limit": "none in the US", "kind": "plants_built", "place": "US", "at_most": 0.0},
            {"limit": "none in Mexico", "kind": "plants_built", "place": "MX", "at_most": 0.0},
        ),
        "none in the US",
    ),
    "program": (without_credit, "no credit"),
}


@pytest.mark.parametrize(
    "name", ["investment", *(pytest.param(n, marks=pytest.mark.slow) for n in SINGLE if n != "investment")]
)
def test_a_planted_conflict_is_named_and_mended(name: str) -> None:
    make, word = SINGLE[name]
    study = make()
    found = ev.explain(study, **QUICK)
    if found.feasible:
        pytest.fail("nothing was planted")
    assert any(word in thing for thing in found.conflict), str(found)
    assert any(word in repair.words for repair in found.repairs), str(found)
    assert list(found.changes) == list(COLUMNS)
    mended = found.apply(study)
    assert ev.explain(mended, **QUICK).feasible
    assert ev.certify(mended, ev.solve(mended, **QUICK)).passed


BOTH: dict[str, tuple[tuple[dict[str, object], dict[str, object]], int, str]] = {
    "few and cheap": (
        (
            {"limit": "few", "kind": "plants_built", "at_most": 3.0},
            {"limit": "purse", "kind": "capex", "at_most": 1.75e9},
        ),
        5,
        "",
    ),
    "few in Mexico": (
        (
            {"limit": "none there", "kind": "plants_built", "at_most": 0.0, "place": "MX"},
            {"limit": "cheap", "kind": "cost", "at_most": 25.5e9},
        ),
        2,
        "monterrey",
    ),
    "jobs and money": (
        ({"limit": "small", "kind": "jobs", "at_most": 33e3}, {"limit": "purse", "kind": "capex", "at_most": 1.8e9}),
        5,
        "",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOTH)
def test_two_limits_and_a_rule_of_ones_own(name: str) -> None:
    rows, count, where = BOTH[name]
    study = limited(*rows)
    rule: Any = at_least_built(study, count, where)
    found = ev.explain(study, extra=rule, **QUICK)
    told = " ".join(t for repair in found.repairs for t in repair.things)
    assert "your own rule 'my_own_rule" in told, str(found)
    for row in rows:
        assert f"limit {row['limit']!r}" in told, str(found)
    mended = found.apply(study)
    assert ev.explain(mended, extra=at_least_built(mended, count, where), **QUICK).feasible


def test_a_delivery_limit_that_no_lane_meets_names_limit_and_market() -> None:
    with pytest.raises(StudyError, match=r"in a day.*east is promised vehicle in 24 h, the fastest lane takes 28 h"):
        promised(24.0)


def test_where_there_is_a_plan_nothing_else_is_said() -> None:
    found = ev.explain(must_serve(), **QUICK)
    assert (found.feasible, found.repairs, str(found)) == (True, (), "Study 'Two plants' has a plan.")
    with pytest.raises(InputError, match="no change of tables"):
        found.apply(must_serve())


def test_a_rule_of_ones_own_alone_is_named_and_left_to_its_author() -> None:
    study = must_serve()
    problem = ev.to_pulp(study)
    builds = [v for v in problem.variables() if v.name.startswith("build")]
    problem += pulp.lpSum(builds) >= len(builds) + 1, "too_many"
    found = ev.explain(study, extra=problem, **QUICK)
    assert [r.things for r in found.repairs] == [("your own rule 'too_many'",)]
    assert "change it by hand" in str(found)
    assert found.table["works"].tolist() == [False]
    assert not len(found.changes)


def test_the_relaxation_names_an_irreducible_set() -> None:
    from evsiting.model.milp import MilpBuilder, Objective

    builder = MilpBuilder()
    x = builder.add_columns("x", (2,), lambda k: (str(k),), upper=10.0)
    builder.add_rows("harmless", 1, lambda k: ("",), (0, x, [1.0, 1.0]), upper=100.0)
    builder.add_rows("above", 1, lambda k: ("",), (0, x, [1.0, 1.0]), lower=8.0)
    builder.add_rows("below", 1, lambda k: ("",), (0, x, [2.0, 2.0]), upper=6.0)
    assert conflicting_rows(builder.finish([Objective("cost", np.zeros(2), 0.0, 1.0)]), 5.0).tolist() == [1, 2]


def test_changes_are_rows_that_a_sweep_takes() -> None:
    study = limited({"limit": "purse", "kind": "capex", "at_most": 1e8})
    changes = ev.explain(study, **QUICK).changes
    assert changes["table"].tolist() == ["limits"]
    assert pd.isna(changes["period"]).all()
    assert changes["value"].iloc[0] == pytest.approx(1.7e9, rel=1e-3)


def test_one_plant_is_no_plural_in_an_explanation() -> None:
    none = {"limit": "none", "kind": "plants_built", "place": "US", "at_most": 0.0}
    work = {"limit": "work", "kind": "jobs_fte", "place": "US", "at_least": 30.0}
    told = str(ev.explain(with_limits(two_plant_study(), none, work)))
    assert "plants built: 1, at most 0" in told
    assert "1 plants" not in told
