"""The manual page of the formulation, each row family with the rule of the certificate that checks it."""

from __future__ import annotations

from evsiting.model.formulation import formulation
from evsiting.results.certificate import RULES
from evsiting.study.constraint_families import CONSTRAINT_FAMILIES

__all__ = ["formulation_markdown"]


def checked_by() -> dict[str, str]:
    """Return sentences on when each row family is written, and on the certificate's rule, or on why there is none."""
    found = {}
    for name, family in CONSTRAINT_FAMILIES.items():
        used = f"Written where {family.use.words}. " if family.use else ""
        rule = RULES.get(name)
        checked = f"Checked by `{rule.__module__}.{rule.__name__}`." if rule else _unchecked(family.unchecked)
        found[name] = f"{used}{checked}"
    return found


def _unchecked(why: str) -> str:
    return f"The certificate has no rule for it. {why}"


def formulation_markdown() -> str:
    """Return the page.

    Examples
    --------
    >>> "Checked by `evsiting.results.rules.siting.capacity`." in formulation_markdown()
    True
    """
    return formulation(checked_by())
