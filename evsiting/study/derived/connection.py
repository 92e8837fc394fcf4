"""Load that is connected for what plants make."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["HOURS", "connected_kw"]

#: Hours of a year. [h/yr]
HOURS = 8760.0


def connected_kw(processes: pd.DataFrame, load_factor: float) -> NDArray[np.float64]:
    r"""Return the load that is connected for one unit made a year, by process.

    .. math:: kW_m = \frac{kWh_m}{8760\,\ell}

    where the process states none: its mean load over the load factor :math:`\ell`.

    Parameters
    ----------
    processes : pandas.DataFrame
        ``electricity_kwh_per_unit``, and ``connection_kw_per_unit`` where any is stated.
    load_factor : float
        Mean over peak load. [1]

    Returns
    -------
    numpy.ndarray, shape (M,)
        In the order of the processes. [kW/(unit/yr)]

    Examples
    --------
    >>> made = pd.DataFrame(
    ...     {"electricity_kwh_per_unit": [8.76, 8.76], "connection_kw_per_unit": [None, 0.007]}
    ... )
    >>> connected_kw(made, 0.5).tolist()
    [0.002, 0.007]
    """
    used = processes["electricity_kwh_per_unit"].to_numpy(np.float64) / (HOURS * load_factor)
    if "connection_kw_per_unit" not in processes:
        return np.asarray(used)
    stated = processes["connection_kw_per_unit"].to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(stated), used, stated)
