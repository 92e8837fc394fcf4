"""Duties on five lanes of 2026, worked out by hand from the rates of the package; quotas and offsets by year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.reference import parameter
from evsiting.study.derived import customs
from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study
from tests.frames import PLACES, TOWNS, points, sites_frame

#: Rates by the keys of the package's parameters: product, origin, destination, measure, key, relief.
LAW = (
    ("vehicle", "CN", "US", "MFN", "duty.us.vehicle_mfn", "none"),  # crs_in12545, usitc_hts: 2.5 %
    ("vehicle", "CN", "US", "Section 232", "us.232.car_tariff", "none"),  # awpa_232: 25 %
    ("vehicle", "CN", "US", "Section 301", "us.301.ev_china", "none"),  # policyrisk_301: 100 %
    ("vehicle", "DE", "US", "Section 232, all in", "us.232.car_tariff_eu", "none"),  # spglobal_japan_eu: 15 %
    ("vehicle", "MX", "US", "MFN", "duty.us.vehicle_mfn", "free"),  # free where it originates under USMCA
    ("vehicle", "MX", "US", "Section 232", "us.232.car_tariff", "content"),  # us.232.usmca_car_base: non-US content
    ("vehicle", "CN", "CA", "MFN", "duty.ca.vehicle_mfn", "none"),  # autolog_ca_china: 6.1 %
    ("vehicle", "CN", "CA", "surtax", "ca.china_ev_surtax", "none"),  # autolog_ca_china: 100 % outside the quota
    ("vehicle", "US", "CA", "counter-tariff", "ca.counter_tariff_us_cars", "content"),  # regfollower_ca: 25 %
    ("vehicle", "CN", "MX", "no agreement", "mx.tariff.cars_non_fta", "none"),  # autolog_mx_2026: 50 %
    ("pack", "CN", "US", "parts", "us.232.parts_tariff", "none"),  # awpa_232: 25 %
    ("pack", "MX", "US", "parts", "us.232.parts_tariff", "free"),  # awpa_232: USMCA-qualifying parts exempt
)


def law() -> pd.DataFrame:
    """Return the duties of 2026 with the rates of the package."""
    rows = [(p, a, b, m, 0.01 * parameter(key, year=2026).value, relief) for p, a, b, m, key, relief in LAW]
    return pd.DataFrame(rows, columns=["product", "origin", "destination", "measure", "rate", "relief"])


def study(periods: tuple[tuple[int, int], ...] = ((2026, 1),), rate: float = 0.0, **tables: pd.DataFrame) -> Study:
    """Return plants and markets in three countries, and vehicles from China at USD 23,800, Germany at USD 39,592."""
    towns = pd.DataFrame([(t[0], t[1], t[2]) for t in TOWNS], columns=["market", "country", "region"])
    sellers = pd.DataFrame(
        {"supplier": ["shanghai", "bremen"], "country": ["CN", "DE"], "product": "vehicle"}
        # import.vehicle_price_cn (redplanx_nev_export); product.bev_value (gtaic_870380)
        | {"price_usd_per_unit": [23_800.0, 39_592.0]}
    )
    frames = {
        "sites": sites_frame(list(PLACES[:3])),
        "markets": points(towns, [t[3] for t in TOWNS], [t[4] for t in TOWNS]),
        "suppliers": points(sellers, [121.47, 8.80], [31.23, 53.08]),
        "periods": pd.DataFrame(
            [(f"t{k + 1}", start, years) for k, (start, years) in enumerate(periods)],
            columns=["period", "start_year", "years"],
        ),
        "products": pd.DataFrame(
            {
                "product": ["pack", "vehicle"],
                "unit": ["pack", "vehicle"],
                "mass_kg_per_unit": [400.0, 2_000.0],
                "value_usd_per_unit": [7e3, 4e4],
            }
        ),
        "bill_of_materials": pd.DataFrame({"product": ["vehicle"], "input": ["pack"], "units_per_unit": [1.0]}),
        "processes": pd.DataFrame({"plant_type": ["pack", "assembly"], "product": ["pack", "vehicle"]}),
        "options": pd.DataFrame(
            {
                "plant_type": ["pack", "assembly"],
                "option": ["line", "works"],
                "capacity_units_per_yr": [2e5, 2e5],
                "capex_usd": [1e8, 1e9],
            }
        ),
        "demand": pd.DataFrame({"market": ["toronto"], "product": ["vehicle"], "units_per_yr": [1e4]}),
        "duties": law(),
        **tables,
    }
    settings = Settings(study=About(name="Customs"), money=Money(base_year=2026, discount_rate=rate))
    return Study.from_tables(settings, frames)


def duty(given: Study, origin: str, destination: str) -> float:
    """Return the whole duty on a vehicle in the first period. [USD/unit]"""
    lane = pd.DataFrame({"product": ["vehicle"], "origin": [origin], "destination": [destination]})
    return round(float(customs.lane_duty(given, lane)[0, 0]), 2)


def test_a_vehicle_from_china_pays_three_measures_in_the_united_states() -> None:
    # 23,800.00 x 2.5 % = 595.00; x 25 % = 5,950.00; x 100 % = 23,800.00.
    assert duty(study(), "shanghai", "new_york") == 30_345.00


def test_a_vehicle_from_germany_pays_fifteen_percent_all_in() -> None:
    assert duty(study(), "bremen", "new_york") == 5_938.80  # 39,592.00 x 15 %


def test_a_vehicle_from_mexico_that_qualifies_pays_on_what_is_not_of_us_content() -> None:
    given = study()
    assert duty(given, "monterrey", "new_york") == 11_000.00  # 40,000.00 x (2.5 % + 25 %)
    (spared,) = customs.reliefs(given).query("product == 'vehicle' and origin == 'MX'").itertuples()
    assert round(40_000.00 * spared.free, 2) == 1_000.00  # MFN, whole
    assert round(15_000.00 * spared.content, 2) == 3_750.00  # 25 % of a US content of 15,000.00
    # What is left is 25 % of 25,000.00 of other content.
    assert round(11_000.00 - 1_000.00 - 3_750.00, 2) == 6_250.00


def china_quota(**changes: object) -> pd.DataFrame:
    """Return Canada's quota for electric vehicles from China: the surtax is lifted, the general rate stays."""
    row = {"quota": "Chinese EVs", "product": "vehicle", "origin": "CN", "destination": "CA", "measure": "surtax"}
    row |= {"units_per_yr": parameter("ca.china_ev_quota").value, "rate": 0.0}  # autolog_ca_china: 49,000 a year
    return pd.DataFrame([row | changes])


