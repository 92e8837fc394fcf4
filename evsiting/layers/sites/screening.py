"""Which sites are left after a step, which were dropped, and why."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import geopandas as gpd
import pandas as pd

from evsiting.study.study import Study

COLUMNS = ["step", "site", "name", "country", "region", "reason", "seen"]


@dataclass(frozen=True, eq=False)
class Screening:
    """Sites that are kept and a line for each that is not.

    Parameters
    ----------
    kept : geopandas.GeoDataFrame
        The rows that are left, with the index, the order and the reference system that they had.
    dropped : pandas.DataFrame
        ``step`` (1, 2, ...), ``site``, ``name``, ``country``, ``region``, ``reason``, ``seen`` (the value that
        decided), in the order in which they were dropped.
    steps : tuple of str
        Reason of each step, those that dropped nothing included.
    study : Study, optional
        The study with only the sites kept, where one was given.

    Examples
    --------
    >>> import evsiting as ev
    >>> places = ev.candidates(places=["US-TN", "US-KY"])
    >>> left = ev.exclude(places, places["name"].str.len().astype(float), above=10, reason="a long name")
    >>> left.summary["left"].tolist(), left.dropped["seen"].iloc[0]
    ([21, 12], '13; above 10 go')
    """

    kept: gpd.GeoDataFrame
    dropped: pd.DataFrame
    steps: tuple[str, ...] = ()
    study: Study | None = None

    @property
    def summary(self) -> pd.DataFrame:
        """How many were dropped in each step and how many were left: ``step``, ``reason``, ``dropped``, ``left``."""
        left = len(self.kept) + len(self.dropped)
        rows = [(0, "given", 0, left)]
        for step, reason in enumerate(self.steps, 1):
            count = int((self.dropped["step"] == step).sum())
            left -= count
            rows.append((step, reason, count, left))
        return pd.DataFrame(rows, columns=["step", "reason", "dropped", "left"])

    def __repr__(self) -> str:
        lines = [f"  {r.left:>7,} left after {r.reason} (-{r.dropped:,})" for r in self.summary.iloc[1:].itertuples()]
        total = len(self.kept) + len(self.dropped)
        return "\n".join([f"Screening: {len(self.kept):,} of {total:,} sites kept", *lines])

    def _repr_html_(self) -> str:
        head = escape(repr(self).splitlines()[0])
        return f"<b>{head}</b>{self.summary.to_html(index=False, escape=True)}"


def start_screening(sites: gpd.GeoDataFrame | Screening) -> Screening:
    """Return where a chain of steps stands: sites that nothing was dropped from, or an earlier result."""
    return sites if isinstance(sites, Screening) else Screening(sites, pd.DataFrame(columns=COLUMNS))


def drop_sites(before: Screening, drop: pd.Series[bool], reason: str, seen: pd.Series[str]) -> Screening:
    """Return what is left when some rows go, each with its line in the report."""
    gone = before.kept[drop.to_numpy(bool)]
    steps = (*before.steps, reason)
    lines = pd.DataFrame({"step": len(steps), "site": gone["site"]}, index=gone.index)
    for name in ("name", "country", "region"):
        lines[name] = gone.get(name)
    lines["reason"], lines["seen"] = reason, seen[lines.index]
    both = pd.concat([before.dropped, lines], ignore_index=True) if len(before.dropped) else lines
    remaining = before.kept[~drop.to_numpy(bool)]
    return Screening(remaining.copy(), both.reset_index(drop=True)[COLUMNS], steps, before.study)
