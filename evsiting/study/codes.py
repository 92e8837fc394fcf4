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


def file_name(text: str) -> str:
    """Return text as a file name that every system takes.

    Examples
    --------
    >>> file_name("North America 2027–2040"), file_name("Fábrica / México"), file_name("CON")
    ('north-america-2027-2040', 'fabrica-mexico', 'con-')
    """
    name = slug(text.replace("–", "-"))[:60] or "study"
    reserved = re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", name)
    return f"{name}-" if reserved else name
