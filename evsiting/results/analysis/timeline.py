"""Timeline: what opens, expands, closes and resumes in each period, with capacity and output of plants."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.cache import cached_per_plan
from evsiting.results.ledgers.plan_rows import PlanRows, facts_of
from evsiting.results.plan import Plan
from evsiting.study.study import Study

__all__ = ["MOVES", "capacity_by_period", "plant_moves", "sizes_by_period"]

#: What may happen to a plant, in the order in which it is told.
MOVES = ("opens", "expands", "starts", "resumes", "shrinks", "closes", "ends")


def plant_moves(study: Study, plan: Plan) -> pd.DataFrame:
    """Return what happens to plants, period by period.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``period``, ``move`` (opens, expands, resumes, shrinks, closes: decided by the plan; shrinks: an expansion is
        closed alone; starts, ends: a standing plant whose first or last year lies within the horizon), ``plant``,
        ``site``, ``name`` (of the place), ``country``, ``region``, ``plant_type``, ``option``,
        ``capacity_units_per_yr`` (own capacity that comes or goes, once ramped
        up), ``invested_usd`` (own, undiscounted; what closing costs for ``shrinks`` and ``closes``). In order of time.
    """
    return _moves(study, plan).copy()


@cached_per_plan
def _moves(study: Study, plan: Plan) -> pd.DataFrame:
    facts = facts_of(study, plan)
    opened = facts.opened.assign(plant=facts.opened["site"] + "/" + facts.opened["plant_type"])
    key = ["site", "plant_type", "option"]
    before = opened[[*key, "capacity_units_per_yr"]].rename(columns={"option": "expands"})
    grown = opened.merge(before, on=["site", "plant_type", "expands"], how="left", suffixes=("", "_before"))
    grown["capacity_units_per_yr"] -= grown["capacity_units_per_yr_before"].fillna(0.0)
    root = grown["expands"].isna() | (grown["expands"].astype(object) == "")
    parts = [grown.assign(move=np.where(root, "opens", "expands"))]
    moved = facts.moved
    for move, word, money in (("resume", "resumes", "resume_usd"), ("close", "closes", "closing_usd")):
        rows = moved[moved["move"] == move]
        parts.append(rows.assign(move=word, option="", invested_usd=rows[money]))
    parts += [_retirements(facts, grown), *_own_years(facts)]
    rows = pd.concat(parts, ignore_index=True)
    columns = ["period", "move", "plant", "site", "plant_type", "option", "capacity_units_per_yr", "invested_usd"]
    rows = rows[columns].merge(pd.DataFrame(study.sites[["site", "name", "country", "region"]]), on="site", how="left")
    rows["name"] = rows["name"].fillna(rows["site"])
    rank = rows.assign(
        when=rows["period"].map({p: n for n, p in enumerate(facts.horizon.periods)}),
        what=rows["move"].map({m: n for n, m in enumerate(MOVES)}),
    )
    order = rank.sort_values(["when", "what", "plant_type", "plant"], kind="stable").index
    text = ["period", "move", "plant", "site", "name", "country", "region", "plant_type", "option"]
    moves = rows.loc[order, [*text, "capacity_units_per_yr", "invested_usd"]].reset_index(drop=True)
    moves[text] = moves[text].astype("str").fillna("")
    return moves.astype({"capacity_units_per_yr": "float64", "invested_usd": "float64"})


def _retirements(facts: PlanRows, grown: pd.DataFrame) -> pd.DataFrame:
    """Return what the plan closes of what it has built, one row a plant and period: all that stands, or a part."""
    key = ["site", "plant_type", "option"]
    gone = facts.retired.drop(columns=["capacity_units_per_yr"])
    gone = gone.merge(grown[[*key, "plant", "capacity_units_per_yr"]], on=key, how="left")
    gone["inner"] = gone.set_index(["plant", "option"]).index.isin(gone.set_index(["plant", "expands"]).index)
    gone = gone.sort_values(["plant", "start", "inner"], ascending=[True, True, False], kind="stable")
    steps = grown.groupby("plant").size()
    gone["left"] = gone["plant"].map(steps).astype("float64") - gone.groupby("plant").cumcount() - 1
    once = gone.groupby(["plant", "period"], as_index=False, sort=False).agg(
        site=("site", "first"),
        plant_type=("plant_type", "first"),
        option=("option", "last"),
        capacity_units_per_yr=("capacity_units_per_yr", "sum"),
        invested_usd=("closing_usd", "sum"),
        left=("left", "min"),
    )
    return once.assign(move=np.where(once["left"] > 0, "shrinks", "closes")).drop(columns="left")


def _own_years(facts: PlanRows) -> list[pd.DataFrame]:
    """Return standing plants that begin or cease to run in a year of the horizon by themselves."""
    runs = facts.standing[["plant", "site", "plant_type", "first_year", "last_year"]].drop_duplicates("plant")
    plants = runs.merge(facts.study.plants[["plant", "capacity_units_per_yr"]], on="plant")
    closed = set(facts.moved.loc[facts.moved["move"] == "close", "plant"])
    resumed = set(facts.moved.loc[facts.moved["move"] == "resume", "plant"])
    first = int(facts.horizon.start_years[0])
    parts = []
    for column, word, out in (("first_year", "starts", resumed), ("last_year", "ends", closed)):
        rows = plants[plants[column].notna() & ~plants["plant"].isin(out)]
        rows = rows[rows[column] > first] if word == "starts" else rows
        at = np.searchsorted(facts.horizon.start_years, rows[column].to_numpy(np.float64), side="right") - 1
        end = facts.horizon.start_years[-1] + facts.horizon.years[-1] - 1
        in_horizon = (at >= 0) & (rows[column] < end).to_numpy() if word == "ends" else at >= 0
        names = np.array(facts.horizon.periods, dtype=object)[at]
        parts.append(rows.assign(period=names, move=word, option="", invested_usd=0.0)[in_horizon])
    return parts


def capacity_by_period(study: Study, plan: Plan) -> pd.DataFrame:
    """Return what each place can make and what it makes of it, period by period.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``site``, ``plant_type``, ``period``, ``capacity_units_per_yr`` (own and usable: mean over the period of what is
        ramped up), ``load_units_per_yr`` (capacity that production takes), ``jobs_fte`` (direct); a row for each
        place that can make something in the period.
    """
    facts, key = facts_of(study, plan), ["site", "plant_type", "period"]
    made = facts.made.assign(
        load=facts.made["units_per_yr"] * facts.made["capacity_use"],
        fte=facts.made["units_per_yr"] * facts.made["labor_h_per_unit"] / facts.hours,
    )
    rows = pd.concat(
        [
            facts.running[[*key, "capacity_units_per_yr", "staff_fte"]].rename(columns={"staff_fte": "fte"}),
            made[[*key, "load", "fte"]],
        ],
        ignore_index=True,
    )
    columns = {"capacity_units_per_yr": "capacity_units_per_yr", "load": "load_units_per_yr", "fte": "jobs_fte"}
    summed = rows.groupby(key, as_index=False)[list(columns)].sum() if len(rows) else rows
    capacity: pd.DataFrame = summed.rename(columns=columns)[[*key, *columns.values()]]
    rank = capacity["period"].map({p: n for n, p in enumerate(facts.horizon.periods)})
    return capacity.loc[rank.sort_values(kind="stable").index].reset_index(drop=True)


def sizes_by_period(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the size of each plant in each period in which it runs, without regard to ramp-up.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        Index ``plant``, one column a period in order of time. [unit/yr]; zero where it does not run.
    """
    facts = facts_of(study, plan)
    periods = list(facts.horizon.periods)
    moves = plant_moves(study, plan)
    ends = moves["move"].isin(["shrinks", "closes"]) & (moves["option"] != "")  # closed though the plan has built it
    moves["capacity_units_per_yr"] = moves["capacity_units_per_yr"].mask(ends, -moves["capacity_units_per_yr"])
    new = moves[moves["move"].isin(["opens", "expands"]) | ends]
    grown = new.pivot_table(index="plant", columns="period", values="capacity_units_per_yr", aggfunc="sum")
    grown = grown.reindex(columns=periods).fillna(0.0).cumsum(axis=1)
    runs = facts.standing[["plant", "period"]].merge(study.plants[["plant", "capacity_units_per_yr"]], on="plant")
    stands = runs.pivot_table(index="plant", columns="period", values="capacity_units_per_yr", aggfunc="sum")
    every = pd.concat([part for part in (grown, stands.reindex(columns=periods)) if len(part)] or [grown])
    return every.reindex(pd.Index(plan.sites["plant"].unique(), name="plant")).fillna(0.0).astype(np.float64)
