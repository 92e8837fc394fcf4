"""Report running out of memory as an error of its own, wherever it happens between tables and plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from evsiting.errors import NoSolutionError
from evsiting.study.study import Study

__all__ = ["report_out_of_memory"]


def report_out_of_memory[**P, T](call: Callable[P, T]) -> Callable[P, T]:
    """Return the function that says so, with the way out, where memory runs out in it.

    Raises
    ------
    NoSolutionError
        In place of :class:`MemoryError`; its ``limit`` is ``memory``.

    Examples
    --------
    >>> @report_out_of_memory
    ... def greedy():
    ...     raise MemoryError
    >>> greedy()
    Traceback (most recent call last):
    evsiting.errors.NoSolutionError: memory ran out before there was a plan. A smaller program needs less: ...
    """

    @wraps(call)
    def call_and_report(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except MemoryError as error:
            studies = [a for a in (*args, *kwargs.values()) if isinstance(a, Study)]
            where = f" for study {studies[0].settings.study.name!r}" if studies else ""
            size = (
                f" ({len(studies[0].sites):,} sites, {len(studies[0].markets):,} markets, "
                f"{len(studies[0].lanes):,} lanes given, {len(studies[0].periods):,} periods)"
                if studies
                else ""
            )
            msg = (
                f"memory ran out before there was a plan{where}{size}. A smaller program needs less: fewer candidate "
                "sites (evsiting.prefilter), lanes or periods; so does one thread (threads=1, --threads 1)"
            )
            raise NoSolutionError(msg, "memory") from error

    return call_and_report
