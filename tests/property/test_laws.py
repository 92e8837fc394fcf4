"""Laws that the least cost of any study must keep, on random small studies with any features."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from math import inf

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings

from evsiting.model.build import Program, build
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
#: Seeds of the studies that laws are tried on; a law that asks for the features of another is tried on the same study.
FEW_STUDIES, MANY_STUDIES = range(1, 9), range(10, 82)
#: Relative room for the solver's tolerances.
ROOM = 1e-6
EXACT = Limits(gap=0.0, time_s=60.0, threads=1)

Law = Callable[..., None]
#: Laws by name, with the features of the study of a seed, and what else is drawn.
LAWS: dict[str, tuple[Law, Callable[[int], frozenset[str]], Mapping[str, st.SearchStrategy]]] = {}


def law(features: Callable[[int], frozenset[str]], **drawn: st.SearchStrategy) -> Callable[[Law], Law]:
    """Return what makes a test of a law: for a few studies each time, and for many with the slow tests."""

    def keep(function: Law) -> Law:
        LAWS[function.__name__] = (function, features, drawn)
        return function

    return keep


def assert_holds(name: str, how: settings, studies: range) -> None:
    """Try a law on some of these studies, most of which are those of the other laws: each is made once."""
    function, features, drawn = LAWS[name]

    def example(seed: int, **others: object) -> None:
        function(study_of(seed, features(seed)), **others)

    how(given(seed=st.sampled_from(studies), **drawn)(example))()


@cache
def study_of(seed: int, features: frozenset[str]) -> Study:
    """Return the random study of a seed with these features."""
    return random_study(seed, features=features)


def some(
    *without: str, of: Sequence[str] = FEATURES, also: Collection[str] = (), most: int = 4
) -> Callable[[int], frozenset[str]]:
    """Return the function from a seed to some features, each in turn among them and at times none.

    Those of which a law says nothing are left out.
    """

    def drawn(seed: int) -> frozenset[str]:
        dice = np.random.default_rng([seed, 41])
        others = dice.permutation(of)[: int(dice.integers(0, most))].tolist()
        names = {of[(seed - seed // 10) % len(of)], *others} if seed % 10 else set()
        return frozenset({*names, *also}).difference(without)

    return drawn


def best(program: Program, name: str = "cost", caps: dict[str, float] | None = None) -> EngineResult:
    """Return the best point of a program."""
    for capped, ceiling in (caps or {}).items():
        program = program.capped(capped, ceiling)
    return ENGINES["highs"].run(program.milp, program.milp.objectives[name], EXACT)


def least(of: Study | Program, caps: dict[str, float] | None = None) -> float:
    """Return the least cost of a complete study, or of its program; infinite where there is no plan."""
    result = best(build(of) if isinstance(of, Study) else of, caps=caps)
    assert result.status in (Status.OPTIMAL, Status.INFEASIBLE), result.status
    return result.objective if len(result.columns) else inf


@cache
def least_known(study: Study) -> float:
    """Return the least cost of a study that several laws ask about."""
    return least(study)


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


@law(some(), pick=st.integers(0, 5), factor=st.floats(0.3, 3.0))
def a_new_candidate_never_makes_the_least_cost_dearer(study: Study, pick: int, factor: float) -> None:
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
    assert no_dearer(least(with_tables(study, **more)), least_known(study))


@law(some("commitments", "import_share", "on_time_share"), pick=st.integers(0, 3))
def splitting_a_market_into_two_halves_changes_nothing(study: Study, pick: int) -> None:
    code = study.markets["market"].iloc[pick % len(study.markets)]
    markets, demand, lanes = study.markets, study.demand, study.lanes
    half = demand["market"] == code
    demand.loc[half, "units_per_yr"] /= 2.0
    split = {
        "markets": appended(markets, markets[markets["market"] == code].assign(market="other_half")),
        "demand": appended(demand, demand[half].assign(market="other_half")),
        "lanes": appended(lanes, lanes[lanes["destination"] == code].assign(destination="other_half")),
    }
    assert least(with_tables(study, **split)) == pytest.approx(least_known(study), rel=ROOM)


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


@law(some(of=EVEN, most=3), pick=st.integers(0, 2))
def a_period_split_into_equal_halves_is_never_dearer(study: Study, pick: int) -> None:
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


@law(some(), order=st.integers(0, 1_000))
def reordering_rows_changes_nothing(study: Study, order: int) -> None:
    dice = np.random.default_rng(order)
    turned = with_tables(study, **{n: f.iloc[dice.permutation(len(f))] for n, f in study.tables.items()})
    one, other = build(study), build(turned)
    assert one.milp.column_names() == other.milp.column_names()
    assert one.milp.row_names() == other.milp.row_names()
    assert (one.milp.matrix != other.milp.matrix).nnz == 0
    assert best(one).columns.tolist() == best(other).columns.tolist()


# ------------------------------------------------------------------------------------------------ money


def doubled(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with all its money doubled, also where the kind of a row says what its figures are."""
    frame = frame.copy()
    for column in (c for c in TABLES[table].columns if c.name in frame):
        if column.unit.startswith("USD"):
            frame[column.name] *= 2.0
        elif " or " in column.unit and table in UNITS_BY_KIND:
            units = UNITS_BY_KIND.get(f"{table}.{column.name}", UNITS_BY_KIND[table])
            money = frame["kind"].map(units).str.startswith("USD")
            frame[column.name] = frame[column.name].where(~money, 2.0 * frame[column.name])
    return frame


