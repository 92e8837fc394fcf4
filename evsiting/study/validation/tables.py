"""Check the tables of a study: every problem of every table, told at once."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import has_control, shown
from evsiting.study.canonical.cells import has_control_characters, infer_type, is_unreadable, texts
from evsiting.study.canonical.columns import read_column
from evsiting.study.canonical.exchange_rates import check_rates, rates_of, with_rates
from evsiting.study.canonical.headers import POINT_COLUMNS, Scale, in_round_brackets, match_headers, scales
from evsiting.study.canonical.lookalikes import names_alike
from evsiting.study.canonical.points import CRS, points
from evsiting.study.check_results import CheckResult, unchanged_results
from evsiting.study.findings import Findings, count
from evsiting.study.schema.tables import TABLES, Table
from evsiting.study.settings import Settings
from evsiting.study.validation.cross_table import check_across
from evsiting.units import Rates, split_header

__all__ = ["canonical_table", "canonical_tables", "checked_tables"]


def checked_tables(
    settings: Settings,
    tables: Mapping[str, pd.DataFrame],
    *,
    known: Collection[str] = (),
    results: dict[str, CheckResult] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables with canonical columns and units, defaults filled in, everything checked.

    Parameters
    ----------
    settings : Settings
        Settings of the study: currency rates, price year, CRS of text tables.
    tables : mapping of str to pandas.DataFrame
        Tables as given; they are not changed.
    known : collection of str
        Tables that this function has returned before: only whether they fit together is looked at.
    results : dict of str to CheckResult, optional
        What checks across tables have found of known tables before, which they do not look at again. Results of the
        others are put in, as far as they hold for what is returned.

    Returns
    -------
    dict of str to pandas.DataFrame
        Every column of the dictionary in its order, then the user's own columns; tables with points are
        GeoDataFrames in EPSG:4326. Text is trimmed, with NaN for empty; optional numbers that are unknown are NaN.

    Raises
    ------
    InputError
        Listing every problem of every table; TableError, CrsError or StudyError where all are of that kind.
    """
    findings = Findings()
    made = canonical_tables(settings, tables, findings, known=known, results=results)
    findings.close()
    return made


