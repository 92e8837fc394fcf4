"""Where plants can be: roles, lists of sites and of plant types, and the status of what stands."""

from __future__ import annotations

import pandas as pd

from evsiting.study.buildable import buildable, places, running


def _tables(sites: list[tuple[object, ...]], options: list[tuple[object, ...]]) -> dict[str, pd.DataFrame]:
    return {
        "sites": pd.DataFrame(sites, columns=["site", "role", "plant_types"]),
        "options": pd.DataFrame(options, columns=["plant_type", "option", "sites"]),
    }


def test_an_option_is_offered_where_site_and_option_allow_each_other() -> None:
    sites = [("any", "candidate", None), ("cells only", "candidate", "cell"), ("stands", "existing", None)]
    options = [("cell", "large", None), ("pack", "line", None), ("cell", "small", "any; stands")]
    assert buildable(_tables(sites, options)) == {
        ("any", "cell", "large"),
        ("any", "pack", "line"),
        ("any", "cell", "small"),
        ("cells only", "cell", "large"),
    }


def test_rows_without_a_name_offer_nothing() -> None:
    sites = [(None, "candidate", None), ("a", "candidate", None)]
    options = [("cell", None, None), (None, "large", None), ("cell", "small", None)]
    assert buildable(_tables(sites, options)) == {("a", "cell", "small")}


def test_a_paused_plant_runs_if_resuming_has_a_price() -> None:
    status = ["existing", "committed", "paused", "paused", "closed", "canceled"]
    plants = pd.DataFrame({"status": status, "resume_usd": [None, None, 0.0, None, 1e6, None]})
    assert running(plants).tolist() == [True, True, True, False, False, False]


def test_what_stands_is_a_place_though_nothing_may_be_built() -> None:
    tables = _tables([("a", "candidate", None), ("b", "existing", None)], [("cell", "small", None)])
    rows = [("b", "pack", "existing", None), ("b", "cell", "closed", None), (None, "pack", "existing", None)]
    tables["plants"] = pd.DataFrame(rows, columns=["site", "plant_type", "status", "resume_usd"])
    assert places(tables) == {("a", "cell"), ("b", "pack")}
