"""Warnings of figures that the package once filled in and that no longer fit the study; nothing is changed.

A study that was completed and written holds lanes, and wages or power prices of its states, as if a user had given
them. Where sites move, masses or products change afterwards, these stay. What provenance says is the package's own is
therefore compared with what the package makes of the study as it stands.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evsiting.errors import DataWarning, shown
from evsiting.layers.freight.lanes import FIGURES, FREIGHT, STRAIGHT
from evsiting.layers.jurisdiction import FactsLayer, facts_in_prices
from evsiting.study.study import Study

#: Tables of lanes with more rows are not made anew for a comparison: it would take as long as making them did.
MOST_LANES = 500_000
_KEY = ["product", "origin", "destination", "mode", "route"]


def warn_stale(
    call: str, study: Study, layers: Sequence[FactsLayer], *, lanes: bool = True, stacklevel: int = 3
) -> None:
    """Warn of lanes and of figures by state that are the package's own and that it would not make today.

    Parameters
    ----------
    call : str
        The function that was called.
    study : Study
        As it was given, before anything is filled in.
    layers : sequence of FactsLayer
        Layers of sites' columns.
    lanes : bool
        Whether lanes are compared too: not where they have just been made.
    stacklevel : int
        As for :func:`warnings.warn`.
    """
    for text in (*(_lanes(study) if lanes else []), *_facts(study, layers)):
        warnings.warn(f"{call}: {text}", DataWarning, stacklevel=stacklevel)


def _lanes(study: Study) -> list[str]:
    """Return what is to be said of lanes that the package made for other points, products or rates."""
    lanes = study.table("lanes")
    if not 0 < len(lanes) <= MOST_LANES or not _made_here(study.provenance):
        return []
    made = FREIGHT(study).frame
    stored, fresh = _with_text_keys(lanes), _with_text_keys(made)
    both = stored.merge(fresh, on=_KEY, suffixes=("", "_made"), how="left", indicator=True)
    known = (both["_merge"] == "both").to_numpy()
    off = np.zeros(len(both), dtype=np.bool_)
    seen = ""
    for figure in FIGURES:
        mine, now = (both[c].to_numpy(np.float64) for c in (figure, f"{figure}_made"))
        apart = known & ~np.isclose(mine, now, rtol=1e-6, atol=1e-9)
        if apart.any() and not seen:
            row = int(np.flatnonzero(apart)[0])
            name = "-".join(str(both[c].iloc[row]) for c in ("product", "origin", "destination"))
            seen = f"{name} by {both['mode'].iloc[row]}: {figure} is {mine[row]:,.6g}, now {now[row]:,.6g}"
        off |= apart
    gone = _pairs(made) - _pairs(lanes)
    if not off.any() and not gone:
        return []
    parts = []
    if off.any():
        many = f"{off.sum():,} of {len(lanes):,} lanes that the package made {'are' if off.sum() > 1 else 'is'}"
        parts.append(f"{many} not what it makes of the study today ({seen})")
    if gone:
        least = shown([f"{product}: {origin} to {end}" for product, origin, end in sorted(gone)], 3)
        many = f"{len(gone):,} ways" if len(gone) > 1 else "1 way"
        parts.append(f"{many} that it makes today {'have' if len(gone) > 1 else 'has'} no lane ({least})")
    text = "; ".join(parts)
    fix = (
        "The table lanes stays as it is: leave it out and it is made anew, or say in provenance where your own is from"
    )
    return [f"{text}. {fix}"]


def _made_here(provenance: pd.DataFrame) -> bool:
    """Whether provenance says that the package made the table of lanes, over its own net, and nobody any cell."""
    rows = provenance[provenance["table"] == "lanes"]
    whole = rows[(rows["column"] == "*") & (rows["row"] == "*")]
    straight = whole["note"].astype(str).str.startswith(STRAIGHT) & (whole["quality"] == "derived")
    return bool(len(whole) == 1 and straight.all() and (rows["row"] == "*").all())


def _with_text_keys(frame: pd.DataFrame) -> pd.DataFrame:
    """Return lanes with their key as text, one row a key."""
    out = pd.DataFrame(frame[[*(c for c in _KEY if c in frame), *FIGURES]]).reset_index(drop=True)
    for column in _KEY:
        out[column] = out[column].fillna("").astype(str) if column in out else ""
    return out.drop_duplicates(_KEY)


def _pairs(frame: pd.DataFrame) -> set[tuple[str, str, str]]:
    return set(frame[["product", "origin", "destination"]].astype(str).itertuples(index=False, name=None))


def _facts(study: Study, layers: Sequence[FactsLayer]) -> list[str]:
    """Return what is to be said of figures of a state at sites that lie in another one."""
    sites, provenance = study.sites, study.provenance
    mine = provenance[(provenance["table"] == "sites") & provenance["source"].notna()]
    if mine.empty:
        return []
    seen: dict[str, list[str]] = {}
    for layer in layers:
        for column, (variable, factor) in layer.facts.items():
            if column in sites:
                known = facts_in_prices(variable, study.settings.money.price_year)
                cells = _of_another_state(sites, mine[mine["column"] == column], column, known, factor)
                seen |= {column: cells} if cells else {}
    if not seen:
        return []
    first, cells = next(iter(seen.items()))
    sizes = ", ".join(f"{column} ({len(places)})" for column, places in seen.items())
    text = (
        f"the package's figures for other states stand at sites that lie elsewhere: {sizes}; {first}: {shown(cells, 3)}"
    )
    return [f"{text}. They stay as they are: empty the cells and they are filled anew"]


def _of_another_state(
    sites: pd.DataFrame, provenance: pd.DataFrame, column: str, known: pd.DataFrame, factor: float
) -> list[str]:
    """Return the sites whose figure, by value and source, is that of another state than theirs, with both figures."""
    value = (known["value"].astype("float64") * factor).round(12)
    sources = provenance[provenance["row"] != "*"].drop_duplicates("row", keep="last").set_index("row")["source"]
    source = sites["site"].astype(str).map(sources.astype(str).to_dict())
    region = sites["region"].astype(object)
    own = np.isclose(sites[column].astype("float64"), region.map(value).astype("float64"), rtol=1e-9, atol=0.0)
    seen = []
    for row in np.flatnonzero(source.notna().to_numpy() & ~own & sites[column].notna().to_numpy()):
        figure = float(sites[column].iloc[row])
        same = known[np.isclose(value, figure, rtol=1e-9, atol=0.0) & (known["source"].astype(str) == source.iloc[row])]
        if len(same) and region.iloc[row] in value.index:
            there, now = same.index[0], float(value[region.iloc[row]])
            seen.append(
                f"{sites['site'].iloc[row]} has {figure:.6g}, which is that of {there}; {region.iloc[row]}: {now:.6g}"
            )
    return seen
