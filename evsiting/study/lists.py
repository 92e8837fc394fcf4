"""Cells that hold a list: the border crossings and ports that the route of a lane names."""

from __future__ import annotations

__all__ = ["gateways_on", "passing"]


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
    if not isinstance(route, str):
        return ()
    return tuple(dict.fromkeys(code for part in route.split(";") if (code := part.strip())))


def passing(route: object, gateways: frozenset[str] | None) -> str:
    """Return which of some gateways a route passes, sorted and parted by ';'; all of them where None is given.

    Examples
    --------
    >>> passing("MXZLO;nogales", frozenset({"nogales", "laredo"})), passing("MXZLO", None)
    ('nogales', 'MXZLO')
    """
    return ";".join(sorted(g for g in gateways_on(route) if gateways is None or g in gateways))
