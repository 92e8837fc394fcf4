"""Duties, quotas and offsets by period: what the law takes and spares on each pair of countries.

A measure that is in force in some years of a period counts with the mean over the years of the period, each year
weighted by its discount factor, so that the mean is worth as much as what is paid year by year.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.study.derived.trajectories import by_period
from evsiting.study.horizon import Horizon
from evsiting.study.lists import split_list
from evsiting.study.study import Study

__all__ = [
    "customs_values",
    "lane_duty",
    "lane_rates",
    "with_countries",
    "offset_duties",
    "offsets",
    "origin_rules",
    "quota_years",
    "quotas",
    "reliefs",
    "stacks",
    "unit_values",
    "years",
]

_LANE = ["product", "origin", "destination"]
_STACK = [*_LANE, "period", "measure", "relief"]


def years(study: Study) -> pd.DataFrame:
    r"""Return every year of the horizon with its weight within its period.

    .. math:: w_y = (1 + r)^{-y} \Big/ \sum_{y' \in t} (1 + r)^{-y'}

    Returns
    -------
    pandas.DataFrame
        ``period``, ``year``, ``weight`` [1]; weights of a period add up to one.
    """
    horizon = Horizon.of(study.periods, study.settings.money)
    length = horizon.years.astype(np.int64)
    after = np.concatenate([np.arange(n) for n in length]) if len(length) else np.zeros(0, np.int64)
    frame = pd.DataFrame(
        {"period": np.repeat(np.array(horizon.periods, dtype=object), length).astype("str"), "after": after}
    )
    frame["year"] = np.repeat(horizon.start_years, length) + after
    frame["weight"] = (1.0 + study.settings.money.discount_rate) ** -after.astype(np.float64)
    frame["weight"] /= frame.groupby("period")["weight"].transform("sum")
    return frame[["period", "year", "weight"]]


def stacks(study: Study) -> pd.DataFrame:
    r"""Return the duties in force between countries, one row a measure and period.

    .. math:: d_{p a c t m} = \sum_{y \in t} w_y\,rate_m\,dutiable_m

    Returns
    -------
    pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``period``, ``measure``, ``relief``, and ``rate``: part of the customs
        value, above zero [1]. Rows of one measure and relief add up.

    Examples
    --------
    >>> import evsiting as ev
    >>> stacks(ev.example("starter"))[["product", "origin", "destination", "rate"]].drop_duplicates()
      product origin destination   rate
    0    cell     KR          US  0.034
    """
    rows = _yearly(study, study.duties)
    rows["rate"] = rows["ad_valorem"] * rows["weight"]
    return _positive_sums(rows, _STACK, "rate")


def reliefs(study: Study) -> pd.DataFrame:
    """Return what a good is spared that enters a country as originating.

    Returns
    -------
    pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``period``; ``free``: part of its value that it does not pay;
        ``content``: what each dollar of its content from the destination does not pay [1]. One of them is above zero.
    """
    rows = stacks(study)
    rows = rows[rows["relief"].isin(["free", "content"])]
    for relief in ("free", "content"):
        rows[relief] = rows["rate"].where(rows["relief"] == relief, 0.0)
    if rows.empty:
        return pd.DataFrame(rows[[*_LANE, "period", "free", "content"]])
    result: pd.DataFrame = rows.groupby([*_LANE, "period"], as_index=False)[["free", "content"]].sum()
    return result


def quotas(study: Study) -> pd.DataFrame:
    r"""Return what quotas let in and spare, one row a quota and period in which it is in force.

    .. math:: share_{kt} = \sum_{y \in t,\,y \in k} w_y, \qquad
       saved_{kt} = \sum_{y \in t,\,y \in k} w_y\,(d_{my} - rate_k)^+ \Big/ share_{kt}

    Units within a quota are a mean over all years of the period: in a year in which it is in force,
    :math:`in\_quota / share` enter.

    Returns
    -------
    pandas.DataFrame
        ``quota``, ``product``, ``origin``, ``destination``, ``measure``, ``period``; ``share``: weight of the years in
        which it is in force [1]; ``units_per_yr``: most units, times that share [unit/yr]; ``rate``: part of the value
        that a unit within the quota saves [1]; ``relieved``: whether an originating good is spared the measure too.
    """
    law = study.quotas.rename(columns={"rate": "within", "units_per_yr": "most"})
    rows = _rows_in_force(study, law)
    key = [*_LANE, "measure"]
    duty = _positive_sums(_yearly(study, study.duties), [*key, "year"], "ad_valorem")
    rows = rows.merge(duty, on=[*key, "year"], how="left").fillna({"ad_valorem": 0.0})
    rows["rate"] = (rows["ad_valorem"] - rows["within"]).clip(lower=0.0) * rows["weight"]
    rows["units_per_yr"] = rows["most"] * rows["weight"]
    named = ["quota", *key, "period"]
    allowances = _sums_by_key(rows, named, ["weight", "units_per_yr", "rate"])
    allowances["rate"] /= allowances["weight"]
    spared = stacks(study)
    spared = spared.loc[spared["relief"] != "none", [*key, "period"]].drop_duplicates().assign(relieved=True)
    allowances = allowances.merge(spared, on=[*key, "period"], how="left").rename(columns={"weight": "share"})
    allowances["relieved"] = allowances["relieved"].astype("boolean").fillna(False).astype(bool)
    return allowances[[*named, "share", "units_per_yr", "rate", "relieved"]]


def quota_years(study: Study) -> pd.DataFrame:
    """Return which quotas, and whether origin, spare one measure in the same years.

    Returns
    -------
    pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``measure``, ``period``, ``year``: the first of such years;
        ``quotas`` (tuple of str): those in force; ``relieved``: whether an originating good is spared the measure then.
        One row for each different answer within a period.
    """
    key = [*_LANE, "measure"]
    rows = _rows_in_force(study, study.quotas)[[*key, "period", "year", "quota"]]
    if rows.empty:
        return pd.DataFrame(rows.drop(columns="quota").assign(quotas=[], relieved=[]))
    quotas_of_year = rows.sort_values("quota").groupby([*key, "period", "year"], as_index=False)[["quota"]].agg(tuple)
    spared = _yearly(study, study.duties)
    spared = spared[(spared["relief"] != "none") & (spared["ad_valorem"] > 0.0)]
    free = set(spared[[*key, "year"]].itertuples(index=False, name=None))
    result: pd.DataFrame = quotas_of_year.rename(columns={"quota": "quotas"}).sort_values(
        [*key, "year"], ignore_index=True
    )
    result["relieved"] = [row in free for row in result[[*key, "year"]].itertuples(index=False, name=None)]
    return result.drop_duplicates([*key, "period", "quotas", "relieved"], ignore_index=True)


def offsets(study: Study) -> pd.DataFrame:
    r"""Return the duty that making a unit offsets, one row a country, product, measure and period.

    .. math:: z_{c p m t} = \sum_{y \in t} w_y\,share\,value \quad [\mathrm{USD/unit}]

    Returns
    -------
    pandas.DataFrame
        ``destination``, ``product``, ``measure``, ``period``, ``usd_per_unit`` above zero.
    """
    rows = _rows_in_force(study, study.duty_offsets)
    rows["usd_per_unit"] = rows["share"] * rows["value_usd_per_unit"] * rows["weight"]
    return _positive_sums(rows, ["destination", "product", "measure", "period"], "usd_per_unit")


def offset_duties(study: Study) -> pd.DataFrame:
    """Return the duties on inputs that makers may offset: those of the years in which the maker's offset is in force.

    Duties for which a quota is in force are left out: what is within it does not pay them.

    Returns
    -------
    pandas.DataFrame
        As :func:`stacks`, and ``made``: the product that earns the offset; rows with a relief count only for units
        that do not qualify for it.
    """
    offsets = _rows_in_force(study, study.duty_offsets)[["destination", "measure", "year", "product"]].drop_duplicates()
    offsets = offsets.rename(columns={"product": "made"})
    rows = _yearly(study, study.duties).merge(offsets, on=["destination", "measure", "year"])
    rows["rate"] = rows["ad_valorem"] * rows["weight"]
    rows = _positive_sums(rows, [*_STACK, "made"], "rate")
    key = [*_LANE, "measure", "period"]
    limited = set(quotas(study)[key].itertuples(index=False, name=None))
    keep = [row not in limited for row in rows[key].itertuples(index=False, name=None)]
    return rows[np.array(keep, dtype=np.bool_)].reset_index(drop=True)


def origin_rules(study: Study) -> pd.DataFrame:
    """Return the rules of origin with every figure that a row may leave empty, by product.

    Returns
    -------
    pandas.DataFrame
        Index ``product``; ``rvc``, ``lvc`` (NaN: no rule), ``net_cost``, ``other_foreign``, ``other_high_wage``,
        ``other_content`` [USD/unit], ``high_wage`` [USD/h], ``core_parts`` (tuple of products).
    """
    value = study.products.set_index("product")["value_usd_per_unit"]
    rules = study.origin_rules.set_index("product")
    filled = pd.DataFrame(
        {
            "rvc": rules["rvc"],
            "lvc": rules["lvc"],
            "net_cost": rules["net_cost_usd_per_unit"].fillna(value.reindex(rules.index)),
            "other_foreign": rules["other_foreign_usd_per_unit"],
            "other_high_wage": rules["other_high_wage_usd_per_unit"],
            "other_content": rules["other_content_usd_per_unit"],
            "high_wage": rules["high_wage_usd_per_h"],
        }
    ).astype("float64")
    parts = [cell if isinstance(cell, str) else "" for cell in rules["core_parts"]]
    filled["core_parts"] = [split_list(cell) for cell in parts]
    return filled.sort_index()


def unit_values(study: Study, lanes: pd.DataFrame) -> NDArray[np.float64]:
    """Return what duty is levied on: a product's value from a site, the customs value of the period from a supplier.

    A supplier without a customs value is taken at its price. Both move from period to period with the price.

    Parameters
    ----------
    study : Study
        Its periods in order of time are the columns.
    lanes : pandas.DataFrame
        ``product``, ``origin``.

    Returns
    -------
    numpy.ndarray, shape (L, T)
        Customs value. [USD/unit]
    """
    steps = len(study.periods)
    value = study.products.set_index("product")["value_usd_per_unit"].reindex(lanes["product"]).to_numpy(np.float64)
    out = np.repeat(value[:, None], steps, axis=1)
    sellers = study.suppliers
    seller = pd.Index(sellers["supplier"]).get_indexer(pd.Index(lanes["origin"]))
    if len(sellers) and (seller >= 0).any():
        price = customs_values(study).to_numpy(np.float64)
        prices = by_period(study, "price_usd_per_unit", price, list(sellers["country"]), list(sellers["supplier"]))
        out[seller >= 0] = prices[seller[seller >= 0]]
    return out


def customs_values(study: Study) -> pd.Series[float]:
    """Return what duties on the goods of each supplier are levied on, before any change of price. [USD/unit]"""
    value: pd.Series[float] = study.suppliers["price_usd_per_unit"].astype("float64")
    if "customs_value_usd_per_unit" in study.suppliers:
        value = study.suppliers["customs_value_usd_per_unit"].astype("float64").fillna(value)
    return value


def lane_duty(study: Study, lanes: pd.DataFrame) -> NDArray[np.float64]:
    r"""Return the duty on one unit of each lane if nothing relieves it; further duty of the lane itself left out.

    .. math:: v_{lt} \sum_m d_{p(l)\,a(l)\,c(l)\,t\,m} \quad [\mathrm{USD/unit}]

    Parameters
    ----------
    study : Study
        With countries at all places.
    lanes : pandas.DataFrame
        ``product``, ``origin``, ``destination``.

    Returns
    -------
    numpy.ndarray, shape (L, T)
        In the order of ``lanes`` and of the periods in time.
    """
    return np.asarray(lane_rates(study, stacks(study), lanes) * unit_values(study, lanes))


def lane_rates(study: Study, duties: pd.DataFrame, lanes: pd.DataFrame) -> NDArray[np.float64]:
    """Return the part of the value of one unit of each lane that duties take.

    Parameters
    ----------
    study : Study
        With countries at all places.
    duties : pandas.DataFrame
        Rows of :func:`stacks`, all of them or some; they add up.
    lanes : pandas.DataFrame
        ``product``, ``origin``, ``destination``.

    Returns
    -------
    numpy.ndarray, shape (L, T)
        In the order of ``lanes`` and of the periods in time. [1]
    """
    periods = study.periods.sort_values("start_year")["period"].tolist()
    if duties.empty or not len(lanes):
        return np.zeros((len(lanes), len(periods)))
    table = duties.pivot_table(index=_LANE, columns="period", values="rate", aggfunc="sum", fill_value=0.0)
    rates = table.reindex(columns=periods, fill_value=0.0).to_numpy(np.float64)
    ends = with_countries(study, lanes)
    at = table.index.get_indexer(pd.MultiIndex.from_arrays([ends["product"], ends["from_country"], ends["to_country"]]))
    return np.asarray(np.where((at >= 0)[:, None], rates[at], 0.0))


def with_countries(study: Study, lanes: pd.DataFrame) -> pd.DataFrame:
    """Return lanes with the country that each unit comes from (``from_country``) and enters (``to_country``).

    Parameters
    ----------
    study : Study
        With countries at all places.
    lanes : pandas.DataFrame
        ``origin``, ``destination``.
    """
    sites = study.sites.set_index("site")["country"]
    begin = pd.concat([study.suppliers.set_index("supplier")["country"], sites])
    end = pd.concat([study.markets.set_index("market")["country"], sites])
    return lanes.assign(
        from_country=begin.reindex(lanes["origin"]).to_numpy(object),
        to_country=end.reindex(lanes["destination"]).to_numpy(object),
    )


def _rows_in_force(study: Study, law: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table of law for every year of the horizon in which they are in force."""
    if law.empty:  # as most studies have it of quotas and offsets
        return law.assign(period=pd.Series(dtype="str"), year=pd.Series(dtype=np.int64), weight=pd.Series(dtype=float))
    rows = law.merge(years(study), how="cross")
    first, last = rows["first_year"].astype("float64"), rows["last_year"].astype("float64")
    return rows[(first.isna() | (first <= rows["year"])) & (last.isna() | (rows["year"] <= last))]


def _yearly(study: Study, duties: pd.DataFrame) -> pd.DataFrame:
    """Return duties by year, with what they take of the whole value as ``ad_valorem``."""
    rows = _rows_in_force(study, duties.rename(columns={"rate": "of_dutiable"}))
    rows["ad_valorem"] = rows["of_dutiable"] * rows["dutiable_share"]
    return rows


def _sums_by_key(rows: pd.DataFrame, key: list[str], values: list[str]) -> pd.DataFrame:
    """Return the sums of columns by key; sorted first, so that they do not depend on the order of the law's rows."""
    if rows.empty:
        return pd.DataFrame(rows[[*key, *values]])
    result: pd.DataFrame = rows.sort_values([*key, *values]).groupby(key, as_index=False)[values].sum()
    return result


def _positive_sums(rows: pd.DataFrame, key: list[str], value: str) -> pd.DataFrame:
    """Return the sums of a column by key that are above zero."""
    sums = _sums_by_key(rows, key, [value])
    return sums[sums[value] > 0.0].reset_index(drop=True)
