"""Columns of a table by the data dictionary: converted and filled; what breaks its rules is told with its rows."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import shown
from evsiting.study.canonical.cells import (
    FREE,
    as_text,
    distinct_texts,
    has_control_characters,
    is_unreadable,
    numbers,
    texts,
)
from evsiting.study.canonical.headers import Scale
from evsiting.study.canonical.lookalikes import wrongly_decoded
from evsiting.study.canonical.number_texts import looks_rounded, thousands_by_point, way_to_write
from evsiting.study.findings import Findings, count
from evsiting.study.schema.tables import Column, Table
from evsiting.study.schema.trade import COUNTRY_CODE

#: Bounds of the dictionary: how a value is compared, and with which figure of the check.
_SIDES: dict[str, tuple[Callable[..., Any], str]] = {
    "greater_than": (operator.gt, "min_value"),
    "greater_than_or_equal_to": (operator.ge, "min_value"),
    "less_than": (operator.lt, "max_value"),
    "less_than_or_equal_to": (operator.le, "max_value"),
}
#: A spreadsheet program keeps fifteen digits of a number.
_MOST_DIGITS = 10**15
#: Largest and smallest figure but zero of a study: no money, flow or mass is beyond, and sums of them stay numbers.
_LARGEST, _SMALLEST = 1e18, 1e-100


def read_column(table: Table, column: Column, raw: pd.Series, scale: Scale, findings: Findings) -> pd.Series:
    """Return one column of the dictionary, converted and with defaults; note every cell that breaks its rules."""
    if column.dtype == "text":
        _warn_encoding(findings.where(table.name, column.name), raw, findings)
    checks = table.schema.columns[column.name].checks
    good = _good_texts(column, checks, raw) if column.dtype == "text" else _good_numbers(column, checks, raw, scale)
    if good is not None:
        return good
    where = findings.where(table.name, column.name)
    if column.dtype == "text":
        values = _in_dictionary_case(table, column, texts(raw))
        _warn_names(table, column, raw, values, findings)
        odd = has_control_characters(values)
        if odd.any():
            findings.table(
                where,
                f"{count(int(odd.sum()), len(raw))} text with a control character",
                findings.rows(table.name, values[odd]),
                "Remove it",
            )
    else:
        values, wrong = numbers(raw)
        if wrong.any():
            _warn_wrong(table, column, raw[wrong], len(raw), findings)
        doubtful = check_thousands(where, table.name, raw, wrong, findings)
        if wrong.any() or doubtful.any():
            wrong |= doubtful
            values, raw = values.mask(wrong), raw.mask(wrong)
        values = values * scale + 0.0  # minus zero is zero
        endless = ~_finite(values.to_numpy(np.float64))
        if endless.any():
            findings.table(
                where,
                f"{count(int(endless.sum()), len(raw))} larger or smaller than any figure of a study",
                findings.rows(table.name, raw[endless]),
                f"Give a number of at most {_LARGEST:.0e}, and zero for what is below {_SMALLEST:.0e}",
            )
    unreadable = is_unreadable(raw)
    empty = values.isna() & ~unreadable
    if isinstance(column.default, str | int | float):
        values = values.fillna(column.default)
    elif not column.nullable and empty.any():
        blank = empty if column.dtype == "text" else empty & ~wrong
        if blank.any():
            findings.table(
                where,
                f"{count(int(blank.sum()), len(raw))} empty",
                _blank(table, raw[blank], findings),
                f"Give the {column.title.lower()}{f' in {column.unit}' if len(column.unit) > 1 else ''}",
            )
    _warn_rules(table, column, raw, values, scale, findings)
    if column.dtype == "integer" and not values.isna().any() and (values % 1 == 0).all():
        values = values.astype("int64")
    return values


def _warn_encoding(where: str, raw: pd.Series, findings: Findings) -> None:
    """Tell of text that was read in another encoding than it was written in, before it came into the table."""
    if raw.dtype.kind in "iufb":
        return
    odd = {v: was for v in dict.fromkeys(raw.tolist()) if isinstance(v, str) and (was := wrongly_decoded(v))}
    if odd:
        seen = shown(f"{v!r} for {was!r}" for v, was in odd.items())
        findings.warnings.append(f"{where}: text in UTF-8 was taken for another encoding before it came here: {seen}")


def _warn_names(table: Table, column: Column, raw: pd.Series, values: pd.Series, findings: Findings) -> None:
    """Refuse names that are numbers of which a spreadsheet program has dropped digits."""
    if column.name in FREE:
        return
    where = findings.where(table.name, column.name)
    long_numbers = [
        isinstance(v, int | float) and not isinstance(v, bool) and abs(v) >= _MOST_DIGITS for v in raw.tolist()
    ]
    lost = pd.Series(long_numbers, index=raw.index, dtype=bool) | values.map(looks_rounded, na_action="ignore").eq(True)
    if lost.any():
        findings.table(
            where,
            f"{count(int(lost.sum()), len(raw))} a number of which digits are lost",
            findings.rows(table.name, values[lost]),
            "Format the column as text in the spreadsheet program, and write the names again",
        )


def _finite(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which values are missing, zero or of a size that figures have."""
    size = np.abs(values)
    return np.asarray(np.isnan(size) | (size == 0.0) | ((size <= _LARGEST) & (size >= _SMALLEST)))


