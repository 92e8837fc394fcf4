"""Files damaged at random, with a seed: every reader may refuse them, in the package's own words and none other."""

from __future__ import annotations

import io
import random
import sqlite3
import string
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from evsiting.errors import EvsitingError, EvsitingWarning
from evsiting.layers.freight.routing.readers import road_graph
from evsiting.study.files.csv_tables import read_csv
from evsiting.study.files.geo_tables import read_geofile
from evsiting.study.files.starter import new_study
from evsiting.study.files.xlsx.workbook import read_workbook
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from evsiting.study.settings import About, Settings
from evsiting.study.settings_file import parsed, validated
from evsiting.study.validation.tables import canonical_tables
from tests.torture.damage import ODD, Target, bytes_changed, words_changed
from tests.torture.layer_files import layer_targets


def part_changed(chance: random.Random, content: bytes) -> bytes:
    """Return an archive with one of its parts changed, or its own bytes."""
    if chance.random() < 0.15:
        return bytes_changed(chance, content)
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        names = [p.filename for p in old.infolist()]
        chosen = chance.choice([n for n in names if "sheet" in n] if chance.random() < 0.7 else names)
        for name in names:
            part = old.read(name)
            if name == chosen:
                if chance.random() < 0.05:
                    continue
                part = words_changed(chance, part)
            new.writestr(name, part)
    return target.getvalue()


def cells_changed(chance: random.Random, content: bytes) -> bytes:
    """Return a GeoPackage with cells, types or registered facts of its tables changed; or its bytes."""
    if chance.random() < 0.5:
        return bytes_changed(chance, content)
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        for _ in range(chance.choice((1, 1, 3))):
            table = chance.choice(("sites", "sites", "gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"))
            with suppress(sqlite3.Error, UnicodeEncodeError):
                column = chance.choice(base.execute(f"PRAGMA table_info({table})").fetchall())[1]
                value = chance.choice((*ODD, None, 2**60, -1, 0.1, chance.randbytes(20), True))
                where = "" if chance.random() < 0.3 else f"WHERE rowid = {chance.randrange(1, 8)}"
                base.execute(f'UPDATE "{table}" SET "{column}" = ? {where}', (value,))
        base.commit()
        return bytes(base.serialize())


def columns_changed(chance: random.Random, content: bytes) -> bytes:
    """Return a Parquet file with columns of other types and names; or its bytes."""
    if chance.random() < 0.5:
        return bytes_changed(chance, content)
    frame = pd.read_parquet(io.BytesIO(content))
    for _ in range(chance.choice((1, 2, 3))):
        column = chance.choice(list(frame.columns))
        odd = (
            *([v] * len(frame) for v in ([1], {"a": 1}, b"\xff", b"ab", 2**62, True, None, 1.5, pd.Timestamp(0))),
            [chance.choice(ODD).encode("utf-8", "replace").decode() for _ in range(len(frame))],
        )  # fmt: skip
        frame[column] = pd.Series(list(chance.choice(odd)), index=frame.index)
        if chance.random() < 0.3:
            frame = frame.rename(columns={column: chance.choice(string.ascii_letters + "é") * chance.randrange(1, 9)})
    target = io.BytesIO()
    frame.loc[:, ~frame.columns.duplicated()].to_parquet(target)
    return target.getvalue()


def _table(read: Callable[[Path, object, Findings], pd.DataFrame | None]) -> Callable[[Path], object]:
    """Return a reader of one table of sites, with all the checks that a study's tables get."""

    def run(path: Path) -> object:
        found = Findings()
        frame = read(path, TABLES["sites"], found)
        if frame is not None:
            canonical_tables(Settings(study=About(name="x")), {"sites": frame}, found, unread=set(TABLES) - {"sites"})
        found.close()
        return frame

    return run


def _settings(path: Path) -> object:
    found = Findings()
    text = path.read_bytes().decode("utf-8", "replace")
    raw = parsed(text, "study.toml", found)
    if raw is not None:
        validated(raw, "study.toml", found)
    found.close()
    return raw


def _workbook(path: Path) -> object:
    found = Findings()
    raw, tables, unread = read_workbook(path, found)
    settings = Settings(study=About(name="x"))
    if raw is not None:
        settings, _ = validated(raw, "settings", found)
    canonical_tables(settings, tables, found, unread=unread)
    found.close()
    return tables


