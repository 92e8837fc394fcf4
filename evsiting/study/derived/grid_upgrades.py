"""Grid upgrades as a site has them: a step that is offered everywhere is offered at each site with a limit."""

from __future__ import annotations

import pandas as pd

from evsiting.study.study import Study

__all__ = ["upgrade_steps"]


def upgrade_steps(study: Study) -> pd.DataFrame:
    """Return every step of grid upgrade by site. A site without a limit on its load needs no upgrade and has none.

    Parameters
    ----------
    study : Study
        Its tables ``sites`` and ``grid_upgrades``.

    Returns
    -------
    pandas.DataFrame
        ``site``, ``upgrade``, ``capacity_mw``, ``capex_usd``, by site and step.
    """
    table = study.grid_upgrades
    sites = study.sites
    limited = sites.loc[sites["connectable_mw"].notna(), ["site"]]
    own = table[table["site"].isin(limited["site"])]
    shared = table[table["site"].isna()].drop(columns="site").merge(pd.DataFrame(limited), how="cross")
    both = pd.concat([own, shared])[["site", "upgrade", "capacity_mw", "capex_usd"]]
    ordered: pd.DataFrame = both.sort_values(["site", "upgrade"], ignore_index=True)
    return ordered
