"""Files and sheets that are no tables: told as what they are; and everything that is wrong told in one go."""

from __future__ import annotations

import shutil
import zipfile

import pytest

from evsiting.errors import InputError
from evsiting.study.files.read import read_study
from evsiting.study.files.write import write_study
from evsiting.study.files.xlsx.ooxml import noted
from tests.books import cells, column, edited, told
from tests.scenario_studies import change, with_futures
from tests.studies import two_plant_study

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(70_000)


@pytest.fixture(scope="module")
def study():
    return two_plant_study(periods=2)


@pytest.fixture(scope="module")
def plain(study, tmp_path_factory):
    return write_study(study, tmp_path_factory.mktemp("plain") / "plain.xlsx")


@pytest.fixture
def read(plain, tmp_path):
    return lambda change=None, parts=None: told(edited(plain, tmp_path / "book.xlsx", change, parts))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted with a password.*take the password off"),
        ("a.xlsx", OLE + "Workbook".encode("utf-16-le"), "an old Excel workbook .*save it as an Excel workbook"),
        ("a.xlsx", b"site,lat,lon\na,1,2\n", "text in columns, as in a CSV file.*TABLE.csv"),
        ("a.xlsx", b"\xef\xbb\xbf<HTML><table><tr><td>1</td></tr></table></HTML>", "a web page with a table"),
        (
            "a.xlsx",
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "Excel 2003",
        ),
        ("~$a.xlsx", b"\x05Maria" + bytes(100), "keeps 'a.xlsx' for one user.*Give 'a.xlsx'"),
        ("a.xls", OLE, "ending '.xls': an old Excel workbook.*save it as .xlsx"),
        ("a.xlsb", b"PK\x03\x04", "a binary Excel workbook"),
        ("a.ods", b"PK\x03\x04", "an OpenDocument spreadsheet"),
    ],
)
def test_a_file_that_is_no_workbook_is_told_as_what_it_is(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=f"1 problem in the input:\n.*{words}"):
        read_study(tmp_path / name)


@pytest.mark.parametrize(
    ("part", "content", "words"),
    [
        ("xl/workbook.bin", "", r"a binary Excel workbook \(.xlsb\)"),
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet"),
        ("Index/Document.iwa", "", "a Numbers document.*Export"),
    ],
)
def test_other_archives_are_told_too(tmp_path, part, content, words):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr(part, content)
    with pytest.raises(InputError, match=f"1 problem in the input:\n.*a.xlsx: is not an .xlsx workbook but {words}"):
        read_study(tmp_path / "a.xlsx")


def test_sheets_of_ones_own_are_left_alone_with_one_warning(read, study):
    def change(book):
        for title, state in (("Charts", "visible"), ("Costs 2019", "hidden"), ("codes", "veryHidden")):
            book.create_sheet(title)["A1"] = "mine"
            book[title].sheet_state = state
        book.create_sheet("Empty")
        book.create_sheet("Notes")["A1"] = "read by people"

    again, problems, warned = read(change)
    assert (again, problems) == (study, [])
    assert warned == [
        "book.xlsx: sheets that are no tables of a study are left alone: 'Charts', 'Costs 2019' (hidden), "
        "'codes' (hidden)"
    ]


@pytest.mark.parametrize("title", ["Options (2)", "option", "options_old", "Options - Copy", "opitons"])
def test_a_sheet_beside_the_table_whose_name_it_nearly_has_is_named(read, study, title):
    again, _, warned = read(lambda b: b.create_sheet(title).append(["plant_type"]))
    assert again == study
    assert f"is one of them meant to be read? {title!r} beside 'options'" in warned[0]


@pytest.mark.parametrize("title", ["plant", "Plants (2)", "plants_new", "plnats"])
def test_a_sheet_that_seems_to_be_a_missing_table_is_refused(read, title):
    _, problems, _ = read(lambda b: setattr(b["plants"], "title", title))
    assert any(f"sheet {title!r}: is no table of a study" in p and "Did you mean 'plants'?" in p for p in problems)


def test_blanks_and_capitals_in_the_name_of_a_sheet_do_not_matter_and_a_hidden_one_is_told(read, study):
    def change(book):
        book["plants"].title = " Plants "
        book["bill_of_materials"].title = "Bill of  Materials"
        book["options"].sheet_state = "veryHidden"

    again, problems, warned = read(change)
    assert (again, problems) == (study, [])
    assert warned == ["book.xlsx: hidden sheets are read like the others: 'options'"]


def test_errors_in_columns_of_ones_own_are_told_and_left_empty(read):
    def change(book):
        sheet = book["options"]
        sheet.cell(1, sheet.max_column + 1).value = "checked by"
        sheet.cell(2, sheet.max_column).value = "#REF!"
        sheet.cell(3, sheet.max_column).value = "Maria"

    again, problems, warned = read(change)
    assert not problems
    assert again.options["checked by"].fillna("").tolist() == ["", "Maria", "", ""]
    assert "errors and formulas without a value in columns of your own are left empty" in "\n".join(warned)


def test_settings_may_stand_below_a_title_and_a_value_without_a_key_is_told(read, study):
    assert read(lambda b: (b["settings"].insert_rows(1, 2), b["settings"].insert_cols(1)))[0] == study
    _, problems, _ = read(lambda b: setattr(b["settings"]["A2"], "value", None))
    assert any("a value has no key (row 2: Two plants)" in p for p in problems)


def test_a_name_that_is_a_number_is_text(read):
    again, _, _ = read(lambda b: setattr(b["settings"]["B2"], "value", 2027))
    assert again.settings.study.name == "2027"