def _good_texts(column: Column, checks: list[Any], raw: pd.Series) -> pd.Series | None:
    """Return a column of text that has nothing to mend and nothing to tell, the fast way; None where one may have."""
    values = as_text(raw)
    seen = distinct_texts(values)
    if seen is None:
        return None
    if "" in seen:
        values = values.mask(values == "")
        seen.remove("")
    if column.name not in FREE and any(v[:1].isdigit() and looks_rounded(v) for v in seen):
        return None
    numeric = raw.dtype == object and not set(map(type, raw.tolist())) <= {str, type(None)}
    if numeric and any(isinstance(v, int | float) and abs(v) >= _MOST_DIGITS for v in raw.tolist()):
        return None
    if (column.default is not None or not column.nullable) and values.isna().any():
        if not isinstance(column.default, str):
            return None
        values = values.fillna(column.default)
        seen.add(column.default)
    return values if all(_texts_hold(check, seen) for check in checks) else None


def _texts_hold(check: Any, seen: set[str]) -> bool:
    """Whether texts surely pass a check of the dictionary; False where the check itself must say."""
    rule = check.statistics
    if check.name == "isin":
        return seen <= set(rule["allowed_values"])
    if check.name == "str_matches":
        return all(re.match(rule["pattern"], v) for v in seen)
    plain = check.name == "str_length" and rule["max_value"] is None and rule["exact_value"] is None
    return plain and all(len(v) >= rule["min_value"] for v in seen)


def _good_numbers(column: Column, checks: list[Any], raw: pd.Series, scale: Scale) -> pd.Series | None:
    """Return a column of numbers as :func:`_good_texts` does one of text."""
    if isinstance(raw.dtype, np.dtype) and raw.dtype.kind in "iuf":
        cells = raw.to_numpy(np.float64)
        if np.isinf(cells).any():
            return None
    else:
        read, wrong = numbers(raw)
        if wrong.any() or thousands_by_point(raw.tolist())[0]:
            return None
        cells = read.to_numpy(np.float64)
    values = cells * scale + 0.0  # minus zero is zero
    filled = values
    empty = np.isnan(values)
    if empty.any():
        if isinstance(column.default, int | float):
            values[empty] = column.default
        elif column.nullable:
            filled = values[~empty]
        else:
            return None
    if not _finite(filled).all():
        return None
    if column.dtype == "integer":
        if (filled % 1 != 0).any():
            return None
        values = values.astype(np.int64) if len(filled) == len(values) else values
    return pd.Series(values, index=raw.index) if all(_numbers_hold(check, filled) for check in checks) else None


def _numbers_hold(check: Any, values: NDArray[np.float64]) -> bool:
    """Whether numbers surely pass a check of the dictionary; False where the check itself must say."""
    side = _SIDES.get(check.name)
    return side is not None and bool(side[0](values, check.statistics[side[1]]).all())


def _in_dictionary_case(table: Table, column: Column, values: pd.Series) -> pd.Series:
    """Return choices and country codes in the case of the dictionary: ``us`` is US, ``Candidate`` is candidate."""
    if column.choices:
        alike = {choice.lower(): choice for choice in column.choices}
        return values.map(lambda v: alike.get(v.lower(), v), na_action="ignore").astype("str")
    if any(_of_country(check) for check in table.schema.columns[column.name].checks):
        return values.str.upper()
    return values


