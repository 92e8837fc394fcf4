"""What was asked about the plan: other sets of sites, what forced decisions cost, where the answer flips."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from evsiting.report.headline import join_words, names
from evsiting.report.html.blocks import Cell, Column, Grid, Section, number, percent, without_empty_columns, words
from evsiting.report.html.section_comparison import comparison
from evsiting.report.html.section_moved import robustness, what_moves
from evsiting.report.ledger_items import item_name
from evsiting.report.number_format import digits, format_objective, format_percent
from evsiting.results.decisions.decision_tables import DecisionTables
from evsiting.results.plan import Plan
from evsiting.results.record.differences import difference
from evsiting.study.lists import split_list
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study

__all__ = ["decision_sections", "nearly_as_good"]

#: Most other sets of sites in the box beside the headline.
MOST = 5
#: Names in one cell; the hover tells all.
_SHOWN = 4
#: Cost items below this part of the largest difference are left out of a table of differences.
_SMALL = 1e-3
#: Columns of such a table that tell of one place.
_PLACES = {"here": "at what was forced", "rival": "at the nearest rival"}
_WITHIN = {"yes": "good", "no": "muted", "not proven": ""}


def nearly_as_good(study: Study, plan: Plan, decisions: DecisionTables | None) -> list[dict[str, str]]:
    """Return the best other sets of sites for the box beside the headline: what changes, by how much, how sure.

    Parameters
    ----------
    study, plan : Study, Plan
        The study and the plan of the page.
    decisions : DecisionTables, optional
        What was asked about a plan; of another plan it is not shown.
    """
    if decisions is None or not decisions.is_of(plan) or "alternatives" not in decisions.tables:
        return []
    own, name = names(study, "sites"), decisions.objective_name
    rows = decisions.tables["alternatives"]
    rows = rows[rows["name"].astype(str).str.startswith("alternative")].head(MOST)
    entries = []
    for row in rows.to_dict("records"):
        least = float(row["least_difference"])
        proof = "within the gap: not proven which is better"
        if row["against_base"] == "dearer":
            proof = f"proven: by {_amount(name, least)} at least"
        elif row["against_base"] == "cheaper":
            proof = "better than the plan of this page"
        share = abs(row["difference"]) / (abs(decisions.objective) or 1.0)
        word = _worse(name) if row["difference"] >= 0.0 else _better(name)
        by = f"{_amount(name, abs(row['difference']))} {word} ({format_percent(share)})"
        entries.append({"sites": _exchange(own, row), "by": by, "proof": proof})
    return entries


def decision_sections(study: Study, plan: Plan, decisions: DecisionTables | None) -> list[Section]:
    """Return *Alternatives*, *Why not here?*, *What moves the answer*, *Robustness* and *Comparison*, as asked for.

    Parameters
    ----------
    study, plan, decisions
        As in :func:`nearly_as_good`.
    """
    if decisions is None:
        return []
    asked, mine = decisions.tables, decisions.is_of(plan)
    sections = []
    if "alternatives" in asked:
        lead = (
            "Other sets of sites, each with its best plan. Differences are to the plan of this page; what is proven "
            f"holds for every plan with these sites. Within the slack: no more than {format_percent(decisions.slack)} "
            "worse."
        )
        if decisions.complete:
            lead += " It is proven that no other set of sites is within it."
        blocks = [_others(study, decisions), _sites(study, decisions)] if mine else []
        sections.append(Section("alternatives", "Alternatives", "Alternatives", lead, [*blocks]))
    if "why_not" in asked or "break_even" in asked:
        lead = (
            "What the best plan is worse by where a decision is forced or forbidden, between what is proven; and the "
            "values at which the answer flips, proven on both sides."
        )
        blocks = [b for b in (_forced(study, decisions), *_ledgers(study, decisions), _flips(study, decisions)) if b]
        sections.append(Section("why-not", "Why not here?", "Why not here?", lead, [*blocks] if mine else []))
    made = (make(study, decisions) for make in (what_moves, robustness, comparison))
    sections += [section if mine else replace(section, blocks=[]) for section in made if section is not None]
    return sections


def _others(study: Study, decisions: DecisionTables) -> Grid:
    own, name = names(study, "sites"), decisions.objective_name
    rows = decisions.tables["alternatives"]
    grid = []
    for row in rows[rows["name"] != "base"].to_dict("records"):
        opens, drops = (_named(own, row[c]) for c in ("opens", "drops"))
        grid.append(
            [
                words(str(row["name"])),
                words(join_words(opens, _SHOWN) if opens else "", ", ".join(opens)),
                words(join_words(drops, _SHOWN) if drops else "", ", ".join(drops)),
                _difference(name, row["difference"]),
                percent(row["difference"] / (abs(decisions.objective) or 1.0)),
                _difference(name, row["least_difference"]),
                words(
                    {"dearer": _worse(name), "cheaper": _better(name)}.get(
                        str(row["against_base"]), str(row["against_base"])
                    )
                ),
                words(str(row["within"]), mark=_WITHIN.get(str(row["within"]), "")),
            ]
        )
    unit = OBJECTIVES[name].unit_words if name in OBJECTIVES else ""
    columns = (
        Column("Plan", text=True), Column("Opens", text=True), Column("Leaves out", text=True),
        Column("Worse by", unit),
        Column("Part"), Column("Proven: at least", unit), Column("Against this plan", text=True),
        Column("Within the slack", text=True),
    )  # fmt: skip
    return Grid("Other sets of sites", columns, grid)


def _sites(study: Study, decisions: DecisionTables) -> Grid:
    own = names(study, "sites")
    table = decisions.tables.get("alternative_sites", pd.DataFrame())
    grid = []
    for row in table.to_dict("records"):
        has = bool(row["in_base"])
        grid.append(
            [
                words(own.get(str(row["site"]), str(row["site"])), str(row["site"])),
                words("built" if has else "not built"),
                words(str(row["within"]), mark={"must": "good", "never": "muted"}.get(str(row["within"]), "")),
                percent(float(row["slack_low"])),
                percent(float(row["slack_high"])),
            ]
        )
    columns = (
        Column("Site", text=True), Column("In this plan", text=True), Column("Within the slack it opens", text=True),
        Column("Not before a slack of"), Column("At the latest from"),
    )  # fmt: skip
    lead = "From which slack on a site that is not built may open, or one that is built may be left out."
    return Grid("Sites that every good plan has, some have, none has", columns, grid, lead)


def _forced(study: Study, decisions: DecisionTables) -> Grid | None:
    if "why_not" not in decisions.tables:
        return None
    own, name = names(study, "sites"), decisions.objective_name
    grid = []
    for row in decisions.tables["why_not"].to_dict("records"):
        rival = str(row["rival"])
        none = isinstance(row["message"], str) and row["message"]
        grid.append(
            [
                words(_question(own, str(row["question"]))),
                _difference(name, row["low"]),
                _difference(name, row["high"]),
                words("no plan keeps it" if none else _proof(row, decisions), str(row["message"])),
                words(own.get(rival, rival), rival),
            ]
        )
    unit = OBJECTIVES[name].unit_words if name in OBJECTIVES else ""
    columns = (
        Column("Forced", text=True), Column("Worse by at least", unit), Column("At most", unit), Column("", text=True),
        Column("Nearest rival", text=True),
    )  # fmt: skip
    return Grid("Decisions that were forced", columns, grid)


def _proof(row: Mapping[Hashable, Any], decisions: DecisionTables) -> str:
    """Return what is proven of a forced decision."""
    if difference(float(row["objective"]), decisions.objective) < 0.0:
        return "better than the plan of this page"
    return "proven" if str(row["proven"]) == "True" else "within the gap"


def _ledgers(study: Study, decisions: DecisionTables) -> list[Grid]:
    table = decisions.tables.get("why_not_ledger")
    if table is None or not len(table):
        return []
    own, grids = names(study, "sites"), []
    heads = {"difference": "Difference", "base": "This plan", "forced": "Forced plan", "here": "Forced plan, there",
             "rival": "This plan, rival"}  # fmt: skip
    for question, rows in table.groupby("question", sort=False):
        large = rows["difference"].abs() >= _SMALL * rows["difference"].abs().max()
        shown_columns = [c for c in heads if c not in _PLACES or rows[c].any()]  # what is forbidden costs nothing there
        grid = [
            [words(item_name(str(row["item"]))), *(_difference("cost", row[c]) for c in shown_columns)]
            for row in rows[large].to_dict("records")
        ]
        places = [_PLACES[c] for c in shown_columns if c in _PLACES]
        lead = f"Items of cost at present value, of both plans whole{f', {join_words(places, 2)}' if places else ''}."
        columns = (Column("Cost item", text=True), *(Column(heads[c]) for c in shown_columns))
        grids.append(Grid(f"Where the cost differs: {_question(own, str(question))}", columns, grid, lead))
    return grids


def _flips(study: Study, decisions: DecisionTables) -> Grid | None:
    if "break_even" not in decisions.tables:
        return None
    own = names(study, "sites")
    grid = []
    for row in decisions.tables["break_even"].to_dict("records"):
        site, kind, unit = str(row["site"]), row["plant_type"], str(row["unit"])
        decision = str(row.get("decision") or "")
        plant = (
            _question(own, decision)
            if decision
            else f"{own.get(site, site)}{f', {kind}' if isinstance(kind, str) and kind else ''}"
        )
        figures = [float(row[c]) for c in ("today", "out_at", "in_at")]
        cells = [number(v, digits(v, 4) if v else "0", unit) for v in figures]
        grid.append(
            [words(plant, site), words(str(row["what"]).replace("_", " ")), words(unit), *cells, words(_note(row))]
        )
    columns = (
        Column("What", text=True), Column("Figure", text=True), Column("Unit", text=True), Column("Today"),
        Column("Not in the best plan at"), Column("In it at"), Column("Remark", text=True),
    )  # fmt: skip
    return without_empty_columns(Grid("Where the answer flips", columns, grid))


def _note(row: dict[Any, Any]) -> str:
    note = row.get("note")
    return note if isinstance(note, str) else ""


def _question(own: dict[str, str], question: str) -> str:
    """Return what was forced with names in place of codes."""
    head, blank, rest = question.rpartition(" ")
    place, slash, more = rest.partition("/")
    return f"{head}{blank}{own.get(place, place)}{slash}{more}"


def _named(own: dict[str, str], cell: object) -> list[str]:
    return [own.get(code, code) for code in split_list(cell)]


def _exchange(own: dict[str, str], row: dict[Any, Any]) -> str:
    """Return what a set of sites has and has not, against the plan of the page."""
    opens, drops = (_named(own, row[c]) for c in ("opens", "drops"))
    if opens and drops:
        return f"{join_words(opens, _SHOWN)} instead of {join_words(drops, _SHOWN)}"
    return f"with {join_words(opens, _SHOWN)} as well" if opens else f"without {join_words(drops, _SHOWN)}"


def _worse(name: str) -> str:
    return "dearer" if name == "cost" else "worse"


def _better(name: str) -> str:
    return "cheaper" if name == "cost" else "better"


def _amount(name: str, value: float) -> str:
    """Return an amount of an objective; of weights the number alone."""
    return format_objective(name, value, 3) if name in OBJECTIVES else digits(value)


def _difference(name: str, value: float) -> Cell:
    """Return by how much an objective is worse as a cell; with a minus where it is better."""
    if not math.isfinite(float(value)):
        return words("")
    unit = OBJECTIVES[name].unit_words if name in OBJECTIVES else ""
    size = _amount(name, abs(float(value)))
    return number(float(value), f"−{size}" if value < 0.0 else size, unit)
