"""Linear expressions, and the columns and rows that they make up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

Key = tuple[object, ...]


class Line(dict[int, float]):
    """A linear expression: coefficients by column, and a constant."""

    constant: float

    def __init__(self, constant: float = 0.0) -> None:
        super().__init__()
        self.constant = constant

    def add(self, column: int, coefficient: float) -> Line:
        """Add a multiple of one column."""
        if coefficient:
            self[column] = self.get(column, 0.0) + coefficient
        return self

    def plus(self, other: Line | float, factor: float = 1.0) -> Line:
        """Add a multiple of another expression, or of a number."""
        if isinstance(other, Line):
            for column, coefficient in other.items():
                self.add(column, factor * coefficient)
            self.constant += factor * other.constant
        else:
            self.constant += factor * other
        return self

    def times(self, factor: float) -> Line:
        """Return a multiple of the expression."""
        return Line().plus(self, factor)

    def minus(self, other: Line | float, factor: float = 1.0) -> Line:
        """Return the difference to a multiple of another expression."""
        return self.times(1.0).plus(other, -factor)

    def value(self, point: Iterable[float]) -> float:
        """Return its value at a point."""
        values = point if isinstance(point, list) else list(point)
        return self.constant + sum(c * values[k] for k, c in self.items())


def total(lines: Iterable[Line]) -> Line:
    """Return the sum of expressions."""
    out = Line()
    for line in lines:
        out.plus(line)
    return out


@dataclass
class Program:
    """Columns with bounds, and rows ``low <= expression <= high``, in real units."""

    keys: list[Key] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    size: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[Key, Line, float, float]] = field(default_factory=list)
    column: dict[Key, int] = field(default_factory=dict)

    def amount(self, *key: object, high: float = inf, size: float = 1.0) -> int:
        """Add a column of at least zero; ``size`` is about how large it may get."""
        return self._add(key, high, size, whole=False)

    def choice(self, *key: object) -> int:
        """Add a yes or no."""
        return self._add(key, 1.0, 1.0, whole=True)

    def _add(self, key: Key, high: float, size: float, *, whole: bool) -> int:
        assert key not in self.column, key
        self.column[key] = len(self.keys)
        self.keys.append(key)
        self.low.append(0.0)
        self.high.append(max(0.0, high))
        self.size.append(size if size > 0 else 1.0)
        self.whole.append(whole)
        return len(self.keys) - 1

    def most(self, key: Key, line: Line, high: float = 0.0) -> None:
        """Add a row: the expression is at most a number."""
        self.rows.append((key, line, -inf, high))

    def least(self, key: Key, line: Line, low: float = 0.0) -> None:
        """Add a row: the expression is at least a number."""
        self.rows.append((key, line, low, inf))

    def equal(self, key: Key, line: Line, value: float = 0.0) -> None:
        """Add a row: the expression equals a number."""
        self.rows.append((key, line, value, value))

    def ceiling(self, line: Line) -> float:
        """Return what an expression cannot exceed within the bounds of its columns."""
        return line.constant + sum(c * (self.high[k] if c > 0 else self.low[k]) for k, c in line.items())

    def most_if(self, key: Key, chosen: int, line: Line) -> None:
        """Add a row: the expression is at most zero where the choice is yes."""
        room = self.ceiling(line)
        if room > 0:
            assert room < inf, key
            self.most(key, line.minus(Line(room).add(chosen, -room)))
