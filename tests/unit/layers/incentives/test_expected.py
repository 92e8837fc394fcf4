"""Imputed packages: what a job earns over the horizon by hand, where none is imputed, and what is refused."""

from __future__ import annotations

import warnings

import geopandas as gpd
import pandas as pd
import pytest

from evsiting import reference
from evsiting.errors import DataWarning, InputError
from evsiting.layers.completion import complete
from evsiting.layers.incentives.expected import PROGRAM, expected_package
from evsiting.layers.incentives.programs import IncentivesLayer
from evsiting.study.study import Study
from tests.layer_studies import bare_study

REGIONS = {"country": ["US", "MX", "CA", "US"], "region": ["US-GA", "MX-NLE", "CA-ON", "US-MS"]}
RATE, YEARS = 0.0876, 10  # of the study: 2028 to 2037


def sites(**columns: object) -> gpd.GeoDataFrame:
    """Return a site in Atlanta, Monterrey, Toronto and Jackson each."""
    places = gpd.points_from_xy([-84.39, -100.31, -79.38, -90.18], [33.75, 25.69, 43.65, 32.30])
    return bare_study().sites.assign(**{**REGIONS, **columns}).set_geometry(places, crs="EPSG:4326")


def study(**tables: pd.DataFrame) -> Study:
    return bare_study(**{"sites": sites(), **tables})


def quietly(*args: object, **kwargs: object) -> Study:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return expected_package(*args, **kwargs)


def imputed(made: Study) -> pd.DataFrame:
    frame = made.programs
    return frame[frame["program"] == PROGRAM].set_index(["region", "plant_type"])


def yearly(total: float) -> float:
    """Return what earns a sum in present value of the first year when it is paid in each of ten years."""
    return total / sum((1.0 + RATE) ** -k for k in range(YEARS))


def test_a_state_with_deals_pays_as_they_did_and_another_the_median() -> None:
    made = imputed(quietly(study()))
    deal = float(reference.fact("subsidy_per_job")["US-GA"])
    median = reference.parameter("incentive.us_megadeal.subsidy_per_job").value
    assert "US-MS" not in reference.fact("subsidy_per_job").index
    assert made.loc[("US-GA", "pack"), "value"] == pytest.approx(yearly(deal), abs=1e-6)
    assert made.loc[("US-MS", "assembly"), "value"] == pytest.approx(yearly(median), abs=1e-6)
    assert set(made["kind"]) == {"job"}
    assert set(made[["first_year", "last_year"]].itertuples(index=False, name=None)) == {(2028, 2037)}
    assert {region for region, _ in made.index} == {"US-GA", "US-MS"}  # nothing is made up for Canada and Mexico


def test_a_part_of_the_package_and_only_of_states_with_deals() -> None:
    half = imputed(quietly(study(), "pack", share=0.5, only_with_deals=True))
    assert list(half.index) == [("US-GA", "pack")]
    whole = imputed(quietly(study(), ["pack"]))
    assert half["value"].iloc[0] == pytest.approx(0.5 * whole.loc[("US-GA", "pack"), "value"], abs=1e-6)


def test_a_plant_type_named_twice_is_one() -> None:
    assert imputed(quietly(study(), ["pack", "pack"])).equals(imputed(quietly(study(), ["pack"])))


@pytest.mark.parametrize(
    ("program", "known"),
    [
        ({"region": "US-GA", "kind": "investment"}, {("US-GA", "pack")}),
        ({"region": None, "kind": "grant"}, {("US-GA", "pack"), ("US-MS", "pack")}),
        ({"region": None, "kind": "production", "product": "pack"}, set()),
        ({"region": "US-GA", "kind": "grant", "plant_type": "assembly"}, {("US-GA", "assembly")}),
    ],
)
def test_where_a_program_is_known_none_is_imputed(program: dict[str, object], known: set[tuple[str, str]]) -> None:
    base = {
        "program": "law",
        "country": "US",
        "plant_type": "pack",
        "value": 0.1,
        "first_year": 2028,
        "last_year": 2030,
    }
    made = quietly(study(programs=pd.DataFrame([{**base, **program}])))
    everywhere = {(r, k) for r in ("US-GA", "US-MS") for k in ("pack", "assembly")}
    assert set(imputed(made).index) == everywhere - known
    assert (made.programs["program"] == "law").sum() == 1


