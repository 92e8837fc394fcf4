"""Cells that hold a list of names parted by ';', such as the crossings and ports on the route of a lane."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

__all__ = ["explode_lists", "gateways_on", "join_lists", "named_plants", "names_in", "passing", "split_list"]


def split_list(cell: object) -> tuple[str, ...]:
    """Return the names in a cell that parts them by ';'; none where it is empty.

    Examples
    --------
    >>> split_list("cell; pack;"), split_list(None)
    (('cell', 'pack'), ())
    """
    return tuple(name for part in cell.split(";") if (name := part.strip())) if isinstance(cell, str) else ()


def explode_lists(column: pd.Series) -> pd.Series:
    """Return the names that cells list, parted by ';', each under the label of its row.

    Examples
    --------
    >>> explode_lists(pd.Series(["a; b", None], dtype="str")).tolist()
    ['a', 'b']
    """
    if column.isna().all():
        return column.dropna()
    each = column.dropna().str.split(";").explode().str.strip()
    return each[each != ""]


def named_plants(cell: object) -> tuple[tuple[str, str, str], ...]:
    """Return site, plant type and option of each member of a list; empty texts stand for any.

    Parameters
    ----------
    cell : object
        Parted by ';': each a site, site/plant type or site/plant type/option, with ``*`` for any.

    Examples
    --------
    >>> named_plants("memphis; */cell; memphis/pack/line")
    (('memphis', '', ''), ('', 'cell', ''), ('memphis', 'pack', 'line'))
    """
    members = []
    for name in dict.fromkeys(split_list(cell)):
        site, kind, option = (*(part.strip() for part in name.split("/", 2)), "", "")[:3]
        members.append(("" if site == "*" else site, "" if kind == "*" else kind, option))
    return tuple(members)


def names_in(cells: Iterable[object]) -> tuple[str, ...]:
    """Return the names that several cells list, each once, in the order in which they come.

    Examples
    --------
    >>> names_in(["census; bls", None, "bls;eia"])
    ('census', 'bls', 'eia')
    """
    return tuple(dict.fromkeys(name for cell in cells for name in split_list(cell)))


def join_lists(cells: Iterable[object]) -> str:
    """Return one cell with the names that several cells list, each once, parted by ';'.

    Examples
    --------
    >>> join_lists(["census; bls", None, "bls;eia"])
    'census;bls;eia'
    """
    return ";".join(names_in(cells))


def gateways_on(route: object) -> tuple[str, ...]:
    """Return the gateways that a route names, each once, in the order of the way.

    Parameters
    ----------
    route : object
        Cell ``route`` of table ``lanes``: codes parted by ';', or empty.

    Examples
    --------
    >>> gateways_on("MXZLO; nogales"), gateways_on(None), gateways_on("laredo;;laredo")
    (('MXZLO', 'nogales'), (), ('laredo',))
    """
    return tuple(dict.fromkeys(split_list(route)))


def passing(route: object, gateways: frozenset[str] | None) -> str:
    """Return which of some gateways a route passes, sorted and parted by ';'; all of them where None is given.

    Examples
    --------
    >>> passing("MXZLO;nogales", frozenset({"nogales", "laredo"})), passing("MXZLO", None)
    ('nogales', 'MXZLO')
    """
    return ";".join(sorted(g for g in gateways_on(route) if gateways is None or g in gateways))
