"""Laws that the least cost of any study must keep, on random small studies."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evsiting.model.build import build
from evsiting.solve.engine import EngineResult, Limits
from evsiting.solve.pulp_engine import ENGINES
from evsiting.study.study import Study
from evsiting.study.tables import TABLES
from tests.studies import random_study

QUICK = settings(max_examples=6, deadline=None, derandomize=True, database=None)
SEEDS = st.integers(0, 5_000)
#: Relative room for the solver's tolerances.
ROOM = 1e-6


EXACT = Limits(gap=0.0, time_s=60.0, threads=1)


def best(study: Study, name: str = "cost", caps: dict[str, float] | None = None) -> EngineResult:
    """Return the best point of a study's program; the studies here are complete and always have a plan."""
    program = build(study)
    for capped, ceiling in (caps or {}).items():
        program = program.capped(capped, ceiling)
    result = ENGINES["highs"].run(program.milp, program.milp.objectives[name], EXACT)
    assert len(result.columns), result.status
    return result


def least(study: Study, caps: dict[str, float] | None = None) -> float:
    return best(study, caps=caps).objective


def no_dearer(after: float, before: float) -> bool:
    return after <= before + ROOM * max(1.0, abs(before))


def with_tables(study: Study, **tables: pd.DataFrame) -> Study:
    """Return the study with several tables replaced at once, as they are: canonical already, and quick."""
    return Study(study.settings, {**study.tables, **tables})


def appended(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([frame, rows], ignore_index=True)
    return gpd.GeoDataFrame(both, crs=frame.crs) if isinstance(frame, gpd.GeoDataFrame) else both


@QUICK
@given(seed=SEEDS, pick=st.integers(0, 5), factor=st.floats(0.3, 3.0))
def test_a_new_candidate_never_makes_the_least_cost_dearer(seed: int, pick: int, factor: float) -> None:
    study = random_study(seed)
    model = study.sites.iloc[[pick % len(study.sites)]]
    code = model["site"].iloc[0]
    lanes = study.lanes
    own = lanes[(lanes["origin"] == code) | (lanes["destination"] == code)].replace(
        {"origin": {code: "newcomer"}, "destination": {code: "newcomer"}}
    )
    away = own["mode"] != "on_site"
    own.loc[away, "freight_usd_per_unit"] *= factor
    more = {
        "sites": appended(study.sites, model.assign(site="newcomer", role="candidate", wage_usd_per_h=20.0 * factor)),
        "lanes": appended(lanes, own),
    }
    assert no_dearer(least(with_tables(study, **more)), least(study))


@QUICK
@given(seed=SEEDS)
def test_doubling_all_money_doubles_the_cost_and_keeps_the_plan(seed: int) -> None:
    study = random_study(seed)
    doubled = {}
    for name, frame in study.tables.items():
        money = [c.name for c in TABLES[name].columns if c.unit.startswith("USD") and c.name in frame]
        doubled[name] = frame.assign(**{c: 2.0 * frame[c] for c in money})
    paid = doubled["incentives"] if "incentives" in doubled else pd.DataFrame({"kind": [], "value": []})
    paid["value"] = paid["value"].where(paid["kind"] != "production", 2.0 * paid["value"])
    price = 2.0 * study.settings.model.carbon_price_usd_per_t
    model = study.settings.model.model_copy(update={"carbon_price_usd_per_t": price})
    rich = Study(study.settings.model_copy(update={"model": model}), doubled)
    before, after = best(study), best(rich)
    assert after.objective == pytest.approx(2.0 * before.objective, rel=ROOM)
    same = build(study).milp.objectives["cost"].value(after.columns)
    assert same == pytest.approx(before.objective, rel=ROOM), "what is best with doubled money is best without"


@QUICK
@given(seed=SEEDS, pick=st.integers(0, 3))
def test_splitting_a_market_into_two_halves_changes_nothing(seed: int, pick: int) -> None:
    study = random_study(seed)
    code = study.markets["market"].iloc[pick % len(study.markets)]
    markets, demand, lanes = study.markets, study.demand, study.lanes
    half = demand["market"] == code
    demand.loc[half, "units_per_yr"] /= 2.0
    split = {
        "markets": appended(markets, markets[markets["market"] == code].assign(market="other_half")),
        "demand": appended(demand, demand[half].assign(market="other_half")),
        "lanes": appended(lanes, lanes[lanes["destination"] == code].assign(destination="other_half")),
    }
    assert least(with_tables(study, **split)) == pytest.approx(least(study), rel=ROOM)


@QUICK
@given(seed=SEEDS, order=st.integers(0, 1_000))
def test_reordering_rows_changes_nothing(seed: int, order: int) -> None:
    study, dice = random_study(seed), np.random.default_rng(order)
    turned = with_tables(study, **{n: f.iloc[dice.permutation(len(f))] for n, f in study.tables.items()})
    one, other = build(study).milp, build(turned).milp
    assert one.column_names() == other.column_names()
    assert (one.matrix != other.matrix).nnz == 0
    assert best(study).columns.tolist() == best(turned).columns.tolist()


@QUICK
@given(seed=SEEDS, name=st.sampled_from(["emissions", "jobs"]), tight=st.floats(0.0, 1.0), loose=st.floats(0.0, 1.0))
def test_a_tighter_cap_never_helps(seed: int, name: str, tight: float, loose: float) -> None:
    study = random_study(seed)
    free = best(study)
    low = best(study, name).objective
    high = build(study).milp.objectives[name].value(free.columns)
    ceilings = [low + share * (high - low) + ROOM * max(1.0, abs(low)) for share in sorted((tight, loose))]
    tighter, looser = (least(study, {name: ceiling}) for ceiling in ceilings)
    assert no_dearer(looser, tighter)
    assert no_dearer(free.objective, looser)


@QUICK
@given(seed=SEEDS, factor=st.floats(1.0, 2.0))
def test_more_capacity_is_never_dearer_where_no_load_is_asked_for(seed: int, factor: float) -> None:
    study = random_study(seed)
    free = study.options.assign(min_load=0.0)
    more = free.assign(capacity_units_per_yr=factor * free["capacity_units_per_yr"])
    assert no_dearer(least(with_tables(study, options=more)), least(with_tables(study, options=free)))
