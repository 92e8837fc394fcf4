"""Rules of origin and of customs, recomputed from the study's tables and from what a plan makes, ships and declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.results.rules.case import Examination, Violations, are_in, at_least, at_most, constant_text, refuse, sums
from evsiting.results.rules.shared_inputs import most_held
from evsiting.study.schema.countries import COUNTRIES

__all__ = ["RULES"]

_MADE = ["site", "product", "period"]
_SOLD = ["product", "origin", "destination", "period"]
_DECLARED = ["site", "product", "destination", "period"]
_LAW = ["product", "from_country", "to_country", "period"]


def origin(case: Examination) -> list[Violations]:
    """Compare the foreign material of products that are called qualified with what the rule allows."""
    stated = case.plan.decisions["qualified"]
    if stated.empty:
        return []
    rows, inputs = _qualified_products(case), _inputs(case)
    inputs["usd"] = np.where(inputs["alien"], inputs["value_usd"], 0.0) * inputs["units_per_yr"]
    counted = _originating_inputs(case)
    counted["usd"] = -counted["value_usd_per_unit"] * counted["units_per_yr"]
    rows = _with_sum(rows, pd.concat([inputs[[*_MADE, "usd"]], counted[[*_MADE, "usd"]]]), "usd")
    rows["found"] = rows["usd"] + rows["other_foreign"] * rows["units"]
    rows["allowed"] = (rows["net_cost"] - rows["rvc"] * rows["net_cost"]) * rows["units"]
    known = are_in(stated, rows, _MADE) & ~stated.duplicated(_MADE).to_numpy(np.bool_)
    words = "foreign material of USD {found:,.6g}, {allowed:,.6g} may be"
    return [
        refuse(stated[_MADE], ~known, constant_text("no such site or period, no rule of origin, or called twice")),
        at_most(rows, _MADE, "product", words),
    ]


def labor_value(case: Examination) -> list[Violations]:
    """Compare high-wage work and material of products that are called qualified with what the rule asks for.

    Of an input that other products of the site take as well no more counts than the product takes, and what counts for
    one does not count for another.
    """
    if case.plan.decisions["qualified"].empty:
        return []
    rows, inputs = _qualified_products(case), _inputs(case)
    rows = rows[rows["lvc"].notna()].reset_index(drop=True)
    wages = case.facts.sites[["site", "period", "straight_usd"]]
    paid = wages.rename(columns={"site": "origin", "straight_usd": "wage"})
    inputs = inputs.merge(paid, on=["origin", "period"], how="left")
    inputs = inputs.merge(case.audit.customs.origin_rules()[["high_wage"]].reset_index(), on="product")
    north = inputs["bought"] & inputs["from_country"].isin(["US", "CA"])
    high = north | (~inputs["bought"] & (inputs["wage"] >= inputs["high_wage"]))
    inputs["usd_per_unit"] = np.where(high, inputs["value_usd"], 0.0)
    work = case.facts.made
    work = work.assign(work=work["hourly_usd"] * work["labor_h_per_unit"] * work["units_per_yr"])
    rows = _with_sum(rows, work[[*_MADE, "work"]], "work").merge(wages, on=["site", "period"])
    own = rows["work"].where(rows["straight_usd"] >= rows["high_wage"], 0.0)
    rows["own"] = own + rows["other_high_wage"] * rows["units"]
    rows["needed"] = rows["lvc"] * rows["net_cost"] * rows["units"]
    pool = ["site", "period"]
    stock = inputs[[*pool, "product", "input", "origin", "usd_per_unit", "units_per_yr"]]
    if len(stock):  # a lane stands there once for each product; of one unit counts the most that it is to any
        stock = stock.groupby([*pool, "product", "input", "origin", "usd_per_unit"], as_index=False).sum()
        stock = stock.groupby([*pool, "input", "origin"], as_index=False)[["usd_per_unit", "units_per_yr"]].max()
    claims = rows.assign(found=rows["needed"])
    most = most_held(claims, _input_use(case, rows), stock, pool)
    most = most.rename(columns={"found": "allowed", "allowed": "found"})
    return [at_least(most, _MADE, "product", "high-wage value of USD {found:,.6g}, must be {allowed:,.6g}")]


def core_parts(case: Examination) -> list[Violations]:
    """Compare the core parts of products that are called qualified with those of them that originate."""
    if case.plan.decisions["qualified"].empty:
        return []
    parts = case.audit.customs.origin_rules()["core_parts"].explode().dropna()
    core = pd.DataFrame({"product": parts.index.astype("str"), "input": parts.to_numpy(object)}).astype("str")
    key = [*_MADE, "input"]
    inputs = _inputs(case).merge(core, on=["product", "input"])
    counted = _originating_inputs(case).merge(core, on=["product", "input"])[[*key, "units_per_yr"]]
    rows = sums(inputs.assign(found=inputs["units_per_yr"]), key, "found")
    own = inputs.assign(units_per_yr=inputs["units_per_yr"].where(~inputs["alien"], 0.0))[[*key, "units_per_yr"]]
    home = sums(pd.concat([own, counted]), key, "units_per_yr").rename(columns={"units_per_yr": "allowed"})
    rows = rows.merge(home, on=key, how="left").fillna({"allowed": 0.0})
    return [at_most(rows, key, "product", "{found:,.6g} core parts arrive, {allowed:,.6g} originate")]


def originating(case: Examination) -> list[Violations]:
    """Compare inputs that are counted as originating with what is bought from sites whose product qualifies."""
    if case.plan.decisions["originating"].empty:
        return []
    rows = sums(case.plan.decisions["originating"], _SOLD, "units_per_yr").rename(columns={"units_per_yr": "found"})
    sold = sums(case.shipments, _SOLD, "units_per_yr").merge(_sellers(case), on=["product", "origin", "period"])
    rows = rows.merge(sold, on=_SOLD, how="left").rename(columns={"units_per_yr": "allowed"}).fillna({"allowed": 0.0})
    words = "{found:,.6g} counted as originating, {allowed:,.6g} bought from a plant that qualifies"
    return [at_most(rows, _SOLD, "product", words)]


def preference(case: Examination) -> list[Violations]:
    """Compare units that enter a country as originating with those sent there by sites whose product qualifies."""
    if case.plan.decisions["preferences"].empty:
        return []
    rows = sums(case.plan.decisions["preferences"], _DECLARED, "units_per_yr")
    sent = _sent_into_countries(case).merge(_free_to_prefer(case).rename(columns={"origin": "site"}), on=_MADE)
    rows = rows.rename(columns={"units_per_yr": "found"}).merge(sent, on=_DECLARED, how="left")
    rows = rows.rename(columns={"units_per_yr": "allowed"}).fillna({"allowed": 0.0})
    words = "{found:,.6g} declared as originating, {allowed:,.6g} sent there that qualify"
    return [at_most(rows, _DECLARED, "product", words)]


def content(case: Examination) -> list[Violations]:
    """Compare the content declared with what the units declared hold of what is bought in the country they enter.

    A unit holds no more of an input than its bill of materials says, and what goes into one product is in no other.
    """
    if case.plan.decisions["contents"].empty:
        return []
    rows = sums(case.plan.decisions["contents"], _DECLARED, "usd_per_yr").rename(columns={"usd_per_yr": "found"})
    other = case.audit.customs.origin_rules()[["other_content"]].reset_index()
    value = case.study.products[["product", "value_usd_per_unit"]]
    rows = _with_sum(rows, case.plan.decisions["preferences"], "units_per_yr", _DECLARED)
    rows = rows.merge(other, on="product", how="left").merge(value, on="product", how="left")
    rows = rows.fillna({"other_content": 0.0, "value_usd_per_unit": 0.0})
    pool = ["site", "destination", "period"]
    room = _room_of(case, rows[[*pool, "product", "units_per_yr"]])
    stock = case.valued.rename(columns={"site": "seller", "product": "input", "value_usd": "usd_per_unit"})
    stock = stock.rename(columns={"destination": "site", "from_country": "destination"})
    claims = rows.assign(own=rows["other_content"] * rows["units_per_yr"])
    most = most_held(claims, room, stock, pool)
    whole = rows.assign(allowed=rows["value_usd_per_unit"] * rows["units_per_yr"])
    words = "content of USD {found:,.6g}, the units declared hold {allowed:,.6g} bought there"
    return [
        at_most(most, ["site", "product", "destination", "period"], "product", words),
        at_most(whole, _DECLARED, "product", "content of USD {found:,.6g} in goods worth {allowed:,.6g}"),
    ]


def _room_of(case: Examination, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the most ``units`` of each ``input`` in units that a site declares.

    Of plants of the site that make the product of different inputs, those with most of an input made what is declared.
    """
    if rows.empty:
        return rows.assign(input="", units=0.0)
    made = case.production.merge(case.recipes, on=["plant_type", "product"])
    lots: dict[tuple[str, str, str], dict[str, list[tuple[float, float]]]] = {}
    for site, product, period, part, each, units in zip(
        *(made[c].tolist() for c in (*_MADE, "input", "units_per_unit", "units_per_yr")), strict=True
    ):
        lots.setdefault((site, product, period), {}).setdefault(part, []).append((each, units))
    rooms = []
    for row in rows.to_dict("records"):
        for part, mine in lots.get((row["site"], row["product"], row["period"]), {}).items():
            left, units = float(row["units_per_yr"]), 0.0
            for each, count in sorted(mine, reverse=True):
                taken = min(left, count) if len(mine) > 1 or count < left else left
                units, left = units + each * taken, left - taken
            rooms.append({**row, "input": part, "units": units})
    return pd.DataFrame(rooms, columns=[*rows.columns, "input", "units"])


