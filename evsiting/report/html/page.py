"""The report: one HTML file that works from a mail attachment with networking off."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from evsiting.errors import InputError, Problem
from evsiting.report.headline import answer, consequence, facts, kind_names, solver_words, status_words
from evsiting.report.html import tables
from evsiting.report.html.blocks import Words, has_content
from evsiting.report.html.credits import credit_lines, vintage
from evsiting.report.html.payload import Payload, land, overseas, remote_note, script_safe_json
from evsiting.report.html.section_decisions import decision_sections, nearly_as_good
from evsiting.report.html.sections import sections
from evsiting.report.html.sources import sources
from evsiting.report.number_format import digits, format_percent
from evsiting.report.palette import palette
from evsiting.report.tradeoff import doubts
from evsiting.results.consistency import require_same_study
from evsiting.results.decisions.decision_tables import DecisionTables
from evsiting.results.plan import Front, Plan
from evsiting.results.result_folders import deliverable
from evsiting.study.constraint_families import families_in_use
from evsiting.study.objectives import OBJECTIVES, least_is_best
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study, offered_objectives

if TYPE_CHECKING:
    from evsiting.results.certificate import Certificate

_FILES = resources.files("evsiting.report").joinpath("templates")


def write_report(
    path: str | Path,
    study: Study,
    plan: Plan,
    *,
    front: Front | None = None,
    certificate: Certificate | None = None,
    front_certificates: Sequence[Certificate] = (),
    decisions: DecisionTables | None = None,
) -> Path:
    """Write the report of a plan as one HTML file that needs no network.

    Answer, map, trade-off, plants, unit cost, ledgers, assumptions and sources.

    Parameters
    ----------
    path : str or Path
        The file to write, such as ``siting.html``.
    study, plan : Study, Plan
        The study and the plan that answers it.
    front : Front, optional
        Plans between which the reader can switch.
    certificate : Certificate, optional
        Of ``plan``; without it the report says that there is none.
    front_certificates : sequence of Certificate, optional
        Of the plans of ``front``, in their order.
    decisions : DecisionTables, optional
        What was asked about ``plan``: :meth:`DecisionTables.of` of alternatives, forced decisions, flips, ranges that
        were moved, draws and other plans beside it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If plan, front, certificates and decisions do not belong to the study and to each other, or
        ``front_certificates`` are not as many as the plans of ``front``.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> ev.write_report("siting.html", study, ev.solve(study)).stat().st_size < 1_000_000
    True
    """
    study = require_same_study(
        "write_report", study, plan, front=front, certificate=certificate, front_certificates=front_certificates
    )
    plans = list(front.plans) if front is not None else []
    chosen = next((n for n, p in enumerate(plans) if _same(p, plan)), None)
    if chosen is None:
        plans.insert(0, plan)
        chosen = 0
    plans[chosen] = plan
    if decisions is not None:
        decisions.require_about("write_report", plans)
    payload = Payload(study, plans, decisions)
    if front_certificates and len(front_certificates) != len(front or ()):
        seen = f"{len(front_certificates)} certificates, {len(front or ())} plans"
        raise InputError([Problem("front_certificates", "not one for each plan of front", seen, "Certify each plan")])
    certificates: list[Certificate | None] = [None] * (len(plans) - len(front_certificates))
    certificates += front_certificates
    certificates[chosen] = certificate or certificates[chosen]
    context = _context(study, plans, chosen, front, certificates, decisions)
    script = "\n".join(_FILES.joinpath(name).read_text("utf-8") for name in ("core.js", "map.js", "front.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            **context,
            css=Markup(_FILES.joinpath("report.css").read_text("utf-8")),
            script=Markup(script),
            script_hash=f"sha256-{digest}",
            data=Markup(script_safe_json(payload.data(front, chosen) | {"siteCodes": list(payload.places.index)})),
            totals=Markup(script_safe_json(_totals(study, plans, chosen))),
        )
    )
    with deliverable(path) as temporary:
        temporary.write_text(page, "utf-8", newline="\n")
    return Path(path)


@functools.cache
def _environment() -> jinja2.Environment:
    """Return the template engine: everything is escaped, an unknown name is an error."""
    loader = jinja2.FunctionLoader(lambda name: _FILES.joinpath(name).read_text("utf-8"))
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    made.filters["tied"] = lambda text: re.sub(r"(?<=\d) (?=%|tn\b|bn\b|mn\b)|(?<=\bUSD) (?=\d)", "\u00a0", str(text))
    return made


def _context(
    study: Study,
    plans: Sequence[Plan],
    chosen: int,
    front: Front | None,
    certificates: Sequence[Certificate | None],
    decisions: DecisionTables | None,
) -> dict[str, Any]:
    """Return what the template prints."""
    listing = study.sources
    listed, counts = sources(study, listing)
    dated = vintage(listing, study.settings.money.base_year)
    pages = [_page(study, p, c, dated, decisions) for p, c in zip(plans, certificates, strict=True)]
    _settle(pages)
    far = remote_note(study)
    return {
        "title": study.settings.study.name,
        "question": study.settings.study.question,
        "plan": pages[chosen],
        "plans": pages if front is not None else [],
        "land": land(),
        "looks": Markup(f"{_looks(study)}\n{_margins(study.settings.study.name)}"),
        "overseas": overseas(study),
        "far": f"Beyond the first view: {far}." if far else "",
        "front": tables.front_rows(plans, front) if front is not None else [],
        "step": front.objectives[0] if front is not None and len(front.objectives) == 2 else "",
        "charts": len(front.objectives) - 1 if front is not None else 0,
        "doubt": doubts(front) if front is not None else "",
        "show": {name: any(page[name] for page in pages) for name in ("plants", "waterfall")},
        "objectives": [OBJECTIVES[name] for name in offered_objectives(study)],
        "families": families_in_use(study),
        "unit_name": facts(study, plans[chosen]).unit,
        "sources": listed,
        "counts": counts,
        "settings": _settings(study),
        "versions": _versions(plans[chosen]),
        "rerun": _rerun(plans[chosen]),
        "attribution": credit_lines(study, listing),
    }


def _settle(pages: Sequence[dict[str, Any]]) -> None:
    """Leave out tables without rows, and sections that hold nothing in any plan; where one plan has it, others say so.

    Every page keeps the same sections, so that one plan can take the place of another.
    """
    for part in ("early", "late"):
        filled = [[replace(s, blocks=[b for b in s.blocks if has_content(b)]) for s in page[part]] for page in pages]
        nonempty = {s.name for page in filled for s in page if s.blocks}
        for page, shown in zip(pages, filled, strict=True):
            page[part] = [
                s if s.blocks else replace(s, lead="", blocks=[Words("Nothing of this in this plan.")])
                for s in shown
                if s.name in nonempty
            ]


def _margins(title: str) -> str:
    """Return what paper shows in its margins: title, date and page number, as CSS."""
    title = " ".join(title.split())
    title = title if len(title) <= 90 else f"{title[:89]}…"
    text = "".join(c if c.isalnum() or c in " ,.-" else f"\\{ord(c):x} " for c in title)
    day = date.today()
    boxes = {
        "top-left": f'"{text}"',
        "top-right": f'"{day:%B} {day.day}, {day.year}"',
        "bottom-right": '"Page " counter(page) " of " counter(pages)',
    }
    shown = "".join(f"@{place}{{content:{what}}}" for place, what in boxes.items())
    return f"@page{{{shown}}}"


def _same(one: Plan, other: Plan) -> bool:
    """Return whether two plans answer the same study with the same totals and plants."""
    if one is other:
        return True
    close = all(abs(one.totals[n] - v) <= 1e-9 * max(1.0, abs(v)) for n, v in other.totals.items())
    return close and one.study_digest == other.study_digest and len(one.sites) == len(other.sites)


def _page(
    study: Study, plan: Plan, certificate: Certificate | None, dated: str, decisions: DecisionTables | None
) -> dict[str, Any]:
    """Return what is printed of one plan."""
    headline = facts(study, plan)
    words, grade = status_words(plan)
    verdict, failed, count = "", "", 0
    if certificate is not None:
        verdict, count = ("passed" if certificate.passed else "failed"), len(certificate.checks)
        failed = ", ".join(certificate.failed)
        grade = grade if certificate.passed else "poor"
    early, late = sections(study, plan)
    objective = plan.solve.objective_name
    caps = ", ".join(_cap_words(name, v) for name, v in plan.solve.caps.items())
    return {
        "answer": answer(study, plan),
        "consequence": consequence(study, plan, headline),
        "tiles": tables.tiles(study, plan, headline),
        "early": early,
        "late": [*decision_sections(study, plan, decisions), *late],
        "near": nearly_as_good(study, plan, decisions),
        "plants": tables.plants(study, plan),
        "waterfall": tables.waterfall(headline),
        "ledgers": [
            tables.ledger(study, plan, n) for n, f in plan.ledgers.items() if n in offered_objectives(study) and len(f)
        ],
        "status": words,
        "grade": grade,
        "certificate": verdict,
        "failed": failed,
        "checks": count,
        "objective": f"{objective} with {caps}" if caps else objective,
        "solver": solver_words(plan),
        "digest": plan.study_digest[:16],
        "vintage": dated,
    }


def _cap_words(name: str, ceiling: float) -> str:
    """Return a ceiling on an objective, a floor where more is better, with its unit."""
    kind = OBJECTIVES[name]
    unit = kind.shown_unit if kind.quantity == "money" else kind.unit_words
    value = least_is_best(name, ceiling)
    return f"{name} at {'most' if kind.sense > 0 else 'least'} {digits(value, 4)} {unit}"


def _looks(study: Study) -> str:
    """Return the colours of plant types and products as CSS."""
    looks = palette(study)
    kinds = [looks.plant_type(k) for k in kind_names(study)]
    products = [looks.product(str(p)) for p in study.products["product"]]

    def block(shade: str) -> str:
        lines = [f".k{n}{{--c:{getattr(look, shade)}}}" for n, look in enumerate(kinds)]
        variables = ";".join(f"--p{n}:{getattr(look, shade)}" for n, look in enumerate(products))
        return "".join([f":root{{{variables}}}", *lines])

    return f"{block('light')}\n@media screen and (prefers-color-scheme:dark){{{block('dark')}}}"


def _settings(study: Study) -> list[tuple[str, str]]:
    """Return the settings that shape the answer."""
    money, model = study.settings.money, study.settings.model
    return [
        *([("Author", study.settings.study.author)] if study.settings.study.author else []),
        ("Prices", f"USD of {money.price_year}"),
        ("Discounted to", f"{money.base_year}, at {format_percent(money.discount_rate)} a year, real"),
        ("Life of a plant", f"{digits(money.plant_life_years)} years, as an annuity"),
        ("Carbon price", f"{digits(model.carbon_price_usd_per_t)} USD/t CO2e"),
        ("Full-time year", f"{digits(model.hours_per_fte_year, 4)} paid hours"),
        *(
            (TABLES[name].name.replace("_", " ").capitalize(), f"{len(frame):,} rows")
            for name, frame in study.tables.items()
            if name in ("sites", "markets", "lanes", "programs", "suppliers")
        ),
    ]


def _versions(plan: Plan) -> list[tuple[str, str]]:
    """Return versions, seed and digest."""
    solve = plan.solve
    return [
        *((str(k), str(v)) for k, v in plan.versions.items()),
        ("solver", f"{solve.engine} {solve.engine_version}"),
        ("gap asked for", format_percent(solve.gap_asked)),
        ("seed, threads", f"{solve.seed}, {solve.threads}"),
        ("study digest", plan.study_digest),
    ]


def _rerun(plan: Plan) -> str:
    """Return the call that finds the plan again."""
    solve = plan.solve
    asked = [f"gap={solve.gap_asked:g}", f"threads={solve.threads}", f"seed={solve.seed}"]
    if solve.objective_name in OBJECTIVES and solve.objective_name != "cost":
        asked.insert(0, f'objective="{solve.objective_name}"')
    if solve.engine:
        asked.append(f'engine="{solve.engine.split()[0].lower()}"')
    return "\n".join(
        [
            "import evsiting as ev",
            'study = ev.read_study("folder-of-the-study")',
            f'assert study.digest.startswith("{plan.study_digest[:16]}")',
            f"plan = ev.solve(study, {', '.join(asked)})",
        ]
    )


def _totals(study: Study, plans: Sequence[Plan], chosen: int) -> dict[str, Any]:
    """Return the figures for machines: of each plan the totals, the bound, the status."""
    return {
        "study": study.settings.study.name,
        "digest": plans[chosen].study_digest,
        "chosen": chosen,
        "units": {name: OBJECTIVES[name].unit_words for name in offered_objectives(study)},
        "plans": [
            {
                "totals": {name: float(plan.totals[name]) for name in offered_objectives(study)},
                "status": str(plan.status),
                "objective": plan.solve.objective_name,
                "bound": plan.solve.bound if abs(plan.solve.bound) < float("inf") else None,
                "gap": plan.gap if plan.gap < float("inf") else None,
                "new_plants": len(plan.opened),
            }
            for plan in plans
        ],
    }
