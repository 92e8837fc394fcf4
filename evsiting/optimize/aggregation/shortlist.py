"""A study small enough for every question, of one that was solved over groups of places: the candidates that come near.

The prices of the aggregated bound say of every group by how much the bound rises at least where a plant is built in it
(:mod:`evsiting.optimize.sessions.entry_bounds`). The sites of the plan, those that stand or are named, and the
candidates for which it rises least, on the mean of all sizes and periods, make a study with all lanes between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem, Problems, expect, shown
from evsiting.layers import complete
from evsiting.layers.completion import complete_quietly
from evsiting.layers.freight.lane_count import check_lane_table, check_program_size
from evsiting.layers.sites.prefilter import prefilter
from evsiting.optimize.aggregation.aggregation import MEMBER_KM
from evsiting.optimize.aggregation.coarse_program import coarse_program, without_lanes
from evsiting.optimize.aggregation.coarse_study import centres, grouped_markets, tables_checked
from evsiting.optimize.aggregation.detail import with_lanes_of
from evsiting.optimize.aggregation.groups import Grouping, group_places, named_places
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.sessions.entry_bounds import build_rises, entry_bounds
from evsiting.results.plan import Plan
from evsiting.study.lists import join_lists
from evsiting.study.study import Study
from evsiting.study.validation.reachability import lanes_are_of_a_plan

__all__ = ["Shortlist", "shortlist"]

#: How many candidates beside those of the plan are taken by default.
SITES = 60
#: Longest name of a study.
NAME = 200
#: Why a site is on the list.
OF_PLAN, STANDS, ASKED, NEAR = "the plan builds there", "stands or is named", "asked for", "among the nearest"


@dataclass(frozen=True)
class Shortlist:
    """Some sites of a large study, and the study over them with all lanes.

    Parameters
    ----------
    study : Study
        Complete. Markets of a group are one, at the mean of their points by demand.
    sites : pandas.DataFrame
        ``site``, ``why`` (it is on the list), ``plant_type``, ``rank``, ``mean_rise``, ``period``, ``rises_by``,
        ``bound``: by how much the bound over all sites rises at least where a plant of this type is built in the
        site's group, as the mean over all sizes and periods, and in the size and period for which that is least. Of
        the type for which the group comes first among all groups, in which place it comes as ``rank``; empty where
        none can be built. In the objective's unit. No plan of the large study with such a plant is below ``bound``.
    of_sites, of_markets : int
        How many places the large study has.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.solve_by_aggregation(study.with_table("lanes", study.lanes.head(0)), gap=0.05)
    >>> short = ev.shortlist(found.study, found.plan, sites=2)
    >>> len(short.study.sites) == len(short.sites), short.of_sites
    (True, 7)
    """

    study: Study
    sites: pd.DataFrame
    of_sites: int
    of_markets: int

    def __str__(self) -> str:
        return _scope(len(self.sites), self.of_sites, len(self.study.markets), self.of_markets)


def shortlist(
    study: Study,
    plan: Plan,
    *,
    sites: int = SITES,
    also: Collection[str] = (),
    stage: Callable[[str], None] | None = None,
) -> Shortlist:
    """Return the study over the sites of a plan and the candidates that come nearest to it, with all lanes.

    It is of the size of a study that is solved in full, so that every question can be asked of it: what its answers
    say holds among these sites, and with these markets.

    Parameters
    ----------
    study : Study
        The one that the plan answers (``ev.read_run(folder)`` gives both), or the one that was solved.
    plan : Plan
        Of :func:`evsiting.solve_by_aggregation`, with the prices of its bound.
    sites : int, default 60
        How many candidates beside the sites of the plan, those that stand and those that a table names. Of each plant
        type in turn one site in the middle of every group, the groups of least ``mean_rise`` first; then a second one
        of each.
    also : collection of str
        Codes of sites that are to be on the list, whatever they come to.
    stage : callable, optional
        Called with what is done next, in a few words.

    Returns
    -------
    Shortlist
        Whose ``study`` can be written, solved and asked about like any other.

    Raises
    ------
    InputError
        If the plan is not one over groups of places or answers another study, sites are unknown, or there would be too
        many lanes.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.solve_by_aggregation(study.with_table("lanes", study.lanes.head(0)), gap=0.05)
    >>> short = ev.shortlist(found.study, found.plan, sites=0, also=["US-TN-memphis"])
    >>> short.sites.set_index("site").loc["US-TN-memphis", "why"]
    'the plan builds there'
    """
    expect("shortlist", study=(study, Study), plan=(plan, Plan))
    _check_arguments(study, plan, sites, also)
    whole = _solved(study, plan)
    groups = group_places(whole)
    rises = _rises(whole, plan, groups, stage)
    why = _chosen(whole, plan, groups, rises, sites, also)
    small = _over(whole, groups, why)
    check_lane_table(small)
    check_program_size(small)
    if stage is not None:
        stage(f"all lanes of {len(small.sites):,} sites and {len(small.markets):,} markets")
    ready = complete_quietly(small)
    nearest = rises.sort_values(["rank", "mean_rise", "plant_type"]).drop_duplicates("group").set_index("group")
    table = pd.DataFrame({"site": ready.sites["site"].astype(str)})
    table["why"] = table["site"].map(why).fillna(STANDS)
    group = table["site"].map(groups.site)
    for column in nearest.columns:
        table[column] = group.map(nearest[column])
    table = table.sort_values(["rank", "mean_rise", "site"]).reset_index(drop=True)
    return Shortlist(ready, table, len(whole.sites), len(whole.markets))


def _check_arguments(study: Study, plan: Plan, sites: object, also: Collection[str]) -> None:
    """Raise for all that is wrong with the arguments."""
    problems = Problems()
    if not plan.solve.aggregated:
        fix = "Ask about it itself: why_not, alternatives and all others take it"
        problems.add("shortlist, plan", "was not found over groups of places", plan.solve.bound_by, fix)
    elif plan.solve.prices is None:
        fix = "Solve the study again with engine='highs', which tells them"
        problems.add("shortlist, plan", "carries no prices of its bound", plan.solve.bound_by, fix)
    if isinstance(sites, bool) or not isinstance(sites, int | np.integer) or sites < 0:
        problems.add("shortlist, sites", "is no number of sites", repr(sites), "Give 0 or more")
    codes: object = also
    listed = isinstance(codes, Collection) and not isinstance(codes, str)
    strange = sorted(set(map(str, also)) - set(study.sites["site"].astype(str))) if listed else [repr(also)]
    if strange:
        problems.add("shortlist, also", "are no sites of the study", shown(strange), "Give codes of its table sites")
    problems.raise_if_any()


def _solved(study: Study, plan: Plan) -> Study:
    """Return the study that was solved: complete but for its lanes."""
    if not lanes_are_of_a_plan(study.table("provenance")):
        return without_lanes(with_lanes_of(study, plan))
    ready = complete(study)
    if ready.digest != plan.study_digest:
        seen = f"the plan answers {plan.study_digest[:12]}, the study is {ready.digest[:12]}"
        raise InputError([Problem("study", "is not the one that the plan answers", seen, "Give the study of the run")])
    return without_lanes(ready)


def _rises(study: Study, plan: Plan, groups: Grouping, stage: Callable[[str], None] | None) -> pd.DataFrame:
    """Return by how much the bound rises at least for each group and plant type: table of entry bounds by ``group``."""
    solve = plan.solve
    program = coarse_program(study, solve.weights, solve.caps, groups=groups, stage=stage)
    aim, prices = program.milp.combined(solve.weights), solve.prices
    value, fault = (-math.inf, "they are missing") if prices is None else price_bound(program.milp, aim, prices)
    if prices is None or fault or len(prices.leaf) != 1:
        fix = "Look at it with evsiting.certify and evsiting.recompute_bound, and solve the study again"
        raise InputError([Problem("shortlist, plan", "has prices that prove no bound", fault or "of a tree", fix)])
    bounds = entry_bounds(program, aim, prices.prices(0), value)
    least = bounds.sort_values("rises_by", kind="stable").drop_duplicates(["site", "plant_type"])
    plants, rises = build_rises(program, aim, prices.prices(0))
    each = np.where(np.isfinite(rises), rises, np.nan)
    plants = plants.loc[np.repeat(np.arange(len(plants)), each.shape[1])].assign(mean_rise=each.ravel())
    mean = plants.groupby(["site", "plant_type"], as_index=False)["mean_rise"].mean()
    both = least.merge(mean, on=["site", "plant_type"]).rename(columns={"site": "group"})
    both["rank"] = both.groupby("plant_type")["mean_rise"].rank(method="min").astype(np.int64)
    return both[["group", "plant_type", "rank", "mean_rise", "period", "rises_by", "bound"]]


def _chosen(
    study: Study, plan: Plan, groups: Grouping, rises: pd.DataFrame, sites: int, also: Collection[str]
) -> dict[str, str]:
    """Return why each site is on the list; those that stand or are named are not in it."""
    why = dict.fromkeys(map(str, also), ASKED)
    why |= dict.fromkeys(plan.decisions["openings"]["site"].astype(str), OF_PLAN)
    middle = set(centres(study, group_places(study, width_km=MEMBER_KM)))
    code, named = study.sites["site"].astype(str), named_places(study)
    free = pd.DataFrame({"site": code[(study.sites["role"] == "candidate") & ~code.isin(named)]})
    free = free.assign(group=free["site"].map(groups.site), outer=~free["site"].isin(middle))
    free = free.sort_values(["outer", "site"])
    free["nth"] = free.groupby("group").cumcount()
    order = free.merge(rises, on="group").sort_values(["plant_type", "nth", "mean_rise", "site"])
    order["turn"] = order.groupby("plant_type").cumcount()
    order = order.sort_values(["turn", "mean_rise", "site"]).drop_duplicates("site")
    order = order[~order["site"].isin(why)]
    return why | dict.fromkeys(order["site"].head(sites), NEAR)


def _over(study: Study, groups: Grouping, why: Collection[str]) -> Study:
    """Return the study over the sites of the list, with a market for each group of markets; without lanes."""
    score = pd.Series(0.0, index=study.sites["site"])
    some = prefilter(study, score, keep=0, per="", always=sorted(why)).study
    if some is None:  # prefilter gives a study where one was given
        msg = "prefilter left no study"
        raise TypeError(msg)
    tables = some.tables | grouped_markets(some, groups)
    tables["markets"] = _named(tables["markets"], groups)
    tables["provenance"] = _provenance(some.provenance, groups)
    made = tables_checked(some, tables)
    about, scope = (
        study.settings.study,
        _scope(len(made.sites), len(study.sites), len(made.markets), len(study.markets)),
    )
    name = f"{len(made.sites):,} of {len(study.sites):,} sites"
    return made.with_settings(
        study={"name": f"{about.name[: NAME - len(name) - 2]}, {name}", "question": f"{about.question} ({scope})"}
    )


def _scope(sites: int, of_sites: int, markets: int, of_markets: int) -> str:
    """Return what answers hold for."""
    text = f"Among {sites:,} of {of_sites:,} sites: another one is not looked at"
    if markets < of_markets:
        text += f"; {of_markets:,} markets are {markets:,}, each at the mean of its points by demand"
    return text


def _named(markets: pd.DataFrame, groups: Grouping) -> gpd.GeoDataFrame:
    """Return markets of which those that stand for several are named so."""
    many = markets["market"].astype(str).map(groups.market.value_counts()).to_numpy(np.int64)
    region = markets["region"].astype(str)
    name = [
        old if n == 1 else f"{n} markets of {where}"
        for n, old, where in zip(many.tolist(), markets["name"].tolist(), region.tolist(), strict=True)
    ]
    return gpd.GeoDataFrame(markets.assign(name=name), crs=markets.crs)


def _provenance(rows: pd.DataFrame, groups: Grouping) -> pd.DataFrame:
    """Return provenance in which what was said of single markets is said of their sums."""
    merged = set(groups.market.index[groups.market.map(groups.market.value_counts()) > 1].astype(str))
    summed = {"markets": "mean of points by demand", "demand": "added up over the markets of a group"}
    mine = rows["table"].isin(list(summed))
    first = rows["row"].astype(object).where(rows["row"].notna(), "").map(lambda key: str(key).split("|")[0])
    single = mine & first.isin(merged)
    whole = rows[mine & ~single].assign(
        note=lambda d: (
            d["note"].astype(object).where(d["note"].notna(), "") + d["table"].map(lambda t: f"; {summed[t]}")
        )
    )
    whole["note"] = whole["note"].str.removeprefix("; ")
    parts = [rows[~mine], whole]
    for (table, column), group in rows[single].groupby(["table", "column"], sort=False):
        if not ((whole["table"] == table) & (whole["column"] == column) & (whole["row"] == "*")).any():
            quality = group["quality"].iloc[0] if group["quality"].nunique() == 1 else "derived"
            facts = {"row": "*", "source": join_lists(group["source"]), "quality": quality, "note": summed[str(table)]}
            parts.append(group.head(1).assign(**facts))
    return pd.concat(parts, ignore_index=True)
