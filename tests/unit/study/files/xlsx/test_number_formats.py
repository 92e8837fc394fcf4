"""Number formats by hand: what a cell shows, by sections, conditions, scaling commas, words and signs of currency."""

from __future__ import annotations

import pytest

from evsiting.study.files.xlsx.number_formats import Shown, as_code, is_plain, shown_by


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "",
        " ",
        "0",
        "0.00",
        "#,##0.00_);[Red](#,##0.00)",
        "# ?/?",
        "0.0E+00",
        "@",
        "# ##0",
        "[Blue]-0",
        '"$"#,##0',
    ],
)
def test_plain_formats_show_what_the_cell_holds(code: str) -> None:
    assert is_plain(code)
    assert all(shown_by(code, value).plain for value in (-5.0, 0.0, 5.0))


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0%", 0.5, Shown(percent=True)),
        ('0.0"%"', 3.4, Shown(percent_sign=True)),
        (r"0.0\%", 3.4, Shown(percent_sign=True)),
        ("#,##0,", 5e3, Shown(divided=1e3)),
        ('0.0,,"M"', 5e6, Shown(divided=1e6, multiplied=1e6)),
        ('0" Mio."', 5.0, Shown(multiplied=1e6)),
        ('0" miles"', 5.0, Shown(multiplied=1e3)),  # Spanish thousands, as in a column of money
        ('# ##0" 000"', 5.0, Shown(multiplied=1e3)),
        ('0.0" 000 000"', 5.0, Shown(multiplied=1e6)),
        ('0 "m"', 5.0, Shown(multiplied=1e6, word="m")),  # metres or millions: the column says which
        ('0 "km"', 5.0, Shown(word="km")),
        ("[$€-407] #,##0.00", 5.0, Shown(currencies=("EUR",))),
        ("#,##0 [$CAD]", 5.0, Shown(currencies=("CAD",))),
        ('"US$"0', 5.0, Shown(currencies=("USD",))),
        ("¥0", 5.0, Shown(currencies=("JPY", "CNY"))),
        ("yyyy-mm-dd", 5.0, Shown(date=True)),
        ("[h]:mm", 5.0, Shown(date=True)),
    ],
)
def test_what_a_format_makes_of_a_number(code: str, value: float, shown: Shown) -> None:
    assert shown_by(code, value) == shown
    assert not is_plain(code)


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ('0;0"%";"-"', {5.0: Shown(), -5.0: Shown(percent_sign=True), 0.0: Shown(word="", digits=False)}),
        ("0;-0;;@", {5.0: Shown(), -5.0: Shown(), 0.0: Shown(digits=False)}),
        (";;;", {5.0: Shown(digits=False), -5.0: Shown(digits=False)}),
        ('0;0,"k"', {0.0: Shown(), -5e3: Shown(divided=1e3, multiplied=1e3)}),
        (
            '[>=1000000]0.0,,"M";[>=1000]0,"k";0',
            {
                5e6: Shown(divided=1e6, multiplied=1e6),
                5e3: Shown(divided=1e3, multiplied=1e3),
                5.0: Shown(),
                -5e6: Shown(),
            },
        ),
        ('[<0]0"%";0', {-1.0: Shown(percent_sign=True), 1.0: Shown()}),
        ('[=0]0"%";[<>7]0;0"%"', {0.0: Shown(percent_sign=True), 5.0: Shown(), 7.0: Shown(percent_sign=True)}),
    ],
)
def test_sections_hold_by_sign_or_by_condition(code: str, parts: dict[float, Shown]) -> None:
    assert {value: shown_by(code, value) for value in parts} == parts


def test_a_semicolon_in_quotes_parts_nothing() -> None:
    assert shown_by('0" a;b"', -5.0) == Shown(word="a;b")


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("00000", 501, "00501"),
        ("00000", 1234567, "1234567"),
        ("000", 0, "000"),
        ('"S-"000', 7, "S-007"),
        (r"\A00", 7, "A07"),
        ("##000", 7, "007"),
        ("00000", -1, None),
        ("0", 7, None),
        ("General", 7, None),
        ("000-000", 7, None),
        ("yyyy", 7, None),
        ('0" km"', 7, "7 km"),
    ],
)
def test_codes_are_read_as_they_are_shown(code: str, value: int, text: str | None) -> None:
    assert as_code(code, value) == text


def test_codes_are_not_plain() -> None:
    assert not is_plain("00000")
    assert shown_by("00000", 501).plain  # as a number it is what it holds
