"""Checks of reachability: places without lanes, programs without sites, limits that none meets or that never bind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from evsiting.errors import shown
from evsiting.study.buildable import places
from evsiting.study.check_results import CheckRun, OtherTable, derived
from evsiting.study.findings import Findings, count
from evsiting.study.lists import named_plants
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.validation.limit_scope import check_numbers, hard_limits, with_all_columns

__all__ = ["LANES_OF_A_PLAN", "check_reach", "lanes_are_of_a_plan"]

#: Shares of a place, of which those of all places together are one.
_SHARES = ("output_share", "capex_share", "jobs_share")
#: How the note of lanes begins in table ``provenance`` where they are those of the plants of one plan.
LANES_OF_A_PLAN = "lanes of the plants of a plan and of suppliers alone"
_NO_LANE = "Leave table lanes out and it is made (over a road net of your own only as far as that reaches), or add some"


def check_reach(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Note what is out of reach and tell of what is without effect; tables must be without other problems.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form; sites may still lack country and region.
    findings : Findings
        Where problems go.
    """
    look_at_reach(CheckRun(tables, findings, (), {}))


def look_at_reach(run: CheckRun) -> None:
    """Look at what :func:`check_reach` notes, which see."""
    run.look("lanes", lambda tables, findings, _: _check_lanes(tables, findings))
    run.look("promised times", lambda tables, findings, _: _check_late(tables, findings))
    run.look("programs without sites", lambda tables, findings, _: _warn_nowhere(tables, findings))
    run.look("programs out of reach", lambda tables, findings, _: _warn_unclaimed(tables, findings))
    run.look("promised flows", lambda tables, findings, _: _check_promises(tables, findings))
    run.look("idle limits", lambda tables, findings, _: _warn_idle(tables, findings))
    run.look("weak limits", lambda tables, findings, _: _warn_weak(tables, findings))
    run.look("limits in reach", lambda tables, findings, _: _check_limits(tables, findings))


