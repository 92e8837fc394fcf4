"""Files that are either whole or not there: written beside their place, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replace_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary file beside ``path``; it takes its name when the block ends without an error.

    The folder is made where it does not exist.

    Parameters
    ----------
    path : str or pathlib.Path
        The file to be written.

    Yields
    ------
    pathlib.Path
        The temporary file, with the same ending.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
