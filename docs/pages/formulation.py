"""The manual page of the formulation, each row family with the rule of the certificate that checks it."""

from __future__ import annotations

from evsiting.model.formulation import FAMILIES, formulation
from evsiting.results.certificate import RULES

__all__ = ["WITHOUT_RULE", "formulation_markdown"]

#: Row families that no rule of the certificate checks, with the reason.
WITHOUT_RULE = {
    "total_capacity": "It follows from `capacity`, `balance` and `demand`, which are checked, and cuts off no plan.",
    "min_plants": "It follows from `capacity`, `balance` and `demand`, which are checked, and cuts off no plan.",
    "link": "It follows from `capacity`, which is checked, and cuts off no plan.",
    "qualified": "It only says what `qualified` means; whether a product does qualify is checked by `origin`, "
    "`labor_value` and `core_parts`, and what it is spared by `preference`.",
}


def checked_by() -> dict[str, str]:
    """Return a sentence on the certificate's rule of each row family, or on why there is none."""
    rules = {name: f"Checked by `{rule.__module__}.{rule.__name__}`." for name, rule in RULES.items()}
    reasons = {name: f"The certificate has no rule for it. {why}" for name, why in WITHOUT_RULE.items()}
    return {name: rules[name] if name in rules else reasons[name] for name in FAMILIES}


def formulation_markdown() -> str:
    """Return the page.

    Examples
    --------
    >>> "Checked by `evsiting.results.rules.siting.capacity`." in formulation_markdown()
    True
    """
    return formulation(checked_by())
