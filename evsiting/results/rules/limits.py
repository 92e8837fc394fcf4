"""Rules of table ``limits``, each recomputed from the study's tables: totals, shares, concentration, power, outages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from evsiting.results.ledgers.plan_rows import demand_by_period
from evsiting.results.rules.bounds import (
    HORIZON,
    check_bounds,
    check_shares,
    horizon_limits,
    lies_at,
    limits_in_periods,
)
from evsiting.results.rules.case import Examination, Violations, constant_text, refuse
from evsiting.study.lists import gateways_on
from evsiting.study.recipes import is_passed_on
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.limits import ON_TOTALS
from evsiting.study.schema.plants import LIVE

__all__ = [
    "RULES", "budget", "carbon_cap", "concentration", "cost_cap", "country_share", "freight_carbon_cap", "import_share",
    "jobs_floor", "renewable", "staffing", "survive", "violation",
]  # fmt: skip

_KEY = ["limit", "period"]


def cost_cap(case: Examination) -> list[Violations]:
    """Compare the cost of the plan with limits on it."""
    rows = horizon_limits(case, "cost")
    if rows.empty:
        return []
    ledger = case.ledgers["cost"]
    rows["found"] = float(ledger.loc[ledger["item"] != "broken limits", "value"].sum())
    return [check_bounds(rows.assign(size=_size(rows, ledger)), _KEY, "the plan costs USD {found:,.6g}")]


def violation(case: Examination) -> list[Violations]:
    """Refuse violations of limits that are not soft, below zero, or in a period in which the limit does not hold."""
    stated = case.plan.decisions["violations"]
    if not len(stated):
        return []
    kinds = sorted(set(case.limits["kind"]))
    last = str(case.periods["period"].iloc[-1])
    totals = horizon_limits(case, *(k for k in kinds if k in ON_TOTALS)).replace({"period": {HORIZON: last}})
    rows = pd.concat([totals, limits_in_periods(case, *(k for k in kinds if k not in ON_TOTALS))], ignore_index=True)
    soft = rows[rows["penalty_usd_per_unit"].notna()]
    in_force = set(zip(soft["limit"], soft["period"], strict=True))
    wrong = [
        (limit, period) not in in_force or not 0.0 <= amount < np.inf
        for limit, period, amount in zip(stated["limit"], stated["period"], stated["amount"], strict=True)
    ]
    return [refuse(stated[["limit", "period"]], wrong, constant_text("no soft limit holds there, or it is no amount"))]


def carbon_cap(case: Examination) -> list[Violations]:
    """Compare emissions over the horizon or in a period with limits on them."""
    return _emissions(case, "emissions", "{found:,.6g} t CO2e are emitted")


def freight_carbon_cap(case: Examination) -> list[Violations]:
    """Compare emissions of transport over the horizon or in a period with limits on them."""
    return _emissions(case, "freight_emissions", "{found:,.6g} t CO2e are emitted by transport")


def _emissions(case: Examination, kind: str, words: str) -> list[Violations]:
    rows = horizon_limits(case, kind)
    if rows.empty:
        return []
    ledger = case.ledgers[kind]
    rows["found"] = _totals(rows, lambda row: ledger)
    return [check_bounds(rows.assign(size=_size(rows, ledger)), _KEY, words)]


def jobs_floor(case: Examination) -> list[Violations]:
    """Compare direct jobs at a place, of a plant type, over the horizon or in a period with limits on them."""
    rows = horizon_limits(case, "jobs")
    if rows.empty:
        return []
    ledger = case.ledgers["jobs"]
    rows["found"] = _totals(rows, lambda row: ledger[_inside(case, ledger, row)])
    return [check_bounds(rows.assign(size=_size(rows, ledger)), _KEY, "{found:,.6g} job-years")]


def staffing(case: Examination) -> list[Violations]:
    """Compare direct staff at a place, of a plant type, in each period with limits on it."""
    rows = limits_in_periods(case, "jobs_fte")
    if rows.empty:
        return []
    ledger = _staff(case)
    rows["found"] = _totals(rows, lambda row: ledger[_inside(case, ledger, row)])
    return [check_bounds(rows.assign(size=_size(rows, ledger)), _KEY, "{found:,.6g} FTE work there")]


def _staff(case: Examination) -> pd.DataFrame:
    """Return the ledger of jobs by the year: ``value`` is the staff of a period. [FTE]."""
    ledger, years = case.ledgers["jobs"], case.periods.set_index("period")["years"]
    return ledger.assign(value=ledger["value"] / ledger["period"].map(years).astype(np.float64))


def budget(case: Examination) -> list[Violations]:
    """Compare own investment at a place, in a plant type, over the horizon or in a period with limits on it."""
    rows = horizon_limits(case, "capex")
    if rows.empty:
        return []
    spent = _investment(case)
    rows["found"] = _totals(rows, lambda row: spent[_inside(case, spent, row)])
    return [check_bounds(rows.assign(size=_size(rows, spent)), _KEY, "USD {found:,.6g} are invested")]


def country_share(case: Examination) -> list[Violations]:
    """Compare a place's part of output, investment or jobs with limits on its share."""
    violations = []
    rows = limits_in_periods(case, "output_share")
    if len(rows):
        made = case.outputs.merge(case.study.sites[["site", "country", "region"]], on="site")
        made = made.rename(columns={"units_per_yr": "value"})
        violations.append(_place_shares(case, rows, made, "{found:,.6g} units are made there"))
    rows = limits_in_periods(case, "jobs_share")
    if len(rows):
        violations.append(_place_shares(case, rows, _staff(case), "{found:,.6g} FTE work there"))
    rows = horizon_limits(case, "capex_share")
    if len(rows):
        violations.append(_place_shares(case, rows, _investment(case), "USD {found:,.6g} are invested there"))
    return violations


