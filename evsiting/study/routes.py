"""Routes of lanes: the border crossings and ports that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the checks of a study read routes
    from evsiting.study.study import Study

__all__ = ["gateways_on", "gateways_that_matter", "passing"]


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


def gateways_that_matter(study: Study, product: str) -> frozenset[str] | None:
    """Return the ports and border crossings whose use by a product a study limits; None where it limits every one.

    Ways that pass others are worth knowing beside those that pass these.
    """
    limits = study.limits
    every = (limits["per"] == "gateway") | (limits["kind"] == "survive_share")
    if (every & (limits["product"] == product)).any():
        return None
    return frozenset(study.gateways["gateway"].astype(str))


def passing(route: object, gateways: frozenset[str] | None) -> str:
    """Return which of some gateways a route passes, sorted and parted by ';'; all of them where None is given.

    Examples
    --------
    >>> passing("MXZLO;nogales", frozenset({"nogales", "laredo"})), passing("MXZLO", None)
    ('nogales', 'MXZLO')
    """
    return ";".join(sorted(g for g in gateways_on(route) if gateways is None or g in gateways))
