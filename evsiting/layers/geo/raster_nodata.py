"""Values of a raster that stand for "no data" without the file saying so, and the scale that it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Cells, across and down, at which a raster is looked at as a whole.
LOOK = 1024
#: Numbers that no quantity takes and programs write where they know nothing.
_NEVER = (-9999.0, -99999.0, -32768.0, -32767.0, -2147483648.0, 2147483647.0, 1e20, -1e20)
#: From here on, up or down, a number is no quantity: 3.4e38, 9.97e36, -1.8e308.
_HUGE = 1e29
#: Part of the cells that a value at the end of the range holds, and its distance to the next one as part of the rest of
#: the range, from which it is asked about.
_SHARE, _GAP = 0.01, 1.0
#: Different values that a raster has at least to be one of quantities, not of classes; and numbers that programs write
#: for no data among classes.
_MANY = 10
_OFTEN = (255.0, 127.0, -128.0, 32767.0, 65535.0, 99.0, -99.0, 999.0, -999.0, 9999.0)


@dataclass(frozen=True)
class Look:
    """What a look at a whole raster shows.

    Parameters
    ----------
    cells : numpy.ndarray
        Values of cells spread over it, without those that the file says are no data. [as stored]
    """

    cells: Floats

    @classmethod
    def at(cls, source: Any, band: int) -> Look:
        """Return a look at one band of an open raster."""
        shape = (min(source.height, LOOK), min(source.width, LOOK))
        read = source.read(band, out_shape=shape, masked=True)  # nearest neighbour: values as they are
        cells = np.asarray(read.compressed(), dtype=np.float64)
        return cls(cells[~np.isnan(cells)])

    def share(self, value: float) -> float:
        """Return what part of the cells has a value. [1]"""
        return float(np.mean(self.cells == value)) if len(self.cells) else 0.0

    def never(self, *others: Floats) -> list[float]:
        """Return the values, here or among others, that no quantity takes."""
        seen = np.unique(np.concatenate([self.cells, *others]))
        return [float(v) for v in seen if v in _NEVER or abs(v) >= _HUGE]

    def odd(self, without: list[float]) -> list[float]:
        """Return the values at either end of the range that many cells have and that lie far from all others.

        Examples
        --------
        >>> cells = np.r_[np.full(50, 255.0), np.arange(100.0)]
        >>> Look(cells).odd([]), Look(np.arange(100.0)).odd([]), Look(np.repeat([0.0, 1.0], 50)).odd([])
        ([255.0], [], [])
        """
        values, counts = np.unique(self.cells[~np.isin(self.cells, without)], return_counts=True)
        if len(values) < 3:
            return []
        outlying = []
        for end, rest in ((0, values[1:]), (-1, values[:-1])):
            gap = abs(float(values[end]) - float(rest[end]))
            many = counts[end] >= _SHARE * len(self.cells)
            plain = len(values) > _MANY or float(values[end]) in _OFTEN
            if many and plain and gap > _GAP * float(rest[-1] - rest[0]):
                outlying.append(float(values[end]))
        return outlying


def value_text(value: float) -> str:
    """Return a value as a reader of the file would see it.

    Examples
    --------
    >>> value_text(-9999.0), value_text(float(np.float32(-3.4028235e38)))
    ('-9999', '-3.40282e+38')
    """
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
