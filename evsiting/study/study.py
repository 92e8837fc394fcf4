"""Study: everything known about the question, frozen once read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import cache, cached_property
from html import escape
from typing import Any

import geopandas as gpd
import pandas as pd
from pandas.api import types

from evsiting.errors import InputError, Problem, shown
from evsiting.study.canonical.points import CRS
from evsiting.study.check_results import CheckResult, unchanged_results
from evsiting.study.findings import Findings
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.provenance import listing
from evsiting.study.schema.tables import TABLES
from evsiting.study.settings import Settings
from evsiting.study.settings_file import validated
from evsiting.study.validation.cross_table import check_across
from evsiting.study.validation.tables import checked_tables

__all__ = ["CRS", "Study", "promised"]


def _as_text(values: pd.Series) -> list[str]:
    """Return a column as text that tells any two values apart; empty where the value is missing."""
    if types.is_numeric_dtype(values.dtype):
        numbers = values.astype("float64").tolist()
        return ["" if v != v else repr(v + 0.0) for v in numbers]  # minus zero is zero
    return ["" if isinstance(v, float) or v is None else str(v) for v in values.tolist()]


def _table_text(name: str, frame: pd.DataFrame) -> bytes:
    """Return a table as text, in whatever order its rows and columns are; nothing where it has no rows."""
    if not len(frame):
        return b""
    flat = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if "geometry" in frame:
        flat["lon"], flat["lat"] = frame.geometry.x.round(9), frame.geometry.y.round(9)
    flat = flat[sorted(flat.columns)]
    rows = sorted(map("\x1f".join, zip(*(_as_text(flat[c]) for c in flat), strict=True)))
    return "\x1e".join([name, *map(str, flat.columns), *rows]).encode()


@cache
def _without_rows(name: str) -> pd.DataFrame:
    """Return an empty table; to be copied, for making one takes long."""
    kinds = {"text": "str", "number": "float64", "integer": "int64"}
    frame = pd.DataFrame({c.name: pd.Series(dtype=kinds[c.dtype]) for c in TABLES[name].columns})
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs=CRS), crs=CRS) if TABLES[name].geometry else frame


class Study:
    """Tables and settings of one siting question; never changed, only copied with changes.

    Use :func:`evsiting.read_study`, :func:`evsiting.example` or :meth:`Study.from_tables` to make one: they check
    everything and complete default values. Each table is an attribute (``study.sites``) that returns a fresh frame.

    Parameters
    ----------
    settings : Settings
        What ``study.toml`` holds.
    tables : mapping of str to pandas.DataFrame
        Checked tables with canonical columns; those with points are GeoDataFrames in EPSG:4326.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("north-america")
    >>> len(study.sites) > 100
    True
    """

    settings: Settings
    _tables: dict[str, pd.DataFrame]
    #: Whether each table has been checked by itself; layers and hands may have made one that has not.
    _sound: bool = False
    #: What checks across its tables have found, by the name of the check; those that it lacks have yet to be run.
    _results: dict[str, CheckResult]
    #: What tables add to the digest, by name: studies that share a table share it.
    _texts: dict[str, bytes]

    def __init__(self, settings: Settings, tables: Mapping[str, pd.DataFrame]) -> None:
        object.__setattr__(self, "settings", settings)
        object.__setattr__(self, "_tables", {name: tables[name].copy() for name in TABLES if name in tables})
        object.__setattr__(self, "_results", {})
        object.__setattr__(self, "_texts", {})

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"a Study is frozen; use study.with_table(...) or study.with_settings(...) to change {name!r}"
        raise AttributeError(msg)

    @classmethod
    def from_tables(cls, settings: Settings, tables: Mapping[str, pd.DataFrame]) -> Study:
        """Return a study from data frames, after all checks.

        Parameters
        ----------
        settings : Settings
            At least ``Settings(study=About(name=...))``.
        tables : mapping of str to pandas.DataFrame
            Frames by table name; column headers may carry units; points as geometry or as ``lat`` and ``lon``.

        Returns
        -------
        Study
            Checked, with defaults filled in.

        Raises
        ------
        InputError
            Listing every problem of every table.
        """
        results: dict[str, CheckResult] = {}
        return as_checked(cls(settings, checked_tables(settings, tables, results=results)), results)

    def __getattr__(self, name: str) -> Any:
        if name in TABLES and "_tables" in self.__dict__:
            return self.table(name)
        msg = f"a Study has no attribute {name!r}; its tables are {', '.join(TABLES)}"
        raise AttributeError(msg)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *TABLES})

    def __getstate__(self) -> dict[str, Any]:
        """Return what a study is, without what has been worked out of it; its digest takes long and goes along."""
        return {
            name: self.__dict__[name] for name in ("settings", "_tables", "_sound", "digest") if name in self.__dict__
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _results={}, _texts={})

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Study) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)

    def table(self, name: str) -> Any:
        """Return a copy of one table (a GeoDataFrame where it has points); an empty one where the study leaves it out.

        Parameters
        ----------
        name : str
            A name of :data:`evsiting.study.schema.tables.TABLES`.

        Raises
        ------
        KeyError
            If no table has that name.
        """
        if name not in TABLES:
            msg = f"no table {name!r}; choose from {shown(TABLES, 20)}"
            raise KeyError(msg)
        if name in self._tables:
            return self._tables[name].copy()
        return _without_rows(name).copy()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Copies of every table that the study has, by name."""
        return {name: frame.copy() for name, frame in self._tables.items()}

    def has(self, name: str) -> bool:
        """Whether the study has a table of that name with at least one row."""
        return name in self._tables and len(self._tables[name]) > 0

    def with_table(self, name: str, frame: pd.DataFrame) -> Study:
        """Return a copy of the study with one table replaced, after all checks.

        Raises
        ------
        InputError
            If the tables no longer fit together.
        """
        return with_changed_tables(self, {**self._tables, name: frame}, known=self._tables.keys() - {name})

    def with_settings(self, **sections: Mapping[str, object]) -> Study:
        """Return a copy of the study with settings changed.

        Parameters
        ----------
        **sections : mapping
            Values to change by section, as in ``study.with_settings(money={"discount_rate": 0.1})``.

        Raises
        ------
        InputError
            Listing every key that is unknown and every value that is out of range; or if the price year would change
            under tables that are in its prices.
        """
        raw, findings = self.settings.model_dump(), Findings()
        for section, values in sections.items():
            if isinstance(values, Mapping):
                raw[section] = {**raw.get(section, {}), **values}
            else:
                fix = f"Give keys and values, such as {section}={{...}}"
                findings.file(f"with_settings, section {section!r}", "is no mapping", repr(values)[:100], fix)
        settings, _ = validated(raw, "with_settings", findings)
        findings.close()
        if settings.money.price_year != self.settings.money.price_year:
            problem = Problem(
                "money.price_year",
                "cannot be changed: the tables are already in its prices",
                f"{self.settings.money.price_year} to {settings.money.price_year}",
                "Change it in study.toml and read the study again, with price years in the headers",
            )
            raise InputError([problem])
        changed = Study(settings, self._tables)
        changed._texts.update(self._texts)
        return as_checked(changed, self._results) if self._sound else changed

    @cached_property
    def digest(self) -> str:
        """SHA-256 over settings and tables; it does not depend on the order of rows or of columns."""
        mill = hashlib.sha256()
        raw = self.settings.model_dump(mode="json", exclude={"solve"})
        mill.update(json.dumps(raw, sort_keys=True).encode())
        for name in sorted(self._tables):
            if name not in self._texts:
                self._texts[name] = _table_text(name, self._tables[name])
            mill.update(self._texts[name])
        return mill.hexdigest()

    @cached_property
    def plain(self) -> Study:
        """The study without the user's own columns, for sums: none of them can stand in for a figure made on the way.

        It answers to the digest of the whole study.
        """
        made = {
            name: frame[[c for c in frame.columns if c in _columns_of(name)]] for name, frame in self._tables.items()
        }
        if all(len(made[name].columns) == len(frame.columns) for name, frame in self._tables.items()):
            return self
        plain = as_checked(Study(self.settings, made)) if self._sound else Study(self.settings, made)
        plain.__dict__.update(digest=self.digest, plain=plain, whole=self)
        return plain

    @cached_property
    def whole(self) -> Study:
        """The study with the user's own columns, where this is its :attr:`plain` form; else itself."""
        return self

    @property
    def sources(self) -> pd.DataFrame:
        """Every group of figures with where it comes from; ``assumption`` where nothing is known of it.

        Returns
        -------
        pandas.DataFrame
            Columns ``table``, ``column``, ``unit``, ``rows``, ``values``, ``quality``, ``source``, ``title``, ``year``,
            ``licence``, ``note``; assumptions first.
        """
        return listing(self._tables)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{len(frame)} {name}"
            for name, frame in self._tables.items()
            if name not in ("provenance", "sources", "parameters")
        )
        return f"Study {self.settings.study.name!r} ({counts}; digest {self.digest[:12]})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{name}</td><td style='text-align:right'>{len(frame):,}</td><td>{escape(TABLES[name].meaning)}"
            "</td></tr>"
            for name, frame in self._tables.items()
        )
        return (
            f"<b>{escape(self.settings.study.name)}</b><br>{escape(self.settings.study.question)}<table><tr><th>table</th>"
            f"<th>rows</th><th>meaning</th></tr>{rows}</table><small>digest {self.digest[:12]}</small>"
        )


