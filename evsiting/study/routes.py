"""Routes of lanes: the border crossings and ports that they name."""

from __future__ import annotations

__all__ = ["gateways_on"]


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