def _place_shares(case: Examination, rows: pd.DataFrame, lines: pd.DataFrame, words: str) -> Violations:
    """Compare shares of places in lines of ``site``, ``plant_type``, ``period``, ``value`` (and ``product``)."""
    part = _totals(rows, lambda row: lines[_inside(case, lines, row)])
    whole = _totals(rows, lambda row: lines[_inside(case, lines, row, place=False)])
    return check_shares(rows.assign(part=part, whole=whole), _KEY, words)


def import_share(case: Examination) -> list[Violations]:
    """Compare what comes from overseas with all that arrives of a product at sites and markets of a place."""
    rows = limits_in_periods(case, "import_share")
    if rows.empty:
        return []
    ends = pd.concat([_places(case, "sites", "site"), _places(case, "markets", "market")], ignore_index=True)
    sellers = case.study.suppliers
    abroad = sellers.loc[~sellers["country"].isin(COUNTRIES), "supplier"]
    sent = case.shipments.rename(columns={"units_per_yr": "value"})

    passed = case.study.processes[is_passed_on(case.study.processes)]
    centers = case.production.merge(passed[["plant_type", "product"]], on=["plant_type", "product"])

    def arriving(row: pd.Series, origins: pd.Series) -> pd.DataFrame:
        here = sent["destination"].isin(ends.loc[lies_at(ends, row["place"]), "code"]) & sent["origin"].isin(origins)
        here &= ~sent["origin"].isin(centers.loc[centers["product"] == row["product"], "site"])
        return pd.DataFrame(sent[here & (sent["product"] == row["product"])])

    whole = _totals(rows, lambda row: arriving(row, sent["origin"]))
    part = _totals(rows, lambda row: arriving(row, abroad))
    return [check_shares(rows.assign(part=part, whole=whole), _KEY, "{found:,.6g} units come from overseas")]


def concentration(case: Examination) -> list[Violations]:
    """Compare what each site, state, country, company, supplier or gateway carries with limits on its share."""
    rows = limits_in_periods(case, "concentration")
    if rows.empty:
        return []
    parts = [
        _carried_parts(case, str(product), str(per)).merge(mine, on="period")
        for (product, per), mine in rows.groupby(["product", "per"])
    ]
    return [_of_product(case, pd.concat(parts, ignore_index=True), "carries {found:,.6g} units")]


def survive(case: Examination) -> list[Violations]:
    """Compare what is left without the largest plant with what demand needs, and gateways with the rest of the ways."""
    rows = limits_in_periods(case, "survive_share")
    if rows.empty:
        return []
    need = _units_needed(case)
    left, wanted = [], []
    for row in rows.itertuples():
        sizes = _open_capacity(case, str(row.product), str(row.period))
        sellers = case.facts.selling
        sold = sellers.loc[(sellers["product"] == row.product) & (sellers["period"] == row.period), "allowed"].sum()
        left.append(float(np.nan_to_num(sizes.sum() - sizes.max(), nan=0.0) + sold))
        wanted.append(need.get((str(row.product), str(row.period)), 0.0))
    limited = np.isfinite(left)
    plants = rows.assign(part=left, whole=wanted)[limited].reset_index(drop=True)
    through = [_carried_parts(case, str(p), "gateway").merge(mine, on="period") for p, mine in rows.groupby("product")]
    ways = pd.concat(through, ignore_index=True)
    ways = ways.assign(at_most=1.0 - ways["at_least"], at_least=np.nan)
    return [
        check_shares(plants, _KEY, "{found:,.6g} units can be had without the largest plant"),
        _of_product(case, ways, "carries {found:,.6g} units"),
    ]