def _columns_of(table: str) -> set[str]:
    """Return the columns that the data dictionary gives to a table, its points with them."""
    return {c.name for c in TABLES[table].columns} | ({"geometry"} if TABLES[table].geometry else set())


def with_changed_tables(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    *,
    known: Collection[str] | None = None,
    settings: Settings | None = None,
) -> Study:
    """Return a study with tables in place of its own, after all checks; a table that is as it was is not read anew.

    Parameters
    ----------
    study : Study
        Such as they were.
    tables : mapping of str to pandas.DataFrame
        All tables of the new study.
    known : collection of str, optional
        Those that are as they were; looked for where left out.
    settings : Settings, optional
        Where the new study has another name or question; all else must be as it was.

    Raises
    ------
    InputError
        Listing every problem of every table.
    """
    settings = settings or study.settings
    old = study._tables if study._sound else {}
    if known is None:
        known = {name for name, frame in tables.items() if name in old and frame.equals(old[name])}
    known = set(known) & old.keys()
    changed = (old.keys() | tables.keys()) - known
    same_names = old.keys() == tables.keys()
    results = unchanged_results(study._results, changed, same_names=same_names)
    made = Study(settings, checked_tables(settings, tables, known=known, results=results))
    made._texts.update({name: text for name, text in study._texts.items() if _is_shared(name, study, made)})
    if study._sound:  # of tables that both have, they hold for both
        study._results.update(unchanged_results(results, changed, same_names=same_names))
    return as_checked(made, results)


