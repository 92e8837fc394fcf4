"""What may be built, stands, is made and is needed at each site, and which states of plants count."""

from __future__ import annotations

from pathlib import Path

import pytest

import evsiting
from evsiting.layers.feasible import Possible
from evsiting.study.schema.plants import LIVE, RUNNING, STATES
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study
from tests.studies import two_plant_study


def named(study: Study, flags: str, site: str) -> list[str]:
    """Return the plant types or products for which a flag of a site is true."""
    possible = Possible.of(study)
    row = study.sites["site"].tolist().index(site)
    names = possible.plant_types if flags in ("new", "standing") else possible.products
    return [name for name, flag in zip(names, getattr(possible, flags)[row], strict=True) if flag]


def with_status(status: str) -> Study:
    study = two_plant_study()
    return Study(study.settings, {**study.tables, "plants": study.plants.assign(status=status)})


def test_what_a_site_lists_may_be_built_there() -> None:
    study = two_plant_study()
    assert named(study, "new", "memphis") == ["cell", "pack", "assembly"]
    assert named(study, "new", "monterrey") == ["pack", "assembly"]
    assert named(study, "new", "windsor") == []  # nothing may be built where only a plant stands
    assert named(study, "makes", "monterrey") == ["pack", "vehicle"]
    assert named(study, "needs", "monterrey") == ["cell", "pack"]


def test_an_empty_list_allows_every_plant_type() -> None:
    study = two_plant_study()
    for cell in (None, " ; "):
        sites = study.sites.assign(plant_types=[cell, "pack; assembly", None])
        free = Study(study.settings, {**study.tables, "sites": sites})
        assert named(free, "new", "memphis") == ["cell", "pack", "assembly"]


@pytest.mark.parametrize("status", STATES)
def test_plants_that_count_for_nothing_make_nothing(status: str) -> None:
    expected = ["cell"] if status in LIVE else []
    assert named(with_status(status), "standing", "windsor") == expected
    assert named(with_status(status), "makes", "windsor") == expected


def test_the_states_of_plants_stand_in_the_data_dictionary_alone() -> None:
    assert set(RUNNING) < set(LIVE) < set(STATES)
    rule = next(c for c in TABLES["plants"].schema.columns["status"].checks if c.name == "isin")
    assert set(rule.statistics["allowed_values"]) == set(STATES)
    package = Path(str(evsiting.__file__)).parent
    files = [f for f in package.rglob("*.py") if "audit" not in f.parts]  # the audit shares no code
    again = [f.name for f in files if '"existing", "committed"' in f.read_text("utf-8")]
    assert again == ["plants.py"]
