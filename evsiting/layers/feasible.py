"""Where plants are possible: plant types by site, and the products made and needed there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.study.lists import split_list
from evsiting.study.recipes import inputs_by_plant_type, is_passed_on
from evsiting.study.schema.plants import LIVE
from evsiting.study.study import Study

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Possible:
    """Which plant types and products are possible at which site.

    Parameters
    ----------
    plant_types, products : tuple of str
        In the order of the tables.
    new : numpy.ndarray of bool, shape (sites, plant types)
        A new plant may be built: a candidate, the type not excluded by ``plant_types``, and it has options.
    standing : numpy.ndarray of bool, shape (sites, plant types)
        A plant stands or is committed there.
    makes, needs : numpy.ndarray of bool, shape (sites, products)
        A product that a possible plant makes or passes on there, or that comes with what it makes; one that goes into
        such a product.
    step : numpy.ndarray of int, shape (sites, products)
        Step at which a product is passed on there; 0 where it is not.
    """

    plant_types: tuple[str, ...]
    products: tuple[str, ...]
    new: Flags
    standing: Flags
    makes: Flags
    needs: Flags
    step: NDArray[np.int64]

    @classmethod
    def of(cls, study: Study) -> Possible:
        """Return what is possible in a study."""
        sites, processes, plants, bom = study.sites, study.processes, study.plants, study.bill_of_materials
        types = tuple(dict.fromkeys(processes["plant_type"].astype(str)))
        products = tuple(study.products["product"].astype(str))
        optional = np.isin(types, study.options["plant_type"].astype(str).to_numpy(dtype=str))
        new = _allowed_plant_types(sites, types) & optional[None, :]
        standing = np.zeros(new.shape, dtype=bool)
        live = plants[plants["status"].isin(LIVE)]
        row = pd.Index(sites["site"]).get_indexer(live["site"])
        column = pd.Index(types).get_indexer(live["plant_type"])
        standing[row, column] = True
        output = np.zeros((len(types), len(products)), dtype=bool)
        for table, column in ((processes, "product"), (study.by_products, "by_product")):
            output[pd.Index(types).get_indexer(table["plant_type"]), pd.Index(products).get_indexer(table[column])] = (
                True
            )
        bill = inputs_by_plant_type(processes, bom)
        part = np.zeros(output.shape, dtype=bool)
        part[pd.Index(types).get_indexer(bill["plant_type"]), pd.Index(products).get_indexer(bill["input"])] = True
        every, passed = new | standing, processes[is_passed_on(processes)]
        step = np.zeros(output.shape, dtype=np.int64)
        if len(passed):
            at = pd.Index(types).get_indexer(passed["plant_type"]), pd.Index(products).get_indexer(passed["product"])
            part[at], step[at] = True, passed["pass_through_step"].to_numpy(np.int64)
        return cls(types, products, new, standing, every @ output, every @ part, every.astype(np.int64) @ step)


def _allowed_plant_types(sites: pd.DataFrame, types: tuple[str, ...]) -> Flags:
    """Return whether each plant type may be built at each site, shape (sites, plant types)."""
    candidate = (sites["role"].astype(object) == "candidate").to_numpy()
    if "plant_types" not in sites:
        return np.repeat(candidate[:, None], len(types), axis=1)
    text = sites["plant_types"].astype(object)
    wanted = [set(split_list(t) or types) for t in text]
    return np.array([[t in w for t in types] for w in wanted], dtype=bool).reshape(-1, len(types)) & candidate[:, None]
