"""S-curves of the electric share, through two points or fitted to registrations, and how markets share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from evsiting import reference
from evsiting.errors import InputError, Problem, Problems
from evsiting.layers.arguments import is_finite

#: A market that sold nothing starts its curve from here: the logit of zero is none.
_LEAST_SHARE = 1e-3
#: The logit is taken of shares this far from zero and one.
_EDGE = 1e-9

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DemandPath:
    r"""Electric share of new light vehicles over the years: a logistic curve.

    .. math:: s(y) = \frac{\hat s}{1 + e^{-(a + b\,(y - y_0))}}, \qquad a = \operatorname{logit}(s_0 / \hat s)

    Parameters
    ----------
    year, share : float
        A year and the share then: :math:`y_0`, :math:`s_0`. [yr, 1]
    slope : float
        :math:`b`. [1/yr]
    ceiling : float, default 1
        Share that is reached in the end: :math:`\hat s`. [1]

    Raises
    ------
    InputError
        If one is no finite number, or a share is no fraction.

    Examples
    --------
    >>> path = DemandPath(year=2025, share=0.1, slope=0.2)
    >>> path.at(np.array([2025.0, 2035.0])).round(3).tolist()
    [0.1, 0.451]
    """

    year: float
    share: float
    slope: float
    ceiling: float = 1.0

    def __post_init__(self) -> None:
        problems, where = Problems(), "DemandPath"
        for name in ("year", "slope"):
            if not is_finite(getattr(self, name)):
                problems.add(f"{where}, {name}", "is no finite number", repr(getattr(self, name)), "Give a number")
        if not is_finite(self.ceiling, 0.0, 1.0) or not self.ceiling > 0.0:
            problems.add(f"{where}, ceiling", "is no share", repr(self.ceiling), "Give one above 0 and up to 1")
        elif not is_finite(self.share, 0.0, self.ceiling):
            fix = f"Give a fraction from 0 to {self.ceiling:g}: 0.1 for 10 percent"
            problems.add(f"{where}, share", "is no share", repr(self.share), fix)
        problems.raise_if_any()

    @classmethod
    def through(cls, year: float, share: float, later: float, its_share: float) -> DemandPath:
        """Return the curve through two points.

        Examples
        --------
        >>> path = DemandPath.through(2025, 0.1, 2035, 0.5)
        >>> path.at(np.array([2025.0, 2035.0])).round(3).tolist()
        [0.1, 0.5]
        """
        problems, where = Problems(), "DemandPath.through"
        for name, value in (("share", share), ("its_share", its_share)):
            if not is_finite(value, 0.0, 1.0):
                problems.add(f"{where}, {name}", "is no share", repr(value), "Give a fraction: 0.1 for 10 percent")
        if not (is_finite(year) and is_finite(later)) or year == later:
            problems.add(f"{where}, later", "are no two years", f"{year!r} and {later!r}", "Give two years that differ")
        problems.raise_if_any()
        return cls(year, share, float((_logit(its_share) - _logit(share)) / (later - year)))

    @classmethod
    def fit(cls, years: ArrayLike, shares: ArrayLike, *, ceiling: float = 1.0, where: str = "shares") -> DemandPath:
        r"""Return the curve fitted to shares of several years by least squares on the logit.

        .. math:: \min_{a,b} \sum_y \Big(\operatorname{logit}\frac{s_y}{\hat s} - a - b\,(y - \bar y)\Big)^2

        Two years make the curve through both; of more, none need lie on it.

        Parameters
        ----------
        years, shares : array_like of equal length, two years or more
            Calendar years and the share sold in each, above 0 and below the ceiling. [yr, 1]
        ceiling : float, default 1
            Share that is reached in the end. [1]
        where : str
            What messages call the shares.

        Returns
        -------
        DemandPath
            Anchored at the mean of the years.

        Raises
        ------
        InputError
            If there are fewer than two years, or a share is not between zero and the ceiling.

        Examples
        --------
        >>> path = DemandPath.fit([2021, 2022, 2023], [0.02, 0.04, 0.08])
        >>> path.at(np.array([2022.0, 2025.0])).round(3).tolist()
        [0.04, 0.27]
        """
        try:
            year, share = np.asarray(years, dtype=np.float64), np.asarray(shares, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InputError([Problem(where, "years or shares are no numbers", str(error), "Give numbers")]) from error
        if year.ndim != 1 or year.shape != share.shape:
            seen = f"years {year.shape}, shares {share.shape}"
            raise InputError([Problem(where, "years and shares are not of one length", seen, "Give a share a year")])
        if not is_finite(ceiling, 0.0, 1.0) or not ceiling > 0.0:
            raise InputError([Problem(where, "the ceiling is no share", repr(ceiling), "Give one above 0 and up to 1")])
        bad = ~(np.isfinite(year) & np.isfinite(share)) | (share <= 0.0) | (share >= ceiling)
        if bad.any():
            seen = ", ".join(f"{y:g}: {s:g}" for y, s in zip(year[bad][:3], share[bad][:3], strict=True))
            fix = "Give fractions above 0 and below it; leave years without a sale out"
            raise InputError([Problem(where, f"{int(bad.sum())} shares are not between 0 and {ceiling:g}", seen, fix)])
        if len(np.unique(year)) < 2:
            fix = "Give a second year, or DemandPath.through with a share that somebody expects"
            raise InputError([Problem(where, "one year makes no curve", f"{len(np.unique(year))} years", fix)])
        middle = float(year.mean())
        logit = np.log(share / (ceiling - share))
        slope, start = np.polynomial.polynomial.polyfit(year - middle, logit, 1)[::-1]
        return cls(middle, float(ceiling / (1.0 + np.exp(-start))), float(slope), ceiling)

    def at(self, years: Floats) -> Floats:
        """Return the share in some years. [1]"""
        start = _logit(self.share / self.ceiling)
        return np.asarray(self.ceiling * expit(start + self.slope * (np.asarray(years, dtype=np.float64) - self.year)))

    def __str__(self) -> str:
        top = f" up to {self.ceiling:.0%}" if self.ceiling < 1.0 else ""
        return f"{self.share:.1%} in {self.year:g}, logit + {self.slope:.3f} a year{top}"


def _logit(share: float) -> float:
    clipped = min(max(share, _EDGE), 1.0 - _EDGE)
    return float(np.log(clipped / (1.0 - clipped)))


class Get(Protocol):
    """Look up a figure by key, of a calendar year where one is named."""

    def __call__(self, key: str, *, year: int | None = None) -> float:
        """Return the figure in its own unit."""
        ...


def paths(get: Get) -> dict[str, DemandPath]:
    """Return the path of each country, from what was sold to a year for which somebody names a share.

    United States: from the share sold in 2025 to the lowest of the forecasts for 2030, the newest. Canada: from what
    was sold in 2023 to what the government expects for 2035. Mexico: what was sold in 2024 and 2025, growing as
    electrified vehicles, hybrids included, would to their forecast share in 2030.

    Parameters
    ----------
    get : callable
        Where figures come from: it also notes which were used.
    """
    key = "demand.us.ev_share_2030"
    shipped, named = reference.parameter(key), get(key)
    goal = shipped.low if shipped.low is not None and named == shipped.value else named  # a study's own stays
    us = DemandPath.through(2025.0, 0.01 * get("demand.us.bev_share"), 2030.0, 0.01 * goal)
    sold = get("demand.ca.zev_sales") / get("demand.ca.vehicle_sales", year=2023)
    ca = DemandPath.through(2023.0, sold, 2035.0, 0.01 * get("demand.ca.ev_share_2035"))
    market, hybrid = get("demand.mx.vehicle_sales"), get("demand.mx.xev_sales")
    all_kinds = DemandPath.through(2025.0, hybrid / market, 2030.0, 0.01 * get("demand.mx.ev_share_2030"))
    plug = 0.01 * get("demand.mx.plug_share_of_xev") * hybrid / market
    return {"US": us, "CA": ca, "MX": DemandPath(2025.0, plug, all_kinds.slope)}


def spread(
    units: Floats,
    share: Floats,
    country: NDArray[np.object_],
    curves: Mapping[str, DemandPath],
    years: Floats,
    readiness: Floats | None = None,
) -> Floats:
    r"""Return vehicles wanted by market, mean over years: each from its own start, all scaled to the country's path.

    .. math:: D_j = N_j\, \rho_j s_j(y) \frac{\sum_{j'} N_{j'}\, s_c(y)}{\sum_{j'} N_{j'}\, \rho_{j'} s_{j'}(y)}

    Parameters
    ----------
    units, share : numpy.ndarray, shape (J,)
        New vehicles N and the electric share sold in the year in which the path of its country starts. [vehicles/yr, 1]
    country : numpy.ndarray of object, shape (J,)
        Code of the country.
    curves : mapping of str to DemandPath
        Path of each country.
    years : numpy.ndarray
        Calendar years.
    readiness : numpy.ndarray, shape (J,), optional
        :math:`\rho`; 1 where left out. [1]

    Returns
    -------
    numpy.ndarray, shape (J,)
        At most ``units``. [vehicles/yr]
    """
    wanted = np.zeros(len(units))
    for code, curve in curves.items():
        mine = country == code
        if not mine.any():
            continue
        low, high = _LEAST_SHARE * curve.ceiling, (1.0 - _LEAST_SHARE) * curve.ceiling
        starts = np.clip(share[mine], low, high).tolist()
        paths_ = [DemandPath(curve.year, s, curve.slope, curve.ceiling).at(years) for s in starts]
        own = np.array(paths_) * units[mine, None]
        if readiness is not None:
            own = own * readiness[mine, None]
        total = curve.at(years) * units[mine].sum()
        wanted[mine] = _fill_to_caps((own * total / own.sum(axis=0)).mean(axis=1), units[mine])
    return wanted


def _fill_to_caps(wanted: Floats, most: Floats) -> Floats:
    """Return what is wanted, shape (J,); what is above a market's most goes to the others by what they want."""
    full = wanted > most
    while full.any():
        rest = wanted.sum() - most[full].sum()
        made = np.where(full, most, wanted * (rest / max(float(wanted[~full].sum()), 1e-300)))
        over = ~full & (made > most)
        if not over.any():
            return made
        full |= over
    return wanted
