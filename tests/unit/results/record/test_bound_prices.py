"""Prices that prove a bound, on disk: read as they were written, and refused where they are damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evsiting as ev
from evsiting.results.record import bound_prices
from evsiting.results.record.bound_prices import PRICES_FILE, BoundPrices, read_prices, write_prices


def tree() -> BoundPrices:
    """A root over three constraints, parted on a group of two columns: one leaf, and one that is empty."""

    def ints(*values: int) -> np.ndarray:
        return np.array(values, dtype=np.int64)

    return BoundPrices(
        parent=ints(-1, 0, 0),
        group=ints(-1, 0, 0),
        threshold=ints(0, 2, 2),
        side=ints(0, 0, 1),
        member_start=ints(0, 2),
        member=ints(0, 3),
        leaf=ints(1, 2),
        empty=np.array([False, True]),
        base=np.array([1.0, 0.0, -2.0, 0.0]),
        start=ints(0, 1, 3),
        index=ints(3, 0, 3),
        value=np.array([0.5, 0.0, 1.0]),
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_prices(tmp_path, tree())
    again = read_prices(tmp_path)
    assert again is not None
    for name in BoundPrices.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again, name), getattr(tree(), name))
    assert read_prices(tmp_path / "nowhere") is None


def test_each_leaf_has_its_own_prices() -> None:
    assert tree().prices(0).tolist() == [1.0, 0.0, -2.0, 0.5]
    assert tree().prices(1).tolist() == [0.0, 0.0, -2.0, 1.0]


def test_further_constraints_get_no_price() -> None:
    more = tree().with_constraints(2)
    assert (more.constraints, more.groups) == (5, 1)
    assert more.prices(0).tolist() == [1.0, 0.0, -2.0, 0.0, 0.0, 0.5]
    assert more.prices(1).tolist() == [0.0, 0.0, -2.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("parent", [-1, 2, 0]),
        ("group", [-1, 1, 0]),
        ("side", [0, 0, 2]),
        ("member_start", [0, 3]),
        ("member", [-1, 3]),
        ("leaf", [1, 3]),
        ("start", [0, 4, 3]),
        ("index", [3, 0, 4]),
        ("threshold", [0, 2]),
        ("value", [0.5]),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(field: str, value: list[float], tmp_path: Path) -> None:
    held = {name: getattr(tree(), name) for name in BoundPrices.__dataclass_fields__}
    held[field] = np.array(value, dtype=held[field].dtype)
    np.savez_compressed(tmp_path / PRICES_FILE, **held)
    with pytest.raises(ev.InputError, match=r"bound_prices\.npz"):
        read_prices(tmp_path)


@pytest.mark.parametrize(
    "change", [{"base": np.array(["a"])}, {"base": np.zeros((2, 2))}, {"leaf": np.array([1.5, 2.0])}, {"side": None}]
)
def test_arrays_of_another_kind_are_refused(change: dict[str, np.ndarray | None], tmp_path: Path) -> None:
    held = {name: getattr(tree(), name) for name in BoundPrices.__dataclass_fields__} | change
    np.savez_compressed(tmp_path / PRICES_FILE, **{k: v for k, v in held.items() if v is not None})
    with pytest.raises(ev.InputError, match="damaged"):
        read_prices(tmp_path)


def test_a_file_that_is_cut_short_or_no_archive_is_refused(tmp_path: Path) -> None:
    write_prices(tmp_path, tree())
    file = tmp_path / PRICES_FILE
    whole = file.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"PK\x03\x04 nothing"):
        file.write_bytes(content)
        with pytest.raises(ev.InputError, match="damaged"):
            read_prices(tmp_path)


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_prices(tmp_path, tree())
    monkeypatch.setattr(bound_prices, "MOST_BYTES", 100)
    with pytest.raises(ev.InputError, match="holds more than"):
        read_prices(tmp_path)
