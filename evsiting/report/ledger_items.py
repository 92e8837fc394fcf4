"""Items of the ledgers: their names, their order, and the groups in which bars show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Items of the cost ledger in the order in which a reader builds up a cost, with their names.
COST_ITEMS: Mapping[str, str] = {
    "material": "Material",
    "purchases": "Bought products",
    "labor": "Labor",
    "power": "Power",
    "heat": "Process heat",
    "clean power": "Premium of clean power",
    "fixed": "Fixed cost",
    "capital": "Investment",
    "residual value": "Residual value",
    "grid upgrades": "Grid upgrades",
    "closing": "Closing of plants",
    "freight": "Freight",
    "duty": "Duty before relief",
    "duty relief": "Duty relief",
    "late": "Late deliveries",
    "disposal": "Disposal of by-products",
    "carbon": "Carbon price",
    "credits": "Credits of programs",
    "clawback": "Credits paid back",
    "unmet": "Unmet demand",
    "broken limits": "Penalties of broken limits",
}
ITEM_NAMES: Mapping[str, str] = {
    **COST_ITEMS,
    "electricity": "Electricity of plants",
    "embodied": "Embodied in purchases",
    "fixed staff": "Fixed staff",
    "operating staff": "Operating staff",
}
#: Name of an item where it is another thing in another ledger.
_ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("emissions", "clean power"): "Avoided by clean power",
    ("emissions", "heat"): "Process heat",
    ("late", "late"): "Late deliveries",
}
#: Groups of cost items in bars and narrow columns: short name, name, and items.
GROUPS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "material": ("Material", "Material, bought products, disposal", ("material", "purchases", "disposal")),
    "labor": ("Labor", "Labor", ("labor",)),
    "energy": ("Energy", "Power and heat", ("power", "heat", "clean power")),
    "fixed": ("Fixed", "Fixed cost", ("fixed",)),
    "capital": ("Capital", "Capital, less residual value", ("capital", "residual value", "grid upgrades", "closing")),
    "freight": ("Freight", "Freight and lateness", ("freight", "late")),
    "duty": ("Duty", "Duty after relief", ("duty", "duty relief")),
    "carbon": ("Carbon", "Carbon price", ("carbon",)),
    "credits": ("Credits", "Credits of programs, net", ("credits", "clawback")),
    "unmet": ("Penalties", "Unmet demand and broken limits", ("unmet", "broken limits")),
}
_GROUP_OF = {item: group for group, (_, _, items) in GROUPS.items() for item in items}


def item_name(item: str, ledger: str = "cost") -> str:
    """Return the printed name of a ledger item.

    Examples
    --------
    >>> item_name("clean power"), item_name("clean power", "emissions"), item_name("toll_road")
    ('Premium of clean power', 'Avoided by clean power', 'Toll road')
    """
    return _ELSEWHERE.get((ledger, item)) or ITEM_NAMES.get(item, item.replace("_", " ").capitalize())


def item_order(items: Iterable[str]) -> list[str]:
    """Return items in reading order; unknown ones last, by name."""
    present = set(items)
    known = [i for i in ITEM_NAMES if i in present]
    return [*known, *sorted(present - set(known))]


def group_of(item: str) -> str:
    """Return the group in which bars show an item of cost; fixed cost for what is not known."""
    return _GROUP_OF.get(item, "fixed")
