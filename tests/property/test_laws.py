"""Laws that the least cost of any study must keep, on random small studies with any features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings

from evsiting.model.build import build
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import ENGINES
from evsiting.results.plan import Status
from evsiting.study.schema.programs import UNITS_BY_KIND
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study
from tests.random_features import FEATURES
from tests.studies import random_study

CALM = settings(deadline=None, derandomize=True, database=None, phases=(Phase.generate,))
QUICK, MANY = settings(CALM, max_examples=3), settings(CALM, max_examples=40)
#: Relative room for the solver's tolerances.
ROOM = 1e-6
EXACT = Limits(gap=0.0, time_s=60.0, threads=1)

Law = Callable[..., None]
LAWS: dict[str, tuple[Law, Mapping[str, st.SearchStrategy]]] = {}


def law(**drawn: st.SearchStrategy) -> Callable[[Law], Law]:
    """Return what makes a test of a law: for a few studies each time, and for many with the slow tests."""

    def keep(function: Law) -> Law:
        LAWS[function.__name__] = (function, {"seed": st.integers(0, 5_000), **drawn})
        return function

    return keep


def some(*without: str, least: int = 0) -> st.SearchStrategy:
    """Return a strategy for up to four features."""
    return st.sets(st.sampled_from([f for f in FEATURES if f not in without]), min_size=least, max_size=4)


def best(study: Study, name: str = "cost", caps: dict[str, float] | None = None) -> EngineResult:
    """Return the best point of a study's program; the studies here are complete."""
    program = build(study)
    for capped, ceiling in (caps or {}).items():
        program = program.capped(capped, ceiling)
    return ENGINES["highs"].run(program.milp, program.milp.objectives[name], EXACT)


def least(study: Study, caps: dict[str, float] | None = None) -> float:
    """Return the least cost; infinite where there is no plan."""
    result = best(study, caps=caps)
    assert result.status in (Status.OPTIMAL, Status.INFEASIBLE), result.status
    return result.objective if len(result.columns) else inf


def no_dearer(after: float, before: float) -> bool:
    return after <= before + ROOM * max(1.0, abs(before))


def with_tables(study: Study, **tables: pd.DataFrame) -> Study:
    """Return the study with several tables replaced at once, as they are: canonical already, and quick."""
    return Study(study.settings, {**study.tables, **tables})


