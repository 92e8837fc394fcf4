"""Rows of incentives, spelled out; what is paid to everyone; and that they cost nothing where left out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES
from evsiting.model.milp import Milp
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.program_studies import claims_study
from tests.studies import two_plant_study

FAMILY = (
    "credit", "claim", "cap", "pool", "stacking", "threshold", "clawback", "exclusive", "requires", "foreign_ratio",
)  # fmt: skip
COLUMNS = ("claims", "credits", "missing_jobs", "present")


def lines(milp: Milp, family: str) -> set[str]:
    """Return the rows of a family."""
    return set(milp.lines(family))


def prices(study: Study) -> dict[str, float]:
    """Return what each column adds to the cost, by name. [million USD]"""
    milp = build(study).milp
    return dict(zip(milp.column_names(), milp.objectives["cost"].coefficients.tolist(), strict=True))


def offered(*rows: tuple[object, ...], conditions: dict | None = None, periods: int = 1) -> Milp:
    """Return the program of the two-plant study with other offers."""
    return build(claims_study(offers=rows, conditions=conditions or {}, periods=periods)).milp


@pytest.mark.parametrize("family", FAMILY)
def test_rows_are_as_written(family: str) -> None:
    text = Path(__file__).with_name("two_plants_programs.txt").read_text(encoding="utf-8").splitlines()
    assert lines(build(claims_study()).milp, family) == {line for line in text if line.startswith(f"{family}[")}
    assert f"\\tag{{{family.replace('_', chr(92) + '_')}}}" in (FAMILIES[family].__doc__ or "")


def test_a_study_without_rules_has_neither_rows_nor_columns() -> None:
    milp = build(two_plant_study()).milp
    assert [milp.count(name) for name in (*FAMILY, *COLUMNS)] == [0] * 14
    bare = build(two_plant_study().with_table("incentives", two_plant_study().incentives.iloc[:0])).milp
    assert milp.shape == bare.shape


def test_credits_on_building_weigh_like_the_investment_and_others_by_the_year() -> None:
    found = prices(claims_study(periods=2))
    assert found["credits[48C,memphis,cell,p1]"] == -0.5  # ten of twenty years
    assert found["credits[48C,memphis,cell,p2]"] == -0.25
    assert found["credits[45X,memphis,cell,p2]"] == -1.0
    assert found["missing_jobs[deal,memphis,assembly]"] == pytest.approx(0.05)


def test_what_is_paid_to_everyone_is_part_of_the_cost() -> None:
    rows = (
        ("memphis", "cell", None, "first", "investment", 0.7),
        ("memphis", "cell", None, "second", "investment", 0.6),
        ("memphis", "pack", None, "grant", "grant", 30e6),
        ("memphis", "pack", "pack", "unit", "production", 100.0),
        ("monterrey", "assembly", None, "jobs", "job", 1_000.0),
    )
    none = prices(two_plant_study().with_table("incentives", two_plant_study().incentives.iloc[:0]))
    paid = {name: none[name] - price for name, price in prices(claims_study(offers=rows, conditions={})).items()}
    assert {name: usd for name, usd in paid.items() if abs(usd) > 1e-9} == pytest.approx(
        {
            "build[memphis,cell,large,p1]": 300.0,  # 130 % are no more than the whole, half of it in these ten years
            "build[memphis,pack,line,p1]": 15.0,
            "make[memphis,pack,pack,p1]": 1.0,
            "build[monterrey,assembly,small,p1]": 6.0,
            "build[monterrey,assembly,large,p1]": 10.0,
            "make[monterrey,assembly,vehicle,p1]": 0.1,
        }
    )


def test_a_grant_to_everyone_is_no_more_than_the_capital_it_pays_for() -> None:
    none = prices(two_plant_study().with_table("incentives", two_plant_study().incentives.iloc[:0]))

    def paid(*rows: tuple[object, ...]) -> float:
        column = "build[memphis,cell,large,p1]"
        names = tuple(dict.fromkeys(str(row[3]) for row in rows))
        return none[column] - prices(claims_study(offers=rows, conditions={}, listed=names))[column]

    # 600 million, half of it in these ten years; 400 million of grants fill what a fraction of 0.75 leaves
    assert paid(("memphis", "cell", None, "huge", "grant", 9e9)) == pytest.approx(300.0)
    both = (("memphis", "cell", None, "one", "grant", 300e6), ("memphis", "cell", None, "two", "grant", 100e6))
    assert paid(*both) == pytest.approx(200.0)
    assert paid(("memphis", "cell", None, "part", "investment", 0.75), *both) == pytest.approx(300.0)


def test_programs_with_rules_may_pay_what_a_grant_to_everyone_leaves() -> None:
    rows = (
        ("memphis", "cell", None, "part", "investment", 0.25),
        ("memphis", "cell", None, "grant", "grant", 350e6),
        ("memphis", "cell", None, "48C", "investment", 0.3),
    )
    study = claims_study(offers=rows, conditions={"48C": {}}, listed=("grant",))
    found = lines(build(study).milp, "stacking")
    assert found == {"stacking[memphis,cell]: - 100 build[memphis,cell,large,p1] + credits[48C,memphis,cell,p1] <= 0"}


@pytest.mark.filterwarnings("ignore:complete. the study's own table incentives:evsiting.errors.DataWarning")
@pytest.mark.parametrize(("listed", "usd"), [(("huge",), 50e6), ((), 4.5e9)])
def test_a_huge_grant_pays_no_more_than_the_plan_invests(listed: tuple[str, ...], usd: float) -> None:
    """The line of packs, half of it in these ten years; a figure of the user's own is paid as it is written."""
    rows = (("memphis", "pack", None, "huge", "grant", 9e9),)
    study = claims_study(offers=rows, conditions={}, listed=listed)
    plan = ev.solve(study)
    cost = plan.ledgers["cost"]
    credits = -cost.loc[cost["item"] == "credits", "value"].sum()
    assert credits == pytest.approx(usd)
    ev.certify(study, plan).raise_if_failed()
    assert plan.solve.objective == pytest.approx(best_plan(ev.complete(study), "cost").value, rel=0.006)


