"""Rows of a plan that name what the study does not have."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.errors import InputError
from evsiting.results.ledgers.known_rows import require_known
from evsiting.results.ledgers.plan_rows import PlanRows, all_tables
from tests.plans import tiny_plan


def test_every_table_with_unknown_names_is_told_at_once() -> None:
    study, plan = tiny_plan()
    gone = pd.DataFrame([("memphis", "cell", "slag", "p1", 1.0)], columns=list(plan.decisions["disposals"].columns))
    made = plan.production.assign(plant_type="foundry")
    require_known(PlanRows(study, all_tables(plan.tables)))
    with pytest.raises(InputError) as error:
        require_known(PlanRows(study, all_tables({**plan.tables, "disposals": gone, "production": made})))
    for words in ("not in the study's table 'by_products'", "cell|slag", "not in the study's table 'processes'"):
        assert words in str(error.value)
