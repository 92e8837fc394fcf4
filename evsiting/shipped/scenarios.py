"""Futures of the shipped studies: laws, agreements and demand; chances and sizes are assumptions."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.inputs import PACK_PARTS, PARTS

#: Futures of the study of ten cities: name, chance and what happens.
FUTURES = (
    ("tariffs kept", 0.5, "the duties of today stay for the whole horizon: the base case"),
    ("tariffs lifted", 0.3, "the duties of Section 232 end before the plants open"),
    ("growth", 0.2, "the duties stay, and the maker sells three tenths more"),
)
#: What they change in the tables.
CHANGES = (
    ("tariffs lifted", "duties", "", "measure=Section 232", "", "drop", float("nan")),
    ("growth", "demand", "units_per_yr", "product=vehicle", "", "multiply", 1.3),
)

#: Futures of policy: name, chance and what happens. The first is the base case.
POLICY = (
    ("law of November 2026", 0.3, "what is in force stays in force: the base case"),
    (
        "USMCA lapses",
        0.1,
        "trade of the United States with Canada and Mexico pays the general and the Section 232 duties in full once "
        "the first period is over; the joint review of July 2026 ended without an extension",
    ),
    ("USMCA renegotiated", 0.15, "the regional value of vehicles rises to the 85 % that was floated in the review"),
    (
        "tariffs as negotiated",
        0.15,
        "Canada and Mexico get what Japan, the EU and Korea negotiated, 15 % on cars and parts; Canada ends its "
        "counter-tariff",
    ),
    (
        "Section 301 on cars and batteries",
        0.1,
        "the inquiry of March 2026 into 16 economies, Canada not among them, ends in a further duty on vehicles, packs "
        "and cells; what originates in Mexico is spared",
    ),
    ("45X ended early", 0.05, "the credit for cells and modules ends before its phase-down"),
    ("demand low", 0.1, "a quarter fewer vehicles are wanted once the first period is over"),
    ("demand high", 0.05, "a quarter more vehicles are wanted once the first period is over"),
)
#: Rate of the duty that the inquiry under Section 301 might end in. [1]
RATE_301 = 0.25
#: Origins in the inquiry that the study buys from, and whether what qualifies is spared.
ORIGINS_301 = (("CN", "none"), ("DE", "none"), ("JP", "none"), ("KR", "none"), ("MX", "free"))
#: Vehicles wanted in the low and in the high future, as a part of those of the base case. [1]
DEMAND = {"demand low": 0.75, "demand high": 1.25}

COLUMNS = ["scenario", "table", "column", "rows", "period", "action", "value"]

type Change = tuple[str, str, str, str, str, str, float]


def scenarios(book: ProvenanceLog) -> dict[str, pd.DataFrame]:
    """Return tables ``scenarios`` and ``scenario_changes`` of ten cities, each figure written down as an assumption."""
    return _tables(book, FUTURES, list(CHANGES))


def policy_futures(book: ProvenanceLog, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables ``scenarios`` and ``scenario_changes`` with what policy and demand may become.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    tables : mapping of str to pandas.DataFrame
        ``periods``, ``duties`` and, where the study has them, ``quotas``. What comes later comes after the first
        period, or at once where there is but one.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("north-america")
    >>> study.scenarios["scenario"].head(3).tolist()
    ['law of November 2026', 'USMCA lapses', 'USMCA renegotiated']
    """
    names = tables["periods"].sort_values("start_year")["period"].tolist()
    later = [str(name) for name in names[1:] or names]
    floated = 0.01 * book.get("usmca.rvc_floated_2026")
    deal = 0.01 * book.get("us.232.car_tariff_japan")
    book.read.clear()
    none = float("nan")
    known = set(tables["products"]["product"]) if "products" in tables else set()
    parts = [product for product in (PARTS, PACK_PARTS) if product in known]
    rates = (("MFN", 0.01 * book.get("duty.us.vehicle_mfn")), ("Section 232", 0.01 * book.get("us.232.parts_tariff")))
    book.read.clear()
    changes = [change for period in later for change in _lapse(period, tables["duties"])]
    bought = [(period, product) for period in later for product in parts]
    for period, product in bought:  # parts of suppliers at home are spared without a row of their own
        for origin in ("CA", "MX"):
            for measure, rate in rates:
                cells = f"product={product}; origin={origin}; destination=US; measure={measure}; "
                cells += "dutiable_share=1; relief=none"
                changes.append(("USMCA lapses", "duties", "rate", cells, period, "add", rate))
    changes.append(("USMCA renegotiated", "origin_rules", "rvc", "product=vehicle", "", "set", floated))
    negotiated = "tariffs as negotiated"
    for origin in ("CA", "MX"):
        rows = f"origin={origin}; destination=US; measure=Section 232"
        changes.append((negotiated, "duties", "rate", rows, "", "set", deal))
    for table in (name for name in ("duties", "quotas") if name in tables and len(tables[name])):
        changes.append((negotiated, table, "", "measure=counter-tariff", "", "drop", none))
    for origin, relief in ORIGINS_301:
        sold = ("vehicle",) if origin == "DE" else ("vehicle", "pack", "cell")
        for product in sold:
            cells = f"product={product}; origin={origin}; destination=US; measure=Section 301, capacity; "
            cells += f"dutiable_share=1; relief={relief}"
            changes.append(("Section 301 on cars and batteries", "duties", "rate", cells, "", "add", RATE_301))
    for program in ("45X cells", "45X modules"):
        changes.append(("45X ended early", "programs", "", f"program={program}", later[0], "drop", none))
    for name, part in DEMAND.items():
        for period in later:
            changes.append((name, "demand", "units_per_yr", "product=vehicle", period, "multiply", part))
    return _tables(book, POLICY, changes)


def _lapse(period: str, duties: pd.DataFrame) -> list[Change]:
    """Return the changes by which goods that cross a border of the United States are spared no duty any more."""
    name, none = "USMCA lapses", float("nan")
    spared = duties[(duties["relief"] != "none") & ((duties["origin"] == "US") | (duties["destination"] == "US"))]
    made: list[Change] = []
    for row in spared.itertuples():
        key = f"product={row.product}; origin={row.origin}; destination={row.destination}; measure={row.measure}"
        made.append((name, "duties", "", key, period, "drop", none))
        cells, rate = f"{key}; dutiable_share=1; relief=none", float(str(row.rate))
        made.append((name, "duties", "rate", cells, period, "add", rate))
    return made


def _tables(
    book: ProvenanceLog, futures: tuple[tuple[str, float, str], ...], changes: list[Change]
) -> dict[str, pd.DataFrame]:
    for name, _, note in futures:
        book.cite("scenarios", "probability", name, "", "", "assumption", f"an example of a chance: {note}")
    book.cite("scenario_changes", "value", "*", "", "", "assumption", "an example of a future, not a forecast")
    return {
        "scenarios": pd.DataFrame(futures, columns=["scenario", "probability", "note"]),
        "scenario_changes": pd.DataFrame(changes, columns=COLUMNS),
    }
