"""Power and staff: what sites draw from the grid, how much of it is renewable, and who works there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.ledgers.plan_rows import facts_of
from evsiting.results.plan import Plan
from evsiting.study.derived.grid_upgrades import upgrade_steps
from evsiting.study.derived.trajectories import by_period
from evsiting.study.study import Study

__all__ = ["power_by_site"]


def power_by_site(study: Study, plan: Plan) -> pd.DataFrame:
    r"""Return the power that each site uses in each period.

    .. math:: renewable = \frac{share\,(load - clean) + clean}{load}

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``site``, ``country``, ``region``, ``period``, ``mwh_per_yr``, ``load_mw`` (as the process states
        it, or the mean over the load factor), ``connected_mw`` (with upgrades made so far; NaN: no limit),
        ``upgraded_mw``, ``clean_mwh_per_yr`` (contracted),
        ``renewable`` (part of the power that is, of the grid's mix or contracted; NaN where a site has a connection and
        uses no power) [1], ``t_per_yr`` (emissions, net of what clean power avoids). Only sites with a load.
    """
    facts, key = facts_of(study, plan), ["site", "period"]
    made = facts.made.assign(mwh_per_yr=facts.made["electricity_kwh_per_unit"] * facts.made["units_per_yr"] / 1000.0)
    made["load_mw"] = made["connected_kw"] * made["units_per_yr"] / 1000.0
    used = ["mwh_per_yr", "load_mw"]
    rows = made.groupby(key, as_index=False)[used].sum() if len(made) else made[[*key, *used]]
    rows = rows[(rows[used] > 0.0).any(axis=1)].merge(facts.sites[[*key, "grid_kg"]], on=key)
    clean = facts.tables["clean"].rename(columns={"mwh_per_yr": "clean_mwh_per_yr"})
    rows = rows.merge(clean, on=key, how="left").fillna({"clean_mwh_per_yr": 0.0})
    table = study.sites[["site", "country", "region", "connectable_mw"]]
    rows = rows.merge(pd.DataFrame(table), on="site").merge(facts.weights[["period", "start"]], on="period")

    steps = facts.tables["upgrades"].merge(upgrade_steps(study), on=["site", "upgrade"])
    steps = steps.merge(facts.weights[["period", "start"]], on="period")
    pairs = rows[["site", "start"]].merge(steps, on="site", suffixes=("", "_made"))
    done = pairs[pairs["start_made"] <= pairs["start"]].groupby(["site", "start"])["capacity_mw"].sum()
    at = pd.MultiIndex.from_frame(rows[["site", "start"]])
    rows["upgraded_mw"] = done.reindex(at).fillna(0.0).to_numpy() if len(done) else 0.0
    rows["connected_mw"] = rows["connectable_mw"] + rows["upgraded_mw"]

    where = [study.sites[c].tolist() for c in ("country", "region", "site")]
    mix = by_period(study, "renewable_share", study.sites["renewable_share"].fillna(0.0), *where)
    share = pd.DataFrame(np.minimum(mix, 1.0), index=study.sites["site"].to_numpy(), columns=facts.horizon.periods)
    grid_share = share.stack().reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy(np.float64)
    power, bought = rows["mwh_per_yr"], rows["clean_mwh_per_yr"]
    rows["renewable"] = (grid_share * (power - bought) + bought) / power.where(power > 0.0)
    rows["t_per_yr"] = rows["grid_kg"] * (power - bought)
    columns = ["site", "country", "region", "period", "mwh_per_yr", "load_mw", "connected_mw", "upgraded_mw"]
    rows = rows.sort_values(["start", "site"], kind="stable", ignore_index=True)
    return rows[[*columns, "clean_mwh_per_yr", "renewable", "t_per_yr"]]