def _of_country(check: Any) -> bool:
    return bool(check.name == "str_matches" and check.statistics["pattern"] == COUNTRY_CODE)


def _blank(table: Table, raw: pd.Series, findings: Findings) -> str:
    return findings.rows(table.name, raw)


def _warn_wrong(table: Table, column: Column, bad: pd.Series, of: int, findings: Findings) -> None:
    header = findings.headers.get((table.name, column.name), "")
    fix = way_to_write(column, [str(v) for v in bad.tolist() if isinstance(v, str | bool)], header)
    findings.table(
        findings.where(table.name, column.name),
        f"{count(len(bad), of)} not a number",
        findings.rows(table.name, bad),
        fix,
    )


def check_thousands(where: str, table: str, raw: pd.Series, wrong: pd.Series, findings: Findings) -> pd.Series:
    """Tell of numbers whose point may part thousands; return which cells are refused for it."""
    refused = pd.Series(False, index=raw.index)
    if isinstance(raw.dtype, np.dtype) and raw.dtype.kind in "iuf":
        return refused
    doubtful, contradicted = thousands_by_point(raw.tolist())
    if not doubtful:
        return refused
    some = raw.iloc[doubtful]
    first = str(some.iloc[0]).strip()
    if not contradicted:
        findings.warnings.append(
            f"{where}: every figure has a point before three digits, and the point is read as that of decimals: "
            f"{first} is {float(first):.12g}, not {first.replace('.', '')}"
        )
        return refused
    refused.iloc[doubtful] = True
    findings.table(
        where,
        f"{count(len(doubtful), len(raw))} ambiguous: the point may part thousands, by the other figures",
        findings.rows(table, some),
        f"Write {float(first):.12g} or {first.replace('.', '')} for {first}",
    )
    return refused


def _warn_rules(
    table: Table, column: Column, raw: pd.Series, values: pd.Series, scale: Scale, findings: Findings
) -> None:
    """Apply the dictionary's checks to the values, and tell which cells, as written, break them."""
    filled = values.dropna()
    where = findings.where(table.name, column.name)
    if column.dtype == "integer":
        broken = filled % 1 != 0
        if broken.any():
            findings.table(
                where,
                f"{count(int(broken.sum()), len(values))} no whole number",
                findings.rows(table.name, raw[broken[broken].index]),
                "Give a whole number",
            )
    bounds = " and ".join(b for b in (column.low, column.high) if b)
    unit = f" {column.unit}" if len(column.unit) > 1 and "," not in column.unit else ""
    header = findings.headers.get((table.name, column.name), "")
    for check in table.schema.columns[column.name].checks:
        if not len(filled):
            break
        bad = filled.index[~np.asarray(check(filled).check_output, dtype=bool)]
        if not len(bad):
            continue
        what = count(len(bad), len(values))
        evidence = findings.rows(table.name, raw[bad])
        if column.choices:
            findings.table(where, f"{what} none of the choices", evidence, f"Choose from {', '.join(column.choices)}")
        elif bounds:
            scaled = " after conversion" if not (isinstance(scale, float) and scale == 1.0) else ""
            findings.table(
                where,
                f"{what} outside {bounds}{unit}{scaled}",
                evidence,
                f"Give the {column.title.lower()}, {bounds}{unit}{_percent(column, filled[bad], header)}",
            )
        elif _of_country(check):
            findings.table(
                where, f"{what} no code of a country", evidence, "Give two capital letters, such as US, CA, MX, KR"
            )
        elif check.name == "str_matches":
            findings.table(where, f"{what} not written as it must be", evidence, column.meaning)
        else:
            findings.table(where, f"{what} not allowed", evidence, column.meaning)


def _percent(column: Column, bad: pd.Series, header: str) -> str:
    """Return how to write percents, for fractions that are above one where the header does not say percent."""
    if column.unit not in ("1", "1/yr") or "%" in header or not (bad > 1).all():
        return ""
    return f"; for percent write the header '{column.label} [{'%' if column.unit == '1' else '%/yr'}]'"
