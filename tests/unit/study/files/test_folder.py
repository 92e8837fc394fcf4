"""Files of a folder: which are tables, and a word on each that looks like one and is not read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evsiting.study.files.folder import is_study_file, kind_of_file, near_settings, table_files
from evsiting.study.findings import Findings
from tests.canonical import told


def listed(folder: Path) -> tuple[dict[str, list[str]], set[str], list[str]]:
    findings = Findings()
    homes, unread, _ = table_files(folder, findings)
    return {name: [p.name for p in files] for name, files in homes.items()}, unread, told(findings)


@pytest.mark.parametrize(
    "name", ["sites.csv", "Sites.CSV", " bill of materials .csv", "sites.gpkg", "SITES.GeoParquet"]
)
def test_tables_are_known_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    homes, unread, texts = listed(tmp_path)
    assert list(homes.values()) == [[name]]
    assert (unread, texts) == (set(), [])
    assert is_study_file(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["readme.md", "map.png", "notes.txt", "sources.bib", ".sites.csv", "~sites.csv", "budget.xlsx"]
)
def test_other_files_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert listed(tmp_path) == ({}, set(), [])
    assert not is_study_file(tmp_path / name) or name.startswith((".", "~"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sites.xlsx", "has an ending that is not read ('.xlsx')"),
        ("sites", "has an ending that is not read (it has none)"),
        ("sites.csv.gz", "has an ending that is not read ('.csv.gz')"),
        ("site.csv", "is no table of a study (the tables are sites, markets"),
        ("site.csv", "Did you mean 'sites.csv'? Rename it"),
        ("sites.old.csv", "Did you mean 'sites.csv'?"),
        ("quite_other.csv", "Rename it, or move it out of the folder"),
        ("demands.json", "Did you mean 'demand.csv'?"),
        ("roads.shp", "is no table of a study"),
    ],
)
def test_what_looks_like_a_table_and_is_none(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).touch()
    homes, unread, (text,) = listed(tmp_path)
    assert (homes, unread) == ({}, set())
    assert words in text


def test_several_files_of_one_table_are_all_listed(tmp_path: Path) -> None:
    for name in ("demand.csv", "demand.parquet", "sites.csv"):
        (tmp_path / name).touch()
    homes, _, texts = listed(tmp_path)
    assert homes == {
        "sites": ["sites.csv"],
        "demand": ["demand.csv", "demand.parquet"],
    }  # in the order of the dictionary
    assert texts == []


def test_folders_in_the_place_of_files(tmp_path: Path) -> None:
    for name in ("sites.csv", "study.toml", "maps", "demand", "markets"):
        (tmp_path / name).mkdir()
    (tmp_path / "demand" / "2027.csv").touch()
    homes, unread, texts = listed(tmp_path)
    assert homes == {}
    assert unread == {"sites", "study.toml", "demand"}
    assert [text.split(":")[0] for text in texts] == ["sites.csv", "study.toml", "demand"]
    assert "is a folder of the name of a table (it holds 2027.csv)" in texts[2]


@pytest.mark.skipif(os.name == "nt", reason="links need rights")
def test_links_to_nothing_and_pipes(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").symlink_to(tmp_path / "gone.csv")
    os.mkfifo(tmp_path / "demand.csv")
    _, unread, texts = listed(tmp_path)
    assert unread == {"sites", "demand"}
    assert "sites.csv: is a link to" in texts[1]
    assert "demand.csv: is no file but a pipe" in texts[0]
    assert kind_of_file(tmp_path / "demand.csv") == "a pipe"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert kind_of_file(tmp_path / "loop").startswith("a link that cannot be followed")
    assert kind_of_file(tmp_path / "nothing") == ""


@pytest.mark.parametrize(
    ("names", "near"),
    [(["stduy.toml", "sites.csv"], "stduy.toml"), (["study.tml"], "study.tml"), (["sites.csv"], ""), ([], "")],
)
def test_a_file_that_may_be_meant_for_the_settings(names: list[str], near: str) -> None:
    assert near_settings(names) == near
