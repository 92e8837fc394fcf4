"""Programs of the two-plant study in parts, made once for all tests of the model's modules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from evsiting.model.columns import Columns, add_decisions
from evsiting.model.milp import MilpBuilder
from evsiting.model.plan_columns import Totals
from evsiting.model.sets import Sets
from evsiting.model.sets_from_study import make_sets
from evsiting.study.study import Study
from tests.studies import two_plant_study


@dataclass(frozen=True)
class Parts:
    """A program that has its decisions and no constraint yet."""

    study: Study
    milp: MilpBuilder
    sets: Sets
    columns: Columns

    @property
    def totals(self) -> Totals:
        """Empty totals, without a carbon price."""
        return Totals(self.sets.horizon, np.zeros(len(self.sets.horizon)))

    def names(self) -> list[str]:
        """Return the names of all columns so far."""
        return self.milp.finish([]).column_names()

    def copy(self) -> Parts:
        """Return parts to which constraints can be added without a trace in these."""
        return Parts(self.study, self.milp.copy(), self.sets, self.columns)


def parts_of(study: Study) -> Parts:
    """Return the decisions of a study."""
    milp, sets = MilpBuilder(), make_sets(study)
    return Parts(study, milp, sets, add_decisions(milp, sets))


@pytest.fixture(scope="session")
def make_parts():
    """Return the function from a study to its decisions."""
    return parts_of


@pytest.fixture(scope="session")
def one_period() -> Parts:
    """Return the decisions of the two-plant study over one period of ten years."""
    return parts_of(two_plant_study())


@pytest.fixture(scope="session")
def two_periods() -> Parts:
    """Return the decisions of the two-plant study over two periods of five years."""
    return parts_of(two_plant_study(periods=2))
