"""Checks across tables, and at last whether any plan can serve the demand."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from evsiting import reference
from evsiting.study.check_results import CheckResult, CheckRun
from evsiting.study.findings import Findings, count
from evsiting.study.lists import explode_lists
from evsiting.study.schema.tables import QUALITIES, TABLES
from evsiting.study.validation.dates import check_dates
from evsiting.study.validation.limits import check_limits, check_partners
from evsiting.study.validation.magnitudes import look_at_magnitudes
from evsiting.study.validation.names import check_codes, check_names, check_regions, way_out
from evsiting.study.validation.places import check_points
from evsiting.study.validation.plants import check_cycles, check_plants
from evsiting.study.validation.programs import check_earned, check_policy
from evsiting.study.validation.reachability import look_at_reach
from evsiting.study.validation.recipes import check_recipes
from evsiting.study.validation.scenarios import check_scenarios
from evsiting.study.validation.supply import check_supply
from evsiting.study.validation.trade import check_trade, warn_duty_free_imports


def check_across(
    tables: Mapping[str, pd.DataFrame],
    findings: Findings,
    unread: Collection[str] = (),
    results: dict[str, CheckResult] | None = None,
) -> None:
    """Note every contradiction between tables.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form, with the index of what was read.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    results : dict of str to CheckResult, optional
        What checks have found of these very tables before: they are not run again. Results of the others are put in.
    """
    clean = not findings
    run = CheckRun(tables, findings, unread, {} if results is None else results)
    run.look("flags", lambda those, noted, _: _check_flags(those, noted))
    run.look("names", check_names)
    run.look("codes", lambda those, noted, _: check_codes(those, noted))
    run.look("regions", lambda those, noted, _: check_regions(those, noted))
    run.look("points", lambda those, noted, _: check_points(those, noted))
    run.look("dates", lambda those, noted, _: check_dates(those, noted))
    run.look("demand by period", lambda those, noted, _: _check_demand_periods(those, noted))
    run.look("policy", check_policy)
    run.look("limits", check_limits)
    run.look("partners", check_partners)
    run.look("trade", check_trade)
    run.look("plants", check_plants)
    run.look("recipes", check_recipes)
    if not findings and not unread:
        run.look("credits", lambda those, noted, _: check_earned(those, noted))
        run.look("imports without duty", lambda those, noted, _: warn_duty_free_imports(those, noted))
    run.look("provenance", lambda those, noted, _: _check_provenance(those, noted))
    run.look("cycles", lambda those, noted, _: check_cycles(those, noted))  # what goes into itself is a finding
    run.look("scenarios", check_scenarios)
    if clean and not findings and not unread:
        look_at_reach(run)
        run.look("supply", lambda those, noted, _: check_supply(those, noted))
        look_at_magnitudes(run)


def _check_demand_periods(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse demand that is given for every period and for one of them as well."""
    if "demand" not in tables:
        return
    frame = tables["demand"].dropna(subset=["market", "product"])
    named = pd.MultiIndex.from_frame(frame[["market", "product"]])
    always = frame["period"].isna()
    some = frame[~always & named.isin(named[always])]
    if len(some):
        findings.table(
            findings.where("demand", "market", "product", "period"),
            f"{count(len(some), len(tables['demand']), 'row')} for a period of what another row gives for every period",
            findings.rows("demand", some["market"] + "|" + some["product"] + "|" + some["period"]),
            "Give either one row with an empty period, or a row for each period",
        )


def _check_provenance(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse provenance that names tables, columns or sources that do not exist."""
    if "provenance" not in tables or not len(tables["provenance"]):
        return
    frame = tables["provenance"]
    known = set(TABLES) | {"settings", "*"}
    bad = frame["table"][frame["table"].notna() & ~frame["table"].isin(known)]
    if len(bad):
        findings.study(
            findings.where("provenance", "table"),
            f"{count(len(bad), len(frame), 'name')} no table of a study",
            findings.rows("provenance", bad),
            way_out(bad.unique(), known, "the tables of the data dictionary"),
        )
    wrong = pd.Series(
        [
            t in tables and c != "*" and c not in tables[t].columns
            for t, c in frame[["table", "column"]].itertuples(index=False)
        ],
        index=frame.index,
        dtype=bool,
    )
    wrong &= frame["column"].notna()
    for name, group in frame[wrong].groupby("table"):
        findings.study(
            findings.where("provenance", "column"),
            f"{count(len(group), len(frame), 'name')} no column of {name}",
            findings.rows("provenance", group["column"]),
            way_out(group["column"].unique(), set(map(str, tables[str(name)].columns)), f"table {name!r}"),
        )
    without = frame["source"].isna() & (frame["quality"] != "assumption") & frame["quality"].isin(QUALITIES)
    if without.any():
        findings.table(
            findings.where("provenance", "source"),
            f"{count(int(without.sum()), len(frame))} empty",
            findings.rows("provenance", frame["table"][without] + "|" + frame["column"][without]),
            "Name a source, or call the quality assumption",
        )
    ids = set(tables["sources"]["id"].dropna()) if "sources" in tables else set()
    ids |= set(reference.sources()["id"])
    cited = explode_lists(frame["source"])
    lost = cited[~cited.isin(ids)]
    if len(lost):
        findings.study(
            findings.where("provenance", "source"),
            f"{count(len(lost), len(cited), 'source')} not in {findings.where('sources', 'id')}",
            findings.rows("provenance", lost),
            way_out(lost.unique(), ids, findings.where("sources", "id")),
        )


#: Columns that say yes or no.
_FLAGS = (("options", "at_once"), ("suppliers", "foreign_entity"), ("sites", "right_to_work"))


def _check_flags(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse figures between 0 and 1 where a column says yes or no."""
    for name, column in _FLAGS:
        if column in tables.get(name, ()):
            cells = tables[name][column]
            half = cells.gt(0.0) & cells.lt(1.0)  # what is outside has been told
            if half.any():
                findings.table(
                    findings.where(name, column),
                    f"{count(int(half.sum()), len(cells))} neither 0 nor 1",
                    findings.rows(name, cells[half].map("{:g}".format)),
                    "Give 1 for yes, 0 or nothing for no",
                )
