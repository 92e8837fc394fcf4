"""The options that every call that solves has in common: said once, shown in the help of each."""

from __future__ import annotations

import difflib
import inspect
import re
import textwrap
from collections.abc import Callable
from functools import wraps
from typing import TypedDict, get_type_hints

__all__ = ["SolveOptions", "with_options"]


class SolveOptions(TypedDict, total=False):
    """How hard to try; what is left out, or None, is as the study's settings say.

    Parameters
    ----------
    gap : float, optional
        Relative gap at which to stop. [fraction]
    time_limit_s : float, optional
        Time limit of the solver, for each program. [s]
    engine : {"highs", "cbc", "scip"}, optional
        Solver.
    threads, seed : int, optional
        Of the solver.
    verify : bool, optional
        Whether a second run, by another engine where one is installed, checks what the first one proved; what it says
        is in ``plan.solve.verified``. By default where the program is small, for a few seconds at most
        (:mod:`evsiting.optimize.verification`).
    """

    gap: float | None
    time_limit_s: float | None
    engine: str | None
    threads: int | None
    seed: int | None
    verify: bool | None


#: Lines of a docstring in whose place the options are described.
PLACE = re.compile(r"^( *)\*\*options : SolveOptions\n(?:\1 +\S.*\n)+", re.MULTILINE)


def with_options[**P, T](call: Callable[P, T]) -> Callable[P, T]:
    """Return a function with ``**options`` whose signature and docstring show each option, and which knows no other.

    Raises
    ------
    TypeError
        If an argument is neither one of the function's own nor an option, as for any function.

    Examples
    --------
    >>> @with_options
    ... def solve(study, **options):
    ...     return options
    >>> str(inspect.signature(solve)).startswith("(study, *, gap: float | None = None, time_limit_s:")
    True
    >>> solve("a study", gapp=0.01)
    Traceback (most recent call last):
    TypeError: solve() got an unexpected keyword argument 'gapp'. Did you mean 'gap'?
    """
    own = inspect.signature(call)
    named = [p for p in own.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    keyword = inspect.Parameter.KEYWORD_ONLY
    kinds = get_type_hints(SolveOptions).items()
    options = [inspect.Parameter(name, keyword, default=None, annotation=kind) for name, kind in kinds]
    known = [p.name for p in (*named, *options)]

    @wraps(call)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        if wrong := [name for name in kwargs if name not in known]:
            msg = f"{call.__name__}() {_unknown(wrong, known)}"
            raise TypeError(msg)
        return call(*args, **kwargs)

    asked.__signature__ = own.replace(parameters=[*named, *options])  # type: ignore[attr-defined]
    if call.__doc__:
        asked.__doc__ = _fill_in_options(call.__doc__)
    return asked


def _unknown(wrong: list[str], known: list[str]) -> str:
    """Return which arguments there are not, each with the name that comes nearest."""
    near = {name: difflib.get_close_matches(name, known, n=1) for name in wrong}
    names = ", ".join(repr(name) for name in wrong)
    meant = " and ".join(repr(candidates[0]) for candidates in near.values() if candidates)
    hint = f" Did you mean {meant}?" if meant else f" There are {', '.join(known)}."
    what = "unexpected keyword arguments" if len(wrong) > 1 else "an unexpected keyword argument"
    return f"got {what} {names}.{hint}"


def _fill_in_options(text: str) -> str:
    """Return a docstring with the options in the place that it keeps for them."""
    _, _, described = inspect.cleandoc(SolveOptions.__doc__ or "").partition("----------\n")
    return PLACE.sub(lambda place: textwrap.indent(described, place[1]).rstrip() + "\n", text)
