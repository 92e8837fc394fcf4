"""Cells of a workbook that look empty or show something else than they hold: read as shown, or told."""

from __future__ import annotations

import datetime
import re

import pytest
from openpyxl.styles import Font

from evsiting.study.files.write import write_study
from evsiting.study.files.xlsx.shown_cells import as_shown
from evsiting.study.schema.tables import TABLES
from tests.books import cells, column, edited, told
from tests.studies import two_plant_study


@pytest.fixture(scope="module")
def study():
    return two_plant_study(periods=2)


@pytest.fixture(scope="module")
def plain(study, tmp_path_factory):
    return write_study(study, tmp_path_factory.mktemp("plain") / "plain.xlsx")


@pytest.fixture
def read(plain, tmp_path):
    return lambda change=None, parts=None: told(edited(plain, tmp_path / "book.xlsx", change, parts))


def put(sheet, label, values, code=None, header=None):
    """Return a change that writes values, a number format and a header into a column."""

    def change(book):
        for cell, value in zip(cells(book[sheet], label), values, strict=False):
            cell.value = cell.value if value is ... else value
            if code is not None:
                cell.number_format = code
        if header is not None:
            book[sheet].cell(1, column(book[sheet], label)).value = header

    return change


def merge(sheet, label, first, last):
    def change(book):
        k = column(book[sheet], label)
        book[sheet].merge_cells(start_row=first, end_row=last, start_column=k, end_column=k)

    return change


def test_a_name_merged_down_a_column_stands_in_each_row(read, study):
    again, problems, warned = read(
        lambda b: (
            put("demand", "market", ["east", "east", "west", "west"])(b),
            merge("demand", "market", 2, 3)(b),
            merge("demand", "market", 4, 5)(b),
        )
    )
    assert not problems
    assert again == study
    assert len(warned) == 1
    assert "merged cells are read as the same value in each of their rows: A2:A3: 'east', A4:A5: 'west'" in warned[0]


def test_a_year_merged_down_a_column_stands_in_each_row(read):
    again, _, warned = read(lambda b: (put("periods", "years", [5, 5])(b), merge("periods", "years", 2, 3)(b)))
    assert again.periods["years"].tolist() == [5, 5]
    assert "merged" in warned[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (merge("demand", "units", 2, 3), "merged over several rows.*D2:D3: 60000.*each row, or their sum"),
        (lambda b: b["demand"].merge_cells("A3:C3"), "merged over several columns.*A3:C3: 'east'"),
        (lambda b: b["demand"].merge_cells("A1:B1"), "cells of the header are merged.*A1:B1"),
        (lambda b: b["demand"].merge_cells("A1:A2"), "cells of the header are merged.*A1:A2"),
        (lambda b: b["settings"].merge_cells("B3:B4"), "settings': keys or values are merged over several rows.*B3:B4"),
    ],
)
def test_other_merges_are_told(read, change, words):
    _, problems, _ = read(change)
    assert any(re.search(words, p) for p in problems), problems


def test_an_empty_merge_and_one_outside_the_table_say_nothing(read, study):
    again, problems, warned = read(lambda b: (b["demand"].merge_cells("A8:C9"), b["sites"].merge_cells("ZA1:ZC1")))
    assert (problems, warned) == ([], [])
    assert again == study


@pytest.mark.parametrize("sheet", ["settings", "options", "sites"])
def test_a_formula_without_a_value_is_told_on_every_sheet(read, sheet):
    _, problems, _ = read(lambda b: setattr(b[sheet]["B3"], "value", "=1+1"))
    assert any(f"sheet '{sheet}': 1 cell holds an error or a formula without a value (B3: =1+1)" in p for p in problems)


def test_a_header_made_by_a_formula_without_a_value_is_told_alone(read):
    _, problems, _ = read(lambda b: setattr(b["options"]["C1"], "value", '="capacity"'))
    assert len(problems) == 1
    assert "C1: " in problems[0]


def test_prefixed_xml_is_read_and_its_formulas_told(read, study):
    def prefixed(parts):
        for name, content in parts.items():
            if name.startswith("xl/worksheets/sheet"):
                text = re.sub(rb"<(/?)(?![?!/])", rb"<\1x:", content)
                parts[name] = text.replace(b"xmlns=", b"xmlns:x=")

    again, problems, warned = read(None, prefixed)
    assert (again, problems, warned) == (study, [], [])
    _, problems, _ = read(lambda b: setattr(b["options"]["C3"], "value", "=1+1"), prefixed)
    assert len(problems) == 1
    assert "C3: =1+1" in problems[0]


