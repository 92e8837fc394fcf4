"""Duties, quotas, rules of origin and offsets against the law's own numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.reference import parameter
from evsiting.shipped import customs
from evsiting.shipped.book import ProvenanceLog
from evsiting.study.provenance import row_keys
from tests.canonical import canonical


@pytest.fixture
def book() -> ProvenanceLog:
    return ProvenanceLog(2025)


def test_rates_on_a_lane_are_those_of_the_measures_in_force(book: ProvenanceLog) -> None:
    duties = customs.duties(book).set_index(["product", "origin", "destination", "measure"])["rate"].sort_index()
    china = duties.xs(("vehicle", "CN", "US"))
    assert china.to_dict() == {"MFN": 0.025, "Section 232": 0.25, "Section 301": 1.0}
    assert duties["vehicle", "CN", "CA", "surtax"] == 1.0
    assert duties["cell", "CN", "US", "Section 301"] == 0.25
    assert ("vehicle", "US", "US", "MFN") not in duties.index


def test_each_duty_stands_once_with_its_provenance(book: ProvenanceLog) -> None:
    table = customs.duties(book)
    expected = sum(len(m.products.split()) * len(m.origins.split()) for m in customs.MEASURES)
    assert len(table) == expected == len(table.drop_duplicates(["product", "origin", "destination", "measure"]))
    notes = book.provenance().query("table == 'duties' and column == 'rate'")
    full = canonical(duties=table)["duties"]
    assert notes["row"].tolist() == row_keys("duties", full).tolist()
    measures = [m for m in customs.MEASURES for _ in m.products.split() for _ in m.origins.split()]
    for measure, note, quality in zip(measures, notes["note"], notes["quality"], strict=True):
        guessed = bool(measure.assumed) or parameter(measure.key).assumed
        assert (quality == "assumption") == guessed, measure
        assert measure.assumed in note


def test_only_goods_of_the_agreement_are_relieved(book: ProvenanceLog) -> None:
    table = customs.duties(book)
    relieved = table[table["relief"] != "none"]
    assert set(relieved["origin"]) <= {"US", "CA", "MX"}
    assert set(relieved["relief"]) == {"free", "content"}
    us_cars = table.query("product == 'vehicle' and origin == 'MX' and destination == 'US'").set_index("measure")[
        "relief"
    ]
    assert us_cars.to_dict() == {"MFN": "free", "Section 232": "content"}


def test_further_measures_come_behind(book: ProvenanceLog) -> None:
    more = (customs.Measure("parts", "CN", "US", "MFN", "duty.us.vehicle_mfn"),)
    assert customs.duties(book, more).iloc[-1].tolist() == ["parts", "CN", "US", "MFN", 0.025, 1.0, "none"]


def test_quotas_are_the_mean_of_the_steps_and_the_last_one(book: ProvenanceLog) -> None:
    table = customs.quotas(book, 2027).set_index("quota")
    assert table.loc["China to Canada, rising", "units_per_yr"] == round((52_185 + 55_577 + 59_190) / 3)
    assert table.loc["China to Canada, rising", ["first_year", "last_year"]].tolist() == [2027, 2029]
    assert table.loc["China to Canada", "units_per_yr"] == 63_037.0
    assert table.loc["China to Canada", "first_year"] == 2030
    assert pd.isna(table.loc["China to Canada", "last_year"])
    assert (table["rate"] == 0.0).all()
    one = customs.quotas(ProvenanceLog(2025), 2029).set_index("quota")
    assert one.loc["China to Canada, rising", "units_per_yr"] == 59_190.0


def test_every_quota_is_of_a_duty(book: ProvenanceLog) -> None:
    key = ["product", "origin", "destination", "measure"]
    duties, quotas = customs.duties(book), customs.quotas(book, 2027)
    rates = quotas.merge(duties, on=key, suffixes=("", "_beyond"))
    assert len(rates) == len(quotas)
    assert (rates["rate"] < rates["rate_beyond"]).all()


PROCESSES = pd.DataFrame({"product": ["cell", "pack", "vehicle"], "material_usd_per_unit": [40.0, 1_000.0, 10_000.0]})
PRODUCTS = pd.DataFrame({"product": ["cell", "pack", "vehicle"], "value_usd_per_unit": [80.0, 7_000.0, 40_000.0]})


def test_rules_of_origin_by_net_cost(book: ProvenanceLog) -> None:
    rules = customs.origin_rules(book, PROCESSES, PRODUCTS).set_index("product")
    assert rules["rvc"].tolist() == [0.75, 0.75]
    assert rules["net_cost_usd_per_unit"].to_dict() == {"vehicle": 28_000.0, "pack": 7_000.0}
    assert rules["other_foreign_usd_per_unit"].to_dict() == {"vehicle": 1_500.0, "pack": 300.0}
    vehicle, pack = rules.loc["vehicle"], rules.loc["pack"]
    assert (vehicle["lvc"], vehicle["core_parts"], vehicle["high_wage_usd_per_h"]) == (0.4, "pack", 16.0)
    assert vehicle["other_high_wage_usd_per_unit"] == 0.25 * 10_000.0 + 0.15 * 28_000.0  # material, and both credits
    assert vehicle["other_content_usd_per_unit"] == 0.15 * 10_000.0
    assert pd.isna(pack["lvc"])
    assert pack[["other_high_wage_usd_per_unit", "other_content_usd_per_unit"]].tolist() == [0.0, 0.0]
    assert PROCESSES["material_usd_per_unit"].tolist() == [40.0, 1_000.0, 10_000.0]  # tables given stay as they are


def test_parts_that_are_bought_are_not_assumed_once_more(book: ProvenanceLog) -> None:
    rule = customs.origin_rules(book, PROCESSES, PRODUCTS, ("vehicle",), parts_usd=2_000.0).iloc[0]
    assert rule["other_foreign_usd_per_unit"] == 0.15 * 12_000.0
    assert rule["other_high_wage_usd_per_unit"] == 0.15 * 28_000.0  # the credits alone
    assert rule["other_content_usd_per_unit"] == 0.0


def test_the_offset_is_a_part_of_the_retail_price(book: ProvenanceLog) -> None:
    row = customs.offsets(book, 2027).iloc[0]
    assert row["share"] == pytest.approx(0.0375)
    assert row["value_usd_per_unit"] == 56_910.0
    assert (row["first_year"], row["last_year"]) == (2027, 2030)
    assert set(book.provenance()["column"]) == {"share", "value_usd_per_unit", "first_year", "last_year"}