def test_a_vehicle_from_china_in_canada_outside_and_inside_the_quota() -> None:
    given = study(quotas=china_quota())
    assert duty(given, "shanghai", "toronto") == 25_251.80  # 23,800.00 x (6.1 % + 100 %)
    (quota,) = customs.quotas(given).itertuples()
    assert (quota.units_per_yr, quota.share, quota.relieved) == (49_000.0, 1.0, False)
    assert round(23_800.00 * quota.rate, 2) == 23_800.00
    # Inside, ca.china_ev_quota_tariff is left: 23,800.00 x 6.1 %.
    assert round(25_251.80 - 23_800.00, 2) == 1_451.80
    assert parameter("ca.china_ev_quota_tariff", year=2026).value == 6.1


def test_a_vehicle_from_the_united_states_pays_the_counter_tariff_in_canada() -> None:
    given = study()
    assert duty(given, "memphis", "toronto") == 10_000.00  # 40,000.00 x 25 %
    (spared,) = customs.reliefs(given).query("origin == 'US'").itertuples()
    assert round(4_000.00 * spared.content, 2) == 1_000.00  # 25 % of a Canadian content of 4,000.00


def test_a_vehicle_from_china_pays_half_its_value_in_mexico() -> None:
    assert duty(study(), "shanghai", "mexico_city") == 11_900.00  # 23,800.00 x 50 %


def test_countries_without_a_row_trade_free() -> None:
    given = study()
    assert duty(given, "windsor", "new_york") == 0.0
    assert duty(given, "memphis", "new_york") == 0.0
    assert duty(given, "bremen", "toronto") == 0.0


def german(*changes: dict[str, object]) -> pd.DataFrame:
    """Return the duties with the row of vehicles from Germany changed, once for each change."""
    rows = law()
    own = rows["origin"] == "DE"
    return pd.concat([rows[~own], *(rows[own].assign(**changed) for changed in changes)], ignore_index=True)


def test_a_duty_of_some_years_counts_by_their_discount_factors() -> None:
    rows = german({"first_year": 2027, "last_year": 2028})
    given = study(((2026, 3), (2029, 2)), 0.1, duties=rows)
    # Weights 1, 1/1.1, 1/1.21 of 2.735537: 1.735537 / 2.735537 = 0.634441 of 15 %.
    (row,) = customs.stacks(given).query("origin == 'DE'").itertuples()
    assert (row.period, round(row.rate, 6)) == ("t1", 0.095166)
    lane = pd.DataFrame({"product": ["vehicle"], "origin": ["bremen"], "destination": ["new_york"]})
    assert customs.lane_duty(given, lane).round(2).tolist() == [[3_767.82, 0.0]]


def test_rows_of_one_measure_follow_each_other_in_time() -> None:
    rows = german({"last_year": 2026}, {"rate": 0.25, "dutiable_share": 0.5, "first_year": 2027})
    (row,) = customs.stacks(study(((2026, 2),), duties=rows)).query("origin == 'DE'").itertuples()
    assert round(row.rate, 9) == 0.1375  # mean of 15 % and half of 25 %