def canonical_tables(
    settings: Settings,
    tables: Mapping[str, pd.DataFrame],
    findings: Findings,
    *,
    unread: Collection[str] = (),
    known: Collection[str] = (),
    results: dict[str, CheckResult] | None = None,
    rates: Rates | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables as :func:`checked_tables` does, with problems noted in ``findings`` instead of raised.

    Parameters
    ----------
    settings, tables : Settings, mapping
        As for :func:`checked_tables`.
    findings : Findings
        Where problems go, with the places of the tables.
    unread : collection of str
        Tables that are there but could not be read: they are not missed, and no name is looked up in them.
    known, results
        As for :func:`checked_tables`.
    rates : Rates, optional
        What money is worth; from the settings where left out.
    """
    check_rates(settings.money, findings)
    tables = {name: _index_as_columns(name, frame) for name, frame in tables.items()}
    rates = rates or rates_of(settings.money)
    for name in tables:
        if name not in TABLES:
            near = difflib.get_close_matches(str(name), list(TABLES), n=1)
            findings.table(
                f"table {name!r}",
                "is not in the data dictionary",
                f"the tables are {shown(TABLES, 20)}",
                f"Did you mean {near[0]!r}" if near else "Leave it out",
            )
    for table in TABLES.values():
        if table.required and table.name not in tables and table.name not in unread:
            findings.table(
                findings.where(table.name),
                "is missing",
                f"tables given: {shown(tables, 20)}",
                f"Give it, with columns {', '.join(c.header for c in table.columns if _is_required(c))}",
            )
    items = _items(tables)
    usable = {
        name: table for name, table in TABLES.items() if name in tables and _usable(table, tables[name], findings)
    }
    made = {
        name: _canonical_table(table, tables[name], findings)
        if name in known
        else _table(table, tables[name], settings, items, rates, findings)
        for name, table in usable.items()
    }
    lost = {*unread, *findings.unread_rows, *(name for name in tables if name not in usable)}
    check_across(made, findings, lost, results)
    whole = {name: frame.reset_index(drop=True) for name, frame in made.items()}
    study_tables = with_rates(whole, rates)
    if results:
        changed = {name for name in study_tables if study_tables[name] is not whole.get(name)}
        own_words = bool(findings.places) or any(header != column for (_, column), header in findings.headers.items())
        own_words = own_words or not all(f.index.equals(pd.RangeIndex(len(f))) for f in made.values())
        lasting = unchanged_results(results, changed, same_names=study_tables.keys() == whole.keys())
        for name in [n for n, result in results.items() if n not in lasting or (result.warnings and own_words)]:
            del results[name]
    return study_tables


def canonical_table(table: Table, frame: pd.DataFrame, settings: Settings, findings: Findings) -> pd.DataFrame:
    """Return one table, which need not be of a study, in canonical form; no row where its columns cannot be told apart.

    Parameters
    ----------
    table : Table
        Its entry in the data dictionary.
    frame : pandas.DataFrame
        As given.
    settings : Settings
        Of the study beside which it is given.
    findings : Findings
        Where problems go.
    """
    if not _usable(table, frame, findings):
        return pd.DataFrame(columns=[c.name for c in table.columns])
    return _table(table, frame, settings, {}, rates_of(settings.money), findings)


def _index_as_columns(name: str, frame: Any) -> Any:
    """Return a frame with its index as columns where all its levels are named after columns of the dictionary."""
    if not isinstance(frame, pd.DataFrame) or name not in TABLES:
        return frame
    known = {c.name for c in TABLES[name].columns} - set(map(str, frame.columns))
    return frame.reset_index() if set(map(str, frame.index.names)) <= known else frame


def _is_required(column: object) -> bool:
    return bool(getattr(column, "required", False) and not getattr(column, "nullable", True))


def _usable(table: Table, frame: object, findings: Findings) -> bool:
    """Whether a table is a data frame whose columns can be told apart."""
    where = findings.where(table.name)
    if not isinstance(frame, pd.DataFrame):
        findings.table(where, "is no data frame", type(frame).__name__, "Give a pandas.DataFrame")
        return False
    names = pd.Index([str(c).strip() for c in frame.columns])
    if (names == "").any():
        findings.table(
            where, "a column has no name", f"column {int(np.argmax(names == '')) + 1} of {len(names)}", "Name it"
        )
        return False
    odd = [name for name in names if has_control(name)]
    if odd:
        findings.table(where, "a column's name holds a control character", shown(map(repr, odd)), "Rename it")
        return False
    if not names.is_unique:
        twice = names[names.duplicated()].unique()
        findings.table(where, "has columns of the same name", shown(map(repr, twice)), "Keep one of each")
        return False
    return True


def _canonical_table(table: Table, frame: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return a table that is in canonical form, and tell of the columns of its own as when it was read."""
    active = frame._geometry_column_name if isinstance(frame, gpd.GeoDataFrame) else None
    if set(frame.columns) - {c.name for c in table.columns} - {active}:
        match_headers(table, frame.drop(columns=active) if active in frame else frame, findings)
    return frame


def _table(
    table: Table, frame: pd.DataFrame, settings: Settings, items: Mapping[str, str], rates: Rates, findings: Findings
) -> pd.DataFrame:
    """Return one table in canonical form."""
    if not frame.index.is_unique:
        frame = frame.reset_index(drop=True)
    if table.required and not len(frame):
        findings.table(findings.where(table.name), "the table is empty", "0 rows", "Give at least one row")
    active = frame._geometry_column_name if isinstance(frame, gpd.GeoDataFrame) else None
    seen = match_headers(table, frame.drop(columns=active) if active in frame else frame, findings)
    frame = _without_headers(table, frame, seen, findings)
    converted = any(unit for _, unit in seen.values())
    scale = scales(table, seen, _own_items(table, frame, seen, items), rates, findings) if converted else {}
    columns = _columns(table, frame, seen, scale, findings)
    headers = {header for header, _ in seen.values()}
    drop = set(POINT_COLUMNS) if table.geometry else set()
    labels = {split_header(str(c))[0].lower() for c in frame.columns}
    if table.geometry and (active is not None or {"lat", "lon"} <= labels) and drop & labels & {"x", "y"}:
        drop -= {"x", "y"}  # the points stand elsewhere: these are columns of the user's own
        findings.warnings.append(
            f"{findings.where(table.name)}: columns x and y are kept and not used: points are given otherwise"
        )
    for header in frame.columns:
        if header not in headers and split_header(str(header))[0].lower() not in drop and header != active:
            columns[str(header).strip()] = own = infer_type(frame[header])
            _warn_control(table, str(header), own, findings)
    made = pd.DataFrame(columns, index=frame.index)
    whole = _readable_keys(table, frame, seen, findings)
    _check_keys(table, made[whole], findings)
    if not table.geometry:
        return made[whole]
    shapes = points(table, frame.assign(**_country(made)), settings.files.crs, findings)
    return _has_points(made, shapes)[whole]


def _without_headers(
    table: Table, frame: pd.DataFrame, seen: Mapping[str, tuple[str, str]], findings: Findings
) -> pd.DataFrame:
    """Refuse rows that are the header once more, as in files put together or above a second table; leave them out."""
    first = [h for h, _ in list(seen.values())[:2] if frame[h].dtype.kind not in "iufb"]
    if len(first) < 2 or any(h not in set(frame[h].tolist()) for h in first):
        return frame
    again = (frame[first[0]].astype("str") == first[0]) & (frame[first[1]].astype("str") == first[1])
    if again.any():
        findings.table(
            findings.where(table.name),
            f"{count(int(again.sum()), len(frame), 'row')} the header once more",
            findings.rows(table.name, frame[first[0]][again]),
            "Take it out; a second table belongs into a file or on a sheet of its own",
        )
        findings.unread_rows[table.name] = findings.unread_rows.get(table.name, 0) + int(again.sum())
    return frame[~again]


def _readable_keys(
    table: Table, frame: pd.DataFrame, seen: Mapping[str, tuple[str, str]], findings: Findings
) -> pd.Series:
    """Return the rows whose key can be read; the others have been told, and nothing more can be said of them."""
    whole = pd.Series(True, index=frame.index)
    for name in table.key:
        if name in seen:
            whole &= ~is_unreadable(frame[seen[name][0]])
    if not whole.all():
        findings.unread_rows[table.name] = findings.unread_rows.get(table.name, 0) + int((~whole).sum())
    return whole


def _warn_control(table: Table, header: str, own: pd.Series, findings: Findings) -> None:
    """Refuse control characters in a column of the user's own, as in those of the dictionary."""
    odd = has_control_characters(own)
    if odd.any():
        findings.table(
            f"{findings.where(table.name)}, column {header!r}",
            f"{count(int(odd.sum()), len(own))} text with a control character",
            findings.rows(table.name, own[odd]),
            "Remove it",
        )


def _columns(
    table: Table,
    frame: pd.DataFrame,
    seen: Mapping[str, tuple[str, str]],
    scale: Mapping[str, Scale],
    findings: Findings,
) -> dict[str, pd.Series]:
    """Return every column of the dictionary, read or filled with its default; note those that are missing."""
    columns: dict[str, pd.Series] = {}
    labels = {split(str(c))[0].lower() for c in frame.columns for split in (split_header, in_round_brackets)}
    for column in table.columns:
        if column.name in seen:
            raw = frame[seen[column.name][0]]
            columns[column.name] = read_column(table, column, raw, scale.get(column.name, 1.0), findings)
            continue
        if column.lean:
            continue
        wanted = (
            column.required and not column.nullable and len(frame.columns) and table.name not in findings.unclear_tables
        )
        if wanted and column.label not in labels:
            findings.table(
                findings.where(table.name),
                f"column {column.header!r} is missing",
                f"columns: {shown(map(repr, map(str, frame.columns)), 12)}",
                f"Add it: {column.meaning[:1].lower()}{column.meaning[1:]}",
            )
        fill = column.default if column.default is not None else np.nan
        columns[column.name] = pd.Series(fill, index=frame.index, dtype="str" if column.dtype == "text" else "float64")
    return columns


def _has_points(made: pd.DataFrame, shapes: gpd.GeoSeries) -> pd.DataFrame:
    frame: pd.DataFrame = gpd.GeoDataFrame(made, geometry=shapes, crs=CRS)
    return frame


def _country(made: pd.DataFrame) -> dict[str, pd.Series]:
    return {"country": made["country"]} if "country" in made else {}


def _check_keys(table: Table, made: pd.DataFrame, findings: Findings) -> None:
    """Refuse rows that have the same key."""
    key = [name for name in table.key if name in made]  # a lean column stands only where it is given
    must = [c.name for c in table.columns if c.name in key and not c.nullable]
    cells = {c: ["" if v != v else v for v in made[c].tolist()] for c in key}
    if len(key) == 1:
        _warn_of_names_alike(table, dict.fromkeys(str(v) for v in cells[key[0]]), findings)
    if len(set(zip(*cells.values(), strict=True))) == len(made) and not any("" in cells[c] for c in must):
        return
    rows = made.loc[made[must].notna().all(axis=1), key]
    plain = {c.name for c in table.columns if c.dtype == "text"}
    keys = pd.DataFrame({c: (rows[c] if c in plain else texts(rows[c])).fillna("") for c in key}, index=rows.index)
    double = keys.duplicated(keep=False)
    if double.any():
        seen = keys[double].agg("|".join, axis=1)
        seen = seen.sort_values(kind="stable")
        findings.table(
            findings.where(table.name, *key),
            f"{count(int(keys.duplicated().sum()), len(made), 'row')} a duplicate of another",
            findings.rows(table.name, seen),
            "Keep one row for each, or give them different keys",
        )


def _warn_of_names_alike(table: Table, names: Iterable[str], findings: Findings) -> None:
    """Tell of keys that differ and look the same: they are rows of their own, and other tables may mean either."""
    groups = names_alike(names)
    if groups:
        seen = shown(" and ".join(map(ascii, group)) for group in groups)
        findings.warnings.append(
            f"{findings.where(table.name, table.key[0])}: names that look the same are different ones: {seen}. They "
            "are taken as they stand"
        )


def _items(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return what one unit of each product is, as far as the table of products can be read."""
    frame = tables.get("products")
    if not isinstance(frame, pd.DataFrame) or not {"product", "unit"} <= set(frame.columns):
        return {}
    some = frame[["product", "unit"]].dropna().astype(str)
    return dict(zip(some["product"].str.strip(), some["unit"].str.strip(), strict=True))


def _own_items(
    table: Table, frame: pd.DataFrame, seen: Mapping[str, tuple[str, str]], items: Mapping[str, str]
) -> dict[str, pd.Series]:
    """Return the unit of each row's product, and the kind of each row, for converting headers."""
    own: dict[str, pd.Series] = {}
    if table.name == "products" and "unit" in seen:
        own["item"] = frame[seen["unit"][0]].astype("str").str.strip()
    elif "product" in seen and table.name != "bill_of_materials":
        own["item"] = frame[seen["product"][0]].astype("str").str.strip().map(items).astype("str")
    if "kind" in seen:
        own["kind"] = frame[seen["kind"][0]].astype("str").str.strip().str.lower()
    return own
