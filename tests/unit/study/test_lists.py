"""Cells that list names are split in one way, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

import evsiting
from evsiting.study.lists import explode_lists, gateways_on, join_lists, names_in, passing, split_list

PACKAGE = Path(str(evsiting.__file__)).parent


def test_a_cell_gives_its_names_without_blanks_and_empty_parts() -> None:
    assert split_list(" cell ;; pack; ") == ("cell", "pack")
    assert split_list("cell;cell") == ("cell", "cell")
    assert [split_list(cell) for cell in ("", " ; ", None, float("nan"), 7)] == [()] * 5


def test_several_cells_give_each_name_once_in_order() -> None:
    assert names_in(["b;a", None, "a; c"]) == ("b", "a", "c")
    assert join_lists(["b;a", None, "a; c"]) == "b;a;c"
    assert join_lists([]) == ""


def test_a_column_gives_its_names_under_the_labels_of_its_rows() -> None:
    column = pd.Series(["a; b", None, ";c"], index=[4, 5, 6], dtype="str")
    assert explode_lists(column).to_dict() == {4: "b", 6: "c"}
    assert explode_lists(column).tolist() == ["a", "b", "c"]
    assert explode_lists(pd.Series([None, None], dtype=object)).empty


def test_a_route_names_each_gateway_once() -> None:
    assert gateways_on("MXZLO; nogales;MXZLO") == ("MXZLO", "nogales")
    assert passing("MXZLO; nogales", frozenset({"nogales"})) == "nogales"


def test_no_other_module_splits_lists_by_hand() -> None:
    by_hand = re.compile(r"""split\((["']);\s*\1""")
    found = [str(f.relative_to(PACKAGE)) for f in PACKAGE.rglob("*.py") if by_hand.search(f.read_text("utf-8"))]
    # The audit adds ledgers up by code of its own.
    assert set(found) == {str(Path("study") / "lists.py"), str(Path("results") / "rules" / "audit" / "records.py")}
