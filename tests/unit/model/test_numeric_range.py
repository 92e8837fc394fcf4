"""Figures that doubles cannot hold together: overflow is refused, a wide range is warned of, a plain one is not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from evsiting.errors import DataWarning, InputError
from evsiting.model.milp import Milp, MilpBuilder, Objective
from evsiting.model.numeric_range import APART, HOPELESS, check_spans, largest_cells
from tests.studies import two_plant_study


def program(cost: list[float], row: list[float] = (1.0, 1.0), *, upper: float = 1.0, limit: float = 1.0) -> Milp:
    """Return a program of one ``build`` and one ``unmet`` with a row and the objective cost, in millions of USD."""
    milp = MilpBuilder()
    milp.add_columns("build", (1,), lambda k: ("memphis",), upper=upper)
    milp.add_columns("unmet", (1,), lambda k: ("east",), upper=upper)
    milp.add_rows("demand", 1, lambda k: ("east",), ([0, 0], [0, 1], list(row)), upper=limit)
    return milp.finish([Objective("cost", np.array(cost), 0.0, 1e6)])


def test_figures_of_one_size_say_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_spans(two_plant_study(), program([3.0, 4.0]))
        check_spans(two_plant_study(), program([0.0, 0.0]))  # an objective of nothing has no size


@pytest.mark.filterwarnings("default")
def test_a_penalty_that_drowns_the_cost_is_warned_of_with_its_table() -> None:
    with pytest.warns(DataWarning, match=r"unmet\[east\] can add .* to the cost \(demand: unmet_penalty") as told:
        check_spans(two_plant_study(), program([1.0, 2.0 * APART]))
    assert "build 1e+06 at most (options: capex_usd" in str(told[0].message)


def test_a_penalty_that_leaves_no_digit_is_refused() -> None:
    with pytest.raises(InputError, match="the cost of the study: cannot be added up") as caught:
        check_spans(two_plant_study(), program([1.0, 2.0 * HOPELESS]))
    assert "unmet[east]" in str(caught.value)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_coefficient_that_is_no_number_is_refused_with_the_largest_cells(bad: float) -> None:
    study = two_plant_study()
    with pytest.raises(InputError, match="figures multiplied out are no number") as caught:
        check_spans(study, program([1.0, bad]))
    assert "'Two plants'" in str(caught.value)


def test_cells_that_overflow_are_named_by_table_column_and_key() -> None:
    study = two_plant_study()
    huge = study.options["capex_usd"].where(study.options["option"] != "line", 1e300)
    study = type(study)(study.settings, {**study.tables, "options": study.options.assign(capex_usd=huge)})
    assert largest_cells(study) == [("options, column 'capex_usd', pack/line", 1e300)]
    with pytest.raises(InputError, match=r"options, column 'capex_usd', pack/line: is too large to be multiplied"):
        check_spans(study, program([np.inf, 1.0]))


def test_the_largest_cell_counts_by_its_size_and_infinite_or_missing_ones_do_not() -> None:
    study = two_plant_study()
    wages = [-2e30, np.nan, np.inf]
    study = type(study)(study.settings, {**study.tables, "sites": study.sites.assign(wage_usd_per_h=wages)})
    ((place, value),) = largest_cells(study)
    assert value == -2e30
    assert place.startswith("sites, column 'wage_usd_per_h', memphis")
    assert largest_cells(study, least=1e31) == []
