"""Targets of the North American study: each is an assumption of its scenario."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evsiting.shipped.book import ProvenanceLog

COLUMNS = ("limit", "kind", "place", "product", "plant_type", "per", "period", "at_least", "at_most")

#: Limits: what they set, and why.
LIMITS: tuple[tuple[dict[str, Any], str], ...] = (
    (
        {"limit": "first budget", "kind": "capex", "period": "2030-2032", "at_most": 50e9},
        "no more than 50 bn USD can be raised for what is decided now and opens in 2030",
    ),
    (
        {"limit": "packs from abroad", "kind": "import_share", "product": "pack", "at_most": 0.1},
        "no more than a tenth of all packs comes from outside the three countries",
    ),
    (
        {"limit": "no cell plant too large", "kind": "concentration", "product": "cell", "per": "site", "at_most": 0.2},
        "no single place makes more than a fifth of all cells",
    ),
    (
        {"limit": "clean power", "kind": "renewable_share", "period": "2033-2041", "at_least": 0.6},
        "three fifths of the power are renewable in the last period",
    ),
    *(
        (
            {"limit": f"on time {p}", "kind": "on_time_share", "product": "vehicle", "period": p, "at_least": 0.9},
            "nine of ten vehicles arrive within the promised week, once what is decided now has opened",
        )
        for p in ("2030-2032", "2033-2041")
    ),
    (
        {"limit": "cells after a loss", "kind": "survive_share", "product": "cell", "at_least": 0.8},
        "four fifths of the cells are left when the largest plant stands still",
    ),
    (
        {
            "limit": "vehicles made in Canada",
            "kind": "output_share",
            "place": "CA",
            "product": "vehicle",
            "period": "2033-2041",
            "at_least": 0.06,
        },
        "Canada keeps a part of assembly: half of its part of demand",
    ),
)


def limits(book: ProvenanceLog) -> pd.DataFrame:
    """Return the limits, and write each down as an assumption of the scenario."""
    for row, why in LIMITS:
        for column in ("at_least", "at_most"):
            if column in row:
                book.cite("limits", column, str(row["limit"]), "", "", "assumption", f"a choice of the scenario: {why}")
    return pd.DataFrame([row for row, _ in LIMITS], columns=list(COLUMNS))
