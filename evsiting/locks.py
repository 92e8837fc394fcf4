"""Locks on folders: one process writes at a time; the lock of a killed process is released."""

from __future__ import annotations

import errno
import os
import platform
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from evsiting.errors import InputError, Problem

__all__ = ["LOCK_FILE", "is_free", "locked", "locked_if_free", "try_lock"]

#: Name of the file that is locked in a folder that is being written.
LOCK_FILE = ".evsiting-lock"
#: Longest time to wait for another writer by default: writing takes moments, solving is not waited for. [s]
WAIT_S = 10.0
_STEP_S = 0.02


@dataclass
class _Hold:
    """What this process holds of one lock: threads take turns, and one thread may take it again."""

    turn: threading.RLock = field(default_factory=threading.RLock)
    depth: int = 0
    handle: int = -1


_HOLDS: dict[str, _Hold] = {}
_GUARD = threading.Lock()


@contextmanager
def locked(folder: Path, *, wait_s: float = WAIT_S, name: str = LOCK_FILE) -> Iterator[None]:
    """Hold a folder against other writers, in this process and in others on this machine.

    The system frees the lock when its process ends, however that ends; what stays is a small file that the next writer
    takes over and removes.

    Parameters
    ----------
    folder : pathlib.Path
        An existing folder.
    wait_s : float
        How long to wait for another writer. [s]
    name : str
        File in the folder that stands for the lock.

    Raises
    ------
    InputError
        If another writer holds the folder for longer; it names its process.
    OSError
        If no file can be made there.
    """
    place = os.path.realpath(folder)
    with _GUARD:
        hold = _HOLDS.setdefault(f"{place}\0{name}", _Hold())
    if not hold.turn.acquire(timeout=wait_s):
        raise _busy(folder, f"process {os.getpid()}, in another thread")
    try:
        if not hold.depth:
            hold.handle = _locked_handle(folder, Path(place) / name, wait_s)
        hold.depth += 1
        try:
            yield
        finally:
            hold.depth -= 1
            if not hold.depth:
                with suppress(OSError):  # while it is held, so that nobody else's file is removed
                    (Path(place) / name).unlink()
                os.close(hold.handle)
    finally:
        hold.turn.release()


@contextmanager
def locked_if_free(folder: Path) -> Iterator[bool]:
    """Hold a folder if nobody does, this process included, and give whether it is held.

    Parameters
    ----------
    folder : pathlib.Path
        An existing folder.

    Yields
    ------
    bool
        False also where no lock can be made or known, as on a disk that is read only.
    """
    file, handle, locked = folder / LOCK_FILE, -1, False
    try:
        with suppress(OSError):
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
            locked = try_lock(handle, unsure=False) and _stands(handle, file)
        yield locked
    finally:
        if locked:
            with suppress(OSError):
                file.unlink()
        if handle >= 0:
            os.close(handle)


def _locked_handle(folder: Path, file: Path, wait_s: float) -> int:
    """Return the handle of a lock file that is locked and still stands under its name."""
    until = time.monotonic() + wait_s
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if try_lock(handle):
                if _stands(handle, file):
                    _sign(handle, file)
                    return handle
            elif time.monotonic() >= until:
                _refuse(folder, handle)
            else:
                time.sleep(_STEP_S)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _sign(handle: int, file: Path) -> None:
    """Write into a lock file who holds it; where the disk is full, the file is removed again."""
    try:
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {platform.node()}\n".encode())
    except OSError:
        file.unlink(missing_ok=True)
        raise


def _refuse(folder: Path, handle: int) -> None:
    """Refuse a folder that another process holds, by what it wrote into the file of its lock."""
    raise _busy(folder, os.pread(handle, 200, 0).decode("utf-8", "replace").strip() if _POSIX else "")


def _busy(folder: Path, owner: str) -> InputError:
    fix = "Wait until it has ended, or give another folder"
    return InputError([Problem(str(folder), "is being written by another run", owner, fix)])


def _stands(handle: int, file: Path) -> bool:
    """Whether the file of a handle is the one of that name: another writer may have removed it in between."""
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except FileNotFoundError:
        return False


def is_free(folder: Path) -> bool:
    """Whether no living process holds a folder that :func:`try_lock` was asked to lock by its own handle."""
    if not _POSIX:  # folders cannot be locked there: what has not changed for a day is left over
        return time.time() - folder.stat().st_mtime > 86_400.0
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return try_lock(handle, unsure=False)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    _POSIX = False

    def try_lock(handle: int, *, unsure: bool = True) -> bool:
        """Lock an open file without waiting; ``unsure`` is the answer where the file system knows no locks."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            return False if error.errno in (errno.EACCES, errno.EDEADLK) else unsure
        return True

else:
    import fcntl

    _POSIX = True

    def try_lock(handle: int, *, unsure: bool = True) -> bool:
        """Lock an open file without waiting; ``unsure`` is the answer where the file system knows no locks."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
                return unsure
            raise
        return True
