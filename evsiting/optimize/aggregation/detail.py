"""The study with the lanes of the plants that a plan has, and the program of their flows to every market."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import InputError, Problem, expect
from evsiting.layers import complete
from evsiting.layers.completion import complete_quietly
from evsiting.layers.data_warnings import recheck_quietly
from evsiting.layers.provenance import merged, with_sources
from evsiting.model.build import Program, build
from evsiting.model.milp import FloatArray
from evsiting.optimize.aggregation.coarse_study import some_sites
from evsiting.optimize.aggregation.groups import named_places
from evsiting.results.plan import Plan
from evsiting.study.recipes import inputs_by_plant_type
from evsiting.study.study import Study
from evsiting.study.validation.reachability import LANES_OF_A_PLAN

__all__ = ["Detail", "study_in_detail", "with_lanes_of"]

#: What is odd of such lanes, and meant.
APART = "table 'lanes': joins"


@dataclass(frozen=True)
class Detail:
    """A study with the lanes of a plan's plants, and its program over the sites that have any.

    Parameters
    ----------
    study : Study
        All sites and markets.
    program : Program
        Without the sites at which nothing is built.
    point : numpy.ndarray, shape (N,)
        The plan's decisions as columns of the program.
    on_plants : numpy.ndarray of bool, shape (N,)
        Which columns build, expand, resume, close or retire.
    """

    study: Study
    program: Program
    point: FloatArray
    on_plants: NDArray[np.bool_]


def with_lanes_of(study: Study, plan: Plan) -> Study:
    """Return a study with the lanes of a plan's plants to and from every place: the one that such a plan answers.

    Parameters
    ----------
    study : Study
        Without a table of lanes, because they would be millions.
    plan : Plan
        Of :func:`evsiting.solve_by_aggregation`, or of :func:`evsiting.solve` where that was too large to be solved in
        full.

    Raises
    ------
    InputError
        If the study has lanes of its own, or the plan answers another study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> bare = study.with_table("lanes", study.lanes.head(0))
    >>> found = ev.solve_by_aggregation(bare, gap=0.05)
    >>> ev.with_lanes_of(bare, found.plan).digest == found.plan.study_digest
    True
    """
    expect("with_lanes_of", study=(study, Study), plan=(plan, Plan))
    if study.has("lanes"):
        fix = "Give the study as it was solved: without lanes"
        raise InputError([Problem("lanes", "the study has lanes of its own", f"{len(study.lanes):,} lanes", fix)])
    answered = _with_lanes(complete(study, freight=None), plan)[0]
    if answered.digest != plan.study_digest:
        seen = f"it answers {plan.study_digest[:12]}, and with the lanes of its plants this is {answered.digest[:12]}"
        fix = "Give the study that was solved, unchanged, and the plan that came of it"
        raise InputError([Problem("study", "is not the one that the plan answers", seen, fix)])
    return answered


def study_in_detail(study: Study, plan: Plan) -> Detail:
    """Return the study with the lanes of a plan's plants to and from every place.

    Parameters
    ----------
    study : Study
        Complete but for its lanes.
    plan : Plan
        Of the study over some of its sites.
    """
    whole, small = _with_lanes(study, plan)
    program = build(small)
    on_plants = np.zeros(program.milp.shape[1], dtype=np.bool_)
    for table in ("openings", "resumptions", "closings", "retirements"):
        column = program.column_of(table)
        on_plants[column[column >= 0]] = True
    return Detail(whole, program, program.point(plan.tables), on_plants)


def _with_lanes(study: Study, plan: Plan) -> tuple[Study, Study]:
    """Return the study with the lanes of a plan's plants, over all of its sites and over those that have a plant."""
    built = set(plan.decisions["openings"]["site"].astype(str))
    sites = study.sites
    wanted = sites["site"].astype(str).isin(built | named_places(study)) | (sites["role"] != "candidate")
    small = some_sites(study, sites.loc[wanted, "site"].astype(str).tolist())
    done = complete_quietly(small)
    lanes, origins = _in_use(study, plan, done.lanes), done.provenance
    origins = origins.assign(
        note=origins["note"].where(origins["table"] != "lanes", LANES_OF_A_PLAN + "; " + origins["note"].astype(str))
    )
    provenance = merged(study.provenance, [origins[origins["table"].isin(("lanes", "parameters"))]])
    tables = {**study.tables, "lanes": lanes, "provenance": provenance, "parameters": done.table("parameters")}
    tables["sources"] = with_sources(study.table("sources"), provenance)
    whole = recheck_quietly(study, tables, expected=APART)
    return whole, recheck_quietly(small, {**small.tables, "lanes": lanes}, expected=APART)


def _in_use(study: Study, plan: Plan, lanes: pd.DataFrame) -> pd.DataFrame:
    """Return the lanes whose ends have a plant that makes and uses the product."""
    both = ["site", "plant_type"]
    plants = pd.concat([study.plants[both], plan.decisions["openings"][both]]).astype(str).drop_duplicates()
    output = pd.concat(
        [study.processes[["plant_type", "product"]], study.by_products[["plant_type", "by_product"]].set_axis(
            ["plant_type", "product"], axis=1
        )]
    ).astype(str)  # fmt: skip
    bill = inputs_by_plant_type(study.processes, study.bill_of_materials)
    needs = bill[["plant_type", "input"]].set_axis(["plant_type", "product"], axis=1).astype(str)
    makes, uses = (
        set(zip(*(plants.merge(kind, on="plant_type")[c] for c in ("site", "product")), strict=True))
        for kind in (output, needs)
    )
    sites = set(study.sites["site"].astype(str))
    product, start, end = (lanes[c].astype(str) for c in ("product", "origin", "destination"))
    leaves = [o not in sites or (o, p) in makes for o, p in zip(start, product, strict=True)]
    arrives = [d not in sites or (d, p) in uses for d, p in zip(end, product, strict=True)]
    return lanes[np.array(leaves, dtype=np.bool_) & np.array(arrives, dtype=np.bool_)].reset_index(drop=True)
