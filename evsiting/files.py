"""Files and folders that are replaced whole or not at all, whatever stops the writer.

A file is written in a room of its own beside its place and renamed when it is complete. A folder is filled in a stage
inside itself; once the stage is complete, a journal says what goes where, and the journal is carried out file by file.
A writer that is stopped before the journal stands has changed nothing; one that is stopped later is finished by
whoever reads or writes the folder next (write-ahead logging [1]_). So a folder need not be renamed: it may be the
current one, a mount point or a link, and what others keep in it is never touched.

References
----------
.. [1] J. Gray, A. Reuter, "Transaction Processing: Concepts and Techniques," Morgan Kaufmann, 1993, chapter 10.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from evsiting.errors import EvsitingError, InputError, Problem, WriteError
from evsiting.journal import JOURNAL, ROOM, STAGE, discard, finish, refuse_in_the_way, remove, sync, write_journal
from evsiting.locks import LOCK_FILE, WAIT_S, is_free, locked, locked_if_free, try_lock

__all__ = ["entries", "hold_folder", "recover", "replace_file", "replace_folder", "sweep"]

#: What systems put into folders by themselves.
_SYSTEM = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "lost+found"})
#: What libraries in C say, or pass on, where the system refuses to write.
_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EFBIG)
_SAID = {"disk is full": errno.ENOSPC, "disk i/o error": errno.EIO}
#: Longest path inside a folder that is written, as it must fit into what the system allows.
_LONGEST = 100
#: Folders above a path in which a stopped writer is looked for: a point of a front lies three below its run.
_ABOVE = 4


@contextmanager
def replace_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary file that takes the place of ``path`` when the block ends without an error.

    The folder is made where it does not exist; a link stays a link to the file that is replaced.

    Parameters
    ----------
    path : str or pathlib.Path
        The file to be written.

    Yields
    ------
    pathlib.Path
        The temporary file: it does not exist yet, and has the same name.

    Raises
    ------
    InputError
        If the path is a folder, a device or a link to nothing.
    WriteError
        If it cannot be written; what was there is as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replace_file(Path(folder) / "note.txt") as file:
    ...         _ = file.write_text("whole")
    ...     (Path(folder) / "note.txt").read_text()
    'whole'
    """
    with _telling(path):
        target = _file_behind(Path(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        with _room(target.parent) as room:
            fresh = room / target.name
            yield fresh
            if target.exists():
                fresh.chmod(stat.S_IMODE(target.stat().st_mode))
            sync(fresh)
            fresh.replace(target)
        sync(target.parent)


@contextmanager
def replace_folder(
    path: str | Path, *, last: Sequence[str] = (), stale: Callable[[Path], Iterable[str]] = lambda folder: ()
) -> Iterator[Path]:
    """Give an empty folder to fill, whose files then take their places in ``path``, all or none.

    Files of the folder that are neither new nor stale stay; links in it are replaced, not followed.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder, made where it does not exist.
    last : sequence of str
        Files that tell a reader that the folder is complete: the old ones go first, the new ones come last.
    stale : callable, optional
        From the folder to the files of an older result that go, relative to it.

    Yields
    ------
    pathlib.Path
        The folder to fill.

    Raises
    ------
    InputError
        If something is in the way, or another process is writing there.
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replace_folder(folder, last=["b.txt"]) as fresh:
    ...         _ = (fresh / "b.txt").write_text("new"), (fresh / "c").mkdir()
    ...     sorted(entry.name for entry in Path(folder).iterdir())
    ['b.txt']
    """
    target = Path(path)
    with hold_folder(target, wait_s=WAIT_S), _telling(target):
        finish(target)
        stage = target / STAGE
        remove(stage)
        fresh = stage / "new"
        fresh.mkdir(parents=True)
        try:
            yield fresh
            put = [file.relative_to(fresh).as_posix() for file in sorted(fresh.rglob("*")) if not file.is_dir()]
            drop = sorted(set(map(str, stale(target))) - set(put))
            refuse_in_the_way(target, put)
            for entry in (*fresh.rglob("*"), fresh):
                sync(entry)
            write_journal(stage, {"put": put, "drop": drop, "last": [name for name in last if name in {*put, *drop}]})
        except BaseException:
            with suppress(OSError):
                discard(stage)
            raise
        finish(target)


@contextmanager
def hold_folder(path: str | Path, *, wait_s: float = 0.5) -> Iterator[Path]:
    """Make a folder and hold it against other writers; one that is made and stays empty is removed again.

    So it is known before the work begins whether a folder can be written.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder.
    wait_s : float
        How long to wait for another writer. [s]

    Yields
    ------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        If a file is in the way, a link leads nowhere, or another process is writing there.
    WriteError
        If it cannot be made or written.
    """
    folder = Path(path)
    made: list[Path] = []
    try:
        with _telling(folder):
            made = _make_folders(folder)
            with suppress(FileNotFoundError):
                os.lstat(folder / ("x" * _LONGEST))
        with _folder_lock(folder, wait_s):
            yield folder
    finally:
        for empty in made:
            with suppress(OSError):
                empty.rmdir()


@contextmanager
def _folder_lock(folder: Path, wait_s: float) -> Iterator[None]:
    """Hold the lock of a folder; only what goes wrong with the lock itself is told of the folder."""
    lock = locked(folder, wait_s=wait_s)
    with _telling(folder):
        lock.__enter__()
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def recover(path: str | Path) -> None:
    """Finish what a stopped writer has left to do in a folder or in those above it; called before reading.

    What it has left of no use goes, from the folder itself.

    Parameters
    ----------
    path : str or pathlib.Path
        What is to be read.

    Raises
    ------
    WriteError
        If it cannot be finished: what is read would be half old and half new.
    """
    place = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, and lose the folders above them
    for folder in (place, *place.parents)[:_ABOVE]:
        if (folder / STAGE / JOURNAL).is_file():
            with _telling(folder), locked(folder):
                finish(folder)
                remove(folder / STAGE)
    sweep(place)


def sweep(folder: Path) -> None:
    """Remove from a folder what a stopped writer has left there, unless a living one is at work; never an error."""
    with suppress(OSError):
        if any((folder / name).exists() for name in (STAGE, LOCK_FILE)):
            with locked_if_free(folder) as locked:
                if locked and not (folder / STAGE / JOURNAL).exists():
                    remove(folder / STAGE)


def entries(folder: Path) -> list[str]:
    """Return the names in a folder, sorted, without what stopped writers and systems leave there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / ".evsiting-lock").touch(), (Path(folder) / "thesis.txt").touch()
    ...     entries(Path(folder))
    ['thesis.txt']
    """
    return sorted(entry.name for entry in folder.iterdir() if not _is_ours(entry.name) and entry.name not in _SYSTEM)


def _is_ours(name: str) -> bool:
    return name == STAGE or name.startswith((LOCK_FILE, ROOM))


# ------------------------------------------------------------------------------------------ what is there


def _file_behind(path: Path) -> Path:
    """Return the file that is to be replaced: the one that a link leads to, not the link."""
    if path.is_symlink() and not path.exists():
        fix = "Remove the link, or mend it"
        raise InputError([Problem(str(path), "is a link to a file that does not exist", str(path.readlink()), fix)])
    target = path.resolve() if path.is_symlink() else path
    if target.is_dir():
        raise InputError([Problem(str(path), "is a folder", "a file is to be written", "Give another name")])
    if target.exists() and not target.is_file():
        raise InputError([Problem(str(path), "is no ordinary file", "a device or pipe", "Give another name")])
    return target


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the new ones, the innermost first."""
    missing: list[Path] = []
    for place in (folder, *folder.absolute().parents):
        if place.is_symlink() and not place.exists():
            fix = "Mend the link, or give another folder"
            seen = f"{place} leads to {place.readlink()}"
            raise InputError([Problem(str(folder), "lies behind a link to what does not exist", seen, fix)])
        if place.exists():
            if not place.is_dir():
                raise InputError([Problem(str(folder), "a file is in the way", str(place), "Give another folder")])
            break
        missing.append(place)
    made: list[Path] = []
    try:
        for place in reversed(missing):
            place.mkdir(exist_ok=True)
            made.insert(0, place)
    except BaseException:
        for empty in made:
            with suppress(OSError):
                empty.rmdir()
        raise
    return made


# ----------------------------------------------------------------------------------------- rooms and disks


@contextmanager
def _room(parent: Path) -> Iterator[Path]:
    """Give a temporary folder that a later writer knows for left over when this process is gone."""
    for left in parent.glob(f"{ROOM}*"):
        if is_free(left):
            remove(left)
    while True:
        room = parent / f"{ROOM}{secrets.token_hex(4)}"
        room.mkdir()
        handle = -1
        with suppress(FileNotFoundError, PermissionError):  # taken for left over at once; or no handles of folders
            handle = os.open(room, os.O_RDONLY)
        if (handle < 0 or try_lock(handle)) and room.is_dir():
            break
        if handle >= 0:
            os.close(handle)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
        if handle >= 0:
            os.close(handle)


@contextmanager
def _telling(path: str | Path) -> Iterator[None]:
    """Tell what the system refuses as one error that names the path, also where another library words it."""
    try:
        yield
    except EvsitingError:
        raise
    except Exception as error:
        if (code := _refusal(error)) is None:
            raise
        reason = getattr(error, "strerror", None) or (os.strerror(code) if code else str(error))
        raise WriteError(str(path), reason, code) from error


def _refusal(error: BaseException) -> int | None:
    """Return the number of the system's error behind an exception, 0 where it has none; None where it is another."""
    for seen in (error, *error.args, error.__cause__, error.__context__):
        if isinstance(seen, OSError):
            return seen.errno or 0
    text = str(error).lower()
    number = next((code for words, code in _SAID.items() if words in text), None)
    return number or next((code for code in _REFUSALS if os.strerror(code).lower() in text), None)
