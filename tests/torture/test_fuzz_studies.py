"""Small studies with figures changed at random: what is read is solved, certified and reported, or refused in words.

``EVSITING_FUZZ_STUDIES`` says how many, ``EVSITING_FUZZ_SEED`` which.
"""

from __future__ import annotations

import os
import random
import warnings

import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import EvsitingError, EvsitingWarning
from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study

SEED = int(os.environ.get("EVSITING_FUZZ_SEED", "2026"))
FACTORS = ("0", "1e-3", "0.1", "0.5", "2", "10", "1e3", "1e6")
TABLES = ("options", "demand", "processes", "products", "suppliers", "duties", "programs", "sites", "bill_of_materials")


def changed(folder, chance):
    """Change some figures of a study in place, drop or double rows, and empty cells."""
    for _ in range(chance.choice((1, 2, 4))):
        path = folder / f"{chance.choice(TABLES)}.csv"
        if not path.is_file():
            continue
        table = pd.read_csv(path, dtype=str)
        row, column = chance.randrange(len(table)), chance.choice(list(table.columns))
        cell = table.loc[row, column]
        kind = chance.randrange(8)
        if kind == 0 and len(table) > 1:
            table = table.drop(index=row)
        elif kind == 1:
            table.loc[row, column] = None
        else:
            number = pd.to_numeric(pd.Series([cell]), errors="coerce").iloc[0]
            table.loc[row, column] = f"{number * float(chance.choice(FACTORS)):g}" if number == number else cell
        table.to_csv(path, index=False)


def tried(folder):
    """Read, solve, certify and report a study; return what went wrong, empty where nothing did."""
    try:
        study = ev.complete(read_study(folder))
        plan = ev.solve(study, gap=0.02, time_limit_s=20)
        certificate = ev.certify(study, plan)
        ev.write_report(folder / "out.html", study, plan, certificate=certificate)
        ev.write_workbook(folder / "out.xlsx", study, plan, certificate=certificate)
        ev.write_geopackage(folder / "out.gpkg", study, plan, certificate=certificate)
    except EvsitingError:
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    return "" if certificate.passed else f"the certificate fails: {certificate}"[:300]


@pytest.mark.torture
@pytest.mark.parametrize("part", range(4))
def test_what_is_read_is_solved_certified_and_reported(tmp_path, part):
    wrong = {}
    for number in range(int(os.environ.get("EVSITING_FUZZ_STUDIES", "400")) // 4):
        folder = new_study(tmp_path / str(number))
        changed(folder, random.Random(f"{SEED} {part} {number}"))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            fault = tried(folder)
        leaked = [str(w.message)[:100] for w in told if not issubclass(w.category, EvsitingWarning)]
        if fault or leaked:
            wrong[part, number] = fault or f"leaked: {leaked}"
    assert not wrong
