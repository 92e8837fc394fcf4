"""The linear program over groups of places that bounds a study, made from the study alone and by anyone alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from evsiting.layers import complete
from evsiting.layers.data_warnings import recheck_quietly
from evsiting.layers.freight.lane_count import check_program_size, lane_count
from evsiting.model.build import Program, build
from evsiting.optimize.aggregation.best_lanes import best_lanes, without_dominated
from evsiting.optimize.aggregation.coarse_study import grouped_study
from evsiting.optimize.aggregation.copies import with_copies
from evsiting.optimize.aggregation.groups import Grouping, group_places
from evsiting.study.study import Study

__all__ = ["coarse_program", "group_words", "without_lanes"]


def coarse_program(
    study: Study,
    weights: Mapping[str, float],
    caps: Mapping[str, float],
    *,
    groups: Grouping | None = None,
    stage: Callable[[str], None] | None = None,
) -> Program:
    """Return the linear program over groups of places below whose least value no plan of a study is.

    Parameters
    ----------
    study : Study
        Complete but for its lanes.
    weights, caps : mapping of str to float
        Of the objective, and ceilings.
    groups : Grouping, optional
        Of its places, where they are known already.
    stage : callable, optional
        Called with what is done next, in a few words.

    Raises
    ------
    InputError
        If it is too large to be solved.
    """
    tell = stage if stage is not None else _silent
    groups = group_places(study) if groups is None else groups
    lanes = best_lanes(study, groups, lambda product: tell(f"best lanes of {product} between groups"))
    demand = study.demand
    promised = set(demand.loc[demand["promise_h"].notna(), "product"].astype(str))
    lanes = without_dominated(lanes, emissions=_counts_emissions(study, weights, caps), promised=promised)
    coarse = grouped_study(study, groups, lanes)
    check_program_size(coarse)
    memory = lane_count(coarse).program_bytes / 1e9
    tell(f"bound over {group_words(groups)}: {len(lanes):,} lanes, {memory:.1f} GB of that")
    program = build(coarse)
    for name, ceiling in caps.items():
        program = program.capped(name, ceiling)
    copies = {group: n for group, n in groups.members.items() if n > 1}
    return replace(program, milp=with_copies(program.milp, copies), unlimited=None)


def group_words(groups: Grouping) -> str:
    """Return how coarse groups are."""
    site, market = groups.site, groups.market
    return f"{site.nunique():,} groups of {len(site):,} sites, {market.nunique():,} groups of {len(market):,} markets"


def without_lanes(study: Study) -> Study:
    """Return the study that was asked about, of which another one has the lanes of a plan's plants.

    Parameters
    ----------
    study : Study
        As :func:`evsiting.with_lanes_of` makes it.
    """
    tables = {name: frame for name, frame in study.tables.items() if name != "lanes"}
    provenance = study.provenance
    tables["provenance"] = provenance[provenance["table"] != "lanes"].reset_index(drop=True)
    return complete(recheck_quietly(study, tables), freight=None)


def _counts_emissions(study: Study, weights: Mapping[str, float], caps: Mapping[str, float]) -> bool:
    """Whether emissions have a price, a limit or a weight."""
    names = {"emissions", "freight_emissions"}
    limits = study.table("limits")
    limited = len(limits) > 0 and bool(limits["kind"].isin(names).any())
    weighed = any(weights.get(name, 0.0) > 0.0 for name in names)
    return limited or weighed or bool(names & caps.keys()) or study.settings.model.carbon_price_usd_per_t > 0


def _silent(_: str) -> None:
    """Tell nobody."""