def quota(case: Examination) -> list[Violations]:
    """Compare units within quotas with the quantity, with what is sent, and with what else spares the same duty."""
    if case.plan.decisions["in_quota"].empty:
        return []
    law = case.audit.customs.quotas().rename(columns={"origin": "from_country", "units_per_yr": "quantity"})
    rows = sums(case.plan.decisions["in_quota"], ["quota", "origin", "period"], "units_per_yr")
    rows = rows.merge(law, on=["quota", "period"], how="left").fillna({"quantity": 0.0, "share": 0.0, "product": ""})
    total = sums(rows.assign(found=rows["units_per_yr"]), ["quota", "period", "quantity"], "found")
    sent = _sent_into_countries(case, "origin").rename(columns={"units_per_yr": "sent"})
    rows = rows.merge(sent, on=[*_SOLD, "from_country"], how="left").fillna({"sent": 0.0})
    each = rows.assign(found=rows["units_per_yr"], allowed=rows["share"] * rows["sent"])

    # No unit is spared a measure twice, year by year: in a year in which a quota is in force, its share more enter.
    one = [*_SOLD, "measure", "year"]
    once = rows.merge(case.audit.customs.quota_years(), on=["quota", "period"])
    once["units_per_yr"] /= once["share"]
    once = sums(once, [*one, "sent", "relieved"], "units_per_yr").rename(columns={"sent": "allowed"})
    declared = case.plan.decisions["preferences"].rename(columns={"site": "origin", "units_per_yr": "declared"})
    once = _with_sum(once, declared, "declared", _SOLD)
    once["found"] = once["units_per_yr"] + once["declared"].where(once["relieved"].astype(bool), 0.0)
    return [
        at_most(
            total.rename(columns={"quantity": "allowed"}),
            ["quota", "period"],
            "quota",
            "{found:,.6g} units within a quota of {allowed:,.6g}",
        ),
        at_most(each, ["quota", "origin", "period"], "product", "{found:,.6g} within the quota, {allowed:,.6g} sent"),
        at_most(once, one, "product", "{found:,.6g} units spared the duty, {allowed:,.6g} sent"),
    ]


