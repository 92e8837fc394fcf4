"""Bookkeeping for the shipped studies: figures are read by key and leave a row of provenance behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from evsiting import reference
from evsiting.layers.parameters import priced
from evsiting.study.lists import names_in

#: Ways in which a figure may be known, from best to worst; a figure made of several is as good as the worst.
RANK = ("measured", "sourced", "derived", "imputed", "assumption")


@dataclass
class ProvenanceLog:
    """Read parameters in the prices of one year, and gather provenance.

    Parameters
    ----------
    price_year : int
        Year in whose prices money is read.
    """

    price_year: int
    rows: list[dict[str, str]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    _origins: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)

    def get(self, key: str, *, year: int | None = None, country: str | None = None) -> float:
        """Return a parameter of the package; the next :meth:`note` cites it.

        Parameters
        ----------
        key : str
            A key of :func:`evsiting.reference.parameters`.
        year : int, optional
            Calendar year for which it holds; the newest where left out.
        country : str, optional
            Country for which it holds.

        Returns
        -------
        float
            In its own unit, money in prices of ``price_year``.
        """
        parameter = reference.parameter(key, year=year, country=country)
        value, moved = priced(parameter, self.price_year)
        quality = "assumption" if parameter.assumed else "derived" if moved else parameter.quality
        vintage = str(parameter.year or (parameter.valid_from.year if parameter.valid_from else ""))
        self._origins[key] = (parameter.source, vintage, quality, "; ".join(n for n in (parameter.note, moved) if n))
        self.read.append(key)
        return value

    def note(
        self,
        table: str,
        column: str,
        row: str = "*",
        *,
        keys: Iterable[str] | None = None,
        assumed: str = "",
        derived: str = "",
    ) -> None:
        """Write one row of provenance for figures made from parameters.

        Parameters
        ----------
        table, column, row : str
            What it is about; ``*`` for all.
        keys : iterable of str, optional
            Parameters used; those read since the last note where left out.
        assumed : str
            What was assumed beside them: the figure is then an assumption.
        derived : str
            How it was worked out.
        """
        used = list(dict.fromkeys(self.read if keys is None else keys))
        self.read.clear()
        facts = [self._origins[k] for k in used]
        sources = dict.fromkeys(names_in(f[0] for f in facts))
        if assumed or not sources:
            sources["unsourced"] = None
        worst = max((RANK.index(f[2]) for f in facts), default=RANK.index("assumption"))
        quality = "assumption" if assumed else RANK[max(worst, RANK.index("derived") if derived else 0)]
        notes = [f"assumption: {assumed}" if assumed else "", derived]
        notes += [f"{k}: {f[3]}" if f[3] else k for k, f in zip(used, facts, strict=True)]
        years = dict.fromkeys(f[1] for f in facts if f[1])
        self.rows.append(
            {
                "table": table,
                "column": column,
                "row": row,
                "source": ";".join(sources),
                "year": ";".join(years),
                "quality": quality,
                "note": "; ".join(t for t in notes if t),
            }
        )

    def cite(self, table: str, column: str, row: str, source: str, year: str, quality: str, note: str) -> None:
        """Write one row of provenance for a figure that is no parameter."""
        self.read.clear()
        self.rows.append(
            {
                "table": table,
                "column": column,
                "row": row,
                "source": source or "unsourced",
                "year": year,
                "quality": quality if source else "assumption",
                "note": note,
            }
        )

    def provenance(self) -> pd.DataFrame:
        """Return the rows written."""
        return pd.DataFrame(self.rows)
