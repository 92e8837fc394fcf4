"""What an explanation says and does, without a solve: ranking, changes, sentences, and repairs that are none."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.errors import InputError
from evsiting.optimize.explanation.explanation import Explanation, Repair
from evsiting.optimize.explanation.table_changes import COLUMNS
from tests.studies import two_plant_study


def change(usd: float) -> pd.DataFrame:
    """Return the change of a table that gives the option ``line`` another investment."""
    row = {"case": "repair", "table": "options", "rows": "option=line", "column": "capex_usd", "action": "set"}
    return pd.DataFrame([{**row, "value": usd}]).reindex(columns=list(COLUMNS))


def repair(name: str, *, usd: float | None = None, works: bool = False) -> Repair:
    """Return a repair, with a change of tables where one is given."""
    rows = pd.DataFrame(columns=list(COLUMNS)) if usd is None else change(usd)
    return Repair((name,), f"{name} gives way", 0.5, rows, works)


def explanation(*repairs: Repair, conflict: tuple[str, ...] = ()) -> Explanation:
    """Return why a study called '<b>' has no plan."""
    return Explanation("<b>", False, conflict, repairs)


def test_the_change_is_that_of_the_first_repair_that_works_and_is_in_a_table() -> None:
    found = explanation(
        repair("own rule", works=True), repair("too slow", usd=1.0), repair("purse", usd=2.0, works=True),
        repair("other", usd=3.0, works=True),
    )  # fmt: skip
    assert found.changes["value"].tolist() == [2.0]
    mine = found.changes
    mine.loc[0, "value"] = 9.0
    assert found.changes["value"].tolist() == [2.0]  # a copy


def test_a_change_is_made_in_the_study_that_is_given() -> None:
    study = two_plant_study()
    found = explanation(repair("slow", usd=7e6), repair("purse", usd=5e6, works=True))
    capex = found.apply(study).options.set_index("option")["capex_usd"]
    assert capex["line"] == 5e6
    assert found.apply(study, 0).options.set_index("option").at["line", "capex_usd"] == 7e6
    assert study.options.set_index("option").at["line", "capex_usd"] == 100e6


@pytest.mark.parametrize("number", [2, -1, 99])
def test_a_repair_that_is_not_there_is_refused(number: int) -> None:
    found = explanation(repair("a", usd=1.0), repair("b", usd=2.0))
    with pytest.raises(InputError, match=f"has no such repair \\({number}, there are 2\\)"):
        found.apply(two_plant_study(), number)


def test_where_nothing_in_a_table_helps_the_way_out_is_named() -> None:
    with pytest.raises(InputError, match="holds no change of tables.*own rule; demand"):
        explanation(repair("own rule", works=True), repair("demand")).apply(two_plant_study())
    with pytest.raises(InputError, match="nothing was found"):
        explanation().apply(two_plant_study())
    with pytest.raises(InputError, match="holds no change"):
        explanation(repair("own rule")).apply(two_plant_study(), 0)


def test_sentences_say_what_contradicts_and_what_was_tried() -> None:
    found = explanation(
        repair("purse", usd=1.0, works=True), repair("slow", usd=1.0), repair("own"), conflict=("purse", "demand")
    )
    assert repr(found).splitlines() == [
        "Study '<b>' has no plan that keeps to everything that is asked.",
        "These contradict each other: purse; demand.",
        "1. purse gives way (a plan was found with it)",
        "2. slow gives way (no plan was found with it in time)",
        "3. own gives way (in no table: change it by hand)",
    ]
    assert "This cannot be kept: demand." in repr(explanation(conflict=("demand",)))
    assert repr(explanation()).endswith("What would have to give way was not found in time.")
    assert repr(Explanation("s", True)) == "Study 's' has a plan."


def test_the_table_has_one_row_a_repair_and_its_columns_without_any() -> None:
    table = explanation(repair("purse", usd=1.0, works=True), repair("own")).table
    assert table["gives_way"].tolist() == ["purse", "own"]
    assert table["changes"].tolist() == [1, 0]
    assert table["works"].tolist() == [True, False]
    assert list(explanation().table.columns) == ["gives_way", "words", "size", "changes", "works"]
    assert list(explanation().changes.columns) == list(COLUMNS)
