"""The workbook: the answer on the first sheet, then one sheet a table, for people who live in a spreadsheet."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xlsxwriter

from evsiting.errors import DataWarning, InputError, Problem, shown
from evsiting.report.exports.about import About, about
from evsiting.report.exports.asked import asked_sheets
from evsiting.report.exports.headers import with_headers
from evsiting.report.exports.sheets import amounts
from evsiting.report.headline import facts, names
from evsiting.report.ledger_items import item_name
from evsiting.report.maps.flows import on_lanes
from evsiting.results.consistency import require_same_study
from evsiting.results.decisions.decision_tables import DecisionTables
from evsiting.results.ledgers.ledgers import demand_by_period
from evsiting.results.plan import Front, Plan
from evsiting.results.result_folders import deliverable
from evsiting.study.files.own_columns import own_columns, warn_of_renamed, with_own
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study, offered_objectives

if TYPE_CHECKING:
    from evsiting.results.certificate import Certificate

_MOST_ROWS = 1_048_575
_MOST_TEXT = 32_767

#: Tables of the study that have a sheet of their own; lanes stand in the sheet of shipments, as far as they are used.
_STUDY = tuple(name for name in TABLES if name not in ("lanes", "provenance", "plants", "demand"))


def write_workbook(
    path: str | Path,
    study: Study,
    plan: Plan,
    *,
    front: Front | None = None,
    certificate: Certificate | None = None,
    decisions: DecisionTables | None = None,
) -> Path:
    """Write a plan as a workbook: question, answer and totals on the first sheet, then one sheet a table.

    Numbers are numbers, text is text even where it begins with ``=``, headers hold the units.

    Parameters
    ----------
    path : str or Path
        The ``.xlsx`` file to write.
    study, plan : Study, Plan
        The study and the plan that answers it.
    front : Front, optional
        A trade-off, for a sheet of its own.
    certificate : Certificate, optional
        Of ``plan``, for a sheet of its own.
    decisions : DecisionTables, optional
        What was asked about ``plan``, for a sheet each.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the file is not called ``.xlsx``, what is given does not belong together, or a table is longer than a
        sheet can be.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> ev.write_workbook("siting.xlsx", study, ev.solve(study)).name
    'siting.xlsx'
    """
    if Path(path).suffix.lower() != ".xlsx":
        raise InputError(
            [Problem("write_workbook, path", "is not an .xlsx file", str(path), "Give a name that ends in .xlsx")]
        )
    study = require_same_study("write_workbook", study, plan, front=front, certificate=certificate)
    if decisions is not None:
        decisions.require_about("write_workbook", [plan])
    renamed: dict[str, str] = {}
    sheets = dict(_sheets(study, plan, front, certificate, decisions, renamed))
    write_book(path, about(study, plan, certificate), sheets, author=study.settings.study.author)
    warn_of_renamed(Path(path).name, renamed)
    return Path(path)


def write_book(
    path: str | Path, content: About, sheets: Mapping[str, tuple[str, pd.DataFrame]], *, author: str = ""
) -> None:
    """Write a workbook: a first sheet that says what there is to know, then tables.

    Parameters
    ----------
    path : str or Path
        The ``.xlsx`` file to write.
    content : About
        Of the first sheet.
    sheets : mapping of str to (str, pandas.DataFrame)
        Meaning and table by the name of the sheet; headers hold the units.
    author : str, optional
        Property of the file.

    Raises
    ------
    InputError
        If a table is longer than a sheet can be.
    """
    _refuse_long(sheets)
    with deliverable(path) as temporary:
        packed = BytesIO()  # an archive that cannot be written to its end is told of once more when it is collected
        book = xlsxwriter.Workbook(packed, {"strings_to_formulas": False, "strings_to_urls": False})
        with book:
            book.set_properties({"title": content.name, "author": author})
            formats = _formats(book)
            _write_about(book.add_worksheet("About"), content, list(sheets.items()), formats)
            for name, (_, frame) in sheets.items():
                _write_sheet(book.add_worksheet(name), frame, formats)
        temporary.write_bytes(packed.getvalue())
    _warn_of_cut_texts(Path(path).name, sheets)


def _sheets(
    study: Study,
    plan: Plan,
    front: Front | None,
    certificate: Certificate | None,
    decisions: DecisionTables | None,
    renamed: dict[str, str],
) -> Iterable[tuple[str, tuple[str, pd.DataFrame]]]:
    """Return name, meaning and frame of every sheet after the first."""
    last = {"jobs_fte": "jobs in the last period [FTE]", "used": "used in the last period [1]"}
    yield "plants", ("Plants of the plan, new and standing", with_headers(plan.sites.rename(columns=last)))
    yield "production", ("What each plant makes", with_headers(plan.production))
    shipped = with_own(with_headers(_shipments(study, plan)), study, "lanes", TABLES["lanes"].key, renamed)
    yield "shipments", ("What is shipped, with the facts of its lane", shipped)
    if len(plan.unmet):
        yield "unmet", ("Demand that is not served", with_headers(plan.unmet))
    for name in offered_objectives(study):
        frame, kind = plan.ledgers[name], OBJECTIVES[name]
        yield (
            f"{name} ledger",
            (
                f"Lines that add up to the total of {kind.spoken}",
                frame.rename(columns={"value": f"value [{kind.unit_words}]"}),
            ),
        )
    meaning = "What one delivered unit costs, by item; investment in standing plants is sunk and left out"
    yield "unit cost", (meaning, with_headers(_unit_cost(study, plan)))
    for name, (text, sheet) in amounts(study, plan):
        yield name, (text, with_headers(sheet))
    if front is not None:
        yield "front", (f"Trade-off of {' against '.join(front.objectives)}", with_headers(_front(study, front)))
    if decisions is not None:
        yield from asked_sheets(decisions)
    if certificate is not None:
        yield "certificate", ("Checks of the plan against the tables, without the solver", certificate.checks)
    yield "sources", ("Every group of figures with its source; assumptions first", study.sources)
    yield "demand", ("What markets want in each period", with_headers(demand_by_period(study), "demand"))
    if own_columns(study, "demand"):
        yield (
            "demand as given",
            ("Rows of the study, with columns of your own", with_headers(study.whole.demand, "demand")),
        )
    if study.has("plants"):
        yield (
            "standing plants",
            ("Plants of the study that stand, are committed or paused", with_headers(study.whole.plants, "plants")),
        )
    for name in _STUDY:
        if study.has(name):
            title = "publications" if name == "sources" else name.replace("_", " ")
            yield title, (TABLES[name].meaning, with_headers(study.whole.table(name), name))


def _shipments(study: Study, plan: Plan) -> pd.DataFrame:
    """Return shipments with names of places, their mass and what is known of their lanes."""
    frame = plan.shipments
    mass = study.products.set_index("product")["mass_kg_per_unit"]
    shown = {**names(study, "sites"), **names(study, "markets"), **names(study, "suppliers")}
    frame = frame.assign(
        t_per_yr=frame["units_per_yr"] * frame["product"].map(mass).astype("float64") / 1000.0,
        origin_name=frame["origin"].map(shown),
        destination_name=frame["destination"].map(shown),
    )
    return on_lanes(study, frame)


def _unit_cost(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the steps of the cost of one delivered unit, their sum, and the cheapest import."""
    headline = facts(study, plan)
    lines = [(item_name(i), v) for i, v in headline.steps]
    lines += [("This plan", headline.landed_usd), ("Cheapest import", headline.import_usd)]
    return pd.DataFrame([line for line in lines if math.isfinite(line[1])], columns=["item", "usd_per_unit"])


