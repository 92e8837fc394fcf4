"""How much of what ships has a source: counted as it is listed, and no less than the measure."""

from __future__ import annotations

import evsiting as ev
from benchmarks.known_share import MEASURE, lines, shares
from evsiting import reference


def test_parameters_are_sourced_or_derived_and_the_rest_is_listed_first() -> None:
    study = ev.example("starter")
    found = shares(study)
    part, whole = found["parameters"]
    assert part >= MEASURE * whole
    assert part + len(found["assumed"]) == whole == len(reference.parameters())
    assert found["assumptions_first"]
    assert found["values"][0] <= found["values"][1] == study.sources["values"].sum()
    assert any("product.bev_mass = 2150 kg (2000 to 2300)" in line for line in lines(found))
