"""The formulation in words and symbols, read from the docstrings of the code that writes it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from evsiting.model import objectives
from evsiting.model.columns import Columns
from evsiting.model.constraints import energy, flows, labor, partners, service, siting, strengthening
from evsiting.model.constraints.limits import counts, program_use, site_sets, targets, totals, ways
from evsiting.model.constraints.programs import pledges, programs
from evsiting.model.constraints.trade import content, offsets, origin_rows, preference, quotas
from evsiting.model.conventions import conventions_markdown
from evsiting.model.sets import ByProducts, Changes, Demands, Lanes, Places, Recipes, Sets, SiteValues, SupplierValues
from evsiting.study.objectives import OBJECTIVES, ObjectiveKind
from evsiting.study.schema.plan_tables import DECISIONS

#: Row family by name: the function that adds it, whose docstring is its definition.
FAMILIES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "one_option": siting.add_one_option,
        "expand": siting.add_expand,
        "retire": siting.add_retire,
        "move_once": siting.add_move_once,
        "capacity": siting.add_capacity,
        "min_load": siting.add_min_load,
        "output": flows.add_output,
        "disposal": flows.add_disposal,
        "balance": flows.add_balance,
        "demand": flows.add_demand,
        "supplier": flows.add_supplier,
        "total_capacity": strengthening.add_total_capacity,
        "min_plants": strengthening.add_min_plants,
        "link": flows.add_link,
        "preference": preference.add_preference,
        "content": content.add_content,
        "qualified": origin_rows.add_qualified,
        "origin": origin_rows.add_origin,
        "labor_value": origin_rows.add_labor_value,
        "core_parts": origin_rows.add_core_parts,
        "originating": origin_rows.add_originating,
        "quota": quotas.add_quotas,
        "offset": offsets.add_offsets,
        "credit": programs.add_credit,
        "claim": programs.add_claim,
        "cap": programs.add_cap,
        "pool": programs.add_pool,
        "stacking": programs.add_stacking,
        "threshold": pledges.add_threshold,
        "clawback": pledges.add_clawback,
        "exclusive": pledges.add_exclusive,
        "requires": pledges.add_requires,
        "foreign_ratio": pledges.add_foreign_ratio,
        "labor_pool": labor.add_labor_pool,
        "grid": energy.add_grid,
        "upgrade": energy.add_upgrade,
        "clean": energy.add_clean,
        "gateway": partners.add_gateway,
        "partner": partners.add_partner,
        "cost_cap": totals.add_cost_cap,
        "carbon_cap": totals.add_carbon_cap,
        "freight_carbon_cap": totals.add_freight_carbon_cap,
        "jobs_floor": totals.add_jobs_floor,
        "budget": totals.add_budget,
        "country_share": totals.add_country_share,
        "import_share": totals.add_import_share,
        "concentration": targets.add_concentration,
        "service": targets.add_service,
        "renewable": targets.add_renewable,
        "survive": targets.add_survive,
        "staffing": totals.add_staffing,
        "count": counts.add_count,
        "logic": counts.add_logic,
        "sites_changed": site_sets.add_sites_changed,
        "programs_used": program_use.add_programs_used,
        "throughput": ways.add_throughput,
        "sources": ways.add_sources,
    }
)
#: Objective by name: the function that adds its terms, whose docstring is its formula.
FORMULAS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "cost": objectives.cost,
        "emissions": objectives.emissions,
        "freight_emissions": objectives.freight_emissions,
        "jobs": objectives.jobs,
        "late": service.late,
    }
)

_FIELD = re.compile(r"^(\w[\w, ]*) : (.+)$")


def formulation(checked: Mapping[str, str] | None = None) -> str:
    """Return the whole formulation as Markdown: sets, decisions, money and time, objectives, constraints.

    Parameters
    ----------
    checked : mapping of str to str, optional
        By constraint family a sentence on who checks it, which the model cannot know; printed below the function that
        writes the family.

    Examples
    --------
    >>> "### `min_load`" in formulation()
    True
    """
    parts = [
        "# Formulation",
        "Names in code font are the names in the program, in PuLP and in the certificate. Inside the program flows are "
        "in scaled units and money in millions; the formulas are in the study's units.",
        "## Index sets",
        *(
            _fields(kind)
            for kind in (Places, Changes, Recipes, ByProducts, Lanes, Demands, SiteValues, SupplierValues, Sets)
        ),
        "## Decisions",
        _fields(Columns),
        "As tables of a plan, those beside `production`, `shipments` and `unmet` in `plan.decisions`:",
        "\n".join(
            f"- `{t.name}` ({', '.join(t.key)}){f' [{t.value}]' if t.value else ''}: {t.meaning}"
            for t in DECISIONS.values()
        ),
        conventions_markdown(),
        "## Objectives",
        *(_entry(name, function) for name, function in FORMULAS.items()),
        "## Rows",
        *(
            f"{_entry(name, function)}\n\n{_written_by(function, (checked or {}).get(name, ''))}"
            for name, function in FAMILIES.items()
        ),
        f"A ceiling on an objective ({', '.join(map(_ceiling, OBJECTIVES.values()))}) is one more row with the "
        "coefficients of that objective.",
    ]
    return "\n\n".join(parts) + "\n"


def _ceiling(kind: ObjectiveKind) -> str:
    """Return the family of a ceiling; of a floor where more is better."""
    return f"`{kind.cap_family}`" if kind.sense > 0 else f"a floor on {kind.spoken} as `{kind.cap_family}`"


def _entry(name: str, function: Callable[..., Any]) -> str:
    """Return one objective or constraint family: its name, and its docstring up to the parameters."""
    text = inspect.cleandoc(function.__doc__ or "").split("\nParameters\n")[0].strip()
    return f"### `{name}`\n\n{_markdown(text)}"


def _written_by(function: Callable[..., Any], checked: str) -> str:
    """Return the sentences on who writes a constraint family and who checks it."""
    return f"Written by `{function.__module__}.{function.__name__}`. {checked}".strip()


def _fields(kind: type) -> str:
    """Return the parameters of a class as a list."""
    summary, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("\n\nParameters\n----------\n")
    lines = []
    for line in rest.splitlines():
        if match := _FIELD.match(line):
            lines.append(f"- `{match[1]}` ({match[2]}):")
        elif line.startswith(" ") and lines:
            lines[-1] += f" {line.strip()}"
        elif line.strip():
            lines.append(f"- `{line.strip()}`")
    return f"**{kind.__name__}.** {_markdown(summary)}\n\n" + "\n".join(_markdown(line) for line in lines)


def _markdown(text: str) -> str:
    """Return numpydoc text as Markdown: math directives as ``$$`` blocks, roles and double backticks as code."""
    blocks, out = re.split(r"\n\s*\n", text), []
    for block in blocks:
        if block.startswith(".. math::"):
            body = " ".join(line.strip() for line in block.removeprefix(".. math::").splitlines())
            out.append(f"$$ {body.strip()} $$")
        else:
            block = re.sub(r":math:`([^`]+)`", r"$\1$", block)
            block = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", block)
            out.append(block.replace("``", "`"))
    return "\n\n".join(out)
