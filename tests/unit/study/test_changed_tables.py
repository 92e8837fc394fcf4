"""Tables in place of those of a study: what is as it was is not read anew, all else is checked."""

from __future__ import annotations

import pytest

from evsiting.errors import InputError
from evsiting.study.study import Study, as_checked, with_changed_tables
from evsiting.study.validation import tables
from tests.studies import two_plant_study


def test_only_changed_tables_are_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    given = two_plant_study()
    study = as_checked(Study(given.settings, given.tables))
    read: list[str] = []
    table = tables._table
    monkeypatch.setattr(tables, "_table", lambda kind, *rest: (read.append(kind.name), table(kind, *rest))[1])
    demand = study.demand.assign(units_per_yr=lambda frame: 2.0 * frame["units_per_yr"])
    made = with_changed_tables(study, {**study.tables, "demand": demand})
    assert read == ["demand"]
    assert made == study.with_table("demand", demand)


def test_a_changed_table_is_checked() -> None:
    given = two_plant_study()
    study = as_checked(Study(given.settings, given.tables))
    with pytest.raises(InputError, match="demand"):
        with_changed_tables(study, {**study.tables, "demand": study.demand.assign(product="boat")})
