"""Put a user's own layers on a study."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from evsiting.errors import Problems, expect, shown
from evsiting.layers.base import Layer, LayerResult
from evsiting.layers.data_warnings import recheck_quietly, warn_imputed, warn_of_boundaries
from evsiting.layers.provenance import COLUMNS, merged, origin_row, with_sources
from evsiting.study.lists import names_in
from evsiting.study.schema.tables import NEEDED_TO_SOLVE, TABLES
from evsiting.study.study import Study

COLUMN_TABLES = ("sites", "markets")
WHOLE_TABLES = ("demand", "lanes", "incentives")


def apply_layers(study: Study, *layers: Layer) -> Study:
    """Return the study with the columns or tables of some layers in place of its own.

    Parameters
    ----------
    study : Study
        Any study.
    *layers : Layer
        Run in the order given; each sees what those before it made. See :func:`evsiting.layer` for how to
        write one. A layer of ``sites`` or ``markets`` replaces the columns that it returns; one of ``demand``,
        ``lanes`` or ``incentives`` replaces the table.

    Returns
    -------
    Study
        Checked. A source that a layer names and no table describes gets a row in ``sources``. Provenance of
        what was replaced gives way to that of the layers.

    Warns
    -----
    DataWarning
        Once, if figures of the layers are imputed or more than five years older than the study's base year.

    Raises
    ------
    InputError
        If something given is no layer, or a layer loses or moves rows, returns what is not finite, or names its
        columns badly; the message names the layer.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("north-america")
    >>> @ev.layer("sites", source="", note="a quote")
    ... def power_quote(study):
    ...     return study.sites["power_price_usd_per_mwh"].mul(0.9)
    >>> cheaper = ev.apply_layers(study, power_quote)
    """
    expect("apply_layers", study=(study, Study))
    tables = study.tables
    provenances: list[pd.DataFrame] = []
    for one in layers:
        _check_layer(one)
        result = _result(one, Study(study.settings, tables))
        if one.table in COLUMN_TABLES:
            before = tables[one.table].copy()
            old = tables.get("provenance", pd.DataFrame(columns=COLUMNS))
            _put_columns(one, result, tables)
            new, key = _put_origins(one, result, tables), TABLES[one.table].key[0]
            provenances.append(_changed_origins(new, old, before, tables[one.table], key))
        else:
            tables[one.table] = result.frame.reset_index(drop=True)
            provenances.append(_put_origins(one, result, tables))
    made = recheck_quietly(study, tables, stacklevel=3)
    if provenances:
        warn_imputed("apply_layers", merged(provenances[0].head(0), provenances), study)
        warn_of_boundaries("apply_layers", made)
    return made


def _result(layer: Layer, study: Study) -> LayerResult:
    """Return what a layer makes; an error of its own says whose it is."""
    try:
        result: object = layer(study)
    except Exception as error:
        error.add_note(f"This happened in layer {layer.name!r}, on table {layer.table!r}.")
        raise
    problems, where = Problems(), f"layer {layer.name!r}"
    if not isinstance(result, LayerResult):
        problems.add(where, "its call returned no LayerResult", type(result).__name__, "Return an evsiting LayerResult")
    elif not result.frame.columns.is_unique:
        twice = shown(result.frame.columns[result.frame.columns.duplicated()])
        problems.add(where, "it returned columns of the same name", twice, "Return each column once")
    problems.raise_if_any()
    return cast("LayerResult", result)


def _check_layer(layer: Layer) -> None:
    problems = Problems()
    if not isinstance(layer, Layer):
        fix = "Give what @ev.layer('sites') makes of a function, or an object with name, table and a call"
        problems.add("apply_layers", "something given is no layer", type(layer).__name__, fix)
    elif layer.table not in (*COLUMN_TABLES, *WHOLE_TABLES):
        problems.add(
            f"layer {layer.name!r}",
            "it cannot fill that table",
            str(layer.table),
            f"Choose from {', '.join((*COLUMN_TABLES, *WHOLE_TABLES))}",
        )
    problems.raise_if_any()


def _put_columns(layer: Layer, result: LayerResult, tables: dict[str, pd.DataFrame]) -> None:
    """Check a layer's columns and put them into its table."""
    table = tables[layer.table]
    frame = _align_rows(layer, result.frame, table)
    problems = Problems()
    where = f"layer {layer.name!r}"
    key = TABLES[layer.table].key[0]
    known = {c.name: c for c in TABLES[layer.table].columns}
    labels = {c.label: c.name for c in known.values() if c.label != c.name}
    names: list[Any] = list(frame.columns)
    for column in names:
        if not isinstance(column, str) or column in (key, "geometry"):
            fix = "Name the column that it fills, as in series.rename('power_price_usd_per_mwh')"
            problems.add(where, "a column may not have that name", repr(column), fix)
        elif column in labels:
            problems.add(where, "a column has no unit in its name", column, f"Call it {labels[column]!r}")
        else:
            needed = column not in known or column in NEEDED_TO_SOLVE[layer.table] or not known[column].nullable
            bad = _missing_or_infinite(frame[column], needed=needed)
            if bad.any():
                what = f"{int(bad.sum())} of {len(bad)} values of {column!r} are missing or not finite"
                rows = shown(table.loc[bad.to_numpy(), key])
                problems.add(where, what, rows, "Return a finite number for every row; fill gaps in the layer")
    problems.raise_if_any()
    for column in names:
        table[column] = frame[column]


