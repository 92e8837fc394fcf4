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