@law(some())
def doubling_all_money_doubles_the_cost_and_keeps_the_plan(study: Study) -> None:
    price = 2.0 * study.settings.model.carbon_price_usd_per_t
    model = study.settings.model.model_copy(update={"carbon_price_usd_per_t": price})
    tables = {name: doubled(name, frame) for name, frame in study.tables.items()}
    rich = Study(study.settings.model_copy(update={"model": model}), tables)
    plain, doubly = build(study), build(rich)
    before, after = best(plain), best(doubly)
    assert after.objective == pytest.approx(2.0 * before.objective, rel=ROOM)
    cost = doubly.milp.objectives["cost"]
    twice = [2.0 if family in MONEY else 1.0 for family in families(plain)]
    same = cost.value(before.columns * np.array(twice))
    assert same == pytest.approx(after.objective, rel=ROOM), "what is best without is best with doubled money"


#: Columns that are themselves money.
MONEY = ("credits", "contents", "offsets")


def families(program: Program) -> list[str]:
    """Return the family of each column of a program."""
    return [block.family for block in program.milp.column_blocks for _ in range(block.start, block.stop)]


@law(some(), kind=st.sampled_from(["investment", "grant", "production", "job"]), pick=st.integers(0, 40))
def one_program_more_that_may_be_claimed_is_never_dearer(study: Study, kind: str, pick: int) -> None:
    assert no_dearer(
        least(with_row(offered(study, kind, pick), "program_rules", program="new program")), least_known(study)
    )


@law(some("ruled", "pool", "cap", "pledge", "clawback", "excludes", "requires", "foreign_ratio"),
     kind=st.sampled_from(["investment", "grant", "production", "job"]), pick=st.integers(0, 40))  # fmt: skip
def one_program_more_for_everyone_is_never_dearer(study: Study, kind: str, pick: int) -> None:
    assert no_dearer(least(offered(study, kind, pick)), least_known(study))


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


@law(some(), rate=st.floats(0.01, 1.0), pick=st.integers(0, 40))
def one_duty_more_is_never_cheaper(study: Study, rate: float, pick: int) -> None:
    flows = borders(study)
    if flows:
        product, origin, destination = flows[pick % len(flows)]
        lane = {"product": product, "origin": origin, "destination": destination}
        dearer = with_row(study, "duties", **lane, measure="new duty", rate=rate)
        assert no_dearer(least_known(study), least(dearer))


@law(some(also=("duties",)), pick=st.integers(0, 40))
def relief_from_a_duty_is_never_dearer(study: Study, pick: int) -> None:
    duties = study.duties
    open_ = duties[(duties["relief"] == "none") & duties["origin"].isin(["US", "CA", "MX"])].index
    if len(open_):
        duties.loc[open_[pick % len(open_)], "relief"] = "free"
        assert no_dearer(least(with_tables(study, duties=duties)), least_known(study))


# ------------------------------------------------------------------------------------------------ limits


@law(some(), name=st.sampled_from(["emissions", "jobs"]), tight=st.floats(0.0, 1.0), loose=st.floats(0.0, 1.0))
def a_tighter_cap_never_helps(study: Study, name: str, tight: float, loose: float) -> None:
    program = build(study)
    free = best(program)
    low = best(program, name).objective
    high = program.milp.objectives[name].value(free.columns)
    ceilings = [low + share * (high - low) + ROOM * max(1.0, abs(low)) for share in sorted((tight, loose))]
    tighter, looser = (least(program, {name: ceiling}) for ceiling in ceilings)
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


@law(some(of=HOLDING, most=3))
def a_looser_limit_is_never_dearer(study: Study) -> None:
    tables = {
        name: study.table(name).assign(**{c: study.table(name)[c] * factor for c, factor in columns.items()})
        for name, columns in LOOSER.items()
        if study.has(name)
    }
    loose = least(with_tables(study, **tables))
    assert loose < inf
    assert no_dearer(loose, least_known(study))


@law(some(), factor=st.floats(1.0, 2.0))
def more_capacity_is_never_dearer_where_no_load_is_asked_for(study: Study, factor: float) -> None:
    free = study.options.assign(min_load=0.0)
    more = free.assign(capacity_units_per_yr=factor * free["capacity_units_per_yr"])
    assert no_dearer(least(with_tables(study, options=more)), least(with_tables(study, options=free)))


@pytest.mark.parametrize("name", LAWS)
def test_the_law_holds(name: str) -> None:
    assert_holds(name, QUICK, FEW_STUDIES)


@pytest.mark.slow
@pytest.mark.parametrize("name", LAWS)
def test_the_law_holds_for_many(name: str) -> None:
    assert_holds(name, MANY, MANY_STUDIES)


def test_the_studies_of_many_laws_have_every_feature() -> None:
    draw = some()
    assert {name for seed in MANY_STUDIES for name in draw(seed)} == set(FEATURES)