def value_of_formulas(value, kind=b""):
    """Return an edit that stores a value beside each formula."""

    def parts(stored):
        for name, content in stored.items():
            if name.startswith("xl/worksheets/"):
                pattern = rb'<c r="(\w+)"[^>]*>(<f>[^<]*</f>)<v\s*/?>(?:</v>)?</c>'
                stored[name] = re.sub(pattern, rb'<c r="\1"' + kind + rb">\2<v>" + value + rb"</v></c>", content)

    return parts


def computed(stored):
    stored["xl/workbook.xml"] = re.sub(rb"<calcPr[^>]*/>", b"", stored["xl/workbook.xml"])


def test_a_formula_that_gives_empty_text_is_an_empty_cell(read, study):
    empty = put("options", "ramp_up", ['=IF(1,"","x")'])
    again, problems, warned = read(empty, value_of_formulas(b"", b' t="str"'))
    assert (again, problems, warned) == (study, [], [])


def test_a_zero_that_no_program_has_computed_is_told(read):
    formula = put("options", "capex", ["=1+1"])
    _, problems, _ = read(formula, value_of_formulas(b"0"))
    assert "1 formula with a 0 in place of a value" in problems[0]
    again, problems, _ = read(formula, lambda p: (value_of_formulas(b"0")(p), computed(p)))
    assert not problems
    assert again.options["capex_usd"][0] == 0.0


def test_values_of_another_workbook_are_told(read):
    again, _, warned = read(put("options", "capex", ["=[1]costs!A1"]), value_of_formulas(b"7e8"))
    assert again.options["capex_usd"][0] == 7e8
    assert warned == [
        "book.xlsx: 1 formula takes values from another workbook; they are read as they were when this one was saved"
    ]


def test_a_strict_workbook_is_read(read, study):
    def strict(parts):
        for name, content in parts.items():
            parts[name] = content.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            ).replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )

    assert read(None, strict) == (study, [], [])


@pytest.mark.parametrize("code", ["0%", "0.0%;-0.0%", "[Red]0%", "0.00%_)"])
def test_a_percent_format_multiplies(read, study, code):
    percent = put("options", "min_load", [...] * 4, code, "min_load [%]")
    assert read(percent) == (study, [], [])
    assert read(put("options", "min_load", [...] * 4, code)) == (study, [], [])


@pytest.mark.parametrize("code", ['0.0"%"', r"0.0\%", '0.0" %"', '0.0"%";-0.0"%"'])
def test_a_percent_sign_in_the_format_does_not(read, study, code):
    values = [100 * v for v in study.options["min_load"]]
    assert read(put("options", "min_load", values, code, "min_load [%]")) == (study, [], [])
    _, problems, _ = read(put("options", "min_load", [0.5] * 4, code))
    assert "percent sign behind a number" in problems[0]
    assert "Name the column 'min_load [%]'" in problems[0]


@pytest.mark.parametrize(
    ("label", "code", "header", "way"),
    [
        ("fixed", '0"/mo"', None, r"fixed \[USD/mo\]"),
        ("fixed", '$#,##0" per month"', None, r"fixed \[USD/month\]"),
        ("fixed", '0" ¢"', None, "Format the cells"),
        ("fixed", '0"/yr"', None, ""),
        ("fixed", '0"/mo"', "fixed [USD/mo]", ""),
    ],
)
def test_a_unit_in_the_format_goes_with_that_of_the_header(read, label, code, header, way):
    _, problems, _ = read(put("options", label, [...] * 4, code, header))
    assert len(problems) == bool(way), problems
    assert all(re.search(way, text) for text in problems)


@pytest.mark.parametrize(("code", "unit"), [('0" lb"', "lb/unit"), ('0.0"t"', "t/unit"), ('0" kg"', ""), ('0" x"', "")])
def test_a_unit_of_one_piece_goes_with_the_header_too(code, unit):
    told = []
    column = TABLES["products"].column("mass_kg_per_unit")
    as_shown(column, "kg/unit", 450.0, code=code, stored="450", tell=lambda *found: told.append(found))
    assert [f"Name the column 'mass [{unit}]'" in fix for *_, fix in told] == ([True] if unit else [])


@pytest.mark.parametrize(
    ("label", "code", "header", "words"),
    [
        ("capex", "0%", None, "a percentage in a column of USD"),
        ("capex", "0.0,,", "capex [MUSD]", "in another magnitude.*shows 600"),
        ("capex", "#,##0,", "capex [kUSD]", "in another magnitude"),
        ("capex", '0"k"', None, "in another magnitude.*600000000 thousand"),
        ("capex", '0 "MUSD"', None, "in another magnitude"),
        ("capex", '0"000"', None, "in another magnitude"),
        ("capex", '0,"M"', None, "in another magnitude"),
        ("capex", '#,##0 "€"', None, "shown in EUR in a column of USD.*capex .EUR."),
        ("capex", "[$CAD] #,##0", None, "shown in CAD"),
        ("capex", "[$€-407] #,##0", "capex [MUSD]", "shown in EUR"),
        ("capex", ";;;", None, "does not show"),
        ("capex", "yyyy-mm-dd", None, "formatted as a date"),
        ("staff", "h:mm", None, "a time of the clock|formatted as a date"),
    ],
)
def test_a_format_that_contradicts_the_header_is_told(read, label, code, header, words):
    _, problems, _ = read(put("options", label, [...] * 4, code, header))
    assert len(problems) == 1
    assert re.search(words, problems[0]), problems


