"""Landed cost of a unit: from the plan's own plants, against the cheapest import, market by market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.results.analysis.cost_allocation import Allotment, allotment
from evsiting.results.cache import cached_per_plan
from evsiting.results.consistency import require_same_study
from evsiting.results.ledgers.plan_rows import demand_by_period, facts_of
from evsiting.results.plan import Plan
from evsiting.study.derived.customs import lane_duty
from evsiting.study.derived.trajectories import trajectory_factors
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.study import Study

__all__ = ["Landing", "cheapest_imports", "gate_cost", "landed_cost", "landed_parts"]

_KEY = ["market", "product", "period"]
#: Columns by which landed cost may be reckoned.
_BY = (*_KEY, "country", "region")


@dataclass(frozen=True)
class Landing:
    """What units of a plan cost, worked out once for all ways of looking at it.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.
    """

    study: Study
    plan: Plan

    def __post_init__(self) -> None:
        object.__setattr__(self, "study", self.study.plain)

    @cached_property
    def borne(self) -> Allotment:
        """The cost ledger as borne by units."""
        return allotment(self.study, self.plan)

    @cached_property
    def imports(self) -> pd.DataFrame:
        """The cheapest import by market and period."""
        return cheapest_imports(self.study, self.plan)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """The whole cost ledger by market; see :func:`landed_parts`."""
        study, borne = self.study, self.borne
        arrived = borne.shipped["destination"].isin(study.markets["market"]).to_numpy()
        rows = borne.shipped.loc[arrived, ["destination", "product", "period"]].rename(
            columns={"destination": "market"}
        )
        rows["source"] = _sources(study, borne.shipped.loc[arrived, "origin"]).to_numpy()
        wide = pd.DataFrame(borne.shipped_usd[arrived], columns=list(borne.items), index=rows.index)
        parts = pd.concat([rows, wide], axis=1).melt([*_KEY, "source"], var_name="item")
        left = borne.left.assign(market="", source=borne.left["reason"])
        order = {item: n for n, item in enumerate(borne.items)}
        both = pd.concat([parts, left[[*_KEY, "source", "item", "value"]]])
        both = both.assign(rank=both["item"].map(order).astype(np.float64))
        sums = both.groupby([*_KEY, "source", "rank", "item"], as_index=False)["value"].sum()
        nonzero: pd.DataFrame = sums[sums["value"] != 0.0].drop(columns="rank").reset_index(drop=True)
        return nonzero

    def cost(self, by: Sequence[str] = _KEY) -> pd.DataFrame:
        """Return landed cost against the cheapest import; see :func:`landed_cost`."""
        study, by = self.study, list(by)
        unknown = [name for name in by if name not in _BY]
        if unknown or not by:
            raise InputError(
                [Problem("landed_cost, by", "names no column", ", ".join(unknown) or "nothing", f"Choose from {_BY}")]
            )
        rows = _arrivals(study, self.plan).merge(self.imports, on=_KEY, how="left")
        rows = rows.merge(pd.DataFrame(study.markets[["market", "country", "region"]]), on="market", how="left")
        mine = self.parts.query("source == 'plants'").groupby(_KEY, as_index=False)["value"].sum()
        rows = rows.merge(mine, on=_KEY, how="left").fillna({"value": 0.0})
        home = rows.groupby(by)["home_present"].transform("sum") > 0.0
        rows["weight"] = rows["home_present"].where(home, rows["present_units"])
        rows = rows[rows["weight"].gt(0.0) | rows["units"].gt(0.0)]
        figures = ["price", "freight", "duty_usd", "carbon", "late"]
        for name in figures:
            rows[name] = (rows[name] * rows["weight"]).where(rows["weight"] > 0.0, 0.0)
        rows["supplier"] = rows["supplier"].where(rows["weight"] > 0.0)
        group = rows.groupby(by)
        sums = group[["units", "home_units", "home_present", "value", "weight"]].sum()
        for name in figures:
            sums[name] = group[name].sum(skipna=False) / sums["weight"]
        alike = group["supplier"].nunique() == 1
        sums["supplier"] = group["supplier"].first().where(alike, "").fillna("")
        plants = sums["value"] / sums["home_present"].where(sums["home_present"] > 0.0)
        price = sums["price"].where(sums["price"] > 0.0)
        out = pd.DataFrame(
            {
                "units": sums["units"],
                "from_plants": sums["home_units"] / sums["units"],
                "plants_usd_per_unit": plants,
                "import_usd_per_unit": sums[figures].sum(axis=1, skipna=False),
                "price_usd_per_unit": sums["price"],
                "freight_usd_per_unit": sums["freight"],
                "duty_usd_per_unit": sums["duty_usd"],
                "carbon_usd_per_unit": sums["carbon"],
                "late_usd_per_unit": sums["late"],
                "duty": sums["duty_usd"] / price,
                "break_even_duty": (plants - sums[["freight", "carbon", "late"]].sum(axis=1)) / price - 1.0,
                "supplier": sums["supplier"].astype("str"),
            }
        )
        return out.reset_index()

    def gate(self, by: Sequence[str] = ("site", "product")) -> pd.DataFrame:
        """Return what a unit costs at the gate of each site; see :func:`gate_cost`."""
        by, borne = list(by), self.borne
        wide = pd.DataFrame(borne.made_usd, columns=list(borne.items))
        frame = pd.concat([borne.made[[*by, "present_units"]], wide], axis=1).groupby(by).sum()
        units = frame.pop("present_units")
        lines = frame.melt(ignore_index=False, var_name="item").reset_index()
        lines["usd_per_unit"] = lines["value"].to_numpy(np.float64) / np.tile(
            units.to_numpy(np.float64), frame.shape[1]
        )
        return lines[lines["value"] != 0.0].reset_index(drop=True)


def landed_parts(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the whole cost ledger of a plan as borne by the units that reach markets.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``market``, ``product``, ``period``, ``source`` (``plants``: made by a plant of the plan; ``suppliers``: bought
        from one of the three countries; ``imports``: bought from elsewhere), ``item``, ``value`` [USD, present value].
        Lines that no unit bears have an empty market and their reason as source. All values add up to the total of
        the cost ledger; see :mod:`evsiting.results.analysis.cost_allocation` for who bears what.
    """
    return Landing(study, plan).parts


