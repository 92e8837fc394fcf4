"""What the commands why-not and break-even do: one forced decision beside a plan, and where the answer flips."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import output_folder
from evsiting.cli.decisions.alternatives import records
from evsiting.cli.progress import Watching, stoppable
from evsiting.cli.runs import study_and_plan
from evsiting.cli.terminal import NO_PLAN, Voice
from evsiting.optimize.decisions.break_even import break_even as flips
from evsiting.optimize.decisions.why_not import why_not as forced
from evsiting.report.comparison_words import difference_words
from evsiting.report.ledger_items import item_name
from evsiting.report.number_format import format_objective
from evsiting.results.decisions.decision_tables import DecisionTables, write_decisions
from evsiting.results.decisions.why_not import BreakEven, WhyNot
from evsiting.study.objectives import OBJECTIVES


def why_not(voice: Voice, source: str, place: str | None, out: Path | None, asked: Mapping[str, Any]) -> int:
    """Force a decision, say what that costs; tables go beside the run that is asked about."""
    study, plan, run = study_and_plan(source)
    with Watching(voice, math.inf) as watching, stoppable(voice):
        watching.stage("solving")
        if out is None:
            answer = forced(study, place, plan=plan, **asked)
        else:
            with output_folder(out, "cases") as folder:
                answer = forced(study, place, plan=plan, folder=folder, **asked)
                voice.wrote(folder)
    if run is not None:
        write_decisions(run, DecisionTables.of(why_not=[answer]))
    voice.say(lambda: parts(answer))
    voice.data(lambda: data(answer))
    return 0 if answer.plan is not None else NO_PLAN


def break_even(voice: Voice, source: str, site: str | None, what: str, asked: Mapping[str, Any]) -> int:
    """Find where the answer flips; a table goes beside the run that is asked about."""
    study, plan, run = study_and_plan(source)
    with Watching(voice, math.inf) as watching, stoppable(voice):
        watching.stage("solving on both sides")
        flip = flips(study, site, what, plan=plan, **asked)
    if run is not None and plan is not None:
        write_decisions(run, DecisionTables.of(plan=plan, break_even=[flip]))
    voice.say(str(flip))
    voice.data(lambda: flip_data(flip))
    return 0


def parts(answer: WhyNot) -> list[RenderableType]:
    """Return objectives and ledgers side by side."""
    if answer.plan is None:
        return [Text(f"{answer.question}: no plan. {answer.message}", style=show.STYLES["fair"])]
    made = show.table("objective", "plan", answer.question, "difference", "at least", "at most", right=(1, 2, 3, 4, 5))
    for row in answer.objectives.to_dict("records"):
        name = str(row["objective"])
        if OBJECTIVES[name].need is not None and not (row["base"] or row["forced"]):
            continue
        totals = [format_objective(name, row[c]) for c in ("base", "forced")]
        ends = [row[c] for c in ("difference", "low", "high")]
        made.add_row(name, *totals, difference_words(name, ends[0], 4), *(_end(name, v) for v in ends[1:]))
    heads_of = {"here": f"there ({answer.place})", "rival": f"plan, {answer.rival or 'rival'}"}
    sides = {c: head for c, head in heads_of.items() if answer.place and answer.ledger[c].any()}
    heads = ("plan", answer.question, "difference", *sides.values())
    ledger = show.table("cost item", *heads, right=tuple(range(1, len(heads) + 1)))
    for row in answer.ledger.to_dict("records"):
        cells = [format_objective("cost", row[c]) for c in ("base", "forced", "difference", *sides)]
        ledger.add_row(item_name(str(row["item"])), *cells)
    return [made, ledger, *([Text(answer.proof)] if answer.proof else [])]


def _end(name: str, value: float) -> str:
    """Return an end of what is proven of a difference; empty where nothing is."""
    if not math.isfinite(value):
        return ""
    return difference_words(name, value, 4) if value else format_objective(name, 0.0)


def data(answer: WhyNot) -> dict[str, Any]:
    """Return it for JSON."""
    ends = [end if math.isfinite(end) else None for end in (answer.difference.low, answer.difference.high)]
    return {
        "question": answer.question,
        "study_digest": answer.base.study_digest,
        "forced_study_digest": answer.study.digest,
        "difference": {"low": ends[0], "high": ends[1], "sure": answer.difference.sure},
        "better_than_base": answer.is_better_than_base,
        "rival": answer.rival,
        "objectives": records(answer.objectives),
        "ledger": records(answer.ledger),
        "message": answer.message,
    }


def flip_data(flip: BreakEven) -> dict[str, Any]:
    """Return a flip for JSON."""
    names = ("site", "plant_type", "decision", "what", "unit", "today", "out_at", "in_at", "note")
    fields = {n: getattr(flip, n) for n in names}
    finite = {n: None if isinstance(v, float) and not math.isfinite(v) else v for n, v in fields.items()}
    return {**finite, "tried": records(flip.tried)}
