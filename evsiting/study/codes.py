"""Codes made of names: for places, and for files."""

from __future__ import annotations

import re
import unicodedata


def slug(name: str) -> str:
    """Return a name as lower-case ASCII words joined by hyphens.

    Examples
    --------
    >>> slug("San Luis Potosí")
    'san-luis-potosi'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