def _align_rows(layer: Layer, frame: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return a layer's frame on the index of its table; rows may be labelled by that index or by code."""
    key = TABLES[layer.table].key[0]
    if frame.index.equals(table.index):
        return frame
    problems = Problems()
    codes = pd.Index(table[key])
    if frame.index.is_unique and len(frame) == len(table) and set(frame.index) == set(codes):
        return frame.reindex(codes).set_axis(table.index)
    lost = codes.difference(frame.index) if frame.index.dtype == codes.dtype else table.index.difference(frame.index)
    what = f"it returned {len(frame)} rows for the {len(table)} of {layer.table}, or moved them"
    fix = f"Keep the index of study.{layer.table}, or label every row by its {key!r}"
    problems.add(f"layer {layer.name!r}", what, f"missing: {shown(lost)}" if len(lost) else "other labels", fix)
    problems.raise_if_any()
    return frame


def _missing_or_infinite(column: pd.Series, *, needed: bool) -> pd.Series:
    """Return where a value is infinite, or missing although it is needed."""
    missing = column.isna() & needed
    if pd.api.types.is_numeric_dtype(column):
        return missing | np.isinf(column.astype("float64"))
    return missing


def _put_origins(layer: Layer, result: LayerResult, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Replace the provenance of what a layer made, note the figures it used; return the provenance of what it made."""
    old = tables.get("provenance", pd.DataFrame(columns=COLUMNS))
    stale = old["table"].astype(object) == layer.table
    if layer.table in COLUMN_TABLES:
        stale &= old["column"].astype(object).isin(list(result.frame.columns))
    rows = [origin_row(layer.table, str(column), "*", o) for column, o in result.origins.items()]
    new = [pd.DataFrame(rows, columns=COLUMNS), result.row_origins]
    tables["provenance"] = merged(old[~stale], new)
    if len(result.parameters):
        own = tables.get("parameters", pd.DataFrame(columns=["key", "value", "unit"]))
        both = pd.concat([own, result.parameters]) if len(own) else result.parameters
        tables["parameters"] = both.drop_duplicates("key", keep="first").reset_index(drop=True)
    sources = tables.get("sources", pd.DataFrame(columns=[c.name for c in TABLES["sources"].columns]))
    tables["sources"] = _with_own(layer, with_sources(sources, tables["provenance"]), tables["provenance"])
    made = merged(pd.DataFrame(columns=COLUMNS), new)
    return made[made["table"] == layer.table]


def _changed_origins(
    new: pd.DataFrame, old: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame, key: str
) -> pd.DataFrame:
    """Return provenance without the cells that a layer left as they were: those were told of when they came."""
    codes, same = after[key].astype(str), ["source", "year", "quality"]
    known = set(old[["column", "row", *same]].astype(object).where(old.notna(), "").itertuples(index=False, name=None))
    unchanged: set[tuple[str, str]] = set()
    for column in set(new["column"]) & set(before.columns) & set(after.columns):
        alike = (before[column] == after[column]) | (before[column].isna() & after[column].isna())
        unchanged |= {(column, code) for code in codes[alike.to_numpy(bool)]}
    rows = new[["column", "row", *same]].itertuples(index=False, name=None)
    stays = [
        (column, row) in unchanged and any((c, r, *facts) in known for c in (column, "*") for r in (row, "*"))
        for column, row, *facts in rows
    ]
    return new[~np.array(stays, dtype=bool)]


def _with_own(layer: Layer, sources: pd.DataFrame, provenance: pd.DataFrame) -> pd.DataFrame:
    """Return ``sources`` with a row for each id that a layer cites and nobody has described."""
    cited = names_in(provenance["source"])
    known = set(sources["id"])
    rows = [
        {"id": s, "title": f"{s} (named by layer {layer.name!r})", "licence": "not stated"}
        for s in cited
        if s not in known
    ]
    return pd.concat([sources, pd.DataFrame(rows)], ignore_index=True) if rows else sources