def _is_shared(name: str, one: Study, other: Study) -> bool:
    """Whether a table is the same in two studies, to the last cell."""
    return name in other._tables and bool(one._tables[name].equals(other._tables[name]))


def odd_across_tables(study: Study) -> list[str]:
    """Return what checks across the tables of a study tell as odd but legal."""
    findings = Findings()
    check_across(study._tables, findings, results=study._results)
    return findings.warnings


def as_checked(study: Study, results: Mapping[str, CheckResult] | None = None) -> Study:
    """Return the study itself, its tables marked as those of ``checked_tables``, with what checks found across them."""
    object.__setattr__(study, "_sound", True)
    object.__setattr__(study, "_results", dict(results or {}))
    return study


def offered_objectives(study: Study) -> tuple[str, ...]:
    """Return the objectives that say something of a study: late units only where demand has a promised time.

    Examples
    --------
    >>> import evsiting as ev
    >>> "late" in offered_objectives(ev.example("starter"))
    False
    """
    return tuple(
        name
        for name, kind in OBJECTIVES.items()
        if kind.need is None or study.table(kind.need.table)[kind.need.column].notna().any()
    )


def promised(study: Study) -> bool:
    """Whether some demand of a study has a promised delivery time; only then can anything be late."""
    return bool(study.demand["promise_h"].notna().any())