@pytest.mark.parametrize(
    ("label", "code", "header", "scale"),
    [
        ("capex", '0.0,,"M"', None, 1.0),
        ("capex", '[>=1000000]0.0,,"M";[>=1000]0.0,"k";0', None, 1.0),
        ("capex", '0 "MUSD"', "capex [MUSD]", 1e-6),
        ("capex", '"$"#,##0_);[Red]("$"#,##0)', None, 1.0),
        ("capex", '_-* #,##0\\ _€_-;-* #,##0\\ _€_-;_-* "-"??\\ _€_-;_-@_-', None, 1.0),
        ("capex", "[$USD] #,##0", None, 1.0),
        ("capacity", '#,##0" units"', None, 1.0),
        ("capacity", "000000000", None, 1.0),
        ("capex", '#,##0 "USD/h"', None, 1.0),
        ("capacity", "0.00E+00", None, 1.0),
    ],
)
def test_a_format_that_agrees_says_nothing(read, study, label, code, header, scale):
    values = [scale * v for v in study.options[{"capex": "capex_usd", "capacity": "capacity_units_per_yr"}[label]]]
    again, problems, warned = read(put("options", label, values, code, header))
    assert (problems, warned) == ([], [])
    assert again == study


def test_figures_shown_in_thousands_without_a_word_are_told(read, study):
    again, _, warned = read(put("options", "capex", [...] * 4, "#,##0,"))
    assert again == study
    assert "shown divided by 1,000 and read as the cell holds it: D2: holds 600000000, shows 600000" in warned[0]


def test_a_rate_of_the_settings_with_a_percent_sign_in_its_format_is_told(read):
    def rate(book, value, code):
        cell = next(row[1] for row in book["settings"].iter_rows() if row[0].value == "money.discount_rate")
        cell.value, cell.number_format = value, code

    _, problems, _ = read(lambda b: rate(b, 0.7, '0.0"%"'))
    assert "key 'money.discount_rate'" in problems[0]
    assert "Write the fraction" in problems[0]
    assert read(lambda b: rate(b, 0.07, "0%"))[0].settings.money.discount_rate == 0.07
    _, problems, _ = read(lambda b: rate(b, True, "General"))
    assert "a number is wanted, not true or false" in problems[0]


def test_years_in_cells_of_dates(read, study):
    for code in ("yyyy-mm-dd", "yyyy"):
        _, problems, _ = read(put("periods", "start_year", [..., ...], code))
        assert "a year in a cell that is formatted as a date (B2: 2027, shown as 1905-07-19" in problems[0]
    days = [datetime.date(2027, 1, 1), datetime.date(2032, 1, 1)]
    assert read(put("periods", "start_year", days, "yyyy")) == (study, [], [])
    _, problems, _ = read(put("periods", "start_year", days, "yyyy-mm-dd"))
    assert "a date where a year is wanted" in problems[0]


def test_dates_that_are_stored_as_such_are_told_without_a_format(read):
    def parts(stored):
        for name, content in stored.items():
            pattern = rb'<c r="(\w+)"[^>]*><is><t>(2026-03-01)</t></is></c>'
            stored[name] = re.sub(pattern, rb'<c r="\1" t="d"><v>\2</v></c>', content)

    _, problems, _ = read(put("sites", "site", ["2026-03-01"]), parts)
    assert any("a date where a name is wanted (A2: 2026-03-01)" in p for p in problems)


def test_a_code_that_became_a_date_is_told(read):
    for sheet, label in (("sites", "site"), ("sites", "name"), ("demand", "period")):
        _, problems, _ = read(put(sheet, label, [datetime.date(2026, 3, 1)]))
        assert any("a date where a name is wanted" in p and "3-1" in p for p in problems)


def test_codes_are_read_as_their_format_shows_them(read):
    numbers = [1, 12]

    def change(book):
        put("markets", "market", numbers, "000")(book)
        put("demand", "market", [1, 1, 12, 12], '"0"00')(book)
        for cell in cells(book["lanes"], "destination"):
            cell.value = {"east": "001", "west": "012"}.get(cell.value, cell.value)

    again, problems, _ = read(change)
    assert not problems
    assert again.markets["market"].tolist() == ["001", "012"]


