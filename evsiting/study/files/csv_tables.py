"""Text tables: the head is looked at first, then every byte, then every row; each fault is told with its row."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from evsiting.errors import shown
from evsiting.study.canonical.cells import numbers
from evsiting.study.canonical.headers import plain_label, tidy
from evsiting.study.findings import Findings, count, quoted
from evsiting.study.schema.tables import Table
from evsiting.study.size_limits import ceiling, most_rows, within

__all__ = ["HEAD", "kind_of", "read_csv"]

#: Bytes that are looked at before anything is parsed.
HEAD = 65_536
_MOST_FAULTS = 1_000
_SAMPLE = 2_000
_BLOCK = 1 << 20
#: Lines at the top of a file among which the column names are looked for.
_TITLES = 20

_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or workbook"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"SQLite format 3\x00", "a GeoPackage or SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xff\xfe\x00\x00", "text in UTF-32"),
    (b"\x00\x00\xfe\xff", "text in UTF-32"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
    (b"ARROW1", "an Arrow file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "XML"),
)


def kind_of(head: bytes) -> str:
    """Return what a file is by its first bytes, for people; empty for plain text.

    Examples
    --------
    >>> kind_of(b"PAR1....")
    'a Parquet file'
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return "binary data" if b"\x00" in head else ""


@dataclass
class _Rows:
    """Rows of a text table, by column, and the faults met on the way."""

    width: int
    cells: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    short: list[tuple[int, int]] = field(default_factory=list)
    long: list[tuple[int, int]] = field(default_factory=list)

    def add(self, number: int, row: list[str]) -> None:
        """Take in one row, unless it is blank."""
        if not any(cell.strip() for cell in row):
            return
        if len(row) != self.width:
            (self.short if len(row) < self.width else self.long).append((number, len(row)))
            return
        self.cells.append(row)
        self.numbers.append(number)

    @property
    def hopeless(self) -> bool:
        """Whether there are so many faults that reading on teaches nothing."""
        return len(self.short) + len(self.long) >= _MOST_FAULTS


def read_csv(path: Path, table: Table, findings: Findings) -> pd.DataFrame | None:
    """Return a text table as text cells; None where it cannot be read, with the problem noted.

    Parameters
    ----------
    path : pathlib.Path
        File in UTF-8, its cells parted by commas, semicolons or tabs.
    table : Table
        What it is said to hold.
    findings : Findings
        Where problems go.

    Returns
    -------
    pandas.DataFrame or None
        Index 0 is row 2 of the file as a spreadsheet counts it; blank rows are left out.
    """
    where = path.name
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        findings.file(where, "the file is empty", f"{path.stat().st_size:,} bytes", _needs(table))
        return None
    kind = kind_of(head)
    if kind == "binary data":
        findings.file(
            where,
            "holds bytes that are no text",
            f"a zero byte at position {head.index(0):,}",
            "The file is damaged or no table: export it again as CSV in UTF-8",
        )
        return None
    if kind:
        findings.file(
            where,
            f"is not a CSV text file but {kind}",
            f"it begins with {head[:12]!r}",
            "Export the table as CSV in UTF-8"
            if "text" in kind or "Excel" in kind or "ZIP" in kind
            else "Give the file the ending that it is, or export it as CSV",
        )
        return None
    header, delimiter = _header(head, where, table, findings)
    if header is None or not within(table.name, where, findings, rows=0, columns=len(header)):
        return None
    if not _is_sound_text(path, where, findings):
        return None
    rows = _parse_rows(path, delimiter, header, table, findings)
    if rows is None:
        return None
    if not _rows_are_whole(rows, where, header, findings):
        if rows.hopeless or not rows.cells:
            return None
        findings.unread_rows[table.name] = len(rows.short) + len(rows.long)
    return _as_frame(header, rows, where, table, findings)


def _needs(table: Table) -> str:
    wanted = [c.header for c in table.columns if c.required and not c.nullable]
    return f"Give {table.name} with a header row: {', '.join(wanted + (['lat', 'lon'] if table.geometry else []))}"


def _header(head: bytes, where: str, table: Table, findings: Findings) -> tuple[list[str] | None, str]:
    """Return the header's cells and the delimiter, if the first row looks like a header of the table."""
    if len(head) == HEAD and b"\n" not in head:
        findings.file(
            where,
            "has no header row",
            f"the first {HEAD:,} bytes hold no end of a line; it begins with {head[:40]!r}",
            _needs(table),
        )
        return None, ""
    line = head.split(b"\n", 1)[0]
    try:
        line.decode("utf-8-sig")
    except UnicodeDecodeError:
        findings.file(where, "is not text in UTF-8", f"line 1 begins with {line[:40]!r}", "Save it as CSV UTF-8")
        return None, ""
    text = head.decode("utf-8-sig", errors="replace")
    known = {c.name for c in table.columns} | {c.label for c in table.columns} | {"lat", "lon", "x", "y"}
    best: tuple[int, list[str], str] = (0, [], ",")
    for delimiter in (",", ";", "\t"):
        cells = [c.strip() for c in _first_row(text, delimiter)]
        hits = sum(plain_label(tidy(c)) in known for c in cells)
        if hits > best[0]:
            best = (hits, cells, delimiter)
    if not best[0]:
        findings.file(
            where,
            "the first row is no header of this table",
            f"it reads {line.decode('utf-8-sig').strip()[:80]!r}",
            _header_elsewhere(text, known) or _needs(table),
        )
        return None, ""
    return best[1], best[2]