def test_jobs_of_standing_plants_count_where_the_credit_holds() -> None:
    rows = (("windsor", "cell", None, "jobs", "job", 1_000.0),)
    none = two_plant_study().with_table("incentives", two_plant_study().incentives.iloc[:0])
    constant = [build(s).milp.objectives["cost"].constant for s in (none, claims_study(offers=rows, conditions={}))]
    assert constant[0] - constant[1] == pytest.approx(3.0)  # 300 jobs, ten years
    milp = offered(*rows, conditions={"jobs": {"min_jobs_fte": 310.0}})
    assert lines(milp, "credit") == {
        "credit[jobs,windsor,cell,p1]: - 0.0025 make[windsor,cell,cell,p1] + credits[jobs,windsor,cell,p1] <= 3"
    }
    assert lines(milp, "threshold") == {
        "threshold[jobs,windsor,cell,jobs]: 0.25 make[windsor,cell,cell,p1] - 310 claims[jobs,windsor,cell] >= -300"
    }


def changing(options: pd.DataFrame) -> Study:
    """Return the study over two periods with other options and a grant and a credit on assembly in Memphis."""
    rows = (
        ("memphis", "assembly", None, "grant", "grant", 100e6),
        ("memphis", "assembly", None, "itc", "investment", 0.1),
    )
    return claims_study(periods=2, offers=rows, conditions={"grant": {}, "itc": {}}).with_table("options", options)