def test_nothing_to_impute_returns_the_study_itself() -> None:
    toronto = sites().iloc[[2]]
    abroad = bare_study(sites=toronto)
    assert expected_package(abroad) is abroad


def test_figures_are_marked_imputed_and_warned_of_once() -> None:
    fresh = study().with_settings(study={"name": "Packages that are told once"})
    with pytest.warns(DataWarning, match=r"imputed \(programs.value\)") as caught:
        made = expected_package(fresh, ["pack"])
    assert len(caught) == 1
    expected_package(fresh, ["pack"])  # told once in a process for each study: another warning would be an error
    rows = made.provenance.query("table == 'programs'")
    assert set(rows["quality"]) == {"imputed"}
    assert rows["note"].str.contains("must not be used to explain or predict where those plants went").all()
    assert rows["year"].str.fullmatch(r"\d{4}").all()


def test_offers_are_made_where_the_study_has_its_own() -> None:
    offer = {"site": "memphis", "plant_type": "pack", "period": "p1", "program": "own", "kind": "grant", "value": 5.0}
    made = quietly(study(incentives=pd.DataFrame([offer])), ["pack"])
    offers = made.incentives.set_index(["program", "site", "period"])["value"]
    assert offers["own", "memphis", "p1"] == 5.0
    assert set(offers[PROGRAM].index) == {(s, p) for s in ("memphis", "detroit") for p in ("p1", "p2")}


def test_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"the study has programs called 'expected package' \(2 rows\)"):
        quietly(quietly(study(), ["pack"]), ["assembly"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"plant_types": ["van"]}, "1 cannot be built (van). Choose from pack, assembly"),
        ({"share": 0.0}, "is no part of a package (0.0)"),
        ({"share": 1.5}, "is no part of a package"),
        ({"share": "half"}, "is no part of a package"),
        ({"share": True}, "is no part of a package"),
    ],
)
def test_arguments_that_are_none(call: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as caught:
        expected_package(study(), **call)
    assert words in str(caught.value)


def test_sites_without_a_state_are_asked_for_it() -> None:
    """Without a state none can be imputed: that must not pass for a study in which there is nothing to impute."""
    with pytest.raises(InputError, match=r"4 of 4 sites have no state \(memphis, .*evsiting.complete\(study\)"):
        expected_package(bare_study())
    one = bare_study(sites=sites(region=["US-GA", None, None, None]))
    with pytest.raises(InputError, match="1 of 4 sites has no state .detroit"):
        expected_package(one)


def test_programs_are_not_paid_nothing_where_a_site_has_no_country() -> None:
    """An empty table of offers would say that no program holds anywhere."""
    law = {"program": "law", "country": "US", "plant_type": "pack", "kind": "grant", "value": 5.0, "first_year": 2028}
    raw = bare_study(programs=pd.DataFrame([{**law, "last_year": 2030}]))
    with pytest.raises(InputError, match=r"layer 'incentives': 4 of 4 sites have no country or state \(memphis, "):
        IncentivesLayer()(raw)
    assert len(IncentivesLayer()(bare_study()).frame) == 0  # without programs there is nothing to ask for
    without = sites(region=["US-GA", None, None, None])
    assert len(IncentivesLayer()(study(sites=without, programs=raw.programs)).frame) == 2
    of_a_state = raw.programs.assign(region="US-MS")
    with pytest.raises(InputError, match="3 of 4 sites have no country or state"):
        IncentivesLayer()(study(sites=without, programs=of_a_state))


def test_own_offers_are_compared_once_the_places_are_known() -> None:
    """Offers that are just what programs make of them are not told to be others, on sites that had no country yet."""
    law = {"program": "law", "country": "US", "plant_type": "pack", "kind": "grant", "value": 5.0, "first_year": 2028}
    raw = bare_study(programs=pd.DataFrame([{**law, "last_year": 2037}]))
    offers = quietly_complete(raw).incentives
    assert len(offers) == 4
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        complete(Study.from_tables(raw.settings, {**raw.tables, "incentives": offers}), freight=None)
        assert not [w for w in caught if "is not what programs makes" in str(w.message)]
        other = offers.assign(value=6.0)
        complete(Study.from_tables(raw.settings, {**raw.tables, "incentives": other}), freight=None)
    assert len([w for w in caught if "is not what programs makes of law" in str(w.message)]) == 1


def quietly_complete(raw: Study) -> Study:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return complete(raw, freight=None)
