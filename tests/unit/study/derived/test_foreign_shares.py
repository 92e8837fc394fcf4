"""The foreign-entity ratio of programs by period: what a row of a year states goes before the rule."""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.study.derived.program_rules import foreign_shares
from evsiting.study.study import Study


def test_the_strictest_row_of_a_period_holds_and_the_rule_where_no_row_states_a_share() -> None:
    study = ev.example("ten-cities")
    rules = study.program_rules.assign(max_foreign_share=0.4)
    tables = {**study.tables, "program_rules": rules}
    steps = Study.from_tables(study.settings, tables)
    assert foreign_shares(steps)["45X cells", "2028-2037"] == pytest.approx(0.15)
    plain = steps.with_table("programs", steps.programs.assign(max_foreign_share=np.nan))
    assert foreign_shares(plain)["45X cells", "2028-2037"] == 0.4


def test_a_share_of_a_program_that_is_paid_to_everyone_is_refused() -> None:
    study = ev.example("ten-cities")
    with pytest.raises(InputError, match="paid to everyone, whatever is bought"):
        study.with_table("programs", study.programs.assign(max_foreign_share=0.2))