def test_an_expansion_earns_a_part_of_its_investment_but_no_second_grant() -> None:
    options = two_plant_study().options
    large = options["option"].eq("large") & options["plant_type"].eq("assembly")
    milp = build(changing(options.assign(expands=options["expands"].astype(object).mask(large, "small")))).milp
    assert "credit[itc,memphis,assembly,p2]: - 60 build[memphis,assembly,small,p2] - 100 " in "".join(
        lines(milp, "credit")
    )
    grant = "- 100 build[memphis,assembly,small,p2] + credits[grant,memphis,assembly,p2] <= 0"
    assert f"credit[grant,memphis,assembly,p2]: {grant}" in lines(milp, "credit")
    assert "claim[itc,memphis,assembly]: - 160 claims[itc,memphis,assembly]" in "".join(lines(milp, "claim"))
    assert "claim[grant,memphis,assembly]: - 100 claims[grant,memphis,assembly]" in "".join(lines(milp, "claim"))


def test_a_partner_takes_its_part_of_investment_and_credits() -> None:
    shares = {"partner": "Partner", "partner_capex_share": 0.5, "partner_credit_share": 0.2}
    found = lines(build(changing(two_plant_study().options.assign(**shares))).milp, "credit")
    built = "- 24 build[memphis,assembly,small,p1] - 40 build[memphis,assembly,large,p1]"
    assert f"credit[itc,memphis,assembly,p1]: {built} + credits[itc,memphis,assembly,p1] <= 0" in found
    assert "credit[grant,memphis,assembly,p1]: - 80 build[memphis,assembly,small,p1] - 80 build" in "".join(found)


def test_a_program_that_can_never_pay_has_no_column() -> None:
    itc = ("memphis", "cell", None, "itc", "investment", 0.3)
    assert offered(itc, conditions={"itc": {}}).count("claims") == 1
    for rule in ({"pool_usd": 0.0}, {"most_usd": 0.0}, {"min_capex_usd": 601e6}):
        milp = offered(itc, conditions={"itc": rule})
        assert [milp.count(name) for name in (*FAMILY, *COLUMNS)] == [0] * 14
    for place in (("windsor", "cell"), ("monterrey", "cell")):  # nothing may be built there
        assert offered((*place, *itc[2:]), conditions={"itc": {}}).count("claims") == 0


def test_rows_that_cannot_bind_are_left_out() -> None:
    itc = ("memphis", "cell", None, "itc", "investment", 0.3)
    milp = offered(itc, conditions={"itc": {"pool_usd": 180e6, "most_usd": 200e6, "max_foreign_share": 0.1}})
    assert [milp.count(f) for f in ("cap", "pool", "stacking", "foreign_ratio")] == [0] * 4  # cells use no inputs
    assert milp.count("claim") == 1


def test_credits_of_one_period_only_have_columns_then() -> None:
    rows = (("memphis", "cell", "cell", "45X", "production", 35.0),)
    study = claims_study(periods=2, offers=rows, conditions={"45X": {"most_usd": 1e9}})
    milp = build(study.with_table("incentives", study.incentives.query("period == 'p2'"))).milp
    assert lines(milp, "cap") == {
        "cap[45X,memphis,cell]: - 1000 claims[45X,memphis,cell] + credits[45X,memphis,cell,p2] <= 0"
    }


def test_a_claim_by_the_year_is_held_to_what_each_period_can_pay() -> None:
    rows = (("memphis", "cell", "cell", "45X", "production", 35.0),)
    study = claims_study(periods=2, offers=rows, conditions={"45X": {"pool_usd": 1e9}})
    falling = study.incentives.assign(value=[35.0, 7.0])
    assert lines(build(study.with_table("incentives", falling)).milp, "claim") == {
        "claim[45X,memphis,cell,p1]: - 1000 claims[45X,memphis,cell] + credits[45X,memphis,cell,p1] <= 0",  # of 1,050
        "claim[45X,memphis,cell,p2]: - 210 claims[45X,memphis,cell] + credits[45X,memphis,cell,p2] <= 0",
    }
