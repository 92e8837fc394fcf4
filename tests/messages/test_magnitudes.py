"""Figures an order of magnitude off the package's own are told with what they may have been, and stay as they are."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev

EXAMPLES = ("starter", "ten-cities", "north-america")


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> ev.Study:
    return ev.read_study(ev.new_study(tmp_path_factory.mktemp("magnitudes") / "first"))


def told(study: ev.Study, table: str, column: str, change: Callable[[pd.Series], pd.Series]) -> list[str]:
    """Return what is said of a study in which the figures of one column are others."""
    frame = study.table(table)
    frame[column] = change(frame[column].astype("float64"))
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        study.with_table(table, frame)
    return [str(one.message) for one in found if "taken as" in str(one.message)]


@pytest.mark.parametrize(
    ("table", "column", "change", "words"),
    [
        ("sites", "wage_usd_per_h", lambda s: s * 0 + 44_000.0, ("7 of 7", "USD/h for US-TN", "for a year?")),
        ("sites", "wage_usd_per_h", lambda s: s * 0 + 190.0, ("for a day?",)),
        ("sites", "wage_usd_per_h", lambda s: s * 0 + 3_600.0, ("for a month?",)),
        ("sites", "power_price_usd_per_mwh", lambda s: s * 0 + 0.07, ("USD/MWh for US-TN", "per kWh?")),
        ("sites", "power_price_usd_per_mwh", lambda s: s * 0 + 6.9, ("in cents per kWh?",)),
        ("sites", "labor_force_persons", lambda s: s * 0 + 412.0, ("in thousands?",)),
        ("sites", "labor_force_persons", lambda s: s * 0 + 4e8, ("persons for US-TN",)),
        ("options", "capex_usd", lambda s: s / 1e6, ("USD 0.0001 per kWh", "cell plants have", "in millions?")),
        ("options", "capex_usd", lambda s: s / 1e3, ("in thousands?",)),
        ("options", "capex_usd", lambda s: s * 1e3, ("was the capacity in thousands?",)),
        ("products", "mass_kg_per_unit", lambda s: s / 1e3, ("3 of 3", "packs have", "kg/kWh", "in thousands?")),
        ("products", "value_usd_per_unit", lambda s: s * 1e3, ("cells have", "a thousand times too large?")),
        ("processes", "electricity_kwh_per_unit", lambda s: s / 1e3, ("3 of 3", "cell plants have", "in thousands?")),
        ("processes", "labor_h_per_unit", lambda s: s * 60.0, ("2 of 3", "h of work", "in minutes?")),
        ("processes", "material_usd_per_unit", lambda s: s * 1e3, ("USD/kWh", "a thousand times too large?")),
        ("options", "staff_fte", lambda s: s * 1e3, ("6 of 6", "cell plants have", "a thousand times too large?")),
        ("options", "fixed_usd_per_yr", lambda s: s * 1e6, ("the investment is USD 1,000,000,000", "right?")),
        ("options", "fixed_usd_per_yr", lambda s: s / 1e6, ("6 of 6", "the investment is")),
        (
            "bill_of_materials",
            "units_per_unit",
            lambda s: s.mask(s == 75.0, 0.075),
            ("14 to 82.8 kWh", "in thousands?"),
        ),
        ("products", "units_per_truck", lambda s: s * 1e3, ("weigh 15,200 t", "a truck carries 18 t")),
        ("products", "units_per_truck", lambda s: s / 80.0, ("weigh 0.19 t",)),
        ("suppliers", "price_usd_per_unit", lambda s: s / 1e3, ("cell: its value is USD 80", "in thousands?")),
        ("suppliers", "price_usd_per_unit", lambda s: s * 1e3, ("a thousand times too large?",)),
        ("suppliers", "emissions_kg_per_unit", lambda s: s * 1e3, ("its mass in kg is 5",)),
        (
            "demand",
            "unmet_penalty_usd_per_unit",
            lambda s: s / 1e3,
            ("vehicle: its value is USD 38,000", "in thousands?"),
        ),
        ("programs", "value", lambda s: s.mask(s == 10.0, 1e4), ("cell: its value is USD 80",)),
        (
            "demand",
            "units_per_yr",
            lambda s: s / 1e3,
            ("'vehicle'", "the smallest plant makes 100,000", "in thousands?"),
        ),
    ],
)
def test_a_figure_far_off_is_told(
    starter: ev.Study, table: str, column: str, change: Callable[[pd.Series], pd.Series], words: tuple[str, ...]
) -> None:
    if column in starter.sites:
        starter = ev.complete(starter)
    (text,) = told(starter, table, column, change)
    assert column in text
    assert all(word in text for word in words), text


def test_demand_above_all_that_is_sold_is_told(starter: ev.Study) -> None:
    demand, sold = starter.demand, ev.reference.fact("vehicle_sales")
    region = demand["market"].map(starter.markets.set_index("market")["region"])
    frame = demand.assign(units_per_yr=11.0 * region.map(sold).to_numpy(dtype="float64"))
    options = starter.options.assign(capacity_units_per_yr=lambda o: 100 * o["capacity_units_per_yr"],
                                     capex_usd=lambda o: 100 * o["capex_usd"])  # fmt: skip
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        starter.with_table("options", options).with_table("demand", frame)
    assert any("all new vehicles sold a year in" in str(one.message) for one in found)


def test_one_row_of_many_is_named_by_its_file_and_row(tmp_path: Path) -> None:
    folder = ev.new_study(tmp_path / "first")
    file = folder / "options.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    cells = lines[3].split(",")
    cells[3] = "0.12"  # millions typed in billions
    file.write_text("\n".join([*lines[:3], ",".join(cells), *lines[4:]]) + "\n", encoding="utf-8")
    with pytest.warns(
        ev.DataWarning, match=r"options\.csv, column 'capex \[MUSD\]': 1 of 6 options is .*row 4"
    ) as seen:
        study = ev.read_study(folder)
    assert "published pack plants" in str(seen[0].message)
    assert study.options["capex_usd"].iloc[2] == pytest.approx(0.12e6)  # told, and left as it was


def test_too_little_work_is_told_where_no_staff_makes_up_for_it(starter: ev.Study) -> None:
    assert told(starter, "processes", "labor_h_per_unit", lambda s: s / 60.0) == []
    bare = starter.with_table("options", starter.options.assign(staff_fte=0.0))
    (text,) = told(bare, "processes", "labor_h_per_unit", lambda s: s / 60.0)
    assert "3 of 3 figures" in text


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("options.csv", ",{}\n", ",0.{}\n", ("column 'min_load [%]': 6 of 6", "were they fractions", "'min_load'")),
        ("duties.csv", "3.4,1", "0.034,1", ("column 'rate [%]': 1 of 2", "below one percent")),
        ("periods.csv", "2027-2030,2027,4", "2027-2030,2028,3", ("'2027-2030' is 2028 to 2030", "the columns count")),
        ("demand.csv", ",2031-2036,", ",2027-2030,0*", ("nothing is wanted in 1 of 2 periods ('2031-2036')",)),
        ("study.toml", "year = 2080.0", "year = 40", ("'model.hours_per_fte_year': is 40", "for a week?")),
        ("study.toml", "year = 2080.0", "year = 8", ("for a day?",)),
        ("study.toml", "usd_per_t = 0.0", "usd_per_t = 0.05", ("0.05 USD/t", "for a kilogram?")),
        ("study.toml", "usd_per_t = 0.0", "usd_per_t = 50000", ("50000 USD/t", "for a thousand tonnes")),
        ("study.toml", "discount_rate = 0.07", "discount_rate = 0.7", ("a year costs 70 %", "was it in percent?")),
        ("study.toml", "life_years = 20.0", "life_years = 2", ("is 2 years", "12 to 30 years.")),
        ("study.toml", "base_year = 2026", "base_year = 1995", ("is 1995, beside prices of 2025",)),
        ("study.toml", "gap = 0.005", "gap = 0.5", ("50 % off the best", "was it in percent?")),
    ],
)
def test_what_was_given_for_something_else_is_told(
    tmp_path: Path, file: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    folder = ev.new_study(tmp_path / "first")
    text = (folder / file).read_text(encoding="utf-8")
    if "{}" in old:
        for load in ("30", "40"):
            text = text.replace(old.format(load), new.format(load))
    elif new.endswith("*"):
        text = "".join(line for line in text.splitlines(keepends=True) if old not in line)
    else:
        assert old in text
        text = text.replace(old, new)
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.warns(ev.DataWarning) as seen:
        ev.read_study(folder)
    (said,) = [str(one.message) for one in seen]
    assert all(word in said for word in words), said
    assert "taken as" in said


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_shipped_studies_are_silent(name: str) -> None:
    study = ev.example(name)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        study.with_table("sites", study.sites)
    assert [str(one.message) for one in found if "taken as" in str(one.message)] == []


def test_products_of_other_words_are_compared_with_nothing(starter: ev.Study) -> None:
    frames = {
        name: frame.replace({"product": {"cell": "widget"}, "input": {"cell": "widget"}})
        for name, frame in starter.tables.items()
    }
    other = ev.Study.from_tables(starter.settings, frames)
    for text in told(other, "products", "mass_kg_per_unit", lambda s: s * 1e3):
        assert "2 of 3" in text
