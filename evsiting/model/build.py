"""From a study to a Milp, and from column values back to tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from evsiting.model import flows, objectives, siting
from evsiting.model.gather import make_sets
from evsiting.model.milp import FloatArray, IntArray, Milp, MilpBuilder
from evsiting.model.sets import Sets, positions
from evsiting.model.siting import Columns
from evsiting.study.study import Study

#: Row family of a ceiling on each objective.
CAP_ROWS = MappingProxyType({"cost": "cost_cap", "emissions": "carbon_cap", "jobs": "jobs_floor"})


@dataclass(frozen=True)
class Program:
    """A study as a mathematical program.

    Parameters
    ----------
    milp : Milp
        The arrays.
    sets : Sets
        What the indices mean.
    columns : Columns
        Where each decision stands.
    """

    milp: Milp
    sets: Sets
    columns: Columns

    def tables(self, values: FloatArray) -> dict[str, pd.DataFrame]:
        """Return a point as tables ``openings``, ``production``, ``shipments``, ``unmet``, in the study's units.

        Parameters
        ----------
        values : numpy.ndarray, shape (N,)
            A point of the Milp.
        """
        sets, columns, periods = self.sets, self.columns, np.array(self.sets.horizon.periods, dtype=object)
        places, wants = sets.places, sets.wants

        build, when = np.nonzero(values[columns.build] > 0.5)
        place = sets.builds.place[build]
        openings = pd.DataFrame(
            {
                "site": sets.sites.to_numpy(object)[places.site[place]],
                "plant_type": sets.plant_types.to_numpy(object)[places.plant_type[place]],
                "option": np.array(sets.builds.option, dtype=object)[build],
                "period": periods[when],
            }
        )

        make, when = np.nonzero(values[columns.make] > 0)
        place, product = sets.makes.place[make], sets.makes.product[make]
        production = pd.DataFrame(
            {
                "site": sets.sites.to_numpy(object)[places.site[place]],
                "plant_type": sets.plant_types.to_numpy(object)[places.plant_type[place]],
                "product": sets.products.to_numpy(object)[product],
                "period": periods[when],
                "units_per_yr": values[columns.make[make, when]] * sets.scale[product],
            }
        )

        lane, when = np.nonzero(values[columns.ship] > 0)
        shipments = sets.lanes.frame.iloc[lane].reset_index(drop=True)
        shipments["period"] = periods[when]
        shipments["units_per_yr"] = values[columns.ship[lane, when]] * sets.scale[sets.lanes.product[lane]]

        left = np.flatnonzero(values[columns.unmet] > 0)
        want = columns.unmet_want[left]
        unmet = pd.DataFrame(
            {
                "market": sets.markets.to_numpy(object)[wants.market[want]],
                "product": sets.products.to_numpy(object)[wants.product[want]],
                "period": periods[columns.unmet_period[left]],
                "units_per_yr": values[columns.unmet[left]] * sets.scale[wants.product[want]],
            }
        )
        return {"openings": openings, "production": production, "shipments": shipments, "unmet": unmet}

    def point(self, tables: Mapping[str, pd.DataFrame]) -> FloatArray:
        """Return tables such as those of :meth:`tables` as column values.

        Rows that the program does not know are left out.

        Parameters
        ----------
        tables : mapping of str to pandas.DataFrame
            ``openings``, ``production``, ``shipments``, ``unmet``.
        """
        values, periods = np.zeros(self.milp.shape[1]), pd.Index(self.sets.horizon.periods)
        for name, (keys, column, scale) in self._keys().items():
            frame = tables[name]
            if not len(frame) or not column.size:
                continue
            known = pd.MultiIndex.from_arrays([np.asarray(k, dtype=object) for k in keys.values()])
            row = known.get_indexer(pd.MultiIndex.from_arrays([frame[c].astype(object) for c in keys]))
            when = positions(periods, frame["period"])
            good = (row >= 0) & (when >= 0)
            amount = np.ones(len(frame)) if name == "openings" else frame["units_per_yr"].to_numpy(np.float64)
            target = column[row[good]] if name == "unmet" else column[row[good], when[good]]
            values[target] = amount[good] / scale[row[good]]
        return values

    def _keys(self) -> dict[str, tuple[dict[str, Any], IntArray, FloatArray]]:
        """Return, for each table, what names its rows beside the period, its columns and its scale."""
        sets, columns = self.sets, self.columns
        sites, kinds = (codes.to_numpy(object) for codes in (sets.sites, sets.plant_types))
        products, markets = (codes.to_numpy(object) for codes in (sets.products, sets.markets))
        site, kind = sites[sets.places.site], kinds[sets.places.plant_type]
        built, made, lanes, left = sets.builds.place, sets.makes.place, sets.lanes, columns.unmet_want
        wanted = sets.wants.product[left]
        return {
            "openings": (
                {"site": site[built], "plant_type": kind[built], "option": sets.builds.option},
                columns.build,
                np.ones(len(built)),
            ),
            "production": (
                {"site": site[made], "plant_type": kind[made], "product": products[sets.makes.product]},
                columns.make,
                sets.scale[sets.makes.product],
            ),
            "shipments": ({str(c): lanes.frame[c] for c in lanes.frame}, columns.ship, sets.scale[lanes.product]),
            "unmet": (
                {
                    "market": markets[sets.wants.market[left]],
                    "product": products[wanted],
                    "period": np.array(sets.horizon.periods, dtype=object)[columns.unmet_period],
                },
                columns.unmet,
                sets.scale[wanted],
            ),
        }

    def capped(self, name: str, ceiling: float) -> Program:
        """Return a copy with a ceiling on an objective (a floor on jobs), as in an ε-constraint.

        Parameters
        ----------
        name : {"cost", "emissions", "jobs"}
            Which objective.
        ceiling : float
            Most it may be, in the sense in which less is better. [USD, tCO2e, −job-years]
        """
        objective = self.milp.objectives[name]
        upper = ceiling / objective.unit - objective.constant
        milp = self.milp.with_rows(CAP_ROWS[name], objective.coefficients, -np.inf, upper, [(name,)])
        return replace(self, milp=milp)


def build(study: Study) -> Program:
    """Return the mathematical program of a complete study.

    Row families, in order: ``one_option``, ``capacity``, ``min_load``, ``output``, ``balance``, ``demand``,
    ``supplier``, ``total_capacity``, ``min_plants``, ``link``. Each is defined where it is added.

    Parameters
    ----------
    study : Study
        With its layers (see :func:`evsiting.layers.complete`).

    Raises
    ------
    StudyError
        If layers are missing.
    """
    sets = make_sets(study)
    milp = MilpBuilder()
    columns = siting.add_decisions(milp, sets)
    siting.add_one_option(milp, sets, columns)
    siting.add_capacity(milp, sets, columns)
    siting.add_min_load(milp, sets, columns)
    flows.add_output(milp, sets, columns)
    flows.add_balance(milp, sets, columns)
    flows.add_demand(milp, sets, columns)
    flows.add_supplier(milp, sets, columns)
    siting.add_total_capacity(milp, sets, columns)
    siting.add_min_plants(milp, sets, columns)
    flows.add_link(milp, sets, columns, study.settings.model.links_per_market)
    model = study.settings.model
    return Program(
        milp.finish(
            [
                objectives.cost(sets, columns, milp.width, model),
                objectives.emissions(sets, columns, milp.width),
                objectives.jobs(sets, columns, milp.width, model),
            ]
        ),
        sets,
        columns,
    )
