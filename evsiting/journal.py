"""The journal of a folder that is being replaced: what goes where, carried out file by file, again if need be."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from evsiting.errors import InputError, Problem, WriteError, shown

#: Where a folder is filled before its files take the places of old ones, and the journal that says it is complete.
STAGE, JOURNAL = ".evsiting-new", "journal.json"
#: How the names of rooms begin in which files are written.
ROOM = ".evsiting-tmp-"
_PENDING = f"What is new is complete in its folder {STAGE}; reading or writing the folder once more finishes it"


def remove(folder: Path) -> None:
    """Remove a file or a folder of our own with all that is in it, if it is there."""
    with suppress(FileNotFoundError):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink()


def discard(stage: Path) -> None:
    """Remove a stage; its journal goes first, so that nobody carries it out when files of it are gone."""
    (stage / JOURNAL).unlink(missing_ok=True)
    remove(stage)


def sync(path: Path) -> None:
    """Have a file or a folder on the disk before what follows; where a system cannot, it is as safe as it can be."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        if os.name == "nt":  # no handles of folders there, nor of files that are not open for writing
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EROFS):
            raise
    finally:
        os.close(handle)


def refuse_in_the_way(target: Path, put: Iterable[str]) -> None:
    """Refuse before anything is changed where a folder stands in the place of a file, or a file in that of a folder."""
    wrong = set()
    for name in put:
        file = target / name
        if file.is_dir() and not file.is_symlink():
            wrong.add(f"{name} is a folder")
        for above in PurePosixPath(name).parents:
            place = target / above
            if place.is_file() and not place.is_symlink():
                wrong.add(f"{above} is a file")
    if wrong:
        fix = "Remove what is in the way, or give another folder"
        raise InputError([Problem(str(target), "cannot be filled", shown(sorted(wrong)), fix)])


def write_journal(stage: Path, journal: dict[str, Any]) -> None:
    """Write the journal: from here on the new files stand."""
    draft = stage / f"{JOURNAL}.draft"
    draft.write_text(json.dumps(journal), encoding="utf-8")
    sync(draft)
    draft.replace(stage / JOURNAL)
    sync(stage)


def finish(target: Path) -> None:
    """Carry out the journal of a folder, if there is one; it may have been carried out in part."""
    stage = target / STAGE
    if not (stage / JOURNAL).is_file():
        return
    try:
        _carry_out(target, stage, json.loads((stage / JOURNAL).read_text(encoding="utf-8")))
    except OSError as error:
        raise WriteError(str(target), error.strerror or str(error), error.errno, _PENDING) from error
    except ValueError as error:
        raise _no_journal(stage, str(error)) from error
    (stage / JOURNAL).unlink()
    shutil.rmtree(stage, ignore_errors=True)


def _carry_out(target: Path, stage: Path, journal: object) -> None:
    put, drop, last = (_names(journal, part, stage) for part in ("put", "drop", "last"))
    for name in last:
        if name in drop or (stage / "new" / name).is_file():
            _remove_old_file(target, name)
    for name in (*(n for n in put if n not in last), *(n for n in last if n in put)):
        _move_into_place(stage / "new" / name, target, name)
    new = {name.casefold(): target / name for name in put}
    for name in drop:
        if name.casefold() not in new or not _same_file(target / name, new[name.casefold()]):
            _remove_old_file(target, name)
    sync(target)


def _same_file(file: Path, other: Path) -> bool:
    """Whether two names are one file, as where a file system does not tell large letters from small ones."""
    try:
        return file.samefile(other)
    except FileNotFoundError:
        return False


def _names(journal: object, part: str, stage: Path) -> list[str]:
    """Return names of a journal, once none of them leads out of the folder: a folder may come from strangers."""
    names = journal.get(part) if isinstance(journal, dict) else None
    if not isinstance(names, list) or not all(
        isinstance(n, str) and n and not PurePosixPath(n).is_absolute() and ".." not in Path(n).parts and ":" not in n
        for n in names
    ):
        raise _no_journal(stage, f"entry {part!r}")
    return names


def _no_journal(stage: Path, seen: str) -> InputError:
    fix = f"Remove the folder {STAGE} if you do not know where it comes from"
    return InputError([Problem(str(stage / JOURNAL), "is no journal of evsiting", seen, fix)])


def _move_into_place(source: Path, target: Path, name: str) -> None:
    """Move a file from the stage to its place, unless that has been done."""
    if not source.is_file():
        return
    place = target
    for part in PurePosixPath(name).parts[:-1]:
        place /= part
        if place.is_symlink():
            place.unlink()
        place.mkdir(exist_ok=True)
    try:
        source.replace(target / name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy = place / f"{ROOM}{secrets.token_hex(4)}"  # a folder in it is another disk
        shutil.copy2(source, copy)
        sync(copy)
        copy.replace(target / name)
        source.unlink()
    if place != target:
        sync(place)


def _remove_old_file(target: Path, name: str) -> None:
    """Remove a file of an older result, and the folders that it leaves empty; never behind a link."""
    above = [target / folder for folder in PurePosixPath(name).parents if folder != PurePosixPath(".")]
    if any(folder.is_symlink() for folder in above):
        return
    with suppress(FileNotFoundError, NotADirectoryError):
        (target / name).unlink()
    for folder in above:
        with suppress(OSError):
            folder.rmdir()