def _front(study: Study, front: Front) -> pd.DataFrame:
    """Return the trade-off, with the units of bound and ceiling in their headers."""
    table = front.table.drop(
        columns=[name for name in OBJECTIVES if name not in offered_objectives(study)], errors="ignore"
    )
    first, second = front.objectives[:2]
    ceilings = {"cap": second} if len(front.objectives) < 3 else {f"cap_{name}": name for name in front.objectives[1:]}
    names = {column: f"ceiling on {name} [{OBJECTIVES[name].unit_words}]" for column, name in ceilings.items()}
    names["bound"] = f"bound on {first} [{OBJECTIVES[first].unit_words}]"
    return table.rename(columns=names)


def _refuse_long(sheets: Mapping[str, tuple[str, pd.DataFrame]]) -> None:
    problems = [
        Problem(
            f"sheet {name!r}",
            "has more rows than a sheet can hold",
            f"{len(frame):,} rows",
            "Use write_run, which writes every table as a file of its own",
        )
        for name, (_, frame) in sheets.items()
        if len(frame) > _MOST_ROWS
    ]
    if problems:
        raise InputError(problems)


def _warn_of_cut_texts(file: str, sheets: Mapping[str, tuple[str, pd.DataFrame]]) -> None:
    """Warn of texts that are longer than a cell can be, of which the sheet has the beginning."""
    cut = [
        f"sheet {name!r}, column {str(column)[:60]!r}"
        for name, (_, frame) in sheets.items()
        for k, column in enumerate(frame.columns)
        if frame.iloc[:, k].dtype.kind not in "iufb"
        and any(isinstance(v, str) and len(v) > _MOST_TEXT for v in frame.iloc[:, k].tolist())
    ]
    if cut:
        text = f"{file}: texts are cut to the {_MOST_TEXT:,} characters that a cell can hold: {shown(cut)}"
        warnings.warn(text, DataWarning, stacklevel=3)


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "Calibri", "font_size": 10.5, "valign": "top"}
    return {
        "title": book.add_format({**base, "bold": True, "font_size": 16, "text_wrap": True}),
        "lead": book.add_format({**base, "font_size": 11, "text_wrap": True}),
        "good": book.add_format({**base, "bold": True, "font_color": "#1e7d4f", "text_wrap": True}),
        "fair": book.add_format({**base, "bold": True, "font_color": "#a86400", "text_wrap": True}),
        "poor": book.add_format({**base, "bold": True, "font_color": "#b3261e", "text_wrap": True}),
        "head": book.add_format({**base, "bold": True, "bg_color": "#eceff2", "bottom": 1, "text_wrap": True}),
        "text": book.add_format(base),
        "wrap": book.add_format({**base, "text_wrap": True, "indent": 1}),
        "whole": book.add_format({**base, "num_format": "#,##0"}),
        "tenth": book.add_format({**base, "num_format": "#,##0.00"}),
        "small": book.add_format({**base, "num_format": "0.0000"}),
        "plain": book.add_format({**base, "num_format": "0"}),
    }