def _check_limits(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Look at limits that no plan may break, where all sites have a place."""
    if not len(tables.get("limits", ())) or not _placed(tables):
        return
    hard = OtherTable(tables, "limits", hard_limits(tables["limits"]))
    _check_homeless(hard["limits"], derived(tables, "makers", _makers), findings)
    _check_sums(hard, findings)
    check_numbers(hard, findings)


def _placed(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether all sites have a country and a region."""
    sites = tables["sites"]
    return not (sites["country"].isna() | sites["region"].isna()).any()


def _makers(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return ``site``, ``region``, ``country``, ``plant_type`` and ``product`` of all that may come of plants."""
    made: dict[str, list[str]] = {}
    for kind, product in _outputs(tables).itertuples(index=False, name=None):
        made.setdefault(kind, []).append(product)
    sites = tables["sites"]
    land = {site: at for site, *at in zip(*(sites[c].tolist() for c in ("site", "region", "country")), strict=True)}
    rows = [
        (site, kind, product, *land[site]) for site, kind in sorted(places(tables)) for product in made.get(kind, ())
    ]
    return pd.DataFrame(rows, columns=["site", "plant_type", "product", "region", "country"], dtype="object")


def _outputs(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what comes of each plant type, by-products with it: ``plant_type``, ``product``."""
    columns, made = ["plant_type", "product"], tables["processes"][["plant_type", "product"]]
    if not len(tables.get("by_products", ())):
        return made
    extra = tables["by_products"][["plant_type", "by_product"]].set_axis(columns, axis="columns")
    return pd.concat([made, extra], ignore_index=True).drop_duplicates()


def _check_lanes(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse demand that must be served and has no lane; tell of other places that no lane joins."""
    if not len(tables.get("lanes", ())):
        return
    lanes, makers = tables["lanes"], derived(tables, "makers", _makers)
    starts = set(zip(lanes["product"], lanes["origin"], strict=True))
    ends = set(zip(lanes["product"], lanes["destination"], strict=True))
    wants = tables["demand"][tables["demand"]["units_per_yr"] > 0.0]
    cut = pd.Series([k not in ends for k in zip(wants["product"], wants["market"], strict=True)], wants.index, bool)
    lost = wants[cut]
    must = lost[lost["unmet_penalty_usd_per_unit"].isna()]
    if len(must):
        findings.study(
            findings.where("demand", "market", "product"),
            f"{count(len(must), len(tables['demand']), 'row')} without a lane, and must be served",
            findings.rows("demand", must["product"] + " to " + must["market"]),
            f"{_NO_LANE}; or give the demand an unmet_penalty",
            infeasible=True,
        )
    idle = list(dict.fromkeys(lost["market"][lost["unmet_penalty_usd_per_unit"].notna()]))
    leaving = pd.Series([k in starts for k in zip(makers["product"], makers["site"], strict=True)], makers.index, bool)
    if not lanes_are_of_a_plan(tables.get("provenance")):
        idle += sorted(set(makers["site"]) - set(makers.loc[leaving, "site"]))
    if "suppliers" in tables:
        sells = tables["suppliers"][["product", "supplier"]].itertuples(index=False, name=None)
        idle += [supplier for product, supplier in sells if (product, supplier) not in starts]
    if idle:
        findings.warnings.append(
            f"{findings.where('lanes')}: joins {shown(idle)} to nothing, so that nothing is made, bought or served "
            f"there. {_NO_LANE}"
        )


def lanes_are_of_a_plan(provenance: pd.DataFrame | None) -> bool:
    """Whether table ``provenance`` says that the lanes are those of one plan: other sites are meant to have none."""
    if provenance is None or not len(provenance):
        return False
    notes = provenance["note"][(provenance["table"] == "lanes") & (provenance["column"] == "*")]
    return bool(notes.astype(str).str.startswith(LANES_OF_A_PLAN).any())


def _warn_nowhere(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of programs that hold at no site where their plant type can be."""
    if not len(tables.get("programs", ())) or not _placed(tables):
        return
    frame, makers = tables["programs"], derived(tables, "makers", _makers)
    areas = {(r, k) for c in ("region", "country") for r, k in zip(makers[c], makers["plant_type"], strict=True)}
    area = frame["region"].astype("object").where(frame["region"].notna(), frame["country"])
    holds = pd.Series([key in areas for key in zip(area, frame["plant_type"], strict=True)], frame.index, bool)
    reachable = set(frame.loc[holds, "program"])
    lost = {
        f"{program} ({kind} in {where})"
        for program, kind, where in zip(frame["program"], frame["plant_type"], area, strict=True)
        if program not in reachable
    }
    if lost:
        findings.warnings.append(
            f"{findings.where('programs', 'country', 'region', 'plant_type')}: no site there can have such a plant, so "
            f"that these pay nothing: {shown(sorted(lost))}"
        )


def _warn_unclaimed(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of programs that ask for more investment than any of their plants can come to."""
    if not len(tables.get("program_rules", ())):
        return
    columns = ["plant_type", "option", "expands", "capex_usd", "partner_capex_share"]
    own: dict[tuple[str, str], tuple[object, float]] = {
        (str(kind), str(option)): (before, float(capex) * (1.0 - float(partner)))
        for kind, option, before, capex, partner in tables["options"][columns].itertuples(index=False, name=None)
    }
    most: dict[str, float] = {}
    for (kind, _), (before, spent) in own.items():
        while isinstance(before, str):  # an expansion comes on top of what it grows out of
            before, part = own[kind, before]
            spent += part
        most[kind] = max(most.get(kind, 0.0), spent)
    if "plants" in tables:
        for name, resumed in tables["plants"].groupby("plant_type")["resume_usd"].sum().items():
            most[str(name)] = most.get(str(name), 0.0) + float(resumed)
    growth = tables["trajectories"] if "trajectories" in tables else pd.DataFrame({"column": [], "factor": []})
    dearer = max(1.0, growth.loc[growth["column"] == "capex_usd", "factor"].max())
    offers = [tables[name][["program", "plant_type"]] for name in ("programs", "incentives") if name in tables]
    kinds = pd.concat(offers).groupby("program")["plant_type"].agg(set).to_dict() if offers else {}
    lost = [
        f"{program} ({least:,.12g} asked, {top:,.12g} is the most)"
        for program, least in tables["program_rules"][["program", "min_capex_usd"]].dropna().itertuples(index=False)
        if program in kinds and (top := dearer * max(most.get(k, 0.0) for k in kinds[program])) < least
    ]
    if lost:
        findings.warnings.append(
            f"{findings.where('program_rules', 'min_capex_usd')}: no plant invests so much [USD], so nobody can claim "
            f"{shown(lost)}"
        )


def _check_promises(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse floors of commitments above the ceiling of another on the same flow, or on all that leaves the origin."""
    if not len(tables.get("commitments", ())):
        return
    frame = tables["commitments"]
    ends = frame["destination"].fillna("")
    tops = frame[frame["at_most"].notna()]
    lost: dict[object, str] = {}
    for i, high in zip(tops.index, tops.to_dict("records"), strict=True):
        same = (frame["origin"] == high["origin"]) & (frame["product"] == high["product"])
        if isinstance(high["destination"], str):
            same &= ends == high["destination"]
        for period in [high["period"]] if pd.notna(high["period"]) else tables["periods"]["period"]:
            low = frame[same & (frame["period"].isna() | (frame["period"] == period)) & (frame["at_least"] > 0.0)]
            each = low.groupby(ends[low.index])["at_least"].max()
            least = max(float(each.drop("", errors="ignore").sum()), float(each.get("", 0.0)))
            if least > high["at_most"] * (1.0 + 1e-9):
                lost[i] = f"{high['commitment']}: {high['at_most']:,.12g}, {least:,.12g} promised in {period}"
    if lost:
        findings.study(
            findings.where("commitments", "at_least", "at_most"),
            f"{count(len(lost), len(frame), 'commitment')} of at most less than others promise",
            findings.rows("commitments", pd.Series(lost, dtype="str")),
            "Lower the floors, raise the ceiling, or take one of them out",
            infeasible=True,
        )


def _warn_idle(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of limits on what the study does not have: companies, promised times, imports, demand."""
    if not len(tables.get("limits", ())):
        return
    limits, demand = tables["limits"], tables["demand"]
    none = pd.DataFrame(columns=["supplier", "company", "country", "product", "plant_type"], dtype="object")
    sold, plants = (tables.get(n, none) for n in ("suppliers", "plants"))
    makes = _outputs(tables).groupby("product")["plant_type"].agg(set).to_dict()
    promised = demand[demand["promise_h"].notna()] if "promise_h" in demand else demand.head(0)
    for row in limits.to_dict("records"):
        product = row["product"]
        mine = sold[sold["product"] == product]
        why = ""
        if row["kind"] == "concentration" and row["per"] == "supplier" and not len(mine):
            why = f"nobody sells {product}"
        elif row["kind"] == "concentration" and row["per"] == "company":
            run = plants[plants["plant_type"].isin(makes.get(product, set()))]
            if not (mine["company"].notna().any() or run["company"].notna().any()):
                why = f"no supplier or plant of {product} has a company"
        elif row["kind"] == "import_share" and mine["country"].isin(COUNTRIES).all():
            why = f"nobody overseas sells {product}"
        elif row["kind"] == "on_time_share" and not len(_demand_of_limit(promised, row, tables)):
            why = "no demand there has a promise_h"
        elif row["kind"] == "sources" and not len(_demand_of_limit(demand, row, tables)):
            why = "no market there wants it"
        if why:
            end = f"{row['limit']} limits nothing"
            if row["kind"] == "import_share" and row["at_least"] > 0.0:
                end = f"only a plan to which none of it arrives keeps {row['limit']}"
            findings.warnings.append(f"{findings.where('limits', 'kind')}: {why}, so that {end}")


def _warn_weak(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of limits that cost nothing to break, and of members of which one plant makes several open."""
    if not len(tables.get("limits", ())):
        return
    limits = with_all_columns(tables["limits"])
    free = limits.loc[limits["penalty_usd_per_unit"] == 0.0, "limit"].tolist()
    if free:
        findings.warnings.append(
            f"{findings.where('limits', 'penalty_usd_per_unit')}: breaking them costs nothing, so that these limit "
            f"nothing: {shown(free)}. Leave the penalty empty where a limit must be kept"
        )
    twice = []
    for name, cell in limits.loc[limits["kind"] == "members_open", ["limit", "members"]].itertuples(index=False):
        members = named_plants(cell)
        twice += [
            f"{name}: {'/'.join(n or '*' for n in one)} in {'/'.join(n or '*' for n in other)}"
            for one in members
            for other in members
            if one != other and all(b in ("", a) for a, b in zip(one, other, strict=True))
        ]
    if twice:
        findings.warnings.append(
            f"{findings.where('limits', 'members')}: one plant makes both members open, and they count as two: "
            f"{shown(twice)}"
        )


def _demand_of_limit(
    demand: pd.DataFrame, limit: Mapping[Any, Any], tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the demand that a limit on service is about."""
    at = tables["markets"].set_index("market")[["country", "region"]].reindex(demand["market"]).set_axis(demand.index)
    mine = pd.Series(True, demand.index)
    if not pd.isna(limit["place"]):
        known = at.notna().all(axis=1)  # a market without a place may lie anywhere until it is filled in
        mine &= ~known | (demand["market"] == limit["place"]) | (at == limit["place"]).any(axis=1)
    for column in ("product", "period"):
        if not pd.isna(limit[column]):
            mine &= demand[column].isna() | (demand[column] == limit[column])
    return demand[mine]


def _too_far(demand: pd.DataFrame, hours: pd.Series) -> list[str]:
    """Return the markets that no lane reaches in time, with what is promised there and the fastest lane. [h]"""
    return [
        f"{row['market']} is promised {row['product']} in {row['promise_h']:g} h, "
        + (f"the fastest lane takes {hours[i]:.3g} h" if pd.notna(hours[i]) else "no lane goes there")
        for i, row in zip(demand.index, demand.to_dict("records"), strict=True)
    ]


def _check_late(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of promised times that no lane of the study keeps; refuse shares in time beyond what lanes can bring."""
    if not len(tables.get("lanes", ())):
        return
    demand = tables["demand"][tables["demand"]["promise_h"].notna()]
    best = tables["lanes"].groupby(["product", "destination"])["time_h"].min()
    keys = pd.MultiIndex.from_frame(demand[["product", "market"]])
    hours = pd.Series(best.reindex(keys).to_numpy(), demand.index)
    quick = hours <= demand["promise_h"]
    way_out = f"Lanes made anew (leave {findings.where('lanes')} out) keep a way in time where there is one"
    late = demand[~quick & (demand["units_per_yr"] > 0.0)]
    if len(late):
        seen = shown(dict.fromkeys(late["product"] + " to " + late["market"]))
        findings.warnings.append(f"{findings.where('demand', 'promise_h')}: no lane is so quick: {seen}. {way_out}")
    none = pd.DataFrame({"kind": [], "at_least": []})
    limits = hard_limits(tables["limits"]) if "limits" in tables else none
    floors = limits[(limits["kind"] == "on_time_share") & (limits["at_least"] > 0.0)]
    lost: dict[object, str] = {}
    far: list[str] = []
    for i, row in zip(floors.index, floors.to_dict("records"), strict=True):
        mine = _demand_of_limit(demand, row, tables)
        for period in [row["period"]] if pd.notna(row["period"]) else tables["periods"]["period"]:
            there = mine[mine["period"].isna() | (mine["period"] == period)]
            now = there["units_per_yr"]
            most = float(now[quick.reindex(now.index)].sum()) / float(now.sum()) if now.sum() > 0 else 1.0
            if most < row["at_least"] - 1e-9:
                far += _too_far(there[~quick.reindex(now.index) & (now > 0.0)], hours)
                lost[i] = f"{row['limit']}: {row['at_least']:g}, {most:.3g} can arrive in time in {period}"
    if lost:
        slow = f"Too slow: {shown(dict.fromkeys(far), 3)}"
        findings.study(
            findings.where("limits", "at_least"),
            f"{count(len(lost), len(limits), 'share')} in time beyond what any lane can bring",
            findings.rows("limits", pd.Series(lost, dtype="str")),
            f"{slow}. Lower the floor, or lengthen {findings.where('demand', 'promise_h')}. {way_out}",
            infeasible=True,
        )


def _check_homeless(limits: pd.DataFrame, makers: pd.DataFrame, findings: Findings) -> None:
    """Refuse floors on jobs and investment where no plant can be; tell of such floors on shares."""
    never: dict[object, str] = {}
    for i, row in limits[limits["at_least"] > 0.0].iterrows():
        if row["kind"] not in ("jobs", "jobs_fte", "capex", *_SHARES):
            continue
        here = makers
        if pd.notna(row["place"]):
            here = here[(here[["site", "region", "country"]] == row["place"]).any(axis=1)]
        for column in ("plant_type", "product"):
            if pd.notna(row[column]):
                here = here[here[column] == row[column]]
        if len(here):
            continue
        if row["kind"] in _SHARES:
            findings.warnings.append(
                f"{findings.where('limits', 'place')}: nothing can be made there that counts for {row['limit']}, so "
                "that only a plan keeps it that has none of it anywhere"
            )
        else:
            never[i] = str(row["limit"])
    if never:
        findings.study(
            findings.where("limits", "at_least"),
            f"{count(len(never), len(limits), 'floor')} for a place where no such plant can be",
            findings.rows("limits", pd.Series(never, dtype="str")),
            "Name a place where a plant stands or may be built, or take the floor out",
            infeasible=True,
        )


def _check_sums(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse floors on shares that add up to more than the whole, or than the ceiling of the place around them."""
    limits = tables["limits"][tables["limits"]["kind"].isin(_SHARES)]
    up: dict[str, str] = {}
    for site, region, country in tables["sites"][["site", "region", "country"]].itertuples(index=False, name=None):
        up |= {str(site): str(region), str(region): str(country), str(country): ""}
    inside_first = sorted(up, key=lambda place: -_depth(place, up))
    scope = ["kind", "product", "plant_type"]
    lost: list[str] = []
    for (kind, product, plant_type), group in limits.fillna(dict.fromkeys(scope, "")).groupby(scope):
        spans = [None] if kind == "capex_share" else list(tables["periods"]["period"])
        spans += [p for p in group["period"].dropna().unique() if p not in spans]
        what = " ".join(filter(None, (str(kind), str(product), str(plant_type))))
        for period in spans:
            always = group["period"].isna() & (kind != "capex_share" or period is None)
            now = group[always | (group["period"] == period)]
            floor, roof = now.groupby("place")["at_least"].max().dropna(), now.groupby("place")["at_most"].min()
            inner = dict.fromkeys([*up, ""], 0.0)
            for place in inside_first:
                inner[up[place]] += max(inner[place], float(floor.get(place, 0.0)))
            tops = {"": 1.0, **{str(k): float(v) for k, v in roof.dropna().items()}}
            lost += [
                f"{what}: {inner[place]:g} of {top:g}{f' in {place}' if place else ''}"
                for place, top in tops.items()
                if inner.get(place, 0.0) > top + 1e-9
            ]
    if lost:
        findings.study(
            findings.where("limits", "at_least"),
            "floors add up to more than the whole, or than the ceiling of the place that they lie in",
            shown(dict.fromkeys(lost)),
            "Lower some of them",
            infeasible=True,
        )


def _depth(place: str, up: Mapping[str, str]) -> int:
    """Return how many places a place lies in."""
    return 0 if not place else 1 + _depth(up[place], up)
