"""What the command line says: results on stdout, everything else on stderr, in any encoding and width."""

from __future__ import annotations

import codecs
import json
import math
import os
import sys
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from evsiting.errors import (
    CertificateError,
    EngineNotAvailable,
    EvsitingError,
    EvsitingWarning,
    InputError,
    SolveError,
    WriteError,
)

BAD_INPUT = 1
USAGE = 2
NOT_CERTIFIED = 3
NO_PLAN = 4
#: By Ctrl-C or SIGTERM; a second of them ends the program with 128 and its number, which is the same for Ctrl-C.
ABORTED = 130

#: What a terminal without these characters gets instead.
_PLAIN = str.maketrans({"−": "-", "–": "-", "…": "...", "×": "x", "ε": "eps", "≤": "<=", "≥": ">="})


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Spell characters that an encoding lacks with those that every terminal has."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = unicodedata.normalize("NFKD", error.object[error.start : error.end].translate(_PLAIN))
    return text.encode("ascii", "ignore").decode() or "?", error.end


codecs.register_error("evsiting-plain", _plainer)

#: Characters of names and messages that a terminal would obey or that change what is read, with how they are shown:
#: control characters (escape sequences begin with one), marks of writing direction, and breaks of lines that are none.
_OBEYED = str.maketrans(
    {
        code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
        for code in (*range(9), *range(11, 32), *range(0x7F, 0xA0), 0x61C, 0x200B, 0x200E, 0x200F,
                     *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
    }
)  # fmt: skip


class _LiteralConsole(Console):
    """A console that shows names as they are written: no markup, and nothing that a terminal would obey."""

    def render_str(self, text: str, **how: Any) -> Text:
        """Return text of a table's cell or title as it will be shown, before widths are reckoned."""
        return super().render_str(text.translate(_OBEYED), **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the pieces of what is printed, their control characters spelled out."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(piece.text.translate(_OBEYED), piece.style)


def own_output() -> None:
    """Keep standard output for what this program says: what libraries print there from C goes to standard error.

    A solver's banner in the middle of ``--json`` would make it something else than JSON. Nothing is done where standard
    output is not that of the process, as in a notebook or a test.
    """
    try:
        if sys.stdout.fileno() != 1 or sys.stderr.fileno() != 2:
            return
        sys.stdout.flush()
        own = os.dup(1)
        os.dup2(2, 1)
    except (OSError, ValueError, AttributeError):  # closed, none, or no file
        return
    now = sys.stdout
    sys.stdout = os.fdopen(own, "w", encoding=now.encoding, errors=now.errors, buffering=1 if now.isatty() else -1)


def any_encoding(*streams: TextIO) -> None:
    """Let streams spell what their encoding lacks, instead of failing."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="evsiting-plain")


class Voice:
    """Where a command speaks: quietly, for people, or as one JSON object.

    Parameters
    ----------
    quiet : bool
        Say nothing but errors.
    as_json : bool
        Print one JSON object on stdout and nothing else there.
    debug : bool
        Show tracebacks.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False, debug: bool = False) -> None:
        self.quiet, self.as_json, self.debug = quiet, as_json, debug
        self._answered = False
        self._written: list[str] = []
        self.out = _console(stderr=False)
        self.err = _console(stderr=True)

    def set(self, *, quiet: bool = False, as_json: bool = False) -> Voice:
        """Take over the options of a command, and return the voice."""
        self.quiet, self.as_json = self.quiet or quiet, self.as_json or as_json
        return self

    def say(self, *things: RenderableType | Callable[[], Iterable[RenderableType]]) -> None:
        """Print results for people on stdout; nothing when quiet or in JSON, and functions are not called then."""
        if not (self.quiet or self.as_json):
            for thing in (part for entry in things for part in (entry() if callable(entry) else [entry])):
                if isinstance(thing, str):
                    self.out.print(Text(thing), soft_wrap=not self.out.is_terminal)
                else:
                    self.out.print(thing)

    def note(self, text: str, *, style: str = "") -> None:
        """Print a remark on stderr; nothing when quiet."""
        if not self.quiet:
            self.err.print(Text(text, style=style), soft_wrap=not self.err.is_terminal)

    def wrote(self, what: object) -> None:
        """Note that something has been written that stays, whatever comes."""
        if str(what) not in self._written:
            self._written.append(str(what))

    def standing(self) -> str:
        """Return what has been written so far, as a sentence; nothing where nothing has."""
        return f"Kept: {', '.join(self._written)}." if self._written else ""

    def data(self, content: Mapping[str, Any] | Callable[[], Mapping[str, Any]]) -> None:
        """Print the one JSON object on stdout, if it was asked for; what comes second is left out."""
        if self.as_json and not self._answered:
            data = content() if callable(content) else content
            self._answered = True
            sys.stdout.write(json.dumps(jsonable(data), indent=2, allow_nan=False) + "\n")

    def failed(self, error: BaseException) -> int:
        """Say what went wrong, on stderr (and on stdout in JSON), and return the exit code."""
        if self.debug:
            traceback.print_exception(error)
        code = exit_code(error)
        if self.err.is_terminal:
            self.err.print(_panel(error))
        else:  # a log is searched: no frame, no line breaks of our own
            self.err.print(Text("\n".join(_error_lines(error))), soft_wrap=True)
        for note in getattr(error, "__notes__", ()):
            self.err.print(Text(note), soft_wrap=True)
        self.data(
            {
                "error": {
                    "kind": type(error).__name__,
                    "message": str(error),
                    "notes": list(getattr(error, "__notes__", ())),
                    "problems": [
                        {name: part for name, part in vars(p).items() if name != "infeasible"}
                        for p in getattr(error, "problems", ())
                    ],
                },
                "exit_code": code,
            }
        )
        return code

    @contextmanager
    def show_warnings(self) -> Iterator[None]:
        """Print the package's own warnings as remarks, once each."""
        shown: set[str] = set()
        with warnings.catch_warnings():
            warnings.simplefilter("always", EvsitingWarning)
            usual = warnings.showwarning

            def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
                if not issubclass(category, EvsitingWarning):
                    usual(message, category, *rest, **more)
                elif str(message) not in shown:
                    shown.add(str(message))
                    self.note(f"Warning: {message}", style="yellow")

            warnings.showwarning = show
            yield


def exit_code(error: BaseException) -> int:
    """Return the exit code of an error.

    Examples
    --------
    >>> exit_code(InputError([])), exit_code(CertificateError()), exit_code(SolveError())
    (1, 3, 4)
    """
    if isinstance(error, CertificateError):
        return NOT_CERTIFIED
    if isinstance(error, SolveError) and not isinstance(error, EngineNotAvailable):
        return NO_PLAN
    return BAD_INPUT


def _console(*, stderr: bool) -> Console:
    console = _LiteralConsole(stderr=stderr, highlight=False, emoji=False, markup=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = 100
    return console


def _title(error: BaseException) -> str:
    if isinstance(error, InputError):
        return str(error).partition(":")[0]
    if isinstance(error, WriteError):
        return "Cannot write"
    if isinstance(error, EvsitingError):
        return {NOT_CERTIFIED: "The certificate failed", NO_PLAN: "No plan"}.get(exit_code(error), "Error")
    return "Cannot read or write" if isinstance(error, OSError) else "Something is wrong in evsiting itself"


def _error_lines(error: BaseException) -> list[str]:
    """Return an error in plain lines."""
    if isinstance(error, InputError):
        return [f"Error: {error}"]
    title, text = _title(error), _error_text(error)
    return [f"Error: {text}" if text.casefold().startswith(title.casefold()) else f"Error: {title}: {text}"]


def _error_text(error: BaseException) -> str:
    """Return what an error says, in sentences."""
    if isinstance(error, WriteError):
        return str(error)
    if isinstance(error, EvsitingError):
        return _sentence(str(error))
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    return f"{type(error).__name__}: {error}\nPlease report it, with what --debug adds."


def _panel(error: BaseException) -> RenderableType:
    body = _problems(error) if isinstance(error, InputError) else Text(_error_text(error))
    return Panel(body, title=Text(_title(error)), title_align="left", border_style="red", expand=False)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!')) else '.'}"


def _problems(error: InputError) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right")
    grid.add_column()
    for number, problem in enumerate(error.problems, 1):
        seen = f" ({problem.seen})" if problem.seen else ""
        text = Text.assemble((problem.where, "bold"), f": {problem.what}{seen}.\n{_sentence(problem.fix)}")
        grid.add_row(f"{number}.", text)
    return grid


def jsonable(value: object) -> Any:
    """Return a value as JSON has it: no NaN, no infinity, numbers and text only.

    Examples
    --------
    >>> jsonable({"gap": float("inf"), "cost": 1.5, "plants": (1, 2)})
    {'gap': None, 'cost': 1.5, 'plants': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [jsonable(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)
