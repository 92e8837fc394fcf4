"""The section of time: what opens, expands, closes and resumes, and what plants can and do make."""

from __future__ import annotations

from evsiting.report.headline import (
    capacity_units,
    join_words,
    kind_names,
    names,
    period_labels,
    period_note,
    shown_periods,
)
from evsiting.report.html.blocks import Cell, Column, Grid, Section, amount, number, words
from evsiting.report.number_format import format_percent, format_units
from evsiting.results.analysis.timeline import MOVES, capacity_by_period, plant_moves
from evsiting.results.plan import Plan
from evsiting.study.study import Study

#: Names in one cell; the hover tells all.
_MOST = 9
_MARKS = {"opens": "good", "expands": "good", "resumes": "good", "ends": "muted", "starts": "muted"}


def when(study: Study, plan: Plan) -> Section | None:
    """Return what happens in each period; nothing where a study has one period and no plant that may move."""
    plants = study.plants
    if len(study.periods) == 1 and not plants[["closing_usd", "resume_usd"]].notna().to_numpy().any():
        return None
    lead = (
        "What happens at the start of each period. Investment is the plan's own part, undiscounted and before credits; "
        "for plants that close, what closing costs."
    )
    return Section("when", "When", "When", lead, [_moves(study, plan), _capacity(study, plan)])


def _moves(study: Study, plan: Plan) -> Grid:
    moves, years, kinds, per = plant_moves(study, plan), period_labels(study), kind_names(study), capacity_units(study)
    order = {kind: n for n, kind in enumerate(kinds)}
    own = names(study, "plants")
    moves["shown"] = [own.get(plant, name) for plant, name in zip(moves["plant"], moves["name"], strict=True)]
    moves["rank"] = moves["plant_type"].map(order)
    moves["step"] = moves["move"].map({m: n for n, m in enumerate(MOVES)})
    moves["when"] = moves["period"].map({p: n for n, p in enumerate(years)})
    grid = []
    for (_, _, _, period, move, kind), group in moves.groupby(["when", "step", "rank", "period", "move", "plant_type"]):
        group = group.sort_values("capacity_units_per_yr", ascending=False)
        places = group["shown"].astype(str).tolist()
        size, usd = float(group["capacity_units_per_yr"].sum()), float(group["invested_usd"].sum())
        sign = "−" if move in ("shrinks", "closes", "ends") else "+"
        full = ", ".join(
            f"{n}{f' ({o})' if o else ''}" for n, o in zip(places, group["option"].astype(str), strict=True)
        )
        grid.append(
            [
                words(years[str(period)], mark="nobreak"),
                words(str(move), mark=_MARKS.get(str(move), "bad")),
                words(f"{len(group)} {kinds[str(kind)]} plant{'s' if len(group) > 1 else ''}"),
                words(join_words(places, _MOST), full),
                number(size, f"{sign}{format_units(size, per[str(kind)])}", per[str(kind)]),
                amount(usd, "USD", factor=1e6),
            ]
        )
    for above, row in zip(grid[::-1][1:], grid[::-1], strict=False):
        if row[0].text == above[0].text:
            row[0] = Cell("")
    columns = (
        Column("Years", text=True),
        Column("", text=True),
        Column("Plants", text=True),
        Column("Where", text=True),
        Column("Capacity"),
        Column("Investment", "USD mn"),
    )
    total = float(moves["invested_usd"].sum())
    last = [words("Total"), *(Cell("") for _ in range(4)), amount(total, "USD", factor=1e6)]
    return Grid("", columns, grid, total=last if grid else [], shown=60, sorts=False)


def _capacity(study: Study, plan: Plan) -> Grid:
    years, kinds, per = shown_periods(study), kind_names(study), capacity_units(study)
    capacity = capacity_by_period(study, plan)
    columns = ["capacity_units_per_yr", "load_units_per_yr"]
    sums = capacity.groupby(["plant_type", "period"])[columns].sum()
    use = {key: (float(room), float(load)) for key, (room, load) in zip(sums.index, sums.to_numpy(), strict=True)}
    grid = []
    for kind, shown in kinds.items():
        cells = [words(f"{shown} plants")]
        cells += [_use(*use.get((kind, period), (0.0, 0.0)), per[kind]) for period in years]
        grid.append(cells)
    jobs = capacity.groupby("period")["jobs_fte"].sum().reindex(list(years)).fillna(0.0)
    total = [words("Direct jobs"), *(amount(float(v), "full-time positions") for v in jobs)]
    return Grid(
        "Capacity and what is made of it",
        (Column("Plant type", text=True), *(Column(label) for label in years.values())),
        grid,
        lead="Usable capacity of all plants, ramped up as far as it is, with the part that is used below."
        + period_note(study),
        total=total,
        sorts=False,
    )


def _use(room: float, load: float, unit: str) -> Cell:
    if not room:
        return Cell("–")
    part = load / room
    tip = f"{format_units(load, unit, 4)} of {format_units(room, unit, 4)}"
    return Cell(
        f"{format_units(room, unit)}, {format_percent(part, 2)} used", room, tip, min(100.0, max(0.0, 100.0 * part))
    )
