"""Routes of lanes: the border crossings and ports that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the checks of a study read routes
    from evsiting.study.study import Study

__all__ = ["gateways_on", "gateways_matter"]


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


def gateways_matter(study: Study) -> bool:
    """Whether a study limits what passes a port or border crossing, so that ways over others are worth knowing."""
    limits = study.limits
    return study.has("gateways") or bool(((limits["per"] == "gateway") | (limits["kind"] == "survive_share")).any())
