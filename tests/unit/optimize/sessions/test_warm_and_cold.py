"""Random changes of a study: a relaxation from a known basis is the one from nothing, and so is the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import InfeasibleError, StudyError
from evsiting.optimize.sessions.session import Session
from evsiting.study.study import Study
from tests.random_studies import random_study

#: Changed figures may leave a rule that nothing satisfies, which is told of and has a test of its own.
pytestmark = pytest.mark.filterwarnings("ignore:.*these never qualify:evsiting.errors.DataWarning")

#: A session after a change, and what is asked of it.
Asked = tuple[Session, dict[str, object]]


def ceiling(session: Session, rng: np.random.Generator) -> Asked:
    top = session.bound("cost").value / 1e3  # some number of tonnes: what binds and what does not are both tried
    least = session.bound("emissions").value
    return session, {"caps": {"emissions": least + abs(least) * float(rng.uniform(0.01, 1.0)) + 1e-6 * abs(top)}}


def price(session: Session, rng: np.random.Generator) -> Asked:
    return session, {"objective": {"cost": 1.0, "emissions": float(rng.choice([10.0, 100.0, 1000.0]))}}


def demand(session: Session, rng: np.random.Generator) -> Asked:
    table = session.study.demand
    mine = rng.random(len(table)) < rng.choice([0.2, 1.0])
    table["units_per_yr"] = table["units_per_yr"] * np.where(mine, rng.uniform(0.8, 1.0), 1.0)
    return session.with_study(session.study.with_table("demand", table)), {}


def duty(session: Session, rng: np.random.Generator) -> Asked:
    table = session.study.table("duties")
    if not len(table):
        return cost_of_sites(session, rng)
    table["rate"] = table["rate"] * float(rng.uniform(0.0, 2.0))
    return session.with_study(session.study.with_table("duties", table)), {}


def cost_of_sites(session: Session, rng: np.random.Generator) -> Asked:
    table = session.study.sites
    table["power_price_usd_per_mwh"] = table["power_price_usd_per_mwh"] * rng.uniform(0.5, 2.0, len(table))
    return session.with_study(session.study.with_table("sites", table)), {}


def forced_site(session: Session, rng: np.random.Generator) -> Asked:
    known = session.entry_bounds()
    one = known.iloc[int(rng.integers(len(known)))]
    row = {"limit": "forced", "kind": "plants_built", "place": one["site"], "plant_type": one["plant_type"]}
    return session.with_limits([row | {"at_least": 1.0}]), {}


def forbidden_site(session: Session, rng: np.random.Generator) -> Asked:
    place = str(rng.choice(session.study.sites["site"].to_numpy(object)))
    return session.with_limits([{"limit": "never", "kind": "plants_built", "place": place, "at_most": 0.0}]), {}


CHANGES: tuple[Callable[[Session, np.random.Generator], Asked], ...] = (
    ceiling, price, demand, duty, cost_of_sites, forced_site, forbidden_site,
)  # fmt: skip


def asked_of(session: Session, seed: int, count: int) -> Iterator[Asked]:
    """Yield so many random changes; those that make no study are passed over."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        try:
            yield CHANGES[number % len(CHANGES)](session, rng)
        except StudyError:
            continue


def assert_warm_is_cold(study: Study, seed: int, *, changes: int, plans: bool) -> int:
    """Compare the answers of a session with those from nothing; return how many relaxations started from a basis."""
    session, warm = ev.open_session(study, gap=0.0), 0
    session.bound()
    for changed, asked in asked_of(session, seed, changes):
        found = changed.bound(**asked)
        cold = ev.open_session(changed.study, gap=0.0)
        truth = cold.bound(**asked)
        warm += found.warm
        assert found.status is truth.status
        if not truth.feasible:
            assert found.value == truth.value
            continue
        assert found.relaxation == pytest.approx(truth.relaxation, rel=1e-9, abs=1e-3)
        assert found.value == pytest.approx(truth.value, rel=1e-9, abs=1e-3)
        if not plans:
            continue
        try:
            plan = changed.solve(**asked)
        except InfeasibleError:
            with pytest.raises(InfeasibleError):
                cold.solve(**asked)
            continue
        again = cold.solve(**asked)
        assert plan.solve.objective == pytest.approx(again.solve.objective, rel=1e-6)
        assert found.value <= again.solve.objective + 1e-9 * abs(again.solve.objective)
        assert ev.certify(changed.study, plan).passed
    return warm


@pytest.mark.parametrize("seed", [8])
def test_a_few_changes_of_a_small_study(seed: int) -> None:
    assert assert_warm_is_cold(random_study(seed), seed, changes=7, plans=False) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_each_kind_of_change_of_a_random_study(seed: int) -> None:
    assert_warm_is_cold(random_study(seed, features=None), seed, changes=len(CHANGES), plans=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_ten_changes_of_ten_cities(seed: int) -> None:
    assert assert_warm_is_cold(ev.example("ten-cities"), seed, changes=10, plans=False) >= 5