def renewable(case: Examination) -> list[Violations]:
    """Compare renewable power, of the grid's mix or contracted, with the electricity of plants at a place."""
    rows = limits_in_periods(case, "renewable_share")
    if rows.empty:
        return []
    mix = case.study.sites[["site"]].merge(case.periods["period"], how="cross")
    at, figure = zip(mix["site"], mix["period"], strict=True), case.audit.plants.figure
    mix["share"] = [min(figure(site, "renewable_share", period), 1.0) for site, period in at]
    made, clean = case.facts.made, case.facts.tables["clean"]
    power = pd.concat(
        [
            made[["site", "period"]].assign(mwh=made["electricity_kwh_per_unit"] * made["units_per_yr"] / 1e3),
            clean[["site", "period"]].assign(mwh=0.0, clean=clean["mwh_per_yr"]),
        ],
        ignore_index=True,
    )
    power = power.merge(pd.DataFrame(mix), on=["site", "period"])
    power["clean"] = power["clean"].fillna(0.0)
    power["green"] = power["share"] * (power["mwh"] - power["clean"]) + power["clean"]
    part = _totals(rows, lambda row: power.assign(value=power["green"])[_inside(case, power, row)])
    whole = _totals(rows, lambda row: power.assign(value=power["mwh"])[_inside(case, power, row)])
    return [check_shares(rows.assign(part=part, whole=whole), _KEY, "{found:,.6g} MWh/yr are renewable")]


def _totals(rows: pd.DataFrame, lines: Callable[[pd.Series], pd.DataFrame]) -> list[float]:
    """Return, for each limit, the sum of ``value`` over its lines in its period, or over the horizon."""
    totals = []
    for _, row in rows.iterrows():
        mine = lines(row)
        if row["period"] != HORIZON:
            mine = mine[mine["period"] == row["period"]]
        totals.append(float(mine["value"].sum()))
    return totals


