"""How far the answer depends on uncertain figures: what moves it, and how often each site is chosen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from evsiting.report.comparison_words import difference_words, interval_words
from evsiting.report.headline import join_words, kind_names, names
from evsiting.report.html.blocks import Bar, Column, Grid, Section, Segment, Stack, number, percent, words
from evsiting.report.number_format import digits, exact, format_objective, format_percent
from evsiting.results.decisions.decision_tables import DecisionTables
from evsiting.results.decisions.futures_table import strategies
from evsiting.study.lists import split_list
from evsiting.study.objectives import OBJECTIVES, least_is_best
from evsiting.study.study import Study

__all__ = ["robustness", "what_moves"]

#: Ranges in the chart of what moves the answer, and names in one cell of a table.
MOST_BARS = 15
_SHOWN = 3
_LOW, _HIGH = "low end of the range", "high end of the range"
#: What is told of an end that is not proven to differ.
DOUBT = "within the gaps"


def what_moves(study: Study, decisions: DecisionTables) -> Section | None:
    """Return the section on ranges that were moved one at a time; none where none were.

    Parameters
    ----------
    study : Study
        Complete.
    decisions : DecisionTables
        About the plan of the page.
    """
    if "tornado" not in decisions.tables:
        return None
    name = decisions.objective_name
    rows = [{**row, **{end: _change(name, row[end]) for end in ("low", "high")}} for row in
            decisions.tables["tornado"].to_dict("records")]  # fmt: skip
    lead = (
        f"By how much the {_spoken(name)} of the best plan changes where one figure is at the low "
        "or the high end of its range while all others stand as they are, the widest first. What two of them do "
        "together it does not say."
    )
    if doubts := _doubts(rows):
        lead = f"{lead} {doubts}"
    return Section(
        "tornado",
        "What moves it",
        "What moves the answer",
        lead,
        [_bars(decisions, rows), _ends(study, decisions, rows)],
    )


def _bars(decisions: DecisionTables, rows: list[dict[Any, Any]]) -> Stack:
    """Return a bar a range, from the objective at its low end to that at its high end, around the plan as it stands."""
    name, shown = decisions.objective_name, rows[:MOST_BARS]
    ends = [end for row in shown for end in (_number(row["low"]), _number(row["high"])) if math.isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    wide = (high - low) or 1.0

    def place(value: float) -> float:
        return 100.0 * (value - low) / wide

    bars = []
    for row in shown:
        drawn = []
        for group, word, end in (("low", _LOW, _number(row["low"])), ("high", _HIGH, _number(row["high"]))):
            if math.isfinite(end) and end:
                tip = f"{word}: {_signed(name, end)}"
                tip = f"{tip} ({proof})" if (proof := _proof(name, row, group)) else tip
                shade = f"{group} doubt" if _verdict(row, group) == DOUBT else group
                drawn.append(Segment(shade, place(min(0.0, end)), 100.0 * abs(end) / wide, tip))
        drawn.sort(key=lambda part: -part.width)  # where both ends lie on one side, the nearer one is in front
        swing = float(row["swing"])
        cell = number(swing, _amount(name, swing), _unit(name))
        ends_told = {_verdict(row, end) for end in ("low", "high")} - {""}
        note = "within the gaps" if ends_told == {DOUBT} else ""
        bars.append(Bar(str(row["name"]), drawn, place(0.0), cell, "; ".join(filter(None, (_factors(row), note)))))
    legend = [("low", _LOW), ("high", _HIGH)]
    legend += [("high doubt", "pale: within the gaps")] if _doubts(shown) else []
    return Stack("", bars, legend, place(0.0), mark="this plan")


def _factors(row: dict[Any, Any]) -> str:
    """Return the factors of a range in words."""
    low, high = (_number(row.get(f"{end}_factor", math.nan)) for end in ("low", "high"))
    return f"× {digits(low)} to {digits(high)}" if math.isfinite(low) and math.isfinite(high) else ""


def _ends(study: Study, decisions: DecisionTables, rows: list[dict[Any, Any]]) -> Grid:
    """Return both ends of each range, what of the swing is proven, and which sites change."""
    own, name = names(study, "sites"), decisions.objective_name
    grid = []
    for row in rows:
        note = row.get("note")
        cells = [words(str(row["name"]), note if isinstance(note, str) else ""), words(_factors(row))]
        for end in ("low", "high"):
            value = _number(row[end])
            text = "no plan" if not math.isfinite(value) else _signed(name, value)
            cells.append(number(value, text, _unit(name)) if math.isfinite(value) else words(text, mark="bad"))
            cells.append(words(_proof(name, row, end), mark="muted" if _verdict(row, end) == DOUBT else ""))
            cells.append(words(*_exchange(own, row, end)))
        proven = float(row["proven"])
        cells.append(number(proven, _amount(name, proven), _unit(name)))
        grid.append(cells)
    columns = (
        Column("Figure", text=True), Column("Times that of today", text=True), Column("At the low end"),
        Column("Proven at the low end", text=True), Column("Sites at the low end", text=True),
        Column("At the high end"), Column("Proven at the high end", text=True),
        Column("Sites at the high end", text=True), Column("Proven swing"),
    )  # fmt: skip
    lead = (
        "Proven: between these ends the difference of the best possible plans lies, whatever the gaps; within the gaps "
        "it may be none. Sites may change by no more than a gap."
    )
    return Grid("Both ends of each range", columns, grid, lead)


def _verdict(row: dict[Any, Any], end: str) -> str:
    """Return what is proven of an end in a word; nothing where there is no plan."""
    verdict = row.get(f"{end}_told")
    return verdict if isinstance(verdict, str) else ""


def _proof(name: str, row: dict[Any, Any], end: str) -> str:
    """Return between which ends the difference at an end lies by proof; nothing where there is no plan."""
    if not (verdict := _verdict(row, end)):
        return ""
    return interval_words(name, _number(row[f"{end}_least"]), _number(row[f"{end}_most"]), verdict)


def _doubts(rows: list[dict[Any, Any]]) -> str:
    """Return how many ends are not proven to differ from the plan as it stands; nothing where all are."""
    verdicts = [word for row in rows for end in ("low", "high") if (word := _verdict(row, end))]
    doubts = verdicts.count(DOUBT)
    if not doubts:
        return ""
    return f"{doubts} of {len(verdicts)} ends are within the gaps: that they change anything is not proven."


def _exchange(own: dict[str, str], row: dict[Any, Any], end: str) -> tuple[str, str]:
    """Return which sites the plan at an end has and has not, short and in full."""
    opens, drops = ([own.get(c, c) for c in split_list(row.get(f"{end}_{what}"))] for what in ("opens", "drops"))
    if not opens and not drops:
        return ("the same" if math.isfinite(_number(row[end])) else "", "")
    changes = [f"{sign}{join_words(some, _SHOWN)}" for sign, some in (("+ ", opens), ("− ", drops)) if some]
    full = [f"{word} {', '.join(some)}" for word, some in (("with", opens), ("without", drops)) if some]
    return "; ".join(changes), "; ".join(full)


def robustness(study: Study, decisions: DecisionTables) -> Section | None:
    """Return the section on draws of all uncertain figures at once; none where none were.

    Parameters
    ----------
    study, decisions
        As in :func:`what_moves`.
    """
    blocks: list[Grid] = []
    lead = []
    if "selection" in decisions.tables:
        table = decisions.tables["selection"]
        count = int(table["of"].iloc[0]) if len(table) else 0
        lead.append(
            f"All uncertain figures drawn at once, {count:,} times; each draw has its own best plan. That a site is "
            "chosen often says that it is a good bet, not what to build before the draw is known."
        )
        blocks += [_selection(study, decisions), _spread(decisions)]
    if "futures" in decisions.tables and len(decisions.tables["futures"]):
        lead.append("What is built is decided before it is known which scenario comes; what flows, when it is known.")
        blocks.append(_strategies(study, decisions))
    return Section("robustness", "Robustness", "Robustness", " ".join(lead), [*blocks]) if blocks else None


def _selection(study: Study, decisions: DecisionTables) -> Grid:
    own, kinds = names(study, "sites"), kind_names(study)
    grid = []
    for row in decisions.tables["selection"].to_dict("records"):
        share, least, most = (float(row[c]) for c in ("share", "least", "most"))
        site, kind = str(row["site"]), str(row["plant_type"])
        mine = str(row["in_plan"]) == "True"
        grid.append(
            [
                words(own.get(site, site), site),
                words(kinds.get(kind, kind)),
                words("built" if mine else "not built", mark="" if mine else "muted"),
                percent(share, f"{int(row['built'])} of {int(row['of'])}", bar=True),
                percent(least),
                percent(most),
            ]
        )
    columns = (
        Column("Site", text=True), Column("Plant", text=True), Column("In this plan", text=True),
        Column("Chosen in"), Column("At least", "95 % interval"), Column("At most", "95 % interval"),
    )  # fmt: skip
    lead = "A site that is not listed is chosen in no draw. The interval is Wilson's for a share of independent draws."
    return Grid("How often each site is chosen", columns, grid, lead)


def _spread(decisions: DecisionTables) -> Grid:
    table = decisions.tables["spread"]
    head = {"plan": "This plan", "mean": "Mean", "least": "Least", "5 %": "5 % quantile", "50 %": "Median",
            "95 %": "95 % quantile", "most": "Most"}  # fmt: skip
    figures = [c for c in head if c in table]
    grid = []
    for row in table.to_dict("records"):
        name = str(row["total"])
        if name not in OBJECTIVES or (OBJECTIVES[name].need is not None and not any(row[c] for c in figures)):
            continue
        values = [float(row[c]) for c in figures]
        kind = OBJECTIVES[name]
        cells = [number(v, format_objective(name, v), kind.exact_unit) for v in values]
        grid.append([words(kind.title), *cells])
    columns = (Column("Total", text=True), *(Column(head[c]) for c in figures))
    lead = "Totals of the best plan of each draw, over the horizon; money at present value."
    return Grid("Between which ends the totals lie", columns, grid, lead)


def _strategies(study: Study, decisions: DecisionTables) -> Grid:
    """Return what each first stage for all scenarios comes to: expected, in the worst of them, and its regret."""
    own, name = names(study, "sites"), decisions.objective_name
    table = strategies(decisions.tables["futures"])
    grid = []
    for row in table.to_dict("records"):
        sites = [own.get(s, s) for s in split_list(row["sites"])]
        cells = [
            number(float(row[c]), _amount(name, float(row[c])), _unit(name)) for c in ("expected", "cvar", "worst")
        ]
        low, high = max(0.0, float(row["regret_least"])), float(row["regret_most"])
        regret = number(high, _amount(name, high), _unit(name))
        if math.isfinite(high):
            regret = replace(regret, tip=f"{exact(low)} to {exact(high)} {_unit(name)}, by proof")
        grid.append(
            [
                words(str(row["strategy"])),
                *cells,
                regret,
                words(join_words(sites, 4) if sites else "", ", ".join(sites)),
            ]
        )
    level = format_percent(1.0 - float(table["level"].iloc[0]))
    columns = (
        Column("First stage for", text=True), Column("Expected"), Column(f"Mean of the worst {level}"),
        Column("Worst scenario"), Column("Largest regret", "at most"), Column("New plants at", text=True),
    )  # fmt: skip
    lead = (
        f"{OBJECTIVES[name].title if name in OBJECTIVES else 'Objective'} over the scenarios of the study. Regret: by "
        "how much it is worse than the best plan would have been, had the scenario been known."
    )
    return Grid("One plan for all scenarios", columns, grid, lead)


def _spoken(name: str) -> str:
    return OBJECTIVES[name].spoken if name in OBJECTIVES else name


def _unit(name: str) -> str:
    return OBJECTIVES[name].unit_words if name in OBJECTIVES else ""


def _amount(name: str, value: float) -> str:
    return format_objective(name, value, 3) if name in OBJECTIVES else digits(value)


def _signed(name: str, value: float) -> str:
    if name in OBJECTIVES:
        return difference_words(name, value)
    return f"{'+' if value > 0 else ''}{digits(value)}"


def _change(name: str, worse: object) -> float:
    """Return a change of the objective as people count it: of jobs, below zero where there are fewer."""
    value = _number(worse)
    return least_is_best(name, value) if name in OBJECTIVES else value


def _number(value: object) -> float:
    """Return a figure of a table; NaN where the cell is empty."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan
