"""Incentives: what each program offers a plant type at a site in a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import InputError, Problem, shown
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.feasible import Possible
from evsiting.layers.incentives.present_value import abatement_worth, depreciation_worth, loan_worth
from evsiting.layers.provenance import UNSOURCED
from evsiting.study.lists import names_in, split_list
from evsiting.study.settings import Money
from evsiting.study.study import Study

COLUMNS = ["site", "plant_type", "product", "period", "program", "kind", "value"]
KEY = ["site", "plant_type", "product", "period", "program", "kind"]

#: Kinds that amount to a fraction of the investment.
INVESTED = ("investment", "depreciation", "loan", "abatement")
#: Kinds that are paid year by year, to what is made or to who works there.
YEARLY = ("production", "job")

NOTE = (
    "table programs: investment, grant = the value in force in the first year of the period of building; "
    "depreciation, loan, abatement = their present value as a fraction of the investment; "
    "production, job = mean over all years of the period, zero in the years without the program, each year weighted by "
    "its discount factor so that the mean is worth as much as the credits paid year by year"
)


@dataclass(frozen=True)
class IncentivesLayer:
    r"""The table ``incentives`` from the table ``programs``.

    A row of ``programs`` holds at a site of its country (and region, where it names one; and only if the site carries
    the flag that it names), for a plant type that may be built there (for kind production: or that stands there). With
    :math:`v_y` the value in year y, zero where no row holds, a period with years :math:`y_1 \ldots y_n` gets

    .. math:: \text{paid on building: } v_{y_1}, \qquad
              \text{paid by the year: } \sum_y v_y (1+r)^{-y} \big/ \sum_y (1+r)^{-y}

    with the study's discount rate r: a credit that is phased down pays early, and early money is worth more than a
    plain mean says. Kinds ``production`` (USD per unit) and ``job`` (USD per direct job) are paid by the year, all
    others on building:

    - ``investment``: the fraction times the eligible part of the investment;
    - ``grant``: USD, as it stands, to a new plant no more than its investment;
    - ``depreciation``, ``loan``, ``abatement``: rows of kind ``investment`` with what
      :func:`~evsiting.layers.incentives.present_value.depreciation_worth`,
      :func:`~evsiting.layers.incentives.present_value.loan_worth` and
      :func:`~evsiting.layers.incentives.present_value.abatement_worth` make of them, over the term of the program or,
      where it has none, over the plant's life.

    Rows of one program that hold in the same year at the same place add up. A production row without a product holds
    for every product of its plant type.
    """

    name: str = "incentives"
    table: str = "incentives"
    columns: tuple[str, ...] = ()

    def __call__(self, study: Study) -> LayerResult:
        """Return the table, only rows with a value above zero.

        Raises
        ------
        InputError
            If a program names a country or state, and that of a site is not known.
        """
        _check_places(study.sites, study.programs)
        world = _World(study.sites, study.periods, study.processes, Possible.of(study), study.settings.money)
        parts = [part for program in study.programs.to_dict("records") for part in _offers(program, world)]
        if not parts:
            return LayerResult(pd.DataFrame(columns=COLUMNS))
        sites, named, values = zip(*parts, strict=True)
        counts = [len(part) for part in sites]
        text = {c: np.repeat(np.array([row[c] for row in named], dtype=object), counts) for c in named[0]}
        offers = pd.DataFrame({"site": np.concatenate(sites), **text, "value": np.concatenate(values)})
        offers["product"] = offers["product"].astype(object).where(offers["product"].notna(), "")
        total = offers.groupby(KEY, sort=False, as_index=False)["value"].sum()
        total["value"] = total["value"].round(12)
        total = total[total["value"] > 0.0].reset_index(drop=True)
        total["product"] = total["product"].where(total["product"] != "", None)
        return LayerResult(total[COLUMNS], {"*": Origin(_cited_sources(study), "", "derived", NOTE)})


def _check_places(sites: pd.DataFrame, programs: pd.DataFrame) -> None:
    """Refuse sites without the country or state by which programs are paid: they would be paid nothing, unseen."""
    unknown = sites["country"].isna() & bool(len(programs))
    unknown |= sites["region"].isna() & bool(programs["region"].notna().any())
    if unknown.any():
        fix = "Give the columns country and region of sites, or fill them with evsiting.complete(study)"
        what = f"{int(unknown.sum())} of {len(sites)} sites have no country or state"
        raise InputError([Problem("layer 'incentives'", what, shown(sites.loc[unknown, "site"]), fix)])


@dataclass(frozen=True)
class _World:
    """What the rows of ``programs`` are read against."""

    sites: pd.DataFrame
    periods: pd.DataFrame
    processes: pd.DataFrame
    possible: Possible
    money: Money

    def eligible(self, program: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Return at which sites a program holds for its plant type. shape (sites,)"""
        k = self.possible.plant_types.index(str(program["plant_type"]))
        able = self.possible.new[:, k]
        if program["kind"] == "production":
            able = able | self.possible.standing[:, k]
        able = able & (self.sites["country"].astype(object) == program["country"]).to_numpy()
        if isinstance(program["region"], str) and program["region"]:
            able = able & (self.sites["region"].astype(object) == program["region"]).to_numpy()
        if isinstance(program.get("flag"), str) and program["flag"]:
            able = able & have_flag(self.sites, program["flag"])
        return np.asarray(able, dtype=np.bool_)

    def rate_at(self, column: str) -> NDArray[np.float64]:
        """Return a tax rate by site, zero where it is not given. shape (sites,)"""
        if column not in self.sites:
            return np.zeros(len(self.sites))
        return np.asarray(np.nan_to_num(self.sites[column].to_numpy(np.float64)))

    def worth(self, program: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the value of a program in a year in which it is in force, by site. shape (sites,)"""
        value, share = float(program["value"]), _number(program.get("share"), 1.0)
        rate = self.money.discount_rate
        years = _number(program.get("term_years"), self.money.plant_life_years)
        each = np.ones(len(self.sites))
        match program["kind"]:
            case "investment":
                return value * share * each
            case "depreciation":
                return depreciation_worth(value, share, 1.0, rate, years) * self.rate_at("tax_rate")
            case "loan":
                return loan_worth(value, share, rate, years) * each
            case "abatement":
                return abatement_worth(value, share, 1.0, rate, years) * self.rate_at("property_tax_rate")
            case _:
                return value * each


def have_flag(sites: pd.DataFrame, flag: str) -> NDArray[np.bool_]:
    """Return which sites carry a flag. shape (sites,)

    Examples
    --------
    >>> have_flag(pd.DataFrame({"flags": ["coal; distressed_area", None]}), "coal").tolist()
    [True, False]
    """
    if "flags" not in sites:
        return np.zeros(len(sites), dtype=np.bool_)
    cells = sites["flags"].astype(object)
    return np.array([flag in split_list(c) for c in cells], dtype=np.bool_)


def _number(value: Any, default: float) -> float:
    """Return a cell as a number; the default where it is empty or the table has no such column."""
    return default if value is None or pd.isna(value) else float(value)


def _cited_sources(study: Study) -> str:
    """Return the sources of the table ``programs``, parted by ``;``."""
    rows = study.provenance
    texts = rows.loc[rows["table"].astype(object) == "programs", "source"].dropna().astype(str)
    return ";".join(s for s in names_in(texts) if s != UNSOURCED)


def programs_that_differ(study: Study) -> list[str]:
    """Return the programs of which a study's own table ``incentives`` says something else than ``programs`` makes.

    Empty where the layer made the table. A program that stands in ``incentives`` alone differs as well.
    """
    if not study.has("incentives"):
        return []
    pair = []
    for frame in (study.incentives, INCENTIVES(study).frame):
        rows = pd.DataFrame(frame).fillna({"product": ""}).astype(dict.fromkeys(KEY, "str"))
        pair.append(rows.groupby(KEY)["value"].sum())
    mine, made = pair[0].align(pair[1], fill_value=0.0)
    other = ~np.isclose(mine.to_numpy(np.float64), made.to_numpy(np.float64), rtol=1e-9, atol=0.0)
    return sorted(set(mine.index.get_level_values("program")[other]))


def yearly_share(first: int, last: int, start: int, years: int, rate: float = 0.0) -> tuple[float, float]:
    """Return whether a program holds in a period's first year (1 or 0), and in what share of its years.

    Parameters
    ----------
    first, last : int
        First and last year of the program.
    start, years : int
        First year and length of the period. [yr]
    rate : float
        Discount rate; years count by their discount factor. [1/yr]

    Examples
    --------
    >>> yearly_share(2023, 2029, 2028, 10)
    (1.0, 0.2)
    >>> round(yearly_share(2023, 2029, 2028, 10, 0.07)[1], 4)
    0.2574
    """
    weight = (1.0 + rate) ** -np.arange(years, dtype=np.float64)
    year = np.arange(start, start + years)
    share = weight[(first <= year) & (year <= last)].sum() / weight.sum()
    return float(first <= start <= last), float(share)


def _offers(
    program: Mapping[str, Any], world: _World
) -> Iterator[tuple[NDArray[np.object_], dict[str, str], NDArray[np.float64]]]:
    """Yield what one row of ``programs`` offers: sites, what is alike at all of them, and the value at each."""
    kind, plant_type = str(program["kind"]), str(program["plant_type"])
    able = world.eligible(program)
    worth = world.worth(program)[able]
    sites = world.sites["site"].to_numpy(dtype=object)[able]
    products = [""]
    if kind == "production":
        made = world.processes.loc[world.processes["plant_type"] == plant_type, "product"]
        products = [program["product"]] if isinstance(program["product"], str) and program["product"] else list(made)
    for period in world.periods.to_dict("records"):
        begun, share = yearly_share(
            int(program["first_year"]),
            int(program["last_year"]),
            int(period["start_year"]),
            int(period["years"]),
            world.money.discount_rate,
        )
        for product in products:
            alike = {
                "plant_type": plant_type,
                "product": product,
                "period": str(period["period"]),
                "program": str(program["program"]),
                "kind": "investment" if kind in INVESTED else kind,
            }
            yield sites, alike, worth * (share if kind in YEARLY else begun)


INCENTIVES = IncentivesLayer()
