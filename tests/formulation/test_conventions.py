"""The sections on money, plants and figures by period, sentence by sentence, against the program."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.model.build import Program, build
from evsiting.model.conventions import conventions_markdown
from evsiting.study.horizon import Horizon
from evsiting.study.settings import Money
from evsiting.study.study import Study
from tests.program_studies import rules_of
from tests.studies import two_plant_study

#: Discount rate, base year, life; years of the two periods: 2028-2029 and 2030-2032.
R, BASE, LIFE = 0.1, 2026, 20
YEARS = ([2028, 2029], [2030, 2031, 2032])
CRF = R / (1 - (1 + R) ** -LIFE)
A = [sum((1 + R) ** -(y - BASE) for y in years) for years in YEARS]
K = [CRF * (A[0] + A[1]), CRF * A[1]]
START = [(1 + R) ** -(2027 - BASE), (1 + R) ** -(2029 - BASE)]
END = (1 + R) ** -(2032 - BASE)
WAGE = {"memphis": 24.0 * 1.25, "windsor": 28.0 * 1.25}


def study(**tables: pd.DataFrame) -> Study:
    """Return the two-plant study in these years; a cell plant in Memphis may be resumed, that of Windsor closed."""
    given = two_plant_study(periods=2)
    given = given.with_settings(money={"discount_rate": R, "plant_life_years": float(LIFE), "base_year": BASE})
    periods = pd.DataFrame({"period": ["p1", "p2"], "start_year": [2028, 2030], "years": [2, 3]})
    sites = given.sites.assign(property_tax_rate=[0.02, 0.0, 0.03], connectable_mw=[5.0, np.nan, np.nan])
    old = given.plants.assign(closing_usd=7e6)
    more = old.assign(
        plant="memphis_cells", site="memphis", status="paused", closing_usd=np.nan, resume_usd=40e6, last_year=2031.0
    )
    upgrades = pd.DataFrame({"site": ["memphis"], "upgrade": ["line"], "capacity_mw": [50.0], "capex_usd": [30e6]})
    found = {"periods": periods, "sites": sites, "plants": pd.concat([old, more]), "grid_upgrades": upgrades, **tables}
    for name, frame in found.items():
        given = given.with_table(name, frame)
    return given


def trajectories(*rows: tuple[str, str | None, str, float]) -> pd.DataFrame:
    """Return factors: column, place, period, factor."""
    return pd.DataFrame(rows, columns=["column", "place", "period", "factor"])


def priced(program: Program, name: str) -> float:
    """Return what one more unit of a column costs. [USD of the unscaled column]"""
    cost = program.milp.objectives["cost"]
    return float(cost.unit * cost.coefficients[program.milp.column_names().index(name)])


def test_weights_are_as_on_the_page() -> None:
    horizon = Horizon.of(study().periods, study().settings.money)
    assert horizon.present.tolist() == pytest.approx(A)
    assert horizon.capital.tolist() == pytest.approx(K)
    assert horizon.opening.tolist() == pytest.approx(START)
    assert horizon.end == pytest.approx(END)
    one = Horizon.of(pd.DataFrame({"period": ["a"], "start_year": [2027], "years": [1]}), Money(discount_rate=0.1))
    page = conventions_markdown()
    for name, weight in (("A", one.present), ("K", one.capital)):
        assert f"${name} = {float(weight[0]):.4f}$" in page
    assert f"$CRF = {CRF:.4f}$" in page
    assert float(one.opening[0]) == 1.0


def test_a_new_option_pays_annuities_tax_staff_and_fixed_cost() -> None:
    law = trajectories(("capex_usd", None, "p1", 3.0), ("capex_usd", "US-TN", "p2", 1.5))
    program = build(study(trajectories=law, incentives=two_plant_study(periods=2).incentives.iloc[:0]))
    for t, (period, factor) in enumerate((("p1", 3.0), ("p2", 1.5))):
        capex = 600e6 * factor  # the most exact place holds alone
        yearly = 20e6 + 1e6 + 0.02 * capex + 500 * 2_000 * WAGE["memphis"]
        want = K[t] * capex + sum(A[t:]) * yearly
        assert priced(program, f"build[memphis,cell,large,{period}]") == pytest.approx(want)


def test_a_resumed_plant_has_neither_tax_nor_factor_and_runs_to_its_last_year() -> None:
    law = trajectories(("capex_usd", None, "p1", 3.0), ("capex_usd", None, "p2", 3.0))
    program = build(study(trajectories=law))
    yearly = 15e6 + 300 * 2_000 * WAGE["memphis"]
    runs = [1.0, 2 / 3]  # to 2031
    for t, period in enumerate(("p1", "p2")):
        want = K[t] * 40e6 + sum(a * part for a, part in zip(A[t:], runs[t:], strict=True)) * yearly
        assert priced(program, f"resume[memphis_cells,{period}]") == pytest.approx(want)


def test_closing_is_paid_once_at_the_start_of_its_period() -> None:
    program = build(study())
    saved = 15e6 + 300 * 2_000 * WAGE["windsor"]
    for t, period in enumerate(("p1", "p2")):
        assert priced(program, f"close[windsor_cells,{period}]") == pytest.approx(START[t] * 7e6 - sum(A[t:]) * saved)


def test_upgrades_pay_annuities_and_know_no_factors_of_investment() -> None:
    law = trajectories(("capex_usd", None, "p1", 3.0), ("capex_usd", None, "p2", 3.0))
    plain, grown = build(study()), build(study(trajectories=law))
    for t, period in enumerate(("p1", "p2")):
        for program in (plain, grown):
            assert priced(program, f"upgrades[memphis,line,{period}]") == pytest.approx(K[t] * 30e6)


def offers(*rows: tuple[str, str | None, str, str, float]) -> pd.DataFrame:
    """Return incentives of Memphis in both periods: plant type, product, program, kind, value."""
    found = [
        ("memphis", kind, made, t, program, what, v) for kind, made, program, what, v in rows for t in ("p1", "p2")
    ]
    return pd.DataFrame(found, columns=["site", "plant_type", "product", "period", "program", "kind", "value"])


def test_credits_without_rules() -> None:
    none = build(study(incentives=offers(("cell", "cell", "nothing", "production", 0.0))))
    paid = build(
        study(
            incentives=offers(
                ("cell", None, "itc", "investment", 0.3),
                ("cell", None, "deal", "grant", 10e6),
                ("cell", "cell", "45X", "production", 5.0),
                ("cell", None, "training", "job", 1_000.0),
            )
        )
    )

    def credit(name: str) -> float:
        return priced(none, name) - priced(paid, name)

    for t, period in enumerate(("p1", "p2")):
        jobs = 1_000.0 * 500
        want = K[t] * (0.3 * 600e6 + 10e6) + sum(A[t:]) * jobs
        assert credit(f"build[memphis,cell,large,{period}]") == pytest.approx(want)
        made = float(paid.sets.scale[paid.sets.products.get_loc("cell")])
        per_unit = A[t] * (5.0 + 1_000.0 * 0.05 / 2_000) * made
        assert credit(f"make[memphis,cell,cell,{period}]") == pytest.approx(per_unit)
        # A resumed plant is paid for its staff, in the years in which it runs, and nothing for the investment.
        staff = sum(a * part for a, part in zip(A[t:], [1.0, 2 / 3][t:], strict=True)) * 1_000.0 * 300
        assert credit(f"resume[memphis_cells,{period}]") == pytest.approx(staff)


def test_credits_and_clawback_of_programs_with_rules() -> None:
    conditions = {"itc": {}, "45X": {}, "deal": {"min_jobs_fte": 100.0, "clawback_usd_per_job": 2e4}}
    program = build(
        study(
            incentives=offers(
                ("cell", None, "itc", "investment", 0.3),
                ("cell", "cell", "45X", "production", 5.0),
                ("cell", None, "deal", "grant", 10e6),
            ),
            program_rules=rules_of(conditions),
        )
    )
    unit = 1e6  # credits are in million USD
    for t, (period, years) in enumerate((("p1", 2), ("p2", 3))):
        assert priced(program, f"credits[itc,memphis,cell,{period}]") == pytest.approx(-K[t] * unit)
        assert priced(program, f"credits[45X,memphis,cell,{period}]") == pytest.approx(-A[t] / years * unit)
    assert priced(program, "missing_jobs[deal,memphis,cell]") == pytest.approx(2e4 * END)


def test_capacity_factors_of_a_place_and_of_a_plant() -> None:
    law = trajectories(
        ("capacity_units_per_yr", "memphis", "p2", 0.9),
        ("capacity_units_per_yr", "memphis/cell", "p2", 0.5),
        ("capacity_units_per_yr", "memphis/assembly", "p2", 0.0),
    )
    plain, program = build(study()), build(study(trajectories=law))
    plant = {
        **dict.fromkeys(["column"], "capacity_units_per_yr"),
        "place": "memphis_cells",
        "period": "p2",
        "factor": 0.8,
    }
    exact = build(study(trajectories=pd.concat([law, pd.DataFrame([plant])])))

    def added(given: Program, kind: str, name: str) -> float:
        (place,) = np.flatnonzero(
            (given.sets.places.site == given.sets.sites.get_loc("memphis"))
            & (given.sets.places.plant_type == given.sets.plant_types.get_loc(kind))
        )
        changes = given.sets.changes
        (c,) = np.flatnonzero((changes.place == place) & (changes.name == name))
        return float(changes.capacity[c, 0, 1])

    assert [added(p, "cell", "large") for p in (plain, program, exact)] == [6e6, 3e6, 3e6]
    assert [added(p, "assembly", "small") for p in (plain, program)] == [60e3, 0.0]
    runs = 2 / 3 * 3e6
    found = [added(p, "cell", "memphis_cells") for p in (plain, program, exact)]
    assert found == pytest.approx([runs, 0.5 * runs, 0.8 * runs])
    for p in (program, exact):  # cost, staff and fixed cost stay
        for name in ("build[memphis,cell,large,p2]", "resume[memphis_cells,p2]"):
            assert priced(p, name) == pytest.approx(priced(plain, name))
    least = program.sets.changes.least
    (c,) = np.flatnonzero((program.sets.changes.name == "large") & (program.sets.changes.size == 6e6))
    assert least[c, 0].tolist() == pytest.approx([0.4 * 6e6, 0.4 * 3e6])


def test_factors_above_one_multiply_and_are_refused_for_capacities() -> None:
    law = trajectories(("wage_usd_per_h", None, "p2", 1.5), ("renewable_share", None, "p2", 100.0))
    program = build(study(trajectories=law))
    at = program.sets.sites.get_loc("memphis")
    assert program.sets.site_values.wage[at].tolist() == [24.0, 36.0]
    with pytest.raises(ev.InputError, match="above 1 for a capacity"):
        study(trajectories=trajectories(("capacity_units_per_yr", "memphis/cell", "p2", 1.5)))


def test_rows_of_one_program_for_country_and_state_add_up() -> None:
    rows = pd.DataFrame(
        {
            "program": ["itc", "itc"],
            "country": ["US", "US"],
            "region": [None, "US-TN"],
            "plant_type": ["cell", "cell"],
            "kind": ["investment", "investment"],
            "value": [0.3, 0.1],
            "first_year": [2027, 2027],
            "last_year": [2040, 2040],
        }
    )
    given = study().with_table("programs", rows)
    found = ev.complete(given.with_table("incentives", given.incentives.iloc[:0])).incentives
    found = found[found["site"] == "memphis"]
    assert found["value"].tolist() == pytest.approx([0.4, 0.4])
    with pytest.raises(ev.InputError, match=r"same year|overlap|twice"):
        study().with_table("programs", rows.assign(region=None, first_year=[2028, 2029], last_year=[2031, 2032]))
