"""What the limits of a study ask, in sentences: read back to those who wrote the table."""

from __future__ import annotations

from typing import Any

from evsiting.study.derived.limit_rows import limit_rows
from evsiting.study.lists import split_list
from evsiting.study.schema.limits import ON_TOTALS
from evsiting.study.study import Study

__all__ = ["limit_sentences"]

#: What each kind bounds; plant type, option and product stand before it or in it.
_WHAT = {
    "cost": "USD of cost (present value)",
    "emissions": "t CO2e of emissions",
    "freight_emissions": "t CO2e of emissions of transport",
    "jobs": "job-years of direct work",
    "capex": "USD of own investment",
    "output_share": "of the output of {product}",
    "capex_share": "of own investment",
    "jobs_share": "of direct staff",
    "import_share": "of {product} that arrives comes from overseas",
    "concentration": "of {product} is carried by any one {per}",
    "on_time_share": "of demand with a promised time arrives in time",
    "renewable_share": "of the electricity of plants is renewable",
    "survive_share": "of the {product} that demand needs can be had with any one plant or gateway out",
    "jobs_fte": "FTE of direct staff",
    "plants_open": "plants stand (existing ones count)",
    "plants_built": "plants are built (existing ones do not count)",
    "members_open": "of {members} are open",
    "sites_changed": "sites open beside {members}, or of these do not open (standing plants do not count)",
    "throughput": "units a year of {product} are shipped",
    "throughput_mass": "t a year are shipped",
    "sources": "sites and suppliers serve each market",
}


#: The same of kinds that need not name members, where they name none.
_UNNAMED = {"sites_changed": "sites open (standing plants do not count)"}


def limit_sentences(study: Study) -> list[str]:
    """Return one sentence for each row of table ``limits``, in the order of the table.

    Examples
    --------
    >>> import evsiting as ev
    >>> from pandas import DataFrame
    >>> row = {"limit": "few", "kind": "plants_open", "plant_type": "cell", "at_least": 1, "at_most": 2}
    >>> limit_sentences(ev.example("starter").with_table("limits", DataFrame([row])))
    ['few: at least 1 and at most 2 plants stand (existing ones count), cell, in every period.']
    """
    return [_sentence(row) for row in limit_rows(study).to_dict("records")]


def _sentence(row: dict[Any, Any]) -> str:
    """Return the sentence of one limit."""
    text = {k: v if isinstance(v, str) else "" for k, v in row.items()}
    share = str(row["kind"]).endswith("_share") or row["kind"] == "concentration"
    sides = (("at least", row["at_least"]), ("at most", row["at_most"]))
    bounds = [f"{words} {f'{100.0 * v:.6g} %' if share else f'{v:,.10g}'}" for words, v in sides if v == v]
    names = {"members": ", ".join(split_list(row["members"])), "product": text["product"], "per": text["per"]}
    wanted = _UNNAMED.get(row["kind"], "") if not names["members"] else ""
    what = (wanted or _WHAT[row["kind"]]).format(**names)
    parts = [f"{' and '.join(bounds)} {what}"]
    shown = "{product}" in _WHAT[row["kind"]]
    parts += [text[c] for c in ("plant_type", "option") if text[c]]
    parts += [text["product"]] if text["product"] and not shown else []
    parts += [f"at {text['place']}"] if text["place"] else []
    ways = (("origin", "from"), ("destination", "to"), ("mode", "by"), ("gateway", "through"))
    parts += [f"{word} {text[c]}" for c, word in ways if text[c]]
    parts.append(_when(row, text))
    if text["if_open"]:
        parts.append(f"where one of {', '.join(split_list(row['if_open']))} is open")
    price = row["penalty_usd_per_unit"]
    end = f"; may be broken at USD {price:,.6g} for each one too many or missing" if price == price else ""
    return f"{row['limit']}: {', '.join(parts)}{end}."


def _when(row: dict[Any, Any], text: dict[Any, str]) -> str:
    """Return when a limit holds."""
    if text["period"]:
        return f"in {text['period']}"
    if row["kind"] in ON_TOTALS:
        return "over the horizon"
    first = row["first_year"]
    return f"in every period from {first:.0f} on" if first == first else "in every period"
