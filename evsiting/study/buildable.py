"""Where plants can be: what may be built at each site, and what stands or may run there."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evsiting.study.check_results import derived
from evsiting.study.lists import split_list
from evsiting.study.schema.plants import RUNNING

__all__ = ["buildable", "places", "running"]


def buildable(tables: Mapping[str, pd.DataFrame]) -> frozenset[tuple[str, str, str]]:
    """Return (site, plant type, option) for every option that may be built somewhere.

    An option may be built at candidate sites that allow its plant type and that its own list of sites names.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        ``sites`` and ``options`` in canonical form; cells may be empty.
    """
    return derived(tables, "buildable", _buildable)


def _buildable(tables: Mapping[str, pd.DataFrame]) -> frozenset[tuple[str, str, str]]:
    sites, options = tables["sites"], tables["options"]
    allowed = [
        (str(site), set(split_list(kinds)))
        for site, role, kinds in sites[["site", "role", "plant_types"]].itertuples(index=False)
        if role == "candidate" and isinstance(site, str)
    ]
    offered = [
        (str(kind), str(option), set(split_list(only)))
        for kind, option, only in options[["plant_type", "option", "sites"]].itertuples(index=False)
        if isinstance(kind, str) and isinstance(option, str)
    ]
    return frozenset(
        (site, kind, option)
        for site, kinds in allowed
        for kind, option, only in offered
        if (not kinds or kind in kinds) and (not only or site in only)
    )


def running(plants: pd.DataFrame) -> pd.Series:
    """Return which plants run or may be made to: existing, committed, and paused ones that may be resumed."""
    resumed = (plants["status"] == "paused") & plants["resume_usd"].notna()
    return plants["status"].isin(RUNNING) | resumed


def places(tables: Mapping[str, pd.DataFrame]) -> set[tuple[str, str]]:
    """Return (site, plant type) wherever something may be built, stands, or may be resumed.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        As for :func:`buildable`; ``plants`` may be missing.
    """
    pairs = {(site, kind) for site, kind, _ in buildable(tables)}
    if "plants" in tables:
        plants = tables["plants"]
        rows = plants.loc[running(plants), ["site", "plant_type"]].dropna()
        pairs |= {(str(site), str(kind)) for site, kind in rows.itertuples(index=False)}
    return pairs
