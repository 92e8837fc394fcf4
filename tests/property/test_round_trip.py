"""Whatever a study holds, it is read back as it was written, in every format."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from evsiting.errors import has_control
from evsiting.study.canonical.headers import tidy
from evsiting.study.files.read import read_study
from evsiting.study.files.write import write_study
from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study
from tests.studies import random_study

ODD = [
    "NA",
    "null",
    "None",
    "nan",
    "TRUE",
    "1e5",
    "007",
    "+1",
    "1,5",
    "=1+1",
    "=cmd|'/c calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "#N/A",
    "#DIV/0!",
    'a "quoted" name',
    "comma, inside",
    "semi; colon",
    "two\nlines",
    "tab\tinside",
    "Bécancour",
    "Nuevo León",
    "東京",
    "\u200fright to left",
    "e\u0301",
    "🚗",
    "_x0041_",
    "<b>&amp;</b>",
    "'quote",
    "a|b",
    "\ufeffmark",
    "1_000",
]
text = st.one_of(
    st.sampled_from(ODD), st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
).filter(lambda t: tidy(t) and not has_control(t))
maybe = st.one_of(st.none(), text)
positive = st.floats(1e-12, 1e15, allow_nan=False)
rate = st.floats(1e-6, 2.9)
share = st.one_of(st.just(0.0), st.floats(1e-12, 1.0))  # figures below 1e-100 are refused


def plain(value):
    """Return a number as it is, and zero for what is too small for any figure of a study."""
    return value if abs(value) > 1e-12 else 0.0


def codes(size):
    """Return a strategy for codes that stay different after trimming."""
    return st.lists(text, min_size=size, max_size=size, unique_by=lambda t: tidy(t).casefold())


@st.composite
def studies(draw):
    """Return a small valid study whose names and numbers are anything that is allowed."""
    n = draw(st.integers(1, 3))
    places = draw(codes(n + 3))
    sites, market, supplier, product = places[:n], places[n], places[n + 1], places[n + 2]
    names = st.lists(maybe, min_size=n, max_size=n)
    lats = st.lists(st.floats(32.0, 48.0), min_size=n, max_size=n)
    lons = st.lists(st.floats(-116.0, -96.0), min_size=n, max_size=n)
    kind, option, period, unit = draw(codes(4))
    kind = kind.replace(";", ",")
    tables = {
        "sites": pd.DataFrame(
            {
                "site": sites,
                "name": draw(names),
                "lat": draw(lats),
                "lon": draw(lons),
                "wage_usd_per_h": draw(positive),
                "payroll_burden": draw(st.lists(st.one_of(st.none(), rate), min_size=n, max_size=n)),
                "plant_types": draw(st.lists(st.sampled_from([None, kind]), min_size=n, max_size=n)),
            }
        ),
        "markets": pd.DataFrame(
            {"market": [market], "name": [draw(maybe)], "lat": 19.4, "lon": -99.1, "country": "MX"}
        ),
        "periods": pd.DataFrame({"period": [period], "start_year": [draw(st.integers(1990, 2150))], "years": [3]}),
        "products": pd.DataFrame(
            {
                "product": [product],
                "unit": [unit],
                "mass_kg_per_unit": [draw(positive)],
                "value_usd_per_unit": [draw(positive)],
            }
        ),
        "processes": pd.DataFrame({"plant_type": [kind], "product": [product], "labor_h_per_unit": [draw(positive)]}),
        "options": pd.DataFrame(
            {
                "plant_type": [kind],
                "option": [option],
                "capacity_units_per_yr": [draw(positive)],
                "capex_usd": [draw(positive)],
                "min_load": [draw(share)],
            }
        ),
        "demand": pd.DataFrame(
            {
                "market": [market],
                "product": [product],
                "units_per_yr": [draw(positive)],
                "unmet_penalty_usd_per_unit": [draw(positive)],
            }
        ),
        "suppliers": pd.DataFrame(
            {
                "supplier": [supplier],
                "name": [draw(maybe)],
                "country": "NA",
                "product": [product],
                "lat": [draw(st.floats(-89, 89).map(plain))],
                "lon": [draw(st.floats(-40, 170).map(plain))],
                "price_usd_per_unit": [draw(positive)],
            }
        ),
        "sources": pd.DataFrame(
            {"id": [draw(text)], "title": [draw(text)], "licence": [draw(text)], "note": [draw(maybe)]}
        ),
    }
    asked = Settings(
        study=About(name=draw(text), question=draw(text), author=draw(st.one_of(st.just(""), text))),
        money=Money(discount_rate=draw(share), usd_per={"JPY": {2024: draw(st.floats(0.006, 0.007))}}),
    )
    return Study.from_tables(asked, tables)


FORMS = ["csv", "gpkg", "geoparquet", "xlsx"]
calm = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.filterwarnings("ignore:.*text in UTF-8 was taken:evsiting.DataWarning")
@given(study=studies())
@calm
def test_what_is_written_reads_back_as_the_same_study(study):
    check(study)


@pytest.mark.filterwarnings("ignore:.*text in UTF-8 was taken:evsiting.DataWarning")  # any text may look like that
@pytest.mark.slow
@given(study=studies())
@settings(calm, max_examples=60)
def test_what_is_written_reads_back_as_the_same_study_many_times(study):
    check(study)


def check(study):
    """Write in each format, read back, compare cell by cell; one study is drawn and checked for all of them."""
    for form in FORMS:
        with tempfile.TemporaryDirectory() as room:
            path = Path(room) / ("book.xlsx" if form == "xlsx" else "folder")
            points = "csv" if form == "xlsx" else form
            back = read_study(write_study(study, path, points=points))
            assert [p.name for p in Path(room).iterdir()] == [path.name], form
        assert back.settings == study.settings, form
        for name, frame in study.tables.items():
            left, right = pd.DataFrame(back.table(name)), pd.DataFrame(frame)
            pd.testing.assert_frame_equal(left, right, check_exact=True, obj=f"{form}, table {name}")
        assert back.digest == study.digest, form


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_whole_studies_come_back_equal(tmp_path, seed, form):
    study = random_study(seed)
    assert read_study(write_study(study, tmp_path / ("s.xlsx" if form == "xlsx" else "s"))) == study