def test_everything_wrong_is_told_in_one_go(read):
    def change(book):
        book["sites"]["A2"] = "#N/A"  # a key
        cells(book["sites"], "wage")[1].value = "=1/0"
        cells(book["sites"], "wage")[2].value = "much"
        book["options"].cell(1, column(book["options"], "capacity")).value = "capcity [unit/yr]"
        cells(book["options"], "capacity" if False else "capcity")[1].value = -1
        cells(book["options"], "capex")[0].value = "1.234,5"
        book["products"]["C1"] = None  # a column without a name
        cells(book["products"], "product")[2].value = "vehicel"
        book["demand"].merge_cells("A3:B3")
        cells(book["demand"], "period")[3].value = "p9"
        book["settings"]["B4"] = "=2+2"

    _, problems, _ = read(change)
    for words in (
        "sheet 'settings': 1 cell holds an error",
        "sheet 'sites': 2 cells hold an error or a formula without a value (A2: #N/A, ",
        "column 'wage [USD/h]': 1 of 3 values is not a number (row 4: 'much')",
        "column 'capcity [unit/yr]': is not in the data dictionary",
        "column 'capcity [unit/yr]': 1 of 4 values is outside",
        "column 'capex [USD]': 1 of 4 values is not a number (row 2: '1.234,5'). Write a point for decimals",
        "sheet 'products': a column with values has no name (column C)",
        "sheet 'demand': cells are merged over several columns",
        "column 'period': 1 of 4 names is not in",
        "'vehicle'",
    ):
        assert any(words in p for p in problems), (words, problems)
    assert not any("memphis" in p and "not in" in p for p in problems), "a name may stand in the row that is unread"
    assert not any("is missing" in p for p in problems)


def test_rows_of_another_length_do_not_hide_what_else_is_wrong(study, tmp_path):
    folder = write_study(study, tmp_path / "study")
    lines = (folder / "options.csv").read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].rsplit(",", 2)[0]
    lines[2] = lines[2].replace("120000", "-5")
    (folder / "options.csv").write_text("\n".join(lines), encoding="utf-8")
    copy = shutil.copytree(folder, tmp_path / "copy")
    with pytest.raises(InputError) as caught:
        read_study(copy)
    texts = [str(p) for p in caught.value.problems]
    assert any("1 of 4 rows is too short" in t for t in texts)
    assert any("outside" in t and "row 3: " in t for t in texts)
    assert len(texts) == 2, texts


def test_a_header_that_stands_once_more_among_text_is_told(study, tmp_path):
    folder = write_study(study, tmp_path / "study")
    (folder / "sources.csv").write_text("id,title,licence\na,A,CC0\nid,title,licence\nb,B,CC0\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sources.csv: 1 of 3 rows is the header once more \(row 3: 'id'\)"):
        read_study(folder)


def test_a_header_above_a_second_table_is_told_once(study, tmp_path):
    folder = write_study(study, tmp_path / "study")
    lines = (folder / "options.csv").read_text(encoding="utf-8").splitlines()
    (folder / "options.csv").write_text("\n".join([*lines, lines[0]]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study(folder)
    assert len(caught.value.problems) == 1
    assert "the header once more" in str(caught.value)


def test_a_problem_elsewhere_does_not_hide_a_change_that_cannot_be_made(tmp_path):
    futures = with_futures(
        two_plant_study(), {"base": 0.5, "other": 0.5}, [change("other", "demand", "units_per_yr", "multiply", 2.0)]
    )
    folder = write_study(futures, tmp_path / "study")
    text = (folder / "scenario_changes.csv").read_text(encoding="utf-8")
    (folder / "scenario_changes.csv").write_text(text.replace("units_per_yr", "unitz"), encoding="utf-8")
    options = (folder / "options.csv").read_text(encoding="utf-8")
    (folder / "options.csv").write_text(options.replace(",120000", ",-5", 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study(folder)
    assert {str(p).split(",")[0] for p in caught.value.problems} == {"options.csv", "scenario_changes.csv"}


SHEET = '<{0}sheetData><{0}row r="1"><{0}c r="A1"/><{0}c r="B1" {1}><{0}v>7</{0}v></{0}c></{0}row></{0}sheetData>'


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize(
    ("told", "written", "into"),
    [
        ("errors", 't="e"', ""),
        ("errors", "t='e'", ""),
        ("styles", 't="d"', ""),
        ("styles", "t='d'", ""),
        ("styles", 's="12"', ""),
        ("styles", "s='3'", ""),
        ("zeros", "", "<{0}f>A1</{0}f>"),
        ("zeros", "", "<{0}f\tca='1'>A1</{0}f>"),
        ("zeros", "", "<{0}f t='shared' si='0'/>"),
        ("struck", "", "<{0}is><{0}r><{0}strike/></{0}r></{0}is>"),
        ("hidden_rows", "", "hidden='true'"),
        ("merges", "", "mergeCell"),
    ],
)
def test_notes_of_a_sheet_are_found_however_their_xml_is_spelled(tmp_path, prefix, told, written, into):
    sheet = SHEET.format(prefix, written)
    if into.startswith("<"):
        sheet = sheet.replace(f"<{prefix}v>7", into.format(prefix) + f"<{prefix}v>0")
    elif into == "mergeCell":
        sheet += f"<{prefix}mergeCell ref='A1:B1'/>"
    elif into:
        sheet = sheet.replace('row r="1"', f'row r="1" {into}')
    name = "xmlns:x" if prefix else "xmlns"
    with zipfile.ZipFile(tmp_path / "sheet.zip", "w") as archive:
        archive.writestr("sheet.xml", f"<{prefix}worksheet {name}='urn:s'>{sheet}</{prefix}worksheet>")
    with zipfile.ZipFile(tmp_path / "sheet.zip") as archive:
        assert getattr(noted(archive, "sheet.xml", {3, 12}), told)
