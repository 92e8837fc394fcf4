"""From a study to a Milp, and from column values back to tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.model import flows, objectives, siting
from evsiting.model.milp import FloatArray, Milp, MilpBuilder
from evsiting.model.sets import Sets, make_sets
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
        openings = pd.DataFrame({
            "site": sets.sites.to_numpy(object)[places.site[place]],
            "plant_type": sets.plant_types.to_numpy(object)[places.plant_type[place]],
            "option": np.array(sets.builds.option, dtype=object)[build], "period": periods[when]})

        make, when = np.nonzero(values[columns.make] > 0)
        place, product = sets.makes.place[make], sets.makes.product[make]
        production = pd.DataFrame({
            "site": sets.sites.to_numpy(object)[places.site[place]],
            "plant_type": sets.plant_types.to_numpy(object)[places.plant_type[place]],
            "product": sets.products.to_numpy(object)[product], "period": periods[when],
            "units_per_yr": values[columns.make[make, when]] * sets.scale[product]})

        lane, when = np.nonzero(values[columns.ship] > 0)
        shipments = sets.lanes.frame.iloc[lane].reset_index(drop=True)
        shipments["period"] = periods[when]
        shipments["units_per_yr"] = values[columns.ship[lane, when]] * sets.scale[sets.lanes.product[lane]]

        left = np.flatnonzero(values[columns.unmet] > 0)
        want = columns.unmet_want[left]
        unmet = pd.DataFrame({
            "market": sets.markets.to_numpy(object)[wants.market[want]],
            "product": sets.products.to_numpy(object)[wants.product[want]],
            "period": periods[columns.unmet_period[left]],
            "units_per_yr": values[columns.unmet[left]] * sets.scale[wants.product[want]]})
        return {"openings": openings, "production": production, "shipments": shipments, "unmet": unmet}

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

    Row families, in order: ``one_option``, ``capacity``, ``min_load``, ``output``, ``balance``, ``demand``, ``supplier``,
    ``total_capacity``, ``min_plants``, ``link``. Each is defined where it is added.

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
    return Program(milp.finish([objectives.cost(sets, columns, milp.width, model),
                                objectives.emissions(sets, columns, milp.width),
                                objectives.jobs(sets, columns, milp.width, model)]), sets, columns)
