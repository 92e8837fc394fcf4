"""Numbers written as text: read as anyone would read them, or refused with how to write them; never silently else."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from evsiting.study.canonical.cells import numbers
from evsiting.study.canonical.columns import read_column
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import table

CAPACITY = table("options").column("capacity")


def told(values, column=CAPACITY, name="options"):
    found = Findings()
    read = read_column(table(name), column, pd.Series(values, dtype=object), 1.0, found)
    return read, [str(p) for _, p in found.problems], found.warnings


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (" 5 ", 5.0),
        ("\u00a05\u202f", 5.0),
        ("1e6", 1e6),
        ("\u22125", -5.0),
        ("\uff11\uff12", 12.0),
        ("+7", 7.0),
        (".5", 0.5),
        ("\ufeff3", 3.0),
    ],
)
def test_what_anyone_reads_is_read(text, number):
    values, wrong = numbers(pd.Series([text], dtype=object))
    assert not wrong.any()
    assert values[0] == number


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("10,000,000", "nothing between thousands"),
        ("10 000 000", "nothing between thousands"),
        ("10\u202f000", "nothing between thousands"),
        ("1'000", "nothing between thousands"),
        ("1\u2019000", "nothing between thousands"),
        ("1_000", "nothing between thousands"),
        ("1.234,5", "a point for decimals"),
        ("1.234.567", "nothing between thousands"),
        ("1,00,000", "nothing between thousands"),
        ("0,5", "a point for decimals"),
        ("5%", "percent sign in the header"),
        ("$5", "currency into the header"),
        ("5 USD", "currency into the header"),
        ("1000 \u20ac", "currency into the header"),
        ("(5)", "a minus before"),
        ("5-", "a minus before"),
        ("1/2", "a fraction with a point"),
        ("\u00bd", "a fraction with a point"),
        ("5k", "in full"),
        ("1.2M", "in full"),
        ("10-12", "one number"),
        ("~5", "one number"),
        ("30 kWh", "units belong in the header"),
        ("#REF!", "Mend the formula"),
        ("#\u00a1VALOR!", "Mend the formula"),
        ("n/a", "Give a number"),
        ("TBD", "Give a number"),
        ("-", "Give a number"),
        ("yes", "Give a number"),
        ("Wahr", "Give a number"),
        ("nan", "Give a number"),
        ("inf", "Give a number"),
        ("0x10", "Give a number"),
    ],
)
def test_what_is_no_number_is_refused_with_how_to_write_it(text, way):
    read, problems, _ = told([text, "120000"])
    assert math.isnan(read[0])
    assert len(problems) == 1
    assert way in problems[0]


def test_several_kinds_are_told_together():
    _, problems, _ = told(["10,000", "TBD", "$5"])
    assert len(problems) == 1
    assert "nothing between thousands" in problems[0]
    assert "currency into the header" in problems[0]


def test_a_percent_sign_under_a_header_that_has_one_is_written_away():
    found = Findings(headers={("options", "min_load"): "min_load [%]"})
    column = table("options").column("min_load")
    read_column(table("options"), column, pd.Series(["5%"], dtype=object), 0.01, found)
    assert "Write the number alone" in str(found.problems[0][1])


def test_true_and_false_are_no_numbers():
    _, problems, _ = told([True, 5.0])
    assert "not a number" in problems[0]


@pytest.mark.parametrize(
    "values",
    [
        ["150.000", "120,000"],
        ["1.000", "120,000", "5"],
        ["150.000", "120000"],
        ["150.000", 120000.0, 90000],
        ["1.500", "2000", "1800"],
        ["12.500", "1,5"],
    ],
)
def test_a_point_that_may_part_thousands_is_refused_beside_figures_that_say_so(values):
    _, problems, _ = told(values)
    assert any("ambiguous: the point may part thousands" in p and "row" not in p.split(":")[0] for p in problems)
    assert any(f"Write {float(values[0]):.12g} or {values[0].replace('.', '')} for" in p for p in problems)


@pytest.mark.parametrize(
    "values",
    [
        ["31.255", "28"],
        ["31.250", "28.5", "1200"],
        ["0.250", "0.500"],
        ["1.125", "3.375"],
        ["1.250", "5000000"],
        [31.25, 28.125],
        ["150.123", "99.1", "120000"],
    ],
)
def test_ordinary_decimals_say_nothing(values):
    _, problems, odd = told(values)
    assert (problems, odd) == ([], [])


def test_a_column_in_which_every_figure_has_three_digits_behind_the_point_is_told():
    read, problems, odd = told(["150.000", "120.000"])
    assert not problems
    assert read.tolist() == [150.0, 120.0]
    assert "150.000 is 150, not 150000" in odd[0]


def test_names_of_which_digits_are_lost_are_refused():
    sites = table("sites")
    for name in ("4.84530E+11", "3.52e+06", 10**16):
        _, problems, _ = told([name, "b"], sites.column("site"), "sites")
        assert "digits are lost" in problems[0]
    for name in ("NA", "nan", "NULL", "None", "TRUE", "007", "1E5", "3520005"):
        read, problems, _ = told([name, "b"], sites.column("site"), "sites")
        assert (read[0], problems) == (name, [])
    assert told([3520005.0, 48453001100.0], sites.column("site"), "sites")[0].tolist() == ["3520005", "48453001100"]


@pytest.mark.parametrize("value", ["yes", "Sí", "VRAI", "x", "\u2713", True])
def test_words_for_yes_and_no_are_written_as_numbers(value):
    _, problems, _ = told([value], table("sites").column("right_to_work"), "sites")
    assert "Write 1 for yes and 0 for no" in problems[0]


def test_percents_are_not_asked_for_under_a_header_in_percent():
    found = Findings(headers={("options", "min_load"): "min_load [%]"})
    column = table("options").column("min_load")
    read_column(table("options"), column, pd.Series(["4000"], dtype=object), 0.01, found)
    assert "for percent write" not in str(found.problems[0][1])
    found = Findings(headers={("options", "min_load"): "min_load"})
    read_column(table("options"), column, pd.Series(["40"], dtype=object), 1.0, found)
    assert "for percent write the header 'min_load [%]'" in str(found.problems[0][1])
