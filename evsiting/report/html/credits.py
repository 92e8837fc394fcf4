"""Age of the data of a study, and the attributions that its sources require."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from evsiting import reference
from evsiting.report.number_format import plural
from evsiting.study.lists import split_list
from evsiting.study.study import Study

#: What is owed to publishers of the shipped data: the beginnings of their sources' ids, and the words.
CREDITS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("geonames",), "Cities and their population: GeoNames (geonames.org), CC BY 4.0; selected and extended."),
    (
        ("cim_", "plants_shared"),
        "Plants, their investment and status: Clean Investment Monitor (Rhodium Group, MIT CEEPR), CC BY 4.0; changed.",
    ),
    (("gjf_",), "Subsidy sums and ratios: Good Jobs First, Subsidy Tracker; sums and ratios only."),
    (
        ("statcan_", "jobbank_", "wagecan_"),
        "Canadian population, wages, labor force and vehicles: adapted from Statistics Canada and Job Bank, Open "
        "Government Licence - Canada and Statistics Canada Open Licence. This does not constitute an endorsement by "
        "Statistics Canada of this product.",
    ),
    (("inegi_", "enoe_", "imss_"), "Mexican population, labor force, wages and vehicles: INEGI and IMSS."),
    (("tc_zev",), "Shares of zero-emission vehicles: Transport Canada, with data of S&P Global Mobility."),
    (("ecb_",), "Exchange rates: European Central Bank."),
    (("codecarbon", "egrid2023_codecarbon", "nir_"), "Energy mixes and grid factors: CodeCarbon, MIT licence."),
    (("searoute",), "Ports and sea routes: searoute, Apache-2.0 licence."),
    (("scgraph",), "Rail network: US Department of Transportation, by way of scgraph, MIT licence."),
    (
        ("bls_", "bts_", "census_", "eia_", "epa_", "egrid", "energy_gov", "fhwa_", "afdc_", "irs_", "usitc"),
        "Wages, prices, power, emissions and freight of the United States: agencies of the federal government, public "
        "domain.",
    ),
)
#: The map of every report.
_OUTLINES = "Outlines of states and provinces on the map: Natural Earth, public domain."
#: Licences that ask for no word.
_SILENT = ("", "-", "facts", "public domain", "unknown", "none")


def credit_lines(study: Study, listing: pd.DataFrame) -> list[str]:
    """Return whom the study's data are owed to: publishers of shipped data in use, then the study's own sources.

    Parameters
    ----------
    study : Study
        Its table ``sources`` names the sources of its figures.
    listing : pandas.DataFrame
        ``study.sources``.
    """
    own = study.table("sources")
    used = {part for ids in listing["source"].dropna().astype(str) for part in split_list(ids)}
    used |= set(own["id"].astype(str)) if len(own) else set()
    lines = [text for starts, text in CREDITS if any(one.startswith(starts) for one in used)]
    shipped = set(reference.sources()["id"].astype(str))
    for licence, titles in _own_licences(own, shipped):
        lines.append(f"{', '.join(titles)}: {licence}.")
    return [*lines, _OUTLINES]


def _own_licences(table: pd.DataFrame, shipped: set[str]) -> Iterable[tuple[str, list[str]]]:
    """Return the licences of a study's own sources that ask for a word, with the titles below each."""
    if not len(table) or not {"licence", "title"} <= set(table.columns):
        return
    text = table.astype(object).where(table.notna(), "")
    text = text[~text["id"].astype(str).isin(shipped)]
    for licence, group in text.groupby("licence"):
        if not str(licence).strip().lower().startswith(_SILENT[2:]) and str(licence).strip() not in _SILENT:
            yield str(licence), list(dict.fromkeys(str(t) for t in group["title"]))


def years_of(values: Iterable[object]) -> list[int]:
    """Return the calendar years that texts begin with or hold; those without one are left out."""
    matches = (re.search(r"\b((?:19|20)\d\d)\b", str(value)) for value in values)
    return sorted(int(hit.group(1)) for hit in matches if hit)


def span(years: Sequence[int]) -> str:
    """Return the first and the last year, ``2019 to 2025``; empty where there is none."""
    if not years:
        return ""
    return str(years[0]) if years[0] == years[-1] else f"{years[0]} to {years[-1]}"


def vintage(listing: pd.DataFrame, latest: int) -> str:
    """Return how old the data are: from when on half of the dated sources are, and the oldest.

    Parameters
    ----------
    listing : pandas.DataFrame
        ``study.sources``.
    latest : int
        Later years are those of what is foreseen, not of data.

    Examples
    --------
    >>> vintage(pd.DataFrame({"source": ["a", "b", "c"], "year": ["2024", "1999", "2025"]}), 2026)
    'Half of the dated sources are of 2024 or later, the oldest of 1999.'
    """
    known = listing[["source", "year"]].dropna().drop_duplicates().astype(str)
    years = [year for year in years_of(known["year"]) if year <= latest]
    if not years:
        return "The years of the data are not given."
    if years[0] == years[-1]:
        return f"All dated sources are of {years[0]}." if len(years) > 1 else f"The one dated source is of {years[0]}."
    middle = years[len(years) // 2]
    if middle == years[0]:
        return f"The dated sources are of {span(years)}."
    return f"Half of the dated sources are of {middle} or later, the oldest of {years[0]}."


def counted_words(number: int, unit: str) -> str:
    """Return a count with its unit, ``1 figure`` or ``1,234 figures``."""
    return f"{number:,} {plural(unit, number)}"
