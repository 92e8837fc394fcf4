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
    "on_time_share": "of demand with a promised time{promise} arrives in time",
    "renewable_share": "of the electricity of plants is renewable",
    "survive_share": "of the {product} that demand needs can be had with any one plant or gateway out",
    "jobs_fte": "FTE of direct staff",
    "plants_open": "{plants} plants stand (existing ones count)",
    "plants_built": "{plants} plants are built (existing ones do not count)",
    "members_open": "of {members} are open",
    "sites_changed": "sites open beside {members}, or of these do not open (standing plants do not count)",
    "programs_used": "claims of {members} are paid (a plant may claim each of them once)",
    "throughput": "units a year of {product} are shipped",
    "throughput_mass": "t a year are shipped",
    "sources": "sites and suppliers serve each market",
}

#: The same where the number is one.
_ONE = {
    "plants_open": "{plants} plant stands (existing ones count)",
    "plants_built": "{plants} plant is built (existing ones do not count)",
    "members_open": "of {members} is open",
    "sites_changed": "site opens beside {members}, or of these does not open (standing plants do not count)",
    "programs_used": "claim of {members} is paid (a plant may claim each of them once)",
    "sources": "site or supplier serves each market",
}
#: Word before the plant type, where it is not "in".
_PLANTS = {"sites_changed": "counting", "programs_used": "by"}
#: The same of kinds that need not name members, where they name none.
_UNNAMED = {"sites_changed": ("sites open (standing plants do not count)", "site opens (standing plants do not count)")}


def limit_sentences(study: Study) -> list[str]:
    """Return one sentence for each row of table ``limits``, in the order of the table.

    Examples
    --------
    >>> import evsiting as ev
    >>> from pandas import DataFrame
    >>> row = {"limit": "few", "kind": "plants_open", "plant_type": "cell", "at_least": 1, "at_most": 2}
    >>> limit_sentences(ev.example("starter").with_table("limits", DataFrame([row])))
    ['few: 1 to 2 cell plants stand (existing ones count), in every period.']
    """
    return [_sentence(row, study) for row in limit_rows(study).to_dict("records")]


def _sentence(row: dict[Any, Any], study: Study) -> str:
    """Return the sentence of one limit."""
    text = {k: v if isinstance(v, str) else "" for k, v in row.items()}
    kind, members = str(row["kind"]), ", ".join(split_list(row["members"]))
    plants = " ".join(text[c] for c in ("option", "plant_type") if text[c])
    names = {"members": members, "product": text["product"], "per": text["per"], "plants": plants}
    names["promise"] = _promise(text, study) if kind == "on_time_share" else ""
    bound, one = _bounds(row, share=kind.endswith("_share") or kind == "concentration")
    words = _ONE.get(kind, _WHAT[kind]) if one else _WHAT[kind]
    words = _UNNAMED[kind][one] if kind in _UNNAMED and not members else words
    parts = [" ".join(f"{bound} {words.format(**names)}".split())]
    parts += [f"{_PLANTS.get(kind, 'in')} {plants} plants"] if plants and "{plants}" not in words else []
    parts += [f"of {text['product']}"] if text["product"] and "{product}" not in words else []
    parts += [f"at {text['place']}"] if text["place"] else []
    ways = (("origin", "from"), ("destination", "to"), ("mode", "by"), ("gateway", "through"))
    parts += [f"{word} {text[c]}" for c, word in ways if text[c]]
    parts.append(_when(row, text))
    if text["if_open"]:
        parts.append(f"where one of {', '.join(split_list(row['if_open']))} is open")
    price = row["penalty_usd_per_unit"]
    end = f"; may be broken at USD {price:,.6g} for each one too many or missing" if price == price else ""
    return f"{row['limit']}: {', '.join(parts)}{end}."


def _bounds(row: dict[Any, Any], *, share: bool) -> tuple[str, bool]:
    """Return floor and ceiling in words, and whether the number that comes last is one."""
    low, high = row["at_least"], row["at_most"]
    texts = [f"{100.0 * v:.6g} %" if share else f"{v:,.10g}" for v in (low, high)]
    if low != low or high != high:
        least = f"at least {texts[0]}" if high != high else f"at most {texts[1]}"
        return ("all" if share and low == 1.0 and high != high else least), not share and 1.0 in (low, high)
    bound = f"exactly {texts[0]}" if low == high else f"{texts[0]} to {texts[1]}"
    return bound, not share and high == 1.0


def _promise(text: dict[Any, str], study: Study) -> str:
    """Return the promised times that a limit on service is about: all alike, or from the shortest to the longest."""
    demand = study.demand.merge(study.markets[["market", "country", "region"]], on="market")
    mine = (demand["product"] == text["product"]) | (text["product"] == "")
    mine &= (demand[["market", "country", "region"]] == text["place"]).any(axis=1) | (text["place"] == "")
    hours = sorted(set(demand.loc[mine, "promise_h"].dropna())) if "promise_h" in demand else []
    return f" of {' to '.join(f'{h:g}' for h in dict.fromkeys((hours[0], hours[-1])))} h" if hours else ""


def _when(row: dict[Any, Any], text: dict[Any, str]) -> str:
    """Return when a limit holds."""
    if text["period"]:
        return f"in {text['period']}"
    if row["kind"] in ON_TOTALS:
        return "over the horizon"
    first = row["first_year"]
    return f"in every period from {first:.0f} on" if first == first else "in every period"
