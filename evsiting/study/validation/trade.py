"""Checks of trade: countries, duties and what relieves them, rules of origin, lanes, gateways, commitments."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from evsiting.errors import shown
from evsiting.study.buildable import places
from evsiting.study.findings import Findings, count
from evsiting.study.lists import explode_lists, gateways_on
from evsiting.study.schema.countries import COUNTRIES, ISO_CODES, MEANT
from evsiting.study.validation.names import way_out

__all__ = ["check_trade", "warn_duty_free_imports"]

_LANE = ("product", "origin", "destination")
_DUTY = (*_LANE, "measure")


def check_trade(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Note duties, reliefs, lanes and commitments that cannot be as they are written.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    _check_countries(tables, findings)
    _check_abroad(tables, findings)
    _check_relief(tables, findings)
    if "duties" not in unread:
        _check_quotas(tables, findings)
        if "bill_of_materials" not in unread:
            _check_offsets(tables, findings)
    if "bill_of_materials" not in unread:
        _check_core_parts(tables, findings)
    _warn_strict_rules(tables, findings)
    _check_on_site(tables, findings)
    _warn_gateways(tables, findings, unread)
    if len(tables.get("commitments", ())):
        _check_sold(tables, findings, unread)
        _check_made(tables, findings, unread)
        _check_wanted(tables, findings, unread)


def _check_countries(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse two letters that are the code of no country."""
    for name, column in (("suppliers", "country"), ("duties", "origin"), ("quotas", "origin")):
        if name not in tables:
            continue
        codes = tables[name][column]
        bad = codes[codes.notna() & codes.str.fullmatch("[A-Z]{2}") & ~codes.isin(ISO_CODES)]
        if len(bad):
            hint = "".join(f"For {c} write {MEANT[c]}. " for c in dict.fromkeys(bad) if c in MEANT)
            findings.table(
                findings.where(name, column),
                f"{count(len(bad), len(codes), 'code')} of no country",
                findings.rows(name, bad),
                f"{hint}Give the two letters of ISO 3166-1, such as KR, CN, DE",
            )


