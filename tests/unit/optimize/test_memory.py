"""Running out of memory is an error of its own that names the study and what would need less."""

from __future__ import annotations

import pytest

from evsiting.errors import NoSolutionError
from evsiting.optimize.memory import report_out_of_memory
from evsiting.study.study import Study
from tests.studies import two_plant_study


@report_out_of_memory
def _half(study: Study | None, *, number: int) -> int:
    """Return half of a number."""
    if number < 0:
        raise MemoryError
    return number // 2


def test_what_has_memory_returns_as_before() -> None:
    assert _half(None, number=8) == 4
    assert _half.__name__ == "_half"
    assert _half.__doc__ == "Return half of a number."


def test_the_study_and_its_size_are_named() -> None:
    study = two_plant_study()
    with pytest.raises(NoSolutionError, match="memory ran out") as caught:
        _half(study, number=-1)
    assert caught.value.limit == "memory"
    assert f"{len(study.sites)} sites, {len(study.markets)} markets" in str(caught.value)
    assert isinstance(caught.value.__cause__, MemoryError)


def test_another_error_goes_through() -> None:
    with pytest.raises(TypeError):
        _half(None, number="8")  # type: ignore[arg-type]
