"""The one table of constraint families: what the other rooms attach to it is there for every family."""

from __future__ import annotations

import pytest

from evsiting.layers.completion import complete
from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES
from evsiting.results.certificate import RULES
from evsiting.study.constraint_families import CONSTRAINT_FAMILIES, families_in_use, ways_to_give
from evsiting.study.schema.limits import LIMIT_KINDS
from evsiting.study.schema.tables import TABLES
from tests.full_study import full_study


def test_no_family_lacks_a_sentence_a_writer_or_a_rule() -> None:
    assert list(CONSTRAINT_FAMILIES) == list(FAMILIES)
    for name, family in CONSTRAINT_FAMILIES.items():
        assert family.sentence[0].islower() or not family.sentence[0].isalpha()
        assert not family.sentence.endswith(".")
        assert (name in RULES) != bool(family.unchecked), name


def test_families_in_use_are_those_that_are_written() -> None:
    study = complete(full_study())
    written = {block.family for block in build(study).milp.row_blocks}
    assert written <= set(CONSTRAINT_FAMILIES)
    used = {family.name for family in families_in_use(study)}
    assert {name for name in written if CONSTRAINT_FAMILIES[name].use is not None} <= used


@pytest.mark.parametrize("name", list(CONSTRAINT_FAMILIES))
def test_a_use_names_what_the_data_dictionary_has(name: str) -> None:
    use = CONSTRAINT_FAMILIES[name].use
    if use is None:
        return
    assert set(use.columns) <= {column.name for column in TABLES[use.table].columns}
    assert use.table != "limits" or set(use.values) <= set(LIMIT_KINDS)


def test_every_kind_of_limit_has_a_family_that_may_give_way() -> None:
    limits = [f for f in CONSTRAINT_FAMILIES.values() if f.use is not None and f.use.table == "limits"]
    assert {kind for family in limits for kind in (family.use.values if family.use else ())} == set(LIMIT_KINDS)
    assert all(family.gives_way and not family.source for family in limits)


def test_what_gives_way_is_checked_and_has_a_place_of_its_own() -> None:
    giving = ways_to_give()
    assert len({family.gives_way for family in giving}) == len(giving)
    assert all(family.name in RULES for family in giving)
    assert giving[-1].name == "demand"