def test_the_value_of_an_import_is_its_price_of_the_period() -> None:
    dearer = pd.DataFrame({"column": ["price_usd_per_unit"], "place": ["CN"], "period": ["t2"], "factor": [1.5]})
    given = study(((2026, 1), (2027, 1)), trajectories=dearer)
    lane = pd.DataFrame({"product": ["vehicle"] * 2, "origin": ["shanghai", "memphis"], "destination": ["x", "y"]})
    assert customs.unit_values(given, lane).tolist() == [[23_800.0, 35_700.0], [40_000.0, 40_000.0]]


def test_duty_is_levied_on_the_customs_value_of_a_supplier_and_on_its_price_where_none_is_stated() -> None:
    dearer = pd.DataFrame({"column": ["price_usd_per_unit"], "place": ["CN"], "period": ["t2"], "factor": [1.5]})
    plain = study(((2026, 1), (2027, 1)), trajectories=dearer)
    stated = plain.suppliers["supplier"].map({"shanghai": 34_000.0})
    given = plain.with_table("suppliers", plain.suppliers.assign(customs_value_usd_per_unit=stated))
    lane = pd.DataFrame({"product": ["vehicle"] * 2, "origin": ["shanghai", "bremen"], "destination": ["x", "y"]})
    found, before = customs.unit_values(given, lane), customs.unit_values(plain, lane)
    assert found[0].tolist() == [34_000.0, 51_000.0]  # it moves with the price
    assert found[1].tolist() == before[1].tolist()
    assert duty(given, "shanghai", "mexico_city") == 17_000.0  # 34,000.00 x 50 %


def test_a_quota_that_ends_within_a_period_lets_in_its_years() -> None:
    given = study(((2026, 4),), quotas=china_quota(last_year=2026, rate=0.4))
    (quota,) = customs.quotas(given).itertuples()
    assert (quota.share, quota.units_per_yr) == (0.25, 12_250.0)
    assert quota.rate == pytest.approx(0.6)  # 100 % less 40 %, in the year in which it is in force


def test_a_quota_dearer_than_the_measure_saves_nothing_in_that_year() -> None:
    rows = law()
    surtax = rows["measure"] == "surtax"
    steps = [rows[~surtax], rows[surtax].assign(last_year=2026), rows[surtax].assign(rate=0.2, first_year=2027)]
    given = study(((2026, 2),), quotas=china_quota(rate=0.4), duties=pd.concat(steps, ignore_index=True))
    (quota,) = customs.quotas(given).itertuples()
    assert quota.rate == pytest.approx(0.3)  # 60 % of the value in one year, nothing in the other


def offset_law() -> pd.DataFrame:
    """Return the offset of duties on parts: 3.75 % of the retail price (mondaq_232_offset), here of USD 50,000."""
    row = {"destination": "US", "product": "vehicle", "measure": "parts", "value_usd_per_unit": 50_000.0}
    row |= {"share": 0.01 * parameter("us.232.offset_msrp").value, "first_year": 2025, "last_year": 2030}
    return pd.DataFrame([row])


def test_an_offset_counts_in_its_years_and_against_the_duty_of_those_years() -> None:
    given = study(((2029, 4),), duty_offsets=offset_law())
    (offset,) = customs.offsets(given).itertuples()
    assert round(offset.usd_per_unit, 2) == 937.50  # 3.75 % x 50,000.00 = 1,875.00 in two of four years
    rates = customs.offset_duties(given).set_index("origin")["rate"]
    assert rates.to_dict() == {"CN": 0.125, "MX": 0.125}  # 25 % in the same two years


def test_what_a_quota_may_let_in_pays_no_duty_to_offset() -> None:
    quota = china_quota(product="pack", destination="US", measure="parts", quota="US quota")
    given = study(((2029, 2),), duty_offsets=offset_law(), quotas=quota)
    assert customs.offset_duties(given)["origin"].tolist() == ["MX"]


def test_rules_of_origin_fall_back_on_the_product() -> None:
    rule = pd.DataFrame({"product": ["vehicle"], "rvc": [0.75], "core_parts": [" pack ; "]})
    (found,) = customs.origin_rules(study(origin_rules=rule)).itertuples()
    assert (found.Index, found.net_cost, found.high_wage, found.core_parts) == ("vehicle", 4e4, 16.0, ("pack",))
    assert np.isnan(found.lvc)


def test_without_tables_of_law_nothing_is_levied() -> None:
    given = study(duties=law().iloc[:0])
    assert duty(given, "shanghai", "new_york") == 0.0
    assert customs.stacks(given).empty
    assert customs.reliefs(given).empty
    assert customs.quotas(given).empty
    assert customs.offsets(given).empty
    assert customs.offset_duties(given).empty
