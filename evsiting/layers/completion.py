"""Fill in what a study leaves empty, from the package's layers and reference data."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from evsiting.errors import DataWarning, InputError, Problem, Problems, expect, shown
from evsiting.layers.base import Layer, LayerResult
from evsiting.layers.data_warnings import imputed_or_old, recheck_quietly, warn_imputed, warn_of_boundaries
from evsiting.layers.freight.lanes import FREIGHT
from evsiting.layers.geo.places import PlacesLayer
from evsiting.layers.incentives.programs import INCENTIVES, programs_that_differ
from evsiting.layers.jurisdiction import GRID, LABOR
from evsiting.layers.provenance import COLUMNS, grouped, merged, origin_row, with_sources
from evsiting.layers.stale import warn_stale
from evsiting.study.schema.tables import NEEDED_TO_SOLVE, TABLES
from evsiting.study.study import Study

#: Layers of columns, in the order in which they are run; then the layers that make whole tables.
COLUMN_LAYERS = (PlacesLayer("sites"), PlacesLayer("markets"), LABOR, GRID)
TABLE_LAYERS: tuple[Layer, ...] = (INCENTIVES, FREIGHT)
#: Most lanes of a complete study that is kept with the study it was made of; more would hold memory for long.
KEPT_LANES = 500_000
#: Under this name a study keeps what it is when complete: nothing where it is so itself.
_KNOWN = "_completed"
#: Under this name a study keeps that its lanes were made for it a moment ago: they cannot be out of date.
_FRESH = "_fresh_lanes"


@dataclass
class _Draft:
    """Tables being completed, with the provenance gathered on the way."""

    study: Study
    tables: dict[str, pd.DataFrame]
    origins: list[pd.DataFrame] = field(default_factory=list)
    changed: bool = False

    def now(self) -> Study:
        """Return the study as it stands; nothing but checked tables went in."""
        return Study(self.study.settings, self.tables)


def complete(study: Study, *, freight: Layer | None = FREIGHT) -> Study:
    """Return the study with every empty cell filled that a layer can fill; what the user gave always stays.

    In this order: country and region of sites and markets from their points; wage, payroll burden, labor
    force and unemployment of sites; power price, grid factor, renewable and carbon-free share; the table
    ``incentives`` from the table ``programs`` and the table ``lanes`` from the shipped networks, both only
    where the study has none. Each filled cell gets a row in ``provenance`` (one row ``*`` where a whole
    column is alike), cited sources come into ``sources`` and the figures used into ``parameters``.

    Parameters
    ----------
    study : Study
        Any checked study.
    freight : Layer, optional
        What makes the table ``lanes``: ``evsiting.FreightLayer(road=...)`` with a road graph of your own. None makes
        no lanes: for studies with millions of them, whose lanes :func:`evsiting.freight_matrices` gives.

    Returns
    -------
    Study
        The same object where nothing was empty; a second call changes nothing.

    Raises
    ------
    InputError
        If a cell that the program needs can be filled from nothing.

    Warns
    -----
    DataWarning
        Once, if figures that were filled in are imputed or more than five years older than the study's base year
        (:func:`imputed_figures` lists them); if lanes, or figures by state, that the package once made are not what it
        makes of the study today; if grid factors of the study have different boundaries; and if the study's
        own table ``incentives``, which stays, is not what its table ``programs`` comes to.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("north-america")
    >>> ev.complete(study).digest == study.digest
    True
    """
    expect("complete", study=(study, Study))
    if freight is not None and getattr(freight, "table", "") != "lanes":
        fix = "Give evsiting.FreightLayer(...), another layer of the table lanes, or None"
        raise InputError([Problem("complete, freight", "makes no lanes", repr(freight), fix)])
    warn_stale("complete", study, (LABOR, GRID), lanes=_FRESH not in study.__dict__)
    is_known = _KNOWN in study.__dict__  # as complete as another one, and told of it
    made, filled = _complete_once(study, freight)
    own = study.has("programs") and study.has("incentives") and not is_known
    if own and (other := programs_that_differ(made)):  # of the complete study: it knows in which country each site lies
        text = f"complete: the study's own table incentives stays, and is not what programs makes of {shown(other)}"
        warnings.warn(f"{text}. Leave incentives out and it is made anew from programs", DataWarning, stacklevel=2)
    warn_imputed("complete", filled, study)
    warn_of_boundaries("complete", made)
    return made


def as_complete_as(known: Study, study: Study) -> Study:
    """Return a study marked as complete as another one, from which it differs in figures that fill in nothing.

    Such as table ``limits``, or further rows of ``incentives``; lanes stay those that the other study has, and nothing
    is told of them again.
    """
    if _KNOWN in known.__dict__:
        study.__dict__[_KNOWN] = known.__dict__[_KNOWN]
    return study


def imputed_figures(study: Study) -> pd.DataFrame:
    """Return the figures of a study that are imputed or old, one row each: what an owner of the study may replace.

    Parameters
    ----------
    study : Study
        Empty cells are filled in first, as by :func:`complete`.

    Returns
    -------
    pandas.DataFrame
        ``table``, ``column``, ``row`` (key, ``*`` for a whole column), ``imputed`` (whether it stands in for a figure
        that nobody states), ``year`` (the first that its source covers), ``age`` (years before the study's base year;
        more than five are listed), ``source``, ``note``.

    Raises
    ------
    InputError
        If a cell that the program needs can be filled from nothing.

    Examples
    --------
    >>> import evsiting as ev
    >>> found = ev.imputed_figures(ev.example("starter"))
    >>> found.loc[found["column"] == "payroll_burden", "row"].head(2).tolist()
    ['US-TN-memphis', 'US-GA-savannah']
    """
    expect("imputed_figures", study=(study, Study))
    return imputed_or_old(complete_quietly(study).provenance, study.settings.money.base_year)


def complete_quietly(study: Study, freight: Layer | None = FREIGHT) -> Study:
    """Return what :func:`complete` does, without a word: for the shipped studies, and for what looks again."""
    return _complete_once(study, freight)[0]


def _complete_once(study: Study, freight: Layer | None) -> tuple[Study, pd.DataFrame]:
    """Return the study complete, and the provenance of what was filled in; worked out once for each study.

    Solve, certificate and report of one study as it was read ask for the same again, and each time every table of it
    would be checked anew.
    """
    if freight is FREIGHT and _KNOWN in study.__dict__:
        known: tuple[Study | None, pd.DataFrame] = study.__dict__[_KNOWN]
        return study if known[0] is None else known[0], known[1]
    made, filled = _fill_study(study, freight)
    if freight is not None:
        made.__dict__[_KNOWN] = None, filled.head(0)
    if freight is FREIGHT and made is not study and len(made.lanes) <= KEPT_LANES:
        study.__dict__[_KNOWN] = made, filled
    return made, filled


def _fill_study(study: Study, freight: Layer | None) -> tuple[Study, pd.DataFrame]:
    draft = _Draft(study, study.tables)
    for layer in COLUMN_LAYERS:
        _fill_columns(draft, layer)
    _check_needed(draft)
    for maker in (INCENTIVES, freight):
        if maker is not None:
            _make_table(draft, maker)
    if not draft.changed:
        return study, pd.DataFrame(columns=COLUMNS)
    provenance = merged(study.provenance, draft.origins)
    draft.tables["provenance"] = provenance
    draft.tables["sources"] = with_sources(study.table("sources"), provenance)
    filled = merged(pd.DataFrame(columns=COLUMNS), draft.origins)
    made = recheck_quietly(study, draft.tables)
    if freight is FREIGHT and not study.has("lanes"):
        made.__dict__[_FRESH] = True
    return made, filled


def _fill_columns(draft: _Draft, layer: Layer) -> None:
    """Run one layer of columns if one of its cells is empty, and keep what fills an empty cell."""
    table, columns = layer.table, getattr(layer, "columns", ())
    frame = draft.tables[table]
    empty = pd.DataFrame({c: _empty_cells(frame, c) for c in columns}, index=frame.index)
    if not empty.to_numpy().any():
        return
    result = layer(draft.now())
    gained = empty & result.frame.reindex(columns=columns).notna()
    if not gained.to_numpy().any():
        return
    for column in columns:
        old = frame[column].astype(object) if column in frame else pd.Series(None, frame.index, dtype=object)
        frame[column] = old.where(~gained[column], result.frame[column]).infer_objects()
    draft.tables[table] = frame
    draft.changed = True
    draft.origins.append(_cell_origins(layer, result, frame, gained))
    _keep_figures(draft, result)


def _empty_cells(frame: pd.DataFrame, column: str) -> pd.Series[bool]:
    if column not in frame:
        return pd.Series(True, index=frame.index)
    return frame[column].isna() | (frame[column].astype(object) == "")


def _cell_origins(layer: Layer, result: LayerResult, frame: pd.DataFrame, gained: pd.DataFrame) -> pd.DataFrame:
    """Return provenance of the cells gained, one row ``*`` for a column that is all alike."""
    key = TABLES[layer.table].key[0]
    rows = [
        origin_row(layer.table, column, str(code), origin)
        for column, origin in result.origins.items()
        for code in frame.loc[gained[column], key]
    ]
    by_row = result.row_origins
    if len(by_row):
        cells = {(c, str(code)) for c in gained.columns for code in frame.loc[gained[c], key]}
        mine = [pair in cells for pair in zip(by_row["column"], by_row["row"].astype(str), strict=True)]
        by_row = by_row[np.array(mine) | (by_row["table"] == "parameters").to_numpy()]
    cells_frame = pd.concat([pd.DataFrame(rows, columns=COLUMNS), by_row], ignore_index=True)
    return grouped(cells_frame, {(layer.table, c): len(frame) for c in gained.columns})


def _make_table(draft: _Draft, layer: Layer) -> None:
    """Run a layer that makes a whole table, if the study has none."""
    if layer.table in draft.tables and len(draft.tables[layer.table]):
        return
    result = layer(draft.now())
    if not len(result.frame):
        return
    draft.tables[layer.table] = result.frame
    draft.changed = True
    rows = [origin_row(layer.table, column, "*", origin) for column, origin in result.origins.items()]
    draft.origins += [pd.DataFrame(rows, columns=COLUMNS), result.row_origins]
    _keep_figures(draft, result)


def _keep_figures(draft: _Draft, result: LayerResult) -> None:
    """Add the figures that a layer used to ``parameters``; those that stand there stay."""
    if not len(result.parameters):
        return
    own = draft.tables.get("parameters", result.parameters.head(0))
    both = pd.concat([own, result.parameters]) if len(own) else result.parameters
    draft.tables["parameters"] = both.drop_duplicates("key", keep="first").reset_index(drop=True)


def _check_needed(draft: _Draft) -> None:
    """Raise once for every cell that the program needs and that stayed empty."""
    problems = Problems()
    for table, columns in NEEDED_TO_SOLVE.items():
        frame = draft.tables[table]
        key = TABLES[table].key[0]
        for column in columns:
            lost = frame.loc[_empty_cells(frame, column), key]
            if len(lost):
                problems.add(
                    f"{table}, column {column!r}",
                    f"{len(lost)} of {len(frame)} cells are empty and nothing is shipped for their region",
                    shown(lost),
                    "Give the values, or a region (ISO 3166-2, such as US-TN) of reference.jurisdictions()",
                )
    problems.raise_if_any()