def landed_cost(study: Study, plan: Plan, *, by: Sequence[str] = _KEY) -> pd.DataFrame:
    r"""Return what a unit from the plan's plants costs at its market, against the cheapest import.

    .. math:: c_{jpt} = \frac{\sum_{item} \text{cost borne by what plants send to } j}{A_t \sum_{l \to j} ship_{lt}},
       \qquad c^{import}_{jpt} = \min_s \bigl(price_{st} (1 + d_{sjt}) + way_{sjt}\bigr)

    .. math:: \text{break-even duty} = \frac{c_{jpt} - way}{price} - 1

    The cost of a unit is levelised: its share of investment (less residual value and credits), fixed cost, labor,
    power, heat and material of every plant of its chain, of what they buy, and of freight and duty on the way, less
    what programs and reliefs pay; see :mod:`evsiting.results.analysis.cost_allocation`. What was invested in standing
    plants is sunk.

    The import is the supplier outside the three countries that is cheapest at the market, whatever its capacity: price,
    the whole stack d of duties of the period (no quota), and its way: freight and further duty of the lane, and what
    the study charges for its emissions and for lateness. The break-even duty is the ad valorem rate on the price that,
    in place of that stack, makes the import as dear as the plants: above the present rate, plants would need more
    protection than there is; below zero, they would win even against a duty-free import. It is NaN where nothing comes
    from plants, no supplier abroad can reach the market, or its price is zero.

    Parameters
    ----------
    study, plan : Study, Plan
        The study and one of its plans.
    by : sequence of str
        What there is a row for: any of ``market``, ``product``, ``period``, ``country`` and ``region`` (of the
        market). Figures of a wider row are means over the units that plants deliver (over all units where they
        deliver none), each at its present value.

    Returns
    -------
    pandas.DataFrame
        The columns of ``by``; ``units``: what arrives over the horizon or period, ``from_plants``: the part that plants
        of the plan made [1]; ``plants_usd_per_unit``, ``import_usd_per_unit`` with its parts ``price_usd_per_unit``,
        ``freight_usd_per_unit``, ``duty_usd_per_unit``, ``carbon_usd_per_unit``, ``late_usd_per_unit`` [USD/unit];
        ``duty``: stack on the import as a part of its price [1], ``break_even_duty`` [1]; ``supplier``: code of the
        cheapest one, empty where they differ.

    Raises
    ------
    InputError
        If the plan answers another study, or ``by`` names something else.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.landed_cost(study, ev.solve(study), by=["product"])
    >>> found[["product", "from_plants"]].values.tolist()
    [['vehicle', 1.0]]
    """
    return Landing(require_same_study("landed_cost", study, plan), plan).cost(by)


