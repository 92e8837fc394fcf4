"""The most that goods can hold of what a site buys, where several of its products take the same inputs.

An input that is in one product is not in another, and no unit holds more than goes into it. What a set of products can
hold together is therefore, input by input, what the dearest units are worth that they have room for; claims of single
products can stand together if no set of them claims more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pandas as pd

__all__ = ["most_held"]

#: Products of a site that share inputs up to which every set of them is compared; of more, single ones, pairs and all.
_EVERY_SET = 10


def most_held(claims: pd.DataFrame, room: pd.DataFrame, stock: pd.DataFrame, pool: list[str]) -> pd.DataFrame:
    """Return what sets of products claim together and the most that they can hold.

    Parameters
    ----------
    claims : pandas.DataFrame
        ``pool``, ``product``, ``claimed``: what a product claims; ``own``: what it holds beside the inputs. [USD/yr]
    room : pandas.DataFrame
        ``pool``, ``product``, ``input``, ``units``: the most units of an input that the product can hold. [unit/yr]
    stock : pandas.DataFrame
        ``pool``, ``input``, ``units_per_yr``, ``usd_per_unit``: what was bought, one row a lane, and what counts of it.
    pool : list of str
        Columns that name the site and period, and whatever else a claim belongs to.

    Returns
    -------
    pandas.DataFrame
        ``pool``, ``product`` (several joined by " + "), ``claimed``, ``allowed``. [USD/yr]
    """
    bought = {key: frame for key, frame in stock.groupby(pool)} if len(stock) else {}
    fits = {key: frame for key, frame in room.groupby(pool)} if len(room) else {}
    rows = []
    for key, mine in claims.groupby(pool) if len(claims) else ():
        products = mine.groupby("product")[["found", "own"]].sum()
        spaces = _rooms(fits.get(key), list(products.index))
        goods = _goods(bought.get(key))
        for some in _sets(spaces, goods):
            most = sum(_dearest(lots, sum(spaces[p].get(part, 0.0) for p in some)) for part, lots in goods.items())
            claimed, own = products.loc[list(some)].sum()
            rows.append((*key, " + ".join(some), claimed, most + own))
    return pd.DataFrame(rows, columns=[*pool, "product", "found", "allowed"])


def _rooms(frame: pd.DataFrame | None, products: list[str]) -> dict[str, dict[str, float]]:
    """Return by product the most units of each input that it can hold."""
    out: dict[str, dict[str, float]] = {p: {} for p in products}
    if frame is not None:
        for product, part, units in frame[["product", "input", "units"]].itertuples(index=False, name=None):
            if product in out:
                out[product][part] = out[product].get(part, 0.0) + units
    return out


def _goods(frame: pd.DataFrame | None) -> dict[str, list[tuple[float, float]]]:
    """Return by input what counts of a unit and how many there are, the dearest first."""
    out: dict[str, list[tuple[float, float]]] = {}
    if frame is not None:
        for part, usd, units in frame[["input", "usd_per_unit", "units_per_yr"]].itertuples(index=False, name=None):
            out.setdefault(part, []).append((usd, units))
    return {part: sorted(lots, reverse=True) for part, lots in out.items()}


def _dearest(lots: list[tuple[float, float]], room: float) -> float:
    """Return what the dearest units are worth that there is room for. [USD/yr]"""
    worth = 0.0
    for usd, units in lots:
        taken = min(units, room)
        worth, room = worth + usd * taken, room - taken
    return worth


def _sets(
    spaces: dict[str, dict[str, float]], goods: dict[str, list[tuple[float, float]]]
) -> Iterator[tuple[str, ...]]:
    """Yield every product, and every set of products that take the same inputs."""
    left = sorted(spaces)
    while left:
        kin, wait = [], [left.pop(0)]
        while wait:
            kin.append(wait.pop())
            taken = {part for part in spaces[kin[-1]] if part in goods}
            near = [p for p in left if taken & set(spaces[p])]
            left = [p for p in left if p not in near]
            wait += near
        sizes = range(1, len(kin) + 1) if len(kin) <= _EVERY_SET else (1, 2, len(kin))
        for size in sizes:
            yield from combinations(sorted(kin), size)