def _net(path: Path) -> object:
    return road_graph(path)


def targets(folder: Path) -> list[Target]:
    """Return a sound file of each kind with what reads it."""
    study = new_study(folder / "study")
    book = new_study(folder / "study.xlsx")
    flat = pd.read_csv(study / "sites.csv", dtype=str)
    points = gpd.points_from_xy(flat["lon"].astype(float), flat["lat"].astype(float))
    sites = gpd.GeoDataFrame(flat.drop(columns=["lat", "lon"]), geometry=points, crs="EPSG:4326")
    sites["wage_usd_per_h"] = 20.5
    ends = [(-90.0 + 0.1 * k, 35.0 + 0.01 * (k % 3)) for k in range(8)]
    lines = [shapely.LineString(ends[k : k + 2]) for k in range(7)]
    roads = gpd.GeoDataFrame({"oneway": ["yes", "no"] * 3 + [""]}, geometry=lines, crs="EPSG:4326")
    sites.to_file(folder / "sites.gpkg", layer="sites")
    sites.to_parquet(folder / "sites.parquet")
    roads.to_file(folder / "roads.gpkg", layer="roads")
    roads.to_parquet(folder / "roads.parquet")
    nodes = "".join(
        f'<node id="{k}"><data key="x">{x}</data><data key="y">{y}</data></node>' for k, (x, y) in enumerate(ends)
    )
    edges = "".join(f'<edge source="{k}" target="{k + 1}"><data key="l">9000</data></edge>' for k in range(7))
    keys = "".join(
        f'<key id="{i}" for="{on}" attr.name="{name}" attr.type="double"/>'
        for i, on, name in (("x", "node", "x"), ("y", "node", "y"), ("l", "edge", "length"))
    )
    graph = (
        '<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        f'{keys}<graph edgedefault="directed">{nodes}{edges}</graph></graphml>'
    )
    table = _table(read_geofile)
    return [
        *layer_targets(folder),
        Target("sites.csv", (study / "sites.csv").read_bytes(), words_changed, _table(read_csv), 20),
        Target("study.toml", (study / "study.toml").read_bytes(), words_changed, _settings, 20),
        Target("sites.geojson", sites.to_json(drop_id=True).encode(), words_changed, table, 16),
        Target("sites.gpkg", (folder / "sites.gpkg").read_bytes(), cells_changed, table, 10),
        Target("sites.parquet", (folder / "sites.parquet").read_bytes(), bytes_changed, table, 8),
        Target("flat.parquet", _flat(flat), columns_changed, table, 10),
        Target("study.xlsx", book.read_bytes(), part_changed, _workbook, 4),
        Target("roads.graphml", graph.encode(), words_changed, _net, 4),
        Target("roads.geojson", roads.to_json().encode(), words_changed, _net, 4),
        Target("roads.gpkg", (folder / "roads.gpkg").read_bytes(), bytes_changed, _net, 2),
        Target("roads.parquet", (folder / "roads.parquet").read_bytes(), bytes_changed, _net, 2),
    ]


def _flat(flat: pd.DataFrame) -> bytes:
    target = io.BytesIO()
    flat.to_parquet(target)
    return target.getvalue()


def faults(folder: Path, seed: int, executions: int) -> Iterator[tuple[str, int, str]]:
    """Damage and read files; yield kind, number and what another library said, or leaked, for each that was not told.

    The files of a seed are the same in every run; the number makes one again: ``random.Random(f"{seed} {number}")``.
    """
    every = targets(folder)
    shares = [target.share for target in every]
    for number in range(executions):
        chance = random.Random(f"{seed} {number}")
        target = chance.choices(every, shares)[0]
        path = folder / "damaged" / target.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(target.damaged(chance, target.content))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                target.read(path)
            except EvsitingError as error:
                odd = [c for c in str(error) if not c.isprintable() and c not in "\n\t\u00a0\u3000\u2009\u202f"]
                if odd:
                    yield target.name, number, f"raw characters in a message: {odd[:5]!r}"
            except Exception as error:
                place = error.__traceback__
                while place is not None and place.tb_next is not None:
                    place = place.tb_next
                where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else ""
                yield target.name, number, f"{type(error).__name__}: {str(error)[:100]} ({where})"
        for one in told:
            if not issubclass(one.category, EvsitingWarning):
                yield target.name, number, f"leaked {one.category.__name__}: {str(one.message)[:100]}"
