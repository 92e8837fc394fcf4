"""Filling in: places, labor, grid; the user's values win; provenance; idempotence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.errors import InputError
from evsiting.layers import complete
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study
from evsiting.study.validation import tables
from tests.layer_studies import bare_study, bare_tables, points


@pytest.fixture(scope="module")
def full() -> Study:
    return complete(bare_study())


def test_points_find_their_state(full: Study) -> None:
    found = full.sites.set_index("site")
    assert found["region"].to_dict() == {
        "memphis": "US-TN",
        "monterrey": "MX-NLE",
        "toronto": "CA-ON",
        "detroit": "US-MI",
    }
    assert found["country"].tolist() == ["US", "MX", "CA", "US"]
    assert full.markets.set_index("market").loc["honolulu", "region"] == "US-HI"


def test_facts_come_by_region_in_the_units_of_the_dictionary(full: Study) -> None:
    row = full.sites.set_index("site").loc["memphis"]
    assert row["wage_usd_per_h"] == reference.fact("assembler_wage_usd")["US-TN"]
    assert row["payroll_burden"] == pytest.approx(0.01 * reference.fact("payroll_burden")["US-TN"])
    assert row["grid_factor_kg_per_kwh"] == reference.fact("grid_emission_factor")["US-TN"]
    assert row["renewable_share"] == pytest.approx(0.01 * reference.fact("renewable_share")["US-TN"])
    moved = reference.fact("industrial_power_price")["US-TN"] * 321.943 / 313.689  # 2024 to 2025, CPI-U
    assert row["power_price_usd_per_mwh"] == pytest.approx(moved, rel=1e-5)


def test_money_is_converted_in_its_own_month_and_then_moved_to_the_price_year(full: Study) -> None:
    row = full.sites.set_index("site").loc["monterrey"]
    # 1,854.3 MXN/MWh at 23.4553 MXN/USD in May 2020, then from 2020 to 2025 with CPI-U
    assert row["power_price_usd_per_mwh"] == pytest.approx(1854.3 / 23.4553 * 321.943 / 258.811, rel=1e-3)
    told = full.provenance.query("column == 'power_price_usd_per_mwh'").set_index("row")
    assert told.loc["monterrey", "note"].endswith("moved from 2020 to 2025 prices with price.cpi.us")
    assert told.loc["memphis", "quality"] == "derived"
    wage = full.sites.set_index("site").loc["toronto", "wage_usd_per_h"]
    assert wage == pytest.approx(29.0 / 1.3696 * 321.943 / 313.689, rel=1e-3)  # NOC 94200, Ontario, 2024


def test_the_payroll_burden_is_of_one_kind_in_the_three_countries(full: Study) -> None:
    burden = full.sites.set_index("site")["payroll_burden"]
    found = {
        country: reference.parameter("labor.burden.one_kind_on_direct_pay", country=country).value
        for country in ("US", "CA", "MX")
    }
    assert burden[["memphis", "toronto", "monterrey"]].tolist() == pytest.approx([0.01 * v for v in found.values()])


def test_a_second_call_changes_nothing(full: Study) -> None:
    assert complete(full) is full
    again = Study.from_tables(full.settings, full.tables)
    assert complete(again).digest == full.digest


def test_the_users_values_stay() -> None:
    sites = bare_tables()["sites"].assign(wage_usd_per_h=[30.0, None, None, None], country=[None, None, "CA", None])
    done = complete(bare_study(sites=sites))
    assert done.sites["wage_usd_per_h"].iloc[0] == 30.0
    assert done.sites["wage_usd_per_h"].notna().all()
    mine = done.provenance.query("table == 'sites' and column == 'wage_usd_per_h'")
    assert set(mine["row"]) == {"monterrey", "toronto", "detroit"}


def test_a_given_country_limits_where_the_region_is_sought() -> None:
    rows = (("bridge", -83.07, 42.315),)  # in the river between Detroit and Windsor
    for country, region in (("US", "US-MI"), ("CA", "CA-ON")):
        sites = points("site", rows, country=country)
        assert complete(bare_study(sites=sites)).sites["region"].tolist() == [region]


def test_a_point_far_from_land_is_refused_with_its_name() -> None:
    sites = points("site", (("atlantis", -60.0, 35.0), ("memphis", -90.05, 35.15)))
    with pytest.raises(InputError, match=r"1 of 2 points.*atlantis"):
        complete(bare_study(sites=sites))


def test_a_point_just_off_the_coast_takes_the_nearest_state() -> None:
    sites = points("site", (("pier", -80.05, 26.7),))
    assert complete(bare_study(sites=sites)).sites["region"].tolist() == ["US-FL"]


def test_every_filled_figure_has_a_source(full: Study) -> None:
    listed = full.sources
    filled = listed[listed["table"].isin(["sites", "lanes", "parameters"])]
    unknown = filled[filled["source"] == ""]
    assert set(unknown["column"]) == {"fixed_usd_per_yr", "property_tax_rate"}
    assert set(unknown["quality"]) == {"assumption"}
    by_name = {column.name: column for column in TABLES["sites"].columns}
    for name in unknown["column"]:  # no layer fills these: they hold what the dictionary says where nobody says more
        assert (full.sites[name] == by_name[name].default).all()
    cited = {s for text in full.provenance["source"] for s in text.split(";")}
    assert cited <= set(full.table("sources")["id"])


def test_a_column_that_is_all_alike_has_one_row_of_provenance(full: Study) -> None:
    rows = full.provenance.query("table == 'sites' and column == 'region'")
    assert rows["row"].tolist() == ["*"]
    assert len(full.provenance.query("table == 'sites' and column == 'wage_usd_per_h'")) == 4


def test_old_provenance_of_an_empty_cell_gives_way() -> None:
    old = pd.DataFrame(
        {
            "table": ["sites", "sites"],
            "column": ["wage_usd_per_h", "*"],
            "row": ["memphis", "*"],
            "source": ["unsourced", "unsourced"],
            "quality": ["assumption", "given"],
        }
    )
    note = pd.DataFrame({"id": ["unsourced"], "title": ["mine"], "licence": ["-"]})
    done = complete(bare_study(provenance=old, sources=note))
    rows = done.provenance.query("table == 'sites' and column == 'wage_usd_per_h' and row == 'memphis'")
    assert rows["quality"].tolist() == ["measured"]
    assert done.table("sources").set_index("id").loc["unsourced", "title"] == "mine"


def test_given_tables_are_not_made_anew(tiny: Study) -> None:
    done = complete(tiny)
    assert len(done.lanes) == len(tiny.lanes)
    assert len(done.incentives) == len(tiny.incentives)


def test_a_study_is_completed_once_for_solve_certificate_and_all_that_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ev.new_study(tmp_path / "own")
    raw = ev.read_study(tmp_path / "own")
    assert not raw.has("lanes")
    checks: list[object] = []
    check = tables.check_across
    monkeypatch.setattr(tables, "check_across", lambda *args, **kwargs: (checks.append(args), check(*args, **kwargs)))
    plan = ev.solve(raw)
    assert len(checks) == 1
    ev.certify(raw, plan).raise_if_failed()
    ev.cash_flow(raw, plan)
    assert ev.complete(raw) is ev.complete(raw)
    assert ev.complete(ev.complete(raw)) is ev.complete(raw)
    assert len(checks) == 1


def test_a_study_without_lanes_or_with_lanes_of_its_own_road_is_not_taken_for_the_complete_one(tmp_path: Path) -> None:
    ev.new_study(tmp_path / "own")
    raw = ev.read_study(tmp_path / "own")
    assert not ev.complete(raw, freight=None).has("lanes")
    assert ev.complete(ev.complete(raw, freight=None)).has("lanes")
    slow = ev.FreightLayer(keep_fastest=True)
    assert len(ev.complete(raw).lanes) <= len(ev.complete(raw, freight=slow).lanes)
    assert ev.complete(raw).digest == ev.complete(ev.read_study(tmp_path / "own")).digest