def _header_elsewhere(text: str, known: set[str]) -> str:
    """Return the way out where the column names stand in a lower line or are parted otherwise; empty where not."""
    for number, line in enumerate(text.splitlines()[:_TITLES]):
        for delimiter in (",", ";", "\t", "|"):
            cells = _first_row(line, delimiter)
            if len(cells) > 1 and sum(plain_label(tidy(c)) in known for c in cells) > 1:
                if delimiter == "|":
                    return "Part the cells by commas, semicolons or tabs"
                above = "the line" if number == 1 else f"the {number} lines"
                return f"Delete {above} above the column names, which stand in line {number + 1}"
    return ""


def _first_row(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _is_sound_text(path: Path, where: str, findings: Findings) -> bool:
    """Whether every byte is UTF-8 text in lines of a sane length; reads block by block."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, since, longest = 1, 0, ceiling("line")
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            bad = block.find(b"\x00")
            if bad >= 0:
                findings.file(
                    where,
                    "holds bytes that are no text",
                    f"a zero byte in line {line + block.count(b'\n', 0, bad)}",
                    "The file is damaged or cut off: export it again",
                )
                return False
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                at = line + block.count(b"\n", 0, error.start)
                odd = error.object[error.start : error.start + 1]
                findings.file(where, "is not text in UTF-8", f"byte {odd!r} in line {at}", "Save it as CSV UTF-8")
                return False
            since = since + len(block) if b"\n" not in block else len(block) - block.rfind(b"\n")
            line += block.count(b"\n")
            if not block:
                return True
            if since > longest:
                findings.file(
                    where,
                    "has a line that does not end",
                    f"line {line} is longer than {longest:,} bytes",
                    "The file is damaged or no table: export it again",
                )
                return False


def _parse_rows(path: Path, delimiter: str, header: list[str], table: Table, findings: Findings) -> _Rows | None:
    """Return the rows of the file, as many as make sense; the faults of the rest would teach nothing."""
    where = path.name
    rows = _Rows(len(header))
    most = min(most_rows(table.name), ceiling("cells") // max(len(header), 1))
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        begun = 2
        try:
            for number, row in enumerate(_skip_header(reader), 2):
                begun = reader.line_num + 1
                rows.add(number, row)
                if rows.hopeless or (len(rows.cells) == _SAMPLE and _no_numbers(header, rows, table)):
                    break
                if len(rows.cells) > most:
                    within(table.name, where, findings, rows=len(rows.cells), columns=len(header))
                    return None
        except csv.Error as error:
            quote = "end of data" in str(error) or "limit" in str(error)
            what = (
                "a quotation mark is opened and not closed: the file is cut off or a quote is stray"
                if quote
                else (f"a row cannot be read: {error}")
            )
            findings.file(
                where, what, f"the row that begins in line {begun}", 'Quote text as "..." and double quotes inside it'
            )
            return None
    return rows


def _no_numbers(header: list[str], rows: _Rows, table: Table) -> bool:
    """Whether a column of numbers holds none in all the rows read so far."""
    wanted = {name for c in table.columns if c.dtype != "text" for name in (c.name, c.label)} | {"lat", "lon"}
    for k, name in enumerate(header):
        if plain_label(tidy(name)) in wanted:
            cells = pd.Series([row[k] for row in rows.cells], dtype="str")
            if (cells.str.strip() != "").any() and numbers(cells)[0].isna().all():
                return True
    return False


def _skip_header(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    next(reader, None)
    return reader


def _rows_are_whole(rows: _Rows, where: str, header: list[str], findings: Findings) -> bool:
    """Whether every row has as many cells as the header."""
    total = len(rows.cells) + len(rows.short) + len(rows.long)
    if rows.short:
        seen = shown(f"row {n}: {k} of {rows.width}" for n, k in rows.short)
        last = rows.short[-1][0] > (rows.numbers[-1] if rows.numbers else 0)
        cut = (
            "The file may be cut off: export it again" if last else f"Give each row {rows.width} cells, empty ones too"
        )
        if last and rows.short[-1][1] == 1:
            cut += "; or take the row out, if it is a note below the table"
        findings.file(where, f"{count(len(rows.short), total, 'row')} too short", seen, cut)
    if rows.long:
        seen = shown(f"row {n}: {k} of {rows.width}" for n, k in rows.long)
        findings.file(
            where,
            f"{count(len(rows.long), total, 'row')} too long",
            seen,
            "Put text that holds a comma in quotation marks; write decimals with a point",
        )
    return not (rows.short or rows.long)


def _as_frame(header: list[str], rows: _Rows, where: str, table: Table, findings: Findings) -> pd.DataFrame:
    """Return the rows as a frame, its columns named by the header."""
    columns = list(zip(*rows.cells, strict=True)) if rows.cells else [()] * len(header)
    header = [tidy(name) for name in header]
    keep = [k for k, name in enumerate(header) if name or any(cell.strip() for cell in columns[k])]
    nameless = [k + 1 for k in keep if not header[k]]
    if nameless:
        findings.file(
            where,
            "a column with values has no name",
            f"column {shown(nameless)} of {len(header)}",
            "Name it in the header row",
        )
    names = [header[k] for k in keep]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        findings.file(where, "has columns of the same name", quoted(twice), "Keep one of each")
    if nameless or twice:
        findings.unclear_tables.add(table.name)
        keep = [k for k in keep if header[k] and header.index(header[k]) == k]
    index = pd.Index([n - 2 for n in rows.numbers], dtype="int64")
    return pd.DataFrame({header[k]: pd.Series(list(columns[k]), index=index, dtype="str") for k in keep}, index=index)
