"""What a state might pay where no program is known: imputed from packages of the past, and only when asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem, Problems, expect, shown
from evsiting.layers.arguments import is_finite
from evsiting.layers.base import Origin
from evsiting.layers.data_warnings import warn_imputed
from evsiting.layers.incentives.programs import IncentivesLayer
from evsiting.layers.provenance import COLUMNS, merged, origin_row, with_sources
from evsiting.study.lists import join_lists
from evsiting.study.provenance import row_keys
from evsiting.study.study import Study

#: Name of the programs that are made.
PROGRAM = "expected package"
_MEDIAN = "incentive.us_megadeal.subsidy_per_job"
_WARNING = (
    "an outcome of past sitings: it must not be used to explain or predict where those plants went, nor in a back-test"
)


def expected_package(
    study: Study, plant_types: Sequence[str] | None = None, *, only_with_deals: bool = False, share: float = 1.0
) -> Study:
    r"""Return the study with an imputed package in each US state for which it knows no program of the state.

    A state that gave packages to vehicle and battery plants from 2021 to 2024 is taken to pay as much for a job as they
    did (fact ``subsidy_per_job``), another as much as the median of all packages (parameter
    ``incentive.us_megadeal.subsidy_per_job``). The sum S for one job is spread over the years of the horizon as a
    program of kind ``job``:

    .. math:: v = \sigma S \Big/ \sum_{k=0}^{n-1} (1 + r)^{-k}

    with the study's discount rate r, so that a job which is there from the first year to the last earns S in present
    value of the first year; one that comes later earns less. Sums are nominal dollars of 2021 to 2024. Nothing is known
    of Canada and Mexico, and nothing is made up for them.

    Parameters
    ----------
    study : Study
        Any study. A row of ``programs`` that names a state and the plant type is a program that is known;
        so is a row of kind ``grant`` for the whole country.
    plant_types : sequence of str, optional
        For which plant types; all that can be built where left out.
    only_with_deals : bool, default False
        Leave out states without a package of their own instead of giving them the median.
    share : float, default 1
        Part :math:`\sigma` of the package that is expected. [1]

    Returns
    -------
    Study
        With rows called ``expected package`` in ``programs`` (and ``incentives``, if it has that table), marked
        *imputed*. The same object where no state is left.

    Raises
    ------
    InputError
        If a plant type is unknown, the share is not between 0 and 1, or the state of a site is not known.

    Warns
    -----
    DataWarning
        Once, with the number of states: the figures are imputed.

    Examples
    --------
    >>> import evsiting as ev, warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ev.DataWarning)
    ...     study = ev.expected_package(ev.example("starter"), ["cell"])
    >>> study.programs.query("program == 'expected package'")["region"].tolist()
    ['US-GA', 'US-MI']
    """
    expect("expected_package", study=(study, Study))
    kinds = _plant_types(study, plant_types, share)
    regions = _us_states(study.sites)
    periods = study.periods
    first, last = int(periods["start_year"].min()), int((periods["start_year"] + periods["years"]).max()) - 1
    rate = study.settings.money.discount_rate
    years = float(((1.0 + rate) ** -np.arange(last - first + 1.0)).sum())
    rows, origins = [], []
    for region in regions:
        per_job, origin = _per_job(region, only_with_deals)
        for kind in kinds:
            if per_job is None or _has_own_program(study.programs, region, kind):
                continue
            rows.append((PROGRAM, "US", region, kind, None, "job", round(share * per_job / years, 6), first, last))
            origins.append(origin)
    if not rows:
        return study
    columns = ["program", "country", "region", "plant_type", "product", "kind", "value", "first_year", "last_year"]
    fresh = pd.DataFrame(rows, columns=columns)
    cited = [
        origin_row("programs", "value", key, Origin(o.source, o.year, o.quality, f"{o.note}; {_WARNING}"))
        for key, o in zip(row_keys("programs", fresh), origins, strict=True)
    ]
    return _with_programs(study, fresh, pd.DataFrame(cited, columns=COLUMNS))


def _plant_types(study: Study, asked: Sequence[str] | None, share: float) -> list[str]:
    able = list(dict.fromkeys(study.options["plant_type"].astype(str)))
    chosen = able if asked is None else [asked] if isinstance(asked, str) else list(dict.fromkeys(asked))
    problems = Problems()
    lost = [k for k in chosen if k not in able]
    if lost:
        problems.add(
            "expected_package, plant_types",
            f"{len(lost)} cannot be built",
            shown(lost),
            f"Choose from {shown(able, 20)}",
        )
    if not is_finite(share, 0.0, 1.0) or not share > 0.0:
        problems.add("expected_package, share", "is no part of a package", repr(share), "Give one above 0 and up to 1")
    problems.raise_if_any()
    return chosen


def _us_states(sites: pd.DataFrame) -> list[str]:
    """Return the US states of the sites; refuse sites whose state is not known."""
    unknown = sites["region"].isna() & (sites["country"].isna() | (sites["country"] == "US"))
    if unknown.any():
        what = f"{int(unknown.sum())} of {len(sites)} sites have no state"
        fix = "Give the columns country and region of sites, or fill them with evsiting.complete(study)"
        raise InputError([Problem("expected_package", what, shown(sites.loc[unknown, "site"]), fix)])
    return sorted({str(r) for r in sites["region"].dropna() if str(r).startswith("US-")})


def _per_job(region: str, only_with_deals: bool) -> tuple[float | None, Origin]:
    """Return what a state is taken to pay for a job, and where that comes from. [USD/FTE]"""
    deals = reference.fact("subsidy_per_job", with_quality=True)
    if region in deals.index:
        row = deals.loc[[region]].iloc[0]
        note = f"imputed from {row['note']}"
        return float(str(row["value"])), Origin(str(row["source"]), str(row["year"]), "imputed", note)
    if only_with_deals:
        return None, Origin()
    median = reference.parameter(_MEDIAN)
    note = f"no package of the state is known; {median.note}, nominal USD"
    year = str(median.valid_from.year) if median.valid_from else ""
    return median.value, Origin(median.source, year, "imputed", note)


def _has_own_program(programs: pd.DataFrame, region: str, plant_type: str) -> bool:
    """Whether a program of the state, or a grant of the country, is known for a plant type."""
    mine = programs[
        (programs["plant_type"].astype(object) == plant_type) & (programs["country"].astype(object) == "US")
    ]
    own = mine["region"].astype(object) == region
    return bool((own | (mine["region"].isna() & (mine["kind"].astype(object) == "grant"))).any())


def _with_programs(study: Study, fresh: pd.DataFrame, origins: pd.DataFrame) -> Study:
    """Return the study with further programs, what they offer, and where they come from."""
    tables = study.tables
    old = tables.get("programs")
    if old is not None and (old["program"].astype(object) == PROGRAM).any():
        fix = "Leave it out: expected_package is called once"
        seen = f"{int((old['program'].astype(object) == PROGRAM).sum())} rows"
        raise InputError([Problem("expected_package", f"the study has programs called {PROGRAM!r}", seen, fix)])
    tables["programs"] = fresh if old is None or not len(old) else pd.concat([old, fresh], ignore_index=True)
    if study.has("incentives"):
        alone = Study.from_tables(study.settings, {**tables, "programs": fresh, "incentives": study.incentives.head(0)})
        tables["incentives"] = pd.concat([study.incentives, IncentivesLayer()(alone).frame], ignore_index=True)
        keys = row_keys("incentives", tables["incentives"].iloc[len(study.incentives) :])
        origin = Origin(join_lists(origins["source"]), "", "imputed", f"{PROGRAM}; {_WARNING}")
        offers = pd.DataFrame([origin_row("incentives", "value", k, origin) for k in keys], columns=COLUMNS)
        origins = pd.concat([origins, offers], ignore_index=True)
    provenance = merged(study.provenance, [origins])
    tables["provenance"] = provenance
    tables["sources"] = with_sources(study.table("sources"), provenance)
    warn_imputed("expected_package", origins[origins["table"] == "programs"], study, stacklevel=4)
    return Study.from_tables(study.settings, tables)
