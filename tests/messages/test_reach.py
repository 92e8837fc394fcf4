"""What reaches nothing is told: places without a lane, programs without a site, limits on nothing or out of reach."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from evsiting.errors import DataWarning, StudyError
from evsiting.layers.completion import complete, complete_quietly
from evsiting.shipped import example
from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study
from evsiting.study.study import Study


@pytest.fixture(scope="module")
def starter():
    return example("starter")


LIMA = gpd.points_from_xy([-84.1], [40.74])


def with_limits(study, *rows, **tables):
    frame = pd.DataFrame([dict(zip(("limit", "kind"), row[:2], strict=True)) | row[2] for row in rows])
    return Study.from_tables(study.settings, {**study.tables, **tables, "limits": frame})


def twin(frame, **cells):
    """Return the table with its first row a second time, with other cells."""
    new = frame.iloc[[0]].assign(**cells)
    return gpd.GeoDataFrame(pd.concat([frame, new], ignore_index=True), crs=frame.crs)


def test_a_place_that_no_lane_joins_is_told(starter):
    with pytest.warns(DataWarning, match=r"table 'lanes': joins US-OH-lima to nothing.*Leave table lanes out") as told:
        starter.with_table("sites", twin(starter.sites, site="US-OH-lima", region="US-OH", geometry=LIMA))
    assert len(told) == 1
    with pytest.warns(DataWarning, match=r"joins S-ulsan to nothing"):
        starter.with_table("suppliers", twin(starter.suppliers, supplier="S-ulsan"))


def test_demand_that_no_lane_reaches_must_not_be_served(starter):
    tables = starter.tables
    tables["markets"] = twin(starter.markets, market="M-lima")
    want = starter.demand.iloc[[0]].assign(market="M-lima")
    tables["demand"] = pd.concat([starter.demand, want], ignore_index=True)
    with pytest.raises(StudyError, match=r"1 of 11 rows is without a lane, and must be served.*'vehicle to M-lima'"):
        Study.from_tables(starter.settings, tables)
    tables["demand"].loc[10, "unmet_penalty_usd_per_unit"] = 1e5
    with pytest.warns(DataWarning, match="joins M-lima to nothing"):
        Study.from_tables(starter.settings, tables)


def test_lanes_made_anew_reach_what_is_new(starter):
    tables = {name: frame for name, frame in starter.tables.items() if name not in ("lanes", "incentives")}
    tables["sites"] = twin(starter.sites, site="US-OH-lima", region="US-OH", geometry=LIMA)
    assert (complete(Study.from_tables(starter.settings, tables)).lanes["origin"] == "US-OH-lima").any()


def test_programs_beside_incentives_of_another_day_are_told(starter):
    programs = starter.programs
    programs.loc[programs["kind"] == "production", "value"] = 60.0
    changed = starter.with_table("programs", programs)
    with pytest.warns(DataWarning, match=r"not what programs makes of Example cell credit\. Leave"):
        assert complete(changed).incentives["value"].max() < 60.0
    rest = {name: frame for name, frame in changed.tables.items() if name != "incentives"}
    assert complete(Study.from_tables(starter.settings, rest)).incentives["value"].max() == pytest.approx(60.0)


def test_a_program_without_a_site_is_told(starter):
    programs = starter.programs
    programs.loc[programs["region"].notna(), "region"] = "US-WY"
    with pytest.warns(DataWarning, match=r"pay nothing: Example state grant \(cell in US-WY\)"):
        starter.with_table("programs", programs)
    programs.loc[0, ["country", "region"]] = ["CA", "CA-QC"]  # cells may be made there
    assert starter.with_table("programs", programs).has("programs")
    programs.loc[0, "plant_type"] = "assembly"  # vehicles may not
    with pytest.warns(DataWarning, match=r"assembly in CA-QC"):
        starter.with_table("programs", programs)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("c", "concentration", {"product": "cell", "per": "company", "at_most": 0.4}), "of cell has a company"),
        (("c", "concentration", {"product": "pack", "per": "supplier", "at_most": 0.4}), "nobody sells pack, so"),
        (("c", "import_share", {"product": "pack", "at_most": 0.4}), "nobody overseas sells pack, so that c limits"),
        (("c", "import_share", {"product": "pack", "at_least": 0.4}), "a plan to which none of it arrives keeps c"),
        (("c", "on_time_share", {"at_least": 0.4}), "no demand there has a promise_h, so that c limits nothing"),
        (("c", "output_share", {"place": "CA-QC", "product": "pack", "at_least": 0.4}), "nothing can be made there.*c"),
    ],
)
def test_a_limit_on_nothing_is_told(starter, row, words):
    with pytest.warns(DataWarning, match=words) as told:
        with_limits(starter, row)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("US", 0.6, None), ("MX", 0.6, None)], r"output_share vehicle: 1\.2 of 1\)"),
        ([("US", None, 0.2), ("US-TN", 0.3, None)], r"output_share vehicle: 0\.3 of 0\.2 in US\)"),
        ([("US-GA-savannah", 0.3, None), ("US-TN", 0.3, None), ("US", None, 0.5)], r"0\.6 of 0\.5 in US\)"),
        ([("US-GA-savannah", 0.3, None), ("US-GA", 0.2, None), ("US", None, 0.4)], None),
        ([("US", 0.6, None), ("MX", 0.4, None)], None),
    ],
)
def test_floors_on_shares_stay_within_the_whole(starter, rows, words):
    limits = [
        (f"l{k}", "output_share", {"place": place, "product": "vehicle", "at_least": low, "at_most": high})
        for k, (place, low, high) in enumerate(rows)
    ]
    if words is None:
        assert with_limits(starter, *limits).has("limits")
        return
    with pytest.raises(StudyError, match=words):
        with_limits(starter, *limits)


def test_shares_of_investment_count_by_their_own_span(starter):
    low = {"place": "US", "at_least": 0.6}
    high = {"place": "MX", "at_least": 0.6, "period": "2027-2030"}
    assert with_limits(starter, ("a", "capex_share", low), ("b", "capex_share", high)).has("limits")
    with pytest.raises(StudyError, match=r"jobs_share: 1\.2 of 1"):
        with_limits(starter, ("a", "jobs_share", low), ("b", "jobs_share", high))


def test_a_floor_where_no_plant_can_be_is_refused(starter):
    with pytest.raises(StudyError, match=r"1 of 1 floor is for a place where no such plant can be.*'c'"):
        with_limits(starter, ("c", "jobs", {"place": "CA-QC", "plant_type": "pack", "at_least": 10.0}))
    assert with_limits(starter, ("c", "jobs", {"place": "CA-QC", "plant_type": "cell", "at_least": 10.0})).has("limits")


def test_a_share_in_time_beyond_every_lane_is_refused(starter):
    demand = starter.demand.assign(promise_h=1.0)
    limit = ("c", "on_time_share", {"at_least": 0.4})
    with pytest.raises(StudyError, match=r"'c: 0\.4, 0 can arrive in time in 2031-2036'"):
        with_limits(starter, limit, demand=demand)
    assert with_limits(starter, limit, demand=demand.assign(promise_h=2000.0)).has("limits")
    quick = starter.lanes.query("product == 'vehicle' and destination == 'M-dallas'")["time_h"].min()
    narrow = ("c", "on_time_share", {"place": "US-TX", "at_least": 1.0})
    demand["promise_h"] = demand["market"].map({"M-dallas": quick})
    assert with_limits(starter, narrow, demand=demand).has("limits")
    demand["promise_h"] *= 0.99
    with pytest.raises(StudyError, match="can arrive in time"):
        with_limits(starter, narrow, demand=demand)


def test_a_pledge_beyond_every_plant_is_told(starter):
    most = float(starter.options.query("plant_type == 'cell'")["capex_usd"].max())
    rule = pd.DataFrame([{"program": "Example state grant", "min_capex_usd": most}])
    assert starter.with_table("program_rules", rule).has("program_rules")
    with pytest.warns(DataWarning, match=r"nobody can claim Example state grant \(2,700,000,001 asked, 2,700,000,000"):
        starter.with_table("program_rules", rule.assign(min_capex_usd=most + 1.0))
    step = starter.options.query("option == '30 GWh'").assign(option="more", expands="30 GWh", capex_usd=5.0)
    grown = pd.concat([starter.options, step.assign(capacity_units_per_yr=6e7)], ignore_index=True)
    study = starter.with_table("options", grown)
    assert study.with_table("program_rules", rule.assign(min_capex_usd=most + 5.0)).has("program_rules")


def test_what_is_odd_is_not_told_again_when_layers_fill_the_study(tmp_path):
    folder = new_study(tmp_path / "study")
    (folder / "limits.csv").write_text("limit,kind,product,per,at_most\none,concentration,cell,company,0.4\n", "utf-8")
    (folder / "gateways.csv").write_text("gateway,capacity [t/yr]\nUSBOS,5\n", "utf-8")
    with pytest.warns(DataWarning, match=r"limits\.csv.*one limits nothing") as told:
        study = read_study(folder)
    assert len(told) == 1
    with pytest.warns(DataWarning, match="no lane goes through USBOS") as told:  # known with the lanes alone
        complete_quietly(study)
    assert len(told) == 1


def test_a_promise_that_no_lane_keeps_is_told_and_lanes_made_anew_keep_it(starter):
    demand = starter.demand.assign(promise_h=48.0)
    with pytest.warns(DataWarning, match=r"no lane is so quick: vehicle to M-los-angeles.*Lanes made anew"):
        slow = starter.with_table("demand", demand)
    rest = {name: frame for name, frame in slow.tables.items() if name != "lanes"}
    with pytest.warns(DataWarning, match="no lane is so quick") as told:
        made = complete(Study.from_tables(starter.settings, rest))
    assert len(told) == 1
    assert "M-dallas" not in str(told[0].message), "trucks are there in time where trains are not"
    assert made.lanes.query("product == 'vehicle' and destination == 'M-dallas'")["time_h"].min() < 48.0


def test_commitments_do_not_contradict_each_other(starter):
    def promised(*rows):
        names = ("destination", "period", "at_least", "at_most")
        same = {"origin": "US-TN-memphis", "product": "vehicle"}
        frame = pd.DataFrame(
            [{"commitment": f"c{k}"} | same | dict(zip(names, row, strict=True)) for k, row in enumerate(rows)]
        )
        return starter.with_table("commitments", frame)

    dallas, york = ("M-dallas", None, 5e3, None), ("M-new-york", "2027-2030", 4e3, None)
    with pytest.raises(
        StudyError, match=r"1 of 2 commitments is of at most less.*'c1: 50, 5,000 promised in 2031-2036'"
    ):
        promised(dallas, ("M-dallas", None, None, 50.0))
    with pytest.raises(StudyError, match=r"'c2: 8,000, 9,000 promised in 2027-2030'"):
        promised(dallas, york, (None, None, None, 8e3))
    assert promised(dallas, york, (None, "2031-2036", None, 8e3), ("M-toronto", None, None, 1.0)).has("commitments")