def offset(case: Examination) -> list[Violations]:
    """Compare duty that is offset with what the units made earn, and with the duty on inputs that are in them.

    An input is in a product if it is taken for it, or for what the site makes itself and uses for it. What is in one
    product is not in another.
    """
    if case.plan.decisions["offsets"].empty:
        return []
    key = [*_MADE, "measure"]
    rows = sums(case.plan.decisions["offsets"], key, "usd_per_yr").rename(columns={"usd_per_yr": "found"})
    country = case.study.sites[["site", "country"]].rename(columns={"country": "destination"})
    law = case.audit.customs.offsets()
    rows = rows.merge(pd.DataFrame(country), on="site", how="left").merge(_made_by_site(case), on=_MADE, how="left")
    rows = rows.merge(law, on=["destination", "product", "measure", "period"], how="left")
    rows["allowed"] = (rows["usd_per_unit"] * rows["units"]).fillna(0.0)

    inputs = case.valued.rename(columns={"site": "seller"})
    duties = case.audit.customs.offset_duties()
    inputs = inputs.merge(duties.rename(columns={"origin": "from_country", "destination": "to_country"}), on=_LAW)
    free = _free_to_prefer(case).rename(columns={"origin": "seller"}).assign(spared=True)
    inputs = inputs.merge(free, on=["product", "seller", "period"], how="left")
    spared = inputs["spared"].notna() & (inputs["relief"] != "none")
    inputs["usd_per_unit"] = (inputs["rate"] * inputs["dutiable_usd"]).where(~spared, 0.0)
    inputs = inputs.rename(columns={"product": "input", "destination": "site", "made": "product"})
    pool = ["site", "measure", "period"]
    lane = [*pool, "input", "seller", "mode", "units_per_yr"]
    inputs = inputs[[*lane, "product", "usd_per_unit"]]
    if len(inputs):  # of the reliefs of a measure what is paid adds up
        inputs = inputs.groupby([*lane, "product"], as_index=False)[["usd_per_unit"]].sum()
    claims, room = rows[[*key, "found"]].assign(own=0.0), _inside(case, rows)
    every = inputs.groupby(lane, as_index=False)[["usd_per_unit"]].max() if len(inputs) else inputs
    one = [frame.assign(maker=frame["product"]) for frame in (claims, room, inputs)]
    alone = most_held(one[0], one[1], one[2], [*pool, "maker"])
    paid = pd.concat([alone, most_held(claims, room, every, pool)], ignore_index=True)
    return [
        at_most(rows, key, "measure", "USD {found:,.6g} offset, {allowed:,.6g} earned by what is made"),
        at_most(paid, [*pool, "product"], "measure", "USD {found:,.6g} offset of a duty of {allowed:,.6g} on inputs"),
    ]


