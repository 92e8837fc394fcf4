"""Error and warning classes, and the one way to report bad input: every problem at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

#: A count of one before a plural and its verb, or quoted text, which stays as it is.
_ONE = re.compile(
    r"'[^']*'|\"[^\"]*\"|(?<![\d.,])1 (?P<of>of (?P<all>[\d,]+) )?(?P<noun>[a-z]{3,}s)\b"
    r"(?P<between>(?: [a-z]+)?? )?(?P<verb>(?(between)(?:are|have|hold|lie|name|look|give|stand|do|were)\b))"
)
#: What stands before a number that counts nothing, or before a bound that keeps its plural.
_NO_COUNT = ("than ", "least ", "most ", "row ", "line ", "index ", "column ", "period ", "point ", "plan ", "step ")
_VERBS = {"are": "is", "have": "has", "do": "does", "were": "was"}
_NOUNS = {"vertices": "vertex", "indices": "index"}


def in_number(text: str) -> str:
    """Return a sentence with nouns and verbs in the singular where it counts one.

    Messages are written for many; ``1 cells hold`` becomes ``1 cell holds``. Quoted text stays.

    Examples
    --------
    >>> (
    ...     in_number("1 rows name an area"),
    ...     in_number("1 of 1 values are missing"),
    ...     in_number("1 of 7 geometries are empty"),
    ... )
    ('1 row names an area', '1 of 1 value is missing', '1 of 7 geometries is empty')
    >>> (
    ...     in_number("2 rows are odd"),
    ...     in_number("'1 rows are' is no number"),
    ...     in_number("more than 1 ways lead there"),
    ... )
    ('2 rows are odd', "'1 rows are' is no number", 'more than 1 ways lead there')
    """
    return _ONE.sub(_singular, text)


def _singular(match: re.Match[str]) -> str:
    noun, verb = match["noun"], match["verb"]
    if noun is None or match.string[: match.start()].endswith(_NO_COUNT) or noun in ("does", "this", "less"):
        return match[0]
    one = _NOUNS.get(noun) or (f"{noun[:-3]}y" if noun.endswith("ies") else noun[:-1])
    shown = one if match["of"] is None or match["all"] == "1" else noun
    if verb and not match.string[: match.start()].endswith("of "):  # else the verb is that of what is counted over
        verb = _VERBS.get(verb, f"{verb}s")
    return f"1 {match['of'] or ''}{shown}{match['between'] or ''}{verb or ''}"


#: Characters that no name or text of a study may hold: control characters but for tab and line end, those that turn
#: the direction of writing or end a line unseen, and what is no character.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_HIDDEN = ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")


def has_control(text: str) -> bool:
    r"""Whether a text holds a control character, which a terminal would obey and no file can keep.

    Examples
    --------
    >>> has_control("Querétaro"), has_control("red\x1b[31m"), has_control("abc\u202efed")
    (False, True, True)
    """
    return not text.isprintable() and _CONTROL.search(text) is not None


def printable(text: str) -> str:
    r"""Return a text for the terminal: what cannot be seen is shown as an escape, lines and tabs stay.

    Examples
    --------
    >>> print(printable("red\x1b[31m"), printable("abc\u202efed"))
    red\x1b[31m abc\u202efed
    """
    if text.isprintable():
        return text
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in _HIDDEN else c.encode("unicode_escape").decode()
        for c in text
    )


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the input, told so that a reader can mend it.

    Parameters
    ----------
    where : str
        The place: file or table, column, key.
    what : str
        What is wrong there.
    seen : str
        The evidence: the rows and values that show it.
    fix : str
        The way out.
    infeasible : bool
        Whether the input may well be meant as it is, but no plan at all can keep it.

    Examples
    --------
    >>> print(Problem("options.csv", "1 of 4 values is negative", "row 3: -5", "Give units/yr"))
    options.csv: 1 of 4 values is negative (row 3: -5). Give units/yr.
    """

    where: str
    what: str
    seen: str
    fix: str
    infeasible: bool = False

    def __post_init__(self) -> None:
        """Put counts of one into the singular; what a user's file holds must not steer a terminal."""
        for name in ("where", "what", "seen", "fix"):  # what a user's file holds must not steer a terminal
            object.__setattr__(self, name, printable(str(getattr(self, name))))
        object.__setattr__(self, "what", in_number(self.what))

    def __str__(self) -> str:
        seen = f" ({self.seen})" if self.seen else ""
        return f"{self.where}: {self.what}{seen}. {self.fix.rstrip('.')}."


class EvsitingError(Exception):
    """Base class of every error that evsiting raises on purpose.

    >>> issubclass(InputError, EvsitingError), issubclass(SolveError, EvsitingError)
    (True, True)
    """

    def __str__(self) -> str:
        return printable(super().__str__())


class InputError(EvsitingError, ValueError):
    """The data or the arguments are wrong; every problem found is listed.

    Parameters
    ----------
    problems : sequence of Problem
        All that was found, in the order in which a reader would meet it.

    Examples
    --------
    >>> import evsiting as ev
    >>> ev.solve(ev.example("starter"), gap=-1.0)
    Traceback (most recent call last):
    evsiting.errors.InputError: 1 problem in the input:...
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the input:"
        super().__init__("\n".join([head, *(f"  {k}. {p}" for k, p in enumerate(self.problems, 1))]))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)  # pickled by its problems: the text is made from them


class TableError(InputError):
    """A table has a missing column, a wrong type, a value out of range or an unknown name.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> study.with_table("products", study.products.assign(mass_kg_per_unit=-1.0))
    Traceback (most recent call last):
    evsiting.errors.TableError: 1 problem in the input:...
    """


class CrsError(InputError):
    """A coordinate reference system is missing, or degrees stand where metres are needed.

    Examples
    --------
    >>> import evsiting as ev, geopandas as gpd
    >>> ev.distances(gpd.GeoSeries.from_xy([-83.05], [42.33]))
    Traceback (most recent call last):
    evsiting.errors.CrsError: 1 problem in the input:...
    """


class StudyError(InputError):
    """Tables contradict each other, or ask for what no plant can serve.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> study.with_table("demand", study.demand.assign(units_per_yr=1e9))
    Traceback (most recent call last):
    evsiting.errors.StudyError: 1 problem in the input:...
    """


class SolveError(EvsitingError, RuntimeError):
    """The solver did not return a plan.

    >>> issubclass(InfeasibleError, SolveError), issubclass(NoSolutionError, SolveError)
    (True, True)
    """


class InfeasibleError(SolveError):
    """No plan satisfies every rule of the study.

    Examples
    --------
    >>> import evsiting as ev
    >>> ev.solve(ev.example("starter"), caps={"emissions": 1.0})
    Traceback (most recent call last):
    evsiting.errors.InfeasibleError: ...
    """


class UnboundedError(SolveError):
    """The objective can be improved without end: a cost or a limit is missing.

    >>> issubclass(UnboundedError, SolveError)
    True
    """


class NoSolutionError(SolveError):
    """A limit was reached before any plan was found; the message says which limit, and the bound.

    Parameters
    ----------
    message : str
        What happened, and the way out.
    limit : str
        What ended the run: ``time``, ``interrupt``, ``memory``; empty where that is unknown.

    Examples
    --------
    >>> NoSolutionError("no plan was found in 60 s", "time").limit
    'time'
    """

    def __init__(self, message: str, limit: str = "") -> None:
        super().__init__(message)
        self.limit = limit


class EngineNotAvailable(SolveError):
    """The solver asked for is not installed; the message says what to install.

    Examples
    --------
    >>> import evsiting as ev
    >>> ev.solve(ev.example("starter"), engine="cplex")
    Traceback (most recent call last):
    evsiting.errors.EngineNotAvailable: there is no engine 'cplex'; choose one of cbc, highs, scip
    """


class CertificateError(EvsitingError, RuntimeError):
    """The plan failed its own independent check.

    >>> issubclass(UncertifiedError, CertificateError)
    True
    """


class WriteError(EvsitingError, OSError):
    """A file or a folder cannot be written; a result that was there before still is.

    Parameters
    ----------
    path : str
        What was to be written.
    reason : str
        What the system says.
    code : int, optional
        Its number, as in :mod:`errno`.
    after : str
        How things stand now.

    Examples
    --------
    >>> print(WriteError("runs/base", "No space left on device", 28))
    runs/base: No space left on device. What was there before is as it was.
    """

    def __init__(
        self, path: str, reason: str, code: int | None = None, after: str = "What was there before is as it was"
    ) -> None:
        super().__init__(code or 0, reason, path)
        self.after = after

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}. {self.after}."


class UncertifiedError(SolveError, CertificateError):
    """The solver's answer failed its own check, could not be repaired, and is not handed out.

    >>> issubclass(UncertifiedError, SolveError)
    True
    """


class EvsitingWarning(UserWarning):
    """Base class of every warning that evsiting gives.

    >>> issubclass(EvsitingWarning, UserWarning)
    True
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(in_number(message))

    def __str__(self) -> str:
        return printable(super().__str__())


class DataWarning(EvsitingWarning):
    """Odd but legal input, or a value imputed where the study had none.

    >>> issubclass(DataWarning, EvsitingWarning)
    True
    """


class GapWarning(EvsitingWarning):
    """The proven gap is above the one asked for.

    >>> issubclass(GapWarning, EvsitingWarning)
    True
    """


def shown(values: Iterable[object], limit: int = 5) -> str:
    """Return evidence for a message: at most ``limit`` items, then how many there are in all.

    Examples
    --------
    >>> shown([1, 2, 3, 4, 5, 6, 7])
    '1, 2, 3, 4, 5, ... 7 in all'
    """
    items = [str(v) for v in values]
    head = ", ".join(items[:limit])
    return head if len(items) <= limit else f"{head}, ... {len(items)} in all"


@dataclass
class Problems:
    """Collect problems of one stage, then raise them once.

    Examples
    --------
    >>> problems = Problems()
    >>> problems.add("sites.csv", "the table is empty", "0 rows", "Give at least one site")
    >>> bool(problems)
    True
    """

    entries: list[Problem] = field(default_factory=list)

    def add(self, where: str, what: str, seen: str, fix: str) -> None:
        """Note one problem."""
        self.entries.append(Problem(where, what, seen, fix))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note several problems."""
        self.entries.extend(problems)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def raise_if_any(self, kind: type[InputError] = InputError) -> None:
        """Raise ``kind`` with every problem, if there is one.

        Raises
        ------
        InputError
            Of the class asked for, listing every problem noted.
        """
        if self.entries:
            raise kind(self.entries)


def expect(call: str, **given: tuple[object, type | tuple[type, ...]]) -> None:
    """Refuse arguments that are something else than they are called, all in one error.

    Parameters
    ----------
    call : str
        The function that was called.
    **given : tuple of object and type
        Each argument with the class that it must be of, or with those that it may be of.

    Raises
    ------
    InputError
        If one is of another class.

    Examples
    --------
    >>> expect("certify", study=("starter", int))
    Traceback (most recent call last):
    evsiting.errors.InputError: 1 problem in the input:
      1. certify, study: is no int ('starter' is a str). Give one of class int.
    """
    problems = Problems()
    for name, (value, kind) in given.items():
        if not isinstance(value, kind):
            received = f"{value!r} is" if isinstance(value, str | int | float) else "it is"
            seen = f"{received} a {type(value).__name__}" if value is not None else "it is None"
            names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
            problems.add(f"{call}, {name}", f"is no {names}", seen, f"Give one of class {names}")
    problems.raise_if_any()