def _write_about(
    sheet: Any, content: Any, sheets: list[tuple[str, tuple[str, pd.DataFrame]]], formats: Mapping[str, Any]
) -> None:
    """Write question, answer, honesty line, totals and a list of sheets."""
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 74)
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 0)
    row = 0
    texts = [
        ("lead", content.name),
        ("lead", content.question),
        ("title", content.answer),
        ("lead", content.consequence),
    ]
    for style, text in [*texts, (content.grade, content.honesty)]:
        height = 21.0 if style == "title" else 15.0
        lines = max(1, math.ceil(len(text) * (1.35 if style == "title" else 1.0) / 118))
        sheet.set_row(row, min(height * lines, 400.0))
        sheet.merge_range(row, 0, row, 2, "", formats[style])
        sheet.write_string(row, 0, text[:_MOST_TEXT], formats[style])
        row += 1
    row += 1
    for title, head in (("Figure", content.figures), ("Fact", content.circumstances)):
        for k, text in enumerate((title, "Value", "Unit" if title == "Figure" else "")):
            sheet.write_string(row, k, text, formats["head"])
        row += 1
        for name, value, unit in head:
            sheet.write_string(row, 0, name, formats["text"])
            _write_cell(sheet, row, 1, value, formats[_style([value])])
            sheet.write_string(row, 2, unit, formats["wrap"])
            row += 1
        row += 1
    for k, text in enumerate(("Sheet", "Rows", "Content")):
        sheet.write_string(row, k, text, formats["head"])
    for name, (meaning, frame) in sheets:
        row += 1
        sheet.write_url(row, 0, f"internal:'{name}'!A1", string=name)
        sheet.write_number(row, 1, len(frame), formats["whole"])
        sheet.write_string(row, 2, meaning, formats["wrap"])


def _own_units(column: str) -> bool:
    """Return whether each row of a column may have a unit, and so a magnitude, of its own."""
    unit = column.partition("[")[2].rstrip("]")
    return column == "value" or unit == "unit" or "/unit" in unit or "," in unit.replace(", present value", "")


def _style(values: Iterable[object], column: str = "") -> str:
    """Return the number format that shows what a column holds; years of the calendar have no thousands."""
    numbers: list[float] = []
    for value in values:
        if isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value):
            numbers.append(abs(float(value)))
    if not numbers:
        return "text"
    largest = max(numbers)
    if "[degree]" in column:
        return "small"
    if all(v.is_integer() for v in numbers):
        years = "year" in column and min(numbers) >= 1900 and largest <= 2200
        return "plain" if years else "whole"
    return "whole" if largest >= 10_000 else "tenth" if largest >= 10 else "small"


def _write_cell(sheet: Any, row: int, column: int, value: object, style: Any) -> None:
    """Write a value as what it is: text never becomes a formula, what is not known stays empty."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool | np.bool_):
        sheet.write_boolean(row, column, bool(value), style)
    elif isinstance(value, int | float | np.integer | np.floating) and math.isfinite(value):
        sheet.write_number(row, column, float(value), style)
    else:
        sheet.write_string(row, column, str(value)[:_MOST_TEXT], style)


def _write_sheet(sheet: Any, frame: pd.DataFrame, formats: Mapping[str, Any]) -> None:
    """Write a table: headers frozen with the first column, filters, widths that fit."""
    lines = 2
    for k, column in enumerate(map(str, frame.columns)):
        values = frame.iloc[:, k].astype(object).to_list()
        mixed = _own_units(column)
        style = formats[_style(values, column)]
        sample = [len(f"{v:,.2f}") if isinstance(v, float) else len(str(v)) for v in values[:300] if v is not None]
        longest_word = max((len(w) for w in column.split()), default=4)
        width = min(52, max(9, longest_word + 3, int(np.quantile(sample, 0.95)) + 2 if sample else 0))
        lines = max(lines, math.ceil(1.15 * len(column) / width))
        sheet.set_column(k, k, width)
        sheet.write_string(0, k, column, formats["head"])
        for n, value in enumerate(values, 1):
            _write_cell(sheet, n, k, value, formats[_style([value], column)] if mixed else style)
    sheet.set_row(0, min(15 * lines, 400))
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if len(frame.columns):
        sheet.autofilter(0, 0, max(1, len(frame)), len(frame.columns) - 1)