def appended(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([frame, rows], ignore_index=True)
    return gpd.GeoDataFrame(both, crs=frame.crs) if isinstance(frame, gpd.GeoDataFrame) else both


def with_row(study: Study, table: str, **cells: object) -> Study:
    """Return the study with one row more, its other cells by the data dictionary."""
    row = {c.name: c.default if c.default is not None else np.nan for c in TABLES[table].columns} | cells
    new = pd.DataFrame([row]).astype({c.name: "str" for c in TABLES[table].columns if c.dtype == "text"})
    return with_tables(study, **{table: appended(study.table(table), new)})


# ------------------------------------------------------------------------------------------------ places and time


@law(features=some(), pick=st.integers(0, 5), factor=st.floats(0.3, 3.0))
def a_new_candidate_never_makes_the_least_cost_dearer(seed: int, features: set[str], pick: int, factor: float) -> None:
    study = random_study(seed, features=features)
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


@law(features=some("commitments", "import_share", "on_time_share"), pick=st.integers(0, 3))
def splitting_a_market_into_two_halves_changes_nothing(seed: int, features: set[str], pick: int) -> None:
    study = random_study(seed, features=features)
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


#: Features whose figures are the same in every year of a period.
EVEN = (
    "closing",
    "partner",
    "option_sites",
    "yield",
    "heat",
    "property_tax",
    "clean",
    "labor_pools",
    "grid",
    "expansion",
)


@law(features=st.sets(st.sampled_from(EVEN), max_size=3), pick=st.integers(0, 2))
def a_period_split_into_equal_halves_is_never_dearer(seed: int, features: set[str], pick: int) -> None:
    study = random_study(seed, features=features)
    periods = study.periods.sort_values("start_year", ignore_index=True)
    periods["years"] *= 2
    periods["start_year"] = 2027 + periods["years"].cumsum() - periods["years"]
    chosen = periods.iloc[pick % len(periods)]
    halves = periods.copy()
    mine = halves["period"] == chosen["period"]
    halves.loc[mine, "years"] //= 2
    new = halves[mine].assign(period="second half", start_year=chosen["start_year"] + chosen["years"] // 2)
    split = {"periods": appended(halves, new)}
    for name in ("demand", "incentives"):
        frame = study.table(name)
        split[name] = appended(frame, frame[frame["period"] == chosen["period"]].assign(period="second half"))
    whole = with_tables(study, periods=periods)
    assert no_dearer(least(with_tables(whole, **split)), least(whole))


@law(features=some(), order=st.integers(0, 1_000))
def reordering_rows_changes_nothing(seed: int, features: set[str], order: int) -> None:
    study, dice = random_study(seed, features=features), np.random.default_rng(order)
    turned = with_tables(study, **{n: f.iloc[dice.permutation(len(f))] for n, f in study.tables.items()})
    one, other = build(study).milp, build(turned).milp
    assert one.column_names() == other.column_names()
    assert one.row_names() == other.row_names()
    assert (one.matrix != other.matrix).nnz == 0
    assert best(study).columns.tolist() == best(turned).columns.tolist()


# ------------------------------------------------------------------------------------------------ money


def doubled(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with all its money doubled, also where the kind of a row says what its figures are."""
    frame = frame.copy()
    for column in (c for c in TABLES[table].columns if c.name in frame):
        if column.unit.startswith("USD"):
            frame[column.name] *= 2.0
        elif " or " in column.unit and table in UNITS_BY_KIND:
            money = frame["kind"].map(UNITS_BY_KIND[table]).str.startswith("USD")
            frame[column.name] = frame[column.name].where(~money, 2.0 * frame[column.name])
    return frame


@law(features=some())
def doubling_all_money_doubles_the_cost_and_keeps_the_plan(seed: int, features: set[str]) -> None:
    study = random_study(seed, features=features)
    price = 2.0 * study.settings.model.carbon_price_usd_per_t
    model = study.settings.model.model_copy(update={"carbon_price_usd_per_t": price})
    tables = {name: doubled(name, frame) for name, frame in study.tables.items()}
    rich = Study(study.settings.model_copy(update={"model": model}), tables)
    before, after = best(study), best(rich)
    assert after.objective == pytest.approx(2.0 * before.objective, rel=ROOM)
    cost = build(rich).milp.objectives["cost"]
    twice = [2.0 if family in MONEY else 1.0 for family in families(study)]
    same = cost.value(before.columns * np.array(twice))
    assert same == pytest.approx(after.objective, rel=ROOM), "what is best without is best with doubled money"


#: Columns that are themselves money.
MONEY = ("credits", "contents", "offsets")


def families(study: Study) -> list[str]:
    """Return the family of each column of a study's program."""
    return [block.family for block in build(study).milp.column_blocks for _ in range(block.start, block.stop)]


@law(features=some(), kind=st.sampled_from(["investment", "grant", "production", "job"]), pick=st.integers(0, 40))
def one_program_more_that_may_be_claimed_is_never_dearer(seed: int, features: set[str], kind: str, pick: int) -> None:
    study = random_study(seed, features=features)
    assert no_dearer(least(with_row(offered(study, kind, pick), "program_rules", program="new program")), least(study))


@law(features=some("ruled", "pool", "cap", "pledge", "clawback", "excludes", "requires", "foreign_ratio"),
     kind=st.sampled_from(["investment", "grant", "production", "job"]), pick=st.integers(0, 40))  # fmt: skip
def one_program_more_for_everyone_is_never_dearer(seed: int, features: set[str], kind: str, pick: int) -> None:
    study = random_study(seed, features=features)
    assert no_dearer(least(offered(study, kind, pick)), least(study))


def offered(study: Study, kind: str, pick: int) -> Study:
    """Return the study with a new program at one of its places."""
    value = {"investment": 0.3, "grant": 5e7, "production": 100.0, "job": 5_000.0}[kind]
    process = study.processes.iloc[pick % len(study.processes)]
    row = {"plant_type": process["plant_type"], "program": "new program", "kind": kind, "value": value}
    row["product"] = process["product"] if kind == "production" else np.nan
    row["site"] = study.sites["site"].iloc[pick % len(study.sites)]
    return with_row(study, "incentives", period=study.periods["period"].iloc[pick % len(study.periods)], **row)


def borders(study: Study) -> list[tuple[str, str, str]]:
    """Return product, country of origin and of destination of the lanes that cross a border."""
    start = pd.concat([study.sites.set_index("site")["country"], study.suppliers.set_index("supplier")["country"]])
    end = pd.concat([study.sites.set_index("site")["country"], study.markets.set_index("market")["country"]])
    lanes = study.lanes
    keys = zip(lanes["product"], lanes["origin"].map(start), lanes["destination"].map(end), strict=True)
    return sorted({k for k in keys if k[1] != k[2]})


@law(features=some(), rate=st.floats(0.01, 1.0), pick=st.integers(0, 40))
def one_duty_more_is_never_cheaper(seed: int, features: set[str], rate: float, pick: int) -> None:
    study = random_study(seed, features=features)
    flows = borders(study)
    if flows:
        product, origin, destination = flows[pick % len(flows)]
        lane = {"product": product, "origin": origin, "destination": destination}
        dearer = with_row(study, "duties", **lane, measure="new duty", rate=rate)
        assert no_dearer(least(study), least(dearer))


@law(features=some(), pick=st.integers(0, 40))
def relief_from_a_duty_is_never_dearer(seed: int, features: set[str], pick: int) -> None:
    study = random_study(seed, features={*features, "duties"})
    duties = study.duties
    open_ = duties[(duties["relief"] == "none") & duties["origin"].isin(["US", "CA", "MX"])].index
    if len(open_):
        duties.loc[open_[pick % len(open_)], "relief"] = "free"
        assert no_dearer(least(with_tables(study, duties=duties)), least(study))


# ------------------------------------------------------------------------------------------------ limits


@law(features=some(), name=st.sampled_from(["emissions", "jobs"]), tight=st.floats(0.0, 1.0), loose=st.floats(0.0, 1.0))
def a_tighter_cap_never_helps(seed: int, features: set[str], name: str, tight: float, loose: float) -> None:
    study = random_study(seed, features=features)
    free = best(study)
    low = best(study, name).objective
    high = build(study).milp.objectives[name].value(free.columns)
    ceilings = [low + share * (high - low) + ROOM * max(1.0, abs(low)) for share in sorted((tight, loose))]
    tighter, looser = (least(study, {name: ceiling}) for ceiling in ceilings)
    assert no_dearer(looser, tighter)
    assert no_dearer(free.objective, looser)


#: Tables and columns that hold a plan back, with what loosens them.
LOOSER = {
    "limits": {"at_least": 0.9, "at_most": 1.1},
    "commitments": {"at_least": 0.9, "at_most": 1.1},
    "gateways": {"capacity_t_per_yr": 1.1},
    "labor_pools": {"available_fte": 1.1},
    "sites": {"connectable_mw": 1.1},
    "grid_upgrades": {"capacity_mw": 1.1, "capex_usd": 0.9},
    "suppliers": {"capacity_units_per_yr": 1.1},
    "quotas": {"units_per_yr": 1.1, "rate": 0.9},
    "program_rules": {"pool_usd": 1.1, "most_usd": 1.1, "min_capex_usd": 0.9, "min_jobs_fte": 0.9},
    "origin_rules": {"rvc": 0.9, "lvc": 0.9, "other_foreign_usd_per_unit": 0.9, "other_high_wage_usd_per_unit": 1.1},
}
HOLDING = [
    "pool", "cap", "pledge", "clawback", "origin", "quota", "gateways", "commitments", "labor_pools", "grid", "cost",
    "emissions", "jobs", "capex", "output_share", "capex_share", "jobs_share", "import_share", "concentration_site",
    "concentration_company", "concentration_gateway", "on_time_share", "renewable_share", "survive_share",
]  # fmt: skip


@law(features=st.sets(st.sampled_from(HOLDING), min_size=1, max_size=3))
def a_looser_limit_is_never_dearer(seed: int, features: set[str]) -> None:
    study = random_study(seed, features=features)
    tables = {
        name: study.table(name).assign(**{c: study.table(name)[c] * factor for c, factor in columns.items()})
        for name, columns in LOOSER.items()
        if study.has(name)
    }
    loose = least(with_tables(study, **tables))
    assert loose < inf
    assert no_dearer(loose, least(study))


@law(features=some(), factor=st.floats(1.0, 2.0))
def more_capacity_is_never_dearer_where_no_load_is_asked_for(seed: int, features: set[str], factor: float) -> None:
    study = random_study(seed, features=features)
    free = study.options.assign(min_load=0.0)
    more = free.assign(capacity_units_per_yr=factor * free["capacity_units_per_yr"])
    assert no_dearer(least(with_tables(study, options=more)), least(with_tables(study, options=free)))


@pytest.mark.parametrize("name", LAWS)
def test_the_law_holds(name: str) -> None:
    function, drawn = LAWS[name]
    QUICK(given(**drawn)(function))()


@pytest.mark.slow
@pytest.mark.parametrize("name", LAWS)
def test_the_law_holds_for_many(name: str) -> None:
    function, drawn = LAWS[name]
    MANY(given(**drawn)(function))()