def _size(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """Return the larger of what is found and of the bounds, and at least a thousandth of all lines together."""
    size: pd.Series = rows[["found", "at_least", "at_most"]].abs().max(axis=1)
    return size.clip(lower=1e-3 * float(lines["value"].abs().sum()))


def _places(case: Examination, table: str, code: str) -> pd.DataFrame:
    frame: pd.DataFrame = case.study.table(table)[[code, "country", "region"]].rename(columns={code: "code"})
    return frame


def _inside(case: Examination, lines: pd.DataFrame, row: pd.Series, *, place: bool = True) -> np.ndarray:
    """Say which lines belong to a limit: its place, its plant type and its product where the lines have one."""
    mask = np.ones(len(lines), dtype=np.bool_)
    if place and isinstance(row["place"], str):
        sites = _places(case, "sites", "site")
        mask &= lines["site"].isin(sites.loc[lies_at(sites, row["place"]), "code"]).to_numpy(np.bool_)
    for column in ("plant_type", "product"):
        if isinstance(row[column], str) and column in lines:
            mask &= (lines[column] == row[column]).to_numpy(np.bool_)
    return mask


def _investment(case: Examination) -> pd.DataFrame:
    """Return own investment, undiscounted: ``site``, ``plant_type``, ``period``, ``value``. [USD]."""
    new, moved = case.facts.opened, case.facts.moved
    again = moved[moved["move"] == "resume"]
    key = ["site", "plant_type", "period"]
    return pd.concat(
        [new[key].assign(value=new["invested_usd"]), again[key].assign(value=again["resume_usd"])], ignore_index=True
    )


def _purchases(case: Examination, product: str) -> pd.DataFrame:
    """Return what suppliers ship of a product."""
    sent = case.shipments
    rows: pd.DataFrame = sent[(sent["product"] == product) & sent["origin"].isin(case.study.suppliers["supplier"])]
    return rows


def _carried_parts(case: Examination, product: str, per: str) -> pd.DataFrame:
    """Return what each site, region, country, supplier, company or gateway carries: ``group``, ``period``, ``part``."""
    study = case.study
    made = case.outputs[case.outputs["product"] == product]
    bought, sent = _purchases(case, product), case.facts.shipped
    groups: list[tuple[pd.DataFrame, list[Any]]] = []
    if per in ("site", "region", "country"):
        of = study.sites.set_index("site", drop=False)[per].to_dict()
        groups.append((made, [of[site] for site in made["site"]]))
    elif per == "supplier":
        groups.append((bought, bought["origin"].tolist()))
    elif per == "company":
        seller = study.suppliers.set_index("supplier")["company"].to_dict()
        groups.append((bought, [seller[code] for code in bought["origin"]]))
        plants = study.plants
        makers = set(study.processes.loc[study.processes["product"] == product, "plant_type"])
        makers |= set(study.by_products.loc[study.by_products["by_product"] == product, "plant_type"])
        plants = plants[plants["status"].isin(LIVE) & plants["plant_type"].isin(makers)]
        at = made.merge(plants[["company", "site"]].dropna().drop_duplicates(), on="site")
        groups.append((at, at["company"].tolist()))
    else:
        mine = sent[sent["product"] == product]
        passed = [(row, code) for row, route in enumerate(mine["route"]) for code in gateways_on(route)]
        groups.append((mine.iloc[[row for row, _ in passed]], [code for _, code in passed]))
    parts = [frame[["period"]].assign(group=codes, part=frame["units_per_yr"]) for frame, codes in groups]
    rows: pd.DataFrame = pd.concat(parts, ignore_index=True)
    rows = rows[np.array([isinstance(code, str) and code != "" for code in rows["group"]], dtype=np.bool_)]
    result: pd.DataFrame = rows.groupby(["group", "period"], as_index=False)[["part"]].sum()
    return result.astype({"group": "str", "period": "str", "part": "float64"})


def _of_product(case: Examination, rows: pd.DataFrame, words: str) -> Violations:
    """Compare parts of ``product`` and ``period`` with all that is made and bought of the product."""
    whole = []
    for row in rows.itertuples():
        made = case.outputs
        made = made[(made["product"] == row.product) & (made["period"] == row.period)]
        bought = _purchases(case, str(row.product))
        whole.append(
            float(made["units_per_yr"].sum() + bought.loc[bought["period"] == row.period, "units_per_yr"].sum())
        )
    return check_shares(rows.assign(whole=whole), ["limit", "group", "period"], words)


def _open_capacity(case: Examination, product: str, period: str) -> pd.Series:
    """Return the units of a product that each place can make, all plants of a type at a site together. [unit/yr]."""
    uses = case.study.processes
    uses = uses[(uses["product"] == product) & ~is_passed_on(uses)][["plant_type", "capacity_use"]]
    rows = case.room[case.room["period"] == period].merge(uses, on="plant_type")
    sizes: pd.Series = rows["room"] / rows["capacity_use"]
    return sizes


def _units_needed(case: Examination) -> dict[tuple[str, str], float]:
    """Return the units of each product that demand needs, what goes into others included, by product and period."""
    study = case.study
    codes = study.products["product"].tolist()
    uses = np.zeros((len(codes), len(codes)))
    good = study.processes.set_index(["plant_type", "product"])["good_share"]
    processes = study.processes[~is_passed_on(study.processes)]
    for product in set(processes["product"]):
        makers = set(processes.loc[processes["product"] == product, "plant_type"])
        rows = case.recipes[case.recipes["product"] == product]
        for part in set(rows["input"]):
            each = rows[rows["input"] == part].groupby("plant_type")["units_per_unit"].sum()
            least = min(each.get(kind, 0.0) / good[kind, product] for kind in makers)
            uses[codes.index(part), codes.index(product)] = least
    bought_only = study.bill_of_materials[~study.bill_of_materials["product"].isin(study.processes["product"])]
    for row in bought_only.itertuples():
        uses[codes.index(row.input), codes.index(row.product)] += row.units_per_unit
    for extra in set(study.by_products["by_product"]):  # may come with something else, and needs nothing then
        uses[:, codes.index(extra)] = 0.0
    demand = demand_by_period(study).pivot_table(
        index="product", columns="period", values="units_per_yr", aggfunc="sum", fill_value=0.0
    )
    demand = demand.reindex(codes, fill_value=0.0)
    need = np.linalg.solve(np.eye(len(codes)) - uses, demand.to_numpy(np.float64))
    return {(p, str(t)): float(need[k, n]) for k, p in enumerate(codes) for n, t in enumerate(demand.columns)}


#: Rules of this room by constraint family.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType(
    {
        "cost_cap": cost_cap,
        "carbon_cap": carbon_cap,
        "freight_carbon_cap": freight_carbon_cap,
        "jobs_floor": jobs_floor,
        "budget": budget,
        "country_share": country_share,
        "import_share": import_share,
        "concentration": concentration,
        "renewable": renewable,
        "survive": survive,
        "staffing": staffing,
        "violation": violation,
    }
)
