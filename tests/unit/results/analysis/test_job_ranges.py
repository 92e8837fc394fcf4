"""Indirect and induced jobs: ranges with sources, beside the direct jobs and never among them."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.results.analysis.job_ranges import JOB_RANGE_COLUMNS, multipliers
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan
from tests.studies import two_plant_study

REGION = "jobs.multiplier.region"
UNIT = "added jobs per direct job"


def with_parameters(*rows: tuple[str, float, str]) -> tuple[ev.Study, ev.Plan]:
    """Return the two-plant study with parameters of its own, and its best plan."""
    study = two_plant_study().with_table("parameters", pd.DataFrame(list(rows), columns=["key", "value", "unit"]))
    return study, plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)


def test_direct_jobs_are_those_of_the_ledger_and_added_ones_stand_apart() -> None:
    # Memphis: 500 + 100 + 1,000 fixed staff, and 6 m cells x 0.05 h, 100,000 packs x 4 h and 100,000 vehicles x 20 h
    # over 2,000 h: 1,350; Windsor: 300 fixed staff and 1.5 m cells x 0.05 h over 2,000 h.
    study, plan = tiny_plan()
    found = ev.job_ranges(study, plan)
    assert tuple(found.columns) == JOB_RANGE_COLUMNS
    region = found[found["scope"] == "region"].set_index("region")
    assert region["direct_fte"].to_dict() == pytest.approx({"US-TN": 2_950.0, "CA-ON": 337.5})
    assert region.loc["US-TN", ["low_fte", "central_fte", "high_fte"]].tolist() == pytest.approx([4_425, 5_900, 8_850])
    assert plan.totals["jobs"] == pytest.approx(10.0 * (2_950.0 + 337.5))


def test_every_multiplier_stands_in_a_row_of_its_own_with_its_source() -> None:
    study, plan = tiny_plan()
    found = ev.job_ranges(study, plan)
    of_us = found[found["country"] == "US"].set_index("key")
    table = reference.parameters()
    assert set(of_us.index) == set(table.loc[table["key"].str.startswith("jobs.multiplier."), "key"])
    assert bool(of_us["gross"].all())
    assert of_us.loc["jobs.multiplier.published_range", ["low_fte", "central_fte", "high_fte"]].tolist() == (
        pytest.approx([2_950 * 1.4, 2_950 * 3.4, 2_950 * 15])
    )
    single = of_us.loc["jobs.multiplier.us_manufacturing_nam"]
    assert single[["low", "central", "high"]].tolist() == [5.0, 5.0, 5.0]
    assert (single["quality"], single["source"]) == ("sourced", "rimanufacturers")
    sourced = of_us[of_us["quality"] == "sourced"]
    assert bool((sourced["title"].str.len() > 0).all())


def test_what_has_no_source_is_called_an_assumption() -> None:
    study, plan = tiny_plan()
    found = ev.job_ranges(study, plan).set_index("key")
    assumed = set(found.index[found["quality"] == "assumption"])
    assert assumed == {REGION, "jobs.multiplier.us_durable_manufacturing_epi"}
    assert all(key in (ev.job_ranges.__doc__ or "") for key in assumed)
    assert found.loc[REGION, "source"].tolist() == ["", ""]


def test_multipliers_of_the_united_states_are_not_lent_to_canada() -> None:
    study, plan = tiny_plan()
    found = ev.job_ranges(study, plan)
    (row,) = found[(found["country"] == "CA") & (found["scope"] == "country")].to_dict("records")
    assert row["direct_fte"] == pytest.approx(337.5)
    assert pd.isna(row["central_fte"])
    assert "no multiplier" in row["note"]


def test_periods_come_in_order_of_time_with_the_jobs_of_each() -> None:
    study = two_plant_study(periods=2)
    made = [(*row[:-2], p, row[-1]) for row in PRODUCTION for p in ("p1", "p2")]
    sent = [(*row[:-2], p, row[-1]) for row in SHIPMENTS for p in ("p1", "p2")]
    plan = plan_of(study, openings=OPENINGS, production=made, shipments=sent)
    found = ev.job_ranges(study, plan)
    rows = found[(found["region"] == "US-TN") & (found["key"] == REGION)]
    assert rows["period"].tolist() == ["p1", "p2"]
    assert rows["direct_fte"].tolist() == pytest.approx([2_950.0, 2_950.0])


def test_a_plan_without_jobs_has_no_rows() -> None:
    study = two_plant_study()
    bare = study.with_table("plants", study.plants.assign(staff_fte=0.0))
    empty = plan_of(bare, openings=[], production=[], shipments=[], unmet=[("west", "vehicle", "p1", 1.0)])
    assert ev.job_ranges(bare, empty).empty


def test_a_figure_of_the_study_goes_first() -> None:
    found = ev.job_ranges(*with_parameters((REGION, 1.0, UNIT), (f"{REGION}.high", 1.2, UNIT))).set_index("key")
    row = found.loc[REGION].iloc[0]
    assert row[["low", "central", "high"]].tolist() == [1.0, 1.0, 1.2]
    assert (row["quality"], row["note"]) == ("assumption", "the study's own figure")


def test_a_figure_of_the_study_keeps_its_provenance() -> None:
    study, _ = with_parameters((REGION, 1.1, UNIT))
    entry = {"table": "parameters", "column": "value", "row": REGION, "source": "state_model", "year": "2025"}
    source = {"id": "state_model", "title": "Input-output model of the state", "licence": "given"}
    study = study.with_table("sources", pd.DataFrame([source]))
    study = study.with_table("provenance", pd.DataFrame([{**entry, "quality": "sourced", "note": "type II"}]))
    (row,) = (m for m in multipliers(study) if m.key == REGION)
    assert (row.quality, row.source, row.title, row.note) == (
        "sourced",
        "state_model",
        "Input-output model of the state",
        "type II",
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(REGION, 1.0, "jobs")], "Give the value in added jobs per direct job"),
        ([(f"{REGION}.low", 1.0, UNIT)], "a range without its figure"),
        ([(REGION, 1.0, UNIT), (f"{REGION}.low", 2.0, UNIT)], "is no range"),
    ],
)
def test_a_figure_that_does_not_fit_is_refused(rows: list[tuple[str, float, str]], words: str) -> None:
    study, plan = with_parameters(*rows)
    with pytest.raises(ev.InputError, match=words):
        ev.job_ranges(study, plan)


def test_a_plan_of_another_study_is_refused() -> None:
    _, plan = tiny_plan()
    with pytest.raises(ev.InputError, match="answers another study"):
        ev.job_ranges(two_plant_study(periods=2), plan)