def test_a_number_too_long_for_a_spreadsheet_is_told(read):
    _, problems, _ = read(put("sites", "site", [1234567890123450000]))
    assert any("a number of which digits are lost" in p for p in problems)


def test_what_is_hidden_or_struck_out_is_told_and_read(read, study):
    def change(book):
        book["options"].row_dimensions[3].hidden = True
        book["options"].column_dimensions["D"].hidden = True
        book["options"]["B4"].font = Font(strike=True)
        book["settings"].row_dimensions[5].hidden = True
        book["options"]["Z9"].font = Font(strike=True)

    again, _, warned = read(change)
    assert again == study
    text = "\n".join(warned)
    assert "1 row is hidden, by a filter say, and read all the same: row 3" in text
    assert "sheet 'settings': 1 row is hidden and read all the same: row 5" in text
    assert "1 column is hidden and read all the same: 'capex [USD]'" in text
    assert "1 cell is struck out and read all the same: B4" in text


RICH = b"<r><rPr><strike/></rPr><t>Mem</t></r><r><t>phis</t></r>"
MEMPHIS = rb'(<c r="D2"[^>]*)t="inlineStr"([^>]*)><is><t>Memphis</t></is></c>'


def inline(stored):
    """Strike out a part of a text that stands in its cell."""
    name = next(n for n, content in stored.items() if re.search(MEMPHIS, content))
    stored[name] = stored[name].replace(b"<is><t>Memphis</t></is>", b"<is>" + RICH + b"</is>")


def shared(stored):
    """Strike out a part of a text that stands in the table of shared texts."""
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    stored["xl/sharedStrings.xml"] = b'<sst xmlns="' + main + b'"><si>' + RICH + b"</si></sst>"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    entry = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    stored["[Content_Types].xml"] = stored["[Content_Types].xml"].replace(b"</Types>", entry)
    for name, content in stored.items():
        stored[name] = re.sub(MEMPHIS, rb'\1t="s"\2><v>0</v></c>', content)


@pytest.mark.parametrize("form", [inline, shared])
def test_text_of_which_a_part_is_struck_out_is_told(read, study, form):
    again, problems, warned = read(None, form)
    assert not problems
    assert again == study
    assert "1 cell is struck out and read all the same: D2" in warned[0]


def test_characters_written_by_their_code(read, study):
    again, _, _ = read(put("sites", "name", ["Mem_x0070_his"]))
    assert again == study


def test_names_are_matched_as_they_are_seen(read, study):
    def change(book):
        put("markets", "market", ["Qu\u00e9bec", "New York"])(book)
        put("demand", "market", ["Que\u0301bec ", "\u200bQue\u0301bec", "New\u00a0York", " New York"])(book)
        for cell in cells(book["lanes"], "destination"):
            cell.value = {"east": "Que\u0301bec", "west": "New\u202fYork"}.get(cell.value, cell.value)

    again, problems, warned = read(change)
    assert (problems, warned) == ([], [])
    assert again.demand["market"].tolist() == ["Qu\u00e9bec"] * 2 + ["New York"] * 2


def test_words_of_computers_are_names(read):
    names = ["NA", "nan", "NULL"]

    def change(book):
        put("sites", "site", names)(book)
        for sheet in ("lanes", "plants", "incentives"):
            for row in book[sheet].iter_rows(min_row=2):
                for cell in row:
                    at = {"memphis": "NA", "monterrey": "nan", "windsor": "NULL"}
                    cell.value = at.get(cell.value, cell.value)

    again, problems, _ = read(change)
    assert not problems
    assert again.sites["site"].tolist() == names


def test_headers_are_read_as_they_are_seen(read, study):
    def change(book):
        for label, text in (("capex", "\ufeffCapex\n[USD]"), ("staff", "Staff\u00a0 [FTE] ")):
            book["options"].cell(1, column(book["options"], label)).value = text

    assert read(change) == (study, [], [])


@pytest.mark.parametrize(("unit", "refused"), [("m", False), ("km", True), ("", True)])
def test_metres_are_a_unit_in_a_column_of_lengths(unit, refused):
    """The word m behind a number is a million beside money, and a metre beside a length."""
    seen = []
    column = TABLES["lanes"].column("distance_km")
    as_shown(column, unit, 5.0, code='0 "m"', stored="5", tell=lambda *fault: seen.append(fault))
    assert [fault[1] for fault in seen] == ([f"a number shown in m in a column of {unit or 'km'}"] if refused else [])
    money = TABLES["options"].column("capex_usd")
    for header, words in (("USD", "another magnitude"), ("MUSD", "")):
        seen.clear()
        as_shown(money, header, 5.0, code='0 "m"', stored="5", tell=lambda *fault: seen.append(fault))
        assert [words in fault[1] for fault in seen] == ([True] if words else [])
