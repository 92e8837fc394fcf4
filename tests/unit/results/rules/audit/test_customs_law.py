"""Duties, quotas and offsets of the audit against numbers worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.results.rules.audit.customs_law import CustomsLaw
from evsiting.results.rules.audit.timing import Timing
from evsiting.study.study import Study
from tests.studies import two_plant_study
from tests.trade_studies import trade_study


def law_of(study: Study) -> CustomsLaw:
    """Return the law of a study."""
    return CustomsLaw(study, Timing(study))


def dated(rate: float, first: float, last: float, *, share: float = 1.0) -> Study:
    """Return the study with one duty on cells of Korea, in force in some years of its two periods of five."""
    row = {"product": "cell", "origin": "KR", "destination": "US", "measure": "MFN", "rate": rate}
    duty = {**row, "dutiable_share": share, "first_year": first, "last_year": last}
    return two_plant_study(periods=2).with_table("duties", pd.DataFrame([duty]))


def test_measures_add_up_and_keep_their_relief() -> None:
    law = law_of(trade_study())
    assert law.levied("vehicle", "MX", "US", "p1") == pytest.approx({("MFN", "free"): 0.025, ("232", "content"): 0.25})
    assert law.spared("vehicle", "MX", "US", "p1", "content") == {"232": 0.25}
    assert law.levied("vehicle", "US", "MX", "p1") == {}


def test_a_duty_counts_by_the_years_in_which_it_is_in_force() -> None:
    law = law_of(dated(0.1, 2030, 2032, share=0.5))  # two of 2027-2031, one of 2032-2036, without discount
    assert law.levied("cell", "KR", "US", "p1") == pytest.approx({("MFN", "none"): 0.02})
    assert law.levied("cell", "KR", "US", "p2") == pytest.approx({("MFN", "none"): 0.01})


def test_years_are_weighted_by_their_discount_factors() -> None:
    study = dated(0.1, 2027, 2027).with_settings(money={"discount_rate": 0.1})
    first = 0.1 / sum(1.1**-k for k in range(5))  # the first of five years
    assert law_of(study).levied("cell", "KR", "US", "p1") == pytest.approx({("MFN", "none"): first})


def test_duty_is_levied_on_the_customs_value_where_a_supplier_has_one() -> None:
    study = trade_study()
    law = law_of(study.with_table("suppliers", study.suppliers.assign(customs_value_usd_per_unit=120.0)))
    assert law.price("busan", "p1") == law.worth("cell", "busan", "p1") == 90.0
    assert law.value("cell", "busan", "p1") == 120.0
    assert law_of(study).value("cell", "busan", "p1") == 90.0
    assert law.price("memphis", "p1") is None
    assert law.value("vehicle", "memphis", "p1") == law.worth("vehicle", "memphis", "p1") == 38_000.0


def test_what_a_quota_saves_and_when() -> None:
    study = trade_study(periods=2)
    law = law_of(study.with_table("quotas", study.quotas.assign(last_year=2028)))
    found = law.quotas().set_index("quota")
    assert found["period"].tolist() == ["p1", "p1"]
    assert found.loc["Mexican vehicles", ["share", "units_per_yr", "rate"]].tolist() == pytest.approx([0.4, 8e3, 0.15])
    years = law.quota_years()
    assert years["year"].tolist() == [2027, 2028, 2027, 2028]
    assert years["relieved"].tolist() == [False, False, True, True]


def test_offsets_and_the_duties_that_they_offset() -> None:
    law = law_of(trade_study())
    assert law.offsets()["usd_per_unit"].tolist() == pytest.approx([1_500.0])
    rows = law.offset_duties()  # cells of Korea come within a quota of the same measure
    assert rows[["product", "origin", "made", "rate"]].to_numpy().tolist() == [["pack", "MX", "vehicle", 0.25]]