def _inside(case: Examination, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the most units of each input that can be in products of sites, by what is taken and used there.

    Parameters
    ----------
    case : Case
        Study and plan.
    rows : pandas.DataFrame
        ``site``, ``product``, ``period``, ``measure``.

    Returns
    -------
    pandas.DataFrame
        ``site``, ``product``, ``period``, ``measure``, ``input``, ``units`` [unit/yr].
    """
    begun = case.recipes.merge(case.study.processes[["plant_type", "product", "good_share"]])
    begun["count"] = begun["units_per_unit"] / begun["good_share"]
    begun = begun.groupby(["product", "input"], as_index=False, sort=False)[["count"]].max()
    each: dict[str, list[tuple[str, float]]] = {}
    counts = begun["count"].tolist()
    for product, part, count in zip(begun["product"], begun["input"], counts, strict=True):
        each.setdefault(product, []).append((part, count))
    here = case.shipments[case.shipments["origin"] == case.shipments["destination"]]
    on_site = here.groupby(["origin", "product", "period"])["units_per_yr"].sum().to_dict() if len(here) else {}
    taken = _input_use(case, rows[_MADE].drop_duplicates())

    def deeper(site: str, period: str, part: str, units: float) -> Iterator[tuple[str, float]]:
        yield part, units
        own = min(units, on_site.get((site, part, period), 0.0))
        for inner, count in each.get(part, []) if own > 0.0 else []:
            yield from deeper(site, period, inner, own * count)

    most_units = [
        (site, product, period, part, units)
        for site, product, period, first, amount in zip(
            *(taken[c].tolist() for c in (*_MADE, "input", "units")), strict=True
        )
        for part, units in deeper(site, period, first, amount)
    ]
    room = pd.DataFrame(most_units, columns=[*_MADE, "input", "units"])
    return rows[[*_MADE, "measure"]].merge(room, on=_MADE)


def _made_by_site(case: Examination) -> pd.DataFrame:
    """Return what sites make, all plant types together: ``units``. [unit/yr]."""
    return sums(case.made_here.rename(columns={"units_per_yr": "units"}), _MADE, "units")


def _input_use(case: Examination, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the units of each input that products of sites take, ``units``, the bad ones with the good. [unit/yr]."""
    begun = case.facts.made
    begun = begun.assign(units=begun["units_per_yr"] / begun["good_share"]).merge(rows[_MADE], on=_MADE)
    begun = begun[[*_MADE, "plant_type", "units"]].merge(case.recipes, on=["plant_type", "product"])
    return begun.assign(units=begun["units"] * begun["units_per_unit"])


def _qualified_products(case: Examination) -> pd.DataFrame:
    """Return products that are called qualified with their rule and what is made of them."""
    rules = case.audit.customs.origin_rules().reset_index()
    rows = case.plan.decisions["qualified"][_MADE].drop_duplicates().merge(rules, on="product")
    known = are_in(rows, case.study.sites, ["site"]) & are_in(rows, case.periods, ["period"])
    result: pd.DataFrame = rows[known].merge(_made_by_site(case), on=_MADE, how="left").fillna({"units": 0.0})
    return result


def _inputs(case: Examination, *, every: bool = False) -> pd.DataFrame:
    """Return what arrives for products that are called qualified (for all where ``every``), one row a lane.

    ``site`` and ``product`` are of the buyer, ``input`` and ``origin`` of the seller; ``bought`` from a supplier;
    ``alien``: foreign unless it is counted as originating.
    """
    bom = _uses(case)
    sold = case.valued.rename(columns={"site": "origin", "product": "input", "destination": "site"})
    rows = sold[["site", "input", "origin", "period", "units_per_yr", "value_usd", "price_usd", "from_country"]]
    rows = rows.merge(bom, on=["site", "input"]).merge(
        (_made_by_site(case) if every else _qualified_products(case))[_MADE], on=_MADE
    )
    ruled = rows["input"].isin(case.study.origin_rules["product"])
    rows["bought"] = rows["price_usd"].notna()
    rows["alien"] = np.where(rows["bought"], ~rows["from_country"].isin(COUNTRIES), ruled)
    return rows


def _originating_inputs(case: Examination) -> pd.DataFrame:
    """Return inputs that buyers of products that are called qualified count as originating, with their value."""
    rows = case.plan.decisions["originating"].rename(columns={"product": "input", "destination": "site"})
    value = case.study.products[["product", "value_usd_per_unit"]].rename(columns={"product": "input"})
    rows = rows.merge(value, on="input").merge(_uses(case), on=["site", "input"])
    return rows.merge(_qualified_products(case)[_MADE], on=_MADE)


def _uses(case: Examination) -> pd.DataFrame:
    """Return which inputs go into which products at a site, by the plants that make something there."""
    makers = case.made_here[["site", "plant_type", "product"]].drop_duplicates()
    uses = makers.merge(case.recipes, on=["plant_type", "product"])
    return uses[["site", "product", "input"]].drop_duplicates()


def _sellers(case: Examination) -> pd.DataFrame:
    """Return products of sites that are called qualified, as ``product``, ``origin``, ``period``."""
    return _qualified_products(case)[_MADE].rename(columns={"site": "origin"})


def _free_to_prefer(case: Examination) -> pd.DataFrame:
    """Return products of sites that enter as originating: those that qualify, and those without a rule."""
    sites = pd.DataFrame(case.study.sites[["site"]]).rename(columns={"site": "origin"})
    products = case.study.products[["product"]]
    free = products[~products["product"].isin(case.study.origin_rules["product"])]
    every = free.merge(sites, how="cross").merge(case.periods[["period"]], how="cross")
    pairs: pd.DataFrame = pd.concat([every, _sellers(case)], ignore_index=True)[["product", "origin", "period"]]
    return pairs


def _sent_into_countries(case: Examination, seller: str = "site") -> pd.DataFrame:
    """Return what each seller sends into each country, ``destination``."""
    rows = case.valued.drop(columns="destination").rename(columns={"to_country": "destination"})
    rows = rows.rename(columns={"site": seller})
    return sums(rows, ["product", seller, "destination", "period", "from_country"], "units_per_yr")


def _with_sum(rows: pd.DataFrame, more: pd.DataFrame, value: str, key: list[str] | None = None) -> pd.DataFrame:
    """Return rows with the sum of a column by key; zero where there is none."""
    key = key or _MADE
    return rows.merge(sums(more, key, value), on=key, how="left").fillna({value: 0.0})


#: Rules of this room by constraint family.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType(
    {
        "origin": origin,
        "labor_value": labor_value,
        "core_parts": core_parts,
        "originating": originating,
        "preference": preference,
        "content": content,
        "quota": quota,
        "offset": offset,
    }
)