def _check_abroad(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse duties and quotas of a country on what comes from itself."""
    for name in ("duties", "quotas"):
        if name not in tables:
            continue
        frame = tables[name]
        home = frame["origin"] == frame["destination"]
        if home.any():
            findings.table(
                findings.where(name, "origin", "destination"),
                f"{count(int(home.sum()), len(frame), 'row')} of a country on what comes from itself",
                findings.rows(
                    name, (frame["product"] + " from " + frame["origin"] + " to " + frame["destination"])[home]
                ),
                "Correct the origin or the destination",
            )


def _check_relief(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse relief for goods that can never originate: only those made in a country of the agreement do."""
    if "duties" not in tables:
        return
    frame = tables["duties"]
    never = frame["relief"].isin(["free", "content"]) & frame["origin"].notna() & ~frame["origin"].isin(COUNTRIES)
    if never.any():
        seen = frame["product"] + " from " + frame["origin"] + ": " + frame["relief"]
        findings.table(
            findings.where("duties", "relief"),
            f"{count(int(never.sum()), len(frame), 'row')} with relief for goods that cannot originate",
            findings.rows("duties", seen[never]),
            f"Only what is made in {', '.join(COUNTRIES)} can qualify: write none, and a lower rate or a quota for a "
            "deal with another country",
        )


def _duties(tables: Mapping[str, pd.DataFrame], *columns: str) -> pd.DataFrame:
    """Return columns of the table of duties, without rows where one is missing."""
    if "duties" not in tables:
        return pd.DataFrame({c: pd.Series(dtype="str") for c in columns})
    return tables["duties"].dropna(subset=list(columns))[list(columns)]


def _check_quotas(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse quotas of a duty that there is not, and those that lower nothing."""
    if not len(tables.get("quotas", ())):
        return
    frame = tables["quotas"].dropna(subset=list(_DUTY))
    duties = _duties(tables, *_DUTY, "rate")
    highest = duties.groupby(list(_DUTY))["rate"].max()
    rate = pd.Series(
        [highest.get(key) for key in frame[list(_DUTY)].itertuples(index=False, name=None)],
        index=frame.index,
        dtype="float64",
    )
    lost = frame[rate.isna()]
    if len(lost):
        lanes = lost[list(_LANE)].drop_duplicates()
        known = set(duties.merge(lanes, on=list(_LANE))["measure"])
        seen = lost["measure"] + " on " + lost["product"] + " from " + lost["origin"] + " to " + lost["destination"]
        findings.study(
            findings.where("quotas", "measure"),
            f"{count(len(lost), len(frame), 'quota')} of a duty that is not in {findings.where('duties')}",
            findings.rows("quotas", seen),
            way_out(lost["measure"].unique(), known, findings.where("duties", "measure")),
        )
    idle = rate.notna() & (frame["rate"] >= rate)
    if idle.any():
        seen = pd.Series(
            [f"{a:g}, and {b:g} beyond it" for a, b in zip(frame["rate"][idle], rate[idle], strict=True)],
            index=frame.index[idle],
            dtype="str",
        )
        findings.study(
            findings.where("quotas", "rate"),
            f"{count(int(idle.sum()), len(frame), 'quota')} not lower than the duty itself",
            findings.rows("quotas", seen),
            f"Give the rate within the quota, below that of {findings.where('duties', 'rate')}",
        )


def _inputs(tables: Mapping[str, pd.DataFrame]) -> dict[str, set[str]]:
    """Return what goes into each product."""
    if "bill_of_materials" not in tables:
        return {}
    lines = tables["bill_of_materials"][["product", "input"]].dropna()
    return {str(made): set(group["input"]) for made, group in lines.groupby("product")}


def _check_offsets(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse offsets of a duty that no input of the product pays in that country."""
    if not len(tables.get("duty_offsets", ())):
        return
    frame = tables["duty_offsets"].dropna(subset=["destination", "product", "measure"])
    inputs, duties = _inputs(tables), _duties(tables, "product", "destination", "measure")
    paid: dict[tuple[str, str], set[str]] = {}
    for product, destination, measure in duties.itertuples(index=False, name=None):
        paid.setdefault((destination, product), set()).add(measure)
    known = [
        set().union(*(paid.get((destination, part), set()) for part in inputs.get(product, ())))
        for destination, product in frame[["destination", "product"]].itertuples(index=False, name=None)
    ]
    lost = frame[[measure not in names for measure, names in zip(frame["measure"], known, strict=True)]]
    if len(lost):
        home = f"the duties on what goes into it ({findings.where('duties', 'measure')})"
        findings.study(
            findings.where("duty_offsets", "measure"),
            f"{count(len(lost), len(frame), 'offset')} of a duty that no input of the product pays there",
            findings.rows("duty_offsets", lost["measure"] + " on inputs of " + lost["product"]),
            way_out(lost["measure"].unique(), set().union(*known), home),
        )


def _check_core_parts(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse core parts that do not go into the product."""
    if "origin_rules" not in tables:
        return
    frame = tables["origin_rules"]
    core = explode_lists(frame["core_parts"])
    product = frame["product"].reindex(core.index)
    inputs = _inputs(tables)
    bad = core[[isinstance(p, str) and c not in inputs.get(p, ()) for c, p in zip(core, product, strict=True)]]
    if len(bad):
        known = set().union(*(inputs.get(p, set()) for p in frame["product"].reindex(bad.index).unique()))
        findings.study(
            findings.where("origin_rules", "core_parts"),
            f"{count(len(bad), len(core), 'part')} no input of the product",
            findings.rows("origin_rules", bad),
            way_out(bad.unique(), known, findings.where("bill_of_materials", "input")),
        )


def _warn_strict_rules(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of products that no plant can make so that they originate: unmodelled material alone is too much."""
    if "origin_rules" not in tables or "products" not in tables:
        return
    frame = tables["origin_rules"]
    value = dict(tables["products"][["product", "value_usd_per_unit"]].dropna().itertuples(index=False, name=None))
    net = frame["net_cost_usd_per_unit"].fillna(frame["product"].map(value).astype("float64"))
    never = frame["other_foreign_usd_per_unit"] > (1.0 - frame["rvc"]) * net * (1.0 + 1e-9)
    if never.any():
        findings.warnings.append(
            f"{findings.where('origin_rules', 'other_foreign_usd_per_unit')}: other foreign material alone is more "
            f"than the rule allows, so that these never qualify: {shown(frame.loc[never, 'product'])}"
        )


def warn_duty_free_imports(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of imports that no duty is given for, where others have one: they come in free."""
    if not all(len(tables.get(name, ())) for name in ("duties", "suppliers")) or len(tables.get("lanes", ())):
        return
    dutiable = set(tables["duties"]["product"] + " from " + tables["duties"]["origin"])
    frame = tables["suppliers"]
    free = frame["product"] + " from " + frame["country"]
    free = free[free.notna() & ~frame["country"].isin(COUNTRIES) & ~free.isin(dutiable)]
    if len(free):
        findings.warnings.append(
            f"{findings.where('duties')}: has no row for {shown(dict.fromkeys(free))}; these imports are free of duty"
        )


def _check_on_site(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse lanes from a place to itself that are not on site, and the other way round."""
    if "lanes" not in tables:
        return
    frame = tables["lanes"]
    odd = (frame["mode"] == "on_site") != (frame["origin"] == frame["destination"])
    if odd.any():
        findings.table(
            findings.where("lanes", "mode", "origin", "destination"),
            f"{count(int(odd.sum()), len(frame), 'lane')} in contradiction",
            findings.rows("lanes", (frame["origin"] + " to " + frame["destination"] + " by " + frame["mode"])[odd]),
            "Mode on_site is for lanes from a site to itself, and only for those",
        )


def _warn_gateways(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Tell of gateways that no lane goes through, where the study has lanes of its own."""
    if not len(tables.get("gateways", ())) or not len(tables.get("lanes", ())) or "lanes" in unread:
        return
    named = {gateway for route in tables["lanes"]["route"].unique() for gateway in gateways_on(route)}
    codes = tables["gateways"]["gateway"]
    idle = codes[codes.notna() & ~codes.isin(named)]
    if len(idle):
        findings.warnings.append(
            f"{findings.where('gateways', 'gateway')}: no lane goes through {shown(idle)}, so that these limit nothing"
        )


def _check_sold(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Refuse commitments of suppliers to deliver what they do not sell, or more than they sell."""
    if "suppliers" in unread or "suppliers" not in tables:
        return
    frame = tables["commitments"]
    sellers = tables["suppliers"].dropna(subset=["supplier", "product"]).drop_duplicates("supplier")
    sold = frame["origin"].map(dict(sellers[["supplier", "product"]].itertuples(index=False, name=None)))
    other = sold.notna() & frame["product"].notna() & (sold != frame["product"])
    if other.any():
        findings.study(
            findings.where("commitments", "origin", "product"),
            f"{count(int(other.sum()), len(frame), 'commitment')} of a supplier that sells something else",
            findings.rows("commitments", (frame["origin"] + " sells " + sold + ", not " + frame["product"])[other]),
            f"Correct the product, or {findings.where('suppliers', 'product')}",
        )
    most = dict(sellers[["supplier", "capacity_units_per_yr"]].dropna().itertuples(index=False, name=None))
    promised = _floors(frame[~other], tables, ("origin", "product"), "destination")
    over = [
        f"{origin} in {period}: {units:,.12g} promised, {most[origin]:,.12g} sold"
        for (origin, _, period), units in promised.items()
        if units > most.get(origin, units) * (1.0 + 1e-9)
    ]
    if over:
        findings.study(
            findings.where("commitments", "at_least"),
            "more is promised than the supplier sells",
            shown(over),
            f"Lower the floors, or raise {findings.where('suppliers', 'capacity_units_per_yr')}",
        )


def _check_made(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Refuse commitments of sites to deliver what nothing there can make, not as a by-product either."""
    needed = {"sites", "options", "processes"}
    if not needed <= set(tables) or (needed | {"plants", "by_products"}) & set(unread):
        return
    frame = tables["commitments"]
    makers = tables["processes"][["plant_type", "product"]]
    if "by_products" in tables:
        beside = tables["by_products"][["plant_type", "by_product"]]
        makers = pd.concat([makers, beside.rename(columns={"by_product": "product"})])
    makers = makers.dropna()
    products = {str(kind): set(group["product"]) for kind, group in makers.groupby("plant_type")}
    made = {(site, product) for site, kind in places(tables) for product in products.get(kind, ())}
    keys = zip(frame["origin"], frame["product"], strict=True)
    never = frame["origin"].isin(tables["sites"]["site"].dropna()) & frame["product"].notna()
    never &= (frame["at_least"] > 0.0) & pd.Series([key not in made for key in keys], index=frame.index, dtype=bool)
    if never.any():
        findings.study(
            findings.where("commitments", "origin", "product"),
            f"{count(int(never.sum()), len(frame), 'commitment')} of what nothing can make there",
            findings.rows("commitments", (frame["product"] + " at " + frame["origin"])[never]),
            "Name a site where a plant stands or may be built that makes it",
        )


def _check_wanted(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Refuse commitments to bring a market more than it wants: no more than the demand is delivered."""
    if not {"demand", "periods", "markets"} <= set(tables) or {"demand", "periods", "markets"} & set(unread):
        return
    demand = tables["demand"].dropna(subset=["market", "product", "units_per_yr"])
    frame = tables["commitments"]
    frame = frame[frame["destination"].isin(tables["markets"]["market"].dropna())]
    over = []
    for (market, product, period), units in _floors(frame, tables, ("destination", "product"), "origin").items():
        mine = demand[(demand["market"] == market) & (demand["product"] == product)]
        wanted = float(mine.loc[mine["period"].isna() | (mine["period"] == period), "units_per_yr"].sum())
        if units > wanted * (1.0 + 1e-9):
            over.append(f"{product} to {market} in {period}: {units:,.12g} promised, {wanted:,.12g} wanted")
    if over:
        findings.study(
            findings.where("commitments", "at_least"),
            "more is promised than the market wants",
            shown(over),
            f"Lower the floors, or raise {findings.where('demand', 'units_per_yr')}",
        )


def _floors(
    frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], key: tuple[str, str], other: str
) -> dict[tuple[str, str, str], float]:
    """Return the least that commitments make flow from or to a place, by (place, product, period). [units/yr]

    Floors for different other ends add up; of several for the same end the highest holds, and one for any end may
    be met by the others.
    """
    periods = tables["periods"]["period"].dropna().tolist() if "periods" in tables else []
    frame = frame.dropna(subset=[*key, "at_least"])
    made: dict[tuple[str, str, str], float] = {}
    for period in periods:
        now = frame[frame["period"].isna() | (frame["period"] == period)]
        for (place, product), group in now.groupby(list(key)):
            each = group[group[other].notna()].groupby(other)["at_least"].max().sum()
            whole = group.loc[group[other].isna(), "at_least"].max()
            made[str(place), str(product), str(period)] = max(float(each), 0.0 if whole != whole else float(whole))
    return made