def cheapest_imports(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the supplier outside the three countries from which a unit would be cheapest, by market and period.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study: only what it delivers is looked at.

    Returns
    -------
    pandas.DataFrame
        ``market``, ``product``, ``period``, ``supplier``, ``price``, ``freight`` (with further duty of the lane),
        ``duty_usd`` (the stack on the price), ``carbon`` (emissions at the carbon price), ``late``. [USD/unit]
    """
    return _cheapest(study, plan).copy()


@cached_per_plan
def _cheapest(study: Study, plan: Plan) -> pd.DataFrame:
    abroad = study.suppliers[~study.suppliers["country"].isin(COUNTRIES)]
    sold = pd.DataFrame(abroad[["supplier", "product"]]).rename(columns={"supplier": "origin"})
    lanes = study.lanes[study.lanes["destination"].isin(study.markets["market"])].merge(sold, on=["origin", "product"])
    facts = facts_of(study, plan)
    rows = lanes.assign(lane=np.arange(len(lanes))).merge(facts.weights[["period"]], how="cross")
    step = pd.Index(facts.horizon.periods).get_indexer(pd.Index(rows["period"]))
    rows = rows.merge(facts.sellers[["origin", "period", "price_usd", "embodied_kg"]], on=["origin", "period"])
    rows["price"] = rows["price_usd"]
    growth = trajectory_factors(study, "freight_usd_per_unit")[0]
    rows["freight"] = rows["freight_usd_per_unit"] * growth[step] + rows["duty_usd_per_unit"]
    rows["duty_usd"] = lane_duty(study, lanes)[rows["lane"].to_numpy(), step] if len(rows) else 0.0
    rows = rows.rename(columns={"origin": "supplier", "destination": "market"})
    wanted = demand_by_period(study)[[*_KEY, "promise_h", "late_usd_per_unit"]]
    rows = rows.merge(wanted, on=_KEY, how="left")
    carbon = study.settings.model.carbon_price_usd_per_t * trajectory_factors(study, "carbon_price_usd_per_t")[0]
    rows["carbon"] = carbon[step] * (rows["embodied_kg"].fillna(0.0) + rows["emissions_kg_per_unit"]) / 1000.0
    rows["late"] = rows["late_usd_per_unit"].where(rows["time_h"] > rows["promise_h"], 0.0).fillna(0.0)
    figures = ["price", "freight", "duty_usd", "carbon", "late"]
    rows = rows.assign(landed=rows[figures].sum(axis=1)).sort_values(["landed", "supplier"], kind="stable")
    best: pd.DataFrame = rows.drop_duplicates(_KEY)[[*_KEY, "supplier", *figures]].sort_values(_KEY, ignore_index=True)
    return best


def gate_cost(study: Study, plan: Plan, *, by: Sequence[str] = ("site", "product")) -> pd.DataFrame:
    """Return what a unit costs at the gate of each site that makes it, item by item.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.
    by : sequence of str
        Any of ``site``, ``product`` and ``period``.

    Returns
    -------
    pandas.DataFrame
        The columns of ``by``, ``item``, ``value`` [USD, present value], ``usd_per_unit`` (levelised, inputs with all
        that was spent on them).
    """
    return Landing(study, plan).gate(by)


def _sources(study: Study, origins: pd.Series) -> pd.Series[str]:
    """Return whether units come from plants of the plan, from suppliers at home, or from abroad."""
    country = study.suppliers.set_index("supplier")["country"]
    where = origins.map(country)
    source = pd.Series("plants", index=origins.index, dtype="str")
    return source.mask(where.notna(), "imports").mask(where.isin(COUNTRIES), "suppliers")


def _arrivals(study: Study, plan: Plan) -> pd.DataFrame:
    """Return units that reach each market in each period: all, and those that plants made."""
    facts = facts_of(study, plan)
    rows = plan.shipments[plan.shipments["destination"].isin(study.markets["market"])]
    rows = rows.merge(facts.weights, on="period").rename(columns={"destination": "market"})
    rows["units"], rows["present_units"] = rows["units_per_yr"] * rows["years"], rows["units_per_yr"] * rows["present"]
    own = _sources(study, rows["origin"]) == "plants"
    rows["home_units"], rows["home_present"] = rows["units"].where(own, 0.0), rows["present_units"].where(own, 0.0)
    columns = ["units", "present_units", "home_units", "home_present"]
    return rows.groupby(_KEY, as_index=False)[columns].sum()
