"""Contracts of partners and capacities of gateways: constraints ``partner`` and ``gateway``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evsiting.model.columns import Columns
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.plan_columns import Decision, Totals
from evsiting.model.sets import Sets, positions
from evsiting.study.derived.trajectories import trajectory_factors
from evsiting.study.lists import gateways_on
from evsiting.study.study import Study

#: Kilograms in the unit of the rows ``gateway``: a thousand tonnes.
KILOTONNE = 1e6


def add(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, totals: Totals) -> list[Decision]:
    """Add constraints for gateways with a capacity and for commitments; nothing where the study has neither."""
    if study.has("gateways"):
        gateways = study.gateways.sort_values("gateway", ignore_index=True)
        part = trajectory_factors(study, "capacity_t_per_yr", gateways["gateway"].tolist())
        add_gateway(milp, sets, columns, gateways, part)
    if study.has("commitments"):
        add_partner(milp, sets, columns, study.commitments.sort_values("commitment", ignore_index=True))
    return []


def through(sets: Sets) -> dict[str, IntArray]:
    """Return the lanes that pass each gateway, by its code as in the routes of lanes."""
    codes, of = np.unique(sets.lanes.route.astype(str), return_inverse=True)
    lanes_by_gateway: dict[str, list[IntArray]] = {}
    for k, route in enumerate(codes.tolist()):
        for gateway in gateways_on(route):
            lanes_by_gateway.setdefault(gateway, []).append(np.flatnonzero(of == k))
    return {gateway: np.sort(np.concatenate(lanes_by_gateway[gateway])) for gateway in sorted(lanes_by_gateway)}


def add_gateway(milp: MilpBuilder, sets: Sets, columns: Columns, gateways: pd.DataFrame, part: FloatArray) -> None:
    r"""The mass that passes a port or border crossing is at most its capacity.

    .. math:: \sum_{l \ni g} m_{p(l)}\,ship_{lt} / 1000 \le C_{gt} \quad [\mathrm{t/yr}]
       \quad \forall g, t \tag{gateway}

    A lane passes the gateways that its route names; m is the mass of a unit. [kg]

    Parameters
    ----------
    milp, sets, columns
        As everywhere.
    gateways : pandas.DataFrame
        ``gateway`` and ``capacity_t_per_yr``; those that no lane passes get no constraint.
    part : numpy.ndarray, shape (G, T)
        Part of the capacity that is there in each period. [1]
    """
    lanes, periods = through(sets), sets.horizon.periods
    steps = len(periods)
    limits = gateways["capacity_t_per_yr"].to_numpy(np.float64)[:, None] * part
    used = [(str(g), c) for g, c in zip(gateways["gateway"], limits, strict=True) if g in lanes]
    if not used:
        return
    mass = sets.mass[sets.lanes.product] * sets.scale[sets.lanes.product] / KILOTONNE
    milp.add_rows(
        "gateway",
        len(used) * steps,
        lambda k: (used[k // steps][0], periods[k % steps]),
        *(
            (n * steps + np.arange(steps), columns.ship[lanes[gateway]], mass[lanes[gateway], None])
            for n, (gateway, _) in enumerate(used)
        ),
        upper=np.concatenate([capacity * 1000.0 / KILOTONNE for _, capacity in used]),
    )


def add_partner(milp: MilpBuilder, sets: Sets, columns: Columns, commitments: pd.DataFrame) -> None:
    r"""Shipments keep the commitments to and of partners: offtake, take-or-pay, capacity reserved in a plant.

    .. math:: \underline{u}_k \le \sum_{l \in (a_k \to b_k,\,p_k)} ship_{lt} \le \bar u_k \quad [\mathrm{unit/yr}]
       \quad \forall k, t \tag{partner}

    by all modes together; to any destination where the commitment names none, and in every period where it names none.

    Parameters
    ----------
    milp, sets, columns
        As everywhere.
    commitments : pandas.DataFrame
        Table ``commitments``.
    """
    lanes, periods = sets.lanes, sets.horizon.periods
    start, end = (lanes.frame[c].to_numpy(object) for c in ("origin", "destination"))
    product = positions(sets.products, commitments["product"])
    labels: list[tuple[str, str]] = []
    terms: list[tuple[IntArray, IntArray, float]] = []
    low, high = [], []
    rows: list[Any] = list(commitments.itertuples())
    for row, p in zip(rows, product.tolist(), strict=True):
        promised = (lanes.product == p) & (start == row.origin)
        if isinstance(row.destination, str):
            promised &= end == row.destination
        for t, period in enumerate(periods):
            if isinstance(row.period, str) and row.period != period:
                continue
            column = columns.ship[promised, t]
            terms.append((np.full(len(column), len(labels)), column, 1.0))
            labels.append((str(row.commitment), period))
            low.append(-np.inf if pd.isna(row.at_least) else row.at_least / sets.scale[p])
            high.append(np.inf if pd.isna(row.at_most) else row.at_most / sets.scale[p])
    milp.add_rows("partner", len(labels), lambda k: labels[k], *terms, lower=np.array(low), upper=np.array(high))
